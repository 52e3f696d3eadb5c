"""Laws of the activations: sigmoid, tanh, ReLU, leaky ReLU (S1 and S4 decks, activation functions)."""

from __future__ import annotations

from typing import Any

import numpy as np

from lawbook.bounds import bounded
from lawbook.claims import All, AtMost, Claim, Equal, Finite, Gradient, SameBits, near
from lawbook.domains import Case, Domain, Source, like, one_of, table
from lawbook.laws import law
from lawbook.operations import Instance, Operation
from reference.activations import relu, sigmoid

S1 = "S1 deck, Activation Functions"
S4 = "S4 deck, Gradients and backpropagation"
ALL = ("sigmoid", "tanh", "relu", "leaky_relu")
SATURATING = ("sigmoid", "tanh")
SMALL = (0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 3.0, -3.0, 0.125, -0.125)
LARGE = (*SMALL, 1e-3, -1e-3, 12.0, -12.0, 40.0, -40.0, 0.0, 700.0, -700.0, 700.0)
SLOPES = (0.125, 0.01, 0.1, 0.5)


def activations(*values: float) -> Domain:
    """A batch of rank 2 or 4 of these values: honest layers may read x.shape[1]."""

    def draw(source: Source, case: Case) -> Any:
        rank = (2, 4)[source.integer(0, 1)]
        shape = tuple(source.length(1, 6) for _ in range(rank))
        return table(source, values, shape)

    return Domain(f"array of rank 2 or 4 of values from {min(values)} to {max(values)}", draw)


ANY = {"x": activations(*LARGE), "slope": one_of(*SLOPES)}
WITH_ERROR = {**ANY, "dy": like("x")}


def layer(activation: Operation, slope: float) -> Instance:
    """A fresh instance; the slope goes to the leaky ReLU alone."""
    return activation(slope=slope) if activation.name == "leaky_relu" else activation()


def twin(activation: Operation, slope: float) -> Instance:
    """The reference's instance on value-and-bound pairs."""
    hyper = {"slope": slope} if activation.name == "leaky_relu" else {}
    return activation.reference(**hyper)


def beside(size: Any, value: Any) -> Any:
    """The value with the rounding that it has next to a number of that size.

    Honest formulas such as (1 + tanh(x/2))/2 or y (1 - y) pass through numbers of the size of 1.
    """
    return (value + size) - size


def forward(activation: Operation, x: Any, slope: float) -> Any:
    """What the activation should return: exact for ReLUs, beside 1 for sigmoid and tanh."""
    due = twin(activation, slope).forward(x)
    return beside(1.0, due) if activation.name in SATURATING else due


def backward(activation: Operation, x: Any, dy: Any, slope: float, got: Any) -> Any:
    """What backward should return; at a kink it may be anything between the one-sided derivatives."""
    other = twin(activation, slope)
    other.forward(x)
    due = other.backward(dy)
    if activation.name in SATURATING:
        return beside(dy, due)
    low, high = np.minimum(due.value, dy), np.maximum(due.value, dy)
    return np.where(x == 0, np.fmax(low, np.fmin(high, got)), due)  # nan stays wrong


def passed_back(activation: Operation, xs: list[Any], dy: Any, slope: float) -> Any:
    """dx of dy after forwards on each of xs."""
    one = layer(activation, slope)
    one.forward.each(xs)
    return one.backward(dy)


def values(activation: Operation, x: Any, slope: float = 0.0) -> Any:
    """The target's forward values, with the bound that is due there."""
    return near(layer(activation, slope).forward(x), forward(activation, x, slope))


def derivative_claim(activation: Operation, x: Any, dy: Any, slope: float) -> Claim:
    """backward is the derivative of the target's own forward."""

    def outputs(points: list[dict[str, Any]]) -> list[Any]:
        return layer(activation, slope).forward.each([point["x"] for point in points])

    return Gradient(outputs, {"x": x}, {"x": passed_back(activation, [x], dy, slope)}, dy)


@law(
    ALL,
    r"y = \sigma(x) = \frac1{1+e^{-x}},\ \tanh x,\ \max(0, x),\ x \text{ or } a x",
    ANY,
    source=S1,
    rows=("act.sigmoid", "act.tanh", "act.relu", "act.leaky_relu"),
    screen=8,
)
def forward_eq_definition(activation: Operation, x: Any, slope: float) -> Claim:
    return Equal(layer(activation, slope).forward(x), forward(activation, x, slope))


@law(
    ALL,
    r"\frac{\partial L}{\partial x} = f'(x)\,\frac{\partial L}{\partial y},\quad"
    r" f'(0) \in [f'(0-), f'(0+)]",
    WITH_ERROR,
    source=S4,
    rows=("act.sigmoid", "act.tanh", "act.relu", "act.leaky_relu", "act.chain_sigmoid_slide"),
    screen=8,
)
def backward_eq_derivative_times_error(
    activation: Operation, x: Any, dy: Any, slope: float
) -> Claim:
    dx = passed_back(activation, [x], dy, slope)
    return Equal(dx, backward(activation, x, dy, slope, dx))


@law(
    ALL,
    r"\text{backward is at the } x \text{ of the latest forward}",
    {**WITH_ERROR, "before": like("x")},
    source=S4,
    rows=("act.chain_sigmoid_slide",),
    screen=8,
)
def backward_is_of_the_latest_forward(
    activation: Operation, x: Any, dy: Any, slope: float, before: Any
) -> Claim:
    dx = passed_back(activation, [before, x], dy, slope)
    return Equal(dx, backward(activation, x, dy, slope, dx))


@law(
    ALL,
    r"\langle dx, v \rangle = \frac{d}{d\epsilon} \langle dy, f(x + \epsilon v) \rangle",
    {"x": activations(*SMALL[1:]), "slope": one_of(*SLOPES), "dy": like("x")},
    source=S4,
    rows=("act.sigmoid", "act.tanh", "act.relu", "act.leaky_relu"),
    screen=3,
)
def backward_is_derivative_of_forward(
    activation: Operation, x: Any, dy: Any, slope: float
) -> Claim:
    return derivative_claim(activation, x, dy, slope)


@law(
    SATURATING,
    r"|f(x)|, |f'(x)| < \infty \text{ for all finite } x",
    {"x": activations(0.0, 1e4, -1e4, 800.0, -800.0)},
    source=S1,
    rows=("act.sigmoid.saturates", "act.tanh"),
    severity="warning",  # beyond |x| = 709 the exponential overflows; no network gets there
    screen=3,
)
def values_are_finite_of_large_inputs(activation: Operation, x: Any) -> Claim:
    one = activation()
    return All(Finite(one.forward(x)), Finite(one.backward(np.ones(x.shape))))


@law(
    ALL,
    r"\text{forward and backward leave } x, dy \text{ as they are}",
    WITH_ERROR,
    severity="warning",
    screen=8,
)
def arguments_are_unchanged(activation: Operation, x: Any, dy: Any, slope: float) -> Claim:
    one = layer(activation, slope)
    (x_after,), (dy_after,) = one.forward.echo(x)[1], one.backward.echo(dy)[1]
    note = "an argument was changed"
    return All(SameBits(x_after, x, note), SameBits(dy_after, dy, note))


@law(
    "sigmoid",
    r"\sigma(-x) = 1 - \sigma(x),\quad 0 \le \sigma(x) \le 1",
    {"x": activations(*LARGE)},
    source="S1 deck, Sigmoid Activation",
    rows=("act.sigmoid",),
    screen=4,
)
def sigmoid_is_symmetric_about_one_half(activation: Operation, x: Any) -> Claim:
    y, mirrored = values(activation, x), values(activation, -x)
    return All(Equal(mirrored, 1.0 - y), AtMost(0.0, y), AtMost(y, 1.0))


@law(
    "sigmoid",
    r"0 \le \sigma'(x) \le \min(\tfrac14, e^{-|x|})",
    {"x": activations(*LARGE)},
    source="S1 deck, Sigmoid Activation",
    rows=("act.sigmoid", "act.sigmoid.saturates"),
    screen=4,
)
def sigmoid_derivative_is_at_most_a_quarter(activation: Operation, x: Any) -> Claim:
    ones = np.ones(x.shape)
    slopes = near(passed_back(activation, [x], ones, 0.0), beside(1.0, bounded(0.0 * x)))
    return All(AtMost(0.0, slopes), AtMost(slopes, np.minimum(0.25, np.exp(-abs(bounded(x))))))


@law(
    "tanh",
    r"\tanh(-x) = -\tanh x,\quad |\tanh x| \le 1",
    {"x": activations(*LARGE)},
    source="S1 deck, TanH Activation",
    rows=("act.tanh",),
    screen=4,
)
def tanh_is_odd(activation: Operation, x: Any) -> Claim:
    y, mirrored = values(activation, x), values(activation, -x)
    return All(Equal(mirrored, -y), AtMost(abs(y), 1.0))


@law(
    "tanh",
    r"\tanh x = 2 \sigma(2x) - 1",
    {"x": activations(*LARGE)},
    source="S1 deck, TanH Activation",
    rows=("act.tanh",),
    screen=4,
)
def tanh_is_a_scaled_sigmoid(activation: Operation, x: Any) -> Claim:
    return Equal(values(activation, x), 2.0 * sigmoid(2.0 * bounded(x)) - 1.0)


@law(
    "relu",
    r"f(f(x)) = f(x),\quad f(c x) = c f(x)\ (c > 0),\quad f(x) - f(-x) = x",
    {"x": activations(*LARGE), "c": one_of(2.0, 0.25, 64.0)},
    source="S1 deck, Rectified Linear Units (ReLU)",
    rows=("act.relu",),
    screen=4,
)
def relu_is_idempotent_and_homogeneous(activation: Operation, x: Any, c: float) -> Claim:
    # Powers of 2, so that c x is exact.
    y, scaled, mirrored = activation().forward.each([x, c * x, -x])
    again = activation().forward(y)
    return All(Equal(again, y), Equal(scaled, c * y), Equal(y - mirrored, x))


@law(
    "relu",
    r"x < 0 \implies f(x) = 0,\ f'(x) = 0",
    {"x": activations(-1.0, -2.0, -0.5, -1e-3, -700.0), "dy": like("x")},
    source="S1 deck, Rectified Linear Units (ReLU)",
    rows=("act.relu.dead",),
    screen=4,
)
def relu_passes_nothing_of_negative_inputs(activation: Operation, x: Any, dy: Any) -> Claim:
    zeros = np.zeros(x.shape)
    return All(
        Equal(activation().forward(x), zeros), Equal(passed_back(activation, [x], dy, 0.0), zeros)
    )


@law(
    "leaky_relu",
    r"f(x) = \max(x, a x) = a x + (1 - a) \max(0, x),\quad 0 \le a < 1",
    {"x": activations(*LARGE), "slope": one_of(*SLOPES)},
    source=S1,
    rows=("act.leaky_relu",),
    screen=4,
)
def leaky_relu_eq_maximum(activation: Operation, x: Any, slope: float) -> Claim:
    y, line = activation(slope=slope).forward(x), slope * bounded(x)
    return All(Equal(y, np.maximum(x, line)), Equal(y, line + (1.0 - slope) * relu(bounded(x))))
