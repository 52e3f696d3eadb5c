"""Ensembles: the error of an average, and how much of the data a bootstrap sample holds.

Breiman 1996; Goodfellow et al. 2016, section 7.11.
"""

from __future__ import annotations

from reference.arrays import Array


def average(outputs: Array) -> Array:
    """The mean over the k members; outputs (k, ...)."""
    total: Array = outputs.sum(axis=0)
    mean: Array = total / outputs.shape[0]
    return mean


def squared_error_of_average(members: int, variance: float, covariance: float) -> float:
    """E[(1/k sum_i e_i)^2] = v/k + (k - 1) c/k of k >= 1 errors of mean 0, variance v, pairwise covariance c.

    v / k where they are uncorrelated, v where they are all the same (c = v).
    """
    return variance / members + (members - 1) * covariance / members


def distinct_share(size: int) -> float:
    """1 - (1 - 1/N)^N: the expected share of distinct items in N >= 1 draws of N items with replacement."""
    missed = (size - 1) / size
    return 1 - missed**size
