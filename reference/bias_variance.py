"""Bias and variance of a prediction at one input, over training sets and test noise.

The target is h + e with E[e] = 0 and e independent of the training set D, the prediction depends on D:
E[(h + e - f_D)^2] = (E[f_D] - h)^2 + Var[f_D] + Var[e] (Geman, Bienenstock, Doursat 1992, section 2.2).
Ridge regression trades one for the other in every eigenvector's direction of X'X (Hoerl, Kennard 1970).
"""

from __future__ import annotations

from reference.arrays import Array


def mean(values: Array, probabilities: Array) -> float:
    """E[v] of finitely many values (k,) with probabilities (k,) that sum to 1."""
    total: float = (values * probabilities).sum()
    return total


def squared_bias(predictions: Array, probabilities: Array, h: float) -> float:
    """(E[f_D] - h)^2; predictions (k,), one per training set, with probabilities (k,)."""
    gap = mean(predictions, probabilities) - h
    return gap * gap


def variance(values: Array, probabilities: Array) -> float:
    """E[(v - E[v])^2] of finitely many values (k,) with probabilities (k,)."""
    centred = values - mean(values, probabilities)
    return mean(centred * centred, probabilities)


def expected_loss(
    predictions: Array, probabilities: Array, h: float, noise: Array, noise_probabilities: Array
) -> float:
    """E[(h + e - f_D)^2] over training sets (k,) and independent test noise (m,): all k m pairs."""
    errors = h + noise[None, :] - predictions[:, None]
    joint = probabilities[:, None] * noise_probabilities[None, :]
    return mean(errors * errors, joint)


def ridge_squared_bias(eigenvalue: Array, weight: Array, mu: float) -> Array:
    """(mu theta / (lambda + mu))^2 in one direction.

    eigenvalue: lambda >= 0 of X'X; weight: the true theta in this direction; mu > 0.
    """
    gap = mu * weight / (eigenvalue + mu)
    return gap * gap


def ridge_variance(eigenvalue: Array, noise_variance: float, mu: float) -> Array:
    """sigma^2 lambda / (lambda + mu)^2 in one direction; noise variance sigma^2 >= 0, mu > 0."""
    root = eigenvalue + mu
    return noise_variance * eigenvalue / (root * root)


def ridge_error(eigenvalue: Array, weight: Array, noise_variance: float, mu: float) -> Array:
    """E[(theta_mu - theta)^2] in one direction: squared bias plus variance."""
    bias = ridge_squared_bias(eigenvalue, weight, mu)
    return bias + ridge_variance(eigenvalue, noise_variance, mu)


def best_ridge_strength(weight: Array, noise_variance: float) -> Array:
    """mu = sigma^2 / theta^2, the strength with the least error in one direction; weight theta != 0."""
    return noise_variance / (weight * weight)
