"""Mistakes in batch normalization: running statistics, evaluation, training, gradients, updates.

Each class changes one thing of the reference.  Counts are of public course submissions.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lawbook.mistakes import mistake
from reference.arrays import Array, SameShape
from reference.batch_norm import (
    BatchNorm,
    BatchNormUpdate,
    as_rows,
    backward_compact,
    backward_staged,
    deviation,
    from_rows,
    gradient_roots,
    moments,
    normalize,
    shift_and_scale,
)
from reference.randomness import generator

FAU = "FAU submissions"
CS231N = "CS231n submissions"
I2DL = "I2DL submissions"
CMU = "CMU 11-785 submissions"
Statistics = tuple[Array, Array]
OTHER_PLACE = {"inside": "outside", "outside": "inside"}

# laws that are broken together
OUTPUT: tuple[str, ...] = (
    "training_output_eq_affine_of_normalized_batch",
    "training_output_is_accurate_at_large_mean",
    "batch_is_restored_by_gamma_eq_deviation_and_beta_eq_mean",
)
SINGLE_ROW: tuple[str, ...] = ("training_output_of_single_row_eq_beta",)
MEAN: tuple[str, ...] = ("normalized_mean_is_zero",)
VARIANCE: tuple[str, ...] = (
    "normalized_variance_is_var_over_var_plus_eps",
    "training_output_is_scale_invariant_up_to_eps",
)
SHIFT: tuple[str, ...] = ("training_output_is_shift_invariant",)
SEPARATE: tuple[str, ...] = ("features_are_normalized_separately",)
AFFINE: tuple[str, ...] = (
    "training_applies_gamma_and_beta",
    "evaluation_applies_gamma_and_beta",
)
RUNNING_MEAN: tuple[str, ...] = ("running_mean_eq_moving_average_of_batch_means",)
RUNNING_VARIANCE: tuple[str, ...] = (
    "running_variance_eq_moving_average_of_batch_variances",
    "evaluation_of_repeated_batch_approaches_training_output",
)
UNTRAINED: tuple[str, ...] = ("evaluation_before_training_uses_initial_statistics",)
INPUT_GRADIENT: tuple[str, ...] = (
    "batch_norm_input_gradient_flows_through_mean_and_variance",
    "input_gradient_is_accurate_at_large_mean",
    "gradients_of_later_batch_eq_those_of_it_alone",
    "gradients_of_images_eq_those_of_rows",
)
OWN_DERIVATIVE: tuple[str, ...] = ("input_gradient_is_derivative_of_training_output",)
ORTHOGONAL: tuple[str, ...] = ("input_gradient_is_orthogonal_to_normalized_input_up_to_eps",)
SUM: tuple[str, ...] = ("input_gradient_sums_to_zero",)
GAMMA_GRADIENT: tuple[str, ...] = ("batch_norm_gamma_gradient_eq_sum_of_error_times_normalized",)
LATER_AND_IMAGES: tuple[str, ...] = (
    "gradients_of_later_batch_eq_those_of_it_alone",
    "gradients_of_images_eq_those_of_rows",
)
IMAGES: tuple[str, ...] = (
    "images_are_normalized_per_channel",
    "evaluation_of_images_eq_that_of_rows",
    "gradients_of_images_eq_those_of_rows",
)
STATES: tuple[str, ...] = (
    "gamma_and_beta_have_velocities_of_their_own",
    "gamma_and_beta_have_adam_states_of_their_own",
)

# --- running statistics ---------------------------------------------------------------------------


@mistake(
    "batch_norm",
    "Evaluation uses the statistics of the last training batch; a moving average over all batches is"
    " due.",
    breaks=RUNNING_MEAN + RUNNING_VARIANCE,
    seen="22 of 66 FAU layers",
)
class KeepsLastBatchOnly(BatchNorm):
    def update_running(self, mean: Array, variance: Array, count: int) -> None:
        self.running = mean, variance


@mistake(
    "batch_norm",
    "The running statistics stay at those of the first batch.",
    breaks=RUNNING_MEAN + RUNNING_VARIANCE,
    seen=FAU,
)
class KeepsFirstBatchOnly(BatchNorm):
    seen = False

    def update_running(self, mean: Array, variance: Array, count: int) -> None:
        if not self.seen:
            self.running, self.seen = (mean, variance), True


@mistake(
    "batch_norm",
    "The moving average is taken of this batch and the one before; on the right must stand the previous"
    " average, or all earlier batches are forgotten.",
    breaks=RUNNING_MEAN + RUNNING_VARIANCE,
    seen="the formula of a lecture slide",
)
class AveragesTwoBatches(BatchNorm):
    before: Statistics | None = None

    def update_running(self, mean: Array, variance: Array, count: int) -> None:
        self.running = self.before or self.running
        super().update_running(mean, variance, count)
        self.before = mean, variance


@mistake(
    "batch_norm",
    "The standard deviation is averaged instead of the variance.",
    breaks=RUNNING_VARIANCE,
    seen="2 of 66 FAU layers",
)
class AveragesStandardDeviation(BatchNorm):
    def update_running(self, mean: Array, variance: Array, count: int) -> None:
        if self.running is not None:
            self.running = self.running[0], np.sqrt(self.running[1])
        super().update_running(mean, np.sqrt(variance), count)
        if self.running is not None:
            self.running = self.running[0], np.square(self.running[1])


@mistake(
    "batch_norm",
    "Mean and standard deviation are averaged from a start at zero.",
    breaks=RUNNING_MEAN + RUNNING_VARIANCE + UNTRAINED,
    seen="3 of 66 FAU layers",
)
class AveragesStandardDeviationFromZero(AveragesStandardDeviation):
    def initial_statistics(self) -> Statistics:
        return np.zeros_like(self.gamma), np.zeros_like(self.gamma)


@mistake(
    "batch_norm",
    "The running variance does not start where it is declared to: at zero in place of one or of the first"
    " batch's, or at one in place of zero.",
    breaks=RUNNING_MEAN + RUNNING_VARIANCE + UNTRAINED,
)
class StartsElsewhere(BatchNorm):
    def initial_statistics(self) -> Statistics:
        zeros = np.zeros_like(self.gamma)
        return zeros, zeros + (self.start == "zeros")


@mistake(
    "batch_norm",
    "The weights of the old average and of the new batch are swapped.",
    breaks=RUNNING_MEAN + RUNNING_VARIANCE,
    seen="2 of 66 FAU layers, I2DL submissions",
)
class SwapsWeights(BatchNorm):
    def update_running(self, mean: Array, variance: Array, count: int) -> None:
        decay, self.decay = self.decay, 1 - self.decay
        super().update_running(mean, variance, count)
        self.decay = decay


@mistake(
    "batch_norm",
    "The decay of the moving average is not the declared one: 0.9 in place of 0.8, or 0.8 of 0.9.",
    breaks=RUNNING_MEAN + RUNNING_VARIANCE,
    seen="2 of 66 FAU layers",
)
class UsesOtherDecay(BatchNorm):
    def update_running(self, mean: Array, variance: Array, count: int) -> None:
        decay, self.decay = self.decay, 0.8 if self.decay == 0.9 else 0.9
        super().update_running(mean, variance, count)
        self.decay = decay


@mistake(
    "batch_norm",
    "The first batch enters the moving average twice.",
    breaks=RUNNING_MEAN + RUNNING_VARIANCE,
    seen=FAU,
)
class AveragesFirstBatchTwice(BatchNorm):
    fresh = True

    def update_running(self, mean: Array, variance: Array, count: int) -> None:
        if self.fresh:
            start = (np.zeros_like(mean), np.zeros_like(mean))
            self.running = start if self.running is None else self.running
            super().update_running(mean, variance, count)
        self.fresh = False
        super().update_running(mean, variance, count)


@mistake(
    "batch_norm",
    "The moving average is updated in evaluation only; it must be updated in training only.",
    breaks=RUNNING_MEAN
    + RUNNING_VARIANCE
    + UNTRAINED
    + (
        "evaluation_is_per_row",
        "evaluation_changes_no_statistics",
    ),
    seen="3 FAU submissions",
)
class AveragesInEvaluationOnly(BatchNorm):
    def update_running(self, mean: Array, variance: Array, count: int) -> None:
        self.latest = mean, variance, count

    def evaluate(self, x: Array) -> SameShape:
        super().update_running(*self.latest)
        return super().evaluate(x)


@mistake(
    "batch_norm",
    "Evaluation updates the running statistics.",
    breaks=RUNNING_MEAN
    + RUNNING_VARIANCE
    + UNTRAINED
    + (
        "evaluation_is_per_row",
        "evaluation_changes_no_statistics",
    ),
    seen="7 FAU submissions before their last version",
)
class AveragesInEvaluationToo(BatchNorm):
    def evaluate(self, x: Array) -> SameShape:
        rows = as_rows(x)
        self.update_running(*self.statistics(rows), len(rows))
        return super().evaluate(x)


@mistake(
    "batch_norm",
    "The running variance is averaged with the running mean in place of its own old value.",
    breaks=RUNNING_VARIANCE,
    seen=FAU,
)
class AveragesVarianceWithMean(BatchNorm):
    def update_running(self, mean: Array, variance: Array, count: int) -> None:
        if self.running is not None:
            self.running = self.running[0], self.running[0]
        super().update_running(mean, variance, count)


@mistake(
    "batch_norm",
    "A parenthesis is misplaced: decay * old + (1 - decay * new).",
    breaks=RUNNING_MEAN + RUNNING_VARIANCE,
    seen=CMU,
)
class MisplacesParenthesis(BatchNorm):
    def update_running(self, mean: Array, variance: Array, count: int) -> None:
        old = (mean, variance) if self.running is None else self.running
        d = self.decay
        self.running = d * old[0] + (1 - d * mean), d * old[1] + (1 - d * variance)


@mistake(
    "batch_norm",
    "The running variance is divided by N - 1 where N is declared, or by N where N - 1 is.",
    breaks=RUNNING_VARIANCE,
    seen="libraries differ: torch and MLX N - 1, Flax, Keras and ONNX N",
)
class CorrectsOtherVariance(BatchNorm):
    def update_running(self, mean: Array, variance: Array, count: int) -> None:
        declared = self.running_variance
        self.running_variance = "biased" if declared == "unbiased" else "unbiased"
        super().update_running(mean, variance, count)
        self.running_variance = declared


# --- evaluation -----------------------------------------------------------------------------------


@mistake(
    "batch_norm",
    "Evaluation normalizes with the statistics of the batch that it is given; the running ones are due.",
    breaks=RUNNING_MEAN + RUNNING_VARIANCE + UNTRAINED + ("evaluation_is_per_row",),
    seen="FAU and CMU 11-785 submissions; the ONNX reference of version 9",
)
class EvaluatesWithItsOwnBatch(BatchNorm):
    def evaluate(self, x: Array) -> SameShape:
        rows = as_rows(x)
        return self.output(rows, *moments(rows), x.shape)


@mistake(
    "batch_norm",
    "Evaluation does not normalize: it returns gamma x + beta.",
    breaks=RUNNING_MEAN + RUNNING_VARIANCE + UNTRAINED,
    seen=CMU,
)
class EvaluatesWithoutNormalizing(BatchNorm):
    def evaluate(self, x: Array) -> SameShape:
        return from_rows(shift_and_scale(as_rows(x), self.gamma, self.beta), x.shape)


class OwnEvaluation(BatchNorm):
    """Batch normalization whose evaluation has an s of its own."""

    def evaluation_deviation(self, variance: Array) -> Array:
        return self.deviation(variance)

    def evaluate(self, x: Array) -> SameShape:
        mean, variance = self.running or moments(as_rows(x))
        normalized = normalize(as_rows(x), mean, self.evaluation_deviation(variance))
        return from_rows(shift_and_scale(normalized, self.gamma, self.beta), x.shape)


@mistake(
    "batch_norm",
    "Evaluation leaves eps out of the root.",
    breaks=RUNNING_VARIANCE + UNTRAINED,
    seen="2 FAU submissions; the code that I2DL hands out",
)
class EvaluatesWithoutEps(OwnEvaluation):
    def evaluation_deviation(self, variance: Array) -> Array:
        return np.sqrt(variance)


@mistake(
    "batch_norm",
    "Evaluation subtracts eps from the variance; it must be added, or a constant feature gives NaN.",
    breaks=RUNNING_VARIANCE + UNTRAINED,
    seen=FAU,
)
class EvaluatesWithEpsSubtracted(OwnEvaluation):
    def evaluation_deviation(self, variance: Array) -> Array:
        s: Array = np.sqrt(variance - self.eps)
        return s


@mistake(
    "batch_norm",
    "Evaluation adds eps at another place than training: to the root or under it.",
    breaks=RUNNING_VARIANCE + UNTRAINED,
    seen="course submissions",
)
class EvaluatesWithEpsElsewhere(OwnEvaluation):
    def evaluation_deviation(self, variance: Array) -> Array:
        return deviation(variance, self.eps, OTHER_PLACE[self.eps_place])


@mistake(
    "batch_norm",
    "Evaluation forgets gamma and beta.",
    breaks=(*UNTRAINED, "evaluation_applies_gamma_and_beta"),
    seen="CS231n and I2DL submissions",
)
class EvaluatesWithoutGammaAndBeta(BatchNorm):
    def evaluate(self, x: Array) -> SameShape:
        return (super().evaluate(x) - _by_channel(self.beta, x)) / _by_channel(self.gamma, x)


@mistake(
    "batch_norm",
    "Evaluation of images forgets gamma and beta; that of rows has them.",
    breaks=("evaluation_of_images_eq_that_of_rows",),
    seen="a FAU submission",
)
class EvaluatesImagesWithoutGammaAndBeta(EvaluatesWithoutGammaAndBeta):
    def evaluate(self, x: Array) -> SameShape:
        return super().evaluate(x) if x.ndim == 4 else BatchNorm.evaluate(self, x)


@mistake(
    "batch_norm",
    "Evaluation of images reshapes (N, C, H, W) to rows without moving the channels last.",
    breaks=("evaluation_of_images_eq_that_of_rows",),
    seen=FAU,
)
class EvaluatesImagesWithChannelsMixed(BatchNorm):
    def evaluate(self, x: Array) -> SameShape:
        return super().evaluate(x.reshape(-1, x.shape[1])).reshape(x.shape)


# --- training -------------------------------------------------------------------------------------


@mistake(
    "batch_norm",
    "Training normalizes with the running statistics; those of the batch are due.",
    breaks=OUTPUT
    + SINGLE_ROW
    + MEAN
    + VARIANCE
    + SHIFT
    + ("training_output_ignores_earlier_batches",),
    seen=I2DL,
)
class TrainsWithRunningStatistics(BatchNorm):
    def train(self, x: Array) -> SameShape:
        super().train(x)
        return self.evaluate(x)


@mistake(
    "batch_norm",
    "After an evaluation the layer stays in its test phase: training then uses the running statistics.",
    breaks=("training_output_ignores_earlier_evaluation",),
    seen="9 FAU submissions",
)
class StaysInTestPhase(BatchNorm):
    testing = False

    def train(self, x: Array) -> SameShape:
        y = super().train(x)
        return super().evaluate(x) if self.testing else y

    def evaluate(self, x: Array) -> SameShape:
        self.testing = True
        return super().evaluate(x)


@mistake(
    "batch_norm",
    "Training divides by the variance of N - 1; the biased one, of N, is due.",
    breaks=OUTPUT
    + SINGLE_ROW
    + VARIANCE
    + RUNNING_VARIANCE
    + INPUT_GRADIENT
    + OWN_DERIVATIVE
    + ORTHOGONAL
    + GAMMA_GRADIENT,
)
class NormalizesWithUnbiasedVariance(BatchNorm):
    def statistics(self, rows: Array) -> Statistics:
        return rows.mean(axis=0), np.square(rows - rows.mean(axis=0)).sum(axis=0) / (len(rows) - 1)


@mistake(
    "batch_norm",
    "The variance is computed in one pass, as E[x^2] - E[x]^2, which loses all digits where the mean is"
    " large against the spread.",
    breaks=(
        *SHIFT,
        "training_output_is_accurate_at_large_mean",
        "input_gradient_is_accurate_at_large_mean",
    ),
    seen="a default of Flax; function bodies of ONNX",
)
class ComputesVarianceInOnePass(BatchNorm):
    def statistics(self, rows: Array) -> Statistics:
        mean = rows.mean(axis=0)
        return mean, np.maximum(np.square(rows).mean(axis=0) - np.square(mean), 0)


@mistake(
    "batch_norm",
    "The layer computes in single precision although it is given double precision.",
    breaks=OUTPUT
    + MEAN
    + VARIANCE
    + SHIFT
    + SEPARATE
    + RUNNING_MEAN
    + RUNNING_VARIANCE
    + UNTRAINED
    + INPUT_GRADIENT
    + OWN_DERIVATIVE
    + ORTHOGONAL
    + SUM
    + GAMMA_GRADIENT
    + (
        "training_permutes_with_rows",
        "evaluation_applies_gamma_and_beta",
    ),
    seen="float32 buffers in the CMU 11-785 handout",
)
class ComputesInSinglePrecision(BatchNorm):
    def train(self, x: Array) -> SameShape:
        return super().train(x.astype(np.float32)).astype(float)

    def evaluate(self, x: Array) -> SameShape:
        return super().evaluate(x.astype(np.float32)).astype(np.float32).astype(float)


@mistake(
    "batch_norm",
    "The statistics are taken over the features of each row; they belong over the batch (axis 0).",
    breaks=OUTPUT + SINGLE_ROW + MEAN + VARIANCE + SHIFT + SEPARATE + OWN_DERIVATIVE,
)
class NormalizesOverFeatures(BatchNorm):
    def train(self, x: Array) -> SameShape:
        super().train(x)
        rows = self.rows.T
        normalized = normalize(rows, rows.mean(axis=0), self.deviation(moments(rows)[1])).T
        return from_rows(shift_and_scale(normalized, self.gamma, self.beta), x.shape)


@mistake(
    "batch_norm",
    "One mean and one variance are taken over all features together; every feature has its own.",
    breaks=OUTPUT
    + SINGLE_ROW
    + MEAN
    + VARIANCE
    + SHIFT
    + SEPARATE
    + RUNNING_MEAN
    + RUNNING_VARIANCE
    + INPUT_GRADIENT
    + OWN_DERIVATIVE
    + ORTHOGONAL
    + SUM
    + GAMMA_GRADIENT,
)
class NormalizesAllFeaturesTogether(BatchNorm):
    def statistics(self, rows: Array) -> Statistics:
        mean, variance = moments(rows.reshape(-1, 1))
        return mean + 0 * self.gamma, variance + 0 * self.gamma


@mistake(
    "batch_norm",
    "There is no eps: a constant feature gives 0 / 0.",
    breaks=OUTPUT
    + SINGLE_ROW
    + MEAN
    + VARIANCE
    + RUNNING_VARIANCE
    + UNTRAINED
    + INPUT_GRADIENT
    + ORTHOGONAL
    + SUM
    + GAMMA_GRADIENT
    + ("constant_features_stay_finite",),
    seen=FAU,
)
class HasNoEps(BatchNorm):
    def deviation(self, variance: Array) -> Array:
        return np.sqrt(variance)

    def input_gradient(self, dy: Array, mean: Array, variance: Array) -> Array:
        s = np.sqrt(variance)
        return backward_compact(dy, normalize(self.rows, mean, s), self.gamma, s, s)


@mistake(
    "batch_norm",
    "gamma and beta are not applied, neither in training nor in evaluation.",
    breaks=OUTPUT + SINGLE_ROW + AFFINE + UNTRAINED + OWN_DERIVATIVE,
    seen="4 FAU submissions before their last version",
)
class OmitsGammaAndBeta(BatchNorm):
    def output(self, rows: Array, mean: Array, variance: Array, shape: tuple[int, ...]) -> Array:
        return from_rows(normalize(rows, mean, self.deviation(variance)), shape)


@mistake(
    "batch_norm",
    "beta is added before gamma multiplies: gamma (x^ + beta).",
    breaks=OUTPUT + SINGLE_ROW + AFFINE + UNTRAINED,
)
class ScalesBetaToo(BatchNorm):
    def output(self, rows: Array, mean: Array, variance: Array, shape: tuple[int, ...]) -> Array:
        normalized = normalize(rows, mean, self.deviation(variance))
        return from_rows(self.gamma * (normalized + self.beta), shape)


@mistake(
    "batch_norm",
    "Initializing overwrites gamma and beta with random values; they start at 1 and 0.",
    breaks=OUTPUT
    + SINGLE_ROW
    + MEAN
    + VARIANCE
    + SHIFT
    + SEPARATE
    + AFFINE
    + RUNNING_MEAN
    + RUNNING_VARIANCE
    + UNTRAINED
    + INPUT_GRADIENT
    + OWN_DERIVATIVE
    + ORTHOGONAL
    + (
        "training_permutes_with_rows",
        "images_are_normalized_per_channel",
        "training_output_ignores_earlier_batches",
        "training_output_ignores_earlier_evaluation",
        "evaluation_changes_no_statistics",
        "evaluation_of_images_eq_that_of_rows",
    ),
    seen="7 of 66 FAU layers",
)
class OverwritesGammaAndBeta(BatchNorm):
    def initial_statistics(self) -> Statistics | None:
        self.gamma = generator().random(self.gamma.shape)
        self.beta = generator().random(self.beta.shape)
        return super().initial_statistics()


@mistake(
    "batch_norm",
    "Images are reshaped from (N, C, H, W) to (N H W, C) without moving the channels last first, which"
    " mixes the channels.",
    breaks=IMAGES,
    seen="CS231n and EECS 498 submissions",
)
class MixesChannels(BatchNorm):
    def train(self, x: Array) -> SameShape:
        return super().train(x.reshape(-1, x.shape[1])).reshape(x.shape)

    def evaluate(self, x: Array) -> SameShape:
        return super().evaluate(x.reshape(-1, x.shape[1])).reshape(x.shape)

    def backward(self, dy: Array) -> tuple[SameShape, Array, Array]:
        dx, dgamma, dbeta = super().backward(dy.reshape(-1, dy.shape[1]))
        return dx.reshape(dy.shape), dgamma, dbeta


@mistake(
    "batch_norm",
    "Every pixel of an image is normalized on its own; a channel has one mean and one variance over"
    " N, H and W.",
    breaks=IMAGES,
    seen=CS231N,
)
class NormalizesPixels(BatchNorm):
    pixels: BatchNorm | None = None

    def train(self, x: Array) -> SameShape:
        self.pixels = (self.pixels or self.of_pixels(x)) if x.ndim == 4 else None
        if self.pixels is None:
            return super().train(x)
        return self.pixels.train(x.reshape(len(x), -1)).reshape(x.shape)

    def evaluate(self, x: Array) -> SameShape:
        if self.pixels is None:
            return super().evaluate(x)
        return self.pixels.evaluate(x.reshape(len(x), -1)).reshape(x.shape)

    def backward(self, dy: Array) -> tuple[SameShape, Array, Array]:
        if self.pixels is None:
            return super().backward(dy)
        dx, dgamma, dbeta = self.pixels.backward(dy.reshape(len(dy), -1))
        per_channel = (dgamma.reshape(len(self.gamma), -1), dbeta.reshape(len(self.beta), -1))
        return dx.reshape(dy.shape), per_channel[0].sum(axis=1), per_channel[1].sum(axis=1)

    def of_pixels(self, x: Array) -> BatchNorm:
        count = x[0, 0].size
        return BatchNorm(
            gamma=np.repeat(self.gamma, count),
            beta=np.repeat(self.beta, count),
            eps=self.eps,
            eps_place=self.eps_place,
            decay=self.decay,
            start=self.start,
            running_variance=self.running_variance,
            backward_eps=self.backward_eps,
        )


@mistake(
    "batch_norm",
    "The layer normalizes its argument in place, so the caller's array changes.",
    breaks=("arguments_are_not_changed",),
    seen="6 FAU submissions before their last version",
)
class ChangesItsInput(BatchNorm):
    def train(self, x: Array) -> SameShape:
        y = super().train(x.copy())
        x -= x.mean(axis=0)
        return y


@mistake(
    "batch_norm",
    "The backward pass multiplies gamma into its argument in place, so the caller's array changes.",
    breaks=("arguments_are_not_changed",),
    seen="6 FAU submissions before their last version",
)
class ChangesItsError(BatchNorm):
    def backward(self, dy: Array) -> tuple[SameShape, Array, Array]:
        gradients = super().backward(dy.copy())
        dy *= _by_channel(self.gamma, dy)
        return gradients


# --- gradients ------------------------------------------------------------------------------------


class OwnGradient(BatchNorm):
    """Batch normalization with a part of dL/dx replaced: dx = gamma ((dy - a) / s - x^ b / r)."""

    def input_gradient(self, dy: Array, mean: Array, variance: Array) -> Array:
        s, r = gradient_roots(variance, self.eps, self.eps_place, self.backward_eps)
        return self.combined(dy, normalize(self.rows, mean, s), s, r)

    def combined(self, dy: Array, normalized: Array, s: Array, r: Array) -> Array:
        return backward_compact(dy, normalized, self.gamma, s, r)


class StagedGradient(BatchNorm):
    """Batch normalization with dL/dx in the stages of the chain rule, as courses hand it out.

    They count the mean's way through the variance, which is 0 for the batch's own mean only.
    """

    def input_gradient(self, dy: Array, mean: Array, variance: Array) -> Array:
        s, r = gradient_roots(variance, self.eps, self.eps_place, self.backward_eps)
        return backward_staged(dy, self.rows, self.gamma, mean, s, r)


@mistake(
    "batch_norm",
    "dL/dx contains gamma twice.",
    breaks=INPUT_GRADIENT + OWN_DERIVATIVE + ORTHOGONAL,
    seen=FAU,
)
class AppliesGammaTwice(OwnGradient):
    def combined(self, dy: Array, normalized: Array, s: Array, r: Array) -> Array:
        return self.gamma * super().combined(dy, normalized, s, r)


@mistake(
    "batch_norm",
    "dL/dx lacks gamma.",
    breaks=INPUT_GRADIENT + OWN_DERIVATIVE + ORTHOGONAL,
)
class OmitsGammaInGradient(OwnGradient):
    def combined(self, dy: Array, normalized: Array, s: Array, r: Array) -> Array:
        return backward_compact(dy, normalized, np.ones_like(self.gamma), s, r)


@mistake(
    "batch_norm",
    "dL/dx lacks the way through the variance.",
    breaks=INPUT_GRADIENT + OWN_DERIVATIVE + ORTHOGONAL,
)
class OmitsWayThroughVariance(OwnGradient):
    def combined(self, dy: Array, normalized: Array, s: Array, r: Array) -> Array:
        dx: Array = self.gamma * (dy - dy.mean(axis=0)) / s
        return dx


@mistake(
    "batch_norm",
    "dL/dx lacks the way through the mean.",
    breaks=INPUT_GRADIENT + OWN_DERIVATIVE + SUM,
)
class OmitsWayThroughMean(OwnGradient):
    def combined(self, dy: Array, normalized: Array, s: Array, r: Array) -> Array:
        through_variance = normalized * (dy * normalized).mean(axis=0)
        dx: Array = self.gamma * (dy / s - through_variance / r)
        return dx


@mistake(
    "batch_norm",
    "dL/dx treats mean and variance as constants; they depend on the input.",
    breaks=INPUT_GRADIENT + OWN_DERIVATIVE + ORTHOGONAL + SUM,
)
class TreatsStatisticsAsConstants(OwnGradient):
    def combined(self, dy: Array, normalized: Array, s: Array, r: Array) -> Array:
        return self.gamma * dy / s


def product_for_sum(dy: Array, normalized: Array, gamma: Array, s: Array, r: Array) -> Array:
    """The two ways to the centred input multiplied where they must be added."""
    direct, through_variance = dy / s, -normalized * (dy * normalized).mean(axis=0) / r
    product = gamma * direct * through_variance
    dx: Array = product - product.mean(axis=0)
    return dx


@mistake(
    "batch_norm",
    "The two gradients that meet at the centred input are multiplied; they must be added.",
    breaks=INPUT_GRADIENT + OWN_DERIVATIVE + ORTHOGONAL,
    seen=I2DL,
)
class MultipliesGradients(OwnGradient):
    def combined(self, dy: Array, normalized: Array, s: Array, r: Array) -> Array:
        return product_for_sum(dy, normalized, self.gamma, s, r)


@mistake(
    "batch_norm",
    "dL/dx is computed from the running statistics; those of the batch are due.",
    breaks=INPUT_GRADIENT + OWN_DERIVATIVE + ORTHOGONAL + SUM,
    seen=FAU,
)
class GradientFromRunningStatistics(StagedGradient):
    def input_gradient(self, dy: Array, mean: Array, variance: Array) -> Array:
        return super().input_gradient(dy, *(self.running or (mean, variance)))


@mistake(
    "batch_norm",
    "dL/dx is computed from the statistics of the first batch for ever.",
    breaks=("gradients_of_later_batch_eq_those_of_it_alone",),
    seen=FAU,
)
class GradientFromFirstBatch(StagedGradient):
    first: Statistics | None = None

    def update_running(self, mean: Array, variance: Array, count: int) -> None:
        self.first = self.first or (mean, variance)
        super().update_running(mean, variance, count)

    def input_gradient(self, dy: Array, mean: Array, variance: Array) -> Array:
        return super().input_gradient(dy, *(self.first or (mean, variance)))


@mistake(
    "batch_norm",
    "The way through the variance is centred with the running mean in place of the batch's.",
    breaks=INPUT_GRADIENT + OWN_DERIVATIVE + ORTHOGONAL + SUM,
    seen="one course submission",
)
class CentresGradientWithRunningMean(BatchNorm):
    def input_gradient(self, dy: Array, mean: Array, variance: Array) -> Array:
        return super().input_gradient(dy, (self.running or (mean, variance))[0], variance)


@mistake(
    "batch_norm",
    "dL/dx has the root of the variance minus eps: NaN for a constant feature.",
    breaks=INPUT_GRADIENT + OWN_DERIVATIVE + ORTHOGONAL + SUM + ("constant_features_stay_finite",),
    seen=CMU,
)
class SubtractsEpsInGradient(BatchNorm):
    def input_gradient(self, dy: Array, mean: Array, variance: Array) -> Array:
        eps = self.eps if self.backward_eps is None else self.backward_eps
        return super().input_gradient(dy, mean, variance - 2 * eps)


@mistake(
    "batch_norm",
    "The gradients of gamma and beta are averaged over the batch; they are sums.",
    breaks=GAMMA_GRADIENT + LATER_AND_IMAGES + ("batch_norm_beta_gradient_eq_sum_of_error",),
    seen=CMU,
)
class AveragesParameterGradients(BatchNorm):
    def backward(self, dy: Array) -> tuple[SameShape, Array, Array]:
        dx, dgamma, dbeta = super().backward(dy)
        return dx, dgamma / len(self.rows), dbeta / len(self.rows)


@mistake(
    "batch_norm",
    "The gradient of gamma is taken with the output y; it needs the normalized input.",
    breaks=GAMMA_GRADIENT + LATER_AND_IMAGES,
)
class GammaGradientFromOutput(BatchNorm):
    def backward(self, dy: Array) -> tuple[SameShape, Array, Array]:
        dx, dgamma, dbeta = super().backward(dy)
        return dx, self.gamma * dgamma + self.beta * dbeta, dbeta


@mistake(
    "batch_norm",
    "The backward pass overwrites what training has stored, so a second one differs or crashes.",
    breaks=("second_backward_eq_first",),
    seen="6 FAU submissions before their last version",
)
class OverwritesWhatIsStored(BatchNorm):
    def backward(self, dy: Array) -> tuple[SameShape, Array, Array]:
        gradients = super().backward(dy)
        self.rows = as_rows(gradients[0])
        return gradients


@mistake(
    "batch_norm_alt",
    "The two gradients that meet at the centred input are multiplied; they must be added.",
    breaks=("batch_norm_alt_input_gradient_flows_through_mean_and_variance",),
    seen="9 copies of a wrong handout of I2DL",
)
class ShortFormMultipliesGradients(MultipliesGradients):
    pass


@mistake(
    "batch_norm_alt",
    "The short form of dL/dx lacks the way through the variance.",
    breaks=("batch_norm_alt_input_gradient_flows_through_mean_and_variance",),
)
class ShortFormOmitsVariance(OmitsWayThroughVariance):
    pass


@mistake(
    "batch_norm_alt",
    "The gradients of gamma and beta are averaged over the batch; they are sums.",
    breaks=(
        "batch_norm_alt_gamma_gradient_eq_sum_of_error_times_normalized",
        "batch_norm_alt_beta_gradient_eq_sum_of_error",
    ),
)
class ShortFormAveragesParameterGradients(AveragesParameterGradients):
    pass


# --- updates of gamma and beta --------------------------------------------------------------------


@mistake(
    "batch_norm_update",
    "beta is never updated.",
    breaks=(*STATES, "beta_follows_gradient_descent"),
    seen="14 of 66 FAU layers",
)
class NeverUpdatesBeta(BatchNormUpdate):
    def step(self, x: Array, dy: Array) -> tuple[SameShape, Array, Array]:
        beta = self.layer.beta
        dx, gamma, _ = super().step(x, dy)
        self.layer.beta = beta
        return dx, gamma, beta


@mistake(
    "batch_norm_update",
    "gamma is never updated.",
    breaks=(*STATES, "gamma_follows_gradient_descent"),
    seen="5 FAU submissions before their last version, of gamma or beta",
)
class NeverUpdatesGamma(BatchNormUpdate):
    def step(self, x: Array, dy: Array) -> tuple[SameShape, Array, Array]:
        gamma = self.layer.gamma
        dx, _, beta = super().step(x, dy)
        self.layer.gamma = gamma
        return dx, gamma, beta


@mistake(
    "batch_norm_update",
    "What the optimizer returns is discarded, so neither gamma nor beta moves.",
    breaks=(*STATES, "gamma_follows_gradient_descent", "beta_follows_gradient_descent"),
    seen="one FAU submission",
)
class DiscardsUpdates(BatchNormUpdate):
    def step(self, x: Array, dy: Array) -> tuple[SameShape, Array, Array]:
        self.layer.train(x)
        dx, _, _ = self.layer.backward(dy)
        return dx, self.layer.gamma, self.layer.beta


@mistake(
    "batch_norm_update",
    "beta is updated with the gradient of gamma.",
    breaks=(*STATES, "beta_follows_gradient_descent", "momentum_of_beta_builds_up"),
    seen=FAU,
)
class UpdatesBetaWithGammasGradient(BatchNormUpdate):
    def step(self, x: Array, dy: Array) -> tuple[SameShape, Array, Array]:
        self.layer.train(x)
        dx, dgamma, _ = self.layer.backward(dy)
        self.layer.gamma = self.for_gamma.step(self.layer.gamma, dgamma)
        self.layer.beta = self.for_beta.step(self.layer.beta, dgamma)
        return dx, self.layer.gamma, self.layer.beta


@mistake(
    "batch_norm_update",
    "gamma and beta share one optimizer object, so its state mixes and Adam counts twice as many steps;"
    " each needs its own.",
    breaks=STATES,
    seen="26 of 66 FAU layers",
)
class SharesOneOptimizer(BatchNormUpdate):
    shared: Any = None

    def new_optimizer(self) -> Any:
        self.shared = self.shared or super().new_optimizer()
        return self.shared


@mistake(
    "batch_norm_update",
    "The optimizer is copied anew for every step, so momentum never builds up.",
    breaks=(
        "momentum_of_gamma_builds_up",
        "momentum_of_beta_builds_up",
        "gamma_and_beta_have_velocities_of_their_own",
    ),
    seen=FAU,
)
class ForgetsOptimizerState(BatchNormUpdate):
    def step(self, x: Array, dy: Array) -> tuple[SameShape, Array, Array]:
        self.for_gamma, self.for_beta = self.new_optimizer(), self.new_optimizer()
        return super().step(x, dy)


@mistake(
    "batch_norm_update",
    "dL/dx is computed after gamma was updated; it belongs to the gamma of the forward pass.",
    breaks=("input_gradient_has_gamma_before_its_update",),
    seen="22 of 66 FAU layers",
)
class GradientAfterUpdate(BatchNormUpdate):
    def step(self, x: Array, dy: Array) -> tuple[SameShape, Array, Array]:
        _, gamma, beta = super().step(x, dy)
        return self.layer.backward(dy)[0], gamma, beta


def _by_channel(vector: Array, x: Array) -> Array:
    """A vector (C,) in a shape that broadcasts along axis 1 of x."""
    return vector.reshape(-1, *[1] * (x.ndim - 2))
