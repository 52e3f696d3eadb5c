"""DropConnect: single weights, not units, are set to zero at random in training (Wan et al. 2013).

x (N, D), weights (K, D): row k holds the weights into unit k.  A mask is an array of 0 and 1; `keep` is the
probability q that a weight is kept, 0 < q <= 1.
"""

from __future__ import annotations

from reference.arrays import Array


def dropconnect(x: Array, weights: Array, mask: Array) -> Array:
    """y = (M * W) x for every sample, (N, K); mask (K, D).

    With M_kj = m_j, one draw per input, it is dropout on the inputs: W (m * x).
    """
    return x @ (mask * weights).T


def dropconnect_backward(dy: Array, x: Array, weights: Array, mask: Array) -> tuple[Array, Array]:
    """(dL/dx (N, D), dL/dweights (K, D)): a dropped weight gets and passes on no gradient."""
    return dy @ (mask * weights), mask * (dy.T @ x)


def mean(x: Array, weights: Array, keep: float) -> Array:
    """E[y] = q W x over independent Bernoulli(q) masks, (N, K): what evaluation computes."""
    return keep * (x @ weights.T)


def variance(x: Array, weights: Array, keep: float) -> Array:
    """Var[y] = q (1 - q) sum_j w_kj^2 x_j^2, (N, K)."""
    return keep * (1 - keep) * ((x * x) @ (weights * weights).T)
