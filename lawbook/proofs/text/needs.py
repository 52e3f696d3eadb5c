"""Where an expression is defined, in the author's own terms: denominators, roots, logarithms, kinks.

What follows from how it is written (`positivity`) is not said; the rest becomes conditions ("1 + mu ≠ 0") and
facts for the prover, so that no line is refuted at a point where it means nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from lawbook.proofs.text.plain import source
from lawbook.proofs.text.positivity import NOT_NEGATIVE, OF_KIND, POSITIVE, Signs, SignTable
from lawbook.proofs.text.syntax import (
    Binary,
    Call,
    Entry,
    Functions,
    Minus,
    Name,
    Tree,
    constant,
    names_used,
    rebuilt,
    replaced,
    walk,
)

NONZERO: Signs = frozenset({-1, 1})
SAID = {NONZERO: "≠ 0", NOT_NEGATIVE: "≥ 0", POSITIVE: "> 0"}


@dataclass(frozen=True)
class Need:
    """The sign a part of an expression has to have for the whole to be defined."""

    tree: Tree
    signs: Signs

    def said(self, text: str = "") -> str:
        """The condition in words: "1 + mu ≠ 0"; text: what to call the expression."""
        return f"{text or source(self.tree)} {SAID[self.signs]}"


class Domains:
    """The conditions of expressions, given the definitions and what is known of signs."""

    def __init__(
        self,
        table: SignTable,
        lets: Mapping[str, Tree],
        functions: Functions,
    ) -> None:
        self.table, self.lets, self.functions = table, lets, functions

    def needs(self, tree: Tree) -> list[Need]:
        """What has to hold for the value to be defined, as far as it is not known to."""
        return self._open(need for one in self.parts(tree) for need in self._of_node(one))

    def replaced(self, needs: Iterable[Need], values: Mapping[str, Tree]) -> list[Need]:
        """The conditions after names were replaced."""
        return self._open(Need(self.moved(one.tree, values), one.signs) for one in needs)

    def moved(self, tree: Tree, values: Mapping[str, Tree]) -> Tree:
        """The tree with names replaced, also in the definitions it uses, which are written out then."""
        if isinstance(tree, Name | Entry):
            if tree.name in values:
                return values[tree.name]
            if tree.name in self.lets and any(self.reaches(tree, name) for name in values):
                return self.moved(self.lets[tree.name], values)
            return tree
        if isinstance(tree, Call) and tree.function in self.functions and not tree.primes:
            parameters, body = self.functions[tree.function]
            inner = replaced(body, {one: Name(f"{one}'") for one in parameters})
            if any(self.reaches(inner, name) for name in values):
                places = zip(parameters, tree.arguments, strict=True)
                return self.moved(replaced(body, dict(places)), values)
        made = rebuilt(tree, lambda one: self.moved(one, values))
        if isinstance(made, Binary) and made.operator in "+-":
            if constant(made.right) == 0:
                return made.left
            if constant(made.left) == 0 and made.operator == "+":
                return made.right
        return made

    def assumed(self, values: Mapping[str, Tree]) -> Iterator[tuple[Need, str]]:
        """What is assumed of names, asked of values of them, and the assumption in words."""
        for one in self.table.relations:
            if (self.reached_from(one.left) | self.reached_from(one.right)) & set(values):
                below = "<" in one.sign
                a, b = (one.right, one.left) if below else (one.left, one.right)
                gap = a if constant(b) == 0 else Binary("-", a, b)
                signs = (
                    NONZERO if one.sign == "!=" else NOT_NEGATIVE if "=" in one.sign else POSITIVE
                )
                yield Need(self.moved(gap, values), signs), one.text
        for name, kind in self.table.declared:
            if name in values and kind in OF_KIND:
                tree = Minus(values[name]) if kind == "negative" else values[name]
                signs = POSITIVE if kind == "negative" else OF_KIND[kind]
                yield Need(tree, signs), f"{name} {kind}"

    def smooth(self, tree: Tree, variable: str) -> list[Need]:
        """What has to hold besides for a derivative to exist: away from kinks and ends of roots."""
        parts = [one for one in self.parts(tree) if self.reaches(one, variable)]
        return self._open(need for one in parts for need in _of_kink(one))

    def reaches(self, tree: Tree, variable: str) -> bool:
        """Whether the variable occurs, also inside definitions."""
        return variable in self.reached_from(tree)

    def reached_from(self, tree: Tree) -> set[str]:
        """The names that occur, also inside definitions."""
        return self.reached(names_used(tree, self.functions))

    def reached(self, names: Iterable[str]) -> set[str]:
        """The names, and those that occur inside their definitions."""
        waiting, seen = set(names), set[str]()
        while waiting:
            name = waiting.pop()
            seen.add(name)
            if name in self.lets:
                waiting |= names_used(self.lets[name], self.functions) - seen
        return seen

    def joined(self, needs: Iterable[Need]) -> list[Need]:
        """The conditions without repetition: x > 0 says x ≠ 0 too."""
        found: dict[Tree, Signs] = {}
        for one in needs:
            found[one.tree] = found.get(one.tree, one.signs) & one.signs
        return [Need(tree, signs) for tree, signs in found.items() if signs in SAID]

    def _open(self, needs: Iterable[Need]) -> list[Need]:
        simple = dict.fromkeys(simpler for one in needs for simpler in _simpler(one))
        return [one for one in simple if not self.table.of(one.tree) <= one.signs]

    def parts(self, tree: Tree) -> Iterator[Tree]:
        """Everything in an expression, with definitions followed once each."""
        seen: set[str] = set()
        waiting = [tree]
        while waiting:
            for one in walk(waiting.pop()):
                yield one
                if isinstance(one, Name | Entry) and one.name in self.lets and one.name not in seen:
                    seen.add(one.name)
                    waiting.append(self.lets[one.name])
                elif isinstance(one, Call) and one.function in self.functions:
                    parameters, body = self.functions[one.function]
                    waiting.append(
                        replaced(body, dict(zip(parameters, one.arguments, strict=True)))
                    )

    def _of_node(self, tree: Tree) -> Iterator[Need]:
        match tree:
            case Call(function=name, primes=primes) if primes and name in self.functions:
                yield from self._of_slope(tree)
            case Binary(operator="/", right=right) if not constant(right):
                yield Need(right, NONZERO)
            case Binary(operator="**", left=left, right=right):
                power = constant(right)
                if power is None:
                    if not self._is_integer(right):
                        yield Need(left, POSITIVE)
                    elif not self.table.of(right) <= NOT_NEGATIVE:
                        yield Need(left, NONZERO)
                elif power.denominator > 1:
                    yield Need(left, NOT_NEGATIVE if power > 0 else POSITIVE)
                elif power < 0:
                    yield Need(left, NONZERO)
            case Call(function="sqrt", arguments=(inner,)):
                yield Need(inner, NOT_NEGATIVE)
            case Call(function="log", arguments=(inner,)):
                yield Need(inner, POSITIVE)

    def _of_slope(self, call: Call) -> Iterator[Need]:
        """What a derivative of a defined function needs: away from its kinks, at the argument."""
        (parameter,), body = self.functions[call.function]
        place = f"{parameter}'"  # a name that no text can hold
        inner = replaced(body, {parameter: Name(place)})
        for one in self.parts(inner):
            if self.reaches(one, place):
                for need in _of_kink(one):
                    yield Need(replaced(need.tree, {place: call.arguments[0]}), need.signs)

    def _is_integer(self, tree: Tree) -> bool:
        """Whether an exponent is made of integers by + - *."""
        return all(
            (isinstance(one, Name) and one.name in self.table.integers)
            or (not isinstance(one, Name | Entry | Call) and not _divides(one))
            for one in walk(tree)
        )


def _divides(tree: Tree) -> bool:
    value = constant(tree)
    return (isinstance(tree, Binary) and tree.operator == "/") or (
        value is not None and value.denominator > 1
    )


def _simpler(need: Need) -> Iterator[Need]:
    """The same condition on smaller expressions: a*b ≠ 0 is a ≠ 0 and b ≠ 0, x**2 > 0 is x ≠ 0."""
    nonzero = need.signs == NONZERO
    match need.tree:
        case Binary(operator="*", left=left, right=right) if nonzero:
            yield from (*_simpler(Need(left, NONZERO)), *_simpler(Need(right, NONZERO)))
        case Binary(operator="/", left=left) if nonzero:  # the denominator has its own condition
            yield from _simpler(Need(left, NONZERO))
        case Binary(operator="**", left=left, right=right):
            power = constant(right)
            if (power is not None and power > 0 and nonzero) or (
                power is not None and power > 0 and power % 2 == 0 and need.signs == POSITIVE
            ):
                yield from _simpler(Need(left, NONZERO))
            else:
                yield need
        case Minus(operand=inner) | Call(function="abs" | "sqrt", arguments=(inner,)) if nonzero:
            yield from _simpler(Need(inner, NONZERO))
        case _:
            yield need


def _of_kink(tree: Tree) -> Iterator[Need]:
    match tree:
        case Call(function="abs" | "sign", arguments=(inner,)):
            yield Need(inner, NONZERO)
        case Call(function="max" | "min", arguments=(a, b)):
            yield Need(a if constant(b) == 0 else Binary("-", a, b), NONZERO)
        case Call(function="sqrt", arguments=(inner,)):
            yield Need(inner, POSITIVE)
        case Binary(operator="**", left=left, right=right):
            power = constant(right)
            if power is not None and power.denominator > 1:
                yield Need(left, POSITIVE)
