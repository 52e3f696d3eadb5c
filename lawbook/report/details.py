"""What is said about a law that does not hold, in plain text: the same lines in every format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lawbook.report.equations import readable
from lawbook.report.values import number, safe, shown, sides, worst_element
from lawbook.verdicts import Verdict, from_json

DEEPEST = 16  # lists and objects in each other
SAID = "as above"  # for a diagnosis whose sentence has been said


def rows(verdict: Verdict, says: Mapping[str, str], verbose: bool) -> list[tuple[str, str, str]]:
    """Label, text and style of the lines about a law that does not hold."""
    rows = [("law", readable(verdict.statement), "cyan")] if verdict.statement else []
    for place, (name, value) in enumerate((verdict.case or {}).items()):
        text = shown(value).replace("\n", "\n" + " " * (len(name) + 3))
        rows.append(("" if place else "case", f"{safe(name, 40)} = {text}", ""))
    if verdict.message:
        rows.append(("problem", safe(verdict.message), ""))
    if verdict.expected is not None or verdict.got is not None:
        due, got = sides(verdict.expected, verdict.got)
        rows += [("expected", due, "green"), ("got", got, "red")]
        worst = worst_element(verdict.expected, verdict.got)
        rows += [("worst", f"at {worst}", "")] if worst else []
    if compared(verdict):
        measured, allowed = number(verdict.measured, 3), number(verdict.allowed, 3)
        rows.append(("measured", f"{measured}, allowed {allowed}", ""))
    for place, name in enumerate(verdict.diagnosis):
        if place and says.get(name) == SAID:
            continue
        label = "diagnosis" if place == 0 else "or"
        rows.append((label, f"{says.get(name, '')} [{name}]".strip(), "bold" if place == 0 else ""))
    if verbose and verdict.repro:
        rows.append(("repro", verdict.repro.rstrip(), "dim"))
    return rows


def compared(verdict: Verdict) -> bool:
    """Whether the measured deviation is a number that was compared with something."""
    both = verdict.measured is not None and verdict.allowed is not None
    return both and verdict.status == "fail" and verdict.measured != float("inf")


def verdict_of(entry: Mapping[str, Any], statement: str = "") -> Verdict:
    """The verdict that an entry of a report is about, without the calls it made."""
    stored = entry.get("counterexample") or {}
    case = stored.get("inputs")
    return Verdict(
        law=str(entry["law"]),
        topic=str(entry["topic"]),
        operation=str(entry["operation"]),
        statement=statement,
        status=str(entry["status"]),
        severity=str(entry.get("severity", "error")),
        examples=int(entry.get("examples") or 0),
        measured=_float(entry.get("measured")),
        allowed=_float(entry.get("allowed")),
        case=None if case is None else {str(name): value_of(item) for name, item in case.items()},
        seed=int(stored.get("seed") or 0),
        expected=value_of(entry.get("expected")),
        got=value_of(entry.get("got")),
        message=str(entry.get("message") or ""),
        diagnosis=list(entry.get("diagnosis") or ()),
        repro=entry.get("repro"),
    )


def value_of(stored: Any) -> Any:
    """A stored value; one that is of no known kind is shown as it stands in the report."""
    if _is_deep(stored):
        return f"a value nested more than {DEEPEST} deep"
    try:
        return from_json(stored)
    except (ValueError, KeyError, TypeError, OverflowError):
        return safe(stored)


def _is_deep(stored: Any) -> bool:
    """Whether lists and objects are nested deeper than anything that a law compares."""
    level = [stored] if isinstance(stored, dict | list) else []
    for _ in range(DEEPEST):
        inner = (item for one in level for item in (one.values() if isinstance(one, dict) else one))
        level = [item for item in inner if isinstance(item, dict | list)]
    return bool(level)


def plain(pairs: Sequence[tuple[str, str, str]]) -> str:
    """The lines as text, labels in a column."""
    width = max((len(label) for label, _, _ in pairs), default=0)
    lines = (
        f"{label:>{width}}  {text}".replace("\n", "\n" + " " * (width + 2))
        for label, text, _ in pairs
    )
    return "\n".join(line.rstrip() for line in lines)


def _float(value: Any) -> float | None:
    try:
        return None if value is None else float(value)
    except (TypeError, ValueError):
        return None
