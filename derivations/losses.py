"""Losses: softmax cross entropy, squared and absolute error, hinge."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import sympy as sp

from lawbook.proofs.chapters import AtLeast, Chapter, Derivation, Differ, Proof, Same, Statement
from lawbook.proofs.gradients import Array, Gradient, Labels
from lawbook.proofs.numbers.symbols import SymArray, symbols
from reference import losses

SOFTMAX = """
assume K integer
batch z, t of K                                 # scores of the K classes, and their target probabilities
given sum(t) = 1
let p = exp(z)/sum(exp(z))
"""
SCORES = {"z": Array("N", "K"), "labels": Labels("N", classes="K")}


def saturation() -> Iterator[Statement]:
    """Confident and wrong, scores (-k, k) for label 0: what is left of both gradients."""
    k = sp.Symbol("k", positive=True)
    z, labels = SymArray([[-k, k]]), np.array([0])
    p = losses.softmax(z)
    squared = 2 * (p * (p - SymArray([[1, 0]]) - ((p - SymArray([[1, 0]])) * p).sum()))
    e = sp.exp(-2 * k)
    yield Same(
        "The squared error's slopes, with q = exp(-2k), are -4 q/(1 + q)^3 and 4 q/(1 + q)^3: they vanish.",
        squared,
        [[-4 * e / (1 + e) ** 3, 4 * e / (1 + e) ** 3]],
    )
    yield Same(
        "Those of cross entropy are -1/(1 + q) and 1/(1 + q): they tend to -1 and 1.",
        losses.SoftmaxCrossEntropy().gradient(z, labels),
        [[-1 / (1 + e), 1 / (1 + e)]],
    )
    yield Differ(
        "Both gradients are the same.", squared, losses.SoftmaxCrossEntropy().gradient(z, labels)
    )


def hinge_saturates() -> Iterator[Statement]:
    """Beyond the margin of 1 the hinge and its gradient are exactly 0; cross entropy's is not."""
    a, b = sp.symbols("a b", positive=True)
    s = sp.Symbol("s", real=True)
    z, labels = SymArray([[s, s - 1 - a, s - 1 - b]]), np.array([0])
    yield Same("The hinge is 0.", losses.Hinge().value(z, labels), 0)
    yield Same("So is its gradient.", losses.Hinge().gradient(z, labels), [[0, 0, 0]])
    yield Differ(
        "So is cross entropy's.",
        losses.SoftmaxCrossEntropy().gradient(z, labels),
        [[0, 0, 0]],
        comment="cross entropy always pulls",
    )


def reductions() -> Iterator[Statement]:
    """E55: sums and means of the same loss."""
    y, t = symbols("y", 2, 2), symbols("t", 2, 2)
    total = losses.MeanSquaredError(reduction="sum").value(y, t)
    yield Same(
        "The mean over 2 samples is half the sum.", losses.MeanSquaredError().value(y, t), total / 2
    )
    yield Differ("E55: sum and mean are one loss.", losses.MeanSquaredError().value(y, t), total)


def medians() -> Iterator[Statement]:
    """E54: the absolute error has an interval of minimizers for an even number of values."""
    u = sp.Symbol("u", nonnegative=True)
    v = sp.Symbol("v", nonnegative=True)
    values = (0, 1, 5, 9)

    def loss(c: Any) -> Any:
        return sum(sp.Abs(c - y) for y in values)

    inside = (1 + 5 * u) / (1 + u)  # every number in [1, 5)
    yield Same(
        "Between the middle values 1 and 5 the loss of (0, 1, 5, 9) is 13.", loss(inside), 13
    )
    yield AtLeast("Left of them it is more.", loss(1 - v), 13)
    yield AtLeast("Right of them too.", loss(5 + v), 13)
    yield Differ("E54: only the mean of the middle values, 3, is optimal.", loss(sp.Integer(2)), 14)


CHAPTER = Chapter(
    "Losses",
    """Where the gradients start. Softmax and cross entropy belong together: apart their slopes are unwieldy,
together they leave p - t.""",
    Derivation(
        "Softmax",
        SOFTMAX
        + """
sum(p)
= sum(exp(z))/sum(exp(z))
= 1

exp(z + c)/sum(exp(z + c))                      # the same constant on every score
= exp(c)*exp(z)/(exp(c)*sum(exp(z)))
= p                                             # so the largest score may be taken out
code softmax

p
diff z                                          # its own score
= p - p**2
!= p                                            # the denominator depends on z, too

p
diff z[k]                                       # another class's score
= -p*p[k]
!= 0                                            # all classes share the denominator
""",
        code={"softmax": lambda v: losses.softmax(v.z[None])},
        covers=("loss.softmax.definition",),
    ),
    Derivation(
        "Softmax cross entropy",
        SOFTMAX
        + """
-sum(t*log(p))                                  # cross entropy
= -sum(t*z) + log(sum(exp(z)))                  # log of a quotient; the targets sum to 1
diff z
= -t + exp(z)/sum(exp(z))
= p - t                                         # what the net says, less what is right
!= t - p                                        # the sign: descent would make it worse
!= p                                            # the target is left out
!= -t/p                                         # the slope on p, not on z

sum(p - t)
= 0                                             # the gradient moves no common constant
""",
        covers=("loss.ce.definition", "loss.ce.gradient_sums_to_zero"),
    ),
    Derivation(
        "Cross entropy is never 0",
        """
log(exp(a) + exp(b) + exp(c)) - a               # scores (a, b, c), label 0
= log(1 + exp(b - a) + exp(c - a))
>= 0

exp(log(1 + exp(b - a) + exp(c - a))) - 1       # and 0 only where this is
= exp(b - a) + exp(c - a)
>= 0                                            # a sum of exponentials, which are positive

log(exp(a) + exp(b) + exp(c)) - a               # the example of the slide
at a = 5, b = -20, c = -20
= log(1 + 2*exp(-25))                           # 2.78e-11
!= 2/10**11                                     # E20: as printed

log(1 + exp(b - a) + exp(c - a))
diff a
= -(exp(b - a) + exp(c - a))/(1 + exp(b - a) + exp(c - a))
<= 0                                            # it falls as the right score grows
""",
        covers=("loss.ce.definition", "lib.ce_takes_logits"),
        errata=("E20",),
    ),
    Derivation(
        "The sum of squares",
        """
assume n integer
batch y, f of n

sum((y - f)**2)
diff f
= 2*(f - y)
!= 2*(y - f)                                    # the inner derivative is -1
!= f - y                                        # that is the gradient of the half

sum((y - c)**2)
diff c
= -2*(sum(y) - n*c)
solve c
= sum(y)/n                                      # the best constant is the mean

sum((y - c)**2) - sum((y - sum(y)/n)**2)
= n*(c - sum(y)/n)**2
>= 0                                            # and everything else costs this much more

-sum(log(exp(-(y - f)**2/2)/sqrt(2*pi)))        # normal errors of variance 1
= sum((y - f)**2)/2 + n/2*log(2*pi)             # the same minimizer, half the value
!= sum((y - f)**2)                              # not the same value

sum(abs(y - f))
diff f
= sign(f - y)                                   # away from ties
!= sign(y - f)
""",
        covers=(
            "loss.l2.definition",
            "loss.l2.minimizer_mean",
            "loss.gaussian_nll",
            "loss.l1.definition",
            "loss.quadratic_vector",
        ),
    ),
    Derivation(
        "Least squares of an affine model",
        """
assume m integer
batch x, y of m
let f = w*x + b

sum((f - y)**2)/m
diff w
= 2/m*sum(x*(w*x + b - y))
!= 2/m*sum(w*x + b - y)                         # the input is left out

sum((f - y)**2)/m
diff b
= 2/m*sum(w*x + b - y)
""",
        covers=("loss.mse.definition", "lib.zero_grad"),
    ),
    Proof("Sums and means", reductions, size="2 samples of 2 outputs", errata=("E55",)),
    Proof(
        "The absolute error's minimizers are the medians",
        medians,
        size="4 values",
        covers=("loss.l1.minimizer_median",),
        errata=("E54",),
    ),
    Proof(
        "Confident and wrong", saturation, size="2 classes", covers=("loss.mse_softmax_saturates",)
    ),
    Proof("Beyond the margin", hinge_saturates, size="3 classes", covers=("loss.hinge.saturates",)),
    Gradient(
        "The gradient of softmax cross entropy",
        inputs=SCORES,
        wrt=("z",),
        forward=lambda z, labels: losses.SoftmaxCrossEntropy().value(z, labels),
        backward=lambda z, labels: losses.SoftmaxCrossEntropy().gradient(z, labels),
        scalar=True,
        sizes=({"N": 2, "K": 3},),
        mutate=(losses.SoftmaxCrossEntropy.gradient,),
        torch=lambda torch, z, labels: torch.nn.functional.cross_entropy(z, labels),
        covers=("loss.ce.definition",),
    ),
    Gradient(
        "Softmax is shared: dL/dz for every number of classes",
        inputs={"z": Array("N", "K")},
        wrt=("z",),
        forward=lambda z: losses.softmax(z),
        backward=lambda dy, z: losses.softmax_backward(dy, losses.softmax(z)),
        formal="K",
        mutate=(losses.softmax_backward,),
        torch=lambda torch, z: torch.softmax(z, dim=1),
        covers=("loss.softmax.definition",),
    ),
    Gradient(
        "The gradient of the squared error",
        inputs={"y": Array("N", "K"), "t": Array("N", "K")},
        wrt=("y",),
        forward=lambda y, t: losses.MeanSquaredError().value(y, t),
        backward=lambda y, t: losses.MeanSquaredError().gradient(y, t),
        scalar=True,
        formal="N",
        mutate=(losses.MeanSquaredError.gradient,),
        torch=lambda torch, y, t: ((y - t) ** 2).sum() / y.shape[0],
        covers=("loss.mse.definition",),
    ),
    Gradient(
        "The gradient of the hinge",
        inputs=SCORES,
        wrt=("z",),
        forward=lambda z, labels: losses.Hinge().value(z, labels),
        backward=lambda z, labels: losses.Hinge().gradient(z, labels),
        scalar=True,
        sizes=({"N": 2, "K": 3},),
        mutate=(losses.Hinge.gradient,),
        torch=lambda torch, z, labels: (
            torch.nn.functional.multi_margin_loss(z, labels) * z.shape[1]
        ),
        covers=("loss.hinge.definition",),
    ),
)
