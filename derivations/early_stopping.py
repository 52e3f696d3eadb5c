"""Early stopping: the path of gradient descent in closed form, and how near it comes to an L2 penalty."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import sympy as sp

from lawbook.proofs.chapters import AtLeast, Chapter, Derivation, Differ, Proof, Same, Statement
from lawbook.proofs.gradients import Array, Gradient
from lawbook.proofs.numbers.symbols import SymArray, symbols
from reference import early_stopping


def descended(v: Any, steps: int) -> Any:
    """The reference's gradient descent in one direction, from 0."""
    descent = early_stopping.GradientDescent(learning_rate=v.eta)
    return descent.run(SymArray([[v.h]]), SymArray([v.best]), SymArray([0]), steps)[0]


def ridge(v: Any) -> Any:
    """The reference's minimiser with the penalty mu/2 w^2, in one direction."""
    return early_stopping.Ridge(mu=v.mu).solve(SymArray([[v.h]]), SymArray([v.best]))[0]


def matrix_path() -> Iterator[Statement]:
    """Three steps with any symmetric H of two weights, any start and any rate."""
    a, b, c, eta = sp.symbols("a b c eta", real=True)
    H, best, start = SymArray([[a, b], [b, c]]), symbols("best", 2), symbols("start", 2)
    descent = early_stopping.GradientDescent(learning_rate=eta)
    keep = SymArray(np.eye(2)) - eta * H
    gap = start - best
    for t in (1, 2, 3):
        gap = keep @ gap
        yield Same(
            f"After {t} steps: w* + (I - eta H)^{t} (w(0) - w*).",
            descent.run(H, best, start, t),
            best + gap,
        )
    yield Differ(
        "The step shrinks the weights instead of their distance to w*.",
        descent.run(H, best, start, 1),
        keep @ start,
    )


def largest_gap() -> Iterator[Statement]:
    """The maximum of g(r) = 1/(1 + r) - exp(-r), between rational bounds."""
    low, high = sp.Rational(25128, 10000), sp.Rational(25129, 10000)
    yield AtLeast(
        "At r = 2.5128 still (1 + r)^2 > exp(r): g grows there.", (1 + low) ** 2, sp.exp(low)
    )
    yield AtLeast(
        "At r = 2.5129 the exponential has overtaken: g falls.", sp.exp(high), (1 + high) ** 2
    )
    yield AtLeast(
        "So the maximum lies between, where g = r/(1 + r)^2, which falls: at most 0.20364,",
        sp.Rational(20364, 100000),
        low / (1 + low) ** 2,
    )
    yield AtLeast("and at least 0.20363.", high / (1 + high) ** 2, sp.Rational(20363, 100000))
    yield AtLeast(
        "E25: at r = 10 the gap is still 0.09: equality is no matter of large lambda either.",
        sp.Rational(1, 11) - sp.exp(-10),
        sp.Rational(9, 100),
    )


def patience() -> Iterator[Statement]:
    """E56: what is given back depends on how long one waits."""
    losses = np.array([5, 4, 4.5, 3, 3.5, 3.6, 3.7, 1])
    found = {}
    for waits in (1, 2, 8):
        rule = early_stopping.EarlyStopping(patience=waits)
        found[waits] = sp.Integer(rule.run(losses, losses[:, None])[1])
    yield Same("Losses 5, 4, 4.5, 3, 3.5, 3.6, 3.7, 1: patience 1 gives back epoch 1,", found[1], 1)
    yield Same("patience 2 epoch 3,", found[2], 3)
    yield Same("endless patience the minimum, epoch 7.", found[8], 7)
    yield Differ("E56: the first worsening ends at the minimum.", found[1], found[8])


CHAPTER = Chapter(
    "Early stopping as a penalty",
    """On a quadratic loss gradient descent can be solved: every direction of the Hessian approaches its
optimum on its own, fast where the curvature h is large. Stopped early, weights of flat directions are still
near 0, much as with an L2 penalty. The likeness is exact to first order only; the chapter says where it
ends.""",
    Derivation(
        "Gradient descent in closed form",
        """
assume t integer, t >= 0
let theta(t) = (1 - (1 - eta*h)**t)*best        # h: eigenvalue of H, best: the optimum in its direction

theta(0)
= 0                                             # where descent starts

theta(t) - eta*h*(theta(t) - best)              # one more step
= best - (1 - eta*h)**t*best + eta*h*(1 - eta*h)**t*best
= theta(t + 1)                                  # so the formula holds for all t, and for every eta
!= (1 - (1 + eta*h)**(t + 1))*best              # a step up the slope

theta(t) - eta*h*(theta(t) - best) - best       # the distance to the optimum
= (1 - eta*h)*(theta(t) - best)                 # changes by the same factor in every step

theta(5)                                        # five steps of the reference
code five_steps
at h = 2, eta = 3/2
= 33*best                                       # E26: it diverges here, and the formula holds all the same
!= best
""",
        code={"five_steps": lambda v: descended(v, 5)},
        covers=("earlystop.closed_form", "earlystop.recursion"),
        errata=("E26",),
    ),
    Derivation(
        "Fewer steps, smaller weights",
        """
assume t integer, t >= 0, x >= 0, x <= 1        # x = eta*h
(1 - (1 - x)**(t + 1)) - (1 - (1 - x)**t)       # what one more step adds to the part of the optimum
= x*(1 - x)**t
>= 0
""",
        covers=("earlystop.monotone_norm",),
    ),
    Gradient(
        "The gradient of the quadratic",
        inputs={"A": Array("d", "d"), "optimum": Array("d"), "w": Array("d")},
        wrt=("w",),
        forward=lambda A, optimum, w: (w - optimum) @ (A + A.T) @ (w - optimum) / 2,
        backward=lambda A, optimum, w: early_stopping.quadratic_gradient(A + A.T, optimum, w),
        scalar=True,
        sizes=({"d": 2},),
        mutate=(early_stopping.quadratic_gradient,),
        torch=lambda torch, A, optimum, w: (w - optimum) @ (A + A.T) @ (w - optimum) / 2,
        covers=("earlystop.recursion",),
    ),
    Derivation(
        "From any start",
        """
assume t integer, t >= 0, mu > 0, h >= 0
let theta(t) = best + (1 - eta*h)**t*(start - best)

theta(t) - eta*h*(theta(t) - best)
= theta(t + 1)

h*(w - best)**2/2 + mu*(w - start)**2/2         # the penalty that belongs to this start
diff w
= h*(w - best) + mu*(w - start)
solve w
= best + mu/(h + mu)*(start - best)             # the same form: a factor on the distance to the optimum
!= h/(h + mu)*best                              # E26: the penalty around 0 belongs to the start 0
""",
        covers=("earlystop.closed_form", "earlystop.penalty_from_start"),
        errata=("E26",),
    ),
    Proof("Matrices", matrix_path, "2 weights, t <= 3", ("earlystop.recursion",)),
    Derivation(
        "Near a minimum every loss looks like this",
        """
function R
R'(best + s*d)                                  # the gradient at a small distance s*d
diff s
= d*R''(best + s*d)
at s = 0
= R''(best)*d                                   # H (w - w*): the first-order term, as R'(best) = 0
!= R''(best)
""",
        covers=("earlystop.gradient_linearisation",),
    ),
    Derivation(
        "Equal to an L2 penalty to first order",
        """
assume t integer, eta > 0, mu > 0, h >= 0

h*(w - best)**2/2 + mu*w**2/2
diff w
= h*(w - best) + mu*w
solve w
= h/(h + mu)*best                               # the penalty keeps h/(h + mu) of the optimum
code ridge

h/(h + mu)
diff h
= mu/(h + mu)**2
at h = 0
= 1/mu                                          # first order of the penalty in h

1 - (1 - eta*h)**t                              # descent keeps this much of it
diff h
= t*eta*(1 - eta*h)**(t - 1)
at h = 0
= t*eta                                         # first order of descent

t*eta - 1/mu                                    # both agree for
solve t
= 1/(eta*mu)
!= 1/mu                                         # a step counts eta
""",
        code={"ridge": ridge},
        covers=("earlystop.l2.first_order",),
    ),
    Derivation(
        "The second order differs",
        """
assume eta > 0, mu > 0, t > 0
h/(h + mu)
diff h
= mu/(h + mu)**2
diff h
= -2*mu/(h + mu)**3
at h = 0
= -2/mu**2

(1 - eta*h)**t                                  # what descent leaves out
diff h
= -t*eta*(1 - eta*h)**(t - 1)
diff h
= t*(t - 1)*eta**2*(1 - eta*h)**(t - 2)
at h = 0
= t*(t - 1)*eta**2
!= eta**2                                       # E24: the remainder grows with t: t*eta*h must be small
at t = 1/(eta*mu)
= (1 - eta*mu)/mu**2
!= 2/mu**2                                      # E25: not what the penalty leaves out
""",
        covers=("earlystop.l2.first_order",),
        errata=("E24", "E25"),
    ),
    Derivation(
        "How good the straight line is",
        """
assume t integer, t >= 1, x >= 0, x <= 1
# x = eta*h; r is the remainder (1 - x)**t - (1 - t*x), by induction between 0 and t*(t - 1)/2*x**2
(1 - x)**(t + 1) - (1 - (t + 1)*x)
= (1 - x)*((1 - x)**t - (1 - t*x)) + t*x**2     # the next remainder from the one before

assume r >= 0, r <= t*(t - 1)/2*x**2
(1 - x)*r + t*x**2
>= 0
<= (t + 1)*t/2*x**2
!= x**2                                         # E24: not of the order of one squared step
""",
        covers=("earlystop.binomial_bound",),
        errata=("E24",),
    ),
    Derivation(
        "One direction can be matched, two cannot",
        """
assume lam > 0, mu > 0, eta > 0, 1 - eta*lam > 0
exp(t*log(1 - eta*lam))                         # (1 - eta*lam)**t, what descent leaves out
at t = -log(1 + lam/mu)/log(1 - eta*lam)
= mu/(lam + mu)                                 # what the penalty leaves out

let left = (1 - eta*lam)**t
let match = lam*left/(1 - left)                 # the penalty that equals t steps
lam/(lam + match)
= 1 - left

lam*(1 - eta*lam)/(1 - (1 - eta*lam))           # after one step
= 1/eta - lam                                   # another penalty for every eigenvalue:
!= 1/eta                                        # E25: no single mu for all directions
""",
        covers=("earlystop.match_single", "earlystop.no_exact_match"),
        errata=("E25",),
    ),
    Derivation(
        "The small-step limit: one-sided, with a largest gap",
        """
assume r >= 0                                   # r = lam/mu; descent keeps 1 - exp(-r), the penalty r/(1 + r)
1 - exp(-r) - r/(1 + r)
= 1/(1 + r) - exp(-r)
= (exp(r) - 1 - r)*exp(-r)/(1 + r)              # the sign of exp(r) - 1 - r, which is 0 at 0
!= exp(-r) - 1/(1 + r)                          # the penalty shrinks more, not less

exp(u) - 1 - u                                  # for u of any sign
diff u
= exp(u) - 1
at u = 0
= 0                                             # level at u = 0,

exp(u) - 1
diff u
= exp(u)
>= 0                                            # and convex: never below its value there, which is 0

assume eta > 0, lam > 0, mu > 0
exp(-eta*lam)**(1/(eta*mu))                     # as 1 - eta*lam <= exp(-eta*lam), for eta*lam <= 1
= exp(-lam/mu)                                  # at most exp(-r) is left after 1/(eta*mu) whole steps

1/(1 + r) - exp(-r)                             # the gap
diff r
= exp(-r) - 1/(1 + r)**2
= exp(-r)*((1 + r)**2 - exp(r))/(1 + r)**2      # changes sign where exp(r) = (1 + r)**2

r - 2*log(1 + r)                                # compare the logarithms
diff r
= (r - 1)/(1 + r)                               # falls from 0 until r = 1, then grows: one zero above 1

r/(1 + r)**2                                    # the gap there, with exp(-r) = 1/(1 + r)**2
diff r
= (1 - r)/(1 + r)**3                            # falls for r > 1
""",
        covers=("earlystop.global_gap", "earlystop.one_sided"),
    ),
    Proof(
        "The largest gap is 0.20364", largest_gap, covers=("earlystop.global_gap",), errata=("E25",)
    ),
    Derivation(
        "The Neumann series",
        """
assume n integer, n >= 0
let q = -lam/mu
let partial = (1 - q**n)/(1 - q)                # the sum of q**k for k < n
partial + q**n
= (1 - q**(n + 1))/(1 - q)                      # one more term

1/(1 - q)
= mu/(mu + lam)                                 # what the series should give

partial
at n = 10, lam = 2, mu = 1
= -341
!= 1/3                                          # E27: the ten terms do not come near 1/(1 + 2)

1/(1 - q) - partial
= q**n/(1 - q)                                  # the error: it vanishes only for abs(lam) < abs(mu)
at n = 11, lam = 2, mu = 1
= -2048/3                                       # a "large" mu is not enough: it must exceed lam
""",
        covers=("earlystop.neumann",),
        errata=("E27",),
    ),
    Derivation(
        "Why the penalty is not tuned on the training set",
        """
assume h > 0, mu >= 0
h*(w - best)**2/2
at w = h*best/(h + mu)                          # the training loss of the penalized optimum
= h*mu**2*best**2/(2*(h + mu)**2)
diff mu
= h**2*mu*best**2/(h + mu)**3
>= 0                                            # never falls with mu: on training data mu = 0 wins
!= 0

h*(w - best)**2/2 + mu*w**2/2
at w = h*best/(h + mu)
= h*mu*best**2/(2*(h + mu))                     # the least penalized loss
diff mu
= (h*best/(h + mu))**2/2                        # half the squared weight: never negative

(w - 1)**2 + lam*w**2                           # without the bound lam >= 0
at w = 1/(1 + lam)
= lam/(1 + lam)
at lam = -1/2
= -1
!= 0                                            # E09: less than at lam = 0: descent leaves for negative lam
""",
        covers=("protocol.lambda_not_on_train",),
        errata=("E09",),
    ),
    Proof("Patience", patience, "8 epochs", errata=("E56",)),
)
