"""Batch normalization on torch: torch.nn.BatchNorm1d and BatchNorm2d, gradients by autograd."""

from __future__ import annotations

from typing import Any

import torch

from lawbook.targets.torch.settings import factory, numpy, tensor
from reference.arrays import Array, SameShape

CONVENTIONS: dict[str, dict[str, Any]] = {
    "batch_norm": {
        "eps": 1e-5,
        "eps_place": "inside",
        "decay": 0.9,  # torch's momentum 0.1 weighs the new value
        "start": "zeros_and_ones",
        "running_variance": "unbiased",
        "single_row": "raises",
    },
    "batch_norm_update": {"eps": 1e-5, "eps_place": "inside"},
}


class BatchNorm:
    """torch.nn.BatchNorm1d on (N, C), BatchNorm2d on (N, C, H, W), chosen at the first call."""

    def __init__(self, *, gamma: Array, beta: Array, eps: float = 1e-5, decay: float = 0.9) -> None:
        kind = {"eps": eps, "momentum": 1 - decay}
        self.flat = torch.nn.BatchNorm1d(len(gamma), **kind, **factory())
        self.spatial = torch.nn.BatchNorm2d(len(gamma), **kind, **factory())
        with torch.no_grad():
            self.flat.weight.copy_(tensor(gamma))
            self.flat.bias.copy_(tensor(beta))
        self.spatial.weight, self.spatial.bias = self.flat.weight, self.flat.bias
        self.spatial.running_mean = self.flat.running_mean
        self.spatial.running_var = self.flat.running_var
        self.x = self.y = torch.empty(0)

    def module(self, x: Array) -> torch.nn.Module:
        """The module for x's rank; both share parameters and running statistics."""
        return self.flat if x.ndim == 2 else self.spatial

    def train(self, x: Array) -> SameShape:
        self.x = tensor(x, grad=True)
        self.y = self.module(x).train()(self.x)
        return numpy(self.y)

    def evaluate(self, x: Array) -> SameShape:
        return numpy(self.module(x).eval()(tensor(x)))

    def backward(self, dy: Array) -> tuple[SameShape, Array, Array]:
        inputs = [self.x, self.flat.weight, self.flat.bias]
        gradients = torch.autograd.grad(self.y, inputs, tensor(dy), retain_graph=True)
        dx, dgamma, dbeta = map(numpy, gradients)
        return dx, dgamma, dbeta


class BatchNormUpdate:
    """A BatchNorm with one torch optimizer for gamma and one for beta."""

    def __init__(
        self,
        *,
        gamma: Array,
        beta: Array,
        optimizer: str,
        learning_rate: float,
        eps: float = 1e-5,
    ) -> None:
        self.layer = BatchNorm(gamma=gamma, beta=beta, eps=eps)
        self.gamma, self.beta = self.layer.flat.weight, self.layer.flat.bias
        self.optimizers = [
            made(optimizer, parameter, learning_rate) for parameter in (self.gamma, self.beta)
        ]

    def step(self, x: Array, dy: Array) -> tuple[SameShape, Array, Array]:
        self.layer.train(x)
        dx, dgamma, dbeta = self.layer.backward(dy)
        self.gamma.grad, self.beta.grad = tensor(dgamma), tensor(dbeta)
        for optimizer in self.optimizers:
            optimizer.step()
        return dx, numpy(self.gamma).copy(), numpy(self.beta).copy()


def made(name: str, parameter: torch.Tensor, rate: float) -> torch.optim.Optimizer:
    """torch's optimizer of that name for one parameter."""
    if name == "adam":
        return torch.optim.Adam([parameter], lr=rate, betas=(0.9, 0.999), eps=1e-8)
    return torch.optim.SGD([parameter], lr=rate, momentum=0.9 if name == "momentum" else 0.0)


OPERATIONS = {"batch_norm": BatchNorm, "batch_norm_update": BatchNormUpdate}
