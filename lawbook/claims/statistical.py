"""Claims about samples: a p-value bound is compared with its share of the run's error budget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lawbook import statistics
from lawbook.claims.base import Claim, Outcome


@dataclass(eq=False, repr=False)
class Unlikely(Claim):
    """None of the named p-value bounds is below the run's alpha."""

    p_values: Mapping[str, float]
    expected: Any = None
    got: Any = None

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
