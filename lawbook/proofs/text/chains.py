"""Checking a derivation: each line is judged against the one written before; a wrong one is reported once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lawbook.proofs.evidence import Decision, Word
from lawbook.proofs.numbers.families import Family
from lawbook.proofs.numbers.symbols import exact
from lawbook.proofs.text.givens import Meaningless
from lawbook.proofs.text.hints import explained
from lawbook.proofs.text.needs import Need
from lawbook.proofs.text.questions import FOLLOWING, Question
from lawbook.proofs.text.reading import read
from lawbook.proofs.text.rules import due
from lawbook.proofs.text.scope import Expr, Scope
from lawbook.proofs.text.statements import (
    DECLARATIONS,
    KIND_OF_SIGN,
    RULES,
    Blank,
    Code,
    Declaration,
    Follows,
    Given,
    Remark,
    Rule,
    Start,
    Statement,
    What,
)
from lawbook.proofs.text.syntax import Tree


@dataclass(frozen=True)
class Checked:
    """A line and what came of it.

    kind: assume, batch, random, functions, given, let, start, rule, equal, unequal, at_least, at_most, code,
    remark or blank.  rule: the rule line that leads to it, if there is one.  decision: of a line that is
    judged, and "assumed" of a `given`.  hint: what may have gone wrong, in one sentence.  indexed: the names
    whose values differ from entry to entry of the batch.
    """

    statement: Statement
    kind: str
    rule: Statement | None = None
    decision: Decision | None = None
    hint: str = ""
    indexed: frozenset[str] = frozenset()

    @property
    def line(self) -> int:
        """Its number in the text."""
        return self.statement.line

    @property
    def text(self) -> str:
        """The line without its comment."""
        return self.statement.text

    @property
    def comment(self) -> str:
        """Its comment."""
        return self.statement.comment

    @property
    def tree(self) -> Tree | None:
        """The syntax tree of an expression that the line states."""
        return getattr(self.statement.what, "tree", None)

    @property
    def follows(self) -> bool:
        """Whether the line is right: it follows, or for != it does not."""
        if self.decision is None:
            return True
        if self.kind == "unequal":
            return self.decision.word is Word.REFUTED
        return self.decision.word in (*FOLLOWING, Word.ASSUMED)


def check(text: str, *, code: Mapping[str, Callable[..., Any]] | None = None) -> list[Checked]:
    """All lines of a derivation, each with its decision; Refusal where the text cannot be read.

    code: for lines `code NAME`, functions of one argument whose attributes are the values of the names.
    """
    given = {} if code is None else code
    return list(checked(read(text, given), given))


def checked(
    statements: tuple[Statement, ...], code: Mapping[str, Callable[..., Any]]
) -> Iterator[Checked]:
    """The lines one by one, as they are decided."""
    chain = Chain(code)
    for statement in statements:
        yield chain.judge(statement)


class Values:
    """The names of a scope as attributes, for the code of a chapter."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def __getattr__(self, name: str) -> Any:
        if name not in self._scope.values:
            raise AttributeError(f"the derivation has no name {name}")
        return self._scope.reference_value(name)


class Chain:
    """The line before, the rule that waits, and what the names mean."""

    def __init__(self, code: Mapping[str, Callable[..., Any]]) -> None:
        self.code = code
        self.declarations: list[Declaration] = []
        self._scope: Scope | None = None
        self.before: Tree | None = None
        self.rule: Statement | None = None
        self.conditions: list[Need] = []  # of the lines before in the chain

    @property
    def scope(self) -> Scope:
        """What the names mean at this line."""
        if self._scope is None:
            self._scope = Scope(self.declarations)
        return self._scope

    def judge(self, statement: Statement) -> Checked:
        """One line and what comes of it."""
        what = statement.what
        if isinstance(what, DECLARATIONS):
            self.declarations.append(what)
            self._scope = None
            decision = Decision(Word.ASSUMED) if isinstance(what, Given) else None
            return Checked(statement, _kind(what), decision=decision)
        if isinstance(what, Blank | Remark):
            if isinstance(what, Blank):
                self.rule = None
            return Checked(statement, _kind(what))
        if isinstance(what, RULES):
            self.rule = statement
            return Checked(statement, _kind(what))
        if isinstance(what, Start):
            self.before, self.rule, self.conditions = what.tree, None, []
            return Checked(statement, _kind(what), indexed=self._indexed())
        return self._judged(statement, what)

    def given_up(self, statement: Statement, why: str) -> Checked:
        """A line that is not judged; the chain goes on from it."""
        kind = _kind(statement.what)
        if isinstance(statement.what, Follows) and statement.what.sign == "=":
            self.before, self.rule = statement.what.tree, None
        return Checked(statement, kind, self.rule, Decision(Word.UNDECIDED, why=why))

    def _indexed(self) -> frozenset[str]:
        try:
            return frozenset(self.scope.indexed)
        except Meaningless:
            return frozenset()

    def _judged(self, statement: Statement, what: Any) -> Checked:
        kind, rule, hint = _kind(what), self.rule, ""
        try:
            decision, hint = self._decided(what)
        except Meaningless as problem:
            decision = Decision(Word.UNDECIDED, why=str(problem))
        except ValueError as problem:
            if "not comparable" not in str(problem):
                raise
            decision = Decision(Word.UNDECIDED, why="a maximum of what is not a real number")
        except RecursionError:
            decision = Decision(Word.UNDECIDED, why="it is nested too deeply")
        if kind == "equal":
            self.before, self.rule = what.tree, None
        return Checked(statement, kind, rule, decision, hint, self._indexed())

    def _decided(self, what: Any) -> tuple[Decision, str]:
        assert self.before is not None
        scope = self.scope
        rule: Rule | None = self.rule.what if self.rule else None  # type: ignore[assignment]
        expected = due(self.before, rule, scope)
        if expected.unknown and getattr(what, "sign", "") not in ("=", "!="):
            raise Meaningless(f"write what {expected.unknown} is first, with =")
        if isinstance(what, Code):
            got = self.code[what.name](Values(scope))
            written = _expression(got, what.name)
            question = Question(scope, self.before, None, expected, self.conditions)
            return question.equal(expected.value, written), ""
        question = Question(scope, self.before, what.tree, expected, self.conditions)
        if what.sign == "=":
            self.conditions = question.needs
        if what.sign in (">=", "<="):
            gap = expected.value - scope.value(what.tree)
            return question.at_least(gap if what.sign == ">=" else -gap), ""
        decision = question.answer()
        if what.sign == "=" and decision.word is Word.REFUTED:
            return decision, _hint(question, rule, decision)
        return decision, ""


def _hint(question: Question, rule: Rule | None, decision: Decision) -> str:
    try:
        return explained(question, rule, decision)
    except Meaningless:  # a guess has no value
        return ""


def _kind(what: What) -> str:
    """The kind of a line, in one word."""
    if isinstance(what, Follows):
        return KIND_OF_SIGN[what.sign]
    return "rule" if isinstance(what, RULES) else type(what).__name__.lower()


def _expression(computed: Any, name: str) -> Expr:
    """What a reference function returned, as one expression; ValueError for an array of several."""
    if isinstance(computed, Family):
        return computed.body
    array = np.asarray(computed, dtype=object)
    if array.size != 1:
        raise ValueError(
            f"code {name} computes an array of shape {array.shape}, not one expression"
        )
    return exact(array.item())
