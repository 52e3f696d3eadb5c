"""What a rule may not touch: sums whose value is given, the length of a batch, what an expectation binds.

Each of these changes the meaning of the line before; such a rule is refused in one sentence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lawbook.proofs.numbers.axes import parts
from lawbook.proofs.text.givens import Meaningless
from lawbook.proofs.text.needs import NONZERO, Need
from lawbook.proofs.text.plain import source
from lawbook.proofs.text.positivity import POSITIVE, Signs
from lawbook.proofs.text.scope import Expr, Scope
from lawbook.proofs.text.statements import Diff, Given
from lawbook.proofs.text.syntax import Call, Tree

Pairs = Sequence[tuple[Tree, Tree]]


def allows(value: Expr, signs: Signs) -> bool | None:
    """Whether a value has one of the signs of a condition; None where that is not seen."""
    if signs == NONZERO:
        zero = value.is_zero
        return None if zero is None else not zero
    found: bool | None = value.is_positive if signs == POSITIVE else value.is_nonnegative
    return found


def check_derivative(tree: Tree, rule: Diff, scope: Scope) -> None:
    """Refuse a derivative by a name whose sums are given, and one that holds random values fixed."""
    domains, entries = scope.domains, _entries(scope, "expectation")
    held = (*rule.frozen, *([rule.name] if rule.name in scope.lets else []))
    for name in held:
        if scope.values[name].free_symbols & entries:
            raise Meaningless(f"{name} is random: it is no variable of an expectation")
    variable = domains.reached([rule.name])
    line = domains.reached_from(tree)
    for one in scope.declarations:
        if not isinstance(one, Given):
            continue
        left, right = domains.reached_from(one.left), domains.reached_from(one.right)
        said = f"{source(one.left)} = {source(one.right)} is given"
        if variable & (left - set(scope.random)) and left & line:
            raise Meaningless(f"{said}: it does not stay so where {rule.name} changes")
        indexed = left & {*scope.random, *scope.batch}
        if variable & right and _symbols(scope, scope.value(tree)) & {
            scope.values[name] for name in indexed
        }:
            raise Meaningless(f"{said}: what else depends on {rule.name} then is not known")


def check_substitution(tree: Tree, named: Mapping[str, Tree], scope: Scope) -> None:
    """Refuse values that assumptions exclude, lengths, and names that a sum or an expectation binds.

    The end of what is assumed, eps = 0 for eps > 0, is no such value: there the line before is a limit.
    """
    domains = scope.domains
    line = domains.reached_from(tree)
    given = [domains.reached_from(d.left) for d in scope.declarations if isinstance(d, Given)]
    for name, value in named.items():
        if scope.axis and name == str(scope.axis.N):
            raise Meaningless(f"{name} is the length of the batch: it stays a name")
        if any(name in left and left & line for left in given):
            raise Meaningless(
                f"a sum or an expectation of {name} is given: {name} stays what it is"
            )
        if _captured(tree, name, value, scope):
            raise Meaningless(
                f"{name} stands inside a sum or an expectation, which would bind {source(value)}"
            )
        if name in scope.table.integers and scope.value(value).is_integer is False:
            raise Meaningless(f"{name} is an integer, and {source(value)} is none")
    seen = set[str]()
    for name in scope.random:
        if name in line:
            now = domains.reached_from(named[name]) if name in named else {name}
            if seen & now & set(scope.random):
                raise Meaningless("two independent variables would become one")
            seen |= now
    for one in domains.parts(tree):
        if isinstance(one, Call) and one.primes and one.function in domains.functions:
            parameters, body = domains.functions[one.function]
            inside = domains.reached_from(body) - set(parameters)
            if inside & set(named) and domains.needs(one):
                raise Meaningless(f"write {source(one)} out before something in it is replaced")
    for need, said in domains.assumed(named):
        value = scope.value(need.tree)
        if allows(value, need.signs) is False and (need.signs == NONZERO or not value.is_zero):
            raise Meaningless(f"{said} is assumed, which does not hold there")


def open_assumptions(tree: Tree, named: Mapping[str, Tree], scope: Scope) -> tuple[Need, ...]:
    """What is assumed of the names of a line, as conditions on what replaces them."""
    line = scope.domains.reached_from(tree)
    used = {name: value for name, value in named.items() if name in line}
    found = [need for need, _ in scope.domains.assumed(used)]
    free = [one for one in found if not scope.value(one.tree).is_number]
    return tuple(scope.domains.replaced(free, {}))


def check_pattern(due: Tree, before: Expr, after: Expr, value: Expr, scope: Scope) -> None:
    """Refuse to replace what stands inside a sum as well, and what can never be what replaces it."""
    if scope.axis and before.free_symbols and before.free_symbols <= scope.axis.N.free_symbols:
        raise Meaningless(f"{scope.axis.N} is the length of the batch: it stays a name")
    if any(body.has(before) for body in parts(value, scope.axes)[1:]):
        raise Meaningless(f"{source(due)} stands inside a sum or an expectation: define it by let")
    if _opposed(before, after):
        raise Meaningless(f"{source(due)} is never that")
    for fact in scope.facts:
        now = fact.expr.subs(before, after)
        if now != fact.expr and now.is_negative:
            raise Meaningless(f"what is assumed of {source(due)} does not hold there")


def _captured(tree: Tree, name: str, value: Tree, scope: Scope) -> bool:
    """Whether a name that is no entry stands inside a sum that would run over what replaces it."""
    if name in scope.random or name in scope.indexed:
        return False
    free = scope.value(value).free_symbols & {
        *_entries(scope, "axis"),
        *_entries(scope, "expectation"),
    }
    inside = (one for one in scope.domains.parts(tree) if isinstance(one, Call))
    return bool(free) and any(
        one.function in ("sum", "E") and scope.domains.reaches(one, name) for one in inside
    )


def _opposed(before: Expr, after: Expr) -> bool:
    return bool(
        (before.is_positive and after.is_nonpositive)
        or (before.is_nonnegative and after.is_negative)
        or (before.is_negative and after.is_nonnegative)
        or (before.is_nonpositive and after.is_positive)
        or (before.is_nonzero and after.is_zero)
    )


def _entries(scope: Scope, kind: str) -> set[Expr]:
    return {entry for axis in scope.axes if axis.kind == kind for entry in axis.entries}


def _symbols(scope: Scope, value: Expr) -> set[Expr]:
    return set[Expr]().union(*(one.free_symbols for one in parts(value, scope.axes)))
