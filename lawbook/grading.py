"""Grading submissions: open each in a worker, run the laws of its profile, diagnose what failed.

Nothing of a submission is imported here: it lives in its worker.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from lawbook.checking import check
from lawbook.conventions import Profile
from lawbook.judge.zygote import JudgeError as SystemProblem
from lawbook.judge.zygote import Zygote
from lawbook.laws import Law, discover, select
from lawbook.operations import TargetError
from lawbook.profiles import PROFILES
from lawbook.search import Budget, fresh_seed
from lawbook.submissions import NotGradable, Submission, opened, submissions
from lawbook.targets import Target, open_target
from lawbook.verdicts import NOT_HELD, Subject, Verdict

Progress = Callable[[str, Verdict], None]
# Wide arrays: there are hundreds of columns and elements in the cases that are left.
GRADING = Budget(screen=0.4, shrink_calls=80)


def grade(
    paths: Sequence[str],
    course: str = "auto",
    profile: str | None = None,
    only: str | None = None,
    seed: int | None = None,
    python: str | None = None,
    progress: Progress = lambda name, verdict: None,
    budget: Budget | None = None,
    zygote: Zygote | None = None,
) -> Iterator[Subject]:
    """Judge every submission below the paths, one `Subject` each, in order.

    A path without a submission gives a subject whose message says so.  Raises NotGradable for what
    concerns the whole run: an unknown profile, law, course or interpreter.  A zygote that was started
    before is ended here.
    """
    if profile is not None and profile not in PROFILES:
        raise NotGradable(f"there is no profile {profile!r}; known are {', '.join(PROFILES)}")
    seed = fresh_seed() if seed is None else seed
    try:
        zygote = zygote or Zygote(python)  # starts while the laws are read
        with closing(zygote):
            laws = _selected(only)
            found = {path: submissions(path, course) for path in paths}
            for path in paths:
                if not found[path]:
                    text = f"{path}: no submission of a known course was found here"
                    yield Subject(Path(path).name or path, path, message=text)
                for one in found[path]:
                    yield judge(one, zygote, laws, profile, seed, progress, budget)
    except SystemProblem as error:
        raise NotGradable(str(error)) from None


def _selected(only: str | None) -> list[Law]:
    try:
        return select(discover(), only)
    except ValueError as error:
        raise NotGradable(str(error)) from None


def judge(
    submission: Submission,
    zygote: Zygote,
    laws: Sequence[Law],
    profile: str | None,
    seed: int,
    progress: Progress = lambda name, verdict: None,
    budget: Budget | None = None,
) -> Subject:
    """The verdicts on one submission."""
    start = time.perf_counter()
    subject = Subject(submission.name, str(submission.root), submission.course)
    try:
        with opened(submission, zygote, profile) as found:
            asked = in_scope(laws, found.profile)
            subject.verdicts = check(
                found.target,
                asked,
                seed,
                budget or GRADING,
                lambda verdict: progress(subject.name, verdict),
            )
            explain(subject.verdicts, found.target)
            subject.profile, subject.notes = found.profile.name, list(found.notes)
            subject.conventions = found.target.flat_conventions()
            subject.isolation = list(found.isolation)
            if not asked:
                subject.message = f"profile {found.profile.name} has none of the laws asked for"
    except TargetError as error:
        subject.message = f"the submission could not be loaded: {error.message}"
    subject.seconds = time.perf_counter() - start
    return subject


def explain(verdicts: Sequence[Verdict], target: Target) -> None:
    """Diagnose what failed, if anything did: only then are the mistakes read."""
    if any(verdict.status in NOT_HELD for verdict in verdicts):
        from lawbook.diagnosis import diagnose

        diagnose(verdicts, target)


def in_scope(laws: Sequence[Law], profile: Profile) -> list[Law]:
    """The laws about operations that the profile requires or judges, with its severities."""
    judged = profile.requires | profile.optional
    return [
        replace(law, severity=profile.severities.get(law.id, law.severity))
        for law in laws
        if law.operation in judged
    ]


def check_target(
    name: str,
    device: str = "cpu",
    dtype: str = "float64",
    only: str | None = None,
    seed: int | None = None,
    budget: Budget | None = None,
    progress: Progress = lambda name, verdict: None,
) -> Subject:
    """The verdicts on a library target; raises TargetUnavailable, or NotGradable for an unknown law."""
    start = time.perf_counter()
    target = open_target(name, device, dtype)
    laws = _selected(only)
    subject = Subject(target.name, None, None, name)
    seed = fresh_seed() if seed is None else seed
    subject.verdicts = check(
        target, laws, seed, budget, lambda verdict: progress(subject.name, verdict)
    )
    explain(subject.verdicts, target)
    subject.conventions = target.flat_conventions()
    subject.isolation = ["none: the target runs in this process"]
    subject.seconds = time.perf_counter() - start
    return subject
