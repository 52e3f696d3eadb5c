"""The residual psi: the change of the target's own forward, less what the claimed gradients say."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
ForwardMany = Callable[[list[dict[str, Any]]], Sequence[Any]]

DOUBLE = 2.0**-53


class NotFiniteError(Exception):
    """The forward is not finite at the arguments themselves."""


class Residual:
    """psi at one point x; `point` has the arguments that are moved, `gradients` what is claimed."""

    def __init__(
        self,
        forward_many: ForwardMany,
        arguments: Mapping[str, Any],
        gradients: Mapping[str, ArrayLike],
        cotangent: ArrayLike,
        unit: float,
    ) -> None:
        self._forward_many, self._arguments, self.unit = forward_many, arguments, unit
        self._cotangent = np.asarray(cotangent, dtype=np.float64)
        self.gradients = {k: np.asarray(g, dtype=np.float64) for k, g in gradients.items()}
        self.point = {k: _rounded(np.asarray(arguments[k], np.float64), unit) for k in gradients}

    def along(self, directions: Sequence[dict[str, Array]], ts: Array) -> tuple[Array, Array]:
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
        outputs = self._forward(points, 1 + len(directions) * ts.size)
        if not np.isfinite(outputs[0]).all():
            raise NotFiniteError
        changes = (outputs[1:] - outputs[0]) * self._cotangent
        psi = changes.reshape(len(changes), -1).sum(axis=1)
        for name, xs in points.items():
            psi -= (xs[1:] - xs[0]).reshape(len(psi), -1) @ self.gradients[name].ravel()
        return outputs[0] * self._cotangent, psi

    def _forward(self, points: dict[str, Array], count: int) -> Array:
        """Send all points in one call, in the arguments' own dtypes, and stack the outputs."""
        moved = {name: _typed(self._arguments[name], xs) for name, xs in points.items()}
        calls = [
            {
                name: moved[name][i] if name in moved else copy.deepcopy(value)
                for name, value in self._arguments.items()
            }
            for i in range(count)
        ]
        outputs = [np.asarray(y, dtype=np.float64) for y in self._forward_many(calls)]
        for y in outputs:
            if y.shape != self._cotangent.shape:
                raise ValueError(
                    f"forward returned {y.shape}, cotangent is {self._cotangent.shape}"
                )
        if len(outputs) != count:
            raise ValueError(f"forward_many returned {len(outputs)} outputs for {count} points")
        return np.stack(outputs)


def _rounded(x: Array, unit: float) -> Array:
    """Round to the significand of rounding unit `unit`, so that forward's own cast is exact."""
    if unit <= DOUBLE:
        return x
    mantissa, exponent = np.frexp(x)
    return np.asarray(np.ldexp(np.rint(mantissa / unit) * unit, exponent), dtype=np.float64)


def _typed(value: Any, xs: Array) -> Sequence[Any]:
    """Return the points xs in the form of the argument they replace, in dtype and rank."""
    if isinstance(value, np.ndarray) and np.issubdtype(value.dtype, np.floating):
        return list(xs.astype(value.dtype))
    return list(xs) if np.ndim(value) else [float(x) for x in xs]
