"""`lawbook grade PATHS`: hand-ins one after the other in this process, each shown as it is judged."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from lawbook import grading, submissions
from lawbook.judge.zygote import Zygote
from lawbook.profiles import COURSES
from lawbook.reporting import Refused, report, show_later
from lawbook.seeds import BadSecret, Seeds, read_secret
from lawbook.settings import settings_of
from lawbook.verdicts import Subject, Verdict
from lawbook.zygotes import Zygotes

if TYPE_CHECKING:
    from lawbook.report.dialects import Dialect


def grade_one_by_one(options: Namespace, zygote: Zygote) -> int:
    """Judge hand-ins in this process, and show each as it is judged."""
    for name in ("jobs", "retry", "cluster"):
        if getattr(options, name):
            raise Refused(f"--{name} is for a class: it needs the folder of results, --out")
    secret = _secret(options)

    def judged(seed: int, progress: Callable[[str, Verdict], None]) -> Iterator[Subject]:
        seeds = Seeds(secret) if secret else Seeds(seed=seed)
        settings = settings_of(options, seeds)
        with Zygotes(options.python, settings.without, zygote) as zygotes:
            yield from grading.grade(
                options.paths, settings, seeds, zygotes, progress, show_later, options.single
            )

    def dialect(subject: Subject) -> Dialect:
        from lawbook.report.dialects import course_dialect

        own = options.course if options.course not in ("auto", *COURSES) else None
        return course_dialect(
            submissions.adapter_file(own or subject.course or ""), subject.profile
        )

    def total() -> int:
        folders = [path for path in options.paths if os.path.isdir(path)]
        found = [submissions.submissions(Path(p), options.course, "", p) for p in folders]
        return sum(len(one) or 1 for one in found) + len(options.paths) - len(folders)

    return report(options, judged, dialect, total)


def _secret(options: Namespace) -> bytes:
    """The secret of the course, where its file is given and no seed."""
    if options.secret is None or options.seed is not None:
        return b""
    try:
        return read_secret(options.secret)
    except BadSecret as error:
        raise Refused(str(error)) from None
