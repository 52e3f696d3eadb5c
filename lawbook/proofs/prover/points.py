"""Points at which two sides are compared: small, readable, and inside the domain.

A batch of symbolic length is made concrete: two to four entries, sums written out, so that a
counterexample is a real one.  A declared function becomes a small polynomial.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

from lawbook.proofs.numbers.axes import Meaningless, parts
from lawbook.proofs.numbers.symbols import SHIFT
from lawbook.proofs.prover.intervals import Unknown, sign
from lawbook.proofs.prover.polynomials import Undefined
from lawbook.proofs.prover.signs import BITS, of_symbol
from lawbook.proofs.prover.values import Evaluator, declared_name

Expr = Any

WHOLE = [Fraction(v) for v in (1, 2, 3, 0, -1, -2, 4, 5, -3)]
PARTS = [Fraction(*v) for v in ((1, 2), (1, 3), (3, 2), (-1, 2), (2, 3), (1, 4), (-3, 2), (3, 4))]
SIGNED = {1: [Fraction(v) for v in (1, -1, 2)], 3: [Fraction(v) for v in (0, -1, 2, -2)]}
LONGEST = 12
SIMPLE = [Fraction(v) for v in (0, 1, 2, -1, 3)]


@dataclass(frozen=True)
class Fact:
    """expr > 0 (strict) or expr >= 0 holds."""

    expr: Expr
    strict: bool = True


@dataclass(frozen=True)
class Draw:
    """Sizes, positions, a value for every slot, and the declared functions' coefficients."""

    sizes: tuple[int, ...]
    at: tuple[int, ...]
    values: Mapping[Expr, Fraction]
    functions: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


class Points:
    """The points of one statement: its sides, its facts, its axes."""

    def __init__(
        self, sides: Sequence[Expr], facts: Sequence[Fact], axes: Sequence[Any], seed: int = 0
    ) -> None:
        self.sides, self.facts, self.axes = list(sides), list(facts), list(axes)
        self.random = random.Random(seed)
        self._lengths: dict[Any, list[int]] = {}
        self._concrete: dict[Any, tuple[list[Expr], list[Any], list[Any]]] = {}
        atoms: set[Expr] = set().union(*(e.atoms(AppliedUndef) for e in self.sides))
        self.names = sorted({declared_name(a.func) for a in atoms})

    def concrete(
        self, sizes: tuple[int, ...], at: tuple[int, ...]
    ) -> tuple[list[Expr], list[Any], list[Any]]:
        """Sides, (fact, strict), slots (axis or None, entry, index, symbol) for these sizes."""
        if (sizes, at) not in self._concrete:
            sides, facts = self.sides, [(f.expr, f.strict) for f in self.facts]
            slots, batches = [], []
            for axis, size, j in zip(self.axes, sizes, at, strict=True):
                values = {}
                for entry in axis.entries:
                    known = entry.assumptions0
                    values[entry] = [sp.Dummy(f"{entry.name}{i}", **known) for i in range(size)]
                    slots += [(axis, entry, i, s) for i, s in enumerate(values[entry])]
                batches.append((axis, size, j, values))
            rounds = batches * len(batches)  # sums of one axis stand inside those of another
            for axis, size, j, values in rounds:
                other = (j + 1) % size
                if values:
                    sides = [axis.instantiate(e, values, at=j, other=other) for e in sides]
                    facts = [  # what holds of the generic entry holds of every entry
                        (axis.instantiate(e, values, at=i, other=(i + k) % size), strict)
                        for e, strict in facts
                        for i in range(size)
                        for k in range(min(1, size - 1), size)
                    ]
                    facts = list(dict.fromkeys(facts))
            free = set().union(*(e.free_symbols for e in [*sides, *(e for e, _ in facts)]))
            slots = [slot for slot in slots if slot[3] in free]
            inner = {slot[3] for slot in slots}
            scalars = sorted(free - inner, key=lambda s: s.name)
            slots = [*((None, s, 0, s) for s in scalars), *slots]
            self._concrete[sizes, at] = sides, facts, slots
        return self._concrete[sizes, at]

    def draws(self, count: int, first: int = 0) -> Iterator[Draw]:
        """Random points, from a few small integers first to fractions later."""
        for n in range(first, first + count):
            by_length: dict[Expr, int] = {}
            sizes, at = [], []
            for axis in self.axes:
                fits = self._sizes(axis)
                if not fits:
                    return
                size = fits[n % (len(fits) if n > 6 else min(len(fits), 2))]
                sizes.append(by_length.setdefault(axis.N, size))
                at.append(self.random.randrange(sizes[-1]) if n > 6 else 0)
            pool = WHOLE[: 3 + n // 2] + (PARTS[: n // 3] if n > 3 else [])
            if n in SIGNED:
                pool = SIGNED[n]
            try:
                _, _, slots = self.concrete(tuple(sizes), tuple(at))
            except Meaningless:  # of this length, a maximum is not one of real numbers
                continue
            values = {symbol: self._value(symbol, pool, n) for _, _, _, symbol in slots}
            functions = {name: self._function(n) for name in self.names}
            yield Draw(tuple(sizes), tuple(at), values, functions)

    def _sizes(self, axis: Any) -> list[int]:
        """Lengths that the facts allow, the most telling first: several entries, then one."""
        if axis.kind == "expectation":
            return [2]
        if axis not in self._lengths:
            exprs = [*self.sides, *(f.expr for f in self.facts)]
            inside = [part for e in exprs for part in parts(e, self.axes)]
            least = 2 if any(e.has(*axis.entries.values()) for e in inside if axis.entries) else 1
            about = [f for f in self.facts if f.expr.free_symbols == {axis.N}]
            fits = [
                n for n in range(least, LONGEST + 1) if _satisfies({axis.N: Fraction(n)}, about)
            ]
            self._lengths[axis] = [*[n for n in fits if n > 1][:3], *[n for n in fits if n == 1]]
        return self._lengths[axis]

    def _value(self, symbol: Expr, pool: list[Fraction], n: int) -> Fraction:
        fits = [v for v in pool if allowed(symbol, v)]
        if n > 12 and not symbol.is_integer:
            wide = Fraction(self.random.randrange(-40, 41), self.random.randrange(1, 9))
            fits += [v for v in (wide, -wide) if allowed(symbol, v)]
        return self.random.choice(fits or [v for v in WHOLE if allowed(symbol, v)] or [Fraction(1)])

    def _function(self, n: int) -> tuple[int, ...]:
        return tuple(self.random.randrange(-1 - n // 8, 3 + n // 8) for _ in range(4))

    def values(self, draw: Draw) -> list[Any]:
        """The values of the sides; raises `Undefined`, `Unknown`, or `Outside` where a fact fails."""
        sides, facts, _ = self.concrete(draw.sizes, draw.at)
        if not all(allowed(s, v) for s, v in draw.values.items()):
            raise Outside
        evaluator = Evaluator(draw.values, draw.functions)
        for e, strict in facts:
            if sign(evaluator.of(e)) < (1 if strict else 0):
                raise Outside
        return [evaluator.of(e) for e in sides]

    def simpler(self, draw: Draw, symbol: Expr) -> Iterator[Draw]:
        """The point with one value replaced by a simpler one, simplest first."""
        for new in SIMPLE:
            if weight(new) < weight(draw.values[symbol]) and allowed(symbol, new):
                yield replace(draw, values={**draw.values, symbol: new})

    def shown(self, draw: Draw) -> dict[str, str]:
        """The point as names and texts."""
        _, _, slots = self.concrete(draw.sizes, draw.at)
        out: dict[str, str] = {}
        written_out = False
        for axis, symbol, _, slot in slots:
            if axis is None and not symbol.name.startswith(SHIFT):
                out[symbol.name] = str(draw.values[slot])
        for k, axis in enumerate(self.axes):
            used, rows = False, dict[str, list[str]]()
            for entry in axis.entries:
                given = {i: draw.values[s] for a, e, i, s in slots if a is axis and e == entry}
                name = axis.names[entry]
                if len(given) < draw.sizes[k]:  # the other entries do not matter
                    out.update({f"{name}[{i + 1}]": str(v) for i, v in given.items()})
                else:
                    rows[name] = [str(v) for v in given.values()]
                used = used or any(e.has(entry, axis.entries[entry]) for e in self.sides)
            written_out = written_out or bool(rows)
            if axis.kind == "expectation":
                out.update({n: " or ".join(row) + ", equally likely" for n, row in rows.items()})
                continue
            out.update({name: f"({', '.join(row)})" for name, row in rows.items()})
            if used:
                out[axis.name] = str(draw.at[k] + 1)
            elif not written_out and axis.N.is_Symbol:
                out[str(axis.N)] = str(draw.sizes[k])
        for name, coefficients in draw.functions.items():
            t = sp.Symbol("t")
            out[f"{name}(t)"] = str(sp.Add(*(c * t**k for k, c in enumerate(coefficients))))
        return out


def _satisfies(values: Mapping[Expr, Fraction], facts: Sequence[Fact]) -> bool:
    """Whether facts certainly hold at a point."""
    evaluator = Evaluator(values)
    try:
        return all(sign(evaluator.of(f.expr)) >= (1 if f.strict else 0) for f in facts)
    except (Unknown, Undefined):
        return False


class Outside(Exception):
    """A fact or an assumption does not hold at the point."""


def allowed(symbol: Expr, v: Fraction) -> bool:
    """Whether a symbol's assumptions allow a value."""
    bit = BITS[(v > 0) - (v < 0) + 1]
    if not of_symbol(symbol) & bit:
        return False
    return not symbol.is_integer or v.denominator == 1


def weight(v: Fraction) -> int:
    """How hard a number is to read."""
    return abs(v.numerator) * 2 + (20 + v.denominator if v.denominator > 1 else 0) + (v < 0)
