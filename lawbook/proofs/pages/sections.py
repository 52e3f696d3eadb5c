"""A checked chapter as it is read: sections of numbered lines, each with its words of explanation.

The terminal and the page show the same sections.  Formulas stay syntax trees, in the author's own order;
everything else is text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import TypeAlias

from lawbook.proofs.chapters import Chapter, Derivation, Part
from lawbook.proofs.evidence import Decision, Step, Word
from lawbook.proofs.gradients import Gradient
from lawbook.proofs.pages.narration import (
    RELATION_SIGNS,
    Math,
    Narrator,
    Verbatim,
    Words,
    condition,
)
from lawbook.proofs.pages.prose import ERRATA
from lawbook.proofs.text.chains import Checked
from lawbook.proofs.text.statements import DECLARATIONS, RULES, Code, Follows, Start

UPSTREAM = """What the reference returns is the derivative of L, the sum of dy times the output, for every
upstream gradient dy."""
LOSS = "What the reference returns is the derivative of the loss L."


@dataclass(frozen=True)
class Setting:
    """One thing that is given: a declaration, a definition, an assumption; and its comment."""

    words: Words
    comment: str = ""
    assumed: bool = False


@dataclass(frozen=True)
class Prose:
    """A comment on a line of its own."""

    text: str


@dataclass(frozen=True)
class Line:
    """One numbered line.

    words: its formula, or a statement in words.  rule, why: what led to it, and the comment on that.
    decision: what came of it; None for an expression that a chain starts with.  mistake: the chapter
    presents it as one.  holds: it is what the chapter says.  first: it starts a chain.
    """

    number: str
    words: Words
    comment: str = ""
    rule: Words = ()
    why: str = ""
    decision: Decision | None = None
    mistake: bool = False
    holds: bool = True
    hint: str = ""
    first: bool = False

    @property
    def conditions(self) -> list[Words]:
        """Where it holds, with the indices of its formula."""
        given = self.decision.conditions if self.decision else ()
        maths = [word for word in self.words if isinstance(word, Math)]
        indexed = maths[0].indexed if maths else frozenset[str]()
        return [condition(one, indexed) for one in given]


Entry: TypeAlias = Setting | Prose | Line


@dataclass(frozen=True)
class Section:
    """A part of a chapter, checked: its title and its entries in order."""

    number: int
    title: str
    kind: str  # "derivation", "gradient" or "proof"
    entries: tuple[Entry, ...]
    as_in: int = 0  # an earlier section all of whose givens hold here too; they are not said again
    covers: tuple[str, ...] = ()  # the register's claims and errata that the part settles
    errata: tuple[str, ...] = ()

    @property
    def givens(self) -> tuple[Entry, ...]:
        """What is given before the first line."""
        return tuple(takewhile(lambda entry: isinstance(entry, Setting), self.entries))

    @property
    def lines(self) -> list[Line]:
        """The numbered lines."""
        return [entry for entry in self.entries if isinstance(entry, Line)]


def sections(chapter: Chapter) -> Iterator[Section]:
    """The parts of a chapter, each checked when it is asked for."""
    givens: dict[int, tuple[Entry, ...]] = {}
    for number, part in enumerate(chapter.parts, 1):
        found = replace(section(number, part), covers=part.covers, errata=part.errata)
        yield _shortened(found, givens)
        if found.givens and found.givens not in givens.values():
            givens[number] = found.givens


def section(number: int, part: Part) -> Section:
    """One part, checked."""
    if isinstance(part, Derivation):
        return Section(number, part.title, "derivation", tuple(_entries(number, part.check())))
    found = [_stated(step) for step in part.check()]
    said: tuple[Entry, ...] = ()
    if isinstance(part, Gradient):
        said = (Prose(LOSS if part.scalar else UPSTREAM),)
        duals = part.duals()
        words = (f"{duals.says}, on dual numbers instead of symbols",)
        found.append(Line("", words, decision=duals.decision, holds=duals.holds))
    lines = [replace(line, number=f"{number}.{n}") for n, line in enumerate(found, 1)]
    return Section(number, part.title, "gradient" if said else "proof", (*said, *lines))


def tally(chapter: Iterable[Section]) -> str:
    """How many statements were shown, in what way: "12 proved for every N, 3 mistakes refuted"."""
    judged = [line for one in chapter for line in one.lines if line.decision]
    held = [line for line in judged if line.holds]
    shown = Counter(line.decision.word for line in held if line.decision and not line.mistake)
    parts = [f"{shown[word]} {word}" for word in Word if shown[word]]
    refuted = sum(line.mistake for line in held)
    parts += [f"{refuted} mistake{'s' * (refuted > 1)} refuted"] if refuted else []
    wrong = len(judged) - len(held)
    parts += [f"{wrong} not as the chapter says"] if wrong else []
    return ", ".join(parts)


def _shortened(section: Section, earlier: Mapping[int, tuple[Entry, ...]]) -> Section:
    """The section without the givens that it begins with and shares with an earlier one."""
    shared = {n: given for n, given in earlier.items() if section.givens[: len(given)] == given}
    if not shared:
        return section
    number = max(shared, key=lambda n: len(shared[n]))
    return replace(section, entries=section.entries[len(shared[number]) :], as_in=number)


def _stated(step: Step) -> Line:
    mistake = step.wanted == "refuted"
    errata, says = ERRATA.match(step.says), step.says
    comment = step.comment
    if errata:  # said where a comment has it
        says, comment = says[errata.end() :], errata[0] + comment
    decision = step.decision
    if decision.why in says:  # the size, which the statement names
        decision = replace(decision, why="")
    return Line("", (says,), comment, (), "", decision, mistake, step.holds)


def _entries(section: int, derivation: Iterable[Checked]) -> Iterator[Entry]:
    """The lines of a derivation as they are read."""
    narrator, numbered, told = Narrator(), 0, 0
    for one in derivation:
        what = one.statement.what
        if isinstance(what, DECLARATIONS):
            comment = one.comment
            for words in narrator.declaration(what):
                yield Setting(words, comment, one.kind == "given")
                comment = ""
        elif isinstance(what, RULES) or one.kind == "blank":
            continue  # a rule is told with the line that it leads to
        elif isinstance(what, Start | Follows | Code):
            numbered += 1
            line = Line(f"{section}.{numbered}", _words(what, one), one.comment)
            if one.rule and one.rule.line != told:
                told = one.rule.line
                assert isinstance(one.rule.what, RULES)
                line = replace(line, rule=narrator.rule(one.rule.what), why=one.rule.comment)
            yield _judged(line, one)
        elif one.comment:
            yield Prose(one.comment)


def _words(what: Start | Follows | Code, one: Checked) -> Words:
    match what:
        case Code(name):
            return (Math(("=",), one.indexed), " what the reference computes, ", Verbatim(name))
        case Follows(sign, tree):
            return (Math((RELATION_SIGNS[sign], tree), one.indexed),)
        case Start(tree):
            return (Math((tree,), one.indexed),)


def _judged(line: Line, one: Checked) -> Line:
    if one.decision is None:
        return replace(line, first=True)
    mistake = one.kind == "unequal"
    holds = one.decision.word is Word.REFUTED if mistake else one.decision.is_proof
    return replace(line, decision=one.decision, mistake=mistake, holds=holds, hint=one.hint)
