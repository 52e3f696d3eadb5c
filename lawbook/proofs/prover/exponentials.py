"""Logarithms, exponentials and powers with symbolic exponents: kernels that turn sums into products."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import sympy as sp

from lawbook.proofs.prover.polynomials import (
    ONE,
    Budget,
    Poly,
    Quotient,
    Undefined,
    Unsupported,
    exponents,
    polynomial_sum,
)
from lawbook.proofs.prover.roots import Finer, Roots, Settings, factors_of
from lawbook.proofs.prover.signs import NEGATIVE, POSITIVE

Row = dict[int, Fraction]


class Exponentials(Roots):
    """A ring with roots in which exp(u) is a product of independent kernels.

    The exponents of the kernels are linearly independent over the rationals, so that two exponentials
    are equal exactly when they are the same product.
    """

    def __init__(self, budget: Budget, settings: Settings) -> None:
        super().__init__(budget, settings)
        self._exponents: list[tuple[Quotient, int]] = []  # (exponent, its kernel)

    def logarithm(self, u: Quotient) -> Quotient:
        """log(u) of a canonical u that is positive where this is defined."""
        if not u.num:
            raise Undefined("the logarithm of zero")
        number, parts = self.split(u)
        out, rest = [], ONE
        for poly, k in parts:
            sign = self.poly_sign(poly)
            if not sign & NEGATIVE:
                out.append(self._log(poly, k))
            elif not sign & POSITIVE:
                number *= (-1) ** (k % 2)
                out.append(self._log(poly.scaled(-1), k))
            else:
                if k - k % 2:
                    out.append(self._log(self._modulus_of(poly), k - k % 2))
                if k % 2:
                    rest = self._times(rest, poly)
        if rest.constant() is None:
            out.append(self._log(rest if number > 0 else rest.scaled(-1), 1))
        elif number < 0:
            raise Undefined("the logarithm of a negative number")
        for n, k in ((abs(number.numerator), 1), (number.denominator, -1)):
            for prime, e in factors_of(n).items():
                out.append(self._log(Poly({0: prime}, 0), k * e))
        return self.sum(out)

    def _log(self, poly: Poly, k: int) -> Quotient:
        g = self.single(poly)
        kind = self.generators[g].kind if g is not None else ""
        if g is not None and kind == "root":
            degree, value = self.generators[g].inner
            log = self.logarithm(self.canonical(value))
            return self.product([self.number(k, degree), log])
        if g is not None and kind == "exp":
            return self.product([self.number(k, self.settings.exponent), self.generators[g].inner])
        sign = self.poly_sign(polynomial_sum([poly, Poly({0: -1}, 0)], self.budget))
        name = self.named(
            ("log", poly.key()), "log", sp.log(self.back(poly), evaluate=False), sign, poly
        )
        return self.product([self.number(k), self.generator(name)])

    def exponential(self, u: Quotient) -> Quotient:
        """exp(u) of a canonical u; rational multiples of logarithms become powers."""
        out, rest = [], {}
        for m, c in u.num.terms.items():
            powers = list(exponents(m))
            kernel = self.generators[powers[0][0]] if len(powers) == 1 else None
            if not u.den and kernel and kernel.kind == "log" and powers[0][1] == 1:
                out.append(self.rational_power(Quotient(kernel.inner), Fraction(c, u.divisor)))
            else:
                rest[m] = c
        if rest:
            exponent = Quotient(Poly(rest, u.num.top), u.den, u.divisor)
            for g, share in self._in_exponents(exponent):
                if self.generators[g].kind == "log":
                    out.append(self.rational_power(Quotient(self.generators[g].inner), share))
                    continue
                k = share * self.settings.exponent
                if k.denominator != 1:
                    finer = self.settings.exponent * k.denominator
                    raise Finer(replace(self.settings, exponent=finer))
                out.append(self.generator(g, int(k)))
        return self.product(out) if out else self.number(1)

    def _in_exponents(self, u: Quotient) -> list[tuple[int, Fraction]]:
        """u as a combination of the kernels' exponents; what is independent becomes a new one."""
        if not u.den and not any(v.den for v, _ in self._exponents):
            return [
                (self._exponent_kernel(Quotient(Poly({m: 1}, u.num.top))), Fraction(c, u.divisor))
                for m, c in u.num.terms.items()
            ]
        found = self._solved(u)
        if found is None and not u.den and len(u.num.terms) > 1:
            parts = [
                Quotient(Poly({m: c}, u.num.top), (), u.divisor) for m, c in u.num.terms.items()
            ]
            return [pair for part in parts for pair in self._in_exponents(part)]
        return [(self._exponent_kernel(u), Fraction(1))] if found is None else found

    def _exponent_kernel(self, u: Quotient) -> int:
        back = sp.exp(self.back(u) / self.settings.exponent, evaluate=False)
        g = self.named(("exp", u.num.key(), u.den, u.divisor), "exp", back, POSITIVE, u)
        if all(g != known for _, known in self._exponents):
            self._exponents.append((u, g))
        return g

    def _solved(self, u: Quotient) -> list[tuple[int, Fraction]] | None:
        """The rational solution of sum(share * exponent) = u, else None."""
        known = list(self._exponents)
        known += [(self.generator(g), g) for g, k in enumerate(self.generators) if k.kind == "log"]
        den: dict[int, int] = {}
        for v in [u, *(v for v, _ in known)]:
            for f, e in v.den:
                den[f] = max(e, den.get(f, 0))
        reduced: list[tuple[int, Row, Row]] = []  # (pivot, row, which combination of exponents)
        for k, (v, _) in enumerate([*known, (u, -1)]):
            have = dict(v.den)
            lift = self.expanded(
                [(f, e - have.get(f, 0)) for f, e in den.items() if e > have.get(f, 0)]
            )
            num = self.reduced(Quotient(self._times(v.num, lift)))
            if num.den:
                return None
            row = {m: Fraction(c, v.divisor * num.divisor) for m, c in num.num.terms.items()}
            made = {k: Fraction(1)}
            for pivot, other, shares in reduced:
                if pivot in row:
                    self.budget.spend(len(other))
                    ratio = row[pivot] / other[pivot]
                    row, made = _minus(row, other, ratio), _minus(made, shares, ratio)
            if row:
                reduced.append((max(row), row, made))
            elif k == len(known):
                return [(known[i][1], -c) for i, c in made.items() if i != k]
        return None

    def integer_power(self, u: Quotient, n: Quotient) -> Quotient:
        """u**n for an exponent that is a polynomial in integer symbols."""
        if n.den or n.divisor != 1:
            raise Unsupported("an exponent that may be no integer")
        number, split = self.split(u)
        out, parts = [], []
        for poly, k in split:
            below = self.poly_sign(poly) == NEGATIVE
            parts.append((poly.scaled(-1) if below else poly, k))
            number *= (-1) ** (k % 2) if below else 1
        if number < 0:
            parts.append((Poly({0: -1}, 0), 1))
        for m, c in n.num.terms.items():
            if m == 0:
                out.append(self.power(u, c))
                continue
            exponent = Quotient(Poly({m: 1}, n.num.top))
            size = self.number(abs(number.numerator), number.denominator)
            log = self.logarithm(self.canonical(size))
            out.append(self.power(self.exponential(self.product([exponent, log])), c))
            for poly, k in parts:
                if self.poly_sign(poly) == POSITIVE:
                    log = self.product([exponent, self._log(poly, 1)])
                    factor = self.exponential(self.canonical(log))
                else:
                    back = sp.Pow(self.back(poly), self.back(exponent), evaluate=False)
                    g = self.named(("power", poly.key(), m), "power", back)
                    if poly.constant() == -1:
                        self.relations[g] = (2, self.number(1))
                    factor = self.generator(g)
                out.append(self.power(factor, k * c))
        return self.product(out)


def _minus(row: Row, other: Row, ratio: Fraction) -> Row:
    out = dict(row)
    for key, value in other.items():
        out[key] = out.get(key, Fraction(0)) - ratio * value
    return {key: value for key, value in out.items() if value}
