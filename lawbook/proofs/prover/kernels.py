"""SymPy expressions as quotients over kernels: whatever is not rational becomes a generator.

    exp(a + 2*b)  ->  E_a * E_b**2          the exponents linearly independent over the rationals
    p**(k/q)      ->  r**k  with  r**q = p   factors of known sign taken out, |f| where unknown
    |p|, sign(p)  ->  their values where the sign of p is known, else |p| with |p|**2 = p**2
    log(p*q/r)    ->  log p + log q - log r  for factors known to be positive
    b**(t + 1)    ->  b * b**t              for a symbolic t

Each rewriting holds at every point where the expression is defined over the reals.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import lcm
from typing import Any

import sympy as sp

from lawbook.proofs.prover.choices import Choices
from lawbook.proofs.prover.polynomials import Quotient, TooLarge, Undefined, Unsupported
from lawbook.proofs.prover.roots import Finer, Settings
from lawbook.proofs.prover.signs import (
    NEGATIVE,
    NIL,
    POSITIVE,
    is_integer,
    of_symbol,
)
from lawbook.proofs.prover.values import derivative_of

Expr = Any
FINEST = 20_000  # the largest common denominator of exponents
__all__ = ["Finer", "Kernels", "Settings"]


class Kernels(Choices):
    """The conversion; `switches` collects the signs that it had to leave open."""

    def _convert(self, e: Expr) -> Quotient:
        if e.is_Rational:
            return self.number(int(e.p), int(e.q))
        if e.is_Symbol:
            return self.generator(self.named(e, "symbol", e, of_symbol(e)))
        if e.is_Add:
            return self.sum([self.of(a) for a in e.args])
        if e.is_Mul:
            return self.product([self.of(a) for a in e.args])
        if isinstance(e, sp.exp):
            return self.exponential(self.normal(e.args[0]))
        if e.is_Pow:
            return self._power(e.base, e.exp)
        if e is sp.E:
            return self.exponential(self.number(1))
        if isinstance(e, sp.NumberSymbol):
            return self.generator(self.named(e, "constant", e, POSITIVE))
        if e in (sp.nan, sp.zoo):
            raise Undefined(str(e))
        if e in (sp.I, sp.oo, -sp.oo):
            raise Unsupported(str(e))
        return self._function(e)

    def _function(self, e: Expr) -> Quotient:
        if isinstance(e, sp.log):
            return self.logarithm(self.argument(e.args[0]))
        if isinstance(e, sp.Abs):
            return self.absolute(self.argument(e.args[0]))
        if isinstance(e, sp.sign):
            return self.signum(self.argument(e.args[0]))
        if isinstance(e, sp.Max | sp.Min):
            return self.extreme(e)
        if isinstance(e, sp.Piecewise):
            return self.piecewise(e)
        if isinstance(e, sp.Heaviside):
            sign = self.settled(e.args[0])
            values = {POSITIVE: sp.S.One, NEGATIVE: sp.S.Zero, NIL: e.args[1]}
            return self.of(values[sign]) if sign in values else self.opaque(e, [e.args[0]])
        if isinstance(e, sp.DiracDelta):
            sign = self.settled(e.args[0])
            if sign == NIL:
                raise Undefined("a derivative at a kink")
            return self.opaque(e, [e.args[0]]) if sign & NIL else self.number(0)
        if isinstance(e, sp.tanh | sp.sinh | sp.cosh | sp.erfc):
            rewritten = {
                sp.tanh: lambda u: 1 - 2 / (sp.exp(2 * u) + 1),
                sp.sinh: lambda u: (sp.exp(u) - sp.exp(-u)) / 2,
                sp.cosh: lambda u: (sp.exp(u) + sp.exp(-u)) / 2,
                sp.erfc: lambda u: 1 - sp.erf(u),
            }
            return self.of(rewritten[e.func](e.args[0]))
        derived = derivative_of(e)
        if derived:
            f, order, u = derived
            return self.opaque(e, [u], (f, order))
        if e.args and all(isinstance(a, sp.Expr) for a in e.args) and isinstance(e, sp.Function):
            return self.opaque(e, list(e.args))
        return self.opaque(e, [])

    def _power(self, base: Expr, n: Expr) -> Quotient:
        if n.is_Integer:
            return self.power(self.of(base), int(n))
        if n.is_Rational:
            return self.rational_power(self.argument(base), Fraction(int(n.p), int(n.q)))
        exponent = self.normal(n)
        value = exponent.num.constant()
        if value is not None and not exponent.den:
            return self.rational_power(self.argument(base), Fraction(value, exponent.divisor))
        u = self.argument(base)
        if not u.num:
            return self.opaque(sp.Pow(base, n, evaluate=False), [n])
        if self.sign_of(u) & ~POSITIVE and is_integer(n):
            return self.integer_power(u, self.normal(sp.expand(n)))
        return self.exponential(self.canonical(self.product([exponent, self.logarithm(u)])))


def with_settings(
    work: Callable[[Kernels], Any], budget: Any, known: Sequence[tuple[Expr, int]] = ()
) -> Any:
    """Do the work with kernels fine enough for every exponent that turns up."""
    settings = Settings()
    for _ in range(12):
        kernels = Kernels(budget, settings)
        try:
            for e, sign in known:
                kernels.assume(e, sign)
            return work(kernels)
        except Finer as finer:
            settings = finer.settings
            if lcm(settings.root, settings.exponent) > FINEST:
                raise TooLarge from None
    raise TooLarge
