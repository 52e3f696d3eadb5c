"""The table of contents: all laws by topic, as text and as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from lawbook import __version__
from lawbook.laws import Law
from lawbook.mistakes import discover
from lawbook.report.equations import readable
from lawbook.report.terminal import emit, terminal


def kills() -> dict[str, list[str]]:
    """The mistakes that break each law, by the law's id."""
    found: dict[str, list[str]] = {}
    for one in discover().values():
        for law in one.breaks:
            found.setdefault(law, []).append(one.id)
    return found


def print_laws(laws: Sequence[Law]) -> None:
    """Print the laws by topic, with what each says and which mistakes it finds."""
    console, killed = terminal(sys.stdout), kills()
    for topic, group in groupby(laws, lambda law: law.topic):
        members = list(group)
        count = f"{len(members)} law{'s' * (len(members) > 1)}"
        emit(console, Text.assemble((topic, "bold"), (f"  {count}", "dim")))
        for law in members:
            emit(console, _entry(law, killed.get(law.id, [])))
        emit(console, Text())


def _entry(law: Law, killed: Sequence[str]) -> RenderableType:
    weight = "" if law.severity == "error" else f"  {law.severity}"
    name = law.id.partition(".")[2]
    head = Text.assemble((name, "cyan"), (f"  {law.operation}", "dim"), (weight, "yellow"))
    lines = [Text(readable(law.statement)), Text(law.source, "dim")]
    if killed:
        names = ", ".join(name.removeprefix(f"{law.topic}.") for name in killed)
        lines.append(Text(f"finds {names}", "dim"))
    parts: list[RenderableType] = [Padding(line, (0, 0, 0, 6)) for line in lines if line]
    return Group(Padding(head, (0, 0, 0, 2)), *parts)


def print_json(laws: Sequence[Law]) -> None:
    """Print the laws as JSON."""
    killed = kills()
    entries = [_data(law, killed.get(law.id, [])) for law in laws]
    print(json.dumps({"format": 1, "lawbook": __version__, "laws": entries}, indent=1))


def _data(law: Law, killed: list[str]) -> dict[str, Any]:
    return {
        "id": law.id,
        "topic": law.topic,
        "operation": law.operation,
        "statement": law.statement,
        "equation": readable(law.statement),
        "severity": law.severity,
        "statistical": law.statistical,
        "source": law.source,
        "rows": list(law.rows),
        "inputs": {name: domain.says for name, domain in law.inputs.items()},
        "kills": killed,
    }
