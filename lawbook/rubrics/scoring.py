"""From the verdicts of a result to points: a pure function of its JSON.

An item whose prerequisite fails is skipped as a whole, whatever its own laws say: its points are not
awarded ("zero") or spread over the other items ("excluded"), and the report names the root cause alone.
Laws that do not apply to a submission, as its conventions are, neither earn nor cost; the points of an item
of which nothing applies are spread, so that the total is the same for everybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from lawbook.rubrics.judged import Line, lines_of, matching
from lawbook.rubrics.model import Result, Rubric
from lawbook.rubrics.points import FINEST, cap_item, exact, number, rounded
from lawbook.rubrics.skipping import with_skipped
from lawbook.verdicts import is_ours


def score(result: Result, rubric: Rubric) -> dict[str, Any] | None:
    """The grade of a result: {points, of, items, rubric}; None where there must be none (`ungraded`).

    The points of the items add up to the points; what a cap takes away is an item of its own.
    """
    return _grade(lines_of(result, rubric), rubric) if not _without(result, rubric) else None


def graded(result: Result, rubric: Rubric) -> dict[str, Any]:
    """The result with its grade as a reader is to find it: skipped laws say why, no grade says why."""
    found = {**result, "grade": score(result, rubric)}
    if found["grade"] is None and not result["message"]:
        reason = ungraded(result, rubric)
        found["notes"] = [*result["notes"], f"no grade by the rubric {rubric.name}: {reason}"]
    return with_skipped(found)


def ungraded(result: Result, rubric: Rubric) -> str:
    """Why a result has no grade by a rubric, in one sentence; empty where it has one."""
    reason = _without(result, rubric)
    if not reason and _grade(lines_of(result, rubric), rubric) is None:
        return "nothing of the rubric applies to it"
    return reason


def _without(result: Result, rubric: Rubric) -> str:
    """Why there is nothing to make a grade of."""
    if result["fault"] == "submission":
        return ""
    if result["fault"] == "grader" or result["message"]:
        return f"it was not judged, by no fault of the submission: {result['message']}"
    ours = [entry["law"] for entry in result["laws"] if is_ours(entry)]
    if ours:
        more = f" and {len(ours) - 1} more" if len(ours) > 1 else ""
        return f"Lawbook itself failed on {ours[0]}{more}"
    if not result["laws"]:
        return "no law was judged"
    for kind in ("course", "profile"):
        wanted, found = getattr(rubric, kind), result[kind]
        if wanted is not None and found != wanted:
            return f"the rubric is for the {kind} {wanted}, it was judged as {found}"
    return _unjudged(result, rubric)


def _unjudged(result: Result, rubric: Rubric) -> str:
    """What a rubric is about and a result has no verdict on."""
    known = {str(entry[key]) for entry in result["laws"] for key in ("law", "operation")}
    for item in rubric.items:
        named = [law for law in item.laws.ids if not set("*?[") & set(law)]
        for name in (*named, *item.laws.operations):
            if name not in known:
                return f"{name} of {item.name!r} was not judged"
        if not rubric.entries(item, result["laws"]):
            return f"no law of {item.name!r} was judged"
        for need in item.needs:
            if rubric.item(need) is None and not matching(result, need):
                return f"{need}, which {item.name!r} needs, was not judged"
    return ""


def _grade(lines: Sequence[Line], rubric: Rubric) -> dict[str, Any] | None:
    """The grade that items add up to; None where none of the visible or of the hidden ones applies."""
    for hidden in (False, True):
        group = [one for one in lines if one.item.hidden == hidden and not one.item.bonus]
        if group and all(one.value is None for one in group):
            return None
    _give_points(lines, rubric)
    items = [_as_json(line) for line in lines]
    total = sum((line.points for line in lines), Fraction(0))
    cap = exact(rubric.cap) if rubric.cap is not None else total
    if total > cap:
        items.append(cap_item(number(cap - total), number(cap)))
    due = sum((line.of for line in lines), Fraction(0))
    points = number(min(total, cap))
    return {"points": points, "of": number(due), "items": items, "rubric": rubric.name}


def _give_points(lines: Sequence[Line], rubric: Rubric) -> None:
    """Points to the items; those of items that do not apply are spread over those that do.

    What students do not see takes no part in the spreading of what they see, and the other way round.
    """
    for hidden in (False, True):
        group = [one for one in lines if one.item.hidden == hidden and not one.item.bonus]
        applying = [one for one in group if one.value is not None]
        total, base = (
            sum((exact(one.item.points) for one in some), Fraction(0)) for some in (group, applying)
        )
        left = total
        for one in applying:
            own = exact(one.item.points)
            one.of = rounded(own * total / base, FINEST) if base else own
            left -= one.of
        if applying:
            applying[-1].of += left  # what rounding left over: the total is the same for everybody
    for line in lines:
        worth = exact(line.item.points) if line.item.bonus else line.of
        if line.value == 1:
            line.points = worth
        elif line.value:
            step = exact(rubric.round) if rubric.round else FINEST
            line.points = min(rounded(worth * line.value, step), worth)


def _as_json(line: Line) -> dict[str, Any]:
    item = line.item
    bonus = f"bonus, up to {number(exact(item.points))}" if item.bonus else ""
    return {
        "name": item.name,
        "points": number(line.points),
        "of": number(line.of),
        "status": line.status,
        "message": "; ".join(filter(None, (bonus, line.message))),
        "hidden": item.hidden,
        "laws": [str(entry["law"]) for entry in line.entries],
    }
