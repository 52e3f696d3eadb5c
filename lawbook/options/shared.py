"""The parser, and options that several commands have."""

from __future__ import annotations

import argparse
from typing import NoReturn, TypeAlias

from lawbook.options.values import count, named, report_file, seed

LEVELS = ("process", "portable", "user", "namespaces")  # as `lawbook.isolation` knows them
LAYERS = ("bubblewrap", "landlock", "limits", "seccomp", "user_id")


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        text = " ".join(message.split())
        self.exit(2, f"{self.prog}: {text}; see `{self.prog} --help`\n")


Commands: TypeAlias = "argparse._SubParsersAction[Parser]"  # argparse gives it no public name


def command_of(commands: Commands, name: str, says: str) -> Parser:
    return commands.add_parser(name, help=says, description=says, allow_abbrev=False)


def running(command: Parser) -> None:
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
    reports(command)
    command.add_argument(
        "--repro",
        type=named,
        metavar="DIR",
        help="write a script for every counterexample into DIR",
    )
    verbose(command)


def reports(command: Parser) -> None:
    command.add_argument(
        "--report",
        type=report_file,
        action="append",
        metavar="FORMAT=PATH",
        help="write a report: html, csv, junit, markdown ... (several times); - for stdout",
    )


def verbose(command: Parser) -> None:
    command.add_argument(
        "-v", "--verbose", action="store_true", help="list the laws that hold, show the scripts"
    )


def scoring(command: Parser) -> None:
    command.add_argument("--rubric", type=named, metavar="FILE", help="score by this rubric")
    command.add_argument(
        "--students",
        type=named,
        metavar="LEVEL",
        help="reports have only what students see: law, counterexample, diagnosis, derivation; or"
        " rubric, which is the level of the rubric",
    )


def without(command: Parser) -> None:
    command.add_argument(
        "--without",
        action="append",
        default=[],
        choices=LAYERS,
        metavar="LAYER",
        help=f"switch a layer of isolation off: {', '.join(LAYERS)}; may be given several times",
    )
