"""Mistakes in norm constraints."""

from __future__ import annotations

import numpy as np

from lawbook.mistakes import mistake
from reference.arrays import Array, SameShape
from reference.constraints import L1Ball, L2Ball, MaxNorm, shrink_factor
from reference.penalties import soft_threshold


@mistake(
    "l2_ball",
    "Every vector is scaled to the radius, those inside the ball too; they must stay as they are.",
    breaks=(
        "l2_ball_output_is_the_projection",
        "l2_ball_length_is_capped_at_the_radius",
        "l2_ball_points_inside_are_left_as_they_are",
        "l2_ball_output_is_the_nearest_point",
        "l2_ball_projecting_is_firmly_nonexpansive",
        "l2_ball_direction_is_kept",
    ),
    seen="normalization taken for a constraint",
)
class ScalesInsideToo(L2Ball):
    def apply(self, w: Array) -> SameShape:
        norm = np.sqrt((w * w).sum())
        return w * (self.radius / norm) if norm > 0 else w


@mistake(
    "l2_ball",
    "Dividing by the norm gives NaN for zero weights; the projection of 0 is 0.",
    breaks=(
        "l2_ball_direction_is_kept",
        "l2_ball_output_is_in_the_ball",
        "l2_ball_output_is_the_nearest_point",
        "l2_ball_points_inside_are_left_as_they_are",
        "l2_ball_projecting_is_firmly_nonexpansive",
        "l2_ball_output_is_the_projection",
        "l2_ball_length_is_capped_at_the_radius",
        "l2_ball_zero_stays_zero",
    ),
    seen="the formula min{1, r/|v|} v of the ETH deck as printed",
)
class NanAtZero(L2Ball):
    def apply(self, w: Array) -> SameShape:
        norm = np.sqrt((w * w).sum())
        with np.errstate(invalid="ignore"):
            return w if 0 < norm <= self.radius else self.radius * (w / norm)


@mistake(
    "l2_ball",
    "Every entry is clipped to the radius; the norm of the whole vector must be limited.",
    breaks=(
        "l2_ball_output_is_the_projection",
        "l2_ball_output_is_in_the_ball",
        "l2_ball_length_is_capped_at_the_radius",
        "l2_ball_direction_is_kept",
    ),
    seen="gradient clipping by value taken for clipping by norm",
)
class ClipsEntries(L2Ball):
    def apply(self, w: Array) -> SameShape:
        return np.clip(w, -self.radius, self.radius)


@mistake(
    "l2_ball",
    "The squared norm is compared with the radius: the ball has the root of the radius.",
    breaks=(
        "l2_ball_output_is_the_projection",
        "l2_ball_output_is_in_the_ball",
        "l2_ball_length_is_capped_at_the_radius",
        "l2_ball_points_inside_are_left_as_they_are",
        "l2_ball_output_is_the_nearest_point",
    ),
    seen="decks that write both ||w||^2 <= alpha and ||w|| <= alpha",
)
class RadiusOfSquare(L2Ball):
    def apply(self, w: Array) -> SameShape:
        return w * shrink_factor(np.sqrt((w * w).sum()), float(np.sqrt(self.radius)))


@mistake(
    "l2_ball",
    "The weights end on the unit ball whatever the radius is.",
    breaks=(
        "l2_ball_output_is_the_projection",
        "l2_ball_output_is_in_the_ball",
        "l2_ball_length_is_capped_at_the_radius",
        "l2_ball_points_inside_are_left_as_they_are",
        "l2_ball_output_is_the_nearest_point",
    ),
    seen="the FAU deck's projection to the unit ball",
)
class UnitBall(L2Ball):
    def apply(self, w: Array) -> SameShape:
        return w * shrink_factor(np.sqrt((w * w).sum()), 1.0)


@mistake(
    "l2_ball",
    "The radius is forgotten in the scaling: vectors outside are scaled to length 1.",
    breaks=(
        "l2_ball_output_is_the_projection",
        "l2_ball_output_is_in_the_ball",
        "l2_ball_length_is_capped_at_the_radius",
        "l2_ball_output_is_the_nearest_point",
        "l2_ball_projecting_is_firmly_nonexpansive",
    ),
    seen="submissions",
)
class ScalesToOne(L2Ball):
    def apply(self, w: Array) -> SameShape:
        norm = np.sqrt((w * w).sum())
        return w / norm if norm > self.radius else w


@mistake(
    "l2_ball",
    "Vectors outside the ball are set to zero; they must be shortened.",
    breaks=(
        "l2_ball_output_is_the_projection",
        "l2_ball_length_is_capped_at_the_radius",
        "l2_ball_output_is_the_nearest_point",
        "l2_ball_projecting_is_firmly_nonexpansive",
    ),
    seen="submissions",
)
class ZeroesOutside(L2Ball):
    def apply(self, w: Array) -> SameShape:
        return w if np.sqrt((w * w).sum()) <= self.radius else np.zeros_like(w)


@mistake(
    "l2_ball",
    "The sum of magnitudes is limited in place of the Euclidean norm.",
    breaks=(
        "l2_ball_output_is_the_projection",
        "l2_ball_length_is_capped_at_the_radius",
        "l2_ball_points_inside_are_left_as_they_are",
        "l2_ball_output_is_the_nearest_point",
    ),
    seen="norm(w, 1) for norm(w)",
)
class UsesL1Norm(L2Ball):
    def apply(self, w: Array) -> SameShape:
        return w * shrink_factor(np.abs(w).sum(), self.radius)


@mistake(
    "l2_ball",
    "Vectors outside are divided by the radius; they must be multiplied by radius / norm.",
    breaks=(
        "l2_ball_output_is_the_projection",
        "l2_ball_output_is_in_the_ball",
        "l2_ball_length_is_capped_at_the_radius",
        "l2_ball_projecting_twice_is_projecting_once",
        "l2_ball_output_is_the_nearest_point",
        "l2_ball_projecting_is_firmly_nonexpansive",
        "l2_ball_direction_is_kept",
    ),
    seen="submissions",
)
class DividesByRadius(L2Ball):
    def apply(self, w: Array) -> SameShape:
        return w / self.radius if np.sqrt((w * w).sum()) > self.radius else w


@mistake(
    "max_norm",
    "The norms run along the wrong axis: it is each unit's incoming weights that are limited.",
    breaks=(
        "units_are_projected_on_their_own",
        "units_do_not_affect_each_other",
        "max_norm_output_is_in_the_ball",
        "max_norm_length_is_capped_at_the_radius",
        "max_norm_output_is_the_nearest_point",
        "max_norm_direction_is_kept",
    ),
    seen="y = Wx and y = xW mixed up",
)
class WrongAxis(MaxNorm):
    def apply(self, w: Array) -> SameShape:
        norms = np.sqrt((w * w).sum(axis=1 - self.along, keepdims=True))
        return w * shrink_factor(norms, self.radius, self.slack)


@mistake(
    "max_norm",
    "The norm of the whole matrix is limited; each unit has its own ball.",
    breaks=(
        "units_are_projected_on_their_own",
        "units_do_not_affect_each_other",
        "max_norm_length_is_capped_at_the_radius",
        "max_norm_output_is_the_nearest_point",
    ),
    seen="submissions",
)
class WholeMatrix(MaxNorm):
    def apply(self, w: Array) -> SameShape:
        return w * shrink_factor(np.sqrt((w * w).sum()), self.radius, self.slack)


@mistake(
    "max_norm",
    "All units are scaled by the factor of the largest one.",
    breaks=(
        "units_are_projected_on_their_own",
        "units_do_not_affect_each_other",
        "max_norm_length_is_capped_at_the_radius",
        "max_norm_output_is_the_nearest_point",
    ),
    seen="a maximum over units in the scaling factor",
)
class FactorOfLargestUnit(MaxNorm):
    def apply(self, w: Array) -> SameShape:
        norms = np.sqrt((w * w).sum(axis=self.along))
        return w * shrink_factor(norms.max(), self.radius, self.slack)


@mistake(
    "max_norm",
    "Units inside the ball are scaled up to the radius; they must stay as they are.",
    breaks=(
        "units_are_projected_on_their_own",
        "max_norm_length_is_capped_at_the_radius",
        "max_norm_points_inside_are_left_as_they_are",
        "max_norm_output_is_the_nearest_point",
        "max_norm_projecting_is_firmly_nonexpansive",
        "max_norm_direction_is_kept",
    ),
    seen="normalization taken for a constraint",
)
class NormalizesUnits(MaxNorm):
    def apply(self, w: Array) -> SameShape:
        norms = np.sqrt((w * w).sum(axis=self.along, keepdims=True))
        return np.where(norms > 0, w * (self.radius / np.where(norms > 0, norms, 1.0)), 0.0)


@mistake(
    "max_norm",
    "Zero weights become NaN: 0 is divided by its norm 0.",
    breaks=(
        "max_norm_direction_is_kept",
        "max_norm_output_is_in_the_ball",
        "max_norm_output_is_the_nearest_point",
        "max_norm_projecting_is_firmly_nonexpansive",
        "units_are_projected_on_their_own",
        "max_norm_length_is_capped_at_the_radius",
        "max_norm_points_inside_are_left_as_they_are",
        "max_norm_zero_stays_zero",
    ),
    seen="minimum(1, r / norm) with r / 0 * 0",
)
class NanForZeroUnits(MaxNorm):
    def apply(self, w: Array) -> SameShape:
        norms = np.sqrt((w * w).sum(axis=self.along, keepdims=True))
        with np.errstate(invalid="ignore"):
            return np.where((norms > 0) & (norms <= self.radius), w, self.radius * (w / norms))


@mistake(
    "max_norm",
    "Every entry is clipped to the radius; the norm of each unit's weights must be limited.",
    breaks=(
        "units_are_projected_on_their_own",
        "max_norm_output_is_in_the_ball",
        "max_norm_length_is_capped_at_the_radius",
        "max_norm_direction_is_kept",
    ),
    seen="clipping by value taken for clipping by norm",
)
class ClipsEntriesOfUnits(MaxNorm):
    def apply(self, w: Array) -> SameShape:
        return np.clip(w, -self.radius, self.radius)


@mistake(
    "max_norm",
    "The squared norm is compared with the radius.",
    breaks=(
        "units_are_projected_on_their_own",
        "max_norm_length_is_capped_at_the_radius",
        "max_norm_points_inside_are_left_as_they_are",
        "max_norm_output_is_the_nearest_point",
        "max_norm_projecting_is_firmly_nonexpansive",
    ),
    seen="a forgotten square root",
)
class SquaredUnitNorms(MaxNorm):
    def apply(self, w: Array) -> SameShape:
        squares = (w * w).sum(axis=self.along, keepdims=True)
        return w * shrink_factor(squares, self.radius, self.slack)


@mistake(
    "max_norm",
    "Units outside are divided by the radius; they must be multiplied by radius / norm.",
    breaks=(
        "units_are_projected_on_their_own",
        "max_norm_output_is_in_the_ball",
        "max_norm_length_is_capped_at_the_radius",
        "max_norm_projecting_twice_is_projecting_once",
        "max_norm_output_is_the_nearest_point",
        "max_norm_projecting_is_firmly_nonexpansive",
        "max_norm_direction_is_kept",
    ),
    seen="submissions",
)
class DividesUnitsByRadius(MaxNorm):
    def apply(self, w: Array) -> SameShape:
        norms = np.sqrt((w * w).sum(axis=self.along, keepdims=True))
        return np.where(norms > self.radius, w / self.radius, w)


@mistake(
    "l1_ball",
    "The weights are divided by their L1 norm: that is on the ball, but not the nearest point.",
    breaks=(
        "l1_ball_output_is_the_projection",
        "l1_ball_output_is_the_nearest_point",
        "l1_ball_projecting_is_firmly_nonexpansive",
        "output_is_soft_thresholding_at_one_level",
    ),
    seen="the rule of the L2 ball used for L1",
)
class Rescales(L1Ball):
    def apply(self, w: Array) -> SameShape:
        return w * shrink_factor(np.abs(w).sum(), self.radius)


@mistake(
    "l1_ball",
    "The threshold is the radius; it must be the level at which the norm is the radius.",
    breaks=(
        "l1_ball_output_is_the_projection",
        "l1_ball_output_is_in_the_ball",
        "l1_ball_length_is_capped_at_the_radius",
        "l1_ball_points_inside_are_left_as_they_are",
        "l1_ball_projecting_twice_is_projecting_once",
        "l1_ball_output_is_the_nearest_point",
    ),
    seen="strength of the penalty and radius of the constraint mixed up",
)
class ThresholdsAtRadius(L1Ball):
    def apply(self, w: Array) -> SameShape:
        return soft_threshold(w, self.radius)


@mistake(
    "l1_ball",
    "The excess is shared among all entries, those that become zero included.",
    breaks=(
        "l1_ball_output_is_the_projection",
        "l1_ball_output_is_in_the_ball",
        "l1_ball_length_is_capped_at_the_radius",
        "l1_ball_projecting_twice_is_projecting_once",
        "l1_ball_projecting_is_firmly_nonexpansive",
    ),
    seen="implementations without the sorting step",
)
class SharesExcessAmongAll(L1Ball):
    def apply(self, w: Array) -> SameShape:
        excess = np.abs(w).sum() - self.radius
        return soft_threshold(w, max(float(excess), 0.0) / w.size)


@mistake(
    "l1_ball",
    "Points inside the ball are moved out to its surface: the level must not be negative.",
    breaks=(
        "l1_ball_output_is_the_projection",
        "l1_ball_length_is_capped_at_the_radius",
        "l1_ball_points_inside_are_left_as_they_are",
        "l1_ball_output_is_the_nearest_point",
        "l1_ball_projecting_is_firmly_nonexpansive",
        "output_is_soft_thresholding_at_one_level",
    ),
    seen="implementations without the test whether the point is inside",
)
class MovesInsideOut(L1Ball):
    def apply(self, w: Array) -> SameShape:
        excess = float(np.abs(w).sum() - self.radius)
        return soft_threshold(w, excess / w.size) if excess < 0 else super().apply(w)


@mistake(
    "l1_ball",
    "The Euclidean norm is limited in place of the sum of magnitudes.",
    breaks=(
        "l1_ball_output_is_the_projection",
        "l1_ball_output_is_in_the_ball",
        "l1_ball_length_is_capped_at_the_radius",
        "output_is_soft_thresholding_at_one_level",
    ),
    seen="norm(w) for norm(w, 1)",
)
class UsesL2Norm(L1Ball):
    def apply(self, w: Array) -> SameShape:
        return w * shrink_factor(np.sqrt((w * w).sum()), self.radius)


@mistake(
    "l1_ball",
    "The signs are lost: this projects the magnitudes.",
    breaks=(
        "l1_ball_output_is_the_projection",
        "l1_ball_points_inside_are_left_as_they_are",
        "l1_ball_output_is_the_nearest_point",
        "l1_ball_projecting_is_firmly_nonexpansive",
        "output_is_soft_thresholding_at_one_level",
    ),
    seen="the simplex projection used as it stands",
)
class LosesSigns(L1Ball):
    def apply(self, w: Array) -> SameShape:
        return np.abs(super().apply(w))


@mistake(
    "l1_ball",
    "Zero weights become NaN: their sign is computed as w / |w|.",
    breaks=(
        "l1_ball_output_is_in_the_ball",
        "l1_ball_output_is_the_nearest_point",
        "l1_ball_projecting_is_firmly_nonexpansive",
        "l1_ball_output_is_the_projection",
        "l1_ball_length_is_capped_at_the_radius",
        "l1_ball_points_inside_are_left_as_they_are",
        "l1_ball_zero_stays_zero",
        "l1_ball_projecting_twice_is_projecting_once",
    ),
    seen="w / |w| for sign(w), as in L1 gradients of submissions",
)
class NanForZeroEntries(L1Ball):
    def apply(self, w: Array) -> SameShape:
        with np.errstate(invalid="ignore"):
            return (w / np.abs(w)) * np.abs(super().apply(w))
