"""The bar that is shown on a terminal while the work goes on."""

from __future__ import annotations

from typing import IO

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from lawbook.report.terminal import terminal
from lawbook.report.values import safe
from lawbook.verdicts import Verdict


class Live:
    """A bar on a terminal while the work goes on: the subjects done, the current one and its latest law."""

    def __init__(self, stream: IO[str], total: int, by_law: bool, done: int = 0) -> None:
        self.console = terminal(stream)
        columns = (
            BarColumn(24),
            MofNCompleteColumn(),
            TextColumn("{task.fields[now]}", markup=False),
        )
        self.bar = Progress(
            *columns,
            console=self.console,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
            disable=not self.console.is_terminal or self.console.is_dumb_terminal,
        )
        self.by_law = by_law
        self.task = self.bar.add_task("", total=total, completed=done, now="")
        self.bar.start()

    def judged(self, name: str, verdict: Verdict) -> None:
        """Show that a law has been judged."""
        now = f"{safe(name, 30)}  {verdict.law}"
        self.bar.update(self.task, advance=int(self.by_law), now=now)

    def at(self, now: str, done: int) -> None:
        """Show what is worked on, with so many done."""
        self.bar.update(self.task, completed=done, now=safe(now, 60))

    def pause(self) -> None:
        """Take the bar off the screen, for something else to be printed."""
        self.bar.stop()

    def resume(self, subjects: int) -> None:
        """Show the bar again, with so many subjects done."""
        if not self.by_law:
            self.bar.update(self.task, completed=subjects)
        self.bar.start()
