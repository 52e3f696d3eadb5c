"""Shrinking: from the choices of a failing case to few, low ones; and choices made to fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lawbook.domains import (
    Case,
    Domain,
    array,
    batch,
    draw_case,
    integers,
    like,
    sequence,
)
from lawbook.shrinking import Shrinker
from lawbook.sources import Choice, NumpySource, Recorded, resized

INPUTS: dict[str, Domain] = {"x": batch(hard=False), "dy": like("x"), "n": integers(2, 50)}


def shrunk(inputs: dict[str, Domain], fails: Any, seed: int, calls: int = 300) -> tuple[Case, int]:
    """The smallest failing case found from the first of a random screen, and the cases evaluated."""
    tried: list[Case] = []

    def counted(case: Case) -> bool:
        tried.append(case)
        return bool(fails(case))

    rng = np.random.default_rng(seed)
    while True:
        source = NumpySource(rng, 1.0)
        if fails(draw_case(inputs, source)):
            break
    shrinker = Shrinker(lambda source: draw_case(inputs, source), counted, source.choices, calls)
    shrinker.run()
    return draw_case(inputs, Recorded(shrinker.choices)), len(tried)


@pytest.mark.parametrize("seed", range(5))
def test_a_wrong_element_anywhere_ends_alone(seed: int) -> None:
    """Rows and columns before it are dropped as well as those behind it."""
    case, _ = shrunk(INPUTS, lambda case: (case["x"][:, -1] == 3).any(), seed)
    assert case["x"].tolist() == [[3.0]]
    assert case["dy"].tolist() == [[0.0]]
    assert case["n"] == 2


@pytest.mark.parametrize("seed", range(5))
def test_what_needs_several_rows_keeps_them(seed: int) -> None:
    case, _ = shrunk(INPUTS, lambda case: len(case["x"]) >= 33 and case["n"] >= 17, seed)
    assert case["x"].shape == (33, 1)
    assert not case["x"].any()
    assert case["n"] == 17


@pytest.mark.parametrize("seed", range(5))
def test_axes_and_arrays_that_do_not_matter_are_dropped(seed: int) -> None:
    inputs = {"w": array(ranks=(1, 4)), "g": sequence("w", count=(2, 6))}
    case, _ = shrunk(
        inputs, lambda case: any(np.abs(g).max(initial=0) >= 2 for g in case["g"]), seed
    )
    assert case["w"].shape == (1,)
    assert len(case["g"]) == 2
    assert min(abs(float(g[0])) for g in case["g"]) == 0.0


def test_no_more_cases_are_evaluated_than_allowed() -> None:
    _, tried = shrunk(INPUTS, lambda case: (case["x"] > 2).sum() > 4, 0, calls=7)
    assert tried <= 7


@pytest.mark.parametrize("seed", range(10))
def test_recorded_choices_give_the_same_case_again(seed: int) -> None:
    source = NumpySource(np.random.default_rng(seed), 1.0)
    case = draw_case(INPUTS, source)
    again = Recorded(source.choices)
    assert str(draw_case(INPUTS, again)) == str(case)
    assert str(again.taken) == str(source.choices)


@pytest.mark.parametrize(
    "choices",
    [[], [10**6] * 9, [np.arange(6, dtype=np.uint8)], [1, np.zeros((9, 9), np.uint8), -5]],
)
def test_any_choices_give_a_case_of_the_domain(choices: list[Choice]) -> None:
    case = draw_case(INPUTS, Recorded(choices))
    assert 1 <= case["x"].shape[0] <= 70
    assert 1 <= case["x"].shape[1] <= 24
    assert case["dy"].shape == case["x"].shape
    assert 2 <= case["n"] <= 50


def test_codes_are_cropped_at_either_end_and_filled_with_zeros() -> None:
    codes = np.arange(6, dtype=np.uint8).reshape(2, 3)
    assert resized(codes, (1, 2), tail=False).tolist() == [[0, 1]]
    assert resized(codes, (1, 2), tail=True).tolist() == [[4, 5]]
    assert resized(codes, (3, 1), tail=False).tolist() == [[0], [3], [0]]
    assert resized(codes, (4,), tail=False).tolist() == [0, 1, 2, 3]
    assert resized(codes[:0], (2,), tail=False).tolist() == [0, 0]
