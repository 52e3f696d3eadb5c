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


Adapter = types.CodeType | types.ModuleType
OWN = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "courses", "")


def prepared(path: str) -> Adapter:
    """The code of an adapter; its module where it is one of our own, whose body runs once for all workers.

    An instructor's may do what it likes, and so runs in the worker only.
    """
    code = compiled(path)
    return run_adapter(code, path) if path.startswith(OWN) else code


class CompiledLoader(importlib.machinery.SourceFileLoader):
    """Loads an adapter compiled once, in the zygote: compiling costs more than forking."""

    def __init__(self, code: types.CodeType, path: str) -> None:
        super().__init__("lawbook_adapter", path)
        self.code = code

    def get_code(self, fullname: str) -> types.CodeType:
        """The compiled adapter; there is only one name to ask for."""
        return self.code


def start_worker(
    job: Mapping[str, Any],
    prepared: Adapter,
    common: Common,
    granted: Packages,
    connection: int,
    output: int,
) -> NoReturn:
    """In the forked child: take the descriptors, run the adapter's body, confine, serve.

    `common` is what every worker reads, `granted` the packages that the course allows.  Whatever fails
    before READY is sent is the judge's side's fault, not the submission's: the body of an adapter is the
    instructor's and runs before the walls are up.
    """
    rules = common.ruleset()  # first: what it is made of may have the numbers that are taken now
    if rules is not None and rules <= SOCKET:
        rules = os.dup(rules)
    null = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((null, 0), (output, 1), (output, 2), (connection, SOCKET)):
        os.dup2(source, target)
    os.set_inheritable(SOCKET, False)
    if rules is not None:
        rules = os.dup2(rules, RULES, inheritable=False)
    os.closerange(RULES + 1, 4096)
    judge = socket.socket(fileno=SOCKET)
    os.environ.update(HOME=job["home"], TMPDIR=job["home"])
    os.environ.update(LAWBOOK_IMPORTING=job["note"], LAWBOOK_REFUSED=json.dumps(job["refused"]))
    os.chdir(job["home"])
    sys.argv[:] = ["worker"]
    reseed()
    if isinstance(prepared, types.ModuleType):
        adapter = sys.modules[prepared.__name__] = prepared
    else:
        adapter = run_adapter(prepared, job["adapter"])
    allowed = {*job["imports"], *getattr(adapter, "IMPORTS", ())}
    if allowed - set(job["imports"]):
        granted = packages(allowed, dependencies=True)
    readable = [*granted.paths, *job["readable"]]
    without = frozenset(job["without"])
    done = confine(Plan(common, rules, job["home"], readable, job["limits"], without))
    names = {"numpy", *granted.names, *adapter_modules()}
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


def adapter_modules() -> set[str]:
    """What is loaded already, the adapter's own imports among it, stays importable."""
    return {name for name in sys.modules if "." not in name}
