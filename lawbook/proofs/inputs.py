"""Inputs of a gradient: each kind makes symbols, formal entries, rational draws and float draws of itself.

Dimensions are names ("N") or numbers; `sizes` says how long the named ones are.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np

from lawbook.proofs.numbers.axes import Axis, Expr
from lawbook.proofs.numbers.families import Family
from lawbook.proofs.numbers.symbols import SymArray, choose, exact, symbols

Sizes: TypeAlias = Mapping[str, int]

FINE = 2**17  # rational draws are multiples of 1/FINE
OFFSETS = (0.0, 0.0, 0.0, 1.0, -30.0, 1e3, 1e6)


class Input:
    """An argument of a forward function.  dims: its axes."""

    def __init__(self, *dims: str | int) -> None:
        self.dims = dims

    def shape(self, sizes: Sizes) -> tuple[int, ...]:
        """The lengths of the axes."""
        return tuple(d if isinstance(d, int) else sizes[d] for d in self.dims)

    def symbolic(self, name: str, sizes: Sizes) -> Any:
        """Symbols of fixed sizes."""
        raise NotImplementedError

    def formal(self, name: str, axis: Axis, dimension: str, sizes: Sizes) -> Any:
        """A batch along the formal dimension, or symbols where it has none."""
        if dimension not in self.dims:
            return self.symbolic(name, sizes)
        at = self.dims.index(dimension)
        return self.batch(name, axis, self.shape({**sizes, dimension: 1}), at)

    def batch(self, name: str, axis: Axis, shape: tuple[int, ...], at: int) -> Any:
        """A batch with the formal axis at `at`; TypeError where there is no generic entry."""
        raise TypeError(f"{name} has no generic entry: prove this gradient at fixed sizes")

    def positive_of(self, value: Any) -> list[Expr]:
        """Expressions that are positive for the symbols of this input, beside what SymPy knows of them."""
        return []

    def auxiliary_of(self, value: Any) -> set[Expr]:
        """The symbols of this input whose signs alone are used; their being 0 is no value of it."""
        return set()

    def rational(self, rng: np.random.Generator, sizes: Sizes) -> Any:
        """Random Fractions."""
        raise NotImplementedError

    def floats(self, rng: np.random.Generator, sizes: Sizes) -> Any:
        """Random float64 numbers of very different sizes."""
        raise NotImplementedError


class Array(Input):
    """Real numbers.  positive: all above 0.  low, high: the interval they are drawn from.

    zeros: whether some entries of float draws are exactly 0; False where 0 is a kink on which honest
    implementations differ.
    """

    def __init__(
        self,
        *dims: str | int,
        positive: bool = False,
        low: float | None = None,
        high: float | None = None,
        zeros: bool = True,
    ) -> None:
        super().__init__(*dims)
        if (low is None) != (high is None):
            raise ValueError("low and high belong together")
        self.positive = positive or (low is not None and low > 0)
        self.low, self.high = low, high
        self.zeros = zeros and not self.positive and low is None

    @property
    def assumptions(self) -> dict[str, bool]:
        """What SymPy knows of each entry."""
        if self.positive:
            return {"positive": True}
        return {"nonnegative": True} if self.low == 0 else {"real": True}

    def positive_of(self, value: Any) -> list[Expr]:
        if self.low is None or self.high is None:
            return []
        entries = np.asarray(value.bodies if isinstance(value, Family) else value).flat
        low, high = exact(self.low), exact(self.high)
        return [positive for e in entries for positive in (e - low, high - e)]

    def symbolic(self, name: str, sizes: Sizes) -> Any:
        return symbols(name, *self.shape(sizes), **self.assumptions)

    def batch(self, name: str, axis: Axis, shape: tuple[int, ...], at: int) -> Any:
        return Family.of(name, axis, shape, at, **self.assumptions)

    def rational(self, rng: np.random.Generator, sizes: Sizes) -> Any:
        if self.low is not None and self.high is not None:
            low, high = Fraction(self.low), Fraction(self.high)
        else:
            low, high = Fraction(0 if self.positive else -4), Fraction(4)
        steps = rng.integers(1, FINE, size=self.shape(sizes))
        return _each(steps, lambda k: low + (high - low) * Fraction(int(k), FINE))

    def floats(self, rng: np.random.Generator, sizes: Sizes) -> Any:
        shape = self.shape(sizes)
        if self.low is not None and self.high is not None:
            return rng.uniform(self.low, self.high, shape)
        scale = 10.0 ** rng.uniform(-3, 3)
        if self.positive:
            return scale * np.exp(rng.normal(size=shape))
        made = OFFSETS[rng.integers(len(OFFSETS))] + scale * rng.normal(size=shape)
        if self.zeros and rng.integers(8) == 0:
            made = np.where(rng.random(shape) < 0.3, 0.0, made)
        return made


class Scalar(Array):
    """One real number: an array of rank 0 in exact runs, a float in floating point."""

    def __init__(
        self, positive: bool = False, low: float | None = None, high: float | None = None
    ) -> None:
        super().__init__(positive=positive, low=low, high=high)

    def floats(self, rng: np.random.Generator, sizes: Sizes) -> Any:
        if self.low is None:
            scale = 10.0 ** rng.uniform(-3, 1)
            return float(scale if self.positive else scale * rng.normal())
        return float(super().floats(rng, sizes))


class Labels(Input):
    """Class numbers from 0 to classes - 1; `classes` is a dimension or a number.  Proofs take 0, 2, 4, ..."""

    def __init__(self, *dims: str | int, classes: str | int) -> None:
        super().__init__(*dims)
        self.classes = classes

    def _count(self, sizes: Sizes) -> int:
        return self.classes if isinstance(self.classes, int) else sizes[self.classes]

    def symbolic(self, name: str, sizes: Sizes) -> Any:
        shape = self.shape(sizes)
        return (2 * np.arange(int(np.prod(shape))) % self._count(sizes)).reshape(shape)

    def rational(self, rng: np.random.Generator, sizes: Sizes) -> Any:
        return rng.integers(self._count(sizes), size=self.shape(sizes))

    def floats(self, rng: np.random.Generator, sizes: Sizes) -> Any:
        return self.rational(rng, sizes)


class Mask(Input):
    """Zeros and ones.  In a proof each entry is 1 where an auxiliary number is positive: both are shown."""

    def symbolic(self, name: str, sizes: Sizes) -> Any:
        return _indicator(symbols(f"{AUXILIARY}{name}", *self.shape(sizes)))

    def batch(self, name: str, axis: Axis, shape: tuple[int, ...], at: int) -> Any:
        entries = Family.of(f"{AUXILIARY}{name}", axis, shape, at)
        return Family(_indicator(entries.bodies), axis, at)

    def auxiliary_of(self, value: Any) -> set[Expr]:
        entries = np.asarray(value.bodies if isinstance(value, Family) else value).flat
        return {symbol for e in entries for symbol in e.free_symbols}

    def rational(self, rng: np.random.Generator, sizes: Sizes) -> Any:
        return _each(rng.integers(2, size=self.shape(sizes)), lambda k: Fraction(int(k)))

    def floats(self, rng: np.random.Generator, sizes: Sizes) -> Any:
        return rng.integers(2, size=self.shape(sizes)).astype(float)


class Constant(Input):
    """The same value in every run."""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value

    def symbolic(self, name: str, sizes: Sizes) -> Any:
        return self.value

    def rational(self, rng: np.random.Generator, sizes: Sizes) -> Any:
        return self.value

    def floats(self, rng: np.random.Generator, sizes: Sizes) -> Any:
        return self.value


AUXILIARY = "sign of "
"""Begins the names of the numbers whose signs make masks."""


def _indicator(array: Any) -> SymArray:
    return SymArray(_each(array, lambda t: choose(t > 0, _ONE, _ZERO)))


_ONE, _ZERO = SymArray([1, 0])


def _each(array: Any, function: Any) -> Any:
    made = np.empty(np.shape(array), dtype=object)
    for at in np.ndindex(made.shape):
        made[at] = function(array[at])
    return made


__all__ = ["Array", "Constant", "Input", "Labels", "Mask", "Scalar", "Sizes"]
