"""`lawbook grade PATHS --out RESULTS`: from the options to the results, and what is said of them."""

from __future__ import annotations

import shlex
import sys
from argparse import Namespace
from collections.abc import Sequence
from contextlib import closing, nullcontext

from lawbook.classes.folder import Folder, report_of
from lawbook.classes.progress import shown
from lawbook.classes.run import State, ended_like_interrupted, run_here
from lawbook.grading import check_options, selected
from lawbook.intake import HandIn, NotTaken, hand_ins, set_aside
from lawbook.isolation import isolation_of, require
from lawbook.judge.zygote import JudgeError, Zygote
from lawbook.loading import cores
from lawbook.report.jsonfile import JsonFile, Unwritable
from lawbook.report.overview import show_overview
from lawbook.report.terminal import terminal
from lawbook.reporting import Refused, output, reports
from lawbook.seeds import BadSecret
from lawbook.settings import settings_of
from lawbook.submissions import NotGradable

INTERRUPTED = 130


def grade_class(options: Namespace, zygote: Zygote) -> int:
    """Judge a class into a folder of results; returns the exit status, raises Refused."""
    if options.repro:
        raise Refused("--repro cannot be used with --out: the scripts stand in the result files")
    try:
        with closing(zygote):  # it is tried before anything is written
            require(isolation_of(zygote), options.require_isolation or "portable")
        found = hand_ins(options.paths, options.course, as_class=True, single=options.single)
        if not found:
            raise Refused(f"{', '.join(options.paths)}: nothing was handed in here")
        with (
            closing(JsonFile(options.json)) if options.json else nullcontext() as file,
            reports(options, several=len(found) > 1) as others,
            Folder(options.out, getattr(options, "scored_by", None)) as folder,
            ended_like_interrupted(),
        ):
            _say_set_aside(found)
            state = _judged(options, found, folder)
            if state is None:
                print(f"lawbook: interrupted; {_go_on(options)}", file=sys.stderr)
                return INTERRUPTED
            report = report_of(folder.path)
            if options.rubric:
                from lawbook.rubrics.command import with_grades

                report = with_grades(report, options.scored_by)
            if file:
                file.write(report)
            if others:
                others.write(report)
            show_overview(terminal(output(options)), report)
    except (NotGradable, NotTaken, BadSecret, Unwritable, JudgeError) as error:
        raise Refused(str(error)) from None
    return status(state)


def _say_set_aside(found: Sequence[HandIn]) -> None:
    """One line on the files that no hand-in was made of: one may be somebody's work."""
    names = set_aside(found)
    if names:
        more = f" (and {len(names) - 3} more)" if len(names) > 3 else ""
        said = f"{', '.join(names[:3])}{more}"
        print(
            f"lawbook: set aside, being no folder, archive or Python file: {said}", file=sys.stderr
        )


def _judged(options: Namespace, found: Sequence[HandIn], folder: Folder) -> State | None:
    """Judge them; None where the user interrupted."""
    seeds = folder.seeds(options.secret, options.seed)
    settings = settings_of(options, seeds)
    check_options(settings)
    selected(settings.only)  # an unknown law is refused before anything is written
    folder.begin(settings, [one.name for one in found])
    jobs, complete = options.jobs or cores(), False
    try:
        with shown(sys.stderr, found) as told:
            if options.cluster:
                from lawbook.classes.cluster import run_on_cluster

                where = options.cluster
                state = run_on_cluster(found, settings, seeds, folder, where, options.retry, told)
            else:
                state = run_here(found, settings, seeds, folder, jobs, options.retry, told)
            complete = True
            return state
    except KeyboardInterrupt:
        return None
    finally:
        folder.end(complete)


def _go_on(options: Namespace) -> str:
    return f"what is judged is kept in {shlex.quote(options.out)}: the same command goes on there"


def status(state: State) -> int:
    """2 where one was not judged by our fault, or none was at all; 1 where one does not hold; else 0."""
    outcomes = {outcome for one in state.done.values() for outcome in one["outcomes"]}
    if outcomes <= {"not_judged"} or any(one["ours"] for one in state.done.values()):
        return 2
    return int(outcomes != {"holds"})
