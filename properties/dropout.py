"""Laws of dropout (Srivastava et al. 2014; FAU, TUM, ETH and Hannover decks, "Dropout")."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from lawbook.bounds import bounded
from lawbook.claims import (
    All,
    AtMost,
    Claim,
    Differ,
    Equal,
    Finite,
    Frequency,
    Independent,
    OneOf,
    SameBits,
)
from lawbook.domains import array, keep_rates, like, one_of, seeds
from lawbook.laws import law
from lawbook.operations import Operation

BOTH = ("dropout", "classic_dropout")
SOURCE = "Srivastava et al. 2014, section 4; FAU deck, Dropout"
ANY = {"x": array(), "keep": keep_rates()}
WITH_ERROR = {**ANY, "dy": like("x")}


def kept_factor(operation: Operation, keep: float) -> float:
    """What a kept unit is multiplied by in training: 1/q inverted, 1 classic."""
    return 1.0 if operation.name == "classic_dropout" else 1.0 / keep


def masks(operation: Operation, keep: float, calls: int, shape: tuple[int, ...]) -> Any:
    """The masks of several training calls of one layer on ones: (calls, *shape) of booleans."""
    ones = [np.ones(shape)] * calls
    return np.stack([np.asarray(y) != 0 for y in operation(keep=keep).train.each(ones)])


@law(
    BOTH,
    r"y_i \in \{0,\ c\,x_i\},\quad c = 1/q \text{ (inverted)},\ 1 \text{ (classic)}",
    ANY,
    source=SOURCE,
    rows=("dropout.inverted", "dropout.classic"),
)
def units_are_zero_or_scaled(dropout: Operation, x: Any, keep: float) -> Claim:
    y = dropout(keep=keep).train(x)
    kept = bounded(x) if dropout.name == "classic_dropout" else bounded(x) / keep
    return OneOf(y, (kept, 0.0))


@law(
    BOTH,
    r"P(m_i = 1) = q",
    {"keep": keep_rates(), "seed": seeds()},
    source=SOURCE,
    rows=("dropout.classic", "dropout.inverted", "dropout.expectation"),
    statistical=True,
    screen=3,
)
def units_are_kept_with_probability_keep(dropout: Operation, keep: float, seed: int) -> Claim:
    dropout.seed(seed)
    m = masks(dropout, keep, 8, (64, 64))
    return Frequency(int(m.sum()), m.size, keep)
