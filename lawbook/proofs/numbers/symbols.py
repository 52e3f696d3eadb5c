"""Arrays of SymPy expressions that run unmodified NumPy code: sums, roots, comparisons, `where`.

`symbols("x", 3, 2)` is an array of six real symbols.  What a reference returns for it is the exact expression
it computes; a comparison becomes a condition, `where` and `maximum` become cases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import numpy as np
import sympy as sp
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanAtom, BooleanFunction

from lawbook.proofs.numbers.literals import exact_fraction

SHIFT = "shift["  # the names of arbitrary numbers that stand for a maximum begin so
Expr: TypeAlias = Any  # SymPy has no types

_UNBOUNDED = tuple(type(v) for v in (sp.oo, -sp.oo, sp.nan))
CONDITION = (Relational, BooleanAtom, BooleanFunction)  # a bare symbol is a number here
_shifts: list[Expr] | None = None


def exact(value: Any) -> Expr:
    """A number as an exact SymPy number; expressions as they are.

    Raises RoundedLiteral for a float that is not a small dyadic rational, also inside an expression.
    """
    if isinstance(value, sp.Basic):
        rounded = value.atoms(sp.Float, *_UNBOUNDED)
        return value.xreplace({f: exact(float(f)) for f in rounded}) if rounded else value
    if isinstance(value, bool | np.bool_):
        return sp.true if value else sp.false
    if isinstance(value, np.ndarray) and value.shape == ():
        return exact(value[()])
    fraction = exact_fraction(value)
    return sp.Rational(fraction.numerator, fraction.denominator)


def number(value: Expr) -> Expr:
    """A condition in arithmetic counts 1 where it holds, else 0, as in NumPy."""
    return choose(value, sp.S.One, sp.S.Zero) if isinstance(value, CONDITION) else value


def choose(condition: Expr, a: Expr, b: Expr) -> Expr:
    """a where the condition holds, else b; a number counts as a condition where it is not 0."""
    if not isinstance(condition, CONDITION):
        condition = sp.Ne(condition, 0)
    if condition == True or a == b:  # noqa: E712 - SymPy's own truth
        return a
    if condition == False:  # noqa: E712
        return b
    return sp.Piecewise((a, condition), (b, True))


ARITHMETIC: dict[str, Callable[..., Expr]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "power": lambda a, b: a**b,
    "negative": lambda a: -a,
    "positive": lambda a: a,
    "conjugate": lambda a: a,
    "reciprocal": lambda a: 1 / a,
    "square": lambda a: a**2,
    "sqrt": sp.sqrt,
    "exp": sp.exp,
    "expm1": lambda a: sp.exp(a) - 1,
    "log": sp.log,
    "log1p": lambda a: sp.log(1 + a),
    "tanh": sp.tanh,
    "cosh": sp.cosh,
    "sinh": sp.sinh,
    "absolute": sp.Abs,
    "sign": sp.sign,
    "maximum": sp.Max,
    "minimum": sp.Min,
    "fmax": sp.Max,
    "fmin": sp.Min,
    "clip": lambda a, low, high: sp.Max(low, sp.Min(a, high)),
}
COMPARISONS: dict[str, Callable[..., Expr]] = {
    "greater": sp.Gt,
    "greater_equal": sp.Ge,
    "less": sp.Lt,
    "less_equal": sp.Le,
    "equal": lambda a, b: sp.true if a == b else sp.Eq(a, b),
    "not_equal": lambda a, b: sp.false if a == b else sp.Ne(a, b),
    "logical_and": sp.And,
    "logical_or": sp.Or,
    "logical_not": sp.Not,
    "bitwise_and": sp.And,
    "bitwise_or": sp.Or,
    "invert": sp.Not,
}


def operation(name: str) -> Callable[..., Expr]:
    """The rule for one element of NumPy's function of this name; TypeError where there is none."""
    if name in COMPARISONS:
        return COMPARISONS[name]
    if name not in ARITHMETIC:
        raise TypeError(f"there is no symbolic rule for numpy.{name}")
    rule = ARITHMETIC[name]
    return lambda *values: rule(*map(number, values))


class Formal:
    """The base of arrays with a formal axis: they know more than arrays of fixed size, so they decide."""


class SymArray(np.ndarray[Any, Any]):
    """An array of SymPy expressions; every number that enters it is made exact."""

    _op_priority = 1000.0  # SymPy leaves symbol * array to the array

    def __new__(cls, values: Any) -> SymArray:
        """The array of these expressions; RoundedLiteral where a float is not exact."""
        if isinstance(values, SymArray):
            return values
        if isinstance(values, sp.Basic):
            made = np.empty((), dtype=object)
            made[()] = exact(values)
            return made.view(cls)
        given = np.asarray(values, dtype=object)
        made = np.empty(given.shape, dtype=object)
        for at in np.ndindex(given.shape):
            made[at] = exact(given[at])
        return made.view(cls)

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: Any, out: Any = None, **kwargs: Any
    ) -> Any:
        if any(isinstance(v, Formal) for v in inputs):
            return NotImplemented
        arrays = [np.asarray(SymArray(v)) for v in inputs]
        if method == "reduce":
            found = _reduced(ufunc, arrays[0], kwargs)
        elif method == "__call__" and ufunc is not np.matmul:
            found = np.frompyfunc(operation(ufunc.__name__), len(arrays), 1)(*arrays)
        elif ufunc is np.matmul:
            found = np.matmul(*(np.frompyfunc(number, 1, 1)(a) for a in arrays))
        else:
            raise TypeError(f"there is no symbolic rule for numpy.{ufunc.__name__}.{method}")
        if out:
            out[0][...] = found
            return out[0]
        return _finished(found)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if any(issubclass(t, Formal) for t in types):
            return NotImplemented
        if function is np.where and len(args) == 3:
            parts = np.broadcast_arrays(*(np.asarray(SymArray(v)) for v in args))
            found = np.frompyfunc(lambda c, a, b: choose(c, number(a), number(b)), 3, 1)(*parts)
            return SymArray(found)
        if function in (np.zeros_like, np.ones_like, np.full_like):
            value = {np.zeros_like: 0, np.ones_like: 1}.get(function)
            return SymArray(np.full(np.shape(args[0]), args[1] if value is None else value))
        return super().__array_function__(function, types, args, kwargs)

    def astype(self, dtype: Any, *args: Any, **kwargs: Any) -> Any:
        """Conditions become 1 and 0; expressions stay what they are, in every dtype."""
        if dtype in (bool, object):
            return self
        return SymArray(np.frompyfunc(number, 1, 1)(np.asarray(self)))


def _reduced(ufunc: np.ufunc, array: Any, kwargs: dict[str, Any]) -> Any:
    given = {k: v for k, v in kwargs.items() if k in ("axis", "keepdims")}
    if ufunc in (np.maximum, np.minimum):
        if _shifts is not None and ufunc is np.maximum:
            shape = np.empty(array.shape).max(**given).shape
            made = symbols(f"{SHIFT}{len(_shifts) + 1}]", *shape)
            _shifts.extend(made.flat)
            return made
        return np.frompyfunc(ARITHMETIC[ufunc.__name__], 2, 1).reduce(array, **given)
    if ufunc in (np.add, np.multiply):
        return ufunc.reduce(np.frompyfunc(number, 1, 1)(array), **given)
    if ufunc in (np.logical_and, np.logical_or):
        return np.frompyfunc(COMPARISONS[ufunc.__name__], 2, 1).reduce(array, **given)
    raise TypeError(f"there is no symbolic rule for numpy.{ufunc.__name__}.reduce")


def _finished(found: Any) -> Any:
    """Decided conditions are plain booleans, which NumPy can index with; all else stays symbolic."""
    array = found if isinstance(found, np.ndarray) else SymArray(found)
    if array.size and all(v is sp.true or v is sp.false for v in array.flat):
        return np.array([v is sp.true for v in array.flat]).reshape(array.shape)
    return array.view(SymArray)


@contextmanager
def maxima_as_shifts() -> Iterator[list[Expr]]:
    """Maxima over an axis are free symbols, collected here: a stabilizing shift may be any number."""
    global _shifts
    before, _shifts = _shifts, []
    try:
        yield _shifts
    finally:
        _shifts = before


def symbols(name: str, *shape: int, **assumptions: bool) -> Any:
    """An array of symbols name_1, name_2, .. (name_1_1, .. for a matrix), real unless said otherwise.

    assumptions: SymPy's, such as positive=True.  Shape () gives one symbol in an array of rank 0.
    """
    made = np.empty(shape, dtype=object)
    for at in np.ndindex(*shape):
        text = name + "".join(f"_{i + 1}" for i in at)
        made[at] = sp.Symbol(text, **(assumptions or {"real": True}))
    return made.view(SymArray)
