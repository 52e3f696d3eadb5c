"""Checking a target against laws: one verdict per law, and diagnosis of what failed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lawbook.laws import Law
from lawbook.operations import Operation
from lawbook.search import Budget, JudgeError, run_law
from lawbook.targets import Target
from lawbook.verdicts import Verdict

Progress = Callable[[Verdict], None]


def check(
    target: Target,
    laws: Sequence[Law],
    seed: int = 0,
    budget: Budget | None = None,
    progress: Progress = lambda verdict: None,
) -> list[Verdict]:
    """Run the laws on the target, in order; `progress` is told each verdict as it comes."""
    verdicts = []
    operations: dict[str, Operation] = {}
    for law in laws:
        name = law.operation
        if name in target.accepts:
            operation = operations.setdefault(name, target.operation(name))
            verdict = _judged(law, operation, target, seed, budget)
        else:
            verdict = _absent(law, target)
        verdicts.append(verdict)
        progress(verdict)
    return verdicts


def _judged(
    law: Law, operation: Operation, target: Target, seed: int, budget: Budget | None
) -> Verdict:
    try:
        return run_law(law, operation, target.dtype, seed, budget)
    except JudgeError as error:
        verdict = Verdict(law.id, law.topic, law.operation, law.statement, "skip", law.severity)
        verdict.message = f"Lawbook could not judge this: {error}"
        return verdict


def _absent(law: Law, target: Target) -> Verdict:
    """The verdict on a law whose operation the target lacks or could not load."""
    name = law.operation
    verdict = Verdict(law.id, law.topic, name, law.statement, "missing", law.severity)
    if name in target.errors:
        verdict.status, verdict.message = "error", target.errors[name]
    else:
        verdict.message = f"{target.name} has no operation {name}"
    if name not in target.required:
        verdict.severity = "warning"
    return verdict
