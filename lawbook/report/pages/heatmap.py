"""Laws by submissions: a table with one letter per law, grouped by topic.

Letters say what colours only repeat, can be read, searched, copied and printed, and cost one to three bytes
each: 200 submissions with 133 laws are 80 kB where an element for each would be megabytes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape
from itertools import groupby

from lawbook.report.facts import (
    MARKS,
    Entry,
    Result,
    against,
    amount,
    counts,
    outcome,
    points,
    short,
    title,
    warns,
)
from lawbook.report.pages.markup import text
from lawbook.verdicts import is_ours

HOLDS, NOT_ASKED = "·", " "
LETTERS = {
    "fail": "x",
    "error": "E",
    "timeout": "T",
    "crash": "C",
    "missing": "M",
    "skip": "-",
    "deviates": "d",
}
LEGEND = (
    ("x", "x", "does not hold"),
    ("E", "e", "raised an exception"),
    ("T", "e", "took too long"),
    ("C", "e", "ended the process"),
    ("M", "x", "is missing"),
    ("w", "w", "a warning: does not count"),
    ("?", "e", "Lawbook failed on it"),
    ("-", "", "was not run"),
    ("d", "", "deviates as the course says"),
    ("·", "", "holds"),
)
CLASSES = {letter: name for letter, name, _ in LEGEND}


def heatmap(results: Sequence[Result], pages: Mapping[str, str]) -> str:
    """The table, its legend and its controls; empty where no law was run."""
    topics = _topics(results)
    if not topics:
        return ""
    letters = {letter for result in results for letter in map(_letter, result.get("laws", ()))}
    used = "".join(
        f'<span><code class="{name}">{letter}</code>{said}</span>\n'
        for letter, name, said in LEGEND
        if letter in letters
    )
    graded = any(points(result) for result in results)
    rows = "".join(_row(result, topics, pages, graded) for result in results)
    return (
        '<div class="controls" hidden><label>Filter <input id="filter" type="search" '
        'placeholder="name, outcome or law"></label><label>Order <select id="order">'
        '<option value="">as in the report</option><option value="f">most laws that fail</option>'
        '<option value="s">longest time</option></select></label>'
        f'<span class="shown small" role="status">{len(results)} shown</span></div>\n'
        f'<p class="legend">{used}</p>\n'
        '<div class="box" tabindex="0" role="region" aria-label="Laws by submissions; the arrow keys move">'
        f'<table class="map">\n{_head(results, topics, graded)}<tbody>\n{rows}</tbody></table></div>\n'
        '<p class="reading" role="status">Point at a letter, or move with the arrow keys, to read what it '
        "says. Above each law is the share of submissions it fails for.</p>\n"
    )


def _topics(results: Sequence[Result]) -> dict[str, list[str]]:
    """The laws that were asked of anybody, by topic, in the order of the longest report."""
    found: dict[str, str] = {}
    for result in sorted(results, key=lambda one: -len(one.get("laws", ()))):
        for entry in result.get("laws", ()):
            if not _is_aside(entry):
                found.setdefault(str(entry["law"]), str(entry["topic"]))
    ordered = sorted(found, key=lambda law: found[law])  # stable: the order within a topic stays
    return {topic: list(laws) for topic, laws in groupby(ordered, lambda law: found[law])}


def _is_aside(entry: Entry) -> bool:
    """Whether a law says nothing of a submission: it is about what the course does not require."""
    return entry["status"] == "missing" and entry.get("severity") != "error"


def _letter(entry: Entry) -> str:
    if is_ours(entry):
        return "?"
    if warns(entry):
        return "w"
    return NOT_ASKED if _is_aside(entry) else LETTERS.get(entry["status"], HOLDS)


def _head(results: Sequence[Result], topics: Mapping[str, Sequence[str]], graded: bool) -> str:
    """The topics, and above each law the share of submissions that it fails for."""
    ran: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    for result in results:
        for entry in result.get("laws", ()):
            ran[str(entry["law"])] += 1
            failed[str(entry["law"])] += counts(entry)
    heads = ""
    for topic, laws in topics.items():
        bars = "".join(_rate(law, failed[law], ran[law]) for law in laws)
        width = f"max-width:{len(laws) * 1.1 + 1:.1f}ch"
        name = text(topic.replace("_", " "))
        heads += (
            f'<th scope="col"><span class="rates">{bars}</span>'
            f'<span class="topic" title="{name}: {len(laws)} laws" style="{width}">{name}</span></th>'
        )
    grade = '<th scope="col" class="n">points</th>' if graded else ""
    fixed = (
        '<th scope="col">submission</th><th scope="col" aria-label="outcome"></th>'
        f'{grade}<th scope="col" class="n">fails</th>'
    )
    return f'<thead><tr>{fixed}<th scope="col" class="n">s</th>{heads}</tr></thead>\n'


def _rate(law: str, failed: int, ran: int) -> str:
    share = 100 * failed / ran if ran else 0
    said = f"{short(law)}: fails for {failed} of {ran}"
    return f'<i data-l="{escape(law)}" title="{escape(said)}" style="--r:{share:.0f}"></i>'


def _row(
    result: Result, topics: Mapping[str, Sequence[str]], pages: Mapping[str, str], graded: bool
) -> str:
    found, failing = outcome(result), len(against(result))
    letters = {str(entry["law"]): _letter(entry) for entry in result.get("laws", ())}
    name = text(title(result), 80)
    address = pages.get(str(result.get("hand_in") or result["name"]))
    link = f'<a href="{escape(address)}">{name}</a>' if address else name
    scored = points(result)
    cells = f'<td class="o {found}">{MARKS[found]}</td>'
    if graded:
        cells += f'<td class="n">{amount(scored[0]) if scored else "–"}</td>'
    seconds = float(result.get("seconds") or 0)
    cells += f'<td class="n">{failing or ""}</td><td class="n">{seconds:.1f}</td>'
    if letters:
        cells += "".join(
            f'<td class="t"><code>{_runs([letters.get(law, NOT_ASKED) for law in laws])}</code></td>'
            for laws in topics.values()
        )
    else:
        said = text(result.get("message") or "not judged", 120)
        cells += f'<td colspan="{len(topics)}" class="small why" title="{said}">{said}</td>'
    word = found.replace("_", " ")
    data = f'data-o="{word}" data-f="{failing}" data-s="{seconds:.2f}"'
    return f'<tr {data}><th scope="row" title="{name}">{link}</th>{cells}</tr>\n'


def _runs(letters: Sequence[str]) -> str:
    return "".join(_run(letter, len(list(group))) for letter, group in groupby(letters))


def _run(letter: str, length: int) -> str:
    name = CLASSES.get(letter, "")
    return f'<b class="{name}">{letter * length}</b>' if name else letter * length
