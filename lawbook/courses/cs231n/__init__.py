"""The assignments of Stanford's CS231n (`cs231n/layers.py`, `cs231n/optim.py`).

A root is the package itself: the folder with `layers.py`, whatever it is called.  Its functions are
stateless, so an instance here holds the cache, the `bn_param` or the `config` that they hand on.
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
