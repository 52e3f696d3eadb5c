"""What goes wrong on our side: no grade, one sentence, nothing of the others lost, nothing left behind."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from other_user import open_place

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples" / "submissions"
RIGHT = EXAMPLES / "fau-right"
TORCH = "class Dropout(object):\n    pass\n"


def command(*more: str) -> list[str]:
    return [sys.executable, "-m", "lawbook", "grade", *more]


def without_torch(place: Path) -> Path:
    """An interpreter that has no torch."""
    (place / "torch.py").write_text("raise ImportError")
    python = place / "python"
    python.write_text(f'#!/bin/sh\nexec env PYTHONPATH={place} {sys.executable} "$@"\n')
    python.chmod(0o755)
    return python


def test_a_package_that_is_missing_costs_its_own_course_only(tmp_path: Path) -> None:
    folder = tmp_path / "class"
    shutil.copytree(RIGHT, folder / "bob")
    (folder / "ada").mkdir()
    (folder / "ada" / "fully_connected_networks.py").write_text(TORCH)
    (tmp_path / "bin").mkdir()
    python = without_torch(tmp_path / "bin")
    done = subprocess.run(
        [*command(str(folder), "--python", str(python), "--only", "constant", "--json", "-")],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 2
    said = [line for line in done.stderr.splitlines() if line.startswith("lawbook: ")]
    assert len(said) == 1
    assert said[0].startswith("lawbook: ada was not judged: torch is not installed for")
    ada, bob = json.loads(done.stdout)["subjects"]
    assert (ada["name"], ada["fault"], ada["outcome"]) == ("ada", "grader", "not_judged")
    assert (bob["name"], bob["fault"], bob["outcome"]) == ("bob", "", "holds")
    assert "bob" in done.stderr


def test_of_several_submissions_in_one_hand_in_the_others_are_judged(tmp_path: Path) -> None:
    from lawbook.grading import Grader
    from lawbook.intake import HandIn
    from lawbook.seeds import Seeds
    from lawbook.settings import Settings
    from lawbook.zygotes import Zygotes

    folder = tmp_path / "ada"
    shutil.copytree(RIGHT, folder / "z")
    (folder / "a").mkdir(parents=True)
    (folder / "a" / "fully_connected_networks.py").write_text(TORCH)
    (tmp_path / "bin").mkdir()
    python = str(without_torch(tmp_path / "bin"))
    settings = Settings(only="constant", python=python)
    with Zygotes(python) as zygotes:
        found = list(Grader(settings, Seeds(seed=1), zygotes).grade(HandIn("ada", folder)))
    assert [(one.name, one.fault, one.exit_code) for one in found] == [
        ("ada/a", "grader", 2),
        ("ada/z", "", 0),
    ]


@pytest.mark.parametrize("without", ["", "bubblewrap"])
@pytest.mark.parametrize("reached", ["in-*/*", "tmp*"])  # taken in; a worker was asked for
def test_a_run_that_is_killed_leaves_no_folder(tmp_path: Path, without: str, reached: str) -> None:
    place = tmp_path / "temporary"
    place.mkdir()
    place.chmod(0o755)
    (tmp_path / "slow").mkdir()
    slow = shutil.copytree(RIGHT, tmp_path / "slow" / "one")
    with open(slow / "Layers" / "Dropout.py", "a") as file:
        file.write("\nwhile True: pass\n")
    more = ["--without", without] if without else []
    run = subprocess.Popen(
        command(str(slow), *more),
        env={**os.environ, "TMPDIR": str(place)},
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait(lambda: any(list(one.glob(reached)) for one in place.iterdir()))
    finally:
        os.kill(run.pid, signal.SIGKILL)
        run.wait()
    if without:
        wait(lambda: not list(place.iterdir()))
    else:  # where it is mounted, its content goes now, and itself with the next run
        wait(lambda: not [one for one in place.iterdir() if any(one.iterdir())])
    subprocess.run(
        command(str(RIGHT), "--only", "constant"),
        env={**os.environ, "TMPDIR": str(place)},
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    assert not list(place.iterdir())


def wait(done: Any) -> None:
    until = time.monotonic() + 30
    while not done():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_the_next_run_removes_what_is_left_and_nothing_that_lives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lawbook.judge.folders import locked_folder

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    living, lock = locked_folder("lawbook-test-")
    dead, gone = locked_folder("lawbook-test-")
    (dead / "deep" / "er").mkdir(parents=True)
    os.close(gone)
    (tmp_path / "lawbook-test-file").write_text("of somebody")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "lawbook-test-link").symlink_to(tmp_path / "elsewhere")
    new, another = locked_folder("lawbook-test-")
    assert living.is_dir()
    assert new.is_dir()
    assert not dead.exists()
    assert (tmp_path / "elsewhere").is_dir()
    assert (tmp_path / "lawbook-test-file").exists()
    os.close(lock)
    os.close(another)


def test_no_process_left_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    from lawbook import beside
    from lawbook.judge import zygote

    def refuse(*rest: object, **more: object) -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    with monkeypatch.context() as patched:
        patched.setattr(zygote.subprocess, "Popen", refuse)
        with pytest.raises(zygote.JudgeError, match=r"^no process can be started: the system has"):
            zygote.Zygote()
    with monkeypatch.context() as patched:
        patched.setattr(os, "fork", refuse)
        running = beside.screen_beside([], None, None)  # type: ignore[arg-type]
        running.collect()  # nothing was screened, and nobody is waited for


@pytest.fixture(scope="module")
def stranger() -> Iterator[tuple[Path, str]]:
    """A folder of another user, and an interpreter that everybody can run."""
    with open_place() as (place, python):
        place.chmod(0o777)
        shutil.copytree(RIGHT, place / "one")
        yield place, python


@pytest.mark.parametrize("most", range(1, 9))
def test_a_user_without_processes_is_told_so(stranger: tuple[Path, str], most: int) -> None:
    """However few processes and threads are allowed, it works or is one sentence."""
    place, python = stranger
    user = 43210 + most  # nobody else's processes count

    def become() -> None:
        resource.setrlimit(resource.RLIMIT_NPROC, (most, most))
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)

    own = place / f"temporary-{most}"
    own.mkdir()
    own.chmod(0o777)
    more = ("--only", "constant", "--require-isolation", "process")
    done = subprocess.run(
        [python, "-m", "lawbook", "grade", str(place / "one"), *more],
        preexec_fn=become,
        env={**os.environ, "TMPDIR": str(own), "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=place,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert "internal error" not in done.stderr
    assert "Traceback" not in done.stderr
    if done.returncode:
        assert done.returncode == 2, done.stderr
        assert done.stderr.startswith("lawbook: ")
        assert len(done.stderr.splitlines()) == 1
        assert "no process" in done.stderr
    assert (done.returncode == 2) >= (most < 3)  # itself, the zygote, a worker
    assert not list(own.iterdir())


def test_a_folder_that_is_merely_called_so_is_left_alone(tmp_path: Path) -> None:
    from lawbook.judge.folders import locked_folder, remove_dead

    kept = [tmp_path / ".lawbook-class-2026", tmp_path / "lawbook-class-12345678"]
    dead = tmp_path / ".lawbook-class-abcd_123"
    for folder in (*kept, dead):
        folder.mkdir()
        (folder / "work.py").write_text("x = 1\n")
    remove_dead(tmp_path, ".lawbook-class-")
    assert sorted(tmp_path.iterdir()) == sorted(kept)
    folder, descriptor = locked_folder(".lawbook-test-")
    try:
        remove_dead(folder.parent, ".lawbook-test-")
        assert folder.exists()  # it is locked
    finally:
        os.close(descriptor)
    remove_dead(folder.parent, ".lawbook-test-")
    assert not folder.exists()
