"""Norm penalties and the operators that solve penalized problems.

L1 (Tibshirani 1996), L2 (Hoerl, Kennard 1970), elastic net (Zou, Hastie 2005), soft-thresholding
(Donoho, Johnstone 1994) and ISTA (Daubechies, Defrise, De Mol 2004).  Norms of matrices and of convolution
kernels are entrywise: sums over all weights, never induced norms.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from reference.arrays import Array, SameShape


def l1_norm(w: Array) -> float:
    """sum_j |w_j| over all entries; w of any rank."""
    total: float = np.abs(w).sum()
    return total


def squared_l2_norm(w: Array) -> float:
    """sum_j w_j^2 over all entries (the squared Frobenius norm of a matrix); w of any rank."""
    total: float = (w * w).sum()
    return total


def soft_threshold(w: Array, level: float) -> SameShape:
    """sign(w) max(|w| - level, 0), entrywise: the minimizer of 1/2 (x - w)^2 + level |x| over x."""
    return np.sign(w) * np.maximum(np.abs(w) - level, 0.0)


def lasso_step(w: Array, X: Array, y: Array, strength: float, lipschitz: float) -> Array:
    """One proximal gradient step on 1/2 ||y - Xw||^2 + strength ||w||_1, of size 1 / lipschitz.

    X (n, d), y (n,), w (d,); lipschitz is at least the largest eigenvalue of X'X.
    """
    return soft_threshold(w - X.T @ (X @ w - y) / lipschitz, strength / lipschitz)


def checked_strength(strength: float) -> float:
    """The strength of a penalty, or ValueError where it is negative."""
    if strength < 0:
        raise ValueError(f"strength is at least 0, not {strength}")
    return strength


class L1Penalty:
    """Omega(w) = strength ||w||_1; gradient strength sign(w).

    strength: >= 0, ValueError otherwise.  At w_j = 0 every number in [-strength, strength] is a subgradient;
    the reference takes 0, which leaves a zero weight at zero.
    """

    def __init__(self, *, strength: float) -> None:
        self.strength = checked_strength(strength)

    def value(self, w: Array) -> float:
        """The penalty of w (any rank), one number."""
        return self.strength * l1_norm(w)

    def gradient(self, w: Array) -> SameShape:
        """A subgradient of the penalty at w, of the shape of w."""
        return self.strength * np.sign(w)


class L2Penalty:
    """Omega(w) = value_factor strength ||w||_2^2; gradient gradient_factor strength w.

    strength: >= 0, ValueError otherwise.  The gradient is the derivative of the value where
    gradient_factor = 2 value_factor: (1, 2) for the penalty lambda ||w||^2, (0.5, 1) for lambda/2 ||w||^2.
    A course may pin factors that disagree, such as value lambda ||w||^2 with gradient lambda w.
    l2_norm: "squared", or "root" for editions whose value is strength ||w||_2.
    """

    def __init__(
        self,
        *,
        strength: float,
        value_factor: float = 1.0,
        gradient_factor: float = 2.0,
        l2_norm: str = "squared",
    ) -> None:
        if l2_norm not in ("squared", "root"):
            raise ValueError(f"l2_norm is 'squared' or 'root', not {l2_norm!r}")
        self.strength = checked_strength(strength)
        self.value_factor, self.gradient_factor = value_factor, gradient_factor
        self.l2_norm = l2_norm

    def value(self, w: Array) -> float:
        """The penalty of w (any rank), one number."""
        size: float = squared_l2_norm(w)
        if self.l2_norm == "root":
            size = np.sqrt(size)
        total: float = self.value_factor * self.strength * size
        return total

    def gradient(self, w: Array) -> SameShape:
        """The gradient of the penalty at w, of the shape of w."""
        return self.gradient_factor * self.strength * w


class ElasticNet:
    """Omega(w) = strength (l1_ratio ||w||_1 + value_factor (1 - l1_ratio) ||w||_2^2).

    strength: >= 0; l1_ratio: in [0, 1], 1 is pure L1, 0 pure L2; ValueError otherwise.
    value_factor: the factor of the L2 part, 0.5 unless declared otherwise.
    """

    def __init__(self, *, strength: float, l1_ratio: float, value_factor: float = 0.5) -> None:
        if not 0 <= l1_ratio <= 1:
            raise ValueError(f"l1_ratio is in [0, 1], not {l1_ratio}")
        self.strength = checked_strength(strength)
        self.l1_ratio, self.value_factor = l1_ratio, value_factor

    def value(self, w: Array) -> float:
        """The penalty of w (any rank), one number."""
        l2 = self.value_factor * (1 - self.l1_ratio) * squared_l2_norm(w)
        return self.strength * (self.l1_ratio * l1_norm(w) + l2)

    def gradient(self, w: Array) -> SameShape:
        """A subgradient of the penalty at w, of the shape of w; sign(0) = 0."""
        l2 = 2 * self.value_factor * (1 - self.l1_ratio) * w
        return self.strength * (self.l1_ratio * np.sign(w) + l2)


class NetworkPenalty:
    """Omega = sum_l strengths_l ||W_l||, the sum over all layers; biases are left out.

    strengths: (L,), one >= 0 per layer.  kind: "l1", or "l2" for value_factor ||W||_F^2.
    """

    def __init__(self, *, strengths: Array, kind: str, value_factor: float = 1.0) -> None:
        if kind not in ("l1", "l2"):
            raise ValueError(f"kind is 'l1' or 'l2', not {kind!r}")
        self.strengths, self.kind, self.value_factor = strengths, kind, value_factor

    def size(self, w: Array) -> float:
        """The size of one layer's weights before its strength."""
        return l1_norm(w) if self.kind == "l1" else self.value_factor * squared_l2_norm(w)

    def value(self, weights: Sequence[Array], biases: Sequence[Array]) -> float:
        """The penalty of L weight arrays (any shapes); L biases (any shapes) do not count."""
        layers = zip(self.strengths, weights, strict=True)
        total: float = sum(strength * self.size(w) for strength, w in layers)
        return total


class SoftThreshold:
    """The proximal operator of level ||.||_1: argmin over x of 1/2 (x - w)^2 + level |x|, entrywise.

    level: >= 0, ValueError otherwise; 0 is the identity.  For (x - w)^2 + mu |x|, without the half, the
    level is mu / 2.  Weights with |w| <= level become exactly 0.
    """

    def __init__(self, *, level: float) -> None:
        if level < 0:
            raise ValueError(f"level is at least 0, not {level}")
        self.level = level

    def apply(self, w: Array) -> SameShape:
        """The thresholded weights, of the shape of w."""
        return soft_threshold(w, self.level)


class Lasso:
    """ISTA on 1/2 ||y - Xw||^2 + strength ||w||_1, `steps` steps from w = 0.

    strength: >= 0; steps: >= 1.  The step size is 1/L for an L from the largest eigenvalue of X'X up to its
    trace, which the reference takes: every such step contracts the distance to the solution by
    1 - mu/L at least, mu the smallest eigenvalue of X'X (Beck, Teboulle 2009).
    """

    def __init__(self, *, strength: float, steps: int) -> None:
        self.strength, self.steps = checked_strength(strength), steps

    def solve(self, X: Array, y: Array) -> Array:
        """The weights (d,) after the steps; X (n, d) not zero, y (n,)."""
        lipschitz = squared_l2_norm(X)
        w: Array = np.zeros(X.shape[1])
        for _ in range(self.steps):
            w = lasso_step(w, X, y, self.strength, lipschitz)
        return w


OPERATIONS = {
    "l1_penalty": L1Penalty,
    "l2_penalty": L2Penalty,
    "elastic_net": ElasticNet,
    "network_penalty": NetworkPenalty,
    "soft_threshold": SoftThreshold,
    "lasso": Lasso,
}
