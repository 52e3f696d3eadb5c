"""The zero test with a case for each sign that matters: every case must hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import Any

import sympy as sp

from lawbook.proofs.prover.kernels import Kernels, with_settings
from lawbook.proofs.prover.points import Fact
from lawbook.proofs.prover.polynomials import Budget, Undefined
from lawbook.proofs.prover.signs import ANY, BITS, NEGATIVE, NIL, NONZERO, POSITIVE, structural

Expr = Any
Known = tuple[tuple[Expr, int], ...]
LEAF = 10_000  # operations that a case counts for
LEAVES = 100  # cases looked at


def known_of(
    facts: Sequence[Fact], axes: Sequence[Any], sides: Sequence[Expr]
) -> list[tuple[Expr, int]]:
    """Facts as signs; the signs of sums of one sign; the inequalities of Cauchy and Schwarz."""
    known = [(f.expr, POSITIVE if f.strict else POSITIVE | NIL) for f in facts]
    free: set[Expr] = set().union(*(e.free_symbols for e in [*sides, *(f.expr for f in facts)]))
    table = dict(known)
    for axis in axes:
        sums = {body: s for body, s in axis.sums.items() if s in free}
        for body, s in sums.items():
            signs = structural(body, lambda part: table.get(part, ANY))
            if signs & NONZERO != NONZERO:  # terms of both signs may add up to anything
                known.append((s, signs))
        known += _cauchy_schwarz({sp.S.One: axis.N, **sums}, table)
    return known


def _cauchy_schwarz(sums: dict[Expr, Expr], table: dict[Expr, int]) -> Iterator[tuple[Expr, int]]:
    """sum(a) sum(b) >= sum(c)**2 for bodies with c**2 = a b, neither a nor b negative anywhere."""
    weights = [
        (body, s)
        for body, s in sums.items()
        if not structural(body, lambda part: table.get(part, ANY)) & NEGATIVE
    ]
    squares: dict[Expr, list[Expr]] = {}
    for body, s in sums.items():
        squares.setdefault(sp.expand(body**2, power_exp=True), []).append(s)
    for (a, sum_a), (b, sum_b) in combinations(weights, 2):
        for product in squares.get(sp.expand(a * b, power_exp=True), []):
            if product not in (sum_a, sum_b):
                yield sum_a * sum_b - product**2, POSITIVE | NIL


Goal = Callable[..., bool]


class Cases:
    """A goal, shown case by case; with `smooth` the zeros between the cases are left out.

    goal(kernels, *sides) is whether it is shown with what the kernels know of signs.
    """

    def __init__(
        self, sides: Sequence[Expr], goal: Goal, budget: Budget, smooth: bool = False
    ) -> None:
        self.sides, self.goal = tuple(sides), goal
        self.budget, self.smooth = budget, smooth
        self.left_out: list[Expr] = []
        self.leaves = 0

    def hold(self, known: Sequence[tuple[Expr, int]]) -> bool:
        """Whether the goal is shown wherever the sides are defined and what is known holds."""
        return self._hold(tuple(known), ())

    def _hold(self, known: Known, done: tuple[Expr, ...]) -> bool:
        self.leaves += 1
        self.budget.spend(LEAF)

        def attempt(kernels: Kernels) -> tuple[bool, tuple[Any, ...]]:
            if self.goal(kernels, *self.sides):
                return True, ()
            for poly in sorted(kernels.switches, key=lambda p: (len(p.terms), p.top)):
                u = kernels.back(poly)
                if u not in done:
                    return False, (u, kernels.poly_sign(poly))
            return False, ()

        try:
            shown, split = with_settings(attempt, self.budget, known)
        except Undefined:
            return True  # no point of this case belongs to the domain
        if shown or not split or self.leaves > LEAVES:
            return bool(shown)
        u, sign = split
        if self.smooth and u not in self.left_out:
            self.left_out.append(u)
        return all(
            self._hold(((u, bit), *known), (*done, u))
            for bit in BITS
            if sign & bit and not (bit == NIL and self.smooth)
        )
