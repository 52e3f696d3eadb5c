"""`lawbook study`: the chapters there are; one chapter, checked while it is shown, or as a page."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import closing, nullcontext
from typing import IO, Any

from rich.text import Text

from lawbook import __version__
from lawbook.proofs.prove.learner import without_sympy

try:  # the modules below need it
    import sympy
except ModuleNotFoundError:
    raise without_sympy("study") from None

from lawbook.proofs.chapters import Chapter, UnknownTopic, chapter, topics
from lawbook.proofs.pages.prose import readable
from lawbook.proofs.pages.sections import Line, Section, sections, tally
from lawbook.proofs.pages.shown import said, show_opening, show_section
from lawbook.report.jsonfile import JsonFile, Unwritable
from lawbook.report.pagefile import PageFile
from lawbook.report.progress import Live
from lawbook.report.terminal import emit, terminal
from lawbook.reporting import Refused, state

FORMAT = 1
VERSIONS = f"Lawbook {__version__} with SymPy {sympy.__version__}"


def study(options: Namespace) -> int:
    """Run the command: 0 if every statement is what its chapter says, else 1; raises Refused."""
    if not options.topic:
        return _contents(options)
    if options.html == options.json == "-":
        raise Refused("only one of --html and --json can go to standard output")
    try:
        found = chapter(options.topic)
    except UnknownTopic as error:
        raise Refused(str(error)) from None
    readable_output = sys.stderr if "-" in (options.json, options.html) else sys.stdout
    try:
        with (
            closing(JsonFile(options.json)) if options.json else nullcontext() as data,
            closing(PageFile(options.html)) if options.html else nullcontext() as page_file,
        ):
            checked = _checked(found, readable_output, shown=not options.html)
            if page_file:
                from lawbook.proofs.pages.page import page

                page_file.write(page(options.topic, found.title, found.intro, checked, VERSIONS))
            if data:
                data.write(as_json(options.topic, found, checked))
    except Unwritable as error:
        raise Refused(str(error)) from None
    holds = all(line.holds for section in checked for line in section.lines)
    _closing(readable_output, checked, holds, "" if options.html else options.topic)
    return 0 if holds else 1


def _contents(options: Namespace) -> int:
    """The topics and the titles of their chapters."""
    if options.html:
        raise Refused("which chapter? lawbook study TOPIC --html FILE")
    titles = {topic: readable(chapter(topic).title) for topic in topics()}
    if options.json:
        listed = [{"topic": topic, "title": title} for topic, title in titles.items()]
        try:
            with closing(JsonFile(options.json)) as data:
                data.write({"format": FORMAT, "lawbook": __version__, "chapters": listed})
        except Unwritable as error:
            raise Refused(str(error)) from None
        return 0
    console = terminal(sys.stdout)
    width = max(map(len, titles), default=0)
    for topic, title in titles.items():
        emit(console, Text(topic.ljust(width + 2), "bold").append(title, "not bold"))
    emit(console, Text("\nlawbook study TOPIC shows one; --html FILE writes it as a page", "dim"))
    return 0


def _checked(found: Chapter, stream: IO[str], shown: bool) -> list[Section]:
    """Check the parts; show each as it is done."""
    console = terminal(stream)
    if shown:
        show_opening(console, readable(found.title), found.intro)
    checked = []
    for section in _with_progress(found):
        if shown:
            show_section(console, section)
        checked.append(section)
    return checked


def _with_progress(found: Chapter) -> Iterator[Section]:
    """The parts, with a bar on a terminal while one is being checked."""
    titles = [part.title for part in found.parts]
    live = Live(sys.stderr, len(titles), by_law=False)
    try:
        parts = sections(found)
        for done, title in enumerate(titles):
            live.at(readable(title), done)
            state.latest = title
            section = next(parts)
            live.pause()
            yield section
            live.resume(done + 1)
    finally:
        live.pause()


def _closing(stream: IO[str], checked: list[Section], holds: bool, topic: str) -> None:
    """What it came to, and with what it was checked."""
    console = terminal(stream)
    emit(
        console,
        Text(f"\n{tally(checked)}" if topic else tally(checked), "green" if holds else "red"),
    )
    page = f"; lawbook study {topic} --html FILE writes it as a page" if topic else ""
    emit(console, Text(f"checked by {VERSIONS}{page}", "dim"))


def as_json(topic: str, found: Chapter, checked: list[Section]) -> dict[str, Any]:
    """The chapter and what came of it as data."""
    return {
        "format": FORMAT,
        "lawbook": __version__,
        "sympy": str(sympy.__version__),
        "topic": topic,
        "title": found.title,
        "holds": all(line.holds for section in checked for line in section.lines),
        "parts": [
            {
                "title": section.title,
                "covers": section.covers,
                "errata": section.errata,
                "kind": section.kind,
                "lines": [_line_as_json(line) for line in section.lines],
            }
            for section in checked
        ],
    }


def _line_as_json(line: Line) -> dict[str, Any]:
    said_of: dict[str, Any] = {"number": line.number, "says": said(line.words)}
    if line.rule:
        said_of["rule"] = said(line.rule)
    if line.comment:
        said_of["comment"] = line.comment
    if line.decision is None:
        return said_of
    said_of |= {"word": str(line.decision.word), "mistake": line.mistake, "holds": line.holds}
    for name in ("conditions", "point", "expected", "got", "why"):
        value = getattr(line.decision, name)
        if value:
            said_of[name] = dict(value) if name == "point" else value
    return said_of
