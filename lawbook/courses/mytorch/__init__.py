"""The homeworks of CMU's 11-785 in which students write `mytorch`, a small framework.

A root is the package itself: the folder `mytorch` of one homework.  Three editions differ in the names and
the meaning of nearly everything: up to 2020 (`BatchNorm`, gamma and beta, `dropout.py` with the keep
probability), the automatic differentiation of 2021 (`mytorch.tensor.Tensor`), and from 2022 on
(`BatchNorm1d`, BW and Bb, optimizers of a `model`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .finding import find_roots

if TYPE_CHECKING:
    from ..contract import Loaded

__all__ = ["find_roots", "load"]


def load(root: str) -> Loaded:
    """What `loading` makes of a submission; the judge, which only finds it, does not import that."""
    from .loading import load as loaded

    return loaded(root)
