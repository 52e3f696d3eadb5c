"""Batch normalization: gamma and beta under the names and in the shapes that a student gave them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..contract import Array
from ..reading import parameters
from .course import Bound
from .phases import attach, in_phase
from .standins import Fill

ALIASES = {"weights": ("weights", "gamma"), "bias": ("bias", "beta")}


class BatchNorm(Bound):
    """`Layers.BatchNormalization.BatchNormalization(channels)`, its weights and bias gamma and beta.

    They keep the shape that the student gave them: (C,), (1, C) or (C, 1).  Where the layer makes
    them in its first forward pass, they are there already and its assignment gives their shape
    only.  A layer of the editions up to 2019 takes channels=0 for vectors, so it is created at the
    first input.
    """

    def __init__(self, *, gamma: Array, beta: Array) -> None:
        self.values = {"weights": np.array(gamma, float), "bias": np.array(beta, float)}
        self.size = gamma.size
        self.placed = False
        self.layer: Any = None
        declared = parameters(self.theirs)
        if not (self.course.profile == "fau-2019" and declared and declared[0].default == 0):
            self._create(self.size)

    def train(self, x: Array) -> Array:
        return self._forward(x, False)

    def evaluate(self, x: Array) -> Array:
        return self._forward(x, True)

    def backward(self, dy: Array) -> tuple[Array, Array, Array]:
        dx = in_phase(self.layer, False).backward(dy)
        return dx, self._gradient("weights"), self._gradient("bias")

    def _create(self, channels: int) -> None:
        self.layer = self.theirs(channels)
        if not self._has_values() and hasattr(self.layer, "initialize"):
            wanted = len(parameters(self.layer.initialize))
            self.layer.initialize(*[Fill(1.0), Fill(0.0)][:wanted])
        if self._has_values():
            self._put()

    def _forward(self, x: Array, testing: bool) -> Array:
        if self.layer is None:
            self._create(self.size if x.ndim == 4 else 0)
        in_phase(self.layer, testing)
        if self.placed:
            return self.layer.forward(x)
        self.layer.__class__ = self._holding(self.theirs)
        try:
            return self.layer.forward(x)
        finally:
            self.layer.__class__ = self.theirs
            self._put()

    def _holding(self, theirs: Any) -> Any:
        """The student's class with weights and bias that can be read but keep their values."""

        def held(name: str) -> property:
            def reshape(layer: Any, value: Any) -> None:
                if np.size(value) == self.size:
                    self.values[name] = self.values[name].reshape(np.shape(value))

            return property(lambda layer: self.values[name], reshape)

        return type(theirs.__name__, (theirs,), {name: held(name) for name in self.values})

    def _has_values(self) -> bool:
        found = [self._read(name) for name in self.values]
        return all(isinstance(value, np.ndarray) and value.size == self.size for value in found)

    def _put(self) -> None:
        for name, value in self.values.items():
            before = self._read(name)
            shape = np.shape(before) if np.size(before) == self.size else value.shape
            for alias in ALIASES[name]:
                described = getattr(type(self.layer), alias, None)
                fixed = isinstance(described, property) and described.fset is None
                if not fixed and (alias == name or hasattr(self.layer, alias)):
                    setattr(self.layer, alias, value.reshape(shape).copy())
        self.placed = True

    def _read(self, name: str) -> Any:
        """Gamma or beta under the first of its names that the layer has; None without one."""
        values = [getattr(self.layer, alias, None) for alias in ALIASES[name]]
        return next((value for value in values if value is not None), None)

    def _gradient(self, name: str) -> Array:
        getter = f"get_gradient_{name}"
        value = getattr(self.layer, getter if hasattr(self.layer, getter) else f"gradient_{name}")
        return self._flat(value() if callable(value) else value)

    def _flat(self, value: Any) -> Array:
        """A value of shape (C,), (1, C) or (C, 1) as (C,); anything else as it is."""
        fits = isinstance(value, np.ndarray) and value.size == self.size
        return value.reshape(-1) if fits else value


class BatchNormUpdate(BatchNorm):
    """The same layer with the student's own optimizer attached, as the network would attach it."""

    def __init__(self, *, gamma: Array, beta: Array, optimizer: str, learning_rate: float) -> None:
        super().__init__(gamma=gamma, beta=beta)
        self.optimizer = self.course.optimizer(optimizer, learning_rate)

    def step(self, x: Array, dy: Array) -> tuple[Array, Array, Array]:
        self.train(x)
        if self.optimizer is not None:
            attach(self.layer, self.optimizer)
            self.optimizer = None
        dx = self.layer.backward(dy)
        return dx, self._flat(self._read("weights")), self._flat(self._read("bias"))
