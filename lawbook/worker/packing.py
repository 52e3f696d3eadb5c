"""Values to bytes: the messages of the wire format."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from .wire import (
    DTYPES,
    FRAME,
    MAX_DEPTH,
    MAX_DIMENSIONS,
    MAX_HEADER,
    MAX_ITEMS,
    MAX_PAYLOAD,
    MAX_TEXT,
    MAX_VALUE,
    WireError,
)

as_json = json.JSONEncoder(separators=(",", ":")).encode


def _with_article(name: str) -> str:
    name = name[:60]
    return f"{'an' if name[:1].lower() in 'aeio' else 'a'} {name}"


def _plain_array(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The same numbers in one of `DTYPES`; WireError where float64 or int64 cannot hold them."""
    if array.ndim > MAX_DIMENSIONS:
        raise WireError(
            f"an array of {array.ndim} dimensions; at most {MAX_DIMENSIONS} are allowed"
        )
    if array.nbytes > MAX_VALUE:
        raise WireError(f"an array of {array.nbytes} bytes; at most {MAX_VALUE} are allowed")
    if array.dtype.str in DTYPES:
        return array
    wanted = array.dtype.newbyteorder("<")
    if wanted.str not in DTYPES:
        if array.dtype.kind not in "fiu":
            name = array.dtype.name if array.dtype.kind in "cO" else "non-numeric"
            raise WireError(f"{_with_article(name)} array; expected numbers")
        wanted = np.dtype("<f8" if array.dtype.kind == "f" else "<i8")
        with np.errstate(all="ignore"):
            converted = array.astype(wanted)
            same = (converted.astype(array.dtype) == array) | (array != array)
        if not bool(np.all(same)) or (array.dtype.kind == "u" and bool(np.any(converted < 0))):
            raise WireError(
                f"{_with_article(array.dtype.name)} array that {wanted.name} cannot hold exactly"
            )
        array = converted
    return array.astype(wanted, copy=False)


class Packer:
    """Collects the values of one message.

    `size` and `payload` are the bytes so far. A failed `add` leaves the packer as it was.
    """

    def __init__(self) -> None:
        self.size = 0
        self.payload = 0
        self._entries: list[str] = []
        self._blocks: list[bytes] = []

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def full(self) -> bool:
        """Whether to send this before another value is added, of which any legal one still fits."""
        return self.payload > MAX_PAYLOAD // 16 or self.size > MAX_HEADER // 4

    def add(self, value: object) -> None:
        """Append one value. Raises WireError, with a noun phrase, if it may not cross the wire."""
        blocks: list[bytes] = []
        entry = self._entry(value, blocks, 0)
        payload = sum(map(len, blocks))
        if len(entry) > MAX_HEADER // 2:
            raise WireError("more separate values than one message holds")
        if payload > MAX_VALUE:
            raise WireError(f"arrays of {payload} bytes; at most {MAX_VALUE} are allowed")
        self._entries.append(entry)
        self._blocks.extend(blocks)
        self.size += len(entry) + 1
        self.payload += payload

    def extend(self, other: Packer) -> None:
        """Append the values of another packer."""
        self._entries += other._entries
        self._blocks += other._blocks
        self.size += other.size
        self.payload += other.payload

    def _entry(self, value: object, blocks: list[bytes], depth: int) -> str:
        """The value as JSON text; arrays also go to the blocks."""
        if type(value) is np.ndarray:
            array = _plain_array(value)
            blocks.append(array.tobytes())
            return f'["a","{array.dtype.str}",{list(array.shape)}]'
        if isinstance(value, np.generic):
            value = self._scalar(value)
        if value is None:
            return "null"
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int):
            number = int(value)
            if not -(1 << 63) < number < 1 << 63:
                raise WireError("an integer of more than 63 bits")
            return str(number)
        if isinstance(value, float):
            return f'["f","{float(value).hex()}"]'
        if isinstance(value, str):
            return as_json(self._text(value))
        if isinstance(value, (list, tuple)):
            if depth == MAX_DEPTH:
                raise WireError("lists nested too deeply")
            if len(value) > MAX_ITEMS:
                raise WireError(
                    f"{_with_article(type(value).__name__)} of {len(value)} entries; use an array"
                )
            kind = "t" if isinstance(value, tuple) else "l"
            items = [self._entry(item, blocks, depth + 1) for item in value]
            return f'["{kind}",[{",".join(items)}]]'
        raise WireError(f"{_with_article(type(value).__name__)}; expected numbers")

    @staticmethod
    def _scalar(value: np.generic) -> object:
        """A NumPy scalar as a Python number, where float64 or int64 holds it exactly."""
        return str(value) if value.dtype.kind == "U" else _plain_array(np.asarray(value)).item()

    @staticmethod
    def _text(value: str) -> str:
        if len(value) > MAX_TEXT:
            raise WireError(f"a string of {len(value)} characters; at most {MAX_TEXT} are allowed")
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise WireError("a string with half a character in it")
        return str(value)

    def frame(self, *members: str, **head: object) -> bytes:
        """The whole message: frame header, JSON header (`head` and the values), payload.

        `members` are further members of the head that are JSON text already.
        """
        own = (as_json(head)[1:-1],) if head else ()  # an encoder is made for each: that takes time
        start = ",".join((*own, *members))
        comma = "," if start else ""
        header = f'{{{start}{comma}"values":[{",".join(self._entries)}]}}'.encode("ascii")
        if len(header) > MAX_HEADER or self.payload > MAX_PAYLOAD:
            raise WireError("more than one message holds")
        return b"".join((FRAME.pack(len(header), self.payload), header, *self._blocks))


def encode(head: Mapping[str, object], values: Iterable[object]) -> bytes:
    """One message: `head` (JSON data, without the key "values") and a list of values.

    A value is None, a bool, an integer below 2**63 in size, a float (NaN and infinities too), a
    string of at most 1000 characters, a list or tuple of values, or a real array of at most 8
    dimensions. NumPy scalars become Python ones. Raises WireError for anything else.
    """
    packer = Packer()
    for value in values:
        packer.add(value)
    return packer.frame(**head)
