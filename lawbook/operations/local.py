"""The backend of operations in this process: the reference, torch, mistakes."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lawbook.operations.calls import Begin, Call, Draw, Invoke, New, Seed, TargetError, Value


class LocalBackend:
    """Runs operations in this process; `lift` turns arguments into another number system."""

    def __init__(
        self,
        operations: Mapping[str, Callable[..., Any]],
        seed: Callable[[int], None] | None = None,
        draw: Callable[[], float] | None = None,
        lift: Callable[[Value], Value] = copy.deepcopy,
    ) -> None:
        self.operations = operations
        self.instances: dict[int, Any] = {}
        self._seed, self._draw, self._lift = seed, draw, lift

    def begin(self) -> None:
        self.instances = {}

    def run(self, calls: Sequence[Call]) -> list[Value]:
        return [self._one(call) for call in calls]

    def _one(self, call: Call) -> Value:
        try:
            if isinstance(call, New):
                arguments = {name: self._lift(value) for name, value in call.arguments.items()}
                self.instances[call.handle] = self.operations[call.operation](**arguments)
            elif isinstance(call, Invoke):
                passed = tuple(self._lift(value) for value in call.arguments)
                result = getattr(self.instances[call.handle], call.method)(*passed)
                return (result, passed) if call.echo else result
            elif isinstance(call, Seed) and self._seed:
                self._seed(call.value)
            elif isinstance(call, Draw) and self._draw:
                return self._draw()
            elif isinstance(call, Begin):
                self.begin()
        except TargetError:
            raise
        except Exception as error:
            raise TargetError("error", f"{type(error).__name__}: {error}") from error
        return None
