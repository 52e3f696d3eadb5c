"""What may have gone wrong in a line that does not follow: each guess is proved before it is said."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations
from typing import TYPE_CHECKING

import sympy as sp

from lawbook.proofs.evidence import Decision
from lawbook.proofs.text.plain import source
from lawbook.proofs.text.rules import derivative, partial, readable, without
from lawbook.proofs.text.scope import Expr, Scope
from lawbook.proofs.text.statements import Diff, Rule, Solve
from lawbook.proofs.text.syntax import Binary, Minus, Tree, children, names_in, with_children

if TYPE_CHECKING:
    from lawbook.proofs.text.questions import Question

MOST_FROZEN, MOST_FLIPS = 4, 16


def explained(question: Question, rule: Rule | None, decision: Decision) -> str:
    """One sentence that says how a refuted line differs from a right one; "" where none was found."""
    guesses = [_factor(question, decision)]
    if isinstance(rule, Diff):
        guesses = [_frozen(question, rule), _entries(question, rule), *guesses]
    if rule is not None:
        guesses.insert(0, _unchanged(question, rule))
    if not question.expected.is_root:
        guesses.append(_missing_factor(question))
    guesses.append(_flip(question))
    if not question.expected.is_root:
        guesses.append(_term(question))
    return next((sentence for guess in guesses for sentence in guess), "")


def _holds(question: Question, value: Expr) -> bool:
    """Whether the written line equals a value."""
    assert question.written is not None
    return question.equal(value, question.scope.value(question.written)).is_proof


def _unchanged(question: Question, rule: Rule) -> Iterator[str]:
    if not isinstance(rule, Solve) and _holds(question, question.scope.value(question.before)):
        yield "it is the line before, unchanged: the rule was not applied"


def _frozen(question: Question, rule: Diff) -> Iterator[str]:
    """Definitions that depend on the variable but were held fixed."""
    scope, variable = question.scope, rule.name
    free = [n for n in _definitions(question.before, scope) if n not in (*rule.frozen, variable)]
    depending = [n for n in free if scope.domains.reaches(scope.lets[n], variable)]
    depending = [n for n in depending if n not in scope.indexed] or depending
    for size in range(1, min(len(depending), MOST_FROZEN) + 1):
        for names in combinations(depending, size):
            if _holds(question, derivative(question.before, without(rule, names), scope)):
                depend = "depends" if size == 1 else "depend"
                yield (
                    f"this is the derivative with {listed(names)} held fixed, but "
                    f"{'it' if size == 1 else 'they'} {depend} on {variable}"
                )
    if scope.axis and not rule.frozen and variable not in scope.lets:
        direct = sp.diff(scope.value(question.before), scope.symbol(variable))
        if _holds(question, direct):
            yield (
                f"this is the derivative with the sums over the batch held fixed, "
                f"but they depend on {variable}"
            )


def _definitions(tree: Tree, scope: Scope) -> list[str]:
    """The definitions an expression uses, also inside others, in the order they were made."""
    waiting, seen = list(names_in(tree)), set[str]()
    while waiting:
        name = waiting.pop()
        if name in scope.lets and name not in seen:
            seen.add(name)
            waiting += names_in(scope.lets[name])
    return [name for name in scope.lets if name in seen]


def _entries(question: Question, rule: Diff) -> Iterator[str]:
    """The own entry taken for another one, or the other way round."""
    scope = question.scope
    if scope.axis is None or rule.name in scope.lets or rule.frozen:
        return
    swapped = (
        partial(scope.value(question.before), scope.symbol(rule.name), scope, not rule.other)
        if scope.symbol(rule.name) in scope.axis.entries
        else None
    )
    if swapped is None or not _holds(question, swapped):
        return
    if rule.other:
        yield f"this is the derivative with respect to the own entry {rule.name}, not {rule.name}[k]"
    else:
        yield f"this is the derivative with respect to another entry, {rule.name}[k]"


def _factor(question: Question, decision: Decision) -> Iterator[str]:
    """A constant factor or summand, found at the point and then proved."""
    try:
        due, got = Fraction(decision.expected), Fraction(decision.got)
    except (ValueError, ZeroDivisionError):
        return
    expected = question.expected.value
    if question.expected.is_root or expected.is_number:
        return
    if due and got:
        ratio = sp.Rational(got.numerator, got.denominator) / sp.Rational(
            due.numerator, due.denominator
        )
        if _holds(question, ratio * expected):
            yield "it has the opposite sign" if ratio == -1 else f"it is {ratio} times what is due"
    gap = sp.Rational((got - due).numerator, (got - due).denominator)
    if _holds(question, expected + gap):
        yield f"it is {abs(gap)} too {'large' if gap > 0 else 'small'}"
    if due * got == 1 and _holds(question, 1 / expected):
        yield "it is the reciprocal of what is due"


def _term(question: Question) -> Iterator[str]:
    """One term that is missing or too much."""
    assert question.written is not None
    gap = sp.expand(question.expected.value - question.scope.value(question.written))
    if gap == 0 or gap.is_Add or gap.count_ops() > 12:
        return
    text = readable(gap)
    if text.startswith("-"):
        yield f"the term {readable(-gap)} is too much"
    else:
        yield f"the term {text} is missing"


def _missing_factor(question: Question) -> Iterator[str]:
    """A factor that is missing or too much, such as the inner derivative."""
    assert question.written is not None
    due, got = question.expected.value, question.scope.value(question.written)
    if 0 in (due, got) or due.count_ops() + got.count_ops() > 80:
        return
    ratio = sp.cancel(due / got)
    if not ratio.free_symbols or ratio.count_ops() > 2:
        return
    over, under = sp.fraction(ratio)
    if under == 1 and _holds(question, due / ratio):
        yield f"the factor {readable(over)} is missing"
    elif over == 1 and _holds(question, due / ratio):
        yield f"the factor {readable(under)} is too much"


def _flip(question: Question) -> Iterator[str]:
    """A single wrong sign."""
    assert question.written is not None
    for number, (tree, was, now) in enumerate(_flips(question.written)):
        if number == MOST_FLIPS:
            return
        if question.with_written(tree).answer().is_proof:
            yield f"it would follow with {source(now)} in place of {source(was)}"


def _flips(tree: Tree) -> Iterator[tuple[Tree, Tree, Tree]]:
    """The tree with one sign changed: the whole, and the part before and after."""
    if isinstance(tree, Binary) and tree.operator in "+-":
        flipped = Binary("-" if tree.operator == "+" else "+", tree.left, tree.right, tree.column)
        yield flipped, tree, flipped
    if isinstance(tree, Minus):
        yield tree.operand, tree, tree.operand
    parts = children(tree)
    for at, part in enumerate(parts):
        for changed, was, now in _flips(part):
            yield with_children(tree, (*parts[:at], changed, *parts[at + 1 :])), was, now


def listed(names: tuple[str, ...]) -> str:
    """Names in a sentence."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
