"""MAP estimation: a prior on the weights is a penalty, and how strong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import sympy as sp

from lawbook.proofs.chapters import AtLeast, Chapter, Derivation, Differ, Proof, Same, Statement
from lawbook.proofs.numbers.symbols import SymArray, symbols
from reference import map_estimation


def bayes() -> Iterator[Statement]:
    """The posterior of three weights, from the likelihood and the prior."""
    likelihood = symbols("l", 3, positive=True)
    prior = symbols("p", 3, positive=True)
    posterior = map_estimation.posterior(likelihood, prior)
    yield Same("The posterior sums to 1.", posterior.sum(), 1)
    yield Same(
        "Times the evidence p(Y | X) it is likelihood times prior.",
        posterior * (likelihood * prior).sum(),
        likelihood * prior,
        comment="one factor for all weights: the largest product has the largest posterior",
    )
    flat = map_estimation.posterior(likelihood, SymArray([1, 1, 1]) / 3)
    yield Same(
        "With a flat prior it is the likelihood, rescaled: MAP is maximum likelihood.",
        flat,
        likelihood / likelihood.sum(),
    )
    yield Differ(
        "The likelihood itself is a distribution of the weights.",
        flat,
        likelihood,
        comment="it sums to 1 over the data, not over the weights",
    )


def prior_of_inputs() -> Iterator[Statement]:
    """E58: a prior that depends on the inputs, with a likelihood that says nothing."""
    flat = SymArray([1, 1])
    at_one = SymArray([sp.Rational(1, 5), sp.Rational(4, 5)])  # p(w | X = 1)
    marginal = (SymArray([1, 0]) + at_one) / 2  # w = 0 for sure at X = 0; both X equally likely
    posterior = map_estimation.posterior(flat, at_one)
    yield Same("At X = 1 the posterior is p(w | X = 1).", posterior, at_one)
    yield AtLeast("So w = 1 is the most probable weight,", posterior[1], posterior[0])
    wrong = map_estimation.posterior(flat, marginal)
    yield AtLeast("while the prior without X would pick w = 0.", wrong[0], wrong[1])
    yield Differ(
        "E58: the prior p(w) may stand for p(w | X).",
        posterior,
        wrong,
        comment="only if the prior does not depend on the inputs",
    )


def linear_model() -> Iterator[Statement]:
    """The estimate of two weights from two samples makes the gradient zero."""
    X, y = symbols("x", 2, 2), symbols("y", 2)
    noise, prior = sp.symbols("sigma2 tau2", positive=True)
    w = symbols("w", 2)
    residuals = y - X @ w
    misfit: Any = map_estimation.negative_log_likelihood(residuals, noise)
    loss = (misfit + map_estimation.negative_log_gaussian(w, prior))[()]
    gradient = SymArray([sp.diff(loss, one) for one in w])
    lam = map_estimation.l2_strength(noise, prior)
    yield Same(
        "The gradient of minus the log posterior, times sigma^2.",
        noise * gradient,
        X.T @ (X @ w - y) + lam * w,
        comment="that of ridge regression with lambda = sigma^2/tau^2",
    )
    found = map_estimation.gaussian_estimate(X, y, noise, prior)
    yield Same(
        "It vanishes at the reference's estimate (X'X + lambda I)^-1 X'y.",
        X.T @ (X @ found - y) + lam * found,
        SymArray(np.zeros(2)),
    )
    yield Differ(
        "E05: lambda = tau^2/sigma^2.",
        X.T @ (X @ found - y) + found / lam,
        SymArray(np.zeros(2)),
        comment="a wide prior says little: the penalty falls with tau",
    )


CHAPTER = Chapter(
    "MAP estimation: penalties are priors",
    """Which weights are most probable, given the data and what is believed of weights beforehand? The
logarithm turns the product of likelihood and prior into a sum: the squared error plus a penalty. So the
strength of a penalty has a meaning, the ratio of the noise in the data to the spread of the prior.""",
    Proof("Bayes' rule over a table of weights", bayes, "3 weights", ("map.bayes", "map.argmax")),
    Proof("The prior may depend on the inputs", prior_of_inputs, errata=("E58",)),
    Derivation(
        "A normal prior is an L2 penalty",
        """
assume n integer, sigma > 0, tau > 0, c > 0
batch w of n                                    # the weights
let lam = sigma**2/tau**2

# sse is the sum of squared residuals, c holds the constants of both densities
-log(c*exp(-sse/(2*sigma**2))*exp(-sum(w**2)/(2*tau**2)))
= sse/(2*sigma**2) + sum(w**2)/(2*tau**2) - log(c)   # the logarithm undoes the exponentials
= (sse + lam*sum(w**2))/(2*sigma**2) - log(c)        # the common factor does not move the minimum
!= (sse + lam*sum(w**2)/2)/(2*sigma**2) - log(c)     # E05: the halved penalty goes with halved squares
!= (sse + sum(w**2)/tau**2)/(2*sigma**2) - log(c)    # the noise variance is forgotten

sum(w**2)/(2*tau**2)
code prior

lam
code strength
""",
        code={
            "prior": lambda v: map_estimation.negative_log_gaussian(v.w, v.tau**2),
            "strength": lambda v: map_estimation.l2_strength(v.sigma**2, v.tau**2),
        },
        covers=("map.gaussian_prior_is_l2",),
        errata=("E05",),
    ),
    Derivation(
        "The estimate of one weight is ridge regression",
        """
assume N integer, sigma > 0, tau > 0
batch x, y of N
let lam = sigma**2/tau**2

sum((y - x*w)**2)/(2*sigma**2) + w**2/(2*tau**2)     # minus the log posterior, up to a constant
diff w
= -sum(x*(y - x*w))/sigma**2 + w/tau**2
scale sigma**2
= -sum(x*y) + w*sum(x**2) + lam*w
solve w
= sum(x*y)/(sum(x**2) + lam)
!= sum(x*y)/sum(x**2)                                # least squares: a flat prior, tau to infinity
!= sum(x*y)/(sum(x**2) + 2*lam)                      # a factor 2 that belongs to neither convention
""",
        covers=("map.gaussian_prior_is_l2",),
        errata=("E05",),
    ),
    Derivation(
        "A flat prior: least squares",
        """
assume s > 0, lam > 0
s*y/(s**2 + lam)                                # one singular value s of X
at lam = 0
= y/s                                           # tau to infinity: the pseudo-inverse

y/s - s*y/(s**2 + lam)
= lam*y/(s*(s**2 + lam))                        # how far off it is
!= lam*y/s**2

lam/s**3 - lam/(s*(s**2 + lam))                 # at most lam/s**3 times y
>= 0

s*y/(s**2 + lam)                                # a direction the data say nothing about
at s = 0
= 0                                             # keeps weight 0, however small lam is
""",
        covers=("wd.ridge_to_pinv",),
    ),
    Proof(
        "The same for a matrix",
        linear_model,
        "2 samples, 2 weights",
        ("map.gaussian_prior_is_l2",),
        ("E05",),
    ),
    Derivation(
        "A Laplace prior is an L1 penalty",
        """
assume n integer, sigma > 0, b > 0, c > 0
batch w of n
let lam = 2*sigma**2/b

-log(c*exp(-sse/(2*sigma**2))*exp(-sum(abs(w))/b))
= sse/(2*sigma**2) + sum(abs(w))/b - log(c)
= (sse + lam*sum(abs(w)))/(2*sigma**2) - log(c)
!= (sse + sigma**2/b*sum(abs(w)))/(2*sigma**2) - log(c)   # E05: the 2 is that of the halved squares

sum(abs(w))/b
code prior
diff w
= sign(w)/b                                     # the same pull for every size: small weights go to 0
!= w/b                                          # the pull of a normal prior

lam
code strength
""",
        code={
            "prior": lambda v: map_estimation.negative_log_laplace(v.w, v.b),
            "strength": lambda v: map_estimation.l1_strength(v.sigma**2, v.b),
        },
        covers=("map.laplace_prior_is_l1",),
        errata=("E05",),
    ),
)
