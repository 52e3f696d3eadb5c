"""What the conversion to kernels remembers: normal forms and signs of SymPy expressions."""

from __future__ import annotations

from typing import Any

import sympy as sp

from lawbook.proofs.prover.exponentials import Exponentials
from lawbook.proofs.prover.polynomials import Quotient
from lawbook.proofs.prover.roots import Settings
from lawbook.proofs.prover.signs import ANY, BITS, NEGATIVE, NIL, POSITIVE, opposite, structural
from lawbook.proofs.prover.values import closed_sign

Expr = Any
NODE = 30  # operations that a new part of an expression counts for
ODD = (sp.erf, sp.sin, sp.atan, sp.asinh)


class Forms(Exponentials):
    """Expressions as quotients, each converted once, with what is known of their signs."""

    def __init__(self, budget: Any, settings: Settings) -> None:
        super().__init__(budget, settings)
        self._converted: dict[Expr, Quotient] = {}
        self._canonical: dict[Expr, Quotient] = {}
        self._signs: dict[Expr, int] = {}
        self.known: dict[Expr, int] = {}

    def assume(self, e: Expr, sign: int) -> None:
        """Take for granted that a real expression has one of these signs."""
        self.known[e] = self.known.get(e, ANY) & sign
        self.known[-e] = self.known.get(-e, ANY) & opposite(sign)
        u = self.normal(e)
        self.learn(u, sign)
        if sign == NIL and u.num:
            self.vanishes(u.num)
        self._signs.clear()  # what was open before may be settled now
        self._converted.clear()
        self._canonical.clear()

    def normal(self, e: Expr) -> Quotient:
        """The normal form of an expression."""
        if e not in self._canonical:
            self._canonical[e] = self.canonical(self.of(e))
        return self._canonical[e]

    def sign(self, e: Expr) -> int:
        """The signs that an expression can have where it is defined."""
        if e not in self._signs:
            out = self.written_sign(e)
            if out not in BITS and not e.free_symbols:
                side = closed_sign(e)
                out = out if side is None else BITS[side + 1]
            if (out & NEGATIVE and out & POSITIVE) or out & NIL:
                out &= self.sign_of(self.normal(e))
            self._signs[e] = out
        return self._signs[e]

    def written_sign(self, e: Expr) -> int:
        """The signs that the structure of an expression leaves open."""
        return structural(e, lambda part: self.known.get(part, ANY))

    def argument(self, e: Expr) -> Quotient:
        """The normal form of a kernel's argument; what its structure tells of its sign is kept."""
        u = self.normal(e)
        self.learn(u, self.written_sign(e))
        return u

    def of(self, e: Expr) -> Quotient:
        """The expression as a quotient of polynomials in kernels; raises `Undefined`, `TooLarge`."""
        if e not in self._converted:
            self.budget.spend(NODE)
            self._converted[e] = self._convert(e)
        return self._converted[e]

    def _convert(self, e: Expr) -> Quotient:
        raise NotImplementedError

    def opaque(self, e: Expr, args: list[Expr], head: Any = None) -> Quotient:
        """A function that nothing is known of: equal where its arguments have equal normal forms."""
        forms = [self.normal(a) for a in args]
        odd = isinstance(e, ODD) and forms[0].num and forms[0].num.content() < 0
        if odd:
            forms = [self.product([self.number(-1), f]) for f in forms]
        names = tuple((f.num.key(), f.den, f.divisor) for f in forms)
        key = ((head or e.func), names) if args else ("opaque", e)
        back = -e if odd else e
        out = self.generator(self.named(key, "function", back, self.written_sign(back)))
        return self.product([self.number(-1), out]) if odd else out
