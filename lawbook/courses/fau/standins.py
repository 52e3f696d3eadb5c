"""What the adapter brings where the course has its own: data, a loss, an initializer, plain optimizers."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..contract import Array


class Fill:
    """An initializer with the interface of the course."""

    def __init__(self, value: float) -> None:
        self.value = value

    def initialize(self, weights_shape: Any, fan_in: Any = None, fan_out: Any = None) -> Array:
        return np.full(weights_shape, self.value)


class PlainOptimizer:
    """Stands in where a submission has no such optimizer; pure, in the course's interface."""

    def __init__(self, kind: str, learning_rate: float) -> None:
        self.kind, self.learning_rate, self.regularizer = kind, learning_rate, None
        self.v: Any = 0.0
        self.r: Any = 0.0
        self.k = 0

    def add_regularizer(self, regularizer: Any) -> None:
        self.regularizer = regularizer

    def calculate_update(self, *arguments: Any) -> Any:
        w, g = arguments[-2:]
        self.k += 1
        if self.kind == "momentum":
            self.v = 0.9 * self.v - self.learning_rate * g
            return w + self.v
        if self.kind == "adam":
            self.v = 0.9 * self.v + (1 - 0.9) * g
            self.r = 0.999 * self.r + (1 - 0.999) * g * g
            v, r = self.v / (1 - 0.9**self.k), self.r / (1 - 0.999**self.k)
            return w - self.learning_rate * v / (np.sqrt(r) + np.finfo(float).eps)
        return w - self.learning_rate * g


class Data:
    """A data layer that gives one batch for ever."""

    def __init__(self, x: Array, t: Array) -> None:
        self.x, self.t = x, t

    def next(self) -> tuple[Array, Array]:
        return self.x.copy(), self.t.copy()

    def forward(self) -> tuple[Array, Array]:
        return self.next()


class SquaredError:
    """A loss layer: the mean over samples of sum (y - t)^2, integer labels t as unit vectors."""

    def forward(self, y: Array, t: Array) -> float:
        self.difference = y - (np.eye(y.shape[1])[t] if t.ndim == 1 else t)
        return float(np.sum(self.difference**2)) / len(y)

    def backward(self, t: Array) -> Array:
        return 2 * self.difference / len(t)

    def predict(self, y: Array) -> Array:
        return y
