"""Activations: their slopes, from the definitions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp

from lawbook.proofs.chapters import Chapter, Derivation, Proof, Same, Statement
from lawbook.proofs.gradients import Array, Constant, Gradient
from lawbook.proofs.numbers.symbols import SymArray
from reference import activations


def passed(layer: Any, x: Any, dy: Any) -> Any:
    """dL/dx of a reference layer after its forward pass."""
    layer.forward(x)
    return layer.backward(dy)


def half_normal() -> Iterator[Statement]:
    """The mean of ReLU(Z), Z normal with variance sigma^2, by its antiderivative."""
    z, sigma = sp.Symbol("z", real=True), sp.Symbol("sigma", positive=True)
    density = sp.exp(-(z**2) / (2 * sigma**2)) / (sigma * sp.sqrt(2 * sp.pi))
    primitive = -(sigma**2) * density
    yield Same(
        "-sigma^2 times the density is an antiderivative of z times the density.",
        sp.diff(primitive, z),
        z * density,
    )
    yield Same(
        "From 0 to infinity, where the density vanishes, it grows by sigma/sqrt(2 pi).",
        -primitive.subs(z, 0),
        sigma / sp.sqrt(2 * sp.pi),
        comment="so ReLU outputs are not centred at 0",
    )


X = {"x": Array("n")}

CHAPTER = Chapter(
    "Activations",
    """Backpropagation multiplies by the slope of every activation on the way. The slopes of the saturating
ones can be written with the output alone, which is why the output is kept in the forward pass.""",
    Derivation(
        "The sigmoid",
        """
let sigma(t) = 1/(1 + exp(-t))

sigma(x)
diff x
= exp(-x)/(1 + exp(-x))**2                      # quotient rule
= sigma(x)*exp(-x)/(1 + exp(-x))
= sigma(x)*(1 - sigma(x))
!= sigma(x)*(1 + sigma(x))                      # the sign of 1 - sigma is lost
!= x*(1 - x)                                    # the input in place of the output
code slope

sigma(-x)
= exp(-x)/(1 + exp(-x))
= 1 - sigma(x)                                  # symmetric about 1/2

1/4 - sigma(x)*(1 - sigma(x))
= (sigma(x) - 1/2)**2
>= 0                                            # the slope is at most 1/4: many sigmoids in a row fade
""",
        code={"slope": lambda v: activations.sigmoid_slope(SymArray(v.x))},
        covers=("act.sigmoid", "act.sigmoid.saturates"),
    ),
    Derivation(
        "Backward through a sigmoid neuron",
        """
let sigma(t) = 1/(1 + exp(-t))
function L
L(sigma(w*x + b))
diff w
= L'(sigma(w*x + b))*sigma(w*x + b)*(1 - sigma(w*x + b))*x    # from above, times slope, times input
!= L'(sigma(w*x + b))*x                         # the slope of the sigmoid is left out

L(sigma(w*x + b))
diff b
= L'(sigma(w*x + b))*sigma(w*x + b)*(1 - sigma(w*x + b))
""",
        covers=("act.chain_sigmoid_slide",),
    ),
    Derivation(
        "The hyperbolic tangent",
        """
let sigma(t) = 1/(1 + exp(-t))

(exp(x) - exp(-x))/(exp(x) + exp(-x))           # tanh
= 2*sigma(2*x) - 1                              # a sigmoid, stretched to (-1, 1)
= tanh(x)
diff x
= 1 - tanh(x)**2
!= 1 - tanh(x)                                  # the square is lost
code slope

tanh(-x)
= -tanh(x)                                      # odd: outputs are centred at 0
""",
        code={"slope": lambda v: activations.tanh_slope(SymArray(v.x))},
        covers=("act.tanh",),
    ),
    Derivation(
        "ReLU and leaky ReLU",
        """
assume a > 0, 1 - a > 0                         # the slope for negative inputs

max(0, x)
= (x + abs(x))/2
diff x
= (1 + sign(x))/2                               # 1 or 0, away from the kink
!= 1                                            # E46: it saturates for negative inputs
!= sign(x)                                      # that is the slope of |x|

max(a*x, x)
= (1 + a)/2*x + (1 - a)/2*abs(x)
diff x
= (1 + a)/2 + (1 - a)/2*sign(x)                 # 1 or a
!= a                                            # the slope of one side only

max(b*x, x)                                     # slopes above 1
at b = 2, x = 1
= 2
!= 1                                            # E47: max takes the wrong branch
""",
        covers=("act.relu", "act.leaky_relu", "act.relu.dead"),
        errata=("E46", "E47"),
    ),
    Proof("ReLU of a normal variable", half_normal, covers=("act.relu.not_zero_centred",)),
    Gradient(
        "The sigmoid's backward pass",
        inputs=X,
        wrt=("x",),
        forward=lambda x: activations.sigmoid(x),
        backward=lambda dy, x: passed(activations.Sigmoid(), x, dy),
        sizes=({"n": 1},),
        mutate=(activations.Sigmoid.backward, activations.sigmoid_slope),
        torch=lambda torch, x: torch.sigmoid(x),
        rounding=lambda dy, x: dy * activations.sigmoid(x) * (1.0 - activations.sigmoid(x)),
        covers=("act.sigmoid",),
    ),
    Gradient(
        "The hyperbolic tangent's backward pass",
        inputs=X,
        wrt=("x",),
        forward=lambda x: activations.Tanh().forward(x),
        backward=lambda dy, x: passed(activations.Tanh(), x, dy),
        sizes=({"n": 1},),
        mutate=(activations.Tanh.backward, activations.tanh_slope),
        torch=lambda torch, x: torch.tanh(x),
        covers=("act.tanh",),
    ),
    Gradient(
        "ReLU's backward pass",
        inputs=X,
        wrt=("x",),
        forward=lambda x: activations.relu(x),
        backward=lambda dy, x: passed(activations.Relu(), x, dy),
        sizes=({"n": 1},),
        mutate=(activations.Relu.backward,),
        torch=lambda torch, x: torch.relu(x),
        covers=("act.relu",),
    ),
    Gradient(
        "Leaky ReLU's backward pass",
        inputs={"x": Array("n"), "slope": Constant(0.125)},
        wrt=("x",),
        forward=lambda x, slope: activations.leaky_relu(x, slope),
        backward=lambda dy, x, slope: passed(activations.LeakyRelu(slope=slope), x, dy),
        sizes=({"n": 1},),
        mutate=(activations.LeakyRelu.backward,),
        torch=lambda torch, x, slope: torch.nn.functional.leaky_relu(x, slope),
        covers=("act.leaky_relu",),
    ),
)
