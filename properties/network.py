"""Laws of the regularization loss and the phases of a whole network (FAU exercise 3; CS231n).

Every course has its own framework: the layers, the data loss and the phases are its own.  So the laws use
differences of losses with and without a penalty, which leave the penalty alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lawbook.bounds import Bounded, bounded, unit
from lawbook.claims import Claim, Equal
from lawbook.domains import Case, Domain, Source, one_of, small_integers
from lawbook.laws import law
from lawbook.operations import Operation, TargetError
from reference.network import penalty_value

SOURCE = "FAU deck, Regularization in the Loss Function"


def layer_weights() -> Domain:
    """Two weight matrices W1 (D, H), W2 (H, K): small integers, zeros common, some scaled by 1/4."""

    def draw(source: Source, case: Case) -> Any:
        inputs, hidden, outputs = (source.length(2, 5) for _ in range(3))
        scale = (1.0, 0.25)[source.integer(0, 1)]
        shapes = ((inputs, hidden), (hidden, outputs))
        return [scale * small_integers(source, shape) for shape in shapes]

    return Domain("weights W1 (D, H), W2 (H, K) of two layers", draw)


def inputs_of(name: str) -> Domain:
    """Inputs (N, D) for the weights of that name."""

    def draw(source: Source, case: Case) -> Any:
        return 0.25 * small_integers(source, (source.length(1, 4), case[name][0].shape[0]))

    return Domain(f"inputs (N, D) for {name}", draw)


def labels_of(name: str, weights: str) -> Domain:
    """Labels (N,) int for the inputs of that name, 0 <= label < K."""

    def draw(source: Source, case: Case) -> Any:
        return source.codes((len(case[name]),)).astype(np.int64) % case[weights][1].shape[1]

    return Domain(f"labels (N,) for {name}", draw)


BATCH = {"weights": layer_weights(), "x": inputs_of("weights"), "t": labels_of("x", "weights")}
PENALIZED = {**BATCH, "strength": one_of(0.5, 0.1, 2.0)}


def has_no_l1(network: Operation) -> str | None:
    """The reason why laws of the l1 penalty do not apply, or None where they do."""
    allowed = network.convention("l1")
    return None if allowed else "this framework has no l1 penalty"


def added(network: Operation, kind: str, weights: Any, strength: float, x: Any, t: Any) -> Any:
    """The loss with the penalty minus the loss without, with the rounding of the two sums."""
    plain = float(network(weights=weights, penalty=None, strength=0.0).loss(x, t))
    whole = float(network(weights=weights, penalty=kind, strength=strength).loss(x, t))
    return Bounded(whole - plain, 2 * unit() * (abs(whole) + abs(plain)))


def due(network: Operation, kind: str, weights: Any, strength: float) -> Any:
    """The sum of the layers' penalties under the conventions in force, with its bound."""
    factor, norm = network.convention("value_factor"), network.convention("l2_norm")
    values = [penalty_value(bounded(w), kind, strength, factor, norm) for w in weights]
    return sum(values[1:], values[0])


def only(layer: int, weights: Any) -> Any:
    """The weights with those of the other layer set to zero."""
    return [w if index == layer else 0.0 * w for index, w in enumerate(weights)]


def flags(network: Operation, phase: int) -> float:
    """The testing flag seen in train (0), test (1), train again (2), as 0.0 or 1.0."""
    weights = [np.ones((3, 2)), np.ones((2, 2))]
    seen = network(weights=weights, penalty=None, strength=0.0).phases()
    if not isinstance(seen, list | tuple) or len(seen) != 3:
        raise TargetError("fail", "phases did not give the testing flag of three runs")
    return float(bool(seen[phase]))


@law(
    "network",
    r"L_{\text{penalty}} - L = f \lambda \sum_l \lVert W_l \rVert_2^2",
    PENALIZED,
    source=SOURCE,
)
def l2_loss_eq_sum_over_layers(
    network: Operation, weights: Any, x: Any, t: Any, strength: float
) -> Claim:
    return Equal(
        added(network, "l2", weights, strength, x, t), due(network, "l2", weights, strength)
    )


@law(
    "network",
    r"L_{\text{penalty}} - L = \lambda \sum_l \lVert W_l \rVert_1",
    PENALIZED,
    source=SOURCE,
    unless=has_no_l1,
)
def l1_loss_eq_sum_over_layers(
    network: Operation, weights: Any, x: Any, t: Any, strength: float
) -> Claim:
    return Equal(
        added(network, "l1", weights, strength, x, t), due(network, "l1", weights, strength)
    )


@law(
    "network",
    r"W_2 = 0 \implies L_{\text{penalty}} - L = f \lambda \lVert W_1 \rVert_2^2",
    PENALIZED,
    source=SOURCE,
    screen=3,
)
def first_layer_is_penalized(
    network: Operation, weights: Any, x: Any, t: Any, strength: float
) -> Claim:
    first = only(0, weights)
    return Equal(added(network, "l2", first, strength, x, t), due(network, "l2", first, strength))


@law(
    "network",
    r"W_1 = 0 \implies L_{\text{penalty}} - L = f \lambda \lVert W_2 \rVert_2^2",
    PENALIZED,
    source=SOURCE,
    screen=4,
)
def last_layer_is_penalized(
    network: Operation, weights: Any, x: Any, t: Any, strength: float
) -> Claim:
    last = only(1, weights)
    return Equal(added(network, "l2", last, strength, x, t), due(network, "l2", last, strength))


@law(
    "network",
    r"L_{\text{penalty}}(x) - L(x) = L_{\text{penalty}}(x') - L(x')",
    {**PENALIZED, "other": inputs_of("weights"), "u": labels_of("other", "weights")},
    source=SOURCE,
    screen=4,
)
def regularization_loss_is_independent_of_the_batch(
    network: Operation, weights: Any, x: Any, t: Any, strength: float, other: Any, u: Any
) -> Claim:
    return Equal(
        added(network, "l2", weights, strength, x, t),
        added(network, "l2", weights, strength, other, u),
    )


@law(
    "network",
    r"\text{the loss of the same batch and weights is the same again}",
    PENALIZED,
    source=SOURCE,
    screen=4,
)
def regularization_loss_starts_afresh(
    network: Operation, weights: Any, x: Any, t: Any, strength: float
) -> Claim:
    one = network(weights=weights, penalty="l2", strength=strength)
    first, again = one.loss.each([(x, t), (x, t)])
    return Equal(Bounded(again, 2 * unit() * abs(again)), first)


@law(
    "network",
    r"\text{layers see the training phase in train}",
    {},
    source="FAU deck, Dropout; exercise 3, phases",
    rows=("dropout.train_eval_modes",),
    screen=1,
)
def training_starts_in_training_phase(network: Operation) -> Claim:
    return Equal(flags(network, 0), 0.0)


@law(
    "network",
    r"\text{layers see the testing phase in test}",
    {},
    source="FAU deck, Dropout; exercise 3, phases",
    rows=("dropout.train_eval_modes",),
    screen=1,
)
def testing_phase_is_on_in_test(network: Operation) -> Claim:
    return Equal(flags(network, 1), 1.0)


@law(
    "network",
    r"\text{layers see the training phase in train after test}",
    {},
    source="FAU deck, Dropout; exercise 3, phases",
    rows=("dropout.train_eval_modes",),
    screen=1,
)
def training_phase_comes_back_after_test(network: Operation) -> Claim:
    return Equal(flags(network, 2), 0.0)
