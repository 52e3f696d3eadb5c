"""Verdicts: what came out of running a law against a target, as data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

STATUSES = ("pass", "fail", "error", "missing", "timeout", "crash", "skip", "deviates")
INTERNAL = "Lawbook could not judge this"
OUTCOMES = ("holds", "fails", "not_judged")  # by exit status
MOST_KEPT = 10_000  # numbers of a side of a comparison, which is a submission's to choose
NOT_HELD = frozenset({"fail", "error", "missing", "timeout", "crash"})


@dataclass(eq=False, repr=False)
class Verdict:
    """The verdict on one law.

    `status` is one of `STATUSES`; `examples` counts the cases really run; `measured` and `allowed` belong
    to the case that came closest to its bound, or to the counterexample; `case` is the counterexample's
    inputs, `trace` the calls it made.
    """

    law: str
    topic: str
    operation: str
    statement: str = ""
    status: str = "pass"
    severity: str = "error"
    examples: int = 0
    seconds: float = 0.0
    measured: float | None = None
    allowed: float | None = None
    case: dict[str, Any] | None = None
    seed: int = 0
    expected: Any = None
    got: Any = None
    message: str = ""
    diagnosis: list[str] = field(default_factory=list)
    repro: str | None = None
    trace: Sequence[Any] = ()

    @property
    def counts_against(self) -> bool:
        """Whether this verdict makes the subject fail."""
        return self.status in NOT_HELD and self.severity == "error"

    @property
    def is_internal(self) -> bool:
        """Whether Lawbook itself failed on this law."""
        return self.status == "skip" and self.message.startswith(INTERNAL)

    def as_json(self) -> dict[str, Any]:
        """The verdict as the report's JSON has it."""
        return {
            "law": self.law,
            "topic": self.topic,
            "operation": self.operation,
            "status": self.status,
            "severity": self.severity,
            "examples": self.examples,
            "seconds": round(self.seconds, 4),
            "measured": to_json(self.measured),
            "allowed": to_json(self.allowed),
            "counterexample": None
            if self.case is None
            else {"inputs": to_json(self.case), "seed": self.seed},
            "expected": to_json(kept(self.expected)),
            "got": to_json(kept(self.got)),
            "message": self.message,
            "diagnosis": self.diagnosis,
            "repro": self.repro,
        }


@dataclass(eq=False, repr=False)
class Subject:
    """One judged target or submission with all its verdicts; `message` says why there are none.

    `fault` is whose fault that is: "submission", or "grader", which means ours: no grade follows.  `hand_in`
    names what was handed in, `digest` is the SHA-256 of its files, `seed` what it was judged with.
    """

    name: str
    path: str | None = None
    course: str | None = None
    profile: str | None = None
    conventions: dict[str, Any] = field(default_factory=dict)
    isolation: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0
    verdicts: list[Verdict] = field(default_factory=list)
    message: str = ""
    fault: str = ""
    hand_in: str = ""
    student: dict[str, str] | None = None
    digest: str | None = None
    seed: int = 0
    grade: dict[str, Any] | None = None

    @property
    def exit_code(self) -> int:
        """0: all laws hold; 1: some do not; 2: it could not be judged."""
        if self.message or not self.verdicts or any(v.is_internal for v in self.verdicts):
            return 2
        return int(any(verdict.counts_against for verdict in self.verdicts))

    def as_json(self) -> dict[str, Any]:
        """The subject as the report's JSON has it."""
        return {
            "name": self.name,
            "path": self.path,
            "hand_in": self.hand_in or self.name,
            "student": self.student,
            "digest": self.digest,
            "seed": self.seed,
            "course": self.course,
            "profile": self.profile,
            "conventions": to_json(self.conventions),
            "isolation": self.isolation,
            "notes": self.notes,
            "message": self.message,
            "fault": self.fault,
            "outcome": OUTCOMES[self.exit_code],
            "grade": self.grade,
            "seconds": round(self.seconds, 4),
            "summary": dict(Counter(verdict.status for verdict in self.verdicts)),
            "laws": [verdict.as_json() for verdict in self.verdicts],
        }


def is_ours(entry: Mapping[str, Any]) -> bool:
    """Whether Lawbook itself failed on the law that this entry of a report is about."""
    return entry.get("status") == "skip" and str(entry.get("message", "")).startswith(INTERNAL)


def kept(value: Any) -> Any:
    """A side of a comparison as a report keeps it: of more than `MOST_KEPT` numbers only what it is."""
    if size(value) <= MOST_KEPT:
        return value
    shape = f" of shape {value.shape}" if isinstance(value, np.ndarray) else ""
    return f"{type(value).__name__}{shape}, too large to be shown"


def size(value: Any) -> int:
    """How many numbers there are in a value."""
    if isinstance(value, np.ndarray):
        return value.size
    return sum(map(size, value)) if isinstance(value, list | tuple) else 1


def to_json(value: Any) -> Any:
    """Arrays as {"dtype", "shape", "data"} where a list would lose them, other values as JSON has them."""
    if isinstance(value, np.ndarray):
        data = to_json(value.tolist())
        return {"dtype": str(value.dtype), "shape": list(value.shape), "data": data}
    if isinstance(value, np.generic):
        return to_json(value.item())
    if isinstance(value, float):
        return value if np.isfinite(value) else str(value)
    if isinstance(value, dict):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def from_json(value: Any) -> Any:
    """The inverse of `to_json` for counterexamples; raises ValueError or KeyError on other data."""
    if isinstance(value, dict) and set(value) == {"dtype", "shape", "data"}:
        if value["dtype"] not in ("float64", "float32", "int64", "bool"):
            raise ValueError(f"dtype {value['dtype']!r} is not known")
        return np.array(from_json(value["data"]), value["dtype"]).reshape(value["shape"])
    if isinstance(value, dict):
        return {key: from_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [from_json(item) for item in value]
    return float(value) if value in ("inf", "-inf", "nan") else value
