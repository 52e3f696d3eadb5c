"""Where the submissions are: folders with the assignment's two files of layers."""

from __future__ import annotations

import os
import re

from ..finding import Folder, subfolders

MAX_SOURCE = 1 << 20  # bytes of a source file that are searched
SIGNS = {
    "fully_connected_networks.py": r"^class Dropout\b|^def (sgd_momentum|adam)\b",
    "convolutional_networks.py": r"^class (Spatial)?BatchNorm\b|^def kaiming_initializer\b",
}


def find_roots(folder: str) -> list[str]:
    """Submissions at or below a folder: where one of the two files has something of the assignment."""
    return subfolders(folder, _is_root)


def _is_root(folder: Folder) -> bool:
    return any(
        name in folder.files and _matches(os.path.join(folder.path, name), sign)
        for name, sign in SIGNS.items()
    )


def _matches(path: str, sign: str) -> bool:
    with open(path, encoding="utf-8", errors="replace") as file:
        return re.search(sign, file.read(MAX_SOURCE), re.M) is not None
