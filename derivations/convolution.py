"""Convolution, pooling and the residual block: gradients, shared weights, what is (not) invariant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import sympy as sp

from lawbook.proofs.chapters import Chapter, Derivation, Differ, Proof, Same, Statement
from lawbook.proofs.gradients import Array, Gradient
from lawbook.proofs.numbers.symbols import SymArray, symbols
from reference import convolution

SHARED = """
function f, g
# One weight t at two places.  With two different weights u and v the loss would be
f(x*u + g(y*v))
diff u
= f'(x*u + g(y*v))*x

f(x*u + g(y*v))
diff v
= f'(x*u + g(y*v))*g'(y*v)*y

# With u = v = t both places move, and the two gradients add up.
f(x*t + g(y*t))
diff t
!= f'(x*t + g(y*t))*x                   # one place forgotten
!= (f'(x*t + g(y*t))*x + f'(x*t + g(y*t))*g'(y*t)*y)/2     # a mean: but every place counts in full
= f'(x*t + g(y*t))*x + f'(x*t + g(y*t))*g'(y*t)*y

# Tying by a penalty instead pulls the two together.
lam*(u - v)**2
diff u
= 2*lam*(u - v)
at u = v
= 0
"""

ONE_DIMENSION = """
# Four inputs, a kernel of two weights: three outputs, each dL/dy weighted.
let y1 = k1*x1 + k2*x2
let y2 = k1*x2 + k2*x3
let y3 = k1*x3 + k2*x4
let L = d1*y1 + d2*y2 + d3*y3

# A weight is used at every output: its gradient is a convolution of x with d.
L
diff k1
!= d1*x1                                # as in a layer without sharing
= d1*x1 + d2*x2 + d3*x3
code dkernel1

L
diff k2
= d1*x2 + d2*x3 + d3*x4
code dkernel2

# An input in the middle is read twice, with the kernel the other way round.
L
diff x2
!= d1*k1 + d2*k2                        # the kernel not flipped
= d1*k2 + d2*k1
code dx2

# The bias is used at every output too.
L + b*(d1 + d2 + d3)
diff b
= d1 + d2 + d3
"""

POOLING = """
batch x of M                            # one window of M values
assume a >= 0, b >= 0
let r = sqrt(sum(x**2))

# Average pooling spreads the gradient evenly,
sum(x)/M
diff x
!= 1                                    # the 1/M forgotten
= 1/M

# L2 pooling in proportion to the values.
r
diff x
!= x                                    # that belongs to half the square of r
= x/r

# Of two values: the mean is at most the maximum,
max(a, b) - (a + b)/2
= abs(a - b)/2
>= 0

# and, for values that are not negative, the maximum is at most the L2 norm.
(a**2 + b**2) - max(a, b)**2
= min(a, b)**2
>= 0
"""

RECEPTIVE_FIELD = """
assume j >= 1, r >= 1                   # below: one output sees r inputs, its neighbour those j further on
assume k >= 1, s >= 1, p >= 0           # on top: output p reads k outputs, from number s p on
let begin = j*(s*p)                     # the first input of the first of them
let last = j*(s*p + k - 1) + (r - 1)    # the last input of the last of them

last - begin + 1
!= r*k                                  # as if the fields did not overlap
!= r + k - 1                            # as if the strides below were 1
= r + (k - 1)*j                         # the field grows by k - 1 steps of j

# The next output begins s outputs later: the strides multiply.
j*(s*(p + 1)) - j*(s*p)
= j*s

# From one input (r = 1, j = 1) through three layers:
((1 + (k1 - 1)*1) + (k2 - 1)*s1) + (k3 - 1)*(s1*s2)
= k1 + (k2 - 1)*s1 + (k3 - 1)*s1*s2     # the last stride plays no part
code receptive_field
"""

RESIDUAL = """
function F
x + F(x)
diff x
!= F'(x)                                # the shortcut forgotten: then deep gradients vanish with F'
= 1 + F'(x)                             # the identity adds 1, however small F' is

# Two blocks in a row: the product contains a way around each of them.
let y = x + F(x)
y + F(y)
diff x
= (1 + F'(y))*(1 + F'(x))
= 1 + F'(x) + F'(y) + F'(y)*F'(x)
"""


def as_matrix() -> Iterator[Statement]:
    """The matrix of a convolution of five inputs with three taps; its transpose is the gradient."""
    x, kernel, dy = symbols("x", 5), symbols("k", 3), symbols("dy", 3)
    k1, k2, k3 = kernel
    rows = [[k1, k2, k3, 0, 0], [0, k1, k2, k3, 0], [0, 0, k1, k2, k3]]
    matrix = convolution.toeplitz(kernel, 5)
    yield Same("each row holds the kernel, one place further on", matrix, SymArray(rows))
    image, taps = x.reshape(1, 1, 1, 5), kernel.reshape(1, 1, 1, 3)
    y = convolution.convolve(image, taps, SymArray([0]), 1)
    yield Same("T x is the convolution", matrix @ x, y.ravel())
    upstream = dy.reshape(1, 1, 1, 3)
    dx, dkernel, _ = convolution.convolve_backward(upstream, image, taps, 1)
    yield Same("dL/dx = T' dy", dx.ravel(), matrix.T @ dy)
    padded = SymArray([0, 0, *dy, 0, 0]).reshape(1, 1, 1, 7)
    full = convolution.convolve(padded, taps[..., ::-1], SymArray([0]), 1)
    yield Same("which is dy, padded, convolved with the flipped kernel", dx, full)
    yield Differ(
        "dy, padded, convolved with the kernel itself",
        dx,
        convolution.convolve(padded, taps, SymArray([0]), 1),
        comment="right for symmetric kernels alone",
    )
    of_rows = np.outer(dy, x)  # the gradient of a layer whose weights are all free
    shared = [sum(of_rows[p, p + i] for p in range(3)) for i in range(3)]
    yield Same("dL/dkernel adds up the free gradient along diagonals", dkernel.ravel(), shared)


def shifts() -> Iterator[Statement]:
    """Equivariance and invariance under a shift, with and without borders."""
    x, kernel = symbols("x", 4), symbols("k", 3)
    y, moved = convolution.circular(x, kernel), convolution.circular(np.roll(x, 1), kernel)
    yield Same("circular: shifted inputs give shifted outputs", moved, np.roll(y, 1))
    yield Differ(
        "E40: convolution is invariant to shifts",
        moved,
        y,
        comment="it is equivariant: outputs move along",
    )
    yield Same("their mean is invariant", moved.mean(), y.mean())
    spike = SymArray([0, 2, 0, 0, 0])
    padded = SymArray([[0, *np.roll(spike, s), 0] for s in (0, -1)])
    edge = [convolution.toeplitz(SymArray([1, 2, -1]), 7) @ row for row in padded]
    yield Differ(
        "E40: with zero padding the mean is invariant too",
        edge[0].mean(),
        edge[1].mean(),
        comment="at the border a part of the response falls off the image",
    )
    row = symbols("x", 1, 1, 2, 4)
    windows = convolution.windows(row, 2, 2, 2)
    inside = convolution.windows(row[:, :, ::-1], 2, 2, 2)
    yield Same(
        "max pooling: moves within a window change nothing",
        convolution.max_pool(windows),
        convolution.max_pool(inside),
    )
    yield Differ(
        "E40: nor do moves from one window to the next",
        convolution.max_pool(windows),
        convolution.max_pool(convolution.windows(np.roll(row, 1, axis=3), 2, 2, 2)),
        comment="the invariance is local",
    )


def seen_inputs() -> Iterator[Statement]:
    """Two layers, 3 taps with stride 2 under 2 taps: which inputs the first output depends on."""
    x = symbols("x", 1, 1, 1, 9)
    first, second = symbols("k", 1, 1, 1, 3), symbols("m", 1, 1, 1, 2)
    zero = SymArray([0])
    hidden = convolution.convolve(x, first, zero, 2)
    y = convolution.convolve(hidden, second, zero, 1)
    upstream = SymArray([1, *[0] * (y.size - 1)]).reshape(y.shape)
    dhidden, _, _ = convolution.convolve_backward(upstream, hidden, second, 1)
    dx = convolution.convolve_backward(dhidden, x, first, 2)[0].ravel()
    field = convolution.receptive_field((3, 2), (2, 1))
    yield Same("the formula gives r = 3 + (2 - 1) 2", SymArray(field), SymArray(5))
    for place in range(field):
        yield Differ(
            f"the output does not depend on input {place + 1}",
            dx[place],
            sp.S.Zero,
            comment="it is inside the field: some weights let it through",
        )
    yield Same("nor on any input beyond r", dx[field:], SymArray([0] * (9 - field)))


def entry(index: int, *place: int) -> Any:
    """One entry of the reference's gradients of the convolution written out above."""

    def computed(v: Any) -> Any:
        x = SymArray([v.x1, v.x2, v.x3, v.x4]).reshape(1, 1, 1, 4)
        kernel = SymArray([v.k1, v.k2]).reshape(1, 1, 1, 2)
        dy = SymArray([v.d1, v.d2, v.d3]).reshape(1, 1, 1, 3)
        return convolution.convolve_backward(dy, x, kernel, 1)[index][0, 0, 0, place[0]]

    return computed


def pooling(
    name: str, title: str, height: int, width: int, torch: Any, images: int = 1
) -> Gradient:
    """The gradient of the reference's pooling `name` over windows with stride 1, so that they overlap."""
    shared = (convolution.windows_backward,) if images > 1 else ()

    def forward(x: Any) -> Any:
        return getattr(convolution, name)(convolution.windows(x, height, width, 1))

    def backward(dy: Any, x: Any) -> Any:
        values = convolution.windows(x, height, width, 1)
        dvalues = getattr(convolution, f"{name}_backward")(dy, values)
        return convolution.windows_backward(dvalues, x.shape, height, width, 1)

    return Gradient(
        title,
        wrt=("x",),
        inputs={"x": Array("N", "C", "H", "W", zeros=False)},
        forward=forward,
        backward=backward,
        sizes=({"N": images, "C": images, "H": height, "W": 3},),
        lengths={"C": (1, 3), "H": (height, 6), "W": (3, 6)},
        mutate=(getattr(convolution, f"{name}_backward"), *shared),
        torch=torch,
        covers=("pool.max_avg_l2",),
    )


LENGTHS = {"C": (1, 3), "K": (1, 3), "H": (3, 6), "W": (3, 6), "h": (1, 3), "w": (1, 3)}
CONVOLUTION = {
    "x": Array("N", "C", "H", "W"),
    "kernel": Array("K", "C", "h", "w"),
    "bias": Array("K"),
}

CHAPTER = Chapter(
    "Convolution, pooling and the residual block",
    """A convolution is a fully connected layer whose matrix is mostly zero and whose few weights are used at
every place. Its gradients follow from that one fact: the gradient of a shared weight is the sum over the
places that use it. Pooling passes gradients on in three ways, and a residual block adds a way
around its layers.""",
    Derivation("A weight that is used twice", SHARED, covers=("tie.shared_gradient",)),
    Derivation(
        "A convolution, written out",
        ONE_DIMENSION,
        code={"dkernel1": entry(1, 0), "dkernel2": entry(1, 1), "dx2": entry(0, 1)},
        covers=("conv.as_matrix",),
    ),
    Proof(
        "The matrix of a convolution",
        as_matrix,
        size="5 inputs, 3 taps",
        covers=("conv.as_matrix",),
    ),
    Gradient(
        "Stride 1, two channels: input, kernel, bias",
        inputs=CONVOLUTION,
        wrt=("x", "kernel", "bias"),
        forward=lambda x, kernel, bias: convolution.convolve(x, kernel, bias, 1),
        backward=lambda dy, x, kernel, bias: convolution.convolve_backward(dy, x, kernel, 1),
        formal="N",
        formal_sizes={"C": 2, "H": 2, "W": 3, "h": 1, "w": 2},
        sizes=({"N": 1, "C": 2, "K": 2, "H": 3, "W": 3, "h": 2, "w": 2},),
        lengths=LENGTHS,
        mutate=(convolution.convolve_backward, convolution.unfold_backward, convolution.fold),
        torch=lambda torch, x, kernel, bias: torch.nn.functional.conv2d(x, kernel, bias),
        covers=("conv.as_matrix", "tie.shared_gradient"),
    ),
    Gradient(
        "Stride 2: some inputs are read less often",
        inputs=CONVOLUTION,
        wrt=("x", "kernel", "bias"),
        forward=lambda x, kernel, bias: convolution.convolve(x, kernel, bias, 2),
        backward=lambda dy, x, kernel, bias: convolution.convolve_backward(dy, x, kernel, 2),
        sizes=({"N": 1, "C": 2, "K": 3, "H": 3, "W": 5, "h": 1, "w": 3},),
        lengths=LENGTHS,
        mutate=(convolution.convolve_backward, convolution.unfold_backward, convolution.fold),
        torch=lambda torch, x, kernel, bias: torch.nn.functional.conv2d(x, kernel, bias, stride=2),
        covers=("conv.as_matrix", "pool.receptive_field"),
    ),
    Proof(
        "Shifted images",
        shifts,
        size="4 or 5 places",
        covers=("conv.equivariance", "pool.max_translation"),
        errata=("E40",),
    ),
    Derivation("Pooling", POOLING, covers=("pool.max_avg_l2",)),
    pooling(
        "max_pool",
        "Max pooling sends the gradient to the largest value",
        1,
        3,
        lambda torch, x: torch.nn.functional.max_pool2d(x, (1, 3), 1),
    ),
    pooling(
        "average_pool",
        "Average pooling spreads it",
        2,
        2,
        lambda torch, x: torch.nn.functional.avg_pool2d(x, 2, 1),
        images=2,
    ),
    pooling(
        "l2_pool",
        "L2 pooling shares it in proportion",
        2,
        2,
        lambda torch, x: torch.nn.functional.lp_pool2d(x, 2, 2, 1),
    ),
    Derivation(
        "The receptive field",
        RECEPTIVE_FIELD,
        code={
            "receptive_field": lambda v: convolution.receptive_field(
                (v.k1, v.k2, v.k3), (v.s1, v.s2, v.s1)
            )
        },
        covers=("pool.receptive_field",),
    ),
    Proof(
        "Which inputs an output sees",
        seen_inputs,
        size="9 inputs",
        covers=("pool.receptive_field",),
    ),
    Derivation("A way around", RESIDUAL, covers=("resnet.identity",)),
    Gradient(
        "The residual block of the reference",
        wrt=("x", "inner", "outer"),
        inputs={"x": Array("N", "D"), "inner": Array("D", "H"), "outer": Array("H", "D")},
        forward=lambda x, inner, outer: convolution.residual(x, inner, outer),
        backward=lambda dy, x, inner, outer: convolution.residual_backward(dy, x, inner, outer),
        formal="N",
        sizes=({"N": 1, "D": 2, "H": 2},),
        mutate=(convolution.residual_backward,),
        torch=lambda torch, x, inner, outer: x + torch.tanh(x @ inner) @ outer,
        covers=("resnet.identity",),
    ),
)
