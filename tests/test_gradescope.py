"""The autograder for Gradescope: its archive, and the archive unpacked, set up and run as Gradescope does."""

from __future__ import annotations

import shutil
import stat
import subprocess
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lawbook.cli import main
from lawbook.gradescope.archive import DEPENDENCIES, STUDY
from tests.autograder import EXAMPLES, MEMORY, Autograder, can_mount

ROOT = Path(__file__).parent.parent
SECRET = "3c1f4e5d7a9b0c2e4f6a8b0d1c3e5f70\n"
RUBRIC = """
name = "Exercise 3"
course = "fau"
profile = "fau-2021"
students = "counterexample"
[[items]]
name = "Dropout"
points = 20
operations = "dropout"
mode = "all"
[[items]]
name = "Penalties"
points = 10
topics = "penalties"
[[items]]
name = "Unannounced"
points = 5
operations = "constant"
hidden = true
"""
# Imports like the layer that it replaces, and tries everything to be graded by itself.
HOSTILE = """
import json, os, sys
FAKE = json.dumps({"score": 10**6, "tests": []})
print(FAKE, flush=True)
sys.stderr.write(FAKE)
told = []
for base in ("/autograder", BASE):
    for name in ("results/results.json", "results/results.json.part", "source/private/rubric.toml"):
        try:
            with open(os.path.join(base, name), "w") as file:
                file.write(FAKE)
            told.append("wrote " + name)
        except OSError:
            pass
    for name in ("source/private/secret", "source/private/rubric.toml", "submission_metadata.json"):
        try:
            told.append("read " + open(os.path.join(base, name)).read())
        except OSError:
            pass
"""
ENDS = {"exits": "os._exit(0)", "tells": 'raise RuntimeError(f"told: {told}")'}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive")
    (folder / "rubric.toml").write_text(RUBRIC)
    (folder / "secret").write_text(SECRET)
    given = ["--rubric", str(folder / "rubric.toml"), "--secret", str(folder / "secret")]
    out = folder / "autograder.zip"
    assert main(["gradescope", "--out", str(out), "--course", "fau", *given]) == 0
    return out


@pytest.fixture(scope="module")
def autograder(archive: Path) -> Iterator[Autograder]:
    """At /autograder where that can be had for us alone; not in pytest's folder, where nobody else may go."""
    mounted = can_mount()
    with tempfile.TemporaryDirectory(prefix="gradescope-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        found = Autograder(folder / "base", mounted)
        found.base.mkdir()
        found.unpack(archive)
        (folder / "stubs").mkdir()
        done = found.set_up(folder / "stubs")
        assert done.returncode == 0, done.stdout
        yield found


def test_setup_asks_for_what_is_needed_and_nothing_else(autograder: Autograder) -> None:
    assert any(
        line.startswith("apt-get install") and "python3-venv" in line for line in autograder.record
    )
    wanted = (autograder.base / "source" / "requirements.txt").read_text().split()
    assert wanted[:3] == list(DEPENDENCIES)
    assert STUDY not in wanted  # students see no derivations
    assert {"scipy", "scikit-learn", "scikit-image"} < set(
        wanted
    )  # submissions to FAU may import them
    pips = [line for line in autograder.record if line.startswith("pip ")]
    assert len(pips) == 1
    assert pips[0].endswith(f"--requirement {autograder.place}/source/requirements.txt")


def test_a_right_submission_has_all_points(autograder: Autograder) -> None:
    autograder.hand_in(EXAMPLES / "fau-right")
    run = autograder.run()
    assert run.status == 0, run.stdout
    assert run.results is not None
    assert run.results["score"] == 35
    assert run.results["stdout_visibility"] == "hidden"
    tests = {test["name"]: test for test in run.results["tests"]}
    assert {name: test["score"] for name, test in tests.items()} == {
        "Dropout": 20,
        "Penalties": 10,
        "hidden tests": 5,
    }
    assert all(test["status"] == "passed" for test in tests.values())
    assert "submission 4711" in run.stdout
    assert "the assignment has 100.0 points, the rubric 35" in run.stdout
    assert 0 < run.memory < MEMORY


def test_a_wrong_submission_loses_what_it_has_wrong(autograder: Autograder) -> None:
    autograder.hand_in(EXAMPLES / "fau-dropout-unscaled-backward")
    run = autograder.run()
    assert run.status == 0, run.stdout
    assert run.results is not None
    assert run.results["score"] == 15
    first = run.results["tests"][0]
    assert (first["name"], first["score"], first["status"]) == ("Dropout", 0, "failed")
    assert "expected" in first["output"]
    assert "diagnosis" not in first["output"]  # the rubric shows the counterexample alone
    text = str(run.results)
    for secret in (SECRET.strip(), "Unannounced", "constant", "Ada Lovelace", autograder.place):
        assert secret not in text


@pytest.mark.parametrize("end", list(ENDS))
def test_a_hostile_submission_is_graded_as_what_it_is(autograder: Autograder, end: str) -> None:
    layers = autograder.hand_in(EXAMPLES / "fau-right") / "Layers"
    (layers / "Dropout.py").write_text(f"BASE = {str(autograder.base)!r}\n{HOSTILE}\n{ENDS[end]}\n")
    rubric = autograder.base / "source" / "private" / "rubric.toml"
    before = rubric.read_bytes()
    run = autograder.run()
    assert run.status == 0, run.stdout
    assert run.results is not None
    assert run.results["score"] == 15  # for all but what it replaced
    text = str(run.results)
    for secret in (SECRET.strip(), "Unannounced", "wrote", "ada@uni.example"):
        assert secret not in text
    if end == "tells":
        assert "told: []" in text  # it reached nothing
    assert SECRET.strip() not in run.stdout
    assert rubric.read_bytes() == before


def test_of_two_versions_in_one_hand_in_the_worse_one_counts(
    autograder: Autograder, tmp_path: Path
) -> None:
    for name, example in (("old", "fau-dropout-unscaled-backward"), ("new", "fau-right")):
        shutil.make_archive(str(tmp_path / name), "zip", EXAMPLES / example)
    autograder.hand_in(tmp_path)
    run = autograder.run()
    assert run.results is not None, run.stdout
    assert 0 < run.results["score"] < 35
    assert "2 submissions were handed in as one" in run.results["output"]


def test_nothing_handed_in_is_said_and_has_no_points(
    autograder: Autograder, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("I am ill.")
    autograder.hand_in(tmp_path)
    run = autograder.run()
    assert run.results is not None
    assert run.results["score"] == 0
    assert "no submission of the course fau" in run.results["output"]
    assert autograder.place not in run.results["output"]


@pytest.mark.parametrize("broken", ["time", "rubric", "interpreter"])
def test_a_fault_of_ours_leaves_no_results(autograder: Autograder, broken: str) -> None:
    autograder.hand_in(EXAMPLES / "fau-right")
    file, text = {
        "time": ("source/private/seconds", "0.05"),
        "rubric": ("source/private/rubric.toml", "name = "),
        "interpreter": ("venv/bin/python", "#!/bin/sh\nexit 0\n"),
    }[broken]
    path = autograder.base / file
    before = path.read_bytes()
    stale = autograder.base / "results" / "results.json"
    stale.write_text('{"score": 35}')
    try:
        path.write_text(text)
        run = autograder.run()
    finally:
        path.write_bytes(before)
    assert run.status != 0
    assert run.results is None
    assert "there is no score" in run.stdout


def test_a_run_leaves_nothing_behind_and_shuts_its_folders(autograder: Autograder) -> None:
    autograder.hand_in(EXAMPLES / "fau-right")
    run = autograder.run()
    assert run.results is not None
    names = {path.name for path in (autograder.base / "results").iterdir()}
    assert names == {"results.json"}
    modes = {"source": 0o711, "source/private": 0o700, "submission_metadata.json": 0o600}
    for name, mode in modes.items():
        assert stat.S_IMODE((autograder.base / name).stat().st_mode) == mode


def test_the_archive_is_the_same_but_for_its_secret(tmp_path: Path) -> None:
    found = []
    for name in ("a.zip", "b.zip"):
        assert main(["gradescope", "--out", str(tmp_path / name), "--course", "cs231n"]) == 0
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
        with zipfile.ZipFile(tmp_path / name) as zipped:
            entries = zipped.infolist()
            assert [entry.filename for entry in entries] == sorted(
                entry.filename for entry in entries
            )
            assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
            found.append({one.filename: (one.external_attr, zipped.read(one)) for one in entries})
    differing = [name for name in found[0] if found[0][name] != found[1][name]]
    assert differing == ["private/secret"]
    assert found[0].keys() == found[1].keys()
    assert (tmp_path / "a.zip").stat().st_size < 2_000_000


def test_the_archive_has_its_scripts_at_the_root_and_no_rubbish(archive: Path) -> None:
    with zipfile.ZipFile(archive) as zipped:
        modes = {one.filename: stat.S_IMODE(one.external_attr >> 16) for one in zipped.infolist()}
    assert modes["run_autograder"] == modes["setup.sh"] == 0o755
    assert modes["private/secret"] == modes["private/rubric.toml"] == 0o600
    assert not [name for name in modes if "__pycache__" in name or name.startswith("src/tests")]


def test_what_it_installs_is_what_the_project_needs() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert set(declared) == {*DEPENDENCIES, STUDY}


@pytest.mark.parametrize("script", ["setup.sh", "run_autograder"])
def test_the_scripts_are_shell(script: str) -> None:
    path = ROOT / "lawbook" / "gradescope" / script
    assert subprocess.run(["bash", "-n", str(path)], check=False).returncode == 0
    if shutil.which("shellcheck"):
        assert subprocess.run(["shellcheck", str(path)], check=False).returncode == 0


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ([], "for which course?"),
        (["--course", "fau21"], "there is no course 'fau21'"),
        (["--course", "fau", "--profile", "fau-2020"], "did you mean 'fau-2021'?"),
        (["--course", "cs231n", "--profile", "fau-2021"], "is one of fau"),
        (["--course", "fau", "--seconds", "1"], "--seconds 1"),
        (["--course", "fau", "--secret", "/nowhere"], "the secret cannot be read"),
        (["--adapter", "nowhere.py"], "nowhere.py"),
    ],
)
def test_what_cannot_be_built_is_said(
    given: list[str], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "a.zip"
    assert main(["gradescope", "--out", str(out), *given]) == 2
    told = capsys.readouterr().err
    assert sentence in told
    assert told.count("\n") == 1
    assert not out.exists()
