"""Telling the judge in words: what a submission has, and what it raised."""

from __future__ import annotations

import inspect
import os
import traceback
from typing import Any

from .wire import MAX_MESSAGE


def describe(error: BaseException, root: str) -> str:
    """One line on an exception: type, last place inside `root`, text. Never raises."""
    try:
        name = str.__getitem__(type(error).__name__, slice(0, 80))
        place = ""
        for frame, line in traceback.walk_tb(error.__traceback__):
            path = frame.f_code.co_filename
            if path == root or path.startswith(root + os.sep):
                shown = os.path.relpath(path, root) if path != root else os.path.basename(path)
                place = f" in {shown.replace(os.sep, '/')} line {line}"
    except BaseException:
        name, place = "An exception that hides its type", ""
    try:
        text = " ".join(str.__getitem__(str(error), slice(0, 4 * MAX_MESSAGE)).split())
    except BaseException:
        text = "(its message cannot be shown)"
    return f"{name}{place}{': ' if text else ''}{text}"[:MAX_MESSAGE]


def constructor_parameters(operation: object) -> list[str]:
    """Names the constructor takes by keyword ("**": any); empty where Python cannot tell."""
    try:
        parameters = inspect.signature(operation).parameters.values()  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return []
    names = [p.name for p in parameters if p.kind in (p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return names + ["**"] * any(p.kind is p.VAR_KEYWORD for p in parameters)


def sentence(text: object) -> str:
    return " ".join(str(text).encode("ascii", "backslashreplace").decode("ascii").split())[
        :MAX_MESSAGE
    ]


def description(loaded: Any) -> list[object]:
    """What the judge is told: operations with their parameters, errors, notes, profile."""
    operations = [
        [str(n), constructor_parameters(operation)] for n, operation in loaded.operations.items()
    ]
    errors = [[str(name), sentence(reason)] for name, reason in loaded.errors.items()]
    profile = None if loaded.profile is None else sentence(loaded.profile)
    return [operations, errors, [sentence(note) for note in loaded.notes], profile]
