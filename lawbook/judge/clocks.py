"""The clocks of one worker: CPU time by the kernel's count, wall time as the backstop."""

from __future__ import annotations

import math
import time

from lawbook.judge.limits import Limits
from lawbook.judge.process import Process

SLICE_SECONDS = 0.1  # how often a worker past its limit is looked at again


class Clocks:
    """Say when a call has taken too long, or a submission too long in all.

    `spent` is CPU time in seconds that the submission has used in earlier processes.
    """

    def __init__(self, process: Process, limits: Limits, spent: float) -> None:
        self._process, self._limits, self._spent = process, limits, spent

    def start(self, seconds: float, counted: bool = True) -> bool:
        """A call begins that may take so long; False if nothing is left for it.

        What the adapter does before it touches the submission is not `counted`.
        """
        limits = self._limits
        used = self._process.cpu()
        self._limit = seconds
        self._left = limits.total_seconds - self._spent - used if counted else math.inf
        self._wall_start = time.monotonic()
        self._cpu_start = self._cpu_seen = used
        return self._left > 0

    def pause(self) -> float:
        """Seconds until the call is to be looked at."""
        return max(self._shortest() - self._wall(), SLICE_SECONDS)

    def are_due(self) -> bool:
        """Whether the call has taken long enough to be looked at."""
        return self._wall() >= self._shortest()

    def complaint(self, subject: str, state: str) -> str | None:
        """One sentence where a limit is passed; None where a busy machine merely starved the process."""
        wall, cpu = self._wall(), self._process.cpu()
        used, recently = cpu - self._cpu_start, cpu - self._cpu_seen
        self._cpu_seen = cpu
        if used >= self._left:
            return self.exhausted()
        if used >= self._limit:
            return f"{subject} took more than {self._limit:g} s of CPU time"
        waiting = state in ("S", "T") and recently < SLICE_SECONDS / 10
        if wall >= self._limit and (waiting or wall >= self._limit * self._limits.wall_factor):
            return f"{subject} did not return within {self._limit:g} s"
        return None

    def exhausted(self) -> str:
        """The sentence for a submission that has nothing left in all."""
        return f"the submission has used up its {self._limits.total_seconds:g} s of CPU time"

    def _wall(self) -> float:
        return time.monotonic() - self._wall_start

    def _shortest(self) -> float:
        return min(self._limit, self._left)
