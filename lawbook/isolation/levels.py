"""The levels of isolation: what each means, and which one the outcomes of the attacks show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MEANING = {
    "none": "a submission runs in another process, and nothing limits what it uses",
    "process": "a submission cannot change its verdict, but it could read and write what this user may, "
    "or reach the network",
    "portable": "a submission cannot change its verdict, reads only what it needs, writes only a folder "
    "of its own, starts no process and reaches no network",
    "user": "as portable, and it runs under a user id that owns nothing else",
    "namespaces": "as portable, and it sees neither the network nor the processes of this machine",
}
LEVELS = tuple(MEANING)[1:]  # what can be required
HIGHER = {
    "none": "the limits are switched off; leave out --without limits",
    "process": "a Linux kernel from 6.12 on, with Landlock and filters of system calls allowed",
    "portable": "run as root (each submission then gets a user id of its own), or install bubblewrap "
    "where user namespaces are allowed",
    "user": "install bubblewrap, where namespaces are allowed",
}
LIMITS = frozenset({"endless"})  # macOS has no limit of address space


@dataclass(frozen=True, eq=False, repr=False)
class Isolation:
    """What is around the workers of a zygote.

    `layers` are in force, `not_active` are not, with the reason.  `outcomes` has every attack of the
    self-test, "" where it was stopped and else what it could do; it decides the level.
    """

    level: str
    layers: tuple[str, ...] = ()
    not_active: tuple[tuple[str, str], ...] = ()
    outcomes: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """As a report has it."""
        return {
            "level": self.level,
            "layers": list(self.layers),
            "not_active": [{"layer": layer, "reason": why} for layer, why in self.not_active],
        }

    def reaches(self, level: str) -> bool:
        """Whether it is at this level or above it."""
        order = tuple(MEANING)
        return order.index(self.level) >= order.index(level)

    @property
    def escapes(self) -> dict[str, str]:
        """The attacks that were not stopped."""
        return {name: done for name, done in self.outcomes.items() if done}


def level_of(outcomes: Mapping[str, str], own_user: bool, own_namespaces: bool) -> str:
    """The level that these outcomes show; "none" where even the limits of the kernel do not hold."""
    escapes = {name for name, done in outcomes.items() if done}
    if not outcomes.keys() >= LIMITS or escapes & LIMITS:
        return "none"
    if escapes:
        return "process"
    return "namespaces" if own_namespaces else "user" if own_user else "portable"
