"""Points: shares of an item's points as exact numbers, so that the items add up to the total."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Any

FINEST = Fraction(1, 1_000_000)  # of a point, where the rubric does not round


def cap_item(points: float, cap: float) -> dict[str, Any]:
    """The item that a cap on the total is; its points are those that it takes away, below 0."""
    return {
        "name": "cap",
        "points": points,
        "of": 0,
        "status": "cap",
        "message": f"there are at most {cap:g} points",
        "hidden": False,
        "laws": [],
    }


def rounded(value: Fraction, step: Fraction) -> Fraction:
    """To the nearest multiple, half up."""
    return (value / step + Fraction(1, 2)).__floor__() * step


@lru_cache(1024)
def exact(value: float) -> Fraction:
    """A number of the rubric as its author wrote it."""
    return Fraction(str(value))


def number(value: Fraction) -> int | float:
    return int(value) if value.denominator == 1 else float(value)


def total_of(items: Sequence[Mapping[str, Any]], key: str) -> int | float:
    """The sum over items, without the dust of binary fractions."""
    return number(sum((exact(item[key]) for item in items), Fraction(0)))
