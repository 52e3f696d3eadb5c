"""Activations on torch; backward by autograd."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch.nn import functional

from lawbook.targets.torch.settings import numpy, tensor
from reference.arrays import Array, SameShape


class Activation:
    """An elementwise function of torch; `forward` keeps the graph of its latest call."""

    def __init__(self, function: Callable[[torch.Tensor], torch.Tensor]) -> None:
        self.function = function
        self.x = self.y = torch.empty(0)

    def forward(self, x: Array) -> SameShape:
        self.x = tensor(x, grad=True)
        self.y = self.function(self.x)
        return numpy(self.y)

    def backward(self, dy: Array) -> SameShape:
        (dx,) = torch.autograd.grad(self.y, self.x, tensor(dy), retain_graph=True)
        return numpy(dx)


class Sigmoid(Activation):
    """torch.sigmoid."""

    def __init__(self) -> None:
        super().__init__(torch.sigmoid)


class Tanh(Activation):
    """torch.tanh."""

    def __init__(self) -> None:
        super().__init__(torch.tanh)


class Relu(Activation):
    """torch.relu."""

    def __init__(self) -> None:
        super().__init__(torch.relu)


class LeakyRelu(Activation):
    """torch.nn.functional.leaky_relu."""

    def __init__(self, *, slope: float) -> None:
        super().__init__(lambda x: functional.leaky_relu(x, slope))


OPERATIONS = {"sigmoid": Sigmoid, "tanh": Tanh, "relu": Relu, "leaky_relu": LeakyRelu}
