"""What is said to a worker and what may be heard from it: requests, replies, the description."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lawbook.operations import Begin, Call, Draw, Invoke, New, Seed, TargetError
from lawbook.worker import MAX_MESSAGE, Packer, WireError

BATCH_CALLS = 256


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


@dataclass(eq=False, repr=False)
class Batch:
    """Some calls that travel in one message."""

    names: tuple[str, ...]
    entries: tuple[list[object], ...]
    arguments: Packer

    def frame(self, identity: int, fresh: bool, cases: bool) -> bytes:
        """The bytes of the request."""
        return self.arguments.frame(id=identity, fresh=fresh, cases=cases, calls=self.entries)


def batches(calls: Sequence[Call], names: Sequence[str]) -> Iterator[Batch]:
    """The calls, in order, in messages of a sensible size.

    Raises WireError if an argument may not cross the wire: a mistake in a law, not in a submission.
    """
    first, entries, packer = 0, list[list[object]](), Packer()
    for index, call in enumerate(calls):
        if len(entries) == BATCH_CALLS or packer.full:
            yield Batch(tuple(names[first:index]), tuple(entries), packer)
            first, entries, packer = index, [], Packer()
        entry, arguments = _entry(call)
        entries.append(entry)
        for argument in arguments:
            packer.add(argument)
    if entries:
        yield Batch(tuple(names[first:]), tuple(entries), packer)


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
