"""`lawbook gradescope`: from the options to the archive."""

from __future__ import annotations

import os
from argparse import Namespace
from pathlib import Path
from stat import S_ISREG

from lawbook.gradescope.archive import Contents, archive
from lawbook.profiles import COURSES
from lawbook.reporting import Refused
from lawbook.rubrics import BadRubric, Rubric
from lawbook.rubrics.reading import parse, read
from lawbook.rubrics.template import profile_of, template
from lawbook.seeds import BadSecret, fresh, read_secret
from lawbook.submissions import NotGradable, adapter_file

SHORTEST, LONGEST = 30, 2400  # seconds; Gradescope allows 40 minutes


def gradescope(options: Namespace) -> int:
    """Build the archive; returns 0, raises Refused."""
    contents = contents_of(options)
    try:
        data = archive(contents)
    except OSError as error:
        raise Refused(f"{error.filename}: cannot be read: {error.strerror}") from None
    _write(options.out, data)
    print(
        f"{options.out}: {len(data) / 1e6:.2f} MB, {contents.total:g} points for {contents.course}"
    )
    print("It holds the secret that the cases are drawn from: give it to nobody but Gradescope.")
    return 0


def contents_of(options: Namespace) -> Contents:
    """What the options ask for; raises Refused."""
    if not SHORTEST <= options.seconds <= LONGEST:
        raise Refused(f"--seconds {options.seconds}: it has to be {SHORTEST} to {LONGEST}")
    course, adapter = options.course, None
    try:
        if options.adapter is not None:
            adapter = adapter_file(options.adapter)
            course = _own_course(options, adapter)
        rubric, text = _rubric(options, course)
        secret = fresh() if options.secret is None else read_secret(options.secret) + b"\n"
    except (BadRubric, BadSecret, NotGradable) as error:
        raise Refused(str(error)) from None
    return Contents(
        course=course or rubric.course or "",
        profile=options.profile or rubric.profile,
        rubric=text,
        total=rubric.total,
        secret=secret,
        seconds=options.seconds,
        isolation=options.require_isolation,
        adapter=adapter,
        study=rubric.students == "derivation",
        bubblewrap=options.bubblewrap,
    )


def _own_course(options: Namespace, adapter: Path) -> str:
    if options.course is not None:
        raise Refused("--course and --adapter: one of them says how a submission is laid out")
    return adapter.stem


def _rubric(options: Namespace, course: str | None) -> tuple[Rubric, bytes]:
    """The rubric that was given, or that of the profile; and its text."""
    if options.rubric is None:
        text = template(profile_of(options.adapter or course, options.profile)).encode()
        return parse(text), text
    rubric = read(options.rubric)
    for kind, asked in (("course", course), ("profile", options.profile)):
        wanted = getattr(rubric, kind)
        if asked is not None and wanted not in (None, asked):
            raise Refused(f"{options.rubric} is for the {kind} {wanted}, not for {asked:.60}")
    if course is None and rubric.course not in COURSES:
        raise Refused(f"for which course? --course {'|'.join(COURSES)}, or --adapter FILE.py")
    with open(options.rubric, "rb") as file:
        return rubric, file.read()


def _write(path: str, data: bytes) -> None:
    """Write the archive whole, readable by its owner alone: it holds the secret."""
    beside = f"{path}.{os.getpid()}.part"
    try:
        if os.path.exists(path) and not S_ISREG(os.stat(path).st_mode):
            raise OSError(22, "it is no plain file")
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(data)
        os.replace(beside, path)
    except (OSError, ValueError) as error:
        if os.path.exists(beside):
            os.unlink(beside)
        reason = getattr(error, "strerror", None) or str(error)
        raise Refused(f"{path}: cannot be written: {reason}") from None
