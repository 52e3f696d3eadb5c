"""Optimizers: one step w, g -> w' from weights and the gradient of the loss at them.

Weights and gradients are arrays of one shape (any rank) or Python floats.  State (velocity v,
second moment r, step count t) starts at zero and lives in the instance; arguments are not changed.

A penalty in the step is "l1", gradient strength sign(w) with sign(0) = 0, or "l2", gradient
gradient_factor strength w.  `decay` says where it enters: "coupled" adds it to g before all else,
"decoupled" subtracts learning_rate times it from the new weights, at the old weights.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from reference.arrays import Array, SameShape

DECAYS = ("coupled", "decoupled")
EPS_PLACES = ("outside", "inside", "hat", "numerator_too")
NESTEROV_FORMS = ("shifted", "sutskever")
PENALTIES = (None, "l1", "l2")


def one_of(name: str, value: Any, known: tuple[Any, ...]) -> Any:
    """The value, or ValueError where it is not among the known ones."""
    if value not in known:
        raise ValueError(f"{name} is one of {known}, not {value!r}")
    return value


def in_range(name: str, value: float, low: float, high: float = np.inf) -> float:
    """The value, or ValueError where it is not in [low, high)."""
    if not low <= value < high:
        raise ValueError(f"{name} is in [{low}, {high}), not {value!r}")
    return value


def penalty_gradient(w: Array, penalty: str | None, strength: float, factor: float) -> SameShape:
    """strength sign(w) for "l1"; factor strength w for "l2", with factor 1 for strength/2 ||w||^2."""
    return strength * np.sign(w) if penalty == "l1" else factor * strength * w


def mean_of(old: Any, new: Any, decay: float) -> Any:
    """The exponential moving average: decay old + (1 - decay) new."""
    return decay * old + (1 - decay) * new


def scaled(m: Any, r: Any, eps: float, eps_place: str, correction: Any) -> Any:
    """m over the root of r: the direction of RMSprop and Adam.

    correction: 1 - beta2^t, by which r was divided (1 where it was not).
    "outside": m / (sqrt(r) + eps); "inside": m / sqrt(r + eps); "hat": eps is added before the
    correction, m / (sqrt(r) + eps / sqrt(correction)) (Kingma and Ba, end of section 2);
    "numerator_too": (m + eps) / (sqrt(r) + eps), which moves weights whose gradient is zero.
    """
    if eps_place == "inside":
        return m / np.sqrt(r + eps)
    if eps_place == "hat":
        return m / (np.sqrt(r) + eps / np.sqrt(correction))
    return (m + eps if eps_place == "numerator_too" else m) / (np.sqrt(r) + eps)


class Sgd:
    """Gradient descent: w' = w - learning_rate g.

    learning_rate: >= 0.  strength: >= 0, of the penalty.  ValueError outside these domains.
    Conventions: decay, gradient_factor (of the l2 penalty: 1 for strength/2 ||w||^2, 2 for
    strength ||w||^2).
    """

    def __init__(
        self,
        *,
        learning_rate: float,
        penalty: str | None = None,
        strength: float = 0.0,
        decay: str = "coupled",
        gradient_factor: float = 1.0,
    ) -> None:
        self.learning_rate = in_range("learning_rate", learning_rate, 0)
        self.penalty = one_of("penalty", penalty, PENALTIES)
        self.strength = in_range("strength", strength, 0)
        self.decay = one_of("decay", decay, DECAYS)
        self.gradient_factor = gradient_factor

    def penalized(self, w: Array) -> SameShape:
        """The gradient of the penalty at w."""
        return penalty_gradient(w, self.penalty, self.strength, self.gradient_factor)

    def coupled(self, w: Array, g: Array) -> SameShape:
        """The gradient that the optimizer sees: with the penalty's where decay is coupled."""
        penalized = self.penalty is not None and self.decay == "coupled"
        return g + self.penalized(w) if penalized else g

    def decayed(self, w: Array) -> SameShape:
        """The weights that the update is added to: shrunk where decay is decoupled."""
        penalized = self.penalty is not None and self.decay == "decoupled"
        return w - self.learning_rate * self.penalized(w) if penalized else w

    def update(self, g: Array) -> SameShape:
        """What is added to the weights."""
        return -self.learning_rate * g

    def step(self, w: Array, g: Array) -> SameShape:
        """The new weights, of the shape of w."""
        return self.decayed(w) + self.update(self.coupled(w, g))


class Momentum(Sgd):
    """Momentum: v <- momentum v - learning_rate g, w' = w + v (Polyak 1964).

    momentum: in [0, 1); 0 is plain gradient descent.
    rate_in_velocity: whether the learning rate is inside the velocity as above (FAU, Keras), or
    outside, v <- momentum v + g, w' = w - learning_rate v (torch); the same at a constant rate.
    """

    def __init__(
        self,
        *,
        learning_rate: float,
        momentum: float,
        rate_in_velocity: bool = True,
        penalty: str | None = None,
        strength: float = 0.0,
        decay: str = "coupled",
        gradient_factor: float = 1.0,
    ) -> None:
        super().__init__(
            learning_rate=learning_rate,
            penalty=penalty,
            strength=strength,
            decay=decay,
            gradient_factor=gradient_factor,
        )
        self.momentum = in_range("momentum", momentum, 0, 1)
        self.rate_in_velocity = rate_in_velocity
        self.velocity: Any = 0.0

    def update(self, g: Array) -> SameShape:
        """The new velocity, times -learning_rate where the rate is outside it."""
        added = -self.learning_rate * g if self.rate_in_velocity else g
        self.velocity = self.momentum * self.velocity + added
        update: SameShape = (
            self.velocity if self.rate_in_velocity else -self.learning_rate * self.velocity
        )
        return update


class Nesterov:
    """Nesterov's momentum: v <- momentum v - learning_rate g, in one of two forms.

    "shifted": w' = w + momentum v - learning_rate g, with g taken at w (Bengio et al. 2013; torch,
    CS231n).  "sutskever": w' = w + v, with g taken at w + momentum v (Sutskever et al. 2013).
    Both take gradients at the same points.  momentum: in [0, 1).
    """

    def __init__(self, *, learning_rate: float, momentum: float, form: str = "shifted") -> None:
        self.learning_rate = in_range("learning_rate", learning_rate, 0)
        self.momentum = in_range("momentum", momentum, 0, 1)
        self.form = one_of("form", form, NESTEROV_FORMS)
        self.velocity: Any = 0.0

    def step(self, w: Array, g: Array) -> SameShape:
        """The new weights, of the shape of w."""
        v = self.velocity = self.momentum * self.velocity - self.learning_rate * g
        sutskever = self.form == "sutskever"
        new: SameShape = w + (v if sutskever else self.momentum * v - self.learning_rate * g)
        return new


class RmsProp:
    """RMSprop: r <- decay r + (1 - decay) g^2, w' = w - learning_rate g / (sqrt(r) + eps).

    decay: in [0, 1), the weight of the old value.  eps: >= 0.  eps_place: "outside" as above,
    "inside" the root.  (Tieleman and Hinton 2012, lecture 6.5.)
    """

    def __init__(
        self, *, learning_rate: float, decay: float, eps: float = 1e-8, eps_place: str = "outside"
    ) -> None:
        self.learning_rate = in_range("learning_rate", learning_rate, 0)
        self.decay = in_range("decay", decay, 0, 1)
        self.eps = in_range("eps", eps, 0)
        self.eps_place = one_of("eps_place", eps_place, ("outside", "inside"))
        self.second: Any = 0.0

    def step(self, w: Array, g: Array) -> SameShape:
        """The new weights, of the shape of w."""
        self.second = mean_of(self.second, g * g, self.decay)
        new: SameShape = w - self.learning_rate * scaled(
            g, self.second, self.eps, self.eps_place, 1
        )
        return new


class Adam(Sgd):
    """Adam (Kingma and Ba 2015, algorithm 1), bias-corrected.

    t <- t + 1, v <- beta1 v + (1 - beta1) g, r <- beta2 r + (1 - beta2) g^2,
    v' = v / (1 - beta1^t), r' = r / (1 - beta2^t), w' = w - learning_rate v' / (sqrt(r') + eps).
    beta1, beta2: in [0, 1).  eps: >= 0.  eps_place: "outside" the root as above,
    "inside" it, "hat" (added before r is corrected) or "numerator_too" (see `scaled`).
    """

    def __init__(
        self,
        *,
        learning_rate: float,
        beta1: float,
        beta2: float,
        eps: float = 1e-8,
        eps_place: str = "outside",
        penalty: str | None = None,
        strength: float = 0.0,
        decay: str = "coupled",
        gradient_factor: float = 1.0,
    ) -> None:
        super().__init__(
            learning_rate=learning_rate,
            penalty=penalty,
            strength=strength,
            decay=decay,
            gradient_factor=gradient_factor,
        )
        self.beta1 = in_range("beta1", beta1, 0, 1)
        self.beta2 = in_range("beta2", beta2, 0, 1)
        self.eps = in_range("eps", eps, 0)
        self.eps_place = one_of("eps_place", eps_place, EPS_PLACES)
        self.first: Any = 0.0
        self.second: Any = 0.0
        self.t = 0

    def update(self, g: Array) -> SameShape:
        """Minus the learning rate times the corrected first moment over the root of the second."""
        self.t += 1
        self.first = mean_of(self.first, g, self.beta1)
        self.second = mean_of(self.second, g * g, self.beta2)
        correction = 1 - self.beta2**self.t
        first, second = self.first / (1 - self.beta1**self.t), self.second / correction
        direction: SameShape = scaled(first, second, self.eps, self.eps_place, correction)
        return -self.learning_rate * direction


class AdamW(Adam):
    """AdamW: w' = w - learning_rate weight_decay w + Adam's update (Loshchilov and Hutter 2019).

    weight_decay: >= 0.  rate_in_decay: whether the decay is multiplied by the learning rate.
    decay_order: "before" decays the old weights as above, "after" those that Adam has updated.
    """

    def __init__(
        self,
        *,
        learning_rate: float,
        beta1: float,
        beta2: float,
        eps: float = 1e-8,
        weight_decay: float = 0.01,
        eps_place: str = "outside",
        rate_in_decay: bool = True,
        decay_order: str = "before",
    ) -> None:
        super().__init__(
            learning_rate=learning_rate, beta1=beta1, beta2=beta2, eps=eps, eps_place=eps_place
        )
        self.weight_decay = in_range("weight_decay", weight_decay, 0)
        self.rate_in_decay = rate_in_decay
        self.decay_order = one_of("decay_order", decay_order, ("before", "after"))

    def decayed(self, w: Array) -> SameShape:
        """The weights after the decay alone."""
        rate = self.learning_rate * self.weight_decay if self.rate_in_decay else self.weight_decay
        return w - rate * w

    def step(self, w: Array, g: Array) -> SameShape:
        """The new weights, of the shape of w."""
        if self.decay_order == "after":
            return self.decayed(w + self.update(g))
        return self.decayed(w) + self.update(g)


class LinearSchedule:
    """A rate that goes linearly from start to end in `steps` steps and stays there.

    rate(k) = (1 - a) start + a end, a = min(k / steps, 1) (Goodfellow et al. 2016, equation 8.14).
    steps: >= 1; ValueError otherwise.
    """

    def __init__(self, *, start: float, end: float, steps: int) -> None:
        self.start, self.end = start, end
        self.steps = int(in_range("steps", steps, 1))

    def rate(self, k: int) -> float:
        """The learning rate of step k = 0, 1, 2, ..."""
        a = min(k, self.steps) / self.steps
        return (1 - a) * self.start + a * self.end


OPERATIONS = {
    "sgd": Sgd,
    "momentum": Momentum,
    "nesterov": Nesterov,
    "rmsprop": RmsProp,
    "adam": Adam,
    "adamw": AdamW,
    "linear_schedule": LinearSchedule,
}
