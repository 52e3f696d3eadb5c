"""DropConnect: its gradient, and the mean and variance of its output over all masks."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import sympy as sp

from lawbook.proofs.chapters import Chapter, Derivation, Proof, Same, Statement
from lawbook.proofs.gradients import Array, Gradient, Mask
from lawbook.proofs.numbers.symbols import SymArray, symbols
from reference import dropconnect

ONE_WEIGHT = """
assume 0 <= q, q <= 1
random m                        # the mask of one weight: 0 or 1,
given E(m) = q                  # 1 with probability q; m^2 = m, so both moments are q
given E(m**2) = q

# What one input contributes to its unit: on the average a part q of it arrives.
E(m*w*x)
= E(m)*w*x
= q*w*x
!= w*x                          # the weights of evaluation are not those of training: scale by q

# Its variance is the mean of the square less the square of the mean.
E((m*w*x)**2) - E(m*w*x)**2
= q*w**2*x**2 - (q*w*x)**2
!= q*w**2*x**2                  # the square of the mean forgotten: dropping nothing would leave noise
= q*(1 - q)*w**2*x**2
at q = 1
= 0                             # nothing dropped, no noise
"""

ALL_WEIGHTS = """
assume 0 <= q, q <= 1
random m, y                     # the mask of one more weight, and the sum over all weights before it
given E(m) = q
given E(m**2) = q

E(y + m*w*x)
= E(y) + q*w*x

# Variances of independent terms add up: by induction, for any number of weights.
E((y + m*w*x)**2) - E(y + m*w*x)**2
= E(y**2) + 2*E(y)*q*w*x + q*w**2*x**2 - (E(y) + q*w*x)**2
= E(y**2) - E(y)**2 + q*w**2*x**2 - (q*w*x)**2
= E(y**2) - E(y)**2 + q*(1 - q)*w**2*x**2

# One mask for the whole unit, as in dropout of its output, has another variance.
E((m*(u*x + v*z))**2) - E(m*(u*x + v*z))**2
!= q*(1 - q)*(u**2*x**2 + v**2*z**2)    # as if the terms were masked independently
= q*(1 - q)*(u*x + v*z)**2
"""

GRADIENT = """
batch w, m, x of D              # one unit: its weights, their mask, its inputs
let y = sum(m*w*x)

# A dropped weight (m = 0) gets no gradient: it had no part in y.
dy*y
diff w
= dy*m*x
!= dy*x                         # the gradient without the mask moves weights that took no part

# And no gradient goes through it.
dy*y
diff x
= dy*m*w
code dropconnect_backward
"""


def all_masks() -> Iterator[Statement]:
    """The reference summed over all masks of a 2 x 2 weight matrix, each with its probability."""
    x, weights = symbols("x", 1, 2), symbols("w", 2, 2)
    keep = sp.Symbol("q", real=True)
    first = second = SymArray([[0, 0]])
    for mask in product((0, 1), repeat=4):
        chance = keep ** sum(mask) * (1 - keep) ** (4 - sum(mask))
        y = dropconnect.dropconnect(x, weights, SymArray(mask).reshape(2, 2))
        first, second = first + chance * y, second + chance * y * y
    yield Same("the mean over all 16 masks", first, dropconnect.mean(x, weights, keep))
    yield Same(
        "the variance over all 16 masks",
        second - first * first,
        dropconnect.variance(x, weights, keep),
    )
    shared = symbols("m", 1, 2)
    yield Same(
        "with one mask value per input, M_kj = m_j, it is dropout on the inputs",
        dropconnect.dropconnect(x, weights, shared * SymArray([[1, 1], [1, 1]])),
        (shared * x) @ weights.T,
    )


CHAPTER = Chapter(
    "DropConnect",
    """Dropout switches units off; DropConnect switches off single weights, so a layer with n
weights has 2^n masks in place of one for each unit. Training sees y = (M * W) x with a random mask M of 0
and 1, each 1 with probability q. What does evaluation have to compute, how noisy is training, and which
weights learn from a step?""",
    Derivation("Mean and variance, one weight", ONE_WEIGHT),
    Derivation("Mean and variance, all weights", ALL_WEIGHTS, covers=("dropconnect.generalises",)),
    Proof(
        "All masks of the reference",
        all_masks,
        size="2 x 2 weights",
        covers=("dropconnect.generalises",),
    ),
    Derivation(
        "The gradient",
        GRADIENT,
        code={
            "dropconnect_backward": lambda v: dropconnect.dropconnect_backward(
                SymArray([[v.dy]]),
                v.x[None, :],
                v.w[None, :],
                v.m[None, :],
            )[0][0]
        },
        covers=("dropconnect.generalises",),
    ),
    Gradient(
        "dL/dx and dL/dW of the reference",
        wrt=("x", "weights"),
        inputs={"x": Array("N", "D"), "weights": Array("K", "D"), "mask": Mask("K", "D")},
        forward=lambda x, weights, mask: dropconnect.dropconnect(x, weights, mask),
        backward=lambda dy, x, weights, mask: dropconnect.dropconnect_backward(
            dy, x, weights, mask
        ),
        formal="D",
        sizes=({"N": 2, "K": 2, "D": 2},),
        mutate=(dropconnect.dropconnect_backward,),
        torch=lambda torch, x, weights, mask: torch.nn.functional.linear(x, mask * weights),
        covers=("dropconnect.generalises",),
    ),
)
