"""Batch normalization: honest implementations hold its laws, whatever their formulas and conventions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lawbook.bounds import bounded
from lawbook.budget import Budget
from lawbook.checking import check
from lawbook.claims import Equal
from lawbook.conventions import Measured, Profile, settle
from lawbook.laws import discover
from lawbook.mistakes import discover as known_mistakes
from lawbook.targets import Target, reference_target
from lawbook.verdicts import Verdict
from mistakes.batch_norm import ComputesVarianceInOnePass, MisplacesParenthesis
from reference import batch_norm as formulas
from reference.arrays import Array
from reference.batch_norm import BatchNorm

LAWS = [law for law in discover() if law.topic == "batch_norm"]
PLAIN: dict[str, Any] = {}
FAU = {"eps": 1e-15, "decay": 0.8, "start": "first_batch"}
CONVENTIONS: list[dict[str, Any]] = [
    PLAIN,
    FAU,
    {"eps": 1e-11, "backward_eps": 2.0**-52, "decay": 0.8, "start": "first_batch"},
    {"eps": 1e-10, "eps_place": "outside", "decay": 0.8, "start": "first_batch"},
    {"eps": 1e-5, "decay": 0.9, "start": "zeros"},
    {"eps": 1e-5, "decay": 0.9, "start": "zeros", "evaluation_eps": 0.0},
    {"eps": 1e-8, "parameter_gradients": "mean"},
    {"eps": 1e-3, "decay": 0.99, "running_variance": "unbiased", "single_row": "raises"},
]


class ThreeTerms(BatchNorm):
    """The gradient in three terms with powers of the variance, as the FAU exercise hands it out."""

    def statistics(self, rows: Array) -> tuple[Array, Array]:
        return np.mean(rows, axis=0), np.std(rows, axis=0) ** 2

    def input_gradient(self, dy: Array, mean: Array, variance: Array) -> Array:
        spread, scaled, n = variance + self.eps, dy * self.gamma, len(dy)
        centred = self.rows - mean
        by_variance = np.sum(scaled * centred * -0.5 * spread ** (-3 / 2), axis=0, keepdims=True)
        by_mean = np.sum(scaled * -1.0 / np.sqrt(spread), axis=0, keepdims=True)
        by_mean = by_mean + by_variance * np.sum(-2.0 * centred, axis=0, keepdims=True) / n
        dx: Array = scaled / np.sqrt(spread) + by_variance * 2.0 * centred / n + by_mean / n
        return dx


class Staged(BatchNorm):
    """The gradient in the reference's staged form."""

    def input_gradient(self, dy: Array, mean: Array, variance: Array) -> Array:
        s, r = formulas.gradient_roots(variance, self.eps, self.eps_place, self.backward_eps)
        return formulas.backward_staged(dy, self.rows, self.gamma, mean, s, r)


class Folded(BatchNorm):
    """y = a x + b with a = gamma / s and b = beta - a mean."""

    def output(self, rows: Array, mean: Array, variance: Array, shape: tuple[int, ...]) -> Array:
        a = self.gamma / self.deviation(variance)
        return formulas.from_rows(rows * a + (self.beta - mean * a), shape)


class Welford(BatchNorm):
    """Mean and variance updated row by row; the moving average as old + (1 - d) (new - old)."""

    def statistics(self, rows: Array) -> tuple[Array, Array]:
        mean, squares = np.zeros(rows.shape[1]), np.zeros(rows.shape[1])
        for count, row in enumerate(rows, 1):
            step = row - mean
            mean = mean + step / count
            squares = squares + step * (row - mean)
        return mean, squares / len(rows)

    def update_running(self, mean: Array, variance: Array, count: int) -> None:
        if self.running_variance == "unbiased":
            variance = variance * (count / max(count - 1, 1))
        old = self.running or (mean, variance)
        new = (mean, variance)
        rate = 1 - self.decay
        self.running = (old[0] + rate * (new[0] - old[0]), old[1] + rate * (new[1] - old[1]))


class Shifted(BatchNorm):
    """E[x^2] - E[x]^2 of the rows less their first, which is stable."""

    def statistics(self, rows: Array) -> tuple[Array, Array]:
        shifted = rows - rows[0]
        mean = shifted.mean(axis=0)
        return rows[0] + mean, np.maximum((shifted**2).mean(axis=0) - mean**2, 0)


class MultipliesByInverse(BatchNorm):
    """gamma ((x - mean) (var + eps)^(-1/2)) + beta."""

    def output(self, rows: Array, mean: Array, variance: Array, shape: tuple[int, ...]) -> Array:
        if self.eps_place == "inside":
            inverse = (variance + self.eps) ** -0.5
        else:
            inverse = 1 / self.deviation(variance)
        return formulas.from_rows(self.gamma * ((rows - mean) * inverse) + self.beta, shape)


def under(conventions: dict[str, Any], implementation: type = BatchNorm) -> Target:
    """The implementation as a target that declares these conventions."""
    target = reference_target(batch_norm=implementation, batch_norm_alt=implementation)
    update = {k: v for k, v in conventions.items() if "eps" in k}
    target.conventions = {
        "batch_norm": conventions,
        "batch_norm_alt": conventions,
        "batch_norm_update": update,
    }
    return target


def broken(target: Target, seed: int = 0) -> dict[str, Verdict]:
    """The laws that do not hold, or that Lawbook could not judge."""
    verdicts = check(target, LAWS, seed, Budget(shrink_calls=0))
    return {
        v.law.removeprefix("batch_norm."): v
        for v in verdicts
        if v.status not in ("pass", "skip") or "could not judge" in v.message
    }


@pytest.mark.parametrize("conventions", CONVENTIONS, ids=str)
def test_reference_holds_every_law_under_its_conventions(conventions: dict[str, Any]) -> None:
    assert broken(under(conventions)) == {}


@pytest.mark.parametrize("conventions", [PLAIN, FAU], ids=["plain", "fau"])
@pytest.mark.parametrize(
    "honest", [ThreeTerms, Staged, Folded, Welford, Shifted, MultipliesByInverse]
)
def test_honest_variants_hold_every_law(honest: type, conventions: dict[str, Any]) -> None:
    assert broken(under(conventions, honest)) == {}


@pytest.mark.parametrize("conventions", CONVENTIONS, ids=str)
def test_one_pass_variance_is_found_by_large_means_alone(conventions: dict[str, Any]) -> None:
    found = set(broken(under(conventions, ComputesVarianceInOnePass)))
    assert "training_output_is_accurate_at_large_mean" in found
    assert "training_output_eq_affine_of_normalized_batch" not in found


@pytest.mark.parametrize("seed", range(4))
def test_evaluation_that_is_not_a_number_fails(seed: int) -> None:
    found = broken(under(PLAIN, MisplacesParenthesis), seed)
    assert "running_variance_eq_moving_average_of_batch_variances" in found


HARMLESS_OF_TINY_EPS = {"batch_norm.evaluates_with_eps_elsewhere"}
MISTAKES = {
    name: one for name, one in known_mistakes().items() if one.operation.startswith("batch_norm")
}


@pytest.mark.parametrize("name", sorted(MISTAKES.keys() - HARMLESS_OF_TINY_EPS))
def test_mistakes_are_found_under_the_conventions_of_fau(name: str) -> None:
    one = MISTAKES[name]
    target = under(FAU)
    target.backend = reference_target(**{one.operation: one.implementation}).backend
    assert broken(target)


def test_backward_eps_of_its_own_is_measured() -> None:
    class Mixed(BatchNorm):
        def __init__(self, *, gamma: Array, beta: Array) -> None:
            super().__init__(gamma=gamma, beta=beta, eps=1e-11, backward_eps=2.0**-52)

    target = reference_target(batch_norm=Mixed)
    measured = {"batch_norm": {"eps": Measured("batch_norm_eps", "batch_norm")}}
    settle(target, Profile("", "", "", frozenset(), conventions=measured))
    due = {"eps": 1e-11, "eps_place": "inside", "backward_eps": 2.0**-52}
    assert target.conventions["batch_norm"] == due


@pytest.mark.parametrize("place", formulas.EPS_PLACES)
def test_staged_backward_eq_compact_backward(place: str) -> None:
    rng = np.random.default_rng(0)
    rows, dy, gamma = (bounded(rng.normal(size=shape)) for shape in ((7, 3), (7, 3), 3))
    mean, variance = formulas.moments(rows)
    s, r = formulas.gradient_roots(variance, 1e-5, place, None)
    normalized = formulas.normalize(rows, mean, s)
    staged = formulas.backward_staged(dy, rows, gamma, mean, s, r)
    assert Equal(staged, formulas.backward_compact(dy, normalized, gamma, s, r)).judge().holds


@pytest.mark.parametrize("decay", [0.0, 0.8, 0.99])
def test_moving_average_eq_its_closed_form(decay: float) -> None:
    start, *values = (bounded(v) for v in np.random.default_rng(1).normal(size=(6, 4)))
    recursive = start
    for value in values:
        recursive = formulas.moving_average(recursive, value, decay)
    closed = formulas.moving_average_closed_form(start, values, decay)
    assert Equal(recursive, closed).judge().holds


def test_two_batch_window_of_the_slide_differs_from_the_moving_average() -> None:
    """Erratum E12: means 0, 0, 0, 10, 0, 0 with decay 0.8 leave 1.28, not 0."""
    means = [bounded(np.array([m])) for m in (0.0, 0.0, 0.0, 10.0, 0.0, 0.0)]
    average = formulas.moving_average_closed_form(means[0], means[1:], 0.8)
    assert Equal(average, bounded(np.array([1.28]))).judge().holds


def test_rows_of_images_are_channels_and_come_back() -> None:
    """Erratum E19: channel means 7.5, 11.5, 15.5; without moving the channels they are mixed."""
    x = np.arange(24.0).reshape(2, 3, 2, 2)
    rows = formulas.as_rows(x)
    assert rows.mean(axis=0).tolist() == [7.5, 11.5, 15.5]
    assert x.reshape(-1, 3).mean(axis=0).tolist() == [10.5, 11.5, 12.5]
    assert np.array_equal(formulas.from_rows(rows, x.shape), x)


@pytest.mark.parametrize(
    "wrong",
    [
        {"decay": 1.0},
        {"decay": -0.1},
        {"start": "ones"},
        {"eps_place": "root"},
        {"running_variance": "corrected"},
        {"single_row": "ignored"},
    ],
    ids=str,
)
def test_conventions_outside_their_domain_raise(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=str(next(iter(wrong.values())))):
        BatchNorm(gamma=np.ones(1), beta=np.zeros(1), **wrong)


def test_evaluating_before_the_first_batch_raises_where_that_sets_the_statistics() -> None:
    layer = BatchNorm(gamma=np.ones(1), beta=np.zeros(1), start="first_batch")
    with pytest.raises(ValueError, match="first batch"):
        layer.evaluate(np.ones((2, 1)))


def test_single_row_raises_where_declared() -> None:
    layer = BatchNorm(gamma=np.ones(1), beta=np.zeros(1), single_row="raises")
    with pytest.raises(ValueError, match="more than one value"):
        layer.train(np.ones((1, 1)))
