"""What every format says of a report: outcomes, points, what counts, how often, and why something is missing.

All of it is computed from the JSON (format 2); entries that a student's view left out are simply not there.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from lawbook.report.known import Known
from lawbook.report.values import safe
from lawbook.verdicts import NOT_HELD, is_ours

Report: TypeAlias = Mapping[str, Any]
Result: TypeAlias = Mapping[str, Any]
Entry: TypeAlias = Mapping[str, Any]

OUTCOMES = {"holds": "all laws hold", "fails": "some laws do not hold", "not_judged": "not judged"}
MARKS = {"holds": "✓", "fails": "✗", "not_judged": "?"}
STATUSES = {
    "pass": "holds",
    "fail": "does not hold",
    "error": "raised an exception",
    "missing": "is missing",
    "timeout": "took too long",
    "crash": "ended the process",
    "skip": "not run",
    "deviates": "deviates as the course says",
}
LAW_ID = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")


def counts(entry: Entry) -> bool:
    """Whether a law's verdict counts against the submission."""
    return entry["status"] in NOT_HELD and entry.get("severity") == "error"


def warns(entry: Entry) -> bool:
    """Whether a law does not hold, without counting."""
    return entry["status"] in NOT_HELD and not counts(entry) and entry["status"] != "missing"


def against(result: Result) -> list[Entry]:
    """The laws that count against a result."""
    return [entry for entry in result.get("laws", ()) if counts(entry)]


def warnings(result: Result) -> list[Entry]:
    """The laws that do not hold but are only warned about."""
    return [entry for entry in result.get("laws", ()) if warns(entry)]


def outcome(result: Result) -> str:
    """ "holds", "fails" or "not_judged"."""
    found = result.get("outcome")
    if found in OUTCOMES:
        return str(found)
    if result.get("message") or not result.get("laws"):
        return "not_judged"
    return "fails" if against(result) else "holds"


def is_ungraded(result: Result) -> bool:
    """Whether there must be no grade: the fault is the grader's, or nothing was judged for no known fault."""
    return outcome(result) == "not_judged" and result.get("fault") != "submission"


def points(result: Result) -> tuple[float, float] | None:
    """Points and of how many; None where there is no grade, which is not the same as 0."""
    grade = result.get("grade")
    if not isinstance(grade, Mapping) or is_ungraded(result):
        return None
    return float(grade["points"]), float(grade["of"])


def amount(value: float) -> str:
    """A number of points without needless digits."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def why_ungraded(result: Result) -> str:
    """Why there is no grade, in one sentence; empty where there is one or no rubric was given."""
    if not is_ungraded(
        result
    ):  # a submission has notes too: ours is the last one, and of no grade only
        said = [note for note in result.get("notes", ()) if note.startswith("no grade by")]
        return said[-1] if said and result.get("grade") is None else ""
    ours = sum(map(is_ours, result.get("laws", ())))
    failed = f"Lawbook failed on {ours} law{'s' * (ours != 1)}" if ours else "no law was judged"
    return f"not judged, so there is no grade: {safe(result.get('message') or failed)}"


def incomplete(report: Report) -> str:
    """The sentence that says that a report is partial; empty where it is complete."""
    done, due = len(report.get("subjects", ())), report.get("expected")
    if report.get("complete", True) and (due is None or done >= due):
        return ""
    of = f"{done} of {due} submissions are in it" if due is not None else "the run did not end"
    return f"This report is partial: {of}."


def hand_ins(report: Report) -> dict[str, list[Result]]:
    """The results by hand-in, in the report's order."""
    found: dict[str, list[Result]] = {}
    for result in report.get("subjects", ()):
        found.setdefault(str(result.get("hand_in") or result["name"]), []).append(result)
    return found


def title(result: Result) -> str:
    """Whom a result is about: the student's name where it is known, and the submission's."""
    student = result.get("student")
    name = safe(result["name"], 80)
    who = safe(student.get("name") or "", 80) if isinstance(student, Mapping) else ""
    return f"{who} ({name})" if who and who != name else name


def short(law: str) -> str:
    """A law's name in words, without its topic; what is no law's id as it is."""
    name = law.partition(".")[2] if LAW_ID.fullmatch(law) else law
    return safe(name.replace("_", " "), 100)


def problem(result: Result, facts: Known) -> str:
    """The first thing that is wrong, in one sentence; empty where nothing is."""
    if result.get("message"):
        return safe(result["message"])
    failing = against(result)
    if not failing:
        return ""
    first = next((entry for entry in failing if entry.get("diagnosis")), failing[0])
    if said := facts.diagnosis(first):
        return said
    ran = first.get("expected") is not None or first.get("got") is not None
    what = short(first["law"]) if ran or not first.get("message") else first["operation"]
    return f"{what}: {safe(first.get('message') or STATUSES[first['status']])}"


def misconceptions(results: Iterable[Result]) -> list[tuple[str, int]]:
    """The likeliest mistakes with the number of submissions that made each, most frequent first."""
    made: Counter[str] = Counter()
    for result in results:
        first = {str(e["diagnosis"][0]) for e in result.get("laws", ()) if e.get("diagnosis")}
        made.update(first)
    return sorted(made.items(), key=lambda pair: (-pair[1], pair[0]))


def hardest(results: Iterable[Result]) -> list[tuple[str, int, int]]:
    """Each law that counted against someone: how many it failed for, of how many it was run for."""
    failed: Counter[str] = Counter()
    ran: Counter[str] = Counter()
    for result in results:
        for entry in result.get("laws", ()):
            if entry["status"] != "skip" and entry.get("severity") == "error":
                ran[str(entry["law"])] += 1
                failed[str(entry["law"])] += counts(entry)
    found = [(law, count, ran[law]) for law, count in failed.items() if count]
    return sorted(found, key=lambda row: (-row[1], -row[1] / row[2], row[0]))


def by_topic(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    """Entries by topic, in their order."""
    found: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        found[str(entry["topic"])].append(entry)
    return dict(found)


def totals(results: Sequence[Result]) -> str:
    """ "60 submissions: 41 hold, 15 fail, 4 could not be judged"."""
    count = Counter(map(outcome, results))
    words = {"holds": "hold", "fails": "fail", "not_judged": "could not be judged"}
    parts = [f"{count[name]} {word}" for name, word in words.items() if count[name]]
    number = "1 submission" if len(results) == 1 else f"{len(results)} submissions"
    return f"{number}: {', '.join(parts)}" if parts else number
