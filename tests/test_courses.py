"""The course adapters: examples run, roots are found, and what is broken is said in one sentence."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from lawbook.courses import cs231n, fau

HERE = Path(__file__).resolve().parent.parent
EXAMPLES = HERE / "examples" / "submissions"
FAU = EXAMPLES / "fau-right"
CS231N = EXAMPLES / "cs231n-right" / "cs231n"

# The operations in which a wrong example differs from the right one of its course: no others.
WRONG = {
    "fau-adam-moves-without-gradient": {"adam", "batch_norm_update"},
    "fau-batch-norm-last-batch-statistics": {"batch_norm"},
    "fau-batch-norm-shared-optimizer": {"batch_norm_update"},
    "fau-dropout-unscaled-backward": {"dropout"},
    "fau-l1-gradient-undefined-at-zero": {"l1_penalty"},
    "fau-network-stays-in-test-phase": {"network"},
    "cs231n-adam-without-bias-correction": {"adam"},
    "cs231n-batch-norm-alt-without-mean-term": {"batch_norm_alt"},
    "cs231n-batch-norm-stale-running-averages": {"batch_norm", "batch_norm_alt"},
    "cs231n-dropout-drops-but-divides-by-p": {"dropout"},
    "cs231n-rmsprop-eps-inside-root": {"rmsprop"},
    "cs231n-spatial-batch-norm-mixes-channels": {"batch_norm"},
}

X = np.linspace(-2.0, 3.0, 24).reshape(8, 3)[:, [2, 0, 1]] ** 2
IMAGES = np.cos(np.arange(48.0)).reshape(2, 3, 4, 2)
GAMMA, BETA = np.array([1.0, 2.0, -3.0]), np.array([0.5, 0.0, -1.0])
W = np.array([[1.5, -2.0, 0.0], [0.25, -0.5, 3.0]])
LABELS = np.array([0, 1, 1, 0, 1, 0, 0, 1])
MATRICES = [np.ones((3, 4)) / 3, np.ones((4, 2)) / 7]


def course_of(name: str) -> ModuleType:
    return fau if name.startswith("fau") else cs231n


def layer_calls(layer: Any, x: np.ndarray) -> list[Any]:
    first, second = layer.train(x.copy()), layer.train(2 * x + 1)
    return [first, second, layer.backward(np.sin(x)), layer.evaluate(x.copy())]


def batch_norm_calls(operation: type) -> list[Any]:
    called = []
    for x in (X, IMAGES):
        layer = operation(gamma=GAMMA.copy(), beta=BETA.copy())
        called += [layer.train(x.copy()), layer.train(2 * x + 1)]
        called += [*layer.backward(np.sin(x)), layer.evaluate(x.copy())]
    return called


def update_calls(operation: type) -> list[Any]:
    called: list[Any] = []
    for kind in ("sgd", "momentum", "adam"):
        layer = operation(gamma=GAMMA.copy(), beta=BETA.copy(), optimizer=kind, learning_rate=0.1)
        for _ in range(3):
            called += layer.step(X.copy(), np.sin(X))
    return called


def optimizer_calls(**hyperparameters: float) -> Callable[[type], list[Any]]:
    def call(operation: type) -> list[Any]:
        optimizer, w = operation(**hyperparameters), W.copy()
        steps = []
        for gradient in (np.zeros_like(W), np.cos(W), 1e-3 * W):
            w = optimizer.step(w.copy(), gradient)
            steps.append(w)
        return [*steps, operation(**hyperparameters).step(1.0, 0.5)]

    return call


def penalty_calls(operation: type) -> list[Any]:
    penalty = operation(strength=0.3)
    with np.errstate(invalid="ignore"):
        return [penalty.value(W.copy()), penalty.gradient(W.copy())]


def network_calls(operation: type) -> list[Any]:
    plain = operation(weights=MATRICES).loss(X.copy(), LABELS)
    penal = operation(weights=MATRICES, penalty="l2", strength=0.5).loss(X.copy(), LABELS)
    return [plain, penal, operation(weights=MATRICES).phases()]


def loss_calls(operation: type) -> list[Any]:
    z = np.outer(np.arange(8.0), [1.0, -0.3])
    return [operation().value(z.copy(), LABELS), operation().gradient(z.copy(), LABELS)]


def relu_calls(operation: type) -> list[Any]:
    layer = operation()
    return [layer.forward(W.copy()), layer.backward(np.ones_like(W))]


CALLS: dict[str, Callable[[type], list[Any]]] = {
    "dropout": lambda operation: [
        *layer_calls(operation(keep=0.25), X),
        *layer_calls(operation(keep=0.25), IMAGES),
    ],
    "batch_norm": batch_norm_calls,
    "batch_norm_alt": batch_norm_calls,
    "batch_norm_update": update_calls,
    "l1_penalty": penalty_calls,
    "l2_penalty": penalty_calls,
    "sgd": optimizer_calls(learning_rate=0.1),
    "momentum": optimizer_calls(learning_rate=0.1, momentum=0.9),
    "rmsprop": optimizer_calls(learning_rate=0.1, decay=0.99, eps=1e-8),
    "adam": optimizer_calls(learning_rate=0.1, beta1=0.9, beta2=0.999, eps=1e-8),
    "xavier_normal": lambda operation: [operation().draw((4, 3, 5, 5), 75, 100)],
    "he_normal": lambda operation: [operation().draw((4, 3, 5, 5), 75, 100)],
    "constant": lambda operation: [operation(value=0.7).draw((2, 3), 2, 3)],
    "network": network_calls,
    "softmax_cross_entropy": loss_calls,
    "hinge": loss_calls,
    "relu": relu_calls,
}


def transcript(course: ModuleType, root: Path) -> dict[str, list[Any]]:
    """What every operation of a submission answers to its calls, each from the same seed."""
    loaded = course.load(str(root))
    assert loaded.errors == {}
    answers = {}
    for name, operation in loaded.operations.items():
        np.random.seed(7)
        answers[name] = CALLS[name](operation)
    return answers


def same(left: Any, right: Any) -> bool:
    return all(np.array_equal(a, b, equal_nan=True) for a, b in zip(left, right, strict=True))


def copied(tmp_path: Path, source: Path = FAU) -> Path:
    return Path(shutil.copytree(source, tmp_path / "submission"))


# --- the examples ----------------------------------------------------------------------------------


def test_right_fau_example_offers_every_operation() -> None:
    loaded = fau.load(str(FAU))
    expected = {row[0] for row in fau.TABLE} - fau.OTHER_EXERCISES
    assert set(loaded.operations) == expected
    assert (loaded.errors, loaded.notes, loaded.profile) == ({}, [], "fau-2021")


def test_right_cs231n_example_offers_every_operation() -> None:
    loaded = cs231n.load(str(CS231N))
    assert set(loaded.operations) == {row[0] for row in cs231n.TABLE}
    assert (loaded.errors, loaded.notes, loaded.profile) == ({}, [], None)


def test_every_example_is_named_here() -> None:
    names = {path.name for path in EXAMPLES.iterdir()}
    assert names == set(WRONG) | {"fau-right", "cs231n-right"}


@pytest.mark.parametrize("name", sorted(WRONG))
def test_wrong_example_differs_from_the_right_one_where_it_says(name: str) -> None:
    course = course_of(name)
    tail = Path() if course is fau else Path("cs231n")
    right = transcript(course, EXAMPLES / f"{name.partition('-')[0]}-right" / tail)
    wrong = transcript(course, EXAMPLES / name / tail)
    assert {key for key in right if not same(right[key], wrong[key])} == WRONG[name]


def test_batch_norm_of_the_right_example_is_batch_norm() -> None:
    for course, root in ((fau, FAU), (cs231n, CS231N)):
        y = course.load(str(root)).operations["batch_norm"](gamma=GAMMA, beta=BETA).train(X.copy())
        deviation = (y - BETA) / GAMMA
        assert np.abs(deviation.mean(axis=0)).max() < 1e-12
        assert np.abs(deviation.std(axis=0) - 1).max() < 1e-4


def test_network_counts_the_penalty_of_both_layers_once() -> None:
    network = fau.load(str(FAU)).operations["network"]
    plain, penal, phases = network_calls(network)
    assert abs(penal - plain - 0.5 * sum(float(np.sum(m**2)) for m in MATRICES)) < 1e-12
    assert phases == [False, True, False]


def test_p_may_mean_drop() -> None:
    for course, root in ((fau, FAU), (cs231n, CS231N)):
        dropout = course.load(str(root)).operations["dropout"]
        kept = np.mean(dropout(keep=0.9, p="drop").train(np.ones((100, 100))) != 0)
        assert abs(kept - 0.1) < 0.03


# --- loading by path -------------------------------------------------------------------------------


@pytest.mark.parametrize(("course", "root"), [(fau, FAU), (cs231n, CS231N)])
def test_adapter_is_loaded_by_path_without_lawbook(course: ModuleType, root: Path) -> None:
    program = (
        "import importlib.util, sys\n"
        f"spec = importlib.util.spec_from_file_location('adapter', {course.__file__!r})\n"
        "adapter = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(adapter)\n"
        f"print(len(adapter.load({str(root)!r}).operations))\n"
        "assert not any(name.split('.')[0] == 'lawbook' for name in sys.modules)\n"
    )
    command = [sys.executable, "-I", "-c", program]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert int(printed) == len(course.load(str(root)).operations)


@pytest.mark.parametrize(("course", "root"), [(fau, FAU), (cs231n, CS231N.parent)])
def test_script_runs_without_lawbook(course: ModuleType, root: Path) -> None:
    given: dict[str, Any] = {
        "keep": 0.5, "gamma": "g", "beta": "b", "eps": 1e-5, "decay": 0.9, "strength": 0.1,
        "optimizer": "'adam'", "learning_rate": 0.1, "momentum": 0.9, "beta1": 0.9, "beta2": 0.99,
        "value": 0.7, "penalty": "'l2'", "weights": "[np.ones((3, 4)), np.ones((4, 3))]",
    }  # fmt: skip
    arguments = {"step": ("x", "x"), "draw": ("(3, 3)", 3, 3), "loss": ("x", "x")}
    lines = ["import numpy as np", "x = np.arange(9.0).reshape(3, 3)", "g = b = np.ones(3)"]
    absent = fau.OTHER_EXERCISES if course is fau else {"network"}  # the examples have none
    for name, script in course.SCRIPT.items():
        if name in absent:
            continue
        losses = name in ("softmax_cross_entropy", "hinge")
        lines += [script["imports"], script["new"].format(**given)]
        for method in script:
            if method not in ("imports", "new", "new_drop"):
                chosen = ("x", "[0, 1, 2]") if losses else arguments.get(method, ("x", "x"))
                lines.append(script[method].format(*chosen, **given))
    command = [sys.executable, "-B", "-c", "\n".join(lines)]
    subprocess.run(command, cwd=root, check=True)


# --- finding submissions ---------------------------------------------------------------------------


def test_fau_roots_are_found_wherever_they_lie(tmp_path: Path) -> None:
    places = ["ada", "bob/Regularization and RNN/src to implement", "cy/a/b/c/d/e"]
    for place in places:
        shutil.copytree(FAU, tmp_path / place)
    for litter in (".ipynb_checkpoints", "__MACOSX", "node_modules/x", "venv/lib", "PaxHeader"):
        shutil.copytree(FAU, tmp_path / "ada2" / litter)
    shutil.copytree(FAU, tmp_path / "a/b/c/d/e/f/g/h/i")
    environment = shutil.copytree(FAU, tmp_path / "dan/env/fau")
    (environment.parent / "pyvenv.cfg").touch()
    (tmp_path / "link").symlink_to(tmp_path / "ada")
    assert fau.find_roots(str(tmp_path)) == [str(tmp_path / place) for place in places]
    assert fau.find_roots(str(tmp_path / "ada")) == [str(tmp_path / "ada")]


def test_of_exercises_side_by_side_the_one_with_constraints_counts(tmp_path: Path) -> None:
    for person in ("student1", "student2"):
        for number in (2, 3):
            shutil.copytree(FAU, tmp_path / person / f"exercise{number}_material" / "src")
        (tmp_path / person / "exercise2_material/src/Optimization/Constraints.py").unlink()
    third = shutil.copytree(FAU, tmp_path / "student3")
    (third / "Optimization/Constraints.py").unlink()
    roots = [tmp_path / f"student{n}/exercise3_material/src" for n in (1, 2)]
    assert fau.find_roots(str(tmp_path)) == [str(root) for root in [*roots, third]]


def test_cs231n_roots_are_found_by_content(tmp_path: Path) -> None:
    shutil.copytree(CS231N, tmp_path / "ada" / "assignment2" / "daseCV")
    given = shutil.copytree(CS231N, tmp_path / "ada" / "assignment3" / "daseCV")
    (given / "layers.py").write_text("def batchnorm_forward():\n    pass\n")
    bare = tmp_path / "bob's homework"
    bare.mkdir()
    shutil.copy(CS231N / "optim.py", bare)
    (tmp_path / "cy").mkdir()
    (tmp_path / "cy" / "layers.py").write_text("def conv(): pass\n")
    expected = [tmp_path / "ada/assignment2/daseCV", bare]
    assert cs231n.find_roots(str(tmp_path)) == [str(path) for path in expected]
    loaded = cs231n.load(str(bare))
    assert set(loaded.operations) == {"sgd", "momentum", "rmsprop", "adam"}
    assert loaded.errors["dropout"] == "there is no layers.py"


# --- what is broken, in one sentence ---------------------------------------------------------------

FAILED = "importing Layers/Dropout.py failed: "
BREAKAGES = {
    "syntax": (
        "class Dropout:\n    pass\ndef x(:\n",
        "Layers/Dropout.py does not compile: line 3: invalid syntax",
    ),
    "null": ("class Dropout:\0\n", "Layers/Dropout.py does not compile: source code"),
    "class": ("class Drop:\n    pass\n", "Layers/Dropout.py has no class Dropout"),
    "library": (
        "import icecream_of_a_student\n",
        f"{FAILED}ModuleNotFoundError: No module named 'icecream_of_a_student'",
    ),
    "exit": ("raise SystemExit(0)\n", f"{FAILED}SystemExit: 0"),
    "interrupt": ("raise KeyboardInterrupt\n", f"{FAILED}KeyboardInterrupt"),
    "unsayable": (
        "class E(Exception):\n    def __str__(self): raise SystemExit\nraise E\n",
        f"{FAILED}E: (its message cannot be shown)",
    ),
    "removed": (
        "import numpy as np\nt = np.product_of_old\n",
        f"{FAILED}AttributeError: module 'numpy' has no attribute 'product_of_old'",
    ),
    "neighbour": (
        "from Layers.Conv import Conv\n",
        f"{FAILED}Layers/Conv.py does not compile: line 1: expected an indented block",
    ),
}


@pytest.mark.parametrize("kind", sorted(BREAKAGES))
def test_broken_file_is_named_and_the_others_stay_usable(kind: str, tmp_path: Path) -> None:
    text, sentence = BREAKAGES[kind]
    root = copied(tmp_path)
    (root / "Layers/Dropout.py").write_text(text)
    (root / "Layers/Conv.py").write_text("class Conv:\n")
    loaded = fau.load(str(root))
    assert set(loaded.errors) == {"dropout"}
    assert loaded.errors["dropout"].startswith(sentence)
    assert len(update_calls(loaded.operations["batch_norm_update"])) == 27
    assert len(network_calls(loaded.operations["network"])) == 3


def test_missing_file_and_broken_network_are_named(tmp_path: Path) -> None:
    root = copied(tmp_path)
    (root / "Optimization/Optimizers.py").unlink()
    (root / "NeuralNetwork.py").write_text("class Network:\n    pass\n")
    loaded = fau.load(str(root))
    missing = "there is no Optimization/Optimizers.py"
    assert {loaded.errors[name] for name in ("sgd", "momentum", "adam")} == {missing}
    assert loaded.errors["network"] == "NeuralNetwork.py has no class NeuralNetwork"
    assert "brings its own sgd, momentum, adam" in loaded.notes[0]
    mine = update_calls(loaded.operations["batch_norm_update"])
    theirs = update_calls(fau.load(str(FAU)).operations["batch_norm_update"])
    assert all(np.abs(a - b).max() < 1e-12 for a, b in zip(mine, theirs, strict=True))


@pytest.mark.parametrize(
    ("text", "note"),
    [
        (None, "Layers/ has no __init__.py"),
        ("from . import Conv\n", "importing Layers/__init__.py failed: ImportError"),
        ("def (", "Layers/__init__.py does not compile: line 1: invalid syntax"),
    ],
)
def test_package_without_a_working_init_is_loaded_anyway(
    text: str | None, note: str, tmp_path: Path
) -> None:
    root = copied(tmp_path)
    (root / "Layers/__init__.py").unlink()
    if text is not None:
        (root / "Layers/__init__.py").write_text(text)
    loaded = fau.load(str(root))
    assert loaded.errors == {}
    assert len(loaded.notes) == 1
    assert loaded.notes[0].startswith(note)


def test_star_import_leaves_out_what_cannot_be_imported(tmp_path: Path) -> None:
    root = copied(tmp_path)
    (root / "Layers/__init__.py").write_text('__all__ = ["Base", "Conv", "LSTM"]\n')
    (root / "Layers/Conv.py").write_text("import no_such_library\n")
    network = (root / "NeuralNetwork.py").read_text()
    (root / "NeuralNetwork.py").write_text("from Layers import *\nBase.BaseLayer\n" + network)
    loaded = fau.load(str(root))
    assert len(network_calls(loaded.operations["network"])) == 3
    assert any("Layers/Conv.py" in note for note in loaded.notes)


@pytest.mark.parametrize(
    ("line", "note"),
    [
        ("from Base import BaseLayer", "which needs Layers/ on the import path"),
        ("from submission.Layers.Base import BaseLayer", "needs the folder above the submission"),
        ("from ..Layers.Base import BaseLayer", "needs the folder above the submission"),
    ],
)
def test_import_that_needs_a_fallback_works_and_is_noted(
    line: str, note: str, tmp_path: Path
) -> None:
    root = copied(tmp_path)
    text = (root / "Layers/Dropout.py").read_text()
    (root / "Layers/Dropout.py").write_text(text.replace("from Layers.Base import BaseLayer", line))
    loaded = fau.load(str(root))
    assert loaded.errors == {}
    assert note in loaded.notes[0]
    assert len(CALLS["dropout"](loaded.operations["dropout"])) == 8


def test_helpers_are_loaded_without_their_libraries(tmp_path: Path) -> None:
    root = copied(tmp_path)
    (root / "Layers/Helpers.py").write_text(
        "import os, numpy as np\nimport plots_of_the_course.pyplot as plt\n"
        "from data_of_the_course import load_iris\n\n\ndef half(x):\n    return x / 2\n\n\n"
        "def show():\n    plt.show()\n"
    )
    text = (root / "Layers/Dropout.py").read_text()
    (root / "Layers/Dropout.py").write_text("from Layers.Helpers import half, show\n" + text)
    loaded = fau.load(str(root))
    assert loaded.errors == {}
    wanted = "Layers/Helpers.py is loaded without data_of_the_course, plots_of_the_course"
    assert loaded.notes == [wanted]
    module = sys.modules["Layers.Dropout"]
    assert module.half(3) == 1.5
    with pytest.raises(ImportError, match="plots_of_the_course"):
        module.show()


def test_cs231n_says_what_is_missing(tmp_path: Path) -> None:
    root = copied(tmp_path, CS231N)
    text = (root / "layers.py").read_text()
    (root / "layers.py").write_text(text.replace("def dropout_backward", "def backward_dropout"))
    (root / "optim.py").write_text("print 'python 2'\n")
    loaded = cs231n.load(str(root))
    assert loaded.errors["dropout"] == "layers.py has no function dropout_backward"
    assert loaded.errors["adam"].startswith("optim.py does not compile: line 1: Missing parenth")
    assert len(batch_norm_calls(loaded.operations["batch_norm"])) == 12


# --- older editions --------------------------------------------------------------------------------


def test_edition_of_2019_is_understood(tmp_path: Path) -> None:
    root = copied(tmp_path)
    (root / "Optimization").rename(root / "optimizers")
    (root / "Layers/Base.py").write_text(
        "from enum import Enum\n\n\nclass Phase(Enum):\n    train = 1\n    test = 2\n"
    )
    (root / "Layers/Dropout.py").write_text(
        "import numpy as np\nfrom Layers import Base\n\n\nclass Dropout:\n"
        "    def __init__(self, probability):\n"
        "        self.p, self.phase = probability, Base.Phase.train\n\n"
        "    def forward(self, x):\n"
        "        return x if self.phase == Base.Phase.test else 0 * x\n"
    )
    (root / "Layers/BatchNormalization.py").write_text(
        "import numpy as np\nfrom Layers import Base\n\n\nclass BatchNormalization:\n"
        "    def __init__(self, channels=0):\n"
        "        self.channels, self.weights, self.phase = channels, None, Base.Phase.train\n\n"
        "    def set_optimizer(self, optimizer):\n        self.rule = optimizer\n\n"
        "    def forward(self, x):\n"
        "        assert self.channels == (x.shape[1] if x.ndim == 4 else 0)\n"
        "        if self.weights is None:\n"
        "            self.weights, self.bias = np.ones((1, x.shape[1])), np.zeros((1, x.shape[1]))\n"
        "        return self.weights * x + self.bias\n\n"
        "    def backward(self, dy):\n"
        "        self.weights = self.rule.calculate_update(1, self.weights, dy.sum(0))\n"
        "        return dy\n"
    )
    rules = (root / "optimizers/Optimizers.py").read_text()
    old = rules.replace("calculate_update(self, ", "calculate_update(self, individual_delta, ")
    (root / "optimizers/Optimizers.py").write_text(old)
    penalties = (root / "optimizers/Constraints.py").read_text()
    (root / "optimizers/Constraints.py").write_text(
        penalties.replace("calculate_gradient", "calculate")
    )
    loaded = fau.load(str(root))
    assert loaded.profile == "fau-2019"
    dropout = loaded.operations["dropout"](keep=0.5)
    assert not dropout.train(X).any()
    assert np.array_equal(dropout.evaluate(X), X)
    layer = loaded.operations["batch_norm"](gamma=GAMMA, beta=BETA)
    assert np.array_equal(layer.train(X), GAMMA * X + BETA)
    update = loaded.operations["batch_norm_update"](
        gamma=GAMMA, beta=BETA, optimizer="sgd", learning_rate=0.5
    )
    _, gamma, beta = update.step(X, np.ones_like(X))
    assert np.array_equal(gamma, GAMMA - 4)
    assert np.array_equal(beta, BETA)
    assert loaded.operations["sgd"](learning_rate=0.5).step(1.0, 1.0) == 0.5
    assert np.array_equal(loaded.operations["l2_penalty"](strength=2.0).gradient(W), 2 * W)
