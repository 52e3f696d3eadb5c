"""How much of each law is run, and from which seed."""

from __future__ import annotations

import os
from dataclasses import dataclass

SHRINK_CALLS = 250  # evaluations spent on making a counterexample small


@dataclass(eq=False, repr=False)
class Budget:
    """How much of each law is run: screened cases relative to the law's own, searched ones, shrinking."""

    screen: float = 1.0
    search: int = 0
    shrink_calls: int = SHRINK_CALLS


def fresh_seed() -> int:
    """A seed of 32 bits that nobody can foresee."""
    return int.from_bytes(os.urandom(4), "little")
