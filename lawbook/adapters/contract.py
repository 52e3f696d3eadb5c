"""What the laws ask of an operation: its constructor's arguments and its methods, seen while they run.

The laws are run once on the reference and their calls looked at, so the answer cannot go stale.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from lawbook.laws import discover, reference_operations
from lawbook.operations import Invoke, New
from lawbook.sources import NumpySource

# An adapter without them is asked for none: laws about penalties in optimizers are skipped then.
LEFT_OUT = frozenset({"penalty", "strength"})


@dataclass(frozen=True, eq=False, repr=False)
class Contract:
    """An operation: the reference's text about it, its arguments and its methods.

    `arguments` are what laws pass to the constructor, `conventions` what it takes besides; `methods` maps a
    method to its parameters, and `says` to what the reference says of it.
    """

    operation: str
    text: str
    arguments: tuple[str, ...]
    conventions: Mapping[str, object]
    methods: Mapping[str, tuple[str, ...]]
    says: Mapping[str, str] = field(default_factory=dict)
    returns: Mapping[str, str] = field(default_factory=dict)


def contract_of(operation: str) -> Contract:
    """What the laws ask of an operation; raises KeyError for an unknown one."""
    reference = reference_operations()[operation]
    passed, called = _seen(operation)
    parameters = inspect.signature(reference).parameters
    needed = tuple(
        name
        for name, one in parameters.items()
        if one.default is one.empty or (name in passed and name not in LEFT_OUT)
    )
    methods = {
        name: tuple(inspect.signature(getattr(reference, name)).parameters)[1:]
        for name in vars_in_order(reference)
        if name in called
    }
    return Contract(
        operation,
        inspect.getdoc(reference) or "",
        needed,
        {name: one.default for name, one in parameters.items() if name not in needed},
        methods,
        {name: inspect.getdoc(getattr(reference, name)) or "" for name in methods},
        {name: returned(reference, name) for name in methods},
    )


def vars_in_order(reference: type) -> list[str]:
    """The names of a class's methods, those of its bases first, in the order they are written."""
    names: dict[str, None] = {}
    for one in reversed(reference.__mro__):
        names.update(dict.fromkeys(name for name in vars(one) if not name.startswith("_")))
    return list(names)


def returned(reference: type, method: str) -> str:
    """What the contract says that a method returns, without the reference's own names of types."""
    annotation = str(inspect.get_annotations(getattr(reference, method)).get("return"))
    return re.sub(r"\bSameShape\b", "array of the first argument's shape", annotation).replace(
        "Array", "array"
    )


def _seen(operation: str) -> tuple[set[str], set[str]]:
    """The constructor's arguments and the methods that the laws about an operation use."""
    from lawbook.targets import reference_target

    target = reference_target()
    passed: set[str] = set()
    called: set[str] = set()
    for law in discover(frozenset({operation})):
        seen = target.operation(operation)
        if law.unless(seen):
            continue
        seen.session.begin(0)
        law.body(seen, **law.draw(NumpySource(np.random.default_rng(0), 1.0)))
        for call in seen.session.trace:
            if isinstance(call, New):
                passed.update(call.arguments)
            elif isinstance(call, Invoke):
                called.add(call.method)
    return passed, called
