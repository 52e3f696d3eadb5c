"""Numbers for evaluation: fractions where values are rational, else intervals with outward rounding."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import isqrt
from typing import Any

import sympy as sp
from mpmath.ctx_iv import MPIntervalContext

from lawbook.proofs.prover.polynomials import Undefined

Expr = Any
Interval = Any
Value = Any  # a Fraction or an Interval

PRECISION = 140  # bits
BITS = 20_000  # the largest exact power
TERMS = 400  # of the series of erf
FARTHEST = 6  # argument of that series: x**(2n+1)/n! decreases once n + 1 exceeds its square

iv: Any = MPIntervalContext()
iv.prec = PRECISION


class Unknown(Exception):
    """No value was found: a function without bounds, or an interval that says too little."""


def interval(v: Value) -> Interval:
    """A value as an interval."""
    return iv.mpf(v.numerator) / iv.mpf(v.denominator) if isinstance(v, Fraction) else v


def sign(v: Value) -> int:
    """-1, 0 or 1; raises `Unknown` for an interval that holds zero."""
    if isinstance(v, Fraction):
        return (v > 0) - (v < 0)
    if v.a > 0:
        return 1
    if v.b < 0:
        return -1
    raise Unknown


def integer_root(n: int, q: int) -> int | None:
    guess = isqrt(n) if q == 2 else round(n ** (1 / q)) if n.bit_length() < 900 else 0
    return guess if guess**q == n else None


def fold(combine: Callable[[Value, Value], Value], values: list[Value]) -> Value:
    """The values combined, the fractions among them exactly."""
    exact = [v for v in values if isinstance(v, Fraction)]
    rest = [v for v in values if not isinstance(v, Fraction)]
    total = exact[0] if exact else None
    for v in exact[1:]:
        total = combine(total, v)
    for v in rest:
        total = v if total is None else combine(interval(total), v)
    return total


def times(a: Value, b: Value) -> Value:
    """a * b."""
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return a * b
    return interval(a) * interval(b)


def difference(a: Value, b: Value) -> Value:
    """a - b."""
    exact = isinstance(a, Fraction) and isinstance(b, Fraction)
    return a - b if exact else interval(a) - interval(b)


def power(b: Value, x: Value) -> Value:
    """b**x over the reals: 0**0 is 1, a base that is not positive needs an integer exponent."""
    if not isinstance(x, Fraction):
        if sign(b) <= 0:
            raise Unknown
        return iv.exp(iv.log(interval(b)) * x)
    if x.denominator == 1:
        n = int(x)
        if isinstance(b, Fraction):
            if b == 0 and n < 0:
                raise Undefined("division by zero")
            if abs(n) * max(b.numerator.bit_length(), b.denominator.bit_length()) > BITS:
                raise Unknown
            return b**n
        if n < 0:
            sign(b)
        if abs(n) > BITS:
            raise Unknown
        return b**n
    if isinstance(b, Fraction):
        if b < 0 or (b == 0 and x < 0):
            raise Undefined("a root of a negative number")
        if b == 0:
            return b
        p = integer_root(b.numerator, x.denominator)
        q = integer_root(b.denominator, x.denominator)
        if p is not None and q is not None:
            return power(Fraction(p, q), Fraction(x.numerator))
    elif b.b < 0:
        raise Undefined("a root of a negative number")
    if sign(b) < 0:
        raise Undefined("a root of a negative number")
    root = iv.sqrt(interval(b)) if x.denominator == 2 else None
    if root is not None:
        return root ** int(x.numerator) if x.numerator > 0 else 1 / root ** int(-x.numerator)
    return iv.exp(iv.log(interval(b)) * interval(x))


def _exp(u: Value) -> Value:
    if u == 0:
        return Fraction(1)
    v = interval(u)
    if v.b > 10_000 or v.a < -10_000:
        raise Unknown
    return iv.exp(v)


def _log(u: Value) -> Value:
    if (isinstance(u, Fraction) and u <= 0) or (not isinstance(u, Fraction) and u.b <= 0):
        raise Undefined("the logarithm of a number that is not positive")
    if u == 1:
        return Fraction(0)
    sign(u)
    return iv.log(interval(u))


def _erf(u: Value) -> Value:
    if u == 0:
        return Fraction(0)
    v = interval(u)
    low, high = _erf_at(iv.mpf(v.a)), _erf_at(iv.mpf(v.b))
    return iv.mpf([low.a, high.b])


def _erf_at(x: Interval) -> Interval:
    """The series 2/sqrt(pi) sum (-1)^n x^(2n+1) / (n! (2n+1)), up to where its terms decrease."""
    if abs(x).b > FARTHEST:
        raise Unknown
    total, power = iv.mpf(0), x
    for n in range(TERMS):
        term = power / (2 * n + 1)
        total += term if n % 2 == 0 else -term
        power = power * x * x / (n + 1)
        if n > FARTHEST**2 and abs(power).b < iv.mpf(2) ** -PRECISION:
            rest = abs(power).b  # alternating and decreasing: the error is below the next term
            return (total + iv.mpf([-rest, rest])) * 2 / iv.sqrt(iv.pi)
    raise Unknown


def _tanh(u: Value) -> Value:
    if u == 0:
        return Fraction(0)
    return 1 - 2 / (_exp(2 * interval(u)) + 1)


def _dirac(u: Value) -> Value:
    if sign(u) == 0:
        raise Undefined("a derivative at a kink")
    return Fraction(0)


CONSTANTS: dict[Expr, Callable[[], Value]] = {
    sp.pi: lambda: +iv.pi,
    sp.E: lambda: iv.exp(iv.mpf(1)),
}
FUNCTIONS: dict[Any, Callable[[Value], Value]] = {
    sp.exp: _exp,
    sp.log: _log,
    sp.Abs: abs,
    sp.sign: lambda u: Fraction(sign(u)),
    sp.erf: _erf,
    sp.erfc: lambda u: 1 - interval(_erf(u)),
    sp.tanh: _tanh,
    sp.sinh: lambda u: (interval(_exp(u)) - interval(_exp(-u))) / 2,
    sp.cosh: lambda u: (interval(_exp(u)) + interval(_exp(-u))) / 2,
    sp.sin: lambda u: iv.sin(interval(u)),
    sp.cos: lambda u: iv.cos(interval(u)),
    sp.DiracDelta: _dirac,
}
