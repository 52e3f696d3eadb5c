"""Grading real folders: right ones pass, each wrong one fails where its mistake is, the rest goes on."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from lawbook.checking import check
from lawbook.grading import GRADING, grade, in_scope
from lawbook.judge.zygote import Zygote
from lawbook.laws import discover
from lawbook.loading import Loading, opened
from lawbook.seeds import Seeds
from lawbook.settings import Settings
from lawbook.submissions import NotGradable, Submission, short_names, submissions
from lawbook.verdicts import Subject
from lawbook.zygotes import Zygotes

EXAMPLES = Path(__file__).parent.parent / "examples" / "submissions"
TOPIC_OF_MISTAKE = {
    "adam": "optimizers",
    "rmsprop": "optimizers",
    "batch": "batch_norm",
    "spatial": "batch_norm",
    "dropout": "dropout",
    "l1": "penalties",
    "network": "network",
}
FAU_FILES = {
    "Layers/__init__.py": "",
    "Layers/Dropout.py": "import numpy as np\nclass Dropout:\n"
    "    def __init__(self, probability):\n"
    "        self.p, self.testing_phase, self.trainable = probability, False, False\n"
    "    def forward(self, x):\n"
    "        if self.testing_phase:\n            return x\n"
    "        self.mask = (np.random.rand(*x.shape) < self.p) / self.p\n"
    "        return x * self.mask\n"
    "    def backward(self, e):\n        return e * self.mask\n",
    "Optimization/Constraints.py": "",
}


def graded(*paths: Path, **options: Any) -> list[Subject]:
    settings = Settings(**options)
    with Zygotes(settings.python) as zygotes:
        return list(grade([str(path) for path in paths], settings, Seeds(seed=5), zygotes))


def one(path: Path, **options: Any) -> Subject:
    (subject,) = graded(path, **options)
    return subject


def found(path: Path) -> list[Submission]:
    return submissions(path, "auto", path.name, str(path))


def fau(folder: Path, **changed: str) -> Path:
    """A submission with a dropout layer only, some files changed (`Layers_Dropout` for its file)."""
    files = {**FAU_FILES, **{name.replace("_", "/", 1) + ".py": t for name, t in changed.items()}}
    for name, text in files.items():
        folder.joinpath(name).parent.mkdir(parents=True, exist_ok=True)
        folder.joinpath(name).write_text(text)
    return folder


@pytest.mark.parametrize("name", ["fau-right", "cs231n-right", "i2dl-right", "mytorch-right"])
def test_right_example_holds_all_laws(name: str) -> None:
    subject = one(EXAMPLES / name)
    assert subject.message == ""
    not_held = [(v.law, v.status, v.message) for v in subject.verdicts if v.status == "fail"]
    assert not_held == []
    assert subject.exit_code == 0
    assert sum(v.status == "pass" for v in subject.verdicts) >= 40


WRONG = [p for p in sorted(EXAMPLES.iterdir()) if p.is_dir() and not p.name.endswith("-right")]


@pytest.mark.parametrize("path", WRONG, ids=lambda path: path.name)
def test_wrong_example_fails_in_the_topic_of_its_mistake_only(path: Path) -> None:
    subject = one(path)
    topic = TOPIC_OF_MISTAKE[path.name.split("-")[1]]
    against = [v for v in subject.verdicts if v.status in ("fail", "error")]
    also = {"l1": {"optimizers"}}.get(
        path.name.split("-")[1], set()
    )  # its gradient is in their steps
    assert {topic} <= {v.topic for v in against} <= {topic} | also
    assert all(v.case is not None and v.message for v in against)
    assert any(v.diagnosis for v in against), [v.law for v in against]


@pytest.mark.parametrize(
    ("text", "status", "words"),
    [
        ("def broken(:\n", "error", "does not compile"),
        ("import nothing_of_this_name\n", "error", "No module named 'nothing_of_this_name'"),
        ("class Other:\n    pass\n", "error", "has no class Dropout"),
    ],
)
def test_file_that_cannot_be_used_is_an_error_with_one_sentence(
    tmp_path: Path, text: str, status: str, words: str
) -> None:
    subject = one(fau(tmp_path / "s", Layers_Dropout=text), only="dropout")
    assert subject.message == ""
    assert {v.status for v in subject.verdicts} == {status}
    assert all(words in v.message and "\n" not in v.message for v in subject.verdicts)
    assert subject.exit_code == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("return None", "fail"),
        ("return x[:1]", "fail"),
        ("return x * float('nan')", "fail"),
        ("return np.array([object()])", "fail"),
        ("return 'no'", "fail"),
        ("return x.astype(complex)", "fail"),
        ("raise SystemExit(0)", "error"),
        ("return 1 / 0", "error"),
        ("import os; os._exit(0)", "crash"),
        ("import os; os.abort()", "crash"),
    ],
)
def test_hostile_result_has_its_status_and_the_other_laws_go_on(
    tmp_path: Path, body: str, status: str
) -> None:
    text = FAU_FILES["Layers/Dropout.py"].replace("return x * self.mask", body)
    subject = one(fau(tmp_path / "s", Layers_Dropout=text), only="dropout")
    found = {v.status for v in subject.verdicts}
    assert status in found
    assert "pass" in found  # evaluation is still right
    assert all("\n" not in v.message for v in subject.verdicts)


def test_flood_of_output_is_a_verdict_and_costs_no_other_law(tmp_path: Path) -> None:
    text = FAU_FILES["Layers/Dropout.py"].replace(
        "self.mask = ", "print('x' * 50_000_000)\n        self.mask = "
    )
    subject = one(fau(tmp_path / "s", Layers_Dropout=text), only="dropout")
    assert {v.status for v in subject.verdicts} == {"crash", "pass", "skip"}


def test_missing_operation_counts_as_not_held(tmp_path: Path) -> None:
    subject = one(fau(tmp_path / "s"))
    missing = [v for v in subject.verdicts if v.status in ("missing", "error")]
    assert {"batch_norm", "adam"} <= {v.operation for v in missing}
    assert any(v.counts_against for v in missing if v.operation == "batch_norm")
    assert subject.exit_code == 1


@pytest.mark.parametrize(
    ("file", "words"),
    [("notes.py", "no submission of a known course"), ("", "it is empty")],
)
def test_folder_without_a_submission_is_told(tmp_path: Path, file: str, words: str) -> None:
    if file:
        (tmp_path / file).write_text("x = 1\n")
    subject = one(tmp_path)
    assert words in subject.message
    assert (subject.exit_code, subject.fault) == (2, "submission")


def test_a_submission_to_another_course_is_not_called_unknown() -> None:
    subject = one(EXAMPLES / "cs231n-right", course="fau")
    assert subject.message == "no submission of the course fau was found here"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"profile": "fau-1999"}, "no profile 'fau-1999'"),
        ({"course": "mit"}, "neither one of"),
        ({"only": "dropuot"}, "did you mean dropout"),
        ({"python": "/nowhere/python"}, "/nowhere/python"),
    ],
)
def test_wrong_options_are_one_sentence(options: dict[str, str], words: str) -> None:
    with pytest.raises(NotGradable, match=words) as caught:
        one(EXAMPLES / "fau-right", **options)
    assert "\n" not in str(caught.value)


def test_path_that_does_not_exist_is_one_sentence() -> None:
    with pytest.raises(NotGradable, match="there is no such file or folder"):
        one(EXAMPLES / "nowhere")


def test_same_seed_gives_the_same_verdicts() -> None:
    path = next(p for p in WRONG if "adam" in p.name)
    first, second = ([v.as_json() for v in one(path, only="adam").verdicts] for _ in range(2))
    for a, b in zip(first, second, strict=True):
        assert {**a, "seconds": 0} == {**b, "seconds": 0}


def test_names_tell_submissions_apart() -> None:
    places = [Path("a/cs231n"), Path("b c/ex3/src"), Path("b c/ex4")]
    assert short_names(places, "x") == ["a", "b c/ex3", "b c/ex4"]
    assert short_names([Path()], "x") == ["x"]


def test_all_examples_are_found() -> None:
    assert len(found(EXAMPLES)) == 24


def test_a_failure_in_one_of_two_processes_is_no_pass(tmp_path: Path) -> None:
    """Wrong in the process that comes second only: whichever worker that is, the laws do not hold."""
    marker = tmp_path / "marker"
    text = (EXAMPLES / "fau-right" / "Layers" / "Dropout.py").read_text()
    text += (
        "\nimport os\ntry:\n"
        f"    os.close(os.open({str(marker)!r}, os.O_CREAT | os.O_EXCL))\n"
        "except FileExistsError:\n"
        "    Dropout.backward = lambda self, error_tensor: error_tensor * 3\n"
    )
    folder = tmp_path / "s"
    shutil.copytree(EXAMPLES / "fau-right", folder)
    (folder / "Layers" / "Dropout.py").write_text(text)
    assert one(folder).exit_code == 1


def test_a_failure_in_the_process_beside_is_said_to_be_there() -> None:
    names = ("fau-right", "fau-dropout-unscaled-backward")
    right, wrong = (found(EXAMPLES / name)[0] for name in names)
    with (
        closing(Zygote()) as zygote,
        Loading(right, zygote) as loading,
        Loading(wrong, zygote) as other,
    ):
        here = opened(loading)
        here.target.second = other.found()[0]
        verdicts = check(here.target, in_scope(discover(), here.profile), 5, GRADING)
    failed = [verdict for verdict in verdicts if verdict.status == "fail"]
    assert failed
    assert all("in another process" in verdict.message for verdict in failed)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import os\nos._exit(0)\n", "ended the process"),
        ("print('x' * 100_000_000)\n", "printed more than"),
    ],
)
def test_import_that_no_process_survives_costs_its_own_operation_only(
    tmp_path: Path, text: str, words: str
) -> None:
    folder = tmp_path / "s"
    shutil.copytree(EXAMPLES / "fau-right", folder)
    (folder / "Layers" / "Dropout.py").write_text(text)
    subject = one(folder)
    assert subject.message == ""
    dropout = {(v.status, v.message) for v in subject.verdicts if v.operation == "dropout"}
    assert [status for status, _ in dropout] == ["error"]
    assert all(words in message and "Layers/Dropout.py" in message for _, message in dropout)
    assert any(v.status == "pass" for v in subject.verdicts if v.operation == "batch_norm")
