"""How a layer is told things: whether it is tested, and its optimizer."""

from __future__ import annotations

import enum
from typing import Any


def in_phase(layer: Any, testing: bool) -> Any:
    """The layer, told whether it is tested: `testing_phase`, up to 2020 `phase` (enum or string)."""
    layer.testing_phase = testing
    phase = getattr(layer, "phase", None)
    if isinstance(phase, enum.Enum):
        layer.phase = type(phase)["test" if testing else "train"]
    elif isinstance(phase, str):
        ending = "ing" if phase.endswith("ing") else ""
        layer.phase = ("test" if testing else "train") + ending
    return layer


def is_testing(layer: Any) -> bool:
    """The flag a layer sees, as a bool, in whatever form the network has set it."""
    flag = layer.phase if getattr(layer, "phase", None) is not None else layer.testing_phase
    name = flag.name if isinstance(flag, enum.Enum) else flag
    return name.lower().startswith("test") if isinstance(name, str) else bool(name)


def attach(layer: Any, optimizer: Any) -> None:
    """Give a layer its optimizer as the framework does: the property, to 2019 `set_optimizer`."""
    if hasattr(layer, "set_optimizer") and not hasattr(type(layer), "optimizer"):
        layer.set_optimizer(optimizer)
    else:
        layer.optimizer = optimizer
