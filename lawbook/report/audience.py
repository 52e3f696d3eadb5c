"""What a reader may see of a report: scored and filtered once for all formats, before a writer gets it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lawbook.report.formats import Report, View

FOLDER = re.compile(r"^sys\.path\.insert\(0, .*\)  # the submission's folder$", re.MULTILINE)
OWN_FOLDER = "sys.path.insert(0, '.')  # the folder of your submission"


def prepared(report: Report, view: View) -> dict[str, Any]:
    """The report as its reader may see it; raises `rubrics.BadRubric` for a level that is none."""
    found = dict(report)
    results = list(found.get("subjects", ()))
    if view.rubric is not None:
        from lawbook.rubrics import graded

        results = [graded(result, view.rubric) for result in results]
    if view.is_student:
        from lawbook.rubrics import seen

        level = view.audience
        shown = (seen(result, view.rubric or level, level) for result in results)
        results = [_without_the_grader(result) for result in shown]
        found["seed"] = None  # whoever knows it can foresee the cases
    found["subjects"] = results
    return found


def _without_the_grader(result: Mapping[str, Any]) -> dict[str, Any]:
    """The result without what is the grader's alone: its folders, its seed, which layers it lacks."""
    isolation = dict(result.get("isolation") or {})
    if isolation:
        isolation |= {"layers": [], "not_active": []}
    laws = [{**law, "repro": _own(law.get("repro"))} for law in result.get("laws", ())]
    return {**result, "path": None, "seed": None, "isolation": isolation, "laws": laws}


def _own(script: str | None) -> str | None:
    """A script that looks for the submission where its reader is."""
    return None if script is None else FOLDER.sub(OWN_FOLDER, script)
