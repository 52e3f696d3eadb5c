"""The items of a rubric by the verdicts on their laws, and those that are skipped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from lawbook.rubrics.model import Entry, Item, Result, Rubric, meant
from lawbook.rubrics.points import exact
from lawbook.verdicts import NOT_HELD

ONE = Fraction(1)


@dataclass(eq=False, repr=False)
class Line:
    """An item with what was judged of it; `value` is the share of its points, None where nothing applies."""

    item: Item
    entries: Sequence[Entry]
    value: Fraction | None = None
    status: str = "excluded"
    message: str = "nothing of it applies here"
    wrong: list[Entry] = field(default_factory=list)
    root: str = ""  # why it is skipped: the name of what fails
    of: Fraction = Fraction(0)
    points: Fraction = Fraction(0)


def lines_of(result: Result, rubric: Rubric) -> list[Line]:
    """The items as judged, in the order of the rubric, those skipped whose prerequisites fail."""
    if result["fault"] == "submission":
        said = f"it could not be judged: {result['message']}"
        return [Line(item, (), Fraction(0), "failed", said) for item in rubric.items]
    lines = {item.name: _line(item, rubric.entries(item, result["laws"])) for item in rubric.items}
    wrong = {name: bool(line.wrong) for name, line in lines.items()}

    def root(name: str) -> str:
        """The first thing that fails of what an item needs, itself followed to its own cause."""
        line = lines[name]
        for need in line.item.needs if not line.root else ():
            if need in lines:
                line.root = root(need) or (need if wrong[need] else "")
            elif any(map(_fails, matching(result, need))):
                line.root = need
            if line.root:
                break
        return line.root

    for name, line in lines.items():
        if root(name):
            zero = line.item.rules.when_skipped == "zero"
            line.value = Fraction(0) if zero else None
            line.status, line.message = "skipped", f"skipped because {line.root} failed"
    return list(lines.values())


def matching(result: Result, name: str) -> list[Entry]:
    """The laws that a name means, of laws, a topic or an operation."""
    laws = meant([name])
    return [entry for entry in result["laws"] if laws.match(entry)]


def _line(item: Item, entries: Sequence[Entry]) -> Line:
    """An item by its own laws."""
    line = Line(item, entries)
    values = [(entry, value(item, entry)) for entry in entries if item.weight(str(entry["law"]))]
    counted = [(entry, found) for entry, found in values if found is not None]
    if not counted:
        if any(entry["status"] == "missing" for entry in entries):
            line.message = "not required, and not there"
        return line
    if all(found == 1 for _, found in counted):
        line.value = ONE
    elif item.rules.mode == "all":
        line.value = min(found for _, found in counted)
    else:
        weights = [exact(item.weight(str(entry["law"]))) for entry, _ in counted]
        sums = sum((w * v for w, (_, v) in zip(weights, counted, strict=True)), Fraction(0))
        line.value = sums / sum(weights)
    less = [entry for entry, found in counted if found < 1]
    line.wrong = [e for e in less if _fails(e) or item.laws.name(str(e["law"]))]
    line.status = "passed" if not less else "partial" if line.value else "failed"
    line.message = _said(less, len(counted))
    return line


def value(item: Item, entry: Entry) -> Fraction | None:
    """What a law is worth: 1 where it holds, 0 where not; None where it takes no part."""
    rules, status = item.rules, entry["status"]
    if status == "skip":
        return None
    named = item.laws.name(str(entry["law"]))
    warned = entry["severity"] != "error" and not named
    if status == "missing" and entry["severity"] != "error":
        return Fraction(0) if rules.missing == "zero" or named else None
    if warned:
        cost = exact(rules.warnings)
        return None if not cost else ONE - cost if status in NOT_HELD else ONE
    if status == "timeout":
        return exact(rules.timeout)
    return Fraction(0) if status in NOT_HELD else ONE


def _fails(entry: Entry) -> bool:
    return entry["status"] in NOT_HELD and entry["severity"] == "error"


def _said(less: Sequence[Entry], count: int) -> str:
    """What is wrong, in numbers alone: nothing of a submission's text is in it."""
    if not less:
        return ""
    if all(entry["status"] == "missing" for entry in less) and len(less) == count:
        return "missing: " + ", ".join(dict.fromkeys(str(entry["operation"]) for entry in less))
    said = f"{len(less)} of {count} laws {'does' if len(less) == 1 else 'do'} not hold"
    slow = sum(entry["status"] == "timeout" for entry in less)
    mild = sum(entry["severity"] != "error" for entry in less)
    said += f", {slow} of them out of time" if slow else ""
    return said + (f", {mild} of them warnings" if mild else "")
