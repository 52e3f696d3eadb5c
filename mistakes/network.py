"""Mistakes in the regularization loss and the phases of a network."""

from __future__ import annotations

import numpy as np

from lawbook.mistakes import mistake
from reference.arrays import Array
from reference.losses import Labels
from reference.network import Network, penalty_value

# --- regularization loss ---------------------------------------------------------------------------


@mistake(
    "network",
    "The regularization loss is missing: the loss is the data loss alone.",
    breaks=(
        "l2_loss_eq_sum_over_layers",
        "l1_loss_eq_sum_over_layers",
        "first_layer_is_penalized",
        "last_layer_is_penalized",
    ),
    seen="8 FAU submissions, 2 of which pass the course's tests",
)
class ForgetsTheRegularizationLoss(Network):
    def regularization_loss(self) -> float:
        return 0.0


@mistake(
    "network",
    "The penalty is counted twice.",
    breaks=(
        "l2_loss_eq_sum_over_layers",
        "l1_loss_eq_sum_over_layers",
        "first_layer_is_penalized",
        "last_layer_is_penalized",
    ),
    seen="a FAU submission that passes the course's tests",
)
class CountsThePenaltyTwice(Network):
    def regularization_loss(self) -> float:
        return 2.0 * super().regularization_loss()


@mistake(
    "network",
    "The penalty is halved against the convention declared here.",
    breaks=(
        "l2_loss_eq_sum_over_layers",
        "l1_loss_eq_sum_over_layers",
        "first_layer_is_penalized",
        "last_layer_is_penalized",
    ),
    seen="both conventions of the L2 penalty mixed",
)
class HalvesThePenalty(Network):
    def regularization_loss(self) -> float:
        return 0.5 * super().regularization_loss()


@mistake(
    "network",
    "Only the last layer's penalty counts: each layer overwrites the one before (= for +=).",
    breaks=(
        "l2_loss_eq_sum_over_layers",
        "l1_loss_eq_sum_over_layers",
        "first_layer_is_penalized",
    ),
    seen="FAU submissions",
)
class CountsTheLastLayerOnly(Network):
    def regularization_loss(self) -> float:
        return self.layer_penalty(self.weights[1])


@mistake(
    "network",
    "Only the first layer's penalty counts: the loop ends too early.",
    breaks=(
        "l2_loss_eq_sum_over_layers",
        "l1_loss_eq_sum_over_layers",
        "last_layer_is_penalized",
    ),
    seen="a return inside the loop",
)
class CountsTheFirstLayerOnly(Network):
    def regularization_loss(self) -> float:
        return self.layer_penalty(self.weights[0])


@mistake(
    "network",
    "The penalty is taken of the data loss instead of the weights: norm(loss).",
    breaks=(
        "l2_loss_eq_sum_over_layers",
        "l1_loss_eq_sum_over_layers",
        "first_layer_is_penalized",
        "last_layer_is_penalized",
        "regularization_loss_is_independent_of_the_batch",
    ),
    seen="FAU submissions that pass the course's tests",
)
class TakesTheNormOfTheLoss(Network):
    def loss(self, x: Array, t: Labels) -> float:
        data = self.data_loss(self.output(x), t)
        return data + self.layer_penalty(np.asarray(data))


@mistake(
    "network",
    "The penalty is taken of the network's output instead of the weights: norm(output).",
    breaks=(
        "l2_loss_eq_sum_over_layers",
        "l1_loss_eq_sum_over_layers",
        "first_layer_is_penalized",
        "last_layer_is_penalized",
        "regularization_loss_is_independent_of_the_batch",
    ),
    seen="FAU submissions that pass the course's tests",
)
class TakesTheNormOfTheOutput(Network):
    def loss(self, x: Array, t: Labels) -> float:
        y = self.output(x)
        return self.data_loss(y, t) + self.layer_penalty(y)


@mistake(
    "network",
    "The penalty is added to the predictions before the loss layer; it belongs to the loss.",
    breaks=(
        "l2_loss_eq_sum_over_layers",
        "l1_loss_eq_sum_over_layers",
        "first_layer_is_penalized",
        "last_layer_is_penalized",
        "regularization_loss_is_independent_of_the_batch",
    ),
    seen="FAU submissions",
)
class AddsThePenaltyToThePredictions(Network):
    def loss(self, x: Array, t: Labels) -> float:
        return self.data_loss(self.output(x) + self.regularization_loss(), t)


@mistake(
    "network",
    "The regularization loss is added once for every sample of the batch.",
    breaks=(
        "l2_loss_eq_sum_over_layers",
        "l1_loss_eq_sum_over_layers",
        "first_layer_is_penalized",
        "last_layer_is_penalized",
        "regularization_loss_is_independent_of_the_batch",
    ),
    seen="added inside the loop over samples",
)
class AddsThePenaltyPerSample(Network):
    def loss(self, x: Array, t: Labels) -> float:
        return self.data_loss(self.output(x), t) + len(t) * self.regularization_loss()


@mistake(
    "network",
    "The regularization loss is never reset, so it grows with every iteration.",
    breaks=("regularization_loss_starts_afresh",),
    seen="FAU submissions",
)
class NeverResetsThePenalty(Network):
    total = 0.0

    def regularization_loss(self) -> float:
        self.total += super().regularization_loss()
        return self.total


@mistake(
    "network",
    "The root is taken: the L2 penalty is the sum of squares, not the norm.",
    breaks=(
        "l2_loss_eq_sum_over_layers",
        "first_layer_is_penalized",
        "last_layer_is_penalized",
    ),
    seen="6 FAU submissions",
)
class TakesTheRootOfThePenalty(Network):
    def layer_penalty(self, w: Array) -> float:
        if self.penalty != "l2":
            return super().layer_penalty(w)
        return penalty_value(w, "l2", self.strength, self.value_factor, "root")


@mistake(
    "network",
    "The last column of the weights is left out of the penalty.",
    breaks=(
        "l2_loss_eq_sum_over_layers",
        "l1_loss_eq_sum_over_layers",
        "first_layer_is_penalized",
        "last_layer_is_penalized",
    ),
    seen="weights sliced [:, :-1] in a FAU submission",
)
class SlicesTheWeights(Network):
    def layer_penalty(self, w: Array) -> float:
        return super().layer_penalty(w[:, :-1])


@mistake(
    "network",
    "The L1 penalty sums the weights without their absolute values.",
    breaks=("l1_loss_eq_sum_over_layers",),
    seen="a slip in the norm",
)
class SumsSignedWeights(Network):
    def layer_penalty(self, w: Array) -> float:
        return self.strength * float(w.sum()) if self.penalty == "l1" else super().layer_penalty(w)


# --- phases ----------------------------------------------------------------------------------------


@mistake(
    "network",
    "test() does not switch the layers to the testing phase.",
    breaks=("testing_phase_is_on_in_test",),
    seen="6 FAU submissions",
)
class NeverSwitchesToTesting(Network):
    def test(self) -> bool:
        return self.testing


@mistake(
    "network",
    "train() after test() leaves the layers in the testing phase.",
    breaks=("training_phase_comes_back_after_test",),
    seen="9 FAU submissions",
)
class StaysInTestingPhase(Network):
    def train(self) -> bool:
        return self.testing


@mistake(
    "network",
    "The layers are in the testing phase from the start: the flag is set inside forward.",
    breaks=(
        "training_starts_in_training_phase",
        "training_phase_comes_back_after_test",
    ),
    seen="FAU submissions",
)
class IsAlwaysTesting(Network):
    def train(self) -> bool:
        return True


@mistake(
    "network",
    "The phases are swapped: layers see the testing phase in train and the training phase in test.",
    breaks=(
        "training_starts_in_training_phase",
        "testing_phase_is_on_in_test",
        "training_phase_comes_back_after_test",
    ),
    seen="an inverted flag",
)
class SwapsThePhases(Network):
    def train(self) -> bool:
        return True

    def test(self) -> bool:
        return False
