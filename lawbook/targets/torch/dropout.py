"""Dropout on torch: torch.nn.Dropout(1 - keep)."""

from __future__ import annotations

import numpy as np
import torch

from lawbook.targets.torch.settings import numpy, tensor
from reference.arrays import Array, SameShape


class Dropout:
    """torch.nn.Dropout, whose own p is the drop probability; backward by autograd."""

    def __init__(self, *, keep: float) -> None:
        self.layer = torch.nn.Dropout(1 - keep)
        self.x = self.y = torch.empty(0)

    def train(self, x: Array) -> SameShape:
        self.x = tensor(np.asarray(x, float), grad=True)
        self.y = self.layer.train()(self.x)
        return numpy(self.y)

    def evaluate(self, x: Array) -> SameShape:
        return numpy(self.layer.eval()(tensor(x)))

    def backward(self, dy: Array) -> SameShape:
        (dx,) = torch.autograd.grad(self.y, self.x, tensor(dy), retain_graph=True)
        return numpy(dx)


OPERATIONS = {"dropout": Dropout}
CONVENTIONS = {"dropout": {"masking": "multiply"}}
