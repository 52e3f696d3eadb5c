"""What a file of a derivation says, line by line (the format stands in `lawbook.proofs.text.reading`).

Every statement keeps its line number, its text, its comment and the syntax trees it was read to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from lawbook.proofs.text.plain import source
from lawbook.proofs.text.syntax import Call, Name, Tree

KIND_OF_SIGN = {"=": "equal", "!=": "unequal", ">=": "at_least", "<=": "at_most"}  # of a `Follows`


@dataclass(frozen=True)
class Relation:
    """left SIGN right, one of > >= < <= !=."""

    left: Tree
    sign: str
    right: Tree

    @property
    def text(self) -> str:
        """The relation as it could be typed."""
        return f"{source(self.left)} {self.sign} {source(self.right)}"


@dataclass(frozen=True)
class Assume:
    """`assume mu > 0, n integer`: relations, and what names are declared to be."""

    relations: tuple[Relation, ...] = ()
    declared: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Batch:
    """`batch x, dy of N`: every name has N entries; N is a positive integer."""

    names: tuple[str, ...]
    size: str


@dataclass(frozen=True)
class Random:
    """`random w, x`: independent random variables of any distribution."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class Functions:
    """`function f, g`: smooth functions of one variable."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class Given:
    """`given E(m) = q` or `given sum(t) = 1`: an assumption, used as a rewrite."""

    left: Tree
    right: Tree


@dataclass(frozen=True)
class Let:
    """`let mu = sum(x)/N`, or with parameters `let sigma(t) = 1/(1 + exp(-t))`."""

    name: str
    tree: Tree
    parameters: tuple[str, ...] = ()

    @property
    def head(self) -> Tree:
        """What is defined: mu, or sigma(t)."""
        if not self.parameters:
            return Name(self.name)
        return Call(self.name, tuple(map(Name, self.parameters)))


@dataclass(frozen=True)
class Start:
    """The expression a chain starts with."""

    tree: Tree


@dataclass(frozen=True)
class Follows:
    """`SIGN tree`, one of = != >= <=, about the line before or what the rule gives."""

    sign: str
    tree: Tree


@dataclass(frozen=True)
class Code:
    """`code NAME`: what the reference computes equals the line before."""

    name: str


@dataclass(frozen=True)
class Diff:
    """`diff x`, `diff x[k]`, `diff x frozen mu, s`."""

    name: str
    other: bool = False
    frozen: tuple[str, ...] = ()


@dataclass(frozen=True)
class Replace:
    """`sub a = b, c = d` or `at a = b`: all pairs at once."""

    word: str
    pairs: tuple[tuple[Tree, Tree], ...]


@dataclass(frozen=True)
class Solve:
    """`solve w`: what makes the line before zero."""

    name: str


@dataclass(frozen=True)
class Scale:
    """`scale k`: k times the line before."""

    tree: Tree


@dataclass(frozen=True)
class Remark:
    """A line that holds a comment alone."""


@dataclass(frozen=True)
class Blank:
    """An empty line: it ends a chain."""


Rule: TypeAlias = Diff | Replace | Solve | Scale
Declaration: TypeAlias = Assume | Batch | Random | Functions | Given | Let
What: TypeAlias = Declaration | Rule | Start | Follows | Code | Remark | Blank
RULES = (Diff, Replace, Solve, Scale)
DECLARATIONS = (Assume, Batch, Random, Functions, Given, Let)


@dataclass(frozen=True)
class Statement:
    """One line of a file."""

    line: int
    text: str
    comment: str
    what: What
