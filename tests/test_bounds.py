"""Value-and-bound pairs: the bound contains the true rounding error, in any order, and is not empty."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from lawbook.bounds import Bounded, bounded, lift, precision, unit

mpmath = pytest.importorskip("mpmath")
OFFSETS = (0.0, 1.0, 1e4, 1e6)


def normalize(x: Any, eps: float) -> Any:
    """Batch normalization of one feature, as a program that runs on any number system."""
    centred = x - x.sum() / len(x)
    variance = (centred * centred).sum() / len(x)
    return centred / np.sqrt(variance + eps)


def exact_normalize(x: Any, eps: float) -> list[Any]:
    with mpmath.workdps(60):
        values = [mpmath.mpf(float(v)) for v in x]
        mean = sum(values) / len(values)
        variance = sum((v - mean) ** 2 for v in values) / len(values)
        return [(v - mean) / mpmath.sqrt(variance + mpmath.mpf(eps)) for v in values]


@pytest.mark.parametrize("offset", OFFSETS)
@pytest.mark.parametrize("count", [1, 2, 7, 64])
def test_bound_contains_error_of_every_order(offset: float, count: int) -> None:
    rng = np.random.default_rng(count)
    x = offset + rng.normal(size=count)
    due = normalize(bounded(x), 1e-5)
    truth = exact_normalize(x, 1e-5)
    for order in (np.arange(count), np.arange(count)[::-1], rng.permutation(count)):
        got = normalize(x[order], 1e-5)
        for place, index in enumerate(order):
            error = abs(mpmath.mpf(float(got[place])) - truth[index])
            assert error <= due.error[index]


def test_bound_is_within_reach_of_the_error() -> None:
    x = 1e6 + np.random.default_rng(0).normal(size=64)
    due = normalize(bounded(x), 1e-5)
    assert due.error.max() < 64 * 2e6 * 2**-53 * 4  # n u kappa, not more than a small factor above


def test_one_pass_variance_is_outside_the_bound() -> None:
    x = 1e6 + np.random.default_rng(0).normal(size=64)
    due = normalize(bounded(x), 1e-5)
    variance = (x * x).mean() - x.mean() ** 2
    wrong = (x - x.mean()) / np.sqrt(np.maximum(variance, 0) + 1e-5)
    assert (np.abs(wrong - due.value) > 8 * due.error).any()


@pytest.mark.parametrize("operation", ["+", "-", "*", "/"])
def test_single_operations_contain_the_exact_result(operation: str) -> None:
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=200), rng.normal(size=200)
    apply = {
        "+": lambda u, v: u + v,
        "-": lambda u, v: u - v,
        "*": lambda u, v: u * v,
        "/": lambda u, v: u / v,
    }[operation]
    thirds = apply(bounded(a) / 3, bounded(b) / 7)
    for i in range(200):
        exact = apply(Fraction(float(a[i])) / 3, Fraction(float(b[i])) / 7)
        assert abs(Fraction(float(thirds.value[i])) - exact) <= Fraction(float(thirds.error[i]))


def test_float32_arithmetic_is_within_the_float32_bound() -> None:
    x = (1e4 + np.random.default_rng(1).normal(size=256)).astype(np.float32)
    with precision("float32"):
        assert unit() == 2.0**-24
        due = normalize(bounded(x), 1e-5)
    got = normalize(x, np.float32(1e-5))
    assert got.dtype == np.float32
    assert (np.abs(got - due.value) <= 8 * due.error).all()
    with precision("float64"):
        assert (np.abs(got - due.value) > 8 * normalize(bounded(x), 1e-5).error).any()


def test_constants_that_float32_cannot_hold_carry_their_rounding() -> None:
    with precision("float32"):
        assert lift(0.1).error > 0
        assert lift(0.5).error == 0


def test_division_by_an_interval_with_zero_says_nothing() -> None:
    quotient = bounded(np.array([1.0])) / Bounded([1e-20], [1e-10])
    assert np.isinf(quotient.error).all()


def test_unknown_functions_are_refused_by_name() -> None:
    with pytest.raises(TypeError, match=r"no rounding rule for numpy\.arctan"):
        np.arctan(bounded(np.ones(2)))
    with pytest.raises(TypeError, match=r"no rounding rule for numpy\.partition"):
        np.partition(bounded(np.ones(2)), 1)


def test_bounded_runs_through_lists_and_leaves_integers() -> None:
    one, two = bounded([np.ones(2), np.arange(3)])
    assert isinstance(one, Bounded)
    assert isinstance(two, np.ndarray)
