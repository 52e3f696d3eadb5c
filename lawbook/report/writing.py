"""The reports that a command was asked for: `--report FORMAT=PATH`, as files or as folders of files.

Paths are opened before the work starts, so that one that cannot be written costs nothing; each file is
written in one piece at the end.
"""

from __future__ import annotations

import os
import re
import sys
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any
from unicodedata import normalize
from urllib.parse import quote

from lawbook.report.audience import prepared
from lawbook.report.facts import hand_ins
from lawbook.report.formats import FORMATS, INSTRUCTOR, Format, Unsuitable, View
from lawbook.report.jsonfile import Unwritable
from lawbook.report.pagefile import PageFile
from lawbook.report.values import safe
from lawbook.reporting import Refused

LONGEST = 80  # characters of a file's name


class Reports:
    """The reports asked for; `several` where more than one hand-in is known to come.

    Raises Refused with one sentence where one cannot be written, before and after the work.
    """

    def __init__(
        self, wanted: Sequence[tuple[str, str]], view: View, several: bool = False
    ) -> None:
        self.view = view
        self._open: list[tuple[str, str, PageFile | None]] = []
        self._made: list[str] = []
        try:
            for name, path in wanted:
                self._open.append((name, path, self._opened(FORMATS[name], name, path, several)))
        except (Unwritable, Unsuitable) as error:
            self.close()
            raise Refused(str(error)) from None

    def _opened(self, kind: Format, name: str, path: str, several: bool) -> PageFile | None:
        """The file at the path, or None for a folder, which is made."""
        if kind.scored and self.view.rubric is None:
            raise Unsuitable(f"{path}: {name} has points, so it needs a rubric: --rubric FILE")
        if not _is_folder(kind, path):
            if several:
                _one_only(kind, name, path, self.view)
            return PageFile(path)
        try:
            if not os.path.isdir(path):
                os.makedirs(path)
                self._made.append(path)
            if not os.access(path, os.W_OK | os.X_OK):
                raise PermissionError(13, "Permission denied")
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise Unwritable(f"{path}: cannot be written: {reason}") from None
        return None

    def write(self, report: Mapping[str, Any]) -> None:
        """Write all of them, from what their reader may see."""
        if not self._open:
            return
        seen = prepared(report, self.view)
        try:
            for name, path, file in self._open:
                kind = FORMATS[name]
                if file is None:
                    _fill(kind, name, path, seen, self.view)
                    continue
                if len(hand_ins(seen)) > 1:
                    _one_only(kind, name, path, self.view)
                file.write(kind.writer()(seen, self.view))
        except (Unwritable, Unsuitable) as error:
            raise Refused(str(error)) from None

    def close(self) -> None:
        """Close the files; what was made for nothing is removed."""
        for _, _, file in self._open:
            if file is not None:
                file.close()
        for folder in self._made:
            with suppress(OSError):  # it is in use
                os.rmdir(folder)


def wanted(options: Namespace) -> list[tuple[str, str]]:
    """The formats and paths that were asked for; Refused where two of them go to standard output."""
    found: list[tuple[str, str]] = options.report or []
    paths = [path for _, path in found] + [getattr(options, "json", None)]
    if paths.count("-") > 1:
        raise Refused("only one report can go to standard output")
    return found


def view_of(options: Namespace) -> View:
    """Who is to read the reports, and the rubric that scores them; Refused where that is unusable."""
    path, level = getattr(options, "rubric", None), getattr(options, "students", None)
    if path is None and level is None:
        return View()
    from lawbook import rubrics

    try:
        rubric = None if path is None else rubrics.read(path)
    except rubrics.BadRubric as error:
        raise Refused(str(error)) from None
    if level == "rubric":
        if rubric is None:
            raise Refused("--students rubric takes the level of a rubric: give one with --rubric")
        level = rubric.students
    if level is not None and level not in rubrics.LEVELS:
        known = ", ".join(rubrics.LEVELS)
        raise Refused(f"{level!r:.40} is no level that students see; known are {known}, rubric")
    return View(level or INSTRUCTOR, rubric)


def _is_folder(kind: Format, path: str) -> bool:
    """Whether a path is for a folder: it is one, it ends like one, or it has no suffix as files have."""
    if kind.holds == "all" or path == "-":
        return False
    return os.path.isdir(path) or path.endswith(("/", os.sep)) or not os.path.splitext(path)[1]


def _one_only(kind: Format, name: str, path: str, view: View) -> None:
    """Raise Refused: one file for several hand-ins where each has its own."""
    if kind.holds == "one" or (kind.holds == "both" and view.is_student):
        text = f"{path}: {name} is one file per hand-in, and there are several: give a folder"
        raise Refused(f"{text}, as {name}={name}/")


def _fill(kind: Format, form: str, folder: str, report: Mapping[str, Any], view: View) -> None:
    """Write a file per hand-in into a folder, and for an instructor the index that leads to them.

    A hand-in that cannot have one is said on standard error; raises Refused where none can.
    """
    found = hand_ins(report)
    names = dict(zip(found, file_names(found, kind.suffix), strict=True))
    writer = kind.writer()
    if kind.holds == "both" and not view.is_student:
        pages = {name: quote(file) for name, file in names.items()}
        _put(folder, f"index{kind.suffix}", writer(report, View(view.audience, view.rubric, pages)))
    without: list[str] = []
    for name, results in found.items():
        one = {**report, "subjects": results, "expected": len(results), "complete": True}
        try:
            _put(folder, names[name], writer(one, View(view.audience, view.rubric)))
        except Unsuitable as error:
            without.append(str(error))
    if without:
        said = f"{folder}: {form} has no file for {len(without)} of {len(found)}: {without[0]}"
        if len(without) == len(found):
            raise Refused(said)
        print(f"lawbook: {safe(said)}", file=sys.stderr)


def _put(folder: str, name: str, text: str) -> None:
    file = PageFile(os.path.join(folder, name))
    try:
        file.write(text)
    finally:
        file.close()


def file_names(names: Sequence[str] | Mapping[str, Any], suffix: str) -> Iterator[str]:
    """A plain file name for each name, all different where case does not count either."""
    taken = {"index"}
    for name in names:
        plain = (
            re.sub(r"[^\w+-]+", "_", normalize("NFC", name))[:LONGEST].strip("._-") or "submission"
        )
        chosen, number = plain, 2
        while chosen.casefold() in taken:
            chosen, number = f"{plain}-{number}", number + 1
        taken.add(chosen.casefold())
        yield f"{chosen}{suffix}"
