"""Numbers in a reference's source: in exact arithmetic a literal is exact or an error that says where.

0.5 and 2.0 are what they look like; 1/3 evaluated in floating point is not a third.
"""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

LARGEST_DENOMINATOR = 1024
LARGEST_NUMERATOR = 2**40
_PROOFS = Path(__file__).parent.parent
_LIBRARIES = ("numpy", "sympy", "mpmath")


class RoundedLiteral(ValueError):
    """A float that is not a small dyadic rational met exact numbers; the message says which and where."""


def exact_fraction(value: Any) -> Fraction:
    """An int, a Fraction or a float that is a small dyadic rational, exactly.

    Raises RoundedLiteral for any other float, infinities and nan included, with the value and the line.
    """
    if isinstance(value, int | np.integer | np.bool_):
        return Fraction(int(value))
    if isinstance(value, float | np.floating):
        if np.isfinite(value):
            exact = Fraction(float(value))
            small = abs(exact.numerator) <= LARGEST_NUMERATOR
            if small and exact.denominator <= LARGEST_DENOMINATOR:
                return exact
        raise RoundedLiteral(
            f"{place()}: {float(value)!r} is a rounded float in exact arithmetic; divide by an integer"
            " or make it an argument"
        )
    return Fraction(value)


def place() -> str:
    """The file and line that is being evaluated: the innermost one outside this package and libraries."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        library = any(name in path.parts for name in _LIBRARIES) or path.is_relative_to(_PROOFS)
        if not library and path.suffix == ".py":
            return f"{path.parent.name}/{path.name}:{frame.f_lineno}"
        frame = frame.f_back
    return "a literal"
