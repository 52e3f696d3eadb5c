"""What is seen of a run over a class while it goes on: a bar on a terminal, elsewhere a line for each."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from lawbook.intake import HandIn
from lawbook.report.values import safe

if TYPE_CHECKING:
    from lawbook.classes.run import State, Told

OFTEN = 0.1  # seconds between two pictures of the bar
WORDS = {"holds": "holds", "fails": "fails", "not_judged": "not judged"}


@contextmanager
def shown(stream: IO[str], hand_ins: Sequence[HandIn]) -> Iterator[Told]:
    """A function that is told how far the run is."""
    if not stream.isatty():
        yield lambda state, ended: _line(stream, hand_ins, state, ended)
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from lawbook.report.terminal import terminal

    # Drawn from here alone: the run must have no threads, as it forks.
    words = TextColumn("{task.fields[words]}", markup=False)
    console = terminal(stream)
    columns = (BarColumn(24), MofNCompleteColumn(), words)
    bar = Progress(*columns, console=console, transient=True, auto_refresh=False)
    task = bar.add_task("", total=len(hand_ins), words="")
    last = 0.0

    def draw(state: State, ended: int | None) -> None:
        nonlocal last
        if time.monotonic() - last > OFTEN:
            last = time.monotonic()
            bar.update(
                task, completed=len(state.done), words=f"{pace(state)}  {safe(state.now, 40)}"
            )
            bar.refresh()

    with bar:
        yield draw


def pace(state: State) -> str:
    """How many are judged in a second, and how long the rest will take."""
    seconds = time.monotonic() - state.started
    if not state.fresh or seconds < 1:
        return ""
    rate = state.fresh / seconds
    left = round((state.total - len(state.done)) / rate)
    return f"{rate:.1f}/s  {left // 3600}:{left // 60 % 60:02}:{left % 60:02} left"


def _line(stream: IO[str], hand_ins: Sequence[HandIn], state: State, ended: int | None) -> None:
    if ended is None:
        return
    summary = state.done[ended]
    outcomes = sorted({WORDS[outcome] for outcome in summary["outcomes"]})
    kept = " (as before)" if summary["kept"] else ""
    name = safe(hand_ins[ended].name, 80)
    stream.write(f"[{len(state.done)}/{state.total}] {name}: {', '.join(outcomes)}{kept}\n")
    stream.flush()
