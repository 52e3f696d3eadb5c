"""Measuring and removing what a hostile process has written."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from lawbook.worker.removing import remove_tree

__all__ = ["overfull", "remove_tree"]


def overfull(directory: Path, size: int, files: int) -> str:
    """What is too much below a directory ("wrote more than 32 MB"), or ""; it looks no further than that.

    It follows no links. A folder that may be filled and not listed, or lies too deep, is too much as well.
    """
    bytes_found = found = 0
    waiting = [str(directory)]
    while waiting:
        place = waiting.pop()
        try:
            folder = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except FileNotFoundError:  # removed meanwhile
            continue
        except OSError:
            if _is_harmless(place):
                continue
            return "made folders that cannot be looked into"
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    found += 1
                    status = _status(entry)
                    bytes_found += 512 * status.st_blocks if status else 0
                    if bytes_found > size:
                        return f"wrote more than {size / (1 << 20):g} MB"
                    if found > files:
                        return f"made more than {files} files"
                    if status and stat.S_ISDIR(status.st_mode):
                        waiting.append(os.path.join(place, entry.name))
        finally:
            os.close(folder)
    return ""


def _status(entry: os.DirEntry[str]) -> os.stat_result | None:
    """What an entry is; None where it was removed meanwhile."""
    try:
        return entry.stat(follow_symlinks=False)
    except OSError:
        return None


def _is_harmless(place: str) -> bool:
    """Whether a folder that cannot be opened is one that nobody can fill either, or is none any more."""
    try:
        mode = os.lstat(place).st_mode
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return not stat.S_ISDIR(mode) or mode & 0o300 != 0o300
