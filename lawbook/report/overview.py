"""The summary of a stored report in a terminal: totals, who could not be judged, frequent mistakes."""

from __future__ import annotations

from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from lawbook.report.facts import (
    MARKS,
    Report,
    Result,
    against,
    amount,
    incomplete,
    misconceptions,
    outcome,
    points,
    problem,
    title,
    totals,
    why_ungraded,
)
from lawbook.report.known import known
from lawbook.report.terminal import emit
from lawbook.report.values import safe

MANY = 30  # subjects; of more, those that hold are not listed
LINES = 40  # of the table
MOST = 10  # frequent mistakes that are named
STYLES = {"holds": "green", "fails": "red", "not_judged": "bold red"}


def show_overview(console: Console, report: Report) -> None:
    """Print it; of a large class only what does not hold."""
    facts, results = known(report), list(report["subjects"])
    if partial := incomplete(report):
        emit(console, Text(f"{partial}\n", "bold yellow"))
    few = len(results) <= MANY
    listed = [one for one in results if few or outcome(one) == "fails"]
    listed, left = listed[:LINES], len(listed[LINES:])
    table = Table(box=None, header_style="bold", pad_edge=False, expand=True)
    table.add_column("submission", overflow="fold", max_width=36)
    scored = any(points(one) for one in results)
    for heading in (*(["points"] if scored else []), "fails"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("", width=1)
    table.add_column("first problem", overflow="ellipsis", no_wrap=True, ratio=1)
    for one in listed:
        found, graded = outcome(one), points(one)
        cells = [f"{amount(graded[0])}/{amount(graded[1])}" if graded else "–"] if scored else []
        said = "" if found == "not_judged" else problem(one, facts)  # it has a section of its own
        cells += [str(len(against(one)) or ""), MARKS[found], said]
        table.add_row(Text(safe(title(one), 60)), *(Text(cell, STYLES[found]) for cell in cells))
    if listed:
        emit(console, table)
    if left:
        emit(console, Text(f"and {left} more that do not hold", "dim"))
    _not_judged(console, results)
    made = misconceptions(results) if len(results) > 1 else []
    if made:
        emit(console, Rule(Text("Most frequent mistakes", "bold"), align="left", style="dim"))
        for name, count in made[:MOST]:
            emit(console, Text(f"{count:>4}×  {facts.says.get(name, safe(name))}"))
    emit(console, Text(f"\n{totals(results)}", "bold"))


def _not_judged(console: Console, results: list[Result]) -> None:
    """Who could not be judged, and why."""
    unjudged = [one for one in results if outcome(one) == "not_judged"]
    if unjudged:
        emit(console, Rule(Text("Not judged", "bold red"), align="left", style="dim"))
    for one in unjudged:
        said = why_ungraded(one) or safe(one.get("message") or "no law was judged")
        emit(console, Text.assemble((safe(title(one), 60), "bold"), f": {said}"))
