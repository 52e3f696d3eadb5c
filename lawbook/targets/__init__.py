"""Targets: what provides operations.  `open_target("reference")`, `open_target("torch", device=...)`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lawbook.laws import reference_operations, topics
from lawbook.operations import Backend, LocalBackend, Operation, Session, parameters
from lawbook.rehearsal import CasesBackend

DTYPES = ("float64", "float32", "bfloat16")


class TargetUnavailable(Exception):
    """A target cannot be opened here; the message is one sentence for the user."""


@dataclass(eq=False, repr=False)
class Target:
    """Operations by name (with the constructor arguments each accepts) and how to reach them.

    `conventions` are declared or inferred, per operation; `errors` says why an operation could not be
    loaded; `required` are the operations whose absence counts against the target; `second` reaches a copy
    of the target, for work beside.
    """

    name: str
    backend: Backend
    accepts: Mapping[str, frozenset[str]]
    dtype: str = "float64"
    conventions: dict[str, dict[str, Any]] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    second: CasesBackend | None = None

    def operation(self, name: str) -> Operation:
        """The operation as a law sees it; KeyError where the target lacks it."""
        contract = reference_operations()[name]
        declared = self.conventions.get(name, {})
        return Operation(name, Session(self.backend), contract, declared, self.accepts[name])

    def flat_conventions(self) -> dict[str, Any]:
        """The conventions by "operation.convention", as reports have them."""
        return {
            f"{operation}.{name}": value
            for operation, settled in self.conventions.items()
            for name, value in settled.items()
        }


def local_target(name: str, operations: Mapping[str, type], **details: Any) -> Target:
    """A target in this process that draws from the reference's generator."""
    from reference import randomness

    backend = LocalBackend(operations, randomness.seed, randomness.draw)
    return Target(
        name, backend, {o: frozenset(parameters(c)) for o, c in operations.items()}, **details
    )


def reference_target(**replaced: type) -> Target:
    """The reference; with operations replaced by other classes, such as a mistake's."""
    operations = {**reference_operations(), **replaced}
    return local_target("reference", operations, required=frozenset(operations))


def torch_target(device: str, dtype: str) -> Target:
    """PyTorch on a device ("cpu", "cuda", "cuda:1") in a dtype."""
    try:
        import torch
    except ModuleNotFoundError:
        raise TargetUnavailable("torch is not installed here; install lawbook[torch]") from None
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise TargetUnavailable("there is no CUDA device here; nothing was run on CUDA")
    from lawbook.targets.torch import settings

    settings.use(device, dtype)
    operations: dict[str, type] = {}
    conventions: dict[str, dict[str, Any]] = {}
    for module in topics("lawbook.targets.torch"):
        operations.update(getattr(module, "OPERATIONS", {}))
        conventions.update(getattr(module, "CONVENTIONS", {}))
    backend = LocalBackend(operations, settings.seed, settings.draw)
    accepts = {
        name: frozenset(parameters(implementation)) for name, implementation in operations.items()
    }
    return Target(
        f"torch {torch.__version__} {device} {dtype}",
        backend,
        accepts,
        dtype,
        conventions,
        required=frozenset(operations),
    )


def open_target(name: str, device: str = "cpu", dtype: str = "float64") -> Target:
    """A target by name; raises TargetUnavailable with one sentence."""
    if dtype not in DTYPES:
        raise TargetUnavailable(f"dtype {dtype!r} is not one of {', '.join(DTYPES)}")
    if name == "torch":
        return torch_target(device, dtype)
    if name == "reference":
        if (device, dtype) != ("cpu", "float64"):
            raise TargetUnavailable(f"the reference runs on cpu in float64, not {device} {dtype}")
        return reference_target()
    raise TargetUnavailable(f"there is no target {name!r}; known are reference and torch")
