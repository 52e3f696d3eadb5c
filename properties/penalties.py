"""Laws of norm penalties, soft-thresholding and the lasso (FAU, TUM, ETH and Hannover decks)."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from lawbook.bounds import Bounded, bounded, lift
from lawbook.claims import All, AtMost, Claim, Equal, SameBits, near
from lawbook.domains import (
    Case,
    Domain,
    Source,
    array,
    lengths,
    like,
    one_of,
    small_integers,
    table,
)
from lawbook.laws import law
from lawbook.operations import Instance, Operation
from reference.penalties import lasso_step, soft_threshold

PENALTIES = ("l1_penalty", "l2_penalty", "elastic_net")
SOURCE = "FAU deck, L2 and L1 regularization; ETH deck, Norm-based Regularization"
SOFT = "Donoho, Johnstone 1994; ETH deck, L1 Regularization"
ISTA = "Daubechies, Defrise, De Mol 2004; Beck, Teboulle 2009"
FORMS = ("pen.l1.forward", "pen.l2.forward")

WEIGHTS = array(ranks=(1, 4))
STRENGTH = {"strength": one_of(1.0, 0.5, 0.1, 4e-4, 3.0), "l1_ratio": one_of(0.5, 0.25, 0.9)}
# Sums of these levels and integers are exact in every precision, so that ties are ties.
LEVEL = one_of(1.0, 0.5, 2.0, 0.25)


def settings(penalty: Operation, strength: float, l1_ratio: float) -> dict[str, float]:
    """The hyperparameters that a penalty takes."""
    mixed = penalty.name == "elastic_net"
    return {"strength": strength, **({"l1_ratio": l1_ratio} if mixed else {})}


def pair(penalty: Operation, strength: float, l1_ratio: float) -> tuple[Instance, Instance]:
    """The target's instance and the reference's."""
    chosen = settings(penalty, strength, l1_ratio)
    return penalty(**chosen), penalty.reference(**chosen)


def results(own: Any, twin: Any, arguments: list[Any]) -> list[Any]:
    """The target's results of a method for each argument, with the reference's bounds for them."""
    many = zip(own.each(arguments), twin.each(arguments), strict=True)
    return [near(value, bound) for value, bound in many]


def kink(penalty: Operation, strength: float, l1_ratio: float) -> Bounded:
    """Half the length of the subdifferential at a zero weight: 0 where the penalty is smooth."""
    part = {"l1_penalty": 1.0, "l2_penalty": 0.0, "elastic_net": l1_ratio}[penalty.name]
    return lift(strength) * part


def disagreeing_factors(penalty: Operation) -> str | None:
    """Why the declared gradient of L2 is not the derivative of the declared value."""
    if penalty.name != "l2_penalty":
        return None
    value, gradient = (penalty.convention(name) for name in ("value_factor", "gradient_factor"))
    if rooted(penalty) or gradient != 2 * value:
        return "the declared factors of value and gradient are not those of a derivative"
    return None


def rooted(penalty: Operation) -> str | None:
    """Why the L2 value is no sum over weights."""
    if penalty.name == "l2_penalty" and penalty.convention("l2_norm") == "root":
        return "the declared L2 value is the norm, not its square"
    return None


def degree(penalty: Operation) -> int:
    """The power of |t| in Omega(t w) = |t|^k Omega(w)."""
    return 1 if penalty.name == "l1_penalty" or rooted(penalty) else 2


# Values and gradients ----------------------------------------------------------------------------


@law(
    PENALTIES,
    r"\Omega(w) = \lambda \sum_j |w_j|,\ c\,\lambda \sum_j w_j^2"
    r" \text{ or } \lambda\,(r \sum_j |w_j| + c\,(1 - r) \sum_j w_j^2)",
    {"w": WEIGHTS, **STRENGTH},
    source=SOURCE,
    rows=FORMS,
)
def value_eq_strength_times_norm(
    penalty: Operation, w: Any, strength: float, l1_ratio: float
) -> Claim:
    own, twin = pair(penalty, strength, l1_ratio)
    return Equal(own.value(w), twin.value(w), "the penalty has another value")


@law(
    PENALTIES,
    r"g_j = \Omega'(w_j) \text{ for } w_j \neq 0,\quad |g_j| \leq \lambda_1 \text{ for } w_j = 0",
    {"w": WEIGHTS, **STRENGTH},
    source=SOURCE,
    rows=("pen.l2.gradient", "pen.l1.subdifferential"),
)
def gradient_lies_in_the_subdifferential(
    penalty: Operation, w: Any, strength: float, l1_ratio: float
) -> Claim:
    own, twin = pair(penalty, strength, l1_ratio)
    g, zero = own.gradient(w), w == 0
    outside = AtMost(np.abs(np.where(zero, g, 0.0)), kink(penalty, strength, l1_ratio))
    return All(Equal(np.where(zero, 0.0, g), twin.gradient(w)), outside)


@law(
    PENALTIES,
    r"\Omega(v) \geq \Omega(w) + \langle g, v - w \rangle",
    {"w": WEIGHTS, "v": like("w"), **STRENGTH},
    source="Rockafellar 1970, section 23",
    rows=("pen.l1.subdifferential",),
    unless=disagreeing_factors,
    screen=4,
)
def value_is_above_its_tangents(
    penalty: Operation, w: Any, v: Any, strength: float, l1_ratio: float
) -> Claim:
    own, twin = pair(penalty, strength, l1_ratio)
    points = [w, 0.5 * w, 2 * w, -w, v]
    first, *others = results(own.value, twin.value, points)
    g = near(own.gradient(w), twin.gradient(w))
    rises: Any = [(g * (bounded(point) - w)).sum() for point in points[1:]]
    return AtMost(first + np.stack(rises), np.stack(others), "a tangent is above the penalty")


def fractions_of(name: str) -> Domain:
    """A change of every entry by a fraction of at most 1/2, exact for small integers."""

    def draw(source: Source, case: Case) -> Any:
        return table(source, (0.5, -0.5, 0.25, -0.25, 0.0), np.shape(case[name])) * case[name]

    return Domain(f"entries of {name} times 0, 1/4 or 1/2, of either sign", draw)


@law(
    PENALTIES,
    r"\Omega(w + d) - \Omega(w - d) = 2 \langle \nabla\Omega(w), d \rangle,\quad |d_j| \leq |w_j| / 2",
    {"w": array(ranks=(1, 4), scaled=False), "d": fractions_of("w"), **STRENGTH},
    source="FAU deck, L_2 regularization (the printed step lacks the factor 2 of its own penalty)",
    rows=("pen.forward_backward_consistency", "pen.l2.gradient"),
    unless=disagreeing_factors,
)
def gradient_is_the_derivative_of_the_value(
    penalty: Operation, w: Any, d: Any, strength: float, l1_ratio: float
) -> Claim:
    # Exact, not to first order: between w - d and w + d the penalty is quadratic or linear.
    own, twin = pair(penalty, strength, l1_ratio)
    above, below = results(own.value, twin.value, [w + d, w - d])
    g = near(own.gradient(w), twin.gradient(w))
    return Equal(above - below, (2 * g * d).sum(), "the gradient is not the value's derivative")


@law(
    ("l1_penalty", "l2_penalty"),
    r"\Omega(t\,w) = |t|^k\,\Omega(w),\quad k = 1 \text{ for L1},\ 2 \text{ for L2}",
    {"w": WEIGHTS, "t": one_of(-1.0, 2.0, -0.5, 4.0), "strength": STRENGTH["strength"]},
    source=SOURCE,
    rows=FORMS,
    screen=5,
)
def value_is_homogeneous(penalty: Operation, w: Any, t: float, strength: float) -> Claim:
    own, twin = pair(penalty, strength, 0.0)
    before, after = results(own.value, twin.value, [w, t * w])
    return Equal(after, abs(t) ** degree(penalty) * before)


@law(
    PENALTIES,
    r"\Omega(v, w) = \Omega(v) + \Omega(w)",
    {"v": array(ranks=(1, 2)), "w": like("v"), **STRENGTH},
    source=SOURCE,
    rows=FORMS,
    unless=rooted,
    screen=6,
)
def value_is_the_sum_over_parts(
    penalty: Operation, v: Any, w: Any, strength: float, l1_ratio: float
) -> Claim:
    own, twin = pair(penalty, strength, l1_ratio)
    first, second, both = results(own.value, twin.value, [v, w, np.stack([v, w])])
    return Equal(both, first + second, "the penalty of all weights is not the sum over its parts")


@law(
    PENALTIES,
    r"\Omega_{4\lambda}(w) = 4\,\Omega_\lambda(w)",
    {"w": WEIGHTS, **STRENGTH},
    source=SOURCE,
    rows=FORMS,
    screen=5,
)
def value_is_proportional_to_strength(
    penalty: Operation, w: Any, strength: float, l1_ratio: float
) -> Claim:
    own, twin = pair(penalty, strength, l1_ratio)
    strong = penalty(**settings(penalty, 4 * strength, l1_ratio)).value(w)
    return Equal(strong, 4 * near(own.value(w), twin.value(w)))


@law(
    "elastic_net",
    r"\Omega_r(w) = r\,\Omega_1(w) + (1 - r)\,\Omega_0(w)",
    {"w": WEIGHTS, **STRENGTH},
    source="Zou, Hastie 2005, equation 3",
    rows=FORMS,
    screen=5,
)
def value_is_a_mixture_of_l1_and_l2(
    elastic: Operation, w: Any, strength: float, l1_ratio: float
) -> Claim:
    pairs = [pair(elastic, strength, ratio) for ratio in (l1_ratio, 1.0, 0.0)]
    mixed, l1, l2 = (near(own.value(w), twin.value(w)) for own, twin in pairs)
    return Equal(mixed, l1_ratio * l1 + (1 - l1_ratio) * l2)


@law(
    ("l1_penalty", "elastic_net"),
    r"w_j = 0 \implies g_j = 0",
    {"w": WEIGHTS, **STRENGTH},
    source="FAU deck, L_1 regularization: sign(0) = 0",
    rows=("pen.l1.update",),
    severity="warning",
    screen=5,
)
def gradient_is_zero_at_zero_weights(
    penalty: Operation, w: Any, strength: float, l1_ratio: float
) -> Claim:
    # Any subgradient is right; only 0 leaves a zero weight at zero.
    some = np.stack([w, 0 * w])
    g = penalty(**settings(penalty, strength, l1_ratio)).gradient(some)
    return SameBits(np.where(some == 0, g, 0.0), 0 * some, "a zero weight is pushed")


@law(
    PENALTIES,
    r"w \text{ is the same before and after a call}",
    {"w": WEIGHTS, **STRENGTH},
    severity="warning",
    screen=10,
)
def weights_are_not_changed(penalty: Operation, w: Any, strength: float, l1_ratio: float) -> Claim:
    own, _ = pair(penalty, strength, l1_ratio)
    afters = [method.echo(w)[1][0] for method in (own.value, own.gradient)]
    return SameBits(np.stack(afters), np.stack([w, w]), "the call writes into its argument")


# Networks ----------------------------------------------------------------------------------------


def layers() -> Domain:
    """The weight matrices of a network of 1 to 4 layers of any widths."""

    def draw(source: Source, case: Case) -> Any:
        widths = [source.length(1, 4) for _ in range(source.integer(2, 5))]
        return [small_integers(source, shape) for shape in pairwise(widths)]

    return Domain("1 to 4 weight matrices (fan_in, fan_out)", draw)


def per_layer(values: tuple[float, ...]) -> Domain:
    """A vector (L,) with a value for each layer of `weights`."""
    return Domain("vector (L,)", lambda s, case: table(s, values, (len(case["weights"]),)))


def bias_vectors() -> Domain:
    """A bias vector for each layer of `weights`."""

    def draw(source: Source, case: Case) -> Any:
        return [1.0 + small_integers(source, (w.shape[1],)) for w in case["weights"]]

    return Domain("a bias vector (fan_out,) per layer", draw)


NETWORK = {
    "weights": layers(),
    "biases": bias_vectors(),
    "strengths": per_layer((1.0, 0.5, 0.1, 2.0, 0.0)),
    "kind": one_of("l1", "l2"),
}


@law(
    "network_penalty",
    r"\Omega = \sum_l \lambda_l \|W_l\|",
    NETWORK,
    source="ETH deck, Norm-based Regularization; FAU deck, General outline",
    rows=("pen.per_layer", "pen.loss_independent_impl"),
)
def network_value_is_the_sum_over_layers(
    network: Operation, weights: Any, biases: Any, strengths: Any, kind: str
) -> Claim:
    own = network(strengths=strengths, kind=kind)
    due = network.reference(strengths=strengths, kind=kind).value(weights, biases)
    return Equal(own.value(weights, biases), due, "the layers' penalties do not add up to this")


@law(
    "network_penalty",
    r"\Omega(W, b) = \Omega(W, 0)",
    NETWORK,
    source="ETH deck, Norm-based Regularization; Hannover deck, Regularization",
    rows=("pen.bias_excluded",),
    screen=5,
)
def network_value_leaves_biases_out(
    network: Operation, weights: Any, biases: Any, strengths: Any, kind: str
) -> Claim:
    own = network(strengths=strengths, kind=kind).value
    twin = network.reference(strengths=strengths, kind=kind).value
    zeros = [0 * bias for bias in biases]
    with_biases, without = results(own, twin, [(weights, biases), (weights, zeros)])
    return Equal(with_biases, without, "the biases change the penalty")


@law(
    "network_penalty",
    r"\Omega_{\lambda} = \sum_l \Omega_{\lambda_l e_l}",
    NETWORK,
    source="ETH deck, Norm-based Regularization",
    rows=("pen.per_layer",),
    screen=5,
)
def network_layers_count_with_their_own_strength(
    network: Operation, weights: Any, biases: Any, strengths: Any, kind: str
) -> Claim:
    chosen = [strengths, *np.diag(strengths)]
    own = [network(strengths=one, kind=kind).value(weights, biases) for one in chosen]
    twin = network.reference(strengths=strengths, kind=kind).value(weights, biases)
    return Equal(near(own[0], twin), near(np.sum(own[1:]), twin))


# Soft-thresholding -------------------------------------------------------------------------------


@law(
    "soft_threshold",
    r"S_\lambda(w) = \operatorname{sign}(w) \max(|w| - \lambda, 0)",
    {"w": WEIGHTS, "level": one_of(1.0, 0.5, 0.1, 2.0, 0.0)},
    source=SOFT,
    rows=("soft.half",),
)
def thresholding_eq_sign_times_excess(soft: Operation, w: Any, level: float) -> Claim:
    return Equal(soft(level=level).apply(w), soft.reference(level=level).apply(w))


def objective(x: Any, w: Any, level: float, factor: float) -> Any:
    """factor (x - w)^2 + level |x|, entrywise."""
    return factor * (x - w) * (x - w) + level * np.abs(x)


def candidates(w: Any, level: float) -> Any:
    """Points that a wrong minimizer may be: (11, *w.shape)."""
    steps = np.array([-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0])
    moved = [w + step * level for step in steps]
    return bounded(np.stack([*moved, 0 * w, w / 2, w - np.sign(w) * level / 4, -w]))


def minimizes(soft: Operation, w: Any, level: float, factor: float) -> Claim:
    """S at level / (2 factor) minimizes factor (x - w)^2 + level |x|."""
    chosen = {"level": level / (2 * factor)}
    x = near(soft(**chosen).apply(w), soft.reference(**chosen).apply(w))
    others = objective(candidates(w, level), w, level, factor)
    return AtMost(objective(x, w, level, factor), others, "another point has a smaller objective")


@law(
    "soft_threshold",
    r"S_\mu(w) \in \arg\min_x \tfrac12 (x - w)^2 + \mu |x|",
    {"w": WEIGHTS, "level": LEVEL},
    source=SOFT,
    rows=("soft.half", "pen.l1.sparsity"),
)
def thresholding_minimizes_half_the_square_plus_l1(soft: Operation, w: Any, level: float) -> Claim:
    return minimizes(soft, w, level, 0.5)


@law(
    "soft_threshold",
    r"S_{\mu/2}(w) \in \arg\min_x (x - w)^2 + \mu |x|",
    {"w": WEIGHTS, "level": LEVEL},
    source="erratum to ETH deck, L1 Regularization: the threshold of the un-halved square is mu/2",
    rows=("soft.full",),
    screen=5,
)
def thresholding_at_half_minimizes_the_square_plus_l1(
    soft: Operation, w: Any, level: float
) -> Claim:
    return minimizes(soft, w, level, 1.0)


@law(
    "soft_threshold",
    r"|w| \leq \lambda \implies S_\lambda(w) = 0",
    {"w": array(ranks=(1, 4), scaled=False), "level": LEVEL},
    source=SOFT,
    rows=("soft.properties", "pen.l1.sparsity"),
    screen=5,
)
def thresholding_makes_exact_zeros(soft: Operation, w: Any, level: float) -> Claim:
    small = np.where(np.abs(w) <= level, soft(level=level).apply(w), 0.0)
    return SameBits(small, 0 * w, "a weight up to the level is not exactly 0")


@law(
    "soft_threshold",
    r"S_\lambda(-w) = -S_\lambda(w)",
    {"w": WEIGHTS, "level": LEVEL},
    source=SOFT,
    rows=("soft.properties",),
    screen=5,
)
def thresholding_is_odd(soft: Operation, w: Any, level: float) -> Claim:
    own, twin = soft(level=level).apply, soft.reference(level=level).apply
    plus, minus = results(own, twin, [w, -w])
    return Equal(minus, -plus)


@law(
    "soft_threshold",
    r"(S(v) - S(w))^2 \leq (S(v) - S(w))\,(v - w)",
    {"v": WEIGHTS, "w": like("v"), "level": LEVEL},
    source="Moreau 1965; Parikh, Boyd 2014, section 2.3",
    rows=("soft.properties",),
    screen=5,
)
def thresholding_is_firmly_nonexpansive(soft: Operation, v: Any, w: Any, level: float) -> Claim:
    own, twin = soft(level=level).apply, soft.reference(level=level).apply
    first, second = results(own, twin, [v, w])
    change = first - second
    return AtMost(change * change, change * (bounded(v) - w), "it is expansive or not monotone")


@law(
    "soft_threshold",
    r"S_a(S_b(w)) = S_{a+b}(w)",
    {"w": WEIGHTS, "a": LEVEL, "b": LEVEL},
    source=SOFT,
    rows=("soft.properties",),
    screen=5,
)
def thresholding_levels_add_up(soft: Operation, w: Any, a: float, b: float) -> Claim:
    twice = soft(level=a).apply(soft(level=b).apply(w))
    bound = soft.reference(level=a).apply(soft.reference(level=b).apply(w))
    both = near(soft(level=a + b).apply(w), soft.reference(level=a + b).apply(w))
    return Equal(near(twice, bound), both)


@law(
    "soft_threshold",
    r"w = S_\lambda(w) + \Pi_{[-\lambda, \lambda]}(w)",
    {"w": WEIGHTS, "level": LEVEL},
    source="Moreau 1965",
    rows=("soft.properties",),
    screen=5,
)
def thresholding_and_clipping_add_up_to_the_weights(soft: Operation, w: Any, level: float) -> Claim:
    kept = near(soft(level=level).apply(w), soft.reference(level=level).apply(w))
    return Equal(kept + np.clip(bounded(w), -level, level), w)


@law(
    "soft_threshold",
    r"S_0(w) = w,\quad |S_\lambda(w)| \leq |w|",
    {"w": WEIGHTS, "level": LEVEL},
    source=SOFT,
    rows=("soft.properties",),
    screen=5,
)
def thresholding_shrinks_and_is_identity_of_level_zero(
    soft: Operation, w: Any, level: float
) -> Claim:
    shrunk = AtMost(np.abs(soft(level=level).apply(w)), np.abs(w), "a weight grew")
    return All(SameBits(soft(level=0.0).apply(w), w, "level 0 changes the weights"), shrunk)


# The lasso ---------------------------------------------------------------------------------------


def designs() -> Domain:
    """A well-conditioned integer design (n, d): 4 I plus entries in {-1, 0, 1}, over further rows."""

    def draw(source: Source, case: Case) -> Any:
        d, further = source.length(1, 4), source.length(0, 3)
        top = 4 * np.eye(d) + small_integers(source, (d, d), 3)
        return np.concatenate([top, small_integers(source, (further, d), 5)])

    return Domain("design (n, d), d <= 4, smallest singular value at least 1", draw)


def orthonormal_designs() -> Domain:
    """d columns of a 4 x 4 orthogonal matrix with entries 1/2 and -1/2: X'X = I exactly."""

    def draw(source: Source, case: Case) -> Any:
        signs = np.array([[1, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]])
        return table(source, (1.0, -1.0), (4, 1)) * signs[:, : source.length(1, 4)] / 2

    return Domain("orthonormal design (4, d)", draw)


def targets() -> Domain:
    """Targets (n,) for the rows of `X`."""
    return Domain("vector (n,)", lambda s, case: small_integers(s, (len(case["X"]),), 19))


LASSO = {
    "X": designs(),
    "y": targets(),
    "strength": one_of(1.0, 0.5, 4.0, 20.0),
    "steps": lengths(1, 30),
}


def length(vector: Any) -> Any:
    """The Euclidean norm."""
    return np.sqrt((vector * vector).sum())


def step_from(w: Any, X: Any, y: Any, strength: float) -> Any:
    """The judge's own proximal gradient step from w, with its rounding bound."""
    return lasso_step(bounded(w), X, y, strength, float((X * X).sum()))


def distance_left(w: Any, X: Any, y: Any, strength: float, steps: int) -> Bounded:
    """A bound on the distance to the solution after `steps` steps from 0.

    Each step of a size from 1/trace up to 1/(largest eigenvalue) contracts that distance by
    rho = 1 - mu/trace, and from 0 it is at most |T(0)| / (1 - rho).  The rounding of one step, as found at
    w, adds up to 1/(1 - rho) times itself.
    """
    gram = (X.T @ X).astype(float)
    rho = 1 - np.linalg.eigvalsh(gram)[0] / np.trace(gram)
    first = length(step_from(np.zeros(X.shape[1]), X, y, strength).value)
    rounding = length(step_from(w, X, y, strength).error)
    return Bounded(rho**steps * first / (1 - rho), rounding / (1 - rho))


@law(
    "lasso",
    r"\|w_k - T(w_k)\| \leq 2 \rho^k \|T(0)\| / (1 - \rho),\quad"
    r" T(w) = S_{\lambda/L}(w - X^\top (Xw - y) / L),\ \rho = 1 - \mu / L",
    LASSO,
    source=ISTA,
    rows=("soft.prox_gradient",),
)
def lasso_solution_meets_the_optimality_conditions(
    lasso: Operation, X: Any, y: Any, strength: float, steps: int
) -> Claim:
    # w = T(w) is the KKT condition X'(y - Xw) in lambda d|w|_1; T moves w by at most twice its distance
    # to the solution.
    w = lasso(strength=strength, steps=steps).solve(X, y)
    moved = length(step_from(w, X, y, strength) - w)
    return AtMost(moved, 2 * distance_left(w, X, y, strength, steps), "not where the rate leads")


@law(
    "lasso",
    r"F(w_{k+1}) \leq F(w_k),\quad F(w) = \tfrac12 \|y - Xw\|^2 + \lambda \|w\|_1",
    LASSO,
    source=ISTA,
    rows=("soft.prox_gradient",),
    screen=5,
)
def lasso_objective_never_rises(
    lasso: Operation, X: Any, y: Any, strength: float, steps: int
) -> Claim:
    before, after = (
        lasso_objective(lasso(strength=strength, steps=k).solve(X, y), X, y, strength)
        for k in (steps, steps + 1)
    )
    return AtMost(after, before, "a step raised the objective")


def lasso_objective(w: Any, X: Any, y: Any, strength: float) -> Any:
    """1/2 ||y - Xw||^2 + strength ||w||_1 with its rounding bound."""
    rest = X @ bounded(w) - y
    return 0.5 * (rest * rest).sum() + strength * np.abs(bounded(w)).sum()


@law(
    "lasso",
    r"\lambda \geq \|X^\top y\|_\infty \implies w = 0",
    {"X": designs(), "y": targets(), "steps": lengths(1, 30)},
    source=ISTA,
    rows=("soft.prox_gradient", "pen.l1.sparsity"),
    screen=5,
)
def lasso_weights_are_exactly_zero_of_large_strength(
    lasso: Operation, X: Any, y: Any, steps: int
) -> Claim:
    strength = 1.0 + 2.0 * float(np.abs(X.T @ y).max())
    w = lasso(strength=strength, steps=steps).solve(X, y)
    return SameBits(w, np.zeros(X.shape[1]), "the subgradient step has no exact zeros")


@law(
    "lasso",
    r"X^\top X = I \implies w_k \to S_\lambda(X^\top y)",
    {**LASSO, "X": orthonormal_designs()},
    source="Tibshirani 1996, section 2.2",
    rows=("soft.orthogonal_lasso",),
)
def lasso_is_soft_thresholding_of_orthonormal_design(
    lasso: Operation, X: Any, y: Any, strength: float, steps: int
) -> Claim:
    w = lasso(strength=strength, steps=steps).solve(X, y)
    off = length(bounded(w) - soft_threshold(X.T @ bounded(y), strength))
    return AtMost(off, distance_left(w, X, y, strength, steps), "not the thresholded X'y")
