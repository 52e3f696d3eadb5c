"""Small models that show what capacity and depth do: a product of weights, an affine classifier.

The product network y = x w_1 ... w_L is the smallest deep one: a step of gradient descent changes it by terms
of order 1 to L in the rate (Goodfellow et al. 2016, section 8.7.1).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from reference.arrays import Array


def product_network(x: float, w: Array) -> float:
    """y = x w_1 ... w_L; w (L,), L >= 1."""
    product: float = w.prod()
    return x * product


def product_network_gradient(x: float, w: Array) -> list[float]:
    """dy/dw_l = x times the product of the other weights, (L,)."""
    layers: range = range(w.shape[0])
    others: list[float] = [math.prod(w[k] for k in layers if k != i) for i in layers]
    return [x * rest for rest in others]


def product_network_after_step(x: float, w: Array, g: Array, rate: float) -> float:
    """y after all weights moved at once: x prod_l (w_l - rate g_l); gradient g (L,)."""
    return product_network(x, w - rate * g)


def affine_scores(X: Array, w: Array, b: float) -> Array:
    """Xw + b, whose sign classifies; X (n, d), w (d,)."""
    scores: Array = X @ w + b
    return scores


def one_parameter_frequency(labels: Sequence[int]) -> int:
    """omega / pi for which sign(sin(omega x_i)) = labels[i - 1] at x_i = 10^-i, i = 1, ..., n.

    1 + sum_i (1 - y_i)/2 10^i of labels -1 or 1: one parameter fits any labels of any number of points.
    """
    digits: int = sum((1 - y) // 2 * 10**i for i, y in enumerate(labels, start=1))
    return 1 + digits
