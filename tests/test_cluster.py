"""Runs on a Dask cluster of this machine: the same results as in local processes, whatever it loses."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from class_runs import command, grade, make_class, report, results
from dask_cluster import running
from test_classes import wait_for, written

from lawbook.classes import packing

pytest.importorskip("distributed")
ADAPTER = """
import types, importlib.util
IMPORTS = []
def load(root):
    spec = importlib.util.spec_from_file_location("mine", root + "/mine.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return types.SimpleNamespace(operations={"dropout": module.Dropout}, errors={}, notes=[], profile=None)
"""
MINE = """
import numpy as np
class Dropout:
    def __init__(self, *, keep, **rest):
        self.keep = keep
    def train(self, x):
        self.mask = (np.random.rand(*x.shape) < self.keep) / self.keep
        return x * self.mask
    def evaluate(self, x):
        return x
    def backward(self, error):
        return error * self.mask
"""


def test_a_worker_that_is_killed_costs_nothing(tmp_path: Path) -> None:
    folder = make_class(tmp_path / "class", 8)
    (folder / "empty").mkdir()
    secret = tmp_path / "secret"
    secret.write_text("a secret of the course")
    here, there = tmp_path / "here", tmp_path / "there"
    assert grade(folder, here, "--secret", str(secret)).returncode == 1
    with running() as cluster:
        given = ["--secret", str(secret), "--cluster", cluster["address"]]
        run = subprocess.Popen(command(folder, there, *given), stderr=subprocess.PIPE, text=True)
        wait_for(lambda: written(there) > 2)
        os.kill(cluster["workers"][0], signal.SIGKILL)
        said = run.communicate()[1]
        assert run.returncode == 1, said
        names = sorted(line.partition("] ")[2].partition(":")[0] for line in said.splitlines())
        assert names == sorted(path.name for path in folder.iterdir())  # each once
        assert results(there) == results(here)
        assert report(there) == report(here)
        again = grade(folder, there, *given)
        assert again.stderr.count("(as before)") == 9
        shutil.rmtree(there / "results")
        (there / "results").mkdir()
        shutil.copy(here / "results" / "empty.json", there / "results")
        local = grade(folder, there, "--secret", str(secret))  # begun there, gone on with here
        assert local.stderr.count("(as before)") == 1
        assert results(there) == results(here)


def test_an_adapter_of_ones_own_is_sent_along(tmp_path: Path) -> None:
    folder = tmp_path / "class"
    for name in ("one", "two"):
        (folder / name).mkdir(parents=True)
        (folder / name / "mine.py").write_text(f"# {name}\n{MINE}")
    adapter = tmp_path / "own.py"
    adapter.write_text(ADAPTER)
    given = ["--course", str(adapter), "--seed", "3"]
    here, there = tmp_path / "here", tmp_path / "there"
    local = grade(folder, here, *given)
    with running() as cluster:
        remote = grade(folder, there, *given, "--cluster", cluster["address"])
    assert remote.returncode == local.returncode == 0, remote.stderr + local.stdout
    assert results(there) == results(here)


def test_a_scheduler_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    folder = make_class(tmp_path / "class", 1)
    run = grade(folder, tmp_path / "out", "--cluster", "tcp://127.0.0.1:9")
    assert (run.returncode, run.stderr.count("\n")) == (2, 1)
    assert "the scheduler at tcp://127.0.0.1:9 cannot be reached" in run.stderr


def test_workers_with_another_lawbook_are_refused(tmp_path: Path) -> None:
    folder = make_class(tmp_path / "class", 1)
    older = "import lawbook\nlawbook.__version__ = '0.0.1'"
    with running(DASK_DISTRIBUTED__WORKER__PRELOAD=older) as cluster:
        run = grade(folder, tmp_path / "out", "--cluster", cluster["address"])
    assert (run.returncode, run.stderr.count("\n")) == (2, 1), run.stderr
    assert "have Lawbook '0.0.1', here it is" in run.stderr


def test_what_is_packed_is_unpacked_the_same(tmp_path: Path) -> None:
    source, into = tmp_path / "source", tmp_path / "into"
    (source / "a" / "b").mkdir(parents=True)
    (source / "a" / "b" / "x.py").write_bytes(b"\0\xff")
    (source / "empty.py").touch()
    (source / "link").symlink_to("/etc/passwd")
    into.mkdir()
    root = packing.unpack(packing.pack(source), into)
    assert root == into / "source"
    found = {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}
    assert found == {"a/b/x.py": b"\0\xff", "empty.py": b""}


@pytest.mark.parametrize(
    "head",
    [
        b'["root", [["../x", 1]]]',
        b'["root", [["/x", 1]]]',
        b'["..", [["x", 1]]]',
        b'["root", [["x", 2]]]',
        b'["root", [["x"]]]',
        b"[]",
        b"{",
    ],
)
def test_what_leads_elsewhere_or_is_torn_is_not_unpacked(tmp_path: Path, head: bytes) -> None:
    into = tmp_path / "into"
    into.mkdir()
    with pytest.raises(packing.Unpackable):
        packing.unpack(len(head).to_bytes(8, "little") + head + b"x", into)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == []
