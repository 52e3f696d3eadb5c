"""Optimizers: closed forms of momentum and Adam, weight decay beside L2, Newton's step, mini-batches."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
import sympy as sp

from lawbook.proofs.chapters import Chapter, Derivation, Differ, Proof, Same, Statement
from lawbook.proofs.numbers.symbols import SymArray, symbols
from reference import optimizers
from reference.early_stopping import quadratic_gradient, solve

RATE, LAM, ALPHA = sp.symbols("eta lambda alpha", positive=True)
BETA1, BETA2 = sp.symbols("beta1 beta2", positive=True)


def sgd(v: Any, decay: str, strength: Any) -> Any:
    """The reference's step of gradient descent."""
    step = optimizers.Sgd(learning_rate=v.eta, penalty="l2", strength=strength, decay=decay)
    return step.step(SymArray(v.w), SymArray(v.g))


def momentum(**conventions: Any) -> Any:
    """The reference's momentum with symbols for the rate and the momentum."""
    made = optimizers.Momentum(learning_rate=RATE, momentum=0.5, **conventions)
    made.momentum = ALPHA
    return made


def adam(kind: Any = optimizers.Adam, **conventions: Any) -> Any:
    """The reference's Adam with symbols in place of its numbers, and eps = 0."""
    made = kind(learning_rate=RATE, beta1=0.5, beta2=0.5, eps=0.0, **conventions)
    made.beta1, made.beta2 = BETA1, BETA2
    return made


def momentum_steps() -> Iterator[Statement]:
    """Four steps with any gradients, and the decay in both places."""
    w, g = symbols("w", 1), symbols("g", 4, 1)
    optimizer = momentum()
    for t in range(1, 5):
        optimizer.step(w, g[t - 1])
        yield Same(
            f"v after {t} step{'s' * (t > 1)}: -eta times all gradients, each faded by alpha per later step.",
            optimizer.velocity,
            -RATE * sum(ALPHA ** (t - s) * g[s - 1] for s in range(1, t + 1)),
        )
    outside, inside = momentum(rate_in_velocity=False), momentum()
    for gradient in g:
        same = outside.step(w, gradient), inside.step(w, gradient)
    yield Same(
        "The rate outside the velocity makes the same step, as long as it is constant.", *same
    )
    coupled = momentum(penalty="l2", strength=LAM)
    decoupled = momentum(penalty="l2", strength=LAM, decay="decoupled")
    a = b = w
    for gradient in g[:2]:
        a, b = coupled.step(a, gradient), decoupled.step(b, gradient)
    yield Differ(
        "E04: with momentum L2 and weight decay are the same.",
        a,
        b,
        comment="the velocity remembers the penalty's gradient, and decay leaves no memory",
    )


def adam_steps() -> Iterator[Statement]:
    """Three steps of Adam with any gradients, and its two ways to shrink weights."""
    w, g = symbols("w", 1, positive=True), symbols("g", 3, 1)
    optimizer = adam()
    for t in range(1, 4):
        step = optimizer.step(w, g[t - 1])
        past = range(1, t + 1)
        first = (1 - BETA1) * sum(BETA1 ** (t - s) * g[s - 1] for s in past) / (1 - BETA1**t)
        second = (1 - BETA2) * sum(BETA2 ** (t - s) * g[s - 1] ** 2 for s in past)
        yield Same(
            f"t = {t}: v is a mean of the gradients, after its correction.",
            optimizer.first / (1 - BETA1**t),
            first,
        )
        yield Same(f"t = {t}: r is one of their squares.", optimizer.second, second)
        if t == 1:
            yield Same(
                "With eps = 0 the first step is eta sign(g), however small g is.",
                step,
                w - RATE * g[0] / np.abs(g[0]),
            )
    coupled = adam(penalty="l2", strength=LAM).step(w, 0 * g[0])
    decoupled = adam(penalty="l2", strength=LAM, decay="decoupled")
    decoupled.eps = sp.Symbol("eps", positive=True)
    yield Same(
        "Without a loss and with eps = 0, L2 moves every positive weight by eta, whatever the strength.",
        coupled,
        w - RATE,
    )
    shrunk = decoupled.step(w, 0 * g[0])
    yield Same(
        "Decoupled decay shrinks it by the factor 1 - eta lambda.", shrunk, (1 - RATE * LAM) * w
    )
    yield Differ("E04: in Adam L2 and weight decay are the same.", coupled, shrunk)
    adamw = adam(optimizers.AdamW, weight_decay=0.0)
    adamw.weight_decay, adamw.eps = LAM, decoupled.eps
    yield Same("The reference's AdamW does the latter.", adamw.step(w, 0 * g[0]), shrunk)


def newton() -> Iterator[Statement]:
    """A quadratic of two weights: one Newton step, and one gradient step."""
    a, b, c = sp.symbols("a b c", real=True)
    H, best, w = SymArray([[a, b], [b, c]]), symbols("best", 2), symbols("w", 2)
    gradient = quadratic_gradient(H, best, w)
    yield Same(
        "Newton's step w - H^-1 g ends at the stationary point.", w - solve(H, gradient), best
    )
    H, w = SymArray([[1, 0], [0, 10]]), SymArray([10, 1])
    g = quadratic_gradient(H, SymArray([0, 0]), w)
    rate = (g @ g) / (g @ (H @ g))  # the rate that makes the loss along -g least
    after = optimizers.Sgd(learning_rate=sp.Rational(rate[()])).step(w, g)
    yield Same(
        "The best gradient step from (10, 1) with H = diag(1, 10).", after, SymArray([90, -9]) / 11
    )
    yield Differ(
        "E51: one gradient step finds the minimum of least squares.", after, SymArray([0, 0])
    )


def batches() -> Iterator[Statement]:
    """All mini-batches of 2 of 4 gradients."""
    g = symbols("g", 4)
    mean = g.sum() / 4
    s2 = ((g - mean) ** 2).sum() / 4
    found = [(g[i] + g[j]) / 2 for i, j in combinations(range(4), 2)]
    yield Same("Their mean is the full gradient.", sum(found) / len(found), mean)
    spread = sum((one - mean) ** 2 for one in found) / len(found)
    yield Same(
        "Their variance is s^2/m (M - m)/(M - 1), m = 2, M = 4.", spread, s2 / 2 * sp.Rational(2, 3)
    )
    yield Differ(
        "E61: it is s^2/m.", spread, s2 / 2, comment="that holds for draws with replacement"
    )
    pairs = [(a + b) / 2 for a in g for b in g]
    replaced = sum((one - mean) ** 2 for one in pairs) / len(pairs)
    yield Same("With replacement it is s^2/m.", replaced, s2 / 2)
    yield Differ("E61: a batch of all four has variance s^2/4.", (g.sum() / 4 - mean) ** 2, s2 / 4)


def schedule() -> Iterator[Statement]:
    """The linear schedule of four steps."""
    linear = optimizers.LinearSchedule(start=1.0, end=0.25, steps=4)
    rates = [sp.Rational(linear.rate(k)) for k in range(7)]
    yield Same("It starts at the first rate.", rates[0], 1)
    yield Same(
        "It falls by the same amount in every step,",
        SymArray(rates[:4]) - SymArray(rates[1:5]),
        SymArray([sp.Rational(3, 16)] * 4),
    )
    yield Same(
        "and stays at the last rate.", SymArray(rates[4:]), SymArray([sp.Rational(1, 4)] * 3)
    )
    yield Differ("It goes on falling.", rates[6], rates[4] - sp.Rational(3, 8))


CHAPTER = Chapter(
    "Optimizers",
    """What an optimizer does in one step is a line of code; what it does over many steps is a closed form.
These show what momentum and Adam remember, why a decay of the weights is not a penalty in all of them, and
what the step of gradient descent has that Newton's lacks, and the other way round.""",
    Derivation(
        "The slope along a direction",
        """
function f
f(x + lam*u)
diff lam
= f'(x + lam*u)*u
at lam = 0
= f'(x)*u                                       # steepest along the gradient, as |u| is fixed

f(x + s*u)
diff s
= f'(x + s*u)*u
diff s
= f''(x + s*u)*u**2
at s = 0
= f''(x)*u**2                                   # the second-order term of the expansion is half of it

(1 + lam)**2                                    # x**2 from x = 1 along u = 1
diff lam
= 2*(1 + lam)
at lam = 1
= 4
!= 2                                            # E59: the slope at x belongs to lam = 0
""",
        covers=("opt.directional_derivative", "opt.taylor2"),
        errata=("E59",),
    ),
    Derivation(
        "A step downhill",
        """
assume h > 0, eta > 0, eta*h <= 1
let f(x) = h*x**2/2                             # the steepest loss of curvature h
f(x) - f(x - eta*(h*x)) - eta/2*(h*x)**2
= eta*h**2*x**2*(1 - eta*h)/2
>= 0                                            # falls by at least eta/2 times the squared gradient

f(x - eta*(h*x))
= (1 - eta*h)**2*f(x)                           # the factor is above 1 once eta*h > 2
!= (1 - eta*h)*f(x)

# In general: slopes that change by at most h promise this drop of f, and maybe more
assume more >= 0
let drop = eta*g**2 - h/2*(eta*g)**2 + more
drop - eta/2*g**2
= more + eta/2*g**2*(1 - eta*h)
>= 0
""",
        covers=("opt.gd_descent",),
    ),
    Derivation(
        "The gradient of a mean loss",
        """
assume M integer
batch x, y of M
sum((x*w - y)**2)/M
diff w
= sum(2*x*(x*w - y))/M                          # the mean of the samples' gradients
!= sum(2*x*(x*w - y))                           # the gradient of the summed loss
""",
        covers=("opt.gd_full",),
    ),
    Proof(
        "All mini-batches", batches, "M = 4", ("opt.sgd_unbiased", "opt.sgd_precision"), ("E61",)
    ),
    Derivation(
        "L2 and weight decay in plain gradient descent",
        """
assume eta > 0, lam > 0
w - eta*(g + lam*w)                             # a step on the loss plus lam/2*w**2
code coupled
= (1 - eta*lam)*w - eta*g
code decoupled                                  # decay by eta*lam
!= (1 - lam)*w - eta*g                          # E03: decay by lam alone
!= w - eta*g - lam*w                            # E04: the penalty's gradient without the rate
!= (1 - 2*eta*lam)*w - eta*g                    # E02: the step for the full square lam*w**2

w - eta*(g + 2*lam*w)                           # the full square
= (1 - 2*eta*lam)*w - eta*g
!= (1 - eta*lam)*w - eta*g                      # E02: the step of the halved one

(1 - d)*w - eta*g - (w - eta*(g + lam*w))       # a decay d equals the penalty for
solve d
= eta*lam
!= lam
""",
        code={
            "coupled": lambda v: sgd(v, "coupled", v.lam),
            "decoupled": lambda v: sgd(v, "decoupled", v.lam),
        },
        covers=("pen.wd.equiv_sgd", "pen.wd.definition"),
        errata=("E02", "E03", "E04"),
    ),
    Derivation(
        "Momentum under a constant gradient",
        """
assume t integer, t >= 0, eta > 0, alpha >= 0, alpha < 1
let v(t) = -eta*g*(1 - alpha**t)/(1 - alpha)

v(0)
= 0

alpha*v(t) - eta*g
= v(t + 1)                                      # so this is the velocity after every step

alpha*u - eta*g - u                             # a velocity that stays what it is
solve u
= -eta*g/(1 - alpha)                            # where it ends, as alpha**t vanishes: tenfold for 9/10
!= -eta*g                                       # plain gradient descent, alpha = 0

alpha*(-eta*g) - eta2*g                         # the rate falls to eta2 after one step, and is inside v:
!= -eta2*(alpha*g + g)                          # E65: another step than with the rate outside v
at g = 1, alpha = 9/10, eta = 1, eta2 = 1/10
= -1
!= -19/100                                      # E65: the old step keeps its size, if the rate is inside
""",
        covers=("opt.momentum",),
        errata=("E65",),
    ),
    Proof("Four steps of momentum", momentum_steps, "t <= 4", ("opt.momentum",), ("E04",)),
    Derivation(
        "Nesterov's two forms",
        """
let v2 = alpha*v - eta*g                        # the new velocity; g taken at the same point in both
let y = w + alpha*v                             # that point: where the first form keeps its weights
y + alpha*v2 - eta*g                            # its step
= w + alpha*v - eta*g + alpha*v2
= (w + v2) + alpha*v2                           # the point of the second form after its step w + v2
!= (w + v2) + alpha*v                           # the new velocity looks ahead
""",
    ),
    Derivation(
        "Adam under a constant gradient",
        """
assume t integer, t >= 1, eps > 0
assume beta > 0, beta < 1
let m(t) = (1 - beta**t)*g                      # a mean that starts at 0 is too small by 1 - beta**t
beta*m(t) + (1 - beta)*g
= m(t + 1)

m(t)/(1 - beta**t)                              # the correction
= g
!= (1 - beta**t)*g

g/(sqrt(g**2) + eps)                            # the direction of the step, as the mean of g**2 is g**2
= g/(abs(g) + eps)
at eps = 0
= sign(g)                                       # one rate's length for every size of g
""",
    ),
    Proof("Three steps of Adam", adam_steps, "t <= 3", ("pen.wd.not_equiv_adam",), ("E04",)),
    Derivation(
        "Newton's step",
        """
assume h nonzero
let f(w) = h*(w - best)**2/2 + c
f(w)
diff w
= h*(w - best)
diff w
= h

w - h*(w - best)/h                              # w - f'/f''
= best                                          # one step, from anywhere
!= w - h*(w - best)                             # a gradient step: only for h = 1

1 - (-2*1)/(-2)                                 # for -x**2 from x = 1
= 0                                             # the maximum

-1**2 - (-0**2)                                 # the loss before minus the loss after
= -1
!= 1                                            # E62: as if it had fallen: any stationary point will do
""",
        covers=("opt.newton", "opt.one_step_lsq"),
        errata=("E62",),
    ),
    Proof(
        "Newton in two dimensions",
        newton,
        "2 weights",
        ("opt.newton", "opt.one_step_lsq"),
        ("E51",),
    ),
    Proof("The linear schedule", schedule, "4 steps", ("opt.lr_schedule",)),
)
