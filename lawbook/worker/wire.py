"""The wire format: an 8-byte frame header ``<u32 header length><u32 payload length>``, a JSON header, raw
little-endian array bytes.

Here are its limits and how bytes become values; `packing` is the way there.
"""

from __future__ import annotations

import json
import math
import struct
from typing import Any, NoReturn

import numpy as np

FRAME = struct.Struct("<II")
MAX_HEADER = 1 << 20  # bytes
MAX_PAYLOAD = 64 << 20  # bytes
MAX_VALUE = 56 << 20  # bytes of the arrays in one value: it fits a message that is not `full`
MAX_TEXT = 1000  # characters of a string that is a value
MAX_MESSAGE = 300  # characters of a sentence about a failure
READY, LOADED = 0, 1  # ids of what a worker sends unasked: limits are on; submission is loaded
FAILED = "failed"  # the first of the three strings that stand for a failed call among results
MAX_ITEMS = 10_000  # entries of one list or tuple
MAX_DEPTH = 6  # four levels of a target's own lists inside the two that an echoed call adds
MAX_DIMENSIONS = 8
DTYPES = {code: np.dtype(code) for code in ("<f8", "<f4", "<i8", "<i4", "|b1", "|u1")}


class WireError(Exception):
    """A value that may not cross the wire, or bytes that are no legal message.

    From the encoder the text is a noun phrase ("an object array; expected numbers"), ready for
    "train returned ...".
    """


def frame_lengths(prefix: bytes | bytearray) -> tuple[int, int]:
    """(header, payload) lengths from the first 8 bytes of a message; WireError if too large."""
    if len(prefix) != FRAME.size:
        raise WireError("a frame header of the wrong length")
    header, payload = FRAME.unpack(prefix)
    if header > MAX_HEADER or payload > MAX_PAYLOAD:
        raise WireError("an oversize message")
    return int(header), int(payload)


def decode(
    header: bytes | bytearray, payload: bytes | bytearray
) -> tuple[dict[str, Any], list[Any]]:
    """The head (without "values") and the values of a message.

    Strict: every byte must be accounted for. Arrays are fresh, writable and aligned. Whatever the
    bytes, this returns legal values or raises WireError. Entries of the head are plain JSON data,
    to be checked by the caller.
    """
    try:
        head = _read(header.decode("ascii"))
        if type(head) is not dict or type(head.get("values")) is not list:
            raise WireError("a header that is no message")
        reader = _Reader(payload)
        values = [reader.value(entry, 0) for entry in head.pop("values")]
        if reader.position != len(payload):
            raise WireError("stray bytes after the last array")
    except WireError:
        raise
    except (
        ValueError,
        TypeError,
        IndexError,
        KeyError,
        OverflowError,
        RecursionError,
        MemoryError,
    ) as error:
        raise WireError(f"a malformed header ({type(error).__name__})") from None
    return head, values


def _refuse(text: str) -> NoReturn:
    raise WireError("a bare floating-point number in a header")


_read = json.JSONDecoder(parse_float=_refuse, parse_constant=_refuse).decode


class _Reader:
    """Turns header entries into values, taking array bytes from the payload one after another."""

    def __init__(self, payload: bytes | bytearray) -> None:
        self.payload = payload
        self.position = 0

    def value(self, entry: object, depth: int) -> object:
        if entry is None or type(entry) is bool:
            return entry
        if type(entry) is int and -(1 << 63) < entry < 1 << 63:
            return entry
        if type(entry) is str and len(entry) <= MAX_TEXT:
            entry.encode("utf-8")  # a lone surrogate raises UnicodeEncodeError, a ValueError
            return entry
        if type(entry) is not list or not 2 <= len(entry) <= 3:
            raise WireError("an illegal value")
        kind, content = entry[0], entry[1]
        if len(entry) == 3 and kind == "a":
            return self._array(content, entry[2])
        if len(entry) == 2 and kind == "f" and type(content) is str and len(content) < 40:
            return float.fromhex(content)
        if (
            len(entry) == 2
            and kind in ("l", "t")
            and type(content) is list
            and len(content) <= MAX_ITEMS
        ):
            if depth == MAX_DEPTH:
                raise WireError("values nested too deeply")
            items = [self.value(item, depth + 1) for item in content]
            return items if kind == "l" else tuple(items)
        raise WireError("an illegal value")

    def _array(self, code: object, shape: object) -> np.ndarray[Any, Any]:
        if type(code) is not str or code not in DTYPES or type(shape) is not list:
            raise WireError("an illegal array")
        if len(shape) > MAX_DIMENSIONS:
            raise WireError("an illegal array shape")
        for n in shape:
            if type(n) is not int or not 0 <= n <= MAX_PAYLOAD:
                raise WireError("an illegal array shape")
        dtype = DTYPES[code]
        count = math.prod(shape)
        size = count * dtype.itemsize
        if size > len(self.payload) - self.position:
            raise WireError("an array larger than its bytes")
        if count == 0:
            return np.empty(shape, dtype)
        flat = np.frombuffer(self.payload, dtype, count, self.position)
        if code == "|b1" and int(flat.view(np.uint8).max()) > 1:
            raise WireError("a Boolean that is neither 0 nor 1")
        self.position += size
        return flat.reshape(shape).copy()
