"""Mistakes in penalties, soft-thresholding and the lasso."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lawbook.mistakes import mistake
from reference.arrays import Array, SameShape
from reference.penalties import (
    ElasticNet,
    L1Penalty,
    L2Penalty,
    Lasso,
    NetworkPenalty,
    SoftThreshold,
    soft_threshold,
)

# L1 ----------------------------------------------------------------------------------------------


@mistake(
    "l1_penalty",
    "The L1 value adds up signs; it must add up magnitudes.",
    breaks=(
        "l1_penalty_value_eq_strength_times_norm",
        "l1_penalty_value_is_above_its_tangents",
        "l1_penalty_gradient_is_the_derivative_of_the_value",
        "l1_penalty_value_is_homogeneous",
    ),
    seen="an FAU submission, fitted to the value that the course's test expects",
)
class CountsSigns(L1Penalty):
    def value(self, w: Array) -> float:
        total: float = 2 * self.strength * np.sign(w).sum()
        return total


@mistake(
    "l1_penalty",
    "The absolute value is missing: positive and negative weights cancel in the L1 value.",
    breaks=(
        "l1_penalty_value_eq_strength_times_norm",
        "l1_penalty_value_is_above_its_tangents",
        "l1_penalty_gradient_is_the_derivative_of_the_value",
        "l1_penalty_value_is_homogeneous",
    ),
    seen="submissions",
)
class ForgetsMagnitude(L1Penalty):
    def value(self, w: Array) -> float:
        total: float = self.strength * w.sum()
        return total


@mistake(
    "l1_penalty",
    "The L1 value is the mean of the magnitudes; it must be their sum.",
    breaks=(
        "l1_penalty_value_eq_strength_times_norm",
        "l1_penalty_value_is_above_its_tangents",
        "l1_penalty_gradient_is_the_derivative_of_the_value",
        "l1_penalty_value_is_the_sum_over_parts",
    ),
    seen="submissions and blog posts",
)
class AveragesMagnitudes(L1Penalty):
    def value(self, w: Array) -> float:
        total: float = self.strength * np.abs(w).mean()
        return total


@mistake(
    "l1_penalty",
    "norm(w, 1) of a matrix is its largest column sum; the penalty needs the sum over all entries.",
    breaks=(
        "l1_penalty_value_eq_strength_times_norm",
        "l1_penalty_value_is_above_its_tangents",
        "l1_penalty_gradient_is_the_derivative_of_the_value",
        "l1_penalty_value_is_the_sum_over_parts",
    ),
    seen="NumPy's norm with ord=1 on matrices",
)
class InducedL1Norm(L1Penalty):
    def value(self, w: Array) -> float:
        if w.ndim != 2:
            return super().value(w)
        return self.strength * float(np.linalg.norm(w, 1))


@mistake(
    "l1_penalty",
    "The L1 value has a factor 1/2; only the L2 penalty has one, if any.",
    breaks=(
        "l1_penalty_value_eq_strength_times_norm",
        "l1_penalty_value_is_above_its_tangents",
        "l1_penalty_gradient_is_the_derivative_of_the_value",
    ),
    seen="formulas of L1 and L2 mixed up",
)
class HalvesL1(L1Penalty):
    def value(self, w: Array) -> float:
        return super().value(w) / 2


@mistake(
    "l1_penalty",
    "The strength does not enter the L1 value.",
    breaks=(
        "l1_penalty_value_eq_strength_times_norm",
        "l1_penalty_value_is_above_its_tangents",
        "l1_penalty_gradient_is_the_derivative_of_the_value",
        "l1_penalty_value_is_proportional_to_strength",
    ),
    seen="submissions",
)
class IgnoresStrengthInL1(L1Penalty):
    def value(self, w: Array) -> float:
        total: float = np.abs(w).sum()
        return total


@mistake(
    "l1_penalty",
    "Dividing w by |w| gives NaN at zero weights; use sign(w), which is 0 there.",
    breaks=(
        "l1_penalty_value_is_above_its_tangents",
        "l1_penalty_gradient_lies_in_the_subdifferential",
        "l1_penalty_gradient_is_zero_at_zero_weights",
    ),
    seen="an FAU submission; the course's test has no zero weight",
)
class DividesByMagnitude(L1Penalty):
    def gradient(self, w: Array) -> SameShape:
        with np.errstate(invalid="ignore"):
            return self.strength * (w / np.abs(w))


@mistake(
    "l1_penalty",
    "The L1 gradient is +strength at zero weights, so that zeros are pushed away; sign(0) is 0.",
    breaks=("l1_penalty_gradient_is_zero_at_zero_weights",),
    seen="an FAU submission, and a mutant that the course's test passes",
)
class PushesZeros(L1Penalty):
    def gradient(self, w: Array) -> SameShape:
        return self.strength * np.where(w >= 0, 1.0, -1.0)


@mistake(
    "l1_penalty",
    "The L1 gradient is the strength for every weight; its sign must be that of the weight.",
    breaks=(
        "l1_penalty_gradient_lies_in_the_subdifferential",
        "l1_penalty_value_is_above_its_tangents",
        "l1_penalty_gradient_is_the_derivative_of_the_value",
    ),
    seen="submissions",
)
class ForgetsSign(L1Penalty):
    def gradient(self, w: Array) -> SameShape:
        return self.strength * np.abs(np.sign(w))


@mistake(
    "l1_penalty",
    "The L1 gradient grows with the weight, as that of L2 does; it must be strength * sign(w).",
    breaks=(
        "l1_penalty_gradient_lies_in_the_subdifferential",
        "l1_penalty_value_is_above_its_tangents",
        "l1_penalty_gradient_is_the_derivative_of_the_value",
    ),
    seen="submissions",
)
class GradientOfL2(L1Penalty):
    def gradient(self, w: Array) -> SameShape:
        return self.strength * w


@mistake(
    "l1_penalty",
    "The gradient overwrites the weights it is given.",
    breaks=("l1_penalty_weights_are_not_changed",),
    seen="in-place operations of FAU submissions",
)
class OverwritesWeights(L1Penalty):
    def gradient(self, w: Array) -> SameShape:
        np.sign(w, out=w)
        return self.strength * w


# L2 ----------------------------------------------------------------------------------------------


@mistake(
    "l2_penalty",
    "The L2 value is the norm itself; the penalty is its square.",
    breaks=(
        "l2_penalty_value_eq_strength_times_norm",
        "l2_penalty_value_is_above_its_tangents",
        "l2_penalty_gradient_is_the_derivative_of_the_value",
        "l2_penalty_value_is_homogeneous",
        "l2_penalty_value_is_the_sum_over_parts",
    ),
    seen="6 FAU submissions",
)
class TakesTheRoot(L2Penalty):
    def value(self, w: Array) -> float:
        return float(self.strength * np.sqrt((w * w).sum()))


@mistake(
    "l2_penalty",
    "The L2 value has a factor 1/2 that was not asked for.",
    breaks=(
        "l2_penalty_value_eq_strength_times_norm",
        "l2_penalty_value_is_above_its_tangents",
        "l2_penalty_gradient_is_the_derivative_of_the_value",
    ),
    seen="lambda and lambda/2 mixed up in decks and libraries",
)
class HalvesL2(L2Penalty):
    def value(self, w: Array) -> float:
        return super().value(w) / 2


@mistake(
    "l2_penalty",
    "The L2 value is twice what it should be.",
    breaks=(
        "l2_penalty_value_eq_strength_times_norm",
        "l2_penalty_value_is_above_its_tangents",
        "l2_penalty_gradient_is_the_derivative_of_the_value",
    ),
    seen="lambda and lambda/2 mixed up in decks and libraries",
)
class DoublesL2(L2Penalty):
    def value(self, w: Array) -> float:
        return super().value(w) * 2


@mistake(
    "l2_penalty",
    "The L2 gradient lacks the factor 2 of the derivative of w^2.",
    breaks=(
        "l2_penalty_gradient_lies_in_the_subdifferential",
        "l2_penalty_value_is_above_its_tangents",
        "l2_penalty_gradient_is_the_derivative_of_the_value",
    ),
    seen="decks that print the penalty lambda ||w||^2 with the step of lambda/2 ||w||^2",
)
class HalvesL2Gradient(L2Penalty):
    def gradient(self, w: Array) -> SameShape:
        return super().gradient(w) / 2


@mistake(
    "l2_penalty",
    "The L2 gradient has a factor 2 too many.",
    breaks=(
        "l2_penalty_gradient_lies_in_the_subdifferential",
        "l2_penalty_value_is_above_its_tangents",
        "l2_penalty_gradient_is_the_derivative_of_the_value",
    ),
    seen="2 FAU submissions, later fixed",
)
class DoublesL2Gradient(L2Penalty):
    def gradient(self, w: Array) -> SameShape:
        return super().gradient(w) * 2


@mistake(
    "l2_penalty",
    "The L2 value is the mean of the squares; it must be their sum.",
    breaks=(
        "l2_penalty_value_eq_strength_times_norm",
        "l2_penalty_value_is_above_its_tangents",
        "l2_penalty_gradient_is_the_derivative_of_the_value",
        "l2_penalty_value_is_the_sum_over_parts",
    ),
    seen="submissions and blog posts",
)
class AveragesSquares(L2Penalty):
    def value(self, w: Array) -> float:
        return super().value(w) / w.size


@mistake(
    "l2_penalty",
    "norm(w, 2) of a matrix is its largest singular value; the penalty needs all squared entries.",
    breaks=(
        "l2_penalty_value_eq_strength_times_norm",
        "l2_penalty_value_is_above_its_tangents",
        "l2_penalty_gradient_is_the_derivative_of_the_value",
        "l2_penalty_value_is_the_sum_over_parts",
    ),
    seen="NumPy's norm with ord=2 on matrices",
)
class SpectralNorm(L2Penalty):
    def value(self, w: Array) -> float:
        if w.ndim != 2:
            return super().value(w)
        return self.value_factor * self.strength * float(np.linalg.norm(w, 2)) ** 2


@mistake(
    "l2_penalty",
    "The last column of the weights is left out of the penalty.",
    breaks=(
        "l2_penalty_value_eq_strength_times_norm",
        "l2_penalty_value_is_above_its_tangents",
        "l2_penalty_gradient_is_the_derivative_of_the_value",
    ),
    seen="an FAU submission that slices the weights [:, :-1]",
)
class LeavesOutLastColumn(L2Penalty):
    def value(self, w: Array) -> float:
        return super().value(w[..., :-1])


@mistake(
    "l2_penalty",
    "The strength is squared in the L2 value.",
    breaks=(
        "l2_penalty_value_eq_strength_times_norm",
        "l2_penalty_value_is_above_its_tangents",
        "l2_penalty_gradient_is_the_derivative_of_the_value",
        "l2_penalty_value_is_proportional_to_strength",
    ),
    seen="parentheses of (strength * w)^2",
)
class SquaresStrength(L2Penalty):
    def value(self, w: Array) -> float:
        return super().value(w) * self.strength


@mistake(
    "l2_penalty",
    "The gradient is computed in place: it overwrites the weights it is given.",
    breaks=("l2_penalty_weights_are_not_changed",),
    seen="in-place operations of FAU submissions",
)
class ScalesWeightsInPlace(L2Penalty):
    def gradient(self, w: Array) -> SameShape:
        w *= self.gradient_factor * self.strength
        return w


# Elastic net -------------------------------------------------------------------------------------


@mistake(
    "elastic_net",
    "The ratio belongs to the L1 part; here it weighs the L2 part.",
    breaks=(
        "elastic_net_value_eq_strength_times_norm",
        "elastic_net_gradient_lies_in_the_subdifferential",
    ),
    seen="libraries differ on which part the ratio names",
)
class SwapsRatio(ElasticNet):
    def __init__(self, *, strength: float, l1_ratio: float, value_factor: float = 0.5) -> None:
        super().__init__(strength=strength, l1_ratio=1 - l1_ratio, value_factor=value_factor)


@mistake(
    "elastic_net",
    "The L2 part has no share 1 - ratio: both parts must add up to one strength.",
    breaks=(
        "elastic_net_value_eq_strength_times_norm",
        "elastic_net_gradient_lies_in_the_subdifferential",
    ),
    seen="submissions",
)
class FullL2Part(ElasticNet):
    def value(self, w: Array) -> float:
        missing = self.value_factor * self.l1_ratio * (w * w).sum()
        return super().value(w) + float(self.strength * missing)

    def gradient(self, w: Array) -> SameShape:
        missing = 2 * self.value_factor * self.l1_ratio * w
        return super().gradient(w) + self.strength * missing


@mistake(
    "elastic_net",
    "The gradient has only the L2 part; the signs of the L1 part are missing.",
    breaks=(
        "elastic_net_gradient_lies_in_the_subdifferential",
        "elastic_net_value_is_above_its_tangents",
        "elastic_net_gradient_is_the_derivative_of_the_value",
    ),
    seen="submissions",
)
class GradientWithoutSigns(ElasticNet):
    def gradient(self, w: Array) -> SameShape:
        return super().gradient(w) - self.strength * self.l1_ratio * np.sign(w)


@mistake(
    "elastic_net",
    "The L1 part of the gradient pushes zero weights away; sign(0) is 0.",
    breaks=("elastic_net_gradient_is_zero_at_zero_weights",),
    seen="comparisons w >= 0 in place of sign(w)",
)
class PushesZerosOfElasticNet(ElasticNet):
    def gradient(self, w: Array) -> SameShape:
        pushed = self.strength * self.l1_ratio
        return super().gradient(w) + np.where(w == 0, pushed, 0.0)


@mistake(
    "elastic_net",
    "The strength multiplies the L1 part only; it belongs to both parts.",
    breaks=(
        "elastic_net_value_eq_strength_times_norm",
        "elastic_net_value_is_above_its_tangents",
        "elastic_net_gradient_is_the_derivative_of_the_value",
        "elastic_net_value_is_proportional_to_strength",
    ),
    seen="missing parentheses",
)
class StrengthOfL1PartOnly(ElasticNet):
    def value(self, w: Array) -> float:
        l2 = self.value_factor * (1 - self.l1_ratio) * (w * w).sum()
        return super().value(w) + float((1 - self.strength) * l2)


@mistake(
    "elastic_net",
    "The ratio is truncated to an integer: every mixture becomes pure L2.",
    breaks=(
        "elastic_net_value_eq_strength_times_norm",
        "elastic_net_gradient_lies_in_the_subdifferential",
        "value_is_a_mixture_of_l1_and_l2",
    ),
    seen="int(ratio) and integer division",
)
class TruncatesRatio(ElasticNet):
    def __init__(self, *, strength: float, l1_ratio: float, value_factor: float = 0.5) -> None:
        ratio = float(int(l1_ratio))
        super().__init__(strength=strength, l1_ratio=ratio, value_factor=value_factor)


@mistake(
    "elastic_net",
    "The value is a mean over the weights; it must be a sum.",
    breaks=(
        "elastic_net_value_eq_strength_times_norm",
        "elastic_net_value_is_above_its_tangents",
        "elastic_net_gradient_is_the_derivative_of_the_value",
        "elastic_net_value_is_the_sum_over_parts",
    ),
    seen="submissions and blog posts",
)
class AveragesElasticNet(ElasticNet):
    def value(self, w: Array) -> float:
        return super().value(w) / w.size


@mistake(
    "elastic_net",
    "The value takes the magnitudes in place: the weights lose their signs.",
    breaks=("elastic_net_weights_are_not_changed",),
    seen="in-place operations of submissions",
)
class TakesMagnitudesInPlace(ElasticNet):
    def value(self, w: Array) -> float:
        return super().value(np.abs(w, out=w))


# Networks ----------------------------------------------------------------------------------------


@mistake(
    "network_penalty",
    "Biases are penalized; only weights should be.",
    breaks=(
        "network_value_is_the_sum_over_layers",
        "network_value_leaves_biases_out",
    ),
    seen="weight_decay given to all parameters; FAU layers that keep the bias in the weight matrix",
)
class PenalizesBiases(NetworkPenalty):
    def value(self, weights: Sequence[Array], biases: Sequence[Array]) -> float:
        return super().value(weights, biases) + super().value(biases, biases)


@mistake(
    "network_penalty",
    "Only the last layer counts: the sum is overwritten (=) where it should grow (+=).",
    breaks=("network_value_is_the_sum_over_layers",),
    seen="FAU submissions",
)
class OnlyLastLayer(NetworkPenalty):
    def value(self, weights: Sequence[Array], biases: Sequence[Array]) -> float:
        return float(self.strengths[-1] * self.size(weights[-1]))


@mistake(
    "network_penalty",
    "Only the first layer counts: the function returns inside the loop.",
    breaks=("network_value_is_the_sum_over_layers",),
    seen="submissions",
)
class OnlyFirstLayer(NetworkPenalty):
    def value(self, weights: Sequence[Array], biases: Sequence[Array]) -> float:
        return float(self.strengths[0] * self.size(weights[0]))


@mistake(
    "network_penalty",
    "All layers get the strength of the first.",
    breaks=("network_value_is_the_sum_over_layers",),
    seen="submissions",
)
class SharesFirstStrength(NetworkPenalty):
    def value(self, weights: Sequence[Array], biases: Sequence[Array]) -> float:
        return float(self.strengths[0] * sum(self.size(w) for w in weights))


@mistake(
    "network_penalty",
    "The strengths are not used.",
    breaks=(
        "network_value_is_the_sum_over_layers",
        "network_layers_count_with_their_own_strength",
    ),
    seen="submissions",
)
class IgnoresStrengths(NetworkPenalty):
    def value(self, weights: Sequence[Array], biases: Sequence[Array]) -> float:
        return float(sum(self.size(w) for w in weights))


@mistake(
    "network_penalty",
    "The layers' penalties are averaged; they must be added.",
    breaks=("network_value_is_the_sum_over_layers",),
    seen="submissions",
)
class AveragesLayers(NetworkPenalty):
    def value(self, weights: Sequence[Array], biases: Sequence[Array]) -> float:
        return super().value(weights, biases) / len(weights)


# Soft-thresholding -------------------------------------------------------------------------------


@mistake(
    "soft_threshold",
    "This is hard thresholding: weights above the level must be reduced by the level too.",
    breaks=(
        "thresholding_eq_sign_times_excess",
        "thresholding_minimizes_half_the_square_plus_l1",
        "thresholding_at_half_minimizes_the_square_plus_l1",
        "thresholding_is_firmly_nonexpansive",
        "thresholding_levels_add_up",
        "thresholding_and_clipping_add_up_to_the_weights",
    ),
    seen="pruning taken for the L1 solution",
)
class HardThreshold(SoftThreshold):
    def apply(self, w: Array) -> SameShape:
        return np.where(np.abs(w) > self.level, w, 0.0)


@mistake(
    "soft_threshold",
    "The maximum with 0 is missing: small weights change their sign and do not become 0.",
    breaks=(
        "thresholding_eq_sign_times_excess",
        "thresholding_minimizes_half_the_square_plus_l1",
        "thresholding_at_half_minimizes_the_square_plus_l1",
        "thresholding_makes_exact_zeros",
        "thresholding_is_firmly_nonexpansive",
        "thresholding_levels_add_up",
        "thresholding_and_clipping_add_up_to_the_weights",
        "thresholding_shrinks_and_is_identity_of_level_zero",
    ),
    seen="the subgradient step w - level sign(w)",
)
class NoClamp(SoftThreshold):
    def apply(self, w: Array) -> SameShape:
        return w - self.level * np.sign(w)


@mistake(
    "soft_threshold",
    "The sign is lost: negative weights come out positive.",
    breaks=(
        "thresholding_eq_sign_times_excess",
        "thresholding_minimizes_half_the_square_plus_l1",
        "thresholding_at_half_minimizes_the_square_plus_l1",
        "thresholding_is_odd",
        "thresholding_is_firmly_nonexpansive",
        "thresholding_and_clipping_add_up_to_the_weights",
        "thresholding_shrinks_and_is_identity_of_level_zero",
    ),
    seen="submissions",
)
class LosesSign(SoftThreshold):
    def apply(self, w: Array) -> SameShape:
        return np.abs(soft_threshold(w, self.level))


@mistake(
    "soft_threshold",
    "The level is subtracted from negative weights too, which moves them away from 0.",
    breaks=(
        "thresholding_eq_sign_times_excess",
        "thresholding_minimizes_half_the_square_plus_l1",
        "thresholding_at_half_minimizes_the_square_plus_l1",
        "thresholding_is_odd",
        "thresholding_is_firmly_nonexpansive",
        "thresholding_levels_add_up",
        "thresholding_and_clipping_add_up_to_the_weights",
        "thresholding_shrinks_and_is_identity_of_level_zero",
    ),
    seen="submissions",
)
class ShiftsNegativeWeightsAway(SoftThreshold):
    def apply(self, w: Array) -> SameShape:
        return np.where(np.abs(w) > self.level, w - self.level, 0.0)


@mistake(
    "soft_threshold",
    "Negative weights all become 0: only the positive side is thresholded.",
    breaks=(
        "thresholding_eq_sign_times_excess",
        "thresholding_minimizes_half_the_square_plus_l1",
        "thresholding_at_half_minimizes_the_square_plus_l1",
        "thresholding_is_odd",
        "thresholding_and_clipping_add_up_to_the_weights",
        "thresholding_shrinks_and_is_identity_of_level_zero",
    ),
    seen="a ReLU taken for soft-thresholding",
)
class OneSided(SoftThreshold):
    def apply(self, w: Array) -> SameShape:
        return np.where(w > 0, soft_threshold(w, self.level), 0.0)


@mistake(
    "soft_threshold",
    "The level is halved: that solves the problem with (x - w)^2, not 1/2 (x - w)^2.",
    breaks=(
        "thresholding_eq_sign_times_excess",
        "thresholding_minimizes_half_the_square_plus_l1",
        "thresholding_at_half_minimizes_the_square_plus_l1",
        "thresholding_makes_exact_zeros",
        "thresholding_and_clipping_add_up_to_the_weights",
    ),
    seen="the other direction of the erratum on the ETH deck's threshold",
)
class HalvesLevel(SoftThreshold):
    def apply(self, w: Array) -> SameShape:
        return soft_threshold(w, self.level / 2)


@mistake(
    "soft_threshold",
    "The level is doubled: (x - w)^2 + mu |x| without the half has the threshold mu/2, not mu.",
    breaks=(
        "thresholding_eq_sign_times_excess",
        "thresholding_minimizes_half_the_square_plus_l1",
        "thresholding_at_half_minimizes_the_square_plus_l1",
        "thresholding_and_clipping_add_up_to_the_weights",
    ),
    seen="the ETH deck prints the threshold mu for the square without the half",
)
class DoublesLevel(SoftThreshold):
    def apply(self, w: Array) -> SameShape:
        return soft_threshold(w, 2 * self.level)


@mistake(
    "soft_threshold",
    "Weights whose magnitude equals the level are kept; they must become 0.",
    breaks=(
        "thresholding_eq_sign_times_excess",
        "thresholding_minimizes_half_the_square_plus_l1",
        "thresholding_at_half_minimizes_the_square_plus_l1",
        "thresholding_makes_exact_zeros",
        "thresholding_is_firmly_nonexpansive",
        "thresholding_levels_add_up",
        "thresholding_and_clipping_add_up_to_the_weights",
    ),
    seen="comparisons with < where <= is due",
)
class KeepsTies(SoftThreshold):
    def apply(self, w: Array) -> SameShape:
        return np.where(np.abs(w) == self.level, w, soft_threshold(w, self.level))


@mistake(
    "soft_threshold",
    "Large weights are left as they are; every weight above the level is reduced by the level.",
    breaks=(
        "thresholding_eq_sign_times_excess",
        "thresholding_minimizes_half_the_square_plus_l1",
        "thresholding_at_half_minimizes_the_square_plus_l1",
        "thresholding_is_firmly_nonexpansive",
        "thresholding_levels_add_up",
        "thresholding_and_clipping_add_up_to_the_weights",
    ),
    seen="other thresholding rules, such as SCAD",
)
class SparesLargeWeights(SoftThreshold):
    def apply(self, w: Array) -> SameShape:
        return np.where(np.abs(w) > 3 * self.level, w, soft_threshold(w, self.level))


@mistake(
    "soft_threshold",
    "The weights are scaled by a factor; soft-thresholding subtracts the level.",
    breaks=(
        "thresholding_eq_sign_times_excess",
        "thresholding_minimizes_half_the_square_plus_l1",
        "thresholding_at_half_minimizes_the_square_plus_l1",
        "thresholding_makes_exact_zeros",
        "thresholding_levels_add_up",
        "thresholding_and_clipping_add_up_to_the_weights",
    ),
    seen="the L2 solution w / (1 + level) taken for that of L1",
)
class ScalesLikeRidge(SoftThreshold):
    def apply(self, w: Array) -> SameShape:
        return w / (1 + self.level)


# The lasso ---------------------------------------------------------------------------------------


@mistake(
    "lasso",
    "The threshold is the strength; in a step of size eta it is eta times the strength.",
    breaks=(
        "lasso_solution_meets_the_optimality_conditions",
        "lasso_objective_never_rises",
        "lasso_is_soft_thresholding_of_orthonormal_design",
    ),
    seen="submissions",
)
class ThresholdWithoutStepSize(Lasso):
    def solve(self, X: Array, y: Array) -> Array:
        rate = 1 / (X * X).sum()
        w: Array = np.zeros(X.shape[1])
        for _ in range(self.steps):
            w = soft_threshold(w - rate * (X.T @ (X @ w - y)), self.strength)
        return w


@mistake(
    "lasso",
    "Subgradient steps reach no exact zeros; each step must end with soft-thresholding.",
    breaks=(
        "lasso_solution_meets_the_optimality_conditions",
        "lasso_objective_never_rises",
        "lasso_weights_are_exactly_zero_of_large_strength",
        "lasso_is_soft_thresholding_of_orthonormal_design",
    ),
    seen="the update w - eta lambda sign(w) of the FAU and CMU decks",
)
class SubgradientSteps(Lasso):
    def solve(self, X: Array, y: Array) -> Array:
        rate = 1 / (X * X).sum()
        w: Array = np.zeros(X.shape[1])
        for _ in range(self.steps):
            w = w - rate * (X.T @ (X @ w - y) + self.strength * np.sign(w))
        return w


@mistake(
    "lasso",
    "There is no threshold at all: this is least squares.",
    breaks=(
        "lasso_solution_meets_the_optimality_conditions",
        "lasso_objective_never_rises",
        "lasso_weights_are_exactly_zero_of_large_strength",
        "lasso_is_soft_thresholding_of_orthonormal_design",
    ),
    seen="submissions",
)
class LeastSquares(Lasso):
    def __init__(self, *, strength: float, steps: int) -> None:
        super().__init__(strength=0.0, steps=steps)


@mistake(
    "lasso",
    "The data term is averaged over the rows here; then the same strength weighs n times as much.",
    breaks=(
        "lasso_solution_meets_the_optimality_conditions",
        "lasso_objective_never_rises",
        "lasso_is_soft_thresholding_of_orthonormal_design",
    ),
    seen="sum and mean of the squared error mixed up between decks and libraries",
)
class AveragesDataTerm(Lasso):
    def solve(self, X: Array, y: Array) -> Array:
        return Lasso(strength=self.strength * len(y), steps=self.steps).solve(X, y)


@mistake(
    "lasso",
    "The gradient has the factor 2 of the squared error without 1/2: the strength counts half.",
    breaks=(
        "lasso_solution_meets_the_optimality_conditions",
        "lasso_objective_never_rises",
        "lasso_is_soft_thresholding_of_orthonormal_design",
    ),
    seen="1/2 ||y - Xw||^2 and ||y - Xw||^2 mixed up",
)
class DoublesDataTerm(Lasso):
    def solve(self, X: Array, y: Array) -> Array:
        return Lasso(strength=self.strength / 2, steps=self.steps).solve(X, y)


@mistake(
    "lasso",
    "Only one step is made: a linear problem with a penalty is not solved at once.",
    breaks=(
        "lasso_solution_meets_the_optimality_conditions",
        "lasso_is_soft_thresholding_of_orthonormal_design",
    ),
    seen="a return inside the loop",
)
class OneStepOnly(Lasso):
    def __init__(self, *, strength: float, steps: int) -> None:
        super().__init__(strength=strength, steps=1)


@mistake(
    "lasso",
    "The gradient step goes uphill: its sign is wrong.",
    breaks=(
        "lasso_solution_meets_the_optimality_conditions",
        "lasso_objective_never_rises",
        "lasso_is_soft_thresholding_of_orthonormal_design",
    ),
    seen="y - Xw in place of Xw - y",
)
class GoesUphill(Lasso):
    def solve(self, X: Array, y: Array) -> Array:
        rate = 1 / (X * X).sum()
        w: Array = np.zeros(X.shape[1])
        for _ in range(self.steps):
            w = soft_threshold(w + rate * (X.T @ (X @ w - y)), rate * self.strength)
        return w
