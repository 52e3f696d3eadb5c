"""Averages of the iterates of an optimizer (Polyak, Juditsky 1992).

Iterates are theta(1), ..., theta(t), each of any one shape.
"""

from __future__ import annotations

from reference.arrays import Array, SameShape


def linear_average(iterates: Array) -> Array:
    """1/t sum_s theta(s); iterates (t, ...), t >= 1."""
    total: Array = iterates.sum(axis=0)
    mean: Array = total / iterates.shape[0]
    return mean


def online_average(old: Array, new: Array, t: int) -> SameShape:
    """The linear average after step t >= 1 from the one after step t - 1: old + (new - old) / t."""
    return old + (new - old) / t


def running_average(old: Array, new: Array, decay: float) -> SameShape:
    """alpha old + (1 - alpha) new: old is the average of the step before, decay alpha in [0, 1)."""
    return decay * old + (1 - decay) * new


def running_average_closed_form(start: Array, iterates: Array, decay: float) -> SameShape:
    """alpha^t start + (1 - alpha) sum_s alpha^(t - s) theta(s); iterates (t, ...), t >= 1.

    It remembers about 1 / (1 - alpha) iterates.
    """
    t = iterates.shape[0]
    remembered = sum(decay ** (t - s) * iterates[s - 1] for s in range(1, t + 1))
    average: SameShape = decay**t * start + (1 - decay) * remembered
    return average
