"""Affine units, their least-squares fit, and the smallest network for XOR (S4 deck, Perceptron)."""

from __future__ import annotations

import numpy as np

from reference.activations import relu
from reference.arrays import Array, SameShape


def affine(x: Array, weights: Array, bias: Array) -> Array:
    """y = x W + b; x (N, D), W (D, K): the weights into a unit are a column; b (K,)."""
    return x @ weights + bias


def affine_backward(dy: Array, x: Array, weights: Array) -> tuple[SameShape, Array, Array]:
    """(dL/dx, dL/dW, dL/db) = (dy W', x' dy, sum over samples of dy)."""
    return dy @ weights.T, x.T @ dy, dy.sum(axis=0)


def mean_squared_error(outputs: Array, targets: Array) -> Array:
    """mean over samples of (y - t)^2; both (N,)."""
    error: Array = np.square(outputs - targets).mean()
    return error


def solve(a: Array, b: Array) -> Array:
    """x with a x = b by elimination; a (D, D) symmetric positive definite, b (D,)."""
    if a.shape[0] == 1:
        only: Array = b / a[0]
        return only
    factors = a[1:, 0] / a[0, 0]
    rest = solve(a[1:, 1:] - factors[:, None] * a[0, 1:], b[1:] - factors * b[0])
    first = (b[:1] - (a[0, 1:] * rest).sum()) / a[0, 0]
    return np.concatenate([first, rest])


def least_squares(x: Array, targets: Array) -> tuple[Array, Array]:
    """(w, b) with the smallest mean squared error of x w + b; x (N, D), targets (N,).

    w = (C'C)^(-1) C't with C = x - mean x, b = mean t - <mean x, w>.  C has to have full column rank.
    """
    means = x.mean(axis=0)
    centred = x - means
    w = solve(centred.T @ centred, centred.T @ targets)
    return w, targets.mean() - (means * w).sum()


def line_fit(x: Array, targets: Array) -> tuple[Array, Array]:
    """(w, b) of one feature: w = sum((x - mean x) t) / sum((x - mean x)^2); x not constant, both (N,)."""
    centred = x - x.mean()
    w = (centred * targets).sum() / (centred * centred).sum()
    return w, targets.mean() - x.mean() * w


def relu_network(x: Array, weights: Array, bias: Array, outer: Array, offset: Array) -> Array:
    """relu(x W + b) v + c; x (N, D), W (D, H), b (H,), v (H,), c a number; (N,)."""
    return relu(x @ weights + bias) @ outer + offset


def relu_network_backward(
    dy: Array, x: Array, weights: Array, bias: Array, outer: Array
) -> tuple[Array, Array, Array, Array]:
    """(dL/dW, dL/db, dL/dv, dL/dc); the slope of relu at 0 is taken as 0."""
    scores = x @ weights + bias
    delta = np.where(scores > 0, dy[:, None] * outer, 0)
    return x.T @ delta, delta.sum(axis=0), dy @ relu(scores), dy.sum()
