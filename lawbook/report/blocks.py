"""The parts of a subject's report: a block for each law that does not hold, lines for the others."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from lawbook.report.details import rows as detail_rows
from lawbook.report.equations import readable
from lawbook.report.values import safe
from lawbook.verdicts import Verdict

MARKS = {"pass": "✓", "skip": "–", "missing": "○", "deviates": "≠"}
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
    for label, text, style in detail_rows(verdict, says or {}, verbose):
        rows.add_row(label, Text(text, style))
    if others:
        rows.add_row("also", Text(_laws(others, verbose or len(others) < 6, "in the same way")))
    return Group(Text(), head, rows)


def _laws(verdicts: Sequence[Verdict], named: bool, how: str) -> str:
    """A number of laws, and their names."""
    names = ", ".join(verdict.law.partition(".")[2] for verdict in verdicts)
    count = "1 law" if len(verdicts) == 1 else f"{len(verdicts)} laws"
    return f"{count} {how}{f': {names}' if named else ''}"


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
