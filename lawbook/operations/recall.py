"""What is due on one case, kept for the next target: it depends on the case and the conventions alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, TypeVar, cast

from lawbook.operations.calls import Call, TargetError, Value, same_call, same_value
from lawbook.operations.local import LocalBackend

Function = TypeVar("Function", bound=Callable[..., Any])
MOST_VALUES = 32  # of one case; a value of a target's answers is another one each time


class Recalled:
    """A backend that answers calls from memory for as long as they are those of the first time.

    Where they are others it runs them, after those before them.  Answers are shared between the times:
    nobody may write into them.
    """

    def __init__(self, backend: LocalBackend) -> None:
        self.backend = backend
        self.calls: list[Call] = []
        self.answers: list[Value | TargetError] = []
        self.asked = 0  # of these calls, this time
        self.seen = 0  # of these calls, by the instances that are there

    def begin(self) -> None:
        """Forget all instances: the next call is the first one."""
        self.asked = self.seen = 0
        self.backend.begin()

    def run(self, calls: Sequence[Call]) -> list[Value]:
        start = self.asked
        for call in calls:
            answer = self._answer(call)
            self.asked += 1
            if isinstance(answer, TargetError):
                raise answer
        return self.answers[start : self.asked]

    def _answer(self, call: Call) -> Value | TargetError:
        if self.asked < len(self.calls) and same_call(call, self.calls[self.asked]):
            return self.answers[self.asked]
        del self.calls[self.asked :], self.answers[self.asked :]
        if self.seen < self.asked:
            self.backend.begin()
            for before in self.calls:
                self._run(before)
        self.calls.append(call)
        self.answers.append(self._run(call))
        self.seen = len(self.calls)
        return self.answers[-1]

    def _run(self, call: Call) -> Value | TargetError:
        try:
            return self.backend.run([call])[0]
        except TargetError as error:
            return error


class Recall:
    """What is kept of one case: its twins, in the order of their creation, and values computed from it."""

    def __init__(self) -> None:
        self.twins: list[Recalled] = []
        self.created = 0
        self.values: list[tuple[Callable[..., Value], tuple[Value, ...], Value]] = []

    def rewind(self) -> None:
        """The law is evaluated once more."""
        self.created = 0

    def twin(self, new: Callable[[], LocalBackend]) -> Recalled:
        """The backend of the next twin; `new` makes it the first time."""
        if self.created == len(self.twins):
            self.twins.append(Recalled(new()))
        self.created += 1
        backend = self.twins[self.created - 1]
        backend.begin()
        return backend

    def value(self, function: Callable[..., Value], arguments: tuple[Value, ...]) -> Value:
        """What `function` gives for the arguments, the first of which is the operation."""
        for known, given, value in self.values:
            if known is function and same_value(arguments[1:], given):
                return value
        value = function(*arguments)
        if len(self.values) < MOST_VALUES:
            self.values.append((function, arguments[1:], value))
        return value


def due(function: Function) -> Function:
    """Mark a function of an operation's conventions and of a case: it is computed once for the case."""

    @wraps(function)
    def recalled(*arguments: Value) -> Value:
        recall = arguments[0].recall
        return recall.value(function, arguments) if recall else function(*arguments)

    return cast("Function", recalled)
