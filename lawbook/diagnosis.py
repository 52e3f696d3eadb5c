"""Diagnosis: which known mistake a failing target has made.

Each failing law's counterexample is given to the mistakes of the same operation, under the same
conventions and seed.  A mistake explains a law as far as it breaks it too, and best where it returns what
the target returned; over all laws of an operation it must break those that failed and hold those that
held, as its declaration says.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from lawbook.claims import same_numbers
from lawbook.laws import Law, discover
from lawbook.mistakes import Mistake
from lawbook.mistakes import discover as known_mistakes
from lawbook.search import Trial
from lawbook.targets import Target, reference_target
from lawbook.verdicts import Verdict

SHOWN = 3  # candidates named at most
ENOUGH = 0.5  # a candidate below this score is not named


def diagnose(verdicts: Sequence[Verdict], target: Target) -> None:
    """Write into every failed verdict the ids of the mistakes that explain it, likeliest first."""
    failed: dict[str, list[Verdict]] = defaultdict(list)
    held: dict[str, set[str]] = defaultdict(set)
    for verdict in verdicts:
        if verdict.status in ("fail", "error") and verdict.case is not None:
            failed[verdict.operation].append(verdict)
        elif verdict.status == "pass":
            held[verdict.operation].add(verdict.law)
    laws = {law.id: law for law in discover()} if failed else {}
    for operation, broken in failed.items():
        candidates = [m for m in known_mistakes().values() if m.operation == operation]
        scores = {one.id: _score(one, broken, held[operation], laws, target) for one in candidates}
        ranked = sorted(scores, key=lambda name: -scores[name])
        named = [name for name in ranked if scores[name] >= ENOUGH]
        for verdict in broken:
            explaining = [name for name in named if verdict.law in known_mistakes()[name].breaks]
            verdict.diagnosis = explaining[:SHOWN]


def _score(
    one: Mistake, broken: Sequence[Verdict], held: set[str], laws: dict[str, Law], target: Target
) -> float:
    """How well a mistake explains what failed and what held: 1 is perfectly."""
    names = {verdict.law for verdict in broken}
    declared = set(one.breaks)
    relevant = declared & (names | held)
    overlap = len(declared & names) / len(relevant | names) if relevant | names else 0.0
    if not declared & names:
        return 0.0
    agreement = [_agreement(one, verdict, laws[verdict.law], target) for verdict in broken]
    return 0.5 * overlap + 0.5 * sum(agreement) / len(agreement)


def _agreement(one: Mistake, verdict: Verdict, law: Law, target: Target) -> float:
    """1 where the mistake's output on the counterexample is the target's, 1/2 where it fails too."""
    replaced = reference_target(**{one.operation: one.implementation})
    replaced.conventions = target.conventions
    trial = Trial(law, replaced.operation(one.operation), target.dtype, verdict.seed)
    status, outcome = trial.evaluate(verdict.case or {})
    if status != verdict.status:
        return 0.0
    return 1.0 if same_numbers(outcome.got, verdict.got) else 0.5
