"""Backpropagation: the chain rule, the network of two sigmoids, and every gradient of a network of layers."""

from __future__ import annotations

from typing import Any

from lawbook.proofs.chapters import Chapter, Derivation
from lawbook.proofs.gradients import Array, Gradient
from lawbook.proofs.numbers.symbols import SymArray
from reference import activations, backpropagation

CHAIN_RULE = """
function f, g, h

# One function inside another: the outer slope is taken where the inner function is.
g(f(x))
diff x
!= g'(x)*f'(x)                  # the outer slope at x: but g never sees x, it sees f(x)
!= g'(f'(x))                    # slopes are multiplied, not put into each other
= g'(f(x))*f'(x)

# Three of them, still one factor for each: this product is all of backpropagation.
h(g(f(x)))
diff x
= h'(g(f(x)))*g'(f(x))*f'(x)

# Layers with parameters: y = f(u x) inside, g(v y) outside.  First the outer parameter.
g(v*f(u*x))
diff v
= g'(v*f(u*x))*f(u*x)

# The inner parameter is reached through the INPUT of the outer layer: hence the factor v.
g(v*f(u*x))
diff u
!= g'(v*f(u*x))*f(u*x) * f'(u*x)*x      # the outer parameter's derivative passed on: y in place of v
= g'(v*f(u*x))*v * f'(u*x)*x

# The directional derivative is taken at lam = 0.  On f(x) = x^2 in direction u:
(x + lam*u)**2
diff lam
!= 2*x*u                        # E59: as printed, with lam left free
= 2*(x + lam*u)*u
at lam = 0
= 2*x*u                         # the slope 2 x times the direction

# And the gradient is df/dx alone.
x**2
diff x
!= 2*x*x**2                     # E59: (df/dx) f(x), with f written twice
= 2*x
"""

TWO_SIGMOIDS = """
let sigma(t) = 1/(1 + exp(-t))
let s1 = a*x + b
let y = sigma(s1)
let s2 = c*y + d
let z = sigma(s2)

# The slope of the sigmoid needs no new exponential: it is made of values that the forward pass has.
sigma(t)
diff t
= exp(-t)/(1 + exp(-t))**2
= sigma(t)*exp(-t)/(1 + exp(-t))
= sigma(t)*(1 - sigma(t))
= sigma(t)*sigma(-t)            # the same without cancellation for large t

# Now backwards.  The last bias first: it moves s2 one to one.
z
diff d
= z*(1 - z)
code dd

# c moves s2 by y.
z
diff c
= z*(1 - z)*y
code dc

# b moves s1, which moves y, which moves s2 by c.
z
diff b
!= z*(1 - z)*y*(1 - y)          # the way from y to s2, a factor c, is missing
= z*(1 - z)*c*y*(1 - y)
code db

# a moves s1 by x: the gradient of b once more.
z
diff a
= z*(1 - z)*c*y*(1 - y)*x
code da
"""

BOUNDS = """
let sigma(t) = 1/(1 + exp(-t))

# Slopes of the sigmoid are at most 1/4: what is missing is a square.
1/4 - sigma(t)*(1 - sigma(t))
= (sigma(t) - 1/2)**2
>= 0

# They are not negative either, nor ever 0.
sigma(t)*(1 - sigma(t))
= 1/(2 + exp(t) + exp(-t))
>= 0

# So the printed gradient (1.1, -2.5, -2.1, 20) belongs to no such network.  dz/dd is a slope:
20 - sigma(t)*(1 - sigma(t))
!= 0                            # E52: the last component cannot be 20
= 79/4 + (sigma(t) - 1/2)**2
>= 79/4                         # it stays away from 20 by more than 19

# and dz/dc is y dz/dd with 0 < y < 1, so the two have one sign.
sigma(t) - (-2.1)/20
!= 0                            # E52: -2.1 and 20 have the ratio -0.105
= sigma(t) + 0.105
>= 0.105

# Two slopes p and q in a row: the gradient of b is at most |c|/16, and smaller for every further layer.
assume 0 <= p, p <= 1/4, 0 <= q, q <= 1/4
abs(c)/16 - abs(p*c*q)
= abs(c)*(1/16 - p*q)
= abs(c)*((1/4 - p)/4 + p*(1/4 - q))
>= 0
"""

DIRECTIONS = """
batch g, k of N                 # the gradient, and a step size for every parameter
assume k > 0, eta > 0

# A step along the gradient changes z, to first order, by gradient times step.
sum(g*eta*g)
= eta*sum(g**2)
>= 0

# Only the signs have to be right: with any positive step sizes each parameter adds its share.
g*k*sign(g)
!= k*g                          # a step of size k upwards, whatever the sign: that may go down
= k*abs(g)
>= 0
"""


def network(x: Any, w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
    """The output of the reference's network with one hidden layer."""
    return backpropagation.forward(x, [(w1, b1), (w2, b2)])[-1]


def network_backward(dy: Any, x: Any, w1: Any, b1: Any, w2: Any, b2: Any) -> tuple[Any, ...]:
    """The reference's five gradients, in the order of the arguments."""
    layers = [(w1, b1), (w2, b2)]
    dx, gradients = backpropagation.backward(dy, backpropagation.forward(x, layers), layers)
    return (dx, *gradients[0], *gradients[1])


def deeper(x: Any, w1: Any, w2: Any, w3: Any, b: Any, c: Any) -> Any:
    """The output of the reference's network with two hidden layers, which share the bias b."""
    return backpropagation.forward(x, [(w1, b), (w2, b), (w3, c)])[-1]


def deeper_backward(dy: Any, x: Any, w1: Any, w2: Any, w3: Any, b: Any, c: Any) -> tuple[Any, ...]:
    """Its gradients; the shared bias gets the sum of two."""
    layers = [(w1, b), (w2, b), (w3, c)]
    dx, found = backpropagation.backward(dy, backpropagation.forward(x, layers), layers)
    return (dx, *(dw for dw, _ in found), found[0][1] + found[1][1], found[2][1])


def rounding(dy: Any, x: Any, a: Any, b: Any, c: Any, d: Any) -> tuple[Any, ...]:
    """The same gradients with slopes y (1 - y), which is how torch computes and rounds them."""
    y = activations.sigmoid(a * x + b)
    z = activations.sigmoid(c * y + d)
    dd = dy * (z * (1 - z))
    db = dd * c * (y * (1 - y))
    return db * x, db, dd * y, dd


def component(index: int) -> Any:
    """One of the reference's four gradients of the network of two sigmoids."""
    return lambda v: backpropagation.two_sigmoids_gradients(
        *(SymArray([value]) for value in (v.x, v.a, v.b, v.c, v.d))
    )[index][0]


PARAMETERS = ("a", "b", "c", "d")
WEIGHTS = {
    "x": Array("N", "D"),
    "w1": Array("D", "H"),
    "b1": Array("H"),
    "w2": Array("H", "K"),
    "b2": Array("K"),
}

CHAPTER = Chapter(
    "Backpropagation",
    """A network is functions inside functions, and its training needs the derivative of the loss by
every parameter. The chain rule gives each as a product, and products for neighbouring layers share
their factors: computed from the loss backwards, all of them together cost about as much as two forward
passes.""",
    Derivation(
        "The chain rule", CHAIN_RULE, covers=("bp.chain_rule", "bp.param_chain"), errata=("E59",)
    ),
    Derivation(
        "Two sigmoids, by hand",
        TWO_SIGMOIDS,
        code={f"d{name}": component(i) for i, name in enumerate(PARAMETERS)},
        covers=("bp.two_sigmoid_example",),
    ),
    Gradient(
        "The reference's network of two sigmoids",
        wrt=PARAMETERS,
        inputs={name: Array("N") for name in ("x", *PARAMETERS)},
        forward=lambda x, a, b, c, d: backpropagation.two_sigmoids(x, a, b, c, d),
        backward=lambda dy, x, a, b, c, d: tuple(
            dy * part for part in backpropagation.two_sigmoids_gradients(x, a, b, c, d)
        ),
        sizes=({"N": 1},),
        mutate=(backpropagation.two_sigmoids_gradients,),
        torch=lambda torch, x, a, b, c, d: torch.sigmoid(c * torch.sigmoid(a * x + b) + d),
        rounding=rounding,
        covers=("bp.two_sigmoid_example",),
    ),
    Derivation(
        "How large these gradients can be",
        BOUNDS,
        covers=("bp.two_sigmoid_bounds",),
        errata=("E52",),
    ),
    Derivation(
        "What the signs say", DIRECTIONS, covers=("bp.sign_interpretation",), errata=("E52",)
    ),
    Gradient(
        "One hidden layer: the input and all four parameters",
        wrt=("x", "w1", "b1", "w2", "b2"),
        inputs=WEIGHTS,
        forward=network,
        backward=network_backward,
        formal="N",
        sizes=({"N": 2, "D": 2, "H": 2, "K": 2},),
        mutate=(backpropagation.backward,),
        torch=lambda torch, x, w1, b1, w2, b2: torch.nn.functional.linear(
            torch.tanh(torch.nn.functional.linear(x, w1.T, b1)), w2.T, b2
        ),
        covers=("bp.forward_then_backward", "bp.param_chain"),
    ),
    Gradient(
        "Two hidden layers that share a bias",
        wrt=("x", "w1", "w2", "w3", "b", "c"),
        inputs={
            "x": Array("N", "H"),
            "w1": Array("H", "H"),
            "w2": Array("H", "H"),
            "w3": Array("H", "K"),
            "b": Array("H"),
            "c": Array("K"),
        },
        forward=deeper,
        backward=deeper_backward,
        formal="N",
        formal_sizes={"K": 2},
        mutate=(backpropagation.backward,),
        torch=lambda torch, x, w1, w2, w3, b, c: (
            torch.tanh(torch.tanh(x @ w1 + b) @ w2 + b) @ w3 + c
        ),
        covers=("bp.forward_then_backward",),
    ),
)
