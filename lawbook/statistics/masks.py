"""Masks: a battery of tests that all bits are independent and kept at one rate."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from lawbook.statistics.budget import bonferroni
from lawbook.statistics.distributions import ks_p
from lawbook.statistics.frequencies import binomial_p

Masks = NDArray[np.bool_]
_AXES = ("call", "row", "unit")


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
