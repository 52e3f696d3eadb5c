"""The exercises of TUM's Introduction to Deep Learning (`exercise_code/layers.py`, `exercise_code/optim.py`).

A root is the package itself: the folder `exercise_code` of one exercise.  Its functions are those of CS231n.
Parts of these files are handed out, and some of what is handed out is wrong; only what an exercise asks for
is judged (`lawbook.profiles.i2dl`).
"""

from .finding import find_roots
from .loading import load

__all__ = ["find_roots", "load"]
