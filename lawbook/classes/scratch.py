"""The scratch folder of a run: locked while it lives, so that the next run can remove it if it was killed.

It lies in the system's folder for temporary files, not in the results: workers under another user id must
reach it, and a folder of results may be private, or on a slow network.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from lawbook.judge.scratch import remove_tree

PREFIX = "lawbook-run-"
LOCK = "lock"


@contextmanager
def scratch() -> Iterator[Path]:
    """A new scratch folder, gone afterwards; those of dead runs are removed first."""
    parent = Path(tempfile.gettempdir())
    remove_dead(parent)
    folder, descriptor = _locked_folder(parent)
    try:
        yield folder
    finally:
        remove_tree(folder)
        os.close(descriptor)


def _locked_folder(parent: Path) -> tuple[Path, int]:
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        folder.chmod(0o711)  # workers pass through to what is theirs
        descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        with suppress(FileNotFoundError):  # another run has found it before it was locked
            if os.path.samestat(os.stat(folder / LOCK), os.fstat(descriptor)):
                return folder, descriptor
        os.close(descriptor)


def remove_dead(parent: Path) -> None:
    """Remove our user's scratch folders that no living run holds the lock of."""
    for folder in parent.glob(f"{PREFIX}*"):
        try:
            if folder.lstat().st_uid != os.geteuid() or folder.is_symlink():
                continue
            descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:  # it has no lock yet, or is gone
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            remove_tree(folder)
        except OSError:  # its run is at work
            pass
        finally:
            os.close(descriptor)
