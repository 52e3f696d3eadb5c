"""Self-normalizing networks: SELU and alpha dropout (Klambauer et al. 2017).

SELU's two constants are those for which a standard normal input gives an output of mean 0 and variance 1.
"""

from __future__ import annotations

import numpy as np

from reference.arrays import Array, SameShape


def selu_constants(half_mean: Array, first: Array, second: Array) -> tuple[Array, Array]:
    """(alpha, lambda) from three moments of the input Z, of which each sign has probability 1/2.

    half_mean = E[max(Z, 0)] with E[max(Z, 0)^2] = 1/2, first = E[e^Z; Z < 0], second = E[e^2Z; Z < 0].
    For a standard normal: 1 / sqrt(2 pi), e^(1/2) Phi(-1) and e^2 Phi(-2), with Phi(-k) = P(Z < -k).
    """
    alpha = half_mean / (0.5 - first)
    return alpha, 1 / np.sqrt(0.5 + alpha * alpha * (second - 2 * first + 0.5))


ALPHA, LAMBDA = 1.6732632423543772, 1.0507009873554805
"""The constants of a standard normal input: the doubles nearest to the closed form."""


def selu(x: Array, alpha: float, scale: float) -> SameShape:
    """scale x for x > 0, else scale alpha (e^x - 1); > -scale alpha; alpha, scale > 0; x of any rank.

    Written with e^-|x|, so that nothing overflows.
    """
    return scale * np.where(x > 0, x, alpha * np.expm1(-np.abs(x)))


def selu_backward(dy: Array, x: Array, alpha: float, scale: float) -> SameShape:
    """dL/dx: slope scale for x > 0, else scale alpha e^x; at the kink 0 any value between is right."""
    return dy * scale * np.where(x > 0, 1, alpha * np.exp(-np.abs(x)))


def saturation(alpha: float, scale: float) -> float:
    """-scale alpha, the limit of selu at minus infinity: alpha dropout's dropped value."""
    return -scale * alpha


def alpha_dropout_affine(keep: Array, dropped: Array) -> tuple[Array, Array]:
    """(a, b) that restore mean 0 and variance 1: a = (q + d^2 q (1 - q))^(-1/2), b = -a (1 - q) d.

    keep: q in (0, 1]; dropped: the value d of a dropped unit.
    """
    a = 1 / np.sqrt(keep + dropped * dropped * keep * (1 - keep))
    return a, -a * (1 - keep) * dropped


def alpha_dropout(x: Array, mask: Array, keep: Array, dropped: Array) -> SameShape:
    """y = a (m x + (1 - m) d) + b; mask m of 0 and 1, of the shape of x.

    For independent m ~ Bernoulli(keep) and x of mean 0 and variance 1, so is y.
    """
    a, b = alpha_dropout_affine(keep, dropped)
    return a * (mask * x + (1 - mask) * dropped) + b


def alpha_dropout_backward(dy: Array, mask: Array, keep: Array, dropped: Array) -> SameShape:
    """dL/dx = a m dy with the same mask."""
    return alpha_dropout_affine(keep, dropped)[0] * mask * dy
