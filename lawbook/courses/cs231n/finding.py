"""Where the submissions are: folders whose layers.py or optim.py has functions of the assignment."""

from __future__ import annotations

from ..finding import Folder, latest_exercise, listing, subfolders
from ..functions.finding import course_of, defines


def find_roots(folder: str) -> list[str]:
    """Submissions at or below a folder: where layers.py or optim.py has functions of the assignment.

    Of assignments side by side the one with dropout counts.
    """
    return latest_exercise(subfolders(folder, _is_root), _has_dropout)


def _is_root(folder: Folder) -> bool:
    return course_of(folder) == "cs231n"


def _has_dropout(root: str) -> int:
    return int(defines(root, listing(root).files, "layers.py", ("dropout_forward",)))
