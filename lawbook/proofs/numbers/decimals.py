"""Numbers with 60 digits that know how far they are off: intervals, through unmodified NumPy code.

Every result contains the exact value, so what two intervals say is certain.  They serve where roots and
exponentials leave the rational numbers, and as the oracle for rounding errors.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any, TypeVar

import numpy as np
from mpmath.ctx_iv import MPIntervalContext
from mpmath.libmp import to_float

T = TypeVar("T")

DIGITS = 60
_context: Any = MPIntervalContext()
_context.dps = DIGITS


class Unclear(ArithmeticError):
    """Two intervals overlap, so that it cannot be said which number is larger."""


def beside_arrays(operator: Callable[[Any, Any], T]) -> Callable[[Any, Any], T]:
    """An operator of a number type that leaves number * array to the array, which works elementwise."""

    def operate(self: Any, other: Any) -> T:
        return NotImplemented if isinstance(other, np.ndarray) else operator(self, other)

    return operate


class Interval:
    """A number known to lie between two numbers of 60 digits."""

    __slots__ = ("between",)

    def __init__(self, value: Any) -> None:
        """An int, a float (exactly that double) or a Fraction."""
        if isinstance(value, Fraction):
            self.between = _context.mpf(value.numerator) / value.denominator
        elif isinstance(value, int | np.integer | np.bool_):
            self.between = _context.mpf(int(value))
        elif isinstance(value, float | np.floating):
            self.between = _context.mpf(float(value))
        else:
            self.between = value

    @property
    def middle(self) -> float:
        """The double nearest to the middle."""
        return float(to_float(self.between.mid._mpi_[0], rnd="n"))

    @property
    def digits(self) -> int:
        """How many decimal digits are certain; 60 for exact numbers."""
        width, size = float(self.between.delta.b), float(abs(self.between).b)
        return DIGITS if width == 0 else max(int(-math.log10(width / (width + size))), 0)

    def meets(self, other: Interval) -> bool:
        """Whether the two may be the same number."""
        a, b = self.between, other.between
        return bool(a.a <= b.b and b.a <= a.b)

    @beside_arrays
    def __add__(self, other: Any) -> Interval:
        return Interval(self.between + interval(other).between)

    @beside_arrays
    def __sub__(self, other: Any) -> Interval:
        return Interval(self.between - interval(other).between)

    @beside_arrays
    def __rsub__(self, other: Any) -> Interval:
        return Interval(interval(other).between - self.between)

    @beside_arrays
    def __mul__(self, other: Any) -> Interval:
        if other is self:
            return Interval(self.between**2)
        return Interval(self.between * interval(other).between)

    @beside_arrays
    def __truediv__(self, other: Any) -> Interval:
        return Interval(self.between / interval(other).between)

    @beside_arrays
    def __rtruediv__(self, other: Any) -> Interval:
        return Interval(interval(other).between / self.between)

    def __pow__(self, exponent: Any) -> Interval:
        if float(exponent).is_integer():
            return Interval(self.between ** int(exponent))
        product: Interval = self.log() * exponent
        return product.exp()

    def __neg__(self) -> Interval:
        return Interval(-self.between)

    def __abs__(self) -> Interval:
        return Interval(abs(self.between))

    __radd__, __rmul__ = __add__, __mul__

    def sqrt(self) -> Interval:
        return Interval(_context.sqrt(self.between))

    def exp(self) -> Interval:
        return Interval(_context.exp(self.between))

    def log(self) -> Interval:
        return Interval(_context.log(self.between))

    def expm1(self) -> Interval:
        return self.exp() - 1

    def log1p(self) -> Interval:
        return (self + 1).log()

    def tanh(self) -> Interval:
        small = (-2 * abs(self)).exp()  # within (0, 1], so that nothing overflows
        size = (1 - small) / (1 + small)
        return size if self > 0 else -size

    def square(self) -> Interval:
        return Interval(self.between**2)

    @beside_arrays
    def __lt__(self, other: Any) -> bool:
        return self._compared(other, lambda a, b: a.b < b.a, lambda a, b: a.a >= b.b)

    @beside_arrays
    def __le__(self, other: Any) -> bool:
        return self._compared(other, lambda a, b: a.b <= b.a, lambda a, b: a.a > b.b)

    @beside_arrays
    def __gt__(self, other: Any) -> bool:
        return interval(other) < self

    @beside_arrays
    def __ge__(self, other: Any) -> bool:
        return interval(other) <= self

    def __eq__(self, other: object) -> bool:
        return not (self < other or self > other)

    __hash__ = None  # type: ignore[assignment]

    def _compared(self, other: Any, holds: Any, fails: Any) -> bool:
        a, b = self.between, interval(other).between
        if holds(a, b):
            return True
        if fails(a, b):
            return False
        raise Unclear(f"{self!r} and {other!r} cannot be told apart with {DIGITS} digits")

    def __repr__(self) -> str:
        return f"Interval({self.middle!r})"


def interval(value: Any) -> Interval:
    """A number as an interval."""
    return value if isinstance(value, Interval) else Interval(value)


def decimals(values: Any) -> Any:
    """Numbers as an array of intervals: floats stand for exactly that double."""
    array = np.asarray(values)
    made = np.empty(array.shape, dtype=object)
    for at in np.ndindex(array.shape):
        made[at] = interval(array[at])
    return made


def nearest(values: Any) -> Any:
    """The doubles nearest to an array of intervals."""
    array = np.asarray(values, dtype=object)
    flat = [interval(v).middle for v in array.flat]
    return np.array(flat, float).reshape(array.shape)
