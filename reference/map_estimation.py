"""Maximum a posteriori estimation: the most probable weights, given the data and a prior.

p(w | X, Y) is proportional to p(Y | X, w) p(w | X), and p(w | X) = p(w) where the prior does not depend on
the inputs.  Minus its logarithm is a squared error plus a penalty (Bishop 2006, sections 1.2.5 and 3.3.1;
Tibshirani 1996, section 5).  Constants that do not depend on w are left out.
"""

from __future__ import annotations

import numpy as np

from reference.arrays import Array
from reference.early_stopping import solve


def posterior(likelihood: Array, prior: Array) -> Array:
    """p(w | X, Y) = p(Y | X, w) p(w | X) / p(Y | X) over a table of weights.

    likelihood, prior: (k,), >= 0, one entry per value of w; some product of them is positive.
    """
    joint = likelihood * prior
    evidence: Array = joint.sum()
    return joint / evidence


def negative_log_likelihood(residuals: Array, noise_variance: float) -> float:
    """sum_i r_i^2 / (2 sigma^2) for targets with normal noise of variance sigma^2 > 0; residuals (n,)."""
    total: float = (residuals * residuals).sum()
    return total / (2 * noise_variance)


def negative_log_gaussian(w: Array, variance: float) -> float:
    """sum_j w_j^2 / (2 tau^2): the prior N(0, tau^2) of every weight, variance tau^2 > 0; w of any rank."""
    total: float = (w * w).sum()
    return total / (2 * variance)


def negative_log_laplace(w: Array, scale: float) -> float:
    """sum_j |w_j| / b: the prior Laplace(0, b) of every weight, scale b > 0; w of any rank."""
    total: float = np.abs(w).sum()
    return total / scale


def l2_strength(noise_variance: float, prior_variance: float) -> float:
    """lambda = sigma^2 / tau^2 of sum_i r_i^2 + lambda ||w||_2^2, neither of them halved."""
    return noise_variance / prior_variance


def l1_strength(noise_variance: float, scale: float) -> float:
    """lambda = 2 sigma^2 / b of sum_i r_i^2 + lambda ||w||_1, the squares not halved."""
    return 2 * noise_variance / scale


def gaussian_estimate(X: Array, y: Array, noise_variance: float, prior_variance: float) -> Array:
    """The most probable weights (d,) of y = Xw + noise with a normal prior: (X'X + lambda I)^-1 X'y.

    X (n, d) of any rank, y (n,); both variances > 0.
    """
    ridge = X.T @ X + l2_strength(noise_variance, prior_variance) * np.eye(X.shape[1])
    w: Array = solve(ridge, X.T @ y)
    return w
