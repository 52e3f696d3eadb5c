"""What a student sees of a result: a level of detail, and nothing at all of what is hidden.

Nobody outside the staff sees seeds, digests, paths of the grader's machine, layers of isolation or times.
Of hidden laws nothing is left: no entry, no count, no convention that they settled; the sum of the points
of hidden items stands there if the rubric shows it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from lawbook.rubrics.model import LEVELS, BadRubric, Entry, Result, Rubric
from lawbook.rubrics.points import cap_item, total_of
from lawbook.rubrics.skipping import BLANK, with_skipped
from lawbook.verdicts import NOT_HELD, is_ours

HIDDEN = "hidden tests"
OURS = "It could not be judged, by no fault of the submission; it has to be judged again."
SLOW = "it took too long"
PLACE = re.compile(r"(?<![\w.:/])/(?:[^\s/'\"<>|:,;()]+/)+")
SEED = re.compile(r"(seed\()\d+(\))")


def seen(result: Result, by: Rubric | str, level: str | None = None) -> dict[str, Any]:
    """The result as its student may see it, at a level or the rubric's own; raises BadRubric.

    Where only a level is given, what the result's grade hides is hidden, its points too.
    """
    rubric = by if isinstance(by, Rubric) else None
    level = known_level(level or (rubric.students if rubric else str(by)))
    result = with_skipped(result)
    hidden = hidden_laws(result, rubric)
    laws = [
        _entry(entry, level, result, bool(hidden))
        for entry in result["laws"]
        if entry["law"] not in hidden
    ]
    told = level != "law"
    ours = result["fault"] == "grader" or any(map(is_ours, result["laws"]))
    return {
        **result,
        "path": None,
        "student": None,
        "digest": None,
        "seed": None,
        "isolation": {},
        "seconds": 0.0,
        "conventions": _conventions(result, hidden) if told else {},
        "notes": [placeless(str(note), result) for note in result["notes"]]
        if told and not hidden
        else [],
        "message": OURS if ours else placeless(str(result["message"]), result),
        "fault": "grader" if ours else result["fault"],
        "outcome": _outcome(result, laws),
        "grade": None if ours else _grade(result, rubric),
        "summary": dict(Counter(entry["status"] for entry in laws)),
        "laws": [] if ours else laws,
    }


def known_level(name: str) -> str:
    """A level of detail; raises BadRubric for another name."""
    if name not in LEVELS:
        raise BadRubric(f"{name!r:.40} is no level of detail; known are {', '.join(LEVELS)}")
    return name


def hidden_laws(result: Result, rubric: Rubric | None) -> frozenset[str]:
    """The ids of the laws of a result that its student must not know of."""
    items = (result["grade"] or {}).get("items", ())
    found = {str(law) for item in items if item["hidden"] for law in item["laws"]}
    if rubric is not None:
        found |= {str(entry["law"]) for entry in result["laws"] if rubric.hides(entry)}
    return frozenset(found)


def placeless(text: str, result: Result) -> str:
    """Text without places on the grader's machine: the submission is `.`, other files their name."""
    place = str(result["path"] or "")
    inside = text.replace(place, ".") if len(place) > 1 else text
    return PLACE.sub("", inside)


def _entry(entry: Entry, level: str, result: Result, partly: bool) -> dict[str, Any]:
    """A law's entry as far as the level goes; `partly` where other laws are hidden."""
    status = str(entry["status"])
    skipped = status == "skip" and str(entry["message"]).startswith("skipped because")
    if level == "law":
        plain = "fail" if status in NOT_HELD and status != "missing" else status
        message = entry["message"] if skipped else ""
        return {
            **entry,
            **BLANK,
            "status": plain,
            "message": message,
            "examples": 0,
            "seconds": 0.0,
        }
    message = placeless(str(entry["message"]), result)
    if status == "timeout" and partly:  # it may tell how often others of its operation did
        message = SLOW
    stored = entry["counterexample"]
    script = entry["repro"]
    return {
        **entry,
        "seconds": 0.0,
        "message": message,
        "counterexample": stored and {**stored, "seed": None},
        "diagnosis": [] if level == "counterexample" else list(entry["diagnosis"]),
        "repro": script and SEED.sub(r"\g<1>0\2", placeless(str(script), result)),
    }


def _conventions(result: Result, hidden: frozenset[str]) -> dict[str, Any]:
    """The conventions of operations of topics of which no law is hidden: a law may settle those of all."""
    secret = {entry["topic"] for entry in result["laws"] if entry["law"] in hidden}
    known = {entry["operation"] for entry in result["laws"] if entry["topic"] not in secret}
    return {
        name: value
        for name, value in result["conventions"].items()
        if str(name).partition(".")[0] in known
    }


def _outcome(result: Result, laws: list[dict[str, Any]]) -> str:
    """The outcome as the visible laws are."""
    if result["outcome"] == "not_judged":
        return "not_judged"
    fails = any(one["status"] in NOT_HELD and one["severity"] == "error" for one in laws)
    return "fails" if fails else "holds"


def _grade(result: Result, rubric: Rubric | None) -> dict[str, Any] | None:
    """The grade without hidden items; their sum stands for them if the rubric shows it."""
    grade: Mapping[str, Any] | None = result["grade"]
    if grade is None:
        return None
    known = [item for item in grade["items"] if not item["hidden"]]
    secret = [item for item in grade["items"] if item["hidden"]]
    shown = [{**one, "message": placeless(str(one["message"]), result)} for one in known]
    if not secret:
        return {**grade, "items": shown}
    if rubric is not None and rubric.hidden_points:
        both = {"points": total_of(secret, "points"), "of": total_of(secret, "of")}
        blank = {"status": "", "message": "", "hidden": True, "laws": []}
        shown.append({"name": HIDDEN, **both, **blank})
        return {**grade, "items": shown}
    shown = [item for item in shown if item["status"] != "cap"]  # it was on the sum of all
    cap, points = rubric.cap if rubric else None, total_of(shown, "points")
    if cap is not None and points > cap:
        shown.append(cap_item(total_of([{"over": cap}, {"over": -points}], "over"), cap))
        points = cap
    return {**grade, "points": points, "of": total_of(shown, "of"), "items": shown}
