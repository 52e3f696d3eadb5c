"""Laws of early stopping: the rule, and its relation to an L2 penalty on a quadratic (Goodfellow et al.
2016, sections 7.1.1 and 7.8; FAU deck, "Early stopping").

r = lambda / mu throughout.  An eigen-direction keeps the part 1 - (1 - eta lambda)^t of the optimum after
t steps from 0, and r / (1 + r) under a penalty mu/2 ||w||^2.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lawbook.bounds import bounded, lift
from lawbook.claims import All, AtMost, Claim, Equal, SameBits, near
from lawbook.domains import Case, Domain, Source, integers, one_of, small_integers, table
from lawbook.laws import law
from lawbook.operations import Operation, TargetError
from reference.early_stopping import Ridge, quadratic_gradient, solve

BOOK = "Goodfellow et al. 2016, section 7.8"
BOOK_L2 = "Goodfellow et al. 2016, section 7.1.1"
RULE = "Goodfellow et al. 2016, algorithm 7.1; Prechelt 1998"

# H = Q diag(spectrum) Q' with these integer Q, Q Q' = scale I, is exact and has eigenvalues
# scale * spectrum; they are divided by scale (a power of two at d = 4 only).
DIRECTIONS = {
    1: np.array([[1.0]]),
    2: np.array([[3.0, 4.0], [4.0, -3.0]]),
    3: np.array([[1.0, 2.0, 2.0], [2.0, 1.0, -2.0], [2.0, -2.0, 1.0]]),
    4: np.array([[1.0, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]]),
}
VALUES = (1.0, 0.5, 2.0, 0.25, 3.0, 1.5)


def curves(longest: int = 16) -> Domain:
    """Validation losses (T,) with ties, level or falling on the whole: halves of small integers."""

    def draw(source: Source, case: Case) -> Any:
        noise = small_integers(source, (source.length(1, longest),), 9) / 2
        return noise - source.integer(0, 2) / 2 * np.arange(len(noise))

    return Domain(f"losses (T,), 1 <= T <= {longest}, ties common", draw)


def bad_runs() -> Domain:
    """Numbers of bad epochs in a row, each below the input `patience`."""

    def draw(source: Source, case: Case) -> Any:
        return [source.integer(0, case["patience"] - 1) for _ in range(source.integer(1, 5))]

    return Domain("1 to 5 integers in [0, patience)", draw)


def plateaus(runs: list[int]) -> Any:
    """Losses (T,) that improve by 1 and then stay above that for each of these numbers of epochs."""
    return np.concatenate([[-float(k)] + [0.5 - k] * bad for k, bad in enumerate(runs)])


def snapshots(name: str) -> Domain:
    """Parameters (T, 2), one row for each loss of the input `name`, all rows different."""

    def draw(source: Source, case: Case) -> Any:
        count = len(case[name])
        return small_integers(source, (count, 2)) + 100.0 * np.arange(count)[:, None]

    return Domain(f"parameters (T, 2), T the length of {name}, rows differ", draw)


def spectra(least: int = 1, zero: bool = False) -> Domain:
    """Eigenvalues (d,) up to the scale, least <= d <= 4; positive, zero as well if asked for."""

    def draw(source: Source, case: Case) -> Any:
        values = (*VALUES, 0.0) if zero else VALUES
        return table(source, values, (source.length(least, 4),))

    return Domain(f"eigenvalues (d,), {least} <= d <= 4, {'>=' if zero else '>'} 0", draw)


def vectors(name: str, zero: bool = True) -> Domain:
    """A vector (d,) of small integers, d the length of the input `name`."""

    def draw(source: Source, case: Case) -> Any:
        if zero:
            return small_integers(source, np.shape(case[name]))
        return table(source, (1.0, -1.0, 2.0, -3.0), np.shape(case[name]))

    return Domain(f"vector (d,){'' if zero else ' without zeros'}, d the length of {name}", draw)


CURVE = {"losses": curves(), "parameters": snapshots("losses")}
PATIENCE = {"patience": integers(1, 4), "min_delta": one_of(0.0, 0.5, 1.0)}
RATES = one_of(0.1, 0.01, 0.5, 0.03)
QUADRATIC = {
    "spectrum": spectra(zero=True),
    "optimum": vectors("spectrum"),
    "start": vectors("spectrum"),
}
FILTERED = {
    "spectrum": spectra(),
    "parts": vectors("spectrum", zero=False),
    "share": one_of(1.0, 0.5, 2.0, 0.25, 8.0),
}


def hessian(spectrum: Any) -> Any:
    """H (d, d) with the eigenvalues `eigenvalues(spectrum)`, without rounding."""
    q = DIRECTIONS[len(spectrum)]
    return (q * np.asarray(spectrum, float)) @ q.T


def eigenvalues(spectrum: Any) -> Any:
    """The eigenvalues (d,) of `hessian(spectrum)`."""
    q = DIRECTIONS[len(spectrum)]
    return np.asarray(spectrum, float) * float((q[0] ** 2).sum())


def point(parts: Any) -> Any:
    """The vector that has these coordinates along the eigenvectors."""
    return DIRECTIONS[len(parts)] @ np.asarray(parts, float)


def parts_of(w: Any) -> Any:
    """The coordinates of a vector along the eigenvectors, the inverse of `point`."""
    q = DIRECTIONS[len(w)]
    return q.T @ w / float((q[0] ** 2).sum())


def kept_after(descent: Operation, spectrum: Any, parts: Any, rate: float, steps: int) -> Any:
    """The parts of the optimum that `steps` steps from 0 reach, with the reference's bound."""
    arguments = (hessian(spectrum), point(parts), 0 * point(parts), steps)
    got = descent(learning_rate=rate).run(*arguments)
    due = descent.reference(learning_rate=lift(rate)).run(*arguments)
    return parts_of(near(got, due)) / np.asarray(parts, float)


def kept_by_penalty(spectrum: Any, mu: float) -> Any:
    """lambda / (lambda + mu)."""
    return bounded(eigenvalues(spectrum)) / (bounded(eigenvalues(spectrum)) + lift(mu))


def matched(spectrum: Any, share: float, extra: int) -> tuple[float, float, int]:
    """(mu, eta, t) with mu this share of the largest eigenvalue, t eta = 1 / mu and eta lambda <= 1."""
    mu = share * float(eigenvalues(spectrum).max())
    steps = 2**extra * int(np.ceil(max(1 / share, 1)))
    return mu, 1 / (steps * mu), steps


def epochs(run: int, losses: Any) -> int:
    """The number of epochs run, or TargetError where there are not that many."""
    if not 1 <= run <= len(losses):
        raise TargetError("fail", f"{run} epochs of {len(losses)} were run")
    return int(run)


def epoch_of(returned: Any, parameters: Any) -> int:
    """The epoch whose snapshot was returned, or TargetError where it is none."""
    found = [k for k, row in enumerate(parameters) if np.array_equal(row, returned)]
    if not found:
        raise TargetError("fail", "the parameters returned are those of no epoch")
    return found[0]


def largest_gap() -> tuple[float, float]:
    """(r, g(r)) where g(r) = 1 / (1 + r) - exp(-r) is largest: the root of (1 + r)^2 = exp(r)."""
    r = 2.5
    for _ in range(99):  # the map contracts by 2 / (1 + r) < 0.6
        r = 2 * float(np.log1p(r))
    return r, 1 / (1 + r) - float(np.exp(-r))


@law(
    "early_stopping",
    r"\text{stop when } P \text{ epochs in a row are not below } \min_{s<t} L_s - \delta;"
    r"\ \theta_{t^*},\ t^* = \text{the latest that was}",
    {**CURVE, **PATIENCE},
    source=RULE,
    rows=("earlystop.rule_min_val",),
    screen=60,
)
def stops_and_returns_by_the_rule(
    stopping: Operation, losses: Any, parameters: Any, patience: int, min_delta: float
) -> Claim:
    got = stopping(patience=patience, min_delta=min_delta).run(losses, parameters)
    due = stopping.reference(patience=patience, min_delta=min_delta).run(losses, parameters)
    notes = ("the number of epochs differs", "the best epoch differs", "the parameters differ")
    return All(*(SameBits(*sides) for sides in zip(got, due, notes, strict=True)))


@law(
    "early_stopping",
    r"\delta = 0 \Rightarrow t^* = \min \arg\min_{t < \text{epochs run}} L_t,\quad \theta = \theta_{t^*}",
    {**CURVE, "patience": integers(1, 4)},
    source=RULE,
    rows=("earlystop.rule_min_val", "earlystop.best_not_worse_than_last"),
    screen=30,
)
def returns_the_first_minimum_of_the_epochs_run(
    stopping: Operation, losses: Any, parameters: Any, patience: int
) -> Claim:
    run, best, returned = stopping(patience=patience, min_delta=0.0).run(losses, parameters)
    due = int(np.argmin(losses[: epochs(run, losses)]))
    return All(SameBits(best, due), SameBits(returned, parameters[due]))


@law(
    "early_stopping",
    r"L(\theta) \le L_{\text{last}} + \delta",
    {**CURVE, **PATIENCE},
    source=RULE,
    rows=("earlystop.best_not_worse_than_last",),
    screen=30,
)
def returned_loss_is_not_worse_than_the_last(
    stopping: Operation, losses: Any, parameters: Any, patience: int, min_delta: float
) -> Claim:
    run, _, returned = stopping(patience=patience, min_delta=min_delta).run(losses, parameters)
    epoch, last = epoch_of(returned, parameters), epochs(run, losses) - 1
    return AtMost(losses[epoch], losses[last] + min_delta)


@law(
    "early_stopping",
    r"P \ge T,\ \delta = 0 \Rightarrow \text{all } T \text{ epochs run},\ t^* = \min \arg\min_t L_t",
    CURVE,
    source=RULE,
    rows=("earlystop.best_not_worse_than_last", "earlystop.rule_min_val"),
)
def endless_patience_finds_the_minimum(stopping: Operation, losses: Any, parameters: Any) -> Claim:
    got = stopping(patience=len(losses), min_delta=0.0).run(losses, parameters)
    return SameBits(np.array(got[:2]), np.array([len(losses), int(np.argmin(losses))]))


@law(
    "early_stopping",
    r"\text{an improvement sets the bad epochs to 0: training stops after } P"
    r" \text{ bad epochs in a row, not in all}",
    {"patience": integers(1, 4), "runs": bad_runs()},
    source=RULE,
    rows=("earlystop.rule_min_val",),
)
def patience_starts_anew_at_each_improvement(
    stopping: Operation, patience: int, runs: list[int]
) -> Claim:
    enough = patience + (stopping.convention("stop_when") == "exceeds")
    losses = plateaus([*runs, enough, 1])
    got = stopping(patience=patience, min_delta=0.0).run(losses, losses[:, None])[:2]
    best = len(losses) - enough - 3  # the second last plateau and its improvement end the training
    return SameBits(np.array(got), np.array([best + 1 + enough, best]))


@law(
    "early_stopping",
    r"(\text{epochs run}, t^*) \text{ is a function of } L \text{ alone}",
    {**CURVE, **PATIENCE},
    source=RULE,
    rows=("earlystop.uses_validation_only",),
)
def decision_depends_on_validation_losses_only(
    stopping: Operation, losses: Any, parameters: Any, patience: int, min_delta: float
) -> Claim:
    hyper = {"patience": patience, "min_delta": min_delta}
    got = stopping(**hyper).run(losses, parameters)[:2]
    return SameBits(np.array(got), np.array(stopping(**hyper).run(losses, parameters[::-1])[:2]))


@law(
    "early_stopping",
    r"\text{the same after } L_{\text{epochs run}}, L_{\text{epochs run} + 1}, \dots \text{ are removed}",
    {**CURVE, **PATIENCE},
    source=RULE,
    rows=("earlystop.rule_min_val",),
    screen=30,
)
def decision_does_not_look_ahead(
    stopping: Operation, losses: Any, parameters: Any, patience: int, min_delta: float
) -> Claim:
    hyper = {"patience": patience, "min_delta": min_delta}
    got = np.array(stopping(**hyper).run(losses, parameters)[:2])
    seen = slice(epochs(got[0], losses))
    return SameBits(np.array(stopping(**hyper).run(losses[seen], parameters[seen])[:2]), got)


@law(
    "early_stopping",
    r"\text{the same for } 2 L + c \text{ and } 2 \delta",
    {**CURVE, **PATIENCE, "shift": one_of(0.0, 1.0, -64.0)},
    source=RULE,
    rows=("earlystop.rule_min_val",),
    screen=50,
)
def decision_is_that_of_a_rescaled_loss(
    stopping: Operation, losses: Any, parameters: Any, patience: int, min_delta: float, shift: float
) -> Claim:
    got = stopping(patience=patience, min_delta=min_delta).run(losses, parameters)[:2]
    scaled = stopping(patience=patience, min_delta=2 * min_delta)
    return SameBits(np.array(got), np.array(scaled.run(2 * losses + shift, parameters)[:2]))


@law(
    "gradient_descent",
    r"w_t = w^* + (I - \eta H)^t (w_0 - w^*) \text{ for every } \eta",
    {**QUADRATIC, "rate": RATES, "steps": integers(0, 8)},
    source=BOOK,
    rows=("earlystop.closed_form", "earlystop.recursion", "opt.gd_descent"),
)
def iterates_follow_closed_form(
    descent: Operation, spectrum: Any, optimum: Any, start: Any, rate: float, steps: int
) -> Claim:
    arguments = (hessian(spectrum), optimum, start, steps)
    due = descent.reference(learning_rate=lift(rate)).run(*arguments)
    power = contracted(spectrum, bounded(start - optimum), rate, steps)
    return Equal(near(descent(learning_rate=rate).run(*arguments), due), optimum + power)


def contracted(spectrum: Any, error: Any, rate: float, steps: int) -> Any:
    """(I - eta H)^steps times a vector, along the eigenvectors."""
    factors = (1 - lift(rate) * bounded(eigenvalues(spectrum))) ** steps
    return DIRECTIONS[len(spectrum)] @ (factors * parts_of(error))


@law(
    "gradient_descent",
    r"\lambda_i = 0 \Rightarrow (w_t)_i = (w_0)_i;\quad |1 - \eta \lambda_i| < 1 \Rightarrow"
    r" |(w_t - w^*)_i| \text{ falls},\ > 1 \Rightarrow \text{ it grows}",
    {**QUADRATIC, "rate": RATES, "steps": integers(1, 4)},
    source=BOOK,
    rows=("earlystop.convergence",),
)
def descent_converges_where_the_rate_is_below_two_over_curvature(
    descent: Operation, spectrum: Any, optimum: Any, start: Any, rate: float, steps: int
) -> Claim:
    near_parts = [abs(parts_of(e)) for e in errors(descent, spectrum, optimum, start, rate, steps)]
    falls = abs(1 - rate * eigenvalues(spectrum)) <= 1
    low, high = np.where(falls, 1, 0), np.where(falls, 0, 1)
    before, after = near_parts
    return AtMost(after * low + before * high, before * low + after * high)


def errors(
    descent: Operation, spectrum: Any, optimum: Any, start: Any, rate: float, steps: int
) -> tuple[Any, Any]:
    """w_0 - w* and w_t - w*, the latter with the reference's bound."""
    arguments = (hessian(spectrum), optimum, start, steps)
    due = descent.reference(learning_rate=lift(rate)).run(*arguments)
    got = near(descent(learning_rate=rate).run(*arguments), due)
    return bounded(start - optimum), got - optimum


@law(
    "gradient_descent",
    r"w_{s+t}(w_0) = w_t(w_s(w_0))",
    {**QUADRATIC, "rate": RATES, "s": integers(0, 3), "t": integers(0, 3)},
    source=BOOK,
    rows=("earlystop.recursion",),
)
def descent_continues_where_it_stopped(
    descent: Operation, spectrum: Any, optimum: Any, start: Any, rate: float, s: int, t: int
) -> Claim:
    H, due = hessian(spectrum), descent.reference(learning_rate=lift(rate))
    one = descent(learning_rate=rate)
    resumed = one.run(H, optimum, one.run(H, optimum, start, s), t)
    bound = due.run(H, optimum, start, s + t)
    return Equal(near(resumed, bound), near(one.run(H, optimum, start, s + t), bound))


@law(
    "gradient_descent",
    r"w_t(w_0; w^*) = w_0 + w_t(0; w^* - w_0): \text{ the matching penalty is}"
    r" \tfrac{\mu}{2} \lVert w - w_0 \rVert^2",
    {**QUADRATIC, "rate": RATES, "steps": integers(1, 6)},
    source=BOOK,
    rows=("earlystop.penalty_from_start", "earlystop.closed_form"),
    screen=6,
)
def descent_regularizes_towards_its_start(
    descent: Operation, spectrum: Any, optimum: Any, start: Any, rate: float, steps: int
) -> Claim:
    H, due = hessian(spectrum), descent.reference(learning_rate=lift(rate))
    moved = descent(learning_rate=rate).run(H, optimum - start, 0 * start, steps)
    got = descent(learning_rate=rate).run(H, optimum, start, steps)
    shifted = start + near(moved, due.run(H, optimum - start, 0 * start, steps))
    return Equal(near(got, due.run(H, optimum, start, steps)), shifted)


@law(
    "gradient_descent",
    r"0 \le t \eta \lambda - [1 - (1 - \eta \lambda)^t] \le \tfrac{t (t - 1)}{2} (\eta \lambda)^2",
    {**FILTERED, "extra": integers(0, 3)},
    source=BOOK,
    rows=("earlystop.binomial_bound",),
    screen=6,
)
def kept_part_is_linear_up_to_the_binomial_bound(
    descent: Operation, spectrum: Any, parts: Any, share: float, extra: int
) -> Claim:
    _, rate, steps = matched(spectrum, share, extra)
    x = lift(rate) * bounded(eigenvalues(spectrum))  # at most 1
    rest = steps * x - kept_after(descent, spectrum, parts, rate, steps)
    return All(AtMost(0.0, rest), AtMost(rest, steps * (steps - 1) / 2 * x * x))


@law(
    "gradient_descent",
    r"t \eta = 1 / \mu,\ \eta \lambda \le 1 \Rightarrow 0 \le [1 - (1 - \eta \lambda)^t]"
    r" - \tfrac{\lambda}{\lambda + \mu} \le \tfrac{r^2}{1 + r} \le r^2",
    {**FILTERED, "extra": integers(0, 3)},
    source=BOOK,
    rows=("earlystop.l2.first_order", "earlystop.one_sided"),
    screen=6,
)
def early_stopping_equals_l2_to_first_order(
    descent: Operation, spectrum: Any, parts: Any, share: float, extra: int
) -> Claim:
    mu, rate, steps = matched(spectrum, share, extra)
    kept = kept_after(descent, spectrum, parts, rate, steps)
    gap, r = kept - kept_by_penalty(spectrum, mu), bounded(eigenvalues(spectrum)) / lift(mu)
    return All(AtMost(0.0, gap), AtMost(gap, r * r / (1 + r)))


@law(
    "gradient_descent",
    r"t \eta = 1 / \mu,\ \eta \lambda \le 1 \Rightarrow \tfrac{\lambda}{\lambda + \mu} \le 1 - e^{-r}"
    r" \le 1 - (1 - \eta \lambda)^t",
    {**FILTERED, "extra": integers(0, 3)},
    source=BOOK,
    rows=("earlystop.one_sided",),
    screen=6,
)
def early_stopping_never_shrinks_more_than_l2(
    descent: Operation, spectrum: Any, parts: Any, share: float, extra: int
) -> Claim:
    mu, rate, steps = matched(spectrum, share, extra)
    kept = kept_after(descent, spectrum, parts, rate, steps)
    flow = 1 - np.exp(-bounded(eigenvalues(spectrum)) / lift(mu))
    return All(AtMost(kept_by_penalty(spectrum, mu), flow), AtMost(flow, kept))


@law(
    "gradient_descent",
    r"t \eta = 1 / \mu \Rightarrow [1 - (1 - \eta \lambda)^t] - \tfrac{r}{1 + r} \le 0.20364"
    r" + \tfrac{r^2 e^{-r}}{t}; \text{ at } r = 2.51286 \text{ it is at least } 0.20363",
    {"sign": one_of(1.0, -2.0), "part": one_of(1.0, 0.5, 0.25, 2.0), "steps": one_of(8, 16, 32)},
    source=BOOK,
    rows=("earlystop.global_gap",),
    screen=6,
)
def early_stopping_and_l2_differ_by_a_fifth_at_most(
    descent: Operation, sign: float, part: float, steps: int
) -> Claim:
    r, most = largest_gap()
    spectrum, r = np.array([r * part]), r * part
    gap = kept_after(descent, spectrum, [sign], 1 / steps, steps) - kept_by_penalty(spectrum, 1.0)
    bound = AtMost(gap, most + r * r * np.exp(-lift(r)) / steps)
    return All(bound, AtMost(1 / (1 + lift(r)) - np.exp(-lift(r)), gap))


@law(
    "gradient_descent",
    r"\lambda_1 < \lambda_2 \Rightarrow \mu_1(t) > \mu_2(t),\quad"
    r" \mu_i(t) = \lambda_i \tfrac{(1 - \eta \lambda_i)^t}{1 - (1 - \eta \lambda_i)^t}",
    {
        "parts": Domain(
            "vector (2,) without zeros", lambda s, c: table(s, (1.0, -1.0, 2.0, -3.0), (2,))
        ),
        "ratio": one_of(2.0, 4.0, 1.5),
        "steps": integers(1, 4),
    },
    source=BOOK,
    rows=("earlystop.no_exact_match",),
    screen=6,
)
def no_single_penalty_equals_early_stopping_of_distinct_eigenvalues(
    descent: Operation, parts: Any, ratio: float, steps: int
) -> Claim:
    spectrum, rate = np.array([1.0, ratio]), 1 / 128
    curvature = bounded(eigenvalues(spectrum))
    kept = kept_after(descent, spectrum, parts, rate, steps)
    power = (1 - curvature / 128) ** steps
    (first, second), due = matching(curvature, kept), matching(curvature, 1 - power)
    between = (due[0] + due[1]) / 2  # strictly: neither side reaches the middle
    return All(AtMost(between, first), AtMost(second, between))


def matching(curvature: Any, kept: Any) -> Any:
    """The penalty mu under which an eigen-direction keeps this part."""
    return curvature * (1 - kept) / kept


@law(
    "gradient_descent",
    r"H = \lambda I,\ \mu = \lambda \tfrac{(1 - \eta \lambda)^t}{1 - (1 - \eta \lambda)^t}"
    r" \Rightarrow w_t = (H + \mu I)^{-1} H w^*",
    {
        "curvature": one_of(1.0, 2.0, 0.5, 4.0),
        "optimum": Domain("vector (3,)", lambda s, c: small_integers(s, (3,))),
        "rate": one_of(0.125, 0.1, 0.01),
        "steps": integers(1, 6),
    },
    source=BOOK,
    rows=("earlystop.match_single",),
    screen=6,
)
def early_stopping_equals_l2_of_one_eigenvalue(
    descent: Operation, curvature: float, optimum: Any, rate: float, steps: int
) -> Claim:
    H = curvature * np.eye(3)
    left = (1 - lift(rate) * curvature) ** steps
    ridge = Ridge(mu=curvature * left / (1 - left)).solve(bounded(H), bounded(optimum))
    due = descent.reference(learning_rate=lift(rate)).run(H, optimum, 0 * optimum, steps)
    return Equal(near(descent(learning_rate=rate).run(H, optimum, 0 * optimum, steps), due), ridge)


@law(
    "gradient_descent",
    r"\eta \lambda_{\max} \le 1 \Rightarrow |(w_t)_i| \le |(w_{t+1})_i| \le |w^*_i|"
    r" \text{ along eigenvectors}",
    {**FILTERED, "extra": integers(0, 2)},
    source=BOOK,
    rows=("earlystop.monotone_norm",),
    screen=6,
)
def fewer_steps_shrink_more(
    descent: Operation, spectrum: Any, parts: Any, share: float, extra: int
) -> Claim:
    _, rate, steps = matched(spectrum, share, extra)
    now, later = (kept_after(descent, spectrum, parts, rate, t) for t in (steps, steps + 1))
    return All(AtMost(now, later), AtMost(later, 1.0), AtMost(0.0, now))


RIDGE = {
    "spectrum": spectra(zero=True),
    "optimum": vectors("spectrum"),
    "mu": one_of(1.0, 0.5, 0.1, 16.0),
}


def solved(ridge: Operation, spectrum: Any, optimum: Any, mu: float) -> Any:
    """The target's minimiser, with the bound of w* - mu (H + mu I)^-1 w*, the form that cancels."""
    H, mean = hessian(spectrum), bounded(optimum)
    rest = solve(bounded(H) + lift(mu) * np.eye(len(H)), mean)
    return near(ridge(mu=mu).solve(H, optimum), mean - lift(mu) * rest)


@law(
    "ridge",
    r"w = (H + \mu I)^{-1} H w^*",
    RIDGE,
    source=BOOK_L2,
    rows=("wd.closed_form",),
)
def minimiser_follows_closed_form(
    ridge: Operation, spectrum: Any, optimum: Any, mu: float
) -> Claim:
    due = ridge.reference(mu=lift(mu)).solve(hessian(spectrum), optimum)
    return Equal(solved(ridge, spectrum, optimum, mu), due)


@law(
    "ridge",
    r"Q^\top w = \operatorname{diag}\left(\tfrac{\lambda_i}{\lambda_i + \mu}\right) Q^\top w^*",
    {**RIDGE, "spectrum": spectra(), "optimum": vectors("spectrum", zero=False)},
    source=BOOK_L2,
    rows=("wd.eigen_shrinkage", "wd.eigen_limits", "wd.complement_identity"),
)
def eigen_directions_shrink_by_curvature(
    ridge: Operation, spectrum: Any, optimum: Any, mu: float
) -> Claim:
    kept = parts_of(solved(ridge, spectrum, point(optimum), mu)) / optimum
    return Equal(kept, kept_by_penalty(spectrum, mu))


@law(
    "ridge",
    r"w - \eta \nabla R(w) - \eta \mu w = w: \text{ a step of weight decay is } 1 - \eta \mu",
    {**RIDGE, "rate": RATES},
    source=BOOK_L2,
    rows=("wd.decay_gd_converges", "wd.closed_form"),
)
def minimiser_is_fixed_under_a_step_of_penalized_descent(
    ridge: Operation, spectrum: Any, optimum: Any, mu: float, rate: float
) -> Claim:
    H, w = hessian(spectrum), solved(ridge, spectrum, optimum, mu)
    step = lift(rate) * quadratic_gradient(bounded(H), bounded(optimum), w)
    return Equal((1 - lift(rate) * lift(mu)) * w - step, w)


@law(
    "ridge",
    r"\mu_1 < \mu_2 \Rightarrow \lVert w_{\mu_2} \rVert \le \lVert w_{\mu_1} \rVert"
    r" \le \lVert w^* \rVert",
    {**RIDGE, "factor": one_of(2.0, 1.0, 100.0)},
    source=BOOK_L2,
    rows=("pen.weight_decay_pulls_to_zero",),
    screen=6,
)
def larger_penalty_shrinks_more(
    ridge: Operation, spectrum: Any, optimum: Any, mu: float, factor: float
) -> Claim:
    both = (solved(ridge, spectrum, optimum, m) for m in (factor * mu, mu))
    large, small = ((w * w).sum() for w in both)
    return All(AtMost(large, small), AtMost(small, (bounded(optimum) * optimum).sum()))
