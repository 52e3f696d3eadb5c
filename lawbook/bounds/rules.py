"""The rounding rules of NumPy's functions: two tables, by the function's name."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from lawbook.bounds.pairs import FUNCTIONS, UFUNCS, Bounded, lift, rounded


def _sqrt(a: Bounded) -> Bounded:
    root = np.sqrt(a.value)
    low, high = np.sqrt(np.maximum(a.value - a.error, 0.0)), np.sqrt(a.value + a.error)
    return rounded(root, np.maximum(root - low, high - root))


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


UFUNCS.update(
    add=operator.add,
    subtract=operator.sub,
    multiply=operator.mul,
    divide=operator.truediv,
    matmul=operator.matmul,
    power=operator.pow,
    negative=operator.neg,
    absolute=operator.abs,
    square=lambda a: a * a,
    sqrt=_sqrt,
    exp=_smooth(np.exp, lambda v, e: np.exp(v) * np.expm1(e)),
    expm1=_smooth(np.expm1, lambda v, e: np.exp(v) * np.expm1(e)),
    tanh=_smooth(np.tanh, lambda v, e: e),
    log=_log,
    log1p=lambda a: _log(rounded(1 + a.value, a.error)),
    sign=_sign,
    maximum=_pick(np.maximum),
    minimum=_pick(np.minimum),
    **{
        f.__name__: _compare(f)
        for f in (np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal)
    },
)


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


FUNCTIONS.update(
    where=_where,
    sum=lambda a, axis=None, keepdims=False: a.sum(axis, keepdims),
    mean=lambda a, axis=None, keepdims=False: a.mean(axis, keepdims),
    max=lambda a, axis=None, keepdims=False: a.max(axis, keepdims),
    zeros_like=lambda a: Bounded(np.zeros(a.shape)),
    ones_like=lambda a: Bounded(np.ones(a.shape)),
    reshape=lambda a, shape: a.reshape(shape),
    transpose=lambda a, axes=None: a.transpose(axes) if axes else a.T,
    moveaxis=lambda a, source, to: a.moved(lambda part: np.moveaxis(part, source, to)),
    broadcast_to=lambda a, shape: a.moved(lambda part: np.broadcast_to(part, shape)),
    stack=_joined(np.stack),
    concatenate=_joined(np.concatenate),
    shape=operator.attrgetter("shape"),
    ndim=operator.attrgetter("ndim"),
    size=operator.attrgetter("size"),
    clip=lambda a, low, high: np.minimum(np.maximum(a, low), high),
)
