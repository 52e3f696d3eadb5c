"""Generators with meanings, normal forms of kernel arguments, and their factors."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy as sp

from lawbook.proofs.prover.polynomials import (
    WIDTH,
    ZERO,
    Budget,
    Poly,
    Quotient,
    common_monomial,
    exact_division,
    exponents,
    generators,
    in_powers_of,
    packed,
)
from lawbook.proofs.prover.quotients import Ring
from lawbook.proofs.prover.signs import (
    ANY,
)

Expr = Any
FACTORING = 4_000  # operations that factoring counts for, for every term
FACTORABLE = (40, 5, 24)  # terms, generators, degree: larger polynomials count as irreducible


@dataclass
class Generator:
    """One generator: a symbol or a kernel. `back` is what it stands for, as a SymPy expression."""

    kind: str
    back: Expr
    sign: int = ANY
    inner: Any = None


class Normal(Ring):
    """A ring whose generators are symbols and kernels."""

    def __init__(self, budget: Budget) -> None:
        super().__init__(budget)
        self.generators: list[Generator] = []
        self._named: dict[Any, int] = {}
        self._factored: dict[Any, tuple[int, list[tuple[Poly, int]]]] = {}

    def named(self, key: Any, kind: str, back: Expr, sign: int = ANY, inner: Any = None) -> int:
        """The generator of this key, made when it is new."""
        if key not in self._named:
            self._named[key] = len(self.generators)
            self.generators.append(Generator(kind, back, sign, inner))
        return self._named[key]

    def single(self, poly: Poly) -> int | None:
        """The number of the generator that a polynomial consists of, else None."""
        if len(poly.terms) != 1:
            return None
        ((m, c),) = poly.terms.items()
        powers = list(exponents(m))
        return powers[0][0] if c == 1 and len(powers) == 1 and powers[0][1] == 1 else None

    def back(self, q: Poly | Quotient) -> Expr:
        """The SymPy expression that a polynomial or quotient stands for."""
        if isinstance(q, Quotient):
            den = [self.back(self.factors[f]) ** e for f, e in q.den]
            return self.back(q.num) / sp.Mul(q.divisor, *den)
        terms = []
        for m, c in sorted(q.terms.items(), reverse=True):
            terms.append(sp.Mul(c, *(self.generators[g].back ** e for g, e in exponents(m))))
        return sp.Add(*terms)

    # -- normal form

    def canonical(self, q: Quotient) -> Quotient:
        """A normal form: no root in the denominator, no factor common to both, roots reduced."""
        q = self.reduced(q)
        for _ in range(12):
            cleared = self._without_roots_below(q)
            if cleared is None:
                break
            q = self.reduced(cleared)
        return self._cancelled(q)

    def _without_roots_below(self, q: Quotient) -> Quotient | None:
        for f, e in reversed(q.den):
            poly = self.factors[f]
            for g in reversed(generators(poly)):
                degree, value = self.relations.get(g, (0, None))
                if value is None:
                    continue
                others = tuple(d for d in q.den if d[0] != f)
                if self.single(poly) == g:
                    k = -(-e // degree)
                    lift = [self.generator(g, k * degree - e), self.power(value, -k)]
                elif degree == 2:
                    by_power = in_powers_of(self.reduced(Quotient(poly)).num, g)
                    a, b = by_power.get(0, ZERO), by_power.get(1, ZERO)
                    minus = Poly({m + packed({g: 1}): -c for m, c in b.terms.items()}, poly.top)
                    conjugate = self.sum([Quotient(a), Quotient(minus)])
                    norm = self.reduced(self.product([Quotient(poly), conjugate]))
                    if not norm.num:
                        return None
                    lift = [self.power(conjugate, e), self.power(norm, -e)]
                else:
                    continue
                return self.product([Quotient(q.num, others, q.divisor), *lift])
        return None

    def _cancelled(self, q: Quotient) -> Quotient:
        if not q.num:
            return q
        den: dict[int, int] = {}
        content = 1
        for f, e in q.den:
            c, parts = self.factored(self.factors[f])
            content *= c**e
            for poly, k in parts:
                number = self.factor(poly)
                den[number] = den.get(number, 0) + e * k
        num = q.num if content > 0 else q.num.scaled(-1)
        for f in [f for f in den if len(self.factors[f].terms) > 1]:
            while den[f]:
                less = exact_division(num, self.factors[f], self.budget)
                if less is None:
                    break
                num, den[f] = less, den[f] - 1
        return self._tidy(num, den, q.divisor * abs(content))

    def factored(self, poly: Poly) -> tuple[int, list[tuple[Poly, int]]]:
        """(content with sign, [(factor with positive leading coefficient, exponent)])."""
        key = poly.key()
        if key not in self._factored:
            common = common_monomial(poly)
            shift, content = packed(common), poly.content()
            rest = Poly({m - shift: c // content for m, c in poly.terms.items()}, poly.top)
            parts = [(Poly({packed({g: 1}): 1}, 1), e) for g, e in common.items()]
            if len(rest.terms) > 1:
                parts += self._irreducible(rest)
            self._factored[key] = content, parts
        return self._factored[key]

    def _irreducible(self, poly: Poly) -> list[tuple[Poly, int]]:
        gens = generators(poly)
        if len(poly.terms) > FACTORABLE[0] or len(gens) > FACTORABLE[1]:
            return [(poly, 1)]
        for g in gens:
            by_power = in_powers_of(poly, g)
            if max(by_power) == 1 and by_power[1].constant() is not None:
                return [(poly, 1)]  # linear with a constant coefficient, and primitive
        if max(sum(e for _, e in exponents(m)) for m in poly.terms) > FACTORABLE[2]:
            return [(poly, 1)]
        names = [sp.Dummy() for _ in gens]
        terms = {tuple(m >> (WIDTH * g) & 0xFFFF for g in gens): c for m, c in poly.terms.items()}
        self.budget.spend(FACTORING * len(poly.terms))
        _, found = sp.Poly.from_dict(terms, *names, domain=sp.ZZ).factor_list()
        out = []
        for factor, k in found:
            back = {
                packed(dict(zip(gens, powers, strict=True))): int(c) for powers, c in factor.terms()
            }
            piece = Poly(back, poly.top)
            out.append((piece if piece.content() > 0 else piece.scaled(-1), k))
        return out

    def split(self, q: Quotient) -> tuple[Fraction, list[tuple[Poly, int]]]:
        """A canonical quotient as a rational number times powers of factors."""
        content, parts = self.factored(q.num)
        below = [(self.factors[f], -e) for f, e in q.den]
        return Fraction(content, q.divisor), parts + below
