"""Statements in the words of a reader: what is given, and which rule led from one line to the next."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import takewhile
from typing import TypeAlias

from lawbook.proofs.text.expressions import parse
from lawbook.proofs.text.names import Known
from lawbook.proofs.text.statements import (
    Assume,
    Batch,
    Declaration,
    Diff,
    Functions,
    Given,
    Let,
    Random,
    Replace,
    Rule,
    Scale,
    Solve,
)
from lawbook.proofs.text.syntax import Entry, Name, Tree, Unreadable, names_in

KINDS = {"integer": "an integer", "real": "a real number"}
INTERVAL = re.compile(r"\[(-?\d+\.\d+), (-?\d+\.\d+)\]")
DIGITS = 14  # characters of a decimal number
RELATION = re.compile(r"(.+?) ([=≠≥≤<>]) (.+)")
RELATION_SIGNS = {"=": "=", "!=": "≠", ">=": "≥", "<=": "≤", ">": ">", "<": "<"}


@dataclass(frozen=True)
class Math:
    """Expressions with signs between them: a definition, a relation, one side of an equation.

    indexed: the names that have one value for each entry of a batch.
    """

    parts: tuple[Tree | str, ...]
    indexed: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Verbatim:
    """A name as it stands in code."""

    text: str


Words: TypeAlias = tuple[str | Math | Verbatim, ...]  # a sentence with formulas in it


@dataclass
class Narrator:
    """Tells declarations, lines and rules; keeps what it needs of the declarations so far."""

    known: Known = field(default_factory=Known)
    lets: list[Let] = field(default_factory=list)

    def math(self, *parts: Tree | str) -> Math:
        """A formula with the indices that its names have by now."""
        return Math(parts, frozenset(self.known.indexed))

    def declaration(self, what: Declaration) -> list[Words]:
        """What a line declares, one sentence each."""
        match what:
            case Assume(relations, declared):
                kinds: list[Words] = [(_name(n), f" {KINDS.get(k, k)}") for n, k in declared]
                signs = [(self.math(a.left, RELATION_SIGNS[a.sign], a.right),) for a in relations]
                return [_joined([*kinds, *signs], ", ")]
            case Batch(names, size):
                self.known.add_batch(names, size)
                numbers = "numbers" if len(names) == 1 else "numbers each"
                return [(*_listed(names), ": ", _name(size), f" {numbers}")]
            case Random(names):
                kind = "independent random variables" if len(names) > 1 else "a random variable"
                return [(*_listed(names), f": {kind}")]
            case Functions(names):
                kind = "smooth functions" if len(names) > 1 else "a smooth function"
                return [(*_listed(names), f": {kind}")]
            case Given(left, right):
                return [(self.math(left, "=", right),)]
            case Let(name, tree, parameters):
                self.known.define(name, tree, parameters)
                self.lets.append(what)
                return [(self.math(what.head, "=", tree),)]

    def rule(self, what: Rule) -> Words:
        """What a rule does."""
        match what:
            case Diff(name, True, _):
                at = self.math(Entry(name, "k"))
                return ("differentiate with respect to ", at, ", another entry")
            case Diff(name, _, ()):
                at = self.math(Name(name))
                return ("differentiate with respect to ", at, self._paths(name))
            case Diff(name, _, frozen):
                held = (", holding ", *_listed(frozen), " fixed")
                return ("differentiate with respect to ", self.math(Name(name)), *held)
            case Replace(word, pairs):
                verb = "substitute " if word == "sub" else "at "
                return (verb, *_joined([(self.math(a, "=", b),) for a, b in pairs]))
            case Solve(name):
                return ("set to zero and solve for ", self.math(Name(name)))
            case Scale(tree):
                return ("multiply by ", self.math(tree))
        raise TypeError(f"{what!r} is not a rule")

    def _paths(self, name: str) -> str:
        """Words for the total derivative, where a definition depends on the name too."""
        reached = {name}
        for let in self.lets:
            if names_in(let.tree) & reached:
                reached.add(let.name)
        return ", along every path" if len(reached) > 1 else ""


def condition(text: str, indexed: frozenset[str] = frozenset()) -> Words:
    """A condition as a prover gives it, as text: "w - w0 ≠ 0"."""
    found = RELATION.fullmatch(text)
    left, right = (_tree(found[1]), _tree(found[3])) if found else (None, None)
    if found is None or left is None or right is None:
        return (text,)
    return (Math((left, found[2], right), indexed),)


def assignment(name: str, text: str) -> Words:
    """A name and its value at a point, as text: a number, or those of a batch as "(0, 1, 3)"."""
    parts, head = _value(text), _tree(name)
    if head is None:
        return (f"{name} = {text}",)
    return (Math((head, "=")), f" {text}") if parts is None else (Math((head, "=", *parts)),)


def value(text: str) -> Words:
    """A value at a point, as text; of an interval of decimals the digits that are certain."""
    interval = INTERVAL.fullmatch(text)
    ends = zip(*interval.groups(), strict=False) if interval else ()
    certain = "".join(a for a, _ in takewhile(lambda pair: pair[0] == pair[1], ends))
    if len(certain) > 3:
        return (f"{certain[:DIGITS]}…",)
    parts = _value(text)
    return (text,) if parts is None else (Math(parts),)


def _value(text: str) -> tuple[Tree | str, ...] | None:
    """A number or several in parentheses as a formula; None where it is in words."""
    several = text[:1] + text[-1:] == "()"
    trees = [_tree(one) for one in (text[1:-1] if several else text).split(", ")]
    parts: list[Tree | str] = []
    for tree in trees:
        if tree is None:
            return None
        parts += [",", tree] if parts else [tree]
    return ("(", *parts, ")") if several else tuple(parts)


def _tree(text: str) -> Tree | None:
    """The text as an expression; None where it is in words, to be shown as it stands."""
    try:
        return parse(text)
    except Unreadable:
        return None


def _name(name: str) -> Math:
    return Math((Name(name),))


def _listed(names: Iterable[str]) -> Words:
    """Names in a sentence: "a", "a and b", "a, b and c"."""
    return _joined([(_name(name),) for name in names])


def _joined(items: list[Words], last_sign: str = " and ") -> Words:
    """Sentences in a row: "a", "a and b", "a, b and c"."""
    found: list[str | Math | Verbatim] = []
    for index, item in enumerate(items):
        last = index == len(items) - 1
        found += [last_sign if last else ", "] if index else []
        found += item
    return tuple(found)
