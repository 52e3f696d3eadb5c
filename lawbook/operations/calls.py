"""Calls: what can be asked of a target, and what answers: a `Backend`, or a `TargetError`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

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
