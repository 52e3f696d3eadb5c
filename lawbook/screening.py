"""The screens of many laws at once: their calls travel in few messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lawbook.budget import Budget
from lawbook.claims import Outcome
from lawbook.operations import Call
from lawbook.rehearsal import CasesBackend, Rehearsal, rehearse
from lawbook.trial import JudgeError, Screened, Trial


@dataclass(eq=False, repr=False)
class CaseOfTrial:
    """The evaluation of a law on one case of its screen: a job to be rehearsed."""

    trial: Trial
    one: Screened

    def foresee(self) -> Sequence[Call]:
        """The calls to be expected."""
        return self.trial.foresee(self.one)

    def run(self, session: Rehearsal) -> tuple[str, Outcome] | None:
        """What is found on the session's answers."""
        try:
            return self.trial.rehearsed(session, self.one)
        except JudgeError:  # raised again when the trial itself comes to this case
            return None


def screen_together(trials: Sequence[Trial], backend: CasesBackend, budget: Budget) -> None:
    """Evaluate the screens of several laws in few messages; what cannot be is left to each trial."""
    jobs = [CaseOfTrial(trial, one) for trial in trials for one in trial.prepare(budget)]
    if jobs:
        for index, result in rehearse(jobs, trials[0].seed, backend).items():
            jobs[index].one.found = result
