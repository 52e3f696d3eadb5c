"""Operations: what is judged, seen through one narrow interface.

An operation is a class: hyperparameters in, then methods that take and return arrays and scalars.  The
reference's class *is* the contract: its signature, its docstring and the return annotations of its
methods.  A law sees an `Operation`, which creates instances and calls their methods through a
`Backend`: in this process (reference, torch, mistakes) or in a worker (a submission).
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol

import numpy as np

Value = Any  # None, bool, int, float, str, ndarray, or a tuple or list of these


@dataclass(eq=False, repr=False)
class New:
    """Create the instance `handle` of an operation."""

    handle: int
    operation: str
    arguments: Mapping[str, Value]


@dataclass(eq=False, repr=False)
class Invoke:
    """Call a method; with `echo` the result is (result, arguments as they are after the call)."""

    handle: int
    method: str
    arguments: tuple[Value, ...]
    echo: bool = False


@dataclass(eq=False, repr=False)
class Seed:
    """Seed every global generator the target's operations draw from."""

    value: int


@dataclass(eq=False, repr=False)
class Draw:
    """Draw one number from the target's global generator."""


@dataclass(eq=False, repr=False)
class Begin:
    """Forget all instances: what follows belongs to another case."""


Call = New | Invoke | Seed | Draw | Begin


class TargetError(Exception):
    """The target did not answer a call: it raised, hung, died, or returned what is no legal value."""

    def __init__(self, status: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Backend(Protocol):
    """Runs calls in order and returns one result each; raises `TargetError` at the first that fails."""

    def run(self, calls: Sequence[Call]) -> list[Value]: ...

    def begin(self) -> None:
        """Forget all instances: the next call starts afresh."""


@dataclass(eq=False, repr=False)
class Session:
    """The calls of one evaluation of a law: batched, recorded, and checked against the contract."""

    backend: Backend
    trace: list[Call] = field(default_factory=list)
    pending: list[Call] = field(default_factory=list)
    handles: int = 0

    def begin(self, seed: int) -> None:
        """Start afresh, with the target's generators seeded."""
        self.backend.begin()
        self.trace, self.pending, self.handles = [], [Seed(seed)], 0

    def later(self, call: Call) -> None:
        """Send the call together with the next one that needs an answer."""
        self.pending.append(call)

    def run(self, calls: Sequence[Call]) -> list[Value]:
        """Send what is pending and these calls in one message; return the results of these."""
        batch = [*self.pending, *calls]
        self.pending = []
        self.trace += batch
        return self.backend.run(batch)[-len(calls) :]


class Operation:
    """One operation of a target: call it with hyperparameters to get a fresh instance."""

    def __init__(
        self,
        name: str,
        session: Session,
        contract: type,
        conventions: Mapping[str, Value],
        accepts: frozenset[str],
    ) -> None:
        self.name = name
        self.session = session
        self.contract = contract
        self.conventions = dict(conventions)
        self.accepts = accepts
        self.arrays: Callable[[Value], Value] = lambda value: value

    def __call__(self, **hyperparameters: Value) -> Instance:
        declared = {k: v for k, v in self.conventions.items() if k in self.accepts}
        self.session.handles += 1
        handle = self.session.handles
        self.session.later(New(handle, self.name, {**declared, **hyperparameters}))
        return Instance(self, handle)

    def convention(self, name: str) -> Value:
        """The convention in force: declared or inferred, else the reference's default."""
        if name in self.conventions:
            return self.conventions[name]
        return parameters(self.contract)[name].default

    def seed(self, value: int) -> None:
        """Seed the target's global generators."""
        self.session.later(Seed(value))

    def draw(self) -> float:
        """Draw one number from the target's global generator."""
        return float(self.session.run([Draw()])[0])

    def reference(self, **hyperparameters: Value) -> Instance:
        """The reference's own instance under the same conventions, run on value-and-bound pairs."""
        from lawbook.bounds import bounded

        return self._twin(LocalBackend({self.name: self.contract}, lift=bounded))(**hyperparameters)

    def on_reference(self) -> Operation:
        """The same operation of the reference, under the same conventions, on plain arrays."""
        from reference import randomness

        operations = {self.name: self.contract}
        return self._twin(LocalBackend(operations, randomness.seed, randomness.draw))

    def _twin(self, backend: LocalBackend) -> Operation:
        names = frozenset(parameters(self.contract))
        return Operation(self.name, Session(backend), self.contract, self.conventions, names)


@cache
def parameters(implementation: type) -> Mapping[str, inspect.Parameter]:
    """The constructor arguments of an operation's class."""
    return inspect.signature(implementation).parameters


@cache
def return_annotation(contract: type, method: str) -> str:
    """What the contract says that a method returns."""
    return str(inspect.get_annotations(getattr(contract, method)).get("return"))


class Instance:
    """A created operation: its methods are those of the reference's class."""

    def __init__(self, operation: Operation, handle: int) -> None:
        self._operation = operation
        self._handle = handle

    def __getattr__(self, method: str) -> Method:
        if method.startswith("_") or not hasattr(self._operation.contract, method):
            raise AttributeError(f"operation {self._operation.name} has no method {method}")
        return Method(self._operation, self._handle, method)


@dataclass(eq=False, repr=False)
class Method:
    """A method of an instance; its results are checked against the reference's annotation."""

    operation: Operation
    handle: int
    name: str

    def __call__(self, *arguments: Value) -> Any:
        return self.each([arguments])[0]

    def each(self, many: Sequence[Value]) -> list[Any]:
        """Call once per element (a tuple is several arguments), all in one message."""
        calls = [arguments if isinstance(arguments, tuple) else (arguments,) for arguments in many]
        results = self.operation.session.run(
            [Invoke(self.handle, self.name, call) for call in calls]
        )
        return [self._checked(result, call) for result, call in zip(results, calls, strict=True)]

    def later(self, many: Sequence[Value]) -> None:
        """Call once per element as `each` does, unanswered: sent with the next call that has an answer."""
        for arguments in many:
            call = arguments if isinstance(arguments, tuple) else (arguments,)
            self.operation.session.later(Invoke(self.handle, self.name, call))

    def echo(self, *arguments: Value) -> tuple[Any, tuple[Any, ...]]:
        """Call and also give back the arguments as they are after the call."""
        call = Invoke(self.handle, self.name, arguments, echo=True)
        result, after = self.operation.session.run([call])[0]
        return self._checked(result, arguments), tuple(after)

    def _checked(self, result: Value, arguments: tuple[Value, ...]) -> Any:
        annotation = return_annotation(self.operation.contract, self.name)
        return check_result(self.name, result, annotation, arguments)


def check_result(name: str, result: Value, annotation: str, arguments: tuple[Value, ...]) -> Any:
    """A method's result as its annotation says, or a `TargetError` with one sentence.

    `SameShape` is an array of the first argument's shape, `Array` any array, `float` and `int` a scalar,
    `tuple[...]` that many of them; other annotations are not checked.
    """
    if annotation.startswith("tuple["):
        parts = annotation.removeprefix("tuple[").removesuffix("]").split(", ")
        if not isinstance(result, tuple | list) or len(result) != len(parts):
            raise TargetError(
                "fail", f"{name} returned {kind(result)}; {len(parts)} values are due"
            )
        return tuple(
            check_result(f"{name}, value {number}", value, part, arguments)
            for number, (value, part) in enumerate(zip(result, parts, strict=True), 1)
        )
    if annotation in ("float", "int", "SameShape", "Array"):
        if hasattr(result, "error"):  # a value-and-bound pair of the reference
            return result
        if isinstance(result, str | tuple | list) or result is None:
            raise TargetError("fail", f"{name} returned {kind(result)}; numbers are due")
        array = np.asarray(result)
        if annotation in ("float", "int"):
            if array.size != 1:
                raise TargetError("fail", f"{name} returned {kind(result)}; one number is due")
            return array.reshape(())[()]
        shape = np.shape(arguments[0]) if annotation == "SameShape" else array.shape
        if array.shape != shape:
            due = f"the shape {shape} of its argument is due"
            raise TargetError("fail", f"{name} returned {kind(result)}; {due}")
        return array
    return result


def kind(value: Value) -> str:
    """What a value is, in words for a message."""
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    return "None" if value is None else f"a {type(value).__name__}"


class LocalBackend:
    """Runs operations in this process; `lift` turns arguments into another number system."""

    def __init__(
        self,
        operations: Mapping[str, type],
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
