"""Norm constraints: Euclidean projections of weights onto balls.

L2 ball and max-norm (Srebro, Shraibman 2005; Hinton et al. 2012), L1 ball (Duchi et al. 2008).  A projection
leaves points inside as they are and sends every other point to the nearest point of the ball.
"""

from __future__ import annotations

import numpy as np

from reference.arrays import Array, SameShape
from reference.penalties import soft_threshold


def checked_radius(radius: float) -> float:
    """The radius of a ball, or ValueError where it is not positive."""
    if not radius > 0:
        raise ValueError(f"radius is positive, not {radius}")
    return radius


def shrink_factor(norm: Array, radius: float, slack: float = 0.0) -> Array:
    """min(1, r / norm) without a division by zero: 1 inside the ball, r / (norm + slack) outside."""
    return np.where(norm > radius, radius / (np.maximum(norm, radius) + slack), 1.0)


def l2_ball_backward(dy: Array, w: Array, radius: float) -> SameShape:
    """dL/dw of the projection of w (d,) onto the L2 ball, from dL/dy.

    Inside it is dy; outside r / ||w|| (dy - w <w, dy> / ||w||^2): nothing is left along w.  On the sphere
    itself the projection has a kink, and dy is one of its one-sided answers.
    """
    norm = np.sqrt((w * w).sum())
    longer = np.maximum(norm, radius)
    tangential = dy - w * (dy * w).sum() / np.square(longer)
    dw: Array = np.where(norm > radius, radius * tangential / longer, dy)
    return dw


def l1_ball_level(magnitudes: Array, radius: float) -> float:
    """The level at which soft-thresholding projects onto the L1 ball; magnitudes |w| as a vector (d,).

    max over k of (sum of the k largest magnitudes - radius) / k, and 0 inside the ball; row i of
    `larger` marks the magnitudes that are at least the i-th.
    """
    larger = magnitudes[None, :] >= magnitudes[:, None]
    sums = np.where(larger, magnitudes[None, :], 0.0).sum(axis=1)
    level: float = np.maximum((sums - radius) / larger.sum(axis=1), 0.0).max()
    return level


class L2Ball:
    """Projection onto {v : ||v||_2 <= radius}: w min(1, radius / ||w||_2), the norm over all entries.

    radius: > 0, ValueError otherwise; it bounds the norm itself, not its square.  0 stays 0.
    """

    def __init__(self, *, radius: float) -> None:
        self.radius = checked_radius(radius)

    def apply(self, w: Array) -> SameShape:
        """The nearest point of the ball, of the shape of w (any rank)."""
        return w * shrink_factor(np.sqrt((w * w).sum()), self.radius)


class MaxNorm:
    """Projection of every unit's incoming weight vector onto the L2 ball of the given radius.

    radius: > 0, ValueError otherwise.  axis: "rows" where row i holds the weights into unit i (y = Wx),
    "columns" for y = xW.  slack: added to the norm that a vector is divided by, 0 for the projection;
    libraries add 1e-7, and then end inside the ball by that much.
    """

    def __init__(self, *, radius: float, axis: str = "rows", slack: float = 0.0) -> None:
        if axis not in ("rows", "columns"):
            raise ValueError(f"axis is 'rows' or 'columns', not {axis!r}")
        self.radius, self.slack = checked_radius(radius), slack
        self.along = 1 if axis == "rows" else 0

    def apply(self, w: Array) -> SameShape:
        """Every row (or column) of the matrix w on its own projected; shape of w."""
        norms = np.sqrt((w * w).sum(axis=self.along, keepdims=True))
        return w * shrink_factor(norms, self.radius, self.slack)


class L1Ball:
    """Projection onto {v : ||v||_1 <= radius}: soft-thresholding at the level that meets the radius.

    radius: > 0, ValueError otherwise.  Dividing by the norm would end on the ball too, but at a point
    that is not the nearest.
    """

    def __init__(self, *, radius: float) -> None:
        self.radius = checked_radius(radius)

    def apply(self, w: Array) -> SameShape:
        """The nearest point of the ball, of the shape of w (any rank)."""
        return soft_threshold(w, l1_ball_level(np.abs(w).reshape(-1), self.radius))


OPERATIONS = {"l2_ball": L2Ball, "max_norm": MaxNorm, "l1_ball": L1Ball}
