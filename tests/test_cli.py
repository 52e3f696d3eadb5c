"""The command line: exit codes, one-line refusals, the JSON report, replay, quick start."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lawbook import grading, replay
from lawbook.budget import Budget
from lawbook.checking import check
from lawbook.cli import main
from lawbook.laws import discover
from lawbook.mistakes import discover as known_mistakes
from lawbook.targets import Target, reference_target
from lawbook.verdicts import Subject, Verdict

MISTAKE = "dropout.multiplies_by_keep"
BROKEN = "dropout.dropout_units_are_zero_or_scaled"
HOLDS = "dropout.dropout_evaluation_draws_no_mask"


def mistaken() -> Target:
    """The reference with one mistake."""
    return reference_target(dropout=known_mistakes()[MISTAKE].implementation)


def judged(**changes: Any) -> Subject:
    """A subject that breaks a law and holds another."""
    laws = [law for law in discover() if law.id in (BROKEN, HOLDS)]
    subject = Subject("reference", profile="reference", **changes)
    subject.verdicts = check(mistaken(), laws, seed=3)
    subject.verdicts[0].diagnosis = [MISTAKE]
    return subject


@pytest.fixture
def graded(monkeypatch: pytest.MonkeyPatch) -> list[Subject]:
    """What `grade` will find."""
    subjects: list[Subject] = []

    def grade(*arguments: Any) -> Iterator[Subject]:
        yield from subjects

    monkeypatch.setattr(grading, "grade", grade)
    return subjects


def one_line(capsys: pytest.CaptureFixture[str]) -> str:
    """The only line that was said, on standard error."""
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert said.err.startswith("lawbook")
    return said.err


def run(*arguments: str) -> int:
    """The exit code of a command."""
    try:
        return main(arguments)
    except SystemExit as stop:
        return int(str(stop.code))


def test_help_is_quick() -> None:
    heavy = "{'numpy', 'rich', 'hypothesis', 'pytest', 'torch'}"
    code = f"""
import sys
from lawbook.cli import main
try:
    main(["--help"])
except SystemExit as stop:
    assert stop.code == 0
sys.exit(str({heavy} & set(sys.modules) or "") or 0)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "grade" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "required: COMMAND"),
        (["grad", "x"], "invalid choice"),
        (["grade"], "required: PATH"),
        (["grade", "x", "--cuda"], "unrecognized arguments"),
        (["grade", "x", "--see", "1"], "unrecognized arguments"),
        (["grade", "x", "--seed", "-1"], "0 to 2^32 - 1"),
        (["grade", "x", "--seed", "4294967296"], "0 to 2^32 - 1"),
        (["grade", "/nowhere/at/all"], "no such file or folder"),
        (["grade", ".", "--course", "harvard"], "harvard"),
        (["grade", ".", "--profile", "fau-1066"], "fau-2021"),
        (["check", "tensorflow"], "known are reference and torch"),
        (["check", "torch", "--device", "tpu"], "cpu, cuda or cuda:N"),
        (["check", "reference", "--dtype", "int8"], "float64, float32"),
        (["check", "reference", "--only", "drupout"], "did you mean dropout"),
        (["check", "reference", "--examples", "many"], "not a whole number"),
        (["laws", "--only", "penaltys"], "penalties"),
        (["replay", "/nowhere.json", BROKEN], "No such file"),
    ],
)
def test_wrong_options_are_one_line(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments) == 2
    assert says in one_line(capsys)


@pytest.mark.parametrize("option", ["--json", "--repro"])
def test_an_unwritable_path_is_refused_before_the_work(
    option: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(grading, "check_target", lambda *arguments: pytest.fail("it has started"))
    (tmp_path / "file").write_text("kept")
    path = tmp_path if option == "--json" else tmp_path / "file"
    assert run("check", "reference", option, str(path)) == 2
    assert "cannot be written" in one_line(capsys)
    assert (tmp_path / "file").read_text() == "kept"


def test_a_refused_run_leaves_the_earlier_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    earlier, new = tmp_path / "earlier.json", tmp_path / "new.json"
    earlier.write_text("kept")
    for file in (earlier, new):
        assert run("check", "reference", "--only", "drupout", "--json", str(file)) == 2
        one_line(capsys)
    assert earlier.read_text() == "kept"
    assert not new.exists()


def test_a_target_that_holds_exits_0_and_writes_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "report.json"
    file.write_text("something longer than nothing that has to go" * 1000)
    assert run("check", "reference", "--only", HOLDS, "--seed", "3", "--json", str(file)) == 0
    report = json.loads(file.read_text())
    assert (report["format"], report["seed"]) == (2, 3)
    assert report["subjects"][0]["summary"] == {"pass": 1}
    assert "All laws hold" in capsys.readouterr().out


def test_json_on_standard_output_is_only_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", "reference", "--only", HOLDS, "--json", "-") == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["subjects"][0]["laws"][0]["law"] == HOLDS
    assert "All laws hold" in said.err


def test_a_law_that_does_not_hold_exits_1(
    graded: list[Subject], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    graded.append(judged(course="fau"))
    assert run("grade", "somewhere", "--course", "fau", "--repro", str(tmp_path / "s")) == 1
    said = capsys.readouterr().out
    for part in (BROKEN, "expected", "got", "measured", "divided by it", "1 pass, 1 fail"):
        assert part in said
    script = (tmp_path / "s" / "reference" / f"{BROKEN}.py").read_text()
    assert "from Layers.Dropout import Dropout" in script


def test_what_cannot_be_judged_exits_2(
    graded: list[Subject], capsys: pytest.CaptureFixture[str]
) -> None:
    graded += [
        judged(course="fau"),
        Subject("empty", message="no submission of a known course was found"),
    ]
    assert run("grade", "somewhere", "--course", "fau") == 2
    assert "Summary" in capsys.readouterr().out


def test_warnings_alone_exit_0(graded: list[Subject], capsys: pytest.CaptureFixture[str]) -> None:
    subject = judged(course="fau")
    subject.verdicts[0].severity = "warning"
    graded.append(subject)
    assert run("grade", "somewhere", "--course", "fau") == 0
    assert "only warned about" in capsys.readouterr().out


def test_an_error_of_ours_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def breaks(*arguments: Any) -> Subject:
        arguments[-1]("reference", Verdict(BROKEN, "dropout", "dropout"))
        raise ZeroDivisionError("one\ntwo")

    monkeypatch.setattr(grading, "check_target", breaks)
    assert run("check", "reference") == 2
    assert f"internal error after {BROKEN}: ZeroDivisionError: one two" in one_line(capsys)


def test_a_law_that_breaks_exits_2(
    graded: list[Subject], capsys: pytest.CaptureFixture[str]
) -> None:
    subject = Subject("a")
    subject.verdicts = [Verdict(BROKEN, "dropout", "dropout", status="skip")]
    subject.verdicts[0].message = "Lawbook could not judge this: KeyError"
    graded.append(subject)
    assert run("grade", "somewhere", "--course", "fau") == 2
    assert f"internal error in {BROKEN}" in capsys.readouterr().err


def test_interrupt_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*arguments: Any) -> Subject:
        raise KeyboardInterrupt

    monkeypatch.setattr(grading, "check_target", interrupted)
    assert run("check", "reference") == 130
    assert one_line(capsys) == "lawbook: interrupted\n"


def test_laws_as_text_and_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("laws", "--only", "dropout") == 0
    text = capsys.readouterr().out
    assert run("laws", "--only", "dropout", "--json") == 0
    entries = json.loads(capsys.readouterr().out)["laws"]
    assert all(entry["id"].partition(".")[2] in text for entry in entries)
    assert MISTAKE in next(entry for entry in entries if entry["id"] == BROKEN)["kills"]


def written(tmp_path: Path, **changes: Any) -> Path:
    """A report file on one failing subject."""
    subject = json.loads(json.dumps(judged().as_json())) | changes
    file = tmp_path / "report.json"
    file.write_text(json.dumps({"format": 2, "lawbook": "0", "seed": 3, "subjects": [subject]}))
    return file


def test_replay_says_whether_it_still_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(written(tmp_path))
    assert run("replay", file, BROKEN) == 0
    assert "holds now" in capsys.readouterr().out
    monkeypatch.setattr(replay, "open_target", lambda *place: mistaken())
    assert run("replay", file, BROKEN, "--verbose") == 1
    said = capsys.readouterr().out
    assert "still does not hold" in said
    assert "from reference.dropout import Dropout" in said


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "not a report"),
        ('{"format": 1, "subjects": []}', "its format is 1"),
        ('{"format": 2}', "subjects"),
        ('{"format": 2, "subjects": [{"name": "a", "laws": [1]}]}', "subjects"),
        ('{"format": 2, "subjects": []}', "no subject has a counterexample"),
    ],
)
def test_a_bad_report_is_one_line(
    text: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "report.json"
    file.write_text(text)
    assert run("replay", str(file), BROKEN) == 2
    assert says in one_line(capsys)


@pytest.mark.parametrize(
    "stored",
    [{}, 1, {"inputs": {}, "seed": 1}, {"inputs": {"x": 1, "keep": 2}, "seed": -1}],
)
def test_a_bad_counterexample_is_one_line(
    stored: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(tmp_path, laws=[{"law": BROKEN, "counterexample": stored}])
    assert run("replay", str(file), BROKEN) == 2
    assert "is not one of this law" in one_line(capsys)


def test_replay_of_what_is_gone_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(written(tmp_path, path="/nowhere/at/all", course="fau"))
    assert run("replay", file, BROKEN) == 2
    assert "no such file or folder" in one_line(capsys)
    assert run("replay", file, "dropout") == 2
    assert "is not the id of one law" in one_line(capsys)
    assert run("replay", file, "dropout.nothing") == 2
    assert "there is no topic or law" in one_line(capsys)


def test_examples_are_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    budgets: list[Budget] = []
    monkeypatch.setattr(
        grading, "check_target", lambda *given: budgets.append(given[5]) or Subject("a")
    )
    assert run("check", "reference", "--examples", "7") == 2
    assert [budget.search for budget in budgets] == [7]


def test_the_adapter_of_the_guide_works(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    guide = (Path(__file__).parent.parent / "lawbook" / "courses" / "GUIDE.md").read_text()
    adapter, student = tmp_path / "adapter.py", tmp_path / "student"
    adapter.write_text(guide.split("```python\n")[-1].split("```")[0])
    student.mkdir()
    (student / "my_dropout.py").write_text(
        "import numpy as np\n"
        "def dropout(x, p, train):\n"
        "    mask = np.random.rand(*x.shape) > p\n"
        "    return (x * mask / (1 - p), mask) if train else (x, None)\n"
    )
    arguments = ["grade", str(student), "--course", str(adapter), "--only", "dropout"]
    assert run(*arguments, "--seed", "1") == 0, capsys.readouterr()
    assert "laws hold" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ("grade", ""),
        ("grade", "examples", "--json", ""),
        ("grade", "examples", "--python", ""),
        ("grade", "examples", "--repro", ""),
        ("replay", "report.json", HOLDS, "--course", ""),
    ],
)
def test_an_empty_name_is_refused(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments) == 2
    assert "it is empty" in one_line(capsys)


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_closed_streams_change_no_outcome(closed: str) -> None:
    command = f"exec {sys.executable} -m lawbook laws --only {HOLDS} {closed}"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_is_one_line() -> None:
    command = f"exec {sys.executable} -m lawbook laws > /dev/full"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("lawbook: the report cannot be written: ")
    assert done.stderr.count("\n") == 1


def test_the_replay_that_a_report_proposes_names_the_adapter(
    graded: list[Subject], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    graded.append(judged())
    adapter, report = tmp_path / "own.py", tmp_path / "report.json"
    adapter.write_text("")
    assert run("grade", ".", "--course", str(adapter), "--json", str(report)) == 1
    said = " ".join(capsys.readouterr().out.split())
    assert "LAW --course" in said


def test_a_convention_of_a_report_is_a_plain_value(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    subject = judged().as_json() | {"conventions": {"dropout.p": {"not": "plain"}}}
    report = tmp_path / "report.json"
    report.write_text(json.dumps({"format": 2, "lawbook": "0", "seed": 3, "subjects": [subject]}))
    assert run("replay", str(report), BROKEN) == 2
    assert "is no plain value" in one_line(capsys)
