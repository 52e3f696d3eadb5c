"""What a plain run imports: nothing that the submission in front of it does not need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
NEEDLESS = {
    *("zipfile", "tarfile", "tomllib", "csv", "html", "xml", "email", "http", "urllib.request"),
    *(
        "hypothesis",
        "sympy",
        "torch",
        "distributed",
        "rich.progress",
        "rich.live",
        "multiprocessing",
    ),
    *("lawbook.rubrics", "lawbook.classes", "lawbook.gradescope", "lawbook.proofs"),
    *("lawbook.mistakes", "lawbook.diagnosis", "lawbook.intake.zips"),
}


def imported(*arguments: str) -> set[str]:
    """The modules that a command imports in the judge."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "lawbook", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip() for line in lines[1:]}


def test_a_plain_folder_that_holds_needs_little() -> None:
    found = imported("grade", "examples/submissions/fau-right", "--only", "constant")
    assert "lawbook.courses.fau.finding" in found
    assert not found & NEEDLESS
    # what loads a submission is the worker's alone
    others = {one for one in found if one.startswith("lawbook.courses.")}
    assert not {one for one in others if "finding" not in one and one.count(".") > 2}
