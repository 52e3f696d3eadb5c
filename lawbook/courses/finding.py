"""Finding submissions: it runs in the judge and reads names, no file of a submission is imported."""

from __future__ import annotations

import itertools
import os
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

MAX_DEPTH = 8  # folders below the one that is searched
MAX_ENTRIES = 20_000  # directory entries read of one folder, and below one top-level folder
SKIPPED = frozenset({"__MACOSX", "__pycache__", "node_modules", "site-packages", "venv"})
EXERCISE = re.compile(r"(?i)ex|exercise|uebung|blatt|sheet|assignment|homework|hw")


@dataclass
class Folder:
    """One directory: its path, and the names of its subfolders and regular files, sorted."""

    path: str
    folders: list[str]
    files: list[str]


def listing(path: str) -> Folder:
    """The names in a directory that matter: no links, nothing hidden, no litter of archives."""
    folders, files = [], []
    with os.scandir(path) as entries:
        for entry in itertools.islice(entries, MAX_ENTRIES):
            if entry.name.startswith((".", "PaxHeader")) or entry.name in SKIPPED:
                continue
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.name)
            elif entry.is_file(follow_symlinks=False):
                files.append(entry.name)
    return Folder(path, sorted(folders), sorted(files))


def subfolders(top: str, is_root: Callable[[Folder], bool]) -> list[str]:
    """Paths of the roots at or below `top`, in order; nothing below a root is searched."""
    found: list[str] = []

    def search(path: str, depth: int, budget: list[int]) -> None:
        try:
            folder = listing(path)
            root = is_root(folder)
        except OSError:  # not readable for us, so no submission that we could load
            return
        budget[0] -= len(folder.folders) + len(folder.files)
        if "pyvenv.cfg" in folder.files or budget[0] < 0:
            return
        if root:
            found.append(path)
        elif depth < MAX_DEPTH:
            for name in folder.folders:
                below = [MAX_ENTRIES] if depth == 0 else budget
                search(os.path.join(path, name), depth + 1, below)

    search(os.path.abspath(top), 0, [sys.maxsize])
    return found


def latest_exercise(roots: Sequence[str], rank: Callable[[str], int]) -> list[str]:
    """The roots without those of other exercises of the same person.

    Roots belong together when only the numbers in the names of exercise folders differ
    (`exercise2/src`, `exercise3/src`); of those, the ones of the highest rank stay.
    """
    groups: dict[str, list[str]] = {}
    for root in roots:
        parts = [
            re.sub(r"\d+", "", part) if EXERCISE.match(part) else part
            for part in root.split(os.sep)
        ]
        groups.setdefault(os.sep.join(parts), []).append(root)
    kept: set[str] = set()
    for group in groups.values():
        best = max(map(rank, group))
        kept.update(root for root in group if rank(root) == best)
    return [root for root in roots if root in kept]


def named(names: Sequence[str], wanted: str) -> str | None:
    """The name that equals `wanted` in exact case, else in any case, else None."""
    if wanted in names:
        return wanted
    return next((name for name in names if name.lower() == wanted.lower()), None)
