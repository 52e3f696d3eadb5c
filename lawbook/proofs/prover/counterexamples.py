"""The search for a point at which two sides certainly differ, and its text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import mpmath
import sympy as sp

from lawbook.proofs.prover.intervals import Unknown, difference
from lawbook.proofs.prover.points import Draw, Fact, Outside, Points
from lawbook.proofs.prover.polynomials import Undefined

Expr = Any

DRAWS = 25  # at most so many draws for one point inside the domain
USELESS = 6  # at most so many points without values for one with values
SHORT = 24  # characters of an exact irrational value that is still readable
LONG = 60  # operations of an expression too long to be shown with its numbers
DIGITS = 6
MOST_DIGITS = 42


def kinks_of(sides: Sequence[Expr]) -> list[Expr]:
    """What is inside |.|, sign, max, min and conditions: where it is zero, there may be a kink."""
    out = []
    for e in sides:
        out += [a.args[0] for a in e.atoms(sp.Abs, sp.sign, sp.Heaviside)]
        for a in e.atoms(sp.Max, sp.Min):
            out += [x - y for i, x in enumerate(a.args) for y in a.args[i + 1 :]]
        out += [a.lhs - a.rhs for a in e.atoms(sp.core.relational.Relational)]
    return list(dict.fromkeys(out))


def _not_zero(gap: Any) -> bool:
    return not _holds_zero(gap)


def negative(gap: Any) -> bool:
    """Whether a value is certainly negative."""
    return bool(gap < 0 if isinstance(gap, Fraction) else gap.b < 0)


class Search:
    """Looks for a point; `agreed`, `undefined` and `unknown` count what was met on the way.

    violates: what the difference of the sides must certainly not be; for an equation, not zero.
    """

    def __init__(
        self,
        sides: Sequence[Expr],
        facts: Sequence[Fact],
        axes: Sequence[Any],
        smooth: bool = False,
        violates: Callable[[Any], bool] = _not_zero,
    ) -> None:
        self.violates = violates
        self.points = Points([*sides, *(kinks_of(sides) if smooth else [])], facts, axes)
        self.agreed = self.undefined = self.unknown = 0
        self._drawn = 0

    def differ(self, draw: Draw) -> tuple[Any, Any] | None:
        """Both values where they certainly differ, else None."""
        try:
            due, written, *kinks = self.points.values(draw)
            gap = difference(due, written)
        except Outside:
            return None
        except Undefined:
            self.undefined += 1
            return None
        except Unknown:
            self.unknown += 1
            return None
        if any(_holds_zero(v) for v in kinks):
            return None
        if self.violates(gap):
            return due, written
        self.agreed += 1
        return None

    def find(self, count: int) -> tuple[Draw, Any, Any] | None:
        """A point where the sides differ, made simple; None after `count` points where they agree."""
        start, met = self.agreed, self.undefined + self.unknown
        for draw in self.points.draws(count * DRAWS, self._drawn):
            self._drawn += 1
            values = self.differ(draw)
            if values:
                return self._simplest(draw, values)
            useless = self.undefined + self.unknown - met
            if self.agreed - start >= count or useless > USELESS * count:
                return None
        return None

    def _simplest(self, draw: Draw, values: tuple[Any, Any]) -> tuple[Draw, Any, Any]:
        """Change one value after the other to a simpler one, as long as the sides differ."""
        for symbol in list(draw.values):
            for other in self.points.simpler(draw, symbol):
                found = self.differ(other)
                if found and _exactness(found) <= _exactness(values):
                    draw, values = other, found
                    break
        return draw, *values

    def shown(self, draw: Draw, values: Sequence[Any]) -> list[str]:
        """Values as texts that differ: fractions, short exact expressions, or decimals."""
        sides, _, _ = self.points.concrete(draw.sizes, draw.at)
        at = {s: sp.Rational(v.numerator, v.denominator) for s, v in draw.values.items()}
        digits = DIGITS
        while True:
            texts = []
            for value, side in zip(values, sides, strict=False):
                exact = None if draw.functions else _written(side, at)
                texts.append(_text(value, exact, digits))
            if not _same(*texts[:2]) or digits >= MOST_DIGITS:
                return texts
            digits += DIGITS


def _written(side: Expr, at: dict[Expr, Expr]) -> Expr | None:
    """The side at the point where SymPy writes it without comparing numbers, which can be slow."""
    compared = side.has(sp.Max, sp.Min, sp.Piecewise, sp.Heaviside)
    return None if compared or sp.count_ops(side) > LONG else side.xreplace(at)


def _text(value: Any, exact: Expr, digits: int) -> str:
    if isinstance(value, Fraction):
        return str(value)
    if exact is not None and exact.is_number and len(str(exact)) <= SHORT:
        return str(exact).replace("Abs(", "abs(")
    with mpmath.workdps(MOST_DIGITS):
        return str(mpmath.nstr(mpmath.mpf(value.mid), digits))


def _same(first: str, second: str) -> bool:
    """Whether two texts say the same, as 1 and 1.0 do."""
    try:
        return Fraction(first) == Fraction(second)
    except ValueError:  # not both are numbers
        return first == second


def _holds_zero(v: Any) -> bool:
    return bool(v == 0 if isinstance(v, Fraction) else 0 in v)


def _exactness(values: tuple[Any, Any]) -> int:
    return sum(not isinstance(v, Fraction) for v in values)
