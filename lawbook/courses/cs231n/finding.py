"""Where the submissions are: folders whose layers.py or optim.py has functions of the assignment."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

from ..finding import Folder, latest_exercise, listing, subfolders

MAX_SOURCE = 1 << 20  # bytes of a source file that are searched


def find_roots(folder: str) -> list[str]:
    """Submissions at or below a folder: where layers.py or optim.py has functions of the assignment.

    Of assignments side by side the one with dropout counts.
    """
    return latest_exercise(subfolders(folder, _is_root), _has_dropout)


def _is_root(folder: Folder) -> bool:
    return bool(
        _defines(folder.path, folder.files, "layers.py", ("batchnorm_forward", "dropout_forward"))
        or _defines(folder.path, folder.files, "optim.py", ("sgd_momentum", "adam"))
    )


def _has_dropout(root: str) -> int:
    return _defines(root, listing(root).files, "layers.py", ("dropout_forward",))


def _defines(path: str, files: Sequence[str], name: str, functions: Sequence[str]) -> int:
    """1 if the file is there and its text defines one of the functions at top level, else 0."""
    if name not in files:
        return 0
    with open(os.path.join(path, name), encoding="utf-8", errors="replace") as file:
        text = file.read(MAX_SOURCE)
    return int(re.search(rf"^def ({'|'.join(functions)})\b", text, re.M) is not None)
