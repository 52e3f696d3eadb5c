"""Mistakes: wrong implementations that real people write, and diagnosis by them.

A mistake is a subclass of the reference's operation class with one thing changed.  The catalogue measures
the laws (every law kills a mistake, every mistake is killed) and names what a failing target has done.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, TypeVar

Class = TypeVar("Class", bound=type)
_found: dict[str, Mistake] = {}


@dataclass(eq=False, repr=False)
class Mistake:
    """A wrong implementation of an operation.

    `id` is `topic.name`; `says` is one plain sentence for the learner; `breaks` names laws that it breaks
    (ids); `seen` says where it was found.
    """

    id: str
    topic: str
    operation: str
    implementation: Any
    says: str
    breaks: tuple[str, ...]
    seen: str = ""


def mistake(
    operation: str, says: str, breaks: tuple[str, ...], seen: str = ""
) -> Callable[[Class], Class]:
    """Declare a class as a mistake; law names without a topic belong to the mistake's own topic."""

    def declare(implementation: Class) -> Class:
        topic = implementation.__module__.rpartition(".")[2]
        name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", implementation.__name__).lower()
        laws = tuple(law if "." in law else f"{topic}.{law}" for law in breaks)
        one = Mistake(f"{topic}.{name}", topic, operation, implementation, says, laws, seen)
        _found[one.id] = one
        return implementation

    return declare


def discover(some: Collection[str] | None = None) -> dict[str, Mistake]:
    """The mistakes of `mistakes/` by id: all, or those of some topics, of which alone the files are read."""
    from lawbook.laws import topics

    topics("mistakes", some)
    return {name: one for name, one in _found.items() if some is None or one.topic in some}
