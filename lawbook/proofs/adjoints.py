"""The adjoint identity on dual numbers: a second way to the same statement, without SymPy.

Along a random direction v the forward gives y'; the backward is right where <dy, y'> = <backward, v>.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lawbook.proofs.evidence import Decision, Word
from lawbook.proofs.inputs import Array, Constant, Labels
from lawbook.proofs.numbers.decimals import DIGITS, Interval, decimals
from lawbook.proofs.numbers.duals import Dual, Irrational, duals
from lawbook.proofs.numbers.literals import exact_fraction

if TYPE_CHECKING:
    from lawbook.proofs.gradients import Gradient


@dataclass(frozen=True)
class Agreement:
    """What dual numbers say of a gradient.

    points: the number of random points.  digits: how many decimal digits the intervals have in common,
    None for exact rational arithmetic.
    """

    says: str
    decision: Decision
    points: int
    digits: int | None

    @property
    def holds(self) -> bool:
        """Whether backward agreed with the derivative at every point."""
        return self.decision.word in (Word.EXACT, Word.WITHIN_BOUND)

    @property
    def outcome(self) -> str:
        """What was found, in one line."""
        if self.holds and self.digits is None:
            return f"{self.decision.word} ({self.points} of them)"
        return self.decision.sentence


def agreement(gradient: Gradient, seed: int = 0, points: int = 3) -> Agreement:
    """The adjoint identity at random points: rational ones, else intervals of 60 digits."""
    try:
        return _over(gradient, seed, points, exact=True)
    except Irrational:
        return _over(gradient, seed, points, exact=False)


def _over(gradient: Gradient, seed: int, points: int, exact: bool) -> Agreement:
    rng = np.random.default_rng(seed)
    says = "backward is the derivative along random directions"
    digits = DIGITS
    for _ in range(points):
        due, got = _sides(gradient, rng, exact)
        if due != got if exact else not due.meets(got):
            wrong = _wrong(due, got)
            return Agreement(says, wrong, points, None if exact else DIGITS)
        if not exact:
            digits = min(digits, due.digits, got.digits)
    if exact:
        return Agreement(says, Decision(Word.EXACT), points, None)
    if digits == 0:
        return Agreement(says, Decision(Word.UNDECIDED, why="no digit is certain"), points, 0)
    why = f"{points} random points agree to {digits} digits in intervals"
    return Agreement(says, Decision(Word.WITHIN_BOUND, why=why), points, digits)


def _sides(gradient: Gradient, rng: np.random.Generator, exact: bool) -> tuple[Any, Any]:
    """<dy, y'> and <backward, v> at one random point."""
    sizes = {d: int(rng.integers(low, high + 1)) for d, (low, high) in _small(gradient).items()}
    values = {name: value.rational(rng, sizes) for name, value in gradient.inputs.items()}

    def draw(shape: Any) -> Any:
        return Array(*shape, positive=True).rational(rng, {})

    if gradient.rational is not None and exact:
        values = gradient.rational(values, draw)
    lift = np.asarray if exact else decimals
    directions = {n: lift(_direction(rng, np.shape(values[n]))) for n in gradient.wrt}
    moving = _run(gradient, values, directions, lift)
    y = np.asarray(gradient.forward(**moving), dtype=object)
    dy = lift(_direction(rng, () if gradient.scalar else y.shape))
    if gradient.scalar:
        dy = np.asarray(Interval(1) if not exact else 1, dtype=object)
    still = _run(gradient, values, {}, lift)
    computed = gradient.gradients(None if gradient.scalar else duals(dy), still)
    due = _inner(dy, _parts(y, "b"), exact)
    got = sum(
        (_inner(_parts(computed[n], "a"), directions[n], exact) for n in gradient.wrt),
        Interval(0) if not exact else 0,
    )
    return due, got


def _small(gradient: Gradient) -> dict[str, tuple[int, int]]:
    """Lengths of dimensions from which the random points are drawn."""
    known = {d: gradient.length(d) for d in gradient.dimensions}
    return {d: (min(max(low, 2), high), max(low, min(high, 4))) for d, (low, high) in known.items()}


def _run(gradient: Gradient, values: dict[str, Any], along: dict[str, Any], lift: Any) -> Any:
    """The arguments as dual numbers; labels and constants as they are."""
    given = {}
    for name, kind in gradient.inputs.items():
        value = values[name]
        if not isinstance(kind, Labels | Constant):
            value = duals(lift(value), along.get(name))
            value = value if value.shape else value[()]
        given[name] = value
    return given


def _direction(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    return np.asarray(Array(*shape).rational(rng, {}))


def _parts(values: Any, part: str) -> Any:
    """One part of every number, where it is a dual number; a plain one has no second part."""
    array = np.asarray(values, dtype=object)
    made = np.empty(array.shape, dtype=object)
    for at in np.ndindex(array.shape):
        v = array[at]
        made[at] = (
            getattr(v, part) if isinstance(v, Dual) else exact_fraction(v if part == "a" else 0)
        )
    return made


def _inner(a: Any, b: Any, exact: bool) -> Any:
    """The sum of products; ValueError where the shapes differ."""
    a, b = np.asarray(a, dtype=object), np.asarray(b, dtype=object)
    if a.shape != b.shape:
        raise ValueError(f"a gradient of shape {a.shape} for an input of shape {b.shape}")
    start: Any = 0 if exact else Interval(0)
    return sum((u * v for u, v in zip(a.flat, b.flat, strict=True)), start)


def _wrong(due: Any, got: Any) -> Decision:
    return Decision(Word.REFUTED, expected=_text(due), got=_text(got))


def _text(value: Any) -> str:
    return repr(value.middle if isinstance(value, Interval) else float(value))
