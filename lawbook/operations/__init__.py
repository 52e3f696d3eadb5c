"""Operations: what is judged, seen through one narrow interface.

An operation is a class: hyperparameters in, then methods that take and return arrays and scalars.  The
reference's class *is* the contract: its signature, its docstring and the return annotations of its
methods.  A law sees an `Operation`, which creates instances and calls their methods through a
`Backend`: in this process (reference, torch, mistakes) or in a worker (a submission).
"""

from lawbook.operations.calls import (
    Backend,
    Begin,
    Call,
    Draw,
    Invoke,
    New,
    Script,
    Seed,
    TargetError,
    Value,
    same_call,
    same_value,
)
from lawbook.operations.contract import parameters
from lawbook.operations.local import LocalBackend
from lawbook.operations.operation import Instance, Operation
from lawbook.operations.recall import Recall, due
from lawbook.operations.session import Session

__all__ = [
    "Backend",
    "Begin",
    "Call",
    "Draw",
    "Instance",
    "Invoke",
    "LocalBackend",
    "New",
    "Operation",
    "Recall",
    "Script",
    "Seed",
    "Session",
    "TargetError",
    "Value",
    "due",
    "parameters",
    "same_call",
    "same_value",
]
