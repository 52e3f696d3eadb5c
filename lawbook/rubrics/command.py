"""`lawbook rubric`, and the rubric of the commands that judge or report."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Mapping
from typing import IO, Any

from lawbook.reporting import Refused
from lawbook.rubrics.model import BadRubric, Rubric
from lawbook.rubrics.reading import read
from lawbook.rubrics.scoring import score, ungraded


def rubric(options: Namespace) -> int:
    """Run the command: 0, or 1 where a rubric is checked by which nobody can have a grade; raises Refused."""
    if options.init:
        return _init(options)
    if options.file is None:
        raise Refused("which rubric? lawbook rubric FILE --check, or lawbook rubric --init")
    from lawbook.rubrics.listing import is_sound, listing

    found = opened(options.file)
    for line in listing(found):
        print("".join(c if c.isprintable() else "?" for c in line))
    return int(not is_sound(found))


def opened(path: str) -> Rubric:
    """The rubric in a file; raises Refused."""
    try:
        return read(path)
    except BadRubric as error:
        raise Refused(str(error)) from None


def rubric_of(options: Namespace) -> Rubric | None:
    """The rubric that a run of `grade` is for, which settles its course and profile; raises Refused."""
    path = getattr(options, "rubric", None)
    if path is None:
        return None
    if options.only is not None:
        raise Refused("--rubric scores all laws: it cannot be used with --only")
    found = opened(path)
    if options.profile is None:
        options.profile = found.profile
    elif found.profile not in (None, options.profile):
        raise Refused(f"{path} is for the profile {found.profile}, not for {options.profile}")
    if options.course == "auto" and found.course is not None:
        from lawbook.profiles import COURSES

        options.course = found.course if found.course in COURSES else options.course
    return found


def with_grades(report: Mapping[str, Any], rubric: Rubric | None) -> dict[str, Any]:
    """The report with a grade for each result; why one has none is said on standard error."""
    if rubric is None:
        return dict(report)
    for result in report["subjects"]:
        if reason := ungraded(result, rubric):
            from lawbook.report.values import safe

            print(
                f"lawbook: no grade for {safe(result['name'], 80)}: {safe(reason)}", file=sys.stderr
            )
    subjects = [{**result, "grade": score(result, rubric)} for result in report["subjects"]]
    return {**report, "subjects": subjects}


def show_grades(report: Mapping[str, Any], stream: IO[str]) -> None:
    """Print the points of each result, item by item."""
    from lawbook.report.facts import amount
    from lawbook.report.values import safe

    for result in report["subjects"]:
        grade = result["grade"]
        if grade is None:
            continue
        points = f"{amount(grade['points'])} of {amount(grade['of'])} points"
        print(f"\n{safe(result['name'], 80)}: {points} by {safe(grade['rubric'])}", file=stream)
        for item in grade["items"]:
            own = f"{amount(item['points'])}/{amount(item['of'])}"
            said = f"{safe(item['name'], 60)}  {safe(item['message'])}"
            print(f"  {own:>11}  {said}".rstrip(), file=stream)


def _init(options: Namespace) -> int:
    from lawbook.rubrics.template import profile_of, template

    if options.file is not None:
        raise Refused("--init makes a new rubric: --out FILE says where to")
    try:
        text = template(profile_of(options.course, options.profile))
    except BadRubric as error:
        raise Refused(str(error)) from None
    if options.out in (None, "-"):
        sys.stdout.write(text)
        return 0
    try:
        with open(os.open(options.out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "w") as file:
            file.write(text)
    except FileExistsError:
        raise Refused(f"{options.out}: it is there already, and stays as it is") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Refused(f"{options.out}: cannot be written: {reason}") from None
    return 0
