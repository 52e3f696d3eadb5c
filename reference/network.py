"""A small network: what is needed to judge how a course's framework adds the regularization loss.

Two linear layers with a squared loss.  Laws use only differences of losses and the phases, since
each course's own framework has its own layers and its own data loss.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from reference.arrays import Array
from reference.losses import Labels, one_hot


def penalty_value(w: Array, kind: str, strength: float, value_factor: float, l2_norm: str) -> float:
    """strength times sum |w| (l1), f sum w^2 (l2, squared) or f sqrt(sum w^2) (l2, root)."""
    if kind == "l1":
        total: float = np.sum(np.abs(w))
        return strength * total
    if kind != "l2":
        raise ValueError(f"penalty is None, 'l1' or 'l2', not {kind!r}")
    squares = np.sum(w * w)
    return strength * value_factor * (np.sqrt(squares) if l2_norm == "root" else squares)


class Network:
    """Training loss of a two-layer network: data loss + sum over both layers of the weights' penalty.

    weights: W1 (D, H), W2 (H, K); penalty: None, "l1" or "l2"; strength >= 0.
    value_factor: f of the l2 penalty f strength sum w^2 (1 in the FAU course, 1/2 in CS231n);
    l2_norm: "squared", or "root" for course editions that asked for the norm itself;
    l1: whether the framework has an l1 penalty at all (CS231n's has none).
    """

    def __init__(
        self,
        *,
        weights: Sequence[Array],
        penalty: str | None,
        strength: float,
        value_factor: float = 1.0,
        l2_norm: str = "squared",
        l1: bool = True,
    ) -> None:
        if penalty == "l1" and not l1:
            raise ValueError("this framework is declared to have no l1 penalty")
        self.weights = weights
        self.penalty = penalty
        self.strength = strength
        self.value_factor = value_factor
        self.l2_norm = l2_norm
        self.testing = False

    def output(self, x: Array) -> Array:
        """y = x W1 W2, (N, K)."""
        return x @ self.weights[0] @ self.weights[1]

    def data_loss(self, y: Array, t: Labels) -> float:
        """Mean over samples of the squared error of outputs y (N, K) and one-hot labels t (N,)."""
        difference = y - one_hot(t, y.shape[1])
        return np.sum(difference * difference) / len(t)

    def layer_penalty(self, w: Array) -> float:
        """The penalty of one layer's weights; 0 without a penalty."""
        if self.penalty is None:
            return 0.0
        return penalty_value(w, self.penalty, self.strength, self.value_factor, self.l2_norm)

    def regularization_loss(self) -> float:
        """The sum of the layers' penalties."""
        return self.layer_penalty(self.weights[0]) + self.layer_penalty(self.weights[1])

    def loss(self, x: Array, t: Labels) -> float:
        """The training loss of inputs x (N, D) and labels t (N,)."""
        return self.data_loss(self.output(x), t) + self.regularization_loss()

    def train(self) -> bool:
        """Go to the training phase; the testing flag that the layers then see."""
        self.testing = False
        return self.testing

    def test(self) -> bool:
        """Go to the testing phase; the testing flag that the layers then see."""
        self.testing = True
        return self.testing

    def phases(self) -> list[bool]:
        """The testing flag that a layer sees in train, then test, then train: False, True, False."""
        return [self.train(), self.test(), self.train()]


OPERATIONS = {"network": Network}
