"""Two-sided p-value bounds that hold at every sample size, and the sample sizes they ask for.

Every ``*_p`` function returns a number P with ``Pr(P <= a) <= a`` for all a under the hypothesis,
without asymptotics.  Beside it stand ``*_effect`` (the smallest departure that is detected with
miss rate beta at false-alarm rate alpha) and ``*_samples`` (how many samples detect a departure).
Statistics that are not finite have probability 0 under every hypothesis here and get p-value 0.
"""

from lawbook.statistics.budget import ALPHA, BETA, MAX_P_VALUES, RUN_BUDGET, bonferroni
from lawbook.statistics.distributions import ks_effect, ks_p, ks_samples
from lawbook.statistics.frequencies import binomial_effect, binomial_p, binomial_samples
from lawbook.statistics.masks import mask_p_values
from lawbook.statistics.moments import (
    bounded_mean_effect,
    bounded_mean_p,
    bounded_mean_samples,
    chi_square_effect,
    chi_square_p,
    chi_square_samples,
    gaussian_mean_effect,
    gaussian_mean_p,
    gaussian_mean_samples,
)

__all__ = [
    "ALPHA",
    "BETA",
    "MAX_P_VALUES",
    "RUN_BUDGET",
    "binomial_effect",
    "binomial_p",
    "binomial_samples",
    "bonferroni",
    "bounded_mean_effect",
    "bounded_mean_p",
    "bounded_mean_samples",
    "chi_square_effect",
    "chi_square_p",
    "chi_square_samples",
    "gaussian_mean_effect",
    "gaussian_mean_p",
    "gaussian_mean_samples",
    "ks_effect",
    "ks_p",
    "ks_samples",
    "mask_p_values",
]
