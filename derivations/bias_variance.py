"""Bias and variance: the decomposition for any distribution, and the trade that ridge regression makes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from lawbook.proofs.chapters import Chapter, Derivation, Differ, Proof, Same, Statement
from lawbook.proofs.numbers.symbols import SymArray, symbols
from lawbook.proofs.prover.decide import Fact
from reference import bias_variance
from reference.early_stopping import solve


def enumerated() -> Iterator[Statement]:
    """Three training sets and two values of the noise, with any probabilities."""
    p, q = symbols("p", 2, positive=True), sp.Symbol("q", positive=True)
    h, e = sp.Symbol("h", real=True), sp.Symbol("e", real=True)
    predictions = symbols("f", 3)
    sets = SymArray([p[0], p[1], 1 - p[0] - p[1]])
    noise = SymArray([e * (1 - q), -e * q])  # mean 0 with probabilities q, 1 - q
    chances = SymArray([q, 1 - q])
    loss = bias_variance.expected_loss(predictions, sets, h, noise, chances)
    bias = bias_variance.squared_bias(predictions, sets, h)
    spread = bias_variance.variance(predictions, sets)
    yield Same("The noise has mean 0.", bias_variance.mean(noise, chances), 0)
    yield Same(
        "The mean over all pairs is squared bias, variance and the variance of the noise.",
        loss,
        bias + spread + bias_variance.variance(noise, chances),
    )
    yield Differ(
        "The model's own error is all of the loss.",
        loss,
        bias + spread,
        facts=(Fact(1 - q, True), Fact(1 - p[0] - p[1], True)),
        comment="the noise of the test target stays: no model gets below it",
    )


def memorized() -> Iterator[Statement]:
    """E29: the mean over training sets alone, and a model that has seen the very noise it is tested on."""
    e, zero = SymArray([1, -1]), sp.S.Zero
    half = SymArray([sp.Rational(1, 2), sp.Rational(1, 2)])
    predictions = SymArray([0, 2])
    for noise, due in ((1, 1), (-1, 5)):
        one = bias_variance.expected_loss(predictions, half, zero, SymArray([noise]), SymArray([1]))
        yield Same(
            f"Predictions 0 and 2 of h = 0: over D alone, at noise {noise}: {due}.", one, due
        )
        yield Differ("E29: that is 1 + 1 + 1, bias, variance and noise.", one, 3)
    joint = bias_variance.expected_loss(predictions, half, zero, e, half)
    yield Same("Over both it is 3.", joint, 3)
    loss = bias_variance.mean((e - e) ** 2, half)  # h = 0, and the prediction is the noise itself
    yield Same("A prediction that repeats the noise of its own target has loss 0.", loss, 0)
    yield Differ(
        "E29: the decomposition holds there too.",
        loss,
        bias_variance.squared_bias(e, half, 0)
        + bias_variance.variance(e, half)
        + bias_variance.variance(e, half),
        comment="it gives 2: test noise must be independent of the training set",
    )


def capacity() -> Iterator[Statement]:
    """E30: least squares of degree 1 and 2 at -1, 0, 1, 2 for the true values 0, 1, 4, -1."""
    x, h = SymArray([-1, 0, 1, 2]), SymArray([0, 1, 4, -1])
    gaps = []
    for degree in (1, 2):
        X = SymArray([[point**k for k in range(degree + 1)] for point in x])
        gaps.append(X @ solve(X.T @ X, X.T @ h) - h)
    means = [(gap @ gap) / 4 for gap in gaps]
    yield Same("Over the design points the squared bias falls, from 7/2", means[0], sp.S(7) / 2)
    yield Same("to 5/4.", means[1], sp.S(5) / 4)
    yield Same("At x = 0 the line has no bias,", gaps[0][1], 0)
    yield Differ("E30: and the parabola has none either.", gaps[1][1], 0)


def ridge(name: str) -> Any:
    """The reference's function of this name at the values of a derivation."""
    if name == "bias":
        return lambda v: bias_variance.ridge_squared_bias(v.lam, v.theta, v.mu)
    if name == "variance":
        return lambda v: bias_variance.ridge_variance(v.lam, v.sigma**2, v.mu)
    return lambda v: bias_variance.ridge_error(v.lam, v.theta, v.sigma**2, v.mu)


CHAPTER = Chapter(
    "Bias and variance",
    """The expected loss of a model has three parts: how far its average over training sets is off, how much
it varies with the training set, and the noise of the target. The first two can be traded, the third cannot
be had back. All that is needed of the distributions is that test noise has mean 0 and is independent.""",
    Derivation(
        "Three parts of the expected loss",
        """
random f, e                                     # prediction (from the training set), noise of the test target
given E(e) = 0
let m = E(f)                                    # the average prediction; h is the true value

E((h + e - f)**2)
= E(((h - m) + e - (f - m))**2)                 # the average is put in between
= (h - m)**2 + E(e**2) + E((f - m)**2)          # mixed terms: E(e) = 0, E(f - m) = 0, independence
= (m - h)**2 + E((f - m)**2) + E(e**2)          # squared bias, variance, noise
!= (m - h)**2 + E((f - m)**2)                   # the noise is forgotten
!= (m - h)**2 + E(f**2) + E(e**2)               # second moment in place of the variance

E((f - m)**2)
= E(f**2) - m**2
""",
        covers=("bv.decomposition", "bv.noise_floor"),
    ),
    Derivation(
        "The expectation runs over the test noise too",
        """
random f
assume sigma > 0
let m = E(f)

E((h + e - f)**2)                               # e is now one fixed value: the mean over D alone
= (h + e - m)**2 + E((f - m)**2)
= (m - h)**2 + E((f - m)**2) + e**2 + 2*e*(h - m)
!= (m - h)**2 + E((f - m)**2) + sigma**2        # E29: no mean over D gives the variance of e
""",
        errata=("E29",),
    ),
    Proof(
        "All training sets, all noise: the reference",
        enumerated,
        "3 training sets, 2 values of the noise",
        ("bv.decomposition",),
    ),
    Proof("Why the noise must be independent", memorized, errata=("E29",)),
    Proof("More capacity, less bias: on average", capacity, "4 points", errata=("E30",)),
    Derivation(
        "Ridge regression in one direction",
        """
random z                                        # q'X'e, the noise along an eigenvector of X'X
assume lam > 0, mu >= 0, sigma > 0
given E(z) = 0
given E(z**2) = sigma**2*lam

let found = (lam*theta + z)/(lam + mu)          # the ridge estimate of theta
E(found) - theta
= lam*theta/(lam + mu) - theta
= -mu*theta/(lam + mu)                          # the bias
!= mu*theta/(lam + mu)                          # the estimate is too small, not too large

E((found - E(found))**2)
= E(z**2)/(lam + mu)**2
= sigma**2*lam/(lam + mu)**2                    # the variance

E((found - theta)**2)
= (mu*theta/(lam + mu))**2 + sigma**2*lam/(lam + mu)**2
!= sigma**2*lam/(lam + mu)**2                   # an estimate with a bias errs by more than its variance
""",
        covers=("bv.regularisation_tradeoff",),
    ),
    Derivation(
        "More penalty: more bias, less variance",
        """
assume lam > 0, mu >= 0, sigma > 0

(mu*theta/(lam + mu))**2
code bias
diff mu
= 2*lam*mu*theta**2/(lam + mu)**3
>= 0                                            # the bias grows
!= 2*mu*theta**2/(lam + mu)**2                  # mu is in the denominator as well

sigma**2*lam/(lam + mu)**2
code variance
diff mu
= -2*sigma**2*lam/(lam + mu)**3
<= 0                                            # the variance falls
""",
        code={"bias": ridge("bias"), "variance": ridge("variance")},
        covers=("bv.regularisation_tradeoff",),
    ),
    Derivation(
        "A little penalty always pays",
        """
assume lam > 0, mu >= 0, sigma > 0

(mu*theta/(lam + mu))**2 + sigma**2*lam/(lam + mu)**2   # the error in one direction; errors add up
code error
diff mu
= 2*lam*(mu*theta**2 - sigma**2)/(lam + mu)**3
at mu = 0
= -2*sigma**2/lam**2                            # from least squares on it falls, in every direction:
!= 0                                            # least squares is best of the unbiased, not of all
<= 0                                            # so some mu > 0 has less error in total
""",
        code={"error": ridge("error")},
        covers=("bv.favourable_tradeoff_exists",),
    ),
    Derivation(
        "The best strength in one direction",
        """
assume lam > 0, mu > 0, sigma > 0, theta nonzero
let error = (mu**2*theta**2 + sigma**2*lam)/(lam + mu)**2
let best = sigma**2/theta**2                    # noise over signal
let least = sigma**2*theta**2/(lam*theta**2 + sigma**2)

error
code error
diff mu
= 2*lam*(mu*theta**2 - sigma**2)/(lam + mu)**3
at mu = best
= 0
!= lam/(lam + mu)                               # the slope is not the factor of the shrinkage

best
code best
!= theta**2/sigma**2                            # upside down: much signal needs little penalty

error
at mu = best
= least

error - least                                   # why this is the minimum over all mu
= lam*(mu*theta**2 - sigma**2)**2/((lam + mu)**2*(lam*theta**2 + sigma**2))
>= 0
""",
        code={
            "error": ridge("error"),
            "best": lambda v: bias_variance.best_ridge_strength(v.theta, v.sigma**2),
        },
        covers=("bv.favourable_tradeoff_exists",),
    ),
)
