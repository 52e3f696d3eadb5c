"""Layers of the edition of 2021, on the student's own tensors and automatic differentiation."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..contract import Array
from .course import Bound


class OnTensors(Bound):
    """A layer called with a `mytorch.tensor.Tensor`, whose gradient the engine leaves in `.grad`."""

    layer: Any
    x: Any
    y: Any

    def _forward(self, x: Array, training: bool) -> Array:
        self.layer.train() if training else self.layer.eval()
        given = self.course.module("tensor.py").Tensor(x, requires_grad=True)
        y = self.layer(given)
        if training:
            self.x, self.y = given, y
        return y.data

    def _backward(self, dy: Array) -> Array:
        """dL/dx of the latest training call; gradients of before are forgotten, as `zero_grad` does."""
        for tensor in (self.x, *self.layer.parameters()):
            tensor.grad = None
        tensors, engine = (
            self.course.module(f"{name}.py") for name in ("tensor", "autograd_engine")
        )
        engine.backward(self.y.grad_fn, tensors.Tensor(dy))
        return self.x.grad.data


class BatchNorm(OnTensors):
    """`BatchNorm1d(num_features, eps, momentum)`; momentum is the weight of the new value.

    It is for vectors: images go as rows of pixels.
    """

    def __init__(self, *, gamma: Array, beta: Array, eps: float = 1e-5, decay: float = 0.9) -> None:
        self.size = gamma.size
        self.layer = self.theirs(gamma.size, eps, 1 - decay)
        self.layer.gamma.data = np.array(gamma, float)
        self.layer.beta.data = np.array(beta, float)

    def train(self, x: Array) -> Array:
        return _as_images(self._forward(_rows(x), True), x.shape)

    def evaluate(self, x: Array) -> Array:
        return _as_images(self._forward(_rows(x), False), x.shape)

    def backward(self, dy: Array) -> tuple[Array, Array, Array]:
        dx = _as_images(self._backward(_rows(dy)), dy.shape)
        return dx, self.layer.gamma.grad.data, self.layer.beta.grad.data


def _rows(x: Array) -> Array:
    """(N, C, H, W) as (N*H*W, C); anything else as it is."""
    return x.transpose(0, 2, 3, 1).reshape(-1, x.shape[1]) if x.ndim == 4 else x


def _as_images(y: Any, shape: tuple[int, ...]) -> Any:
    """The inverse of `_rows`."""
    if len(shape) != 4 or not isinstance(y, np.ndarray) or y.ndim != 2:
        return y
    n, c, h, w = shape
    return y.reshape(n, h, w, c).transpose(0, 3, 1, 2)


class Dropout(OnTensors):
    """`Dropout(p)`, p the probability to drop."""

    def __init__(self, *, keep: float, p: str = "drop") -> None:
        self.layer = self.theirs(keep if p == "keep" else 1 - keep)

    def train(self, x: Array) -> Array:
        return self._forward(x, True)

    def evaluate(self, x: Array) -> Array:
        return self._forward(x, False)

    def backward(self, dy: Array) -> Array:
        return self._backward(dy)


class Activation(OnTensors):
    """`Sigmoid`, `Tanh`, `ReLU`."""

    def __init__(self) -> None:
        self.layer = self.theirs()

    def forward(self, x: Array) -> Array:
        return self._forward(x, True)

    def backward(self, dy: Array) -> Array:
        return self._backward(dy)
