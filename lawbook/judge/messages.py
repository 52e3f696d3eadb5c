"""What is said to a worker and what may be heard from it: requests, replies, the description."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lawbook.operations import Begin, Call, Draw, Invoke, New, Script, Seed, TargetError
from lawbook.worker.packing import Packer, as_json
from lawbook.worker.wire import MAX_MESSAGE, WireError

BATCH_CALLS = 256
MAX_JOINED = 1 << 20  # bytes of arrays of several cases in one message
MAX_KEPT = 1 << 16  # bytes of arrays in what is kept of a script


@dataclass(eq=False, repr=False)
class Description:
    """What a worker found in a submission, in its own words.

    `operations` maps each name to the keyword parameters of its constructor ("**" if it takes any);
    `errors` maps the name of an operation to one sentence why it could not be loaded; `notes` says
    which fallbacks were used; `profile` is the guessed edition of the course.
    """

    operations: dict[str, tuple[str, ...]]
    errors: dict[str, str]
    notes: tuple[str, ...]
    profile: str | None


class Batch:
    """Some calls that travel in one message."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.calls: list[str] = []  # as JSON
        self.arguments = Packer()

    @property
    def full(self) -> bool:
        """Whether to send this before another call is added."""
        return len(self.names) >= BATCH_CALLS or self.arguments.full

    def add(self, call: Call, name: str) -> None:
        """Append a call.  Raises WireError if an argument may not cross the wire."""
        entry, arguments = _entry(call)
        for argument in arguments:
            self.arguments.add(argument)
        self.calls.append(as_json(entry))
        self.names.append(name)

    def extend(self, other: Batch) -> None:
        """Append the calls of another batch."""
        self.names += other.names
        self.calls += other.calls
        self.arguments.extend(other.arguments)

    def frame(self, identity: int, fresh: bool, cases: bool) -> bytes:
        """The bytes of the request."""
        said = ["true" if one else "false" for one in (fresh, cases)]
        head = f'"id":{identity:d},"fresh":{said[0]},"cases":{said[1]}'
        return self.arguments.frame(head, f'"calls":[{",".join(self.calls)}]')


def batches(calls: Sequence[Call], names: Sequence[str]) -> Iterator[Batch]:
    """The calls, in order, in messages of a sensible size.

    Raises WireError if an argument may not cross the wire: a mistake in a law, not in a submission.
    """
    batch = Batch()
    for call, name in zip(calls, names, strict=True):
        if batch.full:
            yield batch
            batch = Batch()
        batch.add(call, name)
    if batch.names:
        yield batch


def batches_of_cases(cases: Sequence[Sequence[Call]]) -> Iterator[Batch]:
    """The calls of some cases, each after a `Begin`, in messages of a sensible size."""
    batch = Batch()
    for case in cases:
        for part in _packed(case):
            payload = batch.arguments.payload + part.arguments.payload
            full = batch.full or len(batch.names) + len(part.names) > BATCH_CALLS
            if batch.names and (full or part.full or payload > MAX_JOINED):
                yield batch
                batch = Batch()
            batch.extend(part)
    if batch.names:
        yield batch


def _packed(case: Sequence[Call]) -> Sequence[Batch]:
    """The parts of a case: one, as a rule; those of a script are kept with it."""
    if isinstance(case, Script) and case.packed:
        found: Sequence[Batch] = case.packed
        return found
    calls = [Begin(), *case]
    parts = list(batches(calls, call_names(calls)))
    if isinstance(case, Script) and sum(part.arguments.payload for part in parts) < MAX_KEPT:
        case.packed = parts
    return parts


def call_names(calls: Sequence[Call], operations: dict[int, str] | None = None) -> list[str]:
    """What messages call the calls ("dropout.train"); `operations` are those of the handles so far."""
    known = {} if operations is None else operations
    names = []
    for call in calls:
        if isinstance(call, New):
            known[call.handle] = call.operation
            names.append(call.operation)
        elif isinstance(call, Invoke):
            names.append(f"{known.get(call.handle, '?')}.{call.method}")
        else:
            names.append("seed" if isinstance(call, Seed) else "draw")
    return names


def _entry(call: Call) -> tuple[list[object], Sequence[object]]:
    """A call as JSON data, and the values that belong to it."""
    match call:
        case New(handle, operation, arguments):
            return ["new", handle, list(arguments), operation], tuple(arguments.values())
        case Invoke(handle, method, values, echo):
            return ["invoke", handle, len(values), echo, method], values
        case Seed(value):
            return ["seed", int(value)], ()
        case Draw():
            return ["draw"], ()
        case Begin():
            return ["begin"], ()


def check_reply(head: dict[str, Any], count: int, identity: int, most: int) -> bool:
    """Whether more parts follow this reply to `identity`, with `count` of `most` values.

    Raises WireError if it is no legal reply, TargetError if it reports a failed call.
    """
    if set(head) != {"id", "more", "error"} or type(head["id"]) is not int:
        raise WireError("a message of another form")
    if head["id"] != identity:
        raise WireError("a reply to no question")
    error, more = head["error"], head["more"]
    if type(more) is not bool or (error is not None and (more or count >= most)):
        raise WireError("a reply of another form")
    if error is None:
        if not (0 < count < most if more else count == most):
            raise WireError("a reply with a wrong number of results")
        return more
    if type(error) is not list or [type(part) for part in error] != [str, str]:
        raise WireError("a failure of another form")
    status, message = error
    if status not in ("error", "fail"):
        raise WireError("a failure of another kind")
    raise TargetError(status, readable(message) or "it failed without saying why")


def read_description(values: Sequence[Any]) -> Description:
    """The description in the second message of a worker; WireError if it is none."""
    try:
        operations, errors, notes, profile = values
        return Description(
            {readable(name): tuple(map(readable, parameters)) for name, parameters in operations},
            {readable(name): readable(reason) for name, reason in errors},
            tuple(map(readable, notes)),
            None if profile is None else readable(profile),
        )
    except (ValueError, TypeError) as error:
        raise WireError(f"no description of a submission ({type(error).__name__})") from None


def readable(text: object) -> str:
    """Untrusted text as one printable line of at most 300 characters; TypeError if it is none."""
    if type(text) is not str:
        raise TypeError("not a string")
    line = " ".join(text[: 4 * MAX_MESSAGE].split())
    return "".join(c if c.isprintable() else "?" for c in line)[:MAX_MESSAGE]
