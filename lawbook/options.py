"""The commands and their options.  A wrong option is one line on standard error, and exit status 2."""

from __future__ import annotations

import argparse
import re
from typing import NoReturn, TypeAlias

from lawbook import __version__

LARGEST_SEED = 2**32 - 1


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


def named(text: str) -> str:
    """A name or a path: what an unset variable of a shell gives is refused."""
    if not text:
        raise argparse.ArgumentTypeError("it is empty")
    return text


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
    _laws(commands)
    _replay(commands)
    _study(commands)
    _prove(commands)
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
    command.add_argument(
        "--repro",
        type=named,
        metavar="DIR",
        help="write a script for every counterexample into DIR",
    )
    _verbose(command)


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
        metavar="auto|fau|cs231n|ADAPTER.py",
        help="the course's layout, or the file of an adapter for another one (default: auto)",
    )
    command.add_argument("--profile", metavar="NAME", help="the edition of the course's sheet")
    command.add_argument(
        "--python", type=named, metavar="PATH", help="the interpreter that runs the submissions"
    )
    _running(command)


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
