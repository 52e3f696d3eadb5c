"""Layer, instance, group and weight normalization.

The first three give a group of values of one sample mean 0 and variance near 1; they differ in the group
only: layer norm (Ba, Kiros, Hinton 2016) takes all values of a sample, instance norm (Ulyanov, Vedaldi,
Lempitsky 2016) one channel, group norm (Wu, He 2018) C / G channels.  Written as rows (R, M), one row per
group, they are one function.  No batch statistics: training and evaluation are the same.
Weight norm (Salimans, Kingma 2016) sets a weight vector's length apart from its direction.
"""

from __future__ import annotations

import numpy as np

from reference.arrays import Array, SameShape


def standardize(rows: Array, eps: float) -> tuple[SameShape, Array]:
    """(x^, s): x^ = (x - mean) / s, s = sqrt(var + eps) of every row; rows (R, M), s (R, 1).

    The variance is biased: divided by M.  A constant row gives 0 for eps > 0; eps = 0 needs var > 0.
    """
    centred = rows - rows.mean(axis=1, keepdims=True)
    s: Array = np.sqrt(np.square(centred).mean(axis=1, keepdims=True) + eps)
    return centred / s, s


def standardize_backward(dnormalized: Array, normalized: Array, s: Array) -> SameShape:
    """dL/dx = (dx^ - mean dx^ - x^ mean(dx^ x^)) / s, all means over the row; (R, M)."""
    through_mean = dnormalized.mean(axis=1, keepdims=True)
    through_s = normalized * (dnormalized * normalized).mean(axis=1, keepdims=True)
    drows: Array = (dnormalized - through_mean - through_s) / s
    return drows


def layer_norm(x: Array, gamma: Array, beta: Array, eps: float) -> SameShape:
    """y = gamma x^ + beta; x (N, D), every row standardized; gamma, beta (D,); eps >= 0."""
    return gamma * standardize(x, eps)[0] + beta


def layer_norm_backward(
    dy: Array, x: Array, gamma: Array, eps: float
) -> tuple[SameShape, Array, Array]:
    """(dL/dx (N, D), dL/dgamma (D,), dL/dbeta (D,)).

    gamma is inside the means, since it differs within a row; in batch norm it is constant there.
    """
    normalized, s = standardize(x, eps)
    dx = standardize_backward(dy * gamma, normalized, s)
    return dx, (dy * normalized).sum(axis=0), dy.sum(axis=0)


def group_rows(x: Array, groups: int) -> Array:
    """(N, C, H, W) as rows (N G, C/G H W), a group of C/G neighbouring channels each; G divides C."""
    return x.reshape(x.shape[0] * groups, -1)


def group_norm(x: Array, gamma: Array, beta: Array, groups: int, eps: float) -> SameShape:
    """y = gamma_c x^ + beta_c; x (N, C, H, W); gamma, beta (C,), per channel.

    groups = C is instance norm; groups = 1 takes the statistics of layer norm over (C, H, W).
    """
    normalized = standardize(group_rows(x, groups), eps)[0].reshape(x.shape)
    return gamma.reshape(-1, 1, 1) * normalized + beta.reshape(-1, 1, 1)


def group_norm_backward(
    dy: Array, x: Array, gamma: Array, groups: int, eps: float
) -> tuple[SameShape, Array, Array]:
    """(dL/dx (N, C, H, W), dL/dgamma (C,), dL/dbeta (C,))."""
    normalized, s = standardize(group_rows(x, groups), eps)
    dnormalized = group_rows(dy * gamma.reshape(-1, 1, 1), groups)
    dx = standardize_backward(dnormalized, normalized, s).reshape(x.shape)
    dgamma = (dy * normalized.reshape(x.shape)).sum(axis=(0, 2, 3))
    return dx, dgamma, dy.sum(axis=(0, 2, 3))


def instance_norm(x: Array, gamma: Array, beta: Array, eps: float) -> SameShape:
    """y = gamma_c x^ + beta_c, every channel of every sample standardized; x (N, C, H, W)."""
    return group_norm(x, gamma, beta, x.shape[1], eps)


def instance_norm_backward(
    dy: Array, x: Array, gamma: Array, eps: float
) -> tuple[SameShape, Array, Array]:
    """(dL/dx (N, C, H, W), dL/dgamma (C,), dL/dbeta (C,))."""
    return group_norm_backward(dy, x, gamma, x.shape[1], eps)


def row_lengths(v: Array) -> Array:
    """||v|| of every row, (K, 1); v (K, D)."""
    lengths: Array = np.sqrt(np.square(v).sum(axis=1, keepdims=True))
    return lengths


def weight_norm(v: Array, g: Array) -> SameShape:
    """w = g v / ||v|| of every row, so that ||w|| = |g|; v (K, D), one row per unit, v != 0; g (K, 1)."""
    return g * v / row_lengths(v)


def weight_norm_backward(dw: Array, v: Array, g: Array) -> tuple[SameShape, Array]:
    """(dL/dv (K, D), dL/dg (K, 1)): dg = <dw, v^>, dv = g / ||v|| (dw - v^ <dw, v^>), orthogonal to v."""
    length = row_lengths(v)
    direction = v / length
    dg = (dw * direction).sum(axis=1, keepdims=True)
    return g / length * (dw - direction * dg), dg
