"""mytorch: editions are told apart and judged by their own conventions; the examples get their verdicts."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from course_calls import EXAMPLES, FAU, W, against, graded, same, transcript
from mytorch_editions import FILES_2020, FILES_2021, written

from lawbook.courses import cs231n, fau, i2dl, mytorch
from lawbook.courses.mytorch.script import EDITIONS
from lawbook.courses.mytorch.standins import Absent, OldNumPy
from lawbook.courses.mytorch.unwritten import unwritten_methods
from lawbook.profiles import PROFILES

RIGHT = EXAMPLES / "mytorch-right" / "mytorch"
# The operations in which a wrong example differs from the right one: no others.
WRONG = {
    "mytorch-adam-bias-has-no-correction": {"adam", "adamw"},
    "mytorch-batch-norm-evaluates-with-batch-statistics": {"batch_norm"},
    "mytorch-batch-norm-swaps-its-gradients": {"batch_norm"},
    "mytorch-dropout-divides-by-the-drop-probability": {"dropout"},
}
BATCH_NORM_2D = """
import numpy as np
from .batchnorm import BatchNorm1d


class BatchNorm2d(BatchNorm1d):
    def __init__(self, num_features, alpha=0.9):
        super().__init__(num_features, alpha)
        self.BW, self.Bb = np.ones((1, num_features, 1, 1)), np.zeros((1, num_features, 1, 1))

    def rows(self, x):
        return np.moveaxis(x, 1, -1).reshape(-1, x.shape[1])

    def forward(self, Z, eval=False):
        n, c, h, w = Z.shape
        BW, Bb = self.BW, self.Bb
        self.BW, self.Bb = BW.reshape(1, -1), Bb.reshape(1, -1)
        BZ = super().forward(self.rows(Z), eval)
        self.BW, self.Bb = BW, Bb
        return np.moveaxis(BZ.reshape(n, h, w, c), -1, 1)

    def backward(self, dLdBZ):
        n, c, h, w = dLdBZ.shape
        BW, self.BW = self.BW, self.BW.reshape(1, -1)
        dLdZ = super().backward(self.rows(dLdBZ))
        self.BW = BW
        self.dLdBW, self.dLdBb = (d.reshape(1, c, 1, 1) for d in (self.dLdBW, self.dLdBb))
        return np.moveaxis(dLdZ.reshape(n, h, w, c), -1, 1)
"""
DROPOUT_2D = """
import numpy as np


class Dropout2d(object):
    def __init__(self, p=0.5):
        self.p = p

    def forward(self, x, eval=False):
        if eval:
            return x
        self.mask = np.random.binomial(1, 1 - self.p, (*x.shape[:2], 1, 1)) / (1 - self.p)
        return x * self.mask

    def backward(self, delta):
        return delta * self.mask
"""


def copied(folder: Path, **changed: tuple[str, str]) -> Path:
    """A copy of the right example, a part of some files replaced (`nn_batchnorm` for nn/batchnorm.py)."""
    root = Path(shutil.copytree(RIGHT, folder / "mytorch"))
    for name, (old, new) in changed.items():
        file = root / f"{name.replace('_', '/', 1)}.py"
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))
    return root


def homework_2(folder: Path) -> Path:
    """A flat package with the two classes for images."""
    root = folder / "mytorch"
    root.mkdir(parents=True)
    shutil.copy(RIGHT / "nn" / "batchnorm.py", root)
    (root / "batchnorm2d.py").write_text(BATCH_NORM_2D.lstrip())
    (root / "dropout2d.py").write_text(DROPOUT_2D.lstrip())
    return root


# --- the examples ----------------------------------------------------------------------------------


def test_every_example_is_named_here() -> None:
    names = {path.name for path in EXAMPLES.iterdir() if path.name.startswith("mytorch-")}
    assert names == {*WRONG, "mytorch-right"}


@pytest.mark.parametrize("name", sorted(WRONG))
def test_wrong_example_differs_from_the_right_one_where_it_says(name: str) -> None:
    right = transcript(mytorch, RIGHT)
    wrong = transcript(mytorch, EXAMPLES / name / "mytorch")
    assert {key for key in right if not same(right[key], wrong[key])} == WRONG[name]


def test_right_example_holds_every_law() -> None:
    subject = graded(EXAMPLES / "mytorch-right")
    assert (subject.profile, subject.message) == ("mytorch-2022", "")
    assert [v.law for v in subject.verdicts if v.status not in ("pass", "skip")] == []
    judged = {v.operation for v in subject.verdicts if v.status == "pass"}
    assert judged == PROFILES["mytorch-2022"].judged
    found = {"adamw.eps_place": "inside", "adamw.decay_order": "after", "dropout.p": "drop"}
    assert found.items() <= subject.conventions.items()


@pytest.mark.parametrize("name", sorted(WRONG))
def test_wrong_example_fails_where_its_mistake_is(name: str) -> None:
    subject = graded(EXAMPLES / name)
    assert against(subject) == WRONG[name]
    assert any(verdict.diagnosis for verdict in subject.verdicts if verdict.counts_against)


# --- editions --------------------------------------------------------------------------------------


def test_edition_of_2020_holds(tmp_path: Path) -> None:
    written(tmp_path, FILES_2020)
    subject = graded(tmp_path)
    assert subject.profile == "mytorch-2020"
    assert [v.law for v in subject.verdicts if v.status not in ("pass", "skip")] == []
    found = {"dropout.p": "keep", "dropout.backward_scale": False, "adam.eps_place": "inside"}
    assert found.items() <= subject.conventions.items()


def test_edition_of_2021_holds(tmp_path: Path) -> None:
    written(tmp_path, FILES_2021)
    subject = graded(tmp_path)
    assert subject.profile == "mytorch-2021"
    not_held = [v for v in subject.verdicts if v.status not in ("pass", "skip")]
    assert {(v.operation, v.status) for v in not_held} == {
        (name, "missing") for name in ("relu", "sigmoid", "tanh")
    }
    assert subject.conventions["adam.eps_place"] == "outside"
    assert subject.exit_code == 0


def test_homework_2_holds(tmp_path: Path) -> None:
    homework_2(tmp_path)
    subject = graded(tmp_path)
    assert (subject.profile, subject.exit_code) == ("mytorch-2022-hw2", 0)
    passed = {v.operation for v in subject.verdicts if v.status == "pass"}
    assert passed == {"batch_norm", "dropout"}
    assert any("Dropout2d is judged" in note for note in subject.notes)


@pytest.mark.parametrize("mean", ["mean", "sum"])
def test_gradients_of_gamma_and_beta_may_be_means_up_to_2020(tmp_path: Path, mean: str) -> None:
    means = (
        ("batchnorm.py", "np.sum(delta * self.norm,", "np.mean(delta * self.norm,"),
        ("batchnorm.py", "np.sum(delta,", "np.mean(delta,"),
        ("batchnorm.py", "n = len(delta)", "n = 1"),
    )
    changes = means if mean == "mean" else ()
    written(tmp_path, FILES_2020, *changes)
    subject = graded(tmp_path, only="batch_norm")
    assert against(subject) == set()
    assert subject.conventions["batch_norm.parameter_gradients"] == mean


@pytest.mark.parametrize(
    ("files", "file", "old", "new", "operation"),
    [
        (FILES_2020, "batchnorm.py", "(1 - self.alpha) * mean", "(1 - self.alpha * mean)", "batch_norm"),
        (FILES_2020, "batchnorm.py", "np.sum(delta, axis=0", "np.mean(delta, axis=0", "batch_norm"),
        (FILES_2020, "dropout.py", "* self.mask / self.p", "* self.mask", "dropout"),
        (FILES_2020, "optimizer.py", "layer.vb + (1 - self.beta2) * layer.db**2",
         "layer.vb + (1 - self.beta2) * layer.mb**2", "adam"),
        (FILES_2021, "nn/batchnorm.py", "var * n / (n - 1)", "var", "batch_norm"),
        (FILES_2021, "nn/batchnorm.py", "(1 - self.momentum) * running.data + self.momentum * new",
         "self.momentum * running.data + (1 - self.momentum) * new", "batch_norm"),
        (FILES_2021, "nn/dropout.py", "(dy * mask,)", "(dy * (mask > 0),)", "dropout"),
        (FILES_2021, "optim/adam.py", "self.t += 1", "self.t = 1", "adam"),
    ],
)  # fmt: skip
def test_mistake_in_an_older_edition_is_found(
    tmp_path: Path, files: dict[str, str], file: str, old: str, new: str, operation: str
) -> None:
    written(tmp_path, files, (file, old, new))
    assert against(graded(tmp_path)) == {operation}


@pytest.mark.parametrize("place", ["inside", "outside"])
@pytest.mark.parametrize("order", ["before", "after"])
def test_forms_of_adamw_hold(tmp_path: Path, place: str, order: str) -> None:
    root = copied(tmp_path)
    if place == "outside":
        adam = root / "optim" / "adam.py"
        adam.write_text(
            adam.read_text().replace("np.sqrt(v_hat + self.eps)", "(np.sqrt(v_hat) + self.eps)")
        )
    if order == "before":
        adamw = root / "optim" / "adamW.py"
        lines = adamw.read_text().replace("        super().step()\n", "").rstrip()
        adamw.write_text(lines + "\n        super().step()\n")
    subject = graded(tmp_path, only="optimizers")
    assert against(subject) == set()
    form = (subject.conventions["adamw.eps_place"], subject.conventions["adamw.decay_order"])
    assert form == (place, order)


def test_what_is_to_be_done_once_a_step_is_not_done_once_a_layer(tmp_path: Path) -> None:
    old = "        self.t += 1\n        for i, layer in enumerate(self.l):\n"
    new = "        for i, layer in enumerate(self.l):\n            self.t += 1\n"
    copied(tmp_path, optim_adam=(old, new))
    assert against(graded(tmp_path)) == {"adam", "adamw"}


def test_every_second_layer_may_be_an_activation(tmp_path: Path) -> None:
    copied(tmp_path, optim_adam=("self.l = model.layers", "self.l = model.layers[::2]"))
    assert against(graded(tmp_path, only="adam")) == set()


# --- what is there, and what is not ----------------------------------------------------------------


def test_homework_that_is_not_begun_is_told(tmp_path: Path) -> None:
    root = written(tmp_path, FILES_2020)
    (root / "batchnorm.py").write_text(
        "class BatchNorm(object):\n    def forward(self, x, eval=False):\n        self.x = x\n"
        "        raise NotImplemented\n"
    )
    told = {v.message for v in graded(tmp_path, only="batch_norm").verdicts}
    assert told == {"BatchNorm.forward in batchnorm.py is still as it was handed out"}


def test_missing_optimizer_counts_and_missing_bonus_does_not(tmp_path: Path) -> None:
    root = copied(tmp_path)
    for name in ("optim/sgd.py", "optim/adamW.py", "nn/dropout.py"):
        (root / name).unlink()
    subject = graded(tmp_path)
    assert against(subject) == {"sgd", "momentum"}
    told = {(v.status, v.message) for v in subject.verdicts if v.operation == "sgd"}
    assert told == {("error", "there is no file for a class SGD")}
    assert any("__init__.py failed" in note for note in subject.notes)


def test_libraries_that_no_judged_class_needs_may_be_imported_but_not_used(tmp_path: Path) -> None:
    text = "import torch\nimport scipy.special\nfrom scipy.special import no_such_function\n"
    copied(tmp_path, nn_dropout=("import numpy as np\n", "import numpy as np\n" + text))
    assert against(graded(tmp_path)) == set()
    copied(
        tmp_path / "other",
        nn_dropout=(
            "import numpy as np\n",
            "import numpy as np\nimport torch\nx = torch.ones(3)\n",
        ),
    )
    subject = graded(tmp_path / "other", only="dropout")
    assert all("left out here" in v.message for v in subject.verdicts)


def test_stand_ins() -> None:
    with pytest.raises(ImportError, match="left out"):
        Absent(1)
    old: Any = OldNumPy()
    assert old.zeros(None).shape == old.ones(None).shape == ()
    assert old.zeros((2, 3)).shape == (2, 3)
    assert old.float64 is np.float64


def test_buffers_in_float32_are_replaced(tmp_path: Path) -> None:
    momentum = mytorch.load(str(RIGHT)).operations["momentum"](learning_rate=0.1, momentum=0.9)
    for _ in range(3):
        w = momentum.step(W.copy(), np.cos(W))
    assert np.abs(w - (W - 0.1 * (1 + 0.9 + 0.81) * np.cos(W))).max() < 1e-15
    assert momentum.optimizer.v_W[0].dtype == np.float64


@pytest.mark.parametrize("shape", [(), (1,), (2,), (3, 1), (2, 2, 2)])
def test_every_entry_is_updated_once(shape: tuple[int, ...]) -> None:
    w = np.arange(1.0, 1 + np.prod(shape)).reshape(shape)
    sgd = mytorch.load(str(RIGHT)).operations["sgd"](learning_rate=0.5)
    assert np.array_equal(sgd.step(w, w), w / 2)
    assert sgd.step(w, 0 * w).shape == shape


def test_channels_of_dropout_2d_fall_together(tmp_path: Path) -> None:
    root = homework_2(tmp_path)
    dropout = mytorch.load(str(root)).operations["dropout"](keep=0.5)
    x = np.ones((4, 6))
    y = dropout.train(x)
    assert set(np.unique(y)) == {0.0, 2.0}
    assert np.array_equal(dropout.backward(x), y)
    assert np.array_equal(dropout.evaluate(x), x)
    (root / "dropout2d.py").write_text(DROPOUT_2D.replace("(*x.shape[:2], 1, 1)", "x.shape"))
    dropout = mytorch.load(str(root)).operations["dropout"](keep=0.5)
    with pytest.raises(LookupError, match="some pixels of a channel"):
        dropout.train(x)


def test_methods_that_only_raise_are_unwritten() -> None:
    source = (
        "class A:\n    def forward(self):\n        raise NotImplemented\n"
        "    def backward(self):\n        raise NotImplementedError('TODO')\n"
        "    def step(self):\n        return 1\n        raise NotImplemented\n"
        "    def other(self):\n        raise ValueError\n"
    )
    assert unwritten_methods(source, "A") == {"forward", "backward"}
    assert unwritten_methods(source, "B") == unwritten_methods("class A(:", "A") == frozenset()


# --- finding ---------------------------------------------------------------------------------------


def test_packages_are_found_by_name_and_content(tmp_path: Path) -> None:
    one = copied(tmp_path / "ada" / "hw1p1")
    two = homework_2(tmp_path / "ada" / "hw2p1_bonus")
    bare = Path(shutil.copytree(RIGHT, tmp_path / "bob"))
    (tmp_path / "cy" / "mytorch").mkdir(parents=True)
    (tmp_path / "cy" / "mytorch" / "rnn_cell.py").write_text("class RNNCell: pass\n")
    (tmp_path / "dan" / "nn").mkdir(parents=True)
    (tmp_path / "dan" / "nn" / "batchnorm.py").write_text("import torch\nclass BatchNorm2d: pass\n")
    shutil.copytree(FAU, tmp_path / "eve")
    assert mytorch.find_roots(str(tmp_path)) == [str(path) for path in (one, two, bare)]
    assert fau.find_roots(str(tmp_path)) == [str(tmp_path / "eve")]
    assert cs231n.find_roots(str(tmp_path)) == i2dl.find_roots(str(tmp_path)) == []


# --- scripts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("edition", sorted(EDITIONS))
def test_scripts_run_without_lawbook(tmp_path: Path, edition: str) -> None:
    if edition == "mytorch-2022":
        root, absent = RIGHT, set[str]()
    elif edition == "mytorch-2022-hw2":
        root, absent = homework_2(tmp_path), {"dropout", "relu", "sigmoid", "tanh"}
    else:
        files = FILES_2020 if edition == "mytorch-2020" else FILES_2021
        root, absent = written(tmp_path, files), {"relu", "sigmoid", "tanh"}
        if edition == "mytorch-2020":
            absent = {"dropout"}  # np.zeros(None)
        else:
            text = (root / "nn" / "batchnorm.py").read_text()
            (root / "nn" / "batchnorm.py").write_text(text.replace("import torch", "# torch"))
    given: dict[str, Any] = {
        "keep": 0.5, "gamma": "g", "beta": "b", "eps": 1e-5, "decay": 0.9, "learning_rate": 0.1,
        "momentum": 0.9, "beta1": 0.9, "beta2": 0.99, "weight_decay": 0.1,
    }  # fmt: skip
    lines = ["import numpy as np", "x = np.arange(9.0).reshape(3, 3)", "g = b = np.ones(3)"]
    for name, script in EDITIONS[edition].items():
        if name in absent:
            continue
        lines += [script["imports"], script["new"].format(**given)]
        for method in (
            ("train", "backward", "evaluate") if "train" in script else ("forward", "backward")
        ):
            if method in script:
                lines.append(script[method].format("x", "x", **given))
        lines += [script["step"].format("x", "x", **given)] * 2 if "step" in script else []
    command = [sys.executable, "-B", "-c", "\n".join(lines)]
    subprocess.run(command, cwd=root.parent, check=True)
