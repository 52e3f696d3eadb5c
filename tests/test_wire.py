"""The wire format: what may cross arrives unchanged; anything else ends in a WireError."""

import json
import math
import re
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lawbook.judge.messages import check_reply, read_description
from lawbook.operations import TargetError
from lawbook.worker.packing import encode
from lawbook.worker.wire import (
    DTYPES,
    FRAME,
    MAX_DEPTH,
    MAX_PAYLOAD,
    WireError,
    decode,
    frame_lengths,
)


def split(message: bytes) -> tuple[bytes, bytes]:
    header, payload = frame_lengths(message[: FRAME.size])
    assert len(message) == FRAME.size + header + payload
    return message[FRAME.size : FRAME.size + header], message[FRAME.size + header :]


def there_and_back(value: object) -> Any:
    head, values = decode(*split(encode({"id": 7}, [value])))
    assert head == {"id": 7}
    return values[0]


def same(a: object, b: object) -> bool:
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, (list, tuple)):
        assert isinstance(b, (list, tuple))
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, float) and math.isnan(a):
        return isinstance(b, float) and math.isnan(b)
    return type(a) is type(b) and a == b and repr(a) == repr(b)


def depth(value: object) -> int:
    return 1 + max(map(depth, value), default=0) if isinstance(value, (list, tuple)) else 0


arrays = st.sampled_from(sorted(DTYPES)).flatmap(
    lambda code: hnp.arrays(
        np.dtype(code), hnp.array_shapes(min_dims=0, max_dims=8, min_side=0, max_side=2)
    )
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.floats()
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
)
values = st.recursive(
    scalars | arrays,
    lambda inner: st.lists(inner, max_size=3) | st.lists(inner, max_size=3).map(tuple),
    max_leaves=8,
).filter(lambda value: depth(value) <= MAX_DEPTH)


@given(values)
def test_a_legal_value_arrives_unchanged(value: object) -> None:
    assert same(value, there_and_back(value))


@given(arrays)
def test_an_array_arrives_fresh_writable_and_aligned(array: np.ndarray) -> None:
    _, (_, arrived) = decode(*split(encode({}, [np.array([True]), array])))
    assert arrived.flags.writeable
    assert arrived.flags.aligned
    assert arrived.flags.owndata or arrived.base.flags.owndata


@pytest.mark.parametrize(
    "array",
    [
        np.arange(12.0).reshape(3, 4).T,
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.arange(10.0)[::-3],
        np.arange(4, dtype=">f8"),
        np.broadcast_to(np.float64(3), (2, 3)),
        np.array(2.5),
    ],
)
def test_layout_and_byte_order_do_not_matter(array: np.ndarray) -> None:
    arrived = there_and_back(array)
    np.testing.assert_array_equal(arrived, array)
    assert (arrived.shape, arrived.dtype.str) == (array.shape, "<f8")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float64(0.1), 0.1),
        (np.float32(0.5), 0.5),
        (np.float16(0.5), 0.5),
        (np.int16(-3), -3),
        (np.bool_(True), True),
        (np.str_("a"), "a"),
        (np.array([0.5, 2], np.float16), np.array([0.5, 2.0])),
        (np.array([1, 2**32 - 1], np.uint32), np.array([1, 2**32 - 1])),
        (np.array([-1], np.int8), np.array([-1])),
        (np.array([0.5, np.nan], np.longdouble), np.array([0.5, np.nan])),
    ],
)
def test_other_real_numbers_are_converted_when_nothing_is_lost(
    value: object, expected: object
) -> None:
    assert same(there_and_back(value), expected)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (np.array([1, None]), "an object array; expected numbers"),
        (np.array(["a"]), "a non-numeric array; expected numbers"),
        (np.array([1j]), "a complex128 array; expected numbers"),
        (np.array(["2020-01-01"], "datetime64[D]"), "a non-numeric array"),
        (np.complex128(1j), "a complex128 array"),
        (np.datetime64("2020-01-01"), "a non-numeric array"),
        (np.array([2**63], np.uint64), "a uint64 array that int64 cannot hold exactly"),
        (np.ma.masked_array([1.0]), "a MaskedArray; expected numbers"),
        (1j, "a complex; expected numbers"),
        ({}, "a dict; expected numbers"),
        (object(), "an object; expected numbers"),
        (2**63, "an integer of more than 63 bits"),
        ("x" * 1001, "a string of 1001 characters"),
        ("\ud800", "half a character"),
        ([0.0] * 10_001, "a list of 10001 entries; use an array"),
        (["x" * 900] * 5000, "more separate values than one message holds"),
        (np.broadcast_to(0.0, (10**6, 10**6)), "an array of 8000000000000 bytes"),
        (np.zeros((1,) * 9), "an array of 9 dimensions"),
        ([np.zeros(MAX_PAYLOAD // 16 + 1)] * 2, "arrays of 67108880 bytes"),
    ],
)
def test_anything_else_is_refused_in_words(value: object, words: str) -> None:
    with pytest.raises(WireError, match=re.escape(words)):
        encode({}, [value])


def test_lists_nest_to_a_depth_and_no_further() -> None:
    value: object = 1
    for _ in range(MAX_DEPTH):
        value = [value]
    assert there_and_back(value) == value
    with pytest.raises(WireError, match="nested"):
        encode({}, [[value]])
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(WireError, match="nested"):
        encode({}, [loop])


# --- the decoder on hostile bytes -----------------------------------------------------------------

LEGAL = (type(None), bool, int, float, str, np.ndarray, list, tuple)


def decode_anything(header: bytes, payload: bytes) -> None:
    try:
        head, decoded = decode(header, payload)
    except WireError:
        return
    assert type(head) is dict
    stack = list(decoded)
    while stack:
        value = stack.pop()
        assert type(value) in LEGAL
        if isinstance(value, (list, tuple)):
            stack += value
        elif isinstance(value, np.ndarray):
            assert value.dtype.str in DTYPES
    with suppress(WireError, TargetError):
        check_reply(head, len(decoded), 1, 2)
    with suppress(WireError):
        read_description(decoded)


json_data = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=12,
)
almost_arrays = st.tuples(
    st.just("a") | json_data,
    st.sampled_from(["<f8", "|b1", "|O8", ">f8", "<f2", "<U9"]) | json_data,
    st.lists(st.integers(-2, 5) | st.just(2**62) | json_data, max_size=9) | json_data,
).map(list)
almost_values = st.recursive(
    almost_arrays
    | json_data
    | st.tuples(st.just("f"), st.sampled_from(["0x1p3", "nan", "0x1p9999", "x"])),
    lambda inner: st.tuples(st.sampled_from(["l", "t", "f", "a"]), st.lists(inner, max_size=3)).map(
        list
    ),
    max_leaves=8,
)
almost_heads = st.fixed_dictionaries(
    {"values": st.lists(almost_values, max_size=4) | json_data},
    optional={
        "id": st.just(1) | json_data,
        "more": st.booleans() | json_data,
        "error": st.lists(st.sampled_from(["error", "fail", "pass"]), max_size=3) | json_data,
        "extra": json_data,
    },
)


@given(st.binary(max_size=64), st.binary(max_size=32))
def test_random_bytes_give_a_message_or_a_wire_error(header: bytes, payload: bytes) -> None:
    decode_anything(header, payload)


@given(almost_heads | json_data, st.binary(max_size=64))
def test_random_headers_give_a_message_or_a_wire_error(head: object, payload: bytes) -> None:
    decode_anything(json.dumps(head).encode(), payload)


@given(st.data())
def test_a_damaged_message_gives_a_message_or_a_wire_error(data: st.DataObject) -> None:
    message = bytearray(
        encode({"id": 1, "more": False, "error": None}, [np.arange(3.0), [1.5, "a"]])
    )
    at = data.draw(st.integers(FRAME.size, len(message) - 1), label="position")
    message[at] = data.draw(st.integers(0, 255), label="byte")
    decode_anything(*split(bytes(message)))


@pytest.mark.parametrize(
    "header",
    [
        b"[" * 100_000,
        b'{"values":[' + b'["l",[' * 50_000,
        b'{"values":[' + b"9" * 100_000 + b"]}",
        b'{"values":[1.5]}',
        b'{"values":[NaN]}',
        b'{"values":["\\ud800"]}',
        b'{"values":[["a","<f8",[9223372036854775807,9223372036854775807]]]}',
        b'{"values":[["a","<f8",[0,67108864,67108864,67108864,67108864,67108864,67108864]]]}',
        b'{"values":[["a","<f8",[true]]]}',
        b'{"values":[["a","<f8",[1]]]}',
        b'{"values":[["f","0x1p999999999"]]}',
        '{"values":["ä"]}'.encode(),
        "{}".encode("utf-16"),
    ],
)
def test_bombs_are_refused(header: bytes) -> None:
    with pytest.raises(WireError):
        decode(header, b"")


def test_every_payload_byte_is_accounted_for() -> None:
    with pytest.raises(WireError, match="stray"):
        decode(b'{"values":[1]}', b"x")
    with pytest.raises(WireError, match="Boolean"):
        decode(b'{"values":[["a","|b1",[1]]]}', b"\x02")


@pytest.mark.parametrize("prefix", [b"", b"1234567", b"\xff" * 8, FRAME.pack(2**20 + 1, 0)])
def test_an_oversize_or_short_frame_is_refused(prefix: bytes) -> None:
    with pytest.raises(WireError):
        frame_lengths(prefix)
