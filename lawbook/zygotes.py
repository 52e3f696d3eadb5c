"""The zygotes of a run: one for each set of packages that a course wants loaded, started when needed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from lawbook.judge.scratch import remove_tree
from lawbook.judge.zygote import Zygote
from lawbook.submissions import adapter_file, course_of


class Zygotes:
    """The zygotes of one process; a context manager that ends them.

    `first`, one without packages, may be there already: it starts while the judge imports what it needs.
    Their folders are made in `place`, or where the system has its temporary files.
    """

    def __init__(
        self,
        python: str | None = None,
        without: frozenset[str] = frozenset(),
        first: Zygote | None = None,
        place: Path | None = None,
    ) -> None:
        self.python, self.without, self.place = python, without, place
        self._started: dict[tuple[str, ...], Zygote] = {(): first} if first else {}

    def of(self, course: str, adapter: Path | None = None) -> Zygote:
        """The zygote for submissions to a course, named or by the path of an instructor's adapter.

        Raises JudgeError where it cannot be started.
        """
        preload = (
            course_of(course, adapter or adapter_file(course)).preload if course != "auto" else ()
        )
        if preload not in self._started:
            self._started[preload] = self._start(preload)
        return self._started[preload]

    def _start(self, preload: tuple[str, ...]) -> Zygote:
        before = tempfile.tempdir
        tempfile.tempdir = str(self.place) if self.place else before
        try:
            return Zygote(self.python, preload=preload, without=self.without)
        finally:
            tempfile.tempdir = before

    @contextmanager
    def folder(self, course: str) -> Iterator[Path]:
        """An empty folder for what was handed in, which workers can be let read; gone afterwards."""
        folder = Path(tempfile.mkdtemp(prefix="in-", dir=self.of(course).directory))
        folder.chmod(0o755)  # a worker has a user of its own, who cannot list what is around it
        try:
            yield folder
        finally:
            remove_tree(folder)

    def close(self) -> None:
        """End all of them, with their workers and folders."""
        for zygote in self._started.values():
            zygote.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
