"""Optimizers on torch: torch.optim's, with the gradient set by hand."""

from __future__ import annotations

import functools
from typing import Any

import torch

from lawbook.targets.torch.settings import numpy, tensor
from reference.arrays import Array, SameShape


class Stepper:
    """One torch optimizer on one parameter, which is made at the first step."""

    def __init__(self, make: Any) -> None:
        self.make = make
        self.parameter: Any = None
        self.optimizer: Any = None

    def step(self, w: Array, g: Array) -> SameShape:
        if self.parameter is None:
            self.parameter = torch.nn.Parameter(tensor(w))
            self.optimizer = self.make([self.parameter])
        self.parameter.data.copy_(tensor(w))
        self.parameter.grad = tensor(g)
        self.optimizer.step()
        return numpy(self.parameter).copy()


def weight_decay(penalty: str | None, strength: float) -> float:
    """torch's only penalty is weight_decay / 2 ||w||^2; ValueError on another."""
    if penalty == "l1":
        raise ValueError("torch.optim has no l1 penalty")
    return strength if penalty else 0.0


class Sgd(Stepper):
    """torch.optim.SGD; its weight_decay is the l2 penalty, coupled."""

    def __init__(
        self, *, learning_rate: float, penalty: str | None = None, strength: float = 0.0
    ) -> None:
        decay = weight_decay(penalty, strength)
        super().__init__(functools.partial(torch.optim.SGD, lr=learning_rate, weight_decay=decay))


class Momentum(Stepper):
    """torch.optim.SGD with momentum, the learning rate outside the velocity."""

    def __init__(
        self,
        *,
        learning_rate: float,
        momentum: float,
        penalty: str | None = None,
        strength: float = 0.0,
    ) -> None:
        decay = weight_decay(penalty, strength)
        super().__init__(
            functools.partial(
                torch.optim.SGD, lr=learning_rate, momentum=momentum, weight_decay=decay
            )
        )


class Nesterov(Stepper):
    """torch.optim.SGD with nesterov=True, which it refuses without momentum: plain SGD then."""

    def __init__(self, *, learning_rate: float, momentum: float) -> None:
        super().__init__(
            functools.partial(
                torch.optim.SGD, lr=learning_rate, momentum=momentum, nesterov=momentum > 0
            )
        )


class RmsProp(Stepper):
    """torch.optim.RMSprop; eps is outside the root."""

    def __init__(self, *, learning_rate: float, decay: float, eps: float) -> None:
        super().__init__(
            functools.partial(torch.optim.RMSprop, lr=learning_rate, alpha=decay, eps=eps)
        )


class Adam(Stepper):
    """torch.optim.Adam; its weight_decay is the l2 penalty, coupled."""

    def __init__(
        self,
        *,
        learning_rate: float,
        beta1: float,
        beta2: float,
        eps: float = 1e-8,
        penalty: str | None = None,
        strength: float = 0.0,
    ) -> None:
        super().__init__(
            functools.partial(
                torch.optim.Adam,
                lr=learning_rate,
                betas=(beta1, beta2),
                eps=eps,
                weight_decay=weight_decay(penalty, strength),
            )
        )


class AdamW(Stepper):
    """torch.optim.AdamW: the old weights decay by lr times weight_decay."""

    def __init__(
        self,
        *,
        learning_rate: float,
        beta1: float,
        beta2: float,
        eps: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(
            functools.partial(
                torch.optim.AdamW,
                lr=learning_rate,
                betas=(beta1, beta2),
                eps=eps,
                weight_decay=weight_decay,
            )
        )


class LinearSchedule:
    """torch.optim.lr_scheduler.LinearLR, stepped k times; start > 0, 0 <= end <= start."""

    def __init__(self, *, start: float, end: float, steps: int) -> None:
        self.start, self.end, self.steps = start, end, steps

    def rate(self, k: int) -> float:
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(()))], lr=self.start)
        schedule = torch.optim.lr_scheduler.LinearLR(
            optimizer, start_factor=1.0, end_factor=self.end / self.start, total_iters=self.steps
        )
        optimizer.step()
        for _ in range(k):
            schedule.step()
        return float(schedule.get_last_lr()[0])


OPERATIONS = {
    "sgd": Sgd,
    "momentum": Momentum,
    "nesterov": Nesterov,
    "rmsprop": RmsProp,
    "adam": Adam,
    "adamw": AdamW,
    "linear_schedule": LinearSchedule,
}
CONVENTIONS = {
    "sgd": {"decay": "coupled", "gradient_factor": 1.0, "penalties": ("l2",)},
    "momentum": {
        "decay": "coupled",
        "gradient_factor": 1.0,
        "penalties": ("l2",),
        "rate_in_velocity": False,
    },
    "nesterov": {"form": "shifted"},
    "rmsprop": {"eps_place": "outside"},
    "adam": {
        "decay": "coupled",
        "gradient_factor": 1.0,
        "penalties": ("l2",),
        "eps_place": "outside",
    },
    "adamw": {"eps_place": "outside", "rate_in_decay": True, "decay_order": "before"},
}
