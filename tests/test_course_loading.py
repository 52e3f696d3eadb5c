"""What is broken in a submission is said in one sentence, what is old is understood."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from course_calls import (
    BETA,
    CALLS,
    CS231N,
    FAU,
    GAMMA,
    W,
    X,
    batch_norm_calls,
    copied,
    network_calls,
    update_calls,
)

from lawbook.courses import cs231n, fau

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
