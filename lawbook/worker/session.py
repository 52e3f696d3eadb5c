"""A loaded submission and the calls that the judge makes."""

from __future__ import annotations

import os
import random
import time
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from .describing import describe, sentence
from .packing import Packer, as_json
from .wire import FAILED, MAX_MESSAGE, WireError

FLUSH_SECONDS = 0.1  # a batch that lasts longer is answered in parts: the judge times each


class CallError(Exception):
    """A call that cannot be made; the text is the whole sentence."""


class Session:
    """The loaded submission and the instances the judge asked for."""

    def __init__(self, adapter: types.ModuleType, root: str) -> None:
        self.loaded: Any = adapter.load(root)
        self.root = root
        self.instances: dict[int, tuple[str, Any]] = {}
        self._seed: Callable[[int], object] = getattr(adapter, "seed", _seed)
        self._draw: Callable[[], object] = getattr(adapter, "draw", np.random.random)

    def answer(self, head: Mapping[str, Any], values: Sequence[Any]) -> Iterator[bytes]:
        """The replies to one request: one result per call, up to the first call that fails.

        In a request of several cases ("begin" divides them) a failure is a result, and the rest of its
        case, which is not run, gives None.
        """
        if head["fresh"]:
            self.instances.clear()
        failed = False
        arguments = iter(values)
        packer, error, flushed = Packer(), None, time.monotonic()
        for call in head["calls"]:
            now = time.monotonic()
            if packer.full or (len(packer) and now - flushed > FLUSH_SECONDS):
                yield packer.frame(reply_head(head["id"], more=True))
                packer, flushed = Packer(), now
            if call[0] == "begin":
                self.instances.clear()
                failed = False
            if failed:
                for _ in range(argument_count(call)):
                    next(arguments)
                packer.add(None)
                continue
            error = self._perform(call, arguments, packer)
            if error and head["cases"]:
                packer.add((FAILED, *error))
                failed, error = True, None
            if error:
                break
        yield packer.frame(reply_head(head["id"], more=False, error=error))

    def _perform(
        self, call: Sequence[Any], arguments: Iterator[Any], packer: Packer
    ) -> list[str] | None:
        """Run one call and pack its result; [status, sentence] if that failed.

        The catch-all is the point: whatever a submission raises, SystemExit too, is its answer.
        """
        name = str(call[-1])
        try:
            result = self._result(call, arguments)
            try:
                packer.add(result)
            except WireError as illegal:
                return ["fail", f"{name} returned {illegal}"[:MAX_MESSAGE]]
        except CallError as refused:
            return ["error", sentence(refused)]
        except BaseException as error:
            return ["error", describe(error, self.root)]
        return None

    def _result(self, call: Sequence[Any], arguments: Iterator[Any]) -> object:
        kind = call[0]
        if kind == "new":
            _, handle, names, operation = call
            given = {name: next(arguments) for name in names}
            if operation not in self.loaded.operations:
                raise CallError(self.loaded.errors.get(operation, f"there is no {operation} here"))
            self.instances[handle] = (operation, self.loaded.operations[operation](**given))
            return None
        if kind == "invoke":
            _, handle, count, echo, method = call
            given_values = [next(arguments) for _ in range(count)]
            if handle not in self.instances:
                raise CallError("the instance was lost when its process was replaced")
            operation, instance = self.instances[handle]
            function = getattr(instance, method, None)
            if function is None:
                raise CallError(f"{operation} has no method {method}")
            result = function(*given_values)
            return (result, tuple(given_values)) if echo else result
        if kind == "seed":
            self._seed(call[1])
            return None
        if kind == "begin":
            return None
        return float(self._draw())  # type: ignore[arg-type]


def reply_head(identity: int, more: bool, error: list[str] | None = None) -> str:
    """The members of a reply's head, as JSON text."""
    told = "null" if error is None else as_json(error)
    return f'"id":{identity:d},"more":{"true" if more else "false"},"error":{told}'


def argument_count(call: Sequence[Any]) -> int:
    """How many values of a request belong to a call."""
    return {"new": lambda: len(call[2]), "invoke": lambda: int(call[2])}.get(call[0], lambda: 0)()


def _seed(value: int) -> None:
    np.random.seed(value % (1 << 32))
    random.seed(value)


def reseed() -> None:
    """Seed NumPy's global generator from the system: every worker draws numbers of its own.

    Python's does that at every fork.  (Without an argument NumPy takes ten times as long.)
    """
    np.random.seed(int.from_bytes(os.urandom(4), "little"))
