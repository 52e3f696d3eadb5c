"""A ring of quotients over numbered generators, with the relations that roots satisfy.

A generator r with the relation r**q = p (p in generators made before it) is reduced from the
outermost inwards, so that a numerator is zero exactly when the expression is, as long as no further
relation holds between the generators.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd, lcm

from lawbook.proofs.prover.polynomials import (
    ONE,
    ZERO,
    Budget,
    Poly,
    Quotient,
    Undefined,
    common_monomial,
    exponents,
    generators,
    in_powers_of,
    packed,
    polynomial_product,
    polynomial_sum,
)


class Ring:
    """Arithmetic of quotients; with a prime `modulus` the coefficients are residues."""

    def __init__(self, budget: Budget, modulus: int = 0) -> None:
        self.budget = budget
        self.modulus = modulus
        self.factors: list[Poly] = []
        self.relations: dict[
            int, tuple[int, Quotient]
        ] = {}  # generator: (q, what its q-th power is)
        self._numbers: dict[frozenset[tuple[int, int]], int] = {}
        self._powers: dict[tuple[int, int], Poly] = {}

    def number(self, p: int, q: int = 1) -> Quotient:
        """p / q."""
        if self.modulus:
            p, q = p * pow(q, -1, self.modulus) % self.modulus, 1
        return Quotient(Poly({0: p}, 0) if p else ZERO, (), q)

    def generator(self, g: int, exponent: int = 1) -> Quotient:
        """A power of a generator, the exponent of either sign."""
        if exponent < 0:
            return Quotient(ONE, ((self.factor(Poly({packed({g: 1}): 1}, 1)), -exponent),))
        return Quotient(Poly({packed({g: exponent}): 1}, exponent))

    def factor(self, poly: Poly) -> int:
        """The number under which a primitive polynomial stands in denominators."""
        number = self._numbers.setdefault(poly.key(), len(self.factors))
        if number == len(self.factors):
            self.factors.append(poly)
        return number

    def factor_power(self, factor: int, exponent: int) -> Poly:
        """A power of a factor, remembered."""
        if (factor, exponent) not in self._powers:
            low = ONE if exponent == 1 else self.factor_power(factor, exponent - 1)
            self._powers[factor, exponent] = self._times(low, self.factors[factor])
        return self._powers[factor, exponent]

    def _times(self, a: Poly, b: Poly) -> Poly:
        return polynomial_product(a, b, self.budget, self.modulus)

    def expanded(self, den: Sequence[tuple[int, int]]) -> Poly:
        """The product of the factors of a denominator."""
        out = ONE
        for f, e in den:
            out = self._times(out, self.factor_power(f, e))
        return out

    def sum(self, parts: Sequence[Quotient]) -> Quotient:
        """The sum, over the least common multiple of the denominators as they are written."""
        parts = [p for p in parts if p.num]
        if len(parts) < 2:
            return parts[0] if parts else Quotient(ZERO)
        den: dict[int, int] = {}
        for part in parts:
            for f, e in part.den:
                den[f] = max(e, den.get(f, 0))
        divisor = lcm(*(part.divisor for part in parts))
        numerators = []
        for part in parts:
            have = dict(part.den)
            missing = [(f, e - have.get(f, 0)) for f, e in den.items() if e > have.get(f, 0)]
            num = part.num.scaled(divisor // part.divisor)
            for f, e in missing:
                num = self._times(num, self.factor_power(f, e))
            numerators.append(num)
        total = polynomial_sum(numerators, self.budget, self.modulus)
        return self._tidy(total, den, divisor)

    def product(self, parts: Sequence[Quotient]) -> Quotient:
        """The product; integer and monomial factors are cancelled, others are not."""
        num, divisor = ONE, 1
        den: dict[int, int] = {}
        for part in sorted(parts, key=lambda p: len(p.num.terms)):
            num = self._times(num, part.num)
            divisor *= part.divisor
            for f, e in part.den:
                den[f] = den.get(f, 0) + e
        return self._tidy(num, den, divisor)

    def _tidy(self, num: Poly, den: dict[int, int], divisor: int) -> Quotient:
        if not num:
            return Quotient(ZERO)
        if divisor > 1:
            shared = gcd(divisor, *num.terms.values())
            if shared > 1:
                num = Poly({m: c // shared for m, c in num.terms.items()}, num.top)
                divisor //= shared
        common: dict[int, int] | None = None
        for f in [f for f in den if len(self.factors[f].terms) == 1]:
            common = common_monomial(num) if common is None else common
            ((g, _),) = exponents(next(iter(self.factors[f].terms)))
            e = min(common.get(g, 0), den[f])
            if e:
                num = Poly({m - packed({g: e}): c for m, c in num.terms.items()}, num.top)
                den[f] -= e
        return Quotient(num, tuple(sorted((f, e) for f, e in den.items() if e)), divisor)

    def inverse(self, q: Quotient) -> Quotient:
        """1 / q; raises `Undefined` for zero."""
        if not q.num:
            raise Undefined("division by zero")
        content = q.num.terms[max(q.num.terms)] if self.modulus else q.num.content()
        common = common_monomial(q.num)
        shift = packed(common)
        if self.modulus:
            back = pow(content, -1, self.modulus)
            rest = {m - shift: c * back % self.modulus for m, c in q.num.terms.items()}
            num = self.number(back * q.divisor).num
            divisor = 1
        else:
            rest = {m - shift: c // content for m, c in q.num.terms.items()}
            num = Poly({0: q.divisor if content > 0 else -q.divisor}, 0)
            divisor = abs(content)
        den = {self.factor(Poly({packed({g: 1}): 1}, 1)): e for g, e in common.items()}
        if len(rest) > 1:
            f = self.factor(Poly(rest, q.num.top))
            den[f] = den.get(f, 0) + 1
        num = self._times(num, self.expanded(q.den))
        return self._tidy(num, den, divisor)

    def power(self, q: Quotient, n: int) -> Quotient:
        """q**n for an integer n of either sign."""
        if n < 0:
            return self.power(self.inverse(q), -n)
        if n and len(q.num.terms) == 1:
            ((m, c),) = q.num.terms.items()
            self.budget.spend(c.bit_length() * n // 64)
            value = pow(c, n, self.modulus) if self.modulus else c**n
            num = Poly({m * n: value}, q.num.top * n)
            return Quotient(num, tuple((f, e * n) for f, e in q.den), q.divisor**n)
        out = Quotient(ONE)
        square = q
        while n:
            if n & 1:
                out = self.product([out, square])
            n >>= 1
            if n:
                square = self.product([square, square])
        return out

    def reduced(self, q: Quotient) -> Quotient:
        """The same value with every root in the numerator below its own degree."""
        return self.product([self._reduced(q.num), Quotient(ONE, q.den, q.divisor)])

    def _reduced(self, poly: Poly) -> Quotient:
        q = Quotient(poly)
        for g in reversed(generators(poly)):
            if g in self.relations:
                q = self._without_powers(q, g)
        if any(e >= self.relations[g][0] for g, e in self._roots(q.num)):
            rest = self._reduced(q.num)  # a relation brought in another root
            return self.product([rest, Quotient(ONE, q.den, q.divisor)])
        return q

    def _roots(self, poly: Poly) -> list[tuple[int, int]]:
        return [(g, max(in_powers_of(poly, g))) for g in generators(poly) if g in self.relations]

    def _without_powers(self, q: Quotient, g: int) -> Quotient:
        degree, value = self.relations[g]
        by_power = in_powers_of(q.num, g)
        if max(by_power, default=0) < degree:
            return q
        groups: dict[int, list[Poly]] = {}
        for e, coefficient in by_power.items():
            term = self._times(coefficient, self.generator(g, e % degree).num)
            groups.setdefault(e // degree, []).append(term)
        parts = [
            self.product(
                [
                    Quotient(polynomial_sum(polys, self.budget, self.modulus)),
                    self.power(value, k),
                ]
            )
            for k, polys in groups.items()
        ]
        return self.product([self.sum(parts), Quotient(ONE, q.den, q.divisor)])

    def is_zero(self, q: Quotient) -> bool:
        """Whether the numerator vanishes identically, given the relations of the roots."""
        return not self.reduced(q).num
