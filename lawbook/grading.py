"""Grading submissions: open each in a worker, run the laws of its profile, diagnose what failed.

Nothing of a submission is imported here: it lives in its worker.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from lawbook.budget import Budget, fresh_seed
from lawbook.conventions import Profile
from lawbook.judge.zygote import JudgeError as SystemProblem
from lawbook.judge.zygote import Zygote
from lawbook.laws import Law, discover, select
from lawbook.operations import TargetError
from lawbook.profiles import PROFILES, judged_in
from lawbook.submissions import Loading, NotGradable, opened, submissions
from lawbook.targets import Target, open_target
from lawbook.verdicts import Subject, Verdict

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
    meanwhile: Callable[[], None] = lambda: None,
) -> Iterator[Subject]:
    """Judge every submission below the paths, one `Subject` each, in order.

    A path without a submission gives a subject whose message says so.  Raises NotGradable for what
    concerns the whole run: an unknown profile, law, course or interpreter.  A zygote that was started
    before is ended here.  `meanwhile` is called while a submission is loaded.
    """
    if profile is not None and profile not in PROFILES:
        raise NotGradable(f"there is no profile {profile!r}; known are {', '.join(PROFILES)}")
    seed = fresh_seed() if seed is None else seed
    try:
        zygote = zygote or Zygote(python)  # starts while the laws are read
        with closing(zygote):
            found = {path: submissions(path, course) for path in paths}
            if not all(found.values()):
                _selected(only)  # an unknown law is refused before anything is said
            for path in paths:
                if not found[path]:
                    text = f"{path}: no submission of a known course was found here"
                    yield Subject(Path(path).name or path, path, message=text)
                for one in found[path]:
                    with Loading(one, zygote) as loading:
                        _selected(only, judged_in(one.course))  # they are read meanwhile
                        meanwhile()
                        subject = judge(loading, only, profile, seed, progress, budget)
                    yield subject
    except SystemProblem as error:
        raise NotGradable(str(error)) from None


def _selected(only: str | None, operations: frozenset[str] | None = None) -> list[Law]:
    """The laws asked for: all those about the operations, where none is asked for by name."""
    try:
        return select(discover(None if only else operations), only)
    except ValueError as error:
        raise NotGradable(str(error)) from None


def judge(
    loading: Loading,
    only: str | None,
    profile: str | None,
    seed: int,
    progress: Progress = lambda name, verdict: None,
    budget: Budget | None = None,
) -> Subject:
    """The verdicts on one submission."""
    from lawbook.checking import check  # read while the submission is loaded

    submission = loading.submission
    subject = Subject(submission.name, str(submission.root), submission.course)
    try:
        found = opened(loading, profile)
        asked = in_scope(_selected(only, found.profile.judged), found.profile)
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
    subject.seconds = time.perf_counter() - loading.started
    return subject


def explain(verdicts: Sequence[Verdict], target: Target) -> None:
    """Diagnose what failed, if anything did: only then are the mistakes read."""
    if any(verdict.case is not None for verdict in verdicts):
        from lawbook.diagnosis import diagnose

        diagnose(verdicts, target)


def in_scope(laws: Sequence[Law], profile: Profile) -> list[Law]:
    """The laws about operations that the profile requires or judges, with its severities."""
    return [
        replace(law, severity=profile.severities.get(law.id, law.severity))
        for law in laws
        if law.operation in profile.judged
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
    from lawbook.checking import check

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
