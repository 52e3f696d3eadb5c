"""Chapters: what `derivations/<topic>.py` is made of.

A chapter is a title, an introduction and parts in the order of reading: a `Derivation` in lines of text, a
`Gradient` of a reference function, or a `Proof` for what lines of text cannot say.  Each part is checked on
its own; a statement a chapter presents as a classic mistake has to be refuted at a point.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

import numpy as np

from lawbook.proofs.evidence import Decision, Step, Word, all_of
from lawbook.proofs.gradients import Gradient
from lawbook.proofs.prover.certificates import nonnegative
from lawbook.proofs.prover.decide import Fact, decide

if TYPE_CHECKING:
    from lawbook.proofs.text.chains import Checked

Expr: TypeAlias = Any  # SymPy has no types


class UnknownTopic(Exception):
    """There is no chapter on this topic; the message names those there are."""


@dataclass(frozen=True)
class Derivation:
    """Lines of text, each of which follows from the one before (the format: `lawbook.proofs.text.reading`).

    code: for lines `code NAME`, what the reference computes, given the values of the names as attributes.
    covers, errata: the register's claims and errata that the part settles.
    """

    title: str
    text: str
    code: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    covers: tuple[str, ...] = ()
    errata: tuple[str, ...] = ()

    def check(self) -> list[Checked]:
        """All lines, each with its decision."""
        from lawbook.proofs.text.chains import check

        return check(self.text, code=self.code)


@dataclass(frozen=True)
class Statement(ABC):
    """A claim about two sides: expressions, or arrays of one shape elementwise.

    says: the claim in words; facts: what is known; comment: why, or the misconception.
    """

    says: str
    lhs: Any
    rhs: Any
    facts: Sequence[Fact] = ()
    comment: str = ""
    wanted: ClassVar[str] = "proved"

    @abstractmethod
    def decide(self) -> Decision:
        """One decision on all elements."""


class Same(Statement):
    """lhs = rhs for all values."""

    def decide(self) -> Decision:
        pairs = _pairs(self.lhs, self.rhs)
        return all_of(decide(a, b, facts=self.facts) for a, b in pairs)


class Differ(Statement):
    """lhs = rhs is a mistake: at some point some elements differ."""

    wanted = "refuted"

    def decide(self) -> Decision:
        pairs = _pairs(self.lhs, self.rhs)
        decisions = [decide(a, b, facts=self.facts) for a, b in pairs]
        return next((d for d in decisions if d.word is Word.REFUTED), decisions[0])


class AtLeast(Statement):
    """lhs >= rhs, by a certificate: lhs - rhs is a sum of terms that are not negative."""

    def decide(self) -> Decision:
        pairs = _pairs(self.lhs, self.rhs)
        return all_of(nonnegative(a - b, facts=self.facts) for a, b in pairs)


@dataclass(frozen=True)
class Proof:
    """Statements that a function yields, for what lines of text cannot say (masks, integrals, matrices).

    size: where it holds at one size only, which ("n = 3"); a proof is then called one at this size.
    """

    title: str
    statements: Callable[[], Iterator[Statement]]
    size: str = ""
    covers: tuple[str, ...] = ()
    errata: tuple[str, ...] = ()

    def check(self) -> list[Step]:
        """All statements, each with its decision."""
        return [
            Step(s.says, self._sized(s.decide()), s.wanted, s.comment) for s in self.statements()
        ]

    def _sized(self, decision: Decision) -> Decision:
        if not self.size or decision.word is not Word.PROVED:
            return decision
        return Decision(Word.PROVED_AT_SIZE, decision.conditions, why=self.size)


Part: TypeAlias = Derivation | Gradient | Proof


@dataclass(frozen=True, init=False)
class Chapter:
    """A title, an introduction in paragraphs, and parts in the order of reading."""

    title: str
    intro: str
    parts: tuple[Part, ...]

    def __init__(self, title: str, intro: str, *parts: Part) -> None:
        object.__setattr__(self, "title", title)
        object.__setattr__(self, "intro", intro)
        object.__setattr__(self, "parts", parts)


def steps(part: Part) -> list[Step]:
    """What a part states, each with its decision."""
    if not isinstance(part, Derivation):
        return part.check()
    return [
        Step(
            line.text,
            line.decision,
            "refuted" if line.kind == "unequal" else "proved",
            line.comment,
        )
        for line in part.check()
        if line.decision and line.decision.word is not Word.ASSUMED
    ]


@cache
def topics() -> tuple[str, ...]:
    """The topics that have a chapter, in alphabetical order."""
    package = import_module("derivations")
    return tuple(sorted(m.name for m in iter_modules(package.__path__) if m.name[0] != "_"))


def chapter(topic: str) -> Chapter:
    """The chapter on a topic; UnknownTopic where there is none."""
    if topic not in topics():
        from difflib import get_close_matches

        close = get_close_matches(topic, topics(), 1)
        nearest = f"; the nearest is {close[0]}" if close else ""
        raise UnknownTopic(
            f"there is no chapter on {topic!r}{nearest} (chapters: {', '.join(topics())})"
        )
    found: Chapter = import_module(f"derivations.{topic}").CHAPTER
    return found


def _pairs(lhs: Any, rhs: Any) -> list[tuple[Expr, Expr]]:
    """The elements of both sides; ValueError where the shapes differ."""
    a, b = np.asarray(lhs, dtype=object), np.asarray(rhs, dtype=object)
    if a.shape != b.shape and b.ndim:
        raise ValueError(f"the sides have shapes {a.shape} and {b.shape}")
    a, b = np.broadcast_arrays(a, b)
    return list(zip(a.ravel(), b.ravel(), strict=True))
