"""Adapters of instructors' own courses: the skeleton, what one declares, the check, the guide."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lawbook.adapters import command, contract
from lawbook.adapters.declared import BadAdapter, own_course
from lawbook.adapters.skeleton import skeleton
from lawbook.cli import main
from lawbook.conventions import Measured, Open
from lawbook.laws import reference_operations
from lawbook.submissions import NotGradable, course_of

RIGHT = """
import numpy as np


class Dropout:
    def __init__(self, keep):
        self.keep = keep

    def train(self, x):
        self.mask = (np.random.random(x.shape) < self.keep) / self.keep
        return x * self.mask

    def evaluate(self, x):
        return x

    def backward(self, dy):
        return dy * self.mask
"""
WRONG = RIGHT.replace("return dy * self.mask", "return dy * (self.mask > 0)")


def lawbook(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    whole = [sys.executable, "-m", "lawbook", *map(str, arguments)]
    return subprocess.run(whole, capture_output=True, text=True, timeout=300, check=False)


def handed_in(tmp_path: Path, name: str, source: str) -> Path:
    root = tmp_path / name
    root.mkdir()
    (root / "layers.py").write_text(source)
    return root


def declared(tmp_path: Path, text: str) -> Any:
    adapter = tmp_path / "adapter.py"
    adapter.write_text(text)
    own_course.cache_clear()
    return own_course(adapter)


# --- the skeleton -----------------------------------------------------------------------------------


def test_skeleton_grades_a_right_and_a_wrong_submission(tmp_path: Path) -> None:
    adapter, report = tmp_path / "adapter.py", tmp_path / "report.json"
    written = lawbook("adapter", "--init", "--out", adapter)
    assert (written.returncode, written.stderr) == (0, "")
    right, wrong = handed_in(tmp_path, "right", RIGHT), handed_in(tmp_path, "wrong", WRONG)
    options = ["--course", adapter, "--seed", "1", "--json", report]
    graded = lawbook("grade", right, wrong, *options)
    assert graded.returncode == 1, graded.stderr
    first, second = json.loads(report.read_text())["subjects"]
    assert first["profile"] == "adapter"
    assert first["conventions"]["dropout.masking"] == "multiply"
    assert not [law for law in first["laws"] if law["status"] not in ("pass", "skip")]
    assert {law["law"] for law in second["laws"] if law["status"] == "fail"} == {
        "dropout.dropout_backward_eq_masked_and_scaled_error",
        "dropout.dropout_backward_uses_the_latest_mask",
    }


def test_skeleton_of_every_operation_is_python_that_declares_them(tmp_path: Path) -> None:
    everything = list(reference_operations())
    text = skeleton(everything)
    assert max(map(len, text.splitlines())) <= 110
    course = declared(tmp_path, text)
    assert course.profiles[0].requires == set(everything)
    names = {node.name for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ClassDef)}
    assert {"Dropout", "BatchNorm", "BatchNormAlt", "Adam", "Loaded"} <= names


def test_skeleton_has_the_contract_of_the_reference() -> None:
    found = contract.contract_of("batch_norm")
    assert found.arguments == ("gamma", "beta")
    assert dict(found.methods) == {"train": ("x",), "evaluate": ("x",), "backward": ("dy",)}
    assert contract.contract_of("adam").arguments == ("learning_rate", "beta1", "beta2", "eps")
    assert contract.contract_of("network").methods["phases"] == ()
    text = re.sub(r"\s+", " ", skeleton(["batch_norm"]).replace("#", " "))
    assert "Batch normalization with running statistics: y = gamma (x - mean) / s + beta." in text
    assert "(dL/dx, dL/dgamma (C,), dL/dbeta (C,)) of the latest `train`" in text


def test_every_method_that_a_law_calls_is_in_the_contract() -> None:
    for operation, reference in reference_operations().items():
        found = contract.contract_of(operation)
        assert found.methods, operation
        assert all(hasattr(reference, method) for method in found.methods)


def test_skeleton_is_written_once_and_for_known_operations(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    adapter = tmp_path / "adapter.py"
    assert main(["adapter", "--init", "--out", str(adapter)]) == 0
    assert main(["adapter", "--init", "--out", str(adapter)]) == 2
    assert "it is not overwritten" in capsys.readouterr().err
    assert main(["adapter", "--init", "--out", str(tmp_path / "no" / "a.py")]) == 2
    assert "cannot be written" in capsys.readouterr().err
    assert main(["adapter", "--init", "--operations", "dropot"]) == 2
    assert "no operation 'dropot'; did you mean dropout" in capsys.readouterr().err
    assert main(["adapter", "--init"]) == 0
    assert capsys.readouterr().out == adapter.read_text()


def test_one_of_the_three_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    for wrong in ([], ["a.py"], ["--init", "--guide"], ["--check", "."], ["a.py", "--init"]):
        assert main(["adapter", *wrong]) == 2
        assert "takes one of --init, --guide and ADAPTER.py --check PATH" in capsys.readouterr().err


# --- the check --------------------------------------------------------------------------------------


def test_check_says_what_is_found_and_whether_the_first_laws_hold(tmp_path: Path) -> None:
    adapter = tmp_path / "adapter.py"
    adapter.write_text(skeleton(["dropout", "adam"]))
    right = lawbook("adapter", adapter, "--check", handed_in(tmp_path, "right", RIGHT))
    assert right.returncode == 1
    lines = right.stdout.splitlines()
    assert lines[0] == "dropout: found"
    assert "adam: not there: layers.py has no Adam" in lines
    assert "  dropout.masking = multiply" in lines
    assert any(re.match(r"The first laws .* (\d+) of \1 hold", line) for line in lines)


def test_check_of_a_whole_adapter_succeeds_and_of_a_wrong_submission_fails(tmp_path: Path) -> None:
    adapter = tmp_path / "adapter.py"
    adapter.write_text(skeleton(["dropout"]))
    right = lawbook("adapter", adapter, "--check", handed_in(tmp_path, "right", RIGHT))
    assert (right.returncode, right.stderr) == (0, "")
    assert "The adapter works on this submission; check one that is wrong too." in right.stdout
    source = RIGHT.replace("/ self.keep\n", "* self.keep\n")
    wrong = lawbook("adapter", adapter, "--check", handed_in(tmp_path, "wrong", source))
    assert wrong.returncode == 1
    assert "dropout.dropout_units_are_zero_or_scaled: fail" in wrong.stdout
    assert "submission's mistake or the adapter's" in wrong.stdout


def test_check_names_what_a_constructor_lacks_and_unknown_operations(tmp_path: Path) -> None:
    text = skeleton(["dropout"]).replace(
        "def __init__(self, *, keep)", "def __init__(self, *, rate)"
    )
    text = text.replace(
        'OPERATIONS = {"dropout": Dropout}', 'OPERATIONS = {"dropout": Dropout, "x": int}'
    )
    text = text.replace(
        "adapter.theirs = getattr", 'if name == "dropout": adapter.theirs = getattr'
    )
    text = text.replace("adapter.theirs is None", "False")
    adapter = tmp_path / "adapter.py"
    adapter.write_text(text)
    found = lawbook("adapter", adapter, "--check", handed_in(tmp_path, "right", RIGHT))
    assert found.returncode == 1
    assert "dropout: found; its constructor does not take keep" in found.stdout
    assert "x: no operation of Lawbook is called so" in found.stdout


def test_check_refuses_what_cannot_be_opened(tmp_path: Path) -> None:
    adapter = tmp_path / "adapter.py"
    adapter.write_text("def load(root):\n    raise RuntimeError('no layout')\n")
    found = lawbook("adapter", adapter, "--check", handed_in(tmp_path, "right", RIGHT))
    assert (found.returncode, found.stdout) == (2, "")
    assert "no layout" in found.stderr
    assert len(found.stderr.splitlines()) == 1
    assert lawbook("adapter", adapter, "--check", tmp_path / "gone").returncode == 2
    assert lawbook("adapter", tmp_path / "gone.py", "--check", tmp_path).returncode == 2


def test_what_a_submission_says_cannot_drive_a_terminal() -> None:
    assert command.printable("a\x1b[2Jb\nc" + "x" * 999).startswith("a?[2Jb c")
    assert len(command.printable("x" * 999)) == 300


# --- what an adapter declares -----------------------------------------------------------------------


def test_declarations_are_read_and_not_run(tmp_path: Path) -> None:
    course = declared(
        tmp_path,
        "raise SystemExit('it was run')\n"
        "PROFILE: dict = {'requires': ['dropout'], 'optional': ['relu'], 'says': 'ours',\n"
        " 'conventions': {'batch_norm': {'eps': {'measure': 'batch_norm_eps'}, 'decay': 0.8},\n"
        "  'dropout': {'p': {'try': ['keep', 'drop'], 'law': 'dropout.dropout_calls_draw_fresh_masks'}}},\n"
        " 'severities': {'dropout.dropout_calls_draw_fresh_masks': 'warning'}}\n"
        "IMPORTS = ('scipy',)\nPRELOAD = ['torch']\n",
    )
    (profile,) = course.profiles
    assert (profile.name, profile.says) == ("adapter", "ours")
    assert (profile.requires, profile.optional) == ({"dropout"}, {"relu"})
    assert profile.conventions["batch_norm"]["decay"] == 0.8
    assert isinstance(profile.conventions["batch_norm"]["eps"], Measured)
    assert isinstance(profile.conventions["dropout"]["p"], Open)
    assert profile.severities == {"dropout.dropout_calls_draw_fresh_masks": "warning"}
    assert (course.imports, course.preload) == ({"scipy", "torch"}, ("torch",))


def test_adapter_without_declarations_is_judged_on_what_it_offers(tmp_path: Path) -> None:
    course = declared(tmp_path, "def load(root): ...\n")
    assert (list(course.profiles), course.imports, course.preload) == ([], frozenset(), ())


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("PROFILE = dict(requires=['dropout'])", "line 1: PROFILE is no literal"),
        ("PROFILE = ['dropout']", "PROFILE is a list, a dict is due"),
        ("PROFILE = {'require': []}", "PROFILE has 'require'; known are says, requires"),
        ("PROFILE = {'requires': 'dropout'}", "a list of operations is due"),
        ("PROFILE = {'requires': ['dropot']}", "no operation 'dropot'; did you mean dropout"),
        ("PROFILE = {'requires': [['dropout']]}", "no operation"),
        ("PROFILE = {'conventions': {'dropot': {}}}", "no operation 'dropot'"),
        (
            "PROFILE = {'conventions': {'dropout': {'p': [1]}}}",
            "the convention p of dropout is [1]",
        ),
        (
            "PROFILE = {'conventions': {'dropout': {'p': {'try': [1], 'law': 'x'}}}}",
            "no law 'x' of",
        ),
        ("PROFILE = {'conventions': {'dropout': {'p': {'measure': 'x'}}}}", "no experiment 'x' of"),
        ("PROFILE = {'severities': {'x': 'fatal'}}", "it is error or warning"),
        ("IMPORTS = 'scipy'", "IMPORTS is a str, a list is due"),
        ("IMPORTS = ['a b']", "the names of packages are due"),
        ("IMPORTS = [1]", "the names of packages are due"),
        ("def f(:", "line 1 does not compile"),
        ("x = '\0'", "it does not compile"),
    ],
)
def test_bad_declaration_is_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(BadAdapter, match=re.escape(sentence)):
        declared(tmp_path, text)
    with pytest.raises(NotGradable, match=re.escape(sentence)):
        course_of("adapter", tmp_path / "adapter.py")


def test_package_that_is_not_there_is_the_graders_fault(tmp_path: Path) -> None:
    adapter = tmp_path / "adapter.py"
    adapter.write_text(skeleton(["dropout"]) + 'PRELOAD = ["no_such_package"]\n')
    graded = lawbook("grade", handed_in(tmp_path, "right", RIGHT), "--course", adapter)
    assert (graded.returncode, graded.stdout) == (2, "")
    assert "no_such_package is not installed for" in graded.stderr
    assert len(graded.stderr.splitlines()) == 1


def test_adapter_named_as_a_course_is_not_that_course(tmp_path: Path) -> None:
    adapter = tmp_path / "fau.py"
    adapter.write_text("PROFILE = {'requires': ['relu']}\n")
    assert course_of("fau", adapter).profiles[0].requires == {"relu"}
    assert course_of("fau", Path("fau")).profiles[0].name == "fau-2021"


# --- the guide --------------------------------------------------------------------------------------


def test_guide_is_printed_and_its_example_is_legal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["adapter", "--guide"]) == 0
    guide = capsys.readouterr().out
    assert guide == command.GUIDE.read_text(encoding="utf-8")
    example, _ = re.findall(r"```python\n(.*?)```", guide, re.S)
    course = declared(tmp_path, example)
    assert course.profiles[0].requires == {"dropout", "batch_norm"}
    assert course.preload == ("torch",)
