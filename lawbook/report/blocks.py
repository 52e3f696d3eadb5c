"""The parts of a subject's report: a block for each law that does not hold, lines for the others."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from lawbook.report.equations import readable
from lawbook.report.values import number, safe, shown, sides, worst_element
from lawbook.verdicts import Verdict

MARKS = {"pass": "✓", "skip": "–", "missing": "○", "deviates": "≠"}
SAID = "as above"  # for a diagnosis whose sentence has been said
STYLES = {"pass": "green", "skip": "dim", "missing": "yellow", "deviates": "yellow"}


def grouped(verdicts: Sequence[Verdict]) -> list[tuple[Verdict, list[Verdict]]]:
    """Each verdict to be shown, with those that say the same: one exception breaks many laws."""
    groups: dict[object, list[Verdict]] = {}
    for verdict in verdicts:
        compared = verdict.expected is not None or verdict.got is not None
        same = (verdict.operation, verdict.status, verdict.message)
        groups.setdefault(verdict.law if compared else same, []).append(verdict)
    return [(group[0], group[1:]) for group in groups.values()]


def block(
    verdict: Verdict,
    others: Sequence[Verdict] = (),
    says: Mapping[str, str] | None = None,
    verbose: bool = False,
) -> RenderableType:
    """Everything about one law that does not hold, or about several that were never run."""
    colour = "red" if verdict.severity == "error" else "yellow"
    unrun = verdict.case is None and not verdict.examples
    head = Text.assemble(
        ("✗ " if verdict.severity == "error" else "! ", f"bold {colour}"),
        (verdict.operation if unrun else verdict.law, "bold"),
        (f"  {verdict.status}", colour),
    )
    rows = Table.grid(padding=(0, 2))
    rows.add_column(style="dim", justify="right", width=10, no_wrap=True)
    rows.add_column(overflow="fold")
    if unrun:
        rows.add_row("problem", Text(safe(verdict.message)))
        rows.add_row("", Text(_laws([verdict, *others], verbose, "not run")))
        return Group(Text(), head, rows)
    for label, text, style in _rows(verdict, says or {}, verbose):
        rows.add_row(label, Text(text, style))
    if others:
        rows.add_row("also", Text(_laws(others, verbose or len(others) < 6, "in the same way")))
    return Group(Text(), head, rows)


def _laws(verdicts: Sequence[Verdict], named: bool, how: str) -> str:
    """A number of laws, and their names."""
    names = ", ".join(verdict.law.partition(".")[2] for verdict in verdicts)
    count = "1 law" if len(verdicts) == 1 else f"{len(verdicts)} laws"
    return f"{count} {how}{f': {names}' if named else ''}"


def _rows(verdict: Verdict, says: Mapping[str, str], verbose: bool) -> list[tuple[str, str, str]]:
    """Label, text and style of the lines about a law that does not hold."""
    rows = [("law", readable(verdict.statement), "cyan")]
    for name, value in (verdict.case or {}).items():
        rows.append(("case" if len(rows) == 1 else "", f"{name} = {_hanging(name, value)}", ""))
    if verdict.message:
        rows.append(("problem", safe(verdict.message), ""))
    if verdict.expected is not None or verdict.got is not None:
        due, got = sides(verdict.expected, verdict.got)
        rows += [("expected", due, "green"), ("got", got, "red")]
        worst = worst_element(verdict.expected, verdict.got)
        rows += [("worst", f"at {worst}", "")] if worst else []
    if verdict.measured is not None and verdict.allowed is not None and _says_something(verdict):
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


def _hanging(name: str, value: Any) -> str:
    return shown(value).replace("\n", "\n" + " " * (len(name) + 3))


def _says_something(verdict: Verdict) -> bool:
    """Whether the measured deviation is a number that was compared with something."""
    return verdict.status == "fail" and verdict.measured != float("inf")


def folded(verdicts: Sequence[Verdict], verbose: bool) -> list[RenderableType]:
    """The laws without a counterexample, a line per reason; those that hold, counted per topic."""
    lines: list[RenderableType] = [Text()]
    for status in ("missing", "deviates", "skip"):
        reasons: dict[tuple[str, str], list[Verdict]] = defaultdict(list)
        for verdict in verdicts:
            if verdict.status == status:
                weight = "" if verdict.counts_against or status != "missing" else ", not required"
                reasons[(weight, verdict.message)].append(verdict)
        for (weight, reason), found in reasons.items():
            count = f"{len(found)} law{'s' * (len(found) > 1)}"
            text = f"{safe(reason)} ({count}{weight})"
            if status != "missing" or verbose:
                text += f": {', '.join(verdict.law for verdict in found)}"
            style = "bold red" if status == "missing" and not weight else STYLES[status]
            lines.append(_hung(f"{MARKS[status]} {status}", text, style))
    held = [verdict for verdict in verdicts if verdict.status == "pass"]
    if verbose:
        lines += [_held(verdict) for verdict in held]
    elif held:
        topics = Counter(verdict.topic for verdict in held)
        text = ", ".join(f"{topic} {count}" for topic, count in topics.items())
        lines.append(_hung("✓ hold", text, STYLES["pass"]))
    return lines


def _held(verdict: Verdict) -> RenderableType:
    margin = ""
    if verdict.measured and verdict.allowed:
        margin = f", {100 * verdict.measured / verdict.allowed:.2g} % of what is allowed"
    cases = "1 case" if verdict.examples == 1 else f"{verdict.examples} cases"
    text = f"{verdict.law}  {cases}{margin}\n{readable(verdict.statement)}"
    return _hung("✓ holds", text, STYLES["pass"])


def _hung(label: str, text: str, style: str) -> RenderableType:
    """A label and a text that wraps beside it."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(width=10, no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(Text(label, style), Text(text))
    return grid
