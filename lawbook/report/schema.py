"""The report's format as JSON Schema (draft 2020-12), and a check of stored reports against it.

`schema.json` is published in the package.  The check reads the part of JSON Schema that it uses and refuses
any other keyword, so that the two cannot drift apart.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, TypeAlias

from lawbook.report.values import safe

Schema: TypeAlias = Mapping[str, Any]
TYPES: dict[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
}
SAYS_NOTHING = frozenset({"$schema", "$id", "$defs", "title", "description"})


def text() -> str:
    """The schema as it is published."""
    return files(__package__).joinpath("schema.json").read_text("utf-8")


@cache
def schema() -> Schema:
    """The schema as data."""
    found: Schema = json.loads(text())
    return found


def problem(document: object) -> str:
    """The first thing in which a document is no report, as "where: what"; empty where it is one."""
    return _problem(document, schema(), "")


def _problem(value: Any, rule: Schema, where: str) -> str:
    """What is wrong with a value at a place."""
    for keyword, wanted in rule.items():
        if keyword in SAYS_NOTHING:
            continue
        found = CHECKS[keyword](value, wanted, where, rule)
        if found:
            return found
    return ""


def _at(where: str, what: str) -> str:
    return f"{where.removeprefix('.') or 'the document'}: {what}"


def _brief(value: Any) -> str:
    return safe(json.dumps(value)[:200], 40)


def _ref(value: Any, wanted: str, where: str, rule: Schema) -> str:
    return _problem(value, schema()["$defs"][wanted.removeprefix("#/$defs/")], where)


def _type(value: Any, wanted: Any, where: str, rule: Schema) -> str:
    names = [wanted] if isinstance(wanted, str) else wanted
    if any(TYPES[name](value) for name in names):
        return ""
    return _at(where, f"{_brief(value)} is no {' or '.join(names)}")


def _const(value: Any, wanted: Any, where: str, rule: Schema) -> str:
    same = value == wanted and type(value) is type(wanted)
    return "" if same else _at(where, f"{_brief(value)} is not {wanted!r}")


def _enum(value: Any, wanted: list[str], where: str, rule: Schema) -> str:
    if isinstance(value, str) and value in wanted:
        return ""
    return _at(where, f"{_brief(value)} is none of {', '.join(map(repr, wanted))}")


def _any_of(value: Any, wanted: list[Schema], where: str, rule: Schema) -> str:
    found = [_problem(value, one, where) for one in wanted]
    return "" if not all(found) else found[-1]


def _required(value: Any, wanted: list[str], where: str, rule: Schema) -> str:
    missing = [name for name in wanted if isinstance(value, dict) and name not in value]
    return _at(where, f"it has no {missing[0]}") if missing else ""


def _properties(value: Any, wanted: Mapping[str, Schema], where: str, rule: Schema) -> str:
    if not isinstance(value, dict):
        return ""
    found = (_problem(value[n], one, f"{where}.{n}") for n, one in wanted.items() if n in value)
    return next(filter(None, found), "")


def _additional(value: Any, wanted: Any, where: str, rule: Schema) -> str:
    others = [name for name in value if name not in rule.get("properties", ())] if value else []
    if not isinstance(value, dict) or not others:
        return ""
    if wanted is False:
        return _at(where, f"{safe(others[0], 40)} is not known")
    found = (_problem(value[name], wanted, f"{where}.{safe(name, 40)}") for name in others)
    return next(filter(None, found), "")


def _items(value: Any, wanted: Schema, where: str, rule: Schema) -> str:
    if not isinstance(value, list):
        return ""
    found = (_problem(item, wanted, f"{where}[{at}]") for at, item in enumerate(value))
    return next(filter(None, found), "")


def _minimum(value: Any, wanted: float, where: str, rule: Schema) -> str:
    low = TYPES["number"](value) and not value >= wanted
    return _at(where, f"{_brief(value)} is below {wanted}") if low else ""


def _pattern(value: Any, wanted: str, where: str, rule: Schema) -> str:
    bad = isinstance(value, str) and not re.search(wanted, value)
    return _at(where, f"{_brief(value)} does not match {wanted}") if bad else ""


CHECKS: dict[str, Callable[[Any, Any, str, Schema], str]] = {
    "$ref": _ref,
    "type": _type,
    "const": _const,
    "enum": _enum,
    "anyOf": _any_of,
    "required": _required,
    "properties": _properties,
    "additionalProperties": _additional,
    "items": _items,
    "minimum": _minimum,
    "pattern": _pattern,
}
