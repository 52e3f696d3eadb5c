"""The zygote: its interpreter, its end, its environment, and the file that it runs."""

import os
import select
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from judging import ADAPTER, LAYER, QUICK, call, train

from lawbook.judge.launch import WORKER, command
from lawbook.judge.remote import RemoteBackend
from lawbook.judge.zygote import JudgeError, Zygote

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="workers are forked")


def test_the_zygote_starts_in_the_background() -> None:
    start = time.monotonic()
    zygote = Zygote()
    assert time.monotonic() - start < 0.05
    assert zygote.versions["numpy"] == np.__version__
    zygote.close()
    zygote.close()


@pytest.mark.parametrize(
    ("python", "words"),
    [
        ("/nonexistent/python", "cannot be run: No such file or directory"),
        ("/bin/true", "cannot run a worker: it did not answer"),
        ("/etc/hostname", "cannot be run"),
    ],
)
def test_a_bad_interpreter_is_named(python: str, words: str) -> None:
    with pytest.raises(JudgeError) as caught:
        _ = Zygote(python).versions
    assert str(caught.value).startswith(python)
    assert words in str(caught.value)


def test_an_interpreter_without_numpy_is_named(tmp_path: Path) -> None:
    bare = tmp_path / "python"
    bare.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')
    bare.chmod(0o755)
    with pytest.raises(JudgeError, match="No module named 'numpy'"):
        _ = Zygote(bare).versions


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_zygote_that_was_killed_or_stopped_is_replaced(
    tmp_path: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lawbook.judge.zygote.ANSWER_SECONDS", 0.5)
    monkeypatch.setattr("lawbook.judge.handles.END_SECONDS", 0.5)
    (tmp_path / "adapter.py").write_text(ADAPTER)
    (tmp_path / "Layer.py").write_text(LAYER)
    with RemoteBackend(tmp_path / "adapter.py", tmp_path, limits=QUICK) as backend:
        call(backend)
        signal.pidfd_send_signal(backend._zygote._handle[0], number)
        backend.reset()
        np.testing.assert_array_equal(call(backend), [2, 2, 2])


def test_the_environment_of_the_judge_stays_with_the_judge(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "seed")
    (tmp_path / "adapter.py").write_text(ADAPTER)
    (tmp_path / "Layer.py").write_text(train("return os.environ.get('SECRET')"))
    with RemoteBackend(tmp_path / "adapter.py", tmp_path) as backend:
        assert call(backend) is None


def test_the_worker_package_stands_alone(tmp_path: Path) -> None:
    """It runs isolated, without lawbook on the path, and ends when its control socket closes."""
    ours, theirs = socket.socketpair()
    with theirs:
        run = command(sys.executable, (), theirs.fileno())
        zygote = subprocess.Popen(
            [run[0], "-I", *run[1:]], cwd=tmp_path, pass_fds=[theirs.fileno()]
        )
    assert b"numpy" in ours.recv(1000)
    ours.close()
    assert zygote.wait(20) == 0
    for path in Path(WORKER).rglob("*.py"):
        text = path.read_text()
        assert "import lawbook" not in text, path
        assert "from lawbook" not in text, path


@pytest.mark.skipif(sys.platform != "linux", reason="the signal at the parent's death is Linux's")
@pytest.mark.parametrize("without", [frozenset(), frozenset({"bubblewrap"})])
def test_a_worker_dies_with_its_zygote(tmp_path: Path, without: frozenset[str]) -> None:
    """Even under another user id, which clears the signal that is set before."""
    (tmp_path / "adapter.py").write_text(ADAPTER)
    (tmp_path / "Layer.py").write_text(LAYER)
    zygote = Zygote(without=without)
    with RemoteBackend(tmp_path / "adapter.py", tmp_path, zygote=zygote) as backend:
        call(backend)
        process = backend._ready()._process
        signal.pidfd_send_signal(zygote._handle[0], signal.SIGKILL)
        assert select.select([process._handle], [], [], 20)[0], "it still lives"
    zygote.close()


def test_the_number_of_a_worker_is_the_judges(tmp_path: Path) -> None:
    """In namespaces a worker has another number for itself than for the judge, whose clock needs that."""
    (tmp_path / "adapter.py").write_text(ADAPTER)
    (tmp_path / "Layer.py").write_text(train("sum(range(10**6)); return os.getpid()"))
    zygote = Zygote()
    with RemoteBackend(tmp_path / "adapter.py", tmp_path, zygote=zygote) as backend:
        inside = call(backend)
        process = backend._ready()._process
        assert inside == process._inside
        assert (inside == process._number) == bool(zygote.unwrapped)
        assert process.cpu() > 0.01
    zygote.close()
