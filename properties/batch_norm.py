"""Laws of batch normalization (Ioffe, Szegedy 2015; FAU, TUM, ETH and Hannover decks, "Batch Normalization").

Training laws are stated for N >= 2 rows; one row has a law of its own.  Equations with a reference twin
compare within the rounding bound computed for these very inputs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lawbook.bounds import Bounded, bounded, measured_precision
from lawbook.claims import All, AtMost, Claim, Equal, Finite, Gradient, SameBits, near, plain
from lawbook.domains import (
    Case,
    Domain,
    Source,
    batch,
    batches,
    columns,
    images,
    integers,
    like,
    one_of,
    per_channel,
    sequence,
    table,
)
from lawbook.laws import law
from lawbook.operations import Instance, Operation, due
from reference import batch_norm as formulas

PAPER = "Ioffe, Szegedy 2015"
SOURCE = f"{PAPER}, Algorithm 1; FAU deck, Batch Normalization (BN)"
TEST_TIME = f"{PAPER}, Algorithm 2; Hannover deck, Test time; TUM deck, BN: Train vs Test"
BACKWARD = f"{PAPER}, section 3; Hannover deck, Backward pass"
UPDATE = f"{PAPER}, section 3: gamma and beta are learned along with the weights"
BOTH = ("batch_norm", "batch_norm_alt")
SCREEN = 5  # cases of a law: every feature of a batch is a case of its own
LARGEST_ADAM_EPS = 1e-3  # an Adam step falls short of the learning rate by eps / |g| at most


def affine(name: str) -> dict[str, Domain]:
    """gamma and beta for the features of an input, none of them 1 or 0."""
    return {
        "gamma": per_channel(name, 2.0, -1.0, 0.5, 3.0),
        "beta": per_channel(name, 1.0, -2.0, 0.5),
    }


def spread_rows(most: int = 12) -> Domain:
    """A batch (N, C), N >= 2, all of whose columns have a variance of at least 1."""

    def draw(source: Source, case: Case) -> Any:
        n, c = source.length(2, most), source.length(1, 4)
        return 10.0 * np.arange(n)[:, None] + columns(source, n, c, False)

    return Domain(f"array (N, C) with distinct rows, N in (2, {most}), C <= 4", draw)


def constant_columns() -> Domain:
    """A batch (N, C), N >= 2, each of whose columns holds one value only."""

    def draw(source: Source, case: Case) -> Any:
        n, c = source.length(2, 12), source.length(1, 8)
        values = table(source, (0.0, 1.0, 0.1, -100.0, 1e6), (c,))
        return np.ascontiguousarray(np.broadcast_to(values, (n, c)))

    return Domain("array (N, C), N in (2, 12), every column constant", draw)


ROWS = batch(rows=(2, 70), hard=False)
FEW = batch(rows=(2, 12), features=(1, 6), hard=False)
HARD = batch(rows=(2, 16))
IMAGES = images(rows=(2, 4), features=(2, 4))
ROWS_OR_IMAGES = Domain(
    "array (N, C) or (N, C, H, W)", lambda s, case: (FEW, IMAGES)[s.integer(0, 1)].draw(s, case)
)
FORWARD = {"x": ROWS, **affine("x")}
WITH_ERROR = {**FORWARD, "dy": like("x")}
SEVERAL = {"batches": batches()}
STEPS = {"x": FEW, **affine("x"), "dys": sequence("x", (2, 4), scaled=False)}
SLOPES = {"x": spread_rows(), **affine("x"), "slope": per_channel("x", 1.0, -1.0, 2.0, -0.5)}
RATE = {"rate": one_of(0.5, 0.25, 0.125)}


# --- helpers --------------------------------------------------------------------------------------


def channels(x: Any) -> int:
    """C of (N, C) or (N, C, H, W)."""
    return int(x.shape[1])


def both(operation: Operation, **hyperparameters: Any) -> tuple[Instance, Instance]:
    """A fresh layer of the target and its twin, the reference's on value-and-bound pairs."""
    return operation(**hyperparameters), operation.reference(**hyperparameters)


def unit_affine(x: Any) -> dict[str, Any]:
    """gamma = 1 and beta = 0."""
    return {"gamma": np.ones(channels(x)), "beta": np.zeros(channels(x))}


def normalized_by(x: Any, mean: Any, s: Any, affine: Any) -> Any:
    """gamma (x - mean) / s + beta in the shape of x, with its bound; gamma = 1, beta = 0 unless given."""
    y = formulas.normalize(formulas.as_rows(bounded(x)), mean, s)
    y = formulas.shift_and_scale(y, **affine) if affine else y
    return formulas.from_rows(y, x.shape)


@due
def training(operation: Operation, x: Any, affine: Mapping[str, Any]) -> Any:
    """The due training output of x, with its bound."""
    mean, variance = formulas.moments(formulas.as_rows(bounded(x)))
    s = formulas.deviation(variance, **place_and_eps(operation))
    return normalized_by(x, mean, s, affine)


def trained(operation: Operation, x: Any, **affine: Any) -> Any:
    """The training output of a fresh layer with its rounding bound; gamma = 1, beta = 0 unless given."""
    y = operation(**(affine or unit_affine(x))).train(x)
    return near(y, training(operation, x, affine))


def gradients(layer: Instance, twin: Instance, many: Any, dy: Any) -> tuple[Any, Any]:
    """The gradients (dx, dgamma, dbeta) of the last of many batches: the target's and the twin's."""
    layer.train.later(many)
    found = layer.backward(dy)
    twin.train(many[-1])
    return found, twin.backward(dy)


def backward_of(operation: Operation, x: Any, dy: Any, gamma: Any, beta: Any) -> Any:
    """The gradients (dx, dgamma, dbeta) of a fresh layer trained on x."""
    layer = operation(gamma=gamma, beta=beta)
    layer.train.later([x])
    return layer.backward(dy)


def input_gradients(
    operation: Operation, x: Any, dy: Any, gamma: Any, beta: Any
) -> tuple[Any, Any]:
    """dL/dx of a fresh layer trained on x: the target's and, with its bound, the due one."""
    found, _, _ = backward_of(operation, x, dy, gamma, beta)
    mean, variance = formulas.moments(bounded(x))
    s, r = deviations_backward(operation, variance)
    normalized = formulas.normalize(bounded(x), mean, s)
    return found, formulas.backward_compact(bounded(dy), normalized, gamma, s, r)


def deviations_backward(operation: Operation, variance: Any) -> tuple[Any, Any]:
    """s and r of dL/dx."""
    names = "eps", "eps_place", "backward_eps"
    return formulas.gradient_roots(variance, *map(operation.convention, names))


def over_rows(operation: Operation, total: Any, dy: Any) -> Any:
    """A gradient of gamma or beta: the sum over the rows, or their mean where that is the convention."""
    return total / len(dy) if operation.convention("parameter_gradients") == "mean" else total


def probes(x: Any) -> Any:
    """Two rows, of zeros and of ones: an affine map per feature is known from its values there."""
    return np.stack([np.zeros(channels(x)), np.ones(channels(x))])


def place_and_eps(operation: Operation) -> dict[str, Any]:
    """The conventions of s."""
    return {name: operation.convention(name) for name in ("eps", "eps_place")}


def deviation_of_evaluation(operation: Operation, variance: Any) -> Any:
    """s of evaluation, whose eps may be another than that of training by declaration."""
    own = operation.convention("evaluation_eps")
    eps = operation.convention("eps") if own is None else own
    return formulas.deviation(variance, eps, operation.convention("eps_place"))


@due
def running(operation: Operation, batches: Any) -> tuple[Any, Any]:
    """Mean and variance after these batches: the closed form of the declared moving average."""
    rows = [formulas.as_rows(bounded(x)) for x in batches]
    pairs = [formulas.moments(x) for x in rows]
    if operation.convention("running_variance") == "unbiased":
        pairs = [(m, formulas.unbiased(v, len(x))) for (m, v), x in zip(pairs, rows, strict=True)]
    start, decay = operation.convention("start"), operation.convention("decay")
    zero = np.zeros(channels(batches[0]))
    first = {"zeros": (zero, zero), "zeros_and_ones": (zero, zero + 1)}.get(start, pairs[0])
    later = pairs[1:] if start == "first_batch" else pairs
    averaged = formulas.moving_average_closed_form
    mean, variance = (averaged(first[i], [pair[i] for pair in later], decay) for i in (0, 1))
    return mean, variance


@due
def evaluation(operation: Operation, batches: Any, x: Any, affine: Mapping[str, Any]) -> Any:
    """The due evaluation of x after training on batches, with its bound."""
    mean, variance = running(operation, batches)
    return normalized_by(x, mean, deviation_of_evaluation(operation, variance), affine)


def evaluated(operation: Operation, batches: Any, x: Any, **affine: Any) -> Any:
    """The evaluation of x by a layer trained on batches, with its rounding bound; gamma = 1, beta = 0
    unless given."""
    layer = operation(**(affine or unit_affine(x)))
    layer.train.later(batches)
    return near(layer.evaluate(x), evaluation(operation, batches, x, affine))


def probed(operation: Operation, batches: Any) -> tuple[Any, Any, Any]:
    """The evaluations of 0 and 1 after training on batches, and the due running mean and s."""
    y = evaluated(operation, batches, probes(batches[0]))
    mean, variance = running(operation, batches)
    return y, mean, deviation_of_evaluation(operation, variance)


def interleaved(operation: Operation, batches: Any) -> Any:
    """The evaluation of the probes after training on all batches, with evaluations in between."""
    layer, probe = operation(**unit_affine(batches[0])), probes(batches[0])
    for x, other in zip(batches, [*batches[1:], batches[0]], strict=True):
        layer.train.later([x])
        layer.evaluate.later([other + 7.0])
    return near(layer.evaluate(probe), evaluation(operation, batches, probe, {}))


def latest_output(operation: Operation, batches: Any, evaluating: bool) -> Any:
    """The training output of the last batch after the others, evaluated in between or not."""
    layer = operation(**unit_affine(batches[0]))
    layer.train.later(batches[:-1])
    if evaluating:
        layer.evaluate.later(batches[:1])
    return near(layer.train(batches[-1]), training(operation, batches[-1], {}))


def by_row(operation: Operation, batches: Any, **affine: Any) -> tuple[Any, Any]:
    """The last batch evaluated at once, and upside down and row by row."""
    x, layer = batches[-1], operation(**affine)
    layer.train.later(batches)
    at_once, upside_down, *rows = layer.evaluate.each(
        [x, np.ascontiguousarray(x[::-1]), *(x[i : i + 1] for i in range(len(x)))]
    )
    bound = evaluation(operation, batches, x, affine)
    bound = np.concatenate([bound, bound])
    apart = np.concatenate([upside_down[::-1], *rows])
    return near(np.concatenate([at_once, at_once]), bound), near(apart, bound)


def by_feature(operation: Operation, x: Any) -> Any:
    """The training outputs of every feature on its own, side by side, with their bounds."""
    one = np.ones(1), np.zeros(1)
    parts = [
        trained(operation, np.ascontiguousarray(column[:, None]), gamma=one[0], beta=one[1])
        for column in x.T
    ]
    return np.concatenate(parts, axis=1)


def contiguous_rows(x: Any) -> Any:
    """(N, C, H, W) as contiguous (N H W, C)."""
    rows: Any = formulas.as_rows(x)
    return rows if isinstance(x, Bounded) else np.array(rows)


def backward_twice(layer: Instance, x: Any, dy: Any) -> tuple[Any, Any]:
    """The gradients of two backward passes after training on x."""
    layer.train.later([x])
    first, second = layer.backward.each([dy, dy])
    return first, second


def rows_of(gradients: Any) -> tuple[Any, Any, Any]:
    """(dx, dgamma, dbeta) with dx as rows."""
    dx, dgamma, dbeta = gradients
    return contiguous_rows(dx), dgamma, dbeta


def leak(operation: Operation, x: Any) -> tuple[Any, Any, Any]:
    """x^, s and 1 - var / (s r) of dL/dx; the last is eps / s^2 (inside) or eps / s (outside)."""
    mean, variance = formulas.moments(bounded(x))
    eps, other = operation.convention("eps"), operation.convention("backward_eps")
    s, _ = deviations_backward(operation, variance)
    inside = operation.convention("eps_place") == "inside" or other is not None
    share = (eps if other is None else other) / (np.square(s) if inside else s)
    return formulas.normalize(bounded(x), mean, s), s, share


def everything(operation: Operation, layer: Instance, x: Any, dy: Any) -> Any:
    """Training output, gradients and evaluation of one batch in one array; no evaluation without eps."""
    parts = [layer.train(x), *layer.backward(dy)]
    if operation.convention("evaluation_eps") != 0:
        parts.append(layer.evaluate(x))
    return np.concatenate([np.ravel(part) for part in parts])


def steps(layer: Instance, x: Any, dys: Any) -> tuple[Any, Any]:
    """gamma and beta after one step on x for each of the errors."""
    _, gamma, beta = layer.step.each([(x, dy) for dy in dys])[-1]
    return gamma, beta


def centred(x: Any, slope: Any) -> Any:
    """The error slope (x - mean): of gamma it has the gradient slope sum (x - mean)^2 / s, of beta 0."""
    return slope * (x - x.mean(axis=0))


def moves(operation: Operation, x: Any, dy: Any, gamma: Any, beta: Any) -> tuple[Any, Any]:
    """How far two equal steps of momentum move (gamma, beta): the first and the second."""
    layer = operation(gamma=gamma, beta=beta, optimizer="momentum", learning_rate=0.25)
    after = [
        np.stack([np.ravel(part) for part in found[1:]]) for found in layer.step.each([(x, dy)] * 2)
    ]
    first, second = np.abs(np.diff(np.stack([np.stack([gamma, beta]), *after]), axis=0))
    return first, second


# --- training -------------------------------------------------------------------------------------


@law(
    "batch_norm",
    r"y = \gamma\,\frac{x - \mu_B}{\sqrt{\sigma_B^2 + \epsilon}} + \beta",
    FORWARD,
    source=SOURCE,
    rows=("bn.forward", "bn.params_count", "bn.eps_needed"),
    screen=SCREEN,
)
def training_output_eq_affine_of_normalized_batch(
    batch_norm: Operation, x: Any, gamma: Any, beta: Any
) -> Claim:
    layer, twin = both(batch_norm, gamma=gamma, beta=beta)
    return Equal(layer.train(x), twin.train(x))


@law(
    "batch_norm",
    r"y = \gamma\,(x - \mu_B)/\sqrt{\sigma_B^2 + \epsilon} + \beta \text{ also for } |\mu_B| \gg \sigma_B",
    {"x": HARD, **affine("x")},
    source="Higham 2002, section 1.9: the two-pass variance is stable, E[x^2] - E[x]^2 is not",
    rows=("bn.forward",),
    screen=SCREEN,
)
def training_output_is_accurate_at_large_mean(
    batch_norm: Operation, x: Any, gamma: Any, beta: Any
) -> Claim:
    layer, twin = both(batch_norm, gamma=gamma, beta=beta)
    return Equal(layer.train(x), twin.train(x))


@law(
    "batch_norm",
    r"\operatorname{mean}_b \hat x = 0",
    {"x": ROWS},
    source=SOURCE,
    rows=("bn.moments",),
    screen=SCREEN,
)
def normalized_mean_is_zero(batch_norm: Operation, x: Any) -> Claim:
    return Equal(trained(batch_norm, x).mean(axis=0), np.zeros(channels(x)))


@law(
    "batch_norm",
    r"\operatorname{var}_b \hat x = \sigma_B^2 / (\sigma_B^2 + \epsilon)",
    {"x": ROWS},
    source=SOURCE,
    rows=("bn.moments", "bn.not_gaussian"),
    screen=SCREEN,
)
def normalized_variance_is_var_over_var_plus_eps(batch_norm: Operation, x: Any) -> Claim:
    _, variance = formulas.moments(trained(batch_norm, x))
    _, before = formulas.moments(bounded(x))
    return Equal(variance, formulas.normalized_variance(before, **place_and_eps(batch_norm)))


@law(
    "batch_norm",
    r"\mathrm{BN}_{\gamma,\beta}(X) = \gamma\,\mathrm{BN}_{1,0}(X) + \beta",
    FORWARD,
    source=SOURCE,
    rows=("bn.forward", "bn.params_count"),
    screen=SCREEN,
)
def training_applies_gamma_and_beta(batch_norm: Operation, x: Any, gamma: Any, beta: Any) -> Claim:
    y = trained(batch_norm, x, gamma=gamma, beta=beta)
    return Equal(y, gamma * trained(batch_norm, x) + beta)


@law(
    "batch_norm",
    r"\mathrm{BN}(X + \mathbf 1 c^\top) = \mathrm{BN}(X)",
    {"x": ROWS, "c": per_channel("x", 1.0, -3.0, 64.0, 1000.0, -1e6)},
    source="ETH deck, Batch Normalization - implementation details",
    rows=("bn.shift_invariance", "bn.bias_redundant"),
    screen=SCREEN,
)
def training_output_is_shift_invariant(batch_norm: Operation, x: Any, c: Any) -> Claim:
    return Equal(trained(batch_norm, x + c), trained(batch_norm, x))


@law(
    "batch_norm",
    r"\mathrm{BN}_\epsilon(aX) = \operatorname{sign}(a)\,\mathrm{BN}_{\epsilon/a^2}(X)",
    {"x": ROWS, "a": one_of(2.0, -1.0, -4.0, 0.5, 1024.0)},
    source="FAU deck, Why does batch normalization help? (cont.)",
    rows=("bn.scale_invariance", "bn.robust_hyper"),
    screen=SCREEN,
)
def training_output_is_scale_invariant_up_to_eps(batch_norm: Operation, x: Any, a: float) -> Claim:
    eps = batch_norm.convention("eps") / (
        a**2 if batch_norm.convention("eps_place") == "inside" else abs(a)
    )
    y = trained(batch_norm, a * x)
    return Equal(y, np.sign(a) * batch_norm.reference(**unit_affine(x), eps=eps).train(x))


@law(
    "batch_norm",
    r"\gamma = \sqrt{\sigma_B^2 + \epsilon},\ \beta = \mu_B \implies \mathrm{BN}(X) = X",
    {"x": ROWS},
    source=f"{PAPER}, section 3; TUM and ETH decks (errata E16: the root contains eps)",
    rows=("bn.undo",),
    screen=SCREEN,
)
def batch_is_restored_by_gamma_eq_deviation_and_beta_eq_mean(
    batch_norm: Operation, x: Any
) -> Claim:
    mean, variance = formulas.moments(bounded(x))
    gamma = formulas.deviation(variance, **place_and_eps(batch_norm))
    y = batch_norm(gamma=plain(gamma), beta=plain(mean)).train(x)
    return Equal(near(y, training(batch_norm, x, {"gamma": gamma, "beta": mean})), x)


@law(
    "batch_norm",
    r"\mathrm{BN}(PX) = P\,\mathrm{BN}(X) \text{ for every permutation } P \text{ of the rows}",
    {"x": FEW},
    source="TUM deck, BN: Train vs Test",
    rows=("bn.train.batch_dependence",),
    screen=SCREEN,
)
def training_permutes_with_rows(batch_norm: Operation, x: Any) -> Claim:
    upside_down = np.ascontiguousarray(x[::-1])
    return Equal(trained(batch_norm, upside_down), trained(batch_norm, x)[::-1])


@law(
    "batch_norm",
    r"\mathrm{BN}(X)_{\cdot i} = \mathrm{BN}(X_{\cdot i})",
    {"x": batch(rows=(2, 12), features=(1, 4), hard=False)},
    source=SOURCE,
    rows=("bn.not_whitening", "bn.forward"),
    screen=SCREEN,
)
def features_are_normalized_separately(batch_norm: Operation, x: Any) -> Claim:
    return Equal(trained(batch_norm, x), by_feature(batch_norm, x))


@law(
    "batch_norm",
    r"\mathrm{BN}(X^{N \times C \times H \times W}) \text{ is } \mathrm{BN} \text{ of its } NHW \times C"
    r" \text{ rows}",
    {"x": IMAGES, **affine("x")},
    source="Hannover deck, Convolutional Batch Normalization",
    rows=("bn.conv.per_channel", "bn.conv.reshape"),
    screen=SCREEN,
)
def images_are_normalized_per_channel(
    batch_norm: Operation, x: Any, gamma: Any, beta: Any
) -> Claim:
    y = trained(batch_norm, x, gamma=gamma, beta=beta)
    return Equal(
        contiguous_rows(y), trained(batch_norm, contiguous_rows(x), gamma=gamma, beta=beta)
    )


def _raises_on_single_row(operation: Operation) -> str | None:
    raises = operation.convention("single_row") == "raises"
    return "training on a single row raises by declaration" if raises else None


@law(
    "batch_norm",
    r"N = 1 \implies y = \beta",
    {"x": batch(rows=(1, 1), features=(1, 8)), **affine("x")},
    source="TUM deck, BN: Train vs Test",
    rows=("bn.train.batch1_degenerate",),
    unless=_raises_on_single_row,
    screen=SCREEN,
)
def training_output_of_single_row_eq_beta(
    batch_norm: Operation, x: Any, gamma: Any, beta: Any
) -> Claim:
    return Equal(trained(batch_norm, x, gamma=gamma, beta=beta), beta[None])


@law(
    "batch_norm",
    r"\mathrm{train}(X_1), \dots, \mathrm{train}(X_k)\text{: the last output is that of } X_k \text{ alone}",
    SEVERAL,
    source=SOURCE,
    rows=("bn.forward", "bn.differentiable_stats"),
    screen=SCREEN,
)
def training_output_ignores_earlier_batches(batch_norm: Operation, batches: Any) -> Claim:
    return Equal(latest_output(batch_norm, batches, False), trained(batch_norm, batches[-1]))


@law(
    "batch_norm",
    r"\mathrm{train}, \mathrm{evaluate}, \mathrm{train}\text{: the last output is as without evaluate}",
    SEVERAL,
    source=TEST_TIME,
    rows=("bn.forward",),
    screen=SCREEN,
)
def training_output_ignores_earlier_evaluation(batch_norm: Operation, batches: Any) -> Claim:
    after = latest_output(batch_norm, batches, True)
    return Equal(after, latest_output(batch_norm, batches, False))


@law(
    "batch_norm",
    r"\sigma_B^2 = 0 \implies y,\ \partial L/\partial x,\ \partial L/\partial\gamma \text{ are finite}",
    {"x": constant_columns(), **affine("x"), "dy": like("x")},
    source="ETH and FAU decks, Batch Normalization: eps > 0 (errata E16)",
    rows=("bn.eps_needed",),
    screen=SCREEN,
)
def constant_features_stay_finite(
    batch_norm: Operation, x: Any, gamma: Any, beta: Any, dy: Any
) -> Claim:
    layer = batch_norm(gamma=gamma, beta=beta)
    return Finite(
        everything(batch_norm, layer, x, dy), "a constant feature gives what is not a number"
    )


# --- evaluation and running statistics ------------------------------------------------------------


@law(
    "batch_norm",
    r"m_t = d^t m_0 + (1 - d) \sum_{s=1}^t d^{t-s} \mu_{B_s}",
    SEVERAL,
    source=f"{TEST_TIME} (errata E12, E13: the previous average is on the right)",
    rows=("bn.ema.definition", "bn.ema.closed_form", "bn.ema.noise_reduction"),
    screen=SCREEN,
)
def running_mean_eq_moving_average_of_batch_means(batch_norm: Operation, batches: Any) -> Claim:
    y, mean, _ = probed(batch_norm, batches)
    return Equal(-y[0] / (y[1] - y[0]), mean, "the running mean differs")


@law(
    "batch_norm",
    r"v_t = d^t v_0 + (1 - d) \sum_{s=1}^t d^{t-s} \sigma_{B_s}^2,\quad"
    r" \mathrm{evaluate}(1) - \mathrm{evaluate}(0) = 1/\sqrt{v_t + \epsilon}",
    SEVERAL,
    source=f"{TEST_TIME} (errata E12-E14: the variance is averaged, not its root)",
    rows=(
        "bn.ema.definition",
        "bn.ema.closed_form",
        "bn.ema.sigma_vs_var",
        "bn.ema.batch_var_bias",
    ),
    screen=SCREEN,
)
def running_variance_eq_moving_average_of_batch_variances(
    batch_norm: Operation, batches: Any
) -> Claim:
    y, _, s = probed(batch_norm, batches)
    return Equal(y[1] - y[0], 1 / s, "the scale by the running variance differs")


@law(
    "batch_norm",
    r"m_t - \mu_B = d^t (m_0 - \mu_B),\ v_t - \sigma_B^2 = d^t (v_0 - \sigma_B^2)"
    r"\text{: evaluation approaches training}",
    {"x": FEW, "times": integers(1, 4)},
    source=TEST_TIME,
    rows=("bn.ema.frozen_convergence", "bn.train_test.same_stats", "bn.train_test.unbiased_gap"),
    screen=SCREEN,
)
def evaluation_of_repeated_batch_approaches_training_output(
    batch_norm: Operation, x: Any, times: int
) -> Claim:
    y = evaluated(batch_norm, [x] * times, x)
    return Equal(y, evaluation(batch_norm, [x] * times, x, {}))


@law(
    "batch_norm",
    r"\mathrm{evaluate}_{\gamma,\beta}(X) = \gamma\,\mathrm{evaluate}_{1,0}(X) + \beta",
    {**SEVERAL, **affine("batches")},
    source=TEST_TIME,
    rows=("bn.train_test.same_stats",),
    screen=SCREEN,
)
def evaluation_applies_gamma_and_beta(
    batch_norm: Operation, batches: Any, gamma: Any, beta: Any
) -> Claim:
    y = evaluated(batch_norm, batches, batches[-1], gamma=gamma, beta=beta)
    return Equal(y, gamma * evaluated(batch_norm, batches, batches[-1]) + beta)


@law(
    "batch_norm",
    r"\mathrm{evaluate}(X)_b = \mathrm{evaluate}(X_b) \text{ for every row } b",
    {**SEVERAL, **affine("batches")},
    source=TEST_TIME,
    rows=("bn.test.per_sample",),
    screen=SCREEN,
)
def evaluation_is_per_row(batch_norm: Operation, batches: Any, gamma: Any, beta: Any) -> Claim:
    at_once, apart = by_row(batch_norm, batches, gamma=gamma, beta=beta)
    return Equal(apart, at_once)


@law(
    "batch_norm",
    r"\text{evaluating between the training batches leaves } m_t \text{ and } v_t \text{ as they are}",
    SEVERAL,
    source=TEST_TIME,
    rows=("bn.test.per_sample", "bn.ema.definition"),
    screen=SCREEN,
)
def evaluation_changes_no_statistics(batch_norm: Operation, batches: Any) -> Claim:
    mixed = interleaved(batch_norm, batches)
    return Equal(mixed, evaluated(batch_norm, batches, probes(batches[0])))


@law(
    "batch_norm",
    r"\mathrm{evaluate}(X^{N \times C \times H \times W}) \text{ is that of its } NHW \times C"
    r" \text{ rows, after training on either}",
    {"x": IMAGES, **affine("x")},
    source="Hannover deck, Convolutional Batch Normalization",
    rows=("bn.conv.per_channel", "bn.conv.reshape"),
    screen=SCREEN,
)
def evaluation_of_images_eq_that_of_rows(
    batch_norm: Operation, x: Any, gamma: Any, beta: Any
) -> Claim:
    y = evaluated(batch_norm, [x, x + 1], x, gamma=gamma, beta=beta)
    rows = contiguous_rows(x)
    return Equal(
        contiguous_rows(y), evaluated(batch_norm, [rows, rows + 1], rows, gamma=gamma, beta=beta)
    )


@law(
    "batch_norm",
    r"\text{before the first batch: } y = \gamma\,(x - m_0)/\sqrt{v_0 + \epsilon} + \beta",
    {"x": FEW, **affine("x")},
    source="torch, CMU 11-785 and CS231n: running statistics start at constants",
    rows=("bn.ema.definition",),
    severity="warning",
    unless=lambda operation: (
        "the first batch sets the running statistics"
        if operation.convention("start") == "first_batch"
        else None
    ),
    screen=SCREEN,
)
def evaluation_before_training_uses_initial_statistics(
    batch_norm: Operation, x: Any, gamma: Any, beta: Any
) -> Claim:
    layer, twin = both(batch_norm, gamma=gamma, beta=beta)
    return Equal(layer.evaluate(x), twin.evaluate(x))


# --- gradients ------------------------------------------------------------------------------------


@law(
    BOTH,
    r"\frac{\partial L}{\partial X} = \frac{\gamma}{\sqrt{\sigma_B^2+\epsilon}}\Big(E - \tfrac1B\sum_b E_b"
    r" - \hat X \tfrac1B\sum_b E_b \hat X_b\Big)",
    WITH_ERROR,
    source=BACKWARD,
    rows=(
        "bn.grad.input",
        "bn.grad.compact",
        "bn.grad.mu_second_term_zero",
        "bn.lipschitz_improvement",
    ),
    screen=SCREEN,
)
def input_gradient_flows_through_mean_and_variance(
    batch_norm: Operation, x: Any, dy: Any, gamma: Any, beta: Any
) -> Claim:
    return Equal(*input_gradients(batch_norm, x, dy, gamma, beta))


@law(
    BOTH,
    r"\partial L/\partial\gamma = \sum_b E_b \hat X_b",
    WITH_ERROR,
    source=BACKWARD,
    rows=("bn.grad.gamma",),
    screen=SCREEN,
)
def gamma_gradient_eq_sum_of_error_times_normalized(
    batch_norm: Operation, x: Any, dy: Any, gamma: Any, beta: Any
) -> Claim:
    _, dgamma, _ = backward_of(batch_norm, x, dy, gamma, beta)
    normalized = training(batch_norm, x, {})
    due = formulas.gradient_of_gamma(bounded(dy), normalized)
    return Equal(dgamma, over_rows(batch_norm, due, dy))


@law(
    BOTH,
    r"\partial L/\partial\beta = \sum_b E_b",
    WITH_ERROR,
    source=BACKWARD,
    rows=("bn.grad.beta",),
    screen=SCREEN,
)
def beta_gradient_eq_sum_of_error(
    batch_norm: Operation, x: Any, dy: Any, gamma: Any, beta: Any
) -> Claim:
    _, _, dbeta = backward_of(batch_norm, x, dy, gamma, beta)
    return Equal(dbeta, over_rows(batch_norm, formulas.gradient_of_beta(bounded(dy)), dy))


@law(
    "batch_norm",
    r"\partial L/\partial X \text{ as above also for } |\mu_B| \gg \sigma_B",
    {"x": HARD, **affine("x"), "dy": like("x")},
    source=BACKWARD,
    rows=("bn.grad.input",),
    screen=SCREEN,
)
def input_gradient_is_accurate_at_large_mean(
    batch_norm: Operation, x: Any, dy: Any, gamma: Any, beta: Any
) -> Claim:
    return Equal(*input_gradients(batch_norm, x, dy, gamma, beta))


@law(
    "batch_norm",
    r"\text{after training on } X_1, \dots, X_k \text{ the gradients are those of } X_k \text{ alone}",
    {**SEVERAL, **affine("batches")},
    source=BACKWARD,
    rows=("bn.grad.input", "bn.differentiable_stats"),
    screen=SCREEN,
)
def gradients_of_later_batch_eq_those_of_it_alone(
    batch_norm: Operation, batches: Any, gamma: Any, beta: Any
) -> Claim:
    layer, twin = both(batch_norm, gamma=gamma, beta=beta)
    error = np.roll(batches[-1], 1, axis=0) - 1
    found, due = gradients(layer, twin, batches, error)
    return All(*map(Equal, found, due))


@law(
    "batch_norm",
    r"\text{the gradients of } X^{N \times C \times H \times W} \text{ are those of its } NHW \times C"
    r" \text{ rows}",
    {"x": IMAGES, **affine("x"), "dy": like("x")},
    source="Hannover deck, Convolutional Batch Normalization",
    rows=("bn.conv.per_channel", "bn.conv.reshape"),
    screen=SCREEN,
)
def gradients_of_images_eq_those_of_rows(
    batch_norm: Operation, x: Any, dy: Any, gamma: Any, beta: Any
) -> Claim:
    layer, twin = both(batch_norm, gamma=gamma, beta=beta)
    layer.train.later([x])
    found = rows_of(layer.backward(dy))
    twin.train(contiguous_rows(x))
    return All(*map(Equal, found, twin.backward(contiguous_rows(dy))))


@law(
    "batch_norm",
    r"\sum_b \partial L/\partial X_b = 0",
    WITH_ERROR,
    source=BACKWARD,
    rows=("bn.grad.orthogonality", "bn.bias_redundant"),
    screen=SCREEN,
)
def input_gradient_sums_to_zero(
    batch_norm: Operation, x: Any, dy: Any, gamma: Any, beta: Any
) -> Claim:
    dx = near(*input_gradients(batch_norm, x, dy, gamma, beta))
    return Equal(dx.sum(axis=0), np.zeros(channels(x)))


@law(
    "batch_norm",
    r"\sum_b \hat X_b\,\partial L/\partial X_b = \frac{\gamma}{\sqrt{\sigma_B^2+\epsilon}}"
    r"\frac{\epsilon}{\sigma_B^2+\epsilon} \sum_b E_b \hat X_b",
    WITH_ERROR,
    source=BACKWARD,
    rows=("bn.grad.orthogonality", "bn.scale_invariance"),
    screen=SCREEN,
)
def input_gradient_is_orthogonal_to_normalized_input_up_to_eps(
    batch_norm: Operation, x: Any, dy: Any, gamma: Any, beta: Any
) -> Claim:
    dx = near(*input_gradients(batch_norm, x, dy, gamma, beta))
    normalized, s, share = leak(batch_norm, x)
    lhs = (dx * normalized).sum(axis=0)
    return Equal(lhs, gamma / s * share * (bounded(dy) * normalized).sum(axis=0))


@law(
    "batch_norm",
    r"\langle \partial L/\partial X, V \rangle = \tfrac{d}{dt} \langle E, \mathrm{train}(X + tV) \rangle",
    {"x": spread_rows(), **affine("x"), "dy": like("x")},
    source=BACKWARD,
    rows=("bn.differentiable_stats", "bn.grad.input"),
    unless=lambda operation: (
        None
        if operation.convention("backward_eps") is None
        else "dL/dx has another eps than the output by declaration"
    ),
    screen=SCREEN,
)
def input_gradient_is_derivative_of_training_output(
    batch_norm: Operation, x: Any, dy: Any, gamma: Any, beta: Any
) -> Claim:
    layer = batch_norm(gamma=gamma, beta=beta)
    dx, _, _ = backward_of(batch_norm, x, dy, gamma, beta)
    return Gradient(
        lambda many: layer.train.each([one["x"] for one in many]), {"x": x}, {"x": dx}, dy
    )


@law(
    "batch_norm",
    r"\text{going backward again gives the same } \partial L/\partial X",
    {"x": ROWS_OR_IMAGES, **affine("x"), "dy": like("x")},
    source=BACKWARD,
    rows=("bn.grad.input",),
    screen=SCREEN,
)
def second_backward_eq_first(
    batch_norm: Operation, x: Any, dy: Any, gamma: Any, beta: Any
) -> Claim:
    layer, twin = both(batch_norm, gamma=gamma, beta=beta)
    (first, _, _), (second, _, _) = backward_twice(layer, x, dy)
    (due, _, _), _ = backward_twice(twin, x, dy)
    return Equal(near(second, due), near(first, due))


@law(
    "batch_norm",
    r"\text{training and going backward leave } X \text{ and } E \text{ as they are}",
    {"x": ROWS_OR_IMAGES, **affine("x"), "dy": like("x")},
    source="what a caller hands over is the caller's",
    severity="warning",
    screen=SCREEN,
)
def arguments_are_not_changed(
    batch_norm: Operation, x: Any, dy: Any, gamma: Any, beta: Any
) -> Claim:
    layer = batch_norm(gamma=gamma, beta=beta)
    calls = (layer.train, x), (layer.backward, dy), (layer.evaluate, x)
    changed = "the caller's array was changed"
    return All(*(SameBits(method.echo(a)[1][0], a, changed) for method, a in calls))


# --- the update of gamma and beta -----------------------------------------------------------------


@law(
    "batch_norm_update",
    r"\gamma_{t+1} = \gamma_t - \eta\,\partial L/\partial\gamma",
    {**STEPS, **RATE},
    source=UPDATE,
    rows=("bn.params_count", "bn.grad.gamma"),
    screen=SCREEN,
)
def gamma_follows_gradient_descent(
    batch_norm: Operation, x: Any, dys: Any, gamma: Any, beta: Any, rate: float
) -> Claim:
    pair = both(batch_norm, gamma=gamma, beta=beta, optimizer="sgd", learning_rate=rate)
    found, due = (steps(layer, x, dys) for layer in pair)
    return Equal(found[0], due[0])


@law(
    "batch_norm_update",
    r"\beta_{t+1} = \beta_t - \eta\,\partial L/\partial\beta",
    {**STEPS, **RATE},
    source=UPDATE,
    rows=("bn.params_count", "bn.grad.beta"),
    screen=SCREEN,
)
def beta_follows_gradient_descent(
    batch_norm: Operation, x: Any, dys: Any, gamma: Any, beta: Any, rate: float
) -> Claim:
    pair = both(batch_norm, gamma=gamma, beta=beta, optimizer="sgd", learning_rate=rate)
    found, due = (steps(layer, x, dys) for layer in pair)
    return Equal(found[1], due[1])


@law(
    "batch_norm_update",
    r"|\gamma_2 - \gamma_1| = (1 + m)\,|\gamma_1 - \gamma_0| \text{ of two equal steps of momentum } m",
    SLOPES,
    source=UPDATE,
    screen=SCREEN,
)
def momentum_of_gamma_builds_up(
    batch_norm: Operation, x: Any, gamma: Any, beta: Any, slope: Any
) -> Claim:
    first, second = moves(batch_norm, x, centred(x, slope), gamma, beta)
    return AtMost(
        1.5 * first[0], second[0], "the second of two equal steps is no longer than the first"
    )


@law(
    "batch_norm_update",
    r"|\beta_2 - \beta_1| = (1 + m)\,|\beta_1 - \beta_0| \text{ of two equal steps of momentum } m",
    SLOPES,
    source=UPDATE,
    screen=SCREEN,
)
def momentum_of_beta_builds_up(
    batch_norm: Operation, x: Any, gamma: Any, beta: Any, slope: Any
) -> Claim:
    first, second = moves(batch_norm, x, slope + 0 * x, gamma, beta)
    return AtMost(
        1.5 * first[1], second[1], "the second of two equal steps is no longer than the first"
    )


@law(
    "batch_norm_update",
    r"v_\gamma \text{ and } v_\beta \text{ are two velocities: } v \leftarrow m v - \eta g",
    STEPS,
    source=UPDATE,
    severity="warning",
    screen=SCREEN,
)
def gamma_and_beta_have_velocities_of_their_own(
    batch_norm: Operation, x: Any, dys: Any, gamma: Any, beta: Any
) -> Claim:
    pair = both(batch_norm, gamma=gamma, beta=beta, optimizer="momentum", learning_rate=0.25)
    found, due = (steps(layer, x, dys) for layer in pair)
    return All(*map(Equal, found, due))


@law(
    "batch_norm_update",
    r"\text{Adam moves each by } \eta \text{ a step where its gradient is constant}",
    {**SLOPES, "offset": per_channel("x", 1.0, -1.0, 2.0, -0.5)},
    source="Kingma, Ba 2015, section 2.1: the effective step is bounded by the learning rate",
    severity="warning",
    screen=SCREEN,
)
def gamma_and_beta_have_adam_states_of_their_own(
    batch_norm: Operation, x: Any, gamma: Any, beta: Any, slope: Any, offset: Any
) -> Claim:
    pair = both(batch_norm, gamma=gamma, beta=beta, optimizer="adam", learning_rate=0.25)
    found, due = (steps(layer, x, [centred(x, slope) + offset] * 3) for layer in pair)
    room = (Bounded(plain(d), d.error + 0.75 * LARGEST_ADAM_EPS) for d in due)
    return All(*map(Equal, found, room))


@law(
    "batch_norm_update",
    r"\partial L/\partial X \text{ of a step has } \gamma \text{ before its update}",
    {**STEPS, **RATE},
    source=BACKWARD,
    rows=("bn.grad.input",),
    severity="warning",
    screen=SCREEN,
)
def input_gradient_has_gamma_before_its_update(
    batch_norm: Operation, x: Any, dys: Any, gamma: Any, beta: Any, rate: float
) -> Claim:
    pair = both(batch_norm, gamma=gamma, beta=beta, optimizer="sgd", learning_rate=rate)
    found, due = (layer.step(x, dys[0]) for layer in pair)
    return Equal(found[0], due[0])


# --- measuring eps --------------------------------------------------------------------------------


def measured_eps(operation: Operation) -> Mapping[str, Any]:
    """eps and eps_place of the training output, and backward_eps where that of dL/dx is another.

    The rows (-d, 0, d) of many columns d have variance 2 d^2 / 3; s = d / y there, and dL/dx of the
    error (1, -2, 1) is that error over s.  eps is read where it weighs as much as the variance.
    """
    d = 10.0 ** (-np.arange(1, 41) / 2)
    x, dy = np.stack([-d, 0 * d, d]), np.outer([1.0, -2.0, 1.0], np.ones_like(d))
    layer = operation(gamma=np.ones_like(d), beta=np.zeros_like(d))
    y = layer.train(x)
    dx, _, _ = layer.backward(dy)
    with np.errstate(all="ignore"):
        forward, backward = _eps_of(d, d / y[2]), _eps_of(d, 1 / dx[0])
    found = dict(zip(("eps", "eps_place"), forward, strict=True)) if forward else {}
    if forward and backward and backward[1] == "inside" and backward != forward:
        found["backward_eps"] = backward[0]
    return found


def _eps_of(d: Any, s: Any) -> tuple[float, str] | None:
    """eps and its place from the deviations s of columns (-d, 0, d); None where neither place fits."""
    variance = 2 * d * d / 3
    read = {"inside": s * s - variance, "outside": s - np.sqrt(variance)}
    weight = {"inside": variance, "outside": np.sqrt(variance)}
    for place, values in read.items():
        telling = (
            np.isfinite(values) & (values > 0.01 * weight[place]) & (values < 100 * weight[place])
        )
        if telling.sum() >= 2:
            eps = float(np.sort(values[telling])[telling.sum() // 2])  # median imports numpy.ma
            if np.ptp(values[telling]) <= 1e-9 * eps:
                return rounded_eps(eps), place
    return None


def rounded_eps(eps: float) -> float:
    """The number a person wrote: of two digits, or the machine epsilon, where that is nearly eps."""
    written = [float(f"{eps:.0e}"), float(f"{eps:.1e}"), float(np.finfo(float).eps)]
    return next((one for one in written if abs(one - eps) <= 1e-9 * eps), eps)


def precision_of(operation: Operation) -> Mapping[str, Any]:
    """Whether it computes in float32 whatever it is given."""
    layer = operation(gamma=np.array([2.0, 0.1]), beta=np.array([0.3, -0.7]))
    return measured_precision(layer.train(np.array([[0.1, 2.0], [0.7, 3.0], [0.9, 5.0]])))


EXPERIMENTS = {"batch_norm_eps": measured_eps, "precision": precision_of}
