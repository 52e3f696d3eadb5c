"""The one generator that the reference's operation classes draw from."""

from __future__ import annotations

import numpy as np

_state = {"generator": np.random.default_rng()}


def generator() -> np.random.Generator:
    """The generator in use."""
    return _state["generator"]


def seed(value: int) -> None:
    """Restart the generator from `value` >= 0."""
    _state["generator"] = np.random.default_rng(value)


def draw() -> float:
    """One number in [0, 1)."""
    return float(generator().random())
