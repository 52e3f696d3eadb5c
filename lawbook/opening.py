"""Opening a submission as a target, for a replay or for pytest; grading itself does it in `grading.judge`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lawbook.conventions import settle
from lawbook.grading import NotGradable, Submission, choose_profile, submissions
from lawbook.judge.remote import RemoteBackend
from lawbook.judge.zygote import JudgeError, Zygote
from lawbook.operations import TargetError
from lawbook.targets import Target


@contextmanager
def opened(
    path: str,
    course: str = "auto",
    profile: str | None = None,
    python: str | None = None,
    conventions: Mapping[str, dict[str, Any]] | None = None,
) -> Iterator[Target]:
    """The one submission at a path as a target, its worker alive; its conventions settled, or as given.

    Raises NotGradable with one sentence where there is none, or several, or it cannot be loaded.
    """
    submission = the_one(path, course)
    try:
        zygote = Zygote(python)
        try:
            with RemoteBackend(submission.adapter, submission.root, zygote=zygote) as backend:
                found = backend.description
                chosen = choose_profile(submission, profile, found.profile, found.operations)
                target = Target(
                    submission.name,
                    backend,
                    {name: frozenset(names) for name, names in found.operations.items()},
                    errors=found.errors,
                    required=chosen.requires,
                )
                if conventions is None:
                    settle(target, chosen)
                else:
                    target.conventions.update(conventions)
                yield target
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
