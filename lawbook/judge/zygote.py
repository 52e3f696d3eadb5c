"""The zygote seen from the judge: an exec'd process that holds NumPy and forks workers on request.

It is exec'd, never forked from the judge, so no memory of the judge (laws, seeds, expected values)
can be found in a worker.
"""

from __future__ import annotations

import errno
import os
import shutil
import socket
import subprocess
import sys
import threading
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lawbook.judge.control import Control
from lawbook.judge.folders import locked_folder
from lawbook.judge.handles import Forked, number_of, stop
from lawbook.judge.launch import ENVIRONMENT, bubblewrap, command
from lawbook.judge.scratch import remove_tree

START_SECONDS = 60.0  # a cold NumPy import from a slow disk, with room
ANSWER_SECONDS = (
    20.0  # a fork or a reap takes milliseconds; a zygote silent for this long was stopped
)
PREFIX = ".lawbook-zygote-"  # of its directory
NO_PROCESS = "no process can be started: the system has none left for this user"
LAYERS = frozenset({"landlock", "seccomp", "user_id", "bubblewrap", "limits"})


class JudgeError(RuntimeError):
    """The judge's own side cannot run (interpreter, adapter, system): no grade follows."""


class NoInterpreter(JudgeError):
    """The interpreter cannot run any worker, whatever is to be judged."""


class Zygote:
    """Starts at once and returns; the first request waits until it is ready.

    One zygote serves any number of workers and threads.  `preload` are packages that it imports for all
    workers, `without` those of `LAYERS` that are switched off.  `unwrapped` says why it runs in no
    namespaces of its own; it is empty where it does, and known once it has answered.  Raises JudgeError
    if `python` (this interpreter by default) cannot be started, or later, if it proves to be no Python
    with NumPy.
    """

    def __init__(
        self,
        python: str | Path | None = None,
        *,
        preload: Sequence[str] = (),
        without: frozenset[str] = frozenset(),
    ) -> None:
        if not hasattr(os, "fork"):
            raise JudgeError("submissions can only be judged on a POSIX system (Linux, macOS)")
        if without - LAYERS:
            raise ValueError(f"no layers of isolation: {', '.join(sorted(without - LAYERS))}")
        named = str(python or sys.executable)
        self.python = os.path.abspath(shutil.which(named) or named)  # not the target of a link
        if not os.access(self.python, os.X_OK):  # bubblewrap would say it in words of its own
            code = errno.EACCES if os.path.exists(self.python) else errno.ENOENT
            raise NoInterpreter(f"{self.python} cannot be run: {os.strerror(code)}")
        self.preload, self.without = tuple(preload), without
        self.directory, lock = locked_folder(PREFIX)
        if (
            os.geteuid() == 0
        ):  # a worker's own user has to reach its folder, and cannot list this one
            self.directory.chmod(0o711)
        self._log = self.directory / "zygote.log"
        self._lock = threading.Lock()
        self._told: dict[str, Any] = {}
        self.unwrapped = "switched off" if "bubblewrap" in without else ""
        self._finalizer = weakref.finalize(self, remove_tree, self.directory)
        # let go of before the zygote is to end: it removes the folder of a judge that was killed
        self._unlocker = weakref.finalize(self, os.close, lock)
        self._start()

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        run = command(self.python, self.preload, theirs.fileno())
        if not self.unwrapped:
            try:
                run = bubblewrap(self.directory, run)
            except LookupError as reason:
                self.unwrapped = str(reason)
        try:
            with open(self._log, "wb") as log:
                self._process = subprocess.Popen(
                    run,
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
            self._unlocker()
            self._finalizer()
            if error.errno == errno.EAGAIN:
                raise JudgeError(NO_PROCESS) from None
            raise NoInterpreter(f"{self.python} cannot be run: {error.strerror}") from None
        finally:
            theirs.close()
        self._control = Control(ours)
        self._handle: list[int] = []
        self._stopper = weakref.finalize(self, stop, self._process, self._control, self._handle)
        self._greeted = False

    @property
    def versions(self) -> dict[str, str]:
        """Versions of Python and NumPy in the workers; waits until the zygote is up."""
        with self._lock:
            self._greet()
        return dict(self._told["versions"])

    @property
    def namespaces(self) -> dict[str, int]:
        """The namespaces of the workers, by the kernel's numbers; waits until the zygote is up."""
        with self._lock:
            self._greet()
        return dict(self._told["namespaces"])

    def fork(self, job: Mapping[str, object], connection: socket.socket, output: int) -> Forked:
        """A new worker, which gets the socket and the output pipe.

        A zygote that a hostile worker has killed or stopped is replaced, once per request.  Raises
        JudgeError where a package that the course needs is not installed: no submission's fault.
        """
        with self._lock:
            self._greet()
            self._refuse_absent()
            descriptors = [connection.fileno(), output]
            try:
                answer, handle = self._control.ask(job, descriptors, ANSWER_SECONDS)
            except (OSError, ValueError):
                self._stopper()
                self._start()
                self._greet()
                try:
                    answer, handle = self._control.ask(job, descriptors, ANSWER_SECONDS)
                except (OSError, ValueError) as error:
                    raise JudgeError(f"the worker's parent process died twice: {error}") from None
        if "error" in answer:
            raise JudgeError(f"a worker cannot be started: {answer['error']}")
        inside = int(answer["process"])
        number = inside if self.unwrapped or handle is None else number_of(handle)
        return Forked(inside, number, handle)

    def reap(self, process: int) -> int | None:
        """The wait status of a worker that was killed; None if it can no longer be known."""
        with self._lock:
            try:
                status = int(self._control.ask({"reap": process}, [], ANSWER_SECONDS)[0]["status"])
            except (OSError, ValueError):
                # the zygote is gone; its workers died with it, the next fork starts another
                return None
        return None if status < 0 else status

    def close(self) -> None:
        """End the zygote, and with it any worker left, and remove its directory."""
        self._unlocker()
        self._stopper()
        self._finalizer()

    def _greet(self) -> None:
        while not self._greeted:
            try:
                self._told, handle = self._control.hear(START_SECONDS)
            except (OSError, ValueError) as error:
                self._process.kill()
                self._process.wait()
                reason = self._last_words() or f"it did not answer ({type(error).__name__})"
                if self.unwrapped:
                    raise NoInterpreter(f"{self.python} cannot run a worker: {reason}") from None
                self.unwrapped = reason  # namespaces may be refused here: once more without
                self._stopper()
                self._start()
                continue
            self._handle += [] if handle is None else [handle]
            self._greeted = True

    def _refuse_absent(self) -> None:
        """Raise JudgeError where a package to preload is not there."""
        absent = ", ".join(self._told.get("absent", ()))
        if absent:
            raise JudgeError(
                f"{absent} is not installed for {self.python}, which runs the submissions of this course: "
                "install it there, or give an interpreter that has it and NumPy with --python"
            )

    def _last_words(self) -> str:
        from lawbook.judge.messages import readable

        lines = self._log.read_text("utf-8", "replace").strip().splitlines()
        return readable(lines[-1]) if lines else ""
