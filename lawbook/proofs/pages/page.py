"""A checked chapter as one self-contained page: native MathML, no script, nothing from the network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from importlib.resources import files
from itertools import groupby

from lawbook.proofs.evidence import Decision, Word
from lawbook.proofs.pages.legend import FAMILIES, MEANINGS, mark
from lawbook.proofs.pages.markup import sentence, text
from lawbook.proofs.pages.narration import Math, Words, assignment, value
from lawbook.proofs.pages.prose import paragraphs, set_apart, spelled
from lawbook.proofs.pages.sections import Entry, Line, Prose, Section, Setting, tally

FEW = 3  # conditions that are shown; more are folded
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(topic: str, title: str, intro: str, chapter: Sequence[Section], versions: str) -> str:
    """The page on a chapter, as HTML."""
    opening = "".join(f'<p class="intro">{escape(one)}</p>\n' for one in paragraphs(intro))
    contents = "".join(
        f'<li><span>{s.number}</span><a href="#part-{s.number}">{text(s.title)}</a></li>\n'
        for s in chapter
    )
    words = "".join(
        f'<dt class="{FAMILIES[word]}">{mark(word)} {word}</dt><dd>{escape(MEANINGS[word])}</dd>\n'
        for word in _used(chapter)
    )
    holds = all(line.holds for section in chapter for line in section.lines)
    wrong = "tally" if holds else "tally wrong"
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<title>{text(title)} · Lawbook</title>
<style>
{style()}</style>
</head>
<body>
<header>
<p class="kicker">Lawbook · derivations checked line by line</p>
<h1>{text(title)}</h1>
{opening}<p class="{wrong}">{escape(tally(chapter))}</p>
</header>
<nav aria-labelledby="contents">
<h2 id="contents">Contents</h2>
<ol>
{contents}</ol>
</nav>
<main>
{"".join(_section(section) for section in chapter)}</main>
<footer>
<h2>What the words mean</h2>
<dl>
{words}</dl>
<p>Checked by {escape(versions)}. <code>lawbook study {escape(topic)}</code> checks it again.</p>
</footer>
</body>
</html>
"""


def style() -> str:
    """The style sheet: what all pages share, then what is a chapter's own."""
    shared = files("lawbook.report.pages").joinpath("base.css").read_text("utf-8")
    return shared + files(__package__).joinpath("page.css").read_text("utf-8")


def _used(chapter: Sequence[Section]) -> list[Word]:
    """The words of evidence on the page, from strong to weak."""
    entries = [entry for section in chapter for entry in section.entries]
    found = {e.decision.word for e in entries if isinstance(e, Line) and e.decision}
    if any(isinstance(entry, Setting) and entry.assumed for entry in entries):
        found.add(Word.ASSUMED)
    return [word for word in Word if word in found]


def _section(section: Section) -> str:
    """A part: its heading, what is given, and its chains of numbered lines."""
    anchor = f"part-{section.number}"
    blocks = "".join(_blocks(section))
    return (
        f'<section id="{anchor}" aria-labelledby="{anchor}-title">\n'
        f'<h2 id="{anchor}-title"><span>{section.number}</span> {text(section.title)}</h2>\n'
        f"{blocks}</section>\n"
    )


def _blocks(section: Section) -> Iterator[str]:
    shared = ""
    if section.as_in:
        link = f'<a href="#part-{section.as_in}">part {section.as_in}</a>'
        shared = f"<li><p>all that is given in {link}</p></li>"
        if not section.givens:
            yield _given(shared)
    for kind, entries in _grouped(section.entries):
        if kind is Setting:
            yield _given(shared + "".join(map(_setting, entries)))
            shared = ""
        elif kind is Prose:
            texts = " ".join(text(entry.text) for entry in entries if isinstance(entry, Prose))
            yield f'<p class="prose">{texts}</p>\n'
        else:
            yield f'<ol class="chain">\n{"".join(map(_line, entries))}</ol>\n'


def _grouped(entries: Sequence[Entry]) -> Iterator[tuple[type, list[Entry]]]:
    """Entries of one kind in a row; lines chain by chain."""
    chain = 0
    marked: list[tuple[tuple[type, int], Entry]] = []
    for entry in entries:
        chain += isinstance(entry, Line) and entry.first
        marked.append(((type(entry), chain), entry))
    for (kind, _), group in groupby(marked, lambda pair: pair[0]):
        yield kind, [entry for _, entry in group]


def _given(rows: str) -> str:
    return f'<div class="given">\n<p class="label">Given</p>\n<ul>\n{rows}</ul>\n</div>\n'


def _setting(entry: Entry) -> str:
    assert isinstance(entry, Setting)
    comment = f'<p class="why">{text(entry.comment)}</p>' if entry.comment else ""
    if entry.assumed:
        comment += _evidence(Decision(Word.ASSUMED))
    words = sentence(entry.words, display=True)
    family = ' class="assumed"' if entry.assumed else ""
    return f'<li{family}><div class="formula">{words}</div><div>{comment}</div></li>\n'


def _line(line: Entry) -> str:
    """A numbered line: its formula, what came of it, and before it the rule that led to it."""
    assert isinstance(line, Line)
    errata, comment = set_apart(line.comment)
    classes, before, after = ["line"], "", ""
    if not line.holds:
        classes.append("failed")
        before += '<p class="label">Not what the chapter says</p>'
    elif line.mistake:
        classes.append("mistake")
        before += f'<p class="label">A classic mistake{escape(errata)}</p>'
    aside = f'<p class="why">{text(comment)}</p>' if comment else ""
    if line.decision:
        classes.append(FAMILIES[line.decision.word])
        aside += _evidence(line.decision) + _where(line.conditions)
        if line.decision.word is Word.REFUTED:
            after = f'<p class="counterexample">{_counterexample(line.decision)}</p>'
    if line.hint:
        after += f'<p class="counterexample">{text(line.hint)}</p>'
    formula = any(isinstance(word, Math) for word in line.words)
    kind = ("formula" if line.first else "formula follows") if formula else "says"
    return (
        f'{_rule(line)}<li class="{" ".join(classes)}" id="line-{line.number}">{before}'
        f'<a class="number" href="#line-{line.number}">{line.number}</a>'
        f'<div class="stated"><div class="{kind}">{sentence(line.words, display=True)}</div>{after}</div>'
        f'<div class="aside">{aside}</div></li>\n'
    )


def _rule(line: Line) -> str:
    """What leads to a line, between it and the line before."""
    if not line.rule:
        return ""
    why = f'<p class="why because">{text(spelled(line.why))}</p>' if line.why else ""
    return f'<li class="line"><p class="rule">{sentence(line.rule)}</p>{why}</li>\n'


def _evidence(decision: Decision) -> str:
    """The word of evidence with its mark, and the reason if there is one."""
    why = f": {text(decision.why)}" if decision.why else ""
    return f'<p class="evidence"><b>{mark(decision.word)} {decision.word}</b>{why}</p>'


def _where(conditions: list[Words]) -> str:
    """The conditions; many of them are folded."""
    listed = ", ".join(map(sentence, conditions))
    if len(conditions) > FEW:
        return (
            f'<details class="where"><summary>under {len(conditions)} conditions</summary>'
            f"<p>{listed}</p></details>"
        )
    return f'<p class="where">where {listed}</p>' if listed else ""


def _counterexample(decision: Decision) -> str:
    """The point at which a line fails, and both sides there."""
    at: Words = ()
    for name, number in decision.point.items():
        at += (", " if at else "At ", *assignment(name, number))
    given = (" it" if at else "It", " should give ", *value(decision.expected))
    return sentence((*at, *given, " but gives ", *value(decision.got), "."))
