"""Dual numbers a + b t with t^2 = 0: unmodified NumPy code computes a derivative along with its value.

Over `Fraction` all is exact; a root is one of a rational square or `Irrational` is raised.  Where
exponentials and other roots occur the parts are intervals of 60 digits.  Nothing here uses SymPy.
"""

from __future__ import annotations

from fractions import Fraction
from math import isqrt
from typing import Any, TypeAlias

import numpy as np

from lawbook.proofs.numbers.decimals import Interval, beside_arrays
from lawbook.proofs.numbers.literals import exact_fraction

Real: TypeAlias = Any  # Fraction or Interval


class Irrational(ArithmeticError):
    """A root or exponential that is not rational."""


class Dual:
    """a + b t, both parts Fractions or both intervals."""

    __slots__ = ("a", "b")

    def __init__(self, a: Real, b: Real = 0) -> None:
        self.a, self.b = a, b

    def lift(self, value: Any) -> Dual:
        """Another number of the same kind; RoundedLiteral where a float is not exact."""
        if isinstance(value, Dual):
            return value
        exact = value if isinstance(value, Fraction | Interval) else exact_fraction(value)
        return Dual(Interval(exact) if isinstance(self.a, Interval) else exact)

    @beside_arrays
    def __add__(self, other: Any) -> Dual:
        o = self.lift(other)
        return Dual(self.a + o.a, self.b + o.b)

    @beside_arrays
    def __sub__(self, other: Any) -> Dual:
        o = self.lift(other)
        return Dual(self.a - o.a, self.b - o.b)

    @beside_arrays
    def __rsub__(self, other: Any) -> Dual:
        return self.lift(other) - self

    @beside_arrays
    def __mul__(self, other: Any) -> Dual:
        o = self.lift(other)
        return Dual(self.a * o.a, _sum(_times(self.a, o.b), _times(o.a, self.b)))

    @beside_arrays
    def __truediv__(self, other: Any) -> Dual:
        o = self.lift(other)
        quotient = self.a / o.a
        if _is_zero(o.b):
            return Dual(quotient, 0 if _is_zero(self.b) else self.b / o.a)
        return Dual(quotient, (self.b - quotient * o.b) / o.a)

    @beside_arrays
    def __rtruediv__(self, other: Any) -> Dual:
        return self.lift(other) / self

    def __pow__(self, exponent: Any) -> Dual:
        n = exact_fraction(exponent)
        if n == Fraction(1, 2):
            return self.sqrt()
        if n.denominator != 1:
            return (self.log() * n).exp()
        if n == 0:
            return self.lift(1)
        return Dual(self.a ** int(n), _times(self.a ** int(n - 1) * int(n), self.b))

    def __neg__(self) -> Dual:
        return Dual(-self.a, -self.b)

    def __abs__(self) -> Dual:
        return -self if self.a < 0 else self

    __radd__, __rmul__ = __add__, __mul__

    def sqrt(self) -> Dual:
        root = self.a.sqrt() if isinstance(self.a, Interval) else rational_root(self.a)
        return Dual(root, 0 if _is_zero(self.b) else self.b / (2 * root))

    def exp(self) -> Dual:
        value = self._real("exp").exp()
        return Dual(value, _times(value, self.b))

    def log(self) -> Dual:
        return Dual(self._real("log").log(), 0 if _is_zero(self.b) else self.b / self.a)

    def tanh(self) -> Dual:
        value = self._real("tanh").tanh()
        return Dual(value, _times(1 - value * value, self.b))

    def expm1(self) -> Dual:
        return self.exp() - 1

    def log1p(self) -> Dual:
        return (self + 1).log()

    def conjugate(self) -> Dual:
        return self

    def _real(self, name: str) -> Interval:
        if not isinstance(self.a, Interval):
            raise Irrational(f"{name} of {self.a} is not rational")
        return self.a

    @beside_arrays
    def __lt__(self, other: Any) -> bool:
        return bool(self.a < self.lift(other).a)

    @beside_arrays
    def __le__(self, other: Any) -> bool:
        return bool(self.a <= self.lift(other).a)

    @beside_arrays
    def __gt__(self, other: Any) -> bool:
        return bool(self.a > self.lift(other).a)

    @beside_arrays
    def __ge__(self, other: Any) -> bool:
        return bool(self.a >= self.lift(other).a)

    def __eq__(self, other: object) -> bool:
        return bool(self.a == self.lift(other).a)

    __hash__ = None  # type: ignore[assignment]

    def __bool__(self) -> bool:
        return not bool(self.a == 0)

    def __repr__(self) -> str:
        return f"{self.a} + {self.b} t"


def rational_root(value: Fraction) -> Fraction:
    """The root of a rational square; Irrational for other numbers."""
    if value >= 0:
        top, bottom = isqrt(value.numerator), isqrt(value.denominator)
        if top * top == value.numerator and bottom * bottom == value.denominator:
            return Fraction(top, bottom)
    raise Irrational(f"{value} is no rational square")


def duals(values: Any, direction: Any = None) -> Any:
    """An array of dual numbers values + direction t."""
    made = np.empty(np.shape(values), dtype=object)
    given = np.asarray(values, dtype=object)
    along = None if direction is None else np.asarray(direction, dtype=object)
    for at in np.ndindex(made.shape):
        made[at] = Dual(given[at], 0 if along is None else along[at])
    return made


def _is_zero(part: Real) -> bool:
    return isinstance(part, int) and part == 0


def _times(factor: Real, part: Real) -> Real:
    return 0 if _is_zero(part) else factor * part


def _sum(a: Real, b: Real) -> Real:
    return b if _is_zero(a) else a if _is_zero(b) else a + b
