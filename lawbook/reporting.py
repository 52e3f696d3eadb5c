"""From judged subjects to what is written: the terminal, the JSON file, the scripts, the exit status."""

from __future__ import annotations

import os
import re
import shlex
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lawbook.report.dialects import Dialect
    from lawbook.report.progress import Live
    from lawbook.verdicts import Subject, Verdict


class Refused(Exception):
    """The command cannot be done as asked; the message is one sentence for the user."""


@dataclass
class State:
    """What the work has come to, for the message of an internal error."""

    latest: str = ""


state = State()
PATIENCE = 0.5  # seconds of work before a bar is shown


def report(
    options: Namespace,
    judged: Callable[[int, Callable[[str, Verdict], None]], Iterator[Subject]],
    dialect: Callable[[Subject], Dialect],
    total: Callable[[], int],
) -> int:
    """Do the work subject by subject: show each as it is done, write the JSON at the end."""
    from lawbook.budget import fresh_seed
    from lawbook.report.jsonfile import JsonFile, Unwritable, as_json
    from lawbook.submissions import NotGradable
    from lawbook.targets import TargetUnavailable

    seed = fresh_seed() if options.seed is None else options.seed
    own = getattr(options, "secret", None) is not None and options.seed is None
    try:
        scripts = _folder(options.repro)
        with (
            closing(JsonFile(options.json)) if options.json else _nothing() as file,
            reports(options, several=len(getattr(options, "paths", ())) > 1) as others,
        ):
            subjects = _worked(options, judged, dialect, total, seed, scripts)
            scored = getattr(options, "scored_by", None) is not None
            if file or others or scored:
                data = as_json(subjects, None if own else seed)
            if scored:
                from lawbook.rubrics.command import show_grades, with_grades

                data = with_grades(data, options.scored_by)
                show_grades(data, output(options))
            if others:
                others.write(data)
            if file:
                file.write(data)
    except (NotGradable, TargetUnavailable, Unwritable) as error:
        raise Refused(str(error)) from None
    broken = [v for subject in subjects for v in subject.verdicts if v.is_internal]
    for verdict in broken:
        print(f"lawbook: internal error in {verdict.law}: {verdict.message}", file=sys.stderr)
    _say_our_faults(subjects)
    return 2 if broken else max((subject.exit_code for subject in subjects), default=2)


def _say_our_faults(subjects: Sequence[Subject]) -> None:
    """One line for all that could not be judged by our fault; each says why in its own place too."""
    ours = [one for one in subjects if one.fault == "grader"]
    if ours:
        from lawbook.report.values import safe

        more = f" (and {len(ours) - 1} more)" if len(ours) > 1 else ""
        first = f"{safe(ours[0].name, 80)}{more} was not judged: {safe(ours[0].message)}"
        print(f"lawbook: {first}", file=sys.stderr)


def reports(options: Namespace, several: bool) -> Any:
    """The reports that were asked for, their paths opened; nothing where none was."""
    if not options.report:
        return _nothing()
    from lawbook.report.writing import Reports, view_of, wanted

    return closing(Reports(wanted(options), view_of(options), several))


def _worked(
    options: Namespace,
    judged: Callable[[int, Callable[[str, Verdict], None]], Iterator[Subject]],
    dialect: Callable[[Subject], Dialect],
    total: Callable[[], int],
    seed: int,
    scripts: Path | None,
) -> list[Subject]:
    """The subjects; each is shown on the terminal as soon as it is judged."""

    live: Live | None = None
    start, judged_laws = time.monotonic(), 0
    subjects: list[Subject] = []

    def progress(name: str, verdict: Verdict) -> None:
        nonlocal live, judged_laws
        state.latest = verdict.law
        judged_laws += 1
        if live:
            live.judged(name, verdict)
        elif sys.stderr.isatty() and time.monotonic() - start > PATIENCE:
            from lawbook.report.progress import Live

            if total() > 1:
                live = Live(sys.stderr, total(), False, len(subjects))
            else:
                live = Live(sys.stderr, _count_laws(options.only), True, judged_laws)

    try:
        for subject in judged(seed, progress):
            subjects.append(subject)
            if live:
                live.pause()
            _shown(options, subject, dialect, scripts)
            if live:
                live.resume(len(subjects))
    finally:
        if live:
            live.pause()
    if len(subjects) > 1:
        from lawbook.report.terminal import show_table, terminal

        show_table(terminal(output(options)), subjects)
    return subjects


def show_later() -> None:
    """Import what shows a report, while there is time."""
    import lawbook.report.terminal  # noqa: F401


def _shown(
    options: Namespace,
    subject: Subject,
    dialect: Callable[[Subject], Dialect],
    scripts: Path | None,
) -> None:
    """Write the scripts of a subject's counterexamples and print its report."""
    from lawbook.report.terminal import show_subject, terminal

    traced = [verdict for verdict in subject.verdicts if verdict.trace]
    files: dict[str, Path] = {}
    if traced:
        from lawbook.report.repro import script

        words = dialect(subject)
        for verdict in traced:
            verdict.repro = script(verdict, words, subject.path)
            if scripts and verdict.repro:
                files[verdict.law] = _write(scripts, subject, verdict)

    again = ""
    if traced and files:
        again = f"Scripts that show these: {next(iter(files.values())).parent}{os.sep}"
    elif traced and options.json not in (None, "-"):
        report = shlex.quote(options.json)
        again = f"Run one again: lawbook replay {report} LAW{_as_before(options)}"
    elif traced and not options.verbose:
        again = "Scripts that show these: --verbose prints them, --repro DIR writes them"
    show_subject(terminal(output(options)), subject, subject.seed, options.verbose, again)


def _as_before(options: Namespace) -> str:
    """The options that a replay needs and no report holds: the adapter's file and the interpreter."""
    course, python = getattr(options, "course", None), getattr(options, "python", None)
    given = {"--course": course if (course or "").endswith(".py") else None, "--python": python}
    return "".join(f" {name} {shlex.quote(value)}" for name, value in given.items() if value)


def output(options: Namespace) -> Any:
    """Where the readable report goes: not between the JSON."""
    paths = [options.json, *(path for _, path in options.report or ())]
    return sys.stderr if "-" in paths else sys.stdout


def _nothing() -> Any:
    from contextlib import nullcontext

    return nullcontext()


def _count_laws(only: str | None) -> int:
    """How many laws a run is about; 0 where there is no such law, as the work itself will say."""
    from lawbook.laws import discover, select

    try:
        return len(select(discover(), only))
    except ValueError:
        return 0


def _folder(path: str | None) -> Path | None:
    """The folder for scripts, made if need be."""
    if path is None:
        return None
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
        if not os.access(path, os.W_OK | os.X_OK):
            raise PermissionError(13, "Permission denied")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Refused(f"{path}: scripts cannot be written there: {reason}") from None
    return Path(path)


def _write(folder: Path, subject: Subject, verdict: Verdict) -> Path:
    """Write a script to FOLDER/SUBJECT/LAW.py; the subject's name is made a plain file name."""
    name = re.sub(r"[^\w.+-]+", "_", subject.name).strip("._") or "subject"
    file = folder / name[:100] / f"{verdict.law}.py"
    try:
        file.parent.mkdir(exist_ok=True)
        file.write_text(verdict.repro or "", encoding="utf-8")
    except OSError as error:
        raise Refused(f"{file}: cannot be written: {error.strerror}") from None
    return file
