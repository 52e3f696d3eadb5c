"""What the adapter brings where the course has its own: a model of one layer, whose weights are updated;
and stand-ins for the libraries that are imported to compare with, and for what NumPy no longer allows."""

from __future__ import annotations

import importlib.machinery
import os
import types
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..contract import Array


class Layer:
    """A linear layer as optimizers see it: W and b, their gradients, and the moments of 2020's `adam`."""

    def __init__(self, weights: Array, bias: Array) -> None:
        self.W, self.b = weights, bias
        self.mW, self.vW = np.zeros_like(weights), np.zeros_like(weights)
        self.mb, self.vb = np.zeros_like(bias), np.zeros_like(bias)
        self.give(np.zeros_like(weights), np.zeros_like(bias))

    def give(self, weights: Array, bias: Array) -> None:
        """Set the gradients, under the names of every edition."""
        self.dLdW = self.dW = weights
        self.dLdb = self.db = bias


class Model:
    """A network under the names of every edition: the layer, and one of zeros without gradient, so that
    what is to be done once a step is not done once a layer."""

    def __init__(self, layer: Layer, learning_rate: float) -> None:
        other = Layer(np.zeros((1, 1)), np.zeros((1, 1)))
        self.layers = self.linear_layers = [layer, other]
        self.lr, self.nlayers = learning_rate, 2


def in_double(optimizer: Any) -> Any:
    """The optimizer with its buffers in float64.

    The course hands out `np.zeros(shape, dtype="f")`; it is the student's arithmetic that is judged.
    """
    for name, value in list(vars(optimizer).items()):
        if isinstance(value, list):
            setattr(optimizer, name, [_double(one) for one in value])
        else:
            setattr(optimizer, name, _double(value))
    return optimizer


def _double(value: Any) -> Any:
    single = isinstance(value, np.ndarray) and value.dtype == np.float32
    return value.astype(np.float64) if single else value


class Absent:
    """Stands for anything of a library that is left out; using it raises ImportError."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        raise ImportError("this library is left out here: what the homework asks for needs none")


class LeftOut:
    """A meta-path finder and loader of empty modules for libraries that no judged class needs.

    They are imported to compare with, or for parts of the homework that are not judged.  The modules
    are filed under the submission's folder, so that they are forgotten with it.
    """

    def __init__(self, root: str, *libraries: str) -> None:
        self.root, self.libraries = os.path.abspath(root), libraries

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.partition(".")[0] not in self.libraries:
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)  # type: ignore[arg-type]

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        module = types.ModuleType(spec.name)
        module.__file__ = os.path.join(self.root, spec.name)
        module.__dict__["__getattr__"] = _absent
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        """Nothing is left to run."""


def _absent(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    return Absent


class OldNumPy(types.ModuleType):
    """NumPy with `zeros(None)` and `ones(None)`, which are handed out and were arrays of rank 0."""

    def __init__(self) -> None:
        super().__init__("numpy")

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)

    def zeros(self, shape: Any, *more: Any, **named: Any) -> Array:
        return np.zeros(() if shape is None else shape, *more, **named)

    def ones(self, shape: Any, *more: Any, **named: Any) -> Array:
        return np.ones(() if shape is None else shape, *more, **named)
