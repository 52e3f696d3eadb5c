"""Decide whether lhs = rhs on the whole domain of both: proved, refuted at a point, or undecided.

In order: a few small points; the exact zero test over kernels (`lawbook.proofs.prover.kernels`), with a case
for each sign that matters; the same modulo a prime where that was too large; more points.  Work is
capped by counting operations, so that the answer never depends on the speed of the machine.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from fractions import Fraction
from typing import Any

import sympy as sp

from lawbook.proofs.evidence import Decision, Word
from lawbook.proofs.prover.cases import Cases, known_of
from lawbook.proofs.prover.counterexamples import Search
from lawbook.proofs.prover.domain import Domain
from lawbook.proofs.prover.kernels import Kernels, with_settings
from lawbook.proofs.prover.points import Fact
from lawbook.proofs.prover.polynomials import Budget, TooLarge, Undefined, Unsupported
from lawbook.proofs.prover.residues import Residues
from lawbook.proofs.prover.signs import NONZERO

Expr = Any
__all__ = ["Fact", "decide"]

OPERATIONS = 2_500_000
FEW, MANY = 4, 60  # points looked at before and after the proof
NOWHERE = "no point was found where both sides are defined"


def expression(e: Any) -> Expr:
    """An int or a Fraction as a SymPy number; a SymPy expression as it is."""
    if isinstance(e, int):
        return sp.Integer(e)
    if isinstance(e, Fraction):
        return sp.Rational(e.numerator, e.denominator)
    return e


def decide(
    lhs: Any,
    rhs: Any,
    *,
    facts: Sequence[Fact] = (),
    axes: Sequence[Any] = (),
    kinks: str = "included",
    hidden: Collection[Expr] = (),
) -> Decision:
    """Decide lhs = rhs: `lhs` is what is due, `rhs` what is written.

    facts: what is known beside the assumptions of the symbols.  axes: the axes whose sums occur; a
    proof holds for every length, a counterexample is a concrete batch.  kinks: "included", or
    "excluded" to leave out the points where the inside of |.|, sign, max is zero (a condition then).
    hidden: symbols whose being zero is no loss, so that no condition says that they are not.
    Proved holds wherever both sides are defined; what that takes beyond the assumptions is listed in
    the conditions.  Raises ValueError for another value of `kinks`.
    """
    if kinks not in ("included", "excluded"):
        raise ValueError(f"kinks is included or excluded, not {kinks!r}")
    sides = [expression(lhs), expression(rhs)]
    search = Search(sides, facts, axes, kinks == "excluded")
    return decision_of(
        search,
        lambda: _proved(sides, facts, axes, kinks == "excluded", hidden),
        FEW if sides[0] != sides[1] else 1,
    )


def decision_of(search: Search, proof: Callable[[], Decision | None], few: int = FEW) -> Decision:
    """A few points; then the proof, None where none is found; then many points."""
    found = search.find(few)
    if found:
        return _refuted(search, found)
    why = "no proof and no counterexample was found"
    try:
        decision = proof()
        if decision:
            nowhere = search.undefined and not search.agreed and not search.unknown
            return Decision(Word.UNDECIDED, why=NOWHERE) if nowhere else decision
    except TooLarge:
        why = "too large for the prover"
    except Undefined:
        return Decision(Word.UNDECIDED, why=NOWHERE)
    except Unsupported as error:
        why = f"not handled: {error}"
    found = search.find(MANY)
    return _refuted(search, found) if found else Decision(Word.UNDECIDED, why=why)


def _refuted(search: Search, found: Any) -> Decision:
    """The decision that a point refutes the statement."""
    draw, *values = found
    expected, got = search.shown(draw, values)
    return Decision(
        Word.REFUTED,
        point=search.points.shown(draw),
        expected=expected,
        got=got,
    )


def _proved(
    sides: Sequence[Expr],
    facts: Sequence[Fact],
    axes: Sequence[Any],
    smooth: bool,
    hidden: Collection[Expr],
) -> Decision | None:
    """The decision with its conditions, None without a proof."""
    known = known_of(facts, axes, sides)
    budget = Budget(OPERATIONS)
    where: Domain = with_settings(
        lambda kernels: domain_of(kernels, sides), Budget(OPERATIONS), known
    )
    known += where.known
    cases = Cases(sides, equal, budget, smooth)
    try:
        if not cases.hold(known):
            return None
    except TooLarge:
        if not _zero_at_residues(sides, known):
            raise
        return Decision(Word.EXACT, where.texts(names_of(axes)))
    for u in cases.left_out:
        if u not in hidden:
            where.require(u, NONZERO)
    return Decision(word_of(sides, axes), where.texts(names_of(axes)))


def domain_of(kernels: Kernels, sides: Sequence[Expr]) -> Domain:
    """What the sides need to be defined."""
    out = Domain(kernels)
    for side in sides:
        out.add(side)
    return out


def names_of(axes: Sequence[Any]) -> dict[str, str]:
    """How the entries of batches are written in texts: x for the generic one, x[k] for another."""
    return {f"[{axis.name}]": "" for axis in axes} | {"[other]": "[k]"}


def equal(kernels: Kernels, lhs: Expr, rhs: Expr) -> bool:
    """The exact zero test of lhs - rhs."""
    minus = kernels.product([kernels.number(-1), kernels.of(rhs)])
    return kernels.is_zero(kernels.sum([kernels.of(lhs), minus]))


def _zero_at_residues(sides: Sequence[Expr], known: Sequence[tuple[Expr, int]]) -> bool:
    budget = Budget(OPERATIONS)

    def vanishes(kernels: Kernels) -> bool:
        return all(Residues(kernels, budget, seed).agree(*sides) for seed in range(2))

    return bool(with_settings(vanishes, budget, known))


def word_of(sides: Sequence[Expr], axes: Sequence[Any]) -> Word:
    """How a proof is called: for every N where a batch, a sum over it or its size occurs."""
    free: set[Expr] = set().union(*(e.free_symbols for e in sides))
    for axis in axes:
        if axis.kind == "axis":
            inner = {*axis.entries, *axis.entries.values(), *axis.sums.values()}
            if free & (inner | axis.N.free_symbols):
                return Word.PROVED_FOR_EVERY_N
    return Word.PROVED
