"""From the text of an expression to its syntax tree: a tokenizer and a Pratt parser, nothing is evaluated.

Binding, from loose to tight: + and -, a leading minus (so -a*b is the negative of a*b), * and /, ** (to the
right).  What is refused, with the column: everything that is not listed here (attributes, strings, brackets
other than x[k], calls of anything but a name), names that begin with or contain two underscores, integers
above 10^12, powers above 12 or inside an exponent, more than 60 levels of nesting, 120 operations or 400
characters.
"""

from __future__ import annotations

from lawbook.proofs.text.syntax import (
    Binary,
    Call,
    Entry,
    Minus,
    Name,
    Number,
    Tree,
    Unreadable,
    constant,
    walk,
)
from lawbook.proofs.text.tokens import Token, tokens

__all__ = ["FUNCTIONS", "LONGEST_LINE", "parse"]

LONGEST_LINE, DEEPEST, MOST_OPERATIONS = 400, 60, 120
LARGEST_POWER, LARGEST_ROOT = 12, 12
FUNCTIONS = {
    "sqrt": 1, "exp": 1, "log": 1, "abs": 1, "sign": 1, "tanh": 1, "erf": 1,
    "max": 2, "min": 2, "sum": 1, "E": 1,
}  # fmt: skip


def parse(text: str, offset: int = 0) -> Tree:
    """The syntax tree of an expression; Unreadable where it is not one (see the module)."""
    if len(text) + offset > LONGEST_LINE:
        raise Unreadable(
            f"the line is longer than {LONGEST_LINE} characters: take more steps", LONGEST_LINE + 1
        )
    parser = Parser(tokens(text, offset))
    tree = parser.expression(0, 0)
    parser.finish()
    check_powers(tree)
    return tree


BINDING = {"+": 10, "-": 10, "*": 20, "/": 20, "**": 30}


class Parser:
    """A Pratt parser over the tokens of one expression."""

    def __init__(self, pieces: list[Token]) -> None:
        self.pieces, self.at, self.operations = pieces, 0, 0

    @property
    def next(self) -> Token:
        """The token to be read next."""
        return self.pieces[self.at]

    def take(self) -> Token:
        """The next token, read."""
        self.at += 1
        return self.pieces[self.at - 1]

    def finish(self) -> None:
        """Everything has to be read."""
        if self.next.kind == "end":
            return
        if self.next.text == ")":
            raise Unreadable("this ) closes nothing", self.next.column)
        if self.next.text == ",":
            raise Unreadable(
                "a comma belongs between the arguments of max and min only", self.next.column
            )
        before = self.pieces[self.at - 1].text
        raise Unreadable(
            f"an operator is missing between {before} and {self.next.text}: write a product with *",
            self.next.column,
        )

    def expression(self, least: int, depth: int) -> Tree:
        """An expression whose operators bind tighter than `least`."""
        if depth > DEEPEST:
            raise Unreadable(f"nested more than {DEEPEST} levels deep", self.next.column)
        left = self._first(least, depth)
        while self.next.kind == "sign" and BINDING.get(self.next.text, 0) > least:
            sign = self.take()
            self._count(sign)
            binding = BINDING[sign.text]
            right = self.expression(binding - (sign.text == "**"), depth + 1)
            left = Binary(sign.text, left, right, sign.column)
        return left

    def _count(self, sign: Token) -> None:
        self.operations += 1
        if self.operations > MOST_OPERATIONS:
            raise Unreadable(
                f"more than {MOST_OPERATIONS} operations on one line: take more steps", sign.column
            )

    def _first(self, least: int, depth: int) -> Tree:
        """What an expression begins with: a number, a name, a call, a parenthesis, a sign."""
        piece = self.take()
        if piece.kind == "number":
            return Number(piece.text, piece.column)
        if piece.kind == "name":
            return self._named(piece, depth)
        if piece.text == "(":
            inner = self.expression(0, depth + 1)
            self._close(piece, ")")
            return inner
        if piece.text in ("-", "+"):
            self._count(piece)
            operand = self.expression(max(least, BINDING["-"]), depth + 1)
            return Minus(operand, piece.column) if piece.text == "-" else operand
        self.at -= 1
        raise Unreadable(self._no_expression(piece), piece.column)

    def _no_expression(self, piece: Token) -> str:
        if piece.kind == "end":
            return "the expression ends too early" if self.at else "an expression is missing"
        if piece.text == "[":
            return "lists are not part of the language"
        if piece.text == "'":
            return "strings are not part of the language"
        return f"an expression is expected before {piece.text}"

    def _named(self, piece: Token, depth: int) -> Tree:
        primes = 0
        while self.next.text == "'":
            primes += 1
            if primes > 4:
                raise Unreadable("at most four primes", self.next.column)
            self.take()
        if self.next.text == "(":
            opening = self.take()
            self._count(opening)
            arguments = [self.expression(0, depth + 1)]
            while self.next.text == ",":
                self.take()
                arguments.append(self.expression(0, depth + 1))
            self._close(opening, ")")
            return Call(piece.text, tuple(arguments), primes, piece.column)
        if primes:
            raise Unreadable(f"write {piece.text}'(x) for a derivative", piece.column)
        if self.next.text == "[":
            opening = self.take()
            index = self.take()
            if index.text != "k":
                raise Unreadable(
                    f"{piece.text} is the entry j; another entry is written {piece.text}[k]",
                    index.column,
                )
            self._close(opening, "]")
            return Entry(piece.text, index.text, piece.column)
        return Name(piece.text, piece.column)

    def _close(self, opening: Token, sign: str) -> None:
        if self.next.text == sign:
            self.take()
        elif self.next.kind == "end":
            raise Unreadable(f"this {opening.text} is never closed", opening.column)
        else:
            self.finish()


def check_powers(tree: Tree) -> None:
    """Refuse powers above 12, roots above the 12th, and powers inside an exponent."""
    for one in walk(tree):
        if not (isinstance(one, Binary) and one.operator == "**"):
            continue
        power = constant(one.right)
        if any(isinstance(p, Binary) and p.operator == "**" for p in walk(one.right)):
            raise Unreadable("a power inside an exponent is not part of the language", one.column)
        if power is not None and abs(power) > LARGEST_POWER:
            raise Unreadable(f"the power is larger than {LARGEST_POWER}", one.column)
        if power is not None and power.denominator > LARGEST_ROOT:
            raise Unreadable(f"no roots above the {LARGEST_ROOT}th", one.column)
        numbers = [p.value for p in walk(one.right) if isinstance(p, Number)]
        if power is None and any(value > 100 for value in numbers):
            raise Unreadable("a number in the exponent is too large", one.column)
