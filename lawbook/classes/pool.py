"""The pool: N processes, each with one task at a time; what dies costs its current task alone.

A task is an index; the processes are forked, so they know what it stands for.  The parent has no threads.
"""

from __future__ import annotations

import os
import selectors
import signal
import time
from collections import Counter, deque
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lawbook.classes.child import Child, Opening, start
from lawbook.judge.scratch import remove_tree

MOST_TRIES = 2
SILENCE = 600.0  # seconds without a sign of life: a law takes far less, even on a loaded machine
TURN = 0.5  # seconds between looks at the clock
ENDING = 5.0  # seconds in which processes end that were asked to


@dataclass(frozen=True, eq=False, repr=False)
class Event:
    """What has happened to a task: its answer, or, where that is None, why there is none.

    `task` is None where only time went by, or one is at work on `now`.
    """

    task: int | None
    answer: dict[str, Any] | None = None
    reason: str = ""
    now: str = ""


@dataclass(eq=False, repr=False)
class Pool:
    """Processes that do the work of `opening` on tasks, each with a folder of its own in `scratch`."""

    jobs: int
    opening: Opening
    scratch: Path
    children: list[Child] = field(default_factory=list)
    started: int = 0

    def run(self, count: int) -> Generator[Event, None, None]:
        """Do the tasks 0 to `count` - 1, in any order; ends its processes however it is left.

        Raises OSError where no process can be started.
        """
        waiting, tries = deque(range(count)), Counter[int]()
        try:
            for _ in range(min(self.jobs, count)):
                self._start()
            while waiting or any(child.task is not None for child in self.children):
                self._give(waiting)
                yield Event(None, now=next((c.now for c in self.children if c.now), ""))
                for child in self._ready():
                    yield from self._heard(child, waiting, tries)
        finally:
            self._end()

    def _start(self) -> None:
        cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
        free = Counter(dict.fromkeys(cores, 0))
        free.update(cores[child.number % len(cores)] for child in self.children if cores)
        number = next(n for n in range(self.jobs) if n not in {c.number for c in self.children})
        core = cores[number % len(cores)] if cores else None
        folder = self.scratch / f"process-{self.started}"
        self.started += 1
        self.children.append(start(number, folder, core, self.children, self.opening))

    def _give(self, waiting: deque[int]) -> None:
        for child in self.children:
            if child.task is None and waiting:
                with suppress(OSError):  # it is gone, as will be seen
                    child.give(waiting.popleft())

    def _ready(self) -> list[Child]:
        """Those that have something to say, or are silent for too long."""
        with selectors.DefaultSelector() as selector:
            for child in self.children:
                selector.register(child.connection, selectors.EVENT_READ, child)
            ready = [key.data for key, _ in selector.select(TURN)]
        for child in self.children:
            if child.task is not None and time.monotonic() - child.heard > SILENCE:
                child.end(signal.SIGKILL)
        return ready

    def _heard(self, child: Child, waiting: deque[int], tries: Counter[int]) -> Iterator[Event]:
        messages = child.receive()
        for message in messages or []:
            if "now" in message:
                child.now = message["now"]
            else:
                child.task, child.now = None, ""
                yield Event(message["task"], message["answer"])
        if messages is not None:
            return
        reason = self._buried(child)
        if child.task is not None:
            tries[child.task] += 1
            if tries[child.task] < MOST_TRIES:
                waiting.appendleft(child.task)
            else:
                yield Event(child.task, None, reason)
        if waiting:
            self._start()

    def _buried(self, child: Child) -> str:
        """Remove what is left of a process that is gone; how it ended, in words."""
        self.children.remove(child)
        child.connection.close()
        child.end(signal.SIGKILL)
        status = os.waitstatus_to_exitcode(os.waitpid(child.process, 0)[1])
        remove_tree(child.scratch)
        if status < 0:
            return f"was ended by {signal.Signals(-status).name}"
        return f"ended with status {status}"

    def _end(self) -> None:
        """End all processes, those at work as by Ctrl-C, so that they end what they have started."""
        for child in self.children:
            if child.task is not None:
                child.end(signal.SIGINT)
            child.connection.close()
        until = time.monotonic() + ENDING
        try:
            while self.children and time.monotonic() < until:
                self.children = [
                    c for c in self.children if not os.waitpid(c.process, os.WNOHANG)[0]
                ]
                time.sleep(0.005)
        finally:
            for child in self.children:
                child.end(signal.SIGKILL)
                os.waitpid(child.process, 0)
