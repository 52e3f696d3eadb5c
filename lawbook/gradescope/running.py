"""What runs in the autograder: one submission, from Gradescope's folders to a results.json."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lawbook.cli import main as lawbook
from lawbook.report.values import safe

LARGEST = 1 << 20  # bytes of the metadata


def main(arguments: Sequence[str]) -> int:
    """Grade /autograder/submission (BASE, RESULTS), or tell of this machine (--doctor); 0 where it is done.

    What is printed is for staff: students do not see it.
    """
    if list(arguments) == ["--doctor"]:
        return int(lawbook(["doctor"]) > 1)
    base, out = Path(arguments[0]), Path(arguments[1])
    private = base / "source" / "private"
    config = json.loads((private / "config.json").read_text("utf-8"))
    for line in about(base, config):
        print(f"Lawbook: {line}")
    try:
        status = lawbook(command(base, config, out))
    except SystemExit as error:  # an option that this version does not know
        status = int(error.code or 0)
    written = out.is_file()
    print(f"Lawbook: exit status {status}; {'the score is written' if written else 'no score'}")
    return 0 if written else 1


def command(base: Path, config: Mapping[str, Any], out: Path) -> list[str]:
    """The arguments of `lawbook grade`."""
    source = base / "source"
    private = source / "private"
    course = str(source / "adapter" / config["adapter"]) if config["adapter"] else config["course"]
    given = ["grade", str(base / "submission"), "--single", "--course", course]
    given += ["--rubric", str(private / "rubric.toml"), "--secret", str(private / "secret")]
    given += ["--profile", config["profile"]] if config["profile"] else []
    given += ["--require-isolation", config["isolation"]] if config["isolation"] else []
    return [*given, "--report", f"gradescope={out}"]


def about(base: Path, config: Mapping[str, Any]) -> list[str]:
    """What staff should know of the submission: its number, and points that are not those of the rubric."""
    found = metadata(base / "submission_metadata.json")
    lines = [f"submission {safe(found.get('id', 'without a number'), 40)}"]
    assignment = found.get("assignment")
    due = assignment.get("total_points") if isinstance(assignment, dict) else None
    try:
        differs = due is not None and float(due) != float(config["total"])
    except (TypeError, ValueError):
        differs = False
    if differs:
        said = f"the assignment has {safe(due, 20)} points, the rubric {config['total']:g}"
        lines.append(f"{said}: set them to the same number in Gradescope")
    return lines


def metadata(path: Path) -> dict[str, Any]:
    """What Gradescope says of the submission; nothing where it says nothing that can be read."""
    try:
        with open(path, "rb") as file:
            found = json.loads(file.read(LARGEST))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
