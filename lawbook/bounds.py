"""Value-and-bound pairs: the reference run on them computes its own rounding tolerance.

A `Bounded` array holds a value and a bound on |computed - exact| for *any* order in which sums are
taken: a sum of n terms adds (n - 1) u sum|x|, every other operation adds u times its result, and
incoming bounds are propagated with their products (Higham 2002, Accuracy and Stability, ch. 3-4).
`u` is the unit roundoff of the precision under judgement, set by `precision`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

UNIT = {"float64": 2.0**-53, "float32": 2.0**-24, "bfloat16": 2.0**-8, "float16": 2.0**-11}
TINY = {"float64": 2.0**-1022, "float32": 2.0**-126, "bfloat16": 2.0**-126, "float16": 2.0**-24}
_current = "float64"


@contextmanager
def precision(dtype: str) -> Iterator[None]:
    """Compute bounds for arithmetic in this dtype: float64, float32, bfloat16 or float16."""
    global _current
    before, _current = _current, dtype
    try:
        yield
    finally:
        _current = before


def unit() -> float:
    """The unit roundoff of the precision under judgement."""
    return UNIT[_current]


def bounded(value: Any) -> Any:
    """An exact input: arrays become `Bounded` with error 0; lists and tuples elementwise; rest as is."""
    if isinstance(value, list | tuple):
        return type(value)(bounded(item) for item in value)
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return Bounded(value.astype(float))
    return value


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

    def _moved(self, move: Callable[[Any], Any]) -> Bounded:
        return _pair(move(self.value), move(self.error))

    def reshape(self, *shape: Any) -> Bounded:
        return self._moved(lambda a: a.reshape(*shape))

    def transpose(self, *axes: Any) -> Bounded:
        return self._moved(lambda a: a.transpose(*axes))

    def copy(self) -> Bounded:
        return self._moved(np.copy)

    def sum(self, axis: Any = None, keepdims: bool = False) -> Bounded:
        total = self.value.sum(axis=axis, keepdims=keepdims)
        terms = self.value.size // max(total.size, 1)
        size = np.abs(self.value).sum(axis=axis, keepdims=keepdims)
        error = self.error.sum(axis=axis, keepdims=keepdims)
        return _pair(total, error + (max(terms - 1, 0) * unit()) * (size + error))

    def mean(self, axis: Any = None, keepdims: bool = False) -> Bounded:
        total = self.sum(axis=axis, keepdims=keepdims)
        return _divide(total, lift(self.size // max(total.size, 1)))

    def max(self, axis: Any = None, keepdims: bool = False) -> Bounded:
        return self._moved(lambda a: a.max(axis=axis, keepdims=keepdims))

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method == "reduce" and ufunc is np.add:
            return inputs[0].sum(kwargs.get("axis", 0), kwargs.get("keepdims", False))
        if method == "reduce" and ufunc is np.maximum:
            return inputs[0].max(kwargs.get("axis", 0), kwargs.get("keepdims", False))
        rule = RULES.get(ufunc.__name__)
        if rule is None or method != "__call__":
            raise TypeError(f"no rounding rule for numpy.{ufunc.__name__} ({method})")
        return rule(*map(lift, inputs))

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        rule = FUNCTIONS.get(function.__name__)
        if rule is None:
            raise TypeError(f"no rounding rule for numpy.{function.__name__}")
        return rule(*args, **kwargs)

    __add__ = __radd__ = lambda self, other: _add(self, lift(other))
    __mul__ = __rmul__ = lambda self, other: _multiply(self, lift(other))
    __sub__ = lambda self, other: _subtract(self, lift(other))
    __rsub__ = lambda self, other: _subtract(lift(other), self)
    __truediv__ = lambda self, other: _divide(self, lift(other))
    __rtruediv__ = lambda self, other: _divide(lift(other), self)
    __matmul__ = lambda self, other: _matmul(self, lift(other))
    __rmatmul__ = lambda self, other: _matmul(lift(other), self)
    __pow__ = lambda self, exponent: _power(self, lift(exponent))
    __neg__ = lambda self: _pair(-self.value, self.error)
    __abs__ = lambda self: _pair(np.abs(self.value), self.error)
    __lt__ = lambda self, other: np.less(self, other)
    __le__ = lambda self, other: np.less_equal(self, other)
    __gt__ = lambda self, other: np.greater(self, other)
    __ge__ = lambda self, other: np.greater_equal(self, other)


def _pair(value: Any, error: Any) -> Bounded:
    """A pair whose parts are arrays of one shape already."""
    made = object.__new__(Bounded)
    made.value, made.error = value, error
    return made


def lift(value: Any) -> Bounded:
    """A number as a pair: a constant that the precision cannot hold carries its own rounding."""
    if isinstance(value, Bounded):
        return value
    array = np.asarray(value, float)
    if _current == "float64":
        return _pair(array, np.zeros(array.shape))
    return Bounded(array, np.where(array.astype(np.float32) == array, 0.0, unit() * np.abs(array)))


def rounded(value: Any, error: Any, ulps: float = 1.0) -> Bounded:
    """The result of one operation: the propagated error and the operation's own rounding."""
    u = ulps * UNIT[_current]
    return _pair(value, np.abs(value) * u + error * (1 + u) + TINY[_current])


def _add(a: Bounded, b: Bounded) -> Bounded:
    return rounded(a.value + b.value, a.error + b.error)


def _subtract(a: Bounded, b: Bounded) -> Bounded:
    return rounded(a.value - b.value, a.error + b.error)


def _divide(a: Bounded, b: Bounded) -> Bounded:
    quotient = a.value / b.value
    room = np.abs(b.value) - b.error
    error = np.where(room > 0, (a.error + np.abs(quotient) * b.error) / room, np.inf)
    return rounded(quotient, error)


def _multiply(a: Bounded, b: Bounded) -> Bounded:
    error = np.abs(a.value) * b.error + np.abs(b.value) * a.error + a.error * b.error
    return rounded(a.value * b.value, error)


def _matmul(a: Bounded, b: Bounded) -> Bounded:
    size, terms = np.abs(a.value) @ np.abs(b.value), a.shape[-1]
    error = np.abs(a.value) @ b.error + a.error @ (np.abs(b.value) + b.error)
    return Bounded(a.value @ b.value, error + terms * unit() * (size + error))


def _sqrt(a: Bounded) -> Bounded:
    root = np.sqrt(a.value)
    low, high = np.sqrt(np.maximum(a.value - a.error, 0.0)), np.sqrt(a.value + a.error)
    return rounded(root, np.maximum(root - low, high - root))


def _power(a: Bounded, b: Bounded) -> Bounded:
    power, n = a.value**b.value, np.abs(b.value)
    spread = (np.abs(a.value) + a.error) ** b.value - np.abs(a.value) ** b.value
    return rounded(power, np.abs(spread), ulps=float(np.max(n, initial=1.0)))


def _log(a: Bounded) -> Bounded:
    low = a.value - a.error
    log = np.log(a.value)
    return rounded(log, np.where(low > 0, log - np.log(low), np.inf), ulps=4)


def _smooth(function: Any, slope: Callable[[Any, Any], Any]) -> Callable[[Bounded], Bounded]:
    """An elementary function; `slope(value, error)` bounds its change, libraries err by a few ulps."""
    return lambda a: rounded(function(a.value), slope(a.value, a.error), ulps=4)


def _sign(a: Bounded) -> Bounded:
    return Bounded(np.sign(a.value), np.where((np.abs(a.value) <= a.error) & (a.error > 0), 2, 0))


def _pick(function: Any) -> Callable[[Bounded, Bounded], Bounded]:
    return lambda a, b: Bounded(
        function(a.value, b.value), np.maximum(*np.broadcast_arrays(a.error, b.error))
    )


def _compare(function: Any) -> Callable[[Bounded, Bounded], Any]:
    return lambda a, b: function(a.value, b.value)


RULES: dict[str, Callable[..., Any]] = {
    "add": _add,
    "subtract": _subtract,
    "multiply": _multiply,
    "divide": _divide,
    "matmul": _matmul,
    "negative": lambda a: Bounded(-a.value, a.error),
    "absolute": lambda a: Bounded(np.abs(a.value), a.error),
    "square": lambda a: _multiply(a, a),
    "sqrt": _sqrt,
    "power": _power,
    "exp": _smooth(np.exp, lambda v, e: np.exp(v) * np.expm1(e)),
    "expm1": _smooth(np.expm1, lambda v, e: np.exp(v) * np.expm1(e)),
    "tanh": _smooth(np.tanh, lambda v, e: e),
    "log": _log,
    "log1p": lambda a: _log(rounded(1 + a.value, a.error)),
    "sign": _sign,
    "maximum": _pick(np.maximum),
    "minimum": _pick(np.minimum),
    **{
        f.__name__: _compare(f)
        for f in (np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal)
    },
}


def _where(condition: Any, a: Any, b: Any) -> Bounded:
    a, b = lift(a), lift(b)
    return Bounded(np.where(condition, a.value, b.value), np.where(condition, a.error, b.error))


def _joined(function: Any) -> Callable[..., Bounded]:
    def join(arrays: Any, axis: int = 0) -> Bounded:
        parts = [lift(array) for array in arrays]
        return Bounded(
            function([p.value for p in parts], axis=axis),
            function([p.error for p in parts], axis=axis),
        )

    return join


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "where": _where,
    "sum": lambda a, axis=None, keepdims=False: a.sum(axis, keepdims),
    "mean": lambda a, axis=None, keepdims=False: a.mean(axis, keepdims),
    "max": lambda a, axis=None, keepdims=False: a.max(axis, keepdims),
    "zeros_like": lambda a: Bounded(np.zeros(a.shape)),
    "ones_like": lambda a: Bounded(np.ones(a.shape)),
    "reshape": lambda a, shape: a.reshape(shape),
    "transpose": lambda a, axes=None: a.transpose(axes) if axes else a.T,
    "moveaxis": lambda a, source, to: Bounded(
        np.moveaxis(a.value, source, to), np.moveaxis(a.error, source, to)
    ),
    "broadcast_to": lambda a, shape: Bounded(
        np.broadcast_to(a.value, shape), np.broadcast_to(a.error, shape)
    ),
    "stack": _joined(np.stack),
    "concatenate": _joined(np.concatenate),
    "shape": operator.attrgetter("shape"),
    "ndim": operator.attrgetter("ndim"),
    "size": operator.attrgetter("size"),
    "clip": lambda a, low, high: np.minimum(np.maximum(a, low), high),
}
