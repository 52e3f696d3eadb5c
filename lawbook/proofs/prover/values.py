"""The value of an expression at a rational point: a fraction where it is one, else an interval.

Intervals are computed with outward rounding, so that two values whose intervals do not meet differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import sympy as sp
from mpmath.libmp import ComplexResult
from sympy.core.function import AppliedUndef

from lawbook.proofs.prover.intervals import (
    CONSTANTS,
    FUNCTIONS,
    Unknown,
    Value,
    difference,
    fold,
    interval,
    power,
    sign,
    times,
)
from lawbook.proofs.prover.polynomials import Undefined
from lawbook.proofs.prover.signs import BITS, RELATIONS

Expr = Any


class Evaluator:
    """Evaluates expressions at one point; `functions` gives declared functions as polynomials."""

    def __init__(
        self, point: Mapping[Expr, Fraction], functions: Mapping[str, tuple[int, ...]] | None = None
    ) -> None:
        self.point = point
        self.functions = functions or {}
        self._values: dict[Expr, Value] = {}

    def of(self, e: Expr) -> Value:
        """The value; raises `Undefined` where there is none over the reals, `Unknown` if not found."""
        if e not in self._values:
            try:
                self._values[e] = self._of(e)
            except (ComplexResult, ZeroDivisionError, ValueError, OverflowError) as error:
                raise Unknown from error
        return self._values[e]

    def _of(self, e: Expr) -> Value:
        if e.is_Rational:
            return Fraction(int(e.p), int(e.q))
        if e.is_Symbol:
            if e not in self.point:
                raise Unknown
            return self.point[e]
        if e.is_Add:
            return fold(lambda a, b: a + b, [self.of(a) for a in e.args])
        if e.is_Mul:
            return fold(times, [self.of(a) for a in e.args])
        if e.is_Pow:
            return power(self.of(e.base), self.of(e.exp))
        if isinstance(e, sp.Piecewise):
            for value, condition in e.args:
                if self.truth(condition):
                    return self.of(value)
            raise Undefined("no case applies")
        if e in CONSTANTS:
            return CONSTANTS[e]()
        if e in (sp.I, sp.oo, -sp.oo):
            raise Unknown
        if e in (sp.nan, sp.zoo):
            raise Undefined(str(e))
        if isinstance(e, sp.Max | sp.Min):
            values = [self.of(a) for a in e.args]
            return fold(lambda a, b: self._greater(a, b, isinstance(e, sp.Max)), values)
        if isinstance(e, sp.Heaviside):
            side = sign(self.of(e.args[0]))
            return self.of(e.args[1]) if side == 0 else Fraction(max(side, 0))
        if type(e) in FUNCTIONS:
            return FUNCTIONS[type(e)](self.of(e.args[0]))
        return self._declared(e)

    def _greater(self, a: Value, b: Value, larger: bool) -> Value:
        if isinstance(a, Fraction) and isinstance(b, Fraction):
            return max(a, b) if larger else min(a, b)
        return a if (sign(a - interval(b)) > 0) == larger else b

    def truth(self, c: Expr) -> bool:
        """Whether a condition holds at the point."""
        if c in (sp.true, sp.false):
            return bool(c)
        if isinstance(c, sp.And):
            return all(self.truth(a) for a in c.args)
        if isinstance(c, sp.Or):
            return any(self.truth(a) for a in c.args)
        if isinstance(c, sp.Not):
            return not self.truth(c.args[0])
        if isinstance(c, sp.ITE):
            return self.truth(c.args[1 if self.truth(c.args[0]) else 2])
        if type(c) not in RELATIONS:
            raise Unknown
        side = sign(difference(self.of(c.lhs), self.of(c.rhs)))
        return bool(RELATIONS[type(c)] & BITS[side + 1])

    def _declared(self, e: Expr) -> Value:
        one_argument = isinstance(e, AppliedUndef) and len(e.args) == 1
        derived = (e.func, 0, e.args[0]) if one_argument else derivative_of(e)
        if not derived:
            raise Unknown
        f, order, u = derived
        name = declared_name(f)
        if name not in self.functions:
            raise Unknown
        order += f.__name__.count("'")
        coefficients = [Fraction(c) for c in self.functions[name]]
        for _ in range(order):
            coefficients = [k * c for k, c in enumerate(coefficients)][1:]
        x = self.of(u)
        powers = [times(c, power(x, Fraction(k))) if k else c for k, c in enumerate(coefficients)]
        return fold(lambda a, b: a + b, powers) if powers else Fraction(0)


def declared_name(f: Any) -> str:
    """The name a function was declared under: f' and f'' are derivatives of f."""
    name: str = f.__name__
    return name.rstrip("'")


def derivative_of(e: Expr) -> tuple[Any, int, Expr] | None:
    """(f, k, u) of the k-th derivative of a declared function f of one variable at u, else None."""
    at = None
    if isinstance(e, sp.Subs) and len(e.point) == 1:
        e, at, inner = e.expr, e.point[0], e.variables[0]
    if not isinstance(e, sp.Derivative) or not isinstance(e.expr, AppliedUndef):
        return None
    variables = set(e.variables)
    if (
        len(variables) != 1
        or e.expr.args != tuple(variables)
        or (at is not None and inner not in variables)
    ):
        return None
    return e.expr.func, int(e.derivative_count), e.expr.args[0] if at is None else at


def closed_sign(e: Expr) -> int | None:
    """-1, 0 or 1 for an expression without symbols; None where intervals do not tell."""
    try:
        return sign(Evaluator({}).of(e))
    except (Unknown, Undefined):
        return None
