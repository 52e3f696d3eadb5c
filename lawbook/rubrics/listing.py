"""`lawbook rubric FILE --check`: the items with their laws, what is not covered and what is named twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lawbook.rubrics.model import Item, Rubric
from lawbook.rubrics.names import Names
from lawbook.rubrics.points import total_of

MOST = 12  # laws of a list that are named


def listing(rubric: Rubric) -> list[str]:
    """What there is to say of a rubric, line by line."""
    entries = _entries(rubric)
    of = {item.name: rubric.entries(item, entries) for item in rubric.items}
    wide = max(len(item.name) for item in rubric.items)
    lines = [f"{rubric.name}: {_about(rubric)}", ""]
    for item in rubric.items:
        laws = f"{len(of[item.name])} law{'s' * (len(of[item.name]) != 1)}"
        lines.append(f"  {item.name:<{wide}}  {item.points:>6g}  {laws:<9} {_rules(item)}".rstrip())
    total = total_of([{"points": i.points} for i in rubric.items if not i.bonus], "points")
    bonus = total_of([{"points": i.points} for i in rubric.items if i.bonus], "points")
    lines += [
        "",
        f"Total: {total:g} points" + (f", and up to {bonus:g} as a bonus" if bonus else ""),
    ]
    if rubric.cap is not None:
        lines.append(f"At most {rubric.cap:g} points are given")
    scored = [str(entry["law"]) for found in of.values() for entry in found]
    left = [str(e["law"]) for e in entries if str(e["law"]) not in set(scored)]
    lines += _named("in no item", left)
    lines += _named("in several items", sorted({law for law in scored if scored.count(law) > 1}))
    lines += _named("hidden from students", [str(e["law"]) for e in entries if rubric.hides(e)])
    nothing = [item.name for item in rubric.items if not of[item.name]]
    lines += [f"Nothing is left of {name!r}: its laws are hidden" for name in nothing]
    return lines


def is_sound(rubric: Rubric) -> bool:
    """Whether every item has a law, so that results can have a grade."""
    entries = _entries(rubric)
    return all(rubric.entries(item, entries) for item in rubric.items)


def _entries(rubric: Rubric) -> list[Mapping[str, str]]:
    """The laws of the rubric's course, as entries of a result."""
    known = Names(rubric.course, rubric.profile).known
    return [{"law": law.id, "topic": law.topic, "operation": law.operation} for law in known]


def _about(rubric: Rubric) -> str:
    parts = [f"course {rubric.course or 'any'}"]
    parts += [f"profile {rubric.profile}"] if rubric.profile else []
    parts += [f"students see: {rubric.students}"]
    return ", ".join(parts)


def _rules(item: Item) -> str:
    parts = ["all or nothing" if item.rules.mode == "all" else "by share"]
    parts += ["weighted"] if item.weights else []
    parts += [f"a warning costs {item.rules.warnings:g}"] if item.rules.warnings else []
    parts += ["bonus"] if item.bonus else []
    parts += ["hidden"] if item.hidden else []
    parts += [f"needs {', '.join(item.needs)}"] if item.needs else []
    return ", ".join(parts)


def _named(what: str, laws: Sequence[str]) -> list[str]:
    if not laws:
        return []
    more = [f"  and {len(laws) - MOST} more"] if len(laws) > MOST else []
    return ["", f"{len(laws)} laws {what}:", *(f"  {law}" for law in laws[:MOST]), *more]
