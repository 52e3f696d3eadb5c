"""Hostile files in what is otherwise a right submission to a course, graded as any other is.

Whatever such a file does, the laws about it fail with its reason, the rest of the submission is judged,
and the submission graded next has the very result that it has alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from attacks.harness import Arena
from lawbook.judge.limits import Limits

DROPOUT = "Layers/Dropout.py"
QUICK = Limits(call_seconds=0.5, import_seconds=1.0, total_seconds=4.0)
RIGHT_LAYER = """
import os, signal, sys, time
import numpy as np
from Layers.Base import BaseLayer
{top}
class Dropout(BaseLayer):
    def __init__(self, probability):
        super().__init__()
        {constructor}
        self.probability = probability
    def forward(self, x):
        {forward}
        if self.testing_phase:
            return x
        self.mask = np.random.random(x.shape) < self.probability
        return x * self.mask / self.probability
    def backward(self, e):
        return e * self.mask / self.probability
"""


@dataclass(frozen=True)
class Hostile:
    """One statement, where it strikes, and the statuses and sentence of the laws about it."""

    name: str
    place: str
    statement: str
    statuses: frozenset[str]
    pattern: str

    def __str__(self) -> str:
        return self.name

    def source(self) -> str:
        places = {"top": "", "constructor": "pass", "forward": "pass", self.place: self.statement}
        return RIGHT_LAYER.format(**places)


def of(*statuses: str) -> frozenset[str]:
    return frozenset(statuses)


HOSTILE = [
    Hostile("exit at import", "top", "os._exit(0)", of("error", "missing"), "exit code 0"),
    Hostile("exit in the constructor", "constructor", "os._exit(0)", of("crash"), "exit code 0"),
    Hostile("exit in a call", "forward", "os._exit(0)", of("crash"), "exit code 0"),
    Hostile("sys.exit in a call", "forward", "sys.exit(0)", of("error"), "SystemExit"),
    Hostile("abort in a call", "forward", "os.abort()", of("crash"), "SIGABRT"),
    Hostile("loop at import", "top", "while True: pass", of("error", "missing"), "CPU time"),
    Hostile("loop in a call", "forward", "while True: pass", of("timeout"), "CPU time"),
    Hostile("sleep in a call", "forward", "time.sleep(60)", of("timeout"), "did not return"),
    Hostile("memory in a call", "forward", "bytearray(8 << 30)", of("error"), "MemoryError"),
    Hostile("fork in a call", "forward", "os.fork()", of("error"), "PermissionError|BlockingIO"),
    Hostile(
        "reads the system's files",
        "top",
        "open('/etc/passwd')",
        of("error", "missing"),
        "Permission",
    ),
    Hostile(
        "says that Lawbook failed",
        "forward",
        "sys.modules['lawbook_worker.session'].describe = lambda e, r: "
        "'Lawbook could not judge this: internal error'; 1 / 0",
        of("error"),
        "^.*Lawbook could not judge this",
    ),
    Hostile(
        "answers once right and then ends",
        "forward",
        "self.calls = getattr(self, 'calls', 0) + 1; self.calls > 3 and os._exit(0)",
        of("crash", "pass"),
        "exit code 0",
    ),
]


@pytest.mark.parametrize("hostile", HOSTILE, ids=str)
def test_a_hostile_file_fails_its_own_laws_and_no_others(arena: Arena, hostile: Hostile) -> None:
    path = arena.hand_in(hostile.name, {DROPOUT: hostile.source()})
    (result,) = arena.grade(path, only="dropout", limits=QUICK)
    asked = {law["law"] for law in arena.witnesses[0]["laws"] if law["status"] == "pass"}
    laws = [law for law in result["laws"] if law["law"] in asked]
    assert result["fault"] in ("", "submission")
    assert result["outcome"] == "fails"
    assert laws
    assert {law["status"] for law in laws} <= hostile.statuses
    assert any(re.search(hostile.pattern, law["message"]) for law in laws)
    arena.check_witnesses()


def test_the_rest_of_a_hostile_submission_is_judged(arena: Arena) -> None:
    path = arena.hand_in("the rest", {DROPOUT: HOSTILE[0].source()})
    (result,) = arena.grade(path, only="optimizers")
    assert {law["status"] for law in result["laws"]} <= {"pass", "skip"}
    assert result["outcome"] == "holds"
