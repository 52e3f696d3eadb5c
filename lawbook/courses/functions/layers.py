"""What the course has in `layers.py`: dropout, batch normalization, ReLU, losses."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..contract import Array
from .course import Bound


class Dropout(Bound):
    """`dropout_forward(x, dropout_param)` and `dropout_backward(dout, cache)`.

    p says what `dropout_param["p"]` means here: editions up to 2017 drop, later ones keep.
    """

    def __init__(self, *, keep: float, p: str = "keep") -> None:
        self.p = keep if p == "keep" else 1 - keep
        self.cache: Any = None

    def train(self, x: Array) -> Array:
        y, self.cache = self.course.dropout_forward(x, {"mode": "train", "p": self.p})
        return y

    def evaluate(self, x: Array) -> Array:
        return self.course.dropout_forward(x, {"mode": "test", "p": self.p})[0]

    def backward(self, dy: Array) -> Array:
        return self.course.dropout_backward(dy, self.cache)


class BatchNorm(Bound):
    """`batchnorm_forward(x, gamma, beta, bn_param)` and its backward; images: `spatial_batchnorm_*`.

    eps and decay are parameters of the course (`bn_param["eps"]`, `bn_param["momentum"]`).
    """

    backward_name = "batchnorm_backward"

    def __init__(self, *, gamma: Array, beta: Array, eps: float = 1e-5, decay: float = 0.9) -> None:
        self.gamma, self.beta = gamma, beta
        self.bn_param: dict[str, Any] = {"mode": "train", "eps": eps, "momentum": decay}
        self.cache: Any = None

    def train(self, x: Array) -> Array:
        y, self.cache = self._forward(x, "train")
        return y

    def evaluate(self, x: Array) -> Array:
        return self._forward(x, "test")[0]

    def backward(self, dy: Array) -> tuple[Array, Array, Array]:
        if dy.ndim == 4 and self._spatial():
            dx, dgamma, dbeta = self.course.spatial_batchnorm_backward(dy, self.cache)
        else:
            backward = getattr(self.course, self.backward_name)
            dx, dgamma, dbeta = backward(_rows(dy), self.cache)
            dx = _as_images(dx, dy.shape)
        return dx, self._flat(dgamma), self._flat(dbeta)

    def _forward(self, x: Array, mode: str) -> tuple[Array, Any]:
        self.bn_param["mode"] = mode
        if x.ndim == 4 and self._spatial():
            y, cache = self.course.spatial_batchnorm_forward(
                x, self.gamma, self.beta, self.bn_param
            )
            return y, cache
        y, cache = self.course.batchnorm_forward(_rows(x), self.gamma, self.beta, self.bn_param)
        return _as_images(y, x.shape), cache

    def _spatial(self) -> bool:
        return self.course.has("spatial_batchnorm_forward")

    def _flat(self, value: Any) -> Array:
        """A gradient of shape (C,), (1, C) or (1, C, 1, 1) as (C,); anything else as it is."""
        fits = isinstance(value, np.ndarray) and value.size == self.gamma.size
        return value.reshape(-1) if fits else value


class BatchNormAlt(BatchNorm):
    """The same with `batchnorm_backward_alt`, which is for vectors: images go as rows of pixels."""

    backward_name = "batchnorm_backward_alt"

    def _spatial(self) -> bool:
        return False


def _rows(x: Array) -> Array:
    """(N, C, H, W) as (N*H*W, C); anything else as it is."""
    return x.transpose(0, 2, 3, 1).reshape(-1, x.shape[1]) if x.ndim == 4 else x


def _as_images(y: Any, shape: tuple[int, ...]) -> Any:
    """The inverse of `_rows`."""
    if len(shape) != 4 or not isinstance(y, np.ndarray):
        return y
    n, c, h, w = shape
    return y.reshape(n, h, w, c).transpose(0, 3, 1, 2)


class Relu(Bound):
    """`relu_forward(x)` and `relu_backward(dout, cache)`."""

    def __init__(self) -> None:
        self.cache: Any = None

    def forward(self, x: Array) -> Array:
        y, self.cache = self.course.relu_forward(x)
        return y

    def backward(self, dy: Array) -> Array:
        return self.course.relu_backward(dy, self.cache)


class Loss(Bound):
    """`softmax_loss(x, y)` or `svm_loss(x, y)`: the mean loss and its gradient from one call."""

    function = ""

    def value(self, z: Array, labels: Array) -> Any:
        return getattr(self.course, self.function)(z, labels)[0]

    def gradient(self, z: Array, labels: Array) -> Array:
        return getattr(self.course, self.function)(z, labels)[1]


class Softmax(Loss):
    """`softmax_loss(x, y)`."""

    function = "softmax_loss"


class Hinge(Loss):
    """`svm_loss(x, y)`."""

    function = "svm_loss"
