"""The JSON report: opened before the work starts, so that a path that cannot be written costs nothing."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any

from lawbook import __version__
from lawbook.verdicts import Subject

if TYPE_CHECKING:
    from lawbook.report.formats import View

FORMAT = 2


class Unwritable(Exception):
    """The file cannot be written; the message is one sentence for the user."""


class JsonFile:
    """A file to be written once, at the end; until then what was in it stays.  "-" is standard output."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._created = False
        self._stream: IO[str] = sys.stdout
        if path == "-":
            return
        self._created = not os.path.lexists(path)
        try:
            self._stream = open(path, "a", encoding="utf-8")  # noqa: SIM115 - closed in `close`
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise Unwritable(f"{path}: cannot be written: {reason}") from None

    def write(self, report: dict[str, Any]) -> None:
        """Write the report in place of what was there."""
        text = json.dumps(report, indent=1, allow_nan=False) + "\n"
        try:
            if self.path != "-" and stat.S_ISREG(os.fstat(self._stream.fileno()).st_mode):
                self._stream.truncate(0)
            self._stream.write(text)
            self._stream.flush()
        except OSError as error:
            if isinstance(error, BrokenPipeError):
                raise
            raise Unwritable(f"{self.path}: cannot be written: {error.strerror}") from None
        self._created = False

    def close(self) -> None:
        """Close the file; one that was made for nothing is removed."""
        if self.path == "-":
            return
        try:
            self._stream.close()
        except OSError:  # what could not be written has been said already
            return
        if self._created:
            os.unlink(self.path)


def as_json(subjects: Sequence[Subject], seed: int | None) -> dict[str, Any]:
    """The report as data; `seed` is None where each subject has its own."""
    return {
        "format": FORMAT,
        "lawbook": __version__,
        "seed": seed,
        "environment": environment(),
        "complete": True,
        "expected": len(subjects),
        "subjects": [subject.as_json() for subject in subjects],
    }


def write(report: Mapping[str, Any], view: View) -> str:
    """The report as the JSON that `--json` writes, scored and filtered for its reader."""
    return json.dumps(report, indent=1, allow_nan=False) + "\n"


def environment() -> dict[str, str]:
    """Date, versions and machine, so that committed results say what they were made with."""
    import platform
    import time

    found = {
        "date": time.strftime("%Y-%m-%d"),
        "python": platform.python_version(),
        "machine": platform.machine(),
    }
    for name in ("numpy", "torch", "hypothesis"):
        module = sys.modules.get(name)
        if module is not None:
            found[name] = str(module.__version__)
    torch: Any = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        found["cuda"] = f"{torch.cuda.get_device_name()}, CUDA {torch.version.cuda}"
    return found
