"""Runs over a class: killed, gone on with, changed, locked, and always whole."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from class_runs import alive, command, grade, make_class, report, results

from lawbook.classes import files
from lawbook.classes.child import Heard, Work
from lawbook.classes.folder import Folder, result_of
from lawbook.classes.names import slugs
from lawbook.classes.pool import Event, Pool
from lawbook.cli import main
from lawbook.replay import known_law
from lawbook.seeds import FAMILIES, Seeds
from lawbook.settings import Settings
from lawbook.verdicts import Subject

linux = pytest.mark.skipif(sys.platform != "linux", reason="it looks at /proc")


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for temporary files of these runs alone, which is empty at the end."""
    folder = Path(tempfile.mkdtemp(prefix="runs-"))
    folder.chmod(0o755)
    monkeypatch.setenv("TMPDIR", str(folder))
    yield folder
    assert list(folder.iterdir()) == []
    folder.rmdir()


def wait_for(done: object, seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while not done():  # type: ignore[operator]
        assert time.monotonic() < until
        time.sleep(0.01)


def written(out: Path) -> int:
    return len(list((out / "results").glob("[!.]*.json"))) if (out / "results").exists() else 0


def test_a_report_says_what_its_results_were_made_with(tmp_path: Path) -> None:
    out = tmp_path / "out"
    names = ["ada", "bob", "cyd"]
    made = [{"date": "2026-01-02", "numpy": "2.0"}, {"date": "2026-01-03", "numpy": "2.0"}, None]
    with Folder(out) as folder:
        folder.begin(Settings(), names)
        for name, environment in zip(names, made, strict=True):
            subject = Subject(name, message="-", fault="submission").as_json()
            if environment:
                result = {**result_of([subject], "key"), "environment": environment}
                folder.write(name, result)
        folder.end(complete=False)
    found = json.loads((out / "report.json").read_text())
    assert found["environment"] == {"date": "2026-01-02, 2026-01-03", "numpy": "2.0"}
    assert (found["complete"], found["expected"]) == (False, 3)


def test_the_key_of_a_result_does_not_depend_on_a_rubric() -> None:
    assert not {name for name in vars(Settings()) if "rubric" in name or "scored" in name}


def test_what_the_processes_share_is_not_looked_at_again() -> None:
    code = """
import gc, sys
from lawbook.classes import run
run._warm_up()
assert gc.get_threshold() == (100_000, 50, 50), gc.get_threshold()
assert gc.get_freeze_count() > 10_000
assert "lawbook.gradients" in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)


@linux
def test_a_killed_run_is_gone_on_with_and_ends_with_the_same_results(
    tmp_path: Path, place: Path
) -> None:
    folder = make_class(tmp_path / "class", 12)
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    secret = tmp_path / "secret"
    secret.write_text("a secret of the course")
    assert grade(folder, whole, "--secret", str(secret)).returncode == 1
    draw = random.Random(4)
    for after in sorted(draw.sample(range(11), 3)):  # results that are there when it is killed
        run = subprocess.Popen(
            command(folder, killed, "--secret", str(secret)), stderr=subprocess.DEVNULL
        )
        wait_for(lambda at=after: written(killed) > at)
        time.sleep(draw.random() * 0.1)
        run.kill()
        run.wait()
        before = {f: f.stat().st_mtime_ns for f in (killed / "results").glob("[!.]*.json")}
        assert all(json.loads(file.read_text())["subjects"] for file in before)
        wait_for(lambda: not alive(str(place)), 5)
    last = grade(folder, killed, "--secret", str(secret))
    assert last.returncode == 1
    assert last.stderr.count("(as before)") == len(before)
    assert all(file.stat().st_mtime_ns == time for file, time in before.items())
    assert results(killed) == results(whole)
    assert report(killed) == report(whole)
    wait_for(lambda: not alive(str(place)), 5)


def test_seeds_differ_by_submission_and_are_the_same_again(tmp_path: Path, place: Path) -> None:
    folder = make_class(tmp_path / "class", 3)
    secret = tmp_path / "secret"
    secret.write_text("a secret of the course")
    found = []
    for out in (tmp_path / "one", tmp_path / "two"):
        assert grade(folder, out, "--secret", str(secret)).returncode == 1
        found.append(results(out))
    assert found[0] == found[1]
    assert len({one["subjects"][0]["seed"] for one in found[0].values()}) == 3


def test_the_secret_of_a_folder_is_its_owners_alone(tmp_path: Path, place: Path) -> None:
    folder = make_class(tmp_path / "class", 1)
    out = tmp_path / "out"
    assert grade(folder, out).returncode == 1
    secret = out / "secret"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    for file in [*(out / "results").iterdir(), out / "run.json", out / "report.json"]:
        assert secret.read_text().strip() not in file.read_text()


def test_seeds_are_shared_until_results_were_seen() -> None:
    digests = [f"{index:064x}" for index in range(400)]
    shared = {Seeds(b"s" * 32, shared=True).of(digest) for digest in digests}
    own = {Seeds(b"s" * 32).of(digest) for digest in digests}
    assert len(shared) == FAMILIES
    assert len(own) == 400
    assert not shared & own
    assert {Seeds(b"t" * 32).of(digest) for digest in digests}.isdisjoint(own)
    assert Seeds(b"s" * 32).fingerprint != Seeds(b"t" * 32).fingerprint


def test_who_hands_in_after_results_were_seen_gets_a_seed_of_his_own(
    tmp_path: Path, place: Path
) -> None:
    folder = make_class(tmp_path / "class", 9)
    out = tmp_path / "out"
    grade(folder, out)
    first = {one["subjects"][0]["seed"] for one in results(out).values()}
    assert len(first) <= 8
    with open(folder / "student-000" / "Layers" / "Dropout.py", "a") as file:
        file.write("# again\n")
    grade(folder, out)
    assert results(out)["student-000.json"]["subjects"][0]["seed"] not in first


def test_only_what_has_changed_is_graded_again(tmp_path: Path, place: Path) -> None:
    folder = make_class(tmp_path / "class", 3)
    out = tmp_path / "out"
    grade(folder, out)
    right = folder / "student-001" / "Layers" / "Dropout.py"
    shutil.copyfile(folder / "student-000" / "Layers" / "Dropout.py", right)
    make_class(tmp_path / "more", 1)
    shutil.move(tmp_path / "more" / "student-000", folder / "student-new")
    again = grade(folder, out)
    assert again.returncode == 1
    said = sorted(line.partition("] ")[2] for line in again.stderr.splitlines())
    assert said == [
        "student-000: fails (as before)",
        "student-001: fails",
        "student-002: holds (as before)",
        "student-new: fails",
    ]
    assert json.loads((out / "run.json").read_text())["complete"] is True
    assert report(out)["expected"] == 4


def test_other_options_are_refused_in_one_sentence(tmp_path: Path, place: Path) -> None:
    folder = make_class(tmp_path / "class", 1)
    out = tmp_path / "out"
    grade(folder, out, "--seed", "3")
    other = grade(folder, out, "--seed", "4", "--examples", "5")
    assert other.returncode == 2
    assert "--examples was not given and is 5, --seed was 3 and is 4" in other.stderr
    assert other.stderr.count("\n") == 1


def test_two_runs_cannot_work_in_one_folder(tmp_path: Path, place: Path) -> None:
    folder = make_class(tmp_path / "class", 1)
    out = tmp_path / "out"
    out.mkdir()
    held = files.lock(out / "lock")
    try:
        run = grade(folder, out)
    finally:
        os.close(held)
    assert (run.returncode, run.stderr.count("\n")) == (2, 1)
    assert "another run is writing its results here" in run.stderr
    assert grade(folder, out).returncode == 1


def test_ctrl_c_keeps_what_is_written_and_says_how_to_go_on(tmp_path: Path, place: Path) -> None:
    folder = make_class(tmp_path / "class", 8)
    out = tmp_path / "out"
    run = subprocess.Popen(command(folder, out), stderr=subprocess.PIPE, text=True)
    wait_for(lambda: written(out) > 1)
    run.send_signal(signal.SIGINT)
    said = run.communicate()[1]
    assert run.returncode == 130
    assert "interrupted; what is judged is kept in" in said.splitlines()[-1]
    partial = report(out)
    assert (partial["complete"], partial["expected"]) == (False, 8)
    assert 1 < len(partial["subjects"]) < 8
    assert grade(folder, out).returncode == 1
    assert report(out)["complete"] is True


def test_no_result_is_ever_seen_half_written(tmp_path: Path, place: Path) -> None:
    folder = make_class(tmp_path / "class", 4)
    out = tmp_path / "out"
    stop, seen = threading.Event(), []

    def look() -> None:
        while not stop.is_set():
            for file in (out / "results").glob("[!.]*.json"):
                seen.append(json.loads(file.read_text())["complete"])

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        grade(folder, out, "--retry")
    finally:
        stop.set()
        watcher.join()
    assert seen
    assert all(seen)


HANGS = "\nDropout.backward = lambda self, error_tensor: __import__('os')._exit(3)\n"


def test_retry_grades_again_what_crashed_and_nothing_else(tmp_path: Path, place: Path) -> None:
    folder = make_class(tmp_path / "class", 3)
    with open(folder / "student-001" / "Layers" / "Dropout.py", "a") as file:
        file.write(HANGS)
    out = tmp_path / "out"
    grade(folder, out)
    first = results(out)
    laws = first["student-001.json"]["subjects"][0]["laws"]
    assert "crash" in {law["status"] for law in laws}
    assert grade(folder, out).stderr.count("(as before)") == 3
    again = grade(folder, out, "--retry")
    assert again.stderr.count("(as before)") == 2
    assert "student-001: fails\n" in again.stderr
    assert results(out) == first


def test_retry_grades_again_what_could_not_be_loaded(tmp_path: Path, place: Path) -> None:
    folder = make_class(tmp_path / "class", 2)
    (folder / "student-001" / "Layers" / "Dropout.py").write_text("import os\nos._exit(0)\n")
    out = tmp_path / "out"
    grade(folder, out)
    laws = results(out)["student-001.json"]["subjects"][0]["laws"]
    assert {law["status"] for law in laws if law["operation"] == "dropout"} == {"error"}
    assert grade(folder, out, "--retry").stderr.count("(as before)") == 1


def test_hostile_names_stay_in_the_folder(tmp_path: Path, place: Path) -> None:
    folder = make_class(tmp_path / "class", 1)
    for name in ("-evil", "a\nb\x1b[31m", "=cmd()", "ä" * 100, "A", "a", "run.json"):
        shutil.copytree(folder / "student-000", folder / name)
    out = tmp_path / "out"
    assert grade(folder, out).returncode == 1
    assert written(out) == 8
    assert {entry.name for entry in out.iterdir()} <= {
        *("lock", "run.json", "report.json", "results", "secret")
    }
    assert len(report(out)["subjects"]) == 8


def test_file_names_are_plain_short_and_different() -> None:
    names = ["a", "A", "a b", "../x", "", ".", "é" * 500, "é" * 501, "con/aux", "ok-1.2_3"]
    names += [f"a_b-{slugs(['a b'])['a b'][-8:]}", "\ud800", "Ünal, Ö."]
    found = slugs(names)
    assert len({slug.casefold() for slug in found.values()}) == len(names)
    assert all(len(slug.encode()) < 100 for slug in found.values())
    assert not any("/" in slug or slug.startswith(".") for slug in found.values())
    assert found["ok-1.2_3"] == "ok-1.2_3"


def pool_of(work: Work, tmp_path: Path, count: int = 4) -> list[Event]:
    """What a pool of two processes tells of its tasks."""
    from contextlib import nullcontext

    pool = Pool(2, lambda: nullcontext(work), tmp_path)
    return [event for event in pool.run(count) if event.task is not None]


def test_a_process_that_dies_costs_its_own_task_after_two_tries(tmp_path: Path) -> None:
    tries = tmp_path / "tries"

    def work(index: int, heard: Heard) -> dict[str, int]:
        if index == 1:
            with open(tries, "a") as file:
                file.write("x")
            os.kill(os.getpid(), signal.SIGKILL)
        return {"index": index}

    found = {event.task: event for event in pool_of(work, tmp_path)}
    assert {task: event.answer for task, event in found.items() if task != 1} == {
        task: {"index": task} for task in (0, 2, 3)
    }
    assert (found[1].answer, found[1].reason) == (None, "was ended by SIGKILL")
    assert tries.read_text() == "xx"


def test_a_process_that_dies_once_costs_nothing(tmp_path: Path) -> None:
    def work(index: int, heard: Heard) -> dict[str, int]:
        if index == 2 and not (tmp_path / "died").exists():
            (tmp_path / "died").touch()
            os._exit(0)
        return {"index": index}

    found = pool_of(work, tmp_path)
    assert sorted(event.answer["index"] for event in found if event.answer) == [0, 1, 2, 3]


def test_a_pool_that_is_left_leaves_no_process(tmp_path: Path) -> None:
    from contextlib import nullcontext

    def work(index: int, heard: Heard) -> dict[str, int]:
        time.sleep(60 if index else 0)
        return {"process": os.getpid()}

    pool = Pool(2, lambda: nullcontext(work), tmp_path)
    events = pool.run(3)
    next(event for event in events if event.task == 0)
    processes = [child.process for child in pool.children]
    events.close()
    for process in processes:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


def test_options_of_a_class_need_its_folder(tmp_path: Path, place: Path) -> None:
    for option in (["--retry"], ["--jobs", "2"], ["--cluster", "tcp://x"]):
        given = [sys.executable, "-m", "lawbook", "grade", str(tmp_path), *option]
        done = subprocess.run(given, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        assert "--out" in done.stderr


def test_a_loaded_machine_changes_no_verdict(tmp_path: Path, place: Path) -> None:
    folder = make_class(tmp_path / "class", 6)
    alone, loaded = tmp_path / "alone", tmp_path / "loaded"
    assert grade(folder, alone, "--seed", "5", "--jobs", "1").returncode == 1
    others = [subprocess.Popen([sys.executable, "-c", "while 1: pass"]) for _ in range(4)]
    try:
        assert grade(folder, loaded, "--seed", "5", "--jobs", "6").returncode == 1
    finally:
        for one in others:
            one.kill()
            one.wait()
    assert results(loaded) == results(alone)


def test_a_terminal_sees_a_bar(tmp_path: Path, place: Path) -> None:
    folder = make_class(tmp_path / "class", 4)
    ours, theirs = os.openpty()
    run = subprocess.Popen(
        command(folder, tmp_path / "out"),
        stdout=subprocess.DEVNULL,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
    )
    os.close(theirs)
    said = b""
    with open(ours, "rb", buffering=0) as terminal:
        try:
            while data := terminal.read(4096):
                said += data
        except OSError:  # the other end of a terminal is gone: Linux says EIO
            pass
    assert run.wait() == 1
    assert b"0/4" in said
    assert b"[1/4]" not in said


def test_a_report_on_a_class_cannot_name_a_file_to_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    law = "dropout.dropout_units_are_zero_or_scaled"
    inputs = dict.fromkeys(known_law(law).inputs, 1)
    entry = {"law": law, "counterexample": {"inputs": inputs, "seed": 1}}
    subject = {"name": "a", "path": str(tmp_path), "course": "/tmp/own.py", "laws": [entry]}
    file = tmp_path / "report.json"
    file.write_text(json.dumps({"format": 2, "subjects": [subject]}))
    assert main(["replay", str(file), law]) == 2
    assert "give its file with --course" in capsys.readouterr().err


def test_a_counterexample_of_a_class_is_replayed(tmp_path: Path, place: Path) -> None:
    folder = make_class(tmp_path / "class", 1)
    packed = shutil.make_archive(str(tmp_path / "student-zip"), "zip", folder)
    out = tmp_path / "out"
    assert grade(Path(packed), out).returncode == 1
    (subject,) = report(out)["subjects"]
    law = next(law["law"] for law in subject["laws"] if law["counterexample"])
    given = [sys.executable, "-m", "lawbook", "replay", str(out / "report.json"), law]
    done = subprocess.run(given, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "still does not hold" in " ".join(done.stdout.split())
