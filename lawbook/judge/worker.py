"""A worker seen from the judge: it loads a submission, then answers requests."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from lawbook.judge.account import Account
from lawbook.judge.channel import Channel, megabytes
from lawbook.judge.clocks import Clocks
from lawbook.judge.limits import Limits
from lawbook.judge.messages import Batch, check_reply, read_description, readable
from lawbook.judge.process import Process
from lawbook.judge.zygote import JudgeError, Zygote
from lawbook.operations import TargetError, Value
from lawbook.worker.wire import FRAME, LOADED, READY, WireError, decode, frame_lengths

READY_SECONDS = 60.0  # for the adapter's own imports; nothing of the submission runs before READY
MAX_REPLY = 256 << 20  # bytes of all parts of one reply


class LoadError(TargetError):
    """The process did not survive loading; `importing` is the file it was at, as far as it said."""

    def __init__(self, status: str, message: str, importing: str) -> None:
        super().__init__(status, message)
        self.importing = importing


class Worker:
    """A live submission. `description` and `isolation` are known once the constructor returns.

    `account` is what the submission uses in all its workers. Raises
    TargetError if the submission cannot be loaded, JudgeError if the fault is on our side.
    """

    def __init__(
        self,
        zygote: Zygote,
        adapter: Path,
        root: Path,
        limits: Limits,
        account: Account,
        refused: Mapping[str, str] | None = None,
        imports: Collection[str] = (),
    ) -> None:
        self._limits = limits
        self._process = Process(zygote, adapter, root, limits, refused or {}, imports)
        self._account = account
        account.open(self._process)
        self._channel = Channel(self._process, limits, Clocks(self._process, limits, account))
        try:
            self._channel.watch(READY_SECONDS, counted=False)
            layers, not_active = self._reply(READY, 2)[0]
        except TargetError as error:
            said = self.output.decode("utf-8", "replace").strip().splitlines()
            reason = readable(said[-1]) if said else error.message
            raise JudgeError(f"the adapter {adapter} cannot be used: {reason}") from None
        self.isolation = tuple(map(str, layers))
        self.not_active = tuple((str(layer), str(reason)) for layer, reason in not_active)
        try:
            self._channel.watch(limits.import_seconds)
            self.description = read_description(self._reply(LOADED, 4)[0])
        except WireError as wrong:
            self._channel.die("crash", f"{self._channel.subject} gave {wrong}")
        except TargetError as error:
            self.kill()
            raise LoadError(error.status, error.message, self._process.importing) from None

    @property
    def alive(self) -> bool:
        """Whether it has not been ended."""
        return self._process.alive

    @property
    def output(self) -> bytes:
        """The start of what the submission printed."""
        return self._process.output

    def cpu(self) -> float:
        """Seconds of CPU time used."""
        return self._process.cpu()

    def kill(self) -> None:
        """End it and what it started."""
        self._process.kill()
        self._account.close(self._process)

    def start(self, batches: Iterator[Batch], fresh: bool, cases: bool = False) -> None:
        """Send the first of one or more batches; nothing else may be sent before `finish`.

        `fresh` forgets all instances first; with `cases` a failure is a result.  Raises WireError if an
        argument may not cross the wire.
        """
        self._cases, self._rest = cases, batches
        self._asked = self._ask(next(batches), fresh)

    def finish(self) -> list[Value]:
        """The results of the request that was started."""
        results = self._hear(*self._asked)
        for batch in self._rest:
            results += self._hear(*self._ask(batch, fresh=False))
        return results

    def _ask(self, batch: Batch, fresh: bool) -> tuple[Batch, int]:
        self._channel.subject = _subject(batch.names)
        self._channel.refuse_early_words()
        self._channel.watch(self._limits.call_seconds)
        identity = int.from_bytes(os.urandom(6), "little") + 2
        self._channel.send(batch.frame(identity, fresh, self._cases))
        return batch, identity

    def _hear(self, batch: Batch, identity: int) -> list[Value]:
        values: list[Value] = []
        size, more = 0, True
        while more:
            part, more, length = self._reply(identity, len(batch.names) - len(values))
            values += part
            size += length
            if size > MAX_REPLY:
                most = megabytes(MAX_REPLY)
                self._channel.die("crash", f"{self._channel.subject} returned more than {most}")
            if more:
                self._channel.subject = _subject(batch.names[len(values) :])
                self._channel.watch(self._limits.call_seconds)
        return values

    def _reply(self, identity: int, most: int) -> tuple[list[Any], bool, int]:
        """(values, whether more follow, bytes) of the next message, a reply to `identity`."""
        channel = self._channel
        try:
            header, payload = frame_lengths(channel.take(FRAME.size))
            head, values = decode(channel.take(header), channel.take(payload))
            return values, check_reply(head, len(values), identity, most), header + payload
        except WireError as wrong:
            channel.die("crash", f"{channel.subject} sent what is no legal reply: {wrong}")


def _subject(names: Sequence[str]) -> str:
    """Who is to blame for what happens during these calls, as far as the judge can tell."""
    culprits = list(dict.fromkeys(name for name in names if name not in ("seed", "draw")))
    return " or ".join(culprits[:4]) or "drawing a random number"
