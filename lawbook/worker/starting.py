"""From a fork of the zygote to a worker that serves."""

from __future__ import annotations

import importlib.machinery
import json
import os
import socket
import sys
import types
from collections.abc import Mapping
from typing import Any, NoReturn

from .common import Common
from .confinement import Plan, confine
from .imports import Policy
from .packing import encode
from .readable import Packages, packages
from .serving import send, serve
from .session import reseed
from .wire import READY

SOCKET = 3  # the worker's file descriptor for the judge
RULES = 4  # and the one for what it may read, until that is in force


def compiled(path: str) -> types.CodeType:
    """The code of an adapter: Python's own cache of it, where that is there and not older."""
    code = importlib.machinery.SourceFileLoader("lawbook_adapter", path).get_code("lawbook_adapter")
    assert isinstance(code, types.CodeType)  # a source loader has code, or raises
    return code


OWN = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "courses", "")


class Adapter:
    """An adapter made ready in the zygote: its code, and where it is one of our own its module.

    The body of one of our own runs once for all workers; `loaded` is what is imported then.  An
    instructor's may do what it likes, and so runs in the worker only.
    """

    def __init__(self, path: str) -> None:
        self.path, self.code = path, compiled(path)
        self.module = run_adapter(self.code, path) if path.startswith(OWN) else None
        self.loaded = loaded_modules() if self.module else frozenset()

    def use(self) -> types.ModuleType:
        """The module, in the worker."""
        if self.module is None:
            self.module = run_adapter(self.code, self.path)
            self.loaded = loaded_modules()
        else:
            sys.modules[self.module.__name__] = self.module
        return self.module


class CompiledLoader(importlib.machinery.SourceFileLoader):
    """Loads an adapter compiled once, in the zygote: compiling costs more than forking."""

    def __init__(self, code: types.CodeType, path: str) -> None:
        super().__init__("lawbook_adapter", path)
        self.code = code

    def get_code(self, fullname: str) -> types.CodeType:
        """The compiled adapter; there is only one name to ask for."""
        return self.code


def set_environment(job: Mapping[str, Any]) -> None:
    """In the zygote, for the next fork: there it copies no memory."""
    os.environ.update(HOME=job["home"], TMPDIR=job["home"])
    os.environ.update(LAWBOOK_IMPORTING=job["note"], LAWBOOK_REFUSED=json.dumps(job["refused"]))


def start_worker(
    job: Mapping[str, Any],
    prepared: Adapter,
    common: Common,
    rules: int | None,
    granted: Packages,
    connection: int,
    output: int,
) -> NoReturn:
    """In the forked child: take the descriptors, run the adapter's body, confine, serve.

    `common` is what every worker reads, `rules` a ruleset with it of this worker's own, `granted` the
    packages that the course allows.  Whatever fails before READY is sent is the judge's side's fault, not
    the submission's: the body of an adapter is the instructor's and runs before the walls are up.
    """
    if rules is not None and rules <= SOCKET:  # a number that is taken now
        rules = os.dup(rules)
    null = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((null, 0), (output, 1), (output, 2), (connection, SOCKET)):
        os.dup2(source, target)
    os.set_inheritable(SOCKET, False)
    if rules is not None:
        rules = os.dup2(rules, RULES, inheritable=False)
    os.closerange(RULES + 1, 4096)
    judge = socket.socket(fileno=SOCKET)
    os.chdir(job["home"])
    sys.argv[:] = ["worker"]
    reseed()
    adapter = prepared.use()
    allowed = {*job["imports"], *getattr(adapter, "IMPORTS", ())}
    if allowed - set(job["imports"]):
        granted = packages(allowed, dependencies=True)
    readable = [*granted.paths, *job["readable"]]
    without = frozenset(job["without"])
    done = confine(Plan(common, rules, job["home"], readable, job["limits"], without))
    names = (granted.names, prepared.loaded)
    Policy(job["root"], allowed, names, common.sites).install()
    told = [done.layers, [list(pair) for pair in done.not_active]]
    send(judge, encode({"id": READY, "more": False, "error": None}, told))
    serve(judge, adapter, job["root"])


def run_adapter(code: types.CodeType, path: str) -> types.ModuleType:
    """The module of an adapter, whose body runs now."""
    loader = CompiledLoader(code, path)
    adapter = types.ModuleType(loader.name)
    adapter.__file__ = path
    sys.modules[loader.name] = adapter
    loader.exec_module(adapter)
    return adapter


def loaded_modules() -> frozenset[str]:
    """What is loaded now, NumPy and the adapter's own imports among it, stays importable."""
    return frozenset(name for name in sys.modules if "." not in name)
