"""The session of one evaluation of a law: which calls are sent together, and what was called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from lawbook.operations.calls import Backend, Call, Seed, Value


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
        self.trace, self.pending, self.handles = [], [Seed(seed)], 0

    def later(self, call: Call) -> None:
        """Send the call together with the next one that needs an answer."""
        self.pending.append(call)

    def run(self, calls: Sequence[Call]) -> list[Value]:
        """Send what is pending and these calls in one message; return the results of these."""
        batch = [*self.pending, *calls]
        self.pending = []
        self.trace += batch
        return self.backend.run(batch)[-len(calls) :]
