"""What each command does.  Each imports what it needs when it runs."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lawbook.report.dialects import Dialect
    from lawbook.verdicts import Subject, Verdict


def run(options: Namespace) -> int:
    """Run the command that the options name; returns the exit status, raises Refused."""
    chosen: dict[str, Callable[[Namespace], int]] = {
        "grade": grade,
        "check": check,
        "laws": laws,
        "replay": replay,
        "study": study,
        "prove": prove,
    }
    return chosen[options.command](options)


def grade(options: Namespace) -> int:
    """Judge submissions."""
    from lawbook.judge.zygote import JudgeError, Zygote

    try:
        zygote = Zygote(options.python)  # it starts while this process imports what it needs
    except JudgeError as error:
        from lawbook.reporting import Refused

        raise Refused(str(error)) from None
    from dataclasses import replace

    from lawbook import grading, submissions
    from lawbook.profiles import COURSES
    from lawbook.reporting import report, show_later

    def judged(seed: int, progress: Callable[[str, Verdict], None]) -> Iterator[Subject]:
        return grading.grade(
            options.paths,
            options.course,
            options.profile,
            options.only,
            seed,
            options.python,
            progress,
            replace(grading.GRADING, search=options.examples),
            zygote,
            show_later,
        )

    def dialect(subject: Subject) -> Dialect:
        from lawbook.report.dialects import course_dialect

        own = options.course if options.course not in ("auto", *COURSES) else None
        return course_dialect(submissions.adapter_file(own or subject.course or ""))

    def total() -> int:
        found = [submissions.submissions(path, options.course) for path in options.paths]
        return sum(len(one) or 1 for one in found)

    return report(options, judged, dialect, total)


def check(options: Namespace) -> int:
    """Check a library target."""
    from lawbook import grading
    from lawbook.budget import Budget
    from lawbook.reporting import report

    def judged(seed: int, progress: Callable[[str, Verdict], None]) -> Iterator[Subject]:
        yield grading.check_target(
            options.target,
            options.device,
            options.dtype,
            options.only,
            seed,
            Budget(search=options.examples),
            progress,
        )

    def dialect(subject: Subject) -> Dialect:
        from lawbook.report.dialects import local_dialect

        return local_dialect(options.target, options.device, options.dtype)

    return report(options, judged, dialect, lambda: 1)


def laws(options: Namespace) -> int:
    """List the laws."""
    from lawbook.laws import discover, select
    from lawbook.reporting import Refused

    try:
        chosen = select(discover(), options.only)
    except ValueError as error:
        raise Refused(str(error)) from None
    from lawbook.report import contents

    if options.json:
        contents.print_json(chosen)
    else:
        contents.print_laws(chosen)
    return 0


def replay(options: Namespace) -> int:
    """Run stored counterexamples once more."""
    from lawbook.replay import BadReport
    from lawbook.replay import replay as replayed
    from lawbook.report.replayed import show
    from lawbook.reporting import Refused
    from lawbook.submissions import NotGradable
    from lawbook.targets import TargetUnavailable

    failing = 0
    try:
        for one in replayed(options.report, options.law, options.course, options.python):
            failing += show(one, options.course, options.verbose)
    except (BadReport, NotGradable, TargetUnavailable) as error:
        raise Refused(str(error)) from None
    return int(failing > 0)


def study(options: Namespace) -> int:
    """List the chapters, or check and show one."""
    from lawbook.proofs.pages.study import study as studied

    return studied(options)


def prove(options: Namespace) -> int:
    """Check a learner's own derivations."""
    from lawbook.proofs.prove.learner import prove as proved

    return proved(options)
