"""One question to the prover: whether a written line is what is due, with all that is known there."""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from lawbook.proofs.evidence import PROOFS, Decision, Word
from lawbook.proofs.prover.certificates import nonnegative
from lawbook.proofs.prover.decide import Fact, decide
from lawbook.proofs.text.givens import facts
from lawbook.proofs.text.needs import NONZERO, Need
from lawbook.proofs.text.positivity import POSITIVE
from lawbook.proofs.text.rules import Due, readable
from lawbook.proofs.text.scope import Expr, Scope
from lawbook.proofs.text.syntax import Tree

FOLLOWING = (*PROOFS, Word.EXACT)


class Question:
    """Whether a written line is what is due, with everything the prover has to know."""

    def __init__(self, scope: Scope, before: Tree, written: Tree | None, expected: Due) -> None:
        self.scope, self.before, self.written, self.expected = scope, before, written, expected
        pairs = dict(expected.pairs)
        if expected.unknown and written is not None:
            pairs[expected.unknown] = written
        own = scope.domains.needs(before)
        moved = scope.domains.replaced(own, pairs)
        needs = [*moved, *expected.needs, *(scope.domains.needs(written) if written else [])]
        self.facts, self.conditions = list(scope.facts), list[str]()
        for need in scope.domains.joined(needs):
            value = scope.value(need.tree)
            if not value.is_number:
                self.facts.append(_fact(need, value))
                changed = need in moved and need not in own
                self.conditions.append(need.said(readable(value) if changed else ""))

    def with_written(self, written: Tree) -> Question:
        """The same question about another line."""
        return Question(self.scope, self.before, written, self.expected)

    def answer(self) -> Decision:
        """The decision on the written line."""
        assert self.written is not None
        expected = self.expected
        if expected.is_root:
            return self._root(expected.unknown)
        written = self.scope.value(self.written)
        decision = self.equal(expected.value, written)
        if expected.is_pattern and decision.word is Word.REFUTED:
            return Decision(
                Word.UNDECIDED, why="put names in: an expression can be met in many forms"
            )
        if expected.scope and decision.word is Word.REFUTED:
            partly = expected.scope.value(self.written)
            if partly != written:  # the line uses the substitution in some places only
                again = self.equal(expected.value, partly)
                return again if again.word in FOLLOWING else decision
        return decision

    def _root(self, name: str) -> Decision:
        assert self.written is not None
        inner = self.scope.replaced({name: self.scope.value(self.written)})
        decision = self.equal(sp.S.Zero, inner.value(self.before))
        if decision.word is Word.REFUTED:
            return replace(decision, why=f"put in for {name}, it has to make the line before 0")
        return replace(decision, why=f"a root; there may be other values of {name}")

    def equal(self, left: Expr, right: Expr) -> Decision:
        """The prover's decision, with the conditions in the author's terms."""
        kinks = "excluded" if self.expected.smooth else "included"
        known = self._known(left, right)
        return self._said(decide(left, right, facts=known, axes=self.scope.axes, kinks=kinks))

    def _known(self, *sides: Expr) -> list[Fact]:
        """The facts about what occurs in the sides, and about what such facts speak of."""
        waiting = [*self.facts, *facts(self.scope.axes, self.scope.moments, sides)]
        reached = set[Expr]().union(*map(self._symbols, sides))
        known: list[Fact] = []
        while found := [one for one in waiting if self._symbols(one.expr) & reached]:
            known += found
            waiting = [one for one in waiting if one not in found]
            reached = reached.union(*(self._symbols(one.expr) for one in found))
        return known

    def _symbols(self, expr: Expr) -> set[Expr]:
        bodies = [b for axis in self.scope.axes for b in axis.bodies(expr).values()]
        return set[Expr]().union(*(one.free_symbols for one in (expr, *bodies)))

    @property
    def has_size(self) -> bool:
        """Whether a batch of symbolic length occurs, so that a proof is one for every length."""
        axis, domains = self.scope.axis, self.scope.domains
        trees = [self.before, *([self.written] if self.written else [])]
        names = {*self.scope.batch, str(axis.N)} if axis else set()
        return any(domains.reaches(tree, name) for tree in trees for name in names)

    def at_least(self, gap: Expr) -> Decision:
        """Whether an expression is nonnegative."""
        known = self._known(gap)
        return self._said(nonnegative(gap, facts=known, axes=self.scope.axes))

    def _said(self, decision: Decision) -> Decision:
        if decision.word not in FOLLOWING:
            return decision
        if decision.word is Word.PROVED and self.has_size:
            decision = replace(decision, word=Word.PROVED_FOR_EVERY_N)
        conditions = (*self.conditions, *self.expected.conditions)
        return replace(decision, conditions=tuple(dict.fromkeys(conditions)))


def _fact(need: Need, value: Expr) -> Fact:
    if need.signs == NONZERO:
        return Fact(value**2, True)
    return Fact(value, need.signs == POSITIVE)
