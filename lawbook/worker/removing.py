"""Removing what a hostile process has written, by the judge or, where that was killed, by the zygote."""

from __future__ import annotations

import os
import time
from pathlib import Path

PATIENCE = 1.0  # seconds in which a judge that was killed lets go of its lock


def remove_tree(directory: Path) -> None:
    """Remove a directory of any depth and any permissions; follow no links; never raise.

    Folders inside folders are moved to the top first, so that there is no limit of recursion, of
    open files or of path length to hit. What a process that still lives keeps writing may stay.
    """
    try:
        if os.path.islink(directory):  # put there in its place
            return os.unlink(directory)
        os.chmod(directory, 0o700)
        while folders := _remove_files(directory):
            for folder in folders:
                os.chmod(folder, 0o700)
                for inner in _remove_files(folder):
                    os.chmod(inner, 0o700)  # to move a folder is to write its ".."
                    os.rename(inner, directory / f"inner-{os.urandom(8).hex()}")
                os.rmdir(folder)
        os.rmdir(directory)
    except OSError:
        return None


def _remove_files(directory: str | Path) -> list[str]:
    """Remove the files of a directory; return its folders."""
    folders = []
    with os.scandir(directory) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.path)
            else:
                os.unlink(entry.path)
    return folders


def remove_left(directory: Path) -> None:
    """Remove the directory of a judge that is gone; one that lives holds the lock of it, and removes it."""
    import fcntl

    try:
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:  # it was removed already
        return None
    until = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return remove_tree(directory)
        except OSError:
            if time.monotonic() > until:
                return None
        time.sleep(0.01)
