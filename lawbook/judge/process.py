"""One worker process: its start, its clocks, its output, its end.

Everything a worker sends is untrusted. Whatever it does, a request ends with values or with a
`TargetError` of one sentence; after a timeout or a crash the worker is dead.
"""

from __future__ import annotations

import math
import os
import select
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from lawbook.judge.messages import Batch, batches, check_reply, read_description, readable
from lawbook.judge.scratch import remove_tree
from lawbook.judge.zygote import JudgeError, Limits, Zygote
from lawbook.operations import Call, TargetError, Value
from lawbook.worker import FRAME, LOADED, MAX_MESSAGE, READY, WireError, decode, frame_lengths

READY_SECONDS = 60.0  # for the adapter's own imports; nothing of the submission runs before READY
SLICE_SECONDS = 0.1  # how often a worker past its limit is looked at again
KEPT_OUTPUT = 16 << 10  # bytes of a submission's printing that are kept
MAX_REPLY = 256 << 20  # bytes of all parts of one reply


class LoadError(TargetError):
    """The process did not survive loading; `importing` is the file it was at, as far as it said."""

    def __init__(self, status: str, message: str, importing: str) -> None:
        super().__init__(status, message)
        self.importing = importing


class Worker:
    """A live submission. `description` and `isolation` are known once the constructor returns.

    `spent` is CPU time in seconds that the submission has used in earlier workers. Raises
    TargetError if the submission cannot be loaded, JudgeError if the fault is on our side.
    """

    def __init__(
        self,
        zygote: Zygote,
        adapter: Path,
        root: Path,
        limits: Limits,
        spent: float = 0.0,
        refused: Mapping[str, str] | None = None,
    ) -> None:
        self.limits, self.spent = limits, spent
        self.output = b""
        self.alive = True
        self._zygote = zygote
        self._printed = 0
        self._inbox = bytearray()
        self._cpu_at_end = 0.0
        self._subject = "loading the submission"
        self.importing = ""
        self._launch(adapter, root, refused or {})
        self._poll = select.poll()
        self._poll.register(self._socket, select.POLLIN)
        self._poll.register(self._pipe, select.POLLIN)
        try:
            self._watch(READY_SECONDS, math.inf)
            layers = self._reply(READY, 1)[0][0]
        except TargetError as error:
            said = self.output.decode("utf-8", "replace").strip().splitlines()
            reason = readable(said[-1]) if said else error.message
            raise JudgeError(f"the adapter {adapter} cannot be used: {reason}") from None
        self.isolation = tuple(map(str, layers))
        try:
            self._watch(limits.import_seconds, self._left_in_all())
            self.description = read_description(self._reply(LOADED, 4)[0])
        except WireError as wrong:
            self._die("crash", f"{self._subject} gave {wrong}")
        except TargetError as error:
            self.kill()
            raise LoadError(error.status, error.message, self.importing) from None

    def _launch(self, adapter: Path, root: Path, refused: Mapping[str, str]) -> None:
        home = Path(tempfile.mkdtemp(dir=self._zygote.directory))
        ours, theirs = socket.socketpair()
        pipe, output = os.pipe()
        job = {
            "adapter": os.path.abspath(adapter),
            "root": os.path.abspath(root),
            "home": str(home),
            "note": str(home / "importing"),
            "refused": dict(refused),
            "limits": self.limits.for_worker(),
        }
        try:
            self._process = self._zygote.fork(job, theirs, output)
        except BaseException:
            ours.close()
            os.close(pipe)
            remove_tree(home)
            raise
        finally:
            theirs.close()
            os.close(output)
        self._home, self._socket, self._pipe = home, ours, pipe
        self._descriptor = _process_descriptor(self._process)
        self._socket.setblocking(False)
        os.set_blocking(self._pipe, False)

    # --- requests ---------------------------------------------------------------------------------

    def request(
        self, calls: Sequence[Call], names: Sequence[str], fresh: bool, cases: bool = False
    ) -> list[Value]:
        """One result per call; `names` are what messages call them ("dropout.train").

        `fresh` forgets all instances first; with `cases` a failure is a result.  Raises TargetError at
        the first call that fails, WireError if an argument may not cross the wire.
        """
        self.start(calls, names, fresh, cases)
        return self.finish()

    def start(
        self, calls: Sequence[Call], names: Sequence[str], fresh: bool, cases: bool = False
    ) -> None:
        """Send a request and leave the worker to it; nothing else may be sent before `finish`."""
        self._cases, self._rest = cases, batches(calls, names)
        self._asked = self._ask(next(self._rest), fresh)

    def finish(self) -> list[Value]:
        """The results of the request that was started."""
        results = self._hear(*self._asked)
        for batch in self._rest:
            results += self._hear(*self._ask(batch, fresh=False))
        return results

    def _ask(self, batch: Batch, fresh: bool) -> tuple[Batch, int]:
        self._subject = _subject(batch.names)
        self._refuse_early_words()
        self._watch(self.limits.call_seconds, self._left_in_all())
        identity = int.from_bytes(os.urandom(6), "little") + 2
        self._send(batch.frame(identity, fresh, self._cases))
        return batch, identity

    def _hear(self, batch: Batch, identity: int) -> list[Value]:
        values: list[Value] = []
        size, more = 0, True
        while more:
            part, more, length = self._reply(identity, len(batch.names) - len(values))
            values += part
            size += length
            if size > MAX_REPLY:
                self._die("crash", f"{self._subject} returned more than {_megabytes(MAX_REPLY)}")
            if more:
                self._subject = _subject(batch.names[len(values) :])
                self._watch(self.limits.call_seconds, self._left_in_all())
        return values

    def _reply(self, identity: int, most: int) -> tuple[list[Any], bool, int]:
        """(values, whether more follow, bytes) of the next message, a reply to `identity`."""
        try:
            header, payload = frame_lengths(self._take(FRAME.size))
            head, values = decode(self._take(header), self._take(payload))
            return values, check_reply(head, len(values), identity, most), header + payload
        except WireError as wrong:
            self._die("crash", f"{self._subject} sent what is no legal reply: {wrong}")

    # --- bytes ------------------------------------------------------------------------------------

    def _refuse_early_words(self) -> None:
        """Nothing may have been sent since the last reply."""
        try:
            spoken = bool(self._inbox) or bool(self._socket.recv(1, socket.MSG_PEEK))
        except BlockingIOError:
            return
        except OSError:
            spoken = False
        if spoken:
            self._die("crash", "the submission sent a reply that nobody had asked for")
        self._ended()

    def _send(self, message: bytes) -> None:
        view = memoryview(message)
        while view:
            try:
                view = view[self._socket.send(view) :]
            except BlockingIOError:
                self._poll.modify(self._socket, select.POLLOUT)
                self._wait()
                self._poll.modify(self._socket, select.POLLIN)
            except OSError:
                self._ended()

    def _take(self, count: int) -> bytearray:
        while len(self._inbox) < count:
            self._wait()
            try:
                data = self._socket.recv(max(1 << 16, min(count - len(self._inbox), 1 << 20)))
            except BlockingIOError:
                continue
            except OSError:
                data = b""
            if not data:
                self._ended()
            self._inbox += data
        taken, self._inbox = self._inbox[:count], self._inbox[count:]
        return taken

    def _drain(self) -> None:
        try:
            data = os.read(self._pipe, 1 << 16)
        except BlockingIOError:
            return
        if not data:  # it closed its standard output
            self._poll.unregister(self._pipe)
        self._printed += len(data)
        self.output += data[: KEPT_OUTPUT - len(self.output)]
        if self._printed > self.limits.output:
            self._die(
                "crash", f"{self._subject} printed more than {_megabytes(self.limits.output)}"
            )

    # --- clocks -----------------------------------------------------------------------------------

    def _watch(self, limit: float, left: float) -> None:
        """Start the clocks of a call that may take `limit` seconds, `left` being left in all."""
        self._limit, self._left = limit, left
        self._wall_start = time.monotonic()
        self._cpu_start = self._cpu_seen = self.cpu()
        if left <= 0:
            self._exhausted()

    def _left_in_all(self) -> float:
        return self.limits.total_seconds - self.spent - self.cpu()

    def _wait(self) -> None:
        """Until the socket is ready: drain what is printed, watch the clocks."""
        while True:
            left = min(self._limit, self._left) - (time.monotonic() - self._wall_start)
            events = dict(self._poll.poll(max(left, SLICE_SECONDS) * 1000))
            if self._pipe in events:
                self._drain()
            if self._socket.fileno() in events:
                return
            self._check_clocks()

    def _check_clocks(self) -> None:
        """End a worker over its limit; one merely starved by a busy machine may go on."""
        wall = time.monotonic() - self._wall_start
        if wall < min(self._limit, self._left):
            return
        cpu, state = self.cpu(), self._state()
        used, recently = cpu - self._cpu_start, cpu - self._cpu_seen
        self._cpu_seen = cpu
        if state == "Z":  # dead, though something it started still holds the connection
            self._ended()
        if used >= self._left:
            self._exhausted()
        if used >= self._limit:
            self._die("timeout", f"{self._subject} took more than {self._limit:g} s of CPU time")
        waiting = state in ("S", "T") and recently < SLICE_SECONDS / 10
        if wall >= self._limit and (waiting or wall >= self._limit * self.limits.wall_factor):
            self._die("timeout", f"{self._subject} did not return within {self._limit:g} s")

    def _exhausted(self) -> NoReturn:
        total = self.limits.total_seconds
        self._die("timeout", f"the submission has used up its {total:g} s of CPU time")

    def cpu(self) -> float:
        """Seconds of CPU time used, by the kernel's count; 0.0 where the system does not tell."""
        if not self.alive or sys.platform != "linux":
            return self._cpu_at_end
        try:
            return time.clock_gettime((~self._process << 3) | 2)
        except OSError:  # its zygote is gone, and it with it
            return self._cpu_at_end

    def _state(self) -> str:
        """The kernel's letter for what it is doing; "?" where the system does not tell."""
        try:
            text = Path(f"/proc/{self._process}/stat").read_bytes()
        except OSError:
            return "?"
        return chr(text.rpartition(b")")[2].split()[0][0])

    # --- the end ----------------------------------------------------------------------------------

    def kill(self) -> int | None:
        """End it and what it started, remove its directory; its wait status, if known."""
        if not self.alive:
            return None
        self._cpu_at_end = self.cpu()
        self.alive = False
        with suppress(ProcessLookupError, PermissionError):  # no session of its own yet, or gone
            os.killpg(self._process, signal.SIGKILL)
        with suppress(ProcessLookupError):
            if sys.platform == "linux" and self._descriptor is not None:
                signal.pidfd_send_signal(self._descriptor, signal.SIGKILL)
            else:
                os.kill(self._process, signal.SIGKILL)
        status = self._zygote.reap(self._process)
        with suppress(BlockingIOError):  # nothing more was printed
            self.output += os.read(self._pipe, KEPT_OUTPUT - len(self.output))
        self._socket.close()
        os.close(self._pipe)
        if self._descriptor is not None:
            os.close(self._descriptor)
        self.importing = _note(self._home / "importing")
        remove_tree(self._home)
        return status

    def _die(self, status: str, message: str) -> NoReturn:
        self.kill()
        raise TargetError(status, message)

    def _ended(self) -> NoReturn:
        """The connection is closed: say how the process ended."""
        status = self.kill()
        if status is not None and os.WIFEXITED(status):
            code = os.WEXITSTATUS(status)
            raise TargetError("crash", f"{self._subject} ended the process (exit code {code})")
        number = signal.SIGKILL if status is None else os.WTERMSIG(status)
        if number == signal.SIGXCPU:
            self._exhausted()
        if number == signal.SIGKILL:
            message = f"{self._subject} cut the connection, or its process was killed"
            raise TargetError("crash", message)
        raise TargetError("crash", f"{self._subject} crashed the process ({_signal_name(number)})")


def _note(path: Path) -> str:
    """The one line that a worker left in a file, if it is a plain one."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(descriptor, "rb") as file:
            return readable(file.read(MAX_MESSAGE).decode("utf-8", "replace"))
    except OSError:
        return ""


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal
        return f"signal {number}"


def _process_descriptor(process: int) -> int | None:
    """A descriptor that stays with this very process, where the system has such a thing."""
    if sys.platform != "linux" or not hasattr(os, "pidfd_open"):
        return None
    try:
        return os.pidfd_open(process)
    except OSError:  # an old kernel, or a sandbox that does not know the call
        return None


def _subject(names: Sequence[str]) -> str:
    """Who is to blame for what happens during these calls, as far as the judge can tell."""
    culprits = list(dict.fromkeys(name for name in names if name not in ("seed", "draw")))
    return " or ".join(culprits[:4]) or "drawing a random number"


def _megabytes(count: int) -> str:
    return f"{count / (1 << 20):g} MB"
