"""The page of a class: numbers, what could not be judged, frequent mistakes, laws by submissions, time."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from html import escape
from statistics import median

from lawbook.report.facts import (
    Report,
    Result,
    amount,
    hardest,
    incomplete,
    is_ungraded,
    misconceptions,
    outcome,
    points,
    short,
    title,
)
from lawbook.report.formats import View
from lawbook.report.known import Known
from lawbook.report.pages.heatmap import heatmap
from lawbook.report.pages.markup import capital, code, folded, frame, listed, part, plural, text
from lawbook.report.statements import statement

MOST = 12  # rows of a list that are shown; the others are folded
BINS = 10


def page(report: Report, facts: Known, view: View) -> str:
    """The page on all results of a report."""
    results, pages = list(report.get("subjects", ())), view.pages or {}
    partial = incomplete(report)
    made: Mapping[str, object] = report.get("environment") or {}
    notice = f'<p class="notice"><b>{text(partial)}</b></p>\n' if partial else ""
    courses = sorted(
        {text(one["profile"] or one["course"]) for one in results if one.get("course")}
    )
    body = (
        f'<header>\n<p class="kicker">{" · ".join(["Lawbook", *courses])}</p>\n'
        f"<h1>{plural(len(results), 'submission')}</h1>\n{notice}{_tiles(results)}</header>\n<main>\n"
        + part("unjudged", "Not judged", _unjudged(results, pages))
        + part("mistakes", "Most frequent mistakes", _mistakes(results, facts, pages))
        + part("map", "Laws by submissions", heatmap(results, pages))
        + part("hardest", "Hardest laws", _hardest(results, facts))
        + part("points", "Points", _points(results))
        + part("time", "Time", _time(results, pages))
        + f"</main>\n<footer><p>Made by Lawbook {text(report.get('lawbook'))} "
        f"on {text(made.get('date', ''))}.</p></footer>\n"
    )
    return frame(f"{plural(len(results), 'submission')}", body, "class.js", wide=True)


def _link(result: Result, pages: Mapping[str, str]) -> str:
    name, address = text(title(result), 80), pages.get(str(result.get("hand_in") or result["name"]))
    return f'<a href="{escape(address)}">{name}</a>' if address else name


def _tiles(results: Sequence[Result]) -> str:
    """The summary in numbers."""
    count = Counter(map(outcome, results))
    tiles = [
        ("holds", str(count["holds"]), "✓ all laws hold"),
        ("fails", str(count["fails"]), "✗ some laws do not hold"),
        ("not_judged", str(count["not_judged"]), "? not judged"),
    ]
    scored = [found for result in results if (found := points(result))]
    if scored:
        middle = median(found[0] for found in scored)
        tiles.append(("", amount(middle), f"median, of {amount(scored[0][1])} points"))
        without = len(results) - len(scored)
        tiles += [("not_judged", str(without), "without a grade")] if without else []
    items = "".join(f'<li class="{k}"><b>{n}</b><span>{s}</span></li>' for k, n, s in tiles)
    return f'<ul class="tiles">{items}</ul>\n'


def _unjudged(results: Sequence[Result], pages: Mapping[str, str]) -> str:
    """Who could not be judged, why, and whether that leaves them without a grade."""
    items = []
    for result in results:
        if outcome(result) != "not_judged":
            continue
        fault = "no grade: judge it again" if is_ungraded(result) else "the submission's fault"
        said = text(result.get("message") or "Lawbook failed on some of the laws")
        items.append(f"{_link(result, pages)} <span class='tag'>{fault}</span><br>{said}")
    shown = listed(items[:MOST], "says")
    rest = listed(items[MOST:], "says")
    return shown + (folded(f"{len(items) - MOST} more", rest) if rest else "")


def _bar(count: int, of: int) -> str:
    return f'<span class="bar"><i style="width:{100 * count / max(of, 1):.1f}%"></i></span>'


def _bars(rows: list[str]) -> str:
    """Rows of a bar chart; those after the first are folded."""
    if not rows:
        return ""
    rest = listed(rows[MOST:], "bars")
    return listed(rows[:MOST], "bars") + (folded(f"{len(rows) - MOST} more", rest) if rest else "")


def _mistakes(results: Sequence[Result], facts: Known, pages: Mapping[str, str]) -> str:
    """The likeliest mistakes with how many made each, and who."""
    made: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        for name in {str(e["diagnosis"][0]) for e in result.get("laws", ()) if e.get("diagnosis")}:
            made[name].append(result)
    rows = []
    for name, count in misconceptions(results):
        who = ", ".join(_link(result, pages) for result in made[name])
        rows.append(
            f'<div class="row"><b>{count}</b>{_bar(count, len(results))}<details><summary>'
            f"{text(capital(facts.says.get(name, name)))}</summary><p>{code(name)}: {who}</p>"
            "</details></div>"
        )
    return _bars(rows)


def _hardest(results: Sequence[Result], facts: Known) -> str:
    """The laws that fail most often, with what each says."""
    rows = []
    for law, failed, ran in hardest(results):
        latex = facts.latex.get(law, "")
        said = f'<p class="statement">{statement(latex)}</p>' if latex else ""
        rows.append(
            f'<div class="row"><b>{failed}<small> of {ran}</small></b>{_bar(failed, ran)}<div>'
            f'{text(capital(short(law)))} <span class="small">{code(law)}</span>{said}</div></div>'
        )
    return _bars(rows)


def _points(results: Sequence[Result]) -> str:
    """How the points are spread; those without a grade are in no column."""
    scored = [found for result in results if (found := points(result))]
    if not scored:
        return ""
    top = max(of for _, of in scored) or 1.0
    count = Counter(max(0, min(int(BINS * got / top), BINS - 1)) for got, _ in scored)
    most = max(count.values())
    items = "".join(
        f"<li><span>{count[at] or ''}</span><i style='height:{75 * count[at] / most:.1f}%'></i>"
        f"<span>{amount(round(at * top / BINS, 1))}+</span></li>"
        for at in range(BINS)
    )
    said = f"{len(scored)} grades, in tenths of {amount(top)} points"
    without = len(results) - len(scored)
    said += f"; {without} without a grade are not in it" if without else ""
    return f'<p class="small">{said}</p>\n<ol class="columns">{items}</ol>\n'


def _time(results: Sequence[Result], pages: Mapping[str, str]) -> str:
    seconds = [float(result.get("seconds") or 0) for result in results]
    if not seconds:
        return ""
    slowest = sorted(zip(seconds, results, strict=True), key=lambda pair: -pair[0])[:3]
    names = ", ".join(f"{_link(result, pages)} ({took:.1f} s)" for took, result in slowest)
    return (
        f'<p class="small">{sum(seconds):.1f} s in all, {median(seconds):.2f} s for the one in the middle. '
        f"Longest: {names}.</p>\n"
    )
