"""The commands and their options.  A wrong option is one line on standard error, and exit status 2."""

from __future__ import annotations

import argparse
import re
from typing import NoReturn, TypeAlias

from lawbook import __version__

LARGEST_SEED = 2**32 - 1
LEVELS = (
    "process",
    "portable",
    "user",
    "namespaces",
)  # of isolation, as `lawbook.isolation` knows them
LAYERS = ("bubblewrap", "landlock", "limits", "seccomp", "user_id")


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        text = " ".join(message.split())
        self.exit(2, f"{self.prog}: {text}; see `{self.prog} --help`\n")


def seed(text: str) -> int:
    """A seed: a whole number in [0, 2^32)."""
    if not re.fullmatch(r"[0-9]{1,10}", text) or int(text) > LARGEST_SEED:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 to 2^32 - 1")
    return int(text)


def count(text: str) -> int:
    """A number of examples."""
    if not re.fullmatch(r"[0-9]{1,7}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of examples")
    return int(text)


def jobs(text: str) -> int:
    """A number of processes."""
    if not re.fullmatch(r"[1-9][0-9]{0,2}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes from 1 to 999")
    return int(text)


def named(text: str) -> str:
    """A name or a path: what an unset variable of a shell gives is refused."""
    if not text:
        raise argparse.ArgumentTypeError("it is empty")
    return text


def report(text: str) -> tuple[str, str]:
    """A report: the name of its format and its path."""
    from lawbook.report.formats import FORMATS

    name, equals, path = text.partition("=")
    if name not in FORMATS:
        known = ", ".join(f"{known} ({kind.says})" for known, kind in FORMATS.items())
        raise argparse.ArgumentTypeError(f"{name!r:.40} is no format; known are {known}")
    if not equals or not path:
        raise argparse.ArgumentTypeError(f"{text!r:.40} has no path, as {name}=FILE; - for stdout")
    return name, path


def device(text: str) -> str:
    """A device: cpu, cuda or cuda:N."""
    if not re.fullmatch(r"cpu|cuda(:[0-9]+)?", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not cpu, cuda or cuda:N")
    return text


def parser() -> Parser:
    """The parser of all commands."""
    top = Parser(
        prog="lawbook",
        description="The laws of regularization in deep learning, run against any implementation.",
        epilog="Exit status: 0 all laws hold; 1 some do not; 2 it could not be judged.",
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"lawbook {__version__}")
    commands = top.add_subparsers(
        dest="command", required=True, metavar="COMMAND", parser_class=Parser
    )
    _grade(commands)
    _check(commands)
    _doctor(commands)
    _laws(commands)
    _replay(commands)
    _report(commands)
    _rubric(commands)
    _gradescope(commands)
    _study(commands)
    _prove(commands)
    _adapter(commands)
    return top


Commands: TypeAlias = "argparse._SubParsersAction[Parser]"  # argparse gives it no public name


def _command(commands: Commands, name: str, says: str) -> Parser:
    return commands.add_parser(name, help=says, description=says, allow_abbrev=False)


def _running(command: Parser) -> None:
    """The options of the commands that run laws."""
    command.add_argument("--only", metavar="TOPIC|LAW", help="a topic, an operation or a law")
    command.add_argument("--seed", type=seed, metavar="N", help="repeat a run (default: random)")
    command.add_argument(
        "--examples",
        type=count,
        default=0,
        metavar="N",
        help="search N more cases per law with Hypothesis (default: the screen only)",
    )
    command.add_argument(
        "--json", type=named, metavar="FILE", help="write the report as JSON; - for stdout"
    )
    _reports(command)
    command.add_argument(
        "--repro",
        type=named,
        metavar="DIR",
        help="write a script for every counterexample into DIR",
    )
    _verbose(command)


def _reports(command: Parser) -> None:
    command.add_argument(
        "--report",
        type=report,
        action="append",
        metavar="FORMAT=PATH",
        help="write a report, as markdown, junit, csv or html; may be given several times; - for stdout",
    )


def _verbose(command: Parser) -> None:
    command.add_argument(
        "-v", "--verbose", action="store_true", help="list the laws that hold, show the scripts"
    )


def _grade(commands: Commands) -> None:
    command = _command(commands, "grade", "Judge the submissions found below the paths.")
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
    _classes(command)
    command.add_argument(
        "--require-isolation",
        choices=LEVELS,
        default="portable",
        metavar="|".join(LEVELS),
        help="refuse to grade where submissions are shut in less well (default: portable)",
    )
    _without(command)
    _scoring(command)
    _running(command)


def _scoring(command: Parser) -> None:
    command.add_argument("--rubric", type=named, metavar="FILE", help="score by this rubric")
    command.add_argument(
        "--students",
        type=named,
        metavar="LEVEL",
        help="reports have only what students see at this level; rubric: at that of the rubric",
    )


def _classes(command: Parser) -> None:
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


def _without(command: Parser) -> None:
    command.add_argument(
        "--without",
        action="append",
        default=[],
        choices=LAYERS,
        metavar="LAYER",
        help=f"switch a layer of isolation off: {', '.join(LAYERS)}; may be given several times",
    )


def _doctor(commands: Commands) -> None:
    command = _command(
        commands, "doctor", "Try how well submissions are shut in on this machine, and say so."
    )
    command.add_argument(
        "--python", type=named, metavar="PATH", help="the interpreter that runs the submissions"
    )
    command.add_argument("--json", action="store_true", help="as JSON on stdout")
    _without(command)


def _check(commands: Commands) -> None:
    command = _command(commands, "check", "Check a library: reference or torch.")
    command.add_argument("target", metavar="TARGET")
    command.add_argument("--device", type=device, default="cpu", metavar="cpu|cuda")
    command.add_argument("--dtype", default="float64", metavar="float64|float32|bfloat16")
    _running(command)


def _laws(commands: Commands) -> None:
    command = _command(commands, "laws", "List the laws by topic.")
    command.add_argument("--only", metavar="TOPIC|LAW", help="a topic, an operation or a law")
    command.add_argument("--json", action="store_true", help="as JSON on stdout")


def _replay(commands: Commands) -> None:
    command = _command(
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
    _verbose(command)


def _report(commands: Commands) -> None:
    command = _command(
        commands, "report", "Make reports from stored results, without running anything."
    )
    command.add_argument(
        "results",
        nargs="?",
        type=named,
        metavar="RESULTS|REPORT.json",
        help="a folder of results or a JSON report",
    )
    _reports(command)
    _scoring(command)
    command.add_argument(
        "--schema", action="store_true", help="print the JSON Schema of reports, and nothing else"
    )


def _rubric(commands: Commands) -> None:
    command = _command(commands, "rubric", "Make a rubric, or check one.")
    command.add_argument("file", nargs="?", type=named, metavar="FILE", help="a rubric, in TOML")
    command.add_argument(
        "--check", action="store_true", help="show its items, and what they do not cover"
    )
    command.add_argument(
        "--init", action="store_true", help="make a commented one for --course or --profile"
    )
    command.add_argument("--course", type=named, metavar="NAME", help="the course of the new one")
    command.add_argument("--profile", type=named, metavar="NAME", help="the edition of its sheet")
    command.add_argument(
        "--out", type=named, metavar="FILE", help="where the new one goes (default: stdout)"
    )


def _gradescope(commands: Commands) -> None:
    command = _command(commands, "gradescope", "Build the autograder that Gradescope runs.")
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


def _study(commands: Commands) -> None:
    command = _command(
        commands, "study", "Read a derivation, every line of it checked, or list the topics."
    )
    command.add_argument("topic", nargs="?", metavar="TOPIC")
    command.add_argument(
        "--html", type=named, metavar="FILE", help="write a page to read in a browser; - for stdout"
    )
    command.add_argument(
        "--json", type=named, metavar="FILE", help="write what was found as JSON; - for stdout"
    )


def _prove(commands: Commands) -> None:
    command = _command(
        commands, "prove", "Check derivations of your own, line by line, for all values at once."
    )
    command.add_argument("files", nargs="+", type=named, metavar="FILE", help="- for stdin")
    command.add_argument(
        "--seconds",
        type=count,
        default=10,
        metavar="N",
        help="the most processor time per file (default: 10)",
    )
    command.add_argument(
        "--json", type=named, metavar="FILE", help="write the answers as JSON; - for stdout"
    )


def _adapter(commands: Commands) -> None:
    command = _command(
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
