"""Which methods of a class are still as they were handed out: all that they do is to raise NotImplemented."""

from __future__ import annotations

import ast


def unwritten_methods(source: str, name: str) -> frozenset[str]:
    """The methods of a top-level class that raise NotImplemented and return nothing; none of a broken file.

    Some students leave the handed-out line below their own `return`.
    """
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError):
        return frozenset()
    classes = (node for node in body if isinstance(node, ast.ClassDef) and node.name == name)
    return frozenset(
        method.name
        for node in classes
        for method in node.body
        if isinstance(method, ast.FunctionDef)
        and any(map(_gives_up, method.body))
        and not any(isinstance(part, ast.Return) for part in ast.walk(method))
    )


def _gives_up(statement: ast.stmt) -> bool:
    """Whether a statement is `raise NotImplemented` or `raise NotImplementedError(...)`."""
    raised = statement.exc if isinstance(statement, ast.Raise) else None
    raised = raised.func if isinstance(raised, ast.Call) else raised
    return isinstance(raised, ast.Name) and raised.id in ("NotImplemented", "NotImplementedError")
