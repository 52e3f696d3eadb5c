"""Layer, instance, group and weight normalization: every gradient, and what it is orthogonal to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from lawbook.proofs.chapters import Chapter, Derivation, Differ, Proof, Same
from lawbook.proofs.gradients import Array, Gradient, Scalar
from lawbook.proofs.numbers.symbols import SymArray, symbols
from reference import normalization

LAYER_NORM = """
batch x, d, gamma, dy of N      # one sample: its N values, d = dL/dz, gamma and dL/dy of every unit
assume eps > 0
let mu = sum(x)/N
let v = sum((x - mu)**2)/N
let s = sqrt(v + eps)
let z = (x - mu)/s

# The variance moves with every value of the sample; that mu moves too has no effect on it.
v
diff x
= 2*(x - mu)/N - 2*sum(x - mu)/N**2     # the direct way, and the way through mu
= 2*(x - mu)/N                          # deviations from the mean sum to 0

# So does s: the chain rule of the root.
s
diff x
= 1/(2*s) * 2*(x - mu)/N
= z/N

# Now the loss.  d = dL/dz is whatever arrives at z; it does not depend on x.
sum(d*z)
diff x
!= d/s                                  # as if mean and deviation were constants
!= (d - sum(d)/N)/s                     # as if the deviation were one
= d/s - sum(d)/(N*s) - z/N * sum(d*z)/s # directly, through mu, through s
= (d - sum(d)/N - z*sum(d*z)/N)/s       # subtract the mean of d and its part along z
code standardize_backward

# gamma differs from unit to unit, so it stays inside the means: d = gamma dy.
sum(gamma*z*dy)
diff x
!= gamma*(dy - sum(dy)/N - z*sum(dy*z)/N)/s     # batch norm's formula, where gamma is one number
= (gamma*dy - sum(gamma*dy)/N - z*sum(gamma*dy*z)/N)/s
code layer_norm_backward

# And the gradient of gamma itself.
sum(gamma*z*dy)
diff gamma
= z*dy
"""

ORTHOGONAL = """
batch x, d of N
assume eps >= 0
let mu = sum(x)/N
let v = sum((x - mu)**2)/N
let s = sqrt(v + eps)
let z = (x - mu)/s
let m = sum(d*z)/N
let dx = (d - sum(d)/N - z*m)/s

# Adding one number to all values of a sample changes nothing, so the gradient sums to 0.
sum(dx)
= (sum(d) - sum(d) - sum(z)*m)/s
= 0

# Scaling a sample about its mean changes nothing but eps, so the gradient is nearly orthogonal to z.
sum(dx*z)
= (sum(d*z) - sum(d)*sum(z)/N - sum(z**2)*m)/s
= (sum(d*z) - sum(z**2)*m)/s            # z sums to 0
= N*m*(1 - sum(z**2)/N)/s
= N*m*(1 - v/s**2)/s                    # the variance of z is v/s^2, not quite 1
!= 0                                    # exactly orthogonal only without eps
= N*m*eps/s**3
sub eps = 0
= 0
"""

INVARIANCE = """
batch x of N
assume eps > 0, a > 0
let mu = sum(x)/N
let z = (x - mu)/sqrt(sum((x - mu)**2)/N + eps)
let t = a*x + c                         # another scale and another offset of the same sample
let m = sum(t)/N

# The mean moves along,
m
= a*mu + c

# the variance takes the square of the scale,
sum((t - m)**2)/N
= a**2 * sum((x - mu)**2)/N

# so layer norm gives the same, if eps is scaled too.
(t - m)/sqrt(sum((t - m)**2)/N + a**2*eps)
= a*(x - mu)/sqrt(a**2*sum((x - mu)**2)/N + a**2*eps)
= z

# With one fixed eps it is the same only in the limit of large variance.
(t - m)/sqrt(sum((t - m)**2)/N + eps)
!= z                                    # the invariance that is usually stated
= (x - mu)/sqrt(sum((x - mu)**2)/N + eps/a**2)
"""

WEIGHT_NORM = """
batch v, dw of N                        # one unit: N weights in v, and dL/dw
let l = sqrt(sum(v**2))                 # the length of v
let u = v/l                             # its direction
let w = g*u

# The length of w is set by g alone.
sum(w**2)
= g**2*sum(v**2)/l**2
= g**2

# The gradient of g: how far dL/dw points along v.
sum(dw*w)
diff g
= sum(dw*v)/l
= sum(dw*u)

# The length of v moves along with v, in its own direction.
l
diff v
= v/l
= u

# The gradient of v therefore loses its part along v.
sum(dw*w)
diff v
!= g/l*dw                               # as if the length were a constant
= g*dw/l - g*sum(dw*v)/l**2 * u
= g/l*(dw - u*sum(dw*u))
code weight_norm_backward

# It is orthogonal to v,
sum(v*g/l*(dw - u*sum(dw*u)))
= g/l*(sum(dw*v) - sum(v*u)*sum(dw*u))
= g/l*(sum(dw*v) - l*sum(dw*u))
= 0

# so a step turns v and makes it longer, by Pythagoras.
let t = g/l*(dw - u*sum(dw*u))
sum((v - eta*t)**2)
!= sum(v**2)                            # turning alone: a step along the tangent leaves the circle
= sum(v**2) + eta**2*sum(t**2)
"""


def special_cases() -> Iterator[Same | Differ]:
    """One group for all channels is layer norm, one for each channel is instance norm."""
    x, eps = symbols("x", 2, 2, 1, 2), symbols("eps", positive=True)
    gamma, beta = symbols("gamma", 2), symbols("beta", 2)
    ones, zeros = SymArray([1, 1]), SymArray([0, 0])
    one_group: Any = normalization.group_norm(x, ones, zeros, 1, eps)
    layer = normalization.layer_norm(x.reshape(2, 4), SymArray([1] * 4), SymArray([0] * 4), eps)
    yield Same(
        "group norm with one group = layer norm over (C, H, W)", one_group, layer.reshape(x.shape)
    )
    instance = normalization.instance_norm(x, gamma, beta, eps)
    yield Same(
        "group norm with C groups = instance norm",
        normalization.group_norm(x, gamma, beta, 2, eps),
        instance,
    )
    yield Differ(
        "group norm with one group = instance norm",
        one_group,
        normalization.instance_norm(x, ones, zeros, eps),
        comment="instance norm takes each channel's own mean, and loses how channels compare",
    )


def rational_rows(values: dict[str, Any], draw: Any) -> dict[str, Any]:
    """The same inputs with an eps for every row that makes var + eps the square of a rational number."""
    s = draw((values["x"].shape[0], 1))
    centred = values["x"] - values["x"].mean(axis=1, keepdims=True)
    return {**values, "eps": s * s - (centred * centred).mean(axis=1, keepdims=True)}


def rational_groups(values: dict[str, Any], draw: Any) -> dict[str, Any]:
    """The same for every group of two channels."""
    rows = {"x": normalization.group_rows(values["x"], 2)}
    return {**values, "eps": rational_rows(rows, draw)["eps"]}


def rational_lengths(values: dict[str, Any], draw: Any) -> dict[str, Any]:
    """Vectors (2 u, |u|^2 - 1), of length |u|^2 + 1."""
    u = values["v"][:, 1:]
    squares = (u * u).sum(axis=1, keepdims=True)
    return {**values, "v": np.concatenate([2 * u, squares - 1], axis=1)}


def torch_group_norm(torch: Any, x: Any, gamma: Any, beta: Any, eps: Any) -> Any:
    """torch's group norm with two groups."""
    return torch.nn.functional.group_norm(x, 2, gamma, beta, float(eps))


def torch_instance_norm(torch: Any, x: Any, gamma: Any, beta: Any, eps: Any) -> Any:
    """torch's instance norm."""
    return torch.nn.functional.instance_norm(x, weight=gamma, bias=beta, eps=float(eps))


IMAGES = {
    "x": Array("N", "C", "H", "W"),
    "gamma": Array("C"),
    "beta": Array("C"),
    "eps": Scalar(positive=True),
}

CHAPTER = Chapter(
    "Layer, instance, group and weight normalization",
    """Batch norm takes its mean and variance over the batch. Layer, instance and group norm take
    them within one sample, so they work for a batch of one and need no running averages. All
    four standardize a set of values and differ in nothing but which set it is, so one
    derivation gives every gradient.

    Weight norm leaves the values alone and standardizes the weights: length and direction of a
    weight vector are learned apart.""",
    Derivation(
        "The gradient of layer norm",
        LAYER_NORM,
        code={
            "standardize_backward": lambda v: normalization.standardize_backward(
                v.d[None, :], v.z[None, :], v.s
            )[0],
            "layer_norm_backward": lambda v: normalization.layer_norm_backward(
                v.dy[None, :], v.x[None, :], v.gamma, v.eps
            )[0][0],
        },
        covers=("norm.general_form",),
    ),
    Gradient(
        "Layer norm: all three gradients",
        wrt=("x", "gamma", "beta"),
        inputs={
            "x": Array("N", "D"),
            "gamma": Array("D"),
            "beta": Array("D"),
            "eps": Scalar(positive=True),
        },
        forward=lambda x, gamma, beta, eps: normalization.layer_norm(x, gamma, beta, eps),
        backward=lambda dy, x, gamma, beta, eps: normalization.layer_norm_backward(
            dy, x, gamma, eps
        ),
        formal="D",
        sizes=({"N": 2, "D": 2},),
        mutate=(normalization.standardize_backward, normalization.layer_norm_backward),
        rational=rational_rows,
        torch=lambda torch, x, gamma, beta, eps: torch.nn.functional.layer_norm(
            x, (x.shape[1],), gamma, beta, float(eps)
        ),
        covers=("norm.general_form",),
    ),
    Derivation("What the gradient is orthogonal to", ORTHOGONAL),
    Derivation("Another scale and offset of a sample", INVARIANCE, covers=("norm.ln_invariance",)),
    Proof(
        "Group norm between layer norm and instance norm",
        special_cases,
        size="2 images of 2 channels, 1 x 2 pixels",
        covers=("norm.gn_special_cases",),
    ),
    Gradient(
        "Group norm with two groups: all three gradients",
        wrt=("x", "gamma", "beta"),
        inputs=IMAGES,
        forward=lambda x, gamma, beta, eps: normalization.group_norm(x, gamma, beta, 2, eps),
        backward=lambda dy, x, gamma, beta, eps: normalization.group_norm_backward(
            dy, x, gamma, 2, eps
        ),
        sizes=({"N": 1, "C": 4, "H": 1, "W": 1}, {"N": 1, "C": 2, "H": 1, "W": 2}),
        lengths={"C": (4, 4), "W": 2},
        mutate=(normalization.group_norm_backward,),
        torch=torch_group_norm,
        rational=rational_groups,
        covers=("norm.general_form",),
    ),
    Gradient(
        "Instance norm: all three gradients",
        wrt=("x", "gamma", "beta"),
        inputs=IMAGES,
        forward=lambda x, gamma, beta, eps: normalization.instance_norm(x, gamma, beta, eps),
        backward=lambda dy, x, gamma, beta, eps: normalization.instance_norm_backward(
            dy, x, gamma, eps
        ),
        sizes=({"N": 1, "C": 2, "H": 1, "W": 2},),
        lengths={"C": (2, 2), "W": 2},
        mutate=(normalization.group_norm_backward, normalization.instance_norm_backward),
        torch=torch_instance_norm,
        rational=rational_groups,
        covers=("norm.general_form",),
    ),
    Derivation(
        "Weight norm",
        WEIGHT_NORM,
        code={
            "weight_norm_backward": lambda v: normalization.weight_norm_backward(
                v.dw[None, :], v.v[None, :], v.g
            )[0][0]
        },
        covers=("norm.weightnorm",),
    ),
    Gradient(
        "Weight norm: both gradients",
        wrt=("v", "g"),
        inputs={"v": Array("K", "D", zeros=False), "g": Array("K", 1)},
        forward=lambda v, g: normalization.weight_norm(v, g),
        backward=lambda dw, v, g: normalization.weight_norm_backward(dw, v, g),
        formal="D",
        sizes=({"K": 2, "D": 2},),
        mutate=(normalization.weight_norm_backward,),
        torch=lambda torch, v, g: g * torch.nn.functional.normalize(v, dim=1),
        rational=rational_lengths,
        covers=("norm.weightnorm",),
    ),
)
