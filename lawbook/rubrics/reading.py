"""Reading a rubric: every mistake in the file is one sentence with the place and the value."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from lawbook.rubrics.cycles import check_needs
from lawbook.rubrics.model import (
    LEVELS,
    MISSING,
    MODES,
    SKIPPED,
    UNTIL,
    BadRubric,
    Item,
    Laws,
    Rubric,
    Rules,
)
from lawbook.rubrics.names import Names
from lawbook.rubrics.values import Table

LARGEST = 1 << 20  # bytes
RULES = ("mode", "warnings", "timeout", "when_skipped", "missing")
TOP = (
    *("name", "course", "profile", "students", "cap", "round", *RULES[1:]),
    *("hidden", "hidden_points", "hidden_until", "items"),
)
OWN = (
    "name",
    "points",
    "laws",
    "topics",
    "operations",
    *RULES,
    "weights",
    "needs",
    "bonus",
    "hidden",
)


def read(path: str | Path) -> Rubric:
    """The rubric in a TOML file; raises BadRubric with what is wrong and where."""
    try:
        with open(path, "rb") as file:
            data = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BadRubric(f"{path}: the rubric cannot be read: {reason}") from None
    if len(data) > LARGEST:
        raise BadRubric(f"{path}: a rubric of more than {LARGEST >> 20} MiB is none")
    try:
        return parse(data)
    except BadRubric as error:
        raise BadRubric(f"{path}: {error}") from None


def parse(data: bytes) -> Rubric:
    """The rubric in the bytes of a TOML file; raises BadRubric."""
    import tomllib

    try:
        found = tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise BadRubric("it is not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise BadRubric(f"this is not TOML: {error}") from None
    except RecursionError:
        raise BadRubric("this is not TOML that a rubric needs: it is nested too deep") from None
    return _rubric(Table(found, TOP))


def _rubric(table: Table) -> Rubric:
    course, profile = table.text("course", None), table.text("profile", None)
    names = Names(course, profile)
    rules = _rules(table, Rules())
    tables = table.tables("items", OWN)
    items = tuple(_item(one, rules, names) for one in tables)
    if not items:
        raise BadRubric("it has no [[items]]")
    _unique([item.name for item in items])
    rubric = Rubric(
        name=table.text("name"),
        items=items,
        course=course or names.course,
        profile=profile,
        students=table.choice("students", LEVELS, Rubric.students),
        cap=table.number("cap", None, above=0),
        round=table.number("round", 0.0, least=0.0),
        hidden=Laws(ids=names.laws(table.texts("hidden"), "hidden")),
        hidden_points=table.flag("hidden_points", True),
        hidden_until=table.choice("hidden_until", tuple(UNTIL), Rubric.hidden_until),
    )
    if not rubric.total:
        raise BadRubric("all its items are a bonus, or none has points")
    check_needs(rubric, names)
    return rubric


def _rules(table: Table, given: Rules) -> Rules:
    """How laws come to points, where a table says so; `given` otherwise."""
    free = {"free": 0.0}
    return Rules(
        mode=table.choice("mode", MODES, given.mode) if "mode" in table.known else given.mode,
        warnings=table.number("warnings", given.warnings, least=0, most=1, words=free),
        timeout=table.number("timeout", given.timeout, least=0, below=1),
        when_skipped=table.choice("when_skipped", SKIPPED, given.when_skipped),
        missing=table.choice("missing", MISSING, given.missing),
    )


def _item(table: Table, rules: Rules, names: Names) -> Item:
    laws = Laws(
        names.laws(table.texts("laws"), table.place("laws")),
        names.topics(table.texts("topics"), table.place("topics")),
        names.operations(table.texts("operations"), table.place("operations")),
    )
    if laws == Laws():
        raise BadRubric(f"{table.at} names no laws, topics or operations")
    return Item(
        name=table.text("name"),
        points=table.number("points", above=0),
        laws=laws,
        rules=_rules(table, rules),
        weights=tuple(table.weights("weights", lambda glob, at: names.laws((glob,), at))),
        needs=table.texts("needs"),
        bonus=table.flag("bonus", False),
        hidden=table.flag("hidden", False),
    )


def _unique(names: Collection[str]) -> None:
    found: Mapping[str, Any] = dict.fromkeys(names)
    if len(found) != len(names):
        twice = next(name for name in found if list(names).count(name) > 1)
        raise BadRubric(f"two items are called {twice!r:.60}")
    for name in names:
        if name in ("cap", "hidden tests"):
            raise BadRubric(f"an item cannot be called {name!r}: reports call something else so")
