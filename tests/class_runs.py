"""Classes for the tests, runs over them as a user starts them, and their results compared."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).parent.parent / "examples" / "submissions"
RIGHT, WRONG = "fau-right", "fau-dropout-unscaled-backward"
TIMES = ("seconds", "environment", "isolation")


def make_class(folder: Path, count: int) -> Path:
    """A class of so many hand-ins, every third of them wrong, no two with the same files."""
    folder.mkdir()
    for index in range(count):
        own = folder / f"student-{index:03}"
        shutil.copytree(EXAMPLES / (RIGHT if index % 3 else WRONG), own)
        with open(own / "Layers" / "Dropout.py", "a") as file:
            file.write(f"# {index}\n")
    return folder


def command(folder: Path, out: Path, *more: str) -> list[str]:
    """The command that grades a class, on its dropout layers alone."""
    given = [sys.executable, "-m", "lawbook", "grade", str(folder), "--out", str(out)]
    return [*given, "--only", "dropout", *more]


def grade(folder: Path, out: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    return subprocess.run(
        command(folder, out, *more), capture_output=True, text=True, check=False, timeout=300
    )


def results(out: Path) -> dict[str, Any]:
    """All result files, without what may differ from run to run."""
    files = sorted((out / "results").iterdir())
    return {file.name: _timeless(json.loads(file.read_text())) for file in files}


def report(out: Path) -> Any:
    """The report over all of them, without what may differ."""
    return _timeless(json.loads((out / "report.json").read_text()))


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _timeless(item) for key, item in value.items() if key not in TIMES}
    return [_timeless(item) for item in value] if isinstance(value, list) else value


def alive(mark: str) -> list[str]:
    """The processes whose command or environment names this path, but for our own."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal() or int(entry.name) == os.getpid():
            continue
        try:
            said = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
        except OSError:
            continue
        if mark.encode() in said:
            found.append(said.replace(b"\0", b" ").decode(errors="replace")[:200])
    return found
