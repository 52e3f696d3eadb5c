"""Two-sided p-value bounds that hold at every sample size, and the sample sizes they ask for.

Every ``*_p`` function returns a number P with ``Pr(P <= a) <= a`` for all a under the hypothesis,
without asymptotics.  Beside it stand ``*_effect`` (the smallest departure that is detected with
miss rate beta at false-alarm rate alpha) and ``*_samples`` (how many samples detect a departure).
Statistics that are not finite have probability 0 under every hypothesis here and get p-value 0.

The budget of a run: a correct target fails a *whole run* with probability at most `RUN_BUDGET`.
Each p-value alarms at `ALPHA`, so at most `MAX_P_VALUES` of them may enter a run (union bound).  An
entry of `mask_p_values` counts as one p-value, whatever is corrected inside it; a battery that is
first reduced by `bonferroni` counts as one in all.
"""

import math
from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

RUN_BUDGET = 1e-6
ALPHA = 1e-10
MAX_P_VALUES = 10_000
BETA = 1e-9
"""Miss rate at which detectable effects and sample sizes are stated unless told otherwise."""

_EXACT_LIMIT = 2**20  # up to here a binomial tail costs O(sqrt(n)); above, Chernoff's bound is used
_MOST_SAMPLES = 2**53
_UNIT = 2.0**-53

Masks = NDArray[np.bool_]


def bonferroni(p_values: Iterable[float]) -> float:
    """Return ``min(1, m * min(p_1..p_m))``, one valid p-value for m p-values, however dependent.

    Raises ValueError without p-values.  Source: Dunn (1961), after Bonferroni (1936).
    """
    found = list(p_values)
    if not found:
        raise ValueError("bonferroni needs at least one p-value, got none")
    return min(1.0, len(found) * min(found))


# Frequencies -------------------------------------------------------------------------------------


def binomial_p(k: int, n: int, p: float) -> float:
    """Return ``min(1, 2 min(Pr(X <= k), Pr(X >= k)))`` for X ~ Binomial(n, p).

    Exact to rounding (rounded upwards) for n up to 2**20; above, ``2 exp(-n KL(k/n || p))``.
    Domain: 0 <= k <= n, n >= 1, 0 <= p <= 1, else ValueError.  At p = 0 or p = 1 a single violation
    gives 0, none gives 1.  Sources: Clopper, Pearson (1934); Chernoff (1952).
    """
    _check_counts(k, n)
    _check_rate(p, "p")
    if p in (0.0, 1.0):
        return float(k == n * p)
    if n > _EXACT_LIMIT:
        return _doubled(n * _kl(k / n, p))
    upper = k >= n * p  # the median lies within 1 of the mean, so the other tail is at least 1/2
    return min(1.0, 2 * (_upper_tail(k, n, p, 1 - p) if upper else _upper_tail(n - k, n, 1 - p, p)))


def binomial_effect(
    n: int, p: float, *, alpha: float = ALPHA, beta: float = BETA
) -> tuple[float, float]:
    """Return (low, high): every true rate <= low or >= high is detected, misses at most beta.

    An alarm needs ``n KL(q || p) >= log(2/alpha)`` of the observed rate q; a miss at true rate r
    has probability at most ``exp(-n KL(q || r))``; -inf or inf where no rate is detected.
    Source: Chernoff (1952).
    """
    _check_counts(0, n)
    _check_rate(p, "p")
    _check_errors(alpha, beta)
    return 1 - _higher_rate(n, 1 - p, alpha, beta), _higher_rate(n, p, alpha, beta)


def binomial_samples(p: float, rate: float, *, alpha: float = ALPHA, beta: float = BETA) -> int:
    """Return the number of trials that tell the true `rate` from p (see `binomial_effect`).

    Domain: both in [0, 1] and different, else ValueError.
    """
    _check_rate(p, "p")
    _check_rate(rate, "rate")
    _check_errors(alpha, beta)
    if rate == p:
        raise ValueError(f"rate must differ from p, both are {p}")
    if rate < p:
        p, rate = 1 - p, 1 - rate
    return _smallest(lambda n: rate >= _higher_rate(n, p, alpha, beta))


# Variances and means -----------------------------------------------------------------------------


def chi_square_p(sum_of_squares: float, n: int) -> float:
    """Return ``2 exp(-n (t - 1 - log t) / 2)``, t = sum/n, for n squares of N(0, 1) variables.

    The caller divides samples by their known sigma.  A sum of 0 has probability 0, so p-value 0.
    Domain: n >= 1, sum >= 0 else ValueError.  Source: Chernoff (1952); Laurent, Massart (2000).
    """
    _check_counts(0, n)
    if sum_of_squares < 0:
        raise ValueError(f"a sum of squares is >= 0, got {sum_of_squares}")
    ratio = sum_of_squares / n
    return _doubled(n * _cramer(ratio)) if math.isfinite(ratio) else 0.0


def chi_square_effect(n: int, *, alpha: float = ALPHA, beta: float = BETA) -> tuple[float, float]:
    """Return (low, high): variance ratios <= low or >= high are detected (`chi_square_p`)."""
    _check_counts(0, n)
    _check_errors(alpha, beta)
    alarm_low, alarm_high = _chi_square_limits(math.log(2 / alpha) / n)
    miss_low, miss_high = _chi_square_limits(-math.log(beta) / n)
    return alarm_low / miss_high, alarm_high / miss_low


def chi_square_samples(ratio: float, *, alpha: float = ALPHA, beta: float = BETA) -> int:
    """Return the number of Gaussian samples that tell variance `ratio` * sigma^2 from sigma^2.

    Domain: ratio > 0 and not 1, else ValueError.
    """
    _check_errors(alpha, beta)
    if not 0 < ratio < math.inf or ratio == 1:
        raise ValueError(f"ratio must be positive, finite and not 1, got {ratio}")

    def detected(n: int) -> bool:
        low, high = chi_square_effect(n, alpha=alpha, beta=beta)
        return ratio <= low or ratio >= high

    return _smallest(detected)


def gaussian_mean_p(mean: float, n: int, sigma: float, mu: float = 0.0) -> float:
    """Return ``2 exp(-n (mean - mu)^2 / (2 sigma^2))`` for the mean of n variables N(mu, sigma^2).

    Also for sub-Gaussian variables with variance proxy sigma^2 (a uniform with its own variance).
    Domain: n >= 1, sigma >= 0, else ValueError.  At sigma = 0 any departure gives 0.
    Source: Chernoff (1952); Boucheron, Lugosi, Massart (2013), section 2.3.
    """
    _check_counts(0, n)
    _check_sigma(sigma)
    if not math.isfinite(mean):
        return 0.0
    if sigma == 0:
        return float(mean == mu)
    return _doubled(n / 2 * ((mean - mu) / sigma) ** 2)


def gaussian_mean_effect(
    n: int, sigma: float, *, alpha: float = ALPHA, beta: float = BETA
) -> float:
    """Return the smallest detected ``|mean - mu|``, in the unit of sigma.

    It is ``sigma (sqrt(2 log(2/alpha)) + sqrt(2 log(1/beta))) / sqrt(n)``: the alarm threshold plus
    what a miss must be off.
    """
    _check_counts(0, n)
    _check_sigma(sigma)
    _check_errors(alpha, beta)
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
    _check_counts(0, n)
    _check_interval(mu, low, high)
    if not math.isfinite(mean):
        return 0.0
    place = (mean - low) / (high - low)
    rounding = n * _UNIT * max(abs(low), abs(high)) / (high - low)
    if not -rounding <= place <= 1 + rounding:
        return 0.0
    return _doubled(n * _kl(min(max(place, 0.0), 1.0), (mu - low) / (high - low)))


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


# Whole distributions -----------------------------------------------------------------------------


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
    return _doubled(2 * points.size * distance**2)


def ks_effect(n: int, *, alpha: float = ALPHA, beta: float = BETA) -> float:
    """Return the smallest detected distance of CDFs.

    It is ``(sqrt(log(2/alpha)) + sqrt(log(1/beta))) / sqrt(2 n)``. The alarm
    threshold is Massart's; a miss needs the empirical CDF to be off by the rest at the point of
    largest distance.  Source: Massart (1990); Hoeffding (1963).
    """
    _check_counts(0, n)
    _check_errors(alpha, beta)
    return (math.sqrt(math.log(2 / alpha)) + math.sqrt(-math.log(beta))) / math.sqrt(2 * n)


def ks_samples(distance: float, *, alpha: float = ALPHA, beta: float = BETA) -> int:
    """Return the number of samples that detect a CDF `distance` in (0, 1], else ValueError."""
    if not 0 < distance <= 1:
        raise ValueError(f"distance must be in (0, 1], got {distance}")
    return math.ceil((ks_effect(1, alpha=alpha, beta=beta) / distance) ** 2)


# Masks -------------------------------------------------------------------------------------------


def mask_p_values(masks: Masks, p: float, rng: np.random.Generator) -> dict[str, float]:
    """Return p-values, by name, of the hypothesis that all bits are independent Bernoulli(p).

    masks: bool, (calls, rows, units), True where kept; p: keep probability in [0, 1].  rng draws
    the random pairs and the randomised PIT; it must not be the generator that drew the masks.

    - keep rate; each unit, row, call (extreme counts, Bonferroni): exact binomial;
    - pairs (next call, row, unit; lags 2, 4, .. and half; random; diagonal): bits of disjoint pairs
      differ with probability 2 p (1 - p), independently; exact binomial, Bonferroni over lags;
    - sums of rows, units, calls: Binomial, hence uniform after a randomised PIT; DKW;
    - equal masks: two calls coincide with probability at most ``pairs (p^2 + (1-p)^2)^(bits)``.

    A test without data (no second call, one row, ...) has no entry; at p = 0 or 1 only the exact
    keep rate has.  Raises ValueError on another shape or dtype, no bits, or p outside [0, 1].
    Sources: Brockwell (2007) for the PIT; Massart (1990).
    """
    if masks.ndim != 3 or masks.dtype != np.bool_ or not masks.size:
        raise ValueError(
            f"masks must be bool (calls, rows, units), got {masks.dtype} {masks.shape}"
        )
    found = {"keep rate": binomial_p(int(np.count_nonzero(masks)), masks.size, p)}
    if 0 < p < 1:
        found |= _pair_p_values(masks, p, rng) | _sum_p_values(masks, p, rng)
        if len(masks) > 1:
            found["equal masks"] = _equal_masks_p(masks, p)
    return found


_AXES = ("call", "row", "unit")


def _pair_p_values(masks: Masks, p: float, rng: np.random.Generator) -> dict[str, float]:
    """Test disjoint pairs of bits: neighbours, longer lags and random pairs along each axis."""
    found = {}
    for axis, name in enumerate(_AXES):
        bits = np.moveaxis(masks, axis, 0)
        size = len(bits)
        if size > 1:
            found[f"adjacent {name}s"] = _lag_p(bits, 1, p)
            shuffled = rng.permutation(size)
            pairs = bits[shuffled[: size // 2]] ^ bits[shuffled[size // 2 : size // 2 * 2]]
            found[f"random {name} pairs"] = _pairs_p(pairs, p)
        if size > 3:
            lags = {2**i for i in range(1, size.bit_length() - 1)} | {size // 2}
            found[f"{name} lags"] = bonferroni(_lag_p(bits, lag, p) for lag in sorted(lags))
    rows, units = masks.shape[1] // 2, masks.shape[2] // 2
    if rows and units:
        far = masks[:, rows : 2 * rows, units : 2 * units]
        near = masks[:, : 2 * rows : 2, : 2 * units - 1] ^ masks[:, 1 : 2 * rows : 2, 1 : 2 * units]
        half = _pairs_p(masks[:, :rows, :units] ^ far, p)
        found["diagonal pairs"] = bonferroni((half, _pairs_p(near, p)))
    return found


def _lag_p(bits: Masks, lag: int, p: float) -> float:
    """Test the pairs (i, i + lag) along axis 0, in blocks of 2 lag so that they are disjoint."""
    blocks = len(bits) // (2 * lag)
    pairs = bits[: blocks * 2 * lag].reshape(blocks, 2, lag, *bits.shape[1:])
    return _pairs_p(pairs[:, 0] ^ pairs[:, 1], p)


def _pairs_p(differ: Masks, p: float) -> float:
    return binomial_p(int(np.count_nonzero(differ)), differ.size, 2 * p * (1 - p))


def _sum_p_values(masks: Masks, p: float, rng: np.random.Generator) -> dict[str, float]:
    """Test the law of sums of bits, and the extreme counts of single units, rows and calls."""
    by_unit = np.count_nonzero(masks, axis=1)
    by_row = np.count_nonzero(masks, axis=2)
    _, rows, units = masks.shape
    found = {}
    for name, counts, bits in (
        ("row sums", by_row.ravel(), units),
        ("unit sums", by_unit.ravel(), rows),
        ("call sums", by_row.sum(axis=1), rows * units),
    ):
        uniform = _uniforms(counts, bits, p, rng)
        found[name] = ks_p(uniform, uniform)
    for name, counts in (
        ("each call", by_row.sum(axis=1)),
        ("each row", by_row.sum(axis=0)),
        ("each unit", by_unit.sum(axis=0)),
    ):
        bits = masks.size // len(counts)
        extremes = (binomial_p(int(k), bits, p) for k in (counts.min(), counts.max()))
        found[name] = min(1.0, len(counts) * min(extremes))  # p falls towards both extremes
    return found


def _uniforms(
    counts: NDArray[np.int_], n: int, p: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return F(k-) + V pmf(k), V uniform: uniform on [0, 1] for k ~ Binomial(n, p).

    The law is tabulated within 5 sqrt(n) of its mode; by Hoeffding (1963) the rest weighs < 1e-21.
    """
    mode, width = int((n + 1) * p), 5 * math.isqrt(n) + 5
    low, high = max(0, mode - width), min(n, mode + width)
    k = np.arange(low, high)
    log_weight = np.zeros(high - low + 1)
    np.cumsum(np.log((n - k) / (k + 1) * (p / (1 - p))), out=log_weight[1:])
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    index = np.clip(counts - low, 0, high - low)
    values = np.cumsum(weight)[index] - weight[index] * rng.random(len(counts))
    return np.asarray(np.clip(values, 0.0, 1.0), dtype=np.float64)


def _equal_masks_p(masks: Masks, p: float) -> float:
    """Return the union bound over all pairs of calls when two masks coincide, else 1."""
    calls = len(masks)
    packed = np.packbits(masks.reshape(calls, -1), axis=1)
    if len({mask.tobytes() for mask in packed}) == calls:
        return 1.0
    log_same = masks[0].size * math.log(p * p + (1 - p) * (1 - p))
    return min(1.0, math.exp(math.log(calls * (calls - 1) / 2) + log_same))


# Bounds and their inversion ----------------------------------------------------------------------


def _upper_tail(k: int, n: int, p: float, q: float) -> float:
    """Return Pr(Binomial(n, p) >= k) for k >= n p, q = 1 - p > 0, never below its value.

    ``pmf(k) (1 + r_k + r_k r_(k+1) + ..)``, ``r_j = (n-j) p / ((j+1) q) < 1``: 4 sqrt(n) terms and
    the geometric series that bounds the rest.  Source: Feller (1968), section VI.3.
    """
    factorials = (math.lgamma(n + 1), -math.lgamma(k + 1), -math.lgamma(n - k + 1))
    logs = (*factorials, k * math.log(p), (n - k) * math.log(q))
    rounding = 16 * _UNIT * (n + sum(abs(term) for term in logs))
    j = np.arange(k, min(n, k + 64 + 4 * math.isqrt(n)))
    ratios = (n - j) / (j + 1) * (p / q)
    terms = np.cumprod(ratios)
    rest = float(terms[-1] * ratios[-1] / (1 - ratios[-1])) if k + len(j) < n else 0.0
    return math.exp(math.fsum(logs) + rounding) * (1 + float(terms.sum()) + rest)


def _kl(q: float, p: float) -> float:
    """Return ``q log(q/p) + (1-q) log((1-q)/(1-p))`` with 0 log 0 = 0; inf where p excludes q."""
    if (q > 0 and p <= 0) or (q < 1 and p >= 1):
        return math.inf
    ones = q * math.log(q / p) if q > 0 else 0.0
    return ones + ((1 - q) * (math.log1p(-q) - math.log1p(-p)) if q < 1 else 0.0)


def _cramer(ratio: float) -> float:
    """Return ``(t - 1 - log t) / 2``, the rate function of the mean of squares of N(0, 1)."""
    return (ratio - 1 - math.log(ratio)) / 2 if ratio > 0 else math.inf


def _doubled(exponent: float) -> float:
    return min(1.0, 2 * math.exp(-exponent))


def _higher_rate(n: int, p: float, alpha: float, beta: float) -> float:
    """Return the smallest rate above p detected in n trials, inf where there is none."""
    alarm, miss = math.log(2 / alpha) / n, -math.log(beta) / n
    if _kl(1.0, p) <= alarm or p == 1:
        return math.inf
    threshold = _boundary(lambda q: _kl(q, p) <= alarm, p, 1.0)
    return _boundary(lambda rate: _kl(threshold, rate) < miss, threshold, 1.0)


def _chi_square_limits(exponent: float) -> tuple[float, float]:
    """Return both t with ``(t - 1 - log t) / 2 = exponent``, bracketed in closed form."""
    low = math.exp(-1 - 2 * exponent)  # there, t - 1 - log t = t + 2 exponent
    high = 4 * exponent + 2 * math.log(2)  # log t <= t/2 - 1 + log 2
    return (
        _boundary(lambda t: _cramer(t) <= exponent, 1.0, low),
        _boundary(lambda t: _cramer(t) <= exponent, 1.0, high),
    )


def _boundary(holds: Callable[[float], bool], inside: float, outside: float) -> float:
    """Return the point between, nearest to `inside`, where `holds` is false (bisection)."""
    for _ in range(100):
        middle = (inside + outside) / 2
        if middle in (inside, outside):
            break
        inside, outside = (middle, outside) if holds(middle) else (inside, middle)
    return outside


def _smallest(detected: Callable[[int], bool]) -> int:
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


# Domains -----------------------------------------------------------------------------------------


def _check_counts(k: int, n: int) -> None:
    if n < 1 or not 0 <= k <= n:
        raise ValueError(f"need 0 <= k <= n and n >= 1, got k = {k}, n = {n}")


def _check_rate(rate: float, name: str) -> None:
    if not 0 <= rate <= 1:
        raise ValueError(f"{name} must be within [0, 1], got {rate}")


def _check_errors(alpha: float, beta: float) -> None:
    if not (0 < alpha < 1 and 0 < beta < 0.5):
        raise ValueError(f"need 0 < alpha < 1 and 0 < beta < 1/2, got {alpha} and {beta}")


def _check_sigma(sigma: float) -> None:
    if not 0 <= sigma < math.inf:
        raise ValueError(f"sigma must be finite and >= 0, got {sigma}")


def _check_interval(mu: float, low: float, high: float) -> None:
    if not low < mu < high:
        raise ValueError(f"need low < mu < high, got {low}, {mu}, {high}")
