"""Noise in training: on the inputs, on the weights, on the targets.

Noise of the inputs adds the penalty of ridge regression, exactly for a linear model (Bishop 1995); noise of
the weights adds half its variance times the trace of the Hessian (An 1996); soft targets are Szegedy et al.
2016, section 7.
"""

from __future__ import annotations

import numpy as np

from reference.arrays import Array, SameShape
from reference.losses import log_sum_exp, softmax


def squared_error(X: Array, y: Array, w: Array) -> float:
    """||y - Xw||^2, a sum; X (n, d), y (n,), w (d,).  With input noise E it is taken at X + E."""
    residuals = y - X @ w
    total: float = (residuals * residuals).sum()
    return total


def expected_squared_error(X: Array, y: Array, w: Array, variance: float) -> float:
    """E ||y - (X + E)w||^2 = ||y - Xw||^2 + n sigma^2 ||w||^2.

    The entries of E have mean 0 and variance sigma^2 >= 0 and are uncorrelated within a row; their
    distribution does not matter.
    """
    penalty: float = (w * w).sum()
    expected: float = squared_error(X, y, w) + X.shape[0] * variance * penalty
    return expected


def gradient_of_expected_squared_error(X: Array, y: Array, w: Array, variance: float) -> Array:
    """-2 X'(y - Xw) + 2 n sigma^2 w, (d,)."""
    gradient: Array = 2 * (X.T @ (X @ w - y)) + 2 * X.shape[0] * variance * w
    return gradient


def weight_noise_penalty(hessian: Array, variance: float) -> float:
    """sigma^2 / 2 tr H, what noise of the weights adds to a quadratic loss; hessian (d, d)."""
    penalty: float = variance * hessian.trace() / 2
    return penalty


def smooth(one_hot: Array, eps: float) -> SameShape:
    """Soft targets q = (1 - eps) e_y + eps / K of one-hot rows (N, K); eps in [0, 1]."""
    soft: SameShape = (1 - eps) * one_hot + eps / one_hot.shape[1]
    return soft


def cross_entropy(z: Array, q: Array) -> float:
    """L = sum over samples of -sum_k q_k log p_k, p = softmax(z); z, q (N, K), rows of q sum to 1."""
    total: float = np.sum(q * (log_sum_exp(z) - z))
    return total


def cross_entropy_gradient(z: Array, q: Array) -> SameShape:
    """dL/dz = softmax(z) - q, (N, K); zero where p = q."""
    return softmax(z) - q


def logit_gap(classes: int, eps: float) -> float:
    """z_y - z_k at the optimum p = q: log((1 - eps + eps / K) / (eps / K)), finite; 0 < eps < 1."""
    rest = eps / classes
    gap: float = np.log((1 - eps + rest) / rest)
    return gap
