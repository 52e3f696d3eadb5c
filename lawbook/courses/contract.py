"""What an adapter gives: a loaded submission, whose operations take and return arrays and numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Array = Any  # numpy.ndarray; what a student returns may be anything


@dataclass
class Loaded:
    """A loaded submission: what it offers, and one sentence for each operation it cannot offer."""

    operations: dict[str, type] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    profile: str | None = None
