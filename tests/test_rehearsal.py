"""All cases of a law in few messages: the same verdicts as case by case, for unsteady targets too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from lawbook import foresight
from lawbook.bounds import Bounded, bounded
from lawbook.checking import check
from lawbook.claims import Claim, Equal
from lawbook.domains import array
from lawbook.laws import Law, discover, select
from lawbook.operations import (
    Call,
    Draw,
    Invoke,
    LocalBackend,
    New,
    Operation,
    Seed,
    Session,
    TargetError,
    Value,
    same_call,
)
from lawbook.operations.session import told
from lawbook.rehearsal import GROUP, Rehearsal, Unanswered, Unrepeatable
from lawbook.targets import Target, reference_target
from reference.dropout import Dropout, inverted


class Batched(LocalBackend):
    """A backend in this process that also takes many cases at once, and counts the messages."""

    messages = 0

    def start_cases(self, cases: Sequence[Sequence[Call]]) -> None:
        self.messages += 1
        self.started = cases

    def finish_cases(self) -> list[list[Value | TargetError]]:
        return [self._case(case) for case in self.started]

    def _case(self, case: Sequence[Call]) -> list[Value | TargetError]:
        self.begin()
        found: list[Value | TargetError] = []
        for call in case:
            try:
                found += self.run([call])
            except TargetError as error:
                return [*found, error]
        return found


class UnseededDropout(Dropout):
    """Honest: draws from a generator of its own, which no seed reaches."""

    rng = np.random.default_rng()

    def train(self, x: Any) -> Any:
        self.mask = (self.rng.random(x.shape) < self.keep).astype(float)
        return inverted(x, self.mask, self.keep)


class FreshMaskInBackward(Dropout):
    def backward(self, dy: Any) -> Any:
        self.train(dy)
        return super().backward(dy)


def batched(**replaced: type) -> tuple[Target, Batched]:
    target = reference_target(**replaced)
    plain = target.backend
    assert isinstance(plain, LocalBackend)
    backend = Batched(plain.operations, plain._seed, plain._draw)
    target.backend = backend
    return target, backend


@pytest.mark.parametrize("topic", ["dropout", "batch_norm", "optimizers", "constraints"])
def test_verdicts_are_those_of_case_by_case(topic: str) -> None:
    laws = select(discover(), topic)
    together, backend = batched()
    found = check(together, laws, seed=3)
    alone = check(reference_target(), laws, seed=3)
    assert [v.status for v in found] == [v.status for v in alone]
    assert [v.measured for v in found] == [v.measured for v in alone]
    assert backend.messages < len(laws)


def test_a_generator_that_no_seed_reaches_is_no_failure_of_forward_and_backward() -> None:
    laws = [law for law in discover() if law.operation == "dropout"]
    target, _ = batched(dropout=UnseededDropout)
    failed = {v.law for v in check(target, laws, seed=3) if v.status == "fail"}
    assert all("seed" in law or "repeat" in law for law in failed), failed


def test_calls_that_depend_on_unsteady_answers_are_run_case_by_case() -> None:
    def is_undone(dropout: Operation, x: Any) -> Claim:
        layer = dropout(keep=0.5)
        y = layer.train(x)
        return Equal(
            layer.backward(np.where(y == 0, 0.0, x)), np.where(y == 0, 0.0, bounded(x) / 0.5)
        )

    law = Law(
        "tests.is_undone", "tests", "dropout", is_undone, {"x": array((1, 2), scaled=False)}, ""
    )
    target, backend = batched(dropout=UnseededDropout)
    (verdict,) = check(target, [law], seed=1)
    assert verdict.status == "pass"
    assert backend.messages > 0


def test_a_wrong_target_is_caught_and_shrunk() -> None:
    target, _ = batched(dropout=FreshMaskInBackward)
    laws = [law for law in discover() if law.operation == "dropout"]
    failed = [v for v in check(target, laws, seed=3) if v.status == "fail"]
    assert failed
    assert all(v.case is not None for v in failed)


def test_a_failing_case_leaves_the_others_alone() -> None:
    class RaisesOnOnes(Dropout):
        def train(self, x: Any) -> Any:
            if x.size >= 6:
                raise RuntimeError("three")
            return super().train(x)

    target, _ = batched(dropout=RaisesOnOnes)
    law = next(law for law in discover() if law.id.endswith("dropout_units_are_zero_or_scaled"))
    (verdict,) = check(target, [law], seed=1)
    assert verdict.status == "error"
    assert "three" in verdict.message


def test_rehearsal_extends_its_script_until_all_is_answered() -> None:
    rehearsal = Rehearsal(7)
    operation = Operation("dropout", Session(LocalBackend({})), Dropout, {}, frozenset({"keep"}))
    operation.session = rehearsal
    x = np.ones(2)
    rehearsal.rewind()
    with pytest.raises(Unanswered):
        operation(keep=0.5).train(x)
    assert [type(call) for call in rehearsal.script] == [Seed, New, Invoke]
    rehearsal.answers = [None, None, 2 * x]
    rehearsal.rewind()
    assert operation(keep=0.5).train(x).tolist() == [2.0, 2.0]


def rehearsed(*answers: Value) -> Rehearsal:
    """A rehearsal of one call of `train` on 0 that is foreseen and answered."""
    rehearsal = Rehearsal(7)
    rehearsal.script = (Seed(told(7)), Invoke(1, "train", (np.zeros(1),)), Draw())
    rehearsal.answers = list(answers)
    rehearsal.rewind()
    return rehearsal


def test_a_call_other_than_foreseen_is_put_into_the_script() -> None:
    rehearsal = rehearsed(None, 0.5, 0.25)
    with pytest.raises(Unanswered):
        rehearsal.run([Invoke(1, "train", (np.ones(1),))])
    asked, later = rehearsal.script[1:]
    assert isinstance(asked, Invoke)
    assert asked.arguments[0].tolist() == [1.0]
    assert isinstance(later, Draw)
    assert rehearsal.answers == [None]  # those after it answered other calls


def test_a_call_that_changes_with_the_answers_is_told() -> None:
    rehearsal = rehearsed(None, 0.5, 0.25)
    assert rehearsal.run([Invoke(1, "train", (np.zeros(1),))]) == [0.5]
    rehearsal.rewind()
    with pytest.raises(Unrepeatable):
        rehearsal.run([Invoke(1, "train", (np.ones(1),))])


def test_a_failure_of_a_call_that_was_not_asked_counts_for_nothing() -> None:
    rehearsal = rehearsed(None, TargetError("error", "it was only foreseen"))
    with pytest.raises(Unanswered):
        rehearsal.run([Invoke(1, "train", (np.ones(1),))])
    rehearsal = rehearsed(None, TargetError("error", "it was asked"))
    with pytest.raises(TargetError):
        rehearsal.run([Invoke(1, "train", (np.zeros(1),))])


def test_what_a_law_asks_is_foreseen_from_the_second_target_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(foresight, "_met", set())  # as in a process that has judged nothing
    laws = [law for law in discover() if law.operation in ("dropout", "batch_norm", "sgd")]
    messages, cases = [], sum(max(1, law.screen) for law in laws)
    for _ in range(3):
        target, backend = batched()
        assert {v.status for v in check(target, laws, seed=31)} <= {"pass", "skip"}
        messages.append(backend.messages)
    assert messages[1] == messages[2] < messages[0]
    assert messages[1] <= cases / GROUP + 3


def test_the_verdicts_do_not_depend_on_the_targets_before() -> None:
    laws = [law for law in discover() if law.operation in ("dropout", "batch_norm")]
    wrong = (None, FreshMaskInBackward, UnseededDropout, None, FreshMaskInBackward)

    def verdicts(dropout: type | None) -> list[Any]:
        found = check(batched(**({"dropout": dropout} if dropout else {}))[0], laws, seed=32)
        return [(v.law, v.status, v.measured, v.allowed, v.examples) for v in found]

    found = [verdicts(one) for one in wrong]
    assert found[0] == found[3]
    assert found[1] == found[4]
    assert {status for _, status, *_ in found[0]} <= {"pass", "skip"}
    assert "fail" in {status for _, status, *_ in found[1]}


def test_a_law_that_asks_what_no_reference_foresees_is_judged_all_the_same() -> None:
    class Biased(Dropout):
        def train(self, x: Any) -> Any:
            return super().train(x) + 1e-9

    def is_undone(dropout: Operation, x: Any) -> Claim:
        layer = dropout(keep=0.5)
        return Equal(layer.backward(layer.train(x)), layer.evaluate(layer.backward(x)))

    law = Law("tests.asks", "tests", "dropout", is_undone, {"x": array((1, 2))}, "")
    found = [
        check(target, [law], seed=1)[0].as_json()
        for target in (batched(dropout=Biased)[0], reference_target(dropout=Biased))
    ]
    for one in found:
        del one["seconds"], one["examples"]
    assert found[0] == found[1]
    assert found[0]["status"] == "fail"


def test_same_call_compares_arrays_bit_for_bit() -> None:
    one = New(1, "dropout", {"keep": 0.5, "x": np.array([1.0, np.nan])})
    assert same_call(one, New(1, "dropout", {"keep": 0.5, "x": np.array([1.0, np.nan])}))
    assert not same_call(one, New(1, "dropout", {"keep": 0.5, "x": np.array([1.0, 2.0])}))
    assert not same_call(one, New(1, "dropout", {"keep": 0.25, "x": np.array([1.0, np.nan])}))
    assert not same_call(one, New(1, "dropout", {"keep": 0.5, "x": np.array([1.0, -np.nan])}))
    assert not same_call(Seed(1), Draw())
    assert not same_call(Invoke(1, "train", (0.0,)), Invoke(1, "train", (-0.0,)))
    assert not same_call(Invoke(1, "train", (1,)), Invoke(1, "train", (1.0,)))
    pairs = [Invoke(1, "step", (Bounded(1.0, error),)) for error in (0.0, 0.0, 0.5)]
    assert same_call(pairs[0], pairs[1])
    assert not same_call(pairs[0], pairs[2])


def test_an_operation_that_runs_out_of_time_is_given_up_after_two_laws() -> None:
    class Hangs(Dropout):
        calls = 0

        def train(self, x: Any) -> Any:
            Hangs.calls += 1
            raise TargetError("timeout", "no answer within 2 s")

    laws = [law for law in discover() if law.operation == "dropout"]
    found = check(reference_target(dropout=Hangs), laws, seed=3)
    assert sum("not run" in v.message for v in found) > 5
    assert {v.status for v in found} >= {"timeout"}
    assert Hangs.calls <= 6
