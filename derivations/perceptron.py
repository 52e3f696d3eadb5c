"""The affine unit, its least-squares fit for every N, and XOR: what one layer cannot and two can do."""

from __future__ import annotations

from collections.abc import Iterator

from lawbook.proofs.chapters import Chapter, Derivation, Differ, Proof, Same, Statement
from lawbook.proofs.gradients import Array, Gradient
from lawbook.proofs.numbers.symbols import SymArray, symbols
from reference import perceptron

AFFINE = """
batch x, w, z of D              # D inputs and D weights of one unit; z another input
let f = sum(x*w) + b

# Each weight's gradient is its own input; the bias has a constant input of 1.
f
diff w
= x

f
diff b
= 1

# Affine: a mixture of inputs gives the same mixture of outputs, bias included.
sum((t*x + (1 - t)*z)*w) + b
!= t*sum(x*w) + (1 - t)*sum(z*w)        # linear, not affine: the bias is lost
= t*(sum(x*w) + b) + (1 - t)*(sum(z*w) + b)
"""

COMPOSITION = """
# An affine layer after an affine layer, with one unit each:
(x*u + b)*v + c
!= x*(u*v) + (b + c)            # the first bias passes through the second layer too
= x*(u*v) + (b*v + c)           # is one affine layer: depth alone adds nothing
"""

LEAST_SQUARES = """
batch x, y of N                 # N points (x, y); p: the slope, r: the offset of a line
let mx = sum(x)/N
let my = sum(y)/N
let w = sum((x - mx)*y)/sum((x - mx)**2)

# The mean squared error, and its slope in r:
sum((p*x + r - y)**2)/N
diff r
= 2*sum(p*x + r - y)/N
= 2*(p*mx + r - my)
solve r
= my - p*mx                     # the best line goes through the centre of the points

# With that offset only centred numbers are left,
sum((p*x + (my - p*mx) - y)**2)/N
= sum((p*(x - mx) - (y - my))**2)/N
diff p
= 2*(p*sum((x - mx)**2) - sum((x - mx)*(y - my)))/N
solve p
!= sum(x*y)/sum(x**2)           # E67: the formula on raw data: a line forced through the origin
!= sum(x*(y - my))/sum(x**2)    # E67: centring y alone does not help
= sum((x - mx)*(y - my))/sum((x - mx)**2)
= sum((x - mx)*y)/sum((x - mx)**2)      # centring x alone is enough
code line_fit

# Both normal equations hold for this line: its errors sum to 0 and are orthogonal to x.
sum(w*x + (my - w*mx) - y)
= w*(sum(x) - N*mx) + N*my - sum(y)
= 0

sum((w*x + (my - w*mx) - y)*x)
= w*sum((x - mx)*x) - sum((y - my)*x)
= w*sum((x - mx)**2) - sum((x - mx)*y)
= 0
"""

XOR = """
# XOR is 0 at (0, 0) and (1, 1), and 1 at (0, 1) and (1, 0).  An affine unit's sums over the two diagonals:
b + (w1 + w2 + b)
!= (w1 + b) + (w2 + b) - 2      # XOR would need sums 0 and 2
= (w1 + b) + (w2 + b)           # they are equal: no threshold separates the diagonals

# Its mean squared error over the four points:
let L = (b**2 + (w1 + b - 1)**2 + (w2 + b - 1)**2 + (w1 + w2 + b)**2)/4
L
= 1/4 + (b + (w1 + w2)/2 - 1/2)**2 + w1**2/4 + w2**2/4
>= 1/4                          # never better than 1/4,

L
at w1 = 0, w2 = 0
= 1/4 + (b - 1/2)**2
at b = 1/2
= 1/4                           # which w = 0, b = 1/2 reaches: the constant 1/2

# Least squares without centring is worse (E67).
L
at w1 = 1/3, w2 = 1/3, b = 0
!= 1/4                          # E67: the plane that the formula gives on raw points
= 1/3
"""

BENT = """
assume t >= 0, t <= 2           # t = x1 + x2
# What one bend does: 1 - |t - 1| is XOR of two bits with sum t.
1 - abs(t - 1)
!= max(0, t)                    # one relu is not enough: it never comes down again
= max(0, t) - 2*max(0, t - 1)   # two of them build the bend
at t = 0
= 0

1 - abs(t - 1)
at t = 1
= 1

1 - abs(t - 1)
at t = 2
= 0
"""

SYMMETRY = """
assume k > 0
# Many networks are the same function: a hidden unit's scale can move to its outgoing weight,
max(0, k*(x*w + b))*v/k
= max(0, x*w + b)*v
!= max(0, x*w + k*b)*v          # the bias left as it was
"""


def columns() -> Iterator[Statement]:
    """The layout of x W + b: which weights belong to a unit."""
    x, w, b = symbols("x", 1, 2), symbols("W", 2, 2), symbols("b", 2)
    y = perceptron.affine(x, w, b)
    yield Same("unit 1 has column 1", y[0, 0], x[0, 0] * w[0, 0] + x[0, 1] * w[1, 0] + b[0])
    yield Differ(
        "E53: unit 1 has row 1",
        y[0, 0],
        x[0, 0] * w[0, 0] + x[0, 1] * w[0, 1] + b[0],
        comment="rows belong to units in W x, not in x W",
    )
    u, c = symbols("U", 2, 2), symbols("c", 2)
    yield Same(
        "(x W + b) U + c = x (W U) + (b U + c)",
        perceptron.affine(y, u, c),
        perceptron.affine(x, w @ u, b @ u + c),
    )


def xor() -> Iterator[Statement]:
    """The reference on the four points."""
    points, targets = SymArray([[0, 0], [0, 1], [1, 0], [1, 1]]), SymArray([0, 1, 1, 0])
    w, b = perceptron.least_squares(points, targets)
    yield Same("the least-squares plane of XOR is flat", w, SymArray([0, 0]))
    yield Same("and lies at 1/2", b, SymArray(1) / 2)
    half = perceptron.mean_squared_error(points @ w + b, targets)
    yield Same("its error is 1/4", half, SymArray(1) / 4)
    raw = perceptron.solve(points.T @ points, points.T @ targets)
    yield Differ(
        "E67: the formula on raw points gives this plane",
        raw,
        w,
        comment="without centring, the plane is forced through the origin",
    )
    worse = perceptron.mean_squared_error(points @ raw, targets)
    yield Same("on raw points its error is 1/3", worse, SymArray(1) / 3)
    network = (SymArray([[1, 1], [1, 1]]), SymArray([0, -1]), SymArray([1, -2]))
    outputs = perceptron.relu_network(points, *network, SymArray(0))
    yield Same("relu(x W + b) v is XOR exactly", outputs, targets)
    yield Differ(
        "without the second hidden unit it is XOR too",
        perceptron.relu_network(points, *network[:2], SymArray([1, 0]), SymArray(0)),
        targets,
        comment="one relu cannot come down again at (1, 1)",
    )
    gradients = perceptron.relu_network_backward(2 * (outputs - targets) / 4, points, *network)
    for name, gradient in zip(("W", "b", "v", "c"), gradients, strict=True):
        yield Same(f"the gradient of {name} vanishes there", gradient, gradient * 0)


def plane() -> Iterator[Statement]:
    """The fit of two features: the gradient of the mean squared error is 0 there."""
    (p, q), t = symbols("p", 2), symbols("t", 4)
    x = SymArray([[0, 0], [1, 0], [0, 1], [p, q]])
    w, b = perceptron.least_squares(x, t)
    error = x @ w + b - t
    yield Same("the errors sum to 0", error.sum(), SymArray(0))
    yield Same("and are orthogonal to both features", x.T @ error, SymArray([0, 0]))


CHAPTER = Chapter(
    "The perceptron and XOR",
    """One unit computes a weighted sum and a bias. Fitting it by least squares has a closed form, which
needs centred inputs. It cannot compute XOR, nor can any stack of such units; one layer with a bend in it
can.""",
    Derivation("The affine unit", AFFINE, covers=("perc.affine", "act.affine_then_nonlinear")),
    Derivation("Stacked affine units", COMPOSITION, covers=("xor.affine_composition",)),
    Proof(
        "Layers of two units",
        columns,
        size="2 inputs, 2 units",
        covers=("perc.affine", "xor.affine_composition"),
        errata=("E53",),
    ),
    Gradient(
        "The affine layer",
        wrt=("x", "weights", "bias"),
        inputs={"x": Array("N", "D"), "weights": Array("D", "K"), "bias": Array("K")},
        forward=lambda x, weights, bias: perceptron.affine(x, weights, bias),
        backward=lambda dy, x, weights, bias: perceptron.affine_backward(dy, x, weights),
        formal="N",
        sizes=({"N": 2, "D": 2, "K": 2},),
        mutate=(perceptron.affine_backward,),
        torch=lambda torch, x, weights, bias: torch.nn.functional.linear(x, weights.T, bias),
        covers=("perc.affine", "xor.affine_composition"),
    ),
    Derivation(
        "Least squares in closed form",
        LEAST_SQUARES,
        code={"line_fit": lambda v: perceptron.line_fit(v.x, v.y)[0]},
        covers=("perc.lsq_centred",),
        errata=("E67",),
    ),
    Proof("A plane for four points", plane, size="four points", covers=("perc.lsq_centred",)),
    Derivation(
        "XOR has no affine solution",
        XOR,
        covers=("xor.linear_best", "xor.not_linear"),
        errata=("E67",),
    ),
    Derivation("XOR with one bend", BENT, covers=("xor.abs_solution",)),
    Proof(
        "The reference on XOR",
        xor,
        size="the four points",
        covers=("xor.linear_best", "xor.relu_solution"),
        errata=("E67",),
    ),
    Derivation("Different weights, same network", SYMMETRY, covers=("xor.symmetries",)),
    Gradient(
        "The network with one relu layer",
        wrt=("weights", "bias", "outer", "offset"),
        inputs={
            "x": Array("N", "D"),
            "weights": Array("D", "H"),
            "bias": Array("H"),
            "outer": Array("H"),
            "offset": Array(),
        },
        forward=lambda x, weights, bias, outer, offset: perceptron.relu_network(
            x, weights, bias, outer, offset
        ),
        backward=lambda dy, x, weights, bias, outer, offset: perceptron.relu_network_backward(
            dy, x, weights, bias, outer
        ),
        sizes=({"N": 2, "D": 2, "H": 1}, {"N": 1, "D": 2, "H": 2}),
        mutate=(perceptron.relu_network_backward,),
        torch=lambda torch, x, weights, bias, outer, offset: (
            torch.relu(x @ weights + bias) @ outer + offset
        ),
        covers=("xor.relu_solution",),
    ),
)
