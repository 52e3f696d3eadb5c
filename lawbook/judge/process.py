"""One worker process as the operating system sees it: its start, its CPU time, its output, its end."""

from __future__ import annotations

import os
import signal
import socket
import stat
import sys
import tempfile
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path

from lawbook.judge.limits import Limits
from lawbook.judge.messages import readable
from lawbook.judge.scratch import overfull, remove_tree
from lawbook.judge.zygote import Zygote
from lawbook.worker.wire import MAX_MESSAGE

COURSES = Path(__file__).absolute().parent.parent / "courses"
KEPT_OUTPUT = 16 << 10  # bytes of a submission's printing that are kept


class Process:
    """A live process with a connection, a pipe for what it prints, and a directory of its own.

    `output` is the start of what it printed, `printed` the number of bytes of all of it; once it is
    killed, `importing` is the file it was at, as far as it said.  Raises JudgeError if the fault is
    on our side.
    """

    def __init__(
        self,
        zygote: Zygote,
        adapter: Path,
        root: Path,
        limits: Limits,
        refused: Mapping[str, str],
        imports: Collection[str] = (),
    ) -> None:
        self.output, self.printed = b"", 0
        self.importing = ""
        self.alive = True
        self._cpu_at_end = self._starved = 0.0
        self._zygote = zygote
        home = Path(tempfile.mkdtemp(dir=zygote.directory))
        ours, theirs = socket.socketpair()
        pipe, output = os.pipe()
        job = {
            "adapter": os.path.abspath(adapter),
            "root": os.path.abspath(root),
            "home": str(home),
            "note": str(home / "importing"),
            "refused": dict(refused),
            "imports": sorted(imports),
            "readable": [os.path.abspath(root), _readable(adapter)],
            "without": sorted(zygote.without),
            "limits": limits.for_worker(),
        }
        try:
            worker = zygote.fork(job, theirs, output)
        except BaseException:
            ours.close()
            os.close(pipe)
            remove_tree(home)
            raise
        finally:
            theirs.close()
            os.close(output)
        self._home, self.socket, self.pipe = home, ours, pipe
        self._inside, self._number, self._handle = worker.inside, worker.number, worker.handle
        self.socket.setblocking(False)
        os.set_blocking(self.pipe, False)

    def cpu(self) -> float:
        """Seconds of CPU time used, by the kernel's count; 0.0 where the system does not tell."""
        if not self.alive or sys.platform != "linux":
            return self._cpu_at_end
        try:
            return time.clock_gettime((~self._number << 3) | 2)
        except OSError:  # its zygote is gone, and it with it
            return self._cpu_at_end

    def starved(self) -> float:
        """Seconds that it could have run and was not let; 0.0 where the system does not tell."""
        if self.alive:
            with suppress(OSError, ValueError, IndexError):
                text = Path(f"/proc/{self._number}/schedstat").read_text("ascii")
                self._starved = int(text.split()[1]) / 1e9
        return self._starved

    def state(self) -> str:
        """The kernel's letter for what it is doing; "?" where the system does not tell."""
        try:
            text = Path(f"/proc/{self._number}/stat").read_bytes()
        except OSError:
            return "?"
        return chr(text.rpartition(b")")[2].split()[0][0])

    def drain(self) -> bool:
        """Take what it has printed; False once it has closed its standard output."""
        try:
            data = os.read(self.pipe, 1 << 16)
        except BlockingIOError:
            return True
        self.printed += len(data)
        self.output += data[: KEPT_OUTPUT - len(self.output)]
        return bool(data)

    def overfull(self, size: int, files: int) -> str:
        """What its folder has too much of, or "", as `scratch.overfull`."""
        return overfull(self._home, size, files)

    def kill(self) -> int | None:
        """End it and what it started, remove its directory; its wait status, if known."""
        if not self.alive:
            return None
        self._cpu_at_end = self.cpu()
        self.starved()
        self.alive = False
        with suppress(ProcessLookupError, PermissionError):  # no session of its own yet, or gone
            os.killpg(self._number, signal.SIGKILL)
        with suppress(ProcessLookupError):
            if sys.platform == "linux" and self._handle is not None:
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)
            else:
                os.kill(self._number, signal.SIGKILL)
        status = self._zygote.reap(self._inside)
        self.drain()
        self.socket.close()
        os.close(self.pipe)
        if self._handle is not None:
            os.close(self._handle)
        self.importing = _note(self._home / "importing")
        remove_tree(self._home)
        return status


def _readable(adapter: Path) -> str:
    """What a worker reads of an adapter: one of ours is a part of a package, an instructor's own a file."""
    place = adapter.absolute()
    return str(COURSES if COURSES in place.parents else place)


def _note(path: Path) -> str:
    """The one line that a worker left in a file, if it is a plain one."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return ""
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return ""
        return readable(os.read(descriptor, MAX_MESSAGE).decode("utf-8", "replace"))
    except OSError:
        return ""
    finally:
        os.close(descriptor)
