"""The p-value bounds against exact sums, their size and power, and the mask battery's power."""

import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from lawbook import statistics
from lawbook.statistics import ALPHA

Masks = NDArray[np.bool_]
ULPS = 1 + 1e-9  # the exact tail is rounded upwards by far less


def exact_two_sided(k: int, n: int, p: Fraction) -> float:
    law = [math.comb(n, j) * p**j * (1 - p) ** (n - j) for j in range(n + 1)]
    return float(min(Fraction(1), 2 * min(sum(law[: k + 1]), sum(law[k:]))))


def test_a_run_affords_its_p_values() -> None:
    assert statistics.MAX_P_VALUES * ALPHA <= statistics.RUN_BUDGET * ULPS
    assert statistics.bonferroni([0.5, 1e-3]) == 2e-3
    with pytest.raises(ValueError, match="none"):
        statistics.bonferroni([])


# Against exact values ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "p", [Fraction(1, 2), Fraction(4, 5), Fraction(1, 1024), Fraction(99, 100)]
)
@pytest.mark.parametrize("n", [1, 2, 7, 40])
def test_binomial_p_is_the_exact_sum(n: int, p: Fraction) -> None:
    for k in range(n + 1):
        due = exact_two_sided(k, n, p)
        assert due / ULPS <= statistics.binomial_p(k, n, float(p)) <= min(1.0, due * ULPS)


def test_binomial_p_with_a_cut_sum_is_exact() -> None:
    n = 1200  # far more terms than are summed one by one
    for k in (601, 640, 760, 560):
        tail = sum(math.comb(n, j) for j in range(max(k, n - k), n + 1))
        due = float(min(Fraction(1), 2 * Fraction(tail, 2**n)))
        assert due / ULPS <= statistics.binomial_p(k, n, 0.5) <= due * ULPS


@pytest.mark.parametrize(("k", "n", "p"), [(250, 1000, 0.2), (2**20 // 2 + 3000, 2**20, 0.5)])
def test_chernoff_bounds_the_exact_tail(
    k: int, n: int, p: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact = statistics.binomial_p(k, n, p)
    monkeypatch.setattr("lawbook.statistics.frequencies._EXACT_LIMIT", 0)
    assert exact < statistics.binomial_p(k, n, p) < 50 * exact


@pytest.mark.parametrize(("p", "violated"), [(0.0, 1), (1.0, 9)])
def test_one_violation_of_a_sure_event_has_p_value_zero(p: float, violated: int) -> None:
    assert statistics.binomial_p(violated, 10, p) == 0.0
    assert statistics.binomial_p(int(10 * p), 10, p) == 1.0


def test_extreme_rates_do_not_overflow() -> None:
    assert statistics.binomial_p(0, 1000, 1e-300) == 1.0
    assert statistics.binomial_p(2, 1000, 1e-20) < 1e-30
    assert statistics.binomial_p(0, 10**9, 0.5) == 0.0


def test_chi_square_p_bounds_the_exact_tail_of_two_degrees() -> None:
    for s in (0.01, 0.5, 2.0, 10.0, 60.0):
        upper = math.exp(-s / 2)  # chi-square with 2 degrees of freedom is exponential
        assert statistics.chi_square_p(s, 2) >= min(1.0, 2 * min(upper, 1 - upper))
    assert statistics.chi_square_p(0.0, 5) == 0.0


def test_gaussian_mean_p_bounds_the_exact_tail() -> None:
    for z in (0.0, 0.5, 2.0, 6.0, 20.0):
        exact = math.erfc(z / math.sqrt(2))
        assert exact <= statistics.gaussian_mean_p(z * 3 / 10, 100, 3.0) <= 60 * exact
    assert statistics.gaussian_mean_p(1.0, 4, 0.0, mu=1.0) == 1.0
    assert statistics.gaussian_mean_p(1.1, 4, 0.0, mu=1.0) == 0.0


def test_bounded_mean_p_of_coin_tosses_bounds_the_binomial_tail() -> None:
    for k in range(21):
        exact = exact_two_sided(k, 20, Fraction(1, 3))
        assert statistics.bounded_mean_p(k / 20, 20, 1 / 3, 0.0, 1.0) * ULPS >= exact
    assert statistics.bounded_mean_p(1.01, 20, 1 / 3, 0.0, 1.0) == 0.0


def test_ks_p_uses_the_largest_distance() -> None:
    sample = np.array([3.0, 1.0, 2.0])
    cdf = np.array([0.9, 0.8, 0.85])  # distance .8 - 0 below the first point
    due = 2 * math.exp(-6 * 0.8**2)
    assert due / ULPS <= statistics.ks_p(sample, cdf) <= due * ULPS
    assert statistics.ks_p(np.zeros(4), np.full(4, 0.5)) == 2 * math.exp(-2)


def test_statistics_that_are_not_finite_have_p_value_zero() -> None:
    for value in (math.nan, math.inf):
        assert statistics.chi_square_p(value, 3) == 0.0
        assert statistics.gaussian_mean_p(value, 3, 1.0) == 0.0
        assert statistics.bounded_mean_p(value, 3, 0.5, 0.0, 1.0) == 0.0
        assert statistics.ks_p([value, 0.0], [0.5, 0.5]) == 0.0


BAD_CALLS: dict[str, Callable[[], object]] = {
    "k > n": lambda: statistics.binomial_p(3, 2, 0.5),
    "n = 0": lambda: statistics.binomial_p(0, 0, 0.5),
    "p > 1": lambda: statistics.binomial_p(1, 2, 1.5),
    "p nan": lambda: statistics.binomial_p(1, 2, math.nan),
    "negative squares": lambda: statistics.chi_square_p(-1.0, 2),
    "ratio one": lambda: statistics.chi_square_samples(1.0),
    "negative sigma": lambda: statistics.gaussian_mean_p(0.0, 2, -1.0),
    "mu at the end": lambda: statistics.bounded_mean_p(0.0, 2, 0.0, 0.0, 1.0),
    "no departure": lambda: statistics.binomial_samples(0.5, 0.5),
    "no distance": lambda: statistics.ks_samples(0.0),
    "alpha": lambda: statistics.ks_effect(10, alpha=0.0),
    "sizes": lambda: statistics.ks_p([1.0, 2.0], [0.5]),
    "falling cdf": lambda: statistics.ks_p([1.0, 2.0], [0.5, 0.4]),
    "mask rank": lambda: statistics.mask_p_values(np.ones((2, 2), bool), 0.5, generator(0)),
    "mask rate": lambda: statistics.mask_p_values(np.ones((2, 2, 2), bool), 1.5, generator(0)),
}


@pytest.mark.parametrize("name", BAD_CALLS)
def test_values_outside_the_domain_raise(name: str) -> None:
    with pytest.raises(ValueError, match=r"got|need|must|differ"):
        BAD_CALLS[name]()


# Size and power ----------------------------------------------------------------------------------


def generator(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_sizes_stay_below_nominal() -> None:
    """At nominal 1e-3, more than 30 alarms in 10 000 runs have probability below 1e-6."""
    runs, n, rng = 10_000, 50, generator(0)
    normal, uniform = rng.normal(size=(runs, n)), rng.uniform(-1, 1, (runs, n))
    p_values = {
        "binomial": [statistics.binomial_p(int(k), n, 0.8) for k in rng.binomial(n, 0.8, runs)],
        "chi-square": [statistics.chi_square_p(float(s), n) for s in (normal**2).sum(1)],
        "mean": [statistics.gaussian_mean_p(float(m), n, 1.0) for m in normal.mean(1)],
        "bounded": [
            statistics.bounded_mean_p(float(m), n, 1 / 3, 0.0, 1.0) for m in (uniform**2).mean(1)
        ],
        "ks": [statistics.ks_p(x, (x + 1) / 2) for x in uniform],
    }
    for name, found in p_values.items():
        assert sum(p <= 1e-3 for p in found) <= 30, name


def test_sample_sizes_agree_with_the_published_table() -> None:
    errors = {"alpha": 1e-9, "beta": 1e-9}
    assert statistics.binomial_samples(0.8, 0.82, **errors) == 64_806
    assert statistics.binomial_samples(0.1, 0.12, **errors) == 41_149
    assert statistics.chi_square_samples(0.5, **errors) == 708
    assert statistics.chi_square_samples(4.0, **errors) == 180


def test_sample_sizes_detect_their_effect_and_one_less_does_not() -> None:
    for p, rate in ((0.8, 0.82), (0.8, 0.7), (0.5, 0.0), (0.0, 0.01), (1.0, 0.9)):
        n = statistics.binomial_samples(p, rate)
        low, high = statistics.binomial_effect(n, p)
        assert rate <= low or rate >= high
        if n > 1:
            low, high = statistics.binomial_effect(n - 1, p)
            assert low < rate < high
    for ratio in (0.5, 1.5):
        n = statistics.chi_square_samples(ratio)
        low, high = statistics.chi_square_effect(n)
        assert ratio <= low or ratio >= high
    n = statistics.gaussian_mean_samples(0.1, 2.0)
    assert (
        statistics.gaussian_mean_effect(n, 2.0) <= 0.1 < statistics.gaussian_mean_effect(n - 1, 2.0)
    )
    n = statistics.ks_samples(0.05)
    assert statistics.ks_effect(n) <= 0.05 < statistics.ks_effect(n - 1)
    n = statistics.bounded_mean_samples(1 / 3, 0.4, 0.0, 1.0)
    assert statistics.bounded_mean_effect(n, 1 / 3, 0.0, 1.0)[1] <= 0.4
    assert statistics.binomial_effect(3, 0.8) == (-math.inf, math.inf)


def test_designed_samples_do_detect() -> None:
    rng, runs = generator(1), 300
    n = statistics.binomial_samples(0.8, 0.9)
    assert all(statistics.binomial_p(int(k), n, 0.8) <= ALPHA for k in rng.binomial(n, 0.9, runs))
    n = statistics.chi_square_samples(0.5)
    squares = 0.5 * rng.chisquare(n, runs)
    assert all(statistics.chi_square_p(float(s), n) <= ALPHA for s in squares)
    n = statistics.gaussian_mean_samples(0.2, 1.0)
    means = rng.normal(0.2, n**-0.5, runs)
    assert all(statistics.gaussian_mean_p(float(m), n, 1.0) <= ALPHA for m in means)
    n = statistics.ks_samples(0.2)
    for _ in range(50):
        x = rng.uniform(0.2, 1.2, n)
        assert statistics.ks_p(x, np.minimum(x, 1.0)) <= ALPHA


# Masks -------------------------------------------------------------------------------------------

CALLS, ROWS, UNITS = 32, 64, 64


def bits(p: float, rng: np.random.Generator, *shape: int) -> Masks:
    return rng.random(shape or (CALLS, ROWS, UNITS)) < p


def broadcast(*shape: int) -> Callable[[float, np.random.Generator], Masks]:
    return lambda p, rng: np.broadcast_to(bits(p, rng, *shape), (CALLS, ROWS, UNITS)).copy()


def exactly_k(p: float, rng: np.random.Generator) -> Masks:
    ranks = rng.random((CALLS, ROWS, UNITS)).argsort(2).argsort(2)
    return ranks < round(p * UNITS)


def shared_factor(p: float, rng: np.random.Generator) -> Masks:
    shares = rng.random((CALLS, ROWS, UNITS)) < math.sqrt(0.1)  # correlation 0.1 within a row
    return np.where(shares, bits(p, rng, CALLS, ROWS, 1), bits(p, rng))


def one_unit(kept: bool) -> Callable[[float, np.random.Generator], Masks]:
    def draw(p: float, rng: np.random.Generator) -> Masks:
        masks = bits(p, rng)
        masks[:, :, 3] = kept
        return masks

    return draw


def antithetic(p: float, rng: np.random.Generator) -> Masks:
    half = bits(p, rng, CALLS, ROWS // 2, UNITS)
    return np.concatenate([half, ~half if p == 0.5 else half], axis=1)


def shifted(p: float, rng: np.random.Generator) -> Masks:
    first = bits(p, rng, CALLS, UNITS)
    return np.stack([np.roll(first, row, axis=1) for row in range(ROWS)], axis=1)


WRONG: dict[str, Callable[[float, np.random.Generator], Masks]] = {
    "keep rate off by .02": lambda p, rng: bits(p + 0.02, rng),
    "same mask for all rows": broadcast(CALLS, 1, UNITS),
    "same mask for all units": broadcast(CALLS, ROWS, 1),
    "same mask every call": broadcast(1, ROWS, UNITS),
    "exactly k per row": exactly_k,
    "blocks of two units": lambda p, rng: bits(p, rng, CALLS, ROWS, UNITS // 2).repeat(2, axis=2),
    "shared factor": shared_factor,
    "one unit never dropped": one_unit(kept=True),
    "one unit always dropped": one_unit(kept=False),
    "antithetic rows": antithetic,
    "period of 4 calls": lambda p, rng: bits(p, rng, 4, ROWS, UNITS)[np.arange(CALLS) % 4],
    "period of 3 calls": lambda p, rng: bits(p, rng, 3, ROWS, UNITS)[np.arange(CALLS) % 3],
    "shifted rows": shifted,
}


@pytest.mark.parametrize("p", [0.5, 0.8])
@pytest.mark.parametrize("name", WRONG)
def test_wrong_masks_are_detected(name: str, p: float) -> None:
    for seed in range(3):
        masks = WRONG[name](p, generator(seed))
        assert min(statistics.mask_p_values(masks, p, generator(99 + seed)).values()) <= ALPHA


def test_drop_rate_taken_for_keep_rate_is_detected() -> None:
    found = statistics.mask_p_values(bits(0.2, generator(0)), 0.8, generator(1))
    assert found["keep rate"] == 0.0


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8, 0.999])
def test_independent_masks_raise_no_alarm(p: float) -> None:
    for seed in range(5):
        found = statistics.mask_p_values(bits(p, generator(seed)), p, generator(99 + seed))
        assert min(found.values()) > 1e-6


@pytest.mark.parametrize("shape", [(8, 16, 16), (2, 3, 5), (5, 1, 7)])
def test_battery_sizes_stay_below_nominal(shape: tuple[int, int, int]) -> None:
    """At nominal .01, more than 19 alarms in 400 runs have probability below 1e-7."""
    rng = generator(2)
    alarms: dict[str, int] = {}
    for _ in range(400):
        for name, p in statistics.mask_p_values(bits(0.8, rng, *shape), 0.8, rng).items():
            alarms[name] = alarms.get(name, 0) + (p <= 0.01)
    assert max(alarms.values()) <= 19


def test_battery_leaves_out_what_has_no_data() -> None:
    single = statistics.mask_p_values(np.ones((1, 1, 1), bool), 0.5, generator(0))
    assert not [name for name in single if "pairs" in name or "adjacent" in name or "lags" in name]
    assert single["keep rate"] == 1.0
    full = statistics.mask_p_values(bits(0.5, generator(0)), 0.5, generator(0))
    assert set(single) < set(full)
    assert "equal masks" in full
    assert len(full) == 18


@pytest.mark.parametrize("p", [0.0, 1.0])
def test_sure_masks_are_judged_exactly(p: float) -> None:
    masks = np.full((3, 4, 5), bool(p))
    assert statistics.mask_p_values(masks, p, generator(0)) == {"keep rate": 1.0}
    masks[1, 2, 3] = not p
    assert statistics.mask_p_values(masks, p, generator(0)) == {"keep rate": 0.0}


def test_battery_does_not_change_the_masks_and_repeats_with_its_seed() -> None:
    masks = bits(0.8, generator(0))
    before = masks.copy()
    first = statistics.mask_p_values(masks, 0.8, generator(1))
    assert first == statistics.mask_p_values(masks, 0.8, generator(1))
    assert np.array_equal(masks, before)
