"""The exercises of FAU's Deep Learning lecture (`Layers/`, `Optimization/`).

What students vary and the sheets leave open is met here: spellings, shapes of gamma and beta, how
phases are told, the parameters of older editions.  What the sheets do ask for is never repaired.
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
