"""Comparing arrays: exactly, or within rounding bounds; no other module compares a result with its due.

A side that is a `Bounded` brings the rounding bound that the reference computed for this very input;
what is allowed is `ORDER_FACTOR` times the bounds of both sides, for another order of operations.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lawbook.bounds import Bounded, lift
from lawbook.claims.base import Claim, Outcome
from lawbook.operations import TargetError

ORDER_FACTOR = 8.0
SAME = 2.0**-30  # relative gap up to which two implementations are taken to compute the same thing


def plain(value: Any) -> Any:
    """A side of a claim as plain data."""
    return value.value if isinstance(value, Bounded) else value


def room(side: Bounded) -> Any:
    """The rounding bound of a side; none where the value itself is no number.

    Where the value is finite and its bound is not (an infinite bound times 0) nothing is known.
    """
    unknown = np.where(np.isfinite(side.value), np.inf, 0.0)
    return np.where(np.isnan(side.error), unknown, side.error)


@dataclass(eq=False, repr=False)
class Equal(Claim):
    """Both sides are equal within their rounding bounds, of one shape, and finite where due."""

    lhs: Any
    rhs: Any
    note: str = ""

    def judge(self) -> Outcome:
        got, due = lift(self.lhs), lift(self.rhs)
        sides = {"expected": due.value, "got": got.value}
        if got.shape != due.shape:
            text = f"the shape is {got.shape}, {due.shape} is due"
            return Outcome(False, np.inf, 0.0, **sides, message=text)
        with np.errstate(invalid="ignore", over="ignore"):
            gap = np.abs(got.value - due.value)
            allowed = ORDER_FACTOR * (room(got) + room(due))
        same = (got.value == due.value) | (np.isnan(got.value) & np.isnan(due.value))
        infinite = ~np.isfinite(got.value) & np.isfinite(room(due))
        bad_number = np.isfinite(due.value) & (np.isnan(got.value) | infinite)
        undefined = np.isnan(due.value) & isinstance(self.rhs, Bounded)  # 0 / 0 in the reference
        gap = np.where(same | undefined, 0.0, np.where(bad_number | np.isnan(gap), np.inf, gap))
        return _worst(gap, np.where(bad_number, 0.0, allowed), sides, self.note)


@dataclass(eq=False, repr=False)
class AtMost(Claim):
    """lhs <= rhs, up to their rounding bounds."""

    lhs: Any
    rhs: Any
    note: str = ""

    def judge(self) -> Outcome:
        low, high = lift(self.lhs), lift(self.rhs)
        gap = np.maximum(low.value - high.value, 0.0)
        gap = np.where(np.isnan(gap), np.inf, gap)
        allowed = ORDER_FACTOR * (room(low) + room(high))
        return _worst(gap, allowed, {"expected": high.value, "got": low.value}, self.note)


def _worst(gap: Any, allowed: Any, sides: dict[str, Any], note: str) -> Outcome:
    """The outcome at the element that is worst in measured / allowed."""
    gap, allowed = np.broadcast_arrays(np.asarray(gap), np.asarray(allowed))
    if gap.size == 0:
        return Outcome(True, 0.0, 0.0, **sides)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(gap == 0, 0.0, gap / allowed)
    ratio = np.where(np.isnan(ratio), 0.0, ratio)  # inf / inf: the bound says nothing here
    at = np.unravel_index(int(np.argmax(ratio)), ratio.shape)
    holds = bool(ratio[at] <= 1.0)
    where = f" at index {tuple(int(i) for i in at)}" if gap.ndim and not holds else ""
    message = "" if holds else f"{note or 'the sides differ'}{where}"
    return Outcome(holds, float(gap[at]), float(allowed[at]), **sides, message=message)


def near(value: Any, bound: Any) -> Bounded:
    """A target's own result with the rounding bound that the reference has for the same quantity.

    Raises TargetError where it has not the shape of that quantity.
    """
    if np.shape(value) != np.shape(bound):
        raise TargetError("fail", f"the shape is {np.shape(value)}, {np.shape(bound)} is due")
    return Bounded(value, bound.error)


@dataclass(eq=False, repr=False)
class OneOf(Claim):
    """Every element equals the corresponding element of one of the options."""

    values: Any
    options: Sequence[Any]
    note: str = "an element is none of the possible values"

    def judge(self) -> Outcome:
        values = np.asarray(self.values, float)
        options = [lift(option) for option in self.options]
        due = np.stack([np.broadcast_to(o.value, values.shape) for o in options])
        with np.errstate(invalid="ignore"):
            gaps = np.where(values == due, 0.0, np.abs(values - due))
        gaps = np.where(np.isnan(gaps), np.inf, gaps)
        slack = np.stack([np.broadcast_to(ORDER_FACTOR * room(o), values.shape) for o in options])
        slack = np.where(np.isfinite(values), slack, 0.0)
        excess = np.where(gaps <= slack, 0.0, gaps)
        best = excess.argmin(0)[None]
        sides = {"expected": np.take_along_axis(due, best, 0)[0], "got": values}
        picked = [np.take_along_axis(part, best, 0)[0] for part in (excess, slack)]
        return _worst(picked[0], picked[1], sides, self.note)


@dataclass(eq=False, repr=False)
class SameBits(Claim):
    """Both sides are bit for bit the same (NaN equals NaN)."""

    lhs: Any
    rhs: Any
    note: str = "the bits differ"

    def judge(self) -> Outcome:
        got, due = np.asarray(self.lhs), np.asarray(plain(self.rhs))
        same = got.shape == due.shape and bool(np.array_equal(got, due, equal_nan=True))
        gap = 0.0 if same else _distance(got, due)
        return Outcome(same, gap, 0.0, due, got, "" if same else self.note)


@dataclass(eq=False, repr=False)
class Differ(Claim):
    """The two sides are not the same; of random draws this fails by chance below the run's alpha."""

    lhs: Any
    rhs: Any
    note: str = "two draws are the same"

    def judge(self) -> Outcome:
        got, other = np.asarray(self.lhs), np.asarray(self.rhs)
        differ = not (got.shape == other.shape and bool(np.array_equal(got, other)))
        return Outcome(differ, 0.0 if differ else 1.0, 0.0, "a different draw", got, self.note)


def _distance(a: Any, b: Any) -> float:
    if a.shape != b.shape or a.dtype.kind not in "fiub" or b.dtype.kind not in "fiub":
        return float("inf")
    with np.errstate(invalid="ignore"):
        return float(np.nanmax(np.abs(a.astype(float) - b.astype(float)), initial=0.0))


@dataclass(eq=False, repr=False)
class Finite(Claim):
    """Every element is a finite number."""

    values: Any
    note: str = "a value is not finite"

    def judge(self) -> Outcome:
        values = np.asarray(self.values, float)
        bad = int((~np.isfinite(values)).sum())
        return Outcome(bad == 0, bad, 0, "finite numbers", values, self.note if bad else "")


def same_numbers(a: Any, b: Any) -> bool:
    """Whether two results agree so far that one formula explains both: for diagnosis, not for verdicts."""
    try:
        left, right = np.asarray(a, float), np.asarray(b, float)
    except (TypeError, ValueError):
        return False
    if left.shape != right.shape:
        return False
    with np.errstate(invalid="ignore"):
        close = np.abs(left - right) <= SAME * (np.abs(left) + np.abs(right))
    return bool((close | (left == right) | (np.isnan(left) & np.isnan(right))).all())
