"""Right gradients are proved, exact on duals, within the bound of torch; wrong ones are rejected by each."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest
from known_gradients import (
    ANY_CLASSES,
    BATCH_NORM,
    CROSS_ENTROPY,
    DROPOUT,
    LAYER_NORM,
    LEAKY_RELU,
    RIGHT,
    SIGMOID,
    WRONG,
)

from lawbook.proofs.conformance import write
from lawbook.proofs.evidence import Word
from lawbook.proofs.gradients import Array, Gradient, Labels, Scalar

torch = pytest.importorskip("torch")

right = pytest.mark.parametrize("gradient", RIGHT, ids=lambda g: g.title)
wrong = pytest.mark.parametrize("gradient", WRONG, ids=lambda g: g.title)


@right
def test_right_gradients_are_proved(gradient: Gradient) -> None:
    steps = gradient.check()
    assert [step.outcome for step in steps if not step.holds] == []
    assert len(steps) >= len(gradient.wrt)
    formal = [s for s in steps if "for every" in s.says]
    assert all(s.decision.word is Word.PROVED_FOR_EVERY_N for s in formal)
    assert all(s.decision.word is Word.PROVED_AT_SIZE for s in steps if s not in formal)
    assert bool(formal) == (gradient.formal is not None)


@wrong
def test_wrong_gradients_are_refuted(gradient: Gradient) -> None:
    assert any(step.decision.word is Word.REFUTED for step in gradient.check())


@right
def test_right_gradients_agree_on_duals(gradient: Gradient) -> None:
    found = gradient.duals()
    assert found.holds
    exact = gradient.title not in ("layer norm", SIGMOID.title, CROSS_ENTROPY.title)
    exact = exact and gradient.title != ANY_CLASSES.title
    assert (found.digits is None) == exact
    assert found.decision.word is (Word.EXACT if exact else Word.WITHIN_BOUND)
    assert exact or 50 <= (found.digits or 0) <= 60
    assert exact or found.outcome.endswith(f"agree to {found.digits} digits in intervals")


@wrong
def test_wrong_gradients_disagree_on_duals(gradient: Gradient) -> None:
    found = gradient.duals()
    assert not found.holds
    assert found.decision.word is Word.REFUTED


@right
def test_right_gradients_are_within_the_bound_of_torch(gradient: Gradient) -> None:
    found = gradient.beside_torch("cpu", draws=200)
    assert found.failed == ""
    assert set(found.worst) == set(found.oracle) == set(gradient.wrt)
    assert found.ratio <= 1
    assert found.finite > 150


@wrong
def test_wrong_gradients_are_beyond_the_bound_of_torch(gradient: Gradient) -> None:
    found = gradient.beside_torch("cpu", draws=200)
    assert not found.holds
    assert "where" in found.outcome


@right
def test_shapes_are_right_on_the_meta_device(gradient: Gradient) -> None:
    if gradient in (CROSS_ENTROPY,):
        pytest.skip("its kernel reads the labels")
    assert gradient.beside_torch("meta", draws=5).holds


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device here")
@right
def test_right_gradients_are_within_the_bound_of_torch_on_cuda(gradient: Gradient) -> None:
    assert gradient.beside_torch("cuda", draws=200).failed == ""


def test_refutation_gives_a_point_with_real_entries() -> None:
    step = WRONG[0].check()[0]
    point = step.decision.point
    assert point
    assert point["x"].startswith("(")
    assert step.decision.expected != step.decision.got


def test_backward_of_another_shape_is_refuted() -> None:
    odd = replace(BATCH_NORM, wrt=("gamma",), backward=lambda dy, **_: dy)
    step = odd.check()[0]
    assert step.decision.word is Word.REFUTED
    assert "shape" in step.decision.expected


def test_kinks_are_left_out_and_reported() -> None:
    (step,) = LEAKY_RELU.check()
    assert step.decision.conditions
    (step,) = DROPOUT.check()
    assert step.decision.conditions == ()


def test_maximum_is_shown_to_be_a_shift() -> None:
    steps = ANY_CLASSES.check()
    assert any("shift" in step.says and step.holds for step in steps)
    largest = Gradient(
        "the maximum is no shift",
        inputs={"z": Array("N", "K")},
        wrt=("z",),
        forward=lambda z: z.max(axis=1),
        backward=lambda dy, z: 0 * z,
        formal="K",
    )
    assert not all(step.holds for step in largest.check())


def test_maximum_at_fixed_size_is_what_it_is() -> None:
    top = Gradient(
        "max of two",
        inputs={"z": Array("N", 2)},
        wrt=("z",),
        forward=lambda z: z.max(axis=1),
        backward=lambda dy, z: dy[:, None] * (z == z.max(axis=1, keepdims=True)),
        sizes=({"N": 1},),
    )
    assert not any(step.decision.word is Word.REFUTED for step in top.check())


def test_figures_are_written_with_versions(tmp_path: Path) -> None:
    found = BATCH_NORM.beside_torch(draws=20)
    path = tmp_path / "derivations-cpu.json"
    write(path, "cpu", {"batch_norm: in one step": found})
    data = json.loads(path.read_text())
    assert data["device"] == "cpu"
    assert {"numpy", "torch", "date"} <= set(data["environment"])
    one = data["gradients"]["batch_norm: in one step"]
    assert one["draws"] == 20
    assert 0 < one["worst measured/allowed"]["x"] <= 1


def test_bad_gradients_are_refused() -> None:
    with pytest.raises(ValueError, match="wrt names inputs"):
        replace(BATCH_NORM, wrt=("w",))
    with pytest.raises(ValueError, match="needs a formal dimension or sizes"):
        replace(BATCH_NORM, formal=None)
    with pytest.raises(ValueError, match="no input has a dimension"):
        replace(BATCH_NORM, formal="M")
    with pytest.raises(ValueError, match="lack C"):
        replace(LAYER_NORM, inputs={**BATCH_NORM.inputs}, formal=None, sizes=({"N": 1},)).check()
    with pytest.raises(TypeError, match="no generic entry"):
        replace(CROSS_ENTROPY, formal="N").check()
    with pytest.raises(ValueError, match="low and high"):
        Array("N", low=0)
    with pytest.raises(ValueError, match="x and x_1 share x_1"):
        Gradient(
            "two inputs with one symbol",
            inputs={"x": Array(2), "x_1": Scalar()},
            wrt=("x",),
            forward=lambda x, x_1: x * x_1,
            backward=lambda dy, x, x_1: dy * x_1,
            sizes=({},),
        ).check()
    with pytest.raises(ValueError, match="2 gradients for 3 inputs"):
        replace(BATCH_NORM, backward=lambda dy, **_: (dy, dy)).check()


def test_labels_reach_every_class() -> None:
    labels = Labels("N", classes="K").symbolic("labels", {"N": 3, "K": 3})
    assert sorted(labels) == [0, 1, 2]


def test_batch_norm_is_proved_within_half_a_second() -> None:
    BATCH_NORM.check()
    start = time.process_time()
    BATCH_NORM.check()
    assert time.process_time() - start < 0.5
