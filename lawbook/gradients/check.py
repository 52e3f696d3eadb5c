"""The decision: directions are drawn until enough of them tell whether the claim holds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lawbook.gradients.probe import Array, GradientResult, Probe, offsets, probed
from lawbook.gradients.residual import DOUBLE, ForwardMany, NotFiniteError, Residual

DIRECTIONS = 2
"""Directions drawn at first; all go in one message, with 10 forwards each and one for x."""
CONFIRMATIONS = 3
"""Fresh directions that must fail before the claim fails."""

_STEP = 8e-3  # h for float64, as a part of the spread of an argument
_LARGEST_STEP = 0.1
_REDRAWS = 16  # directions after a first failure; h falls by 4 at each that tells nothing
_DISAGREEMENT = 1e-5  # for float64: largest truncation / scale of a direction that tells


def directional_check(
    forward_many: ForwardMany,
    arguments: Mapping[str, Any],
    gradients: Mapping[str, ArrayLike],
    cotangent: ArrayLike,
    rng: np.random.Generator,
    unit: float = DOUBLE,
    *,
    spreads: Mapping[str, ArrayLike] | None = None,
) -> GradientResult:
    """Judge whether gradients are the derivatives of ``<cotangent, forward(arguments)>``.

    forward_many maps a list of argument dictionaries to the list of outputs, each of the shape of
    cotangent; all points of a direction go in one call.  arguments: by name, arrays or scalars;
    those named in gradients are moved, others are passed on as they are.  gradients: of the shape
    of their arguments.  unit: rounding unit of forward (2**-24 for float32), which sets the steps.
    spreads: the size of a move of an argument, broadcast to its shape, where one standard deviation
    (of a constant: its absolute value, 1 at zero) does not suit, as for columns of unlike scale.

    A right gradient of a smooth forward passes with 21 forwards in one call.  A gradient of another
    shape, or that is not finite, fails at once; so does a forward not finite at the arguments.
    Raises ValueError without gradients, for gradients of no argument, for spreads that are not
    positive, and for an output of another shape.
    """
    if not gradients or not gradients.keys() <= arguments.keys():
        raise ValueError(
            f"gradients {sorted(gradients)} do not match arguments {sorted(arguments)}"
        )
    for name, gradient in gradients.items():
        claimed = np.asarray(gradient, dtype=np.float64)
        if claimed.shape != np.shape(arguments[name]) or not np.isfinite(claimed).all():
            return GradientResult(False, math.inf, 0.0, name)
    residual = Residual(forward_many, arguments, gradients, cotangent, unit)
    check = _Check(residual, rng, spreads or {})
    try:
        return check.judge()
    except NotFiniteError:
        return GradientResult(False, math.inf, 0.0, None)


class _Check:
    """Draws directions at one point, has psi probed along them, and decides."""

    def __init__(
        self, residual: Residual, rng: np.random.Generator, spreads: Mapping[str, ArrayLike]
    ) -> None:
        self.residual, self.rng, self.unit = residual, rng, residual.unit
        self.point = residual.point
        self.spreads = {
            name: np.broadcast_to(np.asarray(spreads.get(name, _spread(x)), np.float64), x.shape)
            for name, x in self.point.items()
        }
        if not all((spread > 0).all() for spread in self.spreads.values()):
            raise ValueError("spreads must be positive")
        coarser = (self.unit / DOUBLE) ** 0.2  # balances the narrow stencil's h^4 with unit / h
        self.step = min(_LARGEST_STEP, _STEP * coarser)
        self.disagreement = _DISAGREEMENT * coarser

    def judge(self) -> GradientResult:
        """Accept by `DIRECTIONS` directions over all arguments; settle those that do not accept."""
        everything = tuple(self.point)
        drawn = [self.direction(everything) for _ in range(DIRECTIONS)]
        accepted = []
        for probe in self.probe(drawn, self.step, measure_noise=False):
            if probe.holds and probe.tells(self.disagreement):
                accepted.append(probe)
                continue
            settled = self.settle(everything, suspected=probe.tells(self.disagreement))
            if settled is not None and not settled.holds:
                return settled.result(False, self.worst())
            accepted += [settled] if settled is not None else []
        if not accepted:
            return GradientResult(True, 0.0, math.inf, None)
        return max((probe.result(True) for probe in accepted), key=lambda found: found.allowed)

    def settle(self, names: tuple[str, ...], *, suspected: bool) -> Probe | None:
        """Redraw until enough telling directions hold or fail; return the weakest, None if too few.

        One that holds is enough, unless a failure was seen: then three of a kind decide.  Three
        that see x on a kink tell nothing.
        """
        kinked = 0
        held: list[Probe] = []
        failed: list[Probe] = []
        step = 0.7 * self.step
        for _ in range(_REDRAWS):
            (probe,) = self.probe([self.direction(names)], step, measure_noise=True)
            if not probe.tells(self.disagreement):
                step = max(step / 4, math.sqrt(self.unit))
                continue
            self.step = step  # the next redraw starts where this one told something
            step *= 1.3 if len(held) % 2 == len(failed) % 2 else 0.6
            if probe.kinked and not probe.holds:
                kinked += 1
            else:
                (held if probe.holds else failed).append(probe)
            if kinked == CONFIRMATIONS:
                return None
            if len(failed) == CONFIRMATIONS:
                return min(failed, key=lambda probe: probe.ratio)
            if len(held) == (CONFIRMATIONS if suspected or failed else 1):
                return max(held, key=lambda probe: probe.ratio)
        return None

    def worst(self) -> str | None:
        """Return the argument that fails most on its own."""
        if len(self.point) == 1:
            return next(iter(self.point))
        found = {name: self.settle((name,), suspected=True) for name in self.point}
        failed = {k: probe.ratio for k, probe in found.items() if probe and not probe.holds}
        return max(failed, key=lambda name: failed[name], default=None)

    def direction(self, names: tuple[str, ...]) -> dict[str, Array]:
        """Draw random signs times 1/2 to 1 spread: unlike lengths, so that no two errors cancel."""
        drawn = {}
        for name in names:
            signs = self.rng.integers(0, 2, self.point[name].shape) * 2.0 - 1.0
            drawn[name] = signs * self.spreads[name] * self.rng.uniform(0.5, 1.0, signs.shape)
        return drawn

    def probe(
        self, directions: Sequence[dict[str, Array]], step: float, *, measure_noise: bool
    ) -> list[Probe]:
        """Evaluate psi along each direction, all in one message, and judge each."""
        ts = offsets(step, self.noise_spacing() if measure_noise else None)
        with np.errstate(all="ignore"):  # a direction that is not finite does not tell
            base, psi = self.residual.along(directions, ts)
            noise = self.unit * math.sqrt(float((base * base).sum()))
            rows = zip(directions, psi.reshape(len(directions), ts.size), strict=True)
            gradients = self.residual.gradients
            return [
                probed(row, step, self.unit, noise, [(gradients[k] * v[k]).ravel() for k in v])
                for v, row in rows
            ]

    def noise_spacing(self) -> float:
        """Return a move far below curvature yet of at least 8 rounding units of every argument."""
        lost = [
            float((np.abs(x) / self.spreads[name]).max(initial=0.0))
            for name, x in self.point.items()
        ]
        return max(float(self.unit ** (2 / 3)), 8 * self.unit * max(lost))


def _spread(x: Array) -> float:
    """Return the standard deviation; for a constant its absolute value, or 1 at zero."""
    if x.size and np.ptp(x) > 0:
        return float(x.std())
    return float(np.abs(x).max(initial=0.0)) or 1.0
