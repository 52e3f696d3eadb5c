"""`results.json` for Gradescope: a test for each item of the rubric, and points that add up.

The format: https://gradescope-autograders.readthedocs.io/en/latest/specs/.  A result that must have no
grade is not written at all: where results.json is missing, Gradescope says "The autograder failed to
execute correctly" and gives no score, so that staff run it again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from lawbook.report.facts import Report, amount, incomplete
from lawbook.report.formats import Unsuitable, View
from lawbook.report.itemized import Told
from lawbook.report.known import known
from lawbook.report.values import safe
from lawbook.rubrics import Rubric, seen, ungraded
from lawbook.rubrics.model import UNTIL
from lawbook.rubrics.points import total_of

Json = dict[str, Any]


def write(report: Report, view: View) -> str:
    """The results of one hand-in; raises Unsuitable where there must be no score."""
    rubric = view.rubric
    if not isinstance(rubric, Rubric):
        raise Unsuitable("gradescope: a score needs a rubric, --rubric FILE")
    if view.is_student:
        raise Unsuitable("gradescope: it says itself what students see; leave out --students")
    result = chosen(report["subjects"], rubric)
    several = len(report["subjects"]) > 1
    return json.dumps(_results(report, result, rubric, several), indent=1, allow_nan=False) + "\n"


def chosen(results: Sequence[Mapping[str, Any]], rubric: Rubric) -> Mapping[str, Any]:
    """The result that counts: of several in one hand-in the one with the fewest points.

    Raises Unsuitable where one of them must have no grade.
    """
    for result in results:
        if result["grade"] is None:
            reason = ungraded(result, rubric) or "it has no grade"
            raise Unsuitable(f"there is no score for {safe(result['name'], 60)}: {safe(reason)}")
    if not results:
        raise Unsuitable("there is no result to score")
    found: Mapping[str, Any] = min(results, key=lambda result: result["grade"]["points"])
    return found


def _results(report: Report, result: Mapping[str, Any], rubric: Rubric, several: bool) -> Json:
    shown = seen(result, rubric)
    told = Told(shown, known({**report, "subjects": [shown]}), rubric.students)
    tests = [_test(item, told.item(item)) for item in shown["grade"]["items"]]
    if not rubric.hidden_points:
        tests += _hidden(result, rubric)
    grade = result["grade"]
    due = total_of(tests, "score")
    if (
        due != grade["points"]
    ):  # the cap is on the sum of all, and so far on that of the visible ones
        tests.append(_cap(grade["points"], due, UNTIL[rubric.hidden_until]))
    for number, test in enumerate(tests, 1):
        test["number"] = str(number)
    return {
        "score": grade["points"],
        "output": _about(report, shown, told, several),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": tests,
        "extra_data": {
            "lawbook": safe(report["lawbook"]),
            "rubric": rubric.name,
            "course": shown["course"],
            "profile": shown["profile"],
        },
    }


def _test(item: Mapping[str, Any], output: str, visibility: str = "visible") -> Json:
    whole = item["status"] in ("passed", "excluded") or (
        item["status"] == "" and item["points"] >= item["of"]
    )
    return {
        "name": safe(item["name"]),
        "score": item["points"],
        "max_score": item["of"],
        "status": "passed" if whole else "failed",
        "output": output,
        "visibility": visibility,
    }


def _hidden(result: Mapping[str, Any], rubric: Rubric) -> list[Json]:
    """The hidden items, which Gradescope shows to staff, and to students when the rubric says so."""
    when = UNTIL[rubric.hidden_until]
    items = [item for item in result["grade"]["items"] if item["hidden"]]
    return [_test(item, safe(item["message"]), when) for item in items]


def _cap(points: float, due: float, visibility: str) -> Json:
    """What makes the tests add up to a capped score; shown no sooner than what is hidden."""
    over = total_of([{"points": points}, {"points": -due}], "points")
    item = {"name": "cap", "points": over, "of": 0, "status": "passed"}
    return _test(item, "", visibility)


def _about(report: Report, shown: Mapping[str, Any], told: Told, several: bool) -> str:
    """The text above the tests."""
    grade, lines = shown["grade"], []
    if shown["message"]:
        lines.append(safe(shown["message"]))
    lines.append(
        f"{amount(grade['points'])} of {amount(grade['of'])} points ({safe(grade['rubric'])})"
    )
    lines += [told.others(grade["items"])]
    if several:
        found = len(report["subjects"])
        lines.append(
            f"{found} submissions were handed in as one: that with the fewest points counts."
        )
    lines += [incomplete(report), *(safe(note) for note in shown["notes"])]
    return "\n".join(filter(None, lines))
