"""Laws of norm constraints: each is the Euclidean projection onto a ball (ETH deck, FAU deck)."""

from __future__ import annotations

from typing import Any

import numpy as np

from lawbook.bounds import Bounded, bounded
from lawbook.claims import All, AtMost, Claim, Equal, SameBits, near
from lawbook.domains import array, like, one_of
from lawbook.laws import law
from lawbook.operations import Operation
from reference.penalties import soft_threshold

BALLS = ("l2_ball", "max_norm", "l1_ball")
SOURCE = "ETH deck, Regularization via Constrained Optimization; FAU deck, Norm constraints"
CONVEX = "Bauschke, Combettes 2011, theorem 3.16 and proposition 4.16"
ROWS = ("con.projection", "con.max_norm_rows")

MATRIX = array(ranks=(2, 2), scaled=False)
RADIUS = one_of(2.0, 0.5, 3.0, 1.0)
CASE = {"w": MATRIX, "radius": RADIUS}


def along(ball: Operation) -> int:
    """The axis that max-norm sums over: 1 where units are rows, 0 where they are columns."""
    return 1 if ball.convention("axis") == "rows" else 0


def norm(ball: Operation, w: Any) -> Any:
    """The norm that the ball bounds; for max-norm one per unit."""
    if ball.name == "l1_ball":
        return np.abs(w).sum()
    return np.sqrt((w * w).sum(axis=along(ball) if ball.name == "max_norm" else None))


def support(ball: Operation, direction: Any, radius: float) -> Any:
    """The largest inner product of a direction with a point of the ball: radius times the dual norm."""
    if ball.name == "l1_ball":
        return radius * np.abs(direction).max()
    return radius * norm(ball, direction).sum()


def projected(ball: Operation, w: Any, radius: float) -> Bounded:
    """The target's output with the reference's rounding bound for it."""
    return near(ball(radius=radius).apply(w), ball.reference(radius=radius).apply(w))


def vectors(ball: Operation, w: Any) -> Any:
    """The vectors that are projected, as rows: all of w, or each unit's weights."""
    if ball.name == "max_norm":
        return w if along(ball) else w.T
    return w.reshape(1, -1)


def slack(ball: Operation) -> str | None:
    """Why the output is not exactly the nearest point."""
    if ball.name == "max_norm" and ball.convention("slack") != 0:
        return "the declared slack in the norm leaves the output inside the ball by that much"
    return None


@law(
    ("l2_ball", "l1_ball"),
    r"\Pi_r(w) = w \min(1, r / \|w\|_2) \text{ or } S_\theta(w),\ \|S_\theta(w)\|_1 = r",
    {"w": array(ranks=(1, 4)), "radius": RADIUS},
    source=SOURCE + "; Duchi et al. 2008, figure 1",
    rows=("con.projection",),
)
def output_is_the_projection(ball: Operation, w: Any, radius: float) -> Claim:
    due = ball.reference(radius=radius).apply(w)
    return Equal(ball(radius=radius).apply(w), due, "not the nearest point of the ball")


@law(
    "max_norm",
    r"W_{i,:} \mapsto W_{i,:} \min(1, r / \|W_{i,:}\|_2)",
    CASE,
    source="Srebro, Shraibman 2005; " + SOURCE,
    rows=("con.max_norm_rows",),
)
def units_are_projected_on_their_own(ball: Operation, w: Any, radius: float) -> Claim:
    due = ball.reference(radius=radius).apply(w)
    return Equal(ball(radius=radius).apply(w), due, "a unit's weights are not those of its ball")


@law(
    "max_norm",
    r"\Pi(W)_{i,:} = \Pi(W_{i,:})",
    CASE,
    source=SOURCE,
    rows=("con.max_norm_rows",),
    screen=5,
)
def units_do_not_affect_each_other(ball: Operation, w: Any, radius: float) -> Claim:
    axis = 1 - along(ball)
    units = np.split(w, w.shape[axis], axis)
    alone = np.concatenate(ball(radius=radius).apply.each(units), axis)
    return Equal(projected(ball, w, radius), alone, "a unit depends on the others")


@law(
    BALLS,
    r"\|\Pi_r(w)\| \leq r",
    CASE,
    source=SOURCE,
    rows=ROWS,
    screen=5,
)
def output_is_in_the_ball(ball: Operation, w: Any, radius: float) -> Claim:
    return AtMost(norm(ball, projected(ball, w, radius)), radius, "the norm is above the radius")


@law(
    BALLS,
    r"\|\Pi_r(w)\| = \min(\|w\|, r)",
    CASE,
    source=SOURCE,
    rows=ROWS,
    unless=slack,
    screen=5,
)
def length_is_capped_at_the_radius(ball: Operation, w: Any, radius: float) -> Claim:
    capped = np.minimum(norm(ball, bounded(w)), radius)
    return Equal(norm(ball, projected(ball, w, radius)), capped, "the norm is not min(norm, r)")


@law(
    BALLS,
    r"\|w\| < r \implies \Pi_r(w) = w",
    {"w": MATRIX},
    source=SOURCE,
    rows=(*ROWS, "con.inactive_early"),
    screen=5,
)
def points_inside_are_left_as_they_are(ball: Operation, w: Any) -> Claim:
    radius = 1.0 + 2.0 * float(np.max(norm(ball, w)))
    kept = near(w, ball.reference(radius=radius).apply(w))
    return Equal(ball(radius=radius).apply(w), kept, "a point inside the ball is moved")


@law(
    BALLS,
    r"\Pi_r(0) = 0",
    {"w": MATRIX, "radius": RADIUS},
    source="erratum to ETH deck: min{1, r/|v|} v divides by zero at v = 0",
    rows=("con.projection",),
    screen=3,
)
def zero_stays_zero(ball: Operation, w: Any, radius: float) -> Claim:
    return SameBits(ball(radius=radius).apply(0 * w), 0 * w, "zero weights do not stay zero")


@law(
    BALLS,
    r"\Pi_r(\Pi_r(w)) = \Pi_r(w)",
    CASE,
    source=CONVEX,
    rows=("con.projection",),
    screen=5,
)
def projecting_twice_is_projecting_once(ball: Operation, w: Any, radius: float) -> Claim:
    once = projected(ball, w, radius)
    bound = ball.reference(radius=radius).apply(once)
    return Equal(near(ball(radius=radius).apply(once.value.astype(w.dtype)), bound), once)


@law(
    BALLS,
    r"\langle w - \Pi_r(w), z - \Pi_r(w) \rangle \leq 0 \text{ for all } \|z\| \leq r",
    CASE,
    source=CONVEX,
    rows=("con.projection",),
    unless=slack,
)
def output_is_the_nearest_point(ball: Operation, w: Any, radius: float) -> Claim:
    # The largest <w - p, z> over the ball is radius times the dual norm of w - p, so this is all z.
    p = projected(ball, w, radius)
    rest = w - p
    return AtMost(support(ball, rest, radius), (rest * p).sum(), "another point is nearer")


@law(
    BALLS,
    r"\|\Pi(v) - \Pi(w)\|^2 \leq \langle \Pi(v) - \Pi(w), v - w \rangle",
    {"v": MATRIX, "w": like("v"), "radius": RADIUS},
    source=CONVEX,
    rows=("con.projection",),
    unless=slack,
    screen=5,
)
def projecting_is_firmly_nonexpansive(ball: Operation, v: Any, w: Any, radius: float) -> Claim:
    change = projected(ball, v, radius) - projected(ball, w, radius)
    return AtMost((change * change).sum(), (change * (v - w)).sum(), "distances grow")


@law(
    ("l2_ball", "max_norm"),
    r"\Pi_r(w) = c\,w,\quad 0 \leq c \leq 1",
    CASE,
    source=SOURCE,
    rows=("con.still_shrinkage",),
    screen=5,
)
def direction_is_kept(ball: Operation, w: Any, radius: float) -> Claim:
    p = projected(ball, w, radius)
    cross = vectors(ball, p)[:, :, None] * vectors(ball, bounded(w))[:, None, :]
    same = Equal(cross, cross.transpose(0, 2, 1), "the direction is changed")
    return All(same, AtMost(p * p, p * w, "a weight grew or changed its sign"))


@law(
    "l1_ball",
    r"\Pi_r(w) = S_\theta(w),\quad \theta = \|w - \Pi_r(w)\|_\infty",
    CASE,
    source="Duchi et al. 2008, lemma 2",
    rows=("con.projection",),
)
def output_is_soft_thresholding_at_one_level(ball: Operation, w: Any, radius: float) -> Claim:
    p = projected(ball, w, radius)
    level = np.abs(w - p).max()
    return Equal(p, soft_threshold(bounded(w), level), "the magnitudes fall by different amounts")
