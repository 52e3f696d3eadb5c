"""Syntax trees of expressions: plain data in the author's own order, and what is refused as text.

Every node remembers the column (from 1) it was read at; two trees are equal whatever their columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TypeAlias


class Unreadable(ValueError):
    """A text that is refused: one sentence, and the line and column (both from 1) it is about."""

    def __init__(self, sentence: str, column: int = 1, line: int = 0) -> None:
        super().__init__(sentence)
        self.sentence, self.column, self.line = sentence, column, line


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it was written: 3, 0.25, 1e-5.  It means exactly that rational number."""

    text: str
    column: int = field(default=0, compare=False)

    @property
    def value(self) -> Fraction:
        """The number."""
        return Fraction(self.text)


@dataclass(frozen=True, slots=True)
class Name:
    """A name: a real number, or the entry j of a batch."""

    name: str
    column: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """x[k]: another entry of a batch, k != j."""

    name: str
    index: str
    column: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A function of arguments; `primes` counts derivatives, as in f''(x)."""

    function: str
    arguments: tuple[Tree, ...]
    primes: int = 0
    column: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Minus:
    """The negative of an expression."""

    operand: Tree
    column: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Binary:
    """left OPERATOR right, with one of + - * / **."""

    operator: str
    left: Tree
    right: Tree
    column: int = field(default=0, compare=False)


Tree: TypeAlias = Number | Name | Entry | Call | Minus | Binary


def children(tree: Tree) -> tuple[Tree, ...]:
    """The expressions directly inside a tree."""
    match tree:
        case Call(arguments=arguments):
            return arguments
        case Minus(operand=operand):
            return (operand,)
        case Binary(left=left, right=right):
            return left, right
        case _:
            return ()


def rebuilt(tree: Tree, inner: Callable[[Tree], Tree]) -> Tree:
    """The tree with `inner` applied to the expressions directly inside it."""
    return with_children(tree, [inner(one) for one in children(tree)])


def with_children(tree: Tree, parts: Sequence[Tree]) -> Tree:
    """The tree with other expressions directly inside it, as many as `children` gives."""
    match tree:
        case Call():
            return replace(tree, arguments=tuple(parts))
        case Minus():
            return replace(tree, operand=parts[0])
        case Binary():
            return replace(tree, left=parts[0], right=parts[1])
        case _:
            return tree


def replaced(tree: Tree, values: Mapping[str, Tree]) -> Tree:
    """The tree with names replaced by other trees."""
    if isinstance(tree, Name):
        return values.get(tree.name, tree)
    return rebuilt(tree, lambda one: replaced(one, values))


def walk(tree: Tree) -> Iterator[Tree]:
    """The tree and everything inside it, from left to right."""
    waiting = [tree]
    while waiting:
        one = waiting.pop()
        yield one
        waiting.extend(reversed(children(one)))


def names_in(tree: Tree) -> set[str]:
    """The names that occur; those of functions are not among them."""
    return {one.name for one in walk(tree) if isinstance(one, Name | Entry)}


Functions: TypeAlias = Mapping[str, tuple[tuple[str, ...], Tree]]  # name -> parameters, definition


def names_used(tree: Tree, functions: Functions) -> set[str]:
    """The names that occur in an expression and in the definitions of the functions it calls."""
    found = names_in(tree)
    for one in walk(tree):
        if isinstance(one, Call) and one.function in functions:
            parameters, body = functions[one.function]
            found |= names_used(body, functions) - set(parameters)
    return found


def constant(tree: Tree) -> Fraction | None:
    """The value of an expression of numbers and + - * / alone; None for any other, or a division by 0."""
    match tree:
        case Number():
            return tree.value
        case Minus(operand=operand):
            inner = constant(operand)
            return None if inner is None else -inner
        case Binary(operator=operator, left=left, right=right) if operator != "**":
            a, b = constant(left), constant(right)
            if a is None or b is None or (operator == "/" and b == 0):
                return None
            return {"+": a + b, "-": a - b, "*": a * b, "/": a / (b or 1)}[operator]
        case _:
            return None
