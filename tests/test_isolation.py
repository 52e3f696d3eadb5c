"""The level of isolation: what the canary's attacks show, layer by layer, and what a user is told."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from other_user import pytest_as

from lawbook.cli import main
from lawbook.isolation import LEVELS, Isolation, isolation_of, require
from lawbook.isolation.doctor import ATTACKS
from lawbook.isolation.levels import HIGHER, MEANING, level_of
from lawbook.judge.zygote import LAYERS, JudgeError, Zygote
from lawbook.options import shared

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the layers are Linux's")
ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
HERE = Path(__file__).parent
OUTCOMES = dict.fromkeys(ATTACKS, "")

# --- levels from outcomes ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("escapes", "user", "namespaces", "level"),
    [
        ((), False, False, "portable"),
        ((), True, False, "user"),
        ((), True, True, "namespaces"),
        ((), False, True, "namespaces"),
        (("read",), True, True, "process"),
        (("keyring", "fork"), True, True, "process"),
        (("memory",), True, True, "process"),
        (("endless",), True, True, "none"),
        (("endless", "read"), False, False, "none"),
    ],
)
def test_the_level_follows_from_what_the_attacks_could_do(
    escapes: tuple[str, ...], user: bool, namespaces: bool, level: str
) -> None:
    outcomes = {**OUTCOMES, **dict.fromkeys(escapes, "it did")}
    assert level_of(outcomes, user, namespaces) == level


def test_attacks_that_were_not_run_show_nothing() -> None:
    assert level_of({}, True, True) == "none"


def test_every_level_is_explained() -> None:
    assert tuple(MEANING) == ("none", *LEVELS)
    assert set(HIGHER) == set(MEANING) - {LEVELS[-1]}
    assert shared.LEVELS == LEVELS
    assert frozenset(shared.LAYERS) == LAYERS


def test_a_level_below_the_one_required_is_refused_in_one_sentence() -> None:
    found = Isolation("process", outcomes={**OUTCOMES, "datagram": "it sent a UDP datagram"})
    for level in LEVELS:
        if level == "process":
            require(found, level)
            continue
        with pytest.raises(
            JudgeError, match=r"level 'process' here, below .*it sent a UDP datagram"
        ):
            require(found, level)


# --- the self-test through real workers -------------------------------------------------------------

SHOWN = {  # what is switched off: an attack that then works, and the level
    "": ("", "user" if ROOT else "portable"),
    "seccomp": ("datagram", "process"),
    "limits": ("memory", "none"),
    "landlock seccomp": ("read", "process"),
    "user_id": ("", "portable"),
    "landlock seccomp user_id": ("fork" if ROOT else "execute", "process"),
}


@pytest.fixture(scope="module", params=SHOWN)
def tried(request: pytest.FixtureRequest) -> Iterator[tuple[str, Isolation]]:
    zygote = Zygote(without=frozenset({"bubblewrap", *request.param.split()}))
    with closing(zygote):
        yield request.param, isolation_of(zygote)
        left = {entry.name for entry in zygote.directory.iterdir()} - {"zygote.log"}
        assert not left


def test_the_canary_shows_what_a_missing_layer_is_worth(tried: tuple[str, Isolation]) -> None:
    without, found = tried
    attack, level = SHOWN[without]
    assert found.level == level
    assert set(found.outcomes) == set(ATTACKS)
    assert bool(found.escapes) == bool(attack)
    assert not attack or attack in found.escapes
    missing = dict(found.not_active)
    assert {name for name in missing if missing[name] == "switched off"} == {
        "bubblewrap",
        *without.split(),
    }
    assert not {*without.split()} & {*found.layers}


def test_it_is_found_out_once_for_all_threads() -> None:
    with closing(Zygote(without=frozenset({"bubblewrap"}))) as zygote:
        found: list[Isolation] = []
        threads = [
            threading.Thread(target=lambda: found.append(isolation_of(zygote))) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 4
        assert len({id(one) for one in found}) == 1


def test_bubblewrap_gives_namespaces_or_says_why_not() -> None:
    with closing(Zygote()) as zygote:
        found = isolation_of(zygote)
        if "bubblewrap" in found.layers:
            assert found.level == "namespaces"
        else:
            assert dict(found.not_active)["bubblewrap"]


def test_a_bubblewrap_that_fails_is_named_and_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "bwrap"
    fake.write_text(
        "#!/bin/sh\necho 'bwrap: No permissions to create a new namespace' >&2\nexit 1\n"
    )
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path) + os.pathsep + os.environ["PATH"])
    with closing(Zygote()) as zygote:
        assert zygote.versions
        reason = "bwrap: No permissions to create a new namespace"
        assert dict(isolation_of(zygote).not_active)["bubblewrap"] == reason
    monkeypatch.setenv("PATH", str(tmp_path / "none"))
    with closing(Zygote()) as zygote:
        assert zygote.versions
        assert zygote.unwrapped == "bubblewrap (bwrap) is not installed"


# --- what a user sees -------------------------------------------------------------------------------


def test_doctor_says_what_is_here(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--without", "seccomp", "--without", "bubblewrap"]) == 0
    text = capsys.readouterr().out
    assert "isolation: process" in text
    assert "not active  seccomp: switched off" in text
    assert "NOT STOPPED: it sent a UDP datagram" in text
    assert MEANING["process"] in text
    assert main(["doctor", "--without", "bubblewrap", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["level"] == ("user" if ROOT else "portable")
    assert all(one["stopped"] for one in told["attacks"])
    assert {"layer": "bubblewrap", "reason": "switched off"} in told["not_active"]


def test_doctor_refuses_an_interpreter_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--python", "/nonexistent/python"]) == 2
    assert "cannot be run" in capsys.readouterr().err


RIGHT = HERE.parent / "examples" / "submissions" / "fau-right"


def test_a_run_below_the_level_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    grade = ["grade", str(RIGHT), "--only", "constant", "--without", "seccomp"]
    assert main(grade) == 2
    told = capsys.readouterr().err
    assert "isolated at level 'process' here, below 'portable'" in told
    assert len(told.splitlines()) == 1


def test_the_report_says_what_was_not_active(capsys: pytest.CaptureFixture[str]) -> None:
    grade = ["grade", str(RIGHT), "--only", "constant", "--without", "seccomp", "--json", "-"]
    assert main([*grade, "--require-isolation", "process"]) == 0
    (subject,) = json.loads(capsys.readouterr().out)["subjects"]
    assert subject["isolation"]["level"] == "process"
    assert {"layer": "seccomp", "reason": "switched off"} in subject["isolation"]["not_active"]
    assert "landlock" in subject["isolation"]["layers"]


# --- the same as an ordinary user -------------------------------------------------------------------


FILES = ["test_confinement.py", "test_judge_failures.py", "test_isolation.py"]


@pytest.mark.skipif(not ROOT, reason="this is the ordinary user")
@pytest.mark.parametrize("file", FILES)
def test_an_ordinary_user_is_shut_in_as_well(file: str) -> None:
    """Runs tests again under another user id, by an interpreter that it can read."""
    done = pytest_as(4321, str(HERE / file))
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "100%" in done.stdout


def test_an_attack_that_cannot_be_tried_does_not_count_as_stopped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from lawbook.isolation import canary

    monkeypatch.setattr(canary.platform, "machine", lambda: "riscv64")
    monkeypatch.setattr(canary, "ATTACKS", (canary.Canary.keyring, canary.Canary.shared_memory))
    bird = canary.Canary(folder="", judge=0, tcp=0, udp=0, abstract="", bytes_beyond=0)
    tried = "it could not be tried on this system"
    assert bird.try_all()[1:] == [["keyring", tried], ["shared_memory", tried]]


@pytest.mark.parametrize("without", ["bubblewrap", "bubblewrap landlock seccomp"])
def test_the_folder_for_temporary_files_may_have_a_long_name(
    tmp_path: Path, without: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path.joinpath(*["x" * 60] * 3)  # beyond what the path of a socket may have
    place.mkdir(parents=True)
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    with closing(Zygote(without=frozenset(without.split()))) as zygote:
        found = isolation_of(zygote)
    assert set(found.outcomes) == set(ATTACKS)
    works = "it reached a Unix socket by its path" if "seccomp" in without else ""
    assert found.outcomes["unix_path"] == works  # it is tried, however long the path is
    assert not list(place.iterdir())


def test_a_socket_that_was_not_made_does_not_count_as_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lawbook.isolation import canary

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(canary, "ATTACKS", (canary.Canary.unix_path,))
    bird = canary.Canary(folder=str(tmp_path), judge=0, tcp=0, udp=0, abstract="", bytes_beyond=0)
    assert bird.try_all()[1:] == [["unix_path", "it could not be tried on this system"]]
