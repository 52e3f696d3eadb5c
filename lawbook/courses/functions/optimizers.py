"""What the course has in `optim.py`: the update rules."""

from __future__ import annotations

from typing import Any

from .course import Bound


class Optimizer(Bound):
    """An update rule `f(w, dw, config)`; an instance's config starts with hyperparameters alone."""

    function = ""
    config: dict[str, Any]

    def step(self, w: Any, g: Any) -> Any:
        w, self.config = getattr(self.course, self.function)(w, g, self.config)
        return w


class Sgd(Optimizer):
    """`sgd`."""

    function = "sgd"

    def __init__(self, *, learning_rate: float) -> None:
        self.config = {"learning_rate": learning_rate}


class Momentum(Optimizer):
    """`sgd_momentum`."""

    function = "sgd_momentum"

    def __init__(self, *, learning_rate: float, momentum: float) -> None:
        self.config = {"learning_rate": learning_rate, "momentum": momentum}


class RmsProp(Optimizer):
    """`rmsprop`."""

    function = "rmsprop"

    def __init__(self, *, learning_rate: float, decay: float, eps: float) -> None:
        self.config = {"learning_rate": learning_rate, "decay_rate": decay, "epsilon": eps}


class Adam(Optimizer):
    """`adam`."""

    function = "adam"

    def __init__(self, *, learning_rate: float, beta1: float, beta2: float, eps: float) -> None:
        rates = {"learning_rate": learning_rate, "beta1": beta1, "beta2": beta2}
        self.config = {**rates, "epsilon": eps}
