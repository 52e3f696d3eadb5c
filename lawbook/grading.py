"""Grading what was handed in: take it in, open it in a worker, run the laws of its profile, diagnose.

Nothing of a submission is imported here: it lives in its worker, which loads the copy taken in.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from lawbook.budget import Budget, fresh_seed
from lawbook.conventions import Profile
from lawbook.intake import HandIn, NotTaken, TakenIn, hand_ins, take_in
from lawbook.isolation import begin, isolation_of, require
from lawbook.judge.zygote import NO_PROCESS, JudgeError, NoInterpreter
from lawbook.laws import Law, discover, select
from lawbook.loading import Loading, opened
from lawbook.operations import TargetError
from lawbook.profiles import PROFILES, judged_in
from lawbook.seeds import Seeds
from lawbook.settings import Settings
from lawbook.submissions import NotGradable, Submission, none_found, submissions
from lawbook.targets import Target, open_target
from lawbook.verdicts import Subject, Verdict
from lawbook.zygotes import Zygotes

Progress = Callable[[str, Verdict], None]
# Wide arrays: there are hundreds of columns and elements in the cases that are left.
GRADING = Budget(screen=0.4, shrink_calls=80)
NO_ISOLATION = {"level": "none", "layers": [], "not_active": []}


@dataclass(eq=False, repr=False)
class Grader:
    """What grades one hand-in after the other, under the same settings.

    `progress` is told each verdict; `meanwhile` is called while a submission is loaded.  `alone` keeps it
    from forking itself, as a process with threads must not.
    """

    settings: Settings
    seeds: Seeds
    zygotes: Zygotes
    progress: Progress = lambda name, verdict: None
    meanwhile: Callable[[], None] = lambda: None
    alone: bool = False

    def grade(self, hand_in: HandIn) -> Iterator[Subject]:
        """The subjects in a hand-in, one at least, each as it is judged; the copy is gone afterwards.

        Raises NotGradable for what concerns the whole run: an unknown law or course, an interpreter that
        cannot run a worker, walls below the level that is required.
        """
        try:
            with self.zygotes.folder(self.settings.course) as folder:
                try:
                    taken = take_in(hand_in, folder)
                except NotTaken as error:
                    yield refused(hand_in, str(error), "grader" if error.ours else "submission")
                else:
                    yield from self.judge(hand_in, taken)
        except NoInterpreter as error:
            raise NotGradable(str(error)) from None
        except (JudgeError, OSError) as error:
            yield refused(hand_in, our_fault(error), "grader")

    def judge(self, hand_in: HandIn, taken: TakenIn) -> Iterator[Subject]:
        """The subjects in a hand-in that was taken in."""
        settings = self.settings
        name, path = hand_in.name, place_of(hand_in)
        found = submissions(taken.root, settings.course, name, path)
        if not found:
            selected(settings.only)  # an unknown law is refused before anything is said
            text = none_found(settings.course)
            yield self._about(refused(hand_in, text, "submission"), hand_in, taken)
        for one in found:
            if len(found) > 1:
                one.name = f"{name}/{one.name}"
            try:
                subject = self._judged(one, self.seeds.of(taken.digest))
            except NoInterpreter:
                raise
            except (JudgeError, OSError) as error:  # the others may be of another course
                subject = Subject(one.name, one.path, one.course, fault="grader")
                subject.message = our_fault(error)
            yield self._about(subject, hand_in, taken)

    def _judged(self, one: Submission, seed: int) -> Subject:
        """One submission judged; JudgeError or OSError where our own side cannot."""
        settings = self.settings
        zygote = self.zygotes.of(one.course, one.adapter)
        with Loading(one, zygote, settings.limits, self.alone) as loading:
            begin(zygote)
            selected(settings.only, judged_in(one.course))  # they are read meanwhile
            self.meanwhile()
            isolation = isolation_of(zygote)
            try:
                require(isolation, settings.require_isolation or "portable")
            except JudgeError as error:
                raise NotGradable(str(error)) from None
            subject = judge(loading, settings, seed, self.progress)
        subject.isolation = isolation.as_json()
        return subject

    def _about(self, subject: Subject, hand_in: HandIn, taken: TakenIn) -> Subject:
        subject.hand_in, subject.digest = hand_in.name, taken.digest
        subject.student = hand_in.student.as_json() if hand_in.student else None
        subject.seed = self.seeds.of(taken.digest)
        subject.notes = [*taken.notes, *subject.notes]
        return subject


def place_of(hand_in: HandIn) -> str:
    """Where it lies, as reports say it: of what is in an archive, as if that were a folder."""
    return os.path.abspath(hand_in.source / hand_in.inside)


def our_fault(error: JudgeError | OSError) -> str:
    """What is wrong on our side, as a sentence."""
    if not isinstance(error, OSError):
        return str(error)
    if error.errno == errno.EAGAIN:
        return NO_PROCESS
    place = f"{error.filename}: " if error.filename else ""
    return f"{place}the grader's own files or processes fail: {error.strerror or error}"


def refused(hand_in: HandIn, sentence: str, fault: str) -> Subject:
    """The subject that stands for a hand-in that was not judged."""
    subject = Subject(hand_in.name, place_of(hand_in), message=sentence, fault=fault)
    subject.hand_in = hand_in.name
    subject.student = hand_in.student.as_json() if hand_in.student else None
    return subject


def grade(
    paths: Sequence[str],
    settings: Settings,
    seeds: Seeds,
    zygotes: Zygotes,
    progress: Progress = lambda name, verdict: None,
    meanwhile: Callable[[], None] = lambda: None,
    single: bool = False,
) -> Iterator[Subject]:
    """Judge what was handed in at the paths, one after the other; one `Subject` at least for each.

    Raises NotGradable for what concerns the whole run: a path that does not exist, an unknown profile,
    law, course or interpreter.
    """
    check_options(settings)
    grader = Grader(settings, seeds, zygotes, progress, meanwhile)
    try:
        found = hand_ins(paths, settings.course, as_class=False, single=single)
    except NotTaken as error:
        raise NotGradable(str(error)) from None
    for hand_in in found:
        for subject in grader.grade(hand_in):
            if subject.fault == "grader" and not subject.verdicts and len(found) == 1:
                raise NotGradable(subject.message)
            yield subject


def check_options(settings: Settings) -> None:
    """Raise NotGradable for an unknown profile or law."""
    if settings.profile is not None and settings.profile not in PROFILES:
        known = ", ".join(PROFILES)
        raise NotGradable(f"there is no profile {settings.profile!r}; known are {known}")
    if settings.only is not None:
        selected(settings.only)


def selected(only: str | None, operations: frozenset[str] | None = None) -> list[Law]:
    """The laws asked for: all those about the operations, where none is asked for by name."""
    try:
        return select(discover(None if only else operations), only)
    except ValueError as error:
        raise NotGradable(str(error)) from None


def judge(
    loading: Loading,
    settings: Settings,
    seed: int,
    progress: Progress = lambda name, verdict: None,
) -> Subject:
    """The verdicts on one submission."""
    from lawbook.checking import check  # read while the submission is loaded

    submission = loading.submission
    subject = Subject(submission.name, submission.path, submission.course)
    try:
        found = opened(loading, settings.profile)
        asked = in_scope(selected(settings.only, found.profile.judged), found.profile)
        subject.verdicts = check(
            found.target,
            asked,
            seed,
            replace(GRADING, search=settings.examples),
            lambda verdict: progress(subject.name, verdict),
        )
        explain(subject.verdicts, found.target)
        subject.profile, subject.notes = found.profile.name, list(found.notes)
        subject.conventions = found.target.flat_conventions()
        if not asked:
            subject.fault = "grader"
            subject.message = f"profile {found.profile.name} has none of the laws asked for"
    except TargetError as error:
        subject.fault = "submission"
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
    laws = selected(only)
    subject = Subject(target.name, None, None, name)
    seed = fresh_seed() if seed is None else seed
    subject.seed = seed
    subject.verdicts = check(
        target, laws, seed, budget, lambda verdict: progress(subject.name, verdict)
    )
    explain(subject.verdicts, target)
    subject.conventions = target.flat_conventions()
    subject.isolation = dict(NO_ISOLATION)
    subject.seconds = time.perf_counter() - start
    return subject
