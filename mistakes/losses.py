"""Mistakes in losses."""

from __future__ import annotations

import numpy as np

from lawbook.mistakes import mistake
from reference.arrays import Array, SameShape
from reference.losses import (
    Hinge,
    Labels,
    MeanSquaredError,
    SoftmaxCrossEntropy,
    label_scores,
    log_sum_exp,
    margins,
    one_hot,
    softmax,
)

# --- softmax cross entropy -------------------------------------------------------------------------


def unshifted_softmax(z: Array) -> SameShape:
    """The textbook formula, which overflows."""
    powers: Array = np.exp(z)
    totals: Array = powers.sum(axis=1, keepdims=True)
    return powers / totals


@mistake(
    "softmax_cross_entropy",
    "The maximum of each row is not subtracted before exp, so large scores overflow to inf and nan.",
    breaks=(
        "softmax_cross_entropy_loss_is_invariant_under_shift",
        "cross_entropy_is_finite_of_wide_gaps",
    ),
    seen="first versions in several courses",
)
class ExponentiatesUnshiftedScores(SoftmaxCrossEntropy):
    def value(self, z: Array, labels: Labels) -> float:
        likelihoods = label_scores(unshifted_softmax(z), labels)
        return float(-np.log(likelihoods).sum()) / len(z)

    def gradient(self, z: Array, labels: Labels) -> SameShape:
        return (unshifted_softmax(z) - one_hot(labels, z.shape[1])) / len(z)


@mistake(
    "softmax_cross_entropy",
    "The loss is -log of the probability after it was computed: a probability that underflows to 0 gives "
    "inf; compute log sum exp minus the label's score instead.",
    breaks=("cross_entropy_is_finite_of_wide_gaps",),
    seen="starter code of a course up to 2016",
)
class TakesLogOfUnderflowedProbability(SoftmaxCrossEntropy):
    def value(self, z: Array, labels: Labels) -> float:
        return float(-np.log(label_scores(softmax(z), labels)).sum()) / len(z)


@mistake(
    "softmax_cross_entropy",
    "Probabilities are clipped at 1e-12 before the logarithm, so the loss of a confident wrong answer stops "
    "growing while its gradient does not.",
    breaks=(
        "cross_entropy_eq_log_sum_exp_minus_label_score",
        "softmax_cross_entropy_gradient_is_derivative_of_value",
        "cross_entropy_of_a_confident_wrong_answer_is_the_gap",
        "cross_entropy_is_finite_of_wide_gaps",
    ),
    seen="a common guard against log(0)",
)
class ClipsProbabilities(SoftmaxCrossEntropy):
    def value(self, z: Array, labels: Labels) -> float:
        likelihoods = np.clip(label_scores(softmax(z), labels), 1e-12, 1.0)
        return float(-np.log(likelihoods).sum()) / len(z)


@mistake(
    "softmax_cross_entropy",
    "The gradient is not divided by the batch size although the loss is a mean.",
    breaks=(
        "cross_entropy_gradient_eq_softmax_minus_one_hot",
        "softmax_cross_entropy_gradient_is_derivative_of_value",
        "softmax_cross_entropy_loss_lies_above_its_tangents",
    ),
    seen="CS231n submissions",
)
class GradientOfTheSum(SoftmaxCrossEntropy):
    def gradient(self, z: Array, labels: Labels) -> SameShape:
        return super().gradient(z, labels) * len(z)


@mistake(
    "softmax_cross_entropy",
    "The loss is summed over the batch; the convention declared here is the mean.",
    breaks=(
        "cross_entropy_eq_log_sum_exp_minus_label_score",
        "softmax_cross_entropy_gradient_is_derivative_of_value",
        "softmax_cross_entropy_loss_lies_above_its_tangents",
        "softmax_cross_entropy_loss_is_mean_of_losses_of_single_samples",
        "cross_entropy_is_finite_of_wide_gaps",
    ),
    seen="CS231n submissions",
)
class SumsTheLoss(SoftmaxCrossEntropy):
    def value(self, z: Array, labels: Labels) -> float:
        return super().value(z, labels) * len(z)


@mistake(
    "softmax_cross_entropy",
    "The gradient has the wrong sign: it is softmax minus one-hot, not one-hot minus softmax.",
    breaks=(
        "cross_entropy_gradient_eq_softmax_minus_one_hot",
        "softmax_cross_entropy_gradient_is_derivative_of_value",
        "softmax_cross_entropy_gradient_raises_the_label_only",
        "softmax_cross_entropy_loss_lies_above_its_tangents",
        "cross_entropy_of_a_confident_wrong_answer_is_the_gap",
    ),
    seen="CS231n submissions",
)
class NegatesTheGradient(SoftmaxCrossEntropy):
    def gradient(self, z: Array, labels: Labels) -> SameShape:
        return -super().gradient(z, labels)


@mistake(
    "softmax_cross_entropy",
    "The gradient is the softmax itself: 1 is not subtracted at the label.",
    breaks=(
        "cross_entropy_gradient_eq_softmax_minus_one_hot",
        "softmax_cross_entropy_gradient_is_derivative_of_value",
        "softmax_cross_entropy_gradient_of_each_sample_sums_to_zero",
        "softmax_cross_entropy_gradient_raises_the_label_only",
        "softmax_cross_entropy_loss_lies_above_its_tangents",
        "cross_entropy_of_a_confident_wrong_answer_is_the_gap",
    ),
    seen="CS231n submissions",
)
class ForgetsTheOneHot(SoftmaxCrossEntropy):
    def gradient(self, z: Array, labels: Labels) -> SameShape:
        return softmax(z) / len(z)


@mistake(
    "softmax_cross_entropy",
    "The loss has the wrong sign: it is minus the log-likelihood, so it is never negative.",
    breaks=(
        "cross_entropy_eq_log_sum_exp_minus_label_score",
        "softmax_cross_entropy_gradient_is_derivative_of_value",
        "softmax_cross_entropy_loss_lies_above_its_tangents",
        "cross_entropy_falls_with_the_label_score",
        "cross_entropy_of_a_confident_wrong_answer_is_the_gap",
        "cross_entropy_is_finite_of_wide_gaps",
        "cross_entropy_of_deck_scores",
    ),
    seen="a slip in -log p",
)
class NegatesTheLoss(SoftmaxCrossEntropy):
    def value(self, z: Array, labels: Labels) -> float:
        return -super().value(z, labels)


@mistake(
    "softmax_cross_entropy",
    "The logarithm has base 2; cross entropy uses the natural logarithm.",
    breaks=(
        "cross_entropy_eq_log_sum_exp_minus_label_score",
        "softmax_cross_entropy_gradient_is_derivative_of_value",
        "softmax_cross_entropy_loss_lies_above_its_tangents",
        "cross_entropy_of_a_confident_wrong_answer_is_the_gap",
        "cross_entropy_is_finite_of_wide_gaps",
        "cross_entropy_of_deck_scores",
    ),
    seen="bits of information theory taken for nats",
)
class LogarithmOfBaseTwo(SoftmaxCrossEntropy):
    def value(self, z: Array, labels: Labels) -> float:
        return super().value(z, labels) / float(np.log(2.0))


@mistake(
    "softmax_cross_entropy",
    "The softmax is taken over the batch (axis 0); it is over the classes of each sample (axis 1).",
    breaks=(
        "cross_entropy_eq_log_sum_exp_minus_label_score",
        "cross_entropy_gradient_eq_softmax_minus_one_hot",
        "softmax_cross_entropy_gradient_is_derivative_of_value",
        "softmax_cross_entropy_gradient_of_each_sample_sums_to_zero",
        "softmax_cross_entropy_loss_is_invariant_under_shift",
        "softmax_cross_entropy_loss_lies_above_its_tangents",
        "softmax_cross_entropy_loss_is_mean_of_losses_of_single_samples",
        "cross_entropy_of_a_confident_wrong_answer_is_the_gap",
        "cross_entropy_is_finite_of_wide_gaps",
        "cross_entropy_of_deck_scores",
    ),
    seen="missing axis or keepdims in np.sum",
)
class SoftmaxOverTheBatch(SoftmaxCrossEntropy):
    def value(self, z: Array, labels: Labels) -> float:
        losses = log_sum_exp(z.T).T - z
        return float(label_scores(losses, labels).sum()) / len(z)

    def gradient(self, z: Array, labels: Labels) -> SameShape:
        return (softmax(z.T).T - one_hot(labels, z.shape[1])) / len(z)


@mistake(
    "softmax_cross_entropy",
    "The row maximum is subtracted in place, so the caller's scores are changed.",
    breaks=("softmax_cross_entropy_arguments_are_unchanged",),
    seen="scores -= scores.max() in CS231n submissions",
)
class ShiftsScoresInPlace(SoftmaxCrossEntropy):
    def value(self, z: Array, labels: Labels) -> float:
        z -= z.max(axis=1, keepdims=True)
        return super().value(z, labels)


# --- squared error ---------------------------------------------------------------------------------


@mistake(
    "mse",
    "The loss has a factor 1/2 that its gradient does not have.",
    breaks=(
        "mse_eq_mean_of_squared_distances",
        "mse_gradient_is_derivative_of_value",
        "mse_of_a_constant_is_least_at_the_mean",
    ),
    seen="two conventions mixed",
)
class HalvesTheValueOnly(MeanSquaredError):
    def value(self, y: Array, t: Array) -> float:
        return 0.5 * super().value(y, t)


@mistake(
    "mse",
    "The gradient lacks the factor 2 of the squared error.",
    breaks=(
        "mse_gradient_eq_twice_the_difference",
        "mse_gradient_is_derivative_of_value",
    ),
    seen="two conventions mixed",
)
class ForgetsTheFactorTwo(MeanSquaredError):
    def gradient(self, y: Array, t: Array) -> SameShape:
        return 0.5 * super().gradient(y, t)


@mistake(
    "mse",
    "The gradient has the wrong sign: with respect to the output it is 2 (y - t), not 2 (t - y).",
    breaks=(
        "mse_gradient_eq_twice_the_difference",
        "mse_gradient_is_derivative_of_value",
    ),
    seen="a classic slip",
)
class DifferentiatesByTheTarget(MeanSquaredError):
    def gradient(self, y: Array, t: Array) -> SameShape:
        return -super().gradient(y, t)


@mistake(
    "mse",
    "The root is taken: this is the root mean square error.",
    breaks=(
        "mse_eq_mean_of_squared_distances",
        "mse_gradient_is_derivative_of_value",
        "mse_of_a_constant_is_least_at_the_mean",
    ),
    seen="np.linalg.norm(y - t) for its square",
)
class TakesTheRoot(MeanSquaredError):
    def value(self, y: Array, t: Array) -> float:
        return float(np.sqrt(super().value(y, t)))


@mistake(
    "mse",
    "Absolute differences are averaged: this is the L1 loss, whose minimiser is the median.",
    breaks=(
        "mse_eq_mean_of_squared_distances",
        "mse_gradient_eq_twice_the_difference",
        "mse_of_a_constant_is_least_at_the_mean",
    ),
    seen="the other loss of the same slide",
)
class AveragesAbsoluteErrors(MeanSquaredError):
    def value(self, y: Array, t: Array) -> float:
        return float(np.abs(y - t).sum()) / len(y)

    def gradient(self, y: Array, t: Array) -> SameShape:
        return np.sign(y - t) / len(y)


@mistake(
    "mse",
    "The differences are averaged before they are squared, so errors of opposite sign cancel.",
    breaks=(
        "mse_eq_mean_of_squared_distances",
        "mse_gradient_is_derivative_of_value",
    ),
    seen="np.mean inside the square",
)
class SquaresTheMeanError(MeanSquaredError):
    def value(self, y: Array, t: Array) -> float:
        return float(np.sum((y - t).mean(axis=0) ** 2))


@mistake(
    "mse",
    "The differences are not squared, so errors of opposite sign cancel and the loss can be negative.",
    breaks=(
        "mse_eq_mean_of_squared_distances",
        "mse_gradient_is_derivative_of_value",
        "mse_is_symmetric_and_zero_of_equal_arguments",
        "mse_of_a_constant_is_least_at_the_mean",
    ),
    seen="a forgotten ** 2",
)
class ForgetsTheSquare(MeanSquaredError):
    def value(self, y: Array, t: Array) -> float:
        return float((y - t).sum()) / len(y)


@mistake(
    "mse",
    "Neither the loss nor the gradient is divided by the number of samples.",
    breaks=(
        "mse_eq_mean_of_squared_distances",
        "mse_gradient_eq_twice_the_difference",
        "mse_of_a_constant_is_least_at_the_mean",
    ),
    seen="sum and mean confused",
)
class SumsSquaredErrors(MeanSquaredError):
    def value(self, y: Array, t: Array) -> float:
        return super().value(y, t) * len(y)

    def gradient(self, y: Array, t: Array) -> SameShape:
        return super().gradient(y, t) * len(y)


@mistake(
    "mse",
    "The target is subtracted in place, so the caller's outputs are changed.",
    breaks=("mse_arguments_are_unchanged",),
    seen="y -= t in submissions",
)
class SubtractsInPlace(MeanSquaredError):
    def gradient(self, y: Array, t: Array) -> SameShape:
        y -= t
        return 2.0 * y / len(y)


# --- multiclass hinge ------------------------------------------------------------------------------


@mistake(
    "hinge",
    "The margin 1 is missing: a wrong class counts only if it outscores the label.",
    breaks=(
        "hinge_eq_sum_of_positive_margins",
        "hinge_gradient_counts_classes_within_margin",
        "hinge_of_deck_scores",
    ),
    seen="CS231n submissions",
)
class ForgetsTheMargin(Hinge):
    def value(self, z: Array, labels: Labels) -> float:
        return float(np.maximum(z - label_scores(z, labels), 0.0).sum()) / len(z)

    def gradient(self, z: Array, labels: Labels) -> SameShape:
        active: Array = (z > label_scores(z, labels)).astype(float)
        own: Array = one_hot(labels, z.shape[1]) * active.sum(axis=1)[:, None]
        return (active - own) / len(z)


@mistake(
    "hinge",
    "The label itself is counted as a wrong class, which adds the margin 1 to every sample's loss.",
    breaks=(
        "hinge_eq_sum_of_positive_margins",
        "hinge_of_deck_scores",
        "hinge_is_zero_beyond_the_margin",
    ),
    seen="CS231n submissions",
)
class CountsTheLabel(Hinge):
    def value(self, z: Array, labels: Labels) -> float:
        return super().value(z, labels) + 1.0


@mistake(
    "hinge",
    "The gradient at the label is missing: it is minus the number of classes within the margin.",
    breaks=(
        "hinge_gradient_counts_classes_within_margin",
        "hinge_gradient_is_derivative_of_value",
        "hinge_gradient_of_each_sample_sums_to_zero",
        "hinge_loss_lies_above_its_tangents",
    ),
    seen="CS231n submissions",
)
class ForgetsTheLabelGradient(Hinge):
    def gradient(self, z: Array, labels: Labels) -> SameShape:
        return super().gradient(z, labels) * (1.0 - one_hot(labels, z.shape[1]))


@mistake(
    "hinge",
    "The gradient at the label is -1; it is minus the number of classes within the margin.",
    breaks=(
        "hinge_gradient_counts_classes_within_margin",
        "hinge_gradient_is_derivative_of_value",
        "hinge_gradient_of_each_sample_sums_to_zero",
        "hinge_loss_lies_above_its_tangents",
    ),
    seen="CS231n submissions",
)
class SubtractsOnceAtTheLabel(Hinge):
    def gradient(self, z: Array, labels: Labels) -> SameShape:
        return np.maximum(super().gradient(z, labels), -1.0 / len(z))


@mistake(
    "hinge",
    "The difference of the scores has the wrong sign: the label must lead, not trail, by the margin.",
    breaks=(
        "hinge_eq_sum_of_positive_margins",
        "hinge_gradient_counts_classes_within_margin",
        "hinge_gradient_raises_the_label_only",
        "hinge_of_deck_scores",
        "hinge_is_zero_beyond_the_margin",
    ),
    seen="a slip in the order of the scores",
)
class ReversesTheMargin(Hinge):
    def value(self, z: Array, labels: Labels) -> float:
        return super().value(-z, labels)

    def gradient(self, z: Array, labels: Labels) -> SameShape:
        return -super().gradient(-z, labels)


@mistake(
    "hinge",
    "The margins are squared: this is the squared hinge loss.",
    breaks=(
        "hinge_eq_sum_of_positive_margins",
        "hinge_gradient_is_derivative_of_value",
        "hinge_loss_lies_above_its_tangents",
        "hinge_of_deck_scores",
    ),
    seen="another loss of the same family",
)
class SquaresTheMargins(Hinge):
    def value(self, z: Array, labels: Labels) -> float:
        return float((np.maximum(margins(z, labels), 0.0) ** 2).sum()) / len(z)


@mistake(
    "hinge",
    "Only the strongest wrong class counts; every class within the margin does.",
    breaks=(
        "hinge_eq_sum_of_positive_margins",
        "hinge_gradient_is_derivative_of_value",
        "hinge_loss_lies_above_its_tangents",
        "hinge_of_deck_scores",
    ),
    seen="Crammer and Singer's loss for Weston and Watkins's",
)
class CountsTheStrongestClassOnly(Hinge):
    def value(self, z: Array, labels: Labels) -> float:
        return float(np.maximum(margins(z, labels), 0.0).max(axis=1).sum()) / len(z)


@mistake(
    "hinge",
    "The gradient is not divided by the batch size although the loss is a mean.",
    breaks=(
        "hinge_gradient_counts_classes_within_margin",
        "hinge_gradient_is_derivative_of_value",
        "hinge_loss_lies_above_its_tangents",
    ),
    seen="CS231n submissions",
)
class HingeGradientOfTheSum(Hinge):
    def gradient(self, z: Array, labels: Labels) -> SameShape:
        return super().gradient(z, labels) * len(z)


@mistake(
    "hinge",
    "The loss is summed over the batch; the convention declared here is the mean.",
    breaks=(
        "hinge_eq_sum_of_positive_margins",
        "hinge_gradient_is_derivative_of_value",
        "hinge_loss_lies_above_its_tangents",
        "hinge_loss_is_mean_of_losses_of_single_samples",
    ),
    seen="CS231n submissions",
)
class SumsTheHinge(Hinge):
    def value(self, z: Array, labels: Labels) -> float:
        return super().value(z, labels) * len(z)


@mistake(
    "hinge",
    "Every class has a hinge of its own against zero; the scores are to be compared with the label's.",
    breaks=(
        "hinge_eq_sum_of_positive_margins",
        "hinge_gradient_counts_classes_within_margin",
        "hinge_gradient_of_each_sample_sums_to_zero",
        "hinge_loss_is_invariant_under_shift",
        "hinge_of_deck_scores",
        "hinge_is_zero_beyond_the_margin",
    ),
    seen="the binary hinge loss, one against all",
)
class ComparesWithZero(Hinge):
    def value(self, z: Array, labels: Labels) -> float:
        signs = 1.0 - 2.0 * one_hot(labels, z.shape[1])
        return float(np.maximum(1.0 + signs * z, 0.0).sum()) / len(z)

    def gradient(self, z: Array, labels: Labels) -> SameShape:
        signs = 1.0 - 2.0 * one_hot(labels, z.shape[1])
        return signs * (1.0 + signs * z > 0) / len(z)


@mistake(
    "hinge",
    "The loss is divided by the number of classes as well; here it is the mean over samples.",
    breaks=(
        "hinge_eq_sum_of_positive_margins",
        "hinge_gradient_counts_classes_within_margin",
        "hinge_of_deck_scores",
    ),
    seen="torch.nn.functional.multi_margin_loss",
)
class AveragesOverClasses(Hinge):
    def value(self, z: Array, labels: Labels) -> float:
        return super().value(z, labels) / int(z.shape[1])

    def gradient(self, z: Array, labels: Labels) -> SameShape:
        return super().gradient(z, labels) / int(z.shape[1])


@mistake(
    "hinge",
    "The label's score is subtracted in place, so the caller's scores are changed.",
    breaks=("hinge_arguments_are_unchanged",),
    seen="scores -= correct in submissions",
)
class SubtractsLabelScoresInPlace(Hinge):
    def value(self, z: Array, labels: Labels) -> float:
        z -= label_scores(z, labels)
        return super().value(z, labels)
