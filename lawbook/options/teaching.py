"""The commands around a course: rubric, report, gradescope, adapter."""

from __future__ import annotations

from lawbook.options.shared import LEVELS, Commands, command_of, reports, scoring
from lawbook.options.values import count, named


def report(commands: Commands) -> None:
    command = command_of(
        commands, "report", "Make reports from stored results, without running anything."
    )
    command.add_argument(
        "results",
        nargs="?",
        type=named,
        metavar="RESULTS|REPORT.json",
        help="a folder of results or a JSON report",
    )
    reports(command)
    scoring(command)
    command.add_argument(
        "--schema", action="store_true", help="print the JSON Schema of reports, and nothing else"
    )


def rubric(commands: Commands) -> None:
    command = command_of(commands, "rubric", "Make a rubric, or check one.")
    command.add_argument("file", nargs="?", type=named, metavar="FILE", help="a rubric, in TOML")
    command.add_argument(
        "--check", action="store_true", help="show its items, and what they do not cover"
    )
    command.add_argument(
        "--init", action="store_true", help="make a commented one for --course or --profile"
    )
    command.add_argument(
        "--course",
        type=named,
        metavar="NAME|ADAPTER.py",
        help="the course of the new one, or the adapter of another layout",
    )
    command.add_argument("--profile", type=named, metavar="NAME", help="the edition of its sheet")
    command.add_argument(
        "--out", type=named, metavar="FILE", help="where the new one goes (default: stdout)"
    )


def gradescope(commands: Commands) -> None:
    command = command_of(commands, "gradescope", "Build the autograder that Gradescope runs.")
    command.add_argument(
        "--out", required=True, type=named, metavar="FILE.zip", help="where the archive goes"
    )
    command.add_argument("--course", type=named, metavar="NAME", help="the course's layout")
    command.add_argument("--profile", type=named, metavar="NAME", help="the edition of its sheet")
    command.add_argument(
        "--adapter", type=named, metavar="FILE.py", help="the adapter for another layout"
    )
    command.add_argument(
        "--rubric", type=named, metavar="FILE", help="score by this (default: as rubric --init)"
    )
    command.add_argument(
        "--require-isolation",
        choices=LEVELS,
        metavar="|".join(LEVELS),
        help="refuse to grade where submissions are shut in less well (default: portable)",
    )
    command.add_argument(
        "--seconds",
        type=count,
        default=540,
        metavar="N",
        help="the most time for a submission, below the limit set in Gradescope (default: 540)",
    )
    command.add_argument(
        "--bubblewrap", action="store_true", help="install bubblewrap, for isolation in namespaces"
    )
    command.add_argument(
        "--secret",
        type=named,
        metavar="FILE",
        help="the course's secret, for the seeds of submissions (default: a new one)",
    )


def adapter(commands: Commands) -> None:
    command = command_of(
        commands, "adapter", "Write, check or explain the adapter of a course of your own."
    )
    command.add_argument("file", nargs="?", type=named, metavar="ADAPTER.py")
    command.add_argument("--init", action="store_true", help="write a skeleton")
    command.add_argument(
        "--operations",
        default="dropout",
        metavar="NAME,NAME",
        help="with --init: for which operations; see `lawbook laws` (default: dropout)",
    )
    command.add_argument(
        "--out", type=named, metavar="FILE", help="with --init: a new file (default: stdout)"
    )
    command.add_argument(
        "--check", type=named, metavar="PATH", help="say what the adapter makes of a submission"
    )
    command.add_argument(
        "--python", type=named, metavar="PATH", help="the interpreter that runs the submission"
    )
    command.add_argument("--guide", action="store_true", help="print the guide")
