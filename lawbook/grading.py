"""Grading submissions: find them, start a worker each, settle conventions, run the laws, diagnose.

Nothing of a submission is imported here: it lives in its worker.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lawbook.checking import check
from lawbook.conventions import Profile, settle
from lawbook.diagnosis import diagnose
from lawbook.judge.remote import RemoteBackend
from lawbook.judge.zygote import JudgeError as SystemProblem
from lawbook.judge.zygote import Zygote
from lawbook.laws import Law, discover, select
from lawbook.operations import TargetError
from lawbook.profiles import EDITIONS, PROFILES
from lawbook.search import Budget
from lawbook.targets import Target, open_target
from lawbook.verdicts import Subject, Verdict

COURSES = ("fau", "cs231n")
Progress = Callable[[str, Verdict], None]


class NotGradable(Exception):
    """The whole run cannot be done; the message is one sentence for the user."""


@dataclass(frozen=True)
class Submission:
    """A submission found below a path: where it is and the adapter that reads it."""

    name: str
    root: Path
    course: str
    adapter: Path


def adapter_file(course: str) -> Path:
    """The adapter of a course, or an instructor's own file."""
    if course in COURSES:
        return Path(__file__).parent / "courses" / f"{course}.py"
    path = Path(course)
    if path.suffix != ".py" or not path.is_file():
        known = ", ".join(("auto", *COURSES))
        raise NotGradable(f"--course {course!r} is neither one of {known} nor an adapter file")
    return path.resolve()


def submissions(path: str, course: str = "auto") -> list[Submission]:
    """The submissions below a path; with an instructor's own adapter the path is one submission.

    Raises NotGradable where the path does not exist.
    """
    from lawbook.courses import cs231n, fau

    folder = Path(path)
    if not folder.exists():
        raise NotGradable(f"{path}: there is no such file or folder")
    if not folder.is_dir():
        raise NotGradable(f"{path}: a submission is a folder, this is a file")
    finders = {"fau": fau.find_roots, "cs231n": cs231n.find_roots}
    if course not in ("auto", *COURSES):
        adapter = adapter_file(course)
        return [Submission(folder.resolve().name, folder.resolve(), adapter.stem, adapter)]
    asked = COURSES if course == "auto" else (course,)
    roots = sorted((Path(root).resolve(), name) for name in asked for root in finders[name](path))
    names = short_names(folder.resolve(), [root for root, _ in roots])
    return [
        Submission(label, root, name, adapter_file(name))
        for label, (root, name) in zip(names, roots, strict=True)
    ]


def short_names(folder: Path, roots: Sequence[Path]) -> list[str]:
    """What to call submissions below a folder: as much of their path as tells them apart."""
    parts = [(root.relative_to(folder).parts or ("",)) for root in roots]
    names = []
    for own in parts:
        depth = next(
            (n for n in range(1, len(own)) if [p[:n] for p in parts].count(own[:n]) == 1), len(own)
        )
        names.append("/".join(own[:depth]) if len(roots) > 1 else folder.name)
    return names


def grade(
    paths: Sequence[str],
    course: str = "auto",
    profile: str | None = None,
    only: str | None = None,
    seed: int | None = None,
    python: str | None = None,
    progress: Progress = lambda name, verdict: None,
    budget: Budget | None = None,
) -> Iterator[Subject]:
    """Judge every submission below the paths, one `Subject` each, in order.

    A path without a submission gives a subject whose message says so.  Raises NotGradable for what
    concerns the whole run: an unknown profile, law, course or interpreter.
    """
    if profile is not None and profile not in PROFILES:
        raise NotGradable(f"there is no profile {profile!r}; known are {', '.join(PROFILES)}")
    seed = secrets.randbits(32) if seed is None else seed
    zygote = Zygote(python)  # starts while the laws are read
    try:
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
    finally:
        zygote.close()


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
    backend = RemoteBackend(submission.adapter, submission.root, zygote=zygote)
    try:
        description = backend.description
        chosen = choose_profile(submission, profile, description.profile, description.operations)
        target = Target(
            submission.name,
            backend,
            {name: frozenset(names) for name, names in description.operations.items()},
            errors=description.errors,
            required=chosen.requires,
        )
        settle(target, chosen)
        asked = in_scope(laws, chosen)
        subject.verdicts = check(
            target, asked, seed, budget, lambda verdict: progress(subject.name, verdict)
        )
        diagnose(subject.verdicts, target)
        subject.profile, subject.notes = chosen.name, list(description.notes)
        subject.conventions = {
            f"{operation}.{name}": value
            for operation, settled in target.conventions.items()
            for name, value in settled.items()
        }
        subject.isolation = list(backend.isolation)
        if not asked:
            subject.message = f"profile {chosen.name} has none of the laws asked for"
    except TargetError as error:
        subject.message = f"the submission could not be loaded: {error.message}"
    finally:
        backend.close()
    subject.seconds = time.perf_counter() - start
    return subject


def choose_profile(
    submission: Submission, asked: str | None, guessed: str | None, operations: object
) -> Profile:
    """The profile asked for, else the adapter's guess, else the course's newest.

    An instructor's own adapter without a profile is judged on the operations that it provides.
    """
    name = asked or (guessed if guessed in PROFILES else EDITIONS.get(submission.course))
    if name in PROFILES:
        return PROFILES[name]
    provided = frozenset(operations) if isinstance(operations, dict) else frozenset()
    return Profile(submission.course, submission.course, "the adapter's own operations", provided)


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
    seed = secrets.randbits(32) if seed is None else seed
    subject.verdicts = check(
        target, laws, seed, budget, lambda verdict: progress(subject.name, verdict)
    )
    diagnose(subject.verdicts, target)
    subject.conventions = {
        f"{operation}.{key}": value
        for operation, declared in target.conventions.items()
        for key, value in declared.items()
    }
    subject.isolation = ["none: the target runs in this process"]
    subject.seconds = time.perf_counter() - start
    return subject
