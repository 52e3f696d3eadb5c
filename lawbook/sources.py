"""Sources: where the small choices come from that a case is drawn from.

A choice is an integer in a range or an array of bytes (codes).  There are three sources: NumPy, which is
fast, for the screen; Hypothesis, for the search; and recorded choices, for shrinking.  Choice 0 is always
the simplest one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeAlias

import numpy as np

Shape = tuple[int, ...]
Codes: TypeAlias = "np.ndarray[Any, np.dtype[np.uint8]]"
Choice: TypeAlias = "int | Codes"


class Source(Protocol):
    """Where choices come from."""

    def integer(self, low: int, high: int) -> int:
        """One integer in [low, high]; shrinks towards low."""

    def length(self, low: int, high: int) -> int:
        """An integer in [low, high] that grows with the size of the case."""

    def codes(self, shape: Shape) -> Codes:
        """An array of bytes; each shrinks towards 0."""


class NumpySource:
    """Choices from a NumPy generator; `size` in [0, 1] limits the lengths; the choices are kept."""

    def __init__(self, rng: np.random.Generator, size: float) -> None:
        self.rng, self.size = rng, size
        self.choices: list[Choice] = []

    def integer(self, low: int, high: int) -> int:
        if low == high:
            return low
        choice = int(self.rng.integers(low, high + 1))
        self.choices.append(choice)
        return choice

    def length(self, low: int, high: int) -> int:
        return self.integer(low, low + round((high - low) * self.size**2))

    def codes(self, shape: Shape) -> Codes:
        drawn = np.asarray(self.rng.integers(0, 256, shape, dtype=np.uint8))
        self.choices.append(drawn)
        return drawn


class Recorded:
    """Choices given in advance, made to fit the ranges and shapes that are asked for.

    An array of codes that is too long loses its end, or with `tail` its start, in each dimension.
    `taken` are the choices that were used, `lowest` the least that each could have been.
    """

    def __init__(self, choices: Sequence[Choice], tail: bool = False) -> None:
        self.rest, self.tail = list(choices), tail
        self.taken: list[Choice] = []
        self.lowest: list[int] = []

    def integer(self, low: int, high: int) -> int:
        if low == high:
            return low
        given = self.rest.pop(0) if self.rest and isinstance(self.rest[0], int) else low
        choice = min(max(int(given), low), high)
        self.taken.append(choice)
        self.lowest.append(low)
        return choice

    length = integer

    def codes(self, shape: Shape) -> Codes:
        while self.rest and isinstance(self.rest[0], int):  # a length of an axis that is gone
            self.rest.pop(0)
        given = self.rest.pop(0) if self.rest else np.zeros(shape, np.uint8)
        choice = resized(np.asarray(given), shape, self.tail)
        self.taken.append(choice)
        self.lowest.append(0)
        return choice


def resized(codes: Codes, shape: Shape, tail: bool) -> Codes:
    """Codes cropped to a shape, or filled up with 0."""
    if codes.shape == shape:
        return codes
    if codes.ndim != len(shape):
        flat = np.resize(codes, int(np.prod(shape))) if codes.size else np.zeros(shape, np.uint8)
        return flat.reshape(shape)
    new = np.zeros(shape, np.uint8)
    kept = [min(pair) for pair in zip(codes.shape, shape, strict=True)]
    starts = [size - n if tail else 0 for size, n in zip(codes.shape, kept, strict=True)]
    part = tuple(slice(start, start + n) for start, n in zip(starts, kept, strict=True))
    new[tuple(slice(n) for n in kept)] = codes[part]
    return new


class HypothesisSource:
    """Choices from Hypothesis: `draw` is the function a composite strategy is given."""

    def __init__(self, draw: Callable[[Any], Any]) -> None:
        from hypothesis import strategies

        self.draw, self.strategies = draw, strategies
        self.choices: list[Choice] = []

    def integer(self, low: int, high: int) -> int:
        if low == high:
            return low
        choice = int(self.draw(self.strategies.integers(low, high)))
        self.choices.append(choice)
        return choice

    length = integer

    def codes(self, shape: Shape) -> Codes:
        count = math.prod(shape)
        drawn = self.draw(self.strategies.binary(min_size=count, max_size=count))
        choice = np.frombuffer(drawn, np.uint8).reshape(shape)
        self.choices.append(choice)
        return choice
