"""What is in a student's file or module: classes in the student's spelling, or why it does not compile."""

from __future__ import annotations

import ast
import inspect
import re
import types
from collections.abc import Iterator
from functools import lru_cache
from typing import Any


def star_import(path: str, package: str) -> bool:
    """Whether the file says `from package import *`."""
    with open(path, encoding="utf-8", errors="replace") as file:
        return (
            re.search(rf"^\s*from\s+{re.escape(package)}\s+import\s+\*", file.read(), re.M)
            is not None
        )


def numbered(error: SyntaxError) -> str:
    """What does not compile, after its line; null bytes have none."""
    return f"{'' if error.lineno is None else f'line {error.lineno}: '}{error.msg}"


def text_of(error: BaseException) -> str:
    """The message of any exception, on one line; never raises."""
    try:
        return " ".join(str(error).split())[:300]
    except BaseException:  # a submission's own exception may raise anything
        return "(its message cannot be shown)"


def defined(path: str, show: str, name: str) -> None:
    """Check, without importing, that a file compiles and defines the class; else LookupError."""
    with open(path, "rb") as file:
        source = file.read()
    try:
        tree = ast.parse(source, path)
    except SyntaxError as error:
        raise LookupError(f"{show} does not compile: {numbered(error)}") from error
    except ValueError as error:
        raise LookupError(f"{show} does not compile: {text_of(error)}") from error
    if not any(
        isinstance(n, ast.ClassDef) and plain(n.name) == plain(name) for n in ast.walk(tree)
    ):
        raise LookupError(f"{show} has no class {name}")


def plain(name: str) -> str:
    """A name without case and underscores: how students' spellings differ."""
    return name.replace("_", "").lower()


def class_in(module: types.ModuleType, name: str) -> Any:
    """The class of that name in a module, in the student's spelling; None if there is none."""
    found = getattr(module, name, None)
    if inspect.isclass(found):
        return found
    candidates: Iterator[Any] = (
        value
        for key, value in vars(module).items()
        if inspect.isclass(value) and plain(key) == plain(name)
    )
    return next(candidates, None)


POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def parameters(function: Any) -> list[inspect.Parameter]:
    """The parameters that a call may give by position; empty where Python cannot tell."""
    bound = inspect.ismethod(function)
    try:
        found = _declared(function.__func__ if bound else function)
    except (TypeError, ValueError):
        return []
    given = found[1:] if bound and found and found[0].kind in POSITIONAL else found
    return [p for p in given if p.kind in POSITIONAL]


@lru_cache(maxsize=256)  # reading a signature costs as much as many a call
def _declared(function: Any) -> tuple[inspect.Parameter, ...]:
    return tuple(inspect.signature(function).parameters.values())
