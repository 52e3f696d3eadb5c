"""Values as small tables: inputs, and both sides of an equation with what differs marked."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np

from lawbook.report.pages.markup import text
from lawbook.report.values import DIGITS, number, shown

ROWS, COLUMNS = 8, 8  # a larger array is abbreviated, as text
MOST_TEXT = 4_000
NUMBERS = (int, float, np.number, np.ndarray)


def value(given: Any, digits: int = DIGITS[0], other: Any = None) -> str:
    """A value as HTML; where `other` is given, what differs from it is marked."""
    if isinstance(given, np.ndarray) and _is_small(given):
        return _array(given, digits, other)
    if _is_numbers(given):
        given = [v[()] if isinstance(v, np.ndarray) else v for v in given]
    if isinstance(given, list | tuple) and given and all(isinstance(v, np.ndarray) for v in given):
        same = isinstance(other, list | tuple) and len(other) == len(given)
        others = other if same else [None] * len(given)
        items = [value(v, digits, o) for v, o in zip(given[:ROWS], others, strict=False)]
        more = f'<p class="small">and {len(given) - ROWS} more</p>' if len(given) > ROWS else ""
        return f'<div class="several">{"".join(items)}{more}</div>'
    if isinstance(given, dict) and given:
        others = other if isinstance(other, dict) else {}
        rows = "".join(
            f"<dt>{text(name, 60)}</dt><dd>{value(item, digits, others.get(name))}</dd>"
            for name, item in list(given.items())[:ROWS]
        )
        return f"<dl>{rows}</dl>"
    said = shown(given, digits)[:MOST_TEXT]
    if "\n" in said or (isinstance(given, np.ndarray) and given.ndim > 0):
        return f"<pre>{escape(said)}</pre>"
    numeric = isinstance(given, NUMBERS) or _is_numbers(given)
    plain = escape(said).replace("-", "−") if numeric else escape(said)
    return f"<mark>{plain}</mark>" if other is not None and shown(other, digits) != said else plain


def sides(expected: Any, got: Any) -> tuple[str, str]:
    """Both sides in the fewest digits that tell them apart, what differs marked in what came."""
    digits = next((d for d in DIGITS if shown(expected, d) != shown(got, d)), DIGITS[-1])
    both = expected is not None and got is not None
    return value(expected, digits), value(got, digits, expected if both else None)


def _is_numbers(given: Any) -> bool:
    """Whether it is a list of numbers, or of arrays of rank 0."""
    listed = isinstance(given, list | tuple)
    return listed and all(isinstance(v, NUMBERS) and np.ndim(v) == 0 for v in given)


def _is_small(array: Any) -> bool:
    shape = array.shape if array.ndim > 1 else (1, *array.shape)
    numeric = array.dtype.kind in "fiub" and array.ndim in (1, 2) and array.size > 0
    return numeric and shape[0] <= ROWS and shape[1] <= COLUMNS


def _array(array: Any, digits: int, other: Any) -> str:
    grid = array.reshape(1, -1) if array.ndim == 1 else array
    marks = _differing(grid, other, digits)
    rows = "".join(
        f"<tr>{''.join(_cell(item, digits, bad) for item, bad in zip(row, line, strict=True))}</tr>"
        for row, line in zip(grid, marks, strict=True)
    )
    shape = "×".join(map(str, array.shape))
    return f'<table class="array" aria-label="array of shape {shape}"><tbody>{rows}</tbody></table>'


def _cell(item: Any, digits: int, differs: bool) -> str:
    said = escape(number(item, digits)).replace("-", "−")
    return f"<td><mark>{said}</mark></td>" if differs else f"<td>{said}</td>"


def _differing(grid: Any, other: Any, digits: int) -> Any:
    """Which elements read otherwise in the other array; none where it has another shape."""
    if not isinstance(other, np.ndarray) or other.size != grid.size:
        return np.zeros(grid.shape, bool)
    pairs = zip(grid.flat, other.reshape(grid.shape).flat, strict=True)
    found = [number(a, digits) != number(b, digits) for a, b in pairs]
    return np.array(found).reshape(grid.shape)
