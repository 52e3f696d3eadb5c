"""The scratch folder of a run: locked while it lives, so that the next run can remove it if it was killed.

It lies in the system's folder for temporary files, not in the results: workers under another user id must
reach it, and a folder of results may be private, or on a slow network.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lawbook.judge.folders import locked_folder
from lawbook.judge.scratch import remove_tree

PREFIX = ".lawbook-class-"


@contextmanager
def scratch() -> Iterator[Path]:
    """A new scratch folder, gone afterwards; those of dead runs are removed first."""
    folder, descriptor = locked_folder(PREFIX)
    folder.chmod(0o711)  # workers pass through to what is theirs
    try:
        yield folder
    finally:
        remove_tree(folder)
        os.close(descriptor)
