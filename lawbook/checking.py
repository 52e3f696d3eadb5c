"""Checking a target against laws: one verdict per law, and diagnosis of what failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from lawbook.beside import screen_beside
from lawbook.budget import Budget
from lawbook.laws import Law
from lawbook.rehearsal import CasesBackend
from lawbook.screening import screen_together
from lawbook.targets import Target
from lawbook.trial import JudgeError, Trial, blank
from lawbook.verdicts import INTERNAL, Verdict

Progress = Callable[[Verdict], None]
MOST_TIMEOUTS = 2  # laws of one operation that may each cost a time limit
FEW = 20  # laws that are screened sooner than a child is forked


def check(
    target: Target,
    laws: Sequence[Law],
    seed: int = 0,
    budget: Budget | None = None,
    progress: Progress = lambda verdict: None,
) -> list[Verdict]:
    """Run the laws on the target, in order; `progress` is told each verdict as it comes."""
    budget = budget or Budget()
    asked = {law.operation for law in laws}
    operations = {name: target.operation(name) for name in target.accepts if name in asked}
    trials = {
        law.id: Trial(law, operations[law.operation], target.dtype, seed)
        for law in laws
        if law.operation in operations
    }
    if isinstance(target.backend, CasesBackend):
        applying = [trial for trial in trials.values() if not trial.law.unless(trial.operation)]
        _screen(applying, target.backend, target.second, budget)
    verdicts = []
    timeouts: Counter[str] = Counter()
    for law in laws:
        trial = trials.get(law.id)
        if trial is None:
            verdict = _absent(law, target)
        elif timeouts[law.operation] >= MOST_TIMEOUTS and not trial.held:
            text = f"not run: {law.operation} has run out of time {MOST_TIMEOUTS} times"
            verdict = blank(law, "timeout", text)
        else:
            verdict = _verdict(trial, budget)
            timeouts[law.operation] += verdict.status == "timeout"
        verdicts.append(verdict)
        progress(verdict)
    return verdicts


def _screen(
    trials: Sequence[Trial], backend: CasesBackend, second: CasesBackend | None, budget: Budget
) -> None:
    """Screen together, every other law in a child of its own where there is a second worker."""
    beside = screen_beside(trials[1::2], second, budget) if second and len(trials) > FEW else None
    try:
        screen_together(trials[::2] if beside else trials, backend, budget)
    finally:
        if beside:
            beside.collect()


def _verdict(trial: Trial, budget: Budget) -> Verdict:
    try:
        return trial.verdict(budget)
    except JudgeError as error:
        return blank(trial.law, "skip", f"{INTERNAL}: {error}")


def _absent(law: Law, target: Target) -> Verdict:
    """The verdict on a law whose operation the target lacks or could not load."""
    name = law.operation
    if name in target.errors:
        verdict = blank(law, "error", target.errors[name])
    else:
        verdict = blank(law, "missing", f"{target.name} has no operation {name}")
    if name not in target.required:
        verdict.severity = "warning"
    return verdict
