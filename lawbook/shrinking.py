"""Shrinking: from a failing case of the screen or the search to a small one that fails in the same way.

A case is drawn from choices (`lawbook.sources`), so a smaller case is one drawn from smaller choices:
shorter arrays, first options, codes nearer 0.  Every guess is evaluated, and kept if it still fails.
Hypothesis shrinks by the same idea; this is smaller, knows the shapes of the arrays, and is there without an
import that takes as long as all laws of a submission.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lawbook.domains import Case
from lawbook.sources import Choice, Codes, Recorded, Source


def key_of(case: Case) -> str:
    """A case as text, so that the same one is evaluated once."""
    return repr({k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in case.items()})


class Shrinker:
    """Makes the choices of a failing case smaller; `fails` evaluates at most `calls` further cases."""

    def __init__(
        self,
        draw: Callable[[Source], Case],
        fails: Callable[[Case], bool],
        choices: Sequence[Choice],
        calls: int,
    ) -> None:
        self.draw, self.fails, self.left = draw, fails, calls
        source = Recorded(choices)
        self.seen = {key_of(draw(source))}
        self.choices, self.lowest = source.taken, source.lowest

    def run(self) -> None:
        """Try smaller cases until none fails or there are no calls left."""
        before = -1
        while self.left and len(self.seen) > before:  # again, as long as there was something to try
            before = len(self.seen)
            self.shorten()
            self.clear()
            self.lower()

    def tries(self, choices: Sequence[Choice], tail: bool = False) -> bool:
        """Whether the case of these choices fails too; it is then the one to go on from."""
        source = Recorded(choices, tail)
        case = self.draw(source)
        key = key_of(case)
        if key in self.seen or not self.left:
            return False
        self.seen.add(key)
        self.left -= 1
        if not self.fails(case):
            return False
        self.choices, self.lowest = source.taken, source.lowest
        return True

    def with_(self, index: int, choice: Choice) -> list[Choice]:
        """The present choices with one replaced."""
        return [*self.choices[:index], choice, *self.choices[index + 1 :]]

    def shorten(self) -> None:
        """Lower the integers, lengths among them: all at once, then each as far as it goes."""
        pairs = list(zip(self.choices, self.lowest, strict=True))
        self.tries([low if isinstance(choice, int) else choice for choice, low in pairs])
        index = 0
        while index < len(self.choices):  # a shorter list of arrays has fewer choices
            self.lower_integer(index)
            index += 1

    def lower_integer(self, index: int) -> None:
        """The lowest value, the next, then by halving."""
        choice, low = self.choices[index], self.lowest[index]
        first = low
        while isinstance(choice, int) and low < choice:
            guess = low if low <= first + 1 else (low + choice) // 2
            if self.tries_integer(index, guess, choice - guess):
                choice = guess
            else:
                low = guess + 1

    def tries_integer(self, index: int, guess: int, less: int) -> bool:
        """Try a lower integer: arrays lose their ends, or their starts, or axes if it was their number."""
        lower = self.with_(index, guess)
        if self.tries(lower) or self.tries(lower, tail=True):
            return True
        lengths = lower[index + 1 : index + 1 + less]
        several = len(lengths) == less and all(isinstance(length, int) for length in lengths)
        return several and self.tries(lower[: index + 1] + lower[index + 1 + less :])

    def clear(self) -> None:
        """Set codes to 0: all at once, array by array, then ever smaller parts of each."""
        self.tries([c if isinstance(c, int) else np.zeros_like(c) for c in self.choices])
        for index, codes in self.arrays():
            size = codes.size
            while size >= 1:
                for start in range(0, codes.size, size):
                    self.tries_codes(index, slice(start, start + size), 0)
                size //= 2

    def lower(self) -> None:
        """Lower the codes that are left: halve all of an array, then each as far as it goes."""
        for index, codes in self.arrays():
            while self.tries_codes(index, slice(None), np.ravel(self.choices[index]) // 2):
                pass
            for place in range(codes.size):
                self.lower_code(index, place)

    def lower_code(self, index: int, place: int) -> None:
        """By halving, down to 1."""
        low, high = 1, int(np.ravel(self.choices[index])[place])
        while low < high:
            guess = (low + high) // 2
            if self.tries_codes(index, slice(place, place + 1), guess):
                high = guess
            else:
                low = guess + 1

    def arrays(self) -> list[tuple[int, Codes]]:
        """The arrays of codes among the choices, and where they stand."""
        return [(i, codes) for i, codes in enumerate(self.choices) if not isinstance(codes, int)]

    def tries_codes(self, index: int, part: slice, to: Any) -> bool:
        """Try other codes in a part of an array that is not 0 yet."""
        codes = np.array(self.choices[index])
        if not codes.flat[part].any():
            return False
        codes.flat[part] = to
        return self.tries(self.with_(index, codes))
