"""Folders for temporary files that are locked while their owner lives: the next run removes what is left.

They lie where the system has its temporary files: workers under another user id must reach them.  The lock
is one of the folder itself, which the kernel lets go of however its owner ends.
"""

from __future__ import annotations

import fcntl
import os
import re
import tempfile
from contextlib import suppress
from pathlib import Path

from lawbook.judge.scratch import remove_tree


def locked_folder(prefix: str) -> tuple[Path, int]:
    """A new folder, and the descriptor that holds its lock; those of the dead are removed first.

    Raises OSError where none can be made.
    """
    remove_dead(Path(tempfile.gettempdir()), prefix)
    while True:
        folder = Path(tempfile.mkdtemp(prefix=prefix))
        with suppress(FileNotFoundError):  # another run has found it before it was locked
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            with suppress(OSError):  # a file system without locks: then nobody else gets one either
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            with suppress(FileNotFoundError):
                if os.path.samestat(os.stat(folder), os.fstat(descriptor)):
                    return folder, descriptor
            os.close(descriptor)


def remove_dead(parent: Path, prefix: str) -> None:
    """Remove our user's folders of this prefix that nobody holds the lock of."""
    ours = re.compile(
        re.escape(prefix) + "[a-z0-9_]{8}"
    )  # as `mkdtemp` calls them: nobody else does
    for folder in parent.glob(f"{prefix}*"):
        if not ours.fullmatch(folder.name):
            continue
        try:
            if folder.lstat().st_uid != os.geteuid():
                continue
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:  # it is gone, or no folder
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            remove_tree(folder)
        except OSError:  # its owner is at work
            pass
        finally:
            os.close(descriptor)
