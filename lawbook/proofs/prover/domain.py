"""Where an expression is defined: its denominators, roots and logarithms, as conditions in text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import sympy as sp
from sympy.core.relational import Relational

from lawbook.proofs.prover.cases import Cases
from lawbook.proofs.prover.kernels import Kernels
from lawbook.proofs.prover.polynomials import Budget, TooLarge, Undefined, Unsupported
from lawbook.proofs.prover.signs import (
    ANY,
    NEGATIVE,
    NIL,
    NONZERO,
    POSITIVE,
    RELATIONS,
    is_integer,
    opposite,
    structural,
)

Expr = Any

OPERATIONS = 2_000_000  # to show conditions on definitions by cases
TEXTS = {
    POSITIVE: "> 0",
    POSITIVE | NIL: "≥ 0",
    NEGATIVE: "< 0",
    NEGATIVE | NIL: "≤ 0",
    NONZERO: "≠ 0",
    NIL: "= 0",
}


def requirements(e: Expr) -> Iterator[tuple[Expr, int, tuple[Expr, ...]]]:
    """(expression, signs it must have, conditions under which), innermost first."""
    if isinstance(e, sp.Piecewise):
        before: tuple[Expr, ...] = ()
        for value, condition in e.args:
            for compared in condition.atoms(Relational):
                for part, sign, under in requirements(compared.lhs - compared.rhs):
                    yield part, sign, (*before, *under)
            for part, sign, under in requirements(value):
                yield part, sign, (*before, condition, *under)
            before = (*before, sp.Not(condition))
        return
    for a in e.args:
        if isinstance(a, sp.Expr):
            yield from requirements(a)
    if e.is_Pow:
        base, n = e.args
        if n.is_Integer:
            if n < 0:
                yield from ((f, NONZERO, ()) for f in _factors(base))
        elif n.is_Rational:
            yield base, POSITIVE if n < 0 else POSITIVE | NIL, ()
        elif not is_integer(n):
            yield base, POSITIVE, ()
        elif not n.is_nonnegative:
            yield base, NONZERO, ()
    elif isinstance(e, sp.log):
        yield e.args[0], POSITIVE, ()
    elif isinstance(e, sp.DiracDelta):
        yield e.args[0], NONZERO, ()


def _factors(e: Expr) -> list[Expr]:
    if e.is_Mul:
        return [f for a in e.args for f in _factors(a)]
    if e.is_Pow and not e.exp.is_negative:
        return _factors(e.base)
    if isinstance(e, sp.Abs | sp.sign):
        return _factors(e.args[0])
    return [] if e.is_Number else [e]


class Domain:
    """What has to hold for the sides to be defined beyond what is assumed, in order of appearance."""

    def __init__(self, kernels: Kernels) -> None:
        self.kernels = kernels
        self.needed: dict[Expr, int] = {}
        self.known: list[tuple[Expr, int]] = []
        self.budget = Budget(OPERATIONS)

    def add(self, e: Expr) -> None:
        """Take in what one side needs."""
        for part, needed, under in requirements(e):
            if any(self.kernels.truth(c) is False for c in under):
                continue
            if under and self._settled_under(part, needed, under):
                continue
            if not under and not self.kernels.sign(part) & ~needed:
                continue
            self.require(part, needed, always=not under)

    def require(self, part: Expr, needed: int, always: bool = True) -> None:
        """Add one condition; one that is needed in some cases only is not used as a fact.

        Raises Unsupported where conditions of different cases contradict each other.
        """
        while part.is_Pow and part.exp.is_Integer and part.exp % 2 and part.exp > 0:
            part = part.base
        if part.could_extract_minus_sign():
            part, needed = -part, opposite(needed)
        if not (always and part.has(sp.Piecewise) and self._holds_in_all_cases(part, needed)):
            self.needed[part] = self.needed.get(part, ANY) & needed
        if always:
            self.known.append((part, needed))
            self.kernels.assume(part, needed)
        if not self.needed.get(part, needed):
            raise Unsupported(f"conditions on {part} that contradict each other")

    def _holds_in_all_cases(self, part: Expr, needed: int) -> bool:
        """Whether a condition on a definition by cases is none: it holds in every case."""

        def holds(kernels: Kernels, e: Expr) -> bool:
            return not kernels.sign(e) & ~needed

        try:
            return Cases([part], holds, self.budget).hold([*self.kernels.known.items()])
        except TooLarge:
            return False

    def _follows(self, part: Expr, needed: int, others: Sequence[tuple[Expr, int]]) -> bool:
        """Whether a condition on a product follows from those on its factors."""
        if not part.is_Mul:
            return False
        table = dict(others)
        return not structural(part, lambda e: table.get(e, ANY)) & ~needed

    def _settled_under(self, part: Expr, needed: int, under: tuple[Expr, ...]) -> bool:
        kernels = Kernels(self.kernels.budget, self.kernels.settings)
        known = [*self.kernels.known.items()]
        for c in under:
            known += _signs_in(c)
        try:
            for e, sign in known:
                kernels.assume(e, sign)
            return not kernels.sign(part) & ~needed
        except Undefined:
            return True  # the case never applies

    def texts(self, names: dict[str, str]) -> tuple[str, ...]:
        """The conditions to be shown; `names` are replacements in the text."""
        out = []
        for part, needed in self.needed.items():
            others = [(e, sign) for e, sign in self.needed.items() if e != part]
            if len(others) and self._follows(part, needed, others):
                continue
            out.append(f"{plain(part, names)} {TEXTS[needed]}")
        return tuple(dict.fromkeys(out))


def _signs_in(c: Expr) -> list[tuple[Expr, int]]:
    if isinstance(c, sp.And):
        return [pair for a in c.args for pair in _signs_in(a)]
    return [(c.lhs - c.rhs, RELATIONS[type(c)])] if type(c) in RELATIONS else []


def plain(e: Expr, names: dict[str, str]) -> str:
    """An expression as text, with index marks of generic entries taken off."""
    cases = {part: sp.Symbol(_in_words(part)) for part in e.atoms(sp.Piecewise)}
    text = str(e.xreplace(cases))
    for old, new in names.items():
        text = text.replace(old, new)
    return re.sub(r"\b(Abs|Max|Min)\(", lambda found: found[0].lower(), text)


def _in_words(e: Expr) -> str:
    """A definition by cases: "(1 if x > 0 else 0)"."""
    said = [
        plain(value, {}) + (f" if {plain(when, {})}" if when != sp.true else "")
        for value, when in e.args
    ]
    return f"({' else '.join(said)})"
