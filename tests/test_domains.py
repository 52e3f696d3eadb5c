"""Domains: both sources decode the same choices, cases reach the edges, dtypes are exact."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lawbook.domains import (
    Case,
    Domain,
    array,
    batch,
    batches,
    draw_case,
    images,
    in_dtype,
    labels,
    like,
    one_of,
    per_channel,
    sequence,
)
from lawbook.sources import HypothesisSource, NumpySource

INPUTS: dict[str, Domain] = {
    "x": batch(),
    "gamma": per_channel("x", 2.0, -1.0, 0.5),
    "dy": like("x"),
    "many": batches(),
    "image": images(),
    "w": array(),
    "g": sequence("w"),
    "keep": one_of(0.5, 0.8),
    "t": labels("x"),
}


class Replay:
    """A source that replays recorded choices: what Hypothesis does with a case of the screen."""

    def __init__(self, choices: list[int | bytes]) -> None:
        self.choices = list(choices)

    def integer(self, low: int, high: int) -> int:
        if low == high:
            return low
        choice = self.choices.pop(0)
        assert isinstance(choice, int)
        assert low <= choice <= high
        return choice

    length = integer

    def codes(self, shape: tuple[int, ...]) -> Any:
        choice = self.choices.pop(0)
        assert isinstance(choice, np.ndarray)
        assert choice.shape == shape
        return choice


def flat(case: Case) -> list[Any]:
    values = [v for value in case.values() for v in (value if isinstance(value, list) else [value])]
    return [np.asarray(value).tolist() for value in values]


@pytest.mark.parametrize("seed", range(20))
def test_recorded_choices_replay_to_the_same_case(seed: int) -> None:
    source = NumpySource(np.random.default_rng(seed), 1.0)
    case = draw_case(INPUTS, source)
    replay = Replay(source.choices)
    assert flat(draw_case(INPUTS, replay)) == flat(case)
    assert not replay.choices


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_hypothesis_draws_cases_of_the_domain(data: st.DataObject) -> None:
    case = draw_case(INPUTS, HypothesisSource(data.draw))
    assert case["dy"].shape == case["x"].shape
    assert case["gamma"].shape == (case["x"].shape[1],)
    assert all(np.isfinite(np.asarray(value)).all() for value in flat(case) if value)


def test_choice_zero_is_the_simplest_case() -> None:
    class Zero(NumpySource):
        def integer(self, low: int, high: int) -> int:
            return low

        def length(self, low: int, high: int) -> int:
            return low

        def codes(self, shape: tuple[int, ...]) -> Any:
            return np.zeros(shape, np.uint8)

    case = draw_case(INPUTS, Zero(np.random.default_rng(0), 1.0))
    assert case["x"].tolist() == [[0.0]]
    assert case["keep"] == 0.5


def test_screened_batches_reach_zeros_ties_constants_and_large_means() -> None:
    rng = np.random.default_rng(0)
    sizes = np.linspace(0, 1, 30)
    drawn = [draw_case({"x": batch()}, NumpySource(rng, size))["x"] for size in sizes]
    flattened = np.concatenate([x.ravel() for x in drawn])
    assert (flattened == 0).any()
    assert np.abs(flattened).max() >= 1e6
    assert any((x == x[:1]).all(0).any() for x in drawn if len(x) > 1)
    assert any(len(x) == 1 for x in drawn)
    assert any(len(x) > 30 for x in drawn)


def test_small_sizes_give_small_shapes() -> None:
    source = NumpySource(np.random.default_rng(0), 0.0)
    assert draw_case({"x": batch(rows=(2, 70))}, source)["x"].shape == (2, 1)


def test_bfloat16_values_have_eight_significant_bits() -> None:
    x = np.random.default_rng(0).normal(size=100)
    rounded = in_dtype({"x": x}, "bfloat16")["x"]
    assert (rounded.view(np.uint32) & 0xFFFF == 0).all()
    assert (np.abs(rounded - x) <= 2.0**-8 * np.abs(x)).all()


def test_dtypes_leave_labels_and_numbers_alone() -> None:
    case = in_dtype({"t": np.arange(3), "keep": 0.1, "xs": [np.ones(2)]}, "float32")
    assert case["t"].dtype.kind == "i"
    assert case["keep"] == 0.1
    assert case["xs"][0].dtype == np.float32
