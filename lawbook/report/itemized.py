"""What is told of each item of a rubric in plain text, for the platforms that list tests with an output."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lawbook.report.details import SAID, plain, rows, verdict_of
from lawbook.report.facts import STATUSES, Entry, counts, short, warns
from lawbook.report.known import Known
from lawbook.report.values import safe

MOST = 6_000  # characters about one item
MOST_LAWS = 12  # laws of an item that are told in full


class Told:
    """The outputs of the items of one result, as its reader may see it."""

    def __init__(self, result: Mapping[str, Any], facts: Known, level: str) -> None:
        self.entries = {str(entry["law"]): entry for entry in result["laws"]}
        self.facts, self.level = facts, level
        self._says = dict(facts.says)
        self._study: Any = None
        if level == "derivation":
            from lawbook.report.pages.study import study

            self._study = study(result["laws"])

    def item(self, item: Mapping[str, Any]) -> str:
        """The text about an item: its message, and each law that does not hold."""
        entries = [self.entries[law] for law in item["laws"] if law in self.entries]
        wrong = [entry for entry in entries if counts(entry) or warns(entry)]
        parts = [safe(item["message"])] if item["message"] else []
        parts += [self._law(entry) for entry in wrong[:MOST_LAWS]]
        if len(wrong) > MOST_LAWS:
            parts.append(f"and {len(wrong) - MOST_LAWS} more laws")
        text = "\n\n".join(parts)
        return text if len(text) <= MOST else f"{text[:MOST]}\n[cut here]"

    def others(self, items: Sequence[Mapping[str, Any]]) -> str:
        """The text about laws that do not hold and belong to no item."""
        scored = {law for item in items for law in item["laws"]}
        wrong = [
            e for law, e in self.entries.items() if law not in scored and (counts(e) or warns(e))
        ]
        if not wrong:
            return ""
        names = ", ".join(short(entry["law"]) for entry in wrong[:MOST_LAWS])
        more = f" and {len(wrong) - MOST_LAWS} more" if len(wrong) > MOST_LAWS else ""
        return f"Not scored, but does not hold: {names}{more}."

    def _law(self, entry: Entry) -> str:
        law = str(entry["law"])
        mark = "✗" if counts(entry) else "! (a warning)"
        head = f"{mark} {short(law)}: {STATUSES[entry['status']]}"
        shown = verdict_of(entry, self.facts.latex.get(law, ""))
        body = plain(rows(shown, self._says, verbose=False))
        self._says.update(dict.fromkeys(shown.diagnosis, SAID))
        return "\n".join(filter(None, (head, body, self._to_study(entry))))

    def _to_study(self, entry: Entry) -> str:
        """Which chapter and section derive the law, and where it is from."""
        if self._study is None:
            return ""
        law = str(entry["law"])
        said = []
        if law in self._study.parts:
            titles = self._study.parts[law]
            section = f", section “{safe(titles[0])}”" if titles else ""
            said.append(f"lawbook study {entry['topic']}{section}")
        said += [safe(self._study.sources[law])] if self._study.sources.get(law) else []
        return f"To study: {'; '.join(said)}" if said else ""
