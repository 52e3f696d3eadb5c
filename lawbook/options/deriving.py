"""The commands about derivations: study, prove."""

from __future__ import annotations

from lawbook.options.shared import Commands, command_of
from lawbook.options.values import count, named


def study(commands: Commands) -> None:
    command = command_of(
        commands, "study", "Read a derivation, every line of it checked, or list the topics."
    )
    command.add_argument("topic", nargs="?", metavar="TOPIC")
    command.add_argument(
        "--html", type=named, metavar="FILE", help="write a page to read in a browser; - for stdout"
    )
    command.add_argument(
        "--json", type=named, metavar="FILE", help="write what was found as JSON; - for stdout"
    )


def prove(commands: Commands) -> None:
    command = command_of(
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
