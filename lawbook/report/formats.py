"""The formats a report can be written in, by name; a writer is imported when it is asked for.

A writer is a function `write(report, view) -> str` of the report's data (the JSON, format 2) alone.  What it
is given is what its reader may see (`lawbook.report.audience`), so that no writer can leak what a rubric
hides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, TypeAlias

INSTRUCTOR = "instructor"
Report: TypeAlias = Mapping[str, Any]


class Unsuitable(Exception):
    """A report cannot be written in a format; the message is one sentence for the user."""


@dataclass(frozen=True)
class View:
    """Who reads the report: "instructor" or a student's level, and the rubric that scored it, if any.

    `pages` are the addresses of the hand-ins' own pages, by name, where they are written beside this one.
    """

    audience: str = INSTRUCTOR
    rubric: Any = None
    pages: Mapping[str, str] | None = None

    @property
    def is_student(self) -> bool:
        """Whether a student reads it."""
        return self.audience != INSTRUCTOR

    @property
    def shows_study(self) -> bool:
        """Whether the reader is told what to study."""
        return self.audience in (INSTRUCTOR, "derivation")


Writer: TypeAlias = Callable[[Report, View], str]


@dataclass(frozen=True)
class Format:
    """Where a format's writer is, and what its files are.

    `holds` is "all" (one file holds a class), "one" (a file holds one hand-in: a class needs a folder) or
    "both" (a folder gets a page per hand-in and an index).  `scored`: it has points, so it needs a rubric.
    """

    module: str
    function: str
    suffix: str
    says: str
    holds: str = "all"
    scored: bool = False

    def writer(self) -> Writer:
        """The function that writes it."""
        found: Writer = getattr(import_module(self.module), self.function)
        return found


FORMATS: dict[str, Format] = {
    "markdown": Format("lawbook.report.markdown", "write", ".md", "a step summary for GitHub"),
    "junit": Format("lawbook.report.junit", "write", ".xml", "GitLab, Artemis and Jenkins"),
    "csv": Format("lawbook.report.gradebook", "write", ".csv", "a gradebook"),
    "html": Format("lawbook.report.pages.page", "write", ".html", "pages to read", "both"),
    "gradescope": Format(
        "lawbook.report.gradescope", "write", ".json", "results.json for Gradescope", "one", True
    ),
    "classroom": Format(
        "lawbook.report.classroom", "write", ".json", "GitHub Classroom", "one", True
    ),
    "json": Format("lawbook.report.jsonfile", "write", ".json", "the data of all of them"),
}
