"""What to study: the part of a chapter that derives what does not hold, and the source of the law."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from lawbook.report.facts import Entry, counts, warns
from lawbook.report.pages.markup import code, text


@dataclass(frozen=True)
class Study:
    """Where each law is derived and where it is from: titles of parts by topic, and sources, by law."""

    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)

    def line(self, entries: Sequence[Entry]) -> str:
        """The line under a cause; empty where there is nothing to read."""
        laws = [str(entry["law"]) for entry in entries]
        topic = str(entries[0]["topic"])
        found = Counter(title for law in laws for title in self.parts.get(law, ()))
        words = str(entries[0]["operation"]).split("_")
        titles = sorted(found, key=lambda t: (-any(w in t.lower() for w in words), -found[t]))
        sources = dict.fromkeys(self.sources[law] for law in laws if self.sources.get(law))
        said = []
        if any(law in self.parts for law in laws):
            where = f", “{text(titles[0])}”" if titles else ""
            said.append(f"{code('lawbook study ' + topic)}{where}")
        said += [text(source) for source in list(sources)[:1]]
        return f'<p class="study"><b>To study</b> {" · ".join(said)}</p>\n' if said else ""


def study(entries: Iterable[Entry]) -> Study:
    """What to read about the laws that do not hold."""
    from lawbook.laws import discover

    wrong = [entry for entry in entries if counts(entry) or warns(entry)]
    if not wrong:
        return Study()
    names = {str(entry["law"]) for entry in wrong}
    laws = [
        law for law in discover(frozenset(str(e["operation"]) for e in wrong)) if law.id in names
    ]
    found: dict[str, tuple[str, ...]] = {}
    for law in laws:
        parts = _parts(law.topic)
        if parts is not None:
            rows = set(law.rows)
            found[law.id] = tuple(title for title, covers in parts if rows & set(covers))
    return Study(found, {law.id: law.source for law in laws})


@cache
def _parts(topic: str) -> list[tuple[str, tuple[str, ...]]] | None:
    """The parts of the chapter on a topic with what each covers; None where there is no such chapter."""
    try:
        from lawbook.proofs.chapters import chapter, topics
        from lawbook.proofs.pages.prose import readable
    except ModuleNotFoundError:  # without SymPy there are no chapters
        return None
    if topic not in topics():
        return None
    return [(readable(part.title), tuple(part.covers)) for part in chapter(topic).parts]
