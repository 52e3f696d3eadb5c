"""Inequalities by certificate: expr >= 0 because of how it is written, or after completing squares.

Sums and products of squares, even powers, roots, absolute values, exponentials, symbols and facts of
known sign, |a| - a and |a| + a; in polynomials quadratics whose discriminant is not positive.  There
is a case for each sign that matters.  What cannot be shown so is undecided unless a point refutes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from lawbook.proofs.evidence import Decision, Word
from lawbook.proofs.prover.cases import Cases, known_of
from lawbook.proofs.prover.counterexamples import Search, negative
from lawbook.proofs.prover.decide import (
    OPERATIONS,
    decision_of,
    domain_of,
    expression,
    names_of,
    word_of,
)
from lawbook.proofs.prover.kernels import Kernels, with_settings
from lawbook.proofs.prover.points import Fact
from lawbook.proofs.prover.polynomials import (
    Budget,
    Poly,
    Quotient,
    generators,
    in_powers_of,
)
from lawbook.proofs.prover.signs import NEGATIVE, sign_of_product, sign_of_sum

Expr = Any


def nonnegative(expr: Any, *, facts: Sequence[Fact] = (), axes: Sequence[Any] = ()) -> Decision:
    """Decide expr >= 0 on its whole domain: proved by a certificate, refuted at a point, undecided.

    The expression should be written as the certificate reads, such as (w - w0)**2/2 + mu*(|w| - w).
    A refuted one has `expected` "at least 0".
    """
    side = expression(expr)
    sides = [side, expression(0)]
    search = Search(sides, facts, axes, violates=negative)
    decision = decision_of(search, lambda: _shown(side, facts, axes))
    if decision.word is not Word.REFUTED:
        return decision
    return replace(decision, expected="at least 0", got=decision.expected)


def _shown(side: Expr, facts: Sequence[Fact], axes: Sequence[Any]) -> Decision | None:
    known = known_of(facts, axes, [side])
    budget = Budget(OPERATIONS)
    where = with_settings(lambda kernels: domain_of(kernels, [side]), budget, known)
    if not Cases([side], certified, budget).hold([*known, *where.known]):
        return None
    return Decision(word_of([side], axes), where.texts(names_of(axes)))


def certified(kernels: Kernels, e: Expr) -> bool:
    """Whether the expression is not negative as written, or as a polynomial."""
    if not written(kernels, e) & NEGATIVE:
        return True
    u = kernels.normal(e)
    return not u.den and not kernels.sign_of(Quotient(in_roots(kernels, u.num))) & NEGATIVE


def written(kernels: Kernels, e: Expr) -> int:
    """The signs of an expression by its sums and products as they are written."""
    out = kernels.sign(e)
    if (e.is_Add or e.is_Mul) and out & NEGATIVE:
        signs = [written(kernels, a) for a in e.args]
        total = signs[0]
        for s in signs[1:]:
            total = sign_of_sum(total, s) if e.is_Add else sign_of_product(total, s)
        out &= total
    return out


def in_roots(kernels: Kernels, poly: Poly) -> Poly:
    """The polynomial with a symbol written as the power of its root, where that root occurs."""
    for g in generators(poly):
        if kernels.generators[g].kind != "root":
            continue
        degree, inner = kernels.generators[g].inner
        f = kernels.single(inner.num)
        if f is None or inner.den:
            continue
        lifted = [
            kernels.product([Quotient(part), kernels.generator(g, degree * e)])
            for e, part in in_powers_of(poly, f).items()
        ]
        poly = kernels.sum(lifted).num
    return poly
