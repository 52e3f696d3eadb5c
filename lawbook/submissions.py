"""Submissions: found below a path by file names, opened as targets in a worker of their own."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import astuple, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Self

from lawbook.conventions import Profile, settle
from lawbook.judge.messages import Description
from lawbook.judge.remote import RemoteBackend
from lawbook.judge.zygote import JudgeError, Zygote
from lawbook.operations import TargetError
from lawbook.profiles import COURSES, PROFILES
from lawbook.targets import Target


class NotGradable(Exception):
    """The whole run cannot be done; the message is one sentence for the user."""


@dataclass(eq=False, repr=False)
class Submission:
    """A submission found below a path: where it is and the adapter that reads it."""

    name: str
    root: Path
    course: str
    adapter: Path


def adapter_file(course: str) -> Path:
    """The adapter of a course, or an instructor's own file."""
    if course in COURSES:
        return Path(__file__).parent / "courses" / course / "adapter.py"
    path = Path(course)
    if path.suffix != ".py" or not path.is_file():
        known = ", ".join(("auto", *COURSES))
        raise NotGradable(f"--course {course!r} is neither one of {known} nor an adapter file")
    return path.resolve()


def submissions(path: str, course: str = "auto") -> list[Submission]:
    """The submissions below a path; with an instructor's own adapter the path is one submission.

    Raises NotGradable where the path does not exist.
    """
    folder = Path(path)
    if not folder.exists():
        raise NotGradable(f"{path}: there is no such file or folder")
    if not folder.is_dir():
        raise NotGradable(f"{path}: a submission is a folder, this is a file")
    if course not in ("auto", *COURSES):
        adapter = adapter_file(course)
        return [Submission(folder.resolve().name, folder.resolve(), adapter.stem, adapter)]
    asked = COURSES if course == "auto" else (course,)
    found = ((root, name) for name in asked for root in find_roots(name, path))
    roots = sorted((Path(root).resolve(), name) for root, name in found)
    names = short_names(folder.resolve(), [root for root, _ in roots])
    return [
        Submission(label, root, name, adapter_file(name))
        for label, (root, name) in zip(names, roots, strict=True)
    ]


def find_roots(course: str, folder: str) -> Sequence[str]:
    """The roots of submissions to a course at or below a folder."""
    found: Sequence[str] = import_module(f"lawbook.courses.{course}").find_roots(folder)
    return found


def short_names(folder: Path, roots: Sequence[Path]) -> list[str]:
    """What to call submissions below a folder: as much of their path as tells them apart."""
    parts = [(root.relative_to(folder).parts or ("",)) for root in roots]
    names = []
    for own in parts:
        depth = next(
            (n for n in range(1, len(own)) if [p[:n] for p in parts].count(own[:n]) == 1), len(own)
        )
        names.append("/".join(own[:depth]) if len(roots) > 1 else folder.name)
    return names


def choose_profile(submission: Submission, asked: str | None, found: Description) -> Profile:
    """The profile asked for, else the adapter's guess, else the course's newest.

    An instructor's own adapter without a profile is judged on the operations that it means to provide.
    """
    guessed = found.profile if found.profile in PROFILES else None
    name = asked or guessed
    if name in PROFILES:
        return PROFILES[name]
    if submission.course in COURSES:
        return COURSES[submission.course].profiles[0]
    provided = frozenset(found.operations) | frozenset(found.errors)
    return Profile(submission.course, submission.course, "the adapter's own operations", provided)


@dataclass(eq=False, repr=False)
class Opened:
    """A submission whose worker is alive: as a target, under its profile."""

    target: Target
    profile: Profile
    notes: tuple[str, ...]
    isolation: tuple[str, ...]


class Loading:
    """Two workers of a submission, which load it from now on; a context manager that ends them.

    The second one, for work beside, is only started where there is a second core.
    """

    def __init__(self, submission: Submission, zygote: Zygote) -> None:
        self.submission, self.started = submission, time.perf_counter()
        two = _cores() > 1
        self.backends = [
            RemoteBackend(submission.adapter, submission.root, zygote=zygote)
            for _ in range(1 + two)
        ]
        self._threads = [
            threading.Thread(target=_load, args=(one,), daemon=True) for one in self.backends
        ]
        for thread in self._threads:
            thread.start()

    def found(self) -> tuple[RemoteBackend, RemoteBackend | None]:
        """Both once they are loaded, the second only if it found the same.

        Raises TargetError where the submission cannot be loaded, JudgeError where our own side cannot
        run.
        """
        self._wait()
        first, *others = self.backends
        same = [one for one in others if _found_the_same(one, first.description)]
        return first, same[0] if same else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is KeyboardInterrupt:  # no waiting then: the end of the zygote ends its workers
            return
        self._wait()
        for backend in self.backends:
            backend.close()

    def _wait(self) -> None:
        for thread in self._threads:
            thread.join()


def _load(backend: RemoteBackend) -> None:
    with suppress(TargetError, JudgeError):  # it is raised again where the description is asked for
        backend.description  # noqa: B018 - asking starts the worker


def _cores() -> int:
    """The cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _found_the_same(backend: RemoteBackend, first: Description) -> bool:
    try:
        return astuple(backend.description) == astuple(first)
    except (TargetError, JudgeError):  # the first worker's verdict on that is enough
        return False


def opened(
    loading: Loading,
    profile: str | None = None,
    conventions: Mapping[str, dict[str, Any]] | None = None,
) -> Opened:
    """A submission once it is loaded, its conventions settled by its profile, or as given.

    Raises TargetError where it cannot be loaded, JudgeError where our own side cannot run.
    """
    backend, second = loading.found()
    found = backend.description
    chosen = choose_profile(loading.submission, profile, found)
    target = Target(
        loading.submission.name,
        backend,
        {name: frozenset(names) for name, names in found.operations.items()},
        errors=found.errors,
        required=chosen.requires,
        second=second,
    )
    if conventions is None:
        settle(target, chosen)
    else:
        target.conventions.update(conventions)
    return Opened(target, chosen, found.notes, backend.isolation)


@contextmanager
def opened_path(
    path: str,
    course: str = "auto",
    profile: str | None = None,
    python: str | None = None,
    conventions: Mapping[str, dict[str, Any]] | None = None,
) -> Iterator[Target]:
    """Open the one submission at a path as a target, for a replay or for pytest.

    Raises NotGradable with one sentence where there is none, or several, or it cannot be loaded.
    """
    submission = the_one(path, course)
    try:
        zygote = Zygote(python)
        try:
            with Loading(submission, zygote) as loading:
                yield opened(loading, profile, conventions).target
        finally:
            zygote.close()
    except TargetError as error:
        raise NotGradable(f"{path}: it could not be loaded: {error.message}") from None
    except JudgeError as error:
        raise NotGradable(str(error)) from None


def the_one(path: str, course: str) -> Submission:
    """The submission at a path; NotGradable unless there is exactly one at or below it."""
    found = submissions(path, course)
    here = [one for one in found if one.root == Path(path).resolve()] or found
    if not here:
        raise NotGradable(f"{path}: no submission of a known course was found here")
    if len(here) > 1:
        raise NotGradable(f"{path}: there are {len(here)} submissions; give the folder of one")
    return here[0]
