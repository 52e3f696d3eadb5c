"""The statement of a gradient on symbols: what is due, what the reference computes, and what is decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp

from lawbook.proofs.evidence import Decision, Step, Word, all_of
from lawbook.proofs.inputs import Sizes
from lawbook.proofs.numbers.axes import Axis, Expr
from lawbook.proofs.numbers.families import Family
from lawbook.proofs.numbers.symbols import SymArray, maxima_as_shifts, number, symbols

if TYPE_CHECKING:
    from lawbook.proofs.gradients import Gradient


def formal_steps(gradient: Gradient, length: Expr) -> Iterator[Step]:
    """One step for each input, for every length of the formal axis.

    A maximum over that axis is a free symbol: one more step says that L does not depend on it.
    """
    name = str(length)
    axis = Axis(length)
    sizes = {**dict.fromkeys(gradient.dimensions, 1), **gradient.formal_sizes}
    values = {n: v.formal(n, axis, name, sizes) for n, v in gradient.inputs.items()}
    run = _Run(gradient, values, axis)
    says = ", ".join((f"for every {name}", *_lengths(gradient, sizes, name)))
    word = Word.PROVED_FOR_EVERY_N
    for wrt, decision in run.decisions():
        yield Step(f"dL/d{wrt}, {says}", _sized(decision, word, ""))
    for shift in run.shifts:
        text = f"the maximum is a shift on which L does not depend, {says}"
        yield Step(text, _sized(run.independent_of(shift), word, ""))


def fixed_steps(gradient: Gradient, sizes: Sizes) -> list[Step]:
    """One step for each input at these sizes.

    Maxima over an axis are free shifts where this suffices for a proof, else they are what they are.
    """
    missing = [d for d in gradient.dimensions if d not in sizes]
    if missing:
        raise ValueError(f"{gradient.title}: sizes {dict(sizes)} lack {', '.join(missing)}")
    values = {n: v.symbolic(n, sizes) for n, v in gradient.inputs.items()}
    with maxima_as_shifts() as shifts:
        run = _Run(gradient, values, shifts=shifts)
        found = list(run.decisions())
        proved = all(decision.is_proof for _, decision in found)
        proved = proved and all(run.independent_of(shift).is_proof for shift in run.shifts)
    if shifts and not proved:
        found = list(_Run(gradient, values).decisions())
    size = ", ".join(_lengths(gradient, sizes))
    at = f" at {size}" if size else ""
    return [Step(f"dL/d{wrt}{at}", _sized(d, Word.PROVED_AT_SIZE, size)) for wrt, d in found]


class _Run:
    """The forward and the backward on symbols: L, and what backward makes of it.

    shifts: the free symbols that stand for maxima in L.
    """

    def __init__(
        self,
        gradient: Gradient,
        values: Mapping[str, Any],
        axis: Axis | None = None,
        shifts: Sequence[Expr] = (),
    ) -> None:
        self.gradient, self.values, self.axis = gradient, values, axis
        self.axes = [] if axis is None else [axis]
        self.facts = [
            fact
            for name, kind in gradient.inputs.items()
            for fact in kind.positive_of(values[name])
        ]
        self.auxiliary = {
            symbol
            for name, kind in gradient.inputs.items()
            for symbol in kind.auxiliary_of(values[name])
        }
        y = gradient.forward(**values)
        self.shifts = list(shifts if axis is None else axis.shifts)  # before backward adds its own
        dy = None
        if not gradient.scalar:
            dy = _upstream(y)
            y = (dy * y).sum()
        _distinct(gradient, {**values, "dy": dy})
        self.loss = number(SymArray(y).item())
        self.computed = gradient.gradients(dy, values)

    def decisions(self) -> Iterator[tuple[str, Decision]]:
        """For each input, one decision on all its elements."""
        for wrt in self.gradient.wrt:
            at, got = self.values[wrt], self.computed[wrt]
            got = got if isinstance(got, Family) else SymArray(got)
            if got.shape != at.shape:
                due, written = f"shape {at.shape}", f"shape {got.shape}"
                yield wrt, Decision(Word.REFUTED, expected=due, got=written)
                continue
            pairs = zip(_elements(at), _elements(got), strict=True)
            yield wrt, all_of(self.decide(self.due(s), number(written)) for s, written in pairs)

    def independent_of(self, symbol: Expr) -> Decision:
        """Whether dL/d(symbol) = 0."""
        return self.decide(sp.S.Zero, self.due(symbol))

    def due(self, symbol: Expr) -> Expr:
        """dL/d(symbol)."""
        return (
            sp.diff(self.loss, symbol)
            if self.axis is None
            else self.axis.derivative(self.loss, symbol)
        )

    def decide(self, due: Expr, written: Expr) -> Decision:
        """The prover's decision for all values of the shifts.

        A point at which this is refuted counts where no shift occurs, or none matters and all are set to 0.
        """
        decision = self._decide(due, written)
        used = (due.free_symbols | written.free_symbols) & {*self.all_shifts()}
        if decision.word is not Word.REFUTED or not used:
            return decision
        for shift in used:
            for side in (due, written):
                if not self._decide(sp.S.Zero, sp.diff(side, shift)).is_proof:
                    return Decision(Word.UNDECIDED, why="false where a maximum may be any number")
        zero = dict.fromkeys(used, sp.S.Zero)
        return self._decide(due.xreplace(zero), written.xreplace(zero))

    def all_shifts(self) -> list[Expr]:
        """The symbols that stand for maxima, in L and in what backward returns."""
        return self.shifts if self.axis is None else self.axis.shifts

    def _decide(self, due: Expr, written: Expr) -> Decision:
        from lawbook.proofs.prover.decide import Fact, decide

        facts = [Fact(expr, strict=True) for expr in self.facts]
        return decide(
            due, written, facts=facts, axes=self.axes, kinks="excluded", hidden=self.auxiliary
        )


def _upstream(y: Any) -> Any:
    """Free symbols dy of the shape of y."""
    if isinstance(y, Family):
        return Family.of("dy", y.axis, y.bodies.shape, y.at)
    return symbols("dy", *SymArray(y).shape)


def _distinct(gradient: Gradient, values: Mapping[str, Any]) -> None:
    """ValueError where two inputs have a symbol in common, such as x_1 of an array x and an input x_1."""
    owner: dict[Expr, str] = {}
    for name, value in values.items():
        array = value if isinstance(value, Family | SymArray) else SymArray(())
        for symbol in {s for element in _elements(array) for s in element.free_symbols}:
            if owner.setdefault(symbol, name) != name:
                raise ValueError(f"{gradient.title}: {owner[symbol]} and {name} share {symbol}")


def _lengths(gradient: Gradient, sizes: Sizes, formal: str = "") -> list[str]:
    return [f"{d} = {sizes[d]}" for d in gradient.dimensions if d != formal]


def _elements(value: Any) -> list[Expr]:
    array = value.bodies if isinstance(value, Family) else value
    return list(np.asarray(array).flat)


def _sized(decision: Decision, word: Word, size: str) -> Decision:
    """A proof in the word that its size deserves."""
    return replace(decision, word=word, why=size) if decision.word is Word.PROVED else decision
