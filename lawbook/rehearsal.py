"""Rehearsals: the calls of many cases of a law in few messages.

A law's body asks for one answer after another, and over a wire each question costs a round trip.  A
rehearsal runs the body against a script of calls with their answers.  The script begins as the calls that are
to be expected (`lawbook.foresight`).  At the first call that is another one, or has no answer, the body
stops, and the script is corrected from there on.  So the cases of a law correct their scripts together, and
each round of all of them is one message.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Protocol, TypeVar, runtime_checkable

from lawbook.operations import Call, LocalBackend, Session, TargetError, Value, same_call

Found = TypeVar("Found", covariant=True)
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


class Job(Protocol[Found]):
    """The evaluation of a law on a case."""

    def foresee(self) -> Sequence[Call]:
        """The calls to be expected, from the first; empty where nothing is known."""

    def run(self, session: Rehearsal) -> Found:
        """The result, from the session's answers; `Unanswered` passes through it."""


class Unanswered(Exception):
    """A rehearsal has no answer yet to a call that the law needs answered."""


class Unrepeatable(Unanswered):
    """A call is another one than in an earlier round, since the target gave other answers."""


class Rehearsal(Session):
    """A session that answers from its script, or corrects and extends it and raises `Unanswered`.

    All answers of a script come from one run of its calls from the start, so that a target whose random
    numbers no seed reaches is still judged on results that belong together.
    """

    def __init__(self, seed: int) -> None:
        super().__init__(LocalBackend({}))
        self.seed = seed
        self.script: Sequence[Call] = ()
        self.answers: list[Value | TargetError] = []
        self.asked = 0  # calls of the script that were asked; those after them are foreseen only

    def rewind(self) -> None:
        """Start the law's body again."""
        self.begin(self.seed)

    def run(self, calls: Sequence[Call]) -> list[Value]:
        batch = [*self.pending, *calls]
        first, self.pending = len(self.trace), []
        self.trace += batch
        for index, call in enumerate(batch, first):
            if index == len(self.script) or not same_call(call, self.script[index]):
                self._correct(index, call)
        self.asked = max(self.asked, len(self.trace))
        answers = self.answers[first : len(self.trace)]
        for answer in answers:
            if isinstance(answer, TargetError):
                raise answer
        if len(answers) < len(batch):
            raise Unanswered
        return answers[-len(calls) :]

    def _correct(self, index: int, call: Call) -> None:
        """Put a call into the script; what was answered to it and after it is void."""
        if index < self.asked:
            raise Unrepeatable
        self.script = [*self.script[:index], call, *self.script[index + 1 :]]
        del self.answers[index:]


def rehearse(jobs: Sequence[Job[Found]], seed: int, backend: CasesBackend) -> dict[int, Found]:
    """The results of as many jobs as could be rehearsed, by index.

    The others, those of a target that is not repeatable or has died, must be run one by one.  Jobs go in
    groups, so that one group's bodies run here while another group's calls run there.
    """
    found: dict[int, Found] = {}
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
    index: int, session: Rehearsal, jobs: Sequence[Job[Found]], found: dict[int, Found]
) -> bool:
    """Foresee a job's calls, or run it once more; whether there is nothing left to ask for it."""
    if not session.script:
        session.script = jobs[index].foresee()
        if session.script:
            return False
    session.rewind()
    try:
        found[index] = jobs[index].run(session)
    except Unrepeatable:
        return True
    except Unanswered:
        return False
    return True
