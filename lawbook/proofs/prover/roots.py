"""Roots, absolute values and signs: kernels of which some power is a polynomial in others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from math import isqrt, lcm
from typing import Any

import sympy as sp

from lawbook.proofs.prover.inference import Signed
from lawbook.proofs.prover.polynomials import (
    ONE,
    Budget,
    Poly,
    Quotient,
    Undefined,
    polynomial_sum,
)
from lawbook.proofs.prover.signs import NEGATIVE, NIL, POSITIVE

Expr = Any


@dataclass(frozen=True)
class Settings:
    """How fine the kernels are: p**(1/root) and exp(u/exponent) generate all others."""

    root: int = 2
    exponent: int = 1


class Finer(Exception):
    """Finer kernels are needed: start again with these settings."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.settings = settings


def factors_of(n: int) -> dict[int, int]:
    """A positive integer as powers of small primes and one factor without small primes."""
    out: dict[int, int] = {}
    for p in range(2, 1000):
        while n % p == 0:
            n //= p
            out[p] = out.get(p, 0) + 1
        if n == 1:
            return out
    root = isqrt(n)
    return {**out, **({root: 2} if root**2 == n else {n: 1})}


class Roots(Signed):
    """A ring with signs and the kernels that are roots of polynomials in others."""

    def __init__(self, budget: Budget, settings: Settings) -> None:
        super().__init__(budget)
        self.settings = settings
        self.switches: list[Poly] = []

    def of(self, e: Expr) -> Quotient:
        """The expression as a quotient over the generators."""
        raise NotImplementedError

    def note_switches(self, u: Quotient) -> None:
        """Remember the factors whose sign has to be known to go on."""
        for factor, k in self.split(u)[1]:
            poly, g = factor, self.single(factor)
            while g is not None and self.generators[g].kind in ("abs", "sign"):
                poly = self.generators[g].inner
                g = self.single(poly)
            sign = self.poly_sign(poly)
            open_ = sign & NEGATIVE and sign & POSITIVE if not k % 2 else sign not in (1, 2, 4)
            if (open_ or sign & NIL) and sign not in (1, 2, 4) and poly not in self.switches:
                self.switches.append(poly)

    # -- rational powers

    def rational_power(self, u: Quotient, x: Fraction) -> Quotient:
        """u**x for a canonical u that is not negative where this is defined."""
        if x.denominator == 1:
            return self.power(u, int(x))
        if not u.num:
            if x < 0:
                raise Undefined("division by zero")
            return u
        number, parts = self.split(u)
        out, rest = [], ONE
        for poly, k in parts:
            sign = self.poly_sign(poly)
            if not sign & NEGATIVE:
                out.append(self._root(poly, k * x))
            elif not sign & POSITIVE:
                number *= (-1) ** (k % 2)
                out.append(self._root(poly.scaled(-1), k * x))
            else:
                if k - k % 2:
                    out.append(self._root(self._modulus_of(poly), (k - k % 2) * x))
                if k % 2:
                    rest = self._times(rest, poly)
        if rest.constant() is None:
            out.append(self._root(rest if number > 0 else rest.scaled(-1), x))
        elif number < 0:
            raise Undefined("the root of a negative number")
        return self.product([*out, self._constant(abs(number), x)])

    def _constant(self, number: Fraction, x: Fraction) -> Quotient:
        out = []
        for n, sign in ((number.numerator, 1), (number.denominator, -1)):
            for prime, k in factors_of(n).items():
                out.append(self._root(Poly({0: prime}, 0), sign * k * x))
        return self.product(out) if out else self.number(1)

    def _root(self, poly: Poly, r: Fraction) -> Quotient:
        """poly**r for a polynomial without content that is not negative, or a prime."""
        g = self.single(poly)
        if g is not None and self.generators[g].kind == "root":
            degree, value = self.generators[g].inner
            return self.rational_power(self.canonical(value), r / degree)
        if r.denominator == 1:
            return self.power(Quotient(poly), int(r))
        if g is not None and self.generators[g].kind == "exp":
            finer = self.settings.exponent * r.denominator
            raise Finer(replace(self.settings, exponent=finer))
        q = self.settings.root
        if q % r.denominator:
            raise Finer(replace(self.settings, root=lcm(q, r.denominator)))
        sign = POSITIVE | (self.poly_sign(poly) & NIL)
        back = sp.Pow(self.back(poly), sp.Rational(1, q), evaluate=False)
        s = self.named(("root", poly.key()), "root", back, sign, (q, Quotient(poly)))
        self.relations.setdefault(s, (q, Quotient(poly)))
        n = int(r * q)
        return self.product([self.power(Quotient(poly), n // q), self.generator(s, n % q)])

    # -- absolute values and signs

    def _modulus_of(self, poly: Poly) -> Poly:
        """|poly| as a generator, with |poly|**2 = poly**2."""
        if poly not in self.switches:
            self.switches.append(poly)
        sign = POSITIVE | (self.poly_sign(poly) & NIL)
        g = self.named(
            ("abs", poly.key()), "abs", sp.Abs(self.back(poly), evaluate=False), sign, poly
        )
        if g not in self.relations:
            self.relations[g] = (2, Quotient(self._times(poly, poly)))
            for side in (poly, poly.scaled(-1)):  # |p| - p and |p| + p are not negative
                gap = polynomial_sum([self.generator(g).num, side], self.budget)
                self.facts.append((gap, False))
        return self.generator(g).num

    def absolute(self, u: Quotient) -> Quotient:
        """|u| of a canonical u."""
        if not u.num:
            return u
        number, parts = self.split(u)
        out = [self.number(abs(number.numerator), number.denominator)]
        for poly, k in parts:
            sign = self.poly_sign(poly)
            if sign == NIL:
                return self.number(0)
            if k % 2 == 0 or not sign & NEGATIVE:
                out.append(self.power(Quotient(poly), k))
            elif not sign & POSITIVE:
                out.append(self.power(Quotient(poly.scaled(-1)), k))
            else:
                out.append(self.power(Quotient(self._modulus_of(poly)), k))
        return self.product(out)

    def signum(self, u: Quotient) -> Quotient:
        """The sign of a canonical u: -1, 0 or 1."""
        sign = self.sign_of(u)
        if sign in (NEGATIVE, NIL, POSITIVE):
            return self.number({NEGATIVE: -1, NIL: 0, POSITIVE: 1}[sign])
        self.note_switches(u)
        number, parts = self.split(u)
        out = [self.number(1 if number > 0 else -1)]
        for poly, k in parts:
            sign = self.poly_sign(poly)
            if sign in (NEGATIVE, POSITIVE):
                out.append(self.number(1 if k % 2 == 0 or sign == POSITIVE else -1))
            else:
                key = ("sign", poly.key())
                g = self.named(key, "sign", sp.sign(self.back(poly), evaluate=False), sign, poly)
                self.relations.setdefault(g, (3, self.generator(g)))
                out.append(self.generator(g, 2 - k % 2))
        return self.product(out)
