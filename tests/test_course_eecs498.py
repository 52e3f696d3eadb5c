"""EECS 498, assignment 3: the adapter, judged in this process, and its examples."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: the course needs it")

from lawbook.budget import Budget  # noqa: E402
from lawbook.checking import check  # noqa: E402
from lawbook.conventions import settle  # noqa: E402
from lawbook.courses import eecs498  # noqa: E402
from lawbook.courses.eecs498 import tensors  # noqa: E402
from lawbook.courses.eecs498.script import FIRST, SCRIPT  # noqa: E402
from lawbook.laws import discover  # noqa: E402
from lawbook.operations import LocalBackend, parameters  # noqa: E402
from lawbook.profiles import PROFILES  # noqa: E402
from lawbook.targets import Target  # noqa: E402

EXAMPLES = Path(__file__).resolve().parent.parent / "examples" / "submissions-torch"
RIGHT = EXAMPLES / "eecs498-right"
DENSE, CONVOLUTIONAL = "fully_connected_networks.py", "convolutional_networks.py"
PROFILE = PROFILES["eecs498-2019"]
# The operations of which some law fails: no others.
WRONG = {
    "eecs498-dropout-divides-by-drop-rate": {"dropout"},
    "eecs498-dropout-mask-on-the-gpu": {"dropout"},
    "eecs498-kaiming-without-root": {"he_normal"},
    "eecs498-spatial-batch-norm-mixes-channels": {"batch_norm"},
}
MASK = "(torch.rand(x.shape, device=x.device) >= p) / (1 - p)"


@pytest.fixture(autouse=True)
def _torch_as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The adapter sets torch up for a worker; here other tests use it afterwards."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    threads, dtype = torch.get_num_threads(), torch.get_default_dtype()
    yield
    torch.set_num_threads(threads)
    torch.set_default_dtype(dtype)


def changed(tmp_path: Path, name: str, old: str, new: str) -> Path:
    """A copy of the right example with one place of a file replaced."""
    root = Path(shutil.copytree(RIGHT, tmp_path / "changed"))
    text = (root / name).read_text()
    assert text.count(old) == 1
    (root / name).write_text(text.replace(old, new))
    return root


def opened(root: Path) -> Target:
    loaded = eecs498.load(str(root))
    backend = LocalBackend(loaded.operations, tensors.seed, tensors.draw)
    accepts = {name: frozenset(parameters(one)) for name, one in loaded.operations.items()}
    return Target(root.name, backend, accepts, errors=loaded.errors, required=PROFILE.requires)


def failing(root: Path, operation: str | None = None, seed: int = 0) -> tuple[set[str], Target]:
    """The operations of which a law of severity error fails, judged as a submission is."""
    target = opened(root)
    settle(target, PROFILE)
    judged = PROFILE.judged if operation is None else frozenset({operation})
    verdicts = check(target, discover(judged), seed, Budget(screen=0.4, shrink_calls=20))
    assert verdicts
    return {verdict.operation for verdict in verdicts if verdict.counts_against}, target


def test_right_example_offers_every_operation_and_holds() -> None:
    loaded = eecs498.load(str(RIGHT))
    assert set(loaded.operations) == PROFILE.judged
    assert PROFILE.judged == {row[0] for row in eecs498.loading.TABLE} | {"network"}
    assert (loaded.errors, loaded.notes, loaded.profile) == ({}, [], None)
    assert failing(RIGHT)[0] == set()


def test_every_example_is_named_here() -> None:
    assert {path.name for path in EXAMPLES.iterdir()} == {*WRONG, "eecs498-right"}
    assert eecs498.find_roots(str(EXAMPLES)) == sorted(map(str, EXAMPLES.iterdir()))


@pytest.mark.parametrize("name", sorted(set(WRONG) - {"eecs498-dropout-mask-on-the-gpu"}))
def test_wrong_example_fails_where_it_says(name: str) -> None:
    assert failing(EXAMPLES / name)[0] == WRONG[name]


# --- what real submissions differ in ----------------------------------------------------------------


def test_mask_in_float32_is_judged_in_float32(tmp_path: Path) -> None:
    root = changed(tmp_path, DENSE, MASK, MASK.replace(") /", ").float() /"))
    fails, target = failing(root, "dropout")
    assert fails == set()
    assert target.conventions["dropout"]["precision"] == "float32"
    del target.conventions["dropout"]["precision"]
    fails_in_float64 = check(target, discover(frozenset({"dropout"})), 0, Budget(shrink_calls=0))
    assert any(verdict.counts_against for verdict in fails_in_float64)


def test_wrong_mask_in_float32_is_still_found(tmp_path: Path) -> None:
    wrong = MASK.replace(") / (1 - p)", ").float() / (1.001 - p)")
    assert failing(changed(tmp_path, DENSE, MASK, wrong), "dropout")[0] == {"dropout"}


@pytest.mark.filterwarnings("ignore:var")  # torch warns of the variance of a single row
def test_unbiased_running_variance_is_a_convention(tmp_path: Path) -> None:
    root = changed(tmp_path, CONVOLUTIONAL, "(1 - momentum) * var", "(1 - momentum) * x.var(dim=0)")
    fails, target = failing(root, "batch_norm")
    assert fails == set()
    assert target.conventions["batch_norm"]["running_variance"] == "unbiased"


def test_float32_state_makes_a_float32_answer() -> None:
    double, single = torch.zeros(2, dtype=torch.float64), torch.zeros(2, dtype=torch.float32)
    assert tensors.array(double).dtype == np.float64
    assert tensors.array(double, {"cache": [double, (single,)]}).dtype == np.float32
    assert tensors.array("no tensor", single) == "no tensor"


def test_write_into_an_argument_is_seen() -> None:
    x = np.ones(3)
    tensors.tensor(x).mul_(2)
    assert x.tolist() == [2, 2, 2]


def test_gpu_is_refused_at_its_line_and_in_its_operation_alone() -> None:
    def moves() -> None:
        raise AssertionError("Torch not compiled with CUDA enabled")

    with pytest.raises(tensors.OnGpu, match="puts a tensor on the GPU") as caught:
        tensors.call(moves)
    assert caught.traceback[-1].name == "moves"
    loaded = eecs498.load(str(EXAMPLES / "eecs498-dropout-mask-on-the-gpu"))
    assert set(loaded.operations) == PROFILE.judged
    with pytest.raises(RuntimeError, match="another"):
        tensors.call(raising)


def raising() -> None:
    raise RuntimeError("another")


def test_without_torch_one_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as gone:
        gone.setitem(sys.modules, "torch", None)
        loaded = eecs498.load(str(RIGHT))
    assert loaded.operations == {}
    assert set(loaded.errors) == PROFILE.judged
    assert all(
        "install lawbook[torch]" in text and "--python" in text for text in loaded.errors.values()
    )


def test_missing_function_and_file_are_named(tmp_path: Path) -> None:
    root = changed(tmp_path, DENSE, "def rmsprop(", "def rms(")
    (root / CONVOLUTIONAL).unlink()
    errors = eecs498.load(str(root)).errors
    assert errors["rmsprop"] == "fully_connected_networks.py has no function rmsprop"
    assert errors["batch_norm"] == "there is no convolutional_networks.py"


def test_what_is_still_as_it_was_handed_out_is_said_once(tmp_path: Path) -> None:
    body = (
        "        mean, eps = x.mean(dim=0), bn_param.get('eps')\n        out, cache = None, None\n"
    )
    text = (RIGHT / CONVOLUTIONAL).read_text()
    forward = re.search(r"class BatchNorm:.*?bn_param\):\n(.*?)    @staticmethod", text, re.S)
    assert forward
    root = changed(tmp_path, CONVOLUTIONAL, forward[1], body + "        return out, cache\n\n")
    errors = eecs498.load(str(root)).errors
    sentence = "BatchNorm.forward in convolutional_networks.py is still as it was handed out"
    sentence += ", it computes nothing"
    assert errors == {"batch_norm": sentence, "batch_norm_alt": sentence}


def test_handed_out_losses_stand_in() -> None:
    from lawbook.courses.eecs498.standins import softmax_loss, svm_loss

    tensors.set_up()
    scores = torch.tensor([[1.0, 2.0, -1.0], [0.5, 0.0, 3.0]], requires_grad=True)
    labels = torch.tensor([1, 2])
    for loss, due in (
        (softmax_loss, torch.nn.functional.cross_entropy(scores, labels)),
        (svm_loss, 3 * torch.nn.functional.multi_margin_loss(scores, labels)),
    ):
        value, gradient = loss(scores.detach(), labels)
        (expected,) = torch.autograd.grad(due, scores)
        assert abs(float(value - due.detach())) < 1e-12
        assert float((gradient - expected).abs().max()) < 1e-12


# --- loading by path, scripts -----------------------------------------------------------------------


def test_adapter_is_loaded_by_path_without_lawbook() -> None:
    adapter = Path(str(eecs498.__file__)).with_name("adapter.py")
    program = (
        "import importlib.util, sys\n"
        f"spec = importlib.util.spec_from_file_location('adapter', {str(adapter)!r})\n"
        "adapter = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(adapter)\n"
        "assert 'torch' not in sys.modules\n"
        f"print(len(adapter.load({str(RIGHT)!r}).operations))\n"
        "adapter.seed(3); first = adapter.draw(); adapter.seed(3); assert adapter.draw() == first\n"
        "assert not any(name.split('.')[0] == 'lawbook' for name in sys.modules)\n"
    )
    command = [sys.executable, "-B", "-c", program]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert int(printed) == len(PROFILE.judged)


def test_script_runs_without_lawbook(tmp_path: Path) -> None:
    loss = "from torch.nn.functional import cross_entropy\n"
    loss += "softmax_loss = lambda x, y: (cross_entropy(x, y), x)\n"
    (tmp_path / "a3_helper.py").write_text(loss)  # handed out in the course
    (tmp_path / "eecs598.py").write_text("Solver = None\n")
    given: dict[str, Any] = {
        "keep": 0.5, "gamma": "g", "beta": "b", "eps": 1e-5, "decay": 0.9, "learning_rate": 0.1,
        "momentum": 0.9, "beta1": 0.9, "beta2": 0.99,
        "strength": 0.1, "weights": "[np.ones((3, 4)), np.ones((4, 3))]",
    }  # fmt: skip
    arguments = {"step": ("x", "x"), "draw": ("(3, 3)", 3, 3), "loss": ("x", "[0, 1, 2]")}
    lines = [FIRST, "import numpy as np", "x = np.arange(9.0).reshape(3, 3)", "g = b = np.ones(3)"]
    for script in SCRIPT.values():
        lines += [
            "x = np.arange(9.0).reshape(3, 3)",
            script["imports"],
            script["new"].format(**given),
        ]
        for method in script:
            if method not in ("imports", "new", "new_drop"):
                lines.append("x = np.arange(9.0).reshape(3, 3)")
                lines.append(script[method].format(*arguments.get(method, ("x", "x")), **given))
    shutil.copytree(RIGHT, tmp_path, dirs_exist_ok=True)
    subprocess.run([sys.executable, "-B", "-c", "\n".join(lines)], cwd=tmp_path, check=True)


def test_examples_are_graded_in_workers(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    command = [sys.executable, "-m", "lawbook", "grade", str(EXAMPLES), "--seed", "3"]
    graded = subprocess.run(
        [*command, "--json", str(report)], capture_output=True, text=True, timeout=300, check=False
    )
    assert graded.returncode == 1, graded.stderr
    subjects = json.loads(report.read_text())["subjects"]
    against = {
        one["name"]: {
            law["operation"] for law in one["laws"] if law["status"] not in ("pass", "skip")
        }
        for one in subjects
    }
    assert {name.rpartition("/")[2]: found for name, found in against.items()} == {
        **WRONG,
        "eecs498-right": set(),
    }
    assert {one["profile"] for one in subjects} == {PROFILE.name}
    (gpu,) = (one for one in subjects if one["name"].endswith("on-the-gpu"))
    (place,) = {law["message"].partition(":")[0] for law in gpu["laws"] if law["status"] == "error"}
    assert place == "OnGpu in fully_connected_networks.py line 179"
