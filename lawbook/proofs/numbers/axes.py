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


class Meaningless(ValueError):
    """An expression has no value here: the message says why (it divides by zero, it is not real)."""


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
        """The symbol of one sum; of positive terms it is positive.

        Meaningless where entries of another axis stand in the body: there would be a sum for each of them.
        """
        if body not in self.sums:
            self._without_other_axes(body)
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

    def _without_other_axes(self, body: Expr) -> None:
        own = {*self.entries, *self.entries.values()}
        for symbol in sorted(body.free_symbols - own, key=str):
            name, bracket, _ = symbol.name.rstrip("']").rpartition("[")
            if bracket and symbol.name.endswith("]") and not symbol.name.startswith(SHIFT):
                names = ", ".join(sorted({self.names[e] for e in own & body.free_symbols}))
                raise Meaningless(
                    f"{name} and {names} cannot be separated inside a sum or expectation"
                )

    def bodies(self, expr: Expr) -> dict[Expr, Expr]:
        """The sums that occur in an expression: symbol -> body."""
        free = expr.free_symbols
        return {symbol: body for body, symbol in self.sums.items() if symbol in free}

    def derivative(self, expr: Expr, symbol: Expr, axes: Sequence[Axis] = ()) -> Expr:
        """The total derivative: direct, and through every sum.

        For an entry it is with respect to x_j, at the same j; for another entry, to x_k; any other symbol
        is a parameter of all entries.  axes: others whose sums may stand inside the sums.  Meaningless for
        a symbol of the length, which no sum is a smooth function of, and where a term has no slope.
        """
        return sp.diff(expr, symbol) + self.through_sums(expr, symbol, axes)

    def through_sums(self, expr: Expr, symbol: Expr, axes: Sequence[Axis] = ()) -> Expr:
        """The part of the derivative by which a symbol acts through sums over the axis."""
        total = sp.S.Zero
        for sum_, body in self.bodies(expr).items():
            outer = sp.diff(expr, sum_)
            if outer != 0:
                total += outer * self._slope(body, symbol, axes)
        return total

    def _slope(self, body: Expr, symbol: Expr, axes: Sequence[Axis]) -> Expr:
        """The derivative of the sum of a body, by one of its entries or a parameter of all of them."""
        if symbol in self.N.free_symbols:
            raise Meaningless(f"a sum of {symbol} terms has no derivative with respect to {symbol}")
        if symbol in self.entries:  # the term j, in which x_j runs
            total = sp.diff(body, symbol)
        else:
            total = self.close(sp.diff(body, symbol))
            for entry, other in self.entries.items():
                if other == symbol:  # the term k, in which x_j runs as well
                    total += sp.diff(body, entry).xreplace(self.entries)
        if total.has(sp.zoo, sp.nan, sp.oo, -sp.oo):
            raise Meaningless("a term of a sum has no derivative where x is x[k]")
        known = {s for axis in (self, *axes) for s in axis.sums.values()}
        for lost in sorted(body.free_symbols - known, key=str):
            if lost.name.startswith(("sum(", "E(")):
                raise Meaningless(f"{lost} runs over an axis that is not known here")
        for axis in dict.fromkeys((self, *axes)):
            for inner, its_body in axis.bodies(body).items():  # sums that every term depends on
                every = sp.diff(body, inner)
                if every != 0:
                    total += self.close(every) * axis._slope(its_body, symbol, (self, *axes))
        return total

    def derivative_to_other(self, expr: Expr, entry: Expr, axes: Sequence[Axis] = ()) -> Expr:
        """d expr / d x_k for another entry k != j: through the sums only, written in x_k and x_j."""
        return self.through_sums(expr, self.entries[entry], axes)

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


def parts(expr: Expr, axes: Sequence[Axis]) -> list[Expr]:
    """An expression and what stands inside its sums, and inside the sums in there, in turn."""
    found = [expr]
    for one in found:  # grows as sums are found
        found += [b for axis in axes for b in axis.bodies(one).values() if b not in found]
    return found


def _put(expr: Expr, values: dict[Expr, Expr]) -> Expr:
    """Values in the place of symbols, in derivatives of declared functions too."""
    try:
        if expr.has(sp.Derivative, sp.Subs):
            return expr.subs(values, simultaneous=True)
        return expr.xreplace(values)
    except ValueError as error:  # SymPy does not compare what is not real
        raise Meaningless(str(error)) from None
