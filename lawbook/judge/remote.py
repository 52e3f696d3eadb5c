"""`RemoteBackend`: the operations of a submission, which lives in a worker."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from lawbook.judge.account import Account
from lawbook.judge.limits import Limits
from lawbook.judge.messages import Description, batches, batches_of_cases, call_names, readable
from lawbook.judge.worker import LoadError, Worker
from lawbook.judge.zygote import Zygote
from lawbook.operations import Call, TargetError, Value
from lawbook.worker.wire import FAILED

MOST_REFUSED = 6  # files that may cost an import limit each


class RemoteBackend:
    """Runs calls in the worker of one submission; a `Backend`.

    `adapter` is the file that reads the course's layout, `root` the submission's folder, `imports` the
    packages it may import beyond NumPy and the standard library. Without a `zygote` it starts one of its
    own and ends it in `close`. A worker that died is replaced at the next `run`; instances made before
    are then gone. A submission that cannot be loaded is not tried again.
    """

    def __init__(
        self,
        adapter: str | Path,
        root: str | Path,
        *,
        zygote: Zygote | None = None,
        limits: Limits | None = None,
        imports: Collection[str] = frozenset(),
        account: Account | None = None,
    ) -> None:
        self.adapter, self.root = Path(adapter), Path(root)
        self.limits = limits or Limits()
        self.imports = frozenset(imports)
        self._own = zygote is None
        self._zygote = zygote or Zygote()
        self._worker: Worker | None = None
        self._failure: TargetError | None = None
        self._fresh = True
        self._names: dict[int, str] = {}
        self.account = account or Account()
        self._started: list[int] = []
        self.refused: dict[str, str] = {}  # files whose import no process survives, and why

    def begin(self) -> None:
        """Forget all instances: the next call starts afresh."""
        self._fresh = True
        self._names.clear()

    def run(self, calls: Sequence[Call]) -> list[Value]:
        """One result per call (None for New and Seed). TargetError at the first that fails."""
        if not calls:
            return []
        names = call_names(calls, self._names)
        worker = self._ready()
        fresh, self._fresh = self._fresh, False
        worker.start(batches(calls, names), fresh)
        return worker.finish()

    def start_cases(self, cases: Sequence[Sequence[Call]]) -> None:
        """Send the calls of some cases (one at least) and leave the worker to them."""
        self._started = [len(case) for case in cases]
        self._ready().start(batches_of_cases(cases), fresh=True, cases=True)
        self._fresh = True

    def finish_cases(self) -> list[list[Value | TargetError]]:
        """The results of the cases that were started, case by case.

        A case ends with the TargetError of the call that fails in it.  Raises TargetError where the
        worker itself is lost: nothing is then known about any of the cases.
        """
        if not self._worker:
            raise TargetError("crash", "the worker is gone")
        results = iter(self._worker.finish())
        found = []
        for length in self._started:
            next(results)
            found.append(_to_first_failure([next(results) for _ in range(length)]))
        return found

    @property
    def description(self) -> Description:
        """What the worker found; starts it if need be. TargetError if it cannot be loaded."""
        return self._ready().description

    @property
    def isolation(self) -> tuple[str, ...]:
        """The names of the layers around the worker; starts it if need be."""
        return self._ready().isolation

    @property
    def not_active(self) -> tuple[tuple[str, str], ...]:
        """The layers that are not around it, each with the reason; starts the worker if need be."""
        return self._ready().not_active

    @property
    def output(self) -> str:
        """The start of what the current worker's submission printed; untrusted text."""
        return self._worker.output.decode("utf-8", "replace") if self._worker else ""

    @property
    def cpu_seconds(self) -> float:
        """CPU time that this submission has used, in all its workers."""
        return self.account.cpu()

    def reset(self) -> None:
        """End the worker; the next `run` starts a fresh one."""
        if self._worker:
            self._worker.kill()
        self._worker = None
        self.begin()

    def close(self) -> None:
        """End the worker, and the zygote if it is our own."""
        self.reset()
        if self._own:
            self._zygote.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _ready(self) -> Worker:
        if self._failure:
            raise TargetError(self._failure.status, self._failure.message)
        if self._worker and self._worker.alive:
            return self._worker
        self._fresh = True
        if self._worker:
            self._worker.kill()  # it is dead; now its account is closed too
            self._worker = None
        while True:
            try:
                self._worker = Worker(
                    self._zygote,
                    self.adapter,
                    self.root,
                    self.limits,
                    self.account,
                    self.refused,
                    self.imports,
                )
                return self._worker
            except LoadError as error:
                file = error.importing
                if not file or file in self.refused or len(self.refused) == MOST_REFUSED:
                    self._failure = error
                    raise
                self.refused[file] = f"importing {file} failed: {error.message}"


def _to_first_failure(results: list[Value]) -> list[Value | TargetError]:
    """The results up to the first that stands for a failure, which becomes a TargetError."""
    for index, result in enumerate(results):
        if (
            isinstance(result, tuple | list)
            and [type(part) for part in result] == [str] * 3
            and result[0] == FAILED
        ):
            status = result[1] if result[1] in ("error", "fail") else "fail"
            return [*results[:index], TargetError(status, readable(str(result[2])))]
    return results
