"""Norm constraints on torch: torch.renorm for rows, and projections written with tensor operations."""

from __future__ import annotations

import torch

from lawbook.targets.torch.settings import numpy, tensor
from reference.arrays import Array, SameShape


class L2Ball:
    """w times min(1, radius / norm)."""

    def __init__(self, *, radius: float) -> None:
        self.radius = radius

    def apply(self, w: Array) -> SameShape:
        weights = tensor(w)
        factor = (self.radius / torch.linalg.vector_norm(weights)).clamp(max=1.0)
        return numpy(weights * factor)


class MaxNorm:
    """torch.renorm of the rows, which divides by the norm plus 1e-7."""

    def __init__(self, *, radius: float) -> None:
        self.radius = radius

    def apply(self, w: Array) -> SameShape:
        return numpy(torch.renorm(tensor(w), p=2, dim=0, maxnorm=self.radius))


class L1Ball:
    """The threshold from sorted magnitudes and their running sums, then softshrink."""

    def __init__(self, *, radius: float) -> None:
        self.radius = radius

    def apply(self, w: Array) -> SameShape:
        weights = tensor(w)
        falling = weights.abs().flatten().sort(descending=True).values
        counts = torch.arange(1, falling.numel() + 1, device=falling.device)
        levels = (falling.cumsum(0) - self.radius) / counts
        level = max(float(levels.max()), 0.0)
        return numpy(torch.nn.functional.softshrink(weights, level))


OPERATIONS = {"l2_ball": L2Ball, "max_norm": MaxNorm, "l1_ball": L1Ball}
CONVENTIONS = {"max_norm": {"slack": 1e-7}}
