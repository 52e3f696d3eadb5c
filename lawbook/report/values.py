"""Values as text: arrays small and readable, anything from a submission made harmless."""

from __future__ import annotations

import unicodedata
from typing import Any

import numpy as np

MOST_ELEMENTS = 40  # an array with more is abbreviated
INLINE, LINE = 16, 44  # an array of so few elements and characters stays on one line
MOST_CHARACTERS = 300  # of a text that came from a submission
DIGITS = (6, 9, 12, 17)  # the fewest that tell two sides apart


def safe(text: object, most: int = MOST_CHARACTERS) -> str:
    """Untrusted text as one line without control, format or unassigned characters, of limited length."""
    line = " ".join(str(text)[: 4 * most].split())
    line = "".join("?" if unicodedata.category(c).startswith("C") else c for c in line)
    return line if len(line) <= most else line[: most - 1] + "…"


def shown(value: Any, digits: int = DIGITS[0]) -> str:
    """A value of a case or of a result; arrays of several rows take several lines."""
    if isinstance(value, np.ndarray):
        return array_text(value, digits)
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, float | np.floating):
        return number(value, digits)
    if isinstance(value, dict):
        return "\n".join(f"{safe(k)} = {indented(shown(v, digits))}" for k, v in value.items())
    if isinstance(value, list | tuple):
        return f"[{', '.join(shown(item, digits) for item in value[:MOST_ELEMENTS])}]"
    return safe(value)


def number(value: Any, digits: int) -> str:
    """A number in at most so many digits; whole numbers without a point."""
    return f"{float(value):.{digits}g}" if np.asarray(value).dtype.kind == "f" else str(value)


def array_text(array: Any, digits: int = DIGITS[0]) -> str:
    """An array as nested lists, aligned; a long one abbreviated, with its shape."""
    if array.dtype.kind not in "fiub":
        return safe(array.tolist())
    if array.ndim == 0:
        return number(array[()], digits)
    if array.size == 0:
        return f"an empty array of shape {array.shape}"
    if array.size > MOST_ELEMENTS and (array == array.flat[0]).all():
        return f"an array of shape {array.shape}, all {number(array.flat[0], digits)}"
    if array.size <= INLINE:
        line = str(np.vectorize(lambda e: number(e, digits), otypes=[object])(array).tolist())
        if len(line := line.replace("'", "")) <= LINE:
            return line
    texts = [number(element, digits) for element in array.flat] if array.size < 1000 else [" " * 8]
    width = max(map(len, texts)) if array.ndim > 1 else 0
    body = np.array2string(
        array,
        threshold=MOST_ELEMENTS,
        edgeitems=3 if array.ndim == 1 else 2,
        separator=", ",
        max_line_width=96,
        formatter={"all": lambda element: number(element, digits).rjust(width)},
    )
    return f"{body}  shape {array.shape}" if array.size > MOST_ELEMENTS else body


def indented(text: str, by: str = "    ") -> str:
    """A text whose further lines are moved to the right."""
    return text.replace("\n", "\n" + by)


def sides(expected: Any, got: Any) -> tuple[str, str]:
    """Both sides in the fewest digits that tell them apart."""
    texts = shown(expected), shown(got)
    for digits in DIGITS:
        texts = shown(expected, digits), shown(got, digits)
        if texts[0] != texts[1]:
            break
    return texts


def worst_element(expected: Any, got: Any) -> str | None:
    """Where two long arrays differ most: "[3, 2]: 1.25 is due, 0.8 came"; None for short or other ones."""
    if not (isinstance(expected, np.ndarray) and isinstance(got, np.ndarray)):
        return None
    if expected.shape != got.shape or got.size <= MOST_ELEMENTS or got.dtype.kind not in "fiub":
        return None
    with np.errstate(all="ignore"):
        gap = np.abs(expected.astype(float) - got.astype(float))
    gap = np.where(np.isnan(gap), np.where(np.isnan(expected) == np.isnan(got), 0, np.inf), gap)
    at = np.unravel_index(int(gap.argmax()), gap.shape)
    due, came = sides(expected[at], got[at])
    return f"{[int(i) for i in at]}: {due} is due, {came} came"
