"""A run over a class: who does what, and what is told of it as it ends."""

from __future__ import annotations

import gc
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import NoReturn

from lawbook.classes import job
from lawbook.classes.child import Heard, Work
from lawbook.classes.folder import Folder
from lawbook.classes.pool import Pool
from lawbook.classes.scratch import scratch
from lawbook.grading import Grader
from lawbook.intake import HandIn
from lawbook.seeds import Seeds
from lawbook.settings import Settings
from lawbook.submissions import NotGradable
from lawbook.zygotes import Zygotes


@dataclass(eq=False, repr=False)
class State:
    """How far a run is; `done` are the summaries of what has ended, by the index of the hand-in."""

    total: int
    started: float = field(default_factory=time.monotonic)
    done: dict[int, job.Summary] = field(default_factory=dict)
    now: str = ""

    @property
    def fresh(self) -> int:
        """How many were judged now, and not kept from before."""
        return sum(not one["kept"] for one in self.done.values())


Told = Callable[[State, int | None], None]  # the index of what has just ended, if anything has


def run_here(
    hand_ins: Sequence[HandIn],
    settings: Settings,
    seeds: Seeds,
    folder: Folder,
    jobs: int,
    retry: bool,
    told: Told,
) -> State:
    """Judge the hand-ins in processes of this machine; KeyboardInterrupt leaves what is written."""
    state = State(len(hand_ins))
    _warm_up()

    @contextmanager
    def opening() -> Iterator[Work]:
        """In a process of the pool: its own zygotes, and what it does with a hand-in."""
        with Zygotes(settings.python, settings.without) as zygotes:

            def work(index: int, heard: Heard) -> job.Summary:
                one = hand_ins[index]
                grader = Grader(settings, seeds, zygotes, lambda name, verdict: heard(name))
                return job.do(one, folder, grader, retry)

            yield work

    with scratch() as place, closing(Pool(jobs, opening, place).run(len(hand_ins))) as events:
        try:
            for event in events:
                state.now = event.now
                if event.task is not None:
                    one = hand_ins[event.task]
                    answer = event.answer or job.give_up(
                        one,
                        folder,
                        f"the process that judged it {event.reason}, and so did the next one",
                    )
                    state.done[event.task] = answer
                told(state, event.task)
        except BlockingIOError as error:
            raise NotGradable(f"no process can be started: {error.strerror}") from None
    return state


def _warm_up() -> None:
    """Import and read, once for all processes, what a submission is judged with."""
    import lawbook.checking
    import lawbook.diagnosis
    import lawbook.gradients
    import lawbook.report.dialects
    import lawbook.report.repro  # noqa: F401
    from lawbook.laws import discover
    from lawbook.mistakes import discover as mistakes

    discover()
    mistakes()
    gc.set_threshold(100_000, 50, 50)  # as in the command line: little of what is made is garbage
    gc.collect()
    gc.freeze()  # what is shared with the processes is not looked at again, and so stays shared


@contextmanager
def ended_like_interrupted() -> Iterator[None]:
    """SIGTERM and SIGHUP end the run as Ctrl-C does: in order."""

    def interrupt(number: int, frame: object) -> NoReturn:
        raise KeyboardInterrupt

    before = {n: signal.signal(n, interrupt) for n in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
