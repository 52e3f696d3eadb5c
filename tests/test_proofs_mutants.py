"""Proofs are able to fail: mutants of a reference are rejected, or compute the same numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from known_gradients import (
    ANY_CLASSES,
    BATCH_NORM,
    CROSS_ENTROPY,
    L1,
    LAYER,
    LAYER_NORM,
    LEAKY_RELU,
    SIGMOID,
    STAGED,
    WRONG,
)
from mutants import NotReached, mutants, patched, tally

from lawbook.proofs.gradients import Array, Gradient
from reference import batch_norm, constraints, penalties

KNOWN = (
    BATCH_NORM,
    STAGED,
    LAYER,
    LAYER_NORM,
    CROSS_ENTROPY,
    ANY_CLASSES,
    SIGMOID,
    LEAKY_RELU,
    L1,
)


@pytest.mark.parametrize("gradient", KNOWN, ids=lambda g: g.title)
def test_every_mutant_is_rejected_or_equivalent(gradient: Gradient) -> None:
    found = tally(gradient)
    assert found.survivors == ()
    assert found.refuted + found.undecided > 0
    assert len(found.equivalent) < found.total / 2


def sample(x: Any, axis: int = 1) -> Any:
    """A function to mutate."""
    scale: Any = -(x.mean(axis=1) ** 2)
    return np.where(x > 0, 2 * x - scale, x / 3)


def test_mutants_change_operators_operands_signs_constants_and_order() -> None:
    sources = "\n".join(m.source for m in mutants(sample))
    for part in (
        "2 * x + scale",  # another operator
        "np.where(x > 0, 2 * x, x / 3)",  # an operand dropped
        "np.where(x > 0, scale, x / 3)",
        "scale - 2 * x",  # operands exchanged
        "-(2 * x - scale)",  # the sign changed
        "scale = x.mean(axis=1) ** 2",  # the minus dropped
        "mean(axis=0)",  # another axis
        "3 * x",  # another constant
        "x < 0",  # the comparison turned
        "np.where(2 * x - scale, x > 0, x / 3)",  # arguments exchanged
        "3 / x",
    ):
        assert part in sources
    labels = [m.label for m in mutants(sample)]
    assert len(labels) == len(set(sources.split("def sample"))) - 1
    assert all(label.startswith("sample: ") for label in labels)


def test_a_mutant_is_in_every_module_that_holds_the_function_and_gone_after() -> None:
    original = penalties.soft_threshold
    mutant = mutants(original)[0]
    with patched(original, mutant):
        assert penalties.soft_threshold is mutant.function
        assert constraints.soft_threshold is mutant.function
    assert penalties.soft_threshold is original
    assert constraints.soft_threshold is original


def test_a_mutant_of_a_method_is_in_its_class_and_gone_after_an_error() -> None:
    original = batch_norm.BatchNorm.backward
    mutant = mutants(original)[0]
    with pytest.raises(AttributeError), patched(original, mutant):
        batch_norm.BatchNorm.backward(None, None)
    assert batch_norm.BatchNorm.backward is original


def test_a_proof_that_never_fails_lets_mutants_survive() -> None:
    class Gullible(Gradient):
        """Believes everything."""

        def steps(self) -> Any:
            list(super().steps())
            return iter(())

    fields = {name: getattr(L1, name) for name in L1.__dataclass_fields__}
    found = tally(Gullible(**fields))
    assert found.survivors
    assert "survive" in str(found)


def reshaped(dy: Any, x: Any) -> Any:
    """A function with a mutant, np.reshape(dy, 1), that is right for one entry alone."""
    return np.reshape(dy, len(x) * 1)


def test_a_mutant_that_raises_at_other_sizes_counts_as_raised() -> None:
    gradient = Gradient(
        "the identity",
        inputs={"x": Array("n")},
        wrt=("x",),
        forward=lambda x: x,
        backward=reshaped,
        sizes=({"n": 1},),
        mutate=(reshaped,),
    )
    found = tally(gradient)
    assert found.survivors == ()
    assert len(found.equivalent) == 2  # len(x), and -1 for whatever fits
    assert found.raised + found.refuted + found.undecided == found.total - 2
    assert found.raised


def test_a_function_that_the_backward_never_calls_cannot_be_mutated() -> None:
    with pytest.raises(NotReached, match=r"sigmoid_slope is never called"):
        tally(replace(L1, mutate=SIGMOID.mutate))


def test_what_is_not_proved_kills_no_mutant() -> None:
    with pytest.raises(NotReached, match="refuted even unchanged"):
        tally(replace(WRONG[0], mutate=BATCH_NORM.mutate[1:]))
