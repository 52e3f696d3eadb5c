"""Calls: what can be asked of a target, and what answers: a `Backend`, or a `TargetError`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

Value = Any  # None, bool, int, float, str, ndarray, or a tuple or list of these


@dataclass(eq=False, repr=False)
class New:
    """Create the instance `handle` of an operation."""

    handle: int
    operation: str
    arguments: Mapping[str, Value]


@dataclass(eq=False, repr=False)
class Invoke:
    """Call a method; with `echo` the result is (result, arguments as they are after the call)."""

    handle: int
    method: str
    arguments: tuple[Value, ...]
    echo: bool = False


@dataclass(eq=False, repr=False)
class Seed:
    """Seed every global generator the target's operations draw from."""

    value: int


@dataclass(eq=False, repr=False)
class Draw:
    """Draw one number from the target's global generator."""


@dataclass(eq=False, repr=False)
class Begin:
    """Forget all instances: what follows belongs to another case."""


Call = New | Invoke | Seed | Draw | Begin


class Script(tuple[Call, ...]):
    """The calls of a case, from the first on; `packed` is what a backend keeps of them for the next time."""

    packed: Any = None


def same_call(a: Call, b: Call) -> bool:
    """Whether two calls are the same, arrays and numbers bit for bit."""
    if isinstance(a, Invoke) and isinstance(b, Invoke):
        like = a.handle == b.handle and a.method == b.method and a.echo == b.echo
        return like and same_value(a.arguments, b.arguments)
    if isinstance(a, New) and isinstance(b, New):
        like = a.handle == b.handle and a.operation == b.operation
        return like and same_value(a.arguments, b.arguments)
    return type(a) is type(b) and vars(a) == vars(b)


def same_value(a: Value, b: Value) -> bool:
    """Whether two values are the same bit for bit, value-and-bound pairs too."""
    if a is b:  # the arrays of a case are the same objects whenever the law is evaluated on it
        return True
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        like = a.shape == b.shape and a.dtype == b.dtype
        return like and bool(a.tobytes() == b.tobytes())
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same_value, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same_value(a[key], b[key]) for key in a)
    if isinstance(a, float):
        return a.hex() == float(b).hex()
    if hasattr(a, "error"):
        return same_value(a.value, b.value) and same_value(a.error, b.error)
    return bool(a == b)


class TargetError(Exception):
    """The target did not answer a call: it raised, hung, died, or returned what is no legal value."""

    def __init__(self, status: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Backend(Protocol):
    """Runs calls in order and returns one result each; raises `TargetError` at the first that fails."""

    def run(self, calls: Sequence[Call]) -> list[Value]: ...

    def begin(self) -> None:
        """Forget all instances: the next call starts afresh."""
