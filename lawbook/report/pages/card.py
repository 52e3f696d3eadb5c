"""A law that does not hold: what it says, where it fails, what came, and how to see it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from lawbook.report.details import compared, verdict_of
from lawbook.report.facts import (
    STATUSES,
    Entry,
    counts,
    short,
)
from lawbook.report.known import Known
from lawbook.report.pages import tables
from lawbook.report.pages.markup import capital, code, folded, listed, plural, text
from lawbook.report.statements import statement
from lawbook.report.values import number, worst_element
from lawbook.verdicts import Verdict

MOST_SCRIPT = 20_000  # characters
FEW, MORE = 3, 8  # laws that are shown of a known cause, and of none; the others are folded


@dataclass(frozen=True)
class Cause:
    """Laws that do not hold for the same reason: a known mistake, or one message."""

    mistake: str
    entries: Sequence[Entry]

    @property
    def is_unrun(self) -> bool:
        """Whether there is nothing to show but why the laws came to nothing."""
        first = self.entries[0]  # the others are like it
        return not self.mistake and not _is_shown(first) and bool(first.get("message"))


def causes(entries: Sequence[Entry]) -> list[Cause]:
    """The laws by cause: what was diagnosed first, then what ran, then what did not; most laws first."""
    found: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        mistake = (entry.get("diagnosis") or [""])[0]
        alone = _is_shown(entry) or not entry.get("message")
        same = f"{entry['operation']} {entry['status']} {entry.get('message')}"
        key = (mistake, "") if mistake else ("", str(entry["operation"]) if alone else same)
        found.setdefault(key, []).append(entry)
    made = [Cause(mistake, group) for (mistake, _), group in found.items()]
    return sorted(made, key=lambda one: (not one.mistake, one.is_unrun, -len(one.entries)))


def cause(one: Cause, facts: Known, study: str = "") -> str:
    """A cause with its laws."""
    said = facts.says.get(one.mistake, "")
    first = one.entries[0]
    words = dict.fromkeys(STATUSES[entry["status"]] for entry in one.entries)
    kind = "Likely cause" if said else capital(", ".join(words))
    note = f"{kind} · {text(first['operation'])} · {plural(len(one.entries), 'law')}"
    operation = str(first["operation"]).replace("_", " ")
    heading = said or str(first["message"] if one.is_unrun else operation)
    few = FEW if said else MORE
    inside = _names(one.entries) if one.is_unrun else f"{study}{_cards(one.entries, facts, few)}"
    mild = "" if any(map(counts, one.entries)) else " mild"
    return (
        f'<article class="cause{mild}">\n<p class="label">{note}</p>\n'
        f"<h3>{text(capital(heading))}</h3>\n{inside}{_others(one, facts)}</article>\n"
    )


def _cards(entries: Sequence[Entry], facts: Known, few: int) -> str:
    """The first laws in full, the others folded."""
    body = "".join(card(entry, facts) for entry in entries[:few])
    rest = entries[few:]
    title = plural(len(rest), "more law")
    return body + (folded(title, "".join(card(e, facts) for e in rest), "more") if rest else "")


def _names(entries: Sequence[Entry]) -> str:
    """The laws that came to nothing for one reason, by name."""
    names = [text(short(entry["law"])) for entry in entries]
    return folded(plural(len(names), "law"), listed(names, "reasons"), "more")


def _others(one: Cause, facts: Known) -> str:
    """What else it may be."""
    named = [name for entry in one.entries for name in (entry.get("diagnosis") or [])[1:]]
    also = [facts.says[name] for name in dict.fromkeys(named) if name in facts.says]
    return (
        folded("Or it is one of these", listed(list(map(text, also)), "also"), "more")
        if also
        else ""
    )


def _is_shown(entry: Entry) -> bool:
    """Whether there is more to show than that it was not run."""
    return any(entry.get(name) is not None for name in ("counterexample", "expected", "got"))


def card(entry: Entry, facts: Known) -> str:
    """One law."""
    law = str(entry["law"])
    verdict = verdict_of(entry, facts.latex.get(law, ""))
    said = f'<p class="statement">{statement(verdict.statement)}</p>\n' if verdict.statement else ""
    message = f'<p class="problem">{text(verdict.message)}</p>\n' if verdict.message else ""
    weight = "✗" if counts(entry) else "!"
    return (
        f'<div class="card"><p class="name"><b>{weight}</b> <strong>{text(short(law))}</strong> '
        f'<span class="small">{STATUSES[verdict.status]} · {code(law)}</span></p>\n'
        f"{said}{_values(verdict)}{message}{_script(verdict)}</div>\n"
    )


def _values(verdict: Verdict) -> str:
    """The counterexample: inputs on the left, both sides on the right."""
    inputs = "".join(
        f"<tr><th>{text(name, 40)}</th><td>{tables.value(item)}</td></tr>"
        for name, item in (verdict.case or {}).items()
    )
    rows = ""
    if verdict.expected is not None or verdict.got is not None:
        due, got = tables.sides(verdict.expected, verdict.got)
        rows += f'<tr class="due"><th>expected</th><td>{due}</td></tr>'
        rows += f'<tr class="got"><th>got</th><td>{got}</td></tr>'
        worst = worst_element(verdict.expected, verdict.got)
        rows += f"<tr><th>worst</th><td>at {text(worst)}</td></tr>" if worst else ""
    if compared(verdict):
        measured, allowed = number(verdict.measured, 3), number(verdict.allowed, 3)
        rows += f"<tr><th>off by</th><td>{measured}, allowed {allowed}</td></tr>"
    sides = [
        f'<figure><figcaption>{title}</figcaption><div class="scroll">'
        f'<table class="values"><tbody>{inside}</tbody></table></div></figure>'
        for title, inside in (("With these inputs", inputs), ("What came out", rows))
        if inside
    ]
    return f'<div class="example">{"".join(sides)}</div>\n' if sides else ""


def _script(verdict: Verdict) -> str:
    """The script that shows it: its indentation is kept, nothing else in it is trusted."""
    if not verdict.repro:
        return ""
    lines = verdict.repro[:MOST_SCRIPT].splitlines()
    kept = ("".join(c if c.isprintable() else "?" for c in line) for line in lines)
    body = escape("\n".join(kept))
    return folded("Script to repeat it", f'<div class="script"><pre>{body}</pre></div>', "more")
