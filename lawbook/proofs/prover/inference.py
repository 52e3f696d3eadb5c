"""Signs of polynomials: from their terms, and as combinations of facts with positive multipliers."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from lawbook.proofs.prover.combinations import Combinations
from lawbook.proofs.prover.normal import Normal
from lawbook.proofs.prover.polynomials import (
    ONE,
    ZERO,
    Budget,
    Poly,
    Quotient,
    Undefined,
    exponents,
    generators,
    in_powers_of,
    polynomial_sum,
)
from lawbook.proofs.prover.signs import (
    ANY,
    BITS,
    NEGATIVE,
    NIL,
    POSITIVE,
    opposite,
    sign_of_power,
    sign_of_product,
    sign_of_sum,
)
from lawbook.proofs.prover.values import closed_sign

QUADRATIC = (30, 6)  # terms and generators of polynomials whose squares are completed


class Signed(Normal):
    """A normal-form ring that knows signs of generators and polynomials."""

    def __init__(self, budget: Budget) -> None:
        super().__init__(budget)
        self.signs: dict[Any, int] = {}
        self._tried: dict[Any, int] = {}  # searched in vain with so many facts
        self.facts: list[tuple[Poly, bool]] = []  # (polynomial that is not negative, is positive)

    def sign_of(self, q: Quotient) -> int:
        """The signs a canonical quotient can have."""
        if not q.num:
            return NIL
        number, parts = self.split(q)
        out = POSITIVE if number > 0 else NEGATIVE
        for poly, k in parts:
            out = sign_of_product(out, sign_of_power(self.poly_sign(poly), k))
        if out not in (NEGATIVE, POSITIVE) and len(parts) > 1:
            below = POSITIVE
            for f, e in q.den:
                below = sign_of_product(below, sign_of_power(self.poly_sign(self.factors[f]), e))
            out &= sign_of_product(self.poly_sign(q.num), below)
        return out

    def poly_sign(self, poly: Poly) -> int:
        """The signs a polynomial can have, from its terms, from what was learned, from the facts."""
        if not poly.terms:
            return NIL
        content = poly.content()
        if content != 1:
            primitive = Poly({m: c // content for m, c in poly.terms.items()}, poly.top)
            sign = self.poly_sign(primitive)
            return sign if content > 0 else opposite(sign)
        key = poly.key()
        out = self.signs.get(key, ANY) & self._termwise(poly.terms)
        if out & NEGATIVE and out & POSITIVE and self._tried.get(key) != len(self.facts):
            self._tried[key] = len(self.facts)
            search = Combinations(self.facts, self._monomial, self.budget)
            out &= search.sign(poly.terms)
            out &= opposite(search.sign({m: -c for m, c in poly.terms.items()}))
            if out & NEGATIVE and out & POSITIVE:
                out &= self._square(poly)
            if out & NEGATIVE and out & POSITIVE:
                out &= self._closed(poly) & self._with_roots(poly)
            self.signs[key] = self.signs.get(key, ANY) & out
        return out

    def _square(self, poly: Poly) -> int:
        """The signs of a quadratic: 4 a (a u**2 + b u + c) = (2 a u + b)**2 + 4 a c - b**2."""
        names = generators(poly)
        if len(poly.terms) > QUADRATIC[0] or len(names) > QUADRATIC[1]:
            return ANY
        for g in names:
            by_power = in_powers_of(poly, g)
            u = max(by_power) // 2  # u is a power of the generator
            if not {*by_power} <= {0, u, 2 * u}:
                continue
            a, b, c = (by_power.get(k * u, ZERO) for k in (2, 1, 0))
            lead = self.poly_sign(a)
            if lead not in (NEGATIVE, POSITIVE):
                continue
            four_ac = self._times(a, c).scaled(4)
            rest = polynomial_sum([four_ac, self._times(b, b).scaled(-1)], self.budget)
            below = self.sign_of(Quotient(rest))
            if not below & NEGATIVE:
                out = POSITIVE | (below & NIL)
                return out if lead == POSITIVE else opposite(out)
        return ANY

    def _closed(self, poly: Poly) -> int:
        """The sign of a number, such as log(2) - 1."""
        e = self.back(poly)
        side = None if e.free_symbols else closed_sign(e)
        return ANY if side is None else BITS[side + 1]

    def _with_roots(self, poly: Poly) -> int:
        """The signs after putting r**2 for p where that shortens: p - q**2 = (r - q) (r + q)."""
        for g, (degree, value) in self.relations.items():
            if self.generators[g].kind != "root" or value.den or degree != 2:
                continue
            lead = max(value.num.terms)
            c, d = poly.terms.get(lead, 0), value.num.terms[lead]
            if c % d or not c:
                continue
            gap = polynomial_sum([self.generator(g, 2).num, value.num.scaled(-1)], self.budget)
            shorter = polynomial_sum([poly, gap.scaled(c // d)], self.budget)
            if shorter.terms and len(shorter.terms) < len(poly.terms):
                return self.sign_of(Quotient(shorter))
        return ANY

    def _monomial(self, m: int, c: int | Fraction) -> int:
        out = POSITIVE if c > 0 else NEGATIVE
        for g, e in exponents(m):
            out = sign_of_product(out, sign_of_power(self.generators[g].sign, e))
        return out

    def _termwise(self, terms: Any) -> int:
        out = NIL
        for m, c in terms.items():
            out = sign_of_sum(out, self._monomial(m, c))
        return out

    def learn(self, q: Quotient, sign: int) -> None:
        """Remember that a canonical quotient can only have these signs."""
        if sign == ANY:
            return
        if not q.num:
            if not sign & NIL:
                raise Undefined("zero where it must not be")
            return
        number, parts = self.split(q)
        unknown = []
        others = POSITIVE if number > 0 else NEGATIVE
        for poly, k in parts:
            if not sign & NIL:
                self._note(poly, NEGATIVE | POSITIVE)
            here = sign_of_power(self.poly_sign(poly), k)
            if here in (NEGATIVE, POSITIVE):
                others = sign_of_product(others, here)
            else:
                unknown.append((poly, k))
        if others == NEGATIVE:
            sign = opposite(sign)
        if len(unknown) == 1 and unknown[0][1] % 2:
            self._note(unknown[0][0], sign)
        elif unknown:
            product = ONE
            for poly, k in unknown:
                product = self._times(product, poly if k % 2 else self._times(poly, poly))
            self._note(product, sign)

    def vanishes(self, poly: Poly) -> None:
        """Use poly = 0 to replace a power of a generator of which no other one is made."""
        names = generators(poly)
        for g in sorted(names, key=lambda g: (max(in_powers_of(poly, g)), -g)):
            made = (self.generators[h].back.has(self.generators[g].back) for h in names if h != g)
            by_power = in_powers_of(poly, g)
            degree = max(by_power)
            lead = by_power.pop(degree)
            if self.poly_sign(lead) & NIL or any(made):
                continue
            rest = [Quotient(self._times(c, self.generator(g, k).num)) for k, c in by_power.items()]
            below = self.inverse(Quotient(lead.scaled(-1)))
            self.relations[g] = (degree, self.product([self.sum(rest), below]))
            if degree == 1:
                self.learn(self.canonical(self.relations[g][1]), self.generators[g].sign)
            return

    def _note(self, poly: Poly, sign: int) -> None:
        key = poly.key()
        before = self.poly_sign(poly)
        if before & sign == before:
            return
        self.signs[key] = before & sign
        if not self.signs[key]:
            raise Undefined("what is known contradicts itself")
        g = self.single(poly)
        if g is not None:
            self.generators[g].sign &= sign
        elif not sign & NEGATIVE or not sign & POSITIVE:
            fact = poly if not sign & NEGATIVE else poly.scaled(-1)
            self.facts.append((fact, not sign & NIL))
            for g in generators(poly):
                name = self.generators[g]
                if name.kind == "symbol" and name.sign & NEGATIVE and name.sign & POSITIVE:
                    name.sign &= self.poly_sign(self.generator(g).num)
