"""Laws of the optimizers (Polyak 1964; Sutskever et al. 2013; Kingma and Ba 2015; Loshchilov and Hutter
2019; FAU and TUM decks, "Optimization"; weight decay: FAU deck, "Regularization")."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from lawbook.bounds import Bounded, bounded, lift, measured_precision, unit
from lawbook.claims import All, AtMost, Claim, Equal, SameBits, near
from lawbook.domains import Case, Domain, Source, array, integers, like, one_of, sequence, table
from lawbook.laws import law
from lawbook.operations import Instance, Operation
from reference.optimizers import Adam, AdamW, scaled

STATEFUL = ("momentum", "nesterov", "rmsprop", "adam", "adamw")
ALL = ("sgd", *STATEFUL)
PENALIZED = ("sgd", "momentum", "adam")
DESCENT = "Goodfellow et al. 2016, section 8.3; FAU deck, Optimization"
DECAY = "Loshchilov and Hutter 2019, section 2; FAU deck, L2 regularization"
DECAY_ROWS = ("pen.wd.definition", "pen.wd.equiv_sgd")
LARGEST_EPS = 1e-8  # of an Adam that fixes its own; the default of Kingma and Ba

RATES = one_of(0.1, 0.5, 1.0, 0.01)
STRENGTHS = one_of(0.5, 0.1, 0.25, 2.0)
MOMENTA = one_of(0.9, 0.5, 0.25, 0.99)  # not 0: m + (1 - beta) (g - m) then rounds m away
SETTINGS = {
    "rate": RATES,
    "momentum": MOMENTA,
    "decay": one_of(0.999, 0.9, 0.5),
    "eps": one_of(1e-8, 0.125, 1e-3, 2.0),
}
WEIGHTS = array(ranks=(0, 3), longest=4)
RUN = {"w": WEIGHTS, "gradients": sequence("w", (2, 4)), **SETTINGS}
TWO_RUNS = {"w": WEIGHTS, "one": sequence("w", (3, 3)), "other": sequence("w", (3, 3)), **SETTINGS}
NONZERO = (1.0, -1.0, 2.0, -2.0, 3.0, -0.5)


def filled(name: str) -> Domain:
    """An array of the shape of the input `name` without zeros."""

    def draw(source: Source, case: Case) -> Any:
        return table(source, NONZERO, np.shape(case[name]))

    return Domain(f"array shaped like {name}, without zeros", draw)


def numbers(count: int) -> Domain:
    """Several Python floats that every precision holds."""
    values = (0.0, *NONZERO, 0.25, 8.0)
    return Domain(f"{count} numbers", lambda s, case: table(s, values, (count,)).tolist())


def settings(
    operation: Operation, rate: float, momentum: float, decay: float, eps: float
) -> dict[str, float]:
    """The hyperparameters of an optimizer under their own names."""
    names = {
        "sgd": {},
        "momentum": {"momentum": momentum},
        "nesterov": {"momentum": momentum},
        "rmsprop": {"decay": decay, "eps": eps},
        "adam": {"beta1": momentum, "beta2": decay, "eps": eps},
        "adamw": {"beta1": momentum, "beta2": decay, "eps": eps, "weight_decay": 1 - decay},
    }
    return {"learning_rate": rate, **names[operation.name]}


def fixes_eps(operation: Operation) -> bool:
    """Whether the target has its own eps: it takes none, or one was declared or measured."""
    return "eps" not in operation.accepts or "eps" in operation.conventions


def made(operation: Operation, **hyper: Any) -> Instance:
    """The target's optimizer; one that fixes its own eps is given none."""
    own = fixes_eps(operation)
    return operation(**{k: v for k, v in hyper.items() if k != "eps" or not own})


def exact(operation: Operation, **hyper: Any) -> dict[str, Any]:
    """Hyperparameters as value-and-bound pairs, so that 1 - beta carries the rounding of beta.

    An eps that the target fixes itself is the declared or measured one, else all that it may be: an eps
    outside the root or inside it acts like one outside of at most the root of LARGEST_EPS.
    """
    pairs: dict[str, Any] = {k: lift(v) if isinstance(v, float) else v for k, v in hyper.items()}
    if "eps" in pairs and fixes_eps(operation):
        most, least = np.sqrt(LARGEST_EPS), unit() ** 2
        unknown: dict[str, Any] = {"eps": Bounded((most + least) / 2, (most - least) / 2)}
        if operation.conventions.get("eps") is not None:
            unknown = {"eps": lift(operation.conventions["eps"])}
        elif operation.convention("eps_place") != "numerator_too":
            unknown["eps_place"] = "outside"
        pairs = {**pairs, **unknown}
    return pairs


def twin(operation: Operation, **hyper: Any) -> Instance:
    """The reference's optimizer under the target's conventions, on value-and-bound pairs."""
    return operation.reference(**exact(operation, **hyper))


def moved(w: Any, count: int) -> list[Any]:
    """Weights for several steps: w times powers of 2 of both signs, which no precision rounds."""
    return [np.asarray(w * factor) for factor in (1.0, -2.0, 0.5, -1.0)[:count]]


def steps(instance: Instance, w: Any, gradients: Sequence[Any]) -> Any:
    """The results of several steps, each from other weights: (T, *shape of w)."""
    return np.stack(instance.step.each(list(zip(moved(w, len(gradients)), gradients, strict=True))))


def joined(values: Sequence[Any]) -> Any:
    """Numbers, arrays or pairs of one shape as one array, the first axis first."""
    return np.stack(values)


def chained(instance: Instance, w: Any, gradient: Callable[[Any], Any], count: int) -> Any:
    """The weights after `count` steps along their own path."""
    for _ in range(count):
        w = instance.step(w, gradient(w))
    return w


def as_defined(operation: Operation, w: Any, gradients: Sequence[Any], **hyper: Any) -> Claim:
    """The target's steps are the reference's."""
    found = steps(made(operation, **hyper), w, gradients)
    return Equal(found, steps(twin(operation, **hyper), w, gradients))


def lacks(penalty: str) -> Callable[[Operation], str | None]:
    """Why laws about a penalty do not apply: the optimizer takes none, or not this one."""

    def reason(operation: Operation) -> str | None:
        if "penalty" not in operation.accepts:
            return f"this {operation.name} takes no penalty"
        provided = operation.conventions.get("penalties", ("l1", "l2"))
        return None if penalty in provided else f"this {operation.name} has no {penalty} penalty"

    return reason


def drifts(operation: Operation) -> str | None:
    """Why a zero gradient may move weights: eps is declared to be in the numerator too."""
    declared = operation.conventions.get("eps_place") == "numerator_too"
    return "eps in the numerator moves weights whose gradient is zero" if declared else None


def penalty_is_coupled(operation: Operation) -> str | None:
    """Why a penalty alone need not shrink weights by its gradient."""
    coupled = operation.name == "adam" and operation.convention("decay") == "coupled"
    rescaled = "Adam rescales a coupled penalty" if coupled else None
    return lacks("l2")(operation) or rescaled or drifts(operation)


def penalty_is_decoupled(operation: Operation) -> str | None:
    """Why a penalty is not rescaled."""
    coupled = operation.convention("decay") == "coupled"
    return (
        drifts(operation) or lacks("l2")(operation) or (None if coupled else "decay is decoupled")
    )


def decay_factor(operation: Operation, rate: float, strength: float) -> Any:
    """What one step multiplies weights by that have no gradient: SGD with an L2 penalty, AdamW."""
    if operation.name == "adamw" and not operation.convention("rate_in_decay"):
        return 1 - lift(strength)
    factor = 1.0 if operation.name == "adamw" else operation.convention("gradient_factor")
    return 1 - lift(rate) * lift(strength) * factor


def decaying(operation: Operation, rate: float, strength: float) -> dict[str, Any]:
    """The hyperparameters of SGD with an L2 penalty, or of AdamW with weight decay."""
    if operation.name == "adamw":
        return {"learning_rate": rate, "beta1": 0.9, "beta2": 0.999, "weight_decay": strength}
    return {"learning_rate": rate, "penalty": "l2", "strength": strength}


@law(
    ALL,
    r"w_{k+1} = w_k + \Delta(g_0, \dots, g_k),\ \text{state } 0 \text{ before } g_0",
    RUN,
    source=DESCENT,
    rows=("opt.momentum", "opt.gd_full", "pen.wd.definition"),
    screen=8,
)
def steps_follow_closed_form(optimizer: Operation, w: Any, gradients: Any, **hyper: float) -> Claim:
    return as_defined(optimizer, w, gradients, **settings(optimizer, **hyper))


@law(
    ("sgd", "momentum", "nesterov", "rmsprop", "adam"),
    r"g_0 = \dots = g_k = 0 \Rightarrow w_{k+1} = w_k",
    {"w": WEIGHTS, **SETTINGS},
    source=DESCENT,
    rows=("opt.momentum",),
    unless=drifts,
    screen=4,
)
def zero_gradient_keeps_weights(optimizer: Operation, w: Any, **hyper: float) -> Claim:
    got = steps(made(optimizer, **settings(optimizer, **hyper)), w, [0 * w] * 3)
    return SameBits(got, np.stack(moved(w, 3)), "the gradient is zero, yet weights moved")


@law(
    STATEFUL,
    r"\text{steps of one instance do not depend on those of another}",
    TWO_RUNS,
    source="FAU framework: every layer has its own copy of the optimizer",
    screen=4,
)
def instances_keep_their_own_state(
    optimizer: Operation, w: Any, one: Any, other: Any, **hyper: float
) -> Claim:
    first, second, alone = (made(optimizer, **settings(optimizer, **hyper)) for _ in range(3))
    begun = first.step(w, one[0])
    steps(second, w, other)
    mixed = [begun, *first.step.each([(w, g) for g in one[1:]])]
    return SameBits(np.stack(mixed), np.stack(alone.step.each([(w, g) for g in one])))


@law(
    ALL,
    r"w \text{ and } g \text{ are the same after the step}",
    {"w": WEIGHTS, "g": like("w"), **SETTINGS},
    source="FAU framework; CS231n, optim.py",
    severity="warning",
    screen=4,
)
def arguments_are_left_alone(optimizer: Operation, w: Any, g: Any, **hyper: float) -> Claim:
    penalty = {} if lacks("l2")(optimizer) else {"penalty": "l2", "strength": 0.5}
    instance = made(optimizer, **settings(optimizer, **hyper), **penalty)
    (_, first), (_, second) = instance.step.echo(w, g), instance.step.echo(w, g)
    note = "the step changed its argument in place"
    return All(
        *(SameBits(a, b, note) for a, b in zip((*first, *second), (w, g, w, g), strict=True))
    )


@law(
    ALL,
    r"\text{step}(w, g) \text{ of numbers is that of arrays of rank } 0",
    {"w": numbers(1), "gradients": numbers(3), **SETTINGS},
    source="FAU tests: optimizers are called with Python floats",
    screen=4,
)
def numbers_step_as_arrays_do(
    optimizer: Operation, w: Any, gradients: Any, **hyper: float
) -> Claim:
    named = settings(optimizer, **hyper)
    due = twin(optimizer, **named).step.each([(np.asarray(w[0]), np.asarray(g)) for g in gradients])
    got = made(optimizer, **named).step.each([(w[0], g) for g in gradients])
    return Equal(np.stack(got), np.stack(due))


@law(
    "momentum",
    r"v_T = -\varepsilon g \frac{1 - \mu^T}{1 - \mu} \to \frac{-\varepsilon g}{1 - \mu}",
    {"w": WEIGHTS, "g": like("w"), "rate": RATES, "momentum": MOMENTA, "T": integers(1, 12)},
    source=DESCENT,
    rows=("opt.momentum",),
    screen=5,
)
def velocity_of_constant_gradient_is_geometric(
    optimizer: Operation, w: Any, g: Any, rate: float, momentum: float, T: int
) -> Claim:
    hyper = {"learning_rate": rate, "momentum": momentum}
    got = made(optimizer, **hyper).step.each([(w, g)] * T)[-1]
    bound = twin(optimizer, **hyper).step.each([(w, g)] * T)[-1]
    grown = (1 - lift(momentum) ** T) / (1 - lift(momentum))
    return Equal(near(got, bound), bounded(w) - lift(rate) * bounded(g) * grown)


@law(
    ("momentum", "nesterov"),
    r"\mu = 0 \Rightarrow w' = w - \varepsilon g",
    {"w": WEIGHTS, "gradients": sequence("w", (2, 3)), "rate": RATES},
    source=DESCENT,
    rows=("opt.momentum",),
    screen=5,
)
def zero_momentum_is_plain_descent(
    optimizer: Operation, w: Any, gradients: Any, rate: float
) -> Claim:
    got = steps(optimizer(learning_rate=rate, momentum=0.0), w, gradients)
    pairs = zip(bounded(moved(w, len(gradients))), bounded(gradients), strict=True)
    return Equal(got, joined([w - lift(rate) * g for w, g in pairs]))


@law(
    "momentum",
    r"v \leftarrow \mu v - \varepsilon g,\ w + v \quad=\quad u \leftarrow \mu u + g,\ w - \varepsilon u",
    {"w": WEIGHTS, "gradients": sequence("w", (2, 4)), "rate": RATES, "momentum": MOMENTA},
    source="Goodfellow et al. 2016, algorithm 8.2; torch.optim.SGD",
    rows=("opt.momentum",),
    screen=5,
)
def velocity_forms_agree_of_constant_rate(
    optimizer: Operation, w: Any, gradients: Any, rate: float, momentum: float
) -> Claim:
    hyper = {"learning_rate": rate, "momentum": momentum}
    other = not optimizer.convention("rate_in_velocity")
    due = steps(twin(optimizer, **hyper, rate_in_velocity=other), w, gradients)
    return Equal(steps(made(optimizer, **hyper), w, gradients), due)


@law(
    ("momentum", "nesterov"),
    r"w_1 = w_0 - \varepsilon g \text{ (momentum, Sutskever)},\quad w_0 - (1 + \mu) \varepsilon g"
    r" \text{ (shifted Nesterov)}",
    {"w": WEIGHTS, "g": like("w"), "rate": RATES, "momentum": MOMENTA},
    source="Polyak 1964; Sutskever et al. 2013, section 2; Bengio et al. 2013",
    rows=("opt.momentum",),
)
def first_step_starts_from_rest(
    optimizer: Operation, w: Any, g: Any, rate: float, momentum: float
) -> Claim:
    shifted = optimizer.name == "nesterov" and optimizer.convention("form") == "shifted"
    seen = 1 + lift(momentum) if shifted else 1
    got = made(optimizer, learning_rate=rate, momentum=momentum).step(w, g)
    return Equal(got, bounded(w) - lift(rate) * bounded(g) * seen)


@law(
    "nesterov",
    r"x_k = w_k + \mu v_k \text{ of Sutskever's form is } w_k \text{ of the shifted form}",
    {"w": WEIGHTS, "curvature": filled("w"), "rate": one_of(0.1, 0.5), "momentum": MOMENTA},
    source="Bengio et al. 2013, section 3.5; Sutskever et al. 2013, section 2",
    rows=("opt.momentum",),
    screen=5,
)
def both_forms_take_gradients_at_the_same_points(
    optimizer: Operation, w: Any, curvature: Any, rate: float, momentum: float
) -> Claim:
    own = optimizer.convention("form")
    other = "shifted" if own == "sutskever" else "sutskever"
    hyper = {"learning_rate": rate, "momentum": momentum}
    got = points(made(optimizer, **hyper), own, w, curvature, momentum)
    bound = points(twin(optimizer, **hyper), own, bounded(w), bounded(curvature), lift(momentum))
    plain = twin(optimizer, **hyper, form=other)
    due = points(plain, other, bounded(w), bounded(curvature), lift(momentum))
    return Equal(near(got, bound), due)


def points(optimizer: Any, form: str, w: Any, curvature: Any, momentum: Any) -> Any:
    """The points at which three gradients of a quadratic are taken, and the one after."""
    seen = [w]
    for _ in range(3):
        new = optimizer.step(w, curvature * seen[-1])
        seen.append(new + momentum * (new - w) if form == "sutskever" else new)
        w = new
    return np.stack(seen)


@law(
    "adam",
    r"w_1 = w_0 - \varepsilon\, g / (|g| + \epsilon)",
    {"w": WEIGHTS, "g": like("w", scaled=True), **SETTINGS},
    source="Kingma and Ba 2015, section 2.1",
    rows=("pen.wd.not_equiv_adam",),
    screen=6,
)
def first_step_has_the_size_of_the_rate(
    optimizer: Operation, w: Any, g: Any, **hyper: float
) -> Claim:
    named = settings(optimizer, **hyper)
    bound = twin(optimizer, **named).step(w, g)
    due = bounded(w) - first_step(optimizer, bounded(g), **named)
    return Equal(near(made(optimizer, **named).step(w, g), bound), due)


def first_step(optimizer: Operation, g: Any, **named: Any) -> Any:
    """Adam's first step down: the corrected moments are g and g^2 themselves."""
    pairs = exact(optimizer, **named)
    place = str(pairs.get("eps_place", optimizer.convention("eps_place")))
    direction = scaled(g, g * g, pairs["eps"], place, 1 - pairs["beta2"])
    return pairs["learning_rate"] * direction


@law(
    PENALIZED,
    r"w' = w + \Delta(g + \lambda w) \text{ (coupled)},\quad w - \varepsilon \lambda w + \Delta(g)"
    r" \text{ (decoupled)}",
    {**RUN, "strength": STRENGTHS},
    source=DECAY,
    rows=("pen.l2.update", *DECAY_ROWS),
    unless=lacks("l2"),
    screen=8,
)
def l2_penalty_enters_each_step_once(
    optimizer: Operation, w: Any, gradients: Any, strength: float, **hyper: float
) -> Claim:
    penalty = {"penalty": "l2", "strength": strength}
    return as_defined(optimizer, w, gradients, **settings(optimizer, **hyper), **penalty)


@law(
    PENALIZED,
    r"w' = w + \Delta(g + \lambda \operatorname{sign} w) \text{ (coupled)},\quad"
    r" w - \varepsilon \lambda \operatorname{sign} w + \Delta(g) \text{ (decoupled)}",
    {**RUN, "w": array(ranks=(1, 2), longest=6), "strength": STRENGTHS},
    source="FAU deck, L1 regularization",
    rows=DECAY_ROWS,
    unless=lacks("l1"),
    screen=8,
)
def l1_penalty_enters_each_step_once(
    optimizer: Operation, w: Any, gradients: Any, strength: float, **hyper: float
) -> Claim:
    penalty = {"penalty": "l1", "strength": strength}
    return as_defined(optimizer, w, gradients, **settings(optimizer, **hyper), **penalty)


@law(
    PENALIZED,
    r"g_0 = 0 \Rightarrow w_1 = (1 - \varepsilon \lambda) w_0",
    {"w": WEIGHTS, "strength": STRENGTHS, **SETTINGS},
    source=DECAY,
    rows=("pen.l2.update",),
    unless=penalty_is_coupled,
)
def penalty_alone_shrinks_weights_in_the_first_step(
    optimizer: Operation, w: Any, strength: float, **hyper: float
) -> Claim:
    named = settings(optimizer, **hyper)
    got = made(optimizer, **named, penalty="l2", strength=strength).step(w, 0 * w)
    return Equal(got, bounded(w) * decay_factor(optimizer, hyper["rate"], strength))


@law(
    ("sgd", "adamw"),
    r"g = 0 \Rightarrow w_t = (1 - \varepsilon \lambda)^t w_0",
    {"w": WEIGHTS, "rate": RATES, "strength": STRENGTHS},
    source=DECAY,
    rows=("pen.l2.shrinkage", "pen.wd.definition"),
    unless=lambda operation: lacks("l2")(operation) if operation.name == "sgd" else None,
)
def weights_decay_geometrically_of_zero_gradient(
    optimizer: Operation, w: Any, rate: float, strength: float
) -> Claim:
    got = chained(made(optimizer, **decaying(optimizer, rate, strength)), w, lambda w: 0 * w, 3)
    return Equal(got, bounded(w) * decay_factor(optimizer, rate, strength) ** 3)


@law(
    "sgd",
    r"w - \varepsilon (g + \lambda w) = (1 - \lambda_{wd}) w - \varepsilon g,\quad"
    r" \lambda_{wd} = \varepsilon \lambda",
    {"w": WEIGHTS, "gradients": sequence("w", (2, 3)), "rate": RATES, "strength": STRENGTHS},
    source=DECAY,
    rows=("pen.wd.equiv_sgd", "pen.l2.update"),
    unless=lacks("l2"),
)
def weight_decay_equals_l2_penalty(
    optimizer: Operation, w: Any, gradients: Any, rate: float, strength: float
) -> Claim:
    got = steps(made(optimizer, **decaying(optimizer, rate, strength)), w, gradients)
    kept = decay_factor(optimizer, rate, strength)
    pairs = zip(bounded(moved(w, len(gradients))), bounded(gradients), strict=True)
    return Equal(got, joined([kept * w - lift(rate) * g for w, g in pairs]))


@law(
    "adam",
    r"g_0 = 0 \Rightarrow w_1 = w_0 - \varepsilon \lambda w / (\lambda |w| + \epsilon):"
    r" \text{ the rate, whatever } \lambda",
    {"w": WEIGHTS, "strength": STRENGTHS, **SETTINGS},
    source=DECAY,
    rows=("pen.wd.not_equiv_adam",),
    unless=penalty_is_decoupled,
)
def coupled_penalty_alone_moves_weights_by_the_rate(
    optimizer: Operation, w: Any, strength: float, **hyper: float
) -> Claim:
    named = {**settings(optimizer, **hyper), "penalty": "l2", "strength": strength}
    bound = twin(optimizer, **named).step(w, 0 * w)
    pull = bounded(w) * lift(strength) * optimizer.convention("gradient_factor")
    due = bounded(w) - first_step(optimizer, pull, **named)
    return Equal(near(made(optimizer, **named).step(w, 0 * w), bound), due)


@law(
    "adamw",
    r"g_0 = 0:\ w_1 = (1 - \varepsilon \lambda) w_0 \neq w_0 - \varepsilon \operatorname{sign} w_0",
    {
        "shape": WEIGHTS,
        "w": filled("shape"),
        "rate": RATES,
        "strength": one_of(0.25, 0.125, 0.1, 0.01),
    },
    source=DECAY,
    rows=("pen.wd.not_equiv_adam",),
    unless=lambda operation: None if operation.convention("rate_in_decay") else "no rate in decay",
)
def weight_decay_is_not_an_l2_penalty_of_adam(
    optimizer: Operation, shape: Any, w: Any, rate: float, strength: float
) -> Claim:
    hyper = decaying(optimizer, rate, strength)
    got = near(made(optimizer, **hyper).step(w, 0 * w), twin(optimizer, **hyper).step(w, 0 * w))
    coupled = Adam(learning_rate=rate, beta1=0.9, beta2=0.999, penalty="l2", strength=strength)
    apart = lift(rate) * (1 - lift(strength) * abs(bounded(w)))  # |w| strength <= 3/4
    return AtMost(apart / 2, abs(got - lift(coupled.step(w, 0 * w))), "the decay acts as a penalty")


@law(
    "sgd",
    r"g = h (w - w^*):\quad w_t - \hat w = (1 - \varepsilon (h + \mu))^t (w_0 - \hat w),\quad"
    r" \hat w = \frac{h}{h + \mu} w^*",
    {
        "w": WEIGHTS,
        "optimum": like("w"),
        "curvature": filled("w"),
        "rate": one_of(0.1, 0.25, 0.01),
        "strength": STRENGTHS,
    },
    source="Goodfellow et al. 2016, section 7.1.1",
    rows=("wd.decay_gd_converges", "wd.closed_form"),
    unless=lacks("l2"),
)
def penalized_descent_converges_to_ridge(
    optimizer: Operation, w: Any, optimum: Any, curvature: Any, rate: float, strength: float
) -> Claim:
    hyper = decaying(optimizer, rate, strength)
    h, mu = abs(curvature), lift(strength) * optimizer.convention("gradient_factor")
    got = chained(made(optimizer, **hyper), w, lambda w: h * (w - optimum), 3)
    bound = chained(twin(optimizer, **hyper), bounded(w), lambda w: bounded(h) * (w - optimum), 3)
    ridge = bounded(h) / (bounded(h) + mu) * optimum
    due = ridge + (1 - lift(rate) * (bounded(h) + mu)) ** 3 * (bounded(w) - ridge)
    return Equal(near(got, bound), due)


LINE = {
    "start": one_of(1.0, 0.5, 0.1, 8.0),
    "part": one_of(0.0, 0.5, 0.01, 1.0),
    "count": integers(1, 12),
}


def rates(schedule: Operation, start: float, part: float, count: int) -> tuple[Any, Any]:
    """The rates of steps 0 to count + 3 of a schedule from `start` to `part` of it, and those due.

    The bound is that of walking along the line, one rounded step after the other.
    """
    walked = [lift(start)]
    falling = (lift(start) * (1 - lift(part))) / count
    for _ in range(count):
        walked.append(walked[-1] - falling)
    walked += [walked[-1]] * 3
    hyper = {"start": start, "end": start * part, "steps": count}
    twin_rate = schedule.reference(**{k: lift(v) if k != "steps" else v for k, v in hyper.items()})
    got = schedule(**hyper).rate.each(list(range(count + 4)))
    due: Any = joined([lift(rate) for rate in twin_rate.rate.each(list(range(count + 4)))])
    return near(joined(got), joined(walked)), due


@law(
    "linear_schedule",
    r"\varepsilon_k = (1 - \alpha) \varepsilon_0 + \alpha \varepsilon_\tau,\ \alpha = \min(k / \tau, 1)",
    LINE,
    source="Goodfellow et al. 2016, equation 8.14",
    rows=("opt.lr_schedule",),
)
def rate_falls_on_a_line_and_stays(
    schedule: Operation, start: float, part: float, count: int
) -> Claim:
    return Equal(*rates(schedule, start, part, count))


@law(
    "linear_schedule",
    r"\varepsilon_{k+1} \le \varepsilon_k,\quad \varepsilon_\tau \le \varepsilon_k \le \varepsilon_0",
    LINE,
    source="Goodfellow et al. 2016, equation 8.14",
    rows=("opt.lr_schedule",),
    screen=6,
)
def rate_never_rises(schedule: Operation, start: float, part: float, count: int) -> Claim:
    got, _ = rates(schedule, start, part, count)
    return All(AtMost(got[1:], got[:-1]), AtMost(got, lift(start)), AtMost(lift(start * part), got))


def measured_eps(operation: Operation) -> dict[str, Any]:
    """Adam's own eps and its place, from first steps of rate 1 at ever smaller gradients.

    An eps e acts on a first step of gradient g as -g / (g + e) outside the root, -g / sqrt(g^2 + e)
    inside; "hat" is an eps outside that changes with beta2.  Empty where the eps that is passed
    counts; None where no place explains the steps.
    """
    if "eps" in operation.accepts and passed_eps_counts(operation):
        return {}
    for place in ("outside", "inside", "numerator_too"):
        eps = first_steps_eps(operation, place, 0.999)
        if eps is None:
            continue
        other = first_steps_eps(operation, place, 0.5)
        if place == "outside" and other is not None and other < eps / 2:
            return {"eps": decimal(eps * np.sqrt(1 - 0.999)), "eps_place": "hat"}
        return {"eps": decimal(eps), "eps_place": place}
    return {"eps": None}


def passed_eps_counts(operation: Operation) -> bool:
    """Whether the first step depends on the eps that the constructor is given."""
    small, large = (
        operation(learning_rate=1.0, beta1=0.9, beta2=0.999, eps=eps).step(np.zeros(1), np.ones(1))
        for eps in (1e-8, 2.0)
    )
    return not np.array_equal(small, large)


def first_steps_eps(operation: Operation, place: str, beta2: float) -> float | None:
    """The eps that explains first steps at gradients from 1/4 down to 4^-28, if one does."""
    g = -(4.0 ** -np.arange(1.0, 29.0))
    adam = operation(learning_rate=1.0, beta1=0.9, beta2=beta2)
    parts = np.asarray(adam.step(np.zeros_like(g), g), float)  # of negative gradients: in [0, 1]
    found = [one_eps(place, *pair) for pair in zip(g.tolist(), parts.tolist(), strict=True)]
    return consistent(found)


def one_eps(place: str, g: float, part: float) -> float | None:
    """The eps that explains one first step; None where the step hardly depends on it."""
    if place == "numerator_too":
        return -g * (1 - part) / (1 + part) if abs(part) < 0.99 else None
    if not 0.01 < part < 0.99:
        return None
    return -g * (1 / part - 1) if place == "outside" else g * g * (1 / part**2 - 1)


def consistent(found: Sequence[float | None]) -> float | None:
    """The value that all estimates agree on to six digits, if there are two."""
    values = [value for value in found if value is not None]
    if len(values) < 2 or len({f"{value:.5e}" for value in values}) > 1:
        return None
    return values[0]


def decimal(value: float) -> float:
    """The number that people would have written."""
    return float(f"{value:.10g}")


def precision_of(operation: Operation) -> Mapping[str, Any]:
    """Whether it computes in float32 whatever it is given."""
    w = np.array([0.1, -0.7])
    optimizer = made(operation, **settings(operation, 0.1, 0.9, 0.99, 1e-8))
    optimizer.step(w, w)
    return measured_precision(optimizer.step(w, w))


def adamw_form(operation: Operation) -> Mapping[str, Any]:
    """Where AdamW has eps and whether it decays before or after its update, from one step at eps 1.

    Empty where no combination explains the step.
    """
    hyper: dict[str, Any] = {"learning_rate": 0.5, "beta1": 0.9, "beta2": 0.75}
    hyper |= {"eps": 1.0, "weight_decay": 0.25}
    w, g = np.array([1.0, -4.0]), np.array([2.0, 1.0])
    got = np.asarray(operation(**hyper).step(w, g), float)
    for place in ("outside", "inside"):
        for order in ("before", "after"):
            form: dict[str, Any] = {"eps_place": place, "decay_order": order}
            if (
                got.shape == w.shape
                and np.abs(got - AdamW(**hyper, **form).step(w, g)).max() < 1e-5
            ):
                return form
    return {}


EXPERIMENTS = {"adam_eps": measured_eps, "adamw_form": adamw_form, "precision": precision_of}
