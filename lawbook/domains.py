"""Domains: which inputs a law is stated for, and how they are drawn.

A domain draws a value from a *source* of small choices (`lawbook.sources`).  The choices of all sources are
decoded by the same code, so that a case is its choices.  Choice 0 is always the simplest value: 0, 1, the
smallest shape.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from lawbook.sources import Source as Source  # authors of laws find it here

Case = dict[str, Any]
OFFSETS = (0.0, 1.0, 100.0, -1e4, 1e6)
SCALES = (1.0, 0.5, 10.0, 0.1, 1e3, 1e-3)


@dataclass(eq=False, repr=False)
class Domain:
    """A set of values: in words, and how one is drawn given the inputs drawn before it."""

    says: str
    draw: Callable[[Source, Case], Any]


def draw_case(inputs: Mapping[str, Domain], source: Source) -> Case:
    """Draw every input of a law, in order."""
    case: Case = {}
    for name, domain in inputs.items():
        case[name] = domain.draw(source, case)
    return case


def small_integers(source: Source, shape: tuple[int, ...], spread: int = 9) -> Any:
    """Integers 0, 1, -1, 2, -2, ... of `spread` kinds: ties and zeros are common."""
    return np.asarray(zigzag(spread)[source.codes(shape)])


@cache
def zigzag(spread: int) -> Any:
    """0, 1, -1, 2, -2, ... for each of the 256 codes."""
    kinds = np.arange(256) * spread // 256
    return np.where(kinds % 2 == 1, (kinds + 1) // 2, -(kinds // 2)).astype(float)


def indices(source: Source, kinds: int, shape: tuple[int, ...]) -> Any:
    """Indices in [0, kinds), kinds <= 256: a smaller byte is a smaller index, so that they shrink well."""
    return source.codes(shape).astype(np.int64) * kinds // 256


def table(source: Source, values: Sequence[float], shape: tuple[int, ...]) -> Any:
    """Values from a table, each drawn on its own; the first is the simplest."""
    return np.asarray(values, float)[indices(source, len(values), shape)]


def one_of(*values: Any) -> Domain:
    """One of these values; the first is the simplest."""
    words = ", ".join(str(value) for value in values)
    return Domain(f"one of {words}", lambda s, case: values[s.integer(0, len(values) - 1)])


def integers(low: int, high: int) -> Domain:
    """An integer in [low, high]."""
    return Domain(f"integer in [{low}, {high}]", lambda s, case: s.integer(low, high))


def lengths(low: int, high: int) -> Domain:
    """An integer in [low, high] that grows with the size of the case."""
    return Domain(f"integer in [{low}, {high}]", lambda s, case: s.length(low, high))


def columns(source: Source, rows: int, features: int, hard: bool) -> Any:
    """A (rows, features) array; with `hard` each column has its own offset and scale."""
    values = small_integers(source, (rows, features))
    if not hard:
        return values
    scales = table(source, (*SCALES, 0.0), (features,))  # scale 0: a constant column
    return table(source, OFFSETS, (features,)) + scales * values


def batch(
    rows: tuple[int, int] = (1, 70), features: tuple[int, int] = (1, 24), hard: bool = True
) -> Domain:
    """A batch (N, C): every column has its own offset (to 1e6) and scale, down to constant columns."""

    def draw(source: Source, case: Case) -> Any:
        n, c = source.length(*rows), source.length(*features)
        return columns(source, n, c, hard)

    return Domain(f"array (N, C), N in {rows}, C in {features}", draw)


def images(
    hard: bool = False, rows: tuple[int, int] = (1, 4), features: tuple[int, int] = (1, 4)
) -> Domain:
    """A batch of images (N, C, H, W), small and with H != W allowed; channels as `batch`'s columns."""

    def draw(source: Source, case: Case) -> Any:
        n, c, h, w = (source.length(*span) for span in (rows, features, (1, 3), (1, 5)))
        flat = columns(source, n * h * w, c, hard)
        return np.ascontiguousarray(np.moveaxis(flat.reshape(n, h, w, c), 3, 1))

    return Domain(f"array (N, C, H, W), N in {rows}, C in {features}, H <= 3, W <= 5", draw)


def batches(
    count: tuple[int, int] = (3, 5),
    rows: tuple[int, int] = (2, 12),
    features: tuple[int, int] = (1, 6),
) -> Domain:
    """Several batches (N_k, C) with one C, each shifted so that their statistics differ."""

    def draw(source: Source, case: Case) -> Any:
        k, c = source.integer(*count), source.length(*features)
        return [3.0 * i + columns(source, source.length(*rows), c, False) for i in range(k)]

    return Domain(f"{count[0]} to {count[1]} batches (N, C) with different statistics", draw)


def array(ranks: tuple[int, int] = (0, 4), longest: int = 6, scaled: bool = True) -> Domain:
    """An array of any rank: zeros, ties and both signs are common; scaled as a whole."""

    def draw(source: Source, case: Case) -> Any:
        shape = tuple(source.length(1, longest) for _ in range(source.integer(*ranks)))
        scale = SCALES[source.integer(0, len(SCALES) - 1)] if scaled else 1.0
        return np.asarray(scale * small_integers(source, shape))

    return Domain(f"array of rank {ranks[0]} to {ranks[1]}", draw)


def like(name: str, scaled: bool = False) -> Domain:
    """An array of the shape of the input `name`: small integers, zeros and ties common."""

    def draw(source: Source, case: Case) -> Any:
        scale = SCALES[source.integer(0, len(SCALES) - 1)] if scaled else 1.0
        return np.asarray(scale * small_integers(source, np.shape(case[name]), 7))

    return Domain(f"array shaped like {name}", draw)


def per_channel(name: str, *values: float) -> Domain:
    """A vector (C,) for the channels (axis 1) of the input `name` (of its first batch)."""

    def draw(source: Source, case: Case) -> Any:
        first = case[name][0] if isinstance(case[name], list) else case[name]
        return table(source, values, (first.shape[1],))

    return Domain(f"vector (C,), C the channels of {name}", draw)


def sequence(name: str, count: tuple[int, int] = (2, 6), scaled: bool = True) -> Domain:
    """Several arrays of the shape of the input `name`, zeros common: the gradients of several steps."""

    def draw(source: Source, case: Case) -> Any:
        one = like(name, scaled)
        return [one.draw(source, case) for _ in range(source.integer(*count))]

    return Domain(f"{count[0]} to {count[1]} arrays shaped like {name}", draw)


def labels(name: str) -> Domain:
    """Class labels (N,) int for the scores (N, K) of the input `name`."""

    def draw(source: Source, case: Case) -> Any:
        n, k = np.shape(case[name])
        return indices(source, k, (n,))

    return Domain(f"labels (N,), 0 <= label < K of {name}", draw)


def keep_rates(*more: float) -> Domain:
    """A keep probability strictly inside (0, 1), and `more`."""
    return one_of(0.5, 0.25, 0.8, 0.75, 0.9, *more)


def seeds() -> Domain:
    """A seed for the target's generators."""
    return Domain("seed", lambda s, case: s.integer(0, 2**16))


def in_dtype(case: Case, dtype: str) -> Case:
    """The case with its floating-point arrays rounded to a dtype (bfloat16 is carried in float32)."""
    if dtype == "float64":  # in which they are drawn
        return case

    def convert(value: Any) -> Any:
        if isinstance(value, list):
            return [convert(item) for item in value]
        if not isinstance(value, np.ndarray) or value.dtype.kind != "f":
            return value
        if dtype != "bfloat16":
            return np.asarray(value, dtype)
        bits = value.astype(np.float32).view(np.uint32)
        return ((bits + 0x7FFF + ((bits >> 16) & 1)) & np.uint32(0xFFFF0000)).view(np.float32)

    return {name: convert(value) for name, value in case.items()}
