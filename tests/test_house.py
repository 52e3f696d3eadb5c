"""The house rules that tools can check: lint, format, types, imports, and one stem per topic."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from lawbook.laws import discover, reference_operations, topic_of
from lawbook.mistakes import discover as known_mistakes

ROOT = Path(__file__).parent.parent
CONTENT = ("reference", "properties", "derivations", "mistakes")
PYTHON = [p for folder in ("lawbook", *CONTENT) for p in (ROOT / folder).rglob("*.py")]


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["mypy"],
        ["importlinter.cli"],
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_tool_is_content(command: list[str]) -> None:
    if command[0] == "importlinter.cli":
        run = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"]
    else:
        run = [sys.executable, "-m", *command]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("folder", ["properties", "mistakes"])
def test_every_topic_has_its_reference(folder: str) -> None:
    topics = {p.stem for p in (ROOT / "reference").glob("*.py")}
    assert {p.stem for p in (ROOT / folder).glob("*.py")} <= topics


def test_comparing_happens_in_one_module_of_the_claims_alone() -> None:
    pattern = re.compile(r"\b(allclose|isclose|assert_allclose)\(|\b[ra]tol\s*=|\bORDER_FACTOR\s*=")
    found = [p for p in PYTHON if pattern.search(p.read_text())]
    assert found == [ROOT / "lawbook" / "claims" / "arrays.py"]


def test_nothing_untrusted_is_evaluated_or_unpickled() -> None:
    pattern = re.compile(r"\bpickle\b|(?<![\w.])(eval|exec)\(|\bsympify\(|\bparse_expr\b")
    offenders = [p for p in PYTHON if pattern.search(re.sub(r'""".*?"""|#.*', "", p.read_text()))]
    assert offenders == []


def test_ids_are_unique_and_speak_of_known_operations() -> None:
    laws = discover()
    ids = [law.id for law in laws]
    assert len(ids) == len(set(ids))
    assert {law.operation for law in laws} <= set(reference_operations())
    assert all(law.statement for law in laws)
    assert {law.severity for law in laws} <= {"error", "warning"}


def test_every_operation_has_a_law() -> None:
    judged = {law.operation for law in discover()}
    assert set(reference_operations()) == judged


def test_an_operation_and_its_laws_and_mistakes_are_of_one_topic() -> None:
    for one in (*discover(), *known_mistakes().values()):
        assert one.topic == topic_of(one.operation), one.id
    for operation in reference_operations():
        assert discover(frozenset({operation})) == tuple(
            law for law in discover() if law.operation == operation
        )


def test_mistakes_name_known_laws() -> None:
    ids = {law.id for law in discover()}
    for mistake in known_mistakes().values():
        assert set(mistake.breaks) <= ids, mistake.id
        assert mistake.breaks, mistake.id
        assert mistake.says.endswith("."), mistake.id
