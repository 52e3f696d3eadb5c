"""The gradient claim for black boxes: a gradient is the derivative of the target's own forward.

With output weights u (the cotangent), ``phi(t) = <u, forward(x + t v)>`` and claimed gradients g,
the adjoint identity says ``phi'(0) = <g, v>`` for every direction v.  Judged is the residual

    psi(t) = <u, forward(x_t) - forward(x)> - <g, x_t - x>,    claim: psi'(0) = 0,

where x_t is x + t v *as rounded*, so that rounding of inputs (large mean, small spread) cancels.
psi'(0) is taken by a 6-point stencil at h and again by a 4-point stencil at h/8.  Where the two
agree, their difference bounds the truncation; where they do not, a kink or strong curvature lies
nearby and the direction is redrawn at a smaller h, never failed.  The even part of psi reveals a
kink at x itself.  A failure counts only when three fresh directions at other h confirm it.

Sources: Griewank, Walther (2008), chapter 3 (adjoint identity); Fornberg (1988) (stencils); More,
Wild (2011) (rounding noise of a computed function from its difference table).
"""

import copy
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
ForwardMany = Callable[[list[dict[str, Any]]], Sequence[Any]]

DIRECTIONS = 2
"""Directions drawn at first; all go in one message, with 10 forwards each and one for x."""
CONFIRMATIONS = 3
"""Fresh directions that must fail before the claim fails."""
CONCLUSIVE = 0.1
"""Largest allowed discrepancy, relative, with which a passed claim still says something."""

_DOUBLE = 2.0**-53
_STEP = 8e-3  # h for float64, as a part of the spread of an argument
_LARGEST_STEP = 0.1
_REDRAWS = 16  # directions after a first failure; h falls by 4 at each that tells nothing
_DISAGREEMENT = 1e-5  # for float64: largest truncation / scale of a direction that tells
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
class _Probe:
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


def directional_check(
    forward_many: ForwardMany,
    arguments: Mapping[str, Any],
    gradients: Mapping[str, ArrayLike],
    cotangent: ArrayLike,
    rng: np.random.Generator,
    unit: float = _DOUBLE,
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
    claim = _Claim(forward_many, arguments, gradients, cotangent, rng, unit, spreads or {})
    try:
        return claim.judge()
    except _NotFiniteError:
        return GradientResult(False, math.inf, 0.0, None)


class _NotFiniteError(Exception):
    """The forward is not finite at the arguments themselves."""


class _Claim:
    """The claim at one point; draws directions, evaluates psi along them, and decides."""

    def __init__(
        self,
        forward_many: ForwardMany,
        arguments: Mapping[str, Any],
        gradients: Mapping[str, ArrayLike],
        cotangent: ArrayLike,
        rng: np.random.Generator,
        unit: float,
        spreads: Mapping[str, ArrayLike],
    ) -> None:
        self.forward_many, self.arguments, self.rng, self.unit = forward_many, arguments, rng, unit
        self.cotangent = np.asarray(cotangent, dtype=np.float64)
        self.gradients = {k: np.asarray(g, dtype=np.float64) for k, g in gradients.items()}
        self.point = {k: _rounded(np.asarray(arguments[k], np.float64), unit) for k in gradients}
        self.spreads = {
            name: np.broadcast_to(np.asarray(spreads.get(name, _spread(x)), np.float64), x.shape)
            for name, x in self.point.items()
        }
        if not all((spread > 0).all() for spread in self.spreads.values()):
            raise ValueError("spreads must be positive")
        coarser = (unit / _DOUBLE) ** 0.2  # balances the narrow stencil's h^4 with unit / h
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

    def settle(self, names: tuple[str, ...], *, suspected: bool) -> _Probe | None:
        """Redraw until enough telling directions hold or fail; return the weakest, None if too few.

        One that holds is enough, unless a failure was seen: then three of a kind decide.  Three
        that see x on a kink tell nothing.
        """
        kinked = 0
        held: list[_Probe] = []
        failed: list[_Probe] = []
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
    ) -> list[_Probe]:
        """Evaluate psi along each direction, all in one message, and judge each."""
        offsets = [_WIDE * step, _NARROW * (step / _RATIO)]
        if measure_noise:
            offsets.append(_WIDE * self.noise_spacing())
        ts = np.concatenate(offsets)
        with np.errstate(all="ignore"):  # a direction that is not finite does not tell
            base, psi = self.residuals(directions, ts)
            noise = self.unit * math.sqrt(float((base * base).sum()))
            rows = zip(directions, psi.reshape(len(directions), ts.size), strict=True)
            return [self.judged(v, row, step, noise) for v, row in rows]

    def judged(self, v: dict[str, Array], psi: Array, step: float, noise: float) -> _Probe:
        """Take slope, truncation, kink and noise from psi at wide, narrow and any close points."""
        wide, narrow, close = psi[:6], psi[6:10], psi[10:]
        slope = float(_WIDE_WEIGHTS @ wide) / step
        again = float(_NARROW_WEIGHTS @ narrow) / (step / _RATIO)
        even = np.array([narrow[1] + narrow[2], narrow[0] + narrow[3], wide[2] + wide[3]])
        kink = abs(float(_KINK_WEIGHTS @ even)) / (step / _RATIO)
        if close.size:
            differences = np.diff(np.insert(close, 3, 0.0), 3)
            noise += math.sqrt(float((differences**2).mean()) / 20)  # 20 = binomial(6, 3)
        parts = [(self.gradients[name] * move).ravel() for name, move in v.items()]
        claimed = sum(float(part.sum()) for part in parts)
        scale = math.sqrt(sum(float(part @ part) for part in parts)) + abs(claimed + slope)
        return _Probe(
            slope=slope,
            truncation=_SAFETY * abs(slope - again),
            noise=_NOISE_SAFETY * (noise + self.unit * scale) / step,
            kink=kink,
            scale=scale,
        )

    def noise_spacing(self) -> float:
        """Return a move far below curvature yet of at least 8 rounding units of every argument."""
        lost = [
            float((np.abs(x) / self.spreads[name]).max(initial=0.0))
            for name, x in self.point.items()
        ]
        return max(float(self.unit ** (2 / 3)), 8 * self.unit * max(lost))

    def residuals(self, directions: Sequence[dict[str, Array]], ts: Array) -> tuple[Array, Array]:
        """Return (u * forward(x), psi at every t of every direction), from one message."""
        points = {
            name: _rounded(
                np.stack(
                    [x, *(x + t * v[name] if name in v else x for v in directions for t in ts)]
                ),
                self.unit,
            )
            for name, x in self.point.items()
        }
        outputs = self.forward(points, 1 + len(directions) * ts.size)
        if not np.isfinite(outputs[0]).all():
            raise _NotFiniteError
        changes = (outputs[1:] - outputs[0]) * self.cotangent
        psi = changes.reshape(len(changes), -1).sum(axis=1)
        for name, xs in points.items():
            psi -= (xs[1:] - xs[0]).reshape(len(psi), -1) @ self.gradients[name].ravel()
        return outputs[0] * self.cotangent, psi

    def forward(self, points: dict[str, Array], count: int) -> Array:
        """Send all points in one call, in the arguments' own dtypes, and stack the outputs."""
        moved = {name: _typed(self.arguments[name], xs) for name, xs in points.items()}
        calls = [
            {
                name: moved[name][i] if name in moved else copy.deepcopy(value)
                for name, value in self.arguments.items()
            }
            for i in range(count)
        ]
        outputs = [np.asarray(y, dtype=np.float64) for y in self.forward_many(calls)]
        for y in outputs:
            if y.shape != self.cotangent.shape:
                raise ValueError(f"forward returned {y.shape}, cotangent is {self.cotangent.shape}")
        if len(outputs) != count:
            raise ValueError(f"forward_many returned {len(outputs)} outputs for {count} points")
        return np.stack(outputs)


def _rounded(x: Array, unit: float) -> Array:
    """Round to the significand of rounding unit `unit`, so that forward's own cast is exact."""
    if unit <= _DOUBLE:
        return x
    mantissa, exponent = np.frexp(x)
    return np.asarray(np.ldexp(np.rint(mantissa / unit) * unit, exponent), dtype=np.float64)


def _spread(x: Array) -> float:
    """Return the standard deviation; for a constant its absolute value, or 1 at zero."""
    if x.size and np.ptp(x) > 0:
        return float(x.std())
    return float(np.abs(x).max(initial=0.0)) or 1.0


def _typed(value: Any, xs: Array) -> Sequence[Any]:
    """Return the points xs in the form of the argument they replace, in dtype and rank."""
    if isinstance(value, np.ndarray) and np.issubdtype(value.dtype, np.floating):
        return list(xs.astype(value.dtype))
    return list(xs) if np.ndim(value) else [float(x) for x in xs]
