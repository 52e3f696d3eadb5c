"""Rehearsals: the calls of many cases of a law in few messages.

A law's body asks for one answer after another, and over a wire each question costs a round trip.  A
rehearsal runs the body against a script of calls with their answers.  At the first call without an answer
the body stops, and the script has grown by one round of calls.  So the cases of a law grow their scripts
together, and each round of all of them is one message.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar, runtime_checkable

import numpy as np

from lawbook.operations import Call, LocalBackend, Session, TargetError, Value

Result = TypeVar("Result")
GROUP = 48  # cases whose calls travel in one message
MOST_ROUNDS = 20  # a law that needs more answers one after another is run case by case


@runtime_checkable
class CasesBackend(Protocol):
    """A backend for which many cases at once are cheaper than one after another.

    Between `start_cases` and `finish_cases` the caller may do other work.  Each case's calls are run from
    the start, on fresh instances; a case ends with the TargetError of the call that fails in it.  Both
    raise TargetError themselves where nothing is known about any case.
    """

    def start_cases(self, cases: Sequence[Sequence[Call]]) -> None: ...

    def finish_cases(self) -> list[list[Value | TargetError]]: ...


class Unanswered(Exception):
    """A rehearsal has no answer yet to a call that the law needs answered."""


class Rehearsal(Session):
    """A session that answers from its script, or extends it and raises `Unanswered`.

    All answers of a script come from one run of its calls from the start, so that a target whose random
    numbers no seed reaches is still judged on results that belong together.
    """

    def __init__(self, seed: int) -> None:
        super().__init__(LocalBackend({}))
        self.seed = seed
        self.script: list[Call] = []
        self.answers: list[Value] = []

    def rewind(self) -> None:
        """Start the law's body again."""
        self.begin(self.seed)

    def is_faithful(self) -> bool:
        """Whether what was asked is what the script holds answers to.

        It is not where a call depends on an answer that was another one in an earlier round.
        """
        return len(self.script) >= len(self.trace) and all(
            same_call(asked, answered)
            for asked, answered in zip(self.trace, self.script, strict=False)
        )

    def run(self, calls: Sequence[Call]) -> list[Value]:
        batch = [*self.pending, *calls]
        first = len(self.trace)
        self.pending = []
        self.trace += batch
        self.script += batch[max(len(self.script) - first, 0) :]
        answers = self.answers[first : len(self.trace)]
        for answer in answers:
            if isinstance(answer, TargetError):
                raise answer
        if len(answers) < len(batch):
            raise Unanswered
        return answers[-len(calls) :]


def same_call(a: Call, b: Call) -> bool:
    """Whether two calls are the same, arrays bit for bit."""
    return type(a) is type(b) and _same_value(list(vars(a).values()), list(vars(b).values()))


def _same_value(a: Value, b: Value) -> bool:
    if a is b:
        return True
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        like = type(a) is type(b) and a.shape == b.shape and a.dtype == b.dtype
        return like and bool(a.tobytes() == b.tobytes())
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(_same_value, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(_same_value(a[key], b[key]) for key in a)
    return bool(a == b) or a != a  # NaN


def rehearse(
    jobs: Sequence[Callable[[Rehearsal], Result]], seed: int, backend: CasesBackend
) -> dict[int, Result]:
    """The results of as many jobs as could be rehearsed, by index; a job runs a body on a session.

    The others, those of a target that is not repeatable or has died, must be run one by one.  Jobs go in
    groups, so that one group's bodies run here while another group's calls run there.
    """
    found: dict[int, Result] = {}
    everything = [(index, Rehearsal(seed)) for index in range(len(jobs))]
    groups = deque(
        (everything[start : start + GROUP], 0) for start in range(0, len(everything), GROUP)
    )
    away: tuple[list[tuple[int, Rehearsal]], int] | None = None
    while groups or away:
        group, rounds = groups.popleft() if groups else ([], 0)
        left = [
            (index, session) for index, session in group if not _done(index, session, jobs, found)
        ]
        try:
            if away:
                for (_, session), answers in zip(away[0], backend.finish_cases(), strict=True):
                    session.answers = answers
                groups.append(away)
            away = (left, rounds + 1) if left and rounds < MOST_ROUNDS else None
            if away:
                backend.start_cases([session.script for _, session in left])
        except TargetError:  # the worker was lost: one by one shows at which call
            return found
    return found


def _done(
    index: int,
    session: Rehearsal,
    jobs: Sequence[Callable[[Rehearsal], Result]],
    found: dict[int, Result],
) -> bool:
    """Run a job once more; whether there is nothing left to ask for it."""
    session.rewind()
    try:
        result = jobs[index](session)
    except Unanswered:
        return False
    if session.is_faithful():
        found[index] = result
    return True
