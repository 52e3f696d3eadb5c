"""Layers of the editions without automatic differentiation (up to 2020, from 2022 on)."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..contract import Array
from ..reading import parameters
from .course import Bound

GAMMA, BETA = ("BW", "gamma"), ("Bb", "beta")
DGAMMA, DBETA = ("dLdBW", "dgamma"), ("dLdBb", "dbeta")


class BatchNorm(Bound):
    """`BatchNorm1d(num_features, alpha)`, up to 2020 `BatchNorm(in_feature, alpha)`.

    `forward(Z, eval)`; the gradients of BW and Bb (gamma and beta) are attributes after `backward`.
    alpha is the weight of the old running value.  Images go to `BatchNorm2d` (`images`) where there is
    one; a submission that has one of the two classes only is given everything in its form.
    """

    images: Any = None

    def __init__(self, *, gamma: Array, beta: Array, decay: float = 0.9) -> None:
        self.gamma, self.beta, self.decay = gamma, beta, decay
        self.layer: Any = None
        self.spatial = False

    def train(self, x: Array) -> Array:
        return self._forward(x, False)

    def evaluate(self, x: Array) -> Array:
        return self._forward(x, True)

    def backward(self, dy: Array) -> tuple[Array, Array, Array]:
        dx = self._back(self.layer.backward(self._given(dy)), dy.shape)
        return dx, self._flat(_read(self.layer, DGAMMA)), self._flat(_read(self.layer, DBETA))

    def _forward(self, x: Array, testing: bool) -> Array:
        if self.layer is None:
            self.spatial = self.images is not None and (x.ndim == 4 or self.theirs is None)
            self.layer = (self.images if self.spatial else self.theirs)(self.gamma.size, self.decay)
            _write(self.layer, GAMMA, self.gamma)
            _write(self.layer, BETA, self.beta)
        given = self._given(x)
        y = self.layer.forward(given, True) if testing else self.layer.forward(given)
        return self._back(y, x.shape)

    def _given(self, x: Array) -> Array:
        """The input in the form of the layer: images of one pixel for rows, rows of pixels for images."""
        if self.spatial:
            return x[:, :, None, None] if x.ndim == 2 else x
        return x.transpose(0, 2, 3, 1).reshape(-1, x.shape[1]) if x.ndim == 4 else x

    def _back(self, y: Any, shape: tuple[int, ...]) -> Any:
        """The inverse of `_given`; what has not the size of the input stays as it is."""
        if not isinstance(y, np.ndarray) or y.size != np.prod(shape):
            return y
        if self.spatial and y.ndim == 4:
            return y.reshape(shape)
        if len(shape) == 4 and y.ndim == 2:
            n, c, h, w = shape
            return y.reshape(n, h, w, c).transpose(0, 3, 1, 2)
        return y

    def _flat(self, value: Any) -> Any:
        """A gradient of shape (C,), (1, C) or (1, C, 1, 1) as (C,); anything else as it is."""
        fits = isinstance(value, np.ndarray) and value.size == self.gamma.size
        return value.reshape(-1) if fits else value


def _read(layer: Any, names: tuple[str, ...]) -> Any:
    """The attribute under the first of these names that the layer has."""
    found = next((name for name in names if hasattr(layer, name)), None)
    if found is None:
        raise LookupError(f"{type(layer).__name__} has no attribute {names[0]}")
    return getattr(layer, found)


def _write(layer: Any, names: tuple[str, ...], values: Array) -> None:
    """Set a parameter, in the shape that the layer gave it."""
    before = _read(layer, names)
    shape = np.shape(before) if np.size(before) == values.size else (1, values.size)
    name = next(name for name in names if hasattr(layer, name))
    setattr(layer, name, np.array(values, float).reshape(shape))


class Dropout(Bound):
    """`Dropout(p)`; `forward(x, train)`, in some editions `forward(x, eval)`.

    p says what the argument is: up to 2020 the probability to keep, later the one to drop.
    """

    def __init__(self, *, keep: float, p: str = "drop") -> None:
        self.layer = self.theirs(keep if p == "keep" else 1 - keep)

    def train(self, x: Array) -> Array:
        return self.layer.forward(x)

    def evaluate(self, x: Array) -> Array:
        names = [parameter.name for parameter in parameters(self.layer.forward)]
        return self.layer.forward(x, "eval" in names)  # else it is `train`

    def backward(self, dy: Array) -> Array:
        return self.layer.backward(dy)


class Dropout2d(Dropout):
    """`Dropout2d(p)` as dropout: every unit is a channel of 2 x 2 equal pixels, which fall together."""

    def train(self, x: Array) -> Array:
        return _units(super().train(_channels(x)), x.shape)

    def evaluate(self, x: Array) -> Array:
        return _units(super().evaluate(_channels(x)), x.shape)

    def backward(self, dy: Array) -> Array:
        return _units(super().backward(_channels(dy)), dy.shape)


def _channels(x: Array) -> Array:
    """Every entry as a channel of 2 x 2 pixels: (N, C, 2, 2)."""
    rows = x.reshape(len(x), -1)
    return np.repeat(rows, 4, axis=1).reshape(*rows.shape, 2, 2)


def _units(y: Any, shape: tuple[int, ...]) -> Any:
    """The inverse of `_channels`; LookupError where pixels of one channel differ."""
    if not isinstance(y, np.ndarray) or y.size != 4 * np.prod(shape):
        return y
    pixels = y.reshape(-1, 4)
    if not np.array_equal(pixels, np.repeat(pixels[:, :1], 4, axis=1), equal_nan=True):
        raise LookupError("Dropout2d drops some pixels of a channel and keeps others")
    return pixels[:, 0].reshape(shape)


class Activation(Bound):
    """`Sigmoid`, `Tanh`, `ReLU`: `backward(dLdA)`, in older editions `backward()` or `derivative()`,
    which give dA/dZ."""

    def __init__(self) -> None:
        self.layer = self.theirs()

    def forward(self, x: Array) -> Array:
        return self.layer.forward(x)

    def backward(self, dy: Array) -> Array:
        derivative = getattr(self.layer, "derivative", None)
        if derivative is not None:
            return dy * derivative()
        due = [one for one in parameters(self.layer.backward) if one.default is one.empty]
        return self.layer.backward(dy) if due else dy * self.layer.backward()
