"""The page of one hand-in: outcome and points, what does not hold and why, what holds, how it was judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lawbook.report.facts import (
    OUTCOMES,
    Entry,
    Report,
    Result,
    against,
    amount,
    by_topic,
    incomplete,
    is_ungraded,
    outcome,
    points,
    short,
    title,
    warnings,
    why_ungraded,
)
from lawbook.report.formats import View
from lawbook.report.known import Known
from lawbook.report.pages.card import Cause, cause, causes
from lawbook.report.pages.judged import how_it_was_judged
from lawbook.report.pages.markup import code, folded, frame, listed, part, plural, text
from lawbook.report.pages.study import Study, study
from lawbook.report.statements import statement
from lawbook.verdicts import is_ours

MARK = {"holds": "✓", "fails": "✗", "not_judged": "?"}


def page(report: Report, results: Sequence[Result], facts: Known, view: View) -> str:
    """The page on the results of one hand-in."""
    partial = incomplete(report)
    several = len(results) > 1
    body = f'<p class="notice">{text(partial)}</p>\n' if partial else ""
    for number, result in enumerate(results):
        inside = _header(result) + _main(
            report, result, facts, view, f"s{number}-" if several else ""
        )
        body += f"<article>{inside}</article>\n" if several else inside
    made = f"<footer><p>Made by Lawbook {text(report.get('lawbook'))}.</p></footer>\n"
    return frame(title(results[0]), body + made, "page.js")


def _header(result: Result) -> str:
    """Who, the outcome in one line, and the points."""
    found = outcome(result)
    where = " · ".join(text(result[key]) for key in ("course", "profile") if result.get(key))
    scored = points(result)
    score = ""
    if scored:
        score = f'<p class="score"><b>{amount(scored[0])}</b> <span>of {amount(scored[1])} points</span></p>'
    elif why_ungraded(result):
        score = '<p class="score none"><span>no grade</span></p>'
    return (
        f'<header>\n<p class="kicker">Lawbook{" · " + where if where else ""}</p>\n'
        f"<h1>{text(title(result), 120)}</h1>\n"
        f'<div class="outcome {found}"><p class="verdict"><b aria-hidden="true">{MARK[found]}</b> '
        f"{_said(result)}</p>{score}</div>\n{_tally(result)}</header>\n"
    )


def _said(result: Result) -> str:
    failing = against(result)
    if outcome(result) == "fails":
        return f"{plural(len(failing), 'law')} {'does' if len(failing) == 1 else 'do'} not hold"
    if outcome(result) == "holds" and warnings(result):
        return "All laws hold that count"
    return OUTCOMES[outcome(result)].capitalize()


def _tally(result: Result) -> str:
    """How many laws came to what."""
    entries = result.get("laws", ())
    if not entries:
        return ""
    counted = [
        (sum(entry["status"] == "pass" for entry in entries), "holds", "hold"),
        (len(against(result)), "does not hold", "do not hold"),
        (len(warnings(result)), *("only warned about",) * 2),
        (sum(entry["status"] == "skip" for entry in entries), *("not run",) * 2),
        (sum(_is_aside(entry) for entry in entries), *("not required and missing",) * 2),
    ]
    said = " · ".join(f"{n} {one if n == 1 else many}" for n, one, many in counted if n)
    return f'<p class="tally">{said}</p>\n'


def _is_aside(entry: Entry) -> bool:
    return entry["status"] == "missing" and entry.get("severity") != "error"


def _main(report: Report, result: Result, facts: Known, view: View, at: str) -> str:
    learn = study(result.get("laws", ())) if view.shows_study else Study()
    failing, mild = against(result), warnings(result)
    aside = "Warnings <small>they do not make it fail</small>"
    parts = [
        _notice(result),
        part(f"{at}points", "Points", _points(result, view)),
        part(f"{at}fails", "What does not hold", _causes(causes(failing), facts, learn)),
        part(f"{at}warnings", aside, _causes(causes(mild), facts, learn)),
        part(f"{at}others", "The other laws", _others(result, facts)),
        part(f"{at}judged", "How it was judged", how_it_was_judged(report, result, view)),
    ]
    return f"<main>\n{''.join(parts)}</main>\n" if not at else "".join(parts)


def _notice(result: Result) -> str:
    """Why there is no verdict, or none on some laws; the fault is said."""
    unsure = [entry for entry in result.get("laws", ()) if is_ours(entry)]
    said = ""
    if result.get("message"):
        said = f"<p>{text(result['message'])}</p>"
    if unsure:
        names = ", ".join(code(entry["law"]) for entry in unsure)
        said += f"<p>Lawbook itself failed on {plural(len(unsure), 'law')}: {names}</p>"
    if not said:
        return ""
    if is_ungraded(result):
        said += "<p>This is not the submission's fault, so there is no grade. It has to be judged again.</p>"
    return f'<div class="notice">{said}</div>\n'


def _points(result: Result, view: View) -> str:
    """The rubric's items."""
    grade = result.get("grade")
    if not isinstance(grade, Mapping) or not points(result):
        return ""
    said = {item["message"] for item in grade["items"]}
    once = len(grade["items"]) > 1 and len(said) == 1  # of a submission that could not be loaded
    rows = "".join(
        _item({**item, "message": ""} if once else item, view) for item in grade["items"]
    )
    return (
        '<div class="scroll"><table class="points"><thead><tr><th>part</th><th>points</th><th>of</th>'
        f"<th></th></tr></thead><tbody>{rows}</tbody></table></div>\n"
    )


def _item(item: Mapping[str, Any], view: View) -> str:
    full = item["points"] >= item["of"]
    mark = "–" if not item["of"] else "✓" if full else "✗" if not item["points"] else "◐"
    hidden = ' <span class="tag">hidden from students</span>' if item.get("hidden") else ""
    return (
        f'<tr class="{"full" if full else "less"}"><td><b aria-hidden="true">{mark}</b> '
        f"{text(item['name'])}{'' if view.is_student else hidden}</td>"
        f"<td>{amount(item['points'])}</td><td>{amount(item['of'])}</td>"
        f"<td>{text(item['message'])}</td></tr>\n"
    )


def _causes(found: Sequence[Cause], facts: Known, learn: Study) -> str:
    return "".join(cause(one, facts, learn.line(one.entries)) for one in found)


def _others(result: Result, facts: Known) -> str:
    """What holds, what was not run and what deviates, folded."""
    entries = result.get("laws", ())
    said = ""
    for status, words in (("deviates", "deviate as the course says"), ("skip", "were not run")):
        chosen = [entry for entry in entries if entry["status"] == status and not is_ours(entry)]
        said += _reasons(chosen, words)
    said += _reasons(
        [entry for entry in entries if _is_aside(entry)], "are missing and not required"
    )
    held = [entry for entry in entries if entry["status"] == "pass"]
    topics = "".join(
        f"<h4>{text(topic.replace('_', ' '))} <small>{len(group)}</small></h4>\n"
        + listed([_held(entry, facts) for entry in group], "held")
        for topic, group in by_topic(held).items()
    )
    return (
        folded(f"{plural(len(held), 'law')} hold{'s' * (len(held) == 1)}", topics) if held else ""
    ) + said


def _reasons(entries: Sequence[Entry], words: str) -> str:
    reasons: dict[str, list[Entry]] = {}
    for entry in entries:
        reasons.setdefault(str(entry.get("message") or ""), []).append(entry)
    items = [
        f"{text(reason)}<br><span class='small'>{', '.join(text(short(e['law'])) for e in group)}</span>"
        for reason, group in reasons.items()
    ]
    return (
        folded(f"{plural(len(entries), 'law')} {words}", listed(items, "reasons")) if items else ""
    )


def _held(entry: Entry, facts: Known) -> str:
    latex = facts.latex.get(str(entry["law"]), "")
    said = statement(latex) if latex else ""
    return f'<span class="small">{text(short(str(entry["law"])))}</span><br>{said}'
