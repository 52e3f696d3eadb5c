"""The number type: a value with a bound on its rounding error, and its arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from lawbook.bounds.roundoff import UNIT, tiny, unit

UFUNCS: dict[str, Callable[..., Any]] = {}
FUNCTIONS: dict[str, Callable[..., Any]] = {}
"""The rules for NumPy's functions, by name; `lawbook.bounds.rules` states them."""


class Bounded:
    """An array of values with an array of bounds on their rounding errors, both of one shape."""

    __array_priority__ = 100.0
    __slots__ = ("error", "value")

    def __init__(self, value: Any, error: Any = 0.0) -> None:
        self.value = np.asarray(value, float)
        error = np.asarray(error, float)
        same = error.shape == self.value.shape  # broadcast_to costs as much as an operation
        self.error = error if same else np.broadcast_to(error, self.value.shape)

    shape = property(lambda self: self.value.shape)
    ndim = property(lambda self: self.value.ndim)
    size = property(lambda self: self.value.size)
    T = property(lambda self: Bounded(self.value.T, self.error.T))

    def __len__(self) -> int:
        return len(self.value)

    def __iter__(self) -> Iterator[Bounded]:
        return (self[i] for i in range(len(self.value)))

    def __getitem__(self, index: Any) -> Bounded:
        return _pair(self.value[index], self.error[index])

    def __repr__(self) -> str:
        return f"Bounded({self.value!r}, {self.error!r})"

    def moved(self, move: Callable[[Any], Any]) -> Bounded:
        """The same numbers in other places: `move` is applied to the values and to the bounds."""
        return _pair(move(self.value), move(self.error))

    def reshape(self, *shape: Any) -> Bounded:
        return self.moved(lambda a: a.reshape(*shape))

    def transpose(self, *axes: Any) -> Bounded:
        return self.moved(lambda a: a.transpose(*axes))

    def copy(self) -> Bounded:
        return self.moved(np.copy)

    def sum(self, axis: Any = None, keepdims: bool = False) -> Bounded:
        total = self.value.sum(axis=axis, keepdims=keepdims)
        terms = self.value.size // max(total.size, 1)
        size = np.abs(self.value).sum(axis=axis, keepdims=keepdims)
        error = self.error.sum(axis=axis, keepdims=keepdims)
        return _pair(total, error + (max(terms - 1, 0) * unit()) * (size + error))

    def mean(self, axis: Any = None, keepdims: bool = False) -> Bounded:
        total = self.sum(axis=axis, keepdims=keepdims)
        return total / lift(self.size // max(total.size, 1))

    def max(self, axis: Any = None, keepdims: bool = False) -> Bounded:
        return self.moved(lambda a: a.max(axis=axis, keepdims=keepdims))

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method == "reduce" and ufunc is np.add:
            return inputs[0].sum(kwargs.get("axis", 0), kwargs.get("keepdims", False))
        if method == "reduce" and ufunc is np.maximum:
            return inputs[0].max(kwargs.get("axis", 0), kwargs.get("keepdims", False))
        rule = UFUNCS.get(ufunc.__name__)
        if rule is None or method != "__call__":
            raise TypeError(f"no rounding rule for numpy.{ufunc.__name__} ({method})")
        return rule(*map(lift, inputs))

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        rule = FUNCTIONS.get(function.__name__)
        if rule is None:
            raise TypeError(f"no rounding rule for numpy.{function.__name__}")
        return rule(*args, **kwargs)

    def __add__(self, other: Any) -> Bounded:
        other = lift(other)
        return rounded(self.value + other.value, self.error + other.error)

    def __sub__(self, other: Any) -> Bounded:
        other = lift(other)
        return rounded(self.value - other.value, self.error + other.error)

    def __mul__(self, other: Any) -> Bounded:
        other = lift(other)
        error = np.abs(self.value) * other.error + np.abs(other.value) * self.error
        return rounded(self.value * other.value, error + self.error * other.error)

    def __truediv__(self, other: Any) -> Bounded:
        other = lift(other)
        quotient = self.value / other.value
        room = np.abs(other.value) - other.error
        change = self.error + np.abs(quotient) * other.error
        return rounded(quotient, np.where(room > 0, change / room, np.inf))

    def __matmul__(self, other: Any) -> Bounded:
        other = lift(other)
        size, terms = np.abs(self.value) @ np.abs(other.value), self.shape[-1]
        error = np.abs(self.value) @ other.error
        error = error + self.error @ (np.abs(other.value) + other.error)
        return Bounded(self.value @ other.value, error + terms * unit() * (size + error))

    def __pow__(self, exponent: Any) -> Bounded:
        n = lift(exponent).value
        size = np.abs(self.value)
        spread = np.abs((size + self.error) ** n - size**n)
        return rounded(self.value**n, spread, ulps=float(np.max(np.abs(n), initial=1.0)))

    def __neg__(self) -> Bounded:
        return _pair(-self.value, self.error)

    def __abs__(self) -> Bounded:
        return _pair(np.abs(self.value), self.error)

    __radd__, __rmul__ = __add__, __mul__
    __rsub__ = lambda self, other: lift(other) - self
    __rtruediv__ = lambda self, other: lift(other) / self
    __rmatmul__ = lambda self, other: lift(other) @ self
    __lt__ = lambda self, other: np.less(self, other)
    __le__ = lambda self, other: np.less_equal(self, other)
    __gt__ = lambda self, other: np.greater(self, other)
    __ge__ = lambda self, other: np.greater_equal(self, other)


def _pair(value: Any, error: Any) -> Bounded:
    """A pair whose parts are arrays of one shape already."""
    made = object.__new__(Bounded)
    made.value, made.error = value, error
    return made


def bounded(value: Any) -> Any:
    """An exact input: arrays become `Bounded` with error 0; lists and tuples elementwise; rest as is."""
    if isinstance(value, list | tuple):
        return type(value)(bounded(item) for item in value)
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return Bounded(value.astype(float))
    return value


def lift(value: Any) -> Bounded:
    """A number as a pair: a constant that the precision cannot hold carries its own rounding."""
    if isinstance(value, Bounded):
        return value
    array = np.asarray(value, float)
    if unit() == UNIT["float64"]:  # which holds every constant
        return _pair(array, np.zeros(array.shape))
    return Bounded(array, np.where(array.astype(np.float32) == array, 0.0, unit() * np.abs(array)))


def rounded(value: Any, error: Any, ulps: float = 1.0) -> Bounded:
    """The result of one operation: the propagated error and the operation's own rounding."""
    u = ulps * unit()
    if 1 + u != 1:
        error = error * (1 + u)
    return _pair(value, np.abs(value) * u + error + tiny())
