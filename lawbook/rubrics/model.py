"""What a rubric consists of, and which laws of a result its items are about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, TypeAlias

LEVELS = ("law", "counterexample", "diagnosis", "derivation")  # what students see, the least first
MODES = ("share", "all")
SKIPPED = ("zero", "excluded")
MISSING = ("excluded", "zero")
UNTIL = {"never": "hidden", "due": "after_due_date", "published": "after_published"}

Entry: TypeAlias = Mapping[str, Any]
Result: TypeAlias = Mapping[str, Any]


class BadRubric(Exception):
    """A rubric or a level is not usable; the message is one sentence for the instructor."""


@dataclass(frozen=True)
class Laws:
    """Which laws are meant: by id or glob of ids, by topic, by operation."""

    ids: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()

    def match(self, entry: Entry) -> bool:
        """Whether a law is meant; the entry has its law's id, topic and operation."""
        return (
            entry["topic"] in self.topics
            or entry["operation"] in self.operations
            or any(fnmatchcase(entry["law"], pattern) for pattern in self.ids)
        )

    def name(self, law: str) -> bool:
        """Whether a law is named by its own id: then it counts whatever its severity."""
        return law in self.ids


@dataclass(frozen=True)
class Rules:
    """How the laws of an item come to points.

    `mode`: "share" gives the weighted share of the laws that hold, "all" nothing unless all hold.
    `warnings` is what a law that is only warned about costs of its own weight (0: it does not take part);
    `timeout` is the share that a law which ran out of time gives, below 1; `when_skipped` is what happens
    to the points of an item whose prerequisite fails, `missing` to laws of an operation that is not
    required and not there: "zero", or "excluded", which spreads the points over the other items.
    """

    mode: str = "share"
    warnings: float = 0.0
    timeout: float = 0.0
    when_skipped: str = "zero"
    missing: str = "excluded"


@dataclass(frozen=True)
class Item:
    """A line of the rubric.

    `weights` are pairs of a glob and the weight of the laws it means (1 otherwise), the last that fits;
    `needs` are names of other items, or laws; with a `bonus` the total can be more than the points there are.
    """

    name: str
    points: float
    laws: Laws
    rules: Rules = field(default_factory=Rules)
    weights: tuple[tuple[str, float], ...] = ()
    needs: tuple[str, ...] = ()
    bonus: bool = False
    hidden: bool = False

    def weight(self, law: str) -> float:
        """The weight of a law among those of the item."""
        return next((w for glob, w in reversed(self.weights) if fnmatchcase(law, glob)), 1.0)


@dataclass(frozen=True)
class Rubric:
    """A rubric: how a submission to a course comes to points, and what its student sees.

    `students` is one of `LEVELS`.  `hidden` are laws that no student sees, beside those of hidden items;
    `hidden_points` shows the sum of the hidden items, `hidden_until` says when Gradescope shows them.
    """

    name: str
    items: tuple[Item, ...]
    course: str | None = None
    profile: str | None = None
    students: str = "diagnosis"
    cap: float | None = None
    round: float = 0.0
    hidden: Laws = field(default_factory=Laws)
    hidden_points: bool = True
    hidden_until: str = "never"
    _known: dict[tuple[str, str], tuple[frozenset[str], bool]] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    @property
    def total(self) -> float:
        """The points there are, without bonuses."""
        return sum(item.points for item in self.items if not item.bonus)

    def hides(self, entry: Entry) -> bool:
        """Whether a law is hidden; then it counts in no item that is not."""
        return self._about(entry)[1]

    def entries(self, item: Item, entries: Iterable[Entry]) -> list[Entry]:
        """The laws of an item."""
        return [entry for entry in entries if item.name in self._about(entry)[0]]

    def _about(self, entry: Entry) -> tuple[frozenset[str], bool]:
        """The names of the items that a law counts in, and whether it is hidden; found once for each law."""
        key = (entry["law"], entry["operation"])
        if key not in self._known:
            items = [item for item in self.items if item.laws.match(entry)]
            hidden = self.hidden.match(entry) or any(item.hidden for item in items)
            counted = frozenset(item.name for item in items if item.hidden or not hidden)
            self._known[key] = counted, hidden
        return self._known[key]

    def item(self, name: str) -> Item | None:
        """The item with this name."""
        return next((item for item in self.items if item.name == name), None)


def meant(names: Iterable[str]) -> Laws:
    """The laws of a list that may name laws, topics and operations alike."""
    found = tuple(names)
    return Laws(found, found, found)
