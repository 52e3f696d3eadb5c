"""Screen, search, shrink: what is wrong is found and made small; what is right is left alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis.errors import InvalidArgument

from lawbook.bounds import bounded
from lawbook.budget import Budget
from lawbook.claims import Claim, Equal
from lawbook.domains import Domain, array, batch, integers
from lawbook.laws import Law, select
from lawbook.operations import LocalBackend, Operation, Session, TargetError
from lawbook.search import searched
from lawbook.trial import JudgeError, Trial
from lawbook.verdicts import Verdict


class Double:
    """A stand-in operation: y = 2 x."""

    def apply(self, x: Any) -> SameShape:
        return x + x


class Operand(Double):
    def apply(self, x: Any) -> SameShape:
        return np.where(np.abs(x) >= 3, x, x + x)


class OnlyWithManyRows(Double):
    def apply(self, x: Any) -> SameShape:
        return x + x + (len(x) >= 33)


class Raises(Double):
    def apply(self, x: Any) -> SameShape:
        raise RuntimeError("no")


class Unsteady(Double):
    calls = 0

    def apply(self, x: Any) -> SameShape:
        Unsteady.calls += 1
        return x + x + (Unsteady.calls % 3 == 0)


class ReturnsNone(Double):
    def apply(self, x: Any) -> SameShape:
        return None


class WrongShape(Double):
    def apply(self, x: Any) -> SameShape:
        return x.sum(0)


SameShape = Any


def run_law(law: Law, target: Operation, seed: int = 0, budget: Budget | None = None) -> Verdict:
    """Screen, search and shrink one law on one operation."""
    return Trial(law, target, seed=seed).verdict(budget or Budget())


def is_doubled(double: Operation, x: Any) -> Claim:
    return Equal(double().apply(x), bounded(x) + bounded(x))


def operation(implementation: type) -> Operation:
    backend = LocalBackend({"double": implementation})
    return Operation("double", Session(backend), Double, {}, frozenset())


def a_law(x: Domain | None = None, body: Any = is_doubled, screen: int = 10) -> Law:
    inputs = {"x": x or batch(hard=False)}
    return Law("tests.is_doubled", "tests", "double", body, inputs, "y = 2x", screen=screen)


def test_a_right_target_passes_screen_and_search() -> None:
    verdict = run_law(a_law(), operation(Double), budget=Budget(search=20))
    assert verdict.status == "pass"
    assert verdict.examples >= 30
    assert verdict.case is None


@pytest.mark.parametrize("seed", range(5))
def test_the_screen_finds_and_hypothesis_shrinks(seed: int) -> None:
    verdict = run_law(a_law(), operation(Operand), seed=seed)
    assert verdict.status == "fail"
    assert verdict.case is not None
    x = verdict.case["x"]
    assert x.shape == (1, 1)
    assert abs(x[0, 0]) == 3.0
    assert verdict.measured == 3.0
    assert [type(call).__name__ for call in verdict.trace] == ["Seed", "New", "Invoke"]


def test_a_bug_of_many_rows_is_found_and_shrunk_to_the_threshold() -> None:
    verdict = run_law(a_law(), operation(OnlyWithManyRows))
    assert verdict.status == "fail"
    assert verdict.case is not None
    assert verdict.case["x"].shape == (33, 1)
    assert not verdict.case["x"].any()


def test_the_search_finds_what_the_screen_does_not_reach() -> None:
    tiny = a_law(array(ranks=(1, 1), longest=40), screen=1)
    assert run_law(tiny, operation(OnlyWithManyRows)).status == "pass"
    found = run_law(tiny, operation(OnlyWithManyRows), budget=Budget(search=300))
    assert found.status == "fail"


@pytest.mark.parametrize(
    ("implementation", "status", "words"),
    [
        (Raises, "error", "RuntimeError: no"),
        (ReturnsNone, "fail", "apply returned None; numbers are due"),
        (WrongShape, "fail", "the shape (1, 1) of its argument is due"),
    ],
)
def test_each_kind_of_failure_has_its_status_and_sentence(
    implementation: type, status: str, words: str
) -> None:
    verdict = run_law(a_law(), operation(implementation))
    assert verdict.status == status
    assert words in verdict.message
    assert verdict.case is not None
    assert verdict.case["x"].shape == (1, 1)


def test_a_target_that_answers_differently_each_time_still_gets_a_verdict() -> None:
    verdict = run_law(a_law(), operation(Unsteady))
    assert verdict.status == "fail"
    assert verdict.case is not None


def test_the_search_takes_an_unsteady_target_and_hides_no_fault_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Unsteady, "calls", 0)
    trial = Trial(a_law(), operation(Unsteady), seed=0)
    assert searched(trial, 20) is not None
    assert searched(Trial(a_law(), operation(Double), seed=0), 20) is None
    with pytest.raises(InvalidArgument):
        searched(trial, 0)


def test_the_same_seed_gives_the_same_counterexample() -> None:
    first, second = (run_law(a_law(), operation(Operand), seed=4) for _ in range(2))
    assert first.case is not None
    assert second.case is not None
    assert first.case["x"].tolist() == second.case["x"].tolist()
    assert first.examples == second.examples


def test_a_broken_law_is_the_judges_fault() -> None:
    def broken(double: Operation, x: Any) -> Claim:
        raise KeyError("typo")

    with pytest.raises(JudgeError, match=r"tests\.is_doubled: KeyError: 'typo'"):
        run_law(a_law(body=broken), operation(Double))


def test_a_law_that_breaks_on_the_targets_results_alone_is_the_targets_fault() -> None:
    class Ragged(Double):
        def apply(self, x: Any) -> Any:
            return np.ones(len(x) + 1)

    class Loose(Double):
        def apply(self, x: Any) -> Any:
            return x + x

    def adds(double: Operation, x: Any) -> Claim:
        return Equal(double().apply(x)[:, 0] - x[:, 0], bounded(x)[:, 0])

    target = operation(Ragged)
    target.contract = Loose
    verdict = run_law(a_law(body=adds), target)
    assert verdict.status == "fail"
    assert "cannot be compared (IndexError" in verdict.message


def test_timeouts_are_not_shrunk() -> None:
    calls = []

    class Hangs(Double):
        def apply(self, x: Any) -> SameShape:
            calls.append(1)
            raise TargetError("timeout", "no answer within 2 s")

    verdict = run_law(a_law(), operation(Hangs))
    assert verdict.status == "timeout"
    assert len(calls) <= 2


def test_laws_are_selected_by_topic_operation_or_id() -> None:
    laws = [a_law()]
    for name in ("tests", "double", "tests.is_doubled"):
        assert select(laws, name) == laws
    with pytest.raises(ValueError, match="did you mean double"):
        select(laws, "duble")


def test_integers_shrink_towards_their_lower_end() -> None:
    def small(double: Operation, x: int) -> Claim:
        return Equal(np.asarray(float(x >= 17)), np.asarray(0.0))

    verdict = run_law(a_law(integers(0, 100), small), operation(Double), budget=Budget(search=50))
    assert verdict.case == {"x": 17}
