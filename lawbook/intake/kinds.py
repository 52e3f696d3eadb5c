"""What a name tells: whether something could be a hand-in, or a part of one person's work."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lawbook.intake import archives
from lawbook.intake.names import ENVIRONMENTS, PYTHON, ending

NOTEBOOK = ".ipynb"
# Folders of one person, not people: exercise1, ex_02, hw3.
EXERCISE = re.compile(
    r"(?i)(ex|exercise|uebung|übung|blatt|sheet|assignment|homework|hw|lab|week)[ _-]*\d+(?!\d*_export)"
)
PART = re.compile(r"(?i)[a-z]?\d")  # A1, A2, 3: perhaps of one person
# The packages that courses hand out, which lie in one person's folder.
PACKAGES = frozenset({"src_to_implement", "cs231n", "exercise_code", "mytorch", "eecs598"})
PROJECT = frozenset(
    {".git", "requirements.txt", "setup.py", "pyproject.toml", "readme.md", "readme"}
)


def could_be(name: str) -> bool:
    """Whether a file of this name could have been handed in: Python, a notebook, an archive."""
    return (
        ending(name) in (*PYTHON, NOTEBOOK)
        or archives.is_archive(name)
        or archives.is_other_archive(name)
    )


def is_project(names: Iterable[str]) -> bool:
    """Whether a folder with these names is one person's project, not a collection of people's."""
    return any(
        name.lower() in PROJECT or ending(name) in (*PYTHON, NOTEBOOK) or name in ENVIRONMENTS
        for name in names
    )
