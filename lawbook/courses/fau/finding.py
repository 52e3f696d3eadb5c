"""Where the submissions are: folders with `Layers/` and `Optimization/`."""

from __future__ import annotations

import os

from ..finding import Folder, latest_exercise, listing, named, subfolders


def find_roots(folder: str) -> list[str]:
    """Submissions at or below a folder: where `Layers/` has dropout or batch normalization.

    Of exercises side by side only the one with `Optimization/Constraints.py` counts.
    """
    return latest_exercise(subfolders(folder, _is_root), _has_constraints)


def _is_root(folder: Folder) -> bool:
    layers = named(folder.folders, "Layers")
    if layers is None:
        return False
    files = {name.lower() for name in listing(os.path.join(folder.path, layers)).files}
    return bool(files & {"dropout.py", "batchnormalization.py"}) or bool(
        _has_constraints(folder.path)
    )


def _has_constraints(root: str) -> int:
    folders = listing(root).folders
    for name in ("Optimization", "optimizers"):
        actual = named(folders, name)
        if actual is not None:
            files = listing(os.path.join(root, actual)).files
            if named(files, "Constraints.py") is not None:
                return 1
    return 0
