"""Whole distributions: the largest distance of an empirical CDF from the one that is due."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from lawbook.statistics.budget import ALPHA, BETA
from lawbook.statistics.domains import check_counts, check_errors
from lawbook.statistics.tails import doubled


def ks_p(sample: ArrayLike, cdf_values: ArrayLike) -> float:
    """Return ``2 exp(-2 n D^2)``, D the largest distance of the empirical CDF from a continuous F.

    sample: (n,) or any shape; cdf_values: F at each sample, same shape.  Ties (float32) may occur.
    Raises ValueError when empty, when sizes differ, or when cdf_values is no CDF of the sample
    (not within [0, 1] or not monotone).  Sources: Dvoretzky, Kiefer, Wolfowitz (1956); Massart
    (1990).
    """
    points = np.asarray(sample, dtype=float).ravel()
    values = np.asarray(cdf_values, dtype=float).ravel()
    if points.size != values.size or not points.size:
        raise ValueError(f"need one CDF value per sample, got {values.size} for {points.size}")
    if not np.isfinite(points).all():
        return 0.0
    values = values[np.lexsort((values, points))]
    if not (values[0] >= 0 and values[-1] <= 1 and (np.diff(values) >= 0).all()):
        raise ValueError("cdf_values must be within [0, 1] and rise with the sample")
    rank = np.arange(points.size + 1) / points.size
    distance = float(max((rank[1:] - values).max(), (values - rank[:-1]).max()))
    return doubled(2 * points.size * distance**2)


def ks_effect(n: int, *, alpha: float = ALPHA, beta: float = BETA) -> float:
    """Return the smallest detected distance of CDFs.

    It is ``(sqrt(log(2/alpha)) + sqrt(log(1/beta))) / sqrt(2 n)``. The alarm
    threshold is Massart's; a miss needs the empirical CDF to be off by the rest at the point of
    largest distance.  Source: Massart (1990); Hoeffding (1963).
    """
    check_counts(0, n)
    check_errors(alpha, beta)
    return (math.sqrt(math.log(2 / alpha)) + math.sqrt(-math.log(beta))) / math.sqrt(2 * n)


def ks_samples(distance: float, *, alpha: float = ALPHA, beta: float = BETA) -> int:
    """Return the number of samples that detect a CDF `distance` in (0, 1], else ValueError."""
    if not 0 < distance <= 1:
        raise ValueError(f"distance must be in (0, 1], got {distance}")
    return math.ceil((ks_effect(1, alpha=alpha, beta=beta) / distance) ** 2)
