"""Tails of distributions: rate functions, the exact binomial tail, and inversion by bisection."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

UNIT = 2.0**-53
_MOST_SAMPLES = 2**53


def upper_tail(k: int, n: int, p: float, q: float) -> float:
    """Return Pr(Binomial(n, p) >= k) for k >= n p, q = 1 - p > 0, never below its value.

    ``pmf(k) (1 + r_k + r_k r_(k+1) + ..)``, ``r_j = (n-j) p / ((j+1) q) < 1``: 4 sqrt(n) terms and
    the geometric series that bounds the rest.  Source: Feller (1968), section VI.3.
    """
    factorials = (math.lgamma(n + 1), -math.lgamma(k + 1), -math.lgamma(n - k + 1))
    logs = (*factorials, k * math.log(p), (n - k) * math.log(q))
    rounding = 16 * UNIT * (n + sum(abs(term) for term in logs))
    j = np.arange(k, min(n, k + 64 + 4 * math.isqrt(n)))
    ratios = (n - j) / (j + 1) * (p / q)
    terms = np.cumprod(ratios)
    rest = float(terms[-1] * ratios[-1] / (1 - ratios[-1])) if k + len(j) < n else 0.0
    return math.exp(math.fsum(logs) + rounding) * (1 + float(terms.sum()) + rest)


def kl(q: float, p: float) -> float:
    """Return ``q log(q/p) + (1-q) log((1-q)/(1-p))`` with 0 log 0 = 0; inf where p excludes q."""
    if (q > 0 and p <= 0) or (q < 1 and p >= 1):
        return math.inf
    ones = q * math.log(q / p) if q > 0 else 0.0
    return ones + ((1 - q) * (math.log1p(-q) - math.log1p(-p)) if q < 1 else 0.0)


def cramer(ratio: float) -> float:
    """Return ``(t - 1 - log t) / 2``, the rate function of the mean of squares of N(0, 1)."""
    return (ratio - 1 - math.log(ratio)) / 2 if ratio > 0 else math.inf


def doubled(exponent: float) -> float:
    """Return ``min(1, 2 exp(-exponent))``: a bound on one tail, made two-sided."""
    return min(1.0, 2 * math.exp(-exponent))


def boundary(holds: Callable[[float], bool], inside: float, outside: float) -> float:
    """Return the point between, nearest to `inside`, where `holds` is false (bisection)."""
    for _ in range(100):
        middle = (inside + outside) / 2
        if middle in (inside, outside):
            break
        inside, outside = (middle, outside) if holds(middle) else (inside, middle)
    return outside


def smallest(detected: Callable[[int], bool]) -> int:
    """Return the smallest n >= 1 that is `detected`, which must be monotone in n."""
    high = 1
    while not detected(high):
        high *= 2
        if high > _MOST_SAMPLES:
            raise ValueError("the departure is too small to be told from rounding")
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if detected(middle) else (middle, high)
    return high
