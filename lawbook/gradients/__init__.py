"""The gradient claim for black boxes: a gradient is the derivative of the target's own forward.

With output weights u (the cotangent), ``phi(t) = <u, forward(x + t v)>`` and claimed gradients g,
the adjoint identity says ``phi'(0) = <g, v>`` for every direction v.  Judged is the residual

    psi(t) = <u, forward(x_t) - forward(x)> - <g, x_t - x>,    claim: psi'(0) = 0,

where x_t is x + t v *as rounded*, so that rounding of inputs (large mean, small spread) cancels.
psi'(0) is taken by a 6-point stencil at h and again by a 4-point stencil at h/8.  Where the two
agree, their difference bounds the truncation; where they do not, a kink or strong curvature lies
nearby and the direction is redrawn at a smaller h, never failed.  The even part of psi reveals a
kink at x itself.  A failure counts only when three fresh directions at other h confirm it.

Sources: Griewank, Walther (2008), chapter 3 (adjoint identity); Fornberg (1988) (stencils); More,
Wild (2011) (rounding noise of a computed function from its difference table).
"""

from lawbook.gradients.check import directional_check
from lawbook.gradients.probe import GradientResult

__all__ = ["GradientResult", "directional_check"]
