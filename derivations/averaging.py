"""Averages of iterates: linear and running, and what they do to an oscillation."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from lawbook.proofs.chapters import Chapter, Derivation, Differ, Proof, Same, Statement
from lawbook.proofs.numbers.symbols import symbols
from lawbook.proofs.prover.decide import Fact
from reference import averaging


def unrolled() -> Iterator[Statement]:
    """The recursions step by step beside the closed forms."""
    a, start = sp.Symbol("alpha", nonnegative=True), sp.Symbol("start", real=True)
    theta = symbols("theta", 5)
    linear, running = theta[0], start
    for t in range(1, 6):
        linear = averaging.online_average(linear, theta[t - 1], sp.Integer(t))
        running = averaging.running_average(running, theta[t - 1], a)
        yield Same(
            f"t = {t}: the online recursion is the mean.",
            linear,
            averaging.linear_average(theta[:t]),
        )
        yield Same(
            f"t = {t}: the running average is its closed form.",
            running,
            averaging.running_average_closed_form(start, theta[:t], a),
        )
    yield Same("With alpha = 0 it is the last iterate.", running.subs(a, 0), theta[4])
    yield Differ(
        "E21: the average of the last two iterates is the running average.",
        running,
        averaging.running_average(theta[3], theta[4], a),
        facts=(Fact(1 - a, strict=True),),
        comment="the average of the step before stands on the right, not the iterate",
    )


CHAPTER = Chapter(
    "Averaging the iterates",
    """Near a minimum the steps of an optimizer jump about it; their average lies closer. The linear average
weighs all iterates alike, the running average forgets the old ones. The whole difference between a running
average and a blend of the last two iterates is which quantity stands on the right.""",
    Derivation(
        "The linear average, one iterate at a time",
        """
assume t integer, t >= 2
batch theta of t
sum(theta)/t
code linear

let old = total/(t - 1)                         # total of the iterates up to t - 1
(total + new)/t                                 # the average with the new iterate
= ((t - 1)*old + new)/t
= old + (new - old)/t                           # move towards the new one by 1/t of the way
code online
!= (old + new)/2                                # every iterate would halve the weight of the old ones
!= old + (new - old)/(t - 1)                    # t counts the new iterate too
""",
        code={
            "linear": lambda v: averaging.linear_average(v.theta),
            "online": lambda v: averaging.online_average(v.old, v.new, v.t),
        },
        covers=("avg.linear",),
    ),
    Derivation(
        "The closed form of the running average",
        """
assume t integer, t >= 0, alpha >= 0, alpha < 1
# memory is the sum over s of alpha**(t - s)*theta(s), start the average before the first step
let average = alpha**t*start + (1 - alpha)*memory

alpha*average + (1 - alpha)*new                 # one step of the recursion
code running
= alpha**(t + 1)*start + (1 - alpha)*(alpha*memory + new)   # every old weight gets a factor alpha more
!= alpha**t*start + (1 - alpha)*(memory + new)              # as if nothing were forgotten

average
at t = 0, memory = 0
= start                                         # where the induction begins

alpha*average + (1 - alpha)*new
at alpha = 0
= new                                           # no memory: the last iterate
""",
        code={"running": lambda v: averaging.running_average(v.average, v.new, v.alpha)},
        covers=("avg.ema",),
    ),
    Derivation(
        "How long it remembers",
        """
assume n integer, n >= 0
assume alpha > 0, alpha < 1
let weights = 1 - alpha**n                      # the weights (1 - alpha)*alpha**s of ages s = 0 .. n - 1
weights + (1 - alpha)*alpha**n                  # one more age
= 1 - alpha**(n + 1)                            # so in the end all weights sum to 1

# the sum over these ages of weight times (age + 1)
let age = (1 - alpha**n)/(1 - alpha) - n*alpha**n
age + (n + 1)*(1 - alpha)*alpha**n              # one more age
= (1 - alpha**(n + 1))/(1 - alpha) - (n + 1)*alpha**(n + 1)
# alpha**n and n*alpha**n vanish: the mean age is 1/(1 - alpha)

1/(1 - alpha)
at alpha = 9/10
= 10
!= 9/10                                         # E21: alpha itself is no time constant
""",
        covers=("avg.ema",),
        errata=("E21",),
    ),
    Proof("Five steps of both", unrolled, "t <= 5", ("avg.linear", "avg.ema"), ("E21",)),
    Derivation(
        "An oscillation is damped",
        """
assume t integer, t >= 1, alpha >= 0, alpha < 1
# theta(t) = o*c, where o is 1 or -1 in turn; so theta(t + 1) = -o*c
let total = (o - 1)/2*c                         # the sum of theta(1) .. theta(t): -c or 0
total + (-o)*c
= (-o - 1)/2*c                                  # the same formula for t + 1

total/t
at o = -1
= -c/t                                          # the linear average fades as 1/t

let steady = (1 - alpha)/(1 + alpha)*o*c        # for the running average: this, plus something
alpha*(steady + rest) + (1 - alpha)*(-o*c)
= -(1 - alpha)/(1 + alpha)*o*c + alpha*rest     # swings with the iterates; the rest fades like alpha**t

steady
at alpha = 9/10
= o*c/19                                        # a nineteenth is left of the swing

alpha*(-o*c) + (1 - alpha)*o*c                  # E21: with the iterate before in place of the average
= (1 - 2*alpha)*o*c
!= steady
at alpha = 9/10
= -4/5*o*c                                      # four fifths of the swing are still there
""",
        covers=("avg.damps_oscillation",),
        errata=("E21",),
    ),
    Derivation(
        "What averaging promises for convex functions",
        """
assume eta > 0
let next = w - eta*g                            # a step along a subgradient g
((w - best)**2 - (next - best)**2)/(2*eta) + eta*g**2/2
= g*(w - best)                                  # at least f(w) - f(best), for a convex f
!= g*(w - best)/2                               # the square has two mixed terms

# Over t steps the differences telescope: first and last are the squared distances from best
# before and after them, g2 is the mean of the squared subgradients.
assume t >= 1, last >= 0, first <= R**2, g2 <= G**2
(first - last)/(2*eta*t) + eta*g2/2             # the mean of f(w) - f(best) is at most this,
<= R**2/(2*eta*t) + eta*G**2/2                  # and so is f at the average, as f is convex:

abs(a)/2 + abs(b)/2 - abs(a/2 + b/2)            # the average of |.| is at least |.| of the average,
>= 0

sign(w)*(w - v) - (abs(w) - abs(v))             # and a subgradient promises at least what is gained
>= 0
""",
        covers=("avg.convex_guarantee",),
    ),
)
