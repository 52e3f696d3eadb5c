"""Batch normalization: outputs, undo, running statistics, and the gradient for every batch size."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import sympy as sp

from lawbook.proofs.chapters import AtLeast, Chapter, Derivation, Differ, Proof, Same, Statement
from lawbook.proofs.gradients import Array, Gradient, Scalar
from lawbook.proofs.numbers.symbols import SymArray, symbols
from reference import batch_norm

SETTING = """
assume N integer            # values per feature: the batch size, for images times their pixels
assume eps > 0
batch x, dy of N            # one feature's inputs, and dL/dy as it comes from above
let mu = sum(x)/N
let var = sum((x - mu)**2)/N
let s = sqrt(var + eps)
let xhat = (x - mu)/s
"""


def train(x: Any, gamma: Any, beta: Any, eps: Any) -> Any:
    """The reference's training output."""
    mean, variance = batch_norm.moments(x)
    normalized = batch_norm.normalize(x, mean, batch_norm.deviation(variance, eps, "inside"))
    return batch_norm.shift_and_scale(normalized, gamma, beta)


def roots(v: SimpleNamespace) -> tuple[Any, Any, Any]:
    """The reference's mean, s and normalized rows of the batch v.x."""
    mean, variance = batch_norm.moments(v.x)
    s = batch_norm.deviation(variance, v.eps, "inside")
    return mean, s, batch_norm.normalize(v.x, mean, s)


def compact(v: SimpleNamespace) -> Any:
    """The reference's dL/dx, in one step."""
    _, s, normalized = roots(v)
    return batch_norm.backward_compact(v.dy, normalized, v.gamma, s, s)


def staged(v: SimpleNamespace) -> Any:
    """The reference's dL/dx, stage by stage."""
    mean, s, _ = roots(v)
    return batch_norm.backward_staged(v.dy, v.x, v.gamma, mean, s, s)


def backward(dy: Any, x: Any, gamma: Any, beta: Any, eps: Any) -> tuple[Any, Any, Any]:
    """The reference's three gradients, dL/dx in one step."""
    _, s, normalized = roots(SimpleNamespace(x=x, eps=eps))
    dx = batch_norm.backward_compact(dy, normalized, gamma, s, s)
    return dx, batch_norm.gradient_of_gamma(dy, normalized), batch_norm.gradient_of_beta(dy)


def backward_in_stages(dy: Any, x: Any, gamma: Any, beta: Any, eps: Any) -> Any:
    """The reference's dL/dx, stage by stage."""
    return staged(SimpleNamespace(dy=dy, x=x, gamma=gamma, eps=eps))


def rational_roots(values: dict[str, Any], draw: Any) -> dict[str, Any]:
    """The same inputs with eps chosen so that var + eps is the square of a rational number."""
    _, variance = batch_norm.moments(values["x"])
    s = draw(variance.shape)
    return {**values, "eps": s * s - variance}


def torch_train(torch: Any, x: Any, gamma: Any, beta: Any, eps: float) -> Any:
    """torch's own batch normalization in training."""
    return torch.nn.functional.batch_norm(x, None, None, gamma, beta, True, eps=eps)


INPUTS = {
    "x": Array("N", "C"),
    "gamma": Array("C"),
    "beta": Array("C"),
    "eps": Scalar(positive=True),
}


def images() -> Iterator[Statement]:
    """(N, C, H, W) is (N H W, C) and back; statistics are one per channel."""
    x = symbols("x", 2, 2, 1, 2)
    rows = batch_norm.as_rows(x)
    yield Same(
        "Back in its shape, the batch is what it was.", batch_norm.from_rows(rows, x.shape), x
    )
    mean, variance = batch_norm.moments(rows)
    channels = [np.asarray(x)[:, c].ravel() for c in range(2)]
    means = [sp.Add(*c) / 4 for c in channels]
    yield Same("A row holds one value of every channel: its mean is the channel's.", mean, means)
    yield Same(
        "So is the variance.",
        variance,
        [sp.Add(*[(v - m) ** 2 for v in c]) / 4 for c, m in zip(channels, means, strict=True)],
    )
    yield Differ(
        "E19: a plain reshape to (N H W, C) keeps channels apart.",
        SymArray(np.asarray(x).reshape(-1, 2)).sum(axis=0) / 4,
        means,
        comment="without moving the channel axis last, rows mix channels",
    )


def longer() -> Iterator[Statement]:
    """E28: x = (0, 0.1, 0.2, 0.5), whose deviation is below gamma = 1."""
    x, dy = SymArray([[0], [1], [2], [5]]) / 10, SymArray([[10], [-10], [-5], [3]]) / 10
    dx = compact(SimpleNamespace(x=x, dy=dy, gamma=1, eps=0))
    before, after = (dy * dy).sum(), (dx * dx).sum()
    yield AtLeast("The layer makes this gradient more than 5 times as long.", after, 25 * before)
    yield Differ("E28: its squared length is at most what it was before.", after, before)


def averages() -> Iterator[Statement]:
    """Three batches: step by step, and the closed form, both from the reference."""
    d, start, values = sp.Symbol("d", positive=True), symbols("m0", 1), symbols("b", 3, 1)
    steps = start
    for value in values:
        steps = batch_norm.moving_average(steps, value, d)
    closed = batch_norm.moving_average_closed_form(start, list(values), d)
    yield Same("Averaging step by step gives the closed form.", steps, closed)
    yield Differ(
        "E13: with the decay on the new value it gives the same.",
        batch_norm.moving_average(values[0], start, d),
        batch_norm.moving_average(start, values[0], d),
        comment="the two conventions differ unless d = 1/2",
    )


def bias_before() -> Iterator[Statement]:
    """E18: a bias right before the layer is redundant, one before a ReLU in between is not."""
    eps = sp.Symbol("eps", positive=True)
    z, bias = SymArray([[-2], [-1], [1], [2]]), sp.Rational(3, 2)
    plain = train(z, 1, 0, eps)
    yield Same(
        "Affine, then this layer: a bias changes nothing.", train(z + bias, 1, 0, eps), plain
    )
    yield Differ(
        "E18: nor does it with a ReLU in between.",
        train(np.maximum(z + bias, 0), 1, 0, eps),
        train(np.maximum(z, 0), 1, 0, eps),
        comment="the bias decides which values the ReLU cuts off",
    )


CHAPTER = Chapter(
    "Batch normalization",
    """Every feature is shifted and scaled to mean 0 and variance near 1 over the batch, then by a learned
gamma and beta. The one difficulty is the gradient: mean and variance depend on every input of the batch, so
each input reaches the loss on three ways. All lines hold for every batch size N.""",
    Derivation(
        "What the output is",
        SETTING
        + """
sum(xhat)/N
= sum(x - mu)/(N*s)                             # s is the same for the whole batch
= (sum(x) - N*mu)/(N*s)
= 0                                             # by the definition of the mean

sum(xhat**2)/N                                  # the variance of xhat, since its mean is 0
= var/s**2
= var/(var + eps)                               # a little below 1
!= 1                                            # E17: only for eps = 0
= 1 - eps/s**2

gamma*xhat + beta                               # the affine part can undo the normalization
at gamma = s, beta = mu
= x

gamma*xhat + beta
at gamma = sqrt(var), beta = mu
= sqrt(var)*(x - mu)/sqrt(var + eps) + mu
!= x                                            # E16: the root has to contain eps

sqrt(sum((c + x - sum(c + x)/N)**2)/N + eps)    # a constant c added to every input
= sqrt(sum((x - mu)**2)/N + eps)                # moves the mean by c, and nothing else
= s
""",
        covers=("bn.undo", "bn.shift_invariance"),
        errata=("E16", "E17"),
    ),
    Derivation(
        "Statistics move with the inputs",
        SETTING
        + """
mu
diff x                                          # the total derivative: x_j is one of N summands
= 1/N
!= 0                                            # the mean is not a constant

s
diff x
= (x - mu)/(N*s)
!= (x - mu)/s                                   # the factor 1/N of the variance is missing

xhat
diff x                                          # its own input
= 1/s - 1/(N*s) - xhat**2/(N*s)
!= 1/s                                          # as if mean and variance were constants

xhat
diff x frozen mu, s                             # what that line is: a partial derivative
= 1/s

xhat
diff x[k]                                       # the input of another sample k
= -1/(N*s) - xhat*xhat[k]/(N*s)
!= 0                                            # samples of a batch do depend on each other
""",
        covers=("bn.differentiable_stats",),
    ),
    Derivation(
        "The gradient in stages, as in the exercise",
        SETTING
        + """
let dxhat = dy*gamma                            # dL/dxhat
let dvar = sum(dxhat*(x - mu))*(-1/2)*(var + eps)**(-3/2)
let dmu = -sum(dxhat)/s + dvar*sum(-2*(x - mu))/N

sum(-2*(x - mu))/N                              # the way from mu through the variance
= -2*(sum(x) - N*mu)/N
= 0                                             # is closed: mu is the mean

sum(dy*(gamma*xhat + beta))                     # L, as far as this layer is concerned
diff x
= dxhat/s + dvar*2*(x - mu)/N + dmu/N           # through xhat, the variance and the mean
!= dxhat/s + dvar*2*(x - mu) + dmu              # 1/N forgotten twice
!= dxhat/s                                      # statistics taken as constants
code backward_staged
""",
        code={"backward_staged": staged},
        covers=("bn.grad.input", "bn.grad.mu_second_term_zero"),
    ),
    Derivation(
        "The gradient in one line",
        SETTING
        + """
sum(dy*(gamma*xhat + beta))
diff x
= gamma*dy/s - gamma*sum(dy)/(N*s) - gamma*sum(dy*(x - mu))/s**2*(x - mu)/(N*s)   # three ways
= gamma/s*(dy - sum(dy)/N - xhat*sum(dy*xhat)/N)                                 # gamma/s taken out
!= gamma/s*(dy - sum(dy)/N)                                                      # the variance is forgotten
!= gamma/s*(dy - xhat*sum(dy*xhat)/N)                                            # the mean is forgotten
!= gamma/s*(dy - sum(dy) - xhat*sum(dy*xhat))                                    # sums for means
code backward_compact

sum(dy*(gamma*xhat + beta))
diff gamma
= sum(dy*xhat)
!= sum(dy*x)                                    # it is xhat that gamma multiplies
code gradient_of_gamma

sum(dy*(gamma*xhat + beta))
diff beta
= sum(dy)
code gradient_of_beta
""",
        code={
            "backward_compact": compact,
            "gradient_of_gamma": lambda v: batch_norm.gradient_of_gamma(v.dy, roots(v)[2]),
            "gradient_of_beta": lambda v: batch_norm.gradient_of_beta(v.dy),
        },
        covers=("bn.grad.compact", "bn.grad.gamma", "bn.grad.beta"),
    ),
    Derivation(
        "What the gradient cannot do",
        SETTING
        + """
let dx = gamma/s*(dy - sum(dy)/N - xhat*sum(dy*xhat)/N)

sum(dx)                                         # a shift of the whole batch
= gamma/s*(sum(dy) - sum(dy) - sum(xhat)*sum(dy*xhat)/N)
= 0                                             # changes nothing: a bias before it gets no gradient

sum(dx*xhat)                                    # a scaling of the whole batch
= gamma/s*(sum(dy*xhat) - sum(xhat**2)*sum(dy*xhat)/N)
= gamma/s*sum(dy*xhat)*(1 - var/s**2)
= gamma*sum(dy*xhat)*eps/s**3                   # changes a little, because of eps
!= 0                                            # exactly 0 for eps = 0 only

sum(dx**2)
at eps = 0
= gamma**2/var*(sum(dy**2) - sum(dy)**2/N - sum(dy*(x - mu))**2/(N*var))
!= sum(dy**2)                                   # gamma/s decides whether it shrinks or grows
""",
        covers=(
            "bn.grad.orthogonality",
            "bn.bias_redundant",
            "bn.lipschitz_improvement",
        ),
    ),
    Proof("A longer gradient", longer, size="4 samples", errata=("E28",)),
    Derivation(
        "Scaling the inputs",
        SETTING
        + """
assume a > 0
(a*x - sum(a*x)/N)/sqrt(sum((a*x - sum(a*x)/N)**2)/N + eps)
= a*(x - mu)/sqrt(a**2*var + eps)
= (x - mu)/sqrt(var + eps/a**2)                 # the same layer with eps/a^2
!= xhat                                         # the scale drops out for eps = 0 only
""",
        covers=("bn.scale_invariance",),
    ),
    Derivation(
        "Running statistics",
        """
assume t integer
assume d > 0
assume 1 - d > 0                                # weight of the old value
let m = d**t*m0 + (1 - d)*S                     # S: the sum of all statistics, each times d per later batch

m
at t = 0, S = 0
= m0                                            # the start

d*m + (1 - d)*b                                 # one step of the average, with the next statistic b
= d**(t + 1)*m0 + (1 - d)*(d*S + b)             # the same form for t + 1: a closed form by induction
!= d**t*m0 + (1 - d)*(S + b)                    # what is old has to fade
!= (1 - d)*m + d*b                              # E13: the constant on the wrong side
!= (1 - d)*b + d*b                              # E12: two batch values in place of the average
code moving_average

d**t + (1 - d)*(1 - d**t)/(1 - d)               # the weights: geometric sum
= 1                                             # a convex combination

(1 - d)**2*s**2/(1 - d**2)                      # variance of the average of independent statistics
= (1 - d)/(1 + d)*s**2
!= ((1 - d)**2 + d**2)*s**2                     # E13: the two-value formula never averages
""",
        code={"moving_average": lambda v: batch_norm.moving_average(v.m, v.b, v.d)},
        covers=("bn.ema.closed_form",),
        errata=("E12", "E13"),
    ),
    Derivation(
        "Training-set statistics from K equal batches",
        """
assume K integer
batch m, v of K                                 # each batch's mean and (biased) variance
let total = sum(m)/K
sum(v + m**2)/K - total**2                      # second moment of all samples less the squared mean
= sum(v)/K + sum((m - total)**2)/K              # within the batches plus between them
!= sum(v)/K                                     # E14, E15: the spread of the means is lost
""",
        covers=("bn.test.full_training_stats",),
        errata=("E14", "E15"),
    ),
    Derivation(
        "After dropout the variance is another one",
        """
assume q > 0
random m, x
given E(m) = q, E(m**2) = q, E(x) = 0
E((m*x/q)**2) - E(m*x/q)**2                     # training: what the statistics see
= E(m**2)*E(x**2)/q**2
= E(x**2)/q
!= E(x**2)                                      # dropout keeps the mean, not the variance
""",
        covers=("bn.dropout_interaction",),
    ),
    Gradient(
        "dL/dx, dL/dgamma and dL/dbeta of the reference",
        inputs=INPUTS,
        wrt=("x", "gamma", "beta"),
        forward=train,
        backward=backward,
        formal="N",
        mutate=(
            batch_norm.backward_compact,
            batch_norm.gradient_of_gamma,
            batch_norm.gradient_of_beta,
        ),
        torch=torch_train,
        rational=rational_roots,
        lengths={"N": (2, 8)},  # torch refuses to train on one value
        covers=("bn.grad.input", "bn.grad.gamma", "bn.grad.beta"),
    ),
    Gradient(
        "dL/dx of the reference, stage by stage",
        inputs=INPUTS,
        wrt=("x",),
        forward=train,
        backward=backward_in_stages,
        formal="N",
        mutate=(batch_norm.backward_staged,),
        torch=torch_train,
        rational=rational_roots,
        lengths={"N": (2, 8)},  # torch refuses to train on one value
        covers=("bn.grad.input",),
    ),
    Proof(
        "Where the bias is redundant",
        bias_before,
        size="4 samples",
        covers=("bn.bias_redundant",),
        errata=("E18",),
    ),
    Proof(
        "The closed form of the reference",
        averages,
        size="3 batches",
        covers=("bn.ema.closed_form",),
    ),
    Proof(
        "Images",
        images,
        size="2 images of 2 channels, 1 x 2 pixels",
        covers=("bn.conv.per_channel", "bn.conv.reshape"),
        errata=("E19",),
    ),
)
