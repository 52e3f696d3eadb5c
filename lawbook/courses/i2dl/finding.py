"""Where the submissions are: folders whose layers.py has functions of the exercises."""

from __future__ import annotations

from ..finding import Folder, subfolders
from ..functions.finding import course_of


def find_roots(folder: str) -> list[str]:
    """Submissions at or below a folder, every exercise on its own: each asks for other functions."""
    return subfolders(folder, _is_root)


def _is_root(folder: Folder) -> bool:
    return course_of(folder) == "i2dl"
