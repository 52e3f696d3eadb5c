"""The words of the intake: a hand-in, whose it is, and what was taken in of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class NotTaken(Exception):
    """Something could not be taken in; the message is one sentence that an instructor can act on.

    `ours` is true where the cause is on our side (a full disk, a folder we may not read): then nobody
    is graded for it.
    """

    def __init__(self, sentence: str, ours: bool = False) -> None:
        super().__init__(sentence)
        self.ours = ours


@dataclass(frozen=True)
class Student:
    """Whose hand-in it is, as the export of the platform says; several are joined by `; `."""

    id: str
    name: str
    email: str

    def as_json(self) -> dict[str, str]:
        """The student as the report has it."""
        return {"id": self.id, "name": self.name, "email": self.email}


@dataclass(frozen=True)
class HandIn:
    """One thing that was handed in: a folder, an archive, or a file.

    `name` is unique in its run, printable and short.  `source` is where it lies; below `base`, the path
    that the instructor gave, no link on the way to it is followed (None: `source` is that path itself).
    `inside` is its place in the archive `source`, where that holds a whole class.
    """

    name: str
    source: Path
    student: Student | None = None
    base: Path | None = None
    inside: str = ""


@dataclass(frozen=True)
class TakenIn:
    """The copy of a hand-in.

    `root` is its folder, `digest` the SHA-256 (hex) of the names and contents in it, whatever their
    order and times, and `notes` sentences on what was left out or refused.
    """

    root: Path
    digest: str
    notes: tuple[str, ...]
