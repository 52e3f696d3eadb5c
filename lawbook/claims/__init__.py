"""Claims: what a law returns, and the only place where things are compared.

A numeric claim compares within the rounding bound that the reference computed for this very input (`arrays`).
A statistical claim compares a p-value bound with its share of the run's error budget (`statistical`).
A gradient is compared with the differences of the target's own forward function (`gradient`).
"""

from lawbook.claims.arrays import (
    ORDER_FACTOR,
    AtMost,
    Differ,
    Equal,
    Finite,
    OneOf,
    SameBits,
    near,
    plain,
    same_numbers,
)
from lawbook.claims.base import All, Claim, Outcome
from lawbook.claims.gradient import Gradient
from lawbook.claims.statistical import Frequency, Independent, Mean, Unlikely, Variance

__all__ = [
    "ORDER_FACTOR",
    "All",
    "AtMost",
    "Claim",
    "Differ",
    "Equal",
    "Finite",
    "Frequency",
    "Gradient",
    "Independent",
    "Mean",
    "OneOf",
    "Outcome",
    "SameBits",
    "Unlikely",
    "Variance",
    "near",
    "plain",
    "same_numbers",
]
