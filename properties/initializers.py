"""Laws of initializers (Glorot, Bengio 2010; He et al. 2015; FAU, TUM and Hannover decks).

One matrix of 64 x 256 weights decides: its second moment tells variance ratios of at most 0.85 or at
least 1.16 from 1 at the run's alpha with a miss rate of 1e-9 (`chi_square_effect(16384)`, and the same from
`bounded_mean_effect` for uniform weights).  Between fans 64 and 256, in either direction, every other rule
(1/fan_in, 1/fan_out, the other scheme, swapped fans, the mean of 1/fan_in and 1/fan_out, a variance used
as deviation, a missing root, 3 for 6 in the bound) is off by a ratio of at most 0.84 or at least 1.25.

"Normal" may also be a normal truncated at two standard deviations and scaled back to the variance, as
several libraries draw it.  Its square has the same mean and is below a normal's in the convex order (the
densities cross twice: below, above, below), so E f(w^2) is at most the normal's for every convex f: both
of Chernoff's bounds in `chi_square_p` and the sub-Gaussian bound of the mean hold for it as they stand.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lawbook import statistics
from lawbook.bounds import lift, unit
from lawbook.claims import (
    ORDER_FACTOR,
    All,
    AtMost,
    Claim,
    Differ,
    Equal,
    Mean,
    SameBits,
    Unlikely,
    Variance,
)
from lawbook.domains import integers, one_of, seeds
from lawbook.laws import law
from lawbook.operations import Operation, TargetError
from reference.initializers import he_variance, uniform_bound, xavier_variance

RANDOM = ("xavier_normal", "xavier_uniform", "he_normal", "he_uniform")
NORMAL, UNIFORM = ("xavier_normal", "he_normal"), ("xavier_uniform", "he_uniform")
XAVIER, HE = ("xavier_normal", "xavier_uniform"), ("he_normal", "he_uniform")
SOURCE = "Glorot, Bengio 2010, equations 12 and 16; He et al. 2015, equation 10"
VARIANCES = (
    "init.xavier.normal.variance",
    "init.xavier.uniform.bound",
    "init.he.normal.variance",
    "init.schemes_catalogue",
)

FANS = one_of((64, 256), (256, 64))
CASE = {"fans": FANS, "seed": seeds()}
SMALL = {"fan_in": integers(4, 9), "fan_out": integers(4, 9), "seed": seeds()}


def variance(scheme: Operation, fan_in: int, fan_out: int) -> float:
    """The variance that the scheme promises."""
    return xavier_variance(fan_in, fan_out) if scheme.name in XAVIER else he_variance(fan_in)


def dense_shape(scheme: Operation, fan_in: int, fan_out: int) -> tuple[int, int]:
    """The shape of a dense layer's weights in the target's orientation."""
    inputs_first = scheme.convention("orientation") == "in_out"
    return (fan_in, fan_out) if inputs_first else (fan_out, fan_in)


def kernel_of(scheme: Operation, kernel: tuple[int, ...]) -> tuple[int, ...]:
    """The kernel, made square by its last side where the target knows square ones alone."""
    return (kernel[-1],) * 2 if scheme.convention("kernels") == "square" else kernel


def drawn(scheme: Operation, fans: tuple[int, int], seed: int, count: int = 1) -> list[Any]:
    """Some draws of a dense layer's weights, of one instance after seeding."""
    scheme.seed(seed)
    return scheme().draw.each([(dense_shape(scheme, *fans), *fans)] * count)


def matrix(scheme: Operation, fans: tuple[int, int], seed: int) -> Any:
    """A draw as (fan_in, fan_out); the target fails where it has another shape."""
    (weights,) = drawn(scheme, fans, seed)
    shape = dense_shape(scheme, *fans)
    if weights.shape != shape:
        raise TargetError("fail", f"draw returned the shape {weights.shape}, {shape} is due")
    inputs_first = scheme.convention("orientation") == "in_out"
    return np.asarray(weights if inputs_first else weights.T, float)


def moment_p(scheme: Operation, ratio: float, n: int) -> float:
    """The p-value bound of the mean of n squared weights over their variance."""
    if scheme.name in UNIFORM:
        return statistics.bounded_mean_p(ratio, n, 1.0, 0.0, 3.0)
    return statistics.chi_square_p(n * ratio, n)


def excess_p(scores: Any) -> float:
    """The upper tail alone of a sum of squares of unit-variance sub-Gaussian scores.

    Chernoff's bound on the upper tail of a sum of squares holds for every sub-Gaussian variable whose
    variance proxy is its variance, so for averages of uniform and of truncated weights as well.
    """
    total = float((scores**2).sum())
    return statistics.chi_square_p(total, scores.size) if not total <= scores.size else 1.0


@law(
    RANDOM,
    r"\operatorname{Var} w = 2 / (n_{in} + n_{out}) \text{ (Xavier)},\ 2 / n_{in} \text{ (He)}",
    CASE,
    source=SOURCE,
    rows=VARIANCES,
    statistical=True,
    screen=3,
)
def variance_is_that_of_the_fans(scheme: Operation, fans: tuple[int, int], seed: int) -> Claim:
    (weights,) = drawn(scheme, fans, seed)
    return Variance(weights, variance(scheme, *fans), uniform=scheme.name in UNIFORM)


@law(
    RANDOM,
    r"n_{in} = C_{in} k_1 k_2 \cdots,\quad n_{out} = C_{out} k_1 k_2 \cdots",
    {
        "channels": one_of((64, 32), (32, 64)),
        "kernel": one_of((3, 3), (5,), (1, 5)),
        "seed": seeds(),
    },
    source=SOURCE,
    rows=VARIANCES,
    statistical=True,
    screen=3,
)
def variance_counts_the_kernel_in_the_fans(
    scheme: Operation, channels: tuple[int, int], kernel: tuple[int, ...], seed: int
) -> Claim:
    # 10240 weights or more: ratios up to 0.82 or from 1.21 are found; a forgotten kernel is a ratio of 5.
    kernel = kernel_of(scheme, kernel)
    fan_out, fan_in = (count * math.prod(kernel) for count in channels)
    scheme.seed(seed)
    weights = scheme().draw((*channels, *kernel), fan_in, fan_out)
    return Variance(weights, variance(scheme, fan_in, fan_out), uniform=scheme.name in UNIFORM)


@law(
    RANDOM,
    r"\mathbb{E}\,w = 0",
    CASE,
    source=SOURCE,
    rows=("init.forward_fan_in",),
    statistical=True,
    screen=2,
)
def mean_is_zero(scheme: Operation, fans: tuple[int, int], seed: int) -> Claim:
    # Of 16384 weights a mean of 0.105 standard deviations is found with a miss rate of 1e-9.
    (weights,) = drawn(scheme, fans, seed)
    return Mean(weights, 0.0, math.sqrt(variance(scheme, *fans)))


def within(times: float, spread: float = 1.0, cut: float = math.inf) -> float:
    """P(|z| <= times) of a normal with this spread, truncated at `cut` spreads."""
    mass = math.erf(min(times / spread, cut) / math.sqrt(2))
    return mass / math.erf(cut / math.sqrt(2))


def truncated_spread(cut: float) -> float:
    """The spread before truncation of a truncated normal whose variance is 1."""
    density = math.exp(-cut * cut / 2) / math.sqrt(2 * math.pi)
    return 1 / math.sqrt(1 - 2 * cut * density / math.erf(cut / math.sqrt(2)))


def normal_p(scores: Any) -> float:
    """A p-value bound of: standard normal, or normal truncated at 2 and scaled back to variance 1."""
    times = (0.5, 1.0, math.sqrt(3))
    counts = [int((np.abs(scores) <= t).sum()) for t in times]
    shapes: list[dict[str, float]] = [{}, {"spread": truncated_spread(2.0), "cut": 2.0}]
    return max(frequencies_p(counts, scores.size, [within(t, **s) for t in times]) for s in shapes)


def frequencies_p(counts: list[int], n: int, rates: list[float]) -> float:
    """One p-value bound for several frequencies of one sample."""
    pairs = zip(counts, rates, strict=True)
    return statistics.bonferroni(statistics.binomial_p(k, n, p) for k, p in pairs)


@law(
    NORMAL,
    r"P(|w| \leq t \sigma) = \operatorname{erf}(t / \sqrt2)",
    CASE,
    source=SOURCE,
    rows=("init.xavier.normal.variance", "init.he.normal.variance"),
    statistical=True,
    screen=2,
)
def entries_are_normal(scheme: Operation, fans: tuple[int, int], seed: int) -> Claim:
    # At sqrt(3) standard deviations: 0.917, found from 0.944 on; uniform weights of this variance have 1.
    (weights,) = drawn(scheme, fans, seed)
    p = normal_p(np.asarray(weights, float) / math.sqrt(variance(scheme, *fans)))
    return Unlikely({"normal": p}, "normally distributed weights", weights)


@law(
    UNIFORM,
    r"w \sim U(-a, a),\quad a = \sqrt{6 / (n_{in} + n_{out})} \text{ or } \sqrt{6 / n_{in}}",
    CASE,
    source=SOURCE,
    rows=("init.xavier.uniform.bound",),
    statistical=True,
    screen=2,
)
def entries_are_uniform_up_to_the_bound(
    scheme: Operation, fans: tuple[int, int], seed: int
) -> Claim:
    # Above the bound: no chance.  The largest of 16384 is below (1 - t) times the bound with probability
    # (1 - t)^16384: at alpha t = 0.0014.  The inner half: 0.5, found from 0.553 on, normal weights 0.61.
    (weights,) = drawn(scheme, fans, seed)
    bound = np.sqrt(3 * (lift(variance(scheme, *fans))))
    p = uniform_p(np.abs(np.asarray(weights, float)) / uniform_bound(variance(scheme, *fans)))
    return All(AtMost(np.abs(weights), bound, "a weight is above the bound"), Unlikely(p))


def uniform_p(places: Any) -> dict[str, float]:
    """P-value bounds of: |w| / a uniform on [0, 1], up to the rounding of the weights."""
    parts = [0.25, 0.5, 0.75]
    counts = [int((places <= part).sum()) for part in parts]
    reach = min(1.0, float(places.max()) + ORDER_FACTOR * unit()) ** places.size
    return {"uniform": frequencies_p(counts, places.size, parts), "largest weight": reach}


@law(
    RANDOM,
    r"w_{ij} \text{ independent of each other and of } i, j",
    CASE,
    source=SOURCE,
    rows=("init.sum_variance", "init.symmetry_constant"),
    statistical=True,
    screen=2,
)
def entries_are_independent_of_position(
    scheme: Operation, fans: tuple[int, int], seed: int
) -> Claim:
    # Sums and differences of disjoint neighbours have the variance of one weight (times 2); 8192 pairs
    # show a correlation of 0.24.  Means of rows and columns show units that differ by 1 standard deviation.
    # The divisor is at least the true deviation: p-values only grow, and a wrong variance is no concern.
    weights = matrix(scheme, fans, seed)
    spread = max(variance(scheme, *fans), float(np.mean(weights**2)))
    return Unlikely(position_p(weights / math.sqrt(spread)), "independent weights")


def position_p(scores: Any) -> dict[str, float]:
    """P-value bounds of: independent entries, from means and neighbours along both axes."""
    found = {}
    for name, rows in (("rows", scores), ("columns", scores.T)):
        found[f"means of {name}"] = excess_p(rows.mean(axis=1) * math.sqrt(rows.shape[1]))
        first, second = rows[::2], rows[1::2]
        pairs = ((first + sign * second) / math.sqrt(2) for sign in (1, -1))
        found[f"neighbouring {name}"] = statistics.bonferroni(excess_p(pair) for pair in pairs)
    return found


@law(
    HE,
    r"\frac{1}{n_{out}} \mathbb{E}_x \|\operatorname{ReLU}(Wx)\|^2 = \frac{1}{n_{in}} \|x\|^2",
    CASE,
    source="He et al. 2015, section 2.2; erratum: the second moment is halved, not the variance",
    rows=("init.he.preserves_second_moment", "init.he.relu_half_second_moment"),
    statistical=True,
    screen=2,
)
def relu_layer_keeps_the_second_moment(
    scheme: Operation, fans: tuple[int, int], seed: int
) -> Claim:
    # Inputs x and -x along every axis: relu(s)^2 + relu(-s)^2 = s^2 makes the mean over them exact.
    passed = axis_signals(matrix(scheme, fans, seed))
    moment = float(np.mean([np.maximum(passed, 0.0) ** 2, np.maximum(-passed, 0.0) ** 2]))
    return Unlikely({"second moment": moment_p(scheme, moment, passed.size)}, 1.0, moment)


def axis_signals(weights: Any) -> Any:
    """x W for the inputs x = sqrt(width) e_i, of second moment 1, along every axis: one row each."""
    return math.sqrt(len(weights)) * weights


@law(
    XAVIER,
    r"g_{f} = n_{in} \operatorname{Var} w,\ g_{b} = n_{out} \operatorname{Var} w,\quad g_f + g_b = 2",
    CASE,
    source=SOURCE,
    rows=(
        "init.forward_fan_in",
        "init.backward_fan_out",
        "init.xavier.gain_sum",
        "init.xavier.harmonic",
    ),
    statistical=True,
    screen=2,
)
def forward_and_backward_gains_add_up_to_two(
    scheme: Operation, fans: tuple[int, int], seed: int
) -> Claim:
    weights = matrix(scheme, fans, seed)
    gains = [float(np.mean(axis_signals(w) ** 2)) for w in (weights, weights.T)]
    p = moment_p(scheme, sum(gains) / 2, weights.size)
    return Unlikely({"forward and backward gain": p}, 2.0, sum(gains))


@law(
    RANDOM,
    r"\text{two draws of one instance differ}",
    SMALL,
    source="FAU deck, Simple Initialization: equal units stay equal",
    rows=("init.symmetry_constant",),
    screen=2,
)
def two_draws_differ(scheme: Operation, fan_in: int, fan_out: int, seed: int) -> Claim:
    return Differ(*drawn(scheme, (fan_in, fan_out), seed, count=2))


@law(
    RANDOM,
    r"\text{draws of two instances differ}",
    SMALL,
    source="FAU deck, Simple Initialization: equal units stay equal",
    rows=("init.symmetry_constant",),
    screen=2,
)
def draws_of_two_instances_differ(scheme: Operation, fan_in: int, fan_out: int, seed: int) -> Claim:
    (first,) = drawn(scheme, (fan_in, fan_out), seed)
    second = scheme().draw(dense_shape(scheme, fan_in, fan_out), fan_in, fan_out)
    return Differ(first, second, "two instances draw the same weights")


@law(
    RANDOM,
    r"\text{the generator goes on where it was}",
    SMALL,
    screen=2,
)
def draws_do_not_reset_the_generator(
    scheme: Operation, fan_in: int, fan_out: int, seed: int
) -> Claim:
    after = []
    for start in (seed, seed + 1):
        drawn(scheme, (fan_in, fan_out), start)
        after.append(scheme.draw())
    return Differ(after[0], after[1], "drawing weights resets the generator of everyone else")


@law(
    RANDOM,
    r"\text{the shape is the requested one}",
    {
        "fan_in": integers(3, 9),
        "fan_out": integers(1, 2),
        "kernel": one_of((3, 2), (4,), (2, 3, 2)),
    },
    source=SOURCE,
    screen=3,
)
def shape_is_the_requested_one(
    scheme: Operation, fan_in: int, fan_out: int, kernel: tuple[int, ...]
) -> Claim:
    kernel = kernel_of(scheme, kernel)
    size = math.prod(kernel)
    shapes = (dense_shape(scheme, fan_in, fan_out), (fan_out, fan_in, *kernel))
    calls = [(shapes[0], fan_in, fan_out), (shapes[1], fan_in * size, fan_out * size)]
    pairs = zip(scheme().draw.each(calls), shapes, strict=True)
    return All(*(SameBits(w.shape, shape, "the shape is another") for w, shape in pairs))


@law(
    "constant",
    r"w_{ij} = c",
    {
        "value": one_of(0.1, 0.0, 1.0, -2.5),
        "shape": one_of((5,), (1, 4), (3, 2), (2, 3, 3, 2)),
        "seed": seeds(),
    },
    source="FAU deck, Simple Initialization",
    rows=("init.bias_zero",),
    screen=8,
)
def constant_entries_eq_value(
    constant: Operation, value: float, shape: tuple[int, ...], seed: int
) -> Claim:
    constant.seed(seed)
    weights = constant(value=value).draw(shape, 6, 3)
    return Equal(weights, lift(np.full(shape, value)), "an entry is not the constant")
