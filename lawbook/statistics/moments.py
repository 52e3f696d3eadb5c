"""Variances and means: of Gaussian, sub-Gaussian and bounded variables."""

from __future__ import annotations

import math

from lawbook.statistics.budget import ALPHA, BETA
from lawbook.statistics.domains import check_counts, check_errors
from lawbook.statistics.frequencies import binomial_effect, binomial_samples
from lawbook.statistics.tails import UNIT, boundary, cramer, doubled, kl, smallest


def chi_square_p(sum_of_squares: float, n: int) -> float:
    """Return ``2 exp(-n (t - 1 - log t) / 2)``, t = sum/n, for n squares of N(0, 1) variables.

    The caller divides samples by their known sigma.  A sum of 0 has probability 0, so p-value 0.
    Domain: n >= 1, sum >= 0 else ValueError.  Source: Chernoff (1952); Laurent, Massart (2000).
    """
    check_counts(0, n)
    if sum_of_squares < 0:
        raise ValueError(f"a sum of squares is >= 0, got {sum_of_squares}")
    ratio = sum_of_squares / n
    return doubled(n * cramer(ratio)) if math.isfinite(ratio) else 0.0


def chi_square_effect(n: int, *, alpha: float = ALPHA, beta: float = BETA) -> tuple[float, float]:
    """Return (low, high): variance ratios <= low or >= high are detected (`chi_square_p`)."""
    check_counts(0, n)
    check_errors(alpha, beta)
    alarm_low, alarm_high = _chi_square_limits(math.log(2 / alpha) / n)
    miss_low, miss_high = _chi_square_limits(-math.log(beta) / n)
    return alarm_low / miss_high, alarm_high / miss_low


def chi_square_samples(ratio: float, *, alpha: float = ALPHA, beta: float = BETA) -> int:
    """Return the number of Gaussian samples that tell variance `ratio` * sigma^2 from sigma^2.

    Domain: ratio > 0 and not 1, else ValueError.
    """
    check_errors(alpha, beta)
    if not 0 < ratio < math.inf or ratio == 1:
        raise ValueError(f"ratio must be positive, finite and not 1, got {ratio}")

    def detected(n: int) -> bool:
        low, high = chi_square_effect(n, alpha=alpha, beta=beta)
        return ratio <= low or ratio >= high

    return smallest(detected)


def gaussian_mean_p(mean: float, n: int, sigma: float, mu: float = 0.0) -> float:
    """Return ``2 exp(-n (mean - mu)^2 / (2 sigma^2))`` for the mean of n variables N(mu, sigma^2).

    Also for sub-Gaussian variables with variance proxy sigma^2 (a uniform with its own variance).
    Domain: n >= 1, sigma >= 0, else ValueError.  At sigma = 0 any departure gives 0.
    Source: Chernoff (1952); Boucheron, Lugosi, Massart (2013), section 2.3.
    """
    check_counts(0, n)
    _check_sigma(sigma)
    if not math.isfinite(mean):
        return 0.0
    if sigma == 0:
        return float(mean == mu)
    return doubled(n / 2 * ((mean - mu) / sigma) ** 2)


def gaussian_mean_effect(
    n: int, sigma: float, *, alpha: float = ALPHA, beta: float = BETA
) -> float:
    """Return the smallest detected ``|mean - mu|``, in the unit of sigma.

    It is ``sigma (sqrt(2 log(2/alpha)) + sqrt(2 log(1/beta))) / sqrt(n)``: the alarm threshold plus
    what a miss must be off.
    """
    check_counts(0, n)
    _check_sigma(sigma)
    check_errors(alpha, beta)
    return (
        sigma * (math.sqrt(2 * math.log(2 / alpha)) + math.sqrt(-2 * math.log(beta))) / math.sqrt(n)
    )


def gaussian_mean_samples(
    shift: float, sigma: float, *, alpha: float = ALPHA, beta: float = BETA
) -> int:
    """Return the number of samples that detect a `shift` of the mean, shift > 0 else ValueError."""
    if not shift > 0:
        raise ValueError(f"shift must be positive, got {shift}")
    return math.ceil((gaussian_mean_effect(1, sigma, alpha=alpha, beta=beta) / shift) ** 2) or 1


def bounded_mean_p(mean: float, n: int, mu: float, low: float, high: float) -> float:
    """Return ``2 exp(-n KL(q || p))`` for the mean of n variables in [low, high].

    mu is their expectation; q and p are the places of mean and mu in the interval, as fractions.
    Judges the variance of a uniform on [-a, a]: squares lie in [0, a^2], expectation a^2/3.
    Domain: low < mu < high and n >= 1, else ValueError.  A mean outside by more than rounding has
    p-value 0.  Source: Hoeffding (1963), theorem 1.
    """
    check_counts(0, n)
    _check_interval(mu, low, high)
    if not math.isfinite(mean):
        return 0.0
    place = (mean - low) / (high - low)
    rounding = n * UNIT * max(abs(low), abs(high)) / (high - low)
    if not -rounding <= place <= 1 + rounding:
        return 0.0
    return doubled(n * kl(min(max(place, 0.0), 1.0), (mu - low) / (high - low)))


def bounded_mean_effect(
    n: int, mu: float, low: float, high: float, *, alpha: float = ALPHA, beta: float = BETA
) -> tuple[float, float]:
    """Return (below, above): expectations <= below or >= above are detected (`bounded_mean_p`)."""
    _check_interval(mu, low, high)
    below, above = binomial_effect(n, (mu - low) / (high - low), alpha=alpha, beta=beta)
    return low + (high - low) * below, low + (high - low) * above


def bounded_mean_samples(
    mu: float, mean: float, low: float, high: float, *, alpha: float = ALPHA, beta: float = BETA
) -> int:
    """Return the number of samples that tell the true expectation `mean` from mu."""
    _check_interval(mu, low, high)
    rate, true_rate = (mu - low) / (high - low), (mean - low) / (high - low)
    return binomial_samples(rate, true_rate, alpha=alpha, beta=beta)


def _chi_square_limits(exponent: float) -> tuple[float, float]:
    """Return both t with ``(t - 1 - log t) / 2 = exponent``, bracketed in closed form."""
    low = math.exp(-1 - 2 * exponent)  # there, t - 1 - log t = t + 2 exponent
    high = 4 * exponent + 2 * math.log(2)  # log t <= t/2 - 1 + log 2
    return (
        boundary(lambda t: cramer(t) <= exponent, 1.0, low),
        boundary(lambda t: cramer(t) <= exponent, 1.0, high),
    )


def _check_sigma(sigma: float) -> None:
    if not 0 <= sigma < math.inf:
        raise ValueError(f"sigma must be finite and >= 0, got {sigma}")


def _check_interval(mu: float, low: float, high: float) -> None:
    if not low < mu < high:
        raise ValueError(f"need low < mu < high, got {low}, {mu}, {high}")
