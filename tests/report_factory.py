"""Reports of format 2 made without running anything: a class whose members made known mistakes."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from lawbook.laws import Law, discover
from lawbook.mistakes import Mistake
from lawbook.mistakes import discover as known_mistakes
from lawbook.verdicts import NOT_HELD, to_json

FIRST = "Ada Bao Chidi Dilnoza Elif Farouk Grażyna Hiền Ines Jørgen Kofi Léa Mei Nadia Óscar Priya"
LAST = (
    "Abel Brandt Costa Dlamini Evans Fischer García Hoang Ivanov Jansen Kaya Lindqvist Mbeki Nowak"
)
OPERATIONS = ("batch_norm", "dropout", "adam", "sgd", "l1_penalty", "l2_penalty", "network", "relu")
ISOLATION = {
    "level": "portable",
    "layers": ["a process of its own", "limits", "Landlock", "seccomp"],
    "not_active": [{"layer": "bubblewrap", "reason": "bwrap is not installed"}],
}


def entry(law: Law, status: str = "pass", **changed: Any) -> dict[str, Any]:
    """The verdict on a law."""
    found: dict[str, Any] = {
        "law": law.id,
        "topic": law.topic,
        "operation": law.operation,
        "status": status,
        "severity": law.severity,
        "examples": 10 if status == "pass" else 0,
        "seconds": 0.002,
        "measured": 1e-16 if status == "pass" else None,
        "allowed": 1e-14 if status == "pass" else None,
        "counterexample": None,
        "expected": None,
        "got": None,
        "message": "",
        "diagnosis": [],
        "repro": None,
    }
    return {**found, **changed}


def failing(law: Law, mistake: str = "", seed: int = 7, **changed: Any) -> dict[str, Any]:
    """The verdict on a law that does not hold, with a counterexample."""
    drawn = np.random.default_rng(seed)
    x = drawn.integers(-3, 4, (3, 2)) / 2
    got = x.copy()
    got[1, 0] += 0.75
    found = entry(
        law,
        "fail",
        examples=3,
        measured=0.75,
        allowed=2.2e-15,
        counterexample={"inputs": to_json({"x": x, "keep": 0.5}), "seed": seed},
        expected=to_json(x),
        got=to_json(got),
        message="the sides differ at index (1, 0)",
        diagnosis=[mistake] if mistake else [],
        repro=f"# {law.id}\nimport sys\n\nsys.path.insert(0, '/grader/work/one')\nimport numpy as np\n",
    )
    return {**found, **changed}


def result(name: str, laws: Sequence[dict[str, Any]], **changed: Any) -> dict[str, Any]:
    """A judged submission."""
    fails = any(one["status"] in NOT_HELD and one["severity"] == "error" for one in laws)
    found: dict[str, Any] = {
        "name": name,
        "path": f"/grader/work/{name}",
        "hand_in": name,
        "student": None,
        "digest": "0123456789abcdef" * 4,
        "seed": 11,
        "course": "fau",
        "profile": "fau-2021",
        "conventions": {"dropout.p": "keep", "batch_norm.eps": 1e-11},
        "isolation": ISOLATION,
        "notes": [],
        "message": "",
        "fault": "",
        "outcome": ("fails" if fails else "holds") if laws else "not_judged",
        "grade": None,
        "seconds": 0.31,
        "summary": dict(Counter(one["status"] for one in laws)),
        "laws": list(laws),
    }
    return {**found, **changed}


def not_judged(name: str, fault: str, message: str, **changed: Any) -> dict[str, Any]:
    """A submission that was not judged."""
    blank = {"isolation": {}, "digest": None, "seed": 0, "profile": None, "conventions": {}}
    return {**result(name, []), **blank, "fault": fault, "message": message, **changed}


def report(results: Sequence[dict[str, Any]], **changed: Any) -> dict[str, Any]:
    """A report over results."""
    found: dict[str, Any] = {
        "format": 2,
        "lawbook": "0.1.0",
        "seed": None,
        "environment": {"date": "2026-11-21", "python": "3.11.7", "numpy": "2.4.6"},
        "complete": True,
        "expected": len(results),
        "subjects": list(results),
    }
    return {**found, **changed}


def graded(one: dict[str, Any], of: float = 20) -> dict[str, Any]:
    """The result with a grade: each topic is worth the same."""
    if one["outcome"] == "not_judged" and one["fault"] != "submission":
        return one
    topics = sorted({law["topic"] for law in one["laws"]}) or ["everything"]
    items = []
    for topic in topics:
        mine = [law for law in one["laws"] if law["topic"] == topic]
        wrong = [law["law"] for law in mine if law["status"] in NOT_HELD]
        fails = not mine or any(law["severity"] == "error" for law in mine if law["law"] in wrong)
        items.append(
            {
                "name": topic.replace("_", " "),
                "points": 0 if fails else of / len(topics),
                "of": of / len(topics),
                "status": "failed" if fails else "passed",
                "message": f"{len(wrong)} laws do not hold" if wrong else "",
                "hidden": topic == "network",
                "laws": [law["law"] for law in mine],
            }
        )
    points = sum(item["points"] for item in items)
    return {**one, "grade": {"points": points, "of": of, "items": items, "rubric": "exercise 3"}}


def judged_laws(operations: Sequence[str] = OPERATIONS) -> list[Law]:
    """The laws of a course's operations."""
    return [law for law in discover() if law.operation in operations]


def of_mistake(name: str, made: Sequence[Mistake], laws: Sequence[Law]) -> dict[str, Any]:
    """The result of who made some mistakes."""
    verdicts = []
    for at, law in enumerate(laws):
        why = [one.id for one in made if law.id in one.breaks and one.operation == law.operation]
        if why:
            verdicts.append(failing(law, why[0], seed=at, diagnosis=why))
        elif law.operation == "network" and at % 3 == 0:
            verdicts.append(entry(law, "skip", message="the course has no such call"))
        else:
            verdicts.append(entry(law))
    return result(name, verdicts)


def class_of(size: int, seed: int = 0) -> dict[str, Any]:
    """A class: most made no mistake or one, some could not be judged."""
    drawn = random.Random(seed)
    laws = judged_laws()
    known = [one for one in known_mistakes().values() if one.operation in OPERATIONS]
    results = []
    for number in range(size):
        first, last = drawn.choice(FIRST.split()), drawn.choice(LAST.split())
        name = f"{last.lower()}_{number:03d}"
        student = {
            "id": f"{4100 + number}",
            "name": f"{first} {last}",
            "email": f"{name}@uni.example",
        }
        kind = drawn.random()
        if kind < 0.03:
            one = not_judged(name, "submission", "Layers/Dropout.py, line 12: this is not Python")
        elif kind < 0.05:
            one = not_judged(name, "grader", "the worker did not start: no memory")
        else:
            count = drawn.choices([0, 1, 2, 4], [5, 4, 2, 1])[0]
            weights = [1 / (1 + at) for at in range(len(known))]
            one = of_mistake(name, drawn.choices(known, weights, k=count), laws)
            one["seconds"] = round(0.1 + drawn.random() ** 4 * 3, 4)
            if kind > 0.95:
                entries = [law for law in one["laws"] if law["status"] == "pass"]
                slow = drawn.choice(entries)
                slow |= {"status": "timeout", "message": "it ran for more than 2 s"}
                one["outcome"] = "fails" if slow["severity"] == "error" else one["outcome"]
        results.append(graded({**one, "student": student}))
    return report(results)
