"""The session of one evaluation of a law: which calls are sent together, and what was called."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from lawbook.operations.calls import Backend, Call, Seed, Value


@cache
def told(seed: int) -> int:
    """What the target is told to seed its generators with: 16 bits, so that the seed itself stays ours.

    Whoever knows the seed knows all cases that are still to come.
    """
    return int.from_bytes(hashlib.sha256(b"target %d" % seed).digest()[:2], "little")


@dataclass(eq=False, repr=False)
class Session:
    """The calls of one evaluation of a law: batched and recorded."""

    backend: Backend
    trace: list[Call] = field(default_factory=list)
    pending: list[Call] = field(default_factory=list)
    handles: int = 0

    def begin(self, seed: int) -> None:
        """Start afresh, with the target's generators seeded."""
        self.backend.begin()
        self.trace, self.pending, self.handles = [], [Seed(told(seed))], 0

    def later(self, call: Call) -> None:
        """Send the call together with the next one that needs an answer."""
        self.pending.append(call)

    def run(self, calls: Sequence[Call]) -> list[Value]:
        """Send what is pending and these calls in one message; return the results of these."""
        batch = [*self.pending, *calls]
        self.pending = []
        self.trace += batch
        return self.backend.run(batch)[-len(calls) :]
