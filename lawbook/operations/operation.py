"""What a law sees: an operation, its instances, and their methods."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from lawbook.operations.calls import Backend, Draw, Invoke, New, Seed, Value
from lawbook.operations.contract import check_result, parameters, return_annotation
from lawbook.operations.local import LocalBackend
from lawbook.operations.recall import Recall
from lawbook.operations.session import Session


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
        self.recall: Recall | None = None  # of the case at hand, where they are kept
        self.arrays: Callable[[Value], Value] = lambda value: value

    def __call__(self, **hyperparameters: Value) -> Instance:
        declared = {k: v for k, v in self.conventions.items() if k in self.accepts}
        self.session.handles += 1
        handle = self.session.handles
        self.session.later(New(handle, self.name, {**declared, **hyperparameters}))
        return Instance(self, handle)

    @contextmanager
    def on(self, session: Session, recall: Recall) -> Iterator[None]:
        """Ask another session for a while, with the twins of the case that it is asked about."""
        usual, self.session, self.recall = self.session, session, recall
        recall.rewind()
        try:
            yield
        finally:
            self.session, self.recall = usual, None

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

        def new() -> LocalBackend:
            return LocalBackend({self.name: self.contract}, lift=bounded)

        backend = self.recall.twin(new) if self.recall else new()
        return self._twin(backend)(**hyperparameters)

    def on_reference(self) -> Operation:
        """The same operation of the reference, under the same conventions, on plain arrays."""
        from reference import randomness

        operations = {self.name: self.contract}
        return self._twin(LocalBackend(operations, randomness.seed, randomness.draw))

    def _twin(self, backend: Backend) -> Operation:
        names = frozenset(parameters(self.contract))
        return Operation(self.name, Session(backend), self.contract, self.conventions, names)


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
        calls = self._calls(many)
        results = self.operation.session.run(calls)
        pairs = zip(results, calls, strict=True)
        return [self._checked(result, call.arguments) for result, call in pairs]

    def later(self, many: Sequence[Value]) -> None:
        """Call once per element as `each` does, unanswered: sent with the next call that has an answer."""
        for call in self._calls(many):
            self.operation.session.later(call)

    def echo(self, *arguments: Value) -> tuple[Any, tuple[Any, ...]]:
        """Call and also give back the arguments as they are after the call."""
        call = Invoke(self.handle, self.name, arguments, echo=True)
        result, after = self.operation.session.run([call])[0]
        return self._checked(result, arguments), tuple(after)

    def _calls(self, many: Sequence[Value]) -> list[Invoke]:
        tuples = [each if isinstance(each, tuple) else (each,) for each in many]
        return [Invoke(self.handle, self.name, arguments) for arguments in tuples]

    def _checked(self, result: Value, arguments: tuple[Value, ...]) -> Any:
        annotation = return_annotation(self.operation.contract, self.name)
        return check_result(self.name, result, annotation, arguments)
