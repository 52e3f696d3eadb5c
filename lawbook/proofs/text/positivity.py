"""Signs that follow from how an expression is written: what of -1, 0, 1 its sign can be.

Sound, not complete: a square is not negative, a sum over a batch of positive terms is positive, and so on.
It decides which conditions ("s ≠ 0") need not be said, without SymPy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import product
from typing import TypeAlias

from lawbook.proofs.text.statements import Relation
from lawbook.proofs.text.syntax import Binary, Call, Entry, Minus, Name, Number, Tree, constant

Signs: TypeAlias = frozenset[int]

ANY, POSITIVE, NOT_NEGATIVE, ZERO = (
    frozenset({-1, 0, 1}),
    frozenset({1}),
    frozenset({0, 1}),
    frozenset({0}),
)
OF_KIND = {
    "positive": POSITIVE,
    "negative": frozenset({-1}),
    "nonnegative": NOT_NEGATIVE,
    "nonzero": frozenset({-1, 1}),
}
FLIPPED = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "!=": "!="}


def sign(number: Fraction) -> int:
    """-1, 0 or 1."""
    return (number > 0) - (number < 0)


class SignTable:
    """What is known of the signs of names, from assumptions and definitions."""

    def __init__(
        self,
        relations: Iterable[Relation] = (),
        declared: Iterable[tuple[str, str]] = (),
        lets: Mapping[str, Tree] | None = None,
    ) -> None:
        self.relations, self.declared = list(relations), list(declared)
        self.lets = {} if lets is None else lets
        self.named: dict[str, Signs] = {"pi": POSITIVE}
        self.integers = {name for name, kind in self.declared if kind == "integer"}
        self._definitions: dict[str, Signs] = {}
        for name, kind in self.declared:
            self._narrow(name, OF_KIND.get(kind, ANY))
        for one in self.relations:
            for left, comparison, right in (
                (one.left, one.sign, one.right),
                (one.right, FLIPPED[one.sign], one.left),
            ):
                bound = constant(right)
                if isinstance(left, Name) and bound is not None:
                    self._narrow(left.name, beyond(comparison, bound))

    def _narrow(self, name: str, signs: Signs) -> None:
        self.named[name] = self.named.get(name, ANY) & signs

    @property
    def impossible(self) -> list[str]:
        """Names that no number can be, because the assumptions contradict each other."""
        return [name for name, signs in self.named.items() if not signs]

    def of(self, tree: Tree) -> Signs:
        """The signs the value can have, where it is defined."""
        match tree:
            case Number():
                return frozenset({sign(tree.value)})
            case Name(name=name) | Entry(name=name):
                return self._of_name(name)
            case Minus(operand=operand):
                return frozenset(-s for s in self.of(operand))
            case Call():
                return self._of_call(tree)
            case Binary():
                return self._of_binary(tree)

    def _of_name(self, name: str) -> Signs:
        if name not in self.lets or name in self.named:
            return self.named.get(name, ANY)
        if name not in self._definitions:
            self._definitions[name] = self.of(self.lets[name])
        return self._definitions[name]

    def _of_call(self, call: Call) -> Signs:
        inner = [self.of(one) for one in call.arguments]
        if call.primes:
            return ANY
        match call.function:
            case "exp":
                return POSITIVE
            case "abs":
                return frozenset(abs(s) for s in inner[0])
            case "sqrt":
                return inner[0] & NOT_NEGATIVE
            case "tanh" | "erf" | "sign":
                return inner[0]
            case "sum" | "E":
                return inner[0] if len(inner[0]) == 1 or -1 not in inner[0] else _sums(inner[0])
            case "max":
                return frozenset(max(pair) for pair in product(*inner))
            case "min":
                return frozenset(min(pair) for pair in product(*inner))
            case _:
                return ANY

    def _of_binary(self, tree: Binary) -> Signs:
        left, right = self.of(tree.left), self.of(tree.right)
        if tree.operator == "**":
            return self._of_power(left, tree.right)
        if tree.operator in ("*", "/"):
            if tree.left == tree.right:
                return frozenset(s * s for s in left)
            return frozenset(a * b for a, b in product(left, right) if b or tree.operator == "*")
        if tree.operator == "-":
            return self._of_difference(tree.left, tree.right) & _added(
                left, frozenset(-s for s in right)
            )
        return _added(left, right)

    def _of_power(self, base: Signs, exponent: Tree) -> Signs:
        power = constant(exponent)
        if power is not None and power.denominator == 1:
            if power == 0:
                return POSITIVE
            return frozenset(s * s for s in base) if power % 2 == 0 else base
        if power is not None:
            return base & NOT_NEGATIVE
        return POSITIVE if base == POSITIVE else ANY

    def _of_difference(self, left: Tree, right: Tree) -> Signs:
        """What an assumption says of left - right, such as w0 - mu > 0."""
        found = ANY
        for one in self.relations:
            for a, comparison, b in (
                (one.left, one.sign, one.right),
                (one.right, FLIPPED[one.sign], one.left),
            ):
                if (a, b) == (left, right):
                    found &= beyond(comparison, Fraction(0))
        return found


def beyond(comparison: str, bound: Fraction) -> Signs:
    """The signs of what is > (<, >=, <=, !=) a number."""
    match comparison:
        case ">":
            return POSITIVE if bound >= 0 else ANY
        case ">=":
            return POSITIVE if bound > 0 else NOT_NEGATIVE if bound == 0 else ANY
        case "!=":
            return frozenset({-1, 1}) if bound == 0 else ANY
        case _:
            return frozenset(-s for s in beyond(FLIPPED[comparison], -bound))


def _added(left: Signs, right: Signs) -> Signs:
    """The signs of a sum of two numbers."""
    found: set[int] = set()
    for a, b in product(left, right):
        found |= {a + b} if 0 in (a, b) else {a} if a == b else ANY
    return frozenset(found)


def _sums(terms: Signs) -> Signs:
    """The signs of a sum of one or more terms."""
    return _added(_added(terms, terms), terms)
