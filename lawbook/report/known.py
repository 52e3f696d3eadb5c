"""What this version of Lawbook knows of the laws and mistakes that a report names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lawbook.report.equations import readable


@dataclass(frozen=True)
class Known:
    """What this version of Lawbook knows of laws and mistakes, beside what a report holds."""

    latex: Mapping[str, str]
    sources: Mapping[str, str]
    says: Mapping[str, str]

    def statement(self, law: str) -> str:
        """The law's equation in plain text; empty for a law of another version."""
        return readable(self.latex.get(law, ""))

    def diagnosis(self, entry: Mapping[str, Any]) -> str:
        """The likeliest mistake in one sentence; empty where there is none."""
        return next(
            (self.says[name] for name in entry.get("diagnosis") or () if name in self.says), ""
        )


def known(report: Mapping[str, Any]) -> Known:
    """The laws and mistakes that a report names; only their topics are read."""
    from lawbook.laws import discover, topics
    from lawbook.mistakes import discover as mistakes

    entries = [entry for result in report.get("subjects", ()) for entry in result.get("laws", ())]
    names = {str(entry["law"]).partition(".")[0] for entry in entries}
    read = {module.__name__.rpartition(".")[2] for module in topics("properties", names)}
    operations = frozenset(str(entry["operation"]) for entry in entries)
    laws = {law.id: law for law in discover(operations)} if read else {}
    made = {str(name) for entry in entries for name in entry.get("diagnosis") or ()}
    found = mistakes({name.partition(".")[0] for name in made}) if made else {}
    return Known(
        {name: law.statement for name, law in laws.items()},
        {name: law.source for name, law in laws.items()},
        {name: one.says for name, one in found.items() if name in made},
    )
