"""A process of the pool: forked from the warm parent, on a core of its own, with zygotes of its own.

No code of a submission runs here.  It dies with its parent, whatever kills that.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Heard = Callable[[str], None]  # told what is worked on
Work = Callable[[int, Heard], dict[str, Any]]  # an answer to the task with this index
Opening = Callable[[], AbstractContextManager[Work]]  # called in the new process
PR_SET_PDEATHSIG = 1
HEARD = 1.0  # seconds between signs of life


@dataclass(eq=False, repr=False)
class Child:
    """A process of the pool seen from the parent; `task` is the index of what it works on."""

    process: int
    connection: socket.socket
    number: int
    scratch: Path
    task: int | None = None
    heard: float = 0.0
    now: str = ""
    _rest: bytes = b""

    def give(self, task: int) -> None:
        """Give it something to do; OSError where it is gone."""
        self.task, self.heard = task, time.monotonic()
        self.connection.sendall(b"%d\n" % task)

    def receive(self) -> list[dict[str, Any]] | None:
        """The messages that came; None where it is gone."""
        try:
            data = self.connection.recv(1 << 16)
        except OSError:
            data = b""
        if not data:
            return None
        self.heard = time.monotonic()
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [json.loads(line) for line in lines]

    def end(self, number: int) -> None:
        """Send it a signal; one that is gone already is no error."""
        with suppress(ProcessLookupError):
            os.kill(self.process, number)


def start(
    number: int, scratch: Path, core: int | None, others: Sequence[Child], opening: Opening
) -> Child:
    """Fork a process that opens its work and does it; `others` are those whose connections it must not hold.

    Raises OSError where the system has no process left.
    """
    scratch.mkdir()
    scratch.chmod(0o711)
    ours, theirs = socket.socketpair()
    parent = os.getpid()
    sys.stdout.flush()
    sys.stderr.flush()
    process = os.fork()
    if process:
        theirs.close()
        return Child(process, ours, number, scratch)
    status = 1
    try:
        ours.close()
        for other in others:
            other.connection.close()
        _settle(parent, scratch, core)
        with opening() as work:
            _serve(theirs, work)
        status = 0
    except KeyboardInterrupt:
        status = 130
    finally:
        os._exit(status)  # nothing of the parent's is closed or ended here


def _settle(parent: int, scratch: Path, core: int | None) -> None:
    """Become a process of its own: it ends with its parent, and not by the terminal's Ctrl-C."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    os.setsid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before that
            os._exit(1)
    if core is not None:
        with suppress(OSError):  # the core was taken away meanwhile
            os.sched_setaffinity(0, {core})
    tempfile.tempdir = str(scratch)


def _serve(connection: socket.socket, work: Work) -> None:
    last = time.monotonic()

    def heard(now: str) -> None:
        nonlocal last
        if time.monotonic() - last > HEARD:
            last = time.monotonic()
            _send(connection, {"now": now})

    with connection.makefile("rb") as lines:
        for line in lines:
            _send(connection, {"task": int(line), "answer": work(int(line), heard)})


def _send(connection: socket.socket, message: dict[str, Any]) -> None:
    connection.sendall(json.dumps(message).encode() + b"\n")
