"""Opening the one submission at a path: for a replay, and for pytest."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lawbook.grading import place_of
from lawbook.intake import HandIn, NotTaken, take_in
from lawbook.judge.zygote import JudgeError
from lawbook.loading import Loading, opened
from lawbook.operations import TargetError
from lawbook.submissions import NotGradable, Submission, none_found, submissions
from lawbook.targets import Target
from lawbook.zygotes import Zygotes


@contextmanager
def opened_path(
    path: str,
    course: str = "auto",
    profile: str | None = None,
    python: str | None = None,
    conventions: Mapping[str, dict[str, Any]] | None = None,
) -> Iterator[Target]:
    """Open the one submission at a path as a target.

    The path may lead into an archive, as it does in reports.  Raises NotGradable with one sentence where
    there is no submission, or several, or it cannot be loaded.
    """
    source, inner = located(path)
    try:
        with Zygotes(python) as zygotes, zygotes.folder(course) as folder:
            hand_in = HandIn(source.name, source, inside=inner)
            taken = take_in(hand_in, folder)
            found = submissions(taken.root, course, source.name, place_of(hand_in))
            submission = the_one(found, path, course)
            with Loading(submission, zygotes.of(submission.course, submission.adapter)) as loading:
                yield opened(loading, profile, conventions).target
    except NotTaken as error:
        raise NotGradable(str(error)) from None
    except TargetError as error:
        raise NotGradable(f"{path}: it could not be loaded: {error.message}") from None
    except JudgeError as error:
        raise NotGradable(str(error)) from None


def located(path: str) -> tuple[Path, str]:
    """What was handed in at a path, and the place in it: of `a.zip/src` they are `a.zip` and `src`.

    Raises NotGradable where there is nothing.
    """
    source = Path(os.path.abspath(path))
    inner: list[str] = []
    try:
        while not source.exists() and source.parent != source:
            inner.insert(0, source.name)
            source = source.parent
        if not source.exists() or (inner and not source.is_file()):
            raise FileNotFoundError
    except (OSError, ValueError):
        raise NotGradable(f"{path}: there is no such file or folder") from None
    return source, "/".join(inner)


def the_one(found: list[Submission], path: str, course: str) -> Submission:
    """The submission that the path means; NotGradable unless it is exactly one."""
    exact = os.path.abspath(path)
    here = [one for one in found if one.path == exact] or found
    if not here:
        raise NotGradable(f"{path}: {none_found(course)}")
    if len(here) > 1:
        raise NotGradable(f"{path}: there are {len(here)} submissions; give the folder of one")
    return here[0]
