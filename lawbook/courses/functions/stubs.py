"""Whether a function is still as it was handed out: what it returns is set to None and never computed."""

from __future__ import annotations

import ast
from collections.abc import Iterator


def unwritten(source: str) -> frozenset[str]:
    """The names of the functions whose first result is only ever None; none of a broken file.

    Those at top level, and as `Class.method` those in classes.
    """
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError):
        return frozenset()
    scopes = [("", body), *((f"{c.name}.", c.body) for c in body if isinstance(c, ast.ClassDef))]
    return frozenset(
        prefix + node.name
        for prefix, scope in scopes
        for node in scope
        if isinstance(node, ast.FunctionDef) and _is_stub(node)
    )


def _is_stub(function: ast.FunctionDef) -> bool:
    returned = [node.value for node in ast.walk(function) if isinstance(node, ast.Return)]
    firsts = [value.elts[0] if isinstance(value, ast.Tuple) else value for value in returned]
    names = {first.id if isinstance(first, ast.Name) else None for first in firsts}
    if len(names) != 1 or None in names:
        return False
    (name,) = names
    values = list(_assigned(function, str(name)))
    return bool(values) and all(_is_nothing(value, str(name)) for value in values)


def _assigned(function: ast.FunctionDef, name: str) -> Iterator[ast.expr | None]:
    """What is written to a name, a parameter included; None where it cannot be told."""
    if any(argument.arg == name for argument in function.args.args):
        yield None
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                yield from _matched(target, node.value, name)
        elif isinstance(node, ast.Name) and _is_other_store(function, node, name):
            yield None


def _matched(target: ast.expr, value: ast.expr, name: str) -> Iterator[ast.expr | None]:
    """The parts of an assignment that go to the name or to an element of it."""
    if isinstance(target, ast.Tuple):
        same = isinstance(value, ast.Tuple) and len(value.elts) == len(target.elts)
        for number, element in enumerate(target.elts):
            part = value.elts[number] if same and isinstance(value, ast.Tuple) else None
            if _root(element) == name:
                yield part
    elif _root(target) == name:
        yield value


def _is_other_store(function: ast.FunctionDef, node: ast.Name, name: str) -> bool:
    """Whether the node writes to the name, not by `=` (`_matched` gives those values), but by for, +=, ..."""
    if node.id != name or not isinstance(node.ctx, ast.Store):
        return False
    plain = (one for one in ast.walk(function) if isinstance(one, ast.Assign))
    return not any(part is node for one in plain for top in one.targets for part in ast.walk(top))


def _root(target: ast.expr) -> str | None:
    """The name that an assignment writes to, as a whole or at an index."""
    while isinstance(target, ast.Subscript):
        target = target.value
    return target.id if isinstance(target, ast.Name) else None


def _is_nothing(value: ast.expr | None, name: str) -> bool:
    """Whether a value is None or, as in `out = out.astype(...)`, a conversion of the name itself."""
    if isinstance(value, ast.Constant):
        return value.value is None
    called = value.func if isinstance(value, ast.Call) else None
    return isinstance(called, ast.Attribute) and _root(called.value) == name
