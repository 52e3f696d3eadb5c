"""The lines that declare (assume, batch, random, function, let, given), and the phrases of all lines."""

from __future__ import annotations

import re
from fractions import Fraction

from lawbook.proofs.text.expressions import parse
from lawbook.proofs.text.linear import difference
from lawbook.proofs.text.names import Known, nearest
from lawbook.proofs.text.positivity import Signs, SignTable, beyond, sign
from lawbook.proofs.text.statements import Assume, Batch, Functions, Given, Let, Random, Relation
from lawbook.proofs.text.syntax import Binary, Call, Name, Tree, Unreadable, constant
from lawbook.proofs.text.tokens import tokens

NUMBER_KINDS = ("real", "integer", "positive", "negative", "nonnegative", "nonzero")
RELATION = re.compile(r"<=|>=|!=|<|>|≤|≥|≠")
PLAIN_SIGN = {"≤": "<=", "≥": ">=", "≠": "!="}


class Phrases:
    """Reads expressions, names and equations at a line; knows the names so far.

    Texts come with the `offset` at which they begin in their line, so that errors have columns.
    """

    def __init__(self) -> None:
        self.known = Known()
        self.number = 0  # of the line
        self.declaring = False  # whether the line declares names, so that later lines depend on it
        self.columns: list[int] = []  # of the names that were read last

    def tree(
        self, text: str, offset: int, new: bool = False, parameters: tuple[str, ...] = ()
    ) -> Tree:
        """An expression with known names; new: others are declared as real numbers."""
        tree = parse(text, offset)
        self.known.check(tree, self.number, new, parameters)
        return tree

    def names(self, text: str, offset: int, skip: int) -> list[str]:
        """Names separated by commas; `self.columns` then holds where each stands."""
        found, self.columns = list[str](), list[int]()
        for piece, at in pieces(text[skip:], offset + skip):
            tree = parse(piece, at)
            if not isinstance(tree, Name):
                raise Unreadable("a name is expected", tree.column)
            if tree.name in found:
                raise Unreadable(f"{tree.name} is there twice", tree.column)
            found.append(tree.name)
            self.columns.append(tree.column)
        return found

    def one_name(self, text: str, offset: int, skip: int) -> str:
        """A name that stands alone; `self.columns` then holds where."""
        name, *more = self.names(text, offset, skip)
        if more:
            raise Unreadable("one name is expected here, not several", self.columns[1])
        return name

    def declared(self, text: str, offset: int, skip: int) -> tuple[str, ...]:
        self.declaring = True
        found = self.names(text, offset, skip)
        for name, column in zip(found, self.columns, strict=True):
            self.known.declare(name, column)
        return tuple(found)

    def equation(self, text: str, offset: int) -> tuple[Tree, Tree]:
        left, sign, right = text.partition("=")
        if not sign:
            raise Unreadable("a = is missing", len(text) + offset + 1)
        return self.tree(left, offset, True), self.tree(right, offset + len(left) + 1, True)


class Declarations(Phrases):
    """Reads the lines that declare; every method takes the text from its keyword on."""

    def __init__(self) -> None:
        super().__init__()
        self.relations: list[Relation] = []  # what is assumed so far
        self.kinds: list[tuple[str, str]] = []

    def batch(self, text: str, offset: int) -> Batch:
        self.declaring = True
        head, of, size_text = text.partition(" of ")
        if not of:
            raise Unreadable("a batch has a size: `batch x, dy of N`", len(text) + offset + 1)
        size = self.one_name(size_text, offset + len(head) + 4, 0)
        size_column = self.columns[0]
        names = self.declared(head, offset, 5)
        if self.known.random:
            raise Unreadable(
                "batches and random variables cannot stand in one derivation", offset + 1
            )
        if size != self.known.size:
            if self.known.size:
                raise Unreadable(f"all batches have one size here, {self.known.size}", size_column)
            if size in self.known.names - set(self.known.numbers):
                raise Unreadable(f"{size} is not a size", size_column)
            self.known.numbers.setdefault(size, self.number)
        self.known.add_batch(names, size)
        return Batch(names, size)

    def random(self, text: str, offset: int) -> Random:
        names = self.declared(text, offset, 6)
        if self.known.batch:
            raise Unreadable(
                "batches and random variables cannot stand in one derivation", offset + 1
            )
        self.known.random += names
        return Random(names)

    def function(self, text: str, offset: int) -> Functions:
        names = self.declared(text, offset, 8)
        self.known.functions.update(dict.fromkeys(names, 1))
        return Functions(names)

    def given(self, text: str, offset: int) -> tuple[Given, ...]:
        found = []
        for piece, at in pieces(text[5:], offset + 5):
            left, right = self.equation(piece, at)
            if not (isinstance(left, Call) and left.function in ("E", "sum")):
                raise Unreadable(
                    "`given` is about an expectation or a sum: `given E(m) = q`", left.column
                )
            found.append(Given(left, right))
        return tuple(found)

    def let(self, text: str, offset: int) -> Let:
        self.declaring = True
        left_text, sign, right_text = text[3:].partition("=")
        if not sign:
            raise Unreadable("a definition has a =: `let mu = sum(x)/N`", len(text) + offset + 1)
        left = parse(left_text, offset + 3)
        parameters = list[str]()
        if isinstance(left, Call) and not left.primes:
            name = left.function
            for argument in left.arguments:
                if not isinstance(argument, Name) or argument.name in parameters:
                    raise Unreadable("the parameters of a definition are names", argument.column)
                parameters.append(argument.name)
        elif isinstance(left, Name):
            name = left.name
        else:
            raise Unreadable("a definition begins with a name: `let mu = sum(x)/N`", left.column)
        self.known.declare(name, left.column)
        tree = self.tree(right_text, offset + 4 + len(left_text), True, tuple(parameters))
        if name in self.known.numbers:
            raise Unreadable(f"{name} is defined by itself", left.column)
        self.known.define(name, tree, tuple(parameters))
        return Let(name, tree, tuple(parameters))

    def assume(self, text: str, offset: int) -> Assume:
        self.declaring = True
        relations, columns = list[Relation](), list[int]()
        declared = list[tuple[str, str]]()
        for piece, at in pieces(text[6:], offset + 6):
            signs = list(RELATION.finditer(piece))
            if not signs:
                declared += self._kinds(piece, at)
                continue
            ends = [0, *(m.end() for m in signs), len(piece)]
            starts = [*(m.start() for m in signs), len(piece)]
            sides = [
                self.tree(piece[a:b], at + a, new=True) for a, b in zip(ends, starts, strict=False)
            ]
            for left, match, right in zip(sides, signs, sides[1:], strict=False):
                relations.append(Relation(left, PLAIN_SIGN.get(match[0], match[0]), right))
                columns.append(at + match.start() + 1)
                self._check_relation(relations[-1], columns[-1])
        self.kinds += declared
        for name in SignTable([*self.relations, *relations], self.kinds).impossible:
            raise Unreadable(f"no number {name} is like this", offset + 1)
        for relation, column in zip(relations, columns, strict=True):
            self._check_possible(relation, column)
            self.relations.append(relation)
        return Assume(tuple(relations), tuple(declared))

    def _check_relation(self, relation: Relation, column: int) -> None:
        a, b = constant(relation.left), constant(relation.right)
        if a is not None and b is not None:
            raise Unreadable("a relation of numbers assumes nothing", column)

    def _check_possible(self, relation: Relation, column: int) -> None:
        """Refuse what contradicts itself, or what is assumed so far, as it is written."""
        gap = difference(relation.left, relation.right)
        if gap is not None:
            signs: Signs = frozenset({sign(gap)})
        else:
            table = SignTable(self.relations, self.kinds, self.known.lets)
            signs = table.of(Binary("-", relation.left, relation.right))
        if not signs & beyond(relation.sign, Fraction(0)):
            raise Unreadable(f"no number satisfies {relation.text}", column)

    def _kinds(self, piece: str, at: int) -> list[tuple[str, str]]:
        words = tokens(piece, at)
        wrong = [one for one in words if one.text in ("(", ")")]
        if wrong or words[0].kind != "name" or len(words) < 3:
            column = wrong[0].column if wrong else at + 1
            raise Unreadable("an assumption is like `mu > 0` or `N integer`", column)
        name, *kinds = words[:-1]
        self.known.check(Name(name.text, name.column), self.number, new=True)
        if name.text in self.known.lets:
            raise Unreadable(
                f"{name.text} is a definition: assume something of its parts", name.column
            )
        for kind in kinds:
            if kind.text not in NUMBER_KINDS:
                raise Unreadable(
                    f"unknown kind of number {kind.text}{nearest(kind.text, set(NUMBER_KINDS))}",
                    kind.column,
                )
        return [(name.text, kind.text) for kind in kinds]


def pieces(text: str, offset: int) -> list[tuple[str, int]]:
    """The parts between commas outside parentheses, each with where it begins."""
    found, depth, begin = [], 0, 0
    for at, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            found.append((text[begin:at], offset + begin))
            begin = at + 1
    found.append((text[begin:], offset + begin))
    return found
