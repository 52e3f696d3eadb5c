"""Dropout: units are set to zero at random in training (Srivastava et al. 2014, section 4).

`keep` is always the probability q that a unit is kept, 0 < q <= 1; a mask is an array of 0 and 1.
"""

from __future__ import annotations

import numpy as np

from reference.arrays import Array, SameShape
from reference.randomness import generator


def draw_mask(shape: tuple[int, ...], keep: float, rng: np.random.Generator) -> Array:
    """Independent Bernoulli(keep) draws of the given shape: 1 with probability keep, else 0."""
    return (rng.random(shape) < keep).astype(float)


def classic(x: Array, mask: Array, masking: str = "select") -> SameShape:
    """y = m x, to be evaluated with weights scaled by q (weight scaling).

    masking "select": a dropped unit is 0 whatever x is; "multiply": of an infinite x it is nan.
    """
    return np.where(mask > 0, x, 0.0) if masking == "select" else mask * x


def inverted(x: Array, mask: Array, keep: float, masking: str = "select") -> SameShape:
    """y = m x / q."""
    return classic(x / keep, mask, masking)


def checked_keep(keep: float) -> float:
    """The keep probability, or ValueError where it is not in (0, 1]."""
    if not 0 < keep <= 1:
        raise ValueError(f"keep is a probability in (0, 1], not {keep}")
    return keep


class Dropout:
    """Inverted dropout: training y = m x / q with a fresh mask m per call, evaluation y = x.

    keep: probability q in (0, 1] that a unit is kept; ValueError otherwise.  E[y] = x and
    Var[y] = x^2 (1 - q) / q for every unit; q = 1 is the identity in both modes.
    backward_scale: whether backward divides by q too, as the derivative does; False is a convention of
    course editions that asked for the bare mask.
    masking: "select" makes a dropped unit 0 for every x, infinity included; "multiply" makes it nan there.
    """

    def __init__(
        self, *, keep: float, backward_scale: bool = True, masking: str = "select"
    ) -> None:
        self.keep = checked_keep(keep)
        self.masking = masking
        self.backward_scale = backward_scale
        self.mask: Array = np.ones(())

    def train(self, x: Array) -> SameShape:
        """y, of the shape of x (any rank): every unit is 0 or x / q."""
        self.mask = draw_mask(x.shape, self.keep, generator())
        return inverted(x, self.mask, self.keep, self.masking)

    def evaluate(self, x: Array) -> SameShape:
        """x itself."""
        return x

    def backward(self, dy: Array) -> SameShape:
        """dL/dx = m dy / q with the mask of the latest `train`."""
        return inverted(dy, self.mask, self.keep if self.backward_scale else 1.0)


class ClassicDropout(Dropout):
    """Classic dropout: training y = m x, evaluation y = q x (weight scaling); backward dL/dx = m dy."""

    def train(self, x: Array) -> SameShape:
        """y, of the shape of x: every unit is 0 or x."""
        self.mask = draw_mask(x.shape, self.keep, generator())
        return classic(x, self.mask, self.masking)

    def evaluate(self, x: Array) -> SameShape:
        """q x, the mean of the training output."""
        return self.keep * x

    def backward(self, dy: Array) -> SameShape:
        """dL/dx = m dy with the mask of the latest `train`."""
        return classic(dy, self.mask)


class DropoutGivenMask:
    """Inverted dropout with the mask as an argument, so that expectations are sums over all masks."""

    def __init__(self, *, keep: float) -> None:
        self.keep = checked_keep(keep)

    def apply(self, x: Array, mask: Array) -> Array:
        """m x / q; x and mask of one shape, or with a leading axis of masks that broadcasts."""
        return inverted(x, mask, self.keep)


OPERATIONS = {
    "dropout": Dropout,
    "classic_dropout": ClassicDropout,
    "dropout_given_mask": DropoutGivenMask,
}
