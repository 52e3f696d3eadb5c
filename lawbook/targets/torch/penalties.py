"""Penalties on torch: values by tensor operations, gradients by autograd; F.softshrink; ISTA."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from lawbook.targets.torch.settings import numpy, tensor
from reference.arrays import Array, SameShape


class Penalty:
    """A penalty given as a function of a tensor; its gradient by autograd."""

    def penalty(self, w: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError

    def value(self, w: Array) -> float:
        return float(self.penalty(tensor(w)))

    def gradient(self, w: Array) -> SameShape:
        weights = tensor(w, grad=True)
        (gradient,) = torch.autograd.grad(self.penalty(weights), weights)
        return numpy(gradient)


class L1Penalty(Penalty):
    """strength |w|_1; autograd takes 0 for the derivative of abs at 0."""

    def __init__(self, *, strength: float) -> None:
        self.strength = strength

    def penalty(self, w: torch.Tensor) -> torch.Tensor:
        return self.strength * w.abs().sum()


class L2Penalty(Penalty):
    """strength |w|_2^2, whose gradient is 2 strength w."""

    def __init__(self, *, strength: float) -> None:
        self.strength = strength

    def penalty(self, w: torch.Tensor) -> torch.Tensor:
        return self.strength * (w**2).sum()


class ElasticNet(Penalty):
    """The sum of both parts, the L2 part with 1/2."""

    def __init__(self, *, strength: float, l1_ratio: float) -> None:
        self.l1, self.l2 = strength * l1_ratio, strength * (1 - l1_ratio)

    def penalty(self, w: torch.Tensor) -> torch.Tensor:
        return self.l1 * w.abs().sum() + self.l2 / 2 * (w**2).sum()


class NetworkPenalty:
    """The sum over layers of entrywise norms of the weights."""

    def __init__(self, *, strengths: Array, kind: str) -> None:
        self.strengths, self.order = strengths, {"l1": 1, "l2": 2}[kind]

    def value(self, weights: Sequence[Array], biases: Sequence[Array]) -> float:
        sizes = torch.stack([(tensor(w).abs() ** self.order).sum() for w in weights])
        return float(tensor(self.strengths) @ sizes)


class SoftThreshold:
    """torch.nn.functional.softshrink."""

    def __init__(self, *, level: float) -> None:
        self.level = level

    def apply(self, w: Array) -> SameShape:
        return numpy(torch.nn.functional.softshrink(tensor(w), self.level))


class Lasso:
    """ISTA with the step 1 / |X|_F^2 and softshrink."""

    def __init__(self, *, strength: float, steps: int) -> None:
        self.strength, self.steps = strength, steps

    def solve(self, X: Array, y: Array) -> Array:
        design, target = tensor(X), tensor(y)
        w = torch.zeros_like(design[0])
        rate = 1 / float((design**2).sum())
        for _ in range(self.steps):
            moved = w - rate * (design.T @ (design @ w - target))
            w = torch.nn.functional.softshrink(moved, rate * self.strength)
        return numpy(w)


OPERATIONS = {
    "l1_penalty": L1Penalty,
    "l2_penalty": L2Penalty,
    "elastic_net": ElasticNet,
    "network_penalty": NetworkPenalty,
    "soft_threshold": SoftThreshold,
    "lasso": Lasso,
}
