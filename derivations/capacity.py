"""Capacity and depth: a product of weights, why networks are not convex, what one affine unit cannot do."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import sympy as sp

from lawbook.proofs.chapters import Chapter, Derivation, Differ, Proof, Same, Statement
from lawbook.proofs.gradients import Array, Gradient, Scalar
from lawbook.proofs.numbers.symbols import SymArray, symbols
from reference import capacity


def four_layers() -> Iterator[Statement]:
    """The step of a product of four weights, order by order in the rate."""
    x, rate = sp.symbols("x eta", real=True)
    w, g = symbols("w", 4), symbols("g", 4)
    before: Any = capacity.product_network(x, w)
    after: Any = capacity.product_network_after_step(x, w, g, rate)
    orders = [sp.diff(after[()], rate, k).subs(rate, 0) / sp.factorial(k) for k in range(6)]
    slopes = SymArray(capacity.product_network_gradient(x, w))
    yield Same(
        "The reference's gradient is that of the output.",
        slopes,
        SymArray([sp.diff(before[()], one) for one in w]),
    )
    yield Same("Order 0: the output before.", orders[0], before)
    yield Same("Order 1: what a linear approximation expects.", orders[1], -(g * slopes).sum())
    yield Same("Order 4: all four moves at once.", orders[4], x * g.prod())
    yield Same("There is no order above the number of layers.", orders[5], 0)
    yield Differ(
        "The output changes by its first order alone.",
        after,
        orders[0] + rate * orders[1],
        comment="every layer's step assumes that the others stand still",
    )
    yield Differ(
        "E50: the output after the step is the product of the new weights.",
        after,
        (w - rate * g).prod(),
        comment="the input x is a factor of it",
    )


def sine_labels() -> Iterator[Statement]:
    """sin(omega x) is positive where omega x / pi lies in an even interval [k, k + 1)."""
    for labels in product((1, -1), repeat=3):
        digits = capacity.one_parameter_frequency(labels)
        signs = [(-1) ** (digits // 10**i) for i in (1, 2, 3)]
        yield Same(f"Labels {labels} at 1/10, 1/100, 1/1000.", SymArray(signs), SymArray(labels))


def corners() -> Iterator[Statement]:
    """The four corners of the square under an affine score."""
    w, b = symbols("w", 2), sp.Symbol("b", real=True)
    scores = capacity.affine_scores(SymArray([[0, 0], [1, 1], [0, 1], [1, 0]]), w, b)
    yield Same(
        "Opposite corners have the same sum of scores.",
        scores[0] + scores[1],
        scores[2] + scores[3],
        comment="so not two of them positive and the other two negative: XOR is out of reach",
    )
    values = symbols("v", 3)
    three = SymArray([[0, 0], [1, 0], [0, 1]])
    fitted = capacity.affine_scores(three, SymArray([values[1], values[2]]) - values[0], values[0])
    yield Same("Any three values at three corners are fitted, so any labels.", fitted, values)
    yield Differ(
        "The scores 0, 0, 1, 1 of XOR are possible too.",
        scores[0] + scores[1] - scores[2] - scores[3],
        sp.Integer(0 + 0 - 1 - 1),
    )


CHAPTER = Chapter(
    "Capacity and depth",
    """A product of weights is the smallest deep network, and shows two things that depth brings: one step of
gradient descent has effects of every order up to the number of layers, and the loss is not convex. What one
affine unit can and cannot do shows why depth is wanted at all.""",
    Derivation(
        "A step of a product network",
        """
x*(w1 - eta*g1)*(w2 - eta*g2)                   # two layers, both moved by one step
= x*w1*w2 - eta*x*(g1*w2 + w1*g2) + eta**2*x*g1*g2
code after
!= (w1 - eta*g1)*(w2 - eta*g2)                  # E50: the input is missing
!= x*w1*w2 - eta*x*(g1*w2 + w1*g2)              # the second order: each layer trusted the other's old weight

x*(w1 - eta*g1)*(w2 - eta*g2)
at eta = 0, w1 = 2, w2 = 3, x = 5
= 30
!= 6                                            # E50
""",
        code={
            "after": lambda v: capacity.product_network_after_step(
                v.x, SymArray([v.w1, v.w2]), SymArray([v.g1, v.g2]), v.eta
            )
        },
        covers=("bn.toy_product",),
        errata=("E50",),
    ),
    Derivation(
        "One more layer, one more order",
        """
function P                                      # the output after a step, as a function of the rate
P(eta)*(w - eta*g)                              # with one more layer
diff eta
= P'(eta)*(w - eta*g) - P(eta)*g
at eta = 0
= P'(0)*w - P(0)*g                              # all old first orders times w, and the new weight's own
!= P'(0)*w                                      # the new layer moves as well

assume L integer
# Let c times the L-th power of eta be the highest order of L layers; that of L + 1 is
-c*eta**L*eta*g
= -c*g*eta**(L + 1)                             # so L layers give x times all gradients at order L
""",
        covers=("bn.toy_product",),
    ),
    Proof("Four layers", four_layers, "L = 4", ("bn.toy_product",), ("E50",)),
    Gradient(
        "The gradient of a product network",
        inputs={"x": Scalar(), "w": Array("L")},
        wrt=("w",),
        forward=lambda x, w: capacity.product_network(x, w),
        backward=lambda x, w: np.stack(capacity.product_network_gradient(x, w)),
        scalar=True,
        sizes=({"L": 3},),
        mutate=(capacity.product_network_gradient,),
        torch=lambda torch, x, w: x * w.prod(),
        covers=("bn.toy_product",),
    ),
    Derivation(
        "A product is not convex in its weights",
        """
(w1*w2 - 1)**2                                  # least squares for the target 1
diff w1
= 2*w2*(w1*w2 - 1)
diff w2
= 4*w1*w2 - 2
at w1 = 0, w2 = 0
= -2                                            # off the diagonal of the Hessian at 0; on it: 0
!= 0                                            # the weights act together

(w1*w2 - 1)**2
diff w1
= 2*w2*(w1*w2 - 1)
diff w1
= 2*w2**2
at w2 = 0
= 0                                             # so the eigenvalues are 2 and -2: a saddle

(w1*w2 - 1)**2
at w1 = s, w2 = s                               # along the diagonal of both weights
= (s**2 - 1)**2
diff s
= 4*s*(s**2 - 1)
diff s
= 12*s**2 - 4
at s = 0
= -4                                            # the loss bends down,

(w1*w2 - 1)**2
at w1 = s, w2 = -s                              # across it
= (s**2 + 1)**2
diff s
= 4*s*(s**2 + 1)
diff s
= 12*s**2 + 4
>= 0                                            # and here up

(w1*w2 - 1)**2
at w1 = 2, w2 = 1/2
= 0                                             # a solution, as is the exchange of both weights;

(w1*w2 - 1)**2
at w1 = 5/4, w2 = 5/4                           # half-way between the two
= 81/256
!= 0                                            # a convex function would be 0 there
""",
        covers=("init.mlp_nonconvex",),
    ),
    Derivation(
        "What an affine unit cannot separate",
        """
assume N integer
batch c, x of N                                 # N points, and numbers with sum(c) = 0 and sum(c*x) = 0
sum(c*(w*x + b))                                # d + 2 points in d dimensions always have such c, not all 0
= w*sum(c*x) + b*sum(c)
!= b*sum(c)

# So sum(c*score) = 0: scores cannot all have the sign of their c.
1*(b + w1*0 + w2*0) - (b + w1) - (b + w2) + (b + w1 + w2)
= 0                                             # the corners of XOR, with c = 1, -1, -1, 1
!= w1 + w2
""",
        covers=("cap.vc_affine",),
    ),
    Proof("Three corners, not four", corners, "2 inputs", ("cap.vc_affine",)),
    Proof(
        "One parameter, any labels",
        sine_labels,
        "3 points",
        ("cap.params_not_capacity",),
    ),
    Derivation(
        "Without a non-linearity a hidden layer is nothing new",
        """
v*(w*x + b) + c                                 # a hidden unit with the identity
= (v*w)*x + (v*b + c)                           # is one affine unit

let f(x) = a*x + b
f(1) + f(-1) - 2*f(0)
= 0                                             # no affine function bends,
!= abs(1) + abs(-1) - 2*abs(0)                  # E60: and |x| does

let q(x) = a*x**2 + b*x + c                     # quadratic units sum to a quadratic, whatever the width
q(2) - 3*q(1) + 3*q(0) - q(-1)
= 0
!= abs(2) - 3*abs(1) + 3*abs(0) - abs(-1)       # E60: so they do not give |x| either
""",
        errata=("E60",),
    ),
)
