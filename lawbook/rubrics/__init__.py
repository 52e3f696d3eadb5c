"""Rubrics: from verdicts to points, and to what a student may see of them.

A rubric is a TOML file; `read` checks it, `score` makes a grade of a result's JSON alone, so that stored
results can be scored again, and `seen` leaves of a result what its reader may know.
"""

from lawbook.rubrics.model import LEVELS, BadRubric, Item, Rubric
from lawbook.rubrics.reading import read
from lawbook.rubrics.scoring import graded, score, ungraded
from lawbook.rubrics.visibility import known_level, seen

__all__ = [
    "LEVELS",
    "BadRubric",
    "Item",
    "Rubric",
    "graded",
    "known_level",
    "read",
    "score",
    "seen",
    "ungraded",
]
