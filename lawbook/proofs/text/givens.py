"""What is given of sums and expectations (`given E(m) = q`): a rewrite, and the facts that go with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import sympy as sp

from lawbook.proofs.numbers.axes import Axis, Meaningless, parts
from lawbook.proofs.prover.decide import Fact

Expr: TypeAlias = Any  # SymPy has no types
__all__ = ["Meaningless", "facts", "solved"]


def solved(axes: Sequence[Axis], left: Expr, right: Expr) -> tuple[Expr, Expr]:
    """The highest sum in what is given, and what it is worth: E(x**2) in E((x - E(x))**2) = v."""
    body = {symbol: body for axis in axes for symbol, body in axis.bodies(left).items()}
    if not body:
        raise Meaningless("what is given holds nothing that is still free")
    degrees = {s: sp.total_degree(b) if b.is_polynomial() else 99 for s, b in body.items()}
    highest = max(body, key=lambda symbol: degrees[symbol])
    rest = sp.expand(left - right)
    factor = sp.diff(rest, highest)
    if factor == 0 or factor.has(highest):
        raise Meaningless("what is given is not linear in one of its sums")
    return highest, sp.expand(highest - rest / factor)


def facts(axes: Sequence[Axis], moments: Mapping[Expr, Expr], sides: Sequence[Expr]) -> list[Fact]:
    """What is given, as facts about the points at which sides are compared.

    A batch or a variable of which something else still occurs has to have the sums that are given for it;
    no variance is negative.
    """
    bodies = [body for side in sides for body in parts(side, axes)[1:]]
    in_sums = set[Expr]().union(*(b.free_symbols for b in bodies))
    in_sides = set[Expr]().union(*(side.free_symbols for side in sides))
    found = []
    for axis in axes:
        given = {b: moments[symbol] for b, symbol in axis.sums.items() if symbol in moments}
        used = in_sums if axis.kind == "expectation" else in_sums | in_sides
        for body, value in given.items():
            if body.free_symbols & set(axis.entries) & used:
                gap = axis.sums[body] - value
                found += [Fact(gap, False), Fact(-gap, False)]
            elif axis.kind == "expectation" and body.is_Symbol and body**2 in given:
                found.append(Fact(given[body**2] - value**2, False))
    return [one for one in found if not one.expr.is_number]
