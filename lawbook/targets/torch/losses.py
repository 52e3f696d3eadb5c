"""Losses on torch: cross_entropy, mse_loss, multi_margin_loss; gradients by autograd."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch.nn import functional

from lawbook.targets.torch.settings import numpy, tensor
from reference.arrays import Array, SameShape
from reference.losses import Labels


class Loss:
    """A loss of torch with its default reduction."""

    function: Callable[..., torch.Tensor]

    def value(self, z: Array, target: Array | Labels) -> float:
        return float(numpy(type(self).function(tensor(z), tensor(target))))

    def gradient(self, z: Array, target: Array | Labels) -> SameShape:
        scores = tensor(z, grad=True)
        (slope,) = torch.autograd.grad(type(self).function(scores, tensor(target)), scores)
        return numpy(slope)


class SoftmaxCrossEntropy(Loss):
    """torch.nn.functional.cross_entropy: the mean over samples."""

    function = functional.cross_entropy


class MeanSquaredError(Loss):
    """torch.nn.functional.mse_loss: the mean over all elements."""

    function = functional.mse_loss


class Hinge(Loss):
    """torch.nn.functional.multi_margin_loss, which divides by the class count too."""

    function = functional.multi_margin_loss


OPERATIONS = {
    "softmax_cross_entropy": SoftmaxCrossEntropy,
    "mse": MeanSquaredError,
    "hinge": Hinge,
}
CONVENTIONS = {"mse": {"reduction": "elements"}, "hinge": {"reduction": "elements"}}
