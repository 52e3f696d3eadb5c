"""Screening beside: a forked child of the judge screens some of the laws on a worker of its own.

The child only saves time.  What it does not report, because its worker or it itself died, the parent runs
as if there had been no child.  A law that failed there is run again here, to be shrunk; should it hold here,
it fails all the same: a right target holds in every process.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from lawbook.budget import Budget
from lawbook.claims import Outcome
from lawbook.rehearsal import CasesBackend
from lawbook.screening import screen_together
from lawbook.trial import Trial


@dataclass(eq=False, repr=False)
class Beside:
    """A running child and the laws that it screens; `process` is None where the system had none left."""

    process: int | None
    pipe: int
    trials: Sequence[Trial]

    def collect(self) -> None:
        """Wait for the child and mark as passed the cases of the laws that it found to hold."""
        with os.fdopen(self.pipe, "rb") as pipe:
            text = pipe.read()
        if self.process is not None:
            os.waitpid(self.process, 0)
        with suppress(ValueError):  # it died while it wrote
            told = json.loads(text)
            for trial in self.trials:
                if trial.law.id in told["held"]:
                    examples, measured, allowed = told["held"][trial.law.id]
                    trial.accept(examples, Outcome(True, float(measured), float(allowed)))
                elif trial.law.id in told["failed"]:
                    trial.doubt = told["failed"][trial.law.id]


def screen_beside(trials: Sequence[Trial], backend: CasesBackend, budget: Budget) -> Beside:
    """Start the child; `backend` is its own, with a worker that is up already."""
    read, write = os.pipe()
    try:
        process = os.fork()
    except BlockingIOError:  # no process is left: the pipe ends at once, and all is screened here
        os.close(write)
        return Beside(None, read, trials)
    if process:
        os.close(write)
        return Beside(process, read, trials)
    try:
        screen_together(trials, backend, budget)
        held = {trial.law.id: trial.summary() for trial in trials if trial.held}
        failed = {trial.law.id: trial.failures() for trial in trials if trial.failures()}
        with os.fdopen(write, "w") as pipe:
            json.dump({"held": held, "failed": failed}, pipe)
    finally:
        os._exit(0)  # nothing of the parent's is closed or ended here
