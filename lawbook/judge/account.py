"""What one submission has used of its limits, in all its workers together."""

from __future__ import annotations

from lawbook.judge.process import Process


class Account:
    """Adds up over the workers of a submission, those that live and those that were ended.

    Several threads and backends may share one.
    """

    def __init__(self) -> None:
        self._workers: list[Process] = []
        self._ended = 0.0
        self._starved = 0.0
        self._waited = 0.0

    def open(self, process: Process) -> None:
        """Count this process too."""
        self._workers.append(process)

    def close(self, process: Process) -> None:
        """The process is ended: what it has used is kept."""
        if process in self._workers:
            self._workers.remove(process)
            self._ended += process.cpu()
            self._starved += process.starved()

    def wait(self, seconds: float) -> None:
        """The judge has waited for it so long."""
        self._waited += seconds

    def cpu(self) -> float:
        """Seconds of CPU time."""
        return self._ended + sum(process.cpu() for process in self._workers)

    def slept(self, most: float) -> bool:
        """Whether it has kept the judge waiting for more than `most` seconds in which it did nothing.

        The time in which a busy machine did not let it run does not count.
        """
        if self._waited <= most:  # as a rule: no clock is asked then
            return False
        idle = self._waited - self.cpu() - most
        if idle <= 0:
            return False
        return idle > self._starved + sum(process.starved() for process in self._workers)
