"""The contract of an operation, read from the reference's class: its signature and annotations."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

from lawbook.operations.calls import TargetError, Value

MOST_NUMBERS = (
    1 << 18
)  # in a result of no shape that is due: a comparison takes several times its memory


@cache
def parameters(implementation: type) -> Mapping[str, inspect.Parameter]:
    """The constructor arguments of an operation's class."""
    return inspect.signature(implementation).parameters


@cache
def return_annotation(contract: type, method: str) -> str:
    """What the contract says that a method returns."""
    return str(inspect.get_annotations(getattr(contract, method)).get("return"))


def check_result(name: str, result: Value, annotation: str, arguments: tuple[Value, ...]) -> Any:
    """A method's result as its annotation says, or a `TargetError` with one sentence.

    `SameShape` is an array of the first argument's shape, `Array` any array, `float` and `int` a scalar,
    `tuple[...]` that many of them; other annotations are not checked.
    """
    if annotation.startswith("tuple["):
        parts = annotation.removeprefix("tuple[").removesuffix("]").split(", ")
        if not isinstance(result, tuple | list) or len(result) != len(parts):
            raise TargetError(
                "fail", f"{name} returned {kind(result)}; {len(parts)} values are due"
            )
        return tuple(
            check_result(f"{name}, value {number}", value, part, arguments)
            for number, (value, part) in enumerate(zip(result, parts, strict=True), 1)
        )
    if annotation in ("float", "int", "SameShape", "Array"):
        if hasattr(result, "error"):  # a value-and-bound pair of the reference
            return result
        if isinstance(result, str | tuple | list) or result is None:
            raise TargetError("fail", f"{name} returned {kind(result)}; numbers are due")
        array = np.asarray(result)
        if annotation in ("float", "int"):
            if array.size != 1:
                raise TargetError("fail", f"{name} returned {kind(result)}; one number is due")
            return array.reshape(())[()]
        shape = np.shape(arguments[0]) if annotation == "SameShape" else array.shape
        if array.shape != shape:
            due = f"the shape {shape} of its argument is due"
            raise TargetError("fail", f"{name} returned {kind(result)}; {due}")
        if annotation == "Array" and array.size > MOST_NUMBERS:
            most = f"at most {MOST_NUMBERS} numbers are looked at"
            raise TargetError("fail", f"{name} returned {kind(result)}; {most}")
        return array
    return result


def kind(value: Value) -> str:
    """What a value is, in words for a message."""
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    return "None" if value is None else f"a {type(value).__name__}"
