"""Replaying: the counterexample of a law in a JSON report, run once more on the same target."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lawbook.laws import Law, discover, select
from lawbook.profiles import COURSES, PROFILES
from lawbook.reopening import opened_path
from lawbook.submissions import NotGradable
from lawbook.targets import Target, open_target
from lawbook.trial import Failure, JudgeError, Trial, record
from lawbook.verdicts import Verdict, from_json

FORMAT = 2


class BadReport(Exception):
    """A file is no report that can be replayed; the message is one sentence for the user."""


@dataclass(frozen=True)
class Replayed:
    """What a subject's stored counterexample comes to now; `status` is what the report said."""

    subject: str
    path: str | None
    status: str
    verdict: Verdict
    target: Target
    profile: str | None = None


def read(path: str) -> dict[str, Any]:
    """A report; BadReport where the file is none."""
    try:
        report = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise BadReport(f"{path}: {error.strerror or error}") from None
    except (ValueError, RecursionError):  # a wrong encoding is a ValueError too
        raise BadReport(f"{path}: this is not JSON") from None
    if not isinstance(report, dict) or "format" not in report:
        raise BadReport(f"{path}: this is not a report of Lawbook")
    if report["format"] != FORMAT:
        raise BadReport(f"{path}: its format is {report['format']!r:.20}, known is {FORMAT}")
    subjects = report.get("subjects")
    if not isinstance(subjects, list) or not all(map(_is_subject, subjects)):
        raise BadReport(f"{path}: its subjects are not those of a report of Lawbook")
    return report


def _is_subject(subject: object) -> bool:
    """Whether this is a subject as a report has it, as far as a replay reads it."""
    if not isinstance(subject, dict) or not isinstance(subject.get("name"), str):
        return False
    texts = [subject.get(key) for key in ("path", "course", "profile")]
    laws, conventions = subject.get("laws"), subject.get("conventions", {})
    return (
        all(text is None or isinstance(text, str) for text in texts)
        and isinstance(conventions, dict)
        and isinstance(laws, list)
        and all(isinstance(law, dict) and isinstance(law.get("law"), str) for law in laws)
    )


def known_law(name: str) -> Law:
    """The law with this id; BadReport naming the nearest otherwise."""
    try:
        laws = select(discover(), name)
    except ValueError as error:
        raise BadReport(str(error)) from None
    exact = [law for law in laws if law.id == name]
    if not exact:
        raise BadReport(f"{name} is not the id of one law; see `lawbook laws --only {name}`")
    return exact[0]


def replay(
    path: str, name: str, course: str | None = None, python: str | None = None
) -> Iterator[Replayed]:
    """Every subject of the report that has a counterexample of the law.

    Raises BadReport, NotGradable or TargetUnavailable with one sentence.
    """
    report = read(path)
    law = known_law(name)
    found = [
        (subject, entry)
        for subject in report["subjects"]
        for entry in subject["laws"]
        if entry["law"] == law.id and entry.get("counterexample") is not None
    ]
    if not found:
        raise BadReport(f"{path}: no subject has a counterexample of {law.id}")
    for subject, entry in found:
        case, seed = _stored(path, law, entry["counterexample"])
        with _reopened(subject, course, python) as target:
            verdict = _again(law, target, case, seed)
            status = str(entry.get("status", "fail"))
            place, profile = subject.get("path"), subject.get("profile")
            yield Replayed(subject["name"], place, status, verdict, target, profile)


def _stored(path: str, law: Law, stored: object) -> tuple[dict[str, Any], int]:
    """The inputs and the seed of a stored counterexample."""
    try:
        if not isinstance(stored, dict):
            raise TypeError
        case, seed = from_json(stored["inputs"]), stored["seed"]
        if set(case) != set(law.inputs) or type(seed) is not int or not 0 <= seed < 2**32:
            raise ValueError
    except (KeyError, TypeError, ValueError, OverflowError, AttributeError, RecursionError):
        raise BadReport(f"{path}: the counterexample of {law.id} is not one of this law") from None
    return case, seed


def _reopened(
    subject: dict[str, Any], course: str | None, python: str | None
) -> AbstractContextManager[Target]:
    """The subject's target: the submission at its path, or a target in this process."""
    conventions: dict[str, dict[str, Any]] = {}
    for key, value in subject.get("conventions", {}).items():
        operation, _, convention = str(key).partition(".")
        if not isinstance(value, str | int | float | None):
            raise BadReport(f"{subject['name']}: its convention {key} is no plain value")
        conventions.setdefault(operation, {})[convention] = from_json(value)
    if subject.get("path") is None:
        words = subject["name"].split() or [""]
        place = words[-2:] if words[0] == "torch" and len(words) == 4 else ["cpu", "float64"]
        return nullcontext(open_target(words[0], *place))
    layout = course or subject.get("course") or "auto"
    if not course and layout not in ("auto", *COURSES):  # a report names no files to be run
        text = f"{subject['name']} was read by the adapter {layout}; give its file with --course"
        raise NotGradable(text)
    profile = subject.get("profile") if subject.get("profile") in PROFILES else None
    return opened_path(subject["path"], layout, profile, python, conventions)


def _again(law: Law, target: Target, case: dict[str, Any], seed: int) -> Verdict:
    """The verdict of the law on this one case."""
    verdict = Verdict(
        law.id, law.topic, law.operation, law.statement, severity=law.severity, seed=seed
    )
    if law.operation not in target.accepts:
        verdict.status = "missing"
        verdict.message = target.errors.get(law.operation, f"it has no {law.operation} any more")
        return verdict
    operation = target.operation(law.operation)
    trial = Trial(law, operation, target.dtype, seed)
    try:
        status, outcome = trial.evaluate(case)
    except JudgeError as error:
        raise BadReport(f"the stored counterexample cannot be run: {error}") from None
    verdict.examples = 1
    record(verdict, Failure(status, case, outcome))
    verdict.trace = tuple(operation.session.trace)
    return verdict
