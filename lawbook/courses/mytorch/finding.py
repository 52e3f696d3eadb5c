"""Where the submissions are: packages `mytorch` with batch normalization, dropout or optimizers."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from ..finding import Folder, listing, named, subfolders

MAX_SOURCE = 1 << 20  # bytes of a source file that are searched
PACKAGE = "mytorch"
PLACES = ("optim", "nn/modules", "nn", "")  # where the files are, by edition, the newest first
SIGNS = (
    (re.compile(r"(?i)batch_?norm(1d|2d)?\.py"), r"^class BatchNorm(1d|2d)?\b"),
    (re.compile(r"(?i)dropout(1d|2d)?\.py"), r"^class Dropout(1d|2d)?\b"),
    (re.compile(r"(?i)(optimizer|sgd|adam|adamw)\.py"), r"^class (SGD|[Aa]dam|AdamW)\b"),
)


def find_roots(folder: str) -> list[str]:
    """Submissions at or below a folder, every homework on its own."""
    return subfolders(folder, is_root)


def is_root(folder: Folder) -> bool:
    """Whether the folder is a package `mytorch` with something to judge; under another name it needs
    batch normalization in `nn/`, without torch's."""
    if os.path.basename(folder.path).lower() == PACKAGE:
        return any(
            _matches(path, sign) for pattern, sign in SIGNS for path in files(folder, pattern)
        )
    pattern, sign = SIGNS[0]
    return any(
        _matches(path, sign) and not _matches(path, r"^(import|from) torch\b")
        for path in files(folder, pattern, ("nn/modules", "nn"))
    )


def files(
    folder: Folder, pattern: re.Pattern[str], places: tuple[str, ...] = PLACES
) -> Iterator[str]:
    """Paths of the package's files whose name matches, those of the newest edition's places first."""
    for place in places:
        inner = _inner(folder, place)
        if inner is not None:
            names = filter(pattern.fullmatch, inner.files)
            yield from (os.path.join(inner.path, name) for name in names)


def _inner(folder: Folder, place: str) -> Folder | None:
    """A folder inside the package, in any case; None where it is not there."""
    for part in place.split("/") if place else ():
        actual = named(folder.folders, part)
        if actual is None:
            return None
        folder = listing(os.path.join(folder.path, actual))
    return folder


def _matches(path: str, sign: str) -> bool:
    with open(path, encoding="utf-8", errors="replace") as file:
        return re.search(sign, file.read(MAX_SOURCE), re.M) is not None
