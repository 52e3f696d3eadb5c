"""The precision under judgement: its unit roundoff, and what an underflow loses at most."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

UNIT = {"float64": 2.0**-53, "float32": 2.0**-24, "bfloat16": 2.0**-8, "float16": 2.0**-11}
TINY = {"float64": 2.0**-1022, "float32": 2.0**-126, "bfloat16": 2.0**-126, "float16": 2.0**-24}
_current = "float64"


@contextmanager
def precision(dtype: str) -> Iterator[None]:
    """Compute bounds for arithmetic in this dtype: float64, float32, bfloat16 or float16."""
    global _current
    before, _current = _current, dtype
    try:
        yield
    finally:
        _current = before


def measured_precision(result: Any) -> dict[str, str]:
    """The convention "precision" of an operation that answers arrays of float64 in float32; else none."""
    return {"precision": "float32"} if str(getattr(result, "dtype", "")) == "float32" else {}


def unit() -> float:
    """The unit roundoff of the precision under judgement."""
    return UNIT[_current]


def tiny() -> float:
    """What an underflow loses at most: the smallest normal number (of float16 the smallest of all)."""
    return TINY[_current]
