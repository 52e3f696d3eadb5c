"""What is due on a case is computed once: the same answers, and no others, whatever is asked next."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lawbook.bounds import Bounded
from lawbook.operations import LocalBackend, Operation, Recall, Session, TargetError, due


class Adds:
    """An operation with a state: the sum so far."""

    runs = 0

    def __init__(self, *, start: float = 0.0) -> None:
        self.sum = start

    def add(self, x: Any) -> Any:
        Adds.runs += 1
        if np.any(x.value < 0):
            raise ValueError("negative")
        self.sum = self.sum + x
        return self.sum


def operation(recall: Recall | None = None) -> Operation:
    Adds.runs = 0
    made = Operation("adds", Session(LocalBackend({})), Adds, {}, frozenset())
    made.recall = recall
    return made


def sums(of: Operation, *numbers: float) -> list[float]:
    assert of.recall
    of.recall.rewind()
    twin = of.reference()
    return [float(twin.add(np.array([float(number)])).value[0]) for number in numbers]


def test_a_twin_answers_from_memory() -> None:
    of = operation(Recall())
    assert sums(of, 1, 2, 3) == sums(of, 1, 2, 3) == [1, 3, 6]
    assert Adds.runs == 3


def test_a_twin_that_is_asked_something_else_has_the_state_of_what_was_asked() -> None:
    of = operation(Recall())
    assert sums(of, 1, 2, 3) == [1, 3, 6]
    assert sums(of, 1, 5, 3) == [1, 6, 9]
    assert sums(of, 1, 5, 3, 1) == [1, 6, 9, 10]
    assert sums(of, 2) == [2]
    assert sums(of, 2, 2) == [2, 4]


def test_a_failure_of_a_twin_is_kept_too() -> None:
    of = operation(Recall())
    for _ in range(2):
        with pytest.raises(TargetError, match="negative"):
            sums(of, 1, -1)
    assert Adds.runs == 2
    assert sums(of, 1, 1) == [1, 2]


def test_each_twin_has_memory_of_its_own() -> None:
    of = operation(Recall())
    for _ in range(2):
        assert of.recall
        of.recall.rewind()
        first, second = of.reference(), of.reference(start=10.0)
        assert float(first.add(np.ones(1)).value[0]) == 1
        assert float(second.add(np.ones(1)).value[0]) == 11
        assert float(first.add(np.ones(1)).value[0]) == 2
    assert Adds.runs == 3


def test_what_is_due_is_computed_once_for_the_same_values() -> None:
    computed = []

    @due
    def double(of: Operation, x: Any) -> Any:
        computed.append(x)
        return 2 * x

    of, x = operation(Recall()), np.array([1.0, np.nan])
    assert double(of, x) is double(of, x.copy())
    assert double(of, Bounded(1.0)).value == double(of, Bounded(1.0)).value == 2
    assert double(of, Bounded(1.0, 0.5)).error >= 1
    assert len(computed) == 3
    plain = operation()
    assert double(plain, 1.0) == double(plain, 1.0) == 2
    assert len(computed) == 5
