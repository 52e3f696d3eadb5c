"""The optimizers: of a model (up to 2020, from 2022 on) or of a list of tensors (2021)."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..contract import Array
from .course import Bound
from .standins import Layer, Model, in_double


class Optimizer(Bound):
    """An optimizer of one layer: the first half of the entries are its W, the others its b.

    It is made at the first step, when their number is known.
    """

    arguments: dict[str, Any]
    learning_rate: float
    optimizer: Any = None

    def step(self, w: Any, g: Any) -> Any:
        weights, gradient = np.asarray(w, float), np.asarray(g, float)
        if self.optimizer is None:
            self._make(*_halves(weights))
        self._give(_halves(weights), _halves(gradient))
        self.optimizer.step()
        return np.concatenate([np.ravel(part) for part in self._taken()])[: weights.size].reshape(
            weights.shape
        )

    def _make(self, weights: Array, bias: Array) -> None:
        self.layer = Layer(weights, bias)
        model = Model(self.layer, self.learning_rate)
        self.optimizer = in_double(self.theirs(model, **self._named()))

    def _named(self) -> dict[str, Any]:
        """The arguments beside the model; up to 2020 the rate is the model's."""
        rate = {} if self.course.edition == 2020 else {"lr": self.learning_rate}
        return {**rate, **self.arguments}

    def _give(self, parameters: tuple[Array, Array], gradients: tuple[Array, Array]) -> None:
        self.layer.W, self.layer.b = parameters
        self.layer.give(*gradients)

    def _taken(self) -> tuple[Array, Array]:
        return self.layer.W, self.layer.b


def _halves(values: Array) -> tuple[Array, Array]:
    """The entries as two columns (K, 1), the second of zeros where there is one entry only."""
    flat = values.reshape(-1, 1)
    half = (len(flat) + 1) // 2
    first, second = flat[:half].copy(), flat[half:].copy()
    return first, second if len(second) else np.zeros((1, 1))


class OfTensors(Optimizer):
    """The optimizers of 2021: `theirs(params, lr, ...)` of the student's own tensors."""

    def _make(self, weights: Array, bias: Array) -> None:
        self.tensor = self.course.module("tensor.py").Tensor
        self.parameters = [
            self.tensor(part, requires_grad=True, is_parameter=True) for part in (weights, bias)
        ]
        self.optimizer = in_double(self.theirs(self.parameters, **self._named()))

    def _give(self, parameters: tuple[Array, Array], gradients: tuple[Array, Array]) -> None:
        for tensor, value, gradient in zip(self.parameters, parameters, gradients, strict=True):
            tensor.data, tensor.grad = value, self.tensor(gradient)

    def _taken(self) -> tuple[Array, Array]:
        first, second = self.parameters
        return first.data, second.data


class Sgd(Optimizer):
    """`SGD(model, lr)`."""

    def __init__(self, *, learning_rate: float) -> None:
        self.learning_rate, self.arguments = learning_rate, {}


class Momentum(Optimizer):
    """`SGD(model, lr, momentum)`."""

    def __init__(self, *, learning_rate: float, momentum: float) -> None:
        self.learning_rate, self.arguments = learning_rate, {"momentum": momentum}


class Adam(Optimizer):
    """`Adam(model, lr, beta1, beta2, eps)`, up to 2020 `adam(model, beta1, beta2, eps)`."""

    def __init__(self, *, learning_rate: float, beta1: float, beta2: float, eps: float) -> None:
        self.learning_rate = learning_rate
        self.arguments = {"beta1": beta1, "beta2": beta2, "eps": eps}


class AdamW(Optimizer):
    """`AdamW(model, lr, beta1, beta2, eps, weight_decay)`."""

    def __init__(
        self,
        *,
        learning_rate: float,
        beta1: float,
        beta2: float,
        eps: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        self.learning_rate = learning_rate
        self.arguments = {"beta1": beta1, "beta2": beta2, "eps": eps, "weight_decay": weight_decay}


class SgdOfTensors(OfTensors, Sgd):
    """`SGD(params, lr)`."""


class MomentumOfTensors(OfTensors, Momentum):
    """`SGD(params, lr, momentum)`."""


class AdamOfTensors(OfTensors, Adam):
    """`Adam(params, lr, betas, eps)`."""

    def _named(self) -> dict[str, Any]:
        betas = (self.arguments["beta1"], self.arguments["beta2"])
        return {"lr": self.learning_rate, "betas": betas, "eps": self.arguments["eps"]}
