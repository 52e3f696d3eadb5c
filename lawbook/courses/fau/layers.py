"""Layers without weights: dropout and the activations."""

from __future__ import annotations

from ..contract import Array
from .course import Bound
from .phases import in_phase


class Dropout(Bound):
    """`Layers.Dropout.Dropout(probability)`; the sheet's probability is the keep probability."""

    def __init__(self, *, keep: float, p: str = "keep") -> None:
        self.layer = self.theirs(keep if p == "keep" else 1 - keep)

    def train(self, x: Array) -> Array:
        return in_phase(self.layer, False).forward(x)

    def evaluate(self, x: Array) -> Array:
        return in_phase(self.layer, True).forward(x)

    def backward(self, dy: Array) -> Array:
        return in_phase(self.layer, False).backward(dy)


class Activation(Bound):
    """`Layers.Sigmoid`, `Layers.TanH`, `Layers.ReLU`: no parameters."""

    def __init__(self) -> None:
        self.layer = self.theirs()

    def forward(self, x: Array) -> Array:
        return self.layer.forward(x)

    def backward(self, dy: Array) -> Array:
        return self.layer.backward(dy)
