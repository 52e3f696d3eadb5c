"""A checked chapter in a terminal: formulas in Unicode, what came of each line beside it."""

from __future__ import annotations

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from lawbook.proofs.evidence import Decision, Word, gap
from lawbook.proofs.pages.legend import FAMILIES, mark
from lawbook.proofs.pages.narration import Math, Verbatim, Words, assignment, value
from lawbook.proofs.pages.prose import paragraphs, readable, set_apart, spelled
from lawbook.proofs.pages.sections import Entry, Line, Prose, Section, Setting
from lawbook.proofs.text.plain import plain
from lawbook.report.terminal import emit

STYLES = {
    "proof": "green",
    "numbers": "blue",
    "assumed": "magenta",
    "refuted": "red",
    "undecided": "yellow",
}
MARGIN, DEEPER = 8, 10  # columns before a formula that starts a chain, and before one that follows
EVIDENCE = 24  # columns for the evidence at the right edge; a longer one begins further left
FEW, LONGEST = 3, 90  # conditions that are shown, and their characters
PUNCTUATION = {"(": "(", ")": ")", ",": ", "}


def show_opening(console: Console, title: str, intro: str) -> None:
    """The title and the introduction."""
    emit(console, Text(title, "bold"))
    for paragraph in paragraphs(intro):
        emit(console, Text(f"\n{paragraph}"))


def show_section(console: Console, section: Section) -> None:
    """One part: its title, what is given, its numbered lines."""
    emit(
        console,
        Text(f"\n{section.number}  ", "dim").append(readable(section.title), "bold not dim"),
    )
    if section.as_in:
        shared = Text("\n given  ", "dim").append(
            f"all that is given in part {section.as_in}", "not dim"
        )
        _indented(console, shared, 0)
    before: Entry | None = None
    for entry in section.entries:
        begins = type(entry) is not type(before) or (isinstance(entry, Line) and entry.first)
        continues = before is None and section.as_in > 0 and isinstance(entry, Setting)
        if begins and not continues:
            emit(console, Text())
        if isinstance(entry, Setting):
            _show_setting(console, entry, "given" if begins and not continues else "")
        elif isinstance(entry, Prose):
            _indented(console, Text(readable(entry.text)), MARGIN)
        else:
            _show_line(console, entry)
        before = entry


def _show_setting(console: Console, entry: Setting, label: str) -> None:
    text = Text(f"{label:>{MARGIN - 2}}  ", "dim").append(said(entry.words), "not dim")
    if entry.assumed:
        text.append("  ").append_text(_evidence(Decision(Word.ASSUMED)))
    _hanging(console, text, MARGIN)
    if entry.comment:
        _indented(console, Text(readable(entry.comment), "dim"), DEEPER)


def _show_line(console: Console, line: Line) -> None:
    """The rule, the formula with its evidence, and under it what else is to be said."""
    if line.rule:
        _indented(console, Text(f"↓ {said(line.rule)}", "cyan"), MARGIN)
        if line.why:
            _indented(console, Text(readable(spelled(line.why)), "dim"), DEEPER)
    _formula(console, line)
    errata, comment = set_apart(line.comment)
    if not line.holds:
        _indented(console, Text("not what the chapter says", "bold red"), DEEPER)
    if line.mistake:
        comment = f"a classic mistake{errata}{': ' * bool(comment)}{comment}"
    if comment:
        _indented(console, Text(readable(comment), "dim"), DEEPER)
    if line.decision:
        if line.conditions:
            _indented(console, Text(f"where {_listed(line.conditions)}"), DEEPER)
        for text in _said_of(line.decision):
            _indented(console, Text(text), DEEPER)
    if line.hint:
        _indented(console, Text(readable(line.hint)), DEEPER)


def _formula(console: Console, line: Line) -> None:
    """The number, the formula, and at the right edge the evidence, below it where there is no room."""
    spoken = not any(isinstance(word, Math) for word in line.words)
    begin = MARGIN if line.first or spoken else DEEPER
    text = Text(line.number.rjust(MARGIN - 2).ljust(begin), "dim")
    if not line.decision:
        _hanging(console, text.append(said(line.words), "not dim"), begin)
        return
    evidence = _evidence(line.decision)
    text.append(said(line.words), "red not dim" if line.mistake else "not dim")
    column = console.width - max(EVIDENCE, evidence.cell_len)
    room = column - text.cell_len
    if room < 1:
        _hanging(console, text, begin)
        _indented(console, evidence, column)
    else:
        emit(console, text.append(" " * room).append_text(evidence))


def _evidence(decision: Decision) -> Text:
    style = STYLES[FAMILIES[decision.word]]
    return Text(f"{mark(decision.word)} {decision.word}", f"{style} not dim")


def _said_of(decision: Decision) -> list[str]:
    """The point at which it fails, and the reason: each on a line of its own."""
    found = []
    if decision.word is Word.REFUTED:
        at = ", ".join(said(assignment(name, text)) for name, text in decision.point.items())
        found.append(gap(at, said(value(decision.expected)), said(value(decision.got))))
    if decision.why:
        found.append(readable(decision.why))
    return found


def _listed(conditions: list[Words]) -> str:
    """The first few conditions, and how many there are besides."""
    texts = [said(one) for one in conditions]
    shown = [text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…" for text in texts[:FEW]]
    more = len(texts) - len(shown)
    return ", ".join(shown) + (f" and {more} more conditions hold" if more else "")


def said(words: Words) -> str:
    """A sentence with its formulas in Unicode."""
    return "".join(_word(word) for word in words)


def _word(word: str | Math | Verbatim) -> str:
    match word:
        case Math(parts, indexed):
            pieces = [
                PUNCTUATION.get(part, f" {part} ")
                if isinstance(part, str)
                else plain(part, indexed)
                for part in parts
            ]
            return "".join(pieces).strip()
        case Verbatim(text):
            return text
        case text:
            return readable(text)


def _indented(console: Console, text: Text, columns: int) -> None:
    emit(console, Padding(text, (0, 0, 0, min(columns, max(0, console.width - 20)))))


def _hanging(console: Console, text: Text, columns: int) -> None:
    """A text whose body begins at a column; what does not fit goes below it."""
    room = console.width - columns - 2
    first, *rest = [
        line for piece in _pieces(text[columns:], room) for line in piece.wrap(console, room)
    ]
    emit(console, text[:columns].append_text(first))
    for line in rest:
        _indented(console, line, columns + 2)


def _pieces(body: Text, room: int) -> list[Text]:
    """A formula, broken where it has to be and can be: before a sign that stands in no parentheses."""
    depth = start = sign = 0
    breaks = []
    for at, character in enumerate(body.plain):
        depth += (character in "([") - (character in ")]")
        if depth == 0 and body.plain[at : at + 3] in (" + ", " − "):
            sign = at + 1
        if cell_len(body.plain[start : at + 1]) > room and sign > start:
            start = sign
            breaks.append(start)
    return list(body.divide(breaks))
