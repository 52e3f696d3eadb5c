"""The report that people read in a terminal: one part per subject, a table over several.

Text from a submission is made harmless by `safe` and put in as `Text`; nothing here is rich markup.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import IO

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from lawbook.report.blocks import block, folded, grouped
from lawbook.report.details import SAID
from lawbook.report.values import safe, shown
from lawbook.verdicts import NOT_HELD, STATUSES, Subject, Verdict

WIDEST = 110  # columns; longer lines are hard to read
OUTCOMES = [
    ("all laws hold", "green"),
    ("some laws do not hold", "red"),
    ("not judged", "bold red"),
]


def terminal(stream: IO[str], width: int | None = None) -> Console:
    """A console on a stream: colours and the window's width where it is a terminal."""
    console = Console(file=stream, width=width, markup=False, emoji=False, highlight=False)
    if width is None and console.width > WIDEST:
        console.width = WIDEST
    return console


def emit(console: Console, item: RenderableType) -> None:
    """Print; into a file without the spaces that fill lines up."""
    if console.is_terminal:
        console.print(item)
        return
    with console.capture() as captured:
        console.print(item)
    console.file.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))


def show_subject(
    console: Console,
    subject: Subject,
    seed: int | None = None,
    verbose: bool = False,
    again: str = "",
) -> None:
    """Print the report on one subject; `again` says how its counterexamples are run again."""
    emit(console, Rule(Text(safe(subject.name), "bold"), align="left", style="dim"))
    emit(console, _headline(subject))
    emit(console, _circumstances(subject, seed))
    if subject.message:
        emit(console, Padding(Text(safe(subject.message), "red"), (1, 0, 1, 2)))
        return
    says = _sentences(subject.verdicts)
    against = [v for v in subject.verdicts if v.counts_against and v.status != "missing"]
    mild = [v for v in subject.verdicts if _is_mild(v)]
    for title, verdicts in (
        ("", against),
        ("Warnings: they do not count against it", [v for v in mild if v.status != "missing"]),
    ):
        if verdicts and title:
            emit(console, Text(f"\n{title}", "bold yellow"))
        for first, others in grouped(verdicts):
            emit(console, block(first, others, says, verbose))
            for name in first.diagnosis:  # a sentence is said once
                says[name] = SAID
    for line in folded(subject.verdicts, verbose):
        emit(console, line)
    if again:
        emit(console, Text(f"\n{again}", "dim"))
    emit(console, Text())


def _headline(subject: Subject) -> Text:
    """The outcome and the counts of every status; what does not count against it in parentheses."""
    word, style = OUTCOMES[subject.exit_code]
    if subject.exit_code == 0 and any(map(_is_mild, subject.verdicts)):
        word = "all laws hold that count"
    mild = Counter(v.status for v in subject.verdicts if _is_mild(v))
    parts = []
    for status, count in _counts(subject).items():
        of = "" if mild[status] == count else f"{mild[status]} "
        aside = f" ({of}{'not required' if status == 'missing' else 'only warned about'})"
        parts.append(f"{count} {status}{aside if mild[status] else ''}")
    line = Text(word.capitalize(), f"bold {style}")
    return line.append(f"   {', '.join(parts)}" if parts else "", "default not bold")


def _counts(subject: Subject) -> dict[str, int]:
    found = Counter(verdict.status for verdict in subject.verdicts)
    return {status: found[status] for status in STATUSES if found[status]}


def _is_mild(verdict: Verdict) -> bool:
    """Whether the law does not hold, without counting against the subject."""
    return verdict.status in NOT_HELD and not verdict.counts_against


def _circumstances(subject: Subject, seed: int | None) -> Text:
    """Where, under what rules and how it was judged."""
    cases = sum(verdict.examples for verdict in subject.verdicts)
    parts = [subject.course, subject.profile if subject.profile != subject.course else None]
    if subject.verdicts:
        parts += [f"{cases} cases in {subject.seconds:.2f} s"]
        parts += [None if seed is None else f"seed {seed}"]
    lines = [" · ".join(safe(part) for part in parts if part)] if any(parts) else []
    if subject.path:
        lines.append(safe(subject.path))
    if subject.isolation:
        layers = ", ".join(subject.isolation["layers"])
        lines.append(safe(f"isolation: {subject.isolation['level']} ({layers})"))
    settled: dict[str, list[str]] = {}
    judged = {verdict.operation for verdict in subject.verdicts}
    for name, value in subject.conventions.items():
        operation, _, convention = name.partition(".")
        if operation in judged:
            settled.setdefault(operation, []).append(f"{convention} = {shown(value)}")
    if settled:
        each = [f"{safe(operation)} ({safe(', '.join(s))})" for operation, s in settled.items()]
        lines.append(f"conventions: {', '.join(each)}")
    lines += [f"note: {safe(note)}" for note in subject.notes]
    return Text("\n".join(lines), "dim")


def _sentences(verdicts: Sequence[Verdict]) -> dict[str, str]:
    """What the diagnosed mistakes say, by id."""
    named = {name for verdict in verdicts for name in verdict.diagnosis}
    if not named:
        return {}
    from lawbook.mistakes import discover

    known = discover({name.partition(".")[0] for name in named})
    return {name: one.says for name, one in known.items() if name in named}


def show_table(console: Console, subjects: Sequence[Subject]) -> None:
    """Print the table over several subjects."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("subject", overflow="fold")
    used = [s for s in STATUSES if any(v.status == s for one in subjects for v in one.verdicts)]
    for heading in (*used, "warned", "seconds"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("", overflow="fold")
    for subject in subjects:
        counts = Counter(verdict.status for verdict in subject.verdicts)
        mild = sum(map(_is_mild, subject.verdicts))
        outcome = ("✓ holds", "✗ fails", "✗ not judged")[subject.exit_code]
        style = OUTCOMES[subject.exit_code][1]
        row = [str(counts[status] or "") for status in used]
        row += [str(mild or ""), f"{subject.seconds:.2f}"]
        table.add_row(Text(safe(subject.name)), *map(Text, row), Text(outcome, style))
    emit(console, Rule(Text("Summary", "bold"), align="left", style="dim"))
    emit(console, table)
    totals = Counter(subject.exit_code for subject in subjects)
    endings = ("hold", "fail", "could not be judged")
    words = [f"{totals[code]} {ending}" for code, ending in enumerate(endings) if totals[code]]
    emit(console, Text(f"\n{len(subjects)} subjects: {', '.join(words)}", "bold"))
