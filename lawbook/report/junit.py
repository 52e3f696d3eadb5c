"""JUnit XML for GitLab, Artemis and Jenkins: a suite per submission, a case per law.

What does not hold is a failure; an exception, a time-out, a crash or a fault of the grader is an error, and
so is what a partial report lacks: none of them is ever a pass.  What is only warned about passes, with the
warning as its output.  The elements and their order are those that all readers share (junit-10.xsd of
Jenkins).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from lawbook.report.details import plain, rows, verdict_of
from lawbook.report.facts import (
    Entry,
    Report,
    Result,
    amount,
    counts,
    hand_ins,
    incomplete,
    is_ungraded,
    outcome,
    points,
    title,
    warns,
)
from lawbook.report.formats import View
from lawbook.report.known import Known, known
from lawbook.report.values import safe
from lawbook.verdicts import is_ours

FAILURES = frozenset({"fail", "missing"})  # the others are errors
MOST = 8_000  # characters about one law


@dataclass(frozen=True)
class Case:
    """One test case: `kind` is "", "failure", "error" or "skipped"; `reason` is its type."""

    group: str
    name: str
    kind: str = ""
    reason: str = ""
    message: str = ""
    text: str = ""
    seconds: float = 0.0


def write(report: Report, view: View) -> str:
    """The report as JUnit XML."""
    facts = known(report)
    suites = [
        _suite(title(result), list(_cases(result, facts)), _properties(report, result))
        for results in hand_ins(report).values()
        for result in results
    ]
    partial = incomplete(report)
    if partial:
        case = Case("lawbook", "the report is complete", "error", "partial", partial, partial)
        suites.append(_suite("lawbook", [case], {}))
    body = "".join(text for text, _ in suites)
    total = _attributes([case for _, cases in suites for case in cases], skipped=False)
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return f'{head}<testsuites name="lawbook"{total}>\n{body}</testsuites>\n'


def _suite(name: str, cases: list[Case], properties: Mapping[str, str]) -> tuple[str, list[Case]]:
    listed = "".join(
        f"<property name={quoteattr(key)} value={quoteattr(legal(value))}/>\n"
        for key, value in properties.items()
    )
    inside = f"<properties>\n{listed}</properties>\n" if listed else ""
    inside += "".join(map(_element, cases))
    head = f"<testsuite name={quoteattr(legal(name))}{_attributes(cases)}>"
    return f"{head}\n{inside}</testsuite>\n", cases


def _attributes(cases: list[Case], skipped: bool = True) -> str:
    kinds = [case.kind for case in cases]
    found = {
        "tests": len(cases),
        "failures": kinds.count("failure"),
        "errors": kinds.count("error"),
    }
    if skipped:
        found["skipped"] = kinds.count("skipped")
    numbers = "".join(f' {name}="{count}"' for name, count in found.items())
    return f'{numbers} time="{sum(case.seconds for case in cases):.4f}"'


def _properties(report: Report, result: Result) -> dict[str, str]:
    """What the submission was judged as and with, where the reader may know it."""
    isolation, scored = result.get("isolation"), points(result)
    level = isolation.get("level") if isinstance(isolation, Mapping) else None
    found: dict[str, Any] = {
        "lawbook": report.get("lawbook"),
        "date": dict(report.get("environment") or {}).get("date"),
        "course": result.get("course"),
        "profile": result.get("profile"),
        "seed": result.get("seed"),
        "isolation": level,
        "outcome": outcome(result),
        "points": f"{amount(scored[0])} of {amount(scored[1])}" if scored else None,
    }
    return {name: safe(value) for name, value in found.items() if value is not None}


def _cases(result: Result, facts: Known) -> Iterator[Case]:
    name = safe(result["name"], 100)
    if outcome(result) == "not_judged":
        said = safe(result.get("message") or "no law was judged")
        ours = is_ungraded(result)
        kind, reason = ("error", "grader") if ours else ("failure", "submission")
        text = f"{said}\nThere is no grade; judge it again." if ours else said
        yield Case(name, "the submission is judged", kind, reason, said, text)
    for entry in result.get("laws", ()):
        yield _case(f"{name}.{entry['topic']}", entry, facts)


def _case(group: str, entry: Entry, facts: Known) -> Case:
    status, law = str(entry["status"]), str(entry["law"])
    said = safe(entry.get("message") or "")
    seconds = float(entry.get("seconds") or 0)
    if is_ours(entry):
        return Case(group, law, "error", "grader", said, said, seconds)
    if counts(entry) or warns(entry):
        verdict = verdict_of(entry, facts.latex.get(law, ""))
        text = plain(rows(verdict, facts.says, verbose=True))[:MOST]
        line = facts.diagnosis(entry) or said or facts.statement(law)
        if warns(entry):
            return Case(group, law, text=f"warning, it does not count: {text}", seconds=seconds)
        kind = "failure" if status in FAILURES else "error"
        return Case(group, law, kind, status, line, text, seconds)
    if status in ("skip", "missing"):
        aside = "not required: " if status == "missing" else ""
        return Case(group, law, "skipped", message=f"{aside}{said}", seconds=seconds)
    return Case(group, law, text=said if status == "deviates" else "", seconds=seconds)


def _element(case: Case) -> str:
    head = f"<testcase classname={quoteattr(legal(case.group))} name={quoteattr(legal(case.name))}"
    head += f' time="{case.seconds:.4f}"'
    if case.kind == "skipped":
        return f"{head}><skipped message={quoteattr(legal(case.message))}/></testcase>\n"
    if case.kind:
        about = f"message={quoteattr(legal(case.message))} type={quoteattr(case.reason)}"
        return f"{head}><{case.kind} {about}>{escape(legal(case.text))}</{case.kind}></testcase>\n"
    if case.text:
        return f"{head}><system-out>{escape(legal(case.text))}</system-out></testcase>\n"
    return f"{head}/>\n"


def legal(text: str) -> str:
    """The text without what XML 1.0 does not allow (section 2.2), and without direction overrides."""
    return "".join(c if c in "\n\t" or (c.isprintable()) else "?" for c in text)
