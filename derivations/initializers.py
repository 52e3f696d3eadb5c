"""Initial weights: the variance laws of Xavier and He, from the variance of a product."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from lawbook.proofs.chapters import AtLeast, Chapter, Derivation, Differ, Proof, Same, Statement
from lawbook.proofs.numbers.symbols import SymArray
from reference import activations, initializers


def uniform() -> Iterator[Statement]:
    """The variance of the uniform distribution on [-a, a], by its antiderivative."""
    x, a = sp.Symbol("x", real=True), sp.Symbol("a", positive=True)
    m, n = sp.symbols("m n", positive=True, integer=True)
    primitive = x**3 / (6 * a)
    yield Same(
        "x^3/(6a) is an antiderivative of x^2 times the density 1/(2a).",
        sp.diff(primitive, x),
        x**2 / (2 * a),
    )
    variance = primitive.subs(x, a) - primitive.subs(x, -a)
    yield Same("From -a to a it grows by a^2/3.", variance, a**2 / 3)
    law: Any = SymArray(initializers.xavier_variance(m, n))
    bound: Any = initializers.uniform_bound(law)
    yield Same("The reference's bound is sqrt(6/(m + n)).", bound, sp.sqrt(sp.S(6) / (m + n)))
    yield Same("Its variance is that of Xavier's normal.", variance.subs(a, bound[()]), 2 / (m + n))
    yield Differ(
        "The bound is the standard deviation.",
        variance.subs(a, sp.sqrt(2 / (m + n))),
        2 / (m + n),
        comment="three times too small a variance",
    )


def half_a_normal() -> Iterator[Statement]:
    """ReLU of a normal variable of variance sigma^2: mean and second moment by antiderivatives."""
    z, sigma = sp.Symbol("z", real=True), sp.Symbol("sigma", positive=True)
    density = sp.exp(-(z**2) / (2 * sigma**2)) / (sigma * sp.sqrt(2 * sp.pi))
    mean = -(sigma**2) * density
    chance = sp.erf(z / (sigma * sp.sqrt(2))) / 2
    second = sigma**2 * (chance - z * density)
    yield Same("An antiderivative of z times the density.", sp.diff(mean, z), z * density)
    yield Same("An antiderivative of the density.", sp.diff(chance, z), density)
    yield Same("An antiderivative of z^2 times the density.", sp.diff(second, z), z**2 * density)
    # from 0 to infinity: erf grows by 1, the density and z times the density vanish at infinity
    first, half = -mean.subs(z, 0), sigma**2 / 2
    yield Same("The mean of the positive half.", first, sigma / sp.sqrt(2 * sp.pi))
    yield Same(
        "The variance of ReLU(z) is (1/2 - 1/(2 pi)) sigma^2.",
        half - first**2,
        (sp.Rational(1, 2) - 1 / (2 * sp.pi)) * sigma**2,
    )
    yield Differ(
        "E34: ReLU halves the variance.",
        half - first**2,
        sigma**2 / 2,
        comment="it halves the second moment; the mean is no longer 0",
    )


def symmetric() -> Iterator[Statement]:
    """Values z_i and -z_i with the same probability: the reference's ReLU."""
    z = SymArray(sp.symbols("z1:4", real=True))
    both = (activations.relu(z) ** 2 + activations.relu(-z) ** 2) / 2
    yield Same("ReLU halves the second moment, pair by pair.", both, z**2 / 2)


def biased() -> Iterator[Statement]:
    """A small positive bias b under pre-activations of standard deviation s."""
    t = sp.Symbol("t", real=True)
    yield Same("At t = b/s = 0 one half is active.", (1 + sp.erf(sp.S.Zero)) / 2, sp.Rational(1, 2))
    slope = sp.diff((1 + sp.erf(t / sp.sqrt(2))) / 2, t)
    yield Same("The slope is the normal density,", slope, sp.exp(-(t**2) / 2) / sp.sqrt(2 * sp.pi))
    yield AtLeast("which is positive: more than half for every b > 0.", slope, 0)


CHAPTER = Chapter(
    "Initial weights",
    """Signals pass many layers; a gain per layer a little off 1 is a large one after ten. All laws of
initialization are one computation, the second moment of a sum of products, read forwards, backwards, and
through a ReLU. What is halved there, and what a mean of two rules is, is often told wrong.""",
    Derivation(
        "The variance of a product",
        """
random w, x                                     # independent, of any distribution
let vw = E(w**2) - E(w)**2
let vx = E(x**2) - E(x)**2

E((w*x)**2) - E(w*x)**2
= E(w**2)*E(x**2) - E(w)**2*E(x)**2             # by independence
= vw*vx + vw*E(x)**2 + vx*E(w)**2
!= vw*vx                                        # E35: only if both means are 0
""",
        covers=("init.product_variance",),
        errata=("E35",),
    ),
    Derivation(
        "Weights of mean 0",
        """
random w, x
given E(w) = 0
E((w*x)**2) - E(w*x)**2
= E(w**2)*E(x**2)                               # the second moment of x
!= E(w**2)*(E(x**2) - E(x)**2)                  # E35: its variance only if x has mean 0 too
""",
        covers=("init.product_variance_zero_mean",),
        errata=("E35",),
    ),
    Derivation(
        "A sum of products",
        """
random s, w                                     # s: the sum so far, w: the weight of the next input x
given E(w) = 0
E((s + w*x)**2)
= E(s**2) + E(w**2)*x**2                        # mixed terms vanish, even if the inputs are correlated
!= E(s**2)

E((s + w*x + b)**2) - E(s + w*x + b)**2         # a constant b
= E(s**2) - E(s)**2 + E(w**2)*x**2              # does not matter to the variance
""",
        covers=("init.sum_variance",),
    ),
    Derivation(
        "The fan laws",
        """
assume m > 0, n > 0, v > 0                      # fan_in m, fan_out n, variance v of the weights
m*v - 1                                         # forwards: m products per output, gain 1
solve v
= 1/m

n*v - 1                                         # backwards: n products per input's gradient
solve v
= 1/n
!= 1/m                                          # the backward sum runs over the outputs

m*v*q - 1                                       # E33: with the variance q of the input in it
solve v
= 1/(m*q)
!= 1/m                                          # E33: preserving q needs m*v*q = q, without the 1

m*v
at m = 100, v = 1/10**2                         # E31: standard deviation 1/10
= 1
!= 100*(1/10)                                   # E31: 1/10 read as a variance
""",
        covers=("init.forward_fan_in", "init.backward_fan_out"),
        errata=("E31", "E33"),
    ),
    Derivation(
        "Xavier: a mean of both laws, but which",
        """
assume m integer, n integer, m > 0, n > 0
2/(1/(1/m) + 1/(1/n))                           # the harmonic mean of 1/m and 1/n
= 2/(m + n)
code xavier_variance
!= (1/m + 1/n)/2                                # E32: not the average of the two variances
!= (m + n)/2                                    # E32: nor the averaged fans
!= 1/m + 1/n                                    # E32: nor the sum

(1/m + 1/n)/2 - 2/(m + n)
= (m - n)**2/(2*m*n*(m + n))
>= 0                                            # the harmonic mean is the smaller, unless m = n

2*m/(m + n) + 2*n/(m + n)                       # gains forwards and backwards
= 2                                             # sum to 2,

1 - 2*m/(m + n)*(2*n/(m + n))
= (m - n)**2/(m + n)**2
>= 0                                            # their product is at most 1

2*m/(m + n)
at m = 100, n = 400
= 2/5
!= 1                                            # E32: neither direction is preserved unless m = n
""",
        code={"xavier_variance": lambda v: initializers.xavier_variance(v.m, v.n)},
        covers=("init.xavier.harmonic", "init.xavier.gain_sum", "init.xavier.normal.variance"),
        errata=("E32",),
    ),
    Proof("Xavier's uniform bound", uniform, covers=("init.xavier.uniform.bound",)),
    Derivation(
        "He: ReLU halves the second moment",
        """
max(0, z)**2 + max(0, -z)**2                    # one of the two is 0
= z**2
!= abs(z)                                       # squares, not sizes

random s                                        # a pre-activation with s and -s equally likely
given E(max(0, -s)**2) = E(max(0, s)**2)
E(max(0, s)**2 + max(0, -s)**2)
= 2*E(max(0, s)**2)                             # so E[ReLU(s)^2] is half of E[s^2]

m*v*(1/2) - 1                                   # gain of a layer and its ReLU, in second moments
solve v
= 2/m
code he_variance
!= 1/m                                          # the second moment would halve in every layer
""",
        code={"he_variance": lambda v: initializers.he_variance(v.m)},
        covers=("init.he.relu_half_second_moment", "init.he.preserves_second_moment"),
    ),
    Proof(
        "The reference's ReLU on symmetric values",
        symmetric,
        "3 pairs",
        ("init.he.relu_half_second_moment",),
    ),
    Proof(
        "What happens to the variance",
        half_a_normal,
        covers=("init.he.relu_half_second_moment",),
        errata=("E34",),
    ),
    Derivation(
        "He backwards",
        """
random d, a                                     # a gradient from above; a: 1 where the ReLU is active, else 0
given E(a) = 1/2
given E(a**2) = 1/2                             # a**2 = a
E((a*d)**2)
= E(d**2)/2

n*v*(1/2) - 1                                   # n such gradients meet at every input
solve v
= 2/n
!= 1/n
""",
        covers=("init.he.backward",),
    ),
    Derivation(
        "Why weights do not start at 0, or all alike",
        """
function L, g
L(v*g(w*x) + u*g(s*x) + c)                      # two hidden units, loss L
diff w
= L'(v*g(w*x) + u*g(s*x) + c)*v*g'(w*x)*x
at u = v, s = w
= L'(2*v*g(w*x) + c)*v*g'(w*x)*x                # the first unit's gradient, and

L(v*g(w*x) + u*g(s*x) + c)
diff s
= L'(v*g(w*x) + u*g(s*x) + c)*u*g'(s*x)*x
at u = v, s = w
= L'(2*v*g(w*x) + c)*v*g'(w*x)*x                # the second's: they stay the same unit for ever

L(v*g(w*x) + c)                                 # one unit, all weights 0
diff w
= L'(v*g(w*x) + c)*v*g'(w*x)*x
at v = 0, w = 0
= 0

L(v*g(w*x) + c)
diff v
= L'(v*g(w*x) + c)*g(w*x)
at v = 0, w = 0
= L'(c)*g(0)
!= 0                                            # E36: only if g(0) = 0, as for ReLU and tanh, not the sigmoid

L(v*g(w*x) + c)
diff c
= L'(v*g(w*x) + c)
at v = 0, w = 0
= L'(c)
!= 0                                            # E36: the output bias learns
""",
        covers=("init.symmetry_constant", "init.zero_gradient"),
        errata=("E36",),
    ),
    Derivation(
        "What the start decides, and what it does not",
        """
assume m > 0, v > 0
m*v                                             # the gain of a layer
at m = 500, v = (1/100)**2                      # "small random values"
= 1/20
!= 1                                            # E39: ten such layers leave 20**(-10) of the variance

(w1 + w2 - 2)**2                                # convex, with a line of minima
diff w1
= 2*(w1 + w2 - 2)

(w1 + w2 - 2)**2
diff w2
= 2*(w1 + w2 - 2)                               # both weights move alike, so w1 - w2 stays:

(w1 - eta*2*(w1 + w2 - 2)) - (w2 - eta*2*(w1 + w2 - 2))
= w1 - w2
at w1 = 2, w2 = 0
= 2
!= 0                                            # E37: from (0, 0) it ends at (1, 1), from (2, 0) it does not

log(1 + w**2)
diff w
= 2*w/(1 + w**2)
scale w
= 2*w**2/(1 + w**2)
>= 0                                            # the slope points away from 0 everywhere: descent ends at 0

2*w/(1 + w**2)
diff w
= 2*(1 - w**2)/(1 + w**2)**2
at w = 2
= -6/25                                         # not convex, and still
!= 6/25                                         # E38: the start does not matter for every such loss
""",
        errata=("E37", "E38", "E39"),
    ),
    Proof("A small positive bias", biased, covers=("init.bias_relu_positive",)),
)
