"""Initializers on torch: torch.nn.init, which takes the fans from the shape (out, in, k, ...)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from lawbook.targets.torch.settings import factory, numpy
from reference.arrays import Array


class Initializer:
    """Fills a new tensor in place."""

    fill: Callable[..., Any]
    arguments: dict[str, Any]

    def __init__(self) -> None:
        self.arguments = {}

    def draw(self, shape: tuple[int, ...], fan_in: int, fan_out: int) -> Array:
        weights = torch.empty(shape, **factory())
        return numpy(type(self).fill(weights, **self.arguments))


class XavierNormal(Initializer):
    fill = staticmethod(torch.nn.init.xavier_normal_)


class XavierUniform(Initializer):
    fill = staticmethod(torch.nn.init.xavier_uniform_)


class HeNormal(Initializer):
    fill = staticmethod(torch.nn.init.kaiming_normal_)

    def __init__(self) -> None:
        self.arguments = {"nonlinearity": "relu"}


class HeUniform(HeNormal):
    fill = staticmethod(torch.nn.init.kaiming_uniform_)


class Constant(Initializer):
    fill = staticmethod(torch.nn.init.constant_)

    def __init__(self, *, value: float) -> None:
        self.arguments = {"val": value}


OPERATIONS = {
    "xavier_normal": XavierNormal,
    "xavier_uniform": XavierUniform,
    "he_normal": HeNormal,
    "he_uniform": HeUniform,
    "constant": Constant,
}
RANDOM = ("xavier_normal", "xavier_uniform", "he_normal", "he_uniform")
CONVENTIONS = {name: {"orientation": "out_in"} for name in RANDOM}
