"""One hand-in of a class: judged, or found judged already; its result written as a whole."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from lawbook.classes.folder import Folder, result_of
from lawbook.grading import Grader, our_fault, refused
from lawbook.intake import HandIn, NotTaken, TakenIn, take_in
from lawbook.judge.channel import LOADING
from lawbook.judge.zygote import JudgeError
from lawbook.seeds import Seeds
from lawbook.settings import Settings
from lawbook.submissions import NotGradable, adapter_file
from lawbook.verdicts import Subject, is_ours

LIMITED = frozenset({"timeout", "crash"})
Summary = dict[str, Any]


def do(hand_in: HandIn, results: Folder, grader: Grader, retry: bool) -> Summary:
    """Judge a hand-in into its result file, unless that holds what would come of it."""
    try:
        with grader.zygotes.folder(grader.settings.course) as folder:
            try:
                taken: TakenIn | NotTaken = take_in(hand_in, folder)
            except NotTaken as error:
                taken = error
            key = key_of(hand_in, taken, grader.settings)
            stored = results.stored(hand_in.name)
            if stored and stored["key"] == key and not (retry and is_to_retry(stored)):
                return summary(stored, kept=True)
            if stored and stored["key"] == key:
                grader = replace(grader, seeds=Seeds(seed=seed_of(stored)))
            subjects = judged(hand_in, taken, grader)
    except (JudgeError, OSError) as error:
        return give_up(hand_in, results, our_fault(error))
    return finish(hand_in, results, subjects, key)


def finish(
    hand_in: HandIn, results: Folder, subjects: Sequence[dict[str, Any]], key: str
) -> Summary:
    """Write a result; one that failed by our fault gets no key, so that the next run does it again."""
    ours = any(subject["fault"] == "grader" for subject in subjects)
    result = result_of(subjects, "" if ours else key)
    results.write(hand_in.name, result)
    return summary(result)


def give_up(hand_in: HandIn, results: Folder, sentence: str) -> Summary:
    """Write that a hand-in could not be judged, by no fault of its own."""
    return finish(hand_in, results, [refused(hand_in, sentence, "grader").as_json()], "")


def key_of(hand_in: HandIn, taken: TakenIn | NotTaken, settings: Settings) -> str:
    """What the result of a hand-in is found by."""
    student = hand_in.student.as_json() if hand_in.student else None
    digest = taken.digest if isinstance(taken, TakenIn) else f"not taken: {taken}"
    return settings.key(json.dumps([hand_in.name, student]), digest)


def judged(hand_in: HandIn, taken: TakenIn | NotTaken, grader: Grader) -> Sequence[dict[str, Any]]:
    """The subjects in a hand-in as JSON; what breaks of ours is said in one of them."""
    if isinstance(taken, NotTaken):
        return [not_taken(hand_in, taken)]
    try:
        return [as_json(subject, grader) for subject in grader.judge(hand_in, taken)]
    except (JudgeError, NotGradable) as error:
        sentence = str(error)
    except OSError as error:
        sentence = our_fault(error)
    except Exception as error:  # ours, whatever a submission did to bring it about
        sentence = " ".join(f"internal error: {type(error).__name__}: {error}".split())[:300]
    return [refused(hand_in, sentence, "grader").as_json()]


def not_taken(hand_in: HandIn, error: NotTaken) -> dict[str, Any]:
    """The subject that stands for a hand-in that could not be taken in."""
    return refused(hand_in, str(error), "grader" if error.ours else "submission").as_json()


def as_json(subject: Subject, grader: Grader) -> dict[str, Any]:
    """The subject with the scripts that show its counterexamples."""
    traced = [verdict for verdict in subject.verdicts if verdict.trace]
    if traced:
        from lawbook.profiles import COURSES
        from lawbook.report.dialects import course_dialect
        from lawbook.report.repro import script

        course = grader.settings.course
        own = course if course not in ("auto", *COURSES) else subject.course or ""
        words = course_dialect(adapter_file(own), subject.profile)
        for verdict in traced:
            verdict.repro = script(verdict, words, subject.path)
    return subject.as_json()


def seed_of(result: Mapping[str, Any]) -> int:
    """What a stored result was judged with, so that a retry differs in nothing but its luck."""
    return int(result["subjects"][0]["seed"])


def is_to_retry(result: Mapping[str, Any]) -> bool:
    """Whether a result came from a limit, a crash, or from us, and so may be another one next time."""
    return any(
        subject.get("fault") == "grader"
        or LOADING in str(subject.get("message", ""))
        or any(map(_is_limited, subject.get("laws", [])))
        for subject in result["subjects"]
    )


def _is_limited(law: Mapping[str, Any]) -> bool:
    message = str(law.get("message", ""))
    return (
        law.get("status") in LIMITED
        or (law.get("status") == "error" and ("MemoryError" in message or LOADING in message))
        or is_ours(law)
    )


def summary(result: Mapping[str, Any], kept: bool = False) -> Summary:
    """What the run tells of a result: the outcomes, and whether one is missing by our fault."""
    subjects = result["subjects"]
    laws = [law for subject in subjects for law in subject["laws"]]
    ours = any(subject["fault"] == "grader" for subject in subjects) or any(map(is_ours, laws))
    return {"kept": kept, "outcomes": [subject["outcome"] for subject in subjects], "ours": ours}
