"""The assignments of Stanford's CS231n (`cs231n/layers.py`, `cs231n/optim.py`).

A root is the package itself: the folder with `layers.py`, whatever it is called.  Its functions are
stateless, so an instance here holds the cache, the `bn_param` or the `config` that they hand on.
"""

from .finding import find_roots
from .loading import load

__all__ = ["find_roots", "load"]
