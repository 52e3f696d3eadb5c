"""The commands and their options.  A wrong option is one line on standard error, and exit status 2."""

from __future__ import annotations

from lawbook import __version__
from lawbook.options import deriving, judging, teaching
from lawbook.options.shared import Parser


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
    judging.grade(commands)
    judging.check(commands)
    judging.doctor(commands)
    judging.laws(commands)
    judging.replay(commands)
    teaching.report(commands)
    teaching.rubric(commands)
    teaching.gradescope(commands)
    deriving.study(commands)
    deriving.prove(commands)
    teaching.adapter(commands)
    return top
