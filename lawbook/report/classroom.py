"""The result of a runner for GitHub Classroom: what its autograding reporter adds up.

The format is that which `classroom-resources/autograding-grading-reporter` reads, as its source has it
(`src/main.js`, `src/notify-classroom.js`): {version, status, max_score, tests}; a workflow passes it on in
base64.  The points that Classroom gets are the sum of the tests' scores, and none where `max_score` is 0:
so a result that must have no grade has none.  Its reader is the student, in whose repository it runs: it
has nothing of hidden items but their sum, where the rubric shows that.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lawbook.report.facts import Report, incomplete
from lawbook.report.formats import Unsuitable, View
from lawbook.report.gradescope import chosen
from lawbook.report.itemized import Told
from lawbook.report.known import known
from lawbook.report.values import safe
from lawbook.rubrics import Rubric, seen

VERSION = 1
Json = dict[str, Any]


def write(report: Report, view: View) -> str:
    """The result of one hand-in; status "error" and no points where there is no grade."""
    rubric = view.rubric
    if not isinstance(rubric, Rubric):
        raise Unsuitable("classroom: points need a rubric, --rubric FILE")
    return json.dumps(_result(report, rubric, view), indent=1, allow_nan=False) + "\n"


def _result(report: Report, rubric: Rubric, view: View) -> Json:
    try:
        result = chosen(report["subjects"], rubric)
    except Unsuitable:
        said = (
            "It could not be judged, by no fault of the submission; the course staff can tell more."
        )
        return _document("error", 0, [_test("Lawbook", "error", 0, said)])
    shown = result if view.is_student else seen(result, rubric)
    level = view.audience if view.is_student else rubric.students
    told = Told(shown, known({**report, "subjects": [shown]}), level)
    grade = shown["grade"]
    tests = [_of_item(item, told.item(item)) for item in grade["items"]]
    if partial := incomplete(report):
        tests.append(_test("The report is complete", "error", 0, partial))
    passed = all(test["status"] == "pass" for test in tests)
    return _document("pass" if passed else "fail", grade["of"], tests)


def _of_item(item: Mapping[str, Any], output: str) -> Json:
    whole = item["points"] >= item["of"] if item["of"] else item["status"] != "failed"
    return _test(safe(item["name"]), "pass" if whole else "fail", item["points"], output)


def _document(status: str, most: float, tests: list[Json]) -> Json:
    return {"version": VERSION, "status": status, "max_score": most, "tests": tests}


def _test(name: str, status: str, score: float, message: str) -> Json:
    place = {"test_code": "", "filename": "", "line_no": 0, "execution_time": ""}
    return {"name": name, "status": status, "score": score, "message": message, **place}
