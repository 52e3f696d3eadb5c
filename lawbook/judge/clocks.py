"""The clocks of one worker: CPU time by the kernel's count, wall time as the backstop."""

from __future__ import annotations

import math
import time

from lawbook.judge.account import Account
from lawbook.judge.limits import Limits
from lawbook.judge.process import Process

SLICE_SECONDS = 0.1  # how often a worker past its limit is looked at again


class Clocks:
    """Say when a call has taken too long, or a submission too long in all.

    `account` is what the submission uses in all its processes.
    """

    def __init__(self, process: Process, limits: Limits, account: Account) -> None:
        self._process, self._limits, self._account = process, limits, account

    def start(self, seconds: float, counted: bool = True) -> bool:
        """A call begins that may take so long; False if nothing is left for it.

        What the adapter does before it touches the submission is not `counted`.
        """
        limits = self._limits
        used = self._process.cpu()
        self._limit = seconds
        self._counted = counted
        self._left = limits.total_seconds - self._account.cpu() if counted else math.inf
        self._dripped = 0.0
        self._wall_start = time.monotonic()
        self._cpu_start = self._cpu_seen = used
        return self._left > 0 and not self._idle()

    def pause(self) -> float:
        """Seconds until somebody is to look: a slice, or less if the call is due before that."""
        left = min(self._limit, self._left) - self._wall()
        return left if 0 < left < SLICE_SECONDS else SLICE_SECONDS

    def are_due(self) -> bool:
        """Whether the call has taken long enough to be looked at."""
        return self._wall() >= min(self._limit, self._left)

    def complaint(self, subject: str, state: str) -> str | None:
        """One sentence where a limit is passed; None where a busy machine merely starved the process."""
        wall, cpu = self._wall(), self._process.cpu()
        used, recently = cpu - self._cpu_start, cpu - self._cpu_seen
        self._cpu_seen = cpu
        if used >= self._left or self._idle():
            return self.exhausted()
        if used >= self._limit:
            return f"{subject} took more than {self._limit:g} s of CPU time"
        waiting = state in ("S", "T") and recently < SLICE_SECONDS / 10
        # time in which a busy machine did not let it run does not count
        backstop = self._limit * self._limits.wall_factor + self._process.starved()
        if wall >= self._limit and (waiting or wall >= backstop):
            return self.late(subject)
        return None

    def late(self, subject: str) -> str:
        """The sentence for a call that has taken too long."""
        return f"{subject} did not return within {self._limit:g} s"

    def drips(self, seconds: float) -> bool:
        """Bytes came after such a wait: whether the waits between them add up to too long.

        At most a slice of each counts: a judge that was itself stopped has not waited.
        """
        self._dripped += min(seconds, SLICE_SECONDS)
        most = self._limit * self._limits.wall_factor
        return self._dripped >= most and self._dripped >= most + self._process.starved()

    def exhausted(self) -> str:
        """The sentence for a submission that has nothing left in all."""
        if self._account.cpu() < self._limits.total_seconds and self._idle():
            return (
                f"the calls of the submission have slept for {self._limits.idle_seconds:g} s in all"
            )
        return f"the submission has used up its {self._limits.total_seconds:g} s of CPU time"

    def waited(self, seconds: float) -> None:
        """The judge has waited for the call, so long."""
        if self._counted:
            self._account.wait(seconds)

    def _idle(self) -> bool:
        return self._account.slept(self._limits.idle_seconds)

    def _wall(self) -> float:
        return time.monotonic() - self._wall_start
