"""What was shown of a statement, in words that never say more than that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Word(StrEnum):
    """One word of evidence for one statement; `derivations/TRUST.md` says what each rests on."""

    PROVED_FOR_EVERY_N = "proved for every N"
    PROVED = "proved"  # for all values; nothing in the statement has a size
    PROVED_AT_SIZE = "proved at this size"
    EXACT = "exact at random points"
    WITHIN_BOUND = "within the computed rounding bound"
    ASSUMED = "assumed"
    REFUTED = "refuted"
    UNDECIDED = "undecided"


PROOFS = (Word.PROVED_FOR_EVERY_N, Word.PROVED, Word.PROVED_AT_SIZE)  # from strong to weak


@dataclass(frozen=True)
class Decision:
    """What came of a statement "due = written".

    conditions: where it holds, as text ("w - w0 ≠ 0").  A refuted one has a `point` (names and values) at
    which the line should give `expected` and gives `got`, all as text.  why: the reason of an undecided one;
    of others the size or the digits that they are about.
    """

    word: Word
    conditions: tuple[str, ...] = ()
    point: Mapping[str, str] = field(default_factory=dict)
    expected: str = ""
    got: str = ""
    why: str = ""

    @property
    def is_proof(self) -> bool:
        """Whether the statement was proved, for whatever sizes."""
        return self.word in PROOFS

    @property
    def sentence(self) -> str:
        """The word with what belongs to it: conditions, the point at which it fails, or the reason."""
        if self.word is Word.REFUTED:
            at = ", ".join(f"{name} = {value}" for name, value in self.point.items())
            return f"{self.word}: {gap(at, self.expected, self.got)}"
        where = f", where {', '.join(self.conditions)}" if self.conditions else ""
        why = f": {self.why}" if self.why and not self.is_proof else ""
        return f"{self.word}{where}{why}"


def gap(at: str, expected: str, got: str) -> str:
    """How a statement fails at a point: "at x = 1 it should give 2 but gives 3"."""
    return f"{f'at {at} ' if at else ''}it should give {expected} but gives {got}"


def all_of(decisions: Iterable[Decision]) -> Decision:
    """The first that is no proof; else a proof in the weakest of their words, with the conditions of all."""
    words, conditions = set[Word](), dict[str, None]()
    for decision in decisions:
        if not decision.is_proof:
            return decision
        words.add(decision.word)
        conditions.update(dict.fromkeys(decision.conditions))
    return Decision(max(words, key=PROOFS.index, default=Word.PROVED), tuple(conditions))


@dataclass(frozen=True)
class Step:
    """One statement of a chapter and what came of it.

    says: the statement in words or as a line of text.  wanted: what a chapter claims of it, "proved" or
    "refuted" (a classic mistake).  comment: why the step is taken, or the misconception.
    """

    says: str
    decision: Decision
    wanted: str = "proved"
    comment: str = ""

    @property
    def outcome(self) -> str:
        """What came of it, in one line."""
        return self.decision.sentence

    @property
    def holds(self) -> bool:
        """Whether the statement is what the chapter says: proved, or refuted at a point."""
        if self.wanted == "refuted":
            return self.decision.word is Word.REFUTED
        return self.decision.is_proof
