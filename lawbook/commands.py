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
        "doctor": doctor,
        "check": check,
        "laws": laws,
        "replay": replay,
        "report": report,
        "rubric": rubric,
        "gradescope": gradescope,
        "study": study,
        "prove": prove,
        "adapter": adapter,
    }
    return chosen[options.command](options)


def grade(options: Namespace) -> int:
    """Judge submissions."""
    from lawbook.judge.zygote import JudgeError, Zygote
    from lawbook.reporting import Refused

    if options.rubric:
        from lawbook.rubrics.command import rubric_of

        options.scored_by = rubric_of(options)
    try:
        # it starts while this process imports what it needs
        zygote = Zygote(options.python, without=frozenset(options.without))
    except JudgeError as error:
        raise Refused(str(error)) from None
    if options.out:
        from lawbook.classes.command import grade_class

        return grade_class(options, zygote)
    from lawbook.grade_command import grade_one_by_one

    return grade_one_by_one(options, zygote)


def doctor(options: Namespace) -> int:
    """Say how well submissions are shut in here."""
    from lawbook.isolation.doctor import doctor as examined

    return examined(options)


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


def report(options: Namespace) -> int:
    """Make reports from stored results."""
    from lawbook.report.command import report as reported

    return reported(options)


def rubric(options: Namespace) -> int:
    """Make a rubric, or check one."""
    from lawbook.rubrics.command import rubric as made_or_checked

    return made_or_checked(options)


def gradescope(options: Namespace) -> int:
    """Build the archive that Gradescope runs."""
    from lawbook.gradescope.command import gradescope as built

    return built(options)


def study(options: Namespace) -> int:
    """List the chapters, or check and show one."""
    from lawbook.proofs.pages.study import study as studied

    return studied(options)


def prove(options: Namespace) -> int:
    """Check a learner's own derivations."""
    from lawbook.proofs.prove.learner import prove as proved

    return proved(options)


def adapter(options: Namespace) -> int:
    """Write, check or explain an adapter."""
    from lawbook.adapters.command import adapter as adapted

    return adapted(options)
