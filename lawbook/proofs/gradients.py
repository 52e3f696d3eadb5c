"""Gradients: "this backward is the derivative of that forward", proved from the code that runs.

With L = sum(dy * forward) for any dy (or L = forward, where it is a scalar loss) the statement is
dL/d(input) = backward.  `check` runs both on symbols: on a formal axis for every length, and at fixed sizes.
`duals` checks the same without SymPy at random rational points, `beside_torch` in float64 beside autograd.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sympy as sp

from lawbook.proofs.derivatives import fixed_steps, formal_steps
from lawbook.proofs.evidence import Step
from lawbook.proofs.inputs import Array, Constant, Input, Labels, Mask, Scalar, Sizes

if TYPE_CHECKING:
    from lawbook.proofs.adjoints import Agreement
    from lawbook.proofs.autograd import Comparison

__all__ = ["Array", "Constant", "Gradient", "Input", "Labels", "Mask", "Scalar"]

LONGEST = 8


@dataclass(frozen=True)
class Gradient:
    """One statement: `backward` is the derivative of `forward` with respect to `wrt`.

    title: what it says.  inputs: the forward's arguments, by name.
    forward(**inputs): an array, or one number with scalar=True.
    backward(dy, **inputs), without dy for a scalar: the gradient, or a tuple of them in the order of wrt.
    formal: the dimension of symbolic length; the others have length 1 there unless `formal_sizes` says more.
    sizes: fixed sizes to prove it at.  lengths: the least and largest length of a dimension in random draws,
    (1, 8) unless given.
    mutate: reference functions and methods; every change of theirs must be rejected by the proof.
    torch(torch, **inputs): an independent forward on tensors, which autograd differentiates; None without.
    rounding: a formula like backward that rounds as torch's does, where that rounds more than the reference.
    rational(values, draw): the values with some replaced, so that roots are rational; draw(shape) gives
    positive Fractions.
    covers, errata: claims and errata of the register.
    """

    title: str
    inputs: Mapping[str, Input]
    wrt: tuple[str, ...]
    forward: Callable[..., Any]
    backward: Callable[..., Any]
    scalar: bool = False
    formal: str | None = None
    formal_sizes: Sizes = field(default_factory=dict)
    sizes: tuple[Sizes, ...] = ()
    lengths: Mapping[str, int | tuple[int, int]] = field(default_factory=dict)
    mutate: tuple[Any, ...] = ()
    torch: Callable[..., Any] | None = None
    rounding: Callable[..., Any] | None = None
    rational: Callable[..., Any] | None = None
    covers: tuple[str, ...] = ()
    errata: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        unknown = [name for name in self.wrt if name not in self.inputs]
        if unknown or not self.wrt:
            raise ValueError(f"{self.title}: wrt names inputs, not {unknown}")
        if self.formal is None and not self.sizes:
            raise ValueError(f"{self.title}: a proof needs a formal dimension or sizes")
        known = {*self.dimensions}
        asked = {*self.lengths, *self.formal_sizes, *(d for one in self.sizes for d in one)}
        if self.formal is not None:
            asked.add(self.formal)
        if asked - known:
            raise ValueError(f"{self.title}: no input has a dimension {sorted(asked - known)}")

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The names of all dimensions, in order of appearance."""
        named = [d for value in self.inputs.values() for d in value.dims if isinstance(d, str)]
        named += [
            v.classes
            for v in self.inputs.values()
            if isinstance(v, Labels) and isinstance(v.classes, str)
        ]
        return tuple(dict.fromkeys(named))

    def length(self, dimension: str) -> tuple[int, int]:
        """The least and the largest ordinary length of a dimension in random draws."""
        given = self.lengths.get(dimension, 1)
        return given if isinstance(given, tuple) else (given, max(given, LONGEST))

    def gradients(self, dy: Any, values: Mapping[str, Any]) -> dict[str, Any]:
        """What backward returns, by input."""
        found = self.backward(**values) if self.scalar else self.backward(dy, **values)
        return self.by_input(found)

    def by_input(self, found: Any) -> dict[str, Any]:
        """A result in the order of wrt, by input; ValueError where their numbers differ."""
        listed = tuple(found) if isinstance(found, tuple | list) else (found,)
        if len(listed) != len(self.wrt):
            raise ValueError(f"{self.title}: {len(listed)} gradients for {len(self.wrt)} inputs")
        return dict(zip(self.wrt, listed, strict=True))

    def check(self) -> list[Step]:
        """One step for each input: for every length of the formal axis, and at each of `sizes`."""
        return list(self.steps())

    def steps(self) -> Iterator[Step]:
        """The steps of `check`, each worked out when it is asked for."""
        if self.formal is not None:
            length = sp.Symbol(self.formal, integer=True, positive=True)
            yield from formal_steps(self, length)
        for sizes in self.sizes:
            yield from fixed_steps(self, sizes)

    def duals(self, seed: int = 0, points: int = 3) -> Agreement:
        """<dy, y'> = <backward, v> at random points, by dual numbers and without SymPy."""
        from lawbook.proofs.adjoints import agreement

        return agreement(self, seed, points)

    def beside_torch(self, device: str = "cpu", draws: int = 200, seed: int = 0) -> Comparison:
        """The reference's gradient in float64 beside torch's autograd, within the computed rounding bound."""
        from lawbook.proofs.autograd import comparison

        return comparison(self, device, draws, seed)
