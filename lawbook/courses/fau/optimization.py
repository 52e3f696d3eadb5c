"""Penalties, optimizers and initializers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..contract import Array
from ..reading import parameters
from .course import Bound


class Penalty(Bound):
    """`L1_Regularizer(alpha)` or `L2_Regularizer(alpha)` of `Optimization/Constraints.py`."""

    def __init__(self, *, strength: float) -> None:
        self.regularizer = self.theirs(strength)

    def value(self, w: Array) -> Array:
        return self.regularizer.norm(w)

    def gradient(self, w: Array) -> Array:
        if not hasattr(self.regularizer, "calculate_gradient") and hasattr(
            self.regularizer, "calculate"
        ):
            return self.regularizer.calculate(w)
        return self.regularizer.calculate_gradient(w)


class Optimizer(Bound):
    """What the optimizers share: one step; the regularizer is attached by `add_regularizer`."""

    def _start(self, arguments: Sequence[float], penalty: str | None, strength: float) -> None:
        self.optimizer = self.theirs(*arguments)
        if penalty is not None:
            self.optimizer.add_regularizer(self.course.penalty(penalty)(strength))
        update = parameters(self.optimizer.calculate_update)
        required = [parameter for parameter in update if parameter.default is parameter.empty]
        self.before = (1.0,) if len(required) == 3 else ()  # individual_delta, up to 2019

    def step(self, w: Any, g: Any) -> Any:
        return self.optimizer.calculate_update(*self.before, w, g)


class Sgd(Optimizer):
    """`Sgd(learning_rate)`."""

    def __init__(
        self, *, learning_rate: float, penalty: str | None = None, strength: float = 0.0
    ) -> None:
        self._start([learning_rate], penalty, strength)


class Momentum(Optimizer):
    """`SgdWithMomentum(learning_rate, momentum)`."""

    def __init__(
        self,
        *,
        learning_rate: float,
        momentum: float,
        penalty: str | None = None,
        strength: float = 0.0,
    ) -> None:
        self._start([learning_rate, momentum], penalty, strength)


class Adam(Optimizer):
    """`Adam(learning_rate, mu, rho)`; eps reaches it only where it is a fourth parameter."""

    def __init__(
        self,
        *,
        learning_rate: float,
        beta1: float,
        beta2: float,
        eps: float = 2.220446049250313e-16,
        penalty: str | None = None,
        strength: float = 0.0,
    ) -> None:
        names = [parameter.name.lower() for parameter in parameters(self.theirs)]
        takes_eps = len(names) > 3 and names[3] in ("eps", "epsilon")
        self._start([learning_rate, beta1, beta2] + [eps] * takes_eps, penalty, strength)


class Initializer(Bound):
    """`Xavier()` or `He()` of `Layers/Initializers.py`; to 2019 `initialize` takes the shape alone."""

    def __init__(self) -> None:
        self.initializer = self.theirs()

    def draw(self, shape: Sequence[int], fan_in: int, fan_out: int) -> Array:
        alone = len(parameters(self.initializer.initialize)) == 1
        arguments = (tuple(shape),) if alone else (tuple(shape), fan_in, fan_out)
        return self.initializer.initialize(*arguments)


class Constant(Initializer):
    """`Constant(value)`."""

    def __init__(self, *, value: float) -> None:
        self.initializer = self.theirs(value)
