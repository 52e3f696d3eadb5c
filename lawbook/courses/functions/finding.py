"""Which of the courses with `layers.py` a folder belongs to: names and text only, nothing is imported."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

from ..finding import Folder

MAX_SOURCE = 1 << 20  # bytes of a source file that are searched
LAYERS = ("batchnorm_forward", "dropout_forward", "spatial_batchnorm_forward")
RULES = ("sgd_momentum", "adam")
DENSE = ("affine_forward", "conv_forward_naive")  # the layers before them in all of CS231n's files
I2DL = "exercise_code"


def course_of(folder: Folder) -> str | None:
    """ "cs231n" or "i2dl" where the folder has functions of such an assignment, else None.

    I2DL's folder is called exercise_code; under another name its exercises 8 and 9 are told by their
    `layers.py`, which has batch normalization but no dense layer, and by having no `optim.py`.
    """
    layers = defines(folder.path, folder.files, "layers.py", LAYERS)
    if not layers and not defines(folder.path, folder.files, "optim.py", RULES):
        return None
    name = os.path.basename(folder.path).lower()
    if name in (I2DL, "cs231n"):
        return "i2dl" if name == I2DL else name
    alone = layers and "optim.py" not in folder.files
    dense = defines(folder.path, folder.files, "layers.py", DENSE)
    return "i2dl" if alone and not dense else "cs231n"


def defines(path: str, files: Sequence[str], name: str, functions: Sequence[str]) -> bool:
    """Whether the file is there and its text defines one of the functions at top level."""
    if name not in files:
        return False
    with open(os.path.join(path, name), encoding="utf-8", errors="replace") as file:
        text = file.read(MAX_SOURCE)
    return re.search(rf"^def ({'|'.join(functions)})\b", text, re.M) is not None
