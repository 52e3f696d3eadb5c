"""A gradebook as CSV: one row per submission, for a spreadsheet or a learning platform.

RFC 4180: fields in quotes where they need them, lines that end in CR LF.  It starts with a byte order mark,
without which Excel reads UTF-8 as another encoding; LibreOffice, Numbers and Python's "utf-8-sig" skip it.
A cell that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, CSV injection).
A submission without a grade has an empty cell for points and a status that says why; it never gets 0.
Every row says whether the report is complete: a line of its own would look like a submission.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping
from typing import Any

from lawbook.report.facts import (
    Report,
    Result,
    amount,
    hand_ins,
    incomplete,
    outcome,
    points,
    problem,
    warnings,
    why_ungraded,
)
from lawbook.report.formats import View
from lawbook.report.known import Known, known
from lawbook.report.values import safe

BYTE_ORDER_MARK = "\ufeff"
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")
IDENTITY = ("hand_in", "name", "id", "email", "submission", "course", "profile")
NUMBERS = ("holds", "fails", "missing", "not_run", "warnings", "seconds")
COLUMNS = (*IDENTITY, "status", "points", "of", *NUMBERS, "first_problem", "report")


def write(report: Report, view: View) -> str:
    """The gradebook of a report."""
    facts, rows = known(report), io.StringIO()
    writer = csv.writer(rows, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    whole = incomplete(report) or "complete"
    for hand_in, results in hand_ins(report).items():
        writer.writerows([*_row(hand_in, result, facts), whole] for result in results)
    return BYTE_ORDER_MARK + rows.getvalue()


def cell(text: object) -> str:
    """Untrusted text as a cell: one line, and no formula."""
    line = safe(text)
    return f"'{line}" if line.lstrip(" \"'").startswith(FORMULA) else line


def _row(hand_in: str, result: Result, facts: Known) -> list[str]:
    found = result.get("student")
    student: Mapping[str, Any] = found if isinstance(found, Mapping) else {}
    scored = points(result)
    count = Counter(_kind(entry) for entry in result.get("laws", ()))
    texts = (
        hand_in,
        student.get("name") or "",
        student.get("id") or "",
        student.get("email") or "",
        result["name"],
        result.get("course") or "",
        result.get("profile") or "",
        _status(result),
    )
    grade = [amount(value) for value in scored] if scored else ["", ""]
    numbers = [str(count[kind]) for kind in ("holds", "fails", "missing", "not_run")]
    numbers += [str(len(warnings(result))), f"{float(result.get('seconds', 0)):.2f}"]
    judged = numbers if result.get("laws") else ["", "", "", "", "", numbers[-1]]
    return [*map(cell, texts), *grade, *judged, cell(problem(result, facts))]


def _status(result: Result) -> str:
    reason = why_ungraded(result)
    if outcome(result) == "not_judged":
        return reason or "not judged: the submission could not be loaded or taken in"
    return f"{outcome(result)}, but {reason}" if reason else outcome(result)


def _kind(entry: Mapping[str, Any]) -> str:
    kinds = {"pass": "holds", "missing": "missing", "skip": "not_run", "deviates": "holds"}
    kind = kinds.get(entry["status"], "fails")
    mild = kind in ("fails", "missing") and entry.get("severity") != "error"
    return "aside" if mild else kind
