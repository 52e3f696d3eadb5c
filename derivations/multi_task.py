"""Multi-task learning: the joint gradient, soft sharing and its limit, the trace norm of two tasks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lawbook.proofs.chapters import Chapter, Derivation, Differ, Proof, Same, Statement
from lawbook.proofs.gradients import Array, Gradient, Scalar
from lawbook.proofs.numbers.symbols import SymArray, symbols
from reference import multi_task

JOINT = """
function f, g                   # two tasks' losses as functions of their outputs
let L = u*f(a*s) + v*g(b*s)     # one shared number s, the heads a and b, the weights u and v of the tasks

# The shared number is reached through both tasks: gradients add up, each with its weight.
L
diff s
!= f'(a*s)*a + g'(b*s)*b        # the weights of the tasks forgotten
!= u*f'(a*s)*a                  # the other task forgotten
= u*f'(a*s)*a + v*g'(b*s)*b

# A head is part of its own task only.
L
diff a
!= u*f'(a*s)*s + v*g'(b*s)*s    # the other task's gradient added to this head
= u*f'(a*s)*s

# Semi-supervised learning is the same: the second task has inputs without labels, and reconstructs them.
let S = (a*s*x - t)**2 + (b*s*z - z)**2         # x with label t, z without
S
diff a
= 2*(a*s*x - t)*s*x             # the head for labels gets nothing from unlabelled data

S
diff s
= 2*(a*s*x - t)*a*x + 2*(b*s*z - z)*b*z         # the shared part learns from both
"""

SOFT = """
batch a, b of N                 # the weights of two tasks: N each
assume lam >= 0

lam*(a - b)**2
>= 0                            # each weight's share is a square: 0 exactly where the two agree

lam*sum((a - b)**2)
diff a
!= lam*(a - b)                  # that belongs to lam/2 times the sum
= 2*lam*(a - b)
code soft_sharing_gradients

lam*sum((a - b)**2)
diff b
!= 2*lam*(a - b)                # both tasks moving the same way would never meet
= -2*lam*(a - b)
"""

LIMIT = """
assume lam >= 0
# Two tasks that want the values p and q, and a penalty that wants them equal:
let wa = (p + lam*(p + q))/(1 + 2*lam)
let wb = (q + lam*(p + q))/(1 + 2*lam)
(a - p)**2 + (b - q)**2 + lam*(a - b)**2
diff a
= 2*(a - p) + 2*lam*(a - b)
at a = wa, b = wb
= 2*lam*(q - p)/(1 + 2*lam) + 2*lam*(p - q)/(1 + 2*lam)
= 0                             # so this is the minimum (the same for b)

wa - wb
= (p - q)/(1 + 2*lam)           # the tasks' weights approach each other like 1/lam:
!= (p - q)/(1 + lam)            # as if only one of them moved

# lam times their distance stays bounded, so the limit is hard sharing at the mean.
abs(p - q)/2 - lam*abs(p - q)/(1 + 2*lam)
= abs(p - q)/(2*(1 + 2*lam))
>= 0

wa - (p + q)/2
= (p - q)/(2*(1 + 2*lam))
"""

TRACE_NORM = """
batch a, b of N                 # the two columns of M = (a, b): the weights of two tasks
let A = sum(a**2)
let B = sum(b**2)
let C = sum(a*b)
let P = sqrt(A*B - C**2)        # the area they span: the product of the singular values
let T = sqrt(A + B + 2*P)       # the trace norm: the sum of the singular values
let da = (a + (a*B - b*C)/P)/T
let db = (b + (b*A - a*C)/P)/T

# (s1 + s2)^2 = s1^2 + s2^2 + 2 s1 s2, and the squares are the trace A + B of M'M.
T**2
= A + B + 2*P

P
diff a
= (a*B - b*C)/P

T
diff a
!= a/T                          # as if the singular values' product did not depend on a
= (2*a + 2*(a*B - b*C)/P)/(2*T)
= da
code trace_norm_of_two_gradients

# This gradient G = (da, db) is U V': its columns have length 1 and are orthogonal.
sum(da**2)
= (A + 2*(A*B - C**2)/P + (A*B**2 - B*C**2)/P**2)/T**2
= (A + 2*P + B)/T**2
= 1

sum(da*db)
= (C + (A*C - A*C)/P + (B*C - B*C)/P + (A*B*C - A*C*B - B*A*C + C**3)/P**2)/T**2
= (C - C*(A*B - C**2)/P**2)/T**2
= 0

# And G'M is symmetric with the trace T: G is M without its singular values.
sum(da*b) - sum(db*a)
= (C + (B*C - B*C)/P - C - (A*C - A*C)/P)/T
= 0

sum(da*a) + sum(db*b)
= (A + B + 2*(A*B - C**2)/P)/T
= T
"""


def singular_values() -> Iterator[Statement]:
    """M = U diag(s1, s2) V' with two rotations: the closed form gives s1 + s2 and U V'."""
    s1, s2 = symbols("s", 2, positive=True)
    left, right = SymArray([[3, -4], [4, 3]]) / 5, SymArray([[5, -12], [12, 5]]) / 13
    matrix = left @ SymArray([[s1, 0], [0, s2]]) @ right.T
    columns = matrix[:, 0], matrix[:, 1]
    yield Same("the area is s1 s2", multi_task.area(*columns), SymArray(s1 * s2))
    yield Same("the trace norm is s1 + s2", multi_task.trace_norm_of_two(*columns), s1 + s2)
    gradients = multi_task.trace_norm_of_two_gradients(*columns)
    for number, gradient in enumerate(gradients):
        yield Same(
            f"the gradient's column {number + 1} is that of U V'",
            gradient,
            (left @ right.T)[:, number],
        )
    yield Differ(
        "the gradient is M scaled to trace norm 1",
        gradients[0],
        columns[0] / (s1 + s2),
        comment="that is the gradient of a length; here every singular value gets the slope 1",
    )


def joint(trunk: Any, x: Any, head: Any, t: Any, u: Any, z: Any, code: Any, v: Any) -> Any:
    """The reference's joint loss of a labelled task and of the reconstruction of unlabelled inputs."""
    return multi_task.joint_loss(trunk, [(x, head, t, u), (z, code, z, v)])


def joint_backward(
    trunk: Any, x: Any, head: Any, t: Any, u: Any, z: Any, code: Any, v: Any
) -> tuple[Any, ...]:
    """The reference's gradients of the trunk and of both heads."""
    dtrunk, heads = multi_task.joint_gradients(trunk, [(x, head, t, u), (z, code, z, v)])
    return (dtrunk, *heads)


def torch_joint(
    torch: Any, trunk: Any, x: Any, head: Any, t: Any, u: Any, z: Any, code: Any, v: Any
) -> Any:
    """The joint loss of torch's own squared errors, which average over all elements."""
    loss = torch.nn.functional.mse_loss
    labelled = loss(torch.tanh(x @ trunk) @ head, t) * t.shape[1]
    return u * labelled + v * loss(torch.tanh(z @ trunk) @ code, z) * z.shape[1]


def torch_trace_norm(torch: Any, a: Any, b: Any) -> Any:
    """s1 + s2 from the area by Lagrange's identity: the sum of all 2 x 2 minors squared.

    An SVD would err by a fraction of the largest entry in every entry, which is no bound for small ones.
    """
    minors = torch.outer(a, b) - torch.outer(b, a)
    spanned = torch.sqrt(torch.square(minors).sum() / 2)
    return torch.sqrt(torch.square(a).sum() + torch.square(b).sum() + 2 * spanned)


def rational_area(values: dict[str, Any], draw: Any) -> dict[str, Any]:
    """Two vectors whose singular values p and q are rational: a turned pair of axes."""
    a, b, (p, q, t) = values["a"] * 0, values["b"] * 0, draw((3,))
    cosine, sine = (1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)
    a[0], a[1] = p * cosine, q * sine
    b[0], b[1] = -p * sine, q * cosine
    return {**values, "a": a, "b": b}


CHAPTER = Chapter(
    "Multi-task learning",
    """Related tasks regularize each other when they share parameters. Hard sharing gives them one trunk: its
gradient is the weighted sum of the tasks' gradients. Soft sharing gives each task its own weights
and a penalty that pulls them together; the stronger the penalty, the closer to hard sharing. The trace
norm instead asks that the tasks' weight vectors span few directions.""",
    Derivation("The joint loss", JOINT, covers=("mtl.joint_loss", "mtl.semi_supervised")),
    Gradient(
        "The reference's joint loss: trunk, labelled head, unlabelled head",
        wrt=("trunk", "head", "code"),
        inputs={
            "trunk": Array("D", "H"),
            "x": Array("N", "D"),
            "head": Array("H", "K"),
            "t": Array("N", "K"),
            "u": Scalar(positive=True),
            "z": Array("M", "D"),
            "code": Array("H", "D"),
            "v": Scalar(positive=True),
        },
        forward=joint,
        backward=joint_backward,
        scalar=True,
        formal="N",
        sizes=({"N": 2, "M": 1, "D": 2, "H": 2, "K": 2},),
        mutate=(multi_task.joint_gradients, multi_task.task_gradients),
        torch=torch_joint,
        covers=("mtl.joint_loss", "mtl.semi_supervised"),
    ),
    Derivation(
        "Soft sharing by a squared distance",
        SOFT,
        code={
            "soft_sharing_gradients": lambda v: multi_task.soft_sharing_gradients(v.a, v.b, v.lam)[
                0
            ]
        },
        covers=("mtl.soft_sharing",),
    ),
    Gradient(
        "Soft sharing in the reference",
        wrt=("a", "b"),
        inputs={"a": Array("N"), "b": Array("N"), "strength": Scalar(positive=True)},
        forward=lambda a, b, strength: multi_task.soft_sharing(a, b, strength),
        backward=lambda a, b, strength: multi_task.soft_sharing_gradients(a, b, strength),
        scalar=True,
        formal="N",
        mutate=(multi_task.soft_sharing_gradients,),
        torch=lambda torch, a, b, strength: (
            strength * torch.nn.functional.mse_loss(a, b, reduction="sum")
        ),
        covers=("mtl.soft_sharing",),
    ),
    Derivation("From soft to hard sharing", LIMIT, covers=("mtl.soft_to_hard_limit",)),
    Derivation(
        "The trace norm of two tasks and its gradient U V'",
        TRACE_NORM,
        code={
            "trace_norm_of_two_gradients": lambda v: multi_task.trace_norm_of_two_gradients(
                v.a, v.b
            )[0]
        },
        covers=("mtl.soft_sharing",),
    ),
    Proof(
        "The same from the singular value decomposition",
        singular_values,
        size="2 x 2, two rotations",
        covers=("mtl.soft_sharing",),
    ),
    Gradient(
        "The trace norm in the reference",
        wrt=("a", "b"),
        inputs={"a": Array("D", zeros=False), "b": Array("D", zeros=False)},
        forward=lambda a, b: multi_task.trace_norm_of_two(a, b),
        backward=lambda a, b: multi_task.trace_norm_of_two_gradients(a, b),
        scalar=True,
        formal="D",
        mutate=(multi_task.trace_norm_of_two_gradients,),
        lengths={"D": 2},
        torch=torch_trace_norm,
        rational=rational_area,
        covers=("mtl.soft_sharing",),
    ),
)
