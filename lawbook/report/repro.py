"""Scripts of a few lines that reproduce a counterexample with NumPy and the target alone.

A script is the trace of the counterexample's calls, written out by the templates of a dialect.
"""

from __future__ import annotations

import ast
import inspect
import re
import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from lawbook.laws import reference_operations
from lawbook.operations import Call, Draw, Invoke, New, Seed
from lawbook.report.dialects import Dialect
from lawbook.report.equations import readable
from lawbook.report.literals import literal
from lawbook.report.values import shown
from lawbook.verdicts import Verdict

SHORT = 24  # characters of a literal that stays in place; a longer one gets a name
MOST_BLOCKS = 24  # calls written out, equal ones in a row counted once
IMPORT = re.compile(r"import \w|from [\w.]+ import ")


def script(verdict: Verdict, dialect: Dialect, where: str | None = None) -> str | None:
    """The script for a verdict with a counterexample; None where the dialect has no words for its calls.

    `where` is the submission's folder, from which the script imports.
    """
    if not verdict.trace:
        return None
    writer = _Writer(dialect, verdict.case or {}, beside=_beside(verdict.trace))
    try:
        blocks = [(list(block), count) for block, count in _repeated(writer, verdict.trace)]
    except (KeyError, IndexError):
        return None
    body = [line for block, count in blocks for line in _looped(block, count)]
    left = len(verdict.trace) - sum(count for _, count in blocks)
    if left:
        body.append(f"# and {left} more calls of this kind; `lawbook replay` makes them all")
    imports = [line for line in writer.imports if line != "import numpy as np"]
    head = f"# {verdict.law}: {readable(verdict.statement)}\n"
    if where:
        root = Path(where)
        if dialect.package and root.name.isidentifier():
            imports = [
                line.replace(f"from {dialect.package}.", f"from {root.name}.") for line in imports
            ]
            root = root.parent
        head += f"import sys\n\nsys.path.insert(0, {str(root)!r})  # the submission's folder\n"
    head += "import numpy as np\n"
    tail = f"# due: {_comment(verdict.expected)}" if verdict.expected is not None else ""
    parts = [head + "\n".join(imports), "\n".join(writer.values), "\n".join(body), tail]
    return "\n\n".join(part.rstrip() for part in parts if part.strip()) + "\n"


def _repeated(writer: _Writer, trace: Sequence[Call]) -> Iterator[tuple[tuple[str, ...], int]]:
    """The lines of the calls, at most `MOST_BLOCKS` different ones in a row, each with its repetitions."""
    written = (tuple(writer.call(call)) for call in trace)
    blocks = groupby(written)
    for _ in range(MOST_BLOCKS):
        try:
            lines, group = next(blocks)
        except StopIteration:
            return
        yield lines, len(list(group))


def _looped(lines: Sequence[str], count: int) -> Iterator[str]:
    """The lines, in a loop where they are to be run several times."""
    if count > 1:
        yield f"for _ in range({count}):"
    yield from (f"    {line}" if line and count > 1 else line for line in lines)


def _beside(trace: Sequence[Call]) -> frozenset[int]:
    """The handles of instances that are made while an earlier one is still in use."""
    last = {call.handle: i for i, call in enumerate(trace) if isinstance(call, New | Invoke)}
    made = {call.handle: i for i, call in enumerate(trace) if isinstance(call, New)}
    return frozenset(
        handle for handle, at in made.items() if any(made[h] < at < last[h] for h in made)
    )


def _comment(value: Any) -> str:
    return shown(value).replace("\n", "\n#      ")


@dataclass
class _Writer:
    """Turns calls into lines; keeps the imports and the named values they need."""

    dialect: Dialect
    case: Mapping[str, Any]
    beside: frozenset[int] = frozenset()
    imports: list[str] = field(default_factory=list)
    values: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    made: dict[int, New] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._import(self.dialect.first)

    def call(self, call: Call) -> list[str]:
        """The lines of one call; KeyError where there is no template for it."""
        if isinstance(call, Seed):
            return [self.dialect.seed.format(call.value)]
        if isinstance(call, Draw):
            return [self.dialect.draw]
        if isinstance(call, New):
            return self._new(call)
        return self._invoke(call) if isinstance(call, Invoke) else []

    def _new(self, call: New) -> list[str]:
        templates = self.dialect.templates[call.operation]
        self.made[call.handle] = call
        self._import(templates["imports"])
        arguments = self._defaults(call.operation) | dict(call.arguments)
        variant = f"new_{arguments.get('p')}"
        parts = [templates[variant if variant in templates else "new"]]
        if "penalty" in templates and arguments.get("penalty"):
            parts.append(templates["penalty"])
        given = ", ".join(f"{name}={self.literal(v, name)}" for name, v in call.arguments.items())
        text = "\n".join(parts).replace("{*}", given.replace("{", "{{").replace("}", "}}"))
        text = self._renamed(text, call.handle, call.operation)
        lines = self._filled(text, (), arguments)
        imports = [line for line in lines if IMPORT.match(line)]
        self._import("\n".join(imports))
        return [line for line in lines if line not in imports]

    def _invoke(self, call: Invoke) -> list[str]:
        made = self.made[call.handle]
        template = self.dialect.templates[made.operation][call.method]
        text = self._renamed(template, call.handle, made.operation)
        lines = self._filled(
            text, call.arguments, self._defaults(made.operation) | dict(made.arguments)
        )
        results = _results("\n".join(lines))
        after = [self.literal(v) for v in call.arguments if call.echo and isinstance(v, np.ndarray)]
        shows = ", ".join([repr(call.method + ":"), *results, *after])
        return [*lines, f"print({shows})"]

    def _filled(
        self, template: str, positional: Sequence[Any], named: Mapping[str, Any]
    ) -> list[str]:
        """The lines of a template; only the values that it mentions are written out."""
        fields = {name for _, name, _, _ in string.Formatter().parse(template) if name}
        places = [self.literal(v) if str(i) in fields else "" for i, v in enumerate(positional)]
        values = {name: self.literal(named[name], name) for name in fields if not name.isdigit()}
        return string.Formatter().vformat(template, places, values).splitlines()

    def _renamed(self, template: str, handle: int, operation: str) -> str:
        """The template with names of its own for a second instance that lives beside the first."""
        others = [h for h, made in self.made.items() if made.operation == operation and h < handle]
        if handle not in self.beside or not others:
            return template
        texts = [t for k, t in self.dialect.templates[operation].items() if k != "imports"]
        own = {name for text in texts for name in re.findall(r"^(\w+(?:, \w+)*) =", text, re.M)}
        for name in {part for names in own for part in names.split(", ")} - {"_"}:
            pattern = rf"(?<![\w.{{'\"]){name}(?![\w'\"=])"
            template = re.sub(pattern, f"{name}_{len(others) + 1}", template)
        return template

    def _defaults(self, operation: str) -> dict[str, Any]:
        contract = inspect.signature(reference_operations()[operation]).parameters
        return {n: p.default for n, p in contract.items() if p.default is not p.empty}

    def _import(self, text: str) -> None:
        self.imports += [line for line in text.splitlines() if line not in self.imports]

    def literal(self, value: Any, hint: str = "") -> str:
        """A value as source text; a long array by a name, that of the case's input where it is one."""
        text = literal(value)
        if not isinstance(value, np.ndarray | list | tuple) or len(text) <= SHORT:
            return text
        if text not in self.names:
            inputs = {literal(given): name for name, given in self.case.items()}
            wanted = inputs.get(text) or hint or "a"
            taken = set(self.names.values())
            free = (wanted, *(f"{wanted}{number}" for number in range(2, len(taken) + 3)))
            self.names[text] = next(name for name in free if name not in taken)
            self.values.append(f"{self.names[text]} = {text}")
        return self.names[text]


def _results(source: str) -> list[str]:
    """The names that a template's lines assign and do not use for themselves."""
    try:
        body = ast.parse(source).body
    except SyntaxError:  # a template that is not Python; it is shown as it is
        return []
    nodes = [node for one in body for node in ast.walk(one) if isinstance(node, ast.Name)]
    targets = [t for one in body if isinstance(one, ast.Assign) for t in one.targets]
    names = [node for one in targets for node in ast.walk(one) if isinstance(node, ast.Name)]
    stored = dict.fromkeys(node.id for node in names if isinstance(node.ctx, ast.Store))
    private = {"_", "cache", "config"} | {
        node.id for node in nodes if isinstance(node.ctx, ast.Load)
    }
    kept = [name for name in stored if name not in private and not name.startswith("cache_")]
    return kept or [name for name in list(stored)[-1:] if name not in ("_", "cache")]
