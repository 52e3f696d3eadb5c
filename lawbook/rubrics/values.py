"""The values in a table of a rubric, each of the kind it has to be; what is wrong is said with its place."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from lawbook.rubrics.model import BadRubric
from lawbook.rubrics.names import nearest

Default = TypeVar("Default")
LONGEST = 200  # characters of a text
MOST = 1e6  # of a number
_NEEDED: Any = object()


@dataclass(frozen=True)
class Table:
    """A table of the file, the keys it may have, and what it is called in messages."""

    values: Mapping[str, Any]
    known: Collection[str]
    at: str = ""

    def __post_init__(self) -> None:
        for key in self.values:
            if key not in self.known:
                hint = nearest(key, self.known) or f"known are {', '.join(self.known)}"
                raise BadRubric(f"{self.place(key)} is not known; {hint}")

    def place(self, key: str) -> str:
        """What a key is called in messages."""
        shown = "".join(c if c.isprintable() else "?" for c in key[:60])
        return f"{self.at}.{shown}" if self.at else shown

    def wrong(self, key: str, what: str) -> BadRubric:
        """The mistake that a key has a wrong value."""
        shown = repr(self.values[key])
        return BadRubric(f"{self.place(key)}: {shown:.60} is {what}")

    def _get(self, key: str, default: Any) -> Any:
        if key in self.values:
            return self.values[key]
        if default is _NEEDED:
            raise BadRubric(f"{self.at or 'the rubric'} has no {key}")
        return default

    def text(self, key: str, default: Any = _NEEDED) -> Any:
        """One line of text."""
        found = self._get(key, default)
        if key not in self.values:
            return found
        if not isinstance(found, str) or not found.strip() or not found.isprintable():
            raise self.wrong(key, "no line of text")
        if len(found) > LONGEST:
            raise self.wrong(key, f"longer than {LONGEST} characters")
        return found

    def texts(self, key: str) -> tuple[str, ...]:
        """A text or a list of texts."""
        found = self._get(key, ())
        several = [found] if isinstance(found, str) else found
        if not isinstance(several, list | tuple) or not all(
            isinstance(one, str) and one for one in several
        ):
            raise self.wrong(key, "no text and no list of texts")
        return tuple(several)

    def choice(self, key: str, among: Sequence[str], default: str) -> str:
        """One of a few words."""
        found = self._get(key, default)
        if found not in among:
            raise self.wrong(key, f"none of {', '.join(among)}")
        return str(found)

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        found = self._get(key, default)
        if not isinstance(found, bool):
            raise self.wrong(key, "neither true nor false")
        return found

    def number(
        self,
        key: str,
        default: Any = _NEEDED,
        *,
        least: float | None = None,
        above: float | None = None,
        most: float = MOST,
        below: float | None = None,
        words: Mapping[str, float] | None = None,
    ) -> Any:
        """A number within bounds, or a word for one."""
        found = self._get(key, default)
        if key not in self.values:
            return found
        if words and isinstance(found, str) and found in words:
            return words[found]
        if (
            isinstance(found, bool)
            or not isinstance(found, int | float)
            or not math.isfinite(found)
        ):
            said = f"no number and not {' or '.join(map(repr, words))}" if words else "no number"
            raise self.wrong(key, said)
        if least is not None and found < least:
            raise self.wrong(key, f"below {least:g}")
        if above is not None and found <= above:
            raise self.wrong(key, f"not above {above:g}")
        if below is not None and found >= below:
            raise self.wrong(key, f"not below {below:g}: what ran out of time does not hold")
        if found > most:
            raise self.wrong(key, f"above {most:g}")
        return float(found)

    def tables(self, key: str, known: Collection[str]) -> list[Table]:
        """A list of tables, called by their number from 1 and by their name."""
        found = self._get(key, ())
        if not isinstance(found, list | tuple) or not all(isinstance(one, dict) for one in found):
            raise self.wrong(key, "no list of tables, as [[items]]")
        return [
            Table(one, known, f"item {number}{_called(one)}") for number, one in enumerate(found, 1)
        ]

    def weights(self, key: str, check: Callable[[str, str], object]) -> Iterator[tuple[str, float]]:
        """A table of numbers, 0 or more, by the laws they are for."""
        found = self._get(key, {})
        if not isinstance(found, dict):
            raise self.wrong(key, "no table, as {'dropout.*' = 2}")
        inside = Table(found, found.keys(), self.place(key))
        for name in found:
            check(name, self.place(key))
            yield name, inside.number(name, least=0.0)


def _called(table: Mapping[str, Any]) -> str:
    name = table.get("name")
    return f" ({name!r:.40})" if isinstance(name, str) else ""
