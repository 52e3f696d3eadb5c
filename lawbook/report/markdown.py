"""Markdown for a step summary of GitHub: a short table, everything else folded.

GitHub shows at most 1 MiB of a step summary and nothing of a longer one, so a report is cut before, and says
so.  All text of a submission is escaped: no markup, HTML, link, @mention or #reference comes out of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from lawbook.report.details import plain, rows, verdict_of
from lawbook.report.facts import (
    MARKS,
    Entry,
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
    warnings,
    why_ungraded,
)
from lawbook.report.formats import View
from lawbook.report.known import Known, known
from lawbook.report.values import safe
from lawbook.verdicts import is_ours

LARGEST = 1_000_000  # bytes, below the 1 MiB that GitHub shows
MOST_LAWS = 12  # laws shown in full for one submission
SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|~=:/^$])")  # `:` and `/` too: no bare link, no :emoji:
NO_SPACE = "\u200b"  # a space of no width
NOTE_ROOM = 300  # bytes kept for the sentence that says what was cut


def write(report: Report, view: View) -> str:
    """The report as Markdown."""
    facts, results = known(report), list(report.get("subjects", ()))
    parts = _parts(report, results, facts)
    text, size, left = "", 0, 0
    for part in parts:
        length = len(part.encode())
        if left or size + length > LARGEST - NOTE_ROOM:
            left += 1
            continue
        text, size = text + part, size + length
    if left:
        text += f"\n> [!WARNING]\n> Cut at {LARGEST:,} bytes: {left} parts of this report are not shown.\n"
    return text


def _parts(report: Report, results: list[Result], facts: Known) -> Iterator[str]:
    """The report in pieces that can be left out one by one from the end."""
    yield f"## Lawbook: {escaped(totals(results))}\n\n"
    if partial := incomplete(report):
        yield f"> [!WARNING]\n> {escaped(partial)}\n\n"
    scored = any(points(result) for result in results)
    heading = [
        "submission",
        "outcome",
        *(["points"] if scored else []),
        "fails",
        "warnings",
        "first problem",
    ]
    yield f"| {' | '.join(heading)} |\n|{' --- |' * len(heading)}\n"
    for result in results:
        yield _row(result, facts, scored)
    yield "\n"
    found = misconceptions(results)
    if found and len(results) > 1:
        yield "### Most frequent mistakes\n\n"
        for name, count in found[:20]:
            yield f"1. {escaped(facts.says.get(name, name))} ({count}×)\n"
        yield "\n"
    for result in results:
        yield from _submission(result, facts)
    yield f"\n<sub>Lawbook {escaped(str(report.get('lawbook')))}</sub>\n"


def _row(result: Result, facts: Known, scored: bool) -> str:
    word = f"{MARKS[outcome(result)]} {outcome(result).replace('_', ' ')}"
    cells = [escaped(title(result)), word]
    if scored:
        found = points(result)
        cells.append(f"{amount(found[0])} / {amount(found[1])}" if found else "no grade")
    numbers = [str(len(against(result)) or ""), str(len(warnings(result)) or "")]
    cells += [*numbers, escaped(safe(problem(result, facts), 160))]
    return f"| {' | '.join(cells)} |\n"


def _submission(result: Result, facts: Known) -> Iterator[str]:
    """The folded part of a submission: what fails, then what is only warned about."""
    failing, mild = against(result), warnings(result)
    unsure = [entry for entry in result.get("laws", ()) if is_ours(entry)]
    said = why_ungraded(result) or safe(result.get("message") or "")
    if not (failing or mild or unsure or said):
        return
    text = f"<details><summary>{html(title(result))}</summary>\n\n"
    text += f"{escaped(said)}\n\n" if said else ""
    for entry in unsure:
        text += f"- {escaped(str(entry['law']))}: {escaped(safe(entry['message']))}\n"
    shown = [*failing, *mild][:MOST_LAWS]
    text += "".join(_law(entry, facts, entry in failing) for entry in shown)
    left = len(failing) + len(mild) - len(shown)
    text += f"and {left} more laws; the JSON and the page have all.\n\n" if left else ""
    yield f"{text}</details>\n\n"


def _law(entry: Entry, facts: Known, counted: bool) -> str:
    law = str(entry["law"])
    verdict = verdict_of(entry, facts.latex.get(law, ""))
    mark = "✗" if counted else "! warning, does not count:"
    said = facts.diagnosis(entry)
    body = plain(
        [row for row in rows(verdict, facts.says, False) if row[0] not in ("diagnosis", "or")]
    )
    hint = f"{escaped(said)}\n\n" if said else ""
    return f"#### {mark} {escaped(law)} ({entry['status']})\n\n{hint}{fenced(body)}\n"


def escaped(text: str) -> str:
    """Text in a line of Markdown: every sign that could mean something stands for itself."""
    line = escape(safe(text), quote=False).replace("@", f"@{NO_SPACE}")  # no mention
    return SPECIAL.sub(r"\\\1", line)


def html(text: str) -> str:
    """Text in HTML: no tag, no Markdown, no mention, no link."""
    line = re.sub(r"[^\w\s@,]", lambda found: f"&#{ord(found[0])};", safe(text))
    return line.replace("@", f"@{NO_SPACE}").replace("www", f"w{NO_SPACE}ww")


def fenced(text: str) -> str:
    """A block shown as it is: its fence is longer than any row of backticks in it."""
    longest = max(map(len, re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}\n"
