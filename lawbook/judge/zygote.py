"""The zygote seen from the judge: an exec'd process that holds NumPy and forks workers on request.

It is exec'd, never forked from the judge, so no memory of the judge (laws, seeds, expected values)
can be found in a worker.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lawbook.judge.scratch import remove_tree

WORKER = str(
    Path(__file__).parent.parent / "worker.py"
)  # not imported: the judge's NumPy loads meanwhile
START_SECONDS = 60.0  # a cold NumPy import from a slow disk, with room
ANSWER_SECONDS = (
    20.0  # a fork or a reap takes milliseconds; a zygote silent for this long was stopped
)
END_SECONDS = 5.0
ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "MPLBACKEND": "Agg",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONSAFEPATH": "1",  # this file's own folder stays off the worker's import path
}
# Runs the worker's file from Python's cache of its compiled form, where that is there and not older.
# Until it serves, little is garbage: to look for it would take as long as a tenth of the imports.
RUN = """
import gc, importlib.machinery, sys
gc.disable()
main = sys.modules["__main__"]
importlib.machinery.SourceFileLoader("__main__", sys.argv[1]).exec_module(main)
"""


class JudgeError(RuntimeError):
    """The judge's own side cannot run (interpreter, adapter, system): no grade follows."""


class Zygote:
    """Starts at once and returns; the first request waits until it is ready.

    One zygote serves any number of workers and threads. Raises JudgeError if `python` (this
    interpreter by default) cannot be started, or later, if it proves to be no Python with NumPy.
    """

    def __init__(self, python: str | Path | None = None) -> None:
        if not hasattr(os, "fork"):
            raise JudgeError("submissions can only be judged on a POSIX system (Linux, macOS)")
        named = str(python or sys.executable)
        self.python = os.path.abspath(shutil.which(named) or named)  # not the target of a link
        self.directory = Path(tempfile.mkdtemp(prefix="lawbook-"))
        self._log = self.directory / "zygote.log"
        self._lock = threading.Lock()
        self._versions: dict[str, str] = {}
        self._finalizer = weakref.finalize(self, remove_tree, self.directory)
        self._start()

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        try:
            with open(self._log, "wb") as log:
                self._process = subprocess.Popen(
                    [self.python, "-s", "-c", RUN, WORKER, str(theirs.fileno())],
                    env={**ENVIRONMENT, "HOME": str(self.directory), "TMPDIR": str(self.directory)},
                    cwd=self.directory,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=log,
                    pass_fds=(theirs.fileno(),),
                    start_new_session=True,  # Ctrl-C is for the judge
                )
        except OSError as error:
            ours.close()
            self._finalizer()
            raise JudgeError(f"{self.python} cannot be run: {error.strerror}") from None
        finally:
            theirs.close()
        self._control = ours
        self._stopper = weakref.finalize(self, _stop, self._process, ours)
        self._greeted = False

    @property
    def versions(self) -> dict[str, str]:
        """Versions of Python and NumPy in the workers; waits until the zygote is up."""
        with self._lock:
            self._greet()
        return dict(self._versions)

    def fork(self, job: Mapping[str, object], connection: socket.socket, output: int) -> int:
        """The process id of a new worker, which gets the socket and the output pipe.

        A zygote that a hostile worker has killed or stopped is replaced, once per request.
        """
        with self._lock:
            self._greet()
            descriptors = [connection.fileno(), output]
            try:
                answer = self._ask(job, descriptors)
            except OSError:
                self._stopper()
                self._start()
                self._greet()
                try:
                    answer = self._ask(job, descriptors)
                except OSError as error:
                    raise JudgeError(f"the worker's parent process died twice: {error}") from None
        if "error" in answer:
            raise JudgeError(f"a worker cannot be started: {answer['error']}")
        return int(answer["process"])

    def reap(self, process: int) -> int | None:
        """The wait status of a worker that was killed; None if it can no longer be known."""
        with self._lock:
            try:
                status = int(self._ask({"reap": process}, [])["status"])
            except (
                OSError
            ):  # the zygote is gone; its workers died with it, the next fork starts another
                return None
        return None if status < 0 else status

    def close(self) -> None:
        """End the zygote, and with it any worker left, and remove its directory."""
        self._stopper()
        self._finalizer()

    def _greet(self) -> None:
        if self._greeted:
            return
        try:
            self._versions = self._receive(START_SECONDS)
        except (OSError, ValueError) as error:
            self._process.kill()
            self._process.wait()
            lines = self._log.read_text("utf-8", "replace").strip().splitlines()
            from lawbook.judge.messages import readable

            reason = readable(lines[-1]) if lines else f"it did not answer ({type(error).__name__})"
            raise JudgeError(f"{self.python} cannot run a worker: {reason}") from None
        self._greeted = True

    def _ask(self, message: Mapping[str, object], descriptors: list[int]) -> dict[str, Any]:
        data = json.dumps(message).encode("ascii")
        self._control.settimeout(ANSWER_SECONDS)
        framed = len(data).to_bytes(4, "little") + data
        sent = socket.send_fds(self._control, [framed], descriptors)
        self._control.sendall(framed[sent:])
        return self._receive(ANSWER_SECONDS)

    def _receive(self, seconds: float) -> dict[str, Any]:
        self._control.settimeout(seconds)
        length = int.from_bytes(self._exactly(4), "little")
        answer = json.loads(self._exactly(min(length, 1 << 16)))
        if not isinstance(answer, dict):
            raise ConnectionError("an answer that is no message")
        return answer

    def _exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            more = self._control.recv(count - len(data))
            if not more:
                raise ConnectionError("it ended")
            data += more
        return data


def _stop(process: subprocess.Popen[bytes], control: socket.socket) -> None:
    control.close()  # it then ends its workers and itself
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
