"""Dropout: mean and variance, what evaluation computes, and its gradient."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import sympy as sp

from lawbook.proofs.chapters import AtLeast, Chapter, Derivation, Differ, Proof, Same, Statement
from lawbook.proofs.gradients import Array, Constant, Gradient, Mask
from lawbook.proofs.numbers.symbols import SymArray, maxima_as_shifts, symbols
from lawbook.proofs.prover.decide import Fact
from reference import dropout, losses

KEEP = sp.Symbol("q", positive=True)
AT_MOST_ONE = (Fact(1 - KEEP, strict=False),)


def masks(n: int) -> list[tuple[Any, Any]]:
    """All 2^n masks with their probabilities q^kept (1 - q)^dropped."""
    patterns = [np.array(bits) for bits in product((0, 1), repeat=n)]
    return [(m, KEEP ** int(m.sum()) * (1 - KEEP) ** int(n - m.sum())) for m in patterns]


def mean(values: list[tuple[Any, Any]]) -> Any:
    """The mean of (value, probability) pairs."""
    return sum(value * chance for value, chance in values)


def all_masks() -> Iterator[Statement]:
    """The reference under every mask of n = 1 .. 4 inputs."""
    for n in (1, 2, 3, 4):
        x, w = symbols("x", n), symbols("w", n)
        outputs = [((dropout.inverted(x, m, KEEP) * w).sum(), p) for m, p in masks(n)]
        classic = [((dropout.classic(x, m) * w).sum(), p) for m, p in masks(n)]
        yield Same(f"n = {n}: the probabilities sum to 1.", mean([(1, p) for _, p in masks(n)]), 1)
        yield Same(f"n = {n}: inverted dropout keeps the mean.", mean(outputs), (x * w).sum())
        yield Same(
            f"n = {n}: classic dropout needs weights scaled by q.",
            mean(classic),
            (x * (KEEP * w)).sum(),
        )
        squares = [(value * value, p) for value, p in outputs]
        yield Same(
            f"n = {n}: the variance.",
            mean(squares) - (x * w).sum() ** 2,
            (1 - KEEP) / KEEP * ((x * w) ** 2).sum(),
        )
    yield Differ(
        "E23: classic dropout needs no scaling.",
        mean(classic),
        (x * w).sum(),
        facts=AT_MOST_ONE,
        comment="train and evaluation would differ by the factor q",
    )
    yield Differ(
        "E22: weights are scaled by the probability to drop.",
        mean(classic),
        (x * ((1 - KEEP) * w)).sum(),
        facts=AT_MOST_ONE,
        comment="by the probability to keep",
    )


def geometric_mean() -> Iterator[Statement]:
    """A softmax layer on two dropped inputs, three classes, all four masks."""
    x, W = symbols("x", 2), symbols("w", 2, 3)
    with maxima_as_shifts():

        def log_odds(inputs: Any) -> Any:
            p = losses.softmax((inputs @ W).reshape(1, 3))[0]
            return SymArray([sp.log(p[k] / p[0]) for k in (1, 2)])

        averaged = mean([(log_odds(dropout.classic(x, m)), p) for m, p in masks(2)])
        scaled = log_odds(KEEP * x)
        every = log_odds(x)
    yield Same(
        "The mean of the log odds over all sub-networks is that of the scaled weights.",
        averaged,
        scaled,
        comment="log odds fix the probabilities: a renormalized geometric mean of all members",
    )
    yield Differ("It is that of the weights as they are.", averaged, every, AT_MOST_ONE)


def counted() -> Iterator[Statement]:
    """E70: two inputs, two hidden units, one output; a path needs one of each."""
    kept = list(product((0, 1), repeat=4))
    cut = [m for m in kept if not (any(m[:2]) and any(m[2:]))]
    yield Same("There are 2^4 masks.", sp.Integer(len(kept)), 16)
    yield Same("7 of them have no path from input to output.", sp.Integer(len(cut)), 7)
    yield Differ("E70: 2^n masks are 2^n different networks.", sp.Integer(len(kept) - len(cut)), 16)


def nonlinear() -> Iterator[Statement]:
    """E44: a ReLU of the difference of two inputs of 1, keep 1/2."""
    x, w = SymArray([1, 1]), SymArray([1, -1])
    nets = [(dropout.classic(x, np.array(m)) * w).sum() for m in product((0, 1), repeat=2)]
    averaged = sum(sp.Max(net[()], 0) for net in nets) / 4
    yield Same("The mean over the four masks is 1/4.", averaged, sp.Rational(1, 4))
    yield Differ(
        "E44: the scaled weights give the mean.",
        averaged,
        sp.Max((x * w / 2).sum()[()], 0),
        comment="through a ReLU scaling is an approximation",
    )
    a, b = sp.symbols("a b", real=True)
    yield AtLeast(
        "For ReLU the mean of two outputs is at least the output of the mean.",
        sp.Max(a, 0) + sp.Max(b, 0),
        sp.Max(a + b, 0),
    )


def passed(layer: Any, dy: Any, mask: Any) -> Any:
    """dL/dx of a reference layer that drew this mask."""
    layer.mask = mask
    return layer.backward(dy)


CHAPTER = Chapter(
    "Dropout",
    """Every unit is kept with probability q, here always the probability to keep. Dropout trains 2^n networks
that share their weights; evaluation has to stand for all of them. For one linear layer that is exact, for a
softmax it is a geometric mean, beyond that it is an approximation, and the lines say which is which.""",
    Derivation(
        "Mean and variance of one unit",
        """
random m                                        # 1 with probability q, else 0; so m**2 = m
assume q > 0, q <= 1
given E(m) = q
given E(m**2) = q

E(m*x/q)                                        # inverted dropout
= x                                             # evaluation uses x itself
!= q*x                                          # E22: that is the classic form

E((m*x/q)**2) - x**2
= x**2/q - x**2
= (1 - q)/q*x**2
!= q*(1 - q)*x**2                               # the variance without the division by q

E(m*x)                                          # classic dropout
= q*x                                           # so evaluation scales by q
!= x                                            # E23: without scaling both modes differ
!= (1 - q)*x                                    # E22: scaled by the probability to drop

E((m*x)**2) - E(m*x)**2
= q*(1 - q)*x**2
""",
        covers=("dropout.expectation", "dropout.variance", "dropout.classic", "dropout.inverted"),
        errata=("E22", "E23"),
    ),
    Derivation(
        "Any number of units",
        """
random r, m                                     # r: the net input from all other units
assume q > 0, q <= 1
given E(m) = q
given E(m**2) = q

E(r + m*x*w/q)                                  # one more unit
= E(r) + x*w

E((r + m*x*w/q)**2) - E(r + m*x*w/q)**2
= E(r**2) - E(r)**2 + (1 - q)/q*(x*w)**2        # adds its variance: so n units sum up, by independence
!= E(r**2) - E(r)**2 + (1 - q)/q*(x*w)

E(r + m*x*w)                                    # classic: the weight is scaled
= E(r) + x*(q*w)
""",
        covers=("dropout.expectation", "dropout.variance", "dropout.weight_scaling_linear"),
    ),
    Proof(
        "Every mask, from the reference",
        all_masks,
        "n <= 4",
        ("dropout.expectation", "dropout.variance", "dropout.two_input_example"),
        ("E22", "E23"),
    ),
    Derivation(
        "Numbers to check a library with",
        """
assume q > 0, q <= 1
q*(x1 + x2)
at q = 4/5, x1 = 1, x2 = 2                      # one unit in five is dropped
= 12/5
!= 3/5                                          # E22: scaled by the probability to drop

q*w*x
at q = 1/2, w = 1, x = 1
= 1/2
!= 1                                            # E23: the output without scaling

q*n*(q*k)                                       # weights between n and k units with both ends kept
= q**2*n*k
!= q*n*k                                        # E48: half the units, but a quarter of the weights
""",
        covers=("dropout.half_capacity",),
        errata=("E22", "E23", "E48"),
    ),
    Proof(
        "A softmax: the geometric mean",
        geometric_mean,
        "2 inputs, 3 classes",
        ("dropout.softmax_geometric_mean",),
    ),
    Proof(
        "A ReLU: an approximation",
        nonlinear,
        covers=("dropout.weight_scaling_nonlinear",),
        errata=("E44",),
    ),
    Derivation(
        "Averaging K masks at evaluation",
        """
assume v > 0, K integer, K >= 1
sqrt(v/K)                                       # the standard error of a mean of K outputs of variance v
at v = 1/4, K = 100
= 1/20
!= 1/200                                        # E49: a hundred passes are ten times better than one
""",
        errata=("E49",),
    ),
    Proof("Masks and networks", counted, "2 + 2 units", ("dropout.disconnected",), ("E70",)),
    Derivation(
        "How many networks are connected",
        """
assume n integer, h integer                     # inputs and hidden units
2**(n + h) - (2**n - 1)*(2**h - 1)              # without the masks that keep one of each
= 2**n + 2**h - 1                               # have no path
at n = 2, h = 2
= 7
!= 0                                            # E70
""",
        covers=("dropout.disconnected", "dropout.ensemble_marginal"),
        errata=("E70",),
    ),
    Derivation(
        "In least squares dropout is a penalty",
        """
random r, m                                     # r: the residual with the masks of all other inputs in it
assume q > 0, q <= 1
given E(m) = q
given E(m**2) = q

E((r - m*x*w/q)**2)
= E((r - x*w)**2) + (1 - q)/q*x**2*w**2         # one term per input: a ridge that looks at its size
!= E((r - x*w)**2)
!= E((r - x*w)**2) + (1 - q)/q*w**2             # the penalty grows with the input

(y - x*w)**2 + (1 - q)/q*x**2*w**2
diff w
= -2*x*(y - x*w) + 2*(1 - q)/q*x**2*w
""",
        covers=("dropout.adaptive_ridge",),
    ),
    Derivation(
        "Which loss the gradients belong to",
        """
let s(t) = 1/(1 + exp(-t))
# Two sub-networks, equally likely, give the label the probabilities s(t) and 1/2
-(log(s(t)) + log(1/2))/2                       # the mean loss
diff t
= -(1 - s(t))/2                                 # is what sampled gradients estimate
!= -s(t)*(1 - s(t))/(s(t) + 1/2)                # E43: the gradient of the averaged prediction's loss

-log((s(t) + 1/2)/2)                            # that loss
diff t
= -s(t)*(1 - s(t))/(s(t) + 1/2)

((a + b)/2)**2 - a*b                            # and it is the smaller: arithmetic and geometric mean
= (a - b)**2/4
>= 0                                            # so the mean loss is an upper bound of it
""",
        covers=("dropout.gradient_unbiased",),
        errata=("E43",),
    ),
    Gradient(
        "The backward pass of inverted dropout",
        inputs={"x": Array("n"), "mask": Mask("n"), "keep": Constant(0.5)},
        wrt=("x",),
        forward=lambda x, mask, keep: dropout.inverted(x, mask, keep),
        backward=lambda dy, x, mask, keep: passed(dropout.Dropout(keep=keep), dy, mask),
        formal="n",
        mutate=(dropout.Dropout.backward,),
        torch=lambda torch, x, mask, keep: x * mask / keep,
        covers=("dropout.inverted", "dropout.backward_mask"),
    ),
    Gradient(
        "The backward pass of classic dropout",
        inputs={"x": Array("n"), "mask": Mask("n")},
        wrt=("x",),
        forward=lambda x, mask: dropout.classic(x, mask),
        backward=lambda dy, x, mask: passed(dropout.ClassicDropout(keep=0.5), dy, mask),
        formal="n",
        mutate=(dropout.ClassicDropout.backward,),
        torch=lambda torch, x, mask: x * mask,
        covers=("dropout.classic", "dropout.backward_mask"),
    ),
)
