"""The commands that run laws: grade, check, replay; and what there is to run: laws, doctor."""

from __future__ import annotations

from lawbook.options.shared import (
    LEVELS,
    Commands,
    Parser,
    command_of,
    running,
    scoring,
    verbose,
    without,
)
from lawbook.options.values import device, jobs, named


def grade(commands: Commands) -> None:
    command = command_of(commands, "grade", "Judge the submissions found below the paths.")
    command.add_argument("paths", nargs="+", type=named, metavar="PATH")
    command.add_argument(
        "--course",
        default="auto",
        metavar="auto|NAME|ADAPTER.py",
        help="fau, cs231n, i2dl, mytorch, eecs498, or an adapter for another layout (default: auto)",
    )
    command.add_argument("--profile", metavar="NAME", help="the edition of the course's sheet")
    command.add_argument(
        "--python", type=named, metavar="PATH", help="the interpreter that runs the submissions"
    )
    command.add_argument(
        "--single", action="store_true", help="each PATH is one person's work, whatever is in it"
    )
    classes(command)
    command.add_argument(
        "--require-isolation",
        choices=LEVELS,
        default="portable",
        metavar="|".join(LEVELS),
        help="refuse to grade where submissions are shut in less well (default: portable)",
    )
    without(command)
    scoring(command)
    running(command)


def classes(command: Parser) -> None:
    """The options of a run over a class."""
    command.add_argument(
        "--out",
        type=named,
        metavar="RESULTS",
        help="grade a class: one result file each in this folder; run again to go on",
    )
    command.add_argument(
        "--jobs", type=jobs, metavar="N", help="processes that judge (default: one for each core)"
    )
    command.add_argument(
        "--retry",
        action="store_true",
        help="grade again what met a limit, crashed, or failed by our fault",
    )
    command.add_argument(
        "--cluster",
        type=named,
        metavar="ADDRESS",
        help="judge on the Dask scheduler at this address, as tcp://host:8786",
    )
    command.add_argument(
        "--secret",
        type=named,
        metavar="FILE",
        help="the course's secret, from which each submission's seed is derived",
    )


def check(commands: Commands) -> None:
    command = command_of(commands, "check", "Check a library: reference or torch.")
    command.add_argument("target", metavar="TARGET")
    command.add_argument("--device", type=device, default="cpu", metavar="cpu|cuda")
    command.add_argument("--dtype", default="float64", metavar="float64|float32|bfloat16")
    running(command)


def replay(commands: Commands) -> None:
    command = command_of(
        commands, "replay", "Run the counterexample of a law in a JSON report once more."
    )
    command.add_argument("report", metavar="REPORT")
    command.add_argument("law", metavar="LAW")
    command.add_argument(
        "--course",
        type=named,
        metavar="ADAPTER.py",
        help="the adapter, if the report was made with one",
    )
    command.add_argument(
        "--python", type=named, metavar="PATH", help="the interpreter that runs the submissions"
    )
    verbose(command)


def laws(commands: Commands) -> None:
    command = command_of(commands, "laws", "List the laws by topic.")
    command.add_argument("--only", metavar="TOPIC|LAW", help="a topic, an operation or a law")
    command.add_argument("--json", action="store_true", help="as JSON on stdout")


def doctor(commands: Commands) -> None:
    command = command_of(
        commands, "doctor", "Try how well submissions are shut in on this machine, and say so."
    )
    command.add_argument(
        "--python", type=named, metavar="PATH", help="the interpreter that runs the submissions"
    )
    command.add_argument("--json", action="store_true", help="as JSON on stdout")
    without(command)
