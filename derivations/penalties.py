"""Penalties: their gradients and steps, ridge, soft-thresholding, and the constrained problem behind them."""

from __future__ import annotations

from typing import Any

from lawbook.proofs.chapters import Chapter, Derivation
from lawbook.proofs.gradients import Array, Gradient, Scalar
from lawbook.proofs.numbers.symbols import SymArray
from reference import early_stopping, penalties

L1_RATIO = 0.25  # a dyadic number: the reference checks that it is in [0, 1]


def l1(strength: Any) -> penalties.L1Penalty:
    """The reference's L1 penalty."""
    return penalties.L1Penalty(strength=strength)


def l2(strength: Any) -> penalties.L2Penalty:
    """The reference's penalty strength ||w||^2."""
    return penalties.L2Penalty(strength=strength)


def elastic(strength: Any) -> penalties.ElasticNet:
    """The reference's elastic net with a quarter of L1."""
    return penalties.ElasticNet(strength=strength, l1_ratio=L1_RATIO)


def ridge(v: Any) -> Any:
    """The reference's ridge solution in one direction."""
    H, optimum = SymArray([[v.h]]), SymArray([v.w_star])
    return early_stopping.Ridge(mu=v.mu).solve(H, optimum)[0]


def gradient(title: str, made: Any, torch: Any, covers: tuple[str, ...]) -> Gradient:
    """The statement that a reference penalty's gradient is the derivative of its value."""
    return Gradient(
        title,
        inputs=WEIGHTS,
        wrt=("w",),
        forward=lambda w, strength: made(strength).value(w),
        backward=lambda w, strength: made(strength).gradient(w),
        scalar=True,
        formal="n",
        mutate=(made(1).__class__.gradient,),
        torch=torch,
        covers=covers,
    )


WEIGHTS = {"w": Array("n"), "strength": Scalar(positive=True)}

CHAPTER = Chapter(
    "Penalties on the weights",
    """A penalty is added to the loss and pulls the weights towards 0: L2 in proportion to each, L1 by a
constant. A factor 2 is lost in no other place as often as here, so every line says which form is meant:
lambda w^2 or lambda/2 w^2.""",
    Derivation(
        "The L2 penalty and its step",
        """
assume n integer, lam > 0, eta > 0
batch w of n

lam*sum(w**2)                                   # the full form
diff w
= 2*lam*w
!= lam*w                                        # E02: the gradient of the half form
code gradient

sum(lam*w**2/2)                                 # the half form
diff w
= lam*w
!= 2*lam*w                                      # the gradient of the full form

let g = gL + 2*lam*w                            # gL is the gradient of the loss
w - eta*g                                       # one step on the loss plus the full form
= (1 - 2*eta*lam)*w - eta*gL
!= (1 - eta*lam)*w - eta*gL                     # E02: the step of the half form
!= (1 - 2*lam)*w - eta*gL                       # E03: the rate is missing in the decay

let h = gL + lam*w
w - eta*h                                       # one step on the loss plus the half form
= (1 - eta*lam)*w - eta*gL
!= (1 - lam)*w - eta*gL                         # E03: the rate is missing
!= w - eta*gL - lam*w                           # E04: likewise
""",
        code={"gradient": lambda v: l2(v.lam).gradient(v.w)},
        covers=(
            "pen.l2.forward",
            "pen.l2.gradient",
            "pen.l2.update",
            "pen.forward_backward_consistency",
            "pen.additive",
        ),
        errata=("E02", "E03", "E04"),
    ),
    Derivation(
        "Which form is which",
        """
assume mu > 0, lam > 0, alpha > 0, M integer, M > 0
(X*w - y)**2/2 + mu*w**2/2                      # one direction; S2 halves both
diff w
= X*(X*w - y) + mu*w
solve w
= X*y/(X**2 + mu)

(X*w - y)**2 + lam*w**2                         # S0 halves neither
diff w
= 2*X*(X*w - y) + 2*lam*w
solve w
= X*y/(X**2 + lam)                              # the same for mu = lam

(X*w - y)**2/M + alpha*w**2                     # S4 takes the mean of the squares
diff w
= 2*X*(X*w - y)/M + 2*alpha*w
solve w
= X*y/(X**2 + M*alpha)                          # the same for mu = M alpha
!= X*y/(X**2 + alpha)                           # E05: the mean forgotten

a**2 + b**2 + c**2 + d**2                       # entries of a matrix ((a, b), (c, d))
at a = 1, b = 0, c = 0, d = 1
= 2
!= 1                                            # E06: the spectral norm of the identity
""",
        covers=("wd.ridge_normal_equations", "pen.poly_limit_params", "pen.l2.torch_equiv"),
        errata=("E05", "E06"),
    ),
    Derivation(
        "The L1 penalty and its step",
        """
assume n integer, lam > 0, eta > 0
batch w of n

lam*sum(abs(w))
diff w
= lam*sign(w)                                   # away from the kink
code gradient

lam*abs(-v)                                     # one negative weight -v
assume v > 0
diff v
= lam
!= -lam                                         # the sign of the weight is lost

w - eta*(gL + lam*sign(w))
= w - eta*lam*sign(w) - eta*gL
!= w - lam*sign(w) - eta*gL                     # the rate is missing

w - eta*lam*sign(w)                             # without a loss, from half a step off 0
at w = eta*lam/2
= -eta*lam/2                                    # the step jumps over 0 and back
!= 0                                            # E11: it does not end at 0
""",
        code={"gradient": lambda v: l1(v.lam).gradient(v.w)},
        covers=("pen.l1.forward", "pen.l1.update"),
        errata=("E11",),
    ),
    Derivation(
        "L1 has subgradients at 0",
        """
assume lam >= 0, abs(g) <= lam
lam*abs(v) - g*v                                # at w = 0 every g up to lam is one
= (lam - abs(g))*abs(v) + (abs(g)*abs(v) - g*v)
>= 0                                            # the subgradient inequality
""",
        covers=("pen.l1.subdifferential",),
    ),
    Derivation(
        "Soft-thresholding: the least of (w - w0)^2/2 + mu |w|",
        """
assume mu > 0, p > 0
let f(t, t0) = (t - t0)**2/2 + mu*abs(t)

f(w, mu + p) - f(p, mu + p)                     # w0 = mu + p above the level: claim w = p = w0 - mu
= (w - p)**2/2 + mu*(abs(w) - w)
>= 0

f(w, -mu - p) - f(-p, -mu - p)                  # w0 = -mu - p below: claim w = -p = w0 + mu
= (w + p)**2/2 + mu*(abs(w) + w)
>= 0

sign(mu + p)*max(abs(mu + p) - mu, 0)           # the formula, above
= p
code soft_threshold
""",
        code={"soft_threshold": lambda v: penalties.soft_threshold(v.mu + v.p, v.mu)},
        covers=("soft.half",),
    ),
    Derivation(
        "Soft-thresholding: within the level",
        """
assume mu >= 0, abs(w0) <= mu
let f(t) = (t - w0)**2/2 + mu*abs(t)
f(w) - f(0)
= w**2/2 + (mu - abs(w0))*abs(w) + (abs(w0)*abs(w) - w0*w)
>= 0                                            # so w = 0 is the least: weights become exactly 0
""",
        covers=("soft.half", "soft.orthogonal_lasso"),
    ),
    Derivation(
        "Without the half the level is mu/2",
        """
assume mu > 0, p > 0
let f(t) = (t - mu/2 - p)**2 + mu*abs(t)        # w0 = mu/2 + p
f(w) - f(p)
= (w - p)**2 + mu*(abs(w) - w)
>= 0                                            # the least is at w0 - mu/2

(1 - t)**2 + abs(t)                             # w0 = mu = 1
at t = 1/2
= 3/4
!= 1                                            # E01: the value at the printed 0; 1/2 is better
""",
        covers=("soft.full",),
        errata=("E01",),
    ),
    Derivation(
        "What soft-thresholding keeps",
        """
assume a > 0, b > 0
let soft(t, level) = sign(t)*max(abs(t) - level, 0)
soft(-w, a)
= -soft(w, a)                                   # odd

soft(soft(w, a), b)
= soft(w, a + b)                                # levels add

w - soft(w, a)
= max(-a, min(a, w))                            # Moreau: the rest is the projection on [-a, a]

soft(w, 0)
= w
""",
        covers=("soft.properties",),
    ),
    Derivation(
        "Weight decay on a quadratic",
        """
assume h >= 0, mu > 0                           # h: an eigenvalue of the Hessian H
h*(w - w_star)**2/2 + mu*w**2/2                 # in the eigenbasis every direction is on its own
diff w
= h*(w - w_star) + mu*w
solve w
= h/(h + mu)*w_star                             # (H + mu I)^-1 H w*
!= mu/(h + mu)*w_star                           # the complement: small where h is large
code ridge

h/(h + mu)
= 1 - mu/(h + mu)

h/(h + mu)
diff h
= mu/(h + mu)**2
>= 0                                            # directions of large curvature are kept

h/(h + mu)
diff mu
= -h/(h + mu)**2
<= 0                                            # more decay, more shrinking

h/mu - h/(h + mu)
= h**2/(mu*(h + mu))
>= 0                                            # flat directions: the factor is at most h/mu

h/(h + mu) - (1 - mu/k)                         # steep ones, h = k > 0: at least 1 - mu/h
at h = k
= mu**2/(k*(k + mu))
""",
        code={"ridge": ridge},
        covers=(
            "wd.closed_form",
            "wd.eigen_shrinkage",
            "wd.eigen_limits",
            "wd.complement_identity",
            "wd.quadratic_model",
        ),
    ),
    Derivation(
        "Ridge tends to the pseudo-inverse",
        """
assume h > 0, mu > 0
h*b/(h**2 + mu)                                 # singular value h of X: the solution for X w = b
at mu = 0
= b/h                                           # the pseudo-inverse, where h > 0; 0 where h = 0
!= h*b                                          # the transpose is no inverse
""",
    ),
    Derivation(
        "Gradient descent with decay: its closed form",
        """
assume h >= 0, mu > 0, eta > 0, t integer
let w_mu = h*w_star/(h + mu)
let w(n) = w_mu + (1 - eta*(h + mu))**n*(w0 - w_mu)
w(0)
= w0

w(t + 1)
= (1 - eta*mu)*w(t) - eta*h*(w(t) - w_star)     # one step: the error is multiplied by 1 - eta (h + mu)
!= (1 - mu)*w(t) - eta*h*(w(t) - w_star)        # E03: this converges elsewhere
""",
        covers=("wd.decay_gd_converges",),
        errata=("E03",),
    ),
    Derivation(
        "A penalty is a constraint with its price",
        """
assume h > 0, lam > 0
let w_lam = h*w_star/(h + 2*lam)                # the least of h/2 (w - w*)^2 + lam w^2
h*(w - w_star)**2/2 + lam*w**2
diff w
= h*(w - w_star) + 2*lam*w
solve w
= w_lam

h*(w - w_star)**2/2 + lam*w**2 - (h*(w_lam - w_star)**2/2 + lam*w_lam**2)
= (h/2 + lam)*(w - w_lam)**2
>= 0                                            # so it is least among all w with w^2 <= w_lam^2 too

w_lam**2
diff lam
= -4*h**2*w_star**2/(h + 2*lam)**3
<= 0                                            # the radius falls as the price rises

-w**2 + lam*w**2                                # E08: not so for a loss that is not convex
at w = 1, lam = 2
= 1
!= 0                                            # 0 is better, but on |w| <= 1 the least of -w^2 is at 1
""",
        covers=("pen.lagrangian_l2",),
        errata=("E08",),
    ),
    Derivation(
        "Any norm: the penalized minimum solves the constrained problem",
        """
assume lam > 0
assume L + lam*r >= L_min + lam*r_min           # (L_min, r_min): loss and norm of the penalized minimum
assume r_min >= r                               # another point within the ball of radius r_min
L - L_min
= (L + lam*r - L_min - lam*r_min) + lam*(r_min - r)
>= 0                                            # has no smaller loss: convexity is not needed here
""",
        covers=("pen.lagrangian_l1", "pen.lagrangian_l2"),
    ),
    Derivation(
        "The intercept is not penalized",
        """
assume N integer, lam > 0
batch x, y of N
sum((y - w*x - b)**2)/N + lam*w**2
diff b
= -2*(sum(y) - w*sum(x) - N*b)/N
!= -2*(sum(y) - w*sum(x) - N*b)/N + 2*lam*b     # the penalty has no b in it
solve b
= sum(y)/N - w*sum(x)/N                         # moves with the targets, as it should
""",
        covers=("pen.bias_excluded",),
    ),
    gradient(
        "The gradient of the L2 penalty",
        l2,
        lambda torch, w, strength: strength * (w * w).sum(),
        covers=("pen.l2.gradient",),
    ),
    gradient(
        "The gradient of the L1 penalty",
        l1,
        lambda torch, w, strength: strength * w.abs().sum(),
        covers=("pen.l1.update", "pen.activation_constraint"),
    ),
    gradient(
        "The gradient of the elastic net",
        elastic,
        lambda torch, w, strength: (
            strength * (L1_RATIO * w.abs().sum() + (1 - L1_RATIO) / 2 * (w * w).sum())
        ),
        covers=(),
    ),
)
