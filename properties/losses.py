"""Laws of the losses: softmax cross entropy, squared error, multiclass hinge (S1 and S4 decks)."""

from __future__ import annotations

from typing import Any

import numpy as np

from lawbook.bounds import bounded
from lawbook.claims import All, AtMost, Claim, Equal, Finite, Gradient, SameBits, near
from lawbook.domains import Case, Domain, Source, integers, labels, like, one_of, small_integers
from lawbook.laws import law
from lawbook.operations import Operation
from reference.losses import divisor

S1 = "S1 deck, Example: Hinge vs Cross-Entropy"
S4 = "S4 deck, Output units and loss functions"
ON_SCORES = ("softmax_cross_entropy", "hinge")
DECK = np.array([[[5.0, -3.0, 2.0]], [[5.0, 10.0, 10.0]], [[5.0, -20.0, -20.0]]])
FIRST_CLASS = np.array([0])
DECK_CROSS_ENTROPY = np.log1p([np.exp(-8.0) + np.exp(-3.0), 2 * np.exp(5.0), 2 * np.exp(-25.0)])
DECK_HINGE = np.array([0.0, 12.0, 0.0])


def scores(*scales: float) -> Domain:
    """Scores (N, K): small integers, ties common, times one of the scales."""

    def draw(source: Source, case: Case) -> Any:
        n, k = source.length(1, 6), source.length(2, 5)
        return scales[source.integer(0, len(scales) - 1)] * small_integers(source, (n, k))

    return Domain("scores (N, K), N <= 6, 2 <= K <= 5", draw)


# A gap of 80 between scores: exp(-80) is a normal number even in float32, so -log(softmax) is exact enough.
MODERATE = {"z": scores(1.0, 10.0, 0.5, 0.1), "labels": labels("z")}
# Gaps up to 400: code that takes out the maximum of the whole batch, not of each row, survives in float64.
LARGE = {"z": scores(1.0, 0.5, 10.0, 0.1, 50.0), "labels": labels("z")}
# No integer multiple of these is 1, so no score lies on a kink z_k - z_y = -1 of the hinge loss.
SMOOTH = {"z": scores(0.75, 1.5, 7.5, 0.375), "labels": labels("z")}
INTEGERS = {"z": scores(1.0), "labels": labels("z")}
OUTPUTS = {"y": scores(1.0, 0.5, 10.0, 0.1, 1e3), "t": like("y", scaled=True)}


def value(loss: Operation, z: Any, target: Any) -> Any:
    """The loss's value with the rounding bound that the reference has for it."""
    return near(loss().value(z, target), loss.reference().value(z, target))


def gradient(loss: Operation, z: Any, target: Any) -> Any:
    """The loss's gradient with the rounding bound that the reference has for it."""
    return near(loss().gradient(z, target), loss.reference().gradient(z, target))


def values_of_single_rows(loss: Operation, z: Any, target: Any) -> Any:
    """The losses of the rows, each alone, with their bounds: (N,)."""
    rows = [(z[i : i + 1], target[i : i + 1]) for i in range(len(z))]
    bounds = np.stack([loss.reference().value(*row) for row in rows])
    return near(np.array(loss().value.each(rows), float), bounds)


def share_of_sample(loss: Operation, z: Any) -> Any:
    """The weight of one row alone in the loss of the batch: 1/N, or 1 for sums."""
    return divisor(z[:1], loss.convention("reduction")) / divisor(z, loss.convention("reduction"))


def derivative_claim(loss: Operation, z: Any, target: Any) -> Claim:
    """The gradient is the derivative of the target's own value."""
    layer = loss()
    size = float(np.abs(z).max()) + 1.0  # a small loss carries rounding errors of the scores' size

    def values(points: list[dict[str, Any]]) -> list[Any]:
        found = layer.value.each([(point["z"], target) for point in points])
        return [np.float64(one) + size for one in found]

    return Gradient(values, {"z": z}, {"z": layer.gradient(z, target)}, np.asarray(1.0))


def deck_claim(loss: Operation, due: Any) -> Claim:
    """The losses of the deck's three score vectors, label 0, each a batch of one sample."""
    values = loss().value.each([(z, FIRST_CLASS) for z in DECK])
    bounds = np.stack([loss.reference().value(z, FIRST_CLASS) for z in DECK])
    return Equal(
        near(np.array(values, float), bounds), due / divisor(DECK[0], loss.convention("reduction"))
    )


def tangent_claim(loss: Operation, z: Any, target: Any, other: Any) -> Claim:
    """L(z') >= L(z) + <grad L(z), z' - z> for z' = other."""
    rise = gradient(loss, z, target) * bounded(other - z)
    return AtMost(value(loss, z, target) + rise.sum(), value(loss, other, target))


@law(
    "softmax_cross_entropy",
    r"L = \frac1N \sum_n \left(\log\sum_k e^{z_{nk}} - z_{n y_n}\right)",
    MODERATE,
    source=S1,
    rows=("loss.ce.definition",),
)
def cross_entropy_eq_log_sum_exp_minus_label_score(loss: Operation, z: Any, labels: Any) -> Claim:
    return Equal(loss().value(z, labels), loss.reference().value(z, labels))


@law(
    "softmax_cross_entropy",
    r"\partial L/\partial z = \frac1N (\mathrm{softmax}(z) - e_y)",
    LARGE,
    source=S4,
    rows=("loss.ce.definition", "loss.softmax.definition"),
)
def cross_entropy_gradient_eq_softmax_minus_one_hot(loss: Operation, z: Any, labels: Any) -> Claim:
    return Equal(loss().gradient(z, labels), loss.reference().gradient(z, labels))


@law(
    "hinge",
    r"L = \frac1N \sum_n \sum_{k \ne y_n} \max(0,\ z_{nk} - z_{n y_n} + 1)",
    LARGE,
    source=S1,
    rows=("loss.hinge.definition",),
)
def hinge_eq_sum_of_positive_margins(loss: Operation, z: Any, labels: Any) -> Claim:
    return Equal(loss().value(z, labels), loss.reference().value(z, labels))


@law(
    "hinge",
    r"N \partial L/\partial z_k = 1[z_k - z_y + 1 > 0],\quad"
    r" N \partial L/\partial z_y = -\#\{k \ne y: z_k - z_y + 1 > 0\}",
    SMOOTH,
    source=S1,
    rows=("loss.hinge.definition",),
)
def hinge_gradient_counts_classes_within_margin(loss: Operation, z: Any, labels: Any) -> Claim:
    return Equal(loss().gradient(z, labels), loss.reference().gradient(z, labels))


@law(
    "mse",
    r"L = \frac1N \sum_n \lVert y_n - t_n \rVert^2",
    OUTPUTS,
    source="S4 deck, Training",
    rows=("loss.mse.definition", "loss.l2.definition", "loss.quadratic_vector"),
)
def mse_eq_mean_of_squared_distances(loss: Operation, y: Any, t: Any) -> Claim:
    return Equal(loss().value(y, t), loss.reference().value(y, t))


@law(
    "mse",
    r"\partial L/\partial y = \frac2N (y - t)",
    OUTPUTS,
    source="S4 deck, Training",
    rows=("loss.mse.definition", "loss.l2.definition", "loss.gaussian_nll"),
)
def mse_gradient_eq_twice_the_difference(loss: Operation, y: Any, t: Any) -> Claim:
    return Equal(loss().gradient(y, t), loss.reference().gradient(y, t))


@law(
    ON_SCORES,
    r"\langle \nabla L(z), v \rangle = \frac{d}{d\epsilon} L(z + \epsilon v)",
    SMOOTH,
    source=S4,
    rows=("loss.ce.definition", "loss.hinge.definition"),
    screen=5,
)
def gradient_is_derivative_of_value(loss: Operation, z: Any, labels: Any) -> Claim:
    return derivative_claim(loss, z, labels)


@law(
    "mse",
    r"\langle \nabla L(y), v \rangle = \frac{d}{d\epsilon} L(y + \epsilon v)",
    {"y": scores(1.0, 0.5, 10.0), "t": like("y")},
    source=S4,
    rows=("loss.mse.definition",),
    screen=5,
)
def mse_gradient_is_derivative_of_value(loss: Operation, y: Any, t: Any) -> Claim:
    return derivative_claim(loss, y, t)


@law(
    ON_SCORES,
    r"\sum_k \partial L/\partial z_{nk} = 0",
    LARGE,
    source=S4,
    rows=("loss.ce.gradient_sums_to_zero",),
    screen=6,
)
def gradient_of_each_sample_sums_to_zero(loss: Operation, z: Any, labels: Any) -> Claim:
    return Equal(gradient(loss, z, labels).sum(axis=1), np.zeros(len(z)))


@law(
    ON_SCORES,
    r"\partial L/\partial z_y \le 0 \le \partial L/\partial z_k,\ k \ne y",
    LARGE,
    source=S4,
    rows=("loss.ce.gradient_sums_to_zero",),
    screen=6,
)
def gradient_raises_the_label_only(loss: Operation, z: Any, labels: Any) -> Claim:
    direction = 1.0 - 2.0 * (labels[:, None] == np.arange(z.shape[1]))
    return AtMost(np.zeros(z.shape), gradient(loss, z, labels) * direction)


@law(
    ON_SCORES,
    r"L(z + c) = L(z),\quad \nabla L(z + c) = \nabla L(z)",
    {**INTEGERS, "c": one_of(1.0, 1e4, -1e4)},
    source=S4,
    rows=("loss.softmax.definition", "loss.hinge.definition"),
    screen=8,
)
def loss_is_invariant_under_shift(loss: Operation, z: Any, labels: Any, c: float) -> Claim:
    # Integers, so that z + c is exact in every precision.
    values = Equal(value(loss, z + c, labels), value(loss, z, labels))
    return All(values, Equal(gradient(loss, z + c, labels), gradient(loss, z, labels)))


@law(
    ON_SCORES,
    r"L(z') \ge L(z) + \langle \nabla L(z), z' - z \rangle",
    {**INTEGERS, "other": like("z")},
    source=S1,
    rows=("loss.ce.definition", "loss.hinge.definition"),
    screen=10,
)
def loss_lies_above_its_tangents(loss: Operation, z: Any, labels: Any, other: Any) -> Claim:
    # Integers put scores on the kinks of the hinge loss: there every subgradient passes.
    return tangent_claim(loss, z, labels, other)


@law(
    ON_SCORES,
    r"L(z, y) = \frac1N \sum_n L(z_n, y_n)",
    MODERATE,
    source="S4 deck, Loss function selection",
    rows=("loss.ce_equals_nll",),
    screen=6,
)
def loss_is_mean_of_losses_of_single_samples(loss: Operation, z: Any, labels: Any) -> Claim:
    alone = values_of_single_rows(loss, z, labels)
    return Equal(value(loss, z, labels), alone.sum() * share_of_sample(loss, z))


@law(
    "softmax_cross_entropy",
    r"L(z + c\,e_y) \le L(z),\ c \ge 0;\quad L \ge 0",
    {**MODERATE, "c": one_of(0.0, 1.0, 8.0)},
    source=S1,
    rows=("loss.ce.never_zero",),
    screen=6,
)
def cross_entropy_falls_with_the_label_score(
    loss: Operation, z: Any, labels: Any, c: float
) -> Claim:
    raised = z + np.asarray(c * (labels[:, None] == np.arange(z.shape[1])), z.dtype)
    after = value(loss, raised, labels)
    return All(AtMost(after, value(loss, z, labels)), AtMost(0.0, after))


@law(
    "softmax_cross_entropy",
    r"L((0, g), 0) = g + \log(1 + e^{-g}),\quad \nabla L \to (-1, 1)",
    {"gap": integers(30, 80)},
    source="S4 deck, Loss function selection",
    rows=("loss.mse_softmax_saturates", "loss.ce.definition"),
    screen=3,
)
def cross_entropy_of_a_confident_wrong_answer_is_the_gap(loss: Operation, gap: int) -> Claim:
    z = np.array([[0.0, float(gap)]])
    slope = gradient(loss, z, FIRST_CLASS)
    return All(
        Equal(value(loss, z, FIRST_CLASS), gap + np.log1p(np.exp(-gap))),
        Equal(slope, np.array([[-1.0, 1.0]]) / (1.0 + np.exp(-gap))),
    )


@law(
    "softmax_cross_entropy",
    r"|L| < \infty \text{ for all finite } z",
    {"z": scores(1e3, 1e4), "labels": labels("z")},
    source=S4,
    rows=("loss.ce.definition",),
    severity="warning",  # -log(softmax(z)) is a course's own starter code; it is inf here
    screen=6,
)
def cross_entropy_is_finite_of_wide_gaps(loss: Operation, z: Any, labels: Any) -> Claim:
    values = Equal(loss().value(z, labels), loss.reference().value(z, labels))
    return All(values, Finite(loss().gradient(z, labels)))


@law(
    "softmax_cross_entropy",
    r"L(5,-3,2) = \log(1 + e^{-8} + e^{-3}),\ L(5,10,10) = \log(1 + 2e^5),"
    r"\ L(5,-20,-20) = \log(1 + 2e^{-25})",
    {},
    source=S1,
    rows=("loss.ce.example1", "loss.ce.example2", "loss.ce.example3"),
    screen=1,
)
def cross_entropy_of_deck_scores(loss: Operation) -> Claim:
    return deck_claim(loss, DECK_CROSS_ENTROPY)


@law(
    "hinge",
    r"L(5,-3,2) = 0,\ L(5,10,10) = 12,\ L(5,-20,-20) = 0",
    {},
    source=S1,
    rows=("loss.hinge.examples",),
    screen=1,
)
def hinge_of_deck_scores(loss: Operation) -> Claim:
    return deck_claim(loss, DECK_HINGE)


@law(
    "hinge",
    r"z_y > z_k + 1\ \forall k \ne y \implies L = 0,\ \nabla L = 0",
    {**LARGE, "lead": one_of(1.5, 8.0, 400.0)},
    source=S1,
    rows=("loss.hinge.saturates",),
    screen=6,
)
def hinge_is_zero_beyond_the_margin(loss: Operation, z: Any, labels: Any, lead: float) -> Claim:
    z = np.array(z)
    z[np.arange(len(z)), labels] = z.max(axis=1) + lead
    return All(Equal(loss().value(z, labels), 0.0), Equal(loss().gradient(z, labels), 0.0 * z))


@law(
    "mse",
    r"L(y, t) = L(t, y),\quad L(t, t) = 0",
    OUTPUTS,
    source="S1 deck, Regression Losses: L2 vs L1",
    rows=("loss.l2.definition", "loss.quadratic_vector"),
    screen=6,
)
def mse_is_symmetric_and_zero_of_equal_arguments(loss: Operation, y: Any, t: Any) -> Claim:
    return All(Equal(value(loss, y, t), value(loss, t, y)), Equal(loss().value(t, t), 0.0))


@law(
    "mse",
    r"L(c, t) - L(\bar t, t) = (c - \bar t)^2",
    {"t": scores(1.0, 0.5, 10.0), "c": one_of(0.0, 1.0, -3.0, 20.0)},
    source="S1 deck, Regression Losses: L2 vs L1",
    rows=("loss.l2.minimizer_mean",),
    screen=6,
)
def mse_of_a_constant_is_least_at_the_mean(loss: Operation, t: Any, c: float) -> Claim:
    t = t[:, :1]
    mean = bounded(t).mean()
    excess = value(loss, np.full_like(t, c), t) - value(loss, np.full_like(t, mean.value), t)
    return Equal(excess, (c - mean) * (c - mean) * (len(t) * share_of_sample(loss, t)))


def unchanged_claim(loss: Operation, first: Any, second: Any) -> Claim:
    """Neither value nor gradient writes into its arguments."""
    layer = loss()
    after = [*layer.value.echo(first, second)[1], *layer.gradient.echo(first, second)[1]]
    note = "an argument was changed"
    return All(*(SameBits(a, b, note) for a, b in zip(after, (first, second) * 2, strict=True)))


@law(
    ON_SCORES,
    r"\text{value and gradient leave } z, y \text{ as they are}",
    LARGE,
    severity="warning",
    screen=3,
)
def arguments_are_unchanged(loss: Operation, z: Any, labels: Any) -> Claim:
    return unchanged_claim(loss, z, labels)


@law(
    "mse",
    r"\text{value and gradient leave } y, t \text{ as they are}",
    OUTPUTS,
    severity="warning",
    screen=3,
)
def mse_arguments_are_unchanged(loss: Operation, y: Any, t: Any) -> Claim:
    return unchanged_claim(loss, y, t)
