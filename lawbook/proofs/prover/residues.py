"""The zero test at a random point modulo a prime, for identities too large to expand.

Kernels are found exactly; then every generator that is no root is replaced by a random residue modulo
2**61 - 1.  A numerator of degree d that is not zero vanishes there with probability below d / 2**61.
"""

from __future__ import annotations

import random
from typing import Any

from lawbook.proofs.prover.kernels import Kernels
from lawbook.proofs.prover.polynomials import (
    Budget,
    Poly,
    Quotient,
    exponents,
    packed,
    polynomial_sum,
)
from lawbook.proofs.prover.quotients import Ring

Expr = Any
PRIME = 2**61 - 1


class Residues:
    """Arithmetic of the outer rational expression at one random point."""

    def __init__(self, kernels: Kernels, budget: Budget, seed: int) -> None:
        self.kernels = kernels
        self.ring = Ring(budget, PRIME)
        self.random = random.Random(seed)
        self.values: dict[int, int] = {}
        self._done: dict[Expr, Quotient] = {}

    def of(self, e: Expr) -> Quotient:
        """The expression at the point; only roots remain as generators."""
        if e not in self._done:
            if e.is_Add:
                out = self.ring.sum([self.of(a) for a in e.args])
            elif e.is_Mul:
                out = self.ring.product([self.of(a) for a in e.args])
            elif e.is_Pow and e.exp.is_Integer:
                out = self.ring.power(self.of(e.base), int(e.exp))
            else:
                out = self._at_point(self.kernels.of(e))
            self._done[e] = self.ring.reduced(out)
        return self._done[e]

    def agree(self, lhs: Expr, rhs: Expr) -> bool:
        """Whether two expressions are equal at the point."""
        minus = self.ring.product([self.ring.number(-1), self.of(rhs)])
        return self.ring.is_zero(self.ring.sum([self.of(lhs), minus]))

    def _at_point(self, q: Quotient) -> Quotient:
        den = [(self._poly(self.kernels.factors[f]), -e) for f, e in q.den]
        below = [self.ring.power(d, e) for d, e in den]
        return self.ring.product([self._poly(q.num), self.ring.number(1, q.divisor), *below])

    def _poly(self, poly: Poly) -> Quotient:
        parts = []
        for m, c in poly.terms.items():
            value, roots = c % PRIME, {}
            for g, e in exponents(m):
                if g in self.kernels.relations:
                    roots[g] = e
                    self._relation(g)
                else:
                    if g not in self.values:
                        self.values[g] = self.random.randrange(1, PRIME)
                    value = value * pow(self.values[g], e, PRIME) % PRIME
            parts.append(Poly({packed(roots): value} if value else {}, poly.top))
        return Quotient(polynomial_sum(parts, self.ring.budget, PRIME))

    def _relation(self, g: int) -> None:
        if g not in self.ring.relations:
            degree, value = self.kernels.relations[g]
            self.ring.relations[g] = degree, value  # a sign occurs in its own relation
            self.ring.relations[g] = degree, self._at_point(value)
