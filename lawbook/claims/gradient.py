"""The claim that gradients are those of the target's own forward function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lawbook.bounds import unit
from lawbook.claims.base import Claim, Outcome


@dataclass(eq=False, repr=False)
class Gradient(Claim):
    """The gradients are those of the target's own forward function (adjoint identity, black box).

    `forwards` maps a list of argument dictionaries to the list of outputs; `gradients` are by name.
    """

    forwards: Callable[[list[dict[str, Any]]], list[Any]]
    arguments: Mapping[str, Any]
    gradients: Mapping[str, Any]
    cotangent: Any
    seed: int = 0
    asks = True

    def judge(self) -> Outcome:
        from lawbook.gradients import directional_check

        found = directional_check(
            self.forwards,
            dict(self.arguments),
            dict(self.gradients),
            self.cotangent,
            np.random.default_rng(self.seed),
            unit=unit(),
        )
        which = f" with respect to {found.worst}" if found.worst else ""
        text = "" if found.holds else f"the gradient{which} is not the derivative of the forward"
        got = {name: np.asarray(value) for name, value in self.gradients.items()}
        due = "the derivative of the forward"
        return Outcome(found.holds, found.discrepancy, found.allowed, due, got, text)
