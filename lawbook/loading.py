"""Loading: a submission opened as a target in workers of its own, under the profile of its course."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import astuple, dataclass
from typing import Any, Self

from lawbook.conventions import Profile, settle
from lawbook.judge.account import Account
from lawbook.judge.limits import Limits
from lawbook.judge.messages import Description
from lawbook.judge.remote import RemoteBackend
from lawbook.judge.zygote import JudgeError, Zygote
from lawbook.operations import TargetError
from lawbook.profiles import PROFILES
from lawbook.submissions import Submission, course_of
from lawbook.targets import Target


def choose_profile(submission: Submission, asked: str | None, found: Description) -> Profile:
    """The profile asked for, else the adapter's guess, else the course's newest.

    The guess comes out of the worker, so it is a submission's to change: it can choose among the editions
    of its own course, if nobody else does, and not among courses.  Only where an instructor's own adapter
    declares no profile its word alone counts: for one of ours, or for the operations that it provides.
    """
    if asked in PROFILES:
        return PROFILES[asked]
    declared = course_of(submission.course, submission.adapter)
    if declared.profiles:
        guessed = [one for one in declared.profiles if one.name == found.profile]
        return [*guessed, *declared.profiles][0]
    if found.profile in PROFILES:
        return PROFILES[found.profile]
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

    The second one, for work beside, is only started where there is a second core, and not if `alone`.
    """

    def __init__(
        self,
        submission: Submission,
        zygote: Zygote,
        limits: Limits | None = None,
        alone: bool = False,
    ) -> None:
        self.submission, self.started = submission, time.perf_counter()
        two = not alone and cores() > 1
        account = Account()  # limits are a submission's, however many workers it has
        self.backends = [
            RemoteBackend(
                submission.adapter,
                submission.root,
                zygote=zygote,
                limits=limits,
                imports=course_of(submission.course, submission.adapter).imports,
                account=account,
            )
            for _ in range(1 + two)
        ]
        self._threads = [
            threading.Thread(target=_load, args=(one,), daemon=True) for one in self.backends
        ]
        with suppress(RuntimeError):  # no thread is left: it is loaded where it is asked for
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
            if thread.ident is not None:
                thread.join()


def _load(backend: RemoteBackend) -> None:
    # it is raised again where the description is asked for
    with suppress(TargetError, JudgeError, OSError):
        backend.description  # noqa: B018 - asking starts the worker


def cores() -> int:
    """The cores that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _found_the_same(backend: RemoteBackend, first: Description) -> bool:
    try:
        return astuple(backend.description) == astuple(first)
    except (TargetError, JudgeError, OSError):  # the first worker's verdict on that is enough
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
