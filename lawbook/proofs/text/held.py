"""Definitions as variables of their own: held fixed in a derivative, or differentiated by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sympy as sp

from lawbook.proofs.numbers.axes import parts
from lawbook.proofs.text.scope import ASSUMED, Expr, Scope
from lawbook.proofs.text.syntax import Name


def hold(scope: Scope, names: Sequence[str]) -> tuple[Scope, dict[Expr, Expr]]:
    """The scope in which some definitions are variables, and what these stand for."""
    held: dict[str, Any] = {}
    for name in names:
        known = ASSUMED.get(scope.table.of(Name(name)), {"real": True})
        if scope.axis and scope.is_indexed(scope.values[name]):
            held[name] = scope.axis.entry(f"{name}[held]", **known)
        else:
            held[name] = sp.Symbol(f"{name}(held)", **known)
    return scope.replaced(held), {symbol: scope.values[n] for n, symbol in held.items()}


def release(scope: Scope, expr: Expr, held: Mapping[Expr, Expr]) -> Expr:
    """An expression with what the variables stand for put back, inside sums too."""
    back: dict[Expr, Expr] = dict(held)
    for axis in scope.axes:
        others = {axis.entries[s]: v for s, v in held.items() if s in axis.entries}
        for symbol, body in axis.bodies(expr).items():
            if any(part.has(*held, *others) for part in parts(body, scope.axes)):
                back[symbol] = axis.close(release(scope, body, held))
        back |= {other: value.xreplace(axis.entries) for other, value in others.items()}
    return expr.xreplace(back)


def forget(scope: Scope, held: Iterable[Expr]) -> None:
    """The variables are entries of the axis no longer."""
    for symbol in held:
        if scope.axis and symbol in scope.axis.entries:
            for known in (symbol, scope.axis.entries.pop(symbol)):
                scope.axis.names.pop(known, None)
