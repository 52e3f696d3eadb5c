"""How often a thing happened: k successes in n independent trials of probability p."""

from __future__ import annotations

import math

from lawbook.statistics.budget import ALPHA, BETA
from lawbook.statistics.domains import check_counts, check_errors, check_rate
from lawbook.statistics.tails import boundary, doubled, kl, smallest, upper_tail

_EXACT_LIMIT = 2**20  # up to here a binomial tail costs O(sqrt(n)); above, Chernoff's bound is used


def binomial_p(k: int, n: int, p: float) -> float:
    """Return ``min(1, 2 min(Pr(X <= k), Pr(X >= k)))`` for X ~ Binomial(n, p).

    Exact to rounding (rounded upwards) for n up to 2**20; above, ``2 exp(-n KL(k/n || p))``.
    Domain: 0 <= k <= n, n >= 1, 0 <= p <= 1, else ValueError.  At p = 0 or p = 1 a single violation
    gives 0, none gives 1.  Sources: Clopper, Pearson (1934); Chernoff (1952).
    """
    check_counts(k, n)
    check_rate(p, "p")
    if p in (0.0, 1.0):
        return float(k == n * p)
    if n > _EXACT_LIMIT:
        return doubled(n * kl(k / n, p))
    upper = k >= n * p  # the median lies within 1 of the mean, so the other tail is at least 1/2
    return min(1.0, 2 * (upper_tail(k, n, p, 1 - p) if upper else upper_tail(n - k, n, 1 - p, p)))


def binomial_effect(
    n: int, p: float, *, alpha: float = ALPHA, beta: float = BETA
) -> tuple[float, float]:
    """Return (low, high): every true rate <= low or >= high is detected, misses at most beta.

    An alarm needs ``n KL(q || p) >= log(2/alpha)`` of the observed rate q; a miss at true rate r
    has probability at most ``exp(-n KL(q || r))``; -inf or inf where no rate is detected.
    Source: Chernoff (1952).
    """
    check_counts(0, n)
    check_rate(p, "p")
    check_errors(alpha, beta)
    return 1 - _higher_rate(n, 1 - p, alpha, beta), _higher_rate(n, p, alpha, beta)


def binomial_samples(p: float, rate: float, *, alpha: float = ALPHA, beta: float = BETA) -> int:
    """Return the number of trials that tell the true `rate` from p (see `binomial_effect`).

    Domain: both in [0, 1] and different, else ValueError.
    """
    check_rate(p, "p")
    check_rate(rate, "rate")
    check_errors(alpha, beta)
    if rate == p:
        raise ValueError(f"rate must differ from p, both are {p}")
    if rate < p:
        p, rate = 1 - p, 1 - rate
    return smallest(lambda n: rate >= _higher_rate(n, p, alpha, beta))


def _higher_rate(n: int, p: float, alpha: float, beta: float) -> float:
    """Return the smallest rate above p detected in n trials, inf where there is none."""
    alarm, miss = math.log(2 / alpha) / n, -math.log(beta) / n
    if kl(1.0, p) <= alarm or p == 1:
        return math.inf
    threshold = boundary(lambda q: kl(q, p) <= alarm, p, 1.0)
    return boundary(lambda rate: kl(threshold, rate) < miss, threshold, 1.0)
