"""Diagnosis: which known mistake a failing target has made.

Each failing law's counterexample is given to the mistakes of the same operation, under the same
conventions and seed.  A mistake explains a law as far as it breaks it too, and best where it returns what
the target returned; over all laws of an operation it must break those that failed and hold those that
held, as its declaration says.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from lawbook.claims import same_numbers
from lawbook.laws import Law, discover
from lawbook.mistakes import Mistake
from lawbook.mistakes import discover as known_mistakes
from lawbook.targets import Target, reference_target
from lawbook.trial import Trial
from lawbook.verdicts import Verdict

SHOWN = 3  # candidates named at most
COMPARED = 16  # candidates whose outputs are computed: those that fit the pattern of failures best
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
    laws = {law.id: law for law in discover(frozenset(failed))} if failed else {}
    for operation, broken in failed.items():
        known = known_mistakes({broken[0].topic})
        candidates = [one for one in known.values() if one.operation == operation]
        likely = sorted(candidates, key=lambda one: -_pattern(one, broken, held[operation]))
        compared = _compared(likely, broken)
        scores = {
            one.id: _pattern(one, broken, held[operation])
            + _agreement(one, broken, laws, target) / 2
            for one in compared
        }
        ranked = sorted(scores, key=lambda name: -scores[name])
        named = [name for name in ranked if scores[name] >= ENOUGH]
        for verdict in broken:
            explaining = [name for name in named if verdict.law in known[name].breaks]
            verdict.diagnosis = explaining[:SHOWN]


def _compared(likely: Sequence[Mistake], broken: Sequence[Verdict]) -> list[Mistake]:
    """The likeliest candidates, and the likeliest for each failure: it may be of a second mistake."""
    chosen = {one.id: one for one in likely[:COMPARED]}
    for verdict in broken:
        explaining = [one for one in likely if verdict.law in one.breaks][:SHOWN]
        chosen.update((one.id, one) for one in explaining)
    return list(chosen.values())


def _pattern(one: Mistake, broken: Sequence[Verdict], held: set[str]) -> float:
    """Up to 1/2: how well the laws that it breaks are those that failed.

    Laws that it should break but that held speak against it; failures that it leaves unexplained may be
    another mistake's.
    """
    names = {verdict.law for verdict in broken}
    hit = names & set(one.breaks)
    if not hit:
        return 0.0
    wrongly = held & set(one.breaks)
    return len(hit) / len(hit | wrongly) / 4 + len(hit) / len(names) / 4


def _agreement(
    one: Mistake, broken: Sequence[Verdict], laws: Mapping[str, Law], target: Target
) -> float:
    """How far its outputs on the counterexamples of the laws it breaks are the target's own: 0 to 1.

    On each, 1 where both returned the same numbers, 1/2 where it fails too but with others.
    """
    replaced = reference_target(**{one.operation: one.implementation})
    replaced.conventions = target.conventions
    operation = replaced.operation(one.operation)
    parts = []
    for verdict in broken:
        if verdict.law not in one.breaks:
            continue
        trial = Trial(laws[verdict.law], operation, target.dtype, verdict.seed)
        status, outcome = trial.evaluate(verdict.case or {})
        same = status == verdict.status and same_numbers(outcome.got, verdict.got)
        alike = status == verdict.status and (outcome.got is None) == (verdict.got is None)
        parts.append(1.0 if same else 0.5 * alike)
    return sum(parts) / len(parts) if parts else 0.0
