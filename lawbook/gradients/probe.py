"""One direction: psi'(0) by finite differences, and what may explain it other than a wrong gradient."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

CONCLUSIVE = 0.1
"""Largest allowed discrepancy, relative, with which a passed claim still says something."""

_SAFETY = 32.0  # the wide stencil may be off by this multiple of what the two differ by
_NOISE_SAFETY = 30.0  # standard deviations, which are estimated from few differences

_WIDE = np.array([-3.0, -2.0, -1.0, 1.0, 2.0, 3.0])
_WIDE_WEIGHTS = np.array([-1.0, 9.0, -45.0, 45.0, -9.0, 1.0]) / 60
_NARROW = np.array([-2.0, -1.0, 1.0, 2.0])
_NARROW_WEIGHTS = np.array([1.0, -8.0, 8.0, -1.0]) / 12
_RATIO = 8.0  # h over the step s of the narrow stencil
_KINK_WEIGHTS = np.array([1280.0, -336.0, 1.0]) / 616  # of even parts at s, 2s, 8s: no s^2, no s^4
_KINK_NOISE = 36.0  # standard deviation of the jump over that of the slope, from the weights


@dataclass(frozen=True, slots=True)
class GradientResult:
    """What the claim came to.

    discrepancy and allowed are relative to the size of the directional derivative (no unit).  When
    no direction told anything (a kink at x, a forward that is random or not finite around x),
    nothing is refuted: holds is True, allowed infinite and conclusive False.  worst names the
    argument whose gradient is off most; None where the claim holds or no single one is to blame.
    """

    holds: bool
    discrepancy: float
    allowed: float
    worst: str | None

    @property
    def conclusive(self) -> bool:
        """Whether a grossly wrong gradient would have been refuted."""
        return not self.holds or self.allowed <= CONCLUSIVE


@dataclass(frozen=True, slots=True)
class Probe:
    """One direction: psi'(0) and what may explain it other than a wrong gradient, all absolute."""

    slope: float  # psi'(0) by the wide stencil
    truncation: float  # how far it may be off by curvature and kinks near x
    noise: float  # .. and by rounding
    kink: float  # jump of psi' at 0
    scale: float  # size of the directional derivative

    @property
    def allowed(self) -> float:
        return max(self.truncation, self.noise)

    @property
    def holds(self) -> bool:
        return abs(self.slope) <= self.allowed

    @property
    def ratio(self) -> float:
        return abs(self.slope) / self.allowed if self.allowed else math.inf

    @property
    def kinked(self) -> bool:
        """Whether x itself lies on a kink that may explain the slope: any subgradient is right."""
        return self.kink > max(_KINK_NOISE * self.noise, abs(self.slope) / _SAFETY)

    def tells(self, disagreement: float) -> bool:
        """Whether psi is finite and, around x, has no strong curvature and no kink."""
        if not (math.isfinite(self.slope) and math.isfinite(self.allowed)):
            return False
        by_noise = _SAFETY * _RATIO * self.noise  # the narrow stencil is that much noisier
        return self.truncation <= max(by_noise, disagreement * self.scale)

    def result(self, holds: bool, worst: str | None = None) -> GradientResult:
        scale = self.scale or 1.0
        return GradientResult(holds, abs(self.slope) / scale, self.allowed / scale, worst)


def offsets(step: float, spacing: float | None = None) -> Array:
    """The places t at which psi is taken; with a `spacing` of close ones that show its noise."""
    places = [_WIDE * step, _NARROW * (step / _RATIO)]
    if spacing is not None:
        places.append(_WIDE * spacing)
    return np.concatenate(places)


def probed(psi: Array, step: float, unit: float, noise: float, parts: Sequence[Array]) -> Probe:
    """Judge psi at the `offsets`: slope, truncation, kink and noise.

    noise: standard deviation of psi by the rounding of forward(x) alone; parts: the products of
    gradient and direction, by argument.
    """
    wide, narrow, close = psi[:6], psi[6:10], psi[10:]
    slope = float(_WIDE_WEIGHTS @ wide) / step
    again = float(_NARROW_WEIGHTS @ narrow) / (step / _RATIO)
    even = np.array([narrow[1] + narrow[2], narrow[0] + narrow[3], wide[2] + wide[3]])
    kink = abs(float(_KINK_WEIGHTS @ even)) / (step / _RATIO)
    if close.size:
        differences = np.diff(np.insert(close, 3, 0.0), 3)
        noise += math.sqrt(float((differences**2).mean()) / 20)  # 20 = binomial(6, 3)
    claimed = sum(float(part.sum()) for part in parts)
    scale = math.sqrt(sum(float(part @ part) for part in parts)) + abs(claimed + slope)
    return Probe(
        slope=slope,
        truncation=_SAFETY * abs(slope - again),
        noise=_NOISE_SAFETY * (noise + unit * scale) / step,
        kink=kink,
        scale=scale,
    )
