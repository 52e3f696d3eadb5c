"""Constraints: projections onto balls, their derivative, and what a bound on norms can promise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from lawbook.proofs.chapters import (
    AtLeast,
    Chapter,
    Derivation,
    Differ,
    Proof,
    Same,
    Statement,
)
from lawbook.proofs.gradients import Array, Gradient, Scalar
from lawbook.proofs.numbers.symbols import SymArray
from lawbook.proofs.prover.decide import Fact
from reference import constraints


def example() -> Iterator[Statement]:
    """(3, 4) has norm 5: projections onto balls of other radii than 1."""
    v = SymArray([3, 4])
    yield Same(
        "The nearest point of the ball of radius 2 is (6/5, 8/5).",
        constraints.L2Ball(radius=2).apply(v),
        [sp.Rational(6, 5), sp.Rational(8, 5)],
    )
    yield Differ(
        "E07: it is the nearest point of the unit ball.",
        constraints.L2Ball(radius=2).apply(v),
        constraints.L2Ball(radius=1).apply(v),
        comment="the radius is lost",
    )
    yield Same(
        "E57: 0 stays 0, without a division by its norm.",
        constraints.L2Ball(radius=1).apply(SymArray([0, 0])),
        [0, 0],
    )
    W = SymArray([[3, 0], [4, 0]])
    yield Same(
        "With radius 4 no row of ((3, 0), (4, 0)) is too long.",
        constraints.MaxNorm(radius=4).apply(W),
        W,
    )
    yield Differ(
        "E53: nor is a column.",
        constraints.MaxNorm(radius=4, axis="columns").apply(W),
        W,
        comment="incoming weights are rows under Wx, columns under xW",
    )


def two_dimensions() -> Iterator[Statement]:
    """Outside the ball, in the plane: the projection reaches the boundary and is the nearest point."""
    r, out = sp.symbols("r out", positive=True)
    yield Same(
        "The reference sends (r + out, 0) to (r, 0).",
        constraints.L2Ball(radius=r).apply(SymArray([r + out, 0])),
        [r, 0],
    )
    m = sp.Symbol("m", real=True)  # the tangent of half the angle of any point
    length = sp.Symbol("length", nonnegative=True)
    u, v = length * (1 - m * m) / (1 + m * m), length * 2 * m / (1 + m * m)
    gap = (u - r - out) ** 2 + v**2 - out**2
    yield Same(
        "From (r + out, 0) the squared distance to (u, v) exceeds that to (r, 0) by this much.",
        gap,
        (r - length) * (r + 2 * out - length) + 4 * length * (r + out) * m * m / (1 + m * m),
    )
    yield AtLeast(
        "For a point in the ball, of length at most r, that is not negative.",
        (r - length) * (r + 2 * out - length) + 4 * length * (r + out) * m * m / (1 + m * m),
        0,
        facts=(Fact(r - length, False),),
    )


def torch_projection(torch: Any, w: Any, r: Any) -> Any:
    """The projection with torch's own norm."""
    norm = torch.linalg.vector_norm(w)
    return torch.where(norm > r, w * (r / norm), w)


CHAPTER = Chapter(
    "Norm constraints",
    """Instead of a price on large weights, a limit: after every step the weights go back to the nearest
point of a ball. Only the length changes, so the derivative keeps what is tangential.""",
    Derivation(
        "The length after the projection",
        """
assume n integer, r > 0
batch w of n
let length = sqrt(sum(w**2))

sqrt(sum((w*r/length)**2))                      # outside the ball
= r*length/length
= r
!= 1                                            # E07: the unit ball is the one of radius 1 only

(w*r/length)*r/sqrt(sum((w*r/length)**2))       # once more
= w*r/length                                    # changes nothing
""",
        covers=("con.projection",),
        errata=("E07",),
    ),
    Derivation(
        "The derivative of the projection",
        """
assume n integer, r > 0
batch w, dy of n
let length = sqrt(sum(w**2))

sum(dy*w*r/length)                              # L outside the ball
diff w
= r/length*dy - r*sum(dy*w)/length**2*(w/length)
= r/length*(dy - w*sum(dy*w)/length**2)         # what is along w is taken out
!= r/length*dy                                  # the length taken as a constant
!= dy                                           # the projection taken as the identity

sum(w*(r/length*(dy - w*sum(dy*w)/length**2)))
= r/length*(sum(dy*w) - sum(w**2)*sum(dy*w)/length**2)
= 0                                             # no gradient along w: its length is fixed
""",
        covers=("con.projection",),
    ),
    Derivation(
        "What a limit on norms promises",
        """
assume alpha > 0, L integer
let y(l) = alpha**l*x0                          # L linear layers of gain alpha
y(L + 1)
= alpha*y(L)                                    # one more layer

y(L)
diff x0
= alpha**L                                      # the gain of L layers
at alpha = 2, L = 30
= 1073741824                                    # E10: a limit above 1 does not prevent explosion
!= 2
""",
        covers=("con.gradient_explosion_bound",),
        errata=("E10",),
    ),
    Proof("The reference on an example", example, size="2 weights", errata=("E07", "E53", "E57")),
    Proof(
        "The projection is the nearest point",
        two_dimensions,
        size="the plane of the two points",
        covers=("con.projection",),
    ),
    Gradient(
        "The projection's backward pass",
        inputs={"w": Array("n"), "r": Scalar(positive=True)},
        wrt=("w",),
        forward=lambda w, r: constraints.L2Ball(radius=r).apply(w),
        backward=lambda dy, w, r: constraints.l2_ball_backward(dy, w, r),
        sizes=({"n": 2},),
        mutate=(constraints.l2_ball_backward,),
        torch=torch_projection,
        covers=("con.projection",),
    ),
)
