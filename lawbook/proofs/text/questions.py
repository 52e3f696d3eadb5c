"""One question to the prover: whether a written line is what is due, with all that is known there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import sympy as sp

from lawbook.proofs.evidence import PROOFS, Decision, Word
from lawbook.proofs.numbers.axes import parts
from lawbook.proofs.prover.certificates import nonnegative
from lawbook.proofs.prover.counterexamples import Search
from lawbook.proofs.prover.decide import FEW, NOWHERE, Fact, decide
from lawbook.proofs.text.givens import Meaningless, facts
from lawbook.proofs.text.needs import NONZERO, Need
from lawbook.proofs.text.plain import source
from lawbook.proofs.text.positivity import POSITIVE
from lawbook.proofs.text.rules import Due, readable
from lawbook.proofs.text.scope import Expr, Scope
from lawbook.proofs.text.syntax import Tree
from lawbook.proofs.text.touched import allows

FOLLOWING = (*PROOFS, Word.EXACT)
ATTEMPTS = 40  # of the search for a point at which conditions hold
IMPOSSIBLE = "no point was found that satisfies what is assumed"


class Question:
    """Whether a written line is what is due, with everything the prover has to know."""

    def __init__(
        self,
        scope: Scope,
        before: Tree,
        written: Tree | None,
        expected: Due,
        carried: Sequence[Need] = (),
    ) -> None:
        self.scope, self.before, self.written, self.expected = scope, before, written, expected
        self.carried, domains = tuple(carried), scope.domains
        pairs = dict(expected.pairs)
        if expected.unknown and written is not None:
            pairs[expected.unknown] = written
        own = [*domains.needs(before), *carried]
        there = [
            *domains.needs(domains.moved(before, pairs)),
            *domains.replaced(carried, pairs),
            *expected.needs,
        ]
        stated = domains.needs(written) if written else []
        self.facts, self.conditions = list(scope.facts), list[str]()
        self.needs: list[Need] = []
        self.barred, allowed = self._allowed(written)
        as_written = {one.tree for one in (*own, *expected.needs, *stated)}
        before_it = {domains.moved(one.tree, pairs): one.tree for one in own}
        for need in domains.joined([*there, *stated, *allowed]):
            value, text = scope.value(need.tree), source(need.tree)
            is_before = any(need.tree == one.tree for one in there)
            if is_before and expected.after(value) != value:
                value = expected.after(value)
                text = readable(value)
            elif need.tree not in as_written:
                text = min(text, readable(value), key=len)
            holds = allows(value, need.signs)
            if holds is False:
                where = "the line before" if is_before else "this line"
                what = _failing(before_it.get(need.tree, need.tree), need.said(text), value)
                if not is_before and written is not None:
                    scope.value(written)  # it may say more itself
                raise Meaningless(f"{what}: {where} is not defined")
            if value.is_number and holds is None:
                raise Meaningless(f"whether {need.said(text)} is not known")
            if not value.is_number:
                self.facts.append(_fact(need, value))
                self.conditions.append(need.said(text))
                kept = expected.swapped(need.tree) if is_before else need.tree
                if scope.value(kept) == value:  # else it cannot be said of the lines that follow
                    self.needs.append(Need(kept, need.signs))

    def _allowed(self, written: Tree | None) -> tuple[str, list[Need]]:
        """What is assumed of an unknown, asked of its stated value: why it cannot be, or conditions."""
        name, found = self.expected.unknown, list[Need]()
        if not name or written is None:
            return "", found
        value, text = self.scope.value(written), source(written)
        if name in self.scope.table.integers and not value.is_integer:
            if value.is_integer is False:
                return f"{name} is an integer, and {text} is none", []
            self.conditions.append(f"{text} is an integer")
        for need, said in self.scope.domains.assumed({name: written}):
            if allows(self.scope.value(need.tree), need.signs) is False:
                return f"{said} is assumed, which {text} does not satisfy", []
            found.append(need)
        return "", self.scope.domains.replaced(found, {})

    def with_written(self, written: Tree) -> Question:
        """The same question about another line."""
        return Question(self.scope, self.before, written, self.expected, self.carried)

    def answer(self) -> Decision:
        """The decision on the written line."""
        decision = self._answer()
        if self.barred and decision.word in FOLLOWING:
            return Decision(Word.UNDECIDED, why=self.barred)
        return decision

    def _answer(self) -> Decision:
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
        decision = decide(left, right, facts=known, axes=self.scope.axes, kinks=kinks)
        return self._said(decision, known)

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
        found = set[Expr]().union(*(e.free_symbols for e in parts(expr, self.scope.axes)))
        axis = self.scope.axis
        if axis and found & {*axis.entries, *axis.entries.values(), *axis.sums.values()}:
            found |= axis.N.free_symbols  # a sum depends on its length
        return found

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
        return self._said(nonnegative(gap, facts=known, axes=self.scope.axes), known)

    def _said(self, decision: Decision, known: Sequence[Fact]) -> Decision:
        if decision.word is Word.UNDECIDED and not self._possible(known):
            return replace(decision, why=IMPOSSIBLE)
        if decision.word not in FOLLOWING:
            return decision
        if self.conditions and not self._defined():
            return Decision(Word.UNDECIDED, why=NOWHERE)
        if decision.word is Word.PROVED and self.has_size:
            decision = replace(decision, word=Word.PROVED_FOR_EVERY_N)
        conditions = (*self.conditions, *self.expected.conditions)
        return replace(decision, conditions=tuple(dict.fromkeys(conditions)))

    def _possible(self, known: Sequence[Fact]) -> bool:
        """Whether a point was found at which those assumptions hold that are among the facts."""
        assumed = [one for one in known if one in self.scope.facts]
        return not assumed or self._met(assumed, FEW)

    def _defined(self) -> bool:
        """Whether the conditions hold somewhere, as far as points show.

        Where no point has what is assumed alone, the search says nothing about the conditions.
        """
        conditions = [one for one in self.facts if one not in self.scope.facts]
        known = self._known(*(one.expr for one in conditions))
        both = [one for one in known if one in self.facts]
        return self._met(both) or not self._met([one for one in both if one in self.scope.facts])

    def _met(self, facts: Sequence[Fact], attempts: int = ATTEMPTS) -> bool:
        """Whether a point was found at which facts hold."""
        search = Search([sp.S.Zero, sp.S.Zero], facts, self.scope.axes)
        for _ in range(attempts):
            search.find(1)
            if search.agreed + search.unknown:
                return True
        return False


def _failing(tree: Tree, said: str, value: Expr) -> str:
    """What makes a condition false: "x - 2 is 0 there"."""
    text, now = source(tree), readable(value)
    if value.is_number and text != now:
        return f"{text} is {now} there"
    return f"{said} does not hold" if value.is_number else f"no number makes {said}"


def _fact(need: Need, value: Expr) -> Fact:
    if need.signs == NONZERO:
        return Fact(value**2, True)
    return Fact(value, need.signs == POSITIVE)
