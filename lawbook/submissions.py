"""Submissions: found in what was handed in, by names and text; nothing of them is run here.

What a worker loads is the copy that was taken in; reports name the original.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from lawbook.adapters.declared import BadAdapter, own_course
from lawbook.profiles import COURSES
from lawbook.profiles.course import Course


class NotGradable(Exception):
    """The whole run cannot be done; the message is one sentence for the user."""


@dataclass(eq=False, repr=False)
class Submission:
    """A submission: its folder, the adapter that reads it, and what its place is called in reports."""

    name: str
    root: Path
    course: str
    adapter: Path
    path: str


def adapter_file(course: str) -> Path:
    """The adapter of a course, or an instructor's own file."""
    if course in COURSES:
        return Path(__file__).parent / "courses" / course / "adapter.py"
    path = Path(course)
    if path.suffix != ".py" or not path.is_file():
        known = ", ".join(("auto", *COURSES))
        raise NotGradable(f"--course {course!r} is neither one of {known} nor an adapter file")
    return path.resolve()


def course_of(course: str, adapter: Path) -> Course:
    """What is known of a course: of ours its profiles, else what the instructor's adapter declares.

    Raises NotGradable where that is nothing we can use.
    """
    ours = course in COURSES and (adapter.suffix != ".py" or adapter == adapter_file(course))
    try:
        return COURSES[course] if ours else own_course(adapter)
    except BadAdapter as error:
        raise NotGradable(str(error)) from None


def submissions(folder: Path, course: str, name: str, path: str) -> list[Submission]:
    """The submissions in a folder; with an instructor's own adapter the folder is one submission.

    A single one is called `name`; several are told apart by as much of their path as that takes.  `path`
    is what the folder is called in reports.  Raises NotGradable for an unknown course.
    """
    folder = folder.resolve()
    if course not in ("auto", *COURSES):
        adapter = adapter_file(course)
        course_of(adapter.stem, adapter)  # what it declares is refused before anything is run
        return [Submission(name, folder, adapter.stem, adapter, path)]
    asked = COURSES if course == "auto" else (course,)
    found = ((root, one) for one in asked for root in find_roots(one, str(folder)))
    roots = sorted((Path(root).resolve(), one) for root, one in found)
    places = [root.relative_to(folder) for root, _ in roots]
    return [
        Submission(label, root, one, adapter_file(one), _original(path, place))
        for label, place, (root, one) in zip(short_names(places, name), places, roots, strict=True)
    ]


def none_found(course: str) -> str:
    """What is said where there is no submission to the course that was asked for."""
    which = "a known course" if course == "auto" else f"the course {course}"
    return f"no submission of {which} was found here"


def _original(path: str, place: Path) -> str:
    """Where a submission lies, or leads in an archive; what an archive in the folder held is the folder's."""
    whole = os.path.normpath(os.path.join(path, place))
    return path if os.path.isdir(path) and not os.path.isdir(whole) else whole


def find_roots(course: str, folder: str) -> Sequence[str]:
    """The roots of submissions to a course at or below a folder."""
    found: Sequence[str] = import_module(f"lawbook.courses.{course}").find_roots(folder)
    return found


def short_names(places: Sequence[Path], name: str) -> list[str]:
    """What to call submissions at these places in a folder; a single one is called as the folder is."""
    parts = [(place.parts or ("",)) for place in places]
    names = []
    for own in parts:
        depth = next(
            (n for n in range(1, len(own)) if [p[:n] for p in parts].count(own[:n]) == 1), len(own)
        )
        names.append("/".join(own[:depth]) if len(places) > 1 else name)
    return names
