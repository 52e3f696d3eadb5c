"""Removing what a hostile process has written."""

from __future__ import annotations

import os
from pathlib import Path


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
