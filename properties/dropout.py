"""Laws of dropout (Srivastava et al. 2014; FAU, TUM, ETH and Hannover decks, "Dropout").

Laws of a black box see its random masks only through its outputs.  Where they count, the comment beside
the sample size says which effect is found with a miss rate of at most 1e-9 (`lawbook.statistics`).
Laws of `dropout_given_mask` are exact: they sum over all 2^n masks.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from lawbook import statistics
from lawbook.bounds import bounded, measured_precision
from lawbook.claims import (
    All,
    AtMost,
    Claim,
    Differ,
    Equal,
    Frequency,
    Independent,
    OneOf,
    SameBits,
    Unlikely,
)
from lawbook.domains import (
    Case,
    Domain,
    Source,
    array,
    batch,
    keep_rates,
    like,
    one_of,
    seeds,
    small_integers,
)
from lawbook.laws import law
from lawbook.operations import Instance, Operation
from reference.activations import relu
from reference.losses import log_sum_exp, softmax

BOTH = ("dropout", "classic_dropout")
SOURCE = "Srivastava et al. 2014, section 4; FAU deck, Dropout"
MODES = "TUM deck, Dropout: Test Time"


RANKS = (2, 4)  # vectors and images in batches: honest layers may read x.shape[1]


def units(zeros: bool, most: int = 6) -> Domain:
    """A batch of rank 2 or 4; without zeros an output of 0 means a dropped unit."""

    def draw(source: Source, case: Case) -> Any:
        rank = RANKS[source.integer(0, len(RANKS) - 1)]
        values = small_integers(source, tuple(source.length(1, most) for _ in range(rank)))
        scale = (1.0, 0.5, 10.0, 1e-3)[source.integer(0, 3)]
        return scale * (values if zeros else np.where(values == 0, 5.0, values))

    return Domain(f"array of rank 2 or 4{'' if zeros else ' without zeros'}", draw)


ANY = {"x": units(zeros=True), "keep": keep_rates()}
# The last three: their inverses are no short binary fractions, so a mask in float32 shows.
FILLED = {"x": units(zeros=False), "keep": keep_rates(0.6, 0.7, 0.3)}
# 1/2 is left out: there the keep and the drop probability are the same.
RATES = {"keep": one_of(0.8, 0.25, 0.6, 0.9), "seed": seeds()}


def kept_factor(operation: Operation, keep: float) -> float:
    """What a kept unit is multiplied by in training: 1/q inverted, 1 classic."""
    return 1.0 if operation.name == "classic_dropout" else 1.0 / keep


def kept(operation: Operation, x: Any, keep: float) -> Any:
    """What a kept unit of x becomes in training: x/q inverted, x classic."""
    return bounded(x) if operation.name == "classic_dropout" else bounded(x) / keep


def passed(operation: Operation, dy: Any, keep: float) -> Any:
    """What the error of a kept unit becomes: dy/q, or dy (classic, or an unscaled convention)."""
    classic = operation.name == "classic_dropout"
    return (
        bounded(dy) if classic or not operation.convention("backward_scale") else bounded(dy) / keep
    )


def masks(operation: Operation, keep: float, calls: int, shape: tuple[int, ...]) -> Any:
    """The masks of several training calls of one layer on ones: (calls, *shape) of booleans."""
    ones = [np.ones(shape)] * calls
    return np.stack([np.asarray(y) != 0 for y in operation(keep=keep).train.each(ones)])


def trained(operation: Operation, keep: float, *inputs: Any) -> tuple[Instance, Any]:
    """A layer after training calls on each input, and the output of the last."""
    layer = operation(keep=keep)
    return layer, layer.train.each(inputs)[-1]


def mean_p(operation: Operation, keep: float) -> tuple[float, float, float]:
    """The p-value of "the mean of training outputs on ones is the evaluation's", with both means."""
    layer, ones = operation(keep=keep), np.ones((64, 64))
    due = float(np.mean(layer.evaluate(ones)))
    outputs = np.stack([np.asarray(y, float) for y in layer.train.each([ones] * 4)])
    high = kept_factor(operation, keep)
    if not 0.0 < due < high:
        return 0.0, due, float(outputs.mean())
    p = statistics.bounded_mean_p(float(outputs.mean()), outputs.size, due, 0.0, high)
    return p, due, float(outputs.mean())


# --- training --------------------------------------------------------------------------------------


@law(
    BOTH,
    r"y_i \in \{0,\ c\,x_i\},\quad c = 1/q \text{ (inverted)},\ 1 \text{ (classic)}",
    FILLED,
    source=SOURCE,
    rows=("dropout.inverted", "dropout.classic"),
)
def units_are_zero_or_scaled(dropout: Operation, x: Any, keep: float) -> Claim:
    y = dropout(keep=keep).train(x)
    return OneOf(y, (kept(dropout, x, keep), 0.0))


@law(
    BOTH,
    r"P(m_i = 1) = q",
    RATES,
    source=SOURCE,
    rows=("dropout.classic", "dropout.inverted", "dropout.expectation"),
    statistical=True,
    screen=3,
)
def units_are_kept_with_probability_keep(dropout: Operation, keep: float, seed: int) -> Claim:
    # 65536 bits, 3 cases.  One case misses a rate off by 0.02 with probability 4e-5 at q = 0.6, 1e-7 at
    # 0.25, 6e-10 at 0.8 and 1e-32 at 0.9; all 3 cases miss it with 7e-14 at most.
    dropout.seed(seed)
    m = masks(dropout, keep, 16, (64, 64))
    return Frequency(int(m.sum()), m.size, keep)


@law(
    BOTH,
    r"m_{cru} \text{ are independent over calls } c, \text{ rows } r \text{ and units } u",
    RATES,
    source=SOURCE,
    rows=("dropout.classic", "dropout.inverted", "dropout.variance"),
    statistical=True,
    screen=2,
)
def masks_are_independent(dropout: Operation, keep: float, seed: int) -> Claim:
    # 64 calls of 256 bits.  A fixed number of kept units per call puts the 64 sums at one point of the
    # binomial law (distance > 0.45): p < 1e-11; per row there are 1024 sums: p < 1e-170.  Of 8192 pairs of
    # neighbours, a share that differs off by 0.074 (a correlation of 0.15 at q = 0.6) is found; equal rows,
    # units or calls differ in none: p < 1e-300.
    dropout.seed(seed)
    return Independent(masks(dropout, keep, 64, (16, 16)), keep, seed)


@law(
    BOTH,
    r"E_m[y] = \mathrm{evaluate}(x)",
    RATES,
    source="ETH deck, Dropout: Weight Rescaling; Hannover deck, Inverted Dropout",
    rows=("dropout.expectation",),
    statistical=True,
    screen=2,
)
def training_mean_eq_evaluation(dropout: Operation, keep: float, seed: int) -> Claim:
    # 16384 outputs.  Found: a mean off by 0.19 at q = 0.25, 0.09 at 0.6, 0.054 at 0.8 and 0.037 at 0.9 where
    # 1 is due; less for classic dropout.  No rescaling at all is off by 1 - q >= 0.1.
    dropout.seed(seed)
    p, due, mean = mean_p(dropout, keep)
    return Unlikely({"mean of training outputs": p}, due, mean)


@law(
    BOTH,
    r"m \ne m' \text{ in two successive calls}",
    {"keep": keep_rates(), "seed": seeds()},
    source=SOURCE,
    rows=("dropout.classic", "dropout.train_eval_modes"),
    screen=3,
)
def calls_draw_fresh_masks(dropout: Operation, keep: float, seed: int) -> Claim:
    # 256 units: two independent masks are the same with probability at most 0.82^256 < 1e-22.
    dropout.seed(seed)
    first, second = masks(dropout, keep, 2, (16, 16))
    return Differ(first, second, "two calls used the same mask")


@law(
    BOTH,
    r"m \ne m' \text{ in two layers}",
    {"keep": keep_rates(), "seed": seeds()},
    source=SOURCE,
    rows=("dropout.train_eval_modes",),
    screen=3,
)
def layers_draw_different_masks(dropout: Operation, keep: float, seed: int) -> Claim:
    dropout.seed(seed)
    first, second = (masks(dropout, keep, 1, (16, 16)) for _ in range(2))
    return Differ(first, second, "two layers drew the same mask")


@law(
    BOTH,
    r"\text{seeds } s \ne s' \implies \text{the generator's next draws differ after training}",
    {"keep": keep_rates(), "seed": seeds()},
    source=MODES,
    rows=("dropout.train_eval_modes",),
    screen=3,
)
def training_leaves_the_generator_seeded(dropout: Operation, keep: float, seed: int) -> Claim:
    first, second = (after_training(dropout, keep, s) for s in (seed, seed + 1))
    return Differ(first, second, "training reseeds the global generator")


def after_training(dropout: Operation, keep: float, seed: int) -> float:
    """What the global generator draws after one training call under a seed."""
    dropout.seed(seed)
    dropout(keep=keep).train(np.ones((4, 4)))
    return dropout.draw()


@law(
    BOTH,
    r"\text{same seed} \implies \text{same mask, bit for bit}",
    {"keep": keep_rates(), "seed": seeds()},
    source=MODES,
    rows=("dropout.train_eval_modes",),
    severity="warning",  # a layer may own a generator that no seed of ours reaches
    screen=4,
)
def masks_are_repeatable_of_a_seed(dropout: Operation, keep: float, seed: int) -> Claim:
    x = np.ones((16, 16))  # of so many units no two masks are the same by chance
    dropout.seed(seed)
    first = trained(dropout, keep, x, x)[1]
    dropout.seed(seed)
    return SameBits(trained(dropout, keep, x, x)[1], first, "the same seed gave another mask")


@law(
    BOTH,
    r"q = 1 \implies y = x,\ dx = dy",
    {"x": batch((24, 40), (12, 16), hard=False), "dy": like("x")},
    source="Hannover deck, Inverted Dropout",
    rows=("dropout.edge_probabilities",),
    screen=2,
)
def layer_is_identity_of_keep_one(dropout: Operation, x: Any, dy: Any) -> Claim:
    layer, y = trained(dropout, 1.0, x)
    return All(Equal(y, x), Equal(layer.backward(dy), dy), Equal(layer.evaluate(x), x))


def masks_by_multiplying(dropout: Operation) -> str | None:
    """Why infinite inputs are left out, where the mask is a factor."""
    factor = dropout.convention("masking") == "multiply"
    return "the mask is a factor here, so a dropped infinite unit is nan" if factor else None


@law(
    BOTH,
    r"m_i = 0 \implies y_i = 0 \text{ for every } x_i, \text{ infinity included}",
    {},
    source=SOURCE,
    rows=("dropout.classic", "dropout.inverted"),
    unless=masks_by_multiplying,
    severity="warning",  # x * mask is nan there: known of torch on the CPU and of ONNX
    screen=1,
)
def dropped_units_are_zero_of_infinite_inputs(dropout: Operation) -> Claim:
    y = dropout(keep=0.5).train(np.full((16, 16), np.inf))
    return Equal(np.isnan(y), np.zeros((16, 16)), "a dropped infinite unit is nan")


@law(
    BOTH,
    r"y_i \in \{0,\ c\,x_i\} \text{ for integer } x",
    {**ANY, "keep": one_of(0.7, 0.3)},  # 1/q is no integer
    source=SOURCE,
    rows=("dropout.inverted", "dropout.classic"),
    severity="warning",  # the contract is floating point; x /= q fails on integers
    screen=10,
)
def integer_inputs_are_scaled_too(dropout: Operation, x: Any, keep: float) -> Claim:
    whole = np.rint(x).astype(np.int64)
    return OneOf(dropout(keep=keep).train(whole), (kept(dropout, whole.astype(float), keep), 0.0))


@law(
    BOTH,
    r"\text{train, evaluate and backward leave } x, dy \text{ as they are}",
    {**ANY, "dy": like("x")},
    severity="warning",
    screen=4,
)
def arguments_are_unchanged(dropout: Operation, x: Any, keep: float, dy: Any) -> Claim:
    layer = dropout(keep=keep)
    after = [*layer.train.echo(x)[1], *layer.backward.echo(dy)[1], *layer.evaluate.echo(x)[1]]
    note = "an argument was changed"
    return All(*(SameBits(a, b, note) for a, b in zip(after, (x, dy, x), strict=True)))


# --- backward --------------------------------------------------------------------------------------


@law(
    BOTH,
    r"dx = c\,m \odot dy",
    {**FILLED, "dy": like("x")},
    source="ETH deck, Dropout; Hannover deck, Method",
    rows=("dropout.backward_mask",),
    screen=8,
)
def backward_eq_masked_and_scaled_error(dropout: Operation, x: Any, keep: float, dy: Any) -> Claim:
    layer, y = trained(dropout, keep, x)
    return Equal(layer.backward(dy), np.where(np.asarray(y) != 0, passed(dropout, dy, keep), 0.0))


@law(
    BOTH,
    r"dx = c\,m \odot dy \text{ with the mask } m \text{ of the latest training call}",
    {**FILLED, "dy": like("x")},
    source="ETH deck, Dropout; Hannover deck, Method",
    rows=("dropout.backward_mask",),
    screen=6,
)
def backward_uses_the_latest_mask(dropout: Operation, x: Any, keep: float, dy: Any) -> Claim:
    layer, y = trained(dropout, keep, x, -x, x)
    return Equal(layer.backward(dy), np.where(np.asarray(y) != 0, passed(dropout, dy, keep), 0.0))


@law(
    BOTH,
    r"x_i = 0 \implies P(dx_i \ne 0) = q",
    {"keep": keep_rates(), "seed": seeds()},
    source="ETH deck, Dropout; Hannover deck, Method",
    rows=("dropout.backward_mask",),
    statistical=True,
    screen=2,
)
def kept_units_pass_errors_where_the_input_is_zero(
    dropout: Operation, keep: float, seed: int
) -> Claim:
    # 1024 bits: a rate off by 0.2 is found; a mask taken from y != 0 has the rate 0.
    dropout.seed(seed)
    layer, _ = trained(dropout, keep, np.zeros((32, 32)))
    passes = np.asarray(layer.backward(np.ones((32, 32)))) != 0
    return Frequency(int(passes.sum()), passes.size, keep)


# --- evaluation ------------------------------------------------------------------------------------


@law(
    BOTH,
    r"\mathrm{evaluate}(x) = x \text{ (inverted)},\ q\,x \text{ (classic)}",
    ANY,
    source="Hannover deck, Inverted Dropout; ETH deck, Weight Rescaling",
    rows=("dropout.inverted", "dropout.classic"),
    screen=6,
)
def evaluation_draws_no_mask(dropout: Operation, x: Any, keep: float) -> Claim:
    return Equal(dropout(keep=keep).evaluate(x), dropout.reference(keep=keep).evaluate(x))


@law(
    BOTH,
    r"\mathrm{evaluate}(x) \text{ after training} = x \text{ (inverted)},\ q\,x \text{ (classic)}",
    {**FILLED, "seed": seeds()},
    source=MODES,
    rows=("dropout.train_eval_modes", "dropout.inverted", "dropout.classic"),
    screen=6,
)
def evaluation_forgets_the_mask(dropout: Operation, x: Any, keep: float, seed: int) -> Claim:
    dropout.seed(seed)
    layer, _ = trained(dropout, keep, x)
    return Equal(layer.evaluate(x), dropout.reference(keep=keep).evaluate(x))


@law(
    BOTH,
    r"P(m_i = 1) = q \text{ in training after evaluation}",
    {"keep": keep_rates(), "seed": seeds()},
    source=MODES,
    rows=("dropout.train_eval_modes",),
    statistical=True,
    screen=2,
)
def training_drops_after_evaluation(dropout: Operation, keep: float, seed: int) -> Claim:
    # 1024 bits: a rate off by 0.2 is found; a layer left in evaluation has the rate 1.
    dropout.seed(seed)
    layer, ones = operation_after_evaluation(dropout, keep), np.ones((32, 32))
    m = np.asarray(layer.train(ones)) != 0
    return Frequency(int(m.sum()), m.size, keep)


def operation_after_evaluation(dropout: Operation, keep: float) -> Instance:
    """A layer that was trained once and then evaluated."""
    layer, _ = trained(dropout, keep, np.ones((4, 4)))
    layer.evaluate(np.ones((4, 4)))
    return layer


# --- all masks -------------------------------------------------------------------------------------


def vectors(most: int) -> Domain:
    """A vector (n,), n <= most, of small integers."""
    return array(ranks=(1, 1), longest=most, scaled=False)


def matrices(name: str) -> Domain:
    """A matrix (3, n) of small integers, n the length of the input `name`."""
    return Domain(
        f"matrix (3, n), {name} is (n,)", lambda s, c: small_integers(s, (3, len(c[name])))
    )


VECTOR = {"x": vectors(5), "keep": keep_rates()}
LINEAR = {**VECTOR, "W": matrices("x")}


def all_masks(n: int) -> Any:
    """All 2^n masks of n units, (2^n, n) of 0 and 1."""
    return np.array(list(itertools.product((0.0, 1.0), repeat=n)))


def probabilities(every: Any, keep: float) -> Any:
    """P(m) = q^kept (1 - q)^dropped of every mask, as value-and-bound pairs: (2^n, 1)."""
    ones = bounded(every)
    return product(np.where(every > 0, keep + 0.0 * ones, (1.0 - keep) + 0.0 * ones))


def product(factors: Any) -> Any:
    """The product along axis 1, kept as an axis."""
    total = factors[:, :1]
    for column in range(1, factors.shape[1]):
        total = total * factors[:, column : column + 1]
    return total


def outputs(dropout: Operation, x: Any, keep: float) -> tuple[Any, Any]:
    """The layer's outputs on x (n,) under all masks, (2^n, n) with bounds, and P of every mask."""
    every = all_masks(x.size)
    repeated = np.broadcast_to(x.ravel(), every.shape).copy()
    y = dropout(keep=keep).apply(repeated, every)
    due = dropout.reference(keep=keep).apply(repeated, every)
    return type(due)(y, due.error), probabilities(every, keep)


def expectation(
    dropout: Operation, x: Any, keep: float, of: Callable[[Any], Any] = lambda y: y
) -> Any:
    """The sum over all masks of P(m) of(y(m))."""
    y, weight = outputs(dropout, x, keep)
    return (weight * of(y)).sum(axis=0)


@law(
    "dropout_given_mask",
    r"\sum_m P(m)\, y(m) = x",
    VECTOR,
    source="Hannover deck, Inverted Dropout",
    rows=("dropout.expectation", "dropout.two_input_example"),
    screen=5,
)
def mean_over_all_masks_eq_input(dropout: Operation, x: Any, keep: float) -> Claim:
    return Equal(expectation(dropout, x, keep), x)


@law(
    "dropout_given_mask",
    r"\sum_m P(m)\,(y_i - x_i)(y_j - x_j) = \delta_{ij}\, x_i^2\,(1 - q)/q",
    VECTOR,
    source="Hannover deck, Inverted Dropout",
    rows=("dropout.variance",),
    screen=5,
)
def covariance_over_all_masks_is_diagonal(dropout: Operation, x: Any, keep: float) -> Claim:
    y, weight = outputs(dropout, x, keep)
    due = bounded(np.diag(x * x)) * (1.0 - keep) / keep
    return Equal((weight * (y - x)).T @ (y - x), due)


@law(
    "dropout_given_mask",
    r"\sum_m P(m)\, W y(m) = W x",
    LINEAR,
    source="ETH deck, Weight Rescaling",
    rows=("dropout.weight_scaling_linear", "dropout.ensemble_marginal"),
    screen=5,
)
def mean_of_a_linear_map_over_all_masks_eq_map(
    dropout: Operation, x: Any, keep: float, W: Any
) -> Claim:
    return Equal(expectation(dropout, x, keep, lambda y: y @ W.T), bounded(W) @ x)


@law(
    "dropout_given_mask",
    r"\sum_m P(m)\, \max(0, W y(m)) \ge \max(0, W x)",
    LINEAR,
    source="ETH deck, Weight Rescaling; Dropout Ensembles",
    rows=("dropout.weight_scaling_nonlinear",),
    screen=5,
)
def mean_of_a_convex_map_over_all_masks_is_no_less(
    dropout: Operation, x: Any, keep: float, W: Any
) -> Claim:
    return AtMost(relu(bounded(W) @ x), expectation(dropout, x, keep, lambda y: relu(y @ W.T)))


@law(
    "dropout_given_mask",
    r"\mathrm{softmax}\left(\sum_m P(m) \log \mathrm{softmax}(W y(m))\right) = \mathrm{softmax}(W x)",
    LINEAR,
    source="ETH deck, Weight Rescaling; Dropout Ensembles",
    rows=("dropout.softmax_geometric_mean",),
    screen=5,
)
def geometric_mean_of_softmax_over_all_masks_eq_softmax(
    dropout: Operation, x: Any, keep: float, W: Any
) -> Claim:
    logs = expectation(dropout, x, keep, lambda y: y @ W.T - log_sum_exp(y @ W.T))
    return Equal(softmax(logs.reshape(1, -1)), softmax((bounded(W) @ x).reshape(1, -1)))


@law(
    "dropout_given_mask",
    r"\sum_m P(m)\,(t - w \cdot y(m))^2 = (t - w \cdot x)^2 + \frac{1-q}{q} \sum_i w_i^2 x_i^2",
    {**VECTOR, "w": like("x"), "t": one_of(0.0, 1.0, -7.0)},
    source="ETH deck, Dropout; Wager, Wang, Liang 2013",
    rows=("dropout.adaptive_ridge",),
    screen=5,
)
def mean_squared_error_over_all_masks_is_adaptive_ridge(
    dropout: Operation, x: Any, keep: float, w: Any, t: float
) -> Claim:
    mean = expectation(dropout, x, keep, lambda y: square(t - y @ w.reshape(-1, 1)))
    error, ridge = square(t - bounded(w * x).sum()), square(bounded(w * x)).sum()
    return Equal(mean.sum(), error + ridge * (1.0 - keep) / keep)


def square(value: Any) -> Any:
    """value times itself."""
    return value * value


# --- measuring the precision -----------------------------------------------------------------------


def precision_of(operation: Operation) -> Mapping[str, Any]:
    """Whether it computes in float32 whatever it is given."""
    return measured_precision(operation(keep=0.7).train(np.ones((4, 4))))


EXPERIMENTS = {"precision": precision_of}
