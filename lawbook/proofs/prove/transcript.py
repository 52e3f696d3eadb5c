"""A learner's file on the terminal, line by line as it was written, with the answers beside or below."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import IO

from rich.rule import Rule
from rich.text import Text

from lawbook.proofs.prove.answers import Answer
from lawbook.report.terminal import emit, terminal
from lawbook.report.values import safe

MARKS = {
    "given": ("∗", "cyan"),
    "follows": ("✓", "green"),
    "wrong": ("✗", "bold red"),
    "undecided": ("?", "yellow"),
}
WIDEST_LINE = 72  # of a written line that an answer stands beside


class Transcript:
    """Prints the lines up to each answer when it comes."""

    def __init__(self, name: str, lines: Sequence[str], stream: IO[str]) -> None:
        self.lines, self.shown = [line.expandtabs(4).rstrip() for line in lines], 0
        self.console = terminal(stream)
        widths = [len(line) for line in self.lines if len(line) <= WIDEST_LINE]
        self.width = max(widths, default=0)
        emit(self.console, Rule(Text(safe(name), "bold"), align="left", style="dim"))

    def _written(self, number: int) -> Text:
        line = self.lines[number - 1]
        content, sign, comment = line.partition("#")
        text = Text(f"{number:4d}  ", "dim")
        return text.append(content, "not dim").append(sign + comment)

    def _emit(self, text: Text, indent: int = 6) -> None:
        """A text, its further lines moved to the right."""
        first, *rest = text.wrap(self.console, max(self.console.width - indent, 20))
        emit(self.console, first)
        for line in rest:
            emit(self.console, Text(" " * indent).append_text(line))

    def _upto(self, number: int) -> None:
        """The lines before this one."""
        for one in range(self.shown + 1, number):
            self._emit(self._written(one))
        self.shown = max(self.shown, number - 1)

    def show(self, answer: Answer) -> None:
        """Print the lines up to the answered one, and the answer."""
        if self.shown >= answer.line:  # a second answer to one line: several things given
            return
        mark, style = MARKS["given" if answer.kind == "given" else answer.outcome]
        said = Text(f"{mark} {safe(answer.sentence, 1000)}", style)
        self._upto(answer.line)
        line = self._written(answer.line)
        self.shown = answer.line
        gap = max(self.width + 8 - line.cell_len, 2)
        beside = answer.outcome == "follows" and answer.kind != "unequal"
        if beside and line.cell_len + gap + said.cell_len <= self.console.width:
            emit(self.console, line.append(" " * gap).append_text(said))
            return
        self._emit(line)
        self._below(said)
        if answer.hint:
            self._below(Text(safe(answer.hint, 1000), "cyan"), 8)

    def _below(self, text: Text, indent: int = 6) -> None:
        for line in text.wrap(self.console, max(self.console.width - indent - 2, 20)):
            emit(self.console, Text(" " * indent).append_text(line))
            indent = 8

    def close(self, answers: Sequence[Answer]) -> None:
        """Print the rest of the lines, and a summary."""
        self._upto(len(self.lines) + 1)
        counts = Counter(answer.outcome for answer in answers if answer.kind != "given")
        total = counts.total()
        if counts["follows"] == total:
            line = f"{'all ' * (total > 1)}{total} line{'s' * (total > 1)} right"
            emit(self.console, Text(f"      {line}", "bold green"))
            return
        words = {"follows": "right", "wrong": "wrong", "undecided": "undecided"}
        parts = [f"{counts[key]} {word}" for key, word in words.items() if counts[key]]
        style = "bold red" if counts["wrong"] else "bold yellow"
        emit(
            self.console, Text(f"      {total} line{'s' * (total > 1)}: {', '.join(parts)}", style)
        )
