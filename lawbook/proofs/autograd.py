"""The reference's gradients beside torch's autograd, in float64, within a bound computed for every input.

The reference's backward runs on value-and-bound pairs; what may differ is its own rounding bound.  The same
bound is held against the oracle, intervals of 60 digits, for the smaller inputs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from lawbook.bounds import Bounded, bounded, lift
from lawbook.claims import Equal, Outcome, near
from lawbook.proofs.evidence import Word
from lawbook.proofs.inputs import Array, Labels, Mask, Scalar
from lawbook.proofs.numbers.decimals import decimals, nearest

if TYPE_CHECKING:
    from lawbook.proofs.gradients import Gradient

LARGER = 8  # every tenth draw has one dimension this many times as long, where its lengths are free
ORACLE_EVERY = 20


@dataclass(frozen=True)
class Comparison:
    """A gradient beside torch: the worst measured / allowed over all draws, for each input.

    oracle: the same for the reference beside exact arithmetic.  finite: the draws on which every bound is
    finite; at least one has to be.  failed: the first failure in one sentence.
    """

    title: str
    device: str
    draws: int
    worst: Mapping[str, Outcome] = field(default_factory=dict)
    oracle: Mapping[str, Outcome] = field(default_factory=dict)
    finite: int = 0
    failed: str = ""

    @property
    def holds(self) -> bool:
        """Whether all draws were within the bound."""
        return not self.failed

    @property
    def ratio(self) -> float:
        """The worst measured / allowed of all inputs."""
        return max((outcome.ratio for outcome in self.worst.values()), default=0.0)

    @property
    def outcome(self) -> str:
        """What was found, in one line."""
        if self.failed:
            return self.failed
        worst = ", ".join(f"d{name} {found.ratio:.2g}" for name, found in self.worst.items())
        return f"{Word.WITHIN_BOUND}: {self.draws} draws on {self.device}, worst {worst}"

    def as_json(self) -> dict[str, Any]:
        """The figures as data."""
        return {
            "draws": self.draws,
            "draws with finite bounds": self.finite,
            "holds": self.holds,
            "worst measured/allowed": _ratios(self.worst),
            "worst measured/allowed of the oracle": _ratios(self.oracle),
        }


def comparison(
    gradient: Gradient, device: str = "cpu", draws: int = 200, seed: int = 0
) -> Comparison:
    """The gradient beside torch on this many random inputs; on "meta" the shapes alone.

    Raises ValueError for a gradient without a torch forward.
    """
    import torch

    if gradient.torch is None:
        raise ValueError(f"{gradient.title} has no torch forward")
    with _settings(torch):
        return _compared(torch, gradient, device, draws, seed)


@contextmanager
def _settings(torch: Any) -> Iterator[None]:
    """Float32 products without TF32, and one thread: small arrays on shared cores wait for no other."""
    before = (
        torch.get_num_threads(),
        torch.backends.cuda.matmul.allow_tf32,
        torch.backends.cudnn.allow_tf32,
    )
    try:
        _set(torch, 1, False, False)
        yield
    finally:
        _set(torch, *before)


def _set(torch: Any, threads: int, matmul: bool, convolution: bool) -> None:
    torch.set_num_threads(threads)
    torch.backends.cuda.matmul.allow_tf32 = matmul
    torch.backends.cudnn.allow_tf32 = convolution


def _compared(torch: Any, gradient: Gradient, device: str, draws: int, seed: int) -> Comparison:
    worst: dict[str, Outcome] = {}
    oracle: dict[str, Outcome] = {}
    finite = 0
    for number, values, rng in _draws(gradient, draws, seed):
        dy, got = _autograd(torch, gradient, values, rng, device)
        if device == "meta":
            due = {n: np.shape(values[n]) for n in gradient.wrt}
            wrong = [n for n in gradient.wrt if got[n] != due[n]]
            if wrong:
                text = f"draw {number}: d{wrong[0]} has shape {got[wrong[0]]}, not {due[wrong[0]]}"
                return Comparison(gradient.title, device, draws, failed=text)
            continue
        pairs = gradient.gradients(bounded(dy), {n: bounded(v) for n, v in values.items()})
        allowed = _bounds(gradient, dy, values, pairs)
        claims = {n: Equal(near(got[n], allowed[n]), lift(pairs[n])) for n in gradient.wrt}
        failed = _judged(claims, worst, f"torch on {device}, draw {number}")
        if not failed and number % ORACLE_EVERY == 0:
            exact = _exact(gradient, dy, values)
            claims = {n: Equal(exact[n], lift(pairs[n])) for n in gradient.wrt}
            failed = _judged(
                claims, oracle, f"the reference beside exact arithmetic, draw {number}"
            )
        if failed:
            return Comparison(gradient.title, device, draws, worst, oracle, finite, failed)
        finite += all(np.isfinite(lift(p).error).all() for p in pairs.values())
    failed = "" if finite or device == "meta" else f"{Word.UNDECIDED}: no draw has a finite bound"
    return Comparison(gradient.title, device, draws, worst, oracle, finite, failed)


def _draws(
    gradient: Gradient, draws: int, seed: int
) -> Iterator[tuple[int, dict[str, Any], np.random.Generator]]:
    rng = np.random.default_rng(seed)
    for number in range(draws):
        sizes = {}
        for dimension in gradient.dimensions:
            low, high = gradient.length(dimension)
            sizes[dimension] = int(rng.integers(low, high + 1))
        free = [d for d in sizes if not isinstance(gradient.lengths.get(d), tuple)]
        if number % 10 == 9 and free:
            sizes[free[rng.integers(len(free))]] *= LARGER
        yield number, {n: v.floats(rng, sizes) for n, v in gradient.inputs.items()}, rng


def _autograd(
    torch: Any, gradient: Gradient, values: dict[str, Any], rng: np.random.Generator, device: str
) -> tuple[Any, dict[str, Any]]:
    """dy, and torch's gradients by input (on "meta" their shapes)."""
    tensors = {}
    for name, kind in gradient.inputs.items():
        value = values[name]
        if isinstance(kind, Array | Mask | Labels) and not (
            isinstance(kind, Scalar) and name not in gradient.wrt
        ):
            value = torch.as_tensor(np.asarray(value), device=device)
            value.requires_grad_(name in gradient.wrt)
        tensors[name] = value
    y = gradient.torch(torch, **tensors)  # type: ignore[misc]
    dy = np.ones(()) if gradient.scalar else rng.normal(size=tuple(y.shape))
    upstream = torch.as_tensor(dy, device=device)
    found = torch.autograd.grad(y, [tensors[n] for n in gradient.wrt], upstream)
    if device == "meta":
        return dy, {n: tuple(g.shape) for n, g in zip(gradient.wrt, found, strict=True)}
    return dy, {n: g.cpu().numpy() for n, g in zip(gradient.wrt, found, strict=True)}


def _bounds(
    gradient: Gradient, dy: Any, values: dict[str, Any], pairs: dict[str, Any]
) -> dict[str, Any]:
    """Where torch rounds by another formula its bounds, else none beside those of the reference."""
    if gradient.rounding is None:
        return {n: Bounded(np.zeros(lift(pairs[n]).shape)) for n in gradient.wrt}
    given = {n: bounded(v) for n, v in values.items()}
    found = (
        gradient.rounding(**given) if gradient.scalar else gradient.rounding(bounded(dy), **given)
    )
    return {n: lift(v) for n, v in gradient.by_input(found).items()}


def _exact(gradient: Gradient, dy: Any, values: dict[str, Any]) -> dict[str, Any]:
    """The reference's gradients in exact arithmetic, as the nearest doubles."""
    given = dict(values)
    for name, kind in gradient.inputs.items():
        if isinstance(kind, Array | Mask):
            exact = decimals(values[name])
            given[name] = exact if exact.shape else exact[()]
    found = gradient.gradients(decimals(dy), given)
    return {n: nearest(v) for n, v in found.items()}


def _judged(claims: Mapping[str, Equal], worst: dict[str, Outcome], where: str) -> str:
    """Judge the claims; keep the worst outcome by input; the first failure in one sentence."""
    for name, claim in claims.items():
        outcome = claim.judge()
        if name not in worst or outcome.ratio > worst[name].ratio:
            worst[name] = outcome
        if not outcome.holds:
            gap = f"off by {outcome.measured:.3g} where {outcome.allowed:.3g} is allowed"
            return f"{Word.REFUTED}: {where}: d{name} {gap}; {outcome.message}"
    return ""


def _ratios(outcomes: Mapping[str, Outcome]) -> dict[str, float]:
    return {name: float(f"{outcome.ratio:.3g}") for name, outcome in outcomes.items()}
