"""Mistakes in optimizers."""

from __future__ import annotations

from typing import Any

import numpy as np

from lawbook.mistakes import mistake
from reference.arrays import Array, SameShape
from reference.optimizers import (
    Adam,
    AdamW,
    LinearSchedule,
    Momentum,
    Nesterov,
    RmsProp,
    Sgd,
    mean_of,
    penalty_gradient,
    scaled,
)

IN_PLACE = "The step writes into the weights it was given; return new weights instead."
NO_FLOATS = "The step calls an array method on the weights, so it fails on Python floats."
SHARED = "The state is an attribute of the class, so all instances share it; set it in __init__."
FORGOTTEN = "The state is set to zero in every step; it must persist between steps."
PENALTY_IGNORED = "The penalty never enters the step."
PENALTY_TWICE = "The penalty's gradient enters the step twice."
PENALTY_NOT_FIRST = "The first step leaves the penalty out."
PENALTY_ELSEWHERE = "The penalty is coupled where decoupled decay is declared, or the reverse."
PENALTY_IN_PLACE = "The penalty's gradient is added to the caller's gradient in place."
BUILT_IN_DECAY = "The step shrinks the weights although no penalty was asked for."


class OfTheClass:
    """An attribute that all instances of a class share."""

    value: Any = 0.0

    def __get__(self, instance: Any, owner: Any) -> Any:
        return self.value

    def __set__(self, instance: Any, value: Any) -> None:
        self.value = value


def overwrite(w: Array, new: Array) -> SameShape:
    """The new weights, written into the old ones where these are an array."""
    if isinstance(w, np.ndarray):
        w[...] = new
    return new


def down(rate: float, direction: Any) -> SameShape:
    """Minus the rate times the direction."""
    update: SameShape = -rate * direction
    return update


def other(decay: str) -> str:
    """The decay that was not declared."""
    return "coupled" if decay == "decoupled" else "decoupled"


# Sgd


@mistake(
    "sgd",
    "The gradient is added; descent subtracts it.",
    breaks=(
        "sgd_steps_follow_closed_form",
        "sgd_numbers_step_as_arrays_do",
        "sgd_l2_penalty_enters_each_step_once",
        "sgd_l1_penalty_enters_each_step_once",
        "sgd_penalty_alone_shrinks_weights_in_the_first_step",
        "sgd_weights_decay_geometrically_of_zero_gradient",
        "weight_decay_equals_l2_penalty",
        "penalized_descent_converges_to_ridge",
    ),
)
class SgdAscends(Sgd):
    def update(self, g: Array) -> SameShape:
        return self.learning_rate * g


@mistake(
    "sgd",
    "The learning rate does not scale the gradient.",
    breaks=(
        "sgd_steps_follow_closed_form",
        "sgd_numbers_step_as_arrays_do",
        "sgd_l2_penalty_enters_each_step_once",
        "sgd_l1_penalty_enters_each_step_once",
        "sgd_penalty_alone_shrinks_weights_in_the_first_step",
        "sgd_weights_decay_geometrically_of_zero_gradient",
        "weight_decay_equals_l2_penalty",
        "penalized_descent_converges_to_ridge",
    ),
)
class SgdHasNoRate(Sgd):
    def update(self, g: Array) -> SameShape:
        return -g


@mistake(
    "sgd",
    IN_PLACE,
    breaks=("sgd_arguments_are_left_alone",),
    seen="14 of 66 FAU submissions; the CS231n starter code",
)
class SgdUpdatesInPlace(Sgd):
    def step(self, w: Array, g: Array) -> SameShape:
        return overwrite(w, super().step(w, g))


@mistake(
    "sgd", NO_FLOATS, breaks=("sgd_numbers_step_as_arrays_do",), seen="2 of 66 FAU submissions"
)
class SgdTakesArraysOnly(Sgd):
    def step(self, w: Array, g: Array) -> SameShape:
        return super().step(w.copy(), g)


@mistake(
    "sgd",
    BUILT_IN_DECAY,
    breaks=(
        "sgd_steps_follow_closed_form",
        "sgd_zero_gradient_keeps_weights",
        "sgd_numbers_step_as_arrays_do",
        "sgd_l2_penalty_enters_each_step_once",
        "sgd_l1_penalty_enters_each_step_once",
        "sgd_penalty_alone_shrinks_weights_in_the_first_step",
        "sgd_weights_decay_geometrically_of_zero_gradient",
        "weight_decay_equals_l2_penalty",
        "penalized_descent_converges_to_ridge",
    ),
)
class SgdAlwaysDecays(Sgd):
    def step(self, w: Array, g: Array) -> SameShape:
        return super().step(w, g + w / 100)


@mistake(
    "sgd",
    PENALTY_IGNORED,
    breaks=(
        "sgd_l2_penalty_enters_each_step_once",
        "sgd_l1_penalty_enters_each_step_once",
        "sgd_penalty_alone_shrinks_weights_in_the_first_step",
        "sgd_weights_decay_geometrically_of_zero_gradient",
        "weight_decay_equals_l2_penalty",
        "penalized_descent_converges_to_ridge",
    ),
    seen="5 of 66 FAU submissions, later fixed",
)
class SgdIgnoresPenalty(Sgd):
    def penalized(self, w: Array) -> SameShape:
        return 0 * w


@mistake(
    "sgd",
    PENALTY_TWICE,
    breaks=(
        "sgd_l2_penalty_enters_each_step_once",
        "sgd_l1_penalty_enters_each_step_once",
        "sgd_penalty_alone_shrinks_weights_in_the_first_step",
        "sgd_weights_decay_geometrically_of_zero_gradient",
        "weight_decay_equals_l2_penalty",
        "penalized_descent_converges_to_ridge",
    ),
    seen="an FAU submission",
)
class SgdCountsPenaltyTwice(Sgd):
    def penalized(self, w: Array) -> SameShape:
        return 2 * super().penalized(w)


@mistake(
    "sgd",
    "The penalty is subtracted without the learning rate.",
    breaks=(
        "sgd_l2_penalty_enters_each_step_once",
        "sgd_l1_penalty_enters_each_step_once",
        "sgd_penalty_alone_shrinks_weights_in_the_first_step",
        "sgd_weights_decay_geometrically_of_zero_gradient",
        "weight_decay_equals_l2_penalty",
        "penalized_descent_converges_to_ridge",
    ),
    seen="decks",
)
class SgdPenaltyWithoutRate(Sgd):
    def step(self, w: Array, g: Array) -> SameShape:
        shrunk = w if self.penalty is None else w - self.penalized(w)
        return shrunk + self.update(g)


@mistake(
    "sgd",
    "The penalty has the wrong sign and makes weights grow.",
    breaks=(
        "sgd_l2_penalty_enters_each_step_once",
        "sgd_l1_penalty_enters_each_step_once",
        "sgd_penalty_alone_shrinks_weights_in_the_first_step",
        "sgd_weights_decay_geometrically_of_zero_gradient",
        "weight_decay_equals_l2_penalty",
        "penalized_descent_converges_to_ridge",
    ),
)
class SgdPenaltyGrowsWeights(Sgd):
    def penalized(self, w: Array) -> SameShape:
        return -super().penalized(w)


@mistake(
    "sgd",
    PENALTY_IN_PLACE,
    breaks=("sgd_arguments_are_left_alone",),
    seen="7 of 66 FAU submissions",
)
class SgdAddsPenaltyInPlace(Sgd):
    def coupled(self, w: Array, g: Array) -> SameShape:
        return overwrite(g, super().coupled(w, g) + 0 * self.penalized(w))


@mistake(
    "sgd",
    "The gradient of |w| at 0 is taken as 1; sign(0) is 0.",
    breaks=("sgd_l1_penalty_enters_each_step_once",),
    seen="FAU",
)
class SgdPushesZeroWeights(Sgd):
    def penalized(self, w: Array) -> SameShape:
        pushed = np.where(np.asarray(w) >= 0, 1.0, -1.0)
        return self.strength * pushed if self.penalty == "l1" else super().penalized(w)


# Momentum


@mistake(
    "momentum",
    "The velocity is subtracted although it points downhill.",
    breaks=(
        "momentum_steps_follow_closed_form",
        "momentum_numbers_step_as_arrays_do",
        "velocity_of_constant_gradient_is_geometric",
        "momentum_zero_momentum_is_plain_descent",
        "velocity_forms_agree_of_constant_rate",
        "momentum_first_step_starts_from_rest",
        "momentum_l2_penalty_enters_each_step_once",
        "momentum_l1_penalty_enters_each_step_once",
        "momentum_penalty_alone_shrinks_weights_in_the_first_step",
    ),
)
class MomentumAscends(Momentum):
    def update(self, g: Array) -> SameShape:
        return -super().update(g)


@mistake(
    "momentum",
    "The old velocity has the wrong sign.",
    breaks=(
        "momentum_steps_follow_closed_form",
        "momentum_numbers_step_as_arrays_do",
        "velocity_of_constant_gradient_is_geometric",
        "velocity_forms_agree_of_constant_rate",
        "momentum_l2_penalty_enters_each_step_once",
        "momentum_l1_penalty_enters_each_step_once",
    ),
)
class MomentumPullsBack(Momentum):
    def update(self, g: Array) -> SameShape:
        self.velocity = -self.velocity
        return super().update(g)


@mistake(
    "momentum",
    "The learning rate is applied twice, in the velocity and in the step.",
    breaks=(
        "momentum_steps_follow_closed_form",
        "momentum_numbers_step_as_arrays_do",
        "velocity_of_constant_gradient_is_geometric",
        "momentum_zero_momentum_is_plain_descent",
        "velocity_forms_agree_of_constant_rate",
        "momentum_first_step_starts_from_rest",
        "momentum_l2_penalty_enters_each_step_once",
        "momentum_l1_penalty_enters_each_step_once",
        "momentum_penalty_alone_shrinks_weights_in_the_first_step",
    ),
)
class MomentumAppliesRateTwice(Momentum):
    def update(self, g: Array) -> SameShape:
        return self.learning_rate * super().update(g)


@mistake(
    "momentum",
    "The gradient is weighted by 1 - momentum: that is an average.",
    breaks=(
        "momentum_steps_follow_closed_form",
        "momentum_numbers_step_as_arrays_do",
        "velocity_of_constant_gradient_is_geometric",
        "velocity_forms_agree_of_constant_rate",
        "momentum_first_step_starts_from_rest",
        "momentum_l2_penalty_enters_each_step_once",
        "momentum_l1_penalty_enters_each_step_once",
        "momentum_penalty_alone_shrinks_weights_in_the_first_step",
    ),
)
class MomentumAverages(Momentum):
    def update(self, g: Array) -> SameShape:
        return super().update((1 - self.momentum) * g)


@mistake(
    "momentum",
    "The weights move by the velocity before it takes the gradient in.",
    breaks=(
        "momentum_steps_follow_closed_form",
        "momentum_numbers_step_as_arrays_do",
        "velocity_of_constant_gradient_is_geometric",
        "momentum_zero_momentum_is_plain_descent",
        "velocity_forms_agree_of_constant_rate",
        "momentum_first_step_starts_from_rest",
        "momentum_l2_penalty_enters_each_step_once",
        "momentum_l1_penalty_enters_each_step_once",
        "momentum_penalty_alone_shrinks_weights_in_the_first_step",
    ),
)
class MomentumMovesByOldVelocity(Momentum):
    def update(self, g: Array) -> SameShape:
        old = self.velocity + 0 * g
        super().update(g)
        return down(-1.0 if self.rate_in_velocity else self.learning_rate, old)


@mistake(
    "momentum",
    FORGOTTEN,
    breaks=(
        "momentum_steps_follow_closed_form",
        "momentum_numbers_step_as_arrays_do",
        "velocity_of_constant_gradient_is_geometric",
        "velocity_forms_agree_of_constant_rate",
        "momentum_l2_penalty_enters_each_step_once",
        "momentum_l1_penalty_enters_each_step_once",
    ),
)
class MomentumForgetsVelocity(Momentum):
    def update(self, g: Array) -> SameShape:
        self.velocity = 0.0
        return super().update(g)


@mistake("momentum", SHARED, breaks=("momentum_instances_keep_their_own_state",))
class MomentumSharesVelocity(Momentum):
    velocity = OfTheClass()


@mistake(
    "momentum",
    IN_PLACE,
    breaks=("momentum_arguments_are_left_alone",),
    seen="14 of 66 FAU submissions",
)
class MomentumUpdatesInPlace(Momentum):
    def step(self, w: Array, g: Array) -> SameShape:
        return overwrite(w, super().step(w, g))


@mistake(
    "momentum",
    NO_FLOATS,
    breaks=("momentum_numbers_step_as_arrays_do",),
    seen="2 of 66 FAU submissions",
)
class MomentumTakesArraysOnly(Momentum):
    def step(self, w: Array, g: Array) -> SameShape:
        return super().step(w.copy(), g)


@mistake(
    "momentum",
    BUILT_IN_DECAY,
    breaks=(
        "momentum_steps_follow_closed_form",
        "momentum_zero_gradient_keeps_weights",
        "momentum_numbers_step_as_arrays_do",
        "velocity_of_constant_gradient_is_geometric",
        "momentum_zero_momentum_is_plain_descent",
        "velocity_forms_agree_of_constant_rate",
        "momentum_first_step_starts_from_rest",
        "momentum_l2_penalty_enters_each_step_once",
        "momentum_l1_penalty_enters_each_step_once",
        "momentum_penalty_alone_shrinks_weights_in_the_first_step",
    ),
)
class MomentumAlwaysDecays(Momentum):
    def step(self, w: Array, g: Array) -> SameShape:
        return super().step(w, g) - w / 100


@mistake(
    "momentum",
    PENALTY_IGNORED,
    breaks=(
        "momentum_l2_penalty_enters_each_step_once",
        "momentum_l1_penalty_enters_each_step_once",
        "momentum_penalty_alone_shrinks_weights_in_the_first_step",
    ),
    seen="5 of 66 FAU submissions, later fixed",
)
class MomentumIgnoresPenalty(Momentum):
    def penalized(self, w: Array) -> SameShape:
        return 0 * w


@mistake(
    "momentum",
    PENALTY_TWICE,
    breaks=(
        "momentum_l2_penalty_enters_each_step_once",
        "momentum_l1_penalty_enters_each_step_once",
        "momentum_penalty_alone_shrinks_weights_in_the_first_step",
    ),
    seen="an FAU submission",
)
class MomentumCountsPenaltyTwice(Momentum):
    def penalized(self, w: Array) -> SameShape:
        return 2 * super().penalized(w)


@mistake(
    "momentum",
    PENALTY_NOT_FIRST,
    breaks=(
        "momentum_l2_penalty_enters_each_step_once",
        "momentum_l1_penalty_enters_each_step_once",
        "momentum_penalty_alone_shrinks_weights_in_the_first_step",
    ),
    seen="an FAU submission",
)
class MomentumSkipsPenaltyAtFirst(Momentum):
    def penalized(self, w: Array) -> SameShape:
        started = isinstance(self.velocity, np.ndarray | np.generic)
        return super().penalized(w) if started else 0 * w


@mistake(
    "momentum",
    PENALTY_ELSEWHERE,
    breaks=(
        "momentum_l2_penalty_enters_each_step_once",
        "momentum_l1_penalty_enters_each_step_once",
    ),
)
class MomentumSwapsDecay(Momentum):
    def step(self, w: Array, g: Array) -> SameShape:
        declared, self.decay = self.decay, other(self.decay)
        new = super().step(w, g)
        self.decay = declared
        return new


# Nesterov


@mistake(
    "nesterov",
    "This is plain momentum: the step does not look ahead.",
    breaks=(
        "nesterov_steps_follow_closed_form",
        "nesterov_numbers_step_as_arrays_do",
        "nesterov_first_step_starts_from_rest",
        "both_forms_take_gradients_at_the_same_points",
    ),
)
class NesterovDoesNotLookAhead(Nesterov):
    def step(self, w: Array, g: Array) -> SameShape:
        self.velocity = self.momentum * self.velocity - self.learning_rate * g
        return w - down(1.0, self.velocity)


@mistake(
    "nesterov",
    "The velocity alone is applied ahead; the gradient's own step is missing.",
    breaks=(
        "nesterov_steps_follow_closed_form",
        "nesterov_numbers_step_as_arrays_do",
        "nesterov_zero_momentum_is_plain_descent",
        "nesterov_first_step_starts_from_rest",
        "both_forms_take_gradients_at_the_same_points",
    ),
)
class NesterovDropsGradient(Nesterov):
    def step(self, w: Array, g: Array) -> SameShape:
        self.velocity = self.momentum * self.velocity - self.learning_rate * g
        return w - down(self.momentum, self.velocity)


@mistake(
    "nesterov",
    FORGOTTEN,
    breaks=(
        "nesterov_steps_follow_closed_form",
        "nesterov_numbers_step_as_arrays_do",
        "both_forms_take_gradients_at_the_same_points",
    ),
)
class NesterovForgetsVelocity(Nesterov):
    def step(self, w: Array, g: Array) -> SameShape:
        self.velocity = 0.0
        return super().step(w, g)


@mistake("nesterov", SHARED, breaks=("nesterov_instances_keep_their_own_state",))
class NesterovSharesVelocity(Nesterov):
    velocity = OfTheClass()


@mistake("nesterov", IN_PLACE, breaks=("nesterov_arguments_are_left_alone",))
class NesterovUpdatesInPlace(Nesterov):
    def step(self, w: Array, g: Array) -> SameShape:
        return overwrite(w, super().step(w, g))


@mistake("nesterov", NO_FLOATS, breaks=("nesterov_numbers_step_as_arrays_do",))
class NesterovTakesArraysOnly(Nesterov):
    def step(self, w: Array, g: Array) -> SameShape:
        return super().step(w.copy(), g)


@mistake(
    "nesterov",
    BUILT_IN_DECAY,
    breaks=(
        "nesterov_steps_follow_closed_form",
        "nesterov_zero_gradient_keeps_weights",
        "nesterov_numbers_step_as_arrays_do",
        "nesterov_zero_momentum_is_plain_descent",
        "nesterov_first_step_starts_from_rest",
        "both_forms_take_gradients_at_the_same_points",
    ),
)
class NesterovAlwaysDecays(Nesterov):
    def step(self, w: Array, g: Array) -> SameShape:
        return super().step(w, g) - w / 100


# RmsProp


@mistake(
    "rmsprop",
    "The gradient is divided by the average of g^2 instead of by its root.",
    breaks=("rmsprop_steps_follow_closed_form", "rmsprop_numbers_step_as_arrays_do"),
)
class RmsPropHasNoRoot(RmsProp):
    def step(self, w: Array, g: Array) -> SameShape:
        self.second = mean_of(self.second, g * g, self.decay)
        return w + down(self.learning_rate, g / (self.second + self.eps))


@mistake(
    "rmsprop",
    "decay weighs the new value; it is the weight of the old one.",
    breaks=("rmsprop_steps_follow_closed_form", "rmsprop_numbers_step_as_arrays_do"),
)
class RmsPropSwapsDecay(RmsProp):
    def step(self, w: Array, g: Array) -> SameShape:
        self.second = mean_of(g * g, self.second, self.decay)
        direction = scaled(g, self.second, self.eps, self.eps_place, 1)
        return w + down(self.learning_rate, direction)


@mistake(
    "rmsprop",
    "eps is inside the root; it is declared outside.",
    breaks=("rmsprop_steps_follow_closed_form", "rmsprop_numbers_step_as_arrays_do"),
    seen="CS231n",
)
class RmsPropEpsInside(RmsProp):
    def step(self, w: Array, g: Array) -> SameShape:
        self.eps_place = "inside"
        return super().step(w, g)


@mistake(
    "rmsprop",
    "The squares are summed without decay: that is AdaGrad.",
    breaks=("rmsprop_steps_follow_closed_form", "rmsprop_numbers_step_as_arrays_do"),
)
class RmsPropSums(RmsProp):
    def step(self, w: Array, g: Array) -> SameShape:
        self.second = self.second + g * g
        direction = scaled(g, self.second, self.eps, self.eps_place, 1)
        return w + down(self.learning_rate, direction)


@mistake(
    "rmsprop",
    FORGOTTEN,
    breaks=("rmsprop_steps_follow_closed_form", "rmsprop_numbers_step_as_arrays_do"),
)
class RmsPropForgetsAverage(RmsProp):
    def step(self, w: Array, g: Array) -> SameShape:
        self.second = 0.0
        return super().step(w, g)


@mistake("rmsprop", SHARED, breaks=("rmsprop_instances_keep_their_own_state",))
class RmsPropSharesAverage(RmsProp):
    second = OfTheClass()


@mistake(
    "rmsprop", IN_PLACE, breaks=("rmsprop_arguments_are_left_alone",), seen="CS231n submissions"
)
class RmsPropUpdatesInPlace(RmsProp):
    def step(self, w: Array, g: Array) -> SameShape:
        return overwrite(w, super().step(w, g))


@mistake("rmsprop", NO_FLOATS, breaks=("rmsprop_numbers_step_as_arrays_do",))
class RmsPropTakesArraysOnly(RmsProp):
    def step(self, w: Array, g: Array) -> SameShape:
        return super().step(w.copy(), g)


@mistake(
    "rmsprop",
    "eps is in the numerator too, so weights without gradient move.",
    breaks=(
        "rmsprop_steps_follow_closed_form",
        "rmsprop_zero_gradient_keeps_weights",
        "rmsprop_numbers_step_as_arrays_do",
    ),
)
class RmsPropDriftsWithoutGradient(RmsProp):
    def step(self, w: Array, g: Array) -> SameShape:
        self.second = mean_of(self.second, g * g, self.decay)
        direction = scaled(g, self.second, self.eps, "numerator_too", 1)
        return w + down(self.learning_rate, direction)


# Adam


@mistake(
    "adam",
    "The moments are not corrected for their start at zero.",
    breaks=(
        "adam_steps_follow_closed_form",
        "adam_numbers_step_as_arrays_do",
        "first_step_has_the_size_of_the_rate",
        "adam_l2_penalty_enters_each_step_once",
        "adam_l1_penalty_enters_each_step_once",
        "coupled_penalty_alone_moves_weights_by_the_rate",
    ),
    seen="CS231n",
)
class AdamHasNoBiasCorrection(Adam):
    def update(self, g: Array) -> SameShape:
        self.first = mean_of(self.first, g, self.beta1)
        self.second = mean_of(self.second, g * g, self.beta2)
        direction = scaled(self.first, self.second, self.eps, self.eps_place, 1)
        return down(self.learning_rate, direction)


@mistake(
    "adam",
    "The step count stays at 1.",
    breaks=(
        "adam_steps_follow_closed_form",
        "adam_numbers_step_as_arrays_do",
        "adam_l2_penalty_enters_each_step_once",
        "adam_l1_penalty_enters_each_step_once",
    ),
    seen="3 CS231n submissions",
)
class AdamNeverCounts(Adam):
    def update(self, g: Array) -> SameShape:
        self.t = 0
        return super().update(g)


@mistake(
    "adam",
    "The first step counts as the second.",
    breaks=(
        "adam_steps_follow_closed_form",
        "adam_numbers_step_as_arrays_do",
        "first_step_has_the_size_of_the_rate",
        "adam_l2_penalty_enters_each_step_once",
        "adam_l1_penalty_enters_each_step_once",
        "coupled_penalty_alone_moves_weights_by_the_rate",
    ),
    seen="8 CS231n submissions",
)
class AdamCountsFromTwo(Adam):
    def update(self, g: Array) -> SameShape:
        self.t = max(self.t, 1)
        return super().update(g)


@mistake(
    "adam",
    "eps is inside the root; it is declared outside.",
    breaks=(
        "adam_steps_follow_closed_form",
        "adam_numbers_step_as_arrays_do",
        "first_step_has_the_size_of_the_rate",
        "adam_l2_penalty_enters_each_step_once",
        "adam_l1_penalty_enters_each_step_once",
        "coupled_penalty_alone_moves_weights_by_the_rate",
    ),
    seen="CMU; FAU",
)
class AdamEpsInside(Adam):
    def update(self, g: Array) -> SameShape:
        self.eps_place = "inside"
        return super().update(g)


@mistake(
    "adam",
    "eps is added before the bias correction; it is declared after.",
    breaks=(
        "adam_steps_follow_closed_form",
        "adam_numbers_step_as_arrays_do",
        "first_step_has_the_size_of_the_rate",
        "adam_l2_penalty_enters_each_step_once",
        "adam_l1_penalty_enters_each_step_once",
        "coupled_penalty_alone_moves_weights_by_the_rate",
    ),
)
class AdamEpsHat(Adam):
    def update(self, g: Array) -> SameShape:
        self.eps_place = "hat"
        return super().update(g)


@mistake(
    "adam",
    "eps is in the numerator too, so weights without gradient move by the learning rate.",
    breaks=(
        "adam_steps_follow_closed_form",
        "adam_zero_gradient_keeps_weights",
        "adam_numbers_step_as_arrays_do",
        "first_step_has_the_size_of_the_rate",
        "adam_l2_penalty_enters_each_step_once",
        "adam_l1_penalty_enters_each_step_once",
        "adam_penalty_alone_shrinks_weights_in_the_first_step",
        "coupled_penalty_alone_moves_weights_by_the_rate",
    ),
    seen="7 of 66 FAU submissions",
)
class AdamDriftsWithoutGradient(Adam):
    def update(self, g: Array) -> SameShape:
        self.eps_place = "numerator_too"
        return super().update(g)


@mistake(
    "adam",
    "beta1 and beta2 are interchanged.",
    breaks=(
        "adam_steps_follow_closed_form",
        "adam_numbers_step_as_arrays_do",
        "adam_l2_penalty_enters_each_step_once",
        "adam_l1_penalty_enters_each_step_once",
    ),
)
class AdamSwapsBetas(Adam):
    def update(self, g: Array) -> SameShape:
        self.beta1, self.beta2 = self.beta2, self.beta1
        new = super().update(g)
        self.beta1, self.beta2 = self.beta2, self.beta1
        return new


@mistake(
    "adam",
    "The second moment averages |g|; it averages g^2.",
    breaks=(
        "adam_steps_follow_closed_form",
        "adam_numbers_step_as_arrays_do",
        "first_step_has_the_size_of_the_rate",
        "adam_l2_penalty_enters_each_step_once",
        "adam_l1_penalty_enters_each_step_once",
        "coupled_penalty_alone_moves_weights_by_the_rate",
    ),
)
class AdamAveragesMagnitude(Adam):
    def update(self, g: Array) -> SameShape:
        self.t += 1
        self.first = mean_of(self.first, g, self.beta1)
        self.second = mean_of(self.second, abs(g), self.beta2)
        correction = 1 - self.beta2**self.t
        first, second = self.first / (1 - self.beta1**self.t), self.second / correction
        direction = scaled(first, second, self.eps, self.eps_place, correction)
        return down(self.learning_rate, direction)


@mistake(
    "adam",
    "The gradient is divided by the second moment without its root.",
    breaks=(
        "adam_steps_follow_closed_form",
        "adam_numbers_step_as_arrays_do",
        "first_step_has_the_size_of_the_rate",
        "adam_l2_penalty_enters_each_step_once",
        "adam_l1_penalty_enters_each_step_once",
        "coupled_penalty_alone_moves_weights_by_the_rate",
    ),
)
class AdamHasNoRoot(Adam):
    def update(self, g: Array) -> SameShape:
        super().update(g)
        first = self.first / (1 - self.beta1**self.t)
        second = self.second / (1 - self.beta2**self.t)
        return down(self.learning_rate, first / (second + self.eps))


@mistake(
    "adam",
    "The step divides the gradient itself by the root, not its average.",
    breaks=(
        "adam_steps_follow_closed_form",
        "adam_numbers_step_as_arrays_do",
        "adam_l2_penalty_enters_each_step_once",
        "adam_l1_penalty_enters_each_step_once",
    ),
)
class AdamIgnoresFirstMoment(Adam):
    def update(self, g: Array) -> SameShape:
        self.first = 0.0
        update = super().update(g)
        return down(-(1 - self.beta1**self.t) / (1 - self.beta1), update)


@mistake(
    "adam",
    FORGOTTEN,
    breaks=(
        "adam_steps_follow_closed_form",
        "adam_numbers_step_as_arrays_do",
        "adam_l2_penalty_enters_each_step_once",
        "adam_l1_penalty_enters_each_step_once",
    ),
)
class AdamForgetsMoments(Adam):
    def update(self, g: Array) -> SameShape:
        self.first = self.second = 0.0
        self.t = 0
        return super().update(g)


@mistake("adam", SHARED, breaks=("adam_instances_keep_their_own_state",))
class AdamSharesMoments(Adam):
    first, second, t = OfTheClass(), OfTheClass(), OfTheClass()


@mistake(
    "adam", IN_PLACE, breaks=("adam_arguments_are_left_alone",), seen="14 of 66 FAU submissions"
)
class AdamUpdatesInPlace(Adam):
    def step(self, w: Array, g: Array) -> SameShape:
        return overwrite(w, super().step(w, g))


@mistake(
    "adam", NO_FLOATS, breaks=("adam_numbers_step_as_arrays_do",), seen="2 of 66 FAU submissions"
)
class AdamTakesArraysOnly(Adam):
    def step(self, w: Array, g: Array) -> SameShape:
        return super().step(w.copy(), g)


@mistake(
    "adam",
    PENALTY_IGNORED,
    breaks=(
        "adam_l2_penalty_enters_each_step_once",
        "adam_l1_penalty_enters_each_step_once",
        "adam_penalty_alone_shrinks_weights_in_the_first_step",
        "coupled_penalty_alone_moves_weights_by_the_rate",
    ),
    seen="5 of 66 FAU submissions, later fixed",
)
class AdamIgnoresPenalty(Adam):
    def penalized(self, w: Array) -> SameShape:
        return 0 * w


@mistake(
    "adam",
    PENALTY_TWICE,
    breaks=(
        "adam_l2_penalty_enters_each_step_once",
        "adam_l1_penalty_enters_each_step_once",
        "adam_penalty_alone_shrinks_weights_in_the_first_step",
        "coupled_penalty_alone_moves_weights_by_the_rate",
    ),
    seen="an FAU submission",
)
class AdamCountsPenaltyTwice(Adam):
    def penalized(self, w: Array) -> SameShape:
        return 2 * super().penalized(w)


@mistake(
    "adam",
    PENALTY_NOT_FIRST,
    breaks=(
        "adam_l2_penalty_enters_each_step_once",
        "adam_l1_penalty_enters_each_step_once",
        "adam_penalty_alone_shrinks_weights_in_the_first_step",
        "coupled_penalty_alone_moves_weights_by_the_rate",
    ),
)
class AdamSkipsPenaltyAtFirst(Adam):
    def penalized(self, w: Array) -> SameShape:
        return super().penalized(w) if self.t else 0 * w


@mistake(
    "adam",
    PENALTY_ELSEWHERE,
    breaks=(
        "adam_l2_penalty_enters_each_step_once",
        "adam_l1_penalty_enters_each_step_once",
        "adam_penalty_alone_shrinks_weights_in_the_first_step",
        "coupled_penalty_alone_moves_weights_by_the_rate",
    ),
    seen="an FAU submission",
)
class AdamSwapsDecay(Adam):
    def step(self, w: Array, g: Array) -> SameShape:
        declared, self.decay = self.decay, other(self.decay)
        new = super().step(w, g)
        self.decay = declared
        return new


# AdamW


@mistake(
    "adamw",
    "The decay is added to the weights instead of subtracted.",
    breaks=(
        "adamw_steps_follow_closed_form",
        "adamw_numbers_step_as_arrays_do",
        "adamw_weights_decay_geometrically_of_zero_gradient",
    ),
)
class AdamWGrowsWeights(AdamW):
    def decayed(self, w: Array) -> SameShape:
        return 2 * w - super().decayed(w)


@mistake(
    "adamw",
    "The decay is not multiplied by the learning rate.",
    breaks=(
        "adamw_steps_follow_closed_form",
        "adamw_numbers_step_as_arrays_do",
        "adamw_weights_decay_geometrically_of_zero_gradient",
        "weight_decay_is_not_an_l2_penalty_of_adam",
    ),
    seen="decks",
)
class AdamWDecaysWithoutRate(AdamW):
    def decayed(self, w: Array) -> SameShape:
        return w - self.weight_decay * w


@mistake(
    "adamw",
    "The decay enters the gradient and is rescaled: that is Adam with L2.",
    breaks=(
        "adamw_steps_follow_closed_form",
        "adamw_numbers_step_as_arrays_do",
        "adamw_weights_decay_geometrically_of_zero_gradient",
        "weight_decay_is_not_an_l2_penalty_of_adam",
    ),
)
class AdamWCouplesDecay(AdamW):
    def step(self, w: Array, g: Array) -> SameShape:
        return w + self.update(g + penalty_gradient(w, "l2", self.weight_decay, 1.0))


@mistake(
    "adamw",
    "There is no weight decay.",
    breaks=(
        "adamw_steps_follow_closed_form",
        "adamw_numbers_step_as_arrays_do",
        "adamw_weights_decay_geometrically_of_zero_gradient",
    ),
)
class AdamWDoesNotDecay(AdamW):
    def decayed(self, w: Array) -> SameShape:
        return w


@mistake(
    "adamw",
    "The moments are not corrected for their start at zero.",
    breaks=("adamw_steps_follow_closed_form", "adamw_numbers_step_as_arrays_do"),
)
class AdamWHasNoBiasCorrection(AdamW):
    def update(self, g: Array) -> SameShape:
        self.first = mean_of(self.first, g, self.beta1)
        self.second = mean_of(self.second, g * g, self.beta2)
        direction = scaled(self.first, self.second, self.eps, self.eps_place, 1)
        return down(self.learning_rate, direction)


@mistake("adamw", SHARED, breaks=("adamw_instances_keep_their_own_state",))
class AdamWSharesMoments(AdamW):
    first, second, t = OfTheClass(), OfTheClass(), OfTheClass()


@mistake("adamw", IN_PLACE, breaks=("adamw_arguments_are_left_alone",))
class AdamWUpdatesInPlace(AdamW):
    def step(self, w: Array, g: Array) -> SameShape:
        return overwrite(w, super().step(w, g))


@mistake("adamw", NO_FLOATS, breaks=("adamw_numbers_step_as_arrays_do",))
class AdamWTakesArraysOnly(AdamW):
    def step(self, w: Array, g: Array) -> SameShape:
        return super().step(w.copy(), g)


# LinearSchedule


@mistake(
    "linear_schedule",
    "The rate keeps falling after the last step.",
    breaks=("rate_falls_on_a_line_and_stays", "rate_never_rises"),
)
class ScheduleDoesNotStop(LinearSchedule):
    def rate(self, k: int) -> float:
        return self.start + (self.end - self.start) * k / self.steps


@mistake(
    "linear_schedule",
    "Step 0 already has the rate of step 1.",
    breaks=(
        "rate_never_rises",
        "rate_falls_on_a_line_and_stays",
    ),
)
class ScheduleIsOneAhead(LinearSchedule):
    def rate(self, k: int) -> float:
        return super().rate(k + 1)


@mistake(
    "linear_schedule",
    "The end is reached one step early: there are steps - 1 intervals.",
    breaks=("rate_falls_on_a_line_and_stays",),
)
class ScheduleEndsEarly(LinearSchedule):
    def rate(self, k: int) -> float:
        a = min(k / max(self.steps - 1, 1), 1.0)
        return (1 - a) * self.start + a * self.end


@mistake(
    "linear_schedule",
    "The rate goes from end to start.",
    breaks=("rate_falls_on_a_line_and_stays", "rate_never_rises"),
)
class ScheduleIsReversed(LinearSchedule):
    def rate(self, k: int) -> float:
        return super().rate(max(self.steps - k, 0))


@mistake(
    "linear_schedule",
    "The rate falls geometrically, not on a line.",
    breaks=("rate_falls_on_a_line_and_stays",),
)
class ScheduleIsGeometric(LinearSchedule):
    def rate(self, k: int) -> float:
        a = min(k / self.steps, 1.0)
        return float(self.start ** (1 - a) * self.end**a)
