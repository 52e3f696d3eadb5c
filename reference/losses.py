"""Losses on scores: softmax cross entropy, squared error, multiclass hinge (S1 and S4 decks, loss functions).

z: scores (N, K), one row per sample; labels: (N,) int with 0 <= label < K.  Every loss sums over a
row and then averages over the N samples; `reduction` is the convention on that: "mean" divides by N, "sum" by
1, "elements" by N K (torch's mse_loss and multi_margin_loss).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reference.arrays import Array, SameShape

Labels = NDArray[np.integer]


def log_sum_exp(z: Array) -> Array:
    """log sum_k exp(z_k) of every row, (N, 1); the row's maximum is taken out, so nothing overflows."""
    top: Array = z.max(axis=1, keepdims=True)
    logs: Array = np.log(np.sum(np.exp(z - top), axis=1, keepdims=True))
    return top + logs


def softmax(z: Array) -> SameShape:
    """p_k = exp(z_k) / sum_j exp(z_j) = exp(z_k - log sum_j exp(z_j)) of every row."""
    return np.exp(z - log_sum_exp(z))


def softmax_backward(dy: Array, p: Array) -> SameShape:
    """dL/dz = p (dy - <dy, p>) of every row, for p = softmax(z): all classes share the denominator."""
    dz: Array = p * (dy - np.sum(dy * p, axis=1, keepdims=True))
    return dz


def one_hot(labels: Labels, classes: int) -> Array:
    """(N, K): 1 at the label of the row, else 0."""
    codes: Array = (labels[:, None] == np.arange(classes)).astype(float)
    return codes


def label_scores(z: Array, labels: Labels) -> Array:
    """z_y of every row, (N, 1)."""
    return z[np.arange(len(labels)), labels].reshape(-1, 1)


def margins(z: Array, labels: Labels) -> Array:
    """z_k - z_y + 1 of every wrong class, 0 at the label itself."""
    return np.where(one_hot(labels, z.shape[1]) > 0, 0.0, z - label_scores(z, labels) + 1.0)


def divisor(z: Array, reduction: str) -> int:
    """What the sum over all samples is divided by; ValueError for an unknown reduction."""
    known: dict[str, int] = {"mean": z.shape[0], "sum": 1, "elements": z.size}
    if reduction not in known:
        raise ValueError(f"reduction is mean, sum or elements, not {reduction!r}")
    return known[reduction]


class SoftmaxCrossEntropy:
    """L = mean over samples of log sum_k exp(z_k) - z_y (natural logarithm), > 0 for K >= 2.

    Finite for all finite scores.  reduction: see the module.  In floating point the value underflows to 0
    where z_y leads by more than about 37 (float64) or 17 (float32).
    """

    def __init__(self, *, reduction: str = "mean") -> None:
        self.reduction = reduction

    def value(self, z: Array, labels: Labels) -> float:
        """L of scores z (N, K) and labels (N,)."""
        total: float = np.sum(log_sum_exp(z) - label_scores(z, labels))
        return total / divisor(z, self.reduction)

    def gradient(self, z: Array, labels: Labels) -> SameShape:
        """dL/dz = (softmax(z) - one_hot(y)) / N, (N, K); its rows sum to 0."""
        return (softmax(z) - one_hot(labels, z.shape[1])) / divisor(z, self.reduction)


class MeanSquaredError:
    """L = mean over samples of sum_k (y_k - t_k)^2, zero exactly where y = t."""

    def __init__(self, *, reduction: str = "mean") -> None:
        self.reduction = reduction

    def value(self, y: Array, t: Array) -> float:
        """L of outputs y and targets t, both (N, K)."""
        return np.sum((y - t) * (y - t)) / divisor(y, self.reduction)

    def gradient(self, y: Array, t: Array) -> SameShape:
        """dL/dy = 2 (y - t) / N, (N, K)."""
        return 2.0 * (y - t) / divisor(y, self.reduction)


class Hinge:
    """L = mean over samples of sum_{k != y} max(0, z_k - z_y + 1): zero beyond a margin of 1.

    At the kinks z_k - z_y = -1 the gradient is the one-sided derivative 0; any subgradient is right.
    """

    def __init__(self, *, reduction: str = "mean") -> None:
        self.reduction = reduction

    def value(self, z: Array, labels: Labels) -> float:
        """L of scores z (N, K) and labels (N,)."""
        total: float = np.sum(np.maximum(margins(z, labels), 0.0))
        return total / divisor(z, self.reduction)

    def gradient(self, z: Array, labels: Labels) -> SameShape:
        """dL/dz (N, K): 1/N for every class within the margin, minus their number / N at the label."""
        active: Array = np.maximum(np.sign(margins(z, labels)), 0.0)
        own: Array = one_hot(labels, z.shape[1]) * np.sum(active, axis=1, keepdims=True)
        return (active - own) / divisor(z, self.reduction)


OPERATIONS = {
    "softmax_cross_entropy": SoftmaxCrossEntropy,
    "mse": MeanSquaredError,
    "hinge": Hinge,
}
