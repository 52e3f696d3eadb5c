"""Dialects: how the calls of one kind of target are written in a script.

The templates of an operation are `imports`, `new` and one per method, with {name} for a constructor
argument and {0}, {1} for a method's arguments.  A course's templates are the `SCRIPT` of its adapter; those
of the reference and of torch are generic.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from lawbook.laws import topics

Templates = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Dialect:
    """How calls are written for one kind of target: templates, how to seed and to draw, what comes first.

    `package` is what the templates call the submission's own folder, where that is a package.
    """

    templates: Templates
    seed: str = "np.random.seed({0})"
    draw: str = "print(np.random.random())"
    first: str = ""
    package: str = ""


def course_dialect(adapter: str | Path, profile: str | None = None) -> Dialect:
    """The dialect of a course's adapter: of ours its `SCRIPT`, or that of the profile where its `EDITIONS`
    differ; of an instructor's own the literal one."""
    path = Path(adapter)
    if path.parent.parent == Path(__file__).parent.parent / "courses":
        from importlib import import_module

        written = import_module(f"lawbook.courses.{path.parent.name}.script")
        templates = getattr(written, "EDITIONS", {}).get(profile, written.SCRIPT)
        words = {"package": "PACKAGE", "seed": "SEED", "draw": "DRAW", "first": "FIRST"}
        return Dialect(
            templates, **{k: getattr(written, v) for k, v in words.items() if hasattr(written, v)}
        )
    try:
        return Dialect(_literal_script(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, SyntaxError):  # no readable templates: then there are no scripts
        return Dialect({})


def _literal_script(source: str) -> Templates:
    """The dictionary that a source assigns to `SCRIPT`; empty if there is none, ValueError if not literal."""
    for statement in ast.parse(source).body:
        named = isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value
        targets = getattr(statement, "targets", [getattr(statement, "target", None)])
        if named and any(isinstance(t, ast.Name) and t.id == "SCRIPT" for t in targets):
            found = ast.literal_eval(statement.value)  # type: ignore[attr-defined]
            return found if isinstance(found, dict) else {}
    return {}


def local_dialect(name: str, device: str = "cpu", dtype: str = "float64") -> Dialect:
    """The dialect of a target in this process: "reference" or "torch"."""
    if name == "torch":
        first = "from lawbook.targets.torch import settings\n"
        first += f"settings.use({device!r}, {dtype!r})"
        folder, seed, draw = "lawbook.targets.torch", "settings.seed({0})", "print(settings.draw())"
    else:
        first = "from reference import randomness"
        folder, seed, draw = "reference", "randomness.seed({0})", "print(randomness.draw())"
    return Dialect(dict(_generic(folder)), seed, draw, first)


def _generic(folder: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Templates for the operation classes of a folder's modules."""
    for module in topics(folder):
        for operation, implementation in getattr(module, "OPERATIONS", {}).items():
            where, name = implementation.__module__, implementation.__name__
            templates = {"imports": f"from {where} import {name}", "new": "it = " + name + "({*})"}
            for method, function in inspect.getmembers(implementation, inspect.isfunction):
                count = len(inspect.signature(function).parameters) - 1
                places = ", ".join(f"{{{i}}}" for i in range(count))
                templates[method] = f"result = it.{method}({places})"
            yield operation, templates
