"""Sparse integer polynomials and their quotients: the arithmetic in which identities are decided.

A polynomial is a dictionary from exponents to integer coefficients.  The exponents of all generators
are packed into one integer, sixteen bits each, so that monomials are multiplied by adding integers;
a bound on the largest exponent keeps them from running into each other.  A quotient keeps its
denominator as a multiset of factors and is never reduced by a gcd: for a zero test only the numerator
matters.  Work is counted, not timed: past the budget every operation raises `TooLarge`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import gcd

WIDTH = 16
FIELD = (1 << WIDTH) - 1
HIGHEST = 1 << (WIDTH - 1)
DIGITS = 4096  # the largest coefficient, in bits


class TooLarge(Exception):
    """The computation would need more terms or operations than it was given."""


class Unsupported(Exception):
    """Something that is not handled: complex numbers, distributions."""


class Undefined(Exception):
    """The expression has no real value: a division by zero, the root of a negative number."""


class Budget:
    """The number of elementary operations left; shared by everything that decides one statement."""

    def __init__(self, operations: int) -> None:
        self.left = operations

    def spend(self, operations: int) -> None:
        """Raise `TooLarge` when the operations are used up."""
        self.left -= operations
        if self.left < 0:
            raise TooLarge


class Poly:
    """Terms {packed exponents: coefficient}; `top` bounds every exponent from above."""

    __slots__ = ("terms", "top")

    def __init__(self, terms: dict[int, int], top: int) -> None:
        if top >= HIGHEST:
            raise TooLarge
        self.terms = terms
        self.top = top

    def __bool__(self) -> bool:
        return bool(self.terms)

    def key(self) -> frozenset[tuple[int, int]]:
        """A hashable name: equal exactly for equal polynomials."""
        return frozenset(self.terms.items())

    def scaled(self, k: int) -> Poly:
        """The product with an integer that is not zero."""
        return self if k == 1 else Poly({m: c * k for m, c in self.terms.items()}, self.top)

    def content(self) -> int:
        """The greatest common divisor of the coefficients, with the sign of the leading one."""
        lead = self.terms[max(self.terms)]
        return gcd(*self.terms.values()) * (1 if lead > 0 else -1)

    def constant(self) -> int | None:
        """The value of a polynomial without generators, else None."""
        if not self.terms:
            return 0
        return self.terms.get(0) if len(self.terms) == 1 else None


def exponents(monomial: int) -> Iterator[tuple[int, int]]:
    """(generator, exponent) of a packed monomial."""
    generator = 0
    while monomial:
        if monomial & FIELD:
            yield generator, monomial & FIELD
        monomial >>= WIDTH
        generator += 1


def generators(poly: Poly) -> list[int]:
    """The generators that occur, in increasing order."""
    seen = 0
    for m in poly.terms:
        seen |= m
    return [g for g, _ in exponents(seen)]


def in_powers_of(poly: Poly, g: int) -> dict[int, Poly]:
    """The coefficients of the powers of one generator."""
    out: dict[int, dict[int, int]] = {}
    for m, c in poly.terms.items():
        e = m >> (WIDTH * g) & FIELD
        out.setdefault(e, {})[m - (e << (WIDTH * g))] = c
    return {e: Poly(terms, poly.top) for e, terms in out.items()}


def common_monomial(poly: Poly) -> dict[int, int]:
    """The largest monomial that divides every term, as {generator: exponent}."""
    terms = iter(poly.terms)
    common = dict(exponents(next(terms)))
    for m in terms:
        if not common:
            break
        here = {g: min(e, m >> (WIDTH * g) & FIELD) for g, e in common.items()}
        common = {g: e for g, e in here.items() if e}
    return common


def packed(powers: Mapping[int, int]) -> int:
    """The monomial with these exponents."""
    return sum(e << (WIDTH * g) for g, e in powers.items())


@dataclass(frozen=True, slots=True)
class Quotient:
    """num / (divisor * product of factors): `den` holds (number of the factor, exponent), sorted."""

    num: Poly
    den: tuple[tuple[int, int], ...] = ()
    divisor: int = 1


ZERO, ONE = Poly({}, 0), Poly({0: 1}, 0)


def polynomial_sum(polys: Iterable[Poly], budget: Budget, modulus: int = 0) -> Poly:
    """The sum of polynomials."""
    out: dict[int, int] = {}
    top = 0
    for poly in polys:
        budget.spend(len(poly.terms))
        top = max(top, poly.top)
        for m, c in poly.terms.items():
            out[m] = out.get(m, 0) + c
    if modulus:
        out = {m: c % modulus for m, c in out.items()}
    return Poly({m: c for m, c in out.items() if c}, top)


def polynomial_product(a: Poly, b: Poly, budget: Budget, modulus: int = 0) -> Poly:
    """The product of two polynomials."""
    if not a.terms or not b.terms:
        return ZERO
    if len(a.terms) > len(b.terms):
        a, b = b, a
    budget.spend(len(a.terms) * len(b.terms))
    top = a.top + b.top
    if len(a.terms) == 1:
        (m, c), *_ = a.terms.items()
        out = {m + n: c * d for n, d in b.terms.items()}
    else:
        out = {}
        get = out.get
        for m, c in a.terms.items():
            for n, d in b.terms.items():
                out[m + n] = get(m + n, 0) + c * d
    if modulus:
        out = {m: c % modulus for m, c in out.items()}
    elif len(a.terms) == 1 and max(map(int.bit_length, out.values())) > DIGITS:
        raise TooLarge
    return Poly({m: c for m, c in out.items() if c}, top)


def exact_division(poly: Poly, factor: Poly, budget: Budget) -> Poly | None:
    """poly / factor where it is a polynomial with integer coefficients, else None.

    Packed exponents compare as a lexicographic monomial order, so leading terms divide leading terms.
    """
    lead = max(factor.terms)
    size = max(max(poly.terms, default=0), lead).bit_length() // WIDTH + 1
    guard = sum(HIGHEST << (WIDTH * g) for g in range(size))
    rest, out = dict(poly.terms), {}
    while rest:
        budget.spend(len(rest) + len(factor.terms))
        m = max(rest)
        if ((m | guard) - lead) & guard != guard or rest[m] % factor.terms[lead]:
            return None
        k, c = m - lead, rest[m] // factor.terms[lead]
        out[k] = c
        for n, d in factor.terms.items():
            value = rest.get(n + k, 0) - c * d
            if value:
                rest[n + k] = value
            else:
                rest.pop(n + k, None)
    return Poly(out, poly.top)
