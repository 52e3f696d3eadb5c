"""Claims: each accepts what holds and rejects a planted wrong thing."""

from __future__ import annotations

import numpy as np
import pytest

from lawbook.bounds import Bounded, bounded
from lawbook.claims import (
    All,
    AtMost,
    Claim,
    Differ,
    Equal,
    Finite,
    Frequency,
    Gradient,
    Independent,
    Mean,
    OneOf,
    SameBits,
    Unlikely,
    Variance,
    near,
    same_numbers,
)

X = np.array([1.0, 2.0, 3.0])
THIRDS = bounded(X) / 3
RNG = np.random.default_rng(0)

HOLD: list[Claim] = [
    Equal(X / 3, THIRDS),
    Equal(X, X),
    Equal(np.nextafter(X / 3, 9), THIRDS),
    Equal(np.array([np.inf]), Bounded([np.inf])),
    AtMost(X, X),
    AtMost(X, X + 1),
    OneOf(np.array([0.0, 2 / 3]), (bounded(np.array([1.0, 2.0])) / 3, 0.0)),
    OneOf(np.array([np.inf]), (np.array([np.inf]), 0.0)),
    SameBits(X, X.copy()),
    Differ(X, X + 1),
    Finite(X),
    Frequency(5000, 10000, 0.5),
    Variance(RNG.normal(0, 2, 4000), 4.0),
    Variance(RNG.uniform(-1, 1, 4000), 1 / 3, uniform=True),
    Mean(RNG.normal(0, 2, 4000), 0.0, 2.0),
    Independent(RNG.random((8, 32, 32)) < 0.8, 0.8),
    All(Equal(X, X), Finite(X)),
    Equal(near(X / 3, THIRDS), THIRDS),
]
FAIL: list[Claim] = [
    Equal(X / 3 * (1 + 1e-12), THIRDS),
    Equal(X[:2], X),
    Equal(X[None], X),
    Equal(np.array([np.nan, 2.0, 3.0]), X),
    Equal(np.array([np.inf, 2.0, 3.0]), X),
    Equal(np.zeros(3), THIRDS),
    AtMost(X + 1e-9, X),
    AtMost(X * np.nan, X),
    AtMost(Bounded(X * np.nan, X * np.nan), X),
    Equal(Bounded(X * np.nan, X * np.nan), X),
    Equal(X, X * np.nan),
    OneOf(np.array([0.0, 0.5]), (bounded(np.array([1.0, 2.0])) / 3, 0.0)),
    OneOf(np.array([np.nan]), (1.0, 0.0)),
    OneOf(np.array([np.nan]), (Bounded([1.0], [np.nan]), 0.0)),
    OneOf(np.array([np.inf]), (Bounded([1.0], [np.inf]), 0.0)),
    SameBits(X, np.nextafter(X, 9)),
    SameBits(X, X[:2]),
    Differ(X, X.copy()),
    Finite(np.array([1.0, np.inf])),
    Frequency(5600, 10000, 0.5),
    Frequency(9999, 10000, 1.0),
    Variance(RNG.normal(0, 2, 4000), 8.0),
    Variance(RNG.uniform(-1, 1, 4000), 0.5, uniform=True),
    Mean(RNG.normal(0.5, 2, 4000), 0.0, 2.0),
    Independent(np.repeat(RNG.random((8, 1, 32)) < 0.8, 32, 1), 0.8),
    All(Equal(X, X), Finite(X * np.nan)),
]


@pytest.mark.parametrize("claim", HOLD, ids=lambda c: type(c).__name__)
def test_what_holds_is_accepted(claim: Claim) -> None:
    outcome = claim.judge()
    assert outcome.holds, outcome


@pytest.mark.parametrize("claim", FAIL, ids=lambda c: type(c).__name__)
def test_what_is_wrong_is_rejected_with_a_sentence(claim: Claim) -> None:
    outcome = claim.judge()
    assert not outcome.holds, outcome
    assert outcome.message
    assert outcome.ratio > 1


def test_the_worst_element_is_named() -> None:
    got = X / 3 + np.array([0, 0.1, 0])
    outcome = Equal(got, THIRDS).judge()
    assert "index (1,)" in outcome.message
    assert outcome.measured == pytest.approx(0.1)
    assert 0 < outcome.allowed < 1e-14


def test_where_the_bound_says_nothing_only_the_shape_counts() -> None:
    nothing = Bounded([1.0], [np.inf])
    assert Equal(np.array([5.0]), nothing).judge().holds
    assert not Equal(np.array([5.0, 5.0]), nothing).judge().holds
    assert not Equal(np.array([np.nan]), nothing).judge().holds


def test_an_empty_battery_claims_nothing() -> None:
    assert Unlikely({}).judge().holds


def test_gradient_rejects_a_scaled_gradient() -> None:
    x = np.array([[0.5, -1.0], [2.0, 0.25]])
    dy = np.array([[1.0, 2.0], [-1.0, 0.5]])

    def forwards(many: list[dict[str, np.ndarray]]) -> list[np.ndarray]:
        return [np.tanh(arguments["x"]) for arguments in many]

    right = dy * (1 - np.tanh(x) ** 2)
    assert Gradient(forwards, {"x": x}, {"x": right}, dy).judge().holds
    wrong = Gradient(forwards, {"x": x}, {"x": right * 1.001}, dy).judge()
    assert not wrong.holds
    assert "derivative" in wrong.message


def test_same_numbers_forgives_rounding_only() -> None:
    assert same_numbers(X, X * (1 + 1e-12))
    assert not same_numbers(X, X * (1 + 1e-6))
    assert not same_numbers(X, None)
    assert not same_numbers(X, X[:2])
