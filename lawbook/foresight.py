"""Foresight: the cases of a law's screen, and what the law will ask of a target on each of them.

Most laws ask every target for the same calls, whatever it answers.  So a law's body is run on the
reference's answers first, and the calls it made there are sent to the target all at once; a target whose
answers make it ask for others is asked again (`lawbook.rehearsal`).  Everything here depends on the law, the
seed, the conventions and what the target accepts, and is kept for the next target.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any

import numpy as np

from lawbook.bounds import precision
from lawbook.claims import Outcome
from lawbook.domains import Case, in_dtype
from lawbook.laws import Law
from lawbook.operations import (
    Call,
    LocalBackend,
    Operation,
    Recall,
    Script,
    Session,
    Value,
    parameters,
    same_value,
)
from lawbook.sources import Choice, NumpySource

KEPT = 2000  # screens of one law, under one seed and set of conventions
_met: set[Callable[..., Any]] = set()  # the laws that a target was judged by, in this process
MOST_BYTES = 1 << 18  # of the answers that are kept of a case


@dataclass(eq=False, repr=False)
class Foreseen:
    """A case with the choices that it was drawn from, and what is kept of it.

    `met` is whether the law was evaluated before on this case, or on any at all; `script` are the calls that
    are to be expected, `recall` is what is due; `passed` are the latest answers on which the law held, with
    the outcome: it is that of the same answers of any target.
    """

    case: Case
    choices: Sequence[Choice]
    met: bool = False
    script: Sequence[Call] | None = None
    recall: Recall = field(default_factory=Recall)
    passed: tuple[Sequence[Value], Outcome] | None = None

    def outcome(self, script: Sequence[Call], answers: Sequence[Value]) -> Outcome | None:
        """What the law comes to on these answers to the calls, if that is known."""
        if script is self.script and self.passed and same_value(answers, self.passed[0]):
            return self.passed[1]
        return None

    def keep(self, script: Sequence[Call], answers: Sequence[Value], outcome: Outcome) -> None:
        """The law holds on these answers to the calls."""
        if script is self.script and sum(getattr(a, "nbytes", 0) for a in answers) <= MOST_BYTES:
            self.passed = answers, outcome


@dataclass(frozen=True, repr=False)
class Situation:
    """What the cases of a screen, and the calls on them, depend on."""

    law: Law = field(compare=False)  # a profile's severities make another one
    id: str
    contract: type
    body: Callable[..., Any]
    inputs: int  # the identity of the mapping, which the law keeps
    count: int
    seed: int
    dtype: str
    conventions: str
    accepts: frozenset[str]


def screen(law: Law, count: int, operation: Operation, seed: int, dtype: str) -> Sequence[Foreseen]:
    """The cases of a law's screen, small ones first."""
    conventions = repr(sorted(operation.conventions.items()))
    identity = law.id, operation.contract, law.body, id(law.inputs)
    return _screen(Situation(law, *identity, count, seed, dtype, conventions, operation.accepts))


@lru_cache(maxsize=KEPT)
def _screen(of: Situation) -> Sequence[Foreseen]:
    rng = np.random.default_rng([of.seed, zlib.crc32(of.law.id.encode())])
    sources = [NumpySource(rng, (index + 1) / of.count) for index in range(of.count)]
    met = of.body in _met
    _met.add(of.body)
    return [Foreseen(of.law.draw(source), source.choices, met) for source in sources]


def foresee(law: Law, operation: Operation, one: Foreseen, seed: int, dtype: str) -> Sequence[Call]:
    """The calls that the law makes on a case, as far as the reference tells; none of a first target.

    To foresee them costs more than to ask for them: it pays where several targets are judged.
    """
    if not one.met:
        one.met = True
        return ()
    if one.script is None:
        from reference import randomness

        known = {operation.name: partial(_reference, operation)}
        session = Session(
            LocalBackend(known, randomness.seed, randomness.draw, lambda value: value)
        )
        session.begin(seed)
        here = operation.on(session, one.recall)
        with suppress(Exception), here, precision(dtype), np.errstate(all="ignore"):
            claim = law.body(operation, **in_dtype(one.case, dtype))
            if claim.asks:
                claim.judge()
        one.script = Script(session.trace)
    return one.script


def _reference(operation: Operation, **hyperparameters: Value) -> object:
    """An instance of the reference under the operation's conventions, as far as it knows them."""
    given = {**operation.conventions, **hyperparameters}
    known = parameters(operation.contract)
    return operation.contract(**{name: value for name, value in given.items() if name in known})
