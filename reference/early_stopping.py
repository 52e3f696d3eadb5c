"""Early stopping: the rule, and what it does to gradient descent on a quadratic.

The quadratic is R(w) = (w - w*)' H (w - w*) / 2 with H (d, d) symmetric positive semidefinite and its
optimum w* (d,).  t steps from 0 keep the part 1 - (1 - eta lambda)^t of w* in an eigenvector's direction,
an L2 penalty keeps lambda / (lambda + mu) (Goodfellow et al. 2016, sections 7.1.1 and 7.8).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from reference.arrays import Array


def solve(A: Any, b: Any) -> Any:
    """x with A x = b by elimination; A (d, d) symmetric positive definite (needs no pivoting), b (d,)."""
    if len(b) == 1:
        return b / A[0]
    column = A[1:, 0] / A[0, 0]
    rest = solve(A[1:, 1:] - column[:, None] * A[0, 1:], b[1:] - column * b[0])
    first = (b[0] - (A[0, 1:] * rest).sum()) / A[0, 0]
    return np.concatenate([first.reshape(1), rest])


def quadratic_gradient(H: Any, optimum: Any, w: Any) -> Any:
    """H (w - w*)."""
    return H @ (w - optimum)


class EarlyStopping:
    """Stop when the validation loss has not improved for `patience` epochs; give back the best epoch.

    An epoch improves if its loss is below the best one so far by more than min_delta; equal losses do
    not improve, so the first of several minima is the best epoch.  Every other epoch is bad.
    patience: integer >= 0; 0 acts as 1 where training stops as soon as the bad epochs reach it, since
    only a bad epoch can stop.  min_delta: >= 0.  ValueError outside these domains.
    Conventions: stop_when, whether training stops when the bad epochs in a row reach patience
    ("reaches": Keras) or exceed it ("exceeds": torch's plateau scheduler, flax); best, whether the epoch
    given back is the latest that improved ("improved": Keras) or the first minimum of all epochs run
    ("minimum"); these differ only where min_delta > 0.
    """

    def __init__(
        self,
        *,
        patience: int,
        min_delta: float = 0.0,
        stop_when: str = "reaches",
        best: str = "improved",
    ) -> None:
        if patience < 0 or min_delta < 0:
            raise ValueError(f"patience and min_delta are >= 0, not {patience} and {min_delta}")
        if stop_when not in ("reaches", "exceeds") or best not in ("improved", "minimum"):
            raise ValueError(f"there is no convention {stop_when!r} or {best!r}")
        self.patience, self.min_delta = patience, min_delta
        self.stop_when, self.best = stop_when, best

    def run(self, losses: Array, parameters: Array) -> tuple[int, int, Array]:
        """(epochs run, best epoch from 0, parameters (k,) of the best epoch).

        losses: validation losses (T,) of epochs 0 ... T - 1, T >= 1, finite; parameters: (T, k), after each.
        """
        improved = bad = epoch = 0
        for epoch in range(1, len(losses)):
            if losses[epoch] < losses[improved] - self.min_delta:
                improved, bad = epoch, 0
                continue
            bad += 1
            if bad >= self.patience + (self.stop_when == "exceeds"):
                break
        seen = range(epoch + 1)
        best = improved if self.best == "improved" else min(seen, key=lambda k: losses[k])
        return epoch + 1, best, parameters[best]


class GradientDescent:
    """Gradient descent on the quadratic: w <- w - learning_rate H (w - w*).

    learning_rate: > 0, any; it converges in all directions iff below 2 / the largest eigenvalue.
    """

    def __init__(self, *, learning_rate: float) -> None:
        self.learning_rate = learning_rate

    def run(self, H: Array, optimum: Array, start: Array, steps: int) -> Array:
        """The weights (d,) after `steps` >= 0 steps from start (d,)."""
        w = start
        for _ in range(steps):
            w = w - self.learning_rate * quadratic_gradient(H, optimum, w)
        return w


class Ridge:
    """The minimiser (H + mu I)^-1 H w* of the quadratic plus mu/2 ||w||^2.

    mu: > 0; ValueError otherwise.
    """

    def __init__(self, *, mu: Any) -> None:
        if not mu > 0:
            raise ValueError(f"mu is > 0, not {mu!r}")
        self.mu = mu

    def solve(self, H: Array, optimum: Array) -> Array:
        """The weights (d,)."""
        w: Array = solve(H + self.mu * np.eye(len(optimum)), H @ optimum)
        return w


OPERATIONS = {
    "early_stopping": EarlyStopping,
    "gradient_descent": GradientDescent,
    "ridge": Ridge,
}
