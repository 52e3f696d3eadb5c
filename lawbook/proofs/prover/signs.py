"""The prover's signs: which of negative, zero and positive a SymPy expression can be.

A sign is a set of possibilities in three bits.  Domains are real: a symbol without assumptions is any
real number.  What an expression can be is read off its structure as it is written; facts about
polynomials are used by `lawbook.proofs.prover.normal`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

Expr = Any

NEGATIVE, NIL, POSITIVE = 1, 2, 4
ANY = NEGATIVE | NIL | POSITIVE
BITS = (NEGATIVE, NIL, POSITIVE)
NONZERO = NEGATIVE | POSITIVE
RELATIONS: dict[Any, int] = {  # the signs of left - right where a relation holds
    sp.StrictGreaterThan: POSITIVE,
    sp.GreaterThan: POSITIVE | NIL,
    sp.StrictLessThan: NEGATIVE,
    sp.LessThan: NEGATIVE | NIL,
    sp.Equality: NIL,
    sp.Unequality: NONZERO,
}


def opposite(a: int) -> int:
    """The signs of -x."""
    return a & NIL | (POSITIVE if a & NEGATIVE else 0) | (NEGATIVE if a & POSITIVE else 0)


def sign_of_product(a: int, b: int) -> int:
    """The signs of x*y."""
    if not a or not b:
        return 0
    out = NIL if (a | b) & NIL else 0
    if (a & POSITIVE and b & POSITIVE) or (a & NEGATIVE and b & NEGATIVE):
        out |= POSITIVE
    if (a & POSITIVE and b & NEGATIVE) or (a & NEGATIVE and b & POSITIVE):
        out |= NEGATIVE
    return out


def sign_of_sum(a: int, b: int) -> int:
    """The signs of x + y."""
    if not a or not b:
        return 0
    if a == NIL or b == NIL:
        return b if a == NIL else a
    both = a | b
    if both & NEGATIVE and both & POSITIVE:
        return ANY
    return both if a & b & NIL else both & ~NIL


def sign_of_power(a: int, n: int) -> int:
    """The signs of x**n where it is defined."""
    if n == 0:
        return POSITIVE
    if n < 0:
        a &= ~NIL
    if n % 2 == 0 and a & NEGATIVE:
        return a & NIL | POSITIVE
    return a


def of_symbol(symbol: Expr) -> int:
    """What the assumptions of a SymPy symbol leave open."""
    out = ANY
    for name, bits in (
        ("is_positive", POSITIVE),
        ("is_negative", NEGATIVE),
        ("is_nonnegative", POSITIVE | NIL),
        ("is_nonpositive", NEGATIVE | NIL),
        ("is_nonzero", NEGATIVE | POSITIVE),
        ("is_zero", NIL),
    ):
        if getattr(symbol, name):
            out &= bits
    return out


def is_integer(e: Expr) -> bool:
    """Whether a polynomial expression in integer symbols can only be an integer."""
    if e.is_Add or e.is_Mul:
        return all(is_integer(a) for a in e.args)
    if e.is_Pow:
        return bool(is_integer(e.base) and e.exp.is_Integer and e.exp > 0)
    return bool((e.is_Symbol or e.is_Integer) and e.is_integer)


MONOTONE_AT_ZERO = (sp.erf, sp.tanh, sp.sinh, sp.atan, sp.asinh)


def structural(e: Expr, known: Callable[[Expr], int]) -> int:
    """The signs of an expression from its structure; `known` tells what is known of any part."""
    bits = known(e)
    if bits in BITS:
        return bits
    return bits & _structural(e, lambda part: structural(part, known))


def _structural(e: Expr, sign: Callable[[Expr], int]) -> int:
    if e.is_Rational:
        return POSITIVE if e > 0 else NEGATIVE if e < 0 else NIL
    if e.is_Symbol:
        return of_symbol(e)
    if isinstance(e, sp.NumberSymbol | sp.exp | sp.cosh):
        return POSITIVE
    if e.is_Add or e.is_Mul:
        combine = sign_of_sum if e.is_Add else sign_of_product
        out = NIL if e.is_Add else POSITIVE
        for a in e.args:
            out = combine(out, sign(a))
        return out
    if e.is_Pow:
        return _power(e, sign)
    if isinstance(e, sp.Abs):
        return sign_of_power(sign(e.args[0]), 2)
    if isinstance(e, (sp.sign, *MONOTONE_AT_ZERO)):
        return sign(e.args[0])
    if isinstance(e, sp.log):
        return sign(e.args[0] - 1)
    if isinstance(e, sp.Max | sp.Min):
        return _extreme([sign(a) for a in e.args], POSITIVE if isinstance(e, sp.Max) else NEGATIVE)
    if isinstance(e, sp.Piecewise):
        out = 0
        for value, _ in e.args:
            out |= sign(value)
        return out
    return ANY


def _power(e: Expr, sign: Callable[[Expr], int]) -> int:
    base, n = e.args
    if n.is_Integer:
        return sign_of_power(sign(base), int(n))
    below = sign(base)
    if n.is_Rational:  # real only for a base that is not negative
        return POSITIVE | (below & NIL if n > 0 else 0)
    if below == POSITIVE:
        return POSITIVE
    if is_integer(n):
        even = is_integer(n / 2)
        return POSITIVE | NIL if even or not below & NEGATIVE else ANY
    return POSITIVE | NIL


def _extreme(signs: list[int], wins: int) -> int:
    """The signs of a maximum (`wins` positive) or minimum (`wins` negative)."""
    order = (wins, NIL, opposite(wins))
    out = 0
    for k, bit in enumerate(order):
        reachable = any(s & bit for s in signs)
        others_below = all(s & sum(order[k:]) for s in signs)
        if reachable and others_below:
            out |= bit
    return out
