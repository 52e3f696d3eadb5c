"""Claims: what a law returns, and the only place where things are compared.

A numeric claim compares within the rounding bound that the reference computed for this very input, times
`ORDER_FACTOR` for another order of operations.  A statistical claim compares a p-value bound with its
share of the run's error budget.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lawbook import statistics
from lawbook.bounds import Bounded, lift, unit
from lawbook.operations import TargetError

ORDER_FACTOR = 8.0
SAME = 2.0**-30  # relative gap up to which two implementations are taken to compute the same thing


@dataclass(eq=False)
class Outcome:
    """What a claim came to: whether it holds, the measured deviation and the allowed one, both sides."""

    holds: bool
    measured: float
    allowed: float
    expected: Any = None
    got: Any = None
    message: str = ""

    @property
    def ratio(self) -> float:
        """Measured / allowed; infinite where nothing is allowed and something was measured."""
        if self.allowed == 0:
            return 0.0 if self.measured == 0 else float("inf")
        return self.measured / self.allowed


class Claim:
    """The base of all claims."""

    def judge(self) -> Outcome:
        """Compare."""
        raise NotImplementedError


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
        gaps = np.stack([np.abs(values - np.broadcast_to(o.value, values.shape)) for o in options])
        gaps = np.where(np.isnan(gaps), np.inf, gaps)
        slack = np.stack([np.broadcast_to(ORDER_FACTOR * o.error, values.shape) for o in options])
        excess = np.where(gaps <= slack, 0.0, gaps)
        best = excess.argmin(0)[None]
        due = np.stack([np.broadcast_to(o.value, values.shape) for o in options])
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


@dataclass(eq=False, repr=False)
class Unlikely(Claim):
    """A statistical claim: none of the named p-value bounds is below the run's alpha.

    `effect` says in words what the worst test found; `detects` states the smallest effect found with a
    miss rate of at most 1e-9.
    """

    p_values: Mapping[str, float]
    expected: Any = None
    got: Any = None
    detects: str = ""

    def judge(self) -> Outcome:
        worst = min(self.p_values, key=lambda name: self.p_values[name], default=None)
        if worst is None:
            return Outcome(True, 0.0, 1.0, self.expected, self.got)
        p = self.p_values[worst]
        holds = p >= statistics.ALPHA
        measured = -float(np.log10(max(p, 1e-300)))
        text = "" if holds else f"{worst}: this would happen to a correct target with p <= {p:.1g}"
        allowed = -float(np.log10(statistics.ALPHA))
        return Outcome(holds, measured, allowed, self.expected, self.got, text)


def Frequency(k: int, n: int, p: float) -> Unlikely:  # noqa: N802 - reads as a claim
    """k successes in n independent trials of probability p."""
    return Unlikely({"frequency": statistics.binomial_p(k, n, p)}, p, k / n if n else None)


def Variance(sample: Any, sigma2: float, uniform: bool = False) -> Unlikely:  # noqa: N802
    """The sample is N(0, sigma2), or uniform on [-a, a] with a^2 = 3 sigma2: its second moment."""
    values = np.asarray(sample, float).ravel()
    moment = float((values**2).mean())
    if uniform:
        high = 3.0 * sigma2
        p = statistics.bounded_mean_p(moment, values.size, sigma2, 0.0, high) if high else 0.0
    else:
        p = statistics.chi_square_p(float((values**2).sum()) / sigma2, values.size)
    return Unlikely({"second moment": p}, sigma2, moment)


def Mean(sample: Any, mean: float, sigma: float) -> Unlikely:  # noqa: N802
    """The mean of a sample of independent values whose mean is Gaussian or sub-Gaussian with sigma."""
    values = np.asarray(sample, float).ravel()
    p = statistics.gaussian_mean_p(float(values.mean()) - mean, values.size, sigma)
    return Unlikely({"mean": p}, mean, float(values.mean()))


def Independent(masks: Any, p: float, seed: int = 0) -> Unlikely:  # noqa: N802
    """Masks (calls, rows, units) of independent Bernoulli(p) entries."""
    found = statistics.mask_p_values(np.asarray(masks, bool), p, np.random.default_rng(seed))
    return Unlikely(found, p, float(np.mean(masks)))


@dataclass(eq=False, repr=False)
class Gradient(Claim):
    """The gradients are those of the target's own forward function (adjoint identity, black box).

    `forwards` maps a list of argument dictionaries to the list of outputs; `gradients` are by name.
    """

    forwards: Callable[[list[dict[str, Any]]], list[Any]]
    arguments: Mapping[str, Any]
    gradients: Mapping[str, Any]
    cotangent: Any
    seed: int = 0

    def judge(self) -> Outcome:
        from lawbook.gradients import directional_check

        found = directional_check(
            self.forwards,
            dict(self.arguments),
            dict(self.gradients),
            self.cotangent,
            np.random.default_rng(self.seed),
            unit=unit(),
        )
        which = f" with respect to {found.worst}" if found.worst else ""
        text = "" if found.holds else f"the gradient{which} is not the derivative of the forward"
        got = {name: np.asarray(value) for name, value in self.gradients.items()}
        due = "the derivative of the forward"
        return Outcome(found.holds, found.discrepancy, found.allowed, due, got, text)


class All(Claim):
    """All of several claims: the first that fails, else the one with the largest ratio."""

    def __init__(self, *claims: Claim) -> None:
        self.claims = claims

    def judge(self) -> Outcome:
        outcomes = [claim.judge() for claim in self.claims]
        failed = [outcome for outcome in outcomes if not outcome.holds]
        return failed[0] if failed else max(outcomes, key=lambda outcome: outcome.ratio)


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
