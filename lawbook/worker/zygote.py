"""The zygote: imports NumPy once and forks a worker on request; `main` is where it starts."""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from . import seccomp
from .common import Common
from .describing import describe
from .readable import Packages, packages
from .removing import remove_left
from .serving import exactly
from .session import reseed
from .starting import Adapter, set_environment, start_worker
from .system import PR_SET_CHILD_SUBREAPER, NotActive, machine, prctl

NAMESPACES = ("net", "pid", "ipc", "mnt", "user")


class Zygote:
    """Answers the judge's control messages: fork a worker, reap a worker."""

    def __init__(self, control: socket.socket, absent: Sequence[str] = ()) -> None:
        self.control, self.absent = control, list(absent)
        self.adapters: dict[str, Adapter] = {}
        self.workers: set[int] = set()
        self.packages: dict[tuple[str, ...], Packages] = {}
        self.subreaper = prctl(PR_SET_CHILD_SUBREAPER, 1)

    def run(self) -> None:
        versions = {"python": sys.version.split()[0], "numpy": np.__version__}
        own = handle_of(os.getpid())
        told = {"versions": versions, "namespaces": namespaces(), "absent": self.absent}
        self._say(told, own)
        for handle in own:
            os.close(handle)
        self.common = Common()  # now, while the judge gets ready to ask
        with suppress(NotActive):
            seccomp.program(machine(), 0)  # keeps what is the same for every process
        self.rules = self.common.ruleset()
        while True:
            try:
                prefix, descriptors, _, _ = socket.recv_fds(self.control, 4, 2)
            except ConnectionResetError:
                prefix = b""
            if not prefix:
                return self._end()
            while len(prefix) < 4:
                prefix += exactly(self.control, 4 - len(prefix))
            message = json.loads(exactly(self.control, int.from_bytes(prefix, "little")))
            if "reap" in message:
                self._say(self._reap(message["reap"]))
            else:
                self._start(message, descriptors)

    def _end(self) -> None:
        """The judge is gone: end every worker, and what they started."""
        for process in self.workers:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
        self.workers.clear()
        self._sweep()

    def _say(self, answer: Mapping[str, object], descriptors: Sequence[int] = ()) -> None:
        data = json.dumps(answer).encode("ascii")
        framed = len(data).to_bytes(4, "little") + data
        sent = socket.send_fds(self.control, [framed], descriptors)
        if sent < len(framed):  # even an empty rest would fail where the judge has gone meanwhile
            self.control.sendall(framed[sent:])

    def _start(self, job: Mapping[str, Any], descriptors: Sequence[int]) -> None:
        """Fork a worker; the judge is told its number here, and given a descriptor of it.

        In namespaces of our own the number means nothing to the judge.
        """
        answer = self._fork(job, descriptors)
        handles = handle_of(int(answer["process"])) if "process" in answer else []
        self._say(answer, handles)
        for handle in handles:
            os.close(handle)
        if self.rules is None:  # for the next one, while this one starts
            self.rules = self.common.ruleset()

    def _granted(self, names: Sequence[str]) -> Packages:
        """The packages of these names, looked for once."""
        key = tuple(sorted(names))
        if key not in self.packages:
            self.packages[key] = packages(key, dependencies=True)
        return self.packages[key]

    def _fork(self, job: Mapping[str, Any], descriptors: Sequence[int]) -> dict[str, Any]:
        path = job["adapter"]
        try:
            if path not in self.adapters:
                self.adapters[path] = Adapter(path)
                gc.freeze()
            granted = self._granted(job["imports"])
            set_environment(job)
            process = os.fork()
        except (OSError, SyntaxError, ValueError) as error:
            for descriptor in descriptors:
                os.close(descriptor)
            if isinstance(error, BlockingIOError):
                return {"error": "the system has no process left for this user"}
            return {"error": f"{type(error).__name__}: {error}"}
        if process == 0:
            self.control.detach()
            try:
                adapter, rules = self.adapters[path], self.rules
                start_worker(job, adapter, self.common, rules, granted, *descriptors)
            except BaseException as error:
                os.write(2, describe(error, path).encode("utf-8", "replace"))
            finally:
                os._exit(1)
        for descriptor in (*descriptors, *([] if self.rules is None else [self.rules])):
            os.close(descriptor)
        self.rules = None
        self.workers.add(process)
        return {"process": process}

    def _reap(self, process: int) -> dict[str, object]:
        """The exit status of a worker that the judge has killed; ends what it left behind."""
        try:
            status = os.waitpid(process, 0)[1]
        except ChildProcessError:
            status = -1
        self.workers.discard(process)
        self._sweep()
        return {"status": status}

    def _sweep(self) -> None:
        """Kill what outlived the worker that started it: as the subreaper we inherit it."""
        for _ in range(1000 if self.subreaper else 0):
            try:
                with open(f"/proc/self/task/{os.getpid()}/children") as file:
                    strangers = {int(word) for word in file.read().split()} - self.workers
            except (
                OSError
            ):  # a kernel without this file; the worker's process group is dead in any case
                return
            if not strangers:
                return
            for stranger in strangers:
                os.kill(stranger, signal.SIGKILL)
            for stranger in strangers:
                os.waitpid(stranger, 0)


def handle_of(process: int) -> list[int]:
    """A descriptor that stays with this very process; none where the system has no such thing."""
    if sys.platform == "linux" and hasattr(os, "pidfd_open"):
        with suppress(OSError):  # an old kernel, or a sandbox that does not know the call
            return [os.pidfd_open(process)]
    return []


def namespaces() -> dict[str, int]:
    """The namespaces that this process is in, by the kernel's numbers; none where there are none."""
    with suppress(OSError):
        return {name: os.stat(f"/proc/self/ns/{name}").st_ino for name in NAMESPACES}
    return {}


def preload(names: Sequence[str]) -> list[str]:
    """Import packages once for all workers; the names of those that are not installed."""
    absent = []
    for name in names:
        try:
            importlib.import_module(name)
        except ImportError:
            absent.append(name)
    torch = sys.modules.get("torch")
    if torch is not None:  # workers may not start threads
        torch.set_num_threads(1)
    return absent


def main() -> None:
    """Serve as a zygote: the arguments are packages to load and the descriptor of the control socket."""
    if sys.version_info < (3, 11):  # noqa: UP036  another interpreter may run this
        sys.exit(f"Python {sys.version.split()[0]} is too old: a worker needs 3.11 or newer")
    sys.dont_write_bytecode = True  # from here on; what it is made of itself is worth keeping
    control = socket.socket(fileno=int(sys.argv[-1]))
    control.set_inheritable(False)
    place = Path.cwd()  # before a package can leave it
    reseed()  # here too, for the imports that NumPy does at the first time
    absent = preload(list(filter(None, sys.argv[-2].split(","))))
    gc.freeze()
    gc.enable()
    try:
        Zygote(control, absent).run()
    finally:  # the judge may have died before it was greeted
        remove_left(place)
    os._exit(0)  # taking all modules apart would keep the judge waiting
