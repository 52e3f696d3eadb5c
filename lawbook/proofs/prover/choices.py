"""Maxima, minima and definitions by cases: which one applies, as far as signs are known."""

from __future__ import annotations

from typing import Any

import sympy as sp

from lawbook.proofs.prover.forms import Forms
from lawbook.proofs.prover.polynomials import Quotient, Undefined
from lawbook.proofs.prover.signs import NEGATIVE, NIL, POSITIVE, RELATIONS

Expr = Any


class Choices(Forms):
    """Conversions that depend on a sign; an open one is noted in `switches`."""

    def settled(self, e: Expr) -> int:
        """The signs of an expression that a choice depends on; an open one is noted."""
        u = self.argument(e)
        sign = self.sign_of(u)
        if sign not in (NEGATIVE, NIL, POSITIVE):
            self.note_switches(u)
        return sign

    def extreme(self, e: Expr) -> Quotient:
        """A maximum or minimum: its winner where that is known."""
        below = (
            NEGATIVE if isinstance(e, sp.Max) else POSITIVE
        )  # the sign of a loser minus a winner
        for a in e.args:
            if all(b == a or self.sign(b - a) & ~(below | NIL) == 0 for b in e.args):
                return self.of(a)
        for i, a in enumerate(e.args):
            for b in e.args[i + 1 :]:
                if self.sign(a - b) not in (NEGATIVE, NIL, POSITIVE):
                    self.note_switches(self.normal(a - b))
        forms = [self.normal(a) for a in e.args]
        names = frozenset((f.num.key(), f.den, f.divisor) for f in forms)
        return self.generator(self.named((e.func, names), "function", e, self.written_sign(e)))

    def piecewise(self, e: Expr) -> Quotient:
        """A definition by cases: the value of the one that is known to apply."""
        for value, condition in e.args:
            truth = self.truth(condition)
            if truth is None:
                return self.opaque(e, [])
            if truth:
                return self.of(value)
        raise Undefined("no case of a definition by cases applies")

    def truth(self, c: Expr) -> bool | None:
        """Whether a condition holds; None where that is open."""
        if c in (sp.true, sp.false):
            return bool(c)
        if isinstance(c, sp.And | sp.Or):
            values = [self.truth(a) for a in c.args]
            decisive = isinstance(c, sp.Or)
            if decisive in values:
                return decisive
            return None if None in values else not decisive
        if isinstance(c, sp.Not):
            value = self.truth(c.args[0])
            return None if value is None else not value
        if isinstance(c, sp.ITE):
            choice = self.truth(c.args[0])
            return None if choice is None else self.truth(c.args[1 if choice else 2])
        if type(c) not in RELATIONS:
            return None
        sign = self.settled(c.lhs - c.rhs)
        holds = RELATIONS[type(c)]
        return True if not sign & ~holds else False if not sign & holds else None
