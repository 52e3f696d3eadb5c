"""The screens of many laws at once: their calls travel in few messages."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lawbook.budget import Budget
from lawbook.claims import Outcome
from lawbook.rehearsal import CasesBackend, Rehearsal, rehearse
from lawbook.trial import JudgeError, Screened, Trial


def screen_together(trials: Sequence[Trial], backend: CasesBackend, budget: Budget) -> None:
    """Evaluate the screens of several laws in few messages; what cannot be is left to each trial."""
    prepared = [(trial, one) for trial in trials for one in trial.prepare(budget)]

    def job(trial: Trial, one: Screened) -> Callable[[Rehearsal], tuple[str, Outcome] | None]:
        def run(session: Rehearsal) -> tuple[str, Outcome] | None:
            try:
                return trial.rehearsed(session, one.case)
            except JudgeError:  # raised again when the trial itself comes to this case
                return None

        return run

    if prepared:
        found = rehearse([job(*pair) for pair in prepared], trials[0].seed, backend)
        for index, result in found.items():
            prepared[index][1].found = result
