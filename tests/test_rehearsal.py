"""All cases of a law in few messages: the same verdicts as case by case, for unsteady targets too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from lawbook.bounds import bounded
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
)
from lawbook.rehearsal import Rehearsal, Unanswered, same_call
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


def test_a_call_that_changes_with_the_answers_is_told() -> None:
    rehearsal = Rehearsal(7)
    rehearsal.script = [Seed(7), Invoke(1, "train", (np.zeros(1),))]
    rehearsal.answers = [None, 0.5]
    rehearsal.rewind()
    rehearsal.run([Invoke(1, "train", (np.zeros(1),))])
    assert rehearsal.is_faithful()
    rehearsal.rewind()
    rehearsal.run([Invoke(1, "train", (np.ones(1),))])
    assert not rehearsal.is_faithful()


def test_same_call_compares_arrays_bit_for_bit() -> None:
    one = New(1, "dropout", {"keep": 0.5, "x": np.array([1.0, np.nan])})
    assert same_call(one, New(1, "dropout", {"keep": 0.5, "x": np.array([1.0, np.nan])}))
    assert not same_call(one, New(1, "dropout", {"keep": 0.5, "x": np.array([1.0, 2.0])}))
    assert not same_call(one, New(1, "dropout", {"keep": 0.25, "x": np.array([1.0, np.nan])}))
    assert not same_call(Seed(1), Draw())


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
