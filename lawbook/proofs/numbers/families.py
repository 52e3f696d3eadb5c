"""Arrays with one axis of symbolic length: unmodified NumPy code runs on them once, for every length.

The formal axis holds its generic entry only; the other axes have fixed sizes.  A sum over the formal axis
is closed by its `Axis`, a maximum over it is a free symbol (a stabilizing shift, on which no result depends).
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from lawbook.proofs.numbers.axes import Axis, Expr
from lawbook.proofs.numbers.symbols import Formal, SymArray, choose, number, operation


class Family(NDArrayOperatorsMixin, Formal):
    """Expressions in the entries of an axis; `at` is the position of the formal axis, of length axis.N.

    bodies: the expressions, an array of length 1 along the formal axis.
    """

    _op_priority = 1001.0  # SymPy leaves symbol * family to the family
    __array_priority__ = 1001.0

    def __init__(self, bodies: Any, axis: Axis, at: int = 0) -> None:
        self.bodies, self.axis = SymArray(bodies), axis
        self.at = range(self.bodies.ndim)[at]
        if self.bodies.shape[self.at] != 1:
            raise ValueError(f"axis {at} of shape {self.bodies.shape} is no formal axis")

    @classmethod
    def of(
        cls, name: str, axis: Axis, shape: tuple[int, ...] = (1,), at: int = 0, **known: bool
    ) -> Family:
        """A batch of the given name: fixed sizes in `shape`, 1 at the formal axis."""
        made = np.empty(shape, dtype=object)
        for index in np.ndindex(*shape):
            rest = "".join(f"_{i + 1}" for k, i in enumerate(index) if k != at and shape[k] > 1)
            made[index] = axis.entry(name + rest, **known)
        return cls(made, axis, at)

    @property
    def body(self) -> Expr:
        """The one expression of an array whose other axes have length 1."""
        return self.bodies.item()

    @property
    def shape(self) -> tuple[Any, ...]:
        """The lengths of all axes, the formal one's symbolic."""
        sizes = list(self.bodies.shape)
        return (*sizes[: self.at], self.axis.N, *sizes[self.at + 1 :])

    ndim = property(lambda self: self.bodies.ndim)
    size = property(lambda self: self.bodies.size * self.axis.N)
    T = property(lambda self: self.moved(np.transpose))
    dtype = property(lambda self: np.dtype(object))

    def __len__(self) -> int:
        if self.at:
            return len(self.bodies)
        raise TypeError(f"the length is the symbol {self.axis.N}: use shape[0] instead of len()")

    def __iter__(self) -> Any:
        raise TypeError("entries of a formal axis cannot be listed")

    def __bool__(self) -> bool:
        raise TypeError("an array with a formal axis has no truth value")

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise TypeError("an array with a formal axis is no array of numbers")

    def __repr__(self) -> str:
        return f"Family({self.bodies.tolist()}, axis {self.at} of length {self.axis.N})"

    def moved(self, move: Callable[[Any], Any]) -> Family:
        """The same entries after `move`, which permutes axes or adds and removes ones of length 1."""
        gap = math.prod(self.bodies.shape[self.at + 1 :])
        marks = np.arange(2 * self.bodies.size).reshape(_with(self.bodies.shape, self.at, 2))
        moved = move(marks)
        for at in range(moved.ndim):
            if moved.shape[at] == 2 and np.all(moved.take(1, at) - moved.take(0, at) == gap):
                one = moved.take([0], at)  # where the entries of a single copy went
                places = one - (one // (2 * gap)) * gap
                return Family(self.bodies.reshape(-1)[places], self.axis, at)
        raise TypeError("the formal axis does not stay one")

    def reduced(self, axis: Any, keepdims: bool, join: Callable[..., Any], close: Any) -> Any:
        """A reduction: `join` over the fixed axes, `close` of each element over the formal one."""
        axes = range(self.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
        axes = tuple(range(self.ndim)[a] for a in axes)
        found = join(self.bodies, tuple(a for a in axes if a != self.at))
        if self.at in axes:
            found = SymArray(np.frompyfunc(close, 1, 1)(np.asarray(found)))
        gone = () if keepdims else axes
        found = SymArray(
            np.asarray(found).reshape([n for i, n in enumerate(found.shape) if i not in gone])
        )
        if self.at in axes:
            return found
        return Family(found, self.axis, self.at - sum(a < self.at for a in gone))

    def sum(self, axis: Any = None, keepdims: bool = False) -> Any:
        return self.reduced(axis, keepdims, _joined(np.add), lambda b: self.axis.close(number(b)))

    def mean(self, axis: Any = None, keepdims: bool = False) -> Any:
        axes = range(self.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
        return self.sum(axis, keepdims) / math.prod(self.shape[a] for a in axes)

    def var(self, axis: Any = None, keepdims: bool = False) -> Any:
        return np.square(self - self.mean(axis, True)).mean(axis, keepdims)

    def max(self, axis: Any = None, keepdims: bool = False) -> Any:
        return self.reduced(axis, keepdims, _joined(np.maximum), lambda _: self.axis.shift())

    def reshape(self, *shape: Any) -> Family:
        """Another shape in which the formal axis is the same; -1 as in NumPy."""
        wanted = shape[0] if len(shape) == 1 and isinstance(shape[0], tuple | list) else shape
        fixed = [n for n in wanted if n != self.axis.N and n != -1]
        if self.axis.N in wanted:
            free = self.bodies.size // max(math.prod(fixed), 1)
            place, sizes = list(wanted).index(self.axis.N), [free if n == -1 else n for n in wanted]
        else:
            if -1 not in wanted or math.prod(fixed) != self.bodies.size:
                raise TypeError(f"shape {self.shape} cannot become {tuple(wanted)}")
            place = list(wanted).index(-1)
            sizes = list(wanted)
        sizes[place] = 1
        before = [n for n in self.bodies.shape[: self.at] if n != 1]
        if [n for n in sizes[:place] if n != 1] != before:
            raise TypeError(f"the formal axis of {self.shape} does not stay one in {tuple(wanted)}")
        return Family(self.bodies.reshape(sizes), self.axis, place)

    def transpose(self, *axes: Any) -> Family:
        return self.moved(lambda a: a.transpose(*axes))

    def copy(self) -> Family:
        return self

    def astype(self, dtype: Any) -> Family:
        return Family(self.bodies.astype(dtype), self.axis, self.at)

    def __getitem__(self, index: Any) -> Family:
        """Fixed axes are indexed as in NumPy; the formal one can only be taken whole."""
        return self.moved(lambda a: a[index])

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method == "reduce" and ufunc in (np.add, np.maximum):
            join = self.sum if ufunc is np.add else self.max
            return join(kwargs.get("axis", 0), kwargs.get("keepdims", False))
        if method != "__call__":
            raise TypeError(
                f"there is no rule for numpy.{ufunc.__name__}.{method} on a formal axis"
            )
        if ufunc is np.matmul:
            return _product(self.axis, *inputs)
        return elementwise(operation(ufunc.__name__), *inputs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        rule = FUNCTIONS.get(function)
        if rule is None:
            raise TypeError(f"there is no rule for numpy.{function.__name__} on a formal axis")
        return rule(*args, **kwargs)


def elementwise(rule: Callable[..., Expr], *inputs: Any) -> Family:
    """The rule applied to every entry, after broadcasting; two different formal axes are refused."""
    families = [v for v in inputs if isinstance(v, Family)]
    places = {f.at - f.ndim for f in families}
    if len(places) > 1 or any(f.axis is not families[0].axis for f in families):
        raise TypeError("two formal axes at once: " + ", ".join(str(f.shape) for f in families))
    place = places.pop()
    arrays = [np.asarray(v.bodies if isinstance(v, Family) else SymArray(v)) for v in inputs]
    if any(a.ndim >= -place and a.shape[place] != 1 for a in arrays):
        raise TypeError("an array of fixed length meets the formal axis")
    found = np.frompyfunc(rule, len(arrays), 1)(*arrays)
    return Family(found.view(SymArray), families[0].axis, place)


def _product(axis: Axis, a: Any, b: Any) -> Any:
    """a @ b of two matrices (or vectors) of which at least one has the formal axis."""
    left, right = np.ndim(a) - 1, max(np.ndim(b) - 2, 0)
    over = [isinstance(v, Family) and v.at == at for v, at in ((a, left), (b, right))]
    bodies = [np.asarray(v.bodies if isinstance(v, Family) else SymArray(v)) for v in (a, b)]
    found = SymArray(np.matmul(*(np.frompyfunc(number, 1, 1)(v) for v in bodies)))
    if all(over):
        return SymArray(np.frompyfunc(axis.close, 1, 1)(np.asarray(found)))
    formal = [isinstance(v, Family) for v in (a, b)]
    if any(over) or all(formal):
        raise TypeError("the formal axis meets an axis of fixed length in a product of matrices")
    return Family(found, axis, a.at if formal[0] else b.at - b.ndim)


def _joined(ufunc: np.ufunc) -> Callable[[Any, tuple[int, ...]], Any]:
    return lambda bodies, axes: ufunc.reduce(bodies, axis=axes, keepdims=True) if axes else bodies


def _with(shape: tuple[int, ...], at: int, size: int) -> tuple[int, ...]:
    return (*shape[:at], size, *shape[at + 1 :])


def _like(value: int) -> Callable[[Any], Family]:
    return lambda a: Family(np.full(a.bodies.shape, value), a.axis, a.at)


FUNCTIONS: dict[Any, Callable[..., Any]] = {
    np.where: lambda c, a, b: elementwise(lambda c, a, b: choose(c, number(a), number(b)), c, a, b),
    np.sum: lambda a, axis=None, keepdims=False: a.sum(axis, keepdims),
    np.mean: lambda a, axis=None, keepdims=False: a.mean(axis, keepdims),
    np.var: lambda a, axis=None, keepdims=False: a.var(axis, keepdims),
    np.max: lambda a, axis=None, keepdims=False: a.max(axis, keepdims),
    np.zeros_like: _like(0),
    np.ones_like: _like(1),
    np.reshape: lambda a, shape: a.reshape(shape),
    np.transpose: lambda a, axes=None: a.moved(lambda b: np.transpose(b, axes)),
    np.moveaxis: lambda a, source, to: a.moved(lambda b: np.moveaxis(b, source, to)),
    np.expand_dims: lambda a, axis: a.moved(lambda b: np.expand_dims(b, axis)),
    np.shape: operator.attrgetter("shape"),
    np.ndim: operator.attrgetter("ndim"),
    np.size: operator.attrgetter("size"),
}
