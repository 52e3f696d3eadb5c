"""What `lawbook prove` says of a line: as data between processes, and in words.  SymPy is not imported."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from lawbook.proofs.evidence import PROOFS, Word
from lawbook.proofs.text.statements import KIND_OF_SIGN

ANSWERED = (*KIND_OF_SIGN.values(), "given")  # the kinds of lines
UNFOLLOWED = {
    "unequal": "does not differ: both are equal",
    "at_least": "does not hold",
    "at_most": "does not hold",
}


class Garbled(ValueError):
    """What came from the checking process is not an answer."""


@dataclass(frozen=True)
class Answer:
    """The answer to one line: `outcome` is follows, wrong or undecided; the rest as in `Decision`."""

    line: int
    kind: str
    outcome: str
    word: str = Word.UNDECIDED.value
    conditions: tuple[str, ...] = ()
    point: dict[str, str] = field(default_factory=dict)
    expected: str = ""
    got: str = ""
    why: str = ""
    hint: str = ""

    def encoded(self) -> str:
        """One line of JSON."""
        return json.dumps(asdict(self), ensure_ascii=True)

    @property
    def at(self) -> str:
        """The point as text: "mu = 2, w0 = 2"."""
        return ", ".join(f"{name} = {value}" for name, value in self.point.items())

    @property
    def sentence(self) -> str:
        """The answer in words."""
        if self.outcome == "undecided":
            return f"undecided: {self.why or 'no proof and no counterexample was found'}"
        where = f", where {', '.join(self.conditions)}" if self.conditions else ""
        if self.outcome == "follows":
            return f"{self._follows()}{where}"
        return self._wrong()

    def _follows(self) -> str:
        if self.kind == "given":
            return "assumed"
        if self.kind == "unequal":
            return f"is wrong, as it says: {self._gap()}"
        said = "holds" if self.kind in ("at_least", "at_most") else "follows"
        if self.word == Word.PROVED_FOR_EVERY_N:
            said += ", for every size of the batch"
        if self.word not in (*PROOFS, Word.REFUTED):
            said += " (equal exactly at random points, not proved)"
        return f"{said}; {self.why}" if self.why else said

    def _wrong(self) -> str:
        if self.kind == "unequal":
            return UNFOLLOWED[self.kind]
        if self.kind in UNFOLLOWED:
            at = f"at {self.at} " if self.point else ""
            return f"{UNFOLLOWED[self.kind]}: {at}the larger side minus the other is {self.got}"
        why = f" ({self.why})" if self.why else ""
        return f"does not follow: {self._gap()}{why}"

    def _gap(self) -> str:
        at = f"at {self.at} " if self.point else ""
        return f"{at}it should give {self.expected} but gives {self.got}"


def answered(text: str) -> Answer:
    """The answer in a line of JSON; Garbled where it is anything else."""
    try:
        found: Any = json.loads(text)
    except (ValueError, RecursionError):
        raise Garbled("not JSON") from None
    if not isinstance(found, dict) or set(found) != set(Answer.__dataclass_fields__):
        raise Garbled("not an answer")
    texts = [found[key] for key in ("kind", "outcome", "word", "expected", "got", "why", "hint")]
    conditions, point = found["conditions"], found["point"]
    if not isinstance(conditions, list) or not isinstance(point, dict):
        raise Garbled("not an answer")
    texts += [*conditions, *point, *point.values()]
    if not all(isinstance(one, str) and len(one) < 10_000 for one in texts):
        raise Garbled("not text")
    if type(found["line"]) is not int or found["outcome"] not in ("follows", "wrong", "undecided"):
        raise Garbled("not an outcome")
    if found["kind"] not in ANSWERED or found["word"] not in list(Word):
        raise Garbled("not a kind of line")
    return Answer(**{**found, "conditions": tuple(conditions)})
