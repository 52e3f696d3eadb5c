"""Mutants of a reference function: one change of its source each, which a proof of its gradient must reject.

Operators are swapped, operands dropped or exchanged, signs changed, constants and axes replaced, comparisons
turned, arguments of calls exchanged.  `alive` runs a statement with each mutant patched in.
"""

from __future__ import annotations

import ast
import copy
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lawbook.bounds import lift
from lawbook.claims import same_numbers
from lawbook.proofs.evidence import Word
from lawbook.proofs.gradients import Gradient

SWAPS: dict[type, type] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.Pow: ast.Mult,
    ast.MatMult: ast.Mult,
}
TURNS: dict[type, type] = {
    ast.Gt: ast.Lt,
    ast.Lt: ast.Gt,
    ast.GtE: ast.LtE,
    ast.LtE: ast.GtE,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
}


@dataclass(frozen=True)
class Mutant:
    """A changed function.  label: what was changed, with its line in the function."""

    label: str
    source: str
    function: Any


def mutants(function: Any) -> list[Mutant]:
    """Every mutant of a function or method of a module."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    definition = tree.body[0]
    assert isinstance(definition, ast.FunctionDef)
    assert definition.name == function.__name__, "the file was changed while it ran"
    definition.decorator_list = []
    kept = len(definition.body) > 1 and ast.get_docstring(definition) is not None
    definition.body = definition.body[kept:]
    _without_annotations(definition)
    found: dict[str, Mutant] = {}
    nodes = list(ast.walk(tree))
    for number, node in enumerate(nodes):
        for what, change in _changes(node):
            mutated = copy.deepcopy(tree)
            target = list(ast.walk(mutated))[number]
            replaced = change(target)
            if replaced is not target:
                mutated = _Replace(target, replaced).visit(mutated)
            source = ast.unparse(ast.fix_missing_locations(mutated))
            if source != ast.unparse(tree) and source not in found:
                label = f"{function.__qualname__}: {what} in {ast.unparse(node)}"
                found[source] = Mutant(label, source, _compiled(source, function))
    return list(found.values())


@contextmanager
def patched(function: Any, mutant: Mutant) -> Iterator[None]:
    """The mutant in place of the function: in its class, or in every module that holds it."""
    name = function.__name__
    holder: Any = sys.modules[function.__module__]
    for part in function.__qualname__.split(".")[:-1]:
        holder = getattr(holder, part)
    holders = [holder]
    if inspect.ismodule(holder):
        holders = [m for m in list(sys.modules.values()) if vars(m).get(name) is function]
    for place in holders:
        setattr(place, name, mutant.function)
    try:
        yield
    finally:
        for place in holders:
            setattr(place, name, function)


@dataclass
class Tally:
    """What became of the mutants: refuted, undecided, raised an error; or not killed, by label.

    equivalent: proved, and the same numbers on random inputs away from kinks.
    """

    refuted: int = 0
    undecided: int = 0
    raised: int = 0
    equivalent: tuple[str, ...] = ()
    survivors: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """All mutants."""
        killed = self.refuted + self.undecided + self.raised
        return killed + len(self.equivalent) + len(self.survivors)

    def __str__(self) -> str:
        return (
            f"{self.total} mutants: {self.refuted} refuted, {self.undecided} undecided, "
            f"{self.raised} raised, {len(self.equivalent)} equivalent, "
            f"{len(self.survivors)} survive"
        )


class NotReached(AssertionError):
    """A gradient names a function to mutate that its backward never calls, or has no proof to lose."""


def tally(gradient: Gradient) -> Tally:
    """What the gradient's proof says of every mutant of its `mutate` functions.

    Raises NotReached where a change of such a function could not be noticed.
    """
    found = Tally()
    before = _numbers(gradient)
    for function in gradient.mutate:
        _reached(gradient, function)
        for mutant in mutants(function):
            changed = _with_backward(gradient, function, mutant)
            word = _word(changed)
            if word == "proved":
                word = _beside(before, changed)
            if word in ("equivalent", "survivors"):
                setattr(found, word, (*getattr(found, word), mutant.label))
            else:
                setattr(found, word, getattr(found, word) + 1)
    return found


def _with_backward(gradient: Gradient, function: Any, mutant: Mutant) -> Gradient:
    """The gradient with the mutant in its backward alone: the forward stays what it is."""
    original = gradient.backward

    def backward(*args: Any, **kwargs: Any) -> Any:
        with patched(function, mutant):
            changed = mutant.function if original is function else original
            return changed(*args, **kwargs)

    return replace(gradient, backward=backward)


def _reached(gradient: Gradient, function: Any) -> None:
    """Whether the gradient is proved and runs the function in its backward; else NotReached."""
    calls = []

    def counted(*args: Any, **kwargs: Any) -> Any:
        calls.append(1)
        return function(*args, **kwargs)

    word = _word(_with_backward(gradient, function, Mutant("watched", "", counted)))
    if word != "proved":
        raise NotReached(f"{gradient.title}: {word} even unchanged, so that no change is noticed")
    if not calls:
        raise NotReached(f"{gradient.title}: {function.__qualname__} is never called")


def _word(gradient: Gradient) -> str:
    """What becomes of the first step that is no proof; "proved" without one."""
    try:
        with np.errstate(all="ignore"):
            wrong = next((s for s in gradient.steps() if not s.decision.is_proof), None)
    except Exception:  # whatever a mutant raises, it is noticed
        return "raised"
    if wrong is None:
        return "proved"
    return "refuted" if wrong.decision.word is Word.REFUTED else "undecided"


def _numbers(gradient: Gradient) -> list[Any]:
    """The gradients at 20 random inputs of moderate size."""
    rng = np.random.default_rng(1)
    found: list[Any] = []
    for _ in range(20):
        sizes = {}
        for dimension in gradient.dimensions:
            low, high = gradient.length(dimension)
            sizes[dimension] = int(rng.integers(max(low, min(2, high)), high + 1))
        values = {}
        for name, kind in gradient.inputs.items():
            drawn = np.asarray(kind.rational(rng, sizes))
            drawn = drawn.astype(float) if drawn.dtype == object else drawn
            values[name] = drawn if drawn.ndim else drawn[()]
        y = np.asarray(gradient.forward(**values))
        dy = rng.normal(size=y.shape)
        found += [lift(v).value for v in gradient.gradients(dy, values).values()]
    return found


def _beside(before: list[Any], changed: Gradient) -> str:
    """What becomes of a proved mutant whose original computes these numbers at random sizes."""
    try:
        with np.errstate(all="ignore"):
            after = _numbers(changed)
    except Exception:  # whatever a mutant raises, it is noticed
        return "raised"
    same = all(same_numbers(a, b) for a, b in zip(before, after, strict=True))
    return "equivalent" if same else "survivors"


def _changes(node: ast.AST) -> Iterator[tuple[str, Callable[[Any], ast.AST]]]:
    """The changes of one node, each a function that returns the node to stand in its place."""
    if isinstance(node, ast.BinOp):
        if type(node.op) in SWAPS:
            yield "another operator", _with("op", SWAPS[type(node.op)]())
        yield "the left operand alone", lambda n: n.left
        yield "the right operand alone", lambda n: n.right
        if isinstance(node.op, ast.Sub | ast.Div | ast.Pow | ast.MatMult):
            yield "operands exchanged", lambda n: ast.BinOp(n.right, n.op, n.left)
        yield "the sign changed", lambda n: ast.UnaryOp(ast.USub(), n)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield "the minus dropped", lambda n: n.operand
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield "a larger constant", _with("value", node.value + 1)
        if node.value == 1:
            yield "another axis", _with("value", 0)
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in TURNS:
        yield "the comparison turned", _with("ops", [TURNS[type(node.ops[0])]()])
    elif isinstance(node, ast.Call):
        for i in range(len(node.args) - 1):
            yield f"arguments {i} and {i + 1} exchanged", lambda n, i=i: _exchanged(n, i)


def _with(field: str, value: Any) -> Callable[[Any], ast.AST]:
    def change(node: Any) -> ast.AST:
        setattr(node, field, value)
        return node  # type: ignore[no-any-return]

    return change


def _exchanged(call: Any, i: int) -> ast.AST:
    call.args[i], call.args[i + 1] = call.args[i + 1], call.args[i]
    return call  # type: ignore[no-any-return]


class _Replace(ast.NodeTransformer):
    """Puts one node in the place of another."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> Any:
        return self.new if node is self.old else self.generic_visit(node)


def _without_annotations(definition: ast.FunctionDef) -> None:
    definition.returns = None
    for argument in [*definition.args.args, *definition.args.kwonlyargs]:
        argument.annotation = None
    for node in ast.walk(definition):
        for name, value in ast.iter_fields(node):
            if isinstance(value, list):
                setattr(node, name, [_assignment(item) for item in value])


def _assignment(node: Any) -> Any:
    if isinstance(node, ast.AnnAssign) and node.value is not None:
        return ast.copy_location(ast.Assign([node.target], node.value), node)
    return node


def _compiled(source: str, function: Any) -> Any:
    """The function that the source defines, among the names of the original's module."""
    made: dict[str, Any] = {}
    exec(compile(source, f"<mutant of {function.__name__}>", "exec"), function.__globals__, made)
    return made[function.__name__]
