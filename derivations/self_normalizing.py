"""SELU and alpha dropout: the constants in closed form, and why mean 0 and variance 1 stay."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import sympy as sp

from lawbook.proofs.chapters import AtLeast, Chapter, Derivation, Differ, Proof, Statement
from lawbook.proofs.gradients import Array, Gradient, Mask, Scalar
from lawbook.proofs.numbers.symbols import SymArray
from reference import self_normalizing

HALF_LINE = """
let Phi(t) = (1 + erf(t/sqrt(2)))/2             # probability that a standard normal Z is below t
let n(t) = exp(-t**2/2)/sqrt(2*pi)              # its density

# The density is the slope of that probability.
Phi(x)
diff x
= n(x)

# x n(x) has the antiderivative -n(x), which vanishes far out: so E[Z; Z > 0] = n(0).
-n(x)
diff x
= x*n(x)

n(0)
= 1/sqrt(2*pi)

# x^2 n(x) has the antiderivative Phi(x) - x n(x): so E[Z^2; Z > 0] = 1 - Phi(0).
Phi(x) - x*n(x)
diff x
= n(x) - n(x) + x**2*n(x)
= x**2*n(x)

1 - Phi(0)
= 1/2                                           # half of the variance

# exp(k x) n(x) is a shifted density: complete the square.
exp(k**2/2)*Phi(x - k)
diff x
= exp(k**2/2)*n(x - k)
!= n(x - k)                                     # the factor from completing the square is missing
= exp(k*x)*n(x)

# Its value at 0, less the limit 0 far to the left: E[exp(kZ); Z < 0] = exp(k^2/2) Phi(-k).
exp(k**2/2)*Phi(x - k)
at x = 0
= exp(k**2/2)*Phi(-k)
"""

FIXED_POINT = """
assume alpha > 0, lam > 0
let Phi(t) = (1 + erf(t/sqrt(2)))/2
let h = 1/sqrt(2*pi)                            # E[Z; Z > 0]
let m1 = exp(1/2)*Phi(-1)                       # E[e^Z; Z < 0]
let m2 = exp(2)*Phi(-2)                         # E[e^2Z; Z < 0]

# The mean of SELU(Z): lam z where z > 0, lam alpha (e^z - 1) where z < 0.
lam*h + lam*alpha*(m1 - 1/2)
solve alpha
!= h/(m1 - 1/2)                                 # the sign: e^z - 1 is negative
= h/(1/2 - m1)                                  # mean 0 fixes alpha, whatever lam is
code alpha

# The mean of SELU(Z)^2, where (e^z - 1)^2 = e^2z - 2 e^z + 1; it is the variance, since the mean is 0.
lam**2*(1/2 + alpha**2*(m2 - 2*m1 + 1/2))
at lam = 1/sqrt(1/2 + alpha**2*(m2 - 2*m1 + 1/2))
= 1                                             # variance 1 fixes lam
at alpha = h/(1/2 - m1)
= 1

1/sqrt(1/2 + alpha**2*(m2 - 2*m1 + 1/2))
at alpha = h/(1/2 - m1)
code scale

# With the printed four digits neither moment is exact.
lam*h + lam*alpha*(m1 - 1/2)
at lam = 1.0507, alpha = 1.6733
!= 0                                            # E73: it is about -9.2e-6

lam**2*(1/2 + alpha**2*(m2 - 2*m1 + 1/2))
at lam = 1.0507, alpha = 1.6733
!= 1                                            # E73: it is about 1.00002
"""

SHAPE = """
assume alpha > 0, lam > 0
# Far to the left SELU saturates: above -lam alpha always, and as close as e^x.
lam*alpha*(exp(x) - 1) - (-lam*alpha)
= lam*alpha*exp(x)
>= 0

# Its slope there is its height above that value,
lam*alpha*(exp(x) - 1)
diff x
!= lam*alpha*(exp(x) - 1)                       # the exponential's own slope, but -1 is a constant
= lam*alpha*exp(x)
= lam*alpha*(exp(x) - 1) + lam*alpha

# so at 0 the slope jumps from lam alpha to lam: a kink, since alpha is not 1.
lam*alpha*exp(x)
at x = 0
= lam*alpha
!= lam
"""

WEIGHTS = """
assume N integer
random w, x                                     # one weight and one input, independent
given E(w) = 0                                          # LeCun: variance 1/fan-in
given E(w**2) = 1/N
given E(x) = 0
given E(x**2) = 1

# What one of the N inputs of a unit contributes:
E(w*x)
= 0

N*E((w*x)**2)                                   # variances of independent terms add up
= N*E(w**2)*E(x**2)
= 1                                             # mean 0, variance 1, as the fixed point needs

# With He's variance 2/N, made for relu, it is another one.
N*(2/N)*E(x**2)
!= 1                                            # E73: the guarantee needs this one initialization
= 2
"""

ALPHA_DROPOUT = """
assume q > 0, q <= 1
random x, m                                     # a unit of mean 0 and variance 1, and its mask
given E(x) = 0
given E(x**2) = 1
given E(m) = q
given E(m**2) = q
let y = m*x + (1 - m)*d                         # dropped units take the value d, not 0

E(y)
!= q*d                                          # E22: q is the probability to KEEP
= (1 - q)*d

E(y**2) - E(y)**2
= q + (1 - q)*d**2 - (1 - q)**2*d**2
= q + d**2*q*(1 - q)

# An affine map a y + b restores both moments.
let a = 1/sqrt(q + d**2*q*(1 - q))
let b = -a*(1 - q)*d
E(a*y + b)
= a*(1 - q)*d + b
= 0
!= a*q*d + b                                    # E22: right for q = 1/2 alone

E((a*y + b)**2)
= a**2*(q + d**2*q*(1 - q))
= 1

# Units dropped to 0 would need a factor only: 1/sqrt(q), not the 1/q of plain dropout.
E((m*x/q)**2)
= 1/q
!= 1

"""

ALPHA_GRADIENT = """
assume q > 0, q <= 1
let a = 1/sqrt(q + d**2*q*(1 - q))
let b = -a*(1 - q)*d
# With a given mask m, alpha dropout is an affine map of x: the gradient goes through kept units, times a.
dy*(a*(m*x + (1 - m)*d) + b)
diff x
!= dy*m/q                                       # plain dropout's factor
= dy*a*m
code alpha_dropout_backward
"""


def digits() -> Iterator[Statement]:
    """The reference's two numbers are the closed forms, rounded once."""
    h, e = 1 / sp.sqrt(2 * sp.pi), sp.exp(sp.Rational(1, 2))
    tails = [(1 - sp.erf(k / sp.sqrt(2))) / 2 for k in (1, 2)]
    alpha, scale = self_normalizing.selu_constants(
        SymArray(h), SymArray(e * tails[0]), SymArray(sp.exp(2) * tails[1])
    )
    half = sp.Rational(1, 2**53)  # half the distance of neighbouring doubles between 1 and 2
    for name, exact, double in (
        ("alpha", alpha.item(), sp.Rational(Fraction(self_normalizing.ALPHA))),
        ("lambda", scale.item(), sp.Rational(Fraction(self_normalizing.LAMBDA))),
    ):
        yield AtLeast(f"{name} is at most half a spacing above the double", double + half, exact)
        yield AtLeast(f"{name} is at most half a spacing below the double", exact, double - half)
    yield Differ(
        "E73: alpha = 1.6733", alpha.item(), sp.Rational("1.6733"), comment="rounded to four digits"
    )


def moments(v: Any) -> tuple[Any, Any, Any]:
    """The three moments as the reference takes them."""
    return SymArray(v.h), SymArray(v.m1), SymArray(v.m2)


def torch_selu(torch: Any, x: Any, alpha: float, scale: float) -> Any:
    """torch's ELU, scaled."""
    return scale * torch.nn.functional.elu(x, alpha)


def torch_alpha_dropout(torch: Any, x: Any, mask: Any, keep: float, dropped: float) -> Any:
    """Alpha dropout with a given mask, the factor from the variance that it has to undo."""
    mixed = torch.where(mask > 0, x, torch.full_like(x, dropped))
    variance = keep + (1 - keep) * dropped**2 - ((1 - keep) * dropped) ** 2
    return (mixed - (1 - keep) * dropped) / variance**0.5


def rational_factor(values: dict[str, Any], draw: Any) -> dict[str, Any]:
    """keep = 1/2 and a dropped value d with 2 + d^2 a rational square."""
    t = draw(())[()]
    dropped = (2 - t * t) / (2 * t)  # 2 + d^2 = ((2 + t^2) / (2 t))^2
    half = values["keep"] * 0 + t / (2 * t)
    return {**values, "keep": half, "dropped": values["dropped"] * 0 + dropped}


CHAPTER = Chapter(
    "Self-normalizing networks",
    """Batch norm measures mean and variance and corrects them. SELU makes them correct themselves: its two
constants are chosen so that a standard normal input gives an output of mean 0 and variance 1, layer after
layer. The constants have a closed form. Dropout would spoil both moments; alpha dropout drops to the
saturation value and undoes the damage exactly.""",
    Derivation("Moments of half a normal distribution", HALF_LINE, covers=("selu.constants",)),
    Derivation(
        "The fixed point",
        FIXED_POINT,
        code={
            "alpha": lambda v: self_normalizing.selu_constants(*moments(v))[0].item(),
            "scale": lambda v: self_normalizing.selu_constants(*moments(v))[1].item(),
        },
        covers=("selu.constants", "selu.definition"),
        errata=("E73",),
    ),
    Proof("The constants in floating point", digits, covers=("selu.constants",), errata=("E73",)),
    Derivation("Saturation and slope", SHAPE, covers=("selu.definition",)),
    Gradient(
        "SELU's gradient",
        wrt=("x",),
        inputs={
            "x": Array("N", zeros=False),
            "alpha": Scalar(positive=True),
            "scale": Scalar(positive=True),
        },
        forward=lambda x, alpha, scale: self_normalizing.selu(x, alpha, scale),
        backward=lambda dy, x, alpha, scale: self_normalizing.selu_backward(dy, x, alpha, scale),
        formal="N",
        mutate=(self_normalizing.selu_backward,),
        torch=torch_selu,
        covers=("selu.definition",),
    ),
    Derivation("Weights that keep the moments", WEIGHTS, errata=("E73",)),
    Derivation(
        "Alpha dropout",
        ALPHA_DROPOUT,
        covers=("selu.alpha_dropout_affine",),
        errata=("E22",),
    ),
    Derivation(
        "The gradient of alpha dropout",
        ALPHA_GRADIENT,
        code={
            "alpha_dropout_backward": lambda v: self_normalizing.alpha_dropout_backward(
                SymArray([v.dy]), SymArray([v.m]), SymArray([v.q]), SymArray([v.d])
            )[0]
        },
        covers=("selu.alpha_dropout_affine",),
    ),
    Gradient(
        "Alpha dropout's gradient",
        wrt=("x",),
        inputs={
            "x": Array("N"),
            "mask": Mask("N"),
            "keep": Scalar(low=0.125, high=1),
            "dropped": Scalar(),
        },
        forward=lambda x, mask, keep, dropped: self_normalizing.alpha_dropout(
            x, mask, keep, dropped
        ),
        backward=lambda dy, x, mask, keep, dropped: self_normalizing.alpha_dropout_backward(
            dy, mask, keep, dropped
        ),
        formal="N",
        mutate=(self_normalizing.alpha_dropout_backward,),
        torch=torch_alpha_dropout,
        rational=rational_factor,
        covers=("selu.alpha_dropout_affine",),
    ),
)
