"""Mistakes in dropout."""

from __future__ import annotations

import time

import numpy as np

from lawbook.mistakes import mistake
from reference import randomness
from reference.arrays import Array, SameShape
from reference.dropout import ClassicDropout, Dropout, DropoutGivenMask, draw_mask, inverted
from reference.randomness import generator

# --- scale -----------------------------------------------------------------------------------------


@mistake(
    "dropout",
    "The kept units are multiplied by the keep probability; they must be divided by it.",
    breaks=(
        "dropout_units_are_zero_or_scaled",
        "dropout_training_mean_eq_evaluation",
        "dropout_integer_inputs_are_scaled_too",
    ),
    seen="CS231n and I2DL submissions",
)
class MultipliesByKeep(Dropout):
    def train(self, x: Array) -> SameShape:
        return super().train(x) * self.keep * self.keep


@mistake(
    "dropout",
    "The kept units are not rescaled, and evaluation is the identity: training and evaluation differ by the "
    "keep probability.",
    breaks=(
        "dropout_units_are_zero_or_scaled",
        "dropout_training_mean_eq_evaluation",
        "dropout_integer_inputs_are_scaled_too",
        "dropout_backward_eq_masked_and_scaled_error",
        "dropout_backward_uses_the_latest_mask",
    ),
    seen="5 submissions of three courses",
)
class ForgetsToRescale(Dropout):
    def train(self, x: Array) -> SameShape:
        return super().train(x) * self.keep

    def backward(self, dy: Array) -> SameShape:
        return super().backward(dy) * self.keep


@mistake(
    "dropout",
    "This is classic dropout: evaluation multiplies by the keep probability. Inverted dropout divides in "
    "training and leaves evaluation alone.",
    breaks=(
        "dropout_units_are_zero_or_scaled",
        "dropout_integer_inputs_are_scaled_too",
        "dropout_backward_eq_masked_and_scaled_error",
        "dropout_backward_uses_the_latest_mask",
        "dropout_evaluation_draws_no_mask",
        "dropout_evaluation_forgets_the_mask",
    ),
    seen="submissions of several courses",
)
class ScalesInEvaluationInstead(Dropout):
    def train(self, x: Array) -> SameShape:
        return super().train(x) * self.keep

    def evaluate(self, x: Array) -> SameShape:
        return self.keep * x

    def backward(self, dy: Array) -> SameShape:
        return super().backward(dy) * self.keep


@mistake(
    "dropout",
    "Units are rescaled twice: by 1/keep in training and by keep again in evaluation.",
    breaks=(
        "dropout_training_mean_eq_evaluation",
        "dropout_evaluation_draws_no_mask",
        "dropout_evaluation_forgets_the_mask",
    ),
    seen="both conventions mixed",
)
class ScalesInEvaluationToo(Dropout):
    def evaluate(self, x: Array) -> SameShape:
        return self.keep * x


@mistake(
    "dropout",
    "The kept units are divided by the drop probability; they must be divided by the keep probability.",
    breaks=(
        "dropout_units_are_zero_or_scaled",
        "dropout_training_mean_eq_evaluation",
        "dropout_integer_inputs_are_scaled_too",
        "dropout_backward_eq_masked_and_scaled_error",
        "dropout_backward_uses_the_latest_mask",
    ),
    seen="CS231n and EECS498 submissions",
)
class DividesByDropProbability(Dropout):
    def train(self, x: Array) -> SameShape:
        super().train(x)
        return inverted(x, self.mask, self.wrong_scale())

    def backward(self, dy: Array) -> SameShape:
        return inverted(dy, self.mask, self.wrong_scale())

    def wrong_scale(self) -> float:
        return 1.0 - self.keep if self.keep < 1 else 1.0


@mistake(
    "dropout",
    "The kept units are multiplied by the drop probability; they must be divided by the keep probability.",
    breaks=(
        "dropout_units_are_zero_or_scaled",
        "dropout_training_mean_eq_evaluation",
        "dropout_layer_is_identity_of_keep_one",
        "dropout_integer_inputs_are_scaled_too",
    ),
    seen="submissions of several courses",
)
class MultipliesByDropProbability(Dropout):
    def train(self, x: Array) -> SameShape:
        return super().train(x) * self.keep * (1.0 - self.keep)


@mistake(
    "dropout",
    "The mask is kept in float32, which makes every result wrong in the eighth digit.",
    breaks=(
        "dropout_units_are_zero_or_scaled",
        "dropout_integer_inputs_are_scaled_too",
    ),
    seen="FAU submissions",
)
class KeepsTheMaskInFloat32(Dropout):
    def train(self, x: Array) -> SameShape:
        super().train(x)
        scaled = (self.mask / self.keep).astype(np.float32)
        return np.where(scaled > 0, x * scaled, 0.0)


# --- keep rate -------------------------------------------------------------------------------------


@mistake(
    "dropout",
    "The keep probability is taken for the drop probability: units are kept with probability 1 - keep.",
    breaks=(
        "dropout_units_are_kept_with_probability_keep",
        "dropout_masks_are_independent",
        "dropout_training_mean_eq_evaluation",
        "dropout_kept_units_pass_errors_where_the_input_is_zero",
        "dropout_training_drops_after_evaluation",
    ),
    seen="the meaning of p changed between course editions",
)
class SwapsKeepAndDrop(Dropout):
    def train(self, x: Array) -> SameShape:
        rate = 1.0 - self.keep if self.keep < 1 else 1.0
        self.mask = draw_mask(x.shape, rate, generator())
        return inverted(x, self.mask, self.keep)


@mistake(
    "dropout",
    "Units are kept slightly too often: the keep rate is 0.02 too large.",
    breaks=(
        "dropout_units_are_kept_with_probability_keep",
        "dropout_masks_are_independent",
        "dropout_training_mean_eq_evaluation",
    ),
    seen="planted: the smallest wrong rate that the laws must find",
)
class KeepsTwoPercentTooMany(Dropout):
    def train(self, x: Array) -> SameShape:
        self.mask = draw_mask(x.shape, min(self.keep + 0.02, 1.0), generator())
        return inverted(x, self.mask, self.keep)


# --- independence ----------------------------------------------------------------------------------


@mistake(
    "dropout",
    "One mask is drawn for a single sample and used for the whole batch.",
    breaks=(
        "dropout_units_are_kept_with_probability_keep",
        "dropout_masks_are_independent",
        "dropout_training_mean_eq_evaluation",
        "dropout_kept_units_pass_errors_where_the_input_is_zero",
        "dropout_training_drops_after_evaluation",
    ),
    seen="FAU submissions, 2 of them corrected later",
)
class SharesMaskAcrossBatch(Dropout):
    def train(self, x: Array) -> SameShape:
        one = draw_mask(x.shape[1:], self.keep, generator())
        self.mask = np.broadcast_to(one, x.shape).copy()
        return inverted(x, self.mask, self.keep)


@mistake(
    "dropout",
    "Whole samples are dropped: all units of a row share one draw.",
    breaks=(
        "dropout_units_are_kept_with_probability_keep",
        "dropout_masks_are_independent",
        "dropout_training_mean_eq_evaluation",
        "dropout_kept_units_pass_errors_where_the_input_is_zero",
        "dropout_training_drops_after_evaluation",
    ),
    seen="FAU submissions",
)
class DropsWholeSamples(Dropout):
    def train(self, x: Array) -> SameShape:
        one = draw_mask((len(x), *[1] * (x.ndim - 1)), self.keep, generator())
        self.mask = np.broadcast_to(one, x.shape).copy()
        return inverted(x, self.mask, self.keep)


@mistake(
    "dropout",
    "A fixed number of units is kept in every row; each unit must be kept or dropped on its own.",
    breaks=(
        "dropout_units_are_kept_with_probability_keep",
        "dropout_masks_are_independent",
    ),
    seen="FAU submissions, ceil(n p) units",
)
class KeepsExactNumberPerRow(Dropout):
    def train(self, x: Array) -> SameShape:
        rows = x.reshape(-1, x.shape[-1])
        kept = int(np.ceil(self.keep * x.shape[-1] - 1e-9))
        order = np.argsort(generator().random(rows.shape), axis=1)
        self.mask = (order < kept).astype(float).reshape(x.shape)
        return inverted(x, self.mask, self.keep)


@mistake(
    "dropout",
    "A fixed number of units is kept in every call; each unit must be kept or dropped on its own.",
    breaks=("dropout_masks_are_independent",),
    seen="the course test lets it pass",
)
class KeepsExactNumberPerCall(Dropout):
    def train(self, x: Array) -> SameShape:
        kept = int(np.ceil(self.keep * x.size - 1e-9))
        self.mask = (generator().permutation(x.size) < kept).astype(float).reshape(x.shape)
        return inverted(x, self.mask, self.keep)


@mistake(
    "dropout",
    "Groups of four neighbouring units share one draw.",
    breaks=(
        "dropout_units_are_kept_with_probability_keep",
        "dropout_masks_are_independent",
        "dropout_training_mean_eq_evaluation",
    ),
    seen="pytorch issue 198333",
)
class SharesMaskInGroupsOfFour(Dropout):
    def train(self, x: Array) -> SameShape:
        groups = (*x.shape[:-1], -(-x.shape[-1] // 4))
        one = draw_mask(groups, self.keep, generator())
        self.mask = np.repeat(one, 4, axis=-1)[..., : x.shape[-1]]
        return inverted(x, self.mask, self.keep)


@mistake(
    "dropout",
    "The mask is no random one: it repeats a fixed pattern.",
    breaks=(
        "dropout_masks_are_independent",
        "dropout_calls_draw_fresh_masks",
        "dropout_layers_draw_different_masks",
    ),
    seen="the course test lets it pass",
)
class RepeatsPattern(Dropout):
    def train(self, x: Array) -> SameShape:
        steps = np.arange(x.size + 1) * self.keep + 1e-9
        self.mask = np.diff(np.floor(steps)).reshape(x.shape)
        return inverted(x, self.mask, self.keep)


# --- freshness and the generator -------------------------------------------------------------------


@mistake(
    "dropout",
    "The mask is drawn once and used for ever; every training call needs a fresh one.",
    breaks=(
        "dropout_units_are_kept_with_probability_keep",
        "dropout_masks_are_independent",
        "dropout_training_mean_eq_evaluation",
        "dropout_calls_draw_fresh_masks",
    ),
    seen="the course test lets it pass",
)
class ReusesTheFirstMask(Dropout):
    def train(self, x: Array) -> SameShape:
        if self.mask.shape != x.shape:
            self.mask = draw_mask(x.shape, self.keep, generator())
        return inverted(x, self.mask, self.keep)


@mistake(
    "dropout",
    "Every training call reseeds the global generator with a constant, so all masks are the same.",
    breaks=(
        "dropout_masks_are_independent",
        "dropout_calls_draw_fresh_masks",
        "dropout_layers_draw_different_masks",
        "dropout_training_leaves_the_generator_seeded",
    ),
    seen="np.random.seed(0) in forward",
)
class ReseedsByConstant(Dropout):
    def train(self, x: Array) -> SameShape:
        randomness.seed(0)
        return super().train(x)


@mistake(
    "dropout",
    "Every training call reseeds the global generator from the clock: masks repeat within a second, and all "
    "other random numbers of the program with them.",
    breaks=(
        "dropout_training_mean_eq_evaluation",
        "dropout_units_are_kept_with_probability_keep",
        "dropout_masks_are_independent",
        "dropout_calls_draw_fresh_masks",
        "dropout_layers_draw_different_masks",
        "dropout_training_leaves_the_generator_seeded",
    ),
    seen="np.random.seed(int(time.time())) in FAU submissions",
)
class ReseedsByClock(Dropout):
    def train(self, x: Array) -> SameShape:
        randomness.seed(int(time.time()))
        return super().train(x)


@mistake(
    "dropout",
    "Every layer owns a generator seeded with the same constant, so all layers drop the same units.",
    breaks=("dropout_layers_draw_different_masks",),
    seen="default_rng(0) in __init__",
)
class SeedsEveryLayerAlike(Dropout):
    def __init__(self, *, keep: float, backward_scale: bool = True) -> None:
        super().__init__(keep=keep, backward_scale=backward_scale)
        self.own = np.random.default_rng(0)

    def train(self, x: Array) -> SameShape:
        self.mask = draw_mask(x.shape, self.keep, self.own)
        return inverted(x, self.mask, self.keep)


@mistake(
    "dropout",
    "The masks come from a generator that the seed does not reach, so no run can be repeated.",
    breaks=("dropout_masks_are_repeatable_of_a_seed",),
    seen="default_rng() in the layer",
)
class IgnoresTheSeed(Dropout):
    def train(self, x: Array) -> SameShape:
        self.mask = draw_mask(x.shape, self.keep, np.random.default_rng())
        return inverted(x, self.mask, self.keep)


# --- backward --------------------------------------------------------------------------------------


@mistake(
    "dropout",
    "backward masks the error but does not divide it by the keep probability, as forward did.",
    breaks=(
        "dropout_backward_eq_masked_and_scaled_error",
        "dropout_backward_uses_the_latest_mask",
    ),
    seen="6 FAU submissions, 3 of CMU",
)
class BackwardForgetsTheScale(Dropout):
    def backward(self, dy: Array) -> SameShape:
        return inverted(dy, self.mask, 1.0)


@mistake(
    "dropout",
    "backward returns the error as it came: dropped units must pass none.",
    breaks=(
        "dropout_backward_eq_masked_and_scaled_error",
        "dropout_backward_uses_the_latest_mask",
        "dropout_kept_units_pass_errors_where_the_input_is_zero",
    ),
    seen="a layer that passes the error on",
)
class BackwardIsTheIdentity(Dropout):
    def backward(self, dy: Array) -> SameShape:
        return dy


@mistake(
    "dropout",
    "backward draws a new mask; it must use the one of the forward pass.",
    breaks=(
        "dropout_backward_eq_masked_and_scaled_error",
        "dropout_backward_uses_the_latest_mask",
    ),
    seen="submissions of several courses",
)
class BackwardDrawsNewMask(Dropout):
    def backward(self, dy: Array) -> SameShape:
        return inverted(dy, draw_mask(dy.shape, self.keep, generator()), self.keep)


@mistake(
    "dropout",
    "backward scales the error by 1/keep but does not mask it.",
    breaks=(
        "dropout_backward_eq_masked_and_scaled_error",
        "dropout_backward_uses_the_latest_mask",
        "dropout_kept_units_pass_errors_where_the_input_is_zero",
    ),
    seen="the mask forgotten",
)
class BackwardForgetsTheMask(Dropout):
    def backward(self, dy: Array) -> SameShape:
        return dy / self.keep


@mistake(
    "dropout",
    "backward uses the mask of the first training call; it must be that of the latest.",
    breaks=("dropout_backward_uses_the_latest_mask",),
    seen="a cache that is filled once",
)
class BackwardUsesTheFirstMask(Dropout):
    def train(self, x: Array) -> SameShape:
        first = self.mask
        y = super().train(x)
        self.stale = first if first.shape == x.shape else self.mask
        self.mask = self.stale
        return y


@mistake(
    "dropout",
    "The mask is taken from output == 0, so units whose input is 0 lose their gradient although they were "
    "kept.",
    breaks=(
        "dropout_layer_is_identity_of_keep_one",
        "dropout_kept_units_pass_errors_where_the_input_is_zero",
    ),
    seen="FAU submissions",
)
class TakesMaskFromTheOutput(Dropout):
    def train(self, x: Array) -> SameShape:
        y = super().train(x)
        self.mask = (y != 0).astype(float)
        return y


@mistake(
    "dropout",
    "backward multiplies by the output of the forward pass instead of the mask.",
    breaks=(
        "dropout_layer_is_identity_of_keep_one",
        "dropout_backward_eq_masked_and_scaled_error",
        "dropout_backward_uses_the_latest_mask",
        "dropout_kept_units_pass_errors_where_the_input_is_zero",
    ),
    seen="the wrong array cached",
)
class BackwardMultipliesByTheOutput(Dropout):
    def train(self, x: Array) -> SameShape:
        self.y = super().train(x)
        return self.y

    def backward(self, dy: Array) -> SameShape:
        return self.y * dy


# --- evaluation ------------------------------------------------------------------------------------


@mistake(
    "dropout",
    "Units are dropped in evaluation too: the layer never leaves the training phase.",
    breaks=(
        "dropout_evaluation_draws_no_mask",
        "dropout_evaluation_forgets_the_mask",
    ),
    seen="FAU submissions",
)
class DropsInEvaluation(Dropout):
    def evaluate(self, x: Array) -> SameShape:
        return self.train(x)


@mistake(
    "dropout",
    "Evaluation applies the mask of the latest training call.",
    breaks=("dropout_evaluation_forgets_the_mask",),
    seen="a cached mask in CMU submissions",
)
class EvaluatesWithTheLatestMask(Dropout):
    def evaluate(self, x: Array) -> SameShape:
        return x if self.mask.shape != x.shape else inverted(x, self.mask, self.keep)


@mistake(
    "dropout",
    "Units are dropped and scaled in evaluation, and training passes its input on: the phases are swapped.",
    breaks=(
        "dropout_units_are_zero_or_scaled",
        "dropout_units_are_kept_with_probability_keep",
        "dropout_masks_are_independent",
        "dropout_training_mean_eq_evaluation",
        "dropout_calls_draw_fresh_masks",
        "dropout_layers_draw_different_masks",
        "dropout_integer_inputs_are_scaled_too",
        "dropout_kept_units_pass_errors_where_the_input_is_zero",
        "dropout_evaluation_draws_no_mask",
        "dropout_evaluation_forgets_the_mask",
        "dropout_training_drops_after_evaluation",
    ),
    seen="a test for the wrong flag",
)
class SwapsThePhases(Dropout):
    def train(self, x: Array) -> SameShape:
        self.mask = np.ones(x.shape)
        return x

    def evaluate(self, x: Array) -> SameShape:
        return inverted(x, draw_mask(x.shape, self.keep, generator()), self.keep)


@mistake(
    "dropout",
    "After the first evaluation the layer stays in the testing phase: training drops no units any more.",
    breaks=("dropout_training_drops_after_evaluation",),
    seen="9 FAU submissions",
)
class StaysInTestingPhase(Dropout):
    testing = False

    def train(self, x: Array) -> SameShape:
        return x if self.testing else super().train(x)

    def evaluate(self, x: Array) -> SameShape:
        self.testing = True
        return x


# --- edges -----------------------------------------------------------------------------------------


@mistake(
    "dropout",
    "Units are multiplied by the mask, so a dropped infinite unit becomes nan instead of 0.",
    breaks=("dropout_dropped_units_are_zero_of_infinite_inputs",),
    seen="torch on the CPU, ONNX",
)
class MultipliesByTheMask(Dropout):
    def train(self, x: Array) -> SameShape:
        super().train(x)
        return x * self.mask / self.keep


@mistake(
    "dropout",
    "A keep probability of 1 still drops units: the rate is clipped below 1.",
    breaks=("dropout_layer_is_identity_of_keep_one",),
    seen="a guard against division by zero",
)
class DropsAtKeepOne(Dropout):
    def train(self, x: Array) -> SameShape:
        self.mask = draw_mask(x.shape, min(self.keep, 0.95), generator())
        return inverted(x, self.mask, self.keep)


@mistake(
    "dropout",
    "Only arrays of two axes are accepted: the mask is drawn of shape (x.shape[0], x.shape[1]).",
    breaks=(
        "dropout_units_are_zero_or_scaled",
        "dropout_masks_are_repeatable_of_a_seed",
        "dropout_dropped_units_are_zero_of_infinite_inputs",
        "dropout_integer_inputs_are_scaled_too",
        "dropout_arguments_are_unchanged",
        "dropout_backward_eq_masked_and_scaled_error",
        "dropout_backward_uses_the_latest_mask",
        "dropout_evaluation_forgets_the_mask",
    ),
    seen="11 FAU submissions",
)
class AcceptsTwoAxesOnly(Dropout):
    def train(self, x: Array) -> SameShape:
        self.mask = draw_mask((x.shape[0], x.shape[1]), self.keep, generator())
        return np.asarray(self.mask * x / self.keep)


@mistake(
    "dropout",
    "Integer inputs raise: x /= keep cannot write fractions into an array of integers.",
    breaks=("dropout_integer_inputs_are_scaled_too",),
    seen="10 submissions",
)
class DividesInPlace(Dropout):
    def train(self, x: Array) -> SameShape:
        self.mask = draw_mask(x.shape, self.keep, generator())
        y = np.where(self.mask > 0, x, 0)
        y /= self.keep
        return y


@mistake(
    "dropout",
    "The output is cast to the type of the input, which cuts off the fractions of scaled integers.",
    breaks=("dropout_integer_inputs_are_scaled_too",),
    seen="the last line of the code that CS231n hands out",
)
class CastsToTheTypeOfTheInput(Dropout):
    def train(self, x: Array) -> SameShape:
        return super().train(x).astype(x.dtype)


@mistake(
    "dropout",
    "forward writes into its input.",
    breaks=("dropout_arguments_are_unchanged",),
    seen="x *= mask in a CMU submission",
)
class MasksTheInputInPlace(Dropout):
    def train(self, x: Array) -> SameShape:
        y = super().train(x)
        x *= self.mask.astype(x.dtype)
        return y


@mistake(
    "dropout",
    "backward writes into the error it is given.",
    breaks=("dropout_arguments_are_unchanged",),
    seen="dx = dout; dx[mask] = 0 in submissions of three courses",
)
class MasksTheErrorInPlace(Dropout):
    def backward(self, dy: Array) -> SameShape:
        dx = super().backward(dy)
        dy *= self.mask
        return dx


# --- classic dropout -------------------------------------------------------------------------------


@mistake(
    "classic_dropout",
    "Evaluation is the identity; without rescaling in training it must multiply by the keep probability.",
    breaks=(
        "classic_dropout_training_mean_eq_evaluation",
        "classic_dropout_evaluation_draws_no_mask",
        "classic_dropout_evaluation_forgets_the_mask",
    ),
    seen="erratum E23: nothing said about test time",
)
class ClassicForgetsToScaleEvaluation(ClassicDropout):
    def evaluate(self, x: Array) -> SameShape:
        return x


@mistake(
    "classic_dropout",
    "Evaluation multiplies by the drop probability; it must multiply by the keep probability.",
    breaks=(
        "classic_dropout_training_mean_eq_evaluation",
        "classic_dropout_layer_is_identity_of_keep_one",
        "classic_dropout_evaluation_draws_no_mask",
        "classic_dropout_evaluation_forgets_the_mask",
    ),
    seen="erratum E22: the formula with p = drop",
)
class ClassicScalesByDropProbability(ClassicDropout):
    def evaluate(self, x: Array) -> SameShape:
        return (1.0 - self.keep) * x


@mistake(
    "classic_dropout",
    "This is inverted dropout in training, and evaluation scales as well.",
    breaks=(
        "classic_dropout_units_are_zero_or_scaled",
        "classic_dropout_training_mean_eq_evaluation",
        "classic_dropout_integer_inputs_are_scaled_too",
        "classic_dropout_backward_eq_masked_and_scaled_error",
        "classic_dropout_backward_uses_the_latest_mask",
    ),
    seen="both conventions mixed",
)
class ClassicRescalesInTraining(ClassicDropout):
    def train(self, x: Array) -> SameShape:
        return super().train(x) / self.keep

    def backward(self, dy: Array) -> SameShape:
        return super().backward(dy) / self.keep


@mistake(
    "classic_dropout",
    "The keep probability is taken for the drop probability: units are kept with probability 1 - keep.",
    breaks=(
        "classic_dropout_units_are_kept_with_probability_keep",
        "classic_dropout_masks_are_independent",
        "classic_dropout_training_mean_eq_evaluation",
        "classic_dropout_kept_units_pass_errors_where_the_input_is_zero",
        "classic_dropout_training_drops_after_evaluation",
    ),
    seen="erratum E22",
)
class ClassicSwapsKeepAndDrop(ClassicDropout):
    def train(self, x: Array) -> SameShape:
        rate = 1.0 - self.keep if self.keep < 1 else 1.0
        self.mask = draw_mask(x.shape, rate, generator())
        return np.where(self.mask > 0, x, 0.0)


@mistake(
    "classic_dropout",
    "One mask is drawn for a single sample and used for the whole batch.",
    breaks=(
        "classic_dropout_units_are_kept_with_probability_keep",
        "classic_dropout_masks_are_independent",
        "classic_dropout_training_mean_eq_evaluation",
        "classic_dropout_kept_units_pass_errors_where_the_input_is_zero",
        "classic_dropout_training_drops_after_evaluation",
    ),
    seen="FAU submissions",
)
class ClassicSharesMaskAcrossBatch(ClassicDropout):
    def train(self, x: Array) -> SameShape:
        one = draw_mask(x.shape[1:], self.keep, generator())
        self.mask = np.broadcast_to(one, x.shape).copy()
        return np.where(self.mask > 0, x, 0.0)


@mistake(
    "classic_dropout",
    "Every training call reseeds the global generator with a constant, so all masks are the same.",
    breaks=(
        "classic_dropout_masks_are_independent",
        "classic_dropout_calls_draw_fresh_masks",
        "classic_dropout_layers_draw_different_masks",
        "classic_dropout_training_leaves_the_generator_seeded",
    ),
    seen="np.random.seed(0) in forward",
)
class ClassicReseedsByConstant(ClassicDropout):
    def train(self, x: Array) -> SameShape:
        randomness.seed(0)
        return super().train(x)


@mistake(
    "classic_dropout",
    "The masks come from a generator that the seed does not reach, so no run can be repeated.",
    breaks=("classic_dropout_masks_are_repeatable_of_a_seed",),
    seen="default_rng() in the layer",
)
class ClassicIgnoresTheSeed(ClassicDropout):
    def train(self, x: Array) -> SameShape:
        self.mask = draw_mask(x.shape, self.keep, np.random.default_rng())
        return np.where(self.mask > 0, x, 0.0)


@mistake(
    "classic_dropout",
    "The mask is taken from output == 0, so units whose input is 0 lose their gradient although they were "
    "kept.",
    breaks=(
        "classic_dropout_layer_is_identity_of_keep_one",
        "classic_dropout_kept_units_pass_errors_where_the_input_is_zero",
    ),
    seen="FAU submissions",
)
class ClassicTakesMaskFromTheOutput(ClassicDropout):
    def train(self, x: Array) -> SameShape:
        y = super().train(x)
        self.mask = (y != 0).astype(float)
        return y


@mistake(
    "classic_dropout",
    "backward uses the mask of the first training call; it must be that of the latest.",
    breaks=("classic_dropout_backward_uses_the_latest_mask",),
    seen="a cache that is filled once",
)
class ClassicBackwardUsesTheFirstMask(ClassicDropout):
    def train(self, x: Array) -> SameShape:
        first = self.mask
        y = super().train(x)
        self.mask = first if first.shape == x.shape else self.mask
        return y


@mistake(
    "classic_dropout",
    "After the first evaluation the layer stays in the testing phase: training drops no units any more.",
    breaks=("classic_dropout_training_drops_after_evaluation",),
    seen="9 FAU submissions",
)
class ClassicStaysInTestingPhase(ClassicDropout):
    testing = False

    def train(self, x: Array) -> SameShape:
        return self.keep * x if self.testing else super().train(x)

    def evaluate(self, x: Array) -> SameShape:
        self.testing = True
        return self.keep * x


@mistake(
    "classic_dropout",
    "Units are multiplied by the mask, so a dropped infinite unit becomes nan instead of 0.",
    breaks=("classic_dropout_dropped_units_are_zero_of_infinite_inputs",),
    seen="torch on the CPU, ONNX",
)
class ClassicMultipliesByTheMask(ClassicDropout):
    def train(self, x: Array) -> SameShape:
        super().train(x)
        return x * self.mask


@mistake(
    "classic_dropout",
    "A keep probability of 1 still drops units: the rate is clipped below 1.",
    breaks=("classic_dropout_layer_is_identity_of_keep_one",),
    seen="a guard against division by zero",
)
class ClassicDropsAtKeepOne(ClassicDropout):
    def train(self, x: Array) -> SameShape:
        self.mask = draw_mask(x.shape, min(self.keep, 0.95), generator())
        return np.where(self.mask > 0, x, 0.0)


@mistake(
    "classic_dropout",
    "Integer inputs raise: the mask is multiplied into the integers in place.",
    breaks=(
        "classic_dropout_dropped_units_are_zero_of_infinite_inputs",
        "classic_dropout_integer_inputs_are_scaled_too",
        "classic_dropout_arguments_are_unchanged",
    ),
    seen="10 submissions",
)
class ClassicMasksInPlace(ClassicDropout):
    def train(self, x: Array) -> SameShape:
        self.mask = draw_mask(x.shape, self.keep, generator())
        x *= self.mask
        return x


# --- all masks -------------------------------------------------------------------------------------


@mistake(
    "dropout_given_mask",
    "The kept units are not divided by the keep probability, so the mean over all masks is keep times x.",
    breaks=(
        "mean_over_all_masks_eq_input",
        "covariance_over_all_masks_is_diagonal",
        "mean_of_a_linear_map_over_all_masks_eq_map",
        "mean_of_a_convex_map_over_all_masks_is_no_less",
        "geometric_mean_of_softmax_over_all_masks_eq_softmax",
        "mean_squared_error_over_all_masks_is_adaptive_ridge",
    ),
    seen="classic dropout with the identity in evaluation",
)
class GivenMaskUnscaled(DropoutGivenMask):
    def apply(self, x: Array, mask: Array) -> Array:
        return inverted(x, mask, 1.0)


@mistake(
    "dropout_given_mask",
    "The kept units are divided by the root of the keep probability, which keeps the second moment and not "
    "the mean.",
    breaks=(
        "mean_over_all_masks_eq_input",
        "covariance_over_all_masks_is_diagonal",
        "mean_of_a_linear_map_over_all_masks_eq_map",
        "mean_of_a_convex_map_over_all_masks_is_no_less",
        "geometric_mean_of_softmax_over_all_masks_eq_softmax",
        "mean_squared_error_over_all_masks_is_adaptive_ridge",
    ),
    seen="scaling for the variance",
)
class GivenMaskScaledForVariance(DropoutGivenMask):
    def apply(self, x: Array, mask: Array) -> Array:
        return inverted(x, mask, float(np.sqrt(self.keep)))


@mistake(
    "dropout_given_mask",
    "The mask is read the wrong way round: 1 drops a unit.",
    breaks=(
        "mean_over_all_masks_eq_input",
        "covariance_over_all_masks_is_diagonal",
        "mean_of_a_linear_map_over_all_masks_eq_map",
        "mean_of_a_convex_map_over_all_masks_is_no_less",
        "geometric_mean_of_softmax_over_all_masks_eq_softmax",
        "mean_squared_error_over_all_masks_is_adaptive_ridge",
    ),
    seen="mask = rand < p as the units to drop",
)
class GivenMaskInverted(DropoutGivenMask):
    def apply(self, x: Array, mask: Array) -> Array:
        return inverted(x, 1.0 - mask, self.keep)
