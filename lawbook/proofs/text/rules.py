"""What a rule says the next line must equal, computed from the line before.

diff is the total derivative: a definition that depends on the variable is differentiated too, and so is every
sum over the batch; `frozen` definitions are held fixed.  solve is the unique zero where the line is linear in
the unknown; elsewhere a stated root is put in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import sympy as sp

from lawbook.proofs.numbers.axes import parts
from lawbook.proofs.text.givens import Meaningless
from lawbook.proofs.text.held import forget, hold, release
from lawbook.proofs.text.needs import Need
from lawbook.proofs.text.plain import source
from lawbook.proofs.text.scope import Expr, Scope, meaningful
from lawbook.proofs.text.statements import Diff, Replace, Rule, Scale, Solve
from lawbook.proofs.text.syntax import Entry, Name, Tree, rebuilt
from lawbook.proofs.text.touched import (
    check_derivative,
    check_pattern,
    check_substitution,
    open_assumptions,
)


@dataclass(frozen=True)
class Due:
    """What a line must equal.

    needs: conditions besides those of the expressions themselves.  smooth: kinks are left out.
    scope: where the written line may be read as well, after a substitution; pairs: the names replaced by it;
    put: the values of what else was replaced, others: as it was written.
    unknown: what was solved for.  is_root: the line is not linear in it, so what is written has to be a root.
    is_pattern: a sum, product or power was replaced where it stands as such, which other ways of writing the
    line before would hide: another result may be right as well.
    """

    value: Expr
    needs: tuple[Need, ...] = ()
    conditions: tuple[str, ...] = ()
    smooth: bool = False
    scope: Scope | None = None
    unknown: str = ""
    is_root: bool = False
    is_pattern: bool = False
    pairs: Mapping[str, Tree] = field(default_factory=dict)
    put: tuple[tuple[Expr, Expr], ...] = ()
    others: tuple[tuple[Tree, Tree], ...] = ()

    def after(self, value: Expr) -> Expr:
        """A value after what else was replaced: entries, and expressions as they stand."""
        for old, new in self.put:
            value = value.subs(old, new)
        return meaningful(value)

    def swapped(self, tree: Tree) -> Tree:
        """A tree after the same, where it stands as it was written."""
        new = dict(self.others).get(tree)
        return rebuilt(tree, self.swapped) if new is None else new


def due(tree: Tree, rule: Rule | None, scope: Scope) -> Due:
    """What the line after `tree` must equal; Meaningless where the rule gives nothing."""
    match rule:
        case None:
            return Due(scope.value(tree))
        case Diff():
            check_derivative(tree, rule, scope)
            smooth = tuple(scope.domains.smooth(tree, rule.name))
            return Due(derivative(tree, rule, scope), smooth, smooth=True)
        case Replace():
            return substitution(tree, rule, scope)
        case Solve(name=name):
            return solution(tree, name, scope)
        case Scale(tree=factor):
            return Due(scope.value(factor) * scope.value(tree), tuple(scope.domains.needs(factor)))


def derivative(tree: Tree, rule: Diff, scope: Scope) -> Expr:
    """The total derivative of an expression, with some definitions held fixed."""
    held_names = list(
        dict.fromkeys((*rule.frozen, *([rule.name] if rule.name in scope.lets else [])))
    )
    inner, held = hold(scope, held_names)
    try:
        slope = partial(inner.value(tree), inner.symbol(rule.name), inner, rule.other)
        return release(inner, slope, held)
    finally:
        forget(scope, held)


def partial(value: Expr, variable: Expr, scope: Scope, other: bool = False) -> Expr:
    """The derivative of a value by a symbol: direct, and through sums and expectations."""
    if variable.is_integer:
        raise Meaningless(f"{variable} is an integer")
    if other and scope.axis:
        variable = scope.axis.other(variable)
    slope = sp.diff(value, variable)
    for axis in scope.axes:
        bound = axis.kind == "expectation" and variable in axis.entries
        slope += 0 if bound else axis.through_sums(value, variable, scope.axes)
    return slope


def substitution(tree: Tree, rule: Replace, scope: Scope) -> Due:
    """An expression with others put in, all at once and inside sums too."""
    named = {a.name: scope.value(b) for a, b in rule.pairs if isinstance(a, Name)}
    needs = tuple(need for _, b in rule.pairs for need in scope.domains.needs(b))
    trees = {a.name: b for a, b in rule.pairs if isinstance(a, Name)}
    check_substitution(tree, trees, scope)
    needs += open_assumptions(tree, trees, scope)
    inner = scope.replaced(named)
    value = inner.value(tree)
    entries = {scope.value(a): scope.value(b) for a, b in rule.pairs if isinstance(a, Entry)}
    if any(one.has(*entries) for one in parts(value, scope.axes)[1:] if entries):
        raise Meaningless("the entry stands inside a sum over the batch")
    value = value.xreplace(entries)
    rest = [(a, b) for a, b in rule.pairs if not isinstance(a, Name | Entry)]
    is_pattern, put = False, list[tuple[Expr, Expr]]()
    for a, b in rest:
        before, after = inner.value(a), inner.value(b)
        if not value.has(before):
            if len(before.args) == 2 and before.is_Mul and before.args[0].is_Rational:
                before, after = before.args[1], after / before.args[0]
            if not value.has(before):
                raise Meaningless(f"{source(a)} does not stand in the line before")
        check_pattern(a, before, after, value, scope)
        put.append((before, after))
        value = meaningful(value.subs(before, after))
        is_pattern = is_pattern or before.is_Add or before.is_Mul or before.is_Pow
    swaps = any(new.has(*[scope.symbol(n) for n in named]) for new in named.values())
    again = None if swaps or rest or entries else inner
    return Due(
        meaningful(value),
        needs,
        (),
        False,
        again,
        "",
        False,
        is_pattern,
        trees,
        (*entries.items(), *put),
        tuple((a, b) for a, b in rule.pairs if not isinstance(a, Name)),
    )


def solution(tree: Tree, name: str, scope: Scope) -> Due:
    """The zero of an expression that is linear in the unknown, with the condition on its coefficient."""
    unknown = scope.symbol(name)
    value = scope.value(tree)
    top, bottom = sp.fraction(sp.together(value))
    if not _depends(top, unknown, scope):
        raise Meaningless(f"{name} does not occur in the line before")
    top = sp.expand(top)
    factor = sp.diff(top, unknown)
    in_sums = any(unknown in body.free_symbols for body in parts(top, scope.axes)[1:])
    if in_sums or unknown in sp.expand(factor).free_symbols:
        return Due(sp.S.Zero, unknown=name, is_root=True)
    rest = top.xreplace({unknown: sp.S.Zero})
    conditions = tuple(f"{readable(part)} ≠ 0" for part in _parts(factor))
    zero = -rest / factor
    if sp.expand(sp.fraction(sp.together(bottom.xreplace({unknown: zero})))[0]) == 0:
        raise Meaningless("the line before is nowhere zero")
    return Due(zero, conditions=conditions, unknown=name)


def _parts(product: Expr) -> Iterator[Expr]:
    """The factors of an expression that are not known to differ from 0."""
    for part in sp.Mul.make_args(sp.factor(product)):
        base = part.base if part.is_Pow else part
        if not base.is_nonzero:
            yield -base if base.could_extract_minus_sign() else base


def _depends(value: Expr, symbol: Expr, scope: Scope) -> bool:
    return any(symbol in one.free_symbols for one in parts(value, scope.axes))


def readable(value: Expr) -> str:
    """A SymPy expression as a line could say it."""
    return str(value).replace("[j]", "").replace("[other]", "[k]")


def without(rule: Diff, frozen: Sequence[str]) -> Diff:
    """The rule with definitions held fixed."""
    return replace(rule, frozen=tuple(dict.fromkeys((*rule.frozen, *frozen))))
