"""An axis of symbolic length N: what runs on it once is shown for every length.

A batch is its generic entry x_j.  A sum over the axis is linear, so it is a combination of sums of monomials
in the entries, and each of those is one symbol: S[m] = sum_j m(x_j).  The chain rule of everything that
depends on the whole batch is d S[m] / d x_j = m'(x_j).  With S[1] = 1 instead of N it is an expectation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import sympy as sp

from lawbook.proofs.numbers.symbols import SHIFT, exact

Expr: TypeAlias = Any  # SymPy has no types


class Axis:
    """A formal axis of length N (any expression), or with kind="expectation" the values of random variables.

    name: the index of the generic entry, for display.  entries: the symbol of each batch's entry x_j and
    that of another entry x_k; names: the batch's name by either.  sums: the registered sums, body -> symbol;
    for a proof they are independent symbols.  No name that a text can write is among these symbols' names.
    """

    def __init__(self, N: Expr = 1, name: str = "j", kind: str = "axis") -> None:
        if kind not in ("axis", "expectation"):
            raise ValueError(f"kind is axis or expectation, not {kind!r}")
        self.N = sp.S.One if kind == "expectation" else exact(N)
        self.name, self.kind = name, kind
        self.sums: dict[Expr, Expr] = {}
        self.entries: dict[Expr, Expr] = {}
        self.names: dict[Expr, str] = {}
        self.shifts: list[Expr] = []

    def entry(self, name: str, **assumptions: bool) -> Expr:
        """The symbol of the generic entry of a batch, real unless said otherwise."""
        known = assumptions or {"real": True}
        symbol = sp.Symbol(f"{name}[{self.name}]", **known)
        self.entries[symbol] = sp.Symbol(f"{name}[other]", **known)
        self.names[symbol] = self.names[self.entries[symbol]] = name
        return symbol

    def other(self, entry: Expr) -> Expr:
        """The symbol of another entry of the same batch."""
        return self.entries[entry]

    def shift(self) -> Expr:
        """A free symbol in place of a maximum over the axis: a stabilizing shift, which may be any number."""
        symbol = sp.Symbol(f"{SHIFT}{len(self.shifts) + 1}]", real=True)
        self.shifts.append(symbol)
        return symbol

    def close(self, body: Expr) -> Expr:
        """The sum of body over the axis (its expectation): what is the same for all entries comes out."""
        total = sp.S.Zero
        for term in sp.Add.make_args(sp.expand(body, power_exp=True)):
            factor, inner = term.as_independent(*self.entries, as_Add=False)
            total += factor * (self.N if inner == 1 else self.sum_of(inner))
        return total

    def sum_of(self, body: Expr) -> Expr:
        """The symbol of one sum; of positive terms it is positive."""
        if body not in self.sums:
            sign = {}
            if body.is_positive:
                sign = {"positive": True}
            elif body.is_nonnegative:
                sign = {"nonnegative": True}
            operator = "E" if self.kind == "expectation" else "sum"
            text = f"{operator}({str(body).replace(f'[{self.name}]', '')})"
            while any(text == known.name for known in self.sums.values()):
                text += "'"
            self.sums[body] = sp.Symbol(text, **(sign or {"real": True}))
        return self.sums[body]

    def bodies(self, expr: Expr) -> dict[Expr, Expr]:
        """The sums that occur in an expression: symbol -> body."""
        free = expr.free_symbols
        return {symbol: body for body, symbol in self.sums.items() if symbol in free}

    def derivative(self, expr: Expr, symbol: Expr) -> Expr:
        """The total derivative: direct, and through every sum.

        For an entry it is with respect to x_j, at the same j; any other symbol is a parameter of all entries.
        """
        return sp.diff(expr, symbol) + self.through_sums(expr, symbol)

    def through_sums(self, expr: Expr, symbol: Expr) -> Expr:
        """The part of the derivative by which a symbol (an entry: x_j) acts through sums over the axis."""
        total = sp.S.Zero
        for sum_, body in self.bodies(expr).items():
            outer = sp.diff(expr, sum_)
            if outer == 0:
                continue
            direct = sp.diff(body, symbol)
            total += outer * (direct if symbol in self.entries else self.close(direct))
            for inner in self.bodies(body):  # a sum of terms that themselves depend on sums
                every = self.close(sp.diff(body, inner))
                total += outer * every * self.derivative(inner, symbol)
        return total

    def derivative_to_other(self, expr: Expr, entry: Expr) -> Expr:
        """d expr / d x_k for another entry k != j: through the sums only, written in x_k and x_j."""
        marks = {e: sp.Dummy(e.name, **e.assumptions0) for e in self.entries}
        total = sp.S.Zero
        for sum_ in self.bodies(expr):
            outer = sp.diff(expr, sum_).xreplace(marks)
            total += outer * self.derivative(sum_, entry).xreplace(self.entries)
        return total.xreplace({mark: e for e, mark in marks.items()})

    def instantiate(
        self, expr: Expr, values: Mapping[Expr, Sequence[Expr]], at: int = 0, other: int = 1
    ) -> Expr:
        """The expression for a concrete batch: sums written out, N its size, entries those number `at`.

        values: for every entry its values, all of one length; `other` is the index of x_k where it occurs.
        """
        entries = {e: [exact(v) for v in given] for e, given in values.items()}
        count = len(next(iter(entries.values())))
        size = {self.N: sp.Integer(count)} if self.N.is_Symbol else {}
        concrete: dict[Expr, Expr] = {}

        def row(j: int) -> dict[Expr, Expr]:
            return {entry: given[j] for entry, given in entries.items()}

        def value(sum_: Expr, body: Expr) -> Expr:
            if sum_ not in concrete:
                inner = {s: value(s, b) for s, b in self.bodies(body).items()}
                body = body.xreplace(inner)
                terms = [_put(body, {**row(j), **size}) for j in range(count)]
                share = sp.Integer(count) if self.kind == "expectation" else sp.S.One
                concrete[sum_] = sp.Add(*terms) / share
            return concrete[sum_]

        known = {sum_: value(sum_, body) for sum_, body in self.bodies(expr).items()}
        others = {self.entries[e]: given[other % count] for e, given in entries.items()}
        return _put(expr.xreplace(known), {**row(at), **others, **size})


def _put(expr: Expr, values: dict[Expr, Expr]) -> Expr:
    """Values in the place of symbols, in derivatives of declared functions too."""
    if expr.has(sp.Derivative, sp.Subs):
        return expr.subs(values, simultaneous=True)
    return expr.xreplace(values)
