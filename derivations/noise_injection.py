"""Noise in training: a penalty on inputs, curvature on weights, softness on targets."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import sympy as sp

from lawbook.proofs.chapters import Chapter, Derivation, Differ, Proof, Same, Statement
from lawbook.proofs.gradients import Array, Gradient, Labels, Scalar
from lawbook.proofs.numbers.symbols import SymArray, symbols
from reference import losses, noise_injection


def all_input_noise() -> Iterator[Statement]:
    """Noise of plus or minus s on every input: the mean over all sign patterns."""
    X, y, w, s = symbols("x", 2, 2), symbols("y", 2), symbols("w", 2), sp.Symbol("s", positive=True)
    patterns = [SymArray(signs).reshape(2, 2) * s for signs in product((1, -1), repeat=4)]
    noisy = sum(noise_injection.squared_error(X + E, y, w) for E in patterns) / len(patterns)
    yield Same(
        "The mean over the 16 patterns is the reference's closed form.",
        noisy,
        noise_injection.expected_squared_error(X, y, w, s**2),
    )
    yield Differ(
        "Each sample adds sigma^2 ||w||^2, so does the sum over samples.",
        noisy,
        noise_injection.squared_error(X, y, w) + s**2 * (w * w).sum(),
        comment="the noise of every sample counts: the factor is n sigma^2",
    )


def weight_noise() -> Iterator[Statement]:
    """A quadratic loss of two weights, noise of plus or minus s on each."""
    a, b, c, s = sp.symbols("a b c s", real=True)
    w = symbols("w", 2)
    H = SymArray([[a, b], [b, c]])
    slope = symbols("g", 2)
    patterns = [SymArray(signs) * s for signs in product((1, -1), repeat=2)]

    def loss(at: Any) -> Any:
        return slope @ at + at @ H @ at / 2

    noisy = sum(loss(w + xi) for xi in patterns) / len(patterns)
    yield Same(
        "The mean over the noise adds sigma^2/2 times the trace of the Hessian.",
        noisy - loss(w),
        noise_injection.weight_noise_penalty(H, s**2),
    )
    yield Differ(
        "It adds sigma^2/2 times the sum of all entries of the Hessian.",
        noisy - loss(w),
        s**2 * H.sum() / 2,
        comment="the noise of different weights is uncorrelated: only the diagonal stays",
    )


def torch_smoothed(torch: Any, z: Any, labels: Any, eps: float) -> Any:
    """torch's own cross entropy with smoothed labels."""
    cross_entropy = torch.nn.functional.cross_entropy
    return cross_entropy(z, labels, label_smoothing=float(eps), reduction="sum")


def targets(z: Any, labels: Any, eps: Any) -> Any:
    """The reference's smoothed targets."""
    return noise_injection.smooth(losses.one_hot(labels, z.shape[1]), eps)


def array(value: Any) -> Any:
    """A symbol in an array of rank 0, which NumPy's functions take."""
    return SymArray(value)


CHAPTER = Chapter(
    "Noise in training",
    """Training on disturbed data sounds like a trick; for squared errors it is a penalty that can be written
down. Noise on the inputs of a linear model is ridge regression exactly, noise on the weights adds the
curvature of the loss, and noise on targets changes nothing unless it changes their mean.""",
    Derivation(
        "Input noise on one feature",
        """
random e                                        # any distribution of mean 0
given E(e) = 0

E((y - (x + e)*w)**2)
= E((y - x*w)**2 - 2*(y - x*w)*e*w + e**2*w**2)
= (y - x*w)**2 + E(e**2)*w**2                   # the mixed term has mean 0
!= (y - x*w)**2                                 # noise of mean 0 does not cancel in a square
!= (y - x*w)**2 + E(e**2)                       # the noise passes through the weight

(y - x*w)**2 + s2*w**2                          # s2 is the variance of the noise
diff w
= -2*x*(y - x*w) + 2*s2*w                       # the pull of an L2 penalty of strength s2
""",
        covers=("noise.input_is_ridge",),
    ),
    Derivation(
        "Any number of features",
        """
random r, e                                     # r: the residual with the noise of all other features in it
given E(e) = 0

E((r - e*w)**2)                                 # one more feature gets its noise
= E(r**2) + E(e**2)*w**2                        # one more term; so d features add E(e**2)*sum(w**2)
!= E(r**2)
""",
        covers=("noise.input_is_ridge",),
    ),
    Proof("The reference", all_input_noise, "2 samples, 2 features", ("noise.input_is_ridge",)),
    Gradient(
        "The gradient with input noise",
        inputs={
            "X": Array("n", "d"),
            "y": Array("n"),
            "w": Array("d"),
            "variance": Scalar(positive=True),
        },
        wrt=("w",),
        forward=lambda X, y, w, variance: noise_injection.expected_squared_error(X, y, w, variance),
        backward=lambda X, y, w, variance: noise_injection.gradient_of_expected_squared_error(
            X, y, w, variance
        ),
        scalar=True,
        formal="n",
        sizes=({"n": 3, "d": 2},),
        mutate=(noise_injection.gradient_of_expected_squared_error,),
        torch=lambda torch, X, y, w, variance: (
            ((y - X @ w) ** 2).sum() + X.shape[0] * variance * (w * w).sum()
        ),
        covers=("noise.input_is_ridge",),
    ),
    Derivation(
        "Input noise of a model that is not linear",
        """
function f
random e
given E(e) = 0
given E(e**2) = 1

(y - f(x + s*t))**2                             # one noise value t, scaled by s
diff s
= -2*(y - f(x + s*t))*f'(x + s*t)*t
diff s
= 2*f'(x + s*t)**2*t**2 - 2*(y - f(x + s*t))*f''(x + s*t)*t**2
at s = 0
= 2*t**2*(f'(x)**2 - (y - f(x))*f''(x))         # the second-order term of the expansion in s is half of it
!= 2*t**2*f'(x)**2                              # Tikhonov's term alone: exact where f'' = 0 or y = f(x)

E(s**2*e**2*(f'(x)**2 - (y - f(x))*f''(x)))     # its mean over the noise
= s**2*(f'(x)**2 - (y - f(x))*f''(x))
sub f'(x) = w, f''(x) = 0                       # a linear model
= s**2*w**2
""",
        covers=("noise.input_is_ridge",),
    ),
    Derivation(
        "Weight noise looks for flat places, and sees none in least squares",
        """
random e
given E(e) = 0

E(a*(w + e)**2 + b*(w + e) + c)                 # a quadratic loss: its second derivative is 2 a
= a*w**2 + b*w + c + E(e**2)/2*(2*a)            # half the variance times the curvature
!= a*w**2 + b*w + c                             # the slope averages out, the curvature does not

E((y - x*(w + e))**2)                           # least squares with noise on the weight
= (y - x*w)**2 + E(e**2)*x**2
!= (y - x*w)**2 + E(e**2)*w**2                  # E64: that would be noise on the input

(y - x*w)**2 + s2*x**2
diff w
= -2*x*(y - x*w)                                # as without noise: it has no effect here
!= -2*x*(y - x*w) + 2*s2*w                      # E64: it is no weight decay
""",
        covers=("noise.weights_flat",),
        errata=("E64",),
    ),
    Derivation(
        "Weight noise in general, to second order",
        """
function L
L(w + s*t)
diff s
= t*L'(w + s*t)
diff s
= t**2*L''(w + s*t)
at s = 0
= t**2*L''(w)                                   # half of it, averaged: variance/2 times the curvature
!= t**2*L'(w)**2                                # the squared slope is another thing
""",
        covers=("noise.weights_flat",),
    ),
    Proof("Two weights", weight_noise, "2 weights", ("noise.weights_flat",)),
    Derivation(
        "Noise on the targets",
        """
random e
given E(e) = 0
E((y + e - x*w)**2)
= (y - x*w)**2 + E(e**2)                        # a constant: the same minimum
diff w
= -2*x*(y - x*w)

E(-2*x*(y + e - x*w))                           # the gradient with noisy targets
= -2*x*(y - x*w)                                # is right on average
""",
        covers=("noise.targets_soft",),
    ),
    Derivation(
        "Soft targets",
        """
assume K integer
batch z, t of K                                 # scores, and positive numbers that make a distribution
assume t > 0
let q = t/sum(t)
let p = exp(z)/sum(exp(z))

-sum(q*(z - log(sum(exp(z)))))                  # cross entropy, as log p is z minus the log of the sum
= log(sum(exp(z))) - sum(q*z)
diff z
= p - q                                         # the sum of q is 1
!= -q/p                                         # the derivative by p, not by the score
!= q - p

p
at z = log(q) + c                               # where the gradient vanishes: p = q, at finite scores
= q
""",
        covers=("noise.targets_soft",),
    ),
    Derivation(
        "Label smoothing",
        """
assume K integer
assume eps > 0, eps < 1
batch h of K                                    # positive; over its sum a distribution, such as a label's
assume h > 0
let q = (1 - eps)*h/sum(h) + eps/K

sum(q)
= 1                                             # still a distribution

log(1 - eps + eps/K) - log(eps/K)               # z_y - z_k at p = q
= log((1 - eps + eps/K)/(eps/K))
code logit_gap
!= log((1 - eps)/(eps/K))                       # the label gets its share eps/K as well
""",
        code={"logit_gap": lambda v: noise_injection.logit_gap(v.K, array(v.eps))},
        covers=("noise.targets_soft",),
    ),
    Gradient(
        "The gradient with smoothed labels",
        inputs={
            "z": Array("N", "K"),
            "labels": Labels("N", classes="K"),
            "eps": Scalar(low=0.0, high=1.0),
        },
        wrt=("z",),
        forward=lambda z, labels, eps: noise_injection.cross_entropy(z, targets(z, labels, eps)),
        backward=lambda z, labels, eps: noise_injection.cross_entropy_gradient(
            z, targets(z, labels, eps)
        ),
        scalar=True,
        sizes=({"N": 2, "K": 3},),
        mutate=(noise_injection.cross_entropy_gradient,),
        torch=torch_smoothed,
        covers=("noise.targets_soft",),
    ),
)
