"""A whole class in one archive: which names in it are the hand-ins.

Each of them is later read from the archive again: of a zip that costs its table of entries, of a tar the
whole of it, so that a large tar is better unpacked before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lawbook.intake import archives, platforms
from lawbook.intake.hand_in import HandIn, NotTaken, Student
from lawbook.intake.kinds import EXERCISE, could_be, is_project
from lawbook.intake.names import PYTHON, Unsafe, ending, is_litter, parts_of

GENERIC = frozenset({"__init__.py", "main.py", "setup.py", "utils.py", "helpers.py", "test.py"})


@dataclass
class Names:
    """The names at one place in an archive, with all that is below each."""

    below: dict[str, Names] = field(default_factory=dict)

    def add(self, parts: Iterable[str]) -> None:
        """Add a path."""
        here = self
        for part in parts:
            here = here.below.setdefault(part, Names())

    def python(self) -> set[str]:
        """The names of Python files at any depth."""
        found: set[str] = set()
        todo = [self]
        while todo:
            here = todo.pop()
            found |= {name for name in here.below if ending(name) in PYTHON}
            todo += here.below.values()
        return found


def hand_ins_in(archive: Path, as_class: bool) -> list[HandIn]:
    """The hand-ins in an archive; the archive itself where it is one, or where it cannot be read.

    Without `as_class` only what a platform exported counts as several.
    """
    whole = [HandIn(archive.name, archive)]
    try:
        top, students = _read(archive)
    except (NotTaken, OSError):
        return whole
    place: tuple[str, ...] = ()
    while len(top.below) == 1 and not platforms.is_export(top.below):
        (name,) = top.below
        place, top = (*place, name), top.below[name]
    if not platforms.is_export(top.below) and not (as_class and _is_class(top)):
        return whole
    names = platforms.without_online_texts(sorted(top.below))
    return [
        HandIn(
            platforms.moodle_name(name),
            archive,
            students.get(name) or platforms.moodle_student(name),
            inside="/".join((*place, name)),
        )
        for name in names
        if top.below[name].below or could_be(name)
    ]


def _read(archive: Path) -> tuple[Names, Mapping[str, Student]]:
    top, students = Names(), dict[str, Student]()
    with open(archive, "rb") as file:
        for entry in archives.entries(file):
            try:
                parts = parts_of(entry.path)
            except Unsafe:
                continue
            if any(map(is_litter, parts)):
                continue
            top.add(parts)
            if parts[-1:] == (platforms.METADATA,) and len(parts) <= 2:
                students |= platforms.gradescope_students(platforms.lines(entry.chunks()))
    return top, students


def _is_class(top: Names) -> bool:
    """Whether the names look like several people's work: the same file names below several folders.

    One person's packages and exercises do not share them, and stand beside files of a project.
    """
    folders = {name: one for name, one in top.below.items() if one.below}
    if is_project(top.below) or any(map(EXERCISE.match, folders)):
        return False
    if sum(map(archives.is_archive, top.below)) > 1:
        return True
    seen: set[str] = set()
    for one in folders.values():
        own = one.python() - GENERIC
        if own & seen:
            return True
        seen |= own
    return False
