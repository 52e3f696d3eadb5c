"""Mistakes in early stopping, gradient descent on a quadratic, and ridge."""

from __future__ import annotations

import numpy as np

from lawbook.mistakes import mistake
from reference.arrays import Array
from reference.early_stopping import (
    EarlyStopping,
    GradientDescent,
    Ridge,
    quadratic_gradient,
    solve,
)


@mistake(
    "early_stopping",
    "Training runs one bad epoch more than the declared patience.",
    breaks=("stops_and_returns_by_the_rule", "patience_starts_anew_at_each_improvement"),
    seen="Keras issue 8100",
)
class StopsOneEpochLate(EarlyStopping):
    def run(self, losses: Array, parameters: Array) -> tuple[int, int, Array]:
        self.patience += 1
        return super().run(losses, parameters)


@mistake(
    "early_stopping",
    "Training stops one bad epoch before the declared patience.",
    breaks=("stops_and_returns_by_the_rule", "patience_starts_anew_at_each_improvement"),
)
class StopsOneEpochEarly(EarlyStopping):
    def run(self, losses: Array, parameters: Array) -> tuple[int, int, Array]:
        self.patience -= 1
        return super().run(losses, parameters)


class Counting(EarlyStopping):
    """The rule in pieces, one of which each mistake replaces."""

    def improves(self, losses: Array, epoch: int, best: int) -> bool:
        return bool(losses[epoch] < losses[best] - self.min_delta)

    def counted(self, bad: int) -> int:
        return 0

    def chosen(self, losses: Array, best: int, epoch: int) -> int:
        return best

    def run(self, losses: Array, parameters: Array) -> tuple[int, int, Array]:
        best = bad = epoch = 0
        for epoch in range(1, len(losses)):
            if self.improves(losses, epoch, best):
                best, bad = epoch, self.counted(bad)
                continue
            bad += 1
            if bad >= self.patience + (self.stop_when == "exceeds"):
                break
        best = self.chosen(losses, best, epoch)
        return epoch + 1, best, parameters[best]


@mistake(
    "early_stopping",
    "An equal loss counts as an improvement.",
    breaks=(
        "stops_and_returns_by_the_rule",
        "returns_the_first_minimum_of_the_epochs_run",
        "endless_patience_finds_the_minimum",
    ),
)
class TiesImprove(Counting):
    def improves(self, losses: Array, epoch: int, best: int) -> bool:
        return bool(losses[epoch] <= losses[best] - self.min_delta)


@mistake(
    "early_stopping",
    "min_delta has no effect.",
    breaks=("stops_and_returns_by_the_rule",),
    seen="an issue of ciclo",
)
class IgnoresMinDelta(Counting):
    def improves(self, losses: Array, epoch: int, best: int) -> bool:
        return bool(losses[epoch] < losses[best])


@mistake(
    "early_stopping",
    "min_delta has the wrong sign: worse losses count as better.",
    breaks=("stops_and_returns_by_the_rule",),
)
class AddsMinDelta(Counting):
    def improves(self, losses: Array, epoch: int, best: int) -> bool:
        return bool(losses[epoch] < losses[best] + self.min_delta)


@mistake(
    "early_stopping",
    "The loss is compared with the previous one, not the best.",
    breaks=(
        "stops_and_returns_by_the_rule",
        "returns_the_first_minimum_of_the_epochs_run",
        "returned_loss_is_not_worse_than_the_last",
        "endless_patience_finds_the_minimum",
    ),
)
class ComparesWithPrevious(Counting):
    def improves(self, losses: Array, epoch: int, best: int) -> bool:
        return bool(losses[epoch] < losses[epoch - 1] - self.min_delta)


@mistake(
    "early_stopping",
    "The largest loss is kept; the smallest is the best.",
    breaks=(
        "stops_and_returns_by_the_rule",
        "returns_the_first_minimum_of_the_epochs_run",
        "returned_loss_is_not_worse_than_the_last",
        "endless_patience_finds_the_minimum",
        "patience_starts_anew_at_each_improvement",
    ),
)
class Maximises(Counting):
    def improves(self, losses: Array, epoch: int, best: int) -> bool:
        return bool(losses[epoch] > losses[best] + self.min_delta)


@mistake(
    "early_stopping",
    "min_delta is a share of the best loss; it is an absolute difference.",
    breaks=(
        "stops_and_returns_by_the_rule",
        "returned_loss_is_not_worse_than_the_last",
        "decision_is_that_of_a_rescaled_loss",
    ),
)
class MinDeltaIsRelative(Counting):
    def improves(self, losses: Array, epoch: int, best: int) -> bool:
        return bool(losses[epoch] < losses[best] - self.min_delta * abs(losses[best]))


@mistake(
    "early_stopping",
    "An improvement does not set the count of bad epochs to 0.",
    breaks=("stops_and_returns_by_the_rule", "patience_starts_anew_at_each_improvement"),
)
class NeverResetsPatience(Counting):
    def counted(self, bad: int) -> int:
        return bad


@mistake(
    "early_stopping",
    "An improvement takes only one bad epoch back.",
    breaks=("stops_and_returns_by_the_rule", "patience_starts_anew_at_each_improvement"),
)
class TakesOneBadEpochBack(Counting):
    def counted(self, bad: int) -> int:
        return max(bad - 1, 0)


@mistake(
    "early_stopping",
    "The parameters of the last epoch are given back, not those of the best.",
    breaks=("stops_and_returns_by_the_rule", "returns_the_first_minimum_of_the_epochs_run"),
    seen="an issue of Keras",
)
class ReturnsLastParameters(EarlyStopping):
    def run(self, losses: Array, parameters: Array) -> tuple[int, int, Array]:
        run, best, _ = super().run(losses, parameters)
        return run, best, parameters[run - 1]


@mistake(
    "early_stopping",
    "The epoch after the best is given back: the snapshot is taken one epoch late.",
    breaks=(
        "stops_and_returns_by_the_rule",
        "returns_the_first_minimum_of_the_epochs_run",
        "returned_loss_is_not_worse_than_the_last",
        "endless_patience_finds_the_minimum",
        "patience_starts_anew_at_each_improvement",
    ),
    seen="Keras issue 20323",
)
class ReturnsEpochAfterBest(Counting):
    def chosen(self, losses: Array, best: int, epoch: int) -> int:
        return min(best + 1, epoch)


@mistake(
    "early_stopping",
    "The last epoch is given back as the best.",
    breaks=(
        "stops_and_returns_by_the_rule",
        "returns_the_first_minimum_of_the_epochs_run",
        "endless_patience_finds_the_minimum",
        "patience_starts_anew_at_each_improvement",
    ),
)
class ReturnsLastEpoch(Counting):
    def chosen(self, losses: Array, best: int, epoch: int) -> int:
        return epoch


@mistake(
    "early_stopping",
    "The best epoch is counted from 1; epochs count from 0.",
    breaks=(
        "stops_and_returns_by_the_rule",
        "returns_the_first_minimum_of_the_epochs_run",
        "endless_patience_finds_the_minimum",
        "patience_starts_anew_at_each_improvement",
    ),
)
class CountsEpochsFromOne(EarlyStopping):
    def run(self, losses: Array, parameters: Array) -> tuple[int, int, Array]:
        run, best, kept = super().run(losses, parameters)
        return run, best + 1, kept


@mistake(
    "early_stopping",
    "The best epoch of the whole curve is used, also after the stop.",
    breaks=(
        "stops_and_returns_by_the_rule",
        "returns_the_first_minimum_of_the_epochs_run",
        "patience_starts_anew_at_each_improvement",
        "decision_does_not_look_ahead",
    ),
)
class LooksAhead(EarlyStopping):
    def run(self, losses: Array, parameters: Array) -> tuple[int, int, Array]:
        run, _, _ = super().run(losses, parameters)
        best = int(np.argmin(losses))
        return run, best, parameters[best]


@mistake(
    "early_stopping",
    "Training never stops; only the best epoch is remembered.",
    breaks=("stops_and_returns_by_the_rule", "patience_starts_anew_at_each_improvement"),
)
class NeverStops(EarlyStopping):
    def run(self, losses: Array, parameters: Array) -> tuple[int, int, Array]:
        self.patience = len(losses)
        return super().run(losses, parameters)


@mistake(
    "early_stopping",
    "The decision uses the size of the parameters, not the loss.",
    breaks=(
        "stops_and_returns_by_the_rule",
        "returns_the_first_minimum_of_the_epochs_run",
        "returned_loss_is_not_worse_than_the_last",
        "endless_patience_finds_the_minimum",
        "decision_depends_on_validation_losses_only",
    ),
)
class WatchesParameters(EarlyStopping):
    def run(self, losses: Array, parameters: Array) -> tuple[int, int, Array]:
        return super().run(parameters[:, 0], parameters)


@mistake(
    "gradient_descent",
    "The step goes up the gradient.",
    breaks=(
        "iterates_follow_closed_form",
        "descent_converges_where_the_rate_is_below_two_over_curvature",
        "descent_continues_where_it_stopped",
        "kept_part_is_linear_up_to_the_binomial_bound",
        "early_stopping_equals_l2_to_first_order",
        "early_stopping_never_shrinks_more_than_l2",
        "early_stopping_and_l2_differ_by_a_fifth_at_most",
        "no_single_penalty_equals_early_stopping_of_distinct_eigenvalues",
        "early_stopping_equals_l2_of_one_eigenvalue",
        "fewer_steps_shrink_more",
    ),
)
class StepsUphill(GradientDescent):
    def run(self, H: Array, optimum: Array, start: Array, steps: int) -> Array:
        self.learning_rate = -self.learning_rate
        return super().run(H, optimum, start, steps)


@mistake(
    "gradient_descent",
    "The gradient of the quadratic is halved.",
    breaks=(
        "iterates_follow_closed_form",
        "descent_converges_where_the_rate_is_below_two_over_curvature",
        "kept_part_is_linear_up_to_the_binomial_bound",
        "early_stopping_equals_l2_to_first_order",
        "early_stopping_never_shrinks_more_than_l2",
        "early_stopping_and_l2_differ_by_a_fifth_at_most",
        "no_single_penalty_equals_early_stopping_of_distinct_eigenvalues",
        "early_stopping_equals_l2_of_one_eigenvalue",
    ),
)
class TakesHalfSteps(GradientDescent):
    def run(self, H: Array, optimum: Array, start: Array, steps: int) -> Array:
        return super().run(H / 2, optimum, start, steps)


@mistake(
    "gradient_descent",
    "The gradient is doubled: 1/2 is missing in the quadratic.",
    breaks=(
        "iterates_follow_closed_form",
        "descent_converges_where_the_rate_is_below_two_over_curvature",
        "kept_part_is_linear_up_to_the_binomial_bound",
        "early_stopping_equals_l2_to_first_order",
        "early_stopping_never_shrinks_more_than_l2",
        "early_stopping_and_l2_differ_by_a_fifth_at_most",
        "no_single_penalty_equals_early_stopping_of_distinct_eigenvalues",
        "early_stopping_equals_l2_of_one_eigenvalue",
        "fewer_steps_shrink_more",
    ),
)
class TakesDoubleSteps(GradientDescent):
    def run(self, H: Array, optimum: Array, start: Array, steps: int) -> Array:
        return super().run(2 * H, optimum, start, steps)


@mistake(
    "gradient_descent",
    "One step too many is taken.",
    breaks=(
        "iterates_follow_closed_form",
        "descent_continues_where_it_stopped",
        "kept_part_is_linear_up_to_the_binomial_bound",
        "early_stopping_equals_l2_to_first_order",
        "no_single_penalty_equals_early_stopping_of_distinct_eigenvalues",
        "early_stopping_equals_l2_of_one_eigenvalue",
    ),
)
class TakesOneStepMore(GradientDescent):
    def run(self, H: Array, optimum: Array, start: Array, steps: int) -> Array:
        return super().run(H, optimum, start, steps + 1)


@mistake(
    "gradient_descent",
    "The start is ignored; descent always begins at 0.",
    breaks=(
        "iterates_follow_closed_form",
        "descent_converges_where_the_rate_is_below_two_over_curvature",
        "descent_continues_where_it_stopped",
        "descent_regularizes_towards_its_start",
    ),
)
class StartsAtZero(GradientDescent):
    def run(self, H: Array, optimum: Array, start: Array, steps: int) -> Array:
        return super().run(H, optimum, 0 * start, steps)


@mistake(
    "gradient_descent",
    "The power is linearised: I - t eta H for (I - eta H)^t.",
    breaks=(
        "iterates_follow_closed_form",
        "descent_converges_where_the_rate_is_below_two_over_curvature",
        "descent_continues_where_it_stopped",
        "early_stopping_and_l2_differ_by_a_fifth_at_most",
        "no_single_penalty_equals_early_stopping_of_distinct_eigenvalues",
        "early_stopping_equals_l2_of_one_eigenvalue",
        "fewer_steps_shrink_more",
    ),
)
class LinearisesThePower(GradientDescent):
    def run(self, H: Array, optimum: Array, start: Array, steps: int) -> Array:
        gradient: Array = quadratic_gradient(H, optimum, start)
        return start - steps * self.learning_rate * gradient


@mistake(
    "gradient_descent",
    "The flow exp(-t eta H) stands for the steps (I - eta H)^t.",
    breaks=(
        "iterates_follow_closed_form",
        "descent_converges_where_the_rate_is_below_two_over_curvature",
        "descent_continues_where_it_stopped",
        "kept_part_is_linear_up_to_the_binomial_bound",
        "no_single_penalty_equals_early_stopping_of_distinct_eigenvalues",
        "early_stopping_equals_l2_of_one_eigenvalue",
    ),
)
class FollowsTheFlow(GradientDescent):
    def run(self, H: Array, optimum: Array, start: Array, steps: int) -> Array:
        values, vectors = np.linalg.eigh(H)
        factors = np.exp(-steps * self.learning_rate * values)
        left: Array = vectors @ (factors * (vectors.T @ (start - optimum)))
        return optimum + left


@mistake(
    "gradient_descent",
    "Only the diagonal of H is used.",
    breaks=(
        "iterates_follow_closed_form",
        "descent_converges_where_the_rate_is_below_two_over_curvature",
        "kept_part_is_linear_up_to_the_binomial_bound",
        "early_stopping_equals_l2_to_first_order",
        "early_stopping_never_shrinks_more_than_l2",
        "no_single_penalty_equals_early_stopping_of_distinct_eigenvalues",
        "fewer_steps_shrink_more",
    ),
)
class UsesTheDiagonal(GradientDescent):
    def run(self, H: Array, optimum: Array, start: Array, steps: int) -> Array:
        return super().run(np.diag(np.diag(H)), optimum, start, steps)


@mistake(
    "gradient_descent",
    "The weights also decay in every step.",
    breaks=(
        "iterates_follow_closed_form",
        "descent_converges_where_the_rate_is_below_two_over_curvature",
        "descent_regularizes_towards_its_start",
        "kept_part_is_linear_up_to_the_binomial_bound",
        "early_stopping_equals_l2_to_first_order",
        "early_stopping_never_shrinks_more_than_l2",
        "early_stopping_and_l2_differ_by_a_fifth_at_most",
        "early_stopping_equals_l2_of_one_eigenvalue",
        "fewer_steps_shrink_more",
    ),
)
class DecaysTheWeights(GradientDescent):
    def run(self, H: Array, optimum: Array, start: Array, steps: int) -> Array:
        w = start
        for _ in range(steps):
            w = 0.99 * w - self.learning_rate * quadratic_gradient(H, optimum, w)
        return w


@mistake(
    "gradient_descent",
    "The step is normalised to the length of the learning rate.",
    breaks=(
        "iterates_follow_closed_form",
        "descent_converges_where_the_rate_is_below_two_over_curvature",
        "kept_part_is_linear_up_to_the_binomial_bound",
        "early_stopping_equals_l2_to_first_order",
        "early_stopping_never_shrinks_more_than_l2",
        "early_stopping_and_l2_differ_by_a_fifth_at_most",
        "no_single_penalty_equals_early_stopping_of_distinct_eigenvalues",
        "early_stopping_equals_l2_of_one_eigenvalue",
        "fewer_steps_shrink_more",
    ),
)
class NormalisesTheGradient(GradientDescent):
    def run(self, H: Array, optimum: Array, start: Array, steps: int) -> Array:
        w = start
        for _ in range(steps):
            gradient = quadratic_gradient(H, optimum, w)
            w = w - self.learning_rate * gradient / (float(np.linalg.norm(gradient)) or 1.0)
        return w


@mistake(
    "ridge",
    "The penalty is mu ||w||^2 / 4: mu/2 is on the diagonal.",
    breaks=(
        "minimiser_follows_closed_form",
        "eigen_directions_shrink_by_curvature",
        "minimiser_is_fixed_under_a_step_of_penalized_descent",
    ),
)
class HalvesThePenalty(Ridge):
    def solve(self, H: Array, optimum: Array) -> Array:
        w: Array = solve(H + self.mu / 2 * np.eye(len(optimum)), H @ optimum)
        return w


@mistake(
    "ridge",
    "The penalty is mu ||w||^2: 2 mu is on the diagonal.",
    breaks=(
        "minimiser_follows_closed_form",
        "eigen_directions_shrink_by_curvature",
        "minimiser_is_fixed_under_a_step_of_penalized_descent",
    ),
)
class DoublesThePenalty(Ridge):
    def solve(self, H: Array, optimum: Array) -> Array:
        w: Array = solve(H + 2 * self.mu * np.eye(len(optimum)), H @ optimum)
        return w


@mistake(
    "ridge",
    "Descent with the factor 1 - mu, without the learning rate, ends at the ridge of mu / rate.",
    breaks=(
        "minimiser_follows_closed_form",
        "eigen_directions_shrink_by_curvature",
        "minimiser_is_fixed_under_a_step_of_penalized_descent",
    ),
    seen="a slide",
)
class DecaysWithoutRate(Ridge):
    def solve(self, H: Array, optimum: Array) -> Array:
        w: Array = solve(H + 10 * self.mu * np.eye(len(optimum)), H @ optimum)
        return w


@mistake(
    "ridge",
    "H is missing on the right: this is (H + mu I)^-1 w*.",
    breaks=(
        "minimiser_follows_closed_form",
        "eigen_directions_shrink_by_curvature",
        "minimiser_is_fixed_under_a_step_of_penalized_descent",
        "larger_penalty_shrinks_more",
    ),
)
class ForgetsHOnTheRight(Ridge):
    def solve(self, H: Array, optimum: Array) -> Array:
        w: Array = solve(H + self.mu * np.eye(len(optimum)), optimum)
        return w


@mistake(
    "ridge",
    "mu is subtracted from the diagonal.",
    breaks=(
        "minimiser_follows_closed_form",
        "eigen_directions_shrink_by_curvature",
        "minimiser_is_fixed_under_a_step_of_penalized_descent",
        "larger_penalty_shrinks_more",
    ),
)
class SubtractsThePenalty(Ridge):
    def solve(self, H: Array, optimum: Array) -> Array:
        return np.asarray(np.linalg.lstsq(H - self.mu * np.eye(len(optimum)), H @ optimum)[0])


@mistake(
    "ridge",
    "mu is added to every entry of H, not to its diagonal.",
    breaks=(
        "minimiser_follows_closed_form",
        "eigen_directions_shrink_by_curvature",
        "minimiser_is_fixed_under_a_step_of_penalized_descent",
        "larger_penalty_shrinks_more",
    ),
)
class AddsMuEverywhere(Ridge):
    def solve(self, H: Array, optimum: Array) -> Array:
        return np.asarray(np.linalg.lstsq(H + self.mu, H @ optimum)[0])


@mistake(
    "ridge",
    "All directions shrink alike, by 1 / (1 + mu).",
    breaks=(
        "minimiser_follows_closed_form",
        "eigen_directions_shrink_by_curvature",
        "minimiser_is_fixed_under_a_step_of_penalized_descent",
    ),
)
class ShrinksAllAlike(Ridge):
    def solve(self, H: Array, optimum: Array) -> Array:
        shrunk: Array = optimum / (1 + self.mu)
        return shrunk


@mistake(
    "ridge",
    "H + mu I is multiplied by, not solved with.",
    breaks=(
        "minimiser_follows_closed_form",
        "eigen_directions_shrink_by_curvature",
        "minimiser_is_fixed_under_a_step_of_penalized_descent",
        "larger_penalty_shrinks_more",
    ),
)
class MultipliesInsteadOfSolving(Ridge):
    def solve(self, H: Array, optimum: Array) -> Array:
        grown: Array = (H + self.mu * np.eye(len(optimum))) @ optimum
        return grown
