"""I2DL: exercises are told apart, handed-out code is judged as such, the examples get their verdicts."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from course_calls import CS231N, EXAMPLES, against, graded, same, transcript

from lawbook.courses import cs231n, i2dl
from lawbook.courses.functions.stubs import unwritten
from lawbook.courses.i2dl.script import SCRIPT
from lawbook.profiles import PROFILES

RIGHT = EXAMPLES / "i2dl-right" / "exercise_code"
SPATIAL = EXAMPLES / "i2dl-spatial-right" / "exercise_code"
# The operations in which a wrong example differs from the right one of its exercise: no others.
WRONG = {
    "i2dl-batch-norm-without-variance-term": {"batch_norm"},
    "i2dl-dropout-forgets-to-rescale": {"dropout"},
    "i2dl-spatial-batch-norm-mixes-channels": {"batch_norm"},
}
BACKWARD_ALT = """def batchnorm_backward_alt(dout, cache):
    dx, dgamma, dbeta = None, None, None
    ################
    # TODO: one line
    ################
    pass
    return dx, dgamma, dbeta
"""


def edited(folder: Path, source: Path, *replaced: tuple[str, str]) -> Path:
    """A copy of an example with parts of its layers.py replaced; every part must be there."""
    root = Path(shutil.copytree(source, folder / "exercise_code"))
    text = (root / "layers.py").read_text()
    for old, new in replaced:
        assert old in text
        text = text.replace(old, new)
    (root / "layers.py").write_text(text)
    return root


def function(source: Path, name: str) -> str:
    """The text of one function of an example."""
    text = (source / "layers.py").read_text()
    start = text.index(f"def {name}(")
    end = text.find("\ndef ", start + 1)
    return text[start : None if end < 0 else end + 1]


# --- the examples ----------------------------------------------------------------------------------


def test_every_example_is_named_here() -> None:
    names = {path.name for path in EXAMPLES.iterdir() if path.name.startswith("i2dl-")}
    assert names == {*WRONG, "i2dl-right", "i2dl-spatial-right"}


@pytest.mark.parametrize("name", sorted(WRONG))
def test_wrong_example_differs_from_the_right_one_where_it_says(name: str) -> None:
    root = SPATIAL if "spatial" in name else RIGHT
    right = transcript(i2dl, root)
    wrong = transcript(i2dl, EXAMPLES / name / "exercise_code")
    assert {key for key in right if not same(right[key], wrong[key])} == WRONG[name]


@pytest.mark.parametrize(
    ("name", "profile"), [("i2dl-right", "i2dl-2020-ex8"), ("i2dl-spatial-right", "i2dl-2020-ex9")]
)
def test_right_example_holds(name: str, profile: str) -> None:
    subject = graded(EXAMPLES / name)
    assert (subject.profile, subject.message) == (profile, "")
    assert [v.law for v in subject.verdicts if v.status not in ("pass", "skip")] == []
    assert subject.conventions["batch_norm.evaluation_eps"] == 0.0
    assert sum(v.status == "pass" for v in subject.verdicts) >= 34


@pytest.mark.parametrize("name", sorted(WRONG))
def test_wrong_example_fails_where_its_mistake_is(name: str) -> None:
    subject = graded(EXAMPLES / name)
    assert against(subject) == WRONG[name]
    assert any(verdict.diagnosis for verdict in subject.verdicts if verdict.counts_against)


# --- what is handed out ----------------------------------------------------------------------------


def test_eps_put_into_the_handed_out_test_branch_holds_too(tmp_path: Path) -> None:
    edited(tmp_path, RIGHT, ("np.sqrt(running_var)", "np.sqrt(running_var + eps)"))
    subject = graded(tmp_path)
    assert subject.exit_code == 0
    assert subject.conventions["batch_norm.evaluation_eps"] is None


def test_another_eps_in_the_test_branch_is_a_mistake(tmp_path: Path) -> None:
    edited(tmp_path, RIGHT, ("np.sqrt(running_var)", "np.sqrt(running_var - eps)"))
    assert against(graded(tmp_path)) == {"batch_norm"}


def test_functions_as_handed_out_are_told_and_the_optional_one_costs_nothing(
    tmp_path: Path,
) -> None:
    edited(tmp_path, RIGHT, (function(RIGHT, "batchnorm_backward_alt"), BACKWARD_ALT))
    subject = graded(tmp_path)
    told = {v.message for v in subject.verdicts if v.operation == "batch_norm_alt"}
    assert told == {
        "batchnorm_backward_alt in layers.py is still as it was handed out, it computes nothing"
    }
    assert subject.exit_code == 0


def test_the_wrong_formula_that_the_course_hands_out_only_warns(tmp_path: Path) -> None:
    edited(tmp_path, RIGHT, ("dx = gamma / std * (dout - ", "dx = gamma / std * (2 * dout - "))
    subject = graded(tmp_path)
    failed = {v.operation for v in subject.verdicts if v.status == "fail"}
    assert (failed, subject.exit_code) == ({"batch_norm_alt"}, 0)


def test_exercise_9_is_judged_on_images_and_its_handed_out_parts_are_named() -> None:
    loaded = i2dl.load(str(SPATIAL))
    assert set(loaded.operations) == {"batch_norm"}
    assert "handed out with exercise 9" in "".join(loaded.notes)


@pytest.mark.parametrize(
    ("left_out", "added", "optimizers", "profile"),
    [
        ([], "", False, "i2dl-2020-ex8"),
        ([], "def affine_forward(x): pass\n", True, "i2dl-2018-hw2"),
        (["dropout_forward"], "def spatial_batchnorm_forward(x): pass\n", False, "i2dl-2020-ex9"),
        (
            ["dropout_forward", "batchnorm_backward_alt"],
            "def spatial_batchnorm_forward(x): pass\ndef conv_forward_naive(x): pass\n",
            False,
            "i2dl-2018-hw3",
        ),
    ],
)
def test_exercises_are_told_by_their_functions(
    tmp_path: Path, left_out: list[str], added: str, optimizers: bool, profile: str
) -> None:
    cut = [(function(RIGHT, name), "") for name in left_out]
    root = edited(tmp_path, RIGHT, *cut)
    with (root / "layers.py").open("a") as file:
        file.write("\n\n" + added)
    if optimizers:
        shutil.copy(CS231N / "optim.py", root)
    loaded = i2dl.load(str(root))
    assert loaded.profile == profile
    assert profile in PROFILES
    assert ({"sgd", "momentum", "adam"} <= set(loaded.operations)) == optimizers


def test_older_homework_with_optimizers_holds(tmp_path: Path) -> None:
    root = edited(tmp_path, RIGHT)
    with (root / "layers.py").open("a") as file:
        file.write("\n\ndef affine_forward(x, w, b):\n    return x @ w + b, (x, w, b)\n")
    shutil.copy(CS231N / "optim.py", root)
    subject = graded(tmp_path)
    assert (subject.profile, subject.exit_code) == ("i2dl-2018-hw2", 0)


# --- stubs -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "stub"),
    [
        ("dx, dw = None, None\n    return dx, dw", True),
        ("dx = None\n    n, d = x.shape\n    return dx, n", True),
        ("dx = None\n    dx = dx.astype(float)\n    return dx", True),
        ("dx, dw = None, None\n    dx, dw = other(x)\n    return dx, dw", False),
        ("dx = None\n    dx += x\n    return dx", False),
        ("dx = None\n    for dx in x:\n        pass\n    return dx", False),
        ("dx = None\n    dx[0] = 1\n    return dx", False),
        ("dx = None\n    with x as dx:\n        pass\n    return dx", False),
        ("return x", False),
        ("return None", False),
        ("x = None\n    return x", False),
        ("dx = None\n    if x:\n        return x\n    return dx", False),
        ("pass", False),
    ],
)
def test_a_stub_is_what_sets_its_first_result_to_none_only(body: str, stub: bool) -> None:
    assert unwritten(f"def f(x):\n    {body}\n") == (frozenset({"f"}) if stub else frozenset())


def test_a_broken_file_has_no_stubs() -> None:
    assert unwritten("def f(:\n") == frozenset()
    assert unwritten("def f(x):\0\n") == frozenset()


# --- finding ---------------------------------------------------------------------------------------


def test_folders_of_both_courses_are_told_apart(tmp_path: Path) -> None:
    one = Path(shutil.copytree(RIGHT, tmp_path / "ada" / "exercise_08" / "exercise_code"))
    two = Path(shutil.copytree(SPATIAL, tmp_path / "ada" / "exercise_09" / "exercise_code"))
    bare = Path(shutil.copytree(RIGHT, tmp_path / "bob"))
    other = Path(shutil.copytree(CS231N, tmp_path / "cy" / "cs231n"))
    renamed = Path(shutil.copytree(CS231N, tmp_path / "dan"))
    homework = Path(shutil.copytree(CS231N, tmp_path / "eve" / "exercise_code"))
    assert i2dl.find_roots(str(tmp_path)) == [str(path) for path in (one, two, bare, homework)]
    assert cs231n.find_roots(str(tmp_path)) == [str(path) for path in (other, renamed)]
    (tmp_path / "dan" / "layers.py").write_text("def other(): pass\n")
    assert cs231n.find_roots(str(tmp_path)) == [str(path) for path in (other, renamed)]


# --- scripts ---------------------------------------------------------------------------------------


def test_scripts_run_without_lawbook() -> None:
    given = {"keep": 0.5, "gamma": "g", "beta": "b", "eps": 1e-5, "decay": 0.9}
    lines = ["import numpy as np", "x = np.arange(9.0).reshape(3, 3)", "g = b = np.ones(3)"]
    for name in ("dropout", "batch_norm", "batch_norm_alt"):
        lines += [SCRIPT[name]["imports"], SCRIPT[name]["new"].format(**given)]
        lines += [SCRIPT[name][m].format("x", **given) for m in ("train", "evaluate", "backward")]
    subprocess.run([sys.executable, "-B", "-c", "\n".join(lines)], cwd=RIGHT.parent, check=True)
