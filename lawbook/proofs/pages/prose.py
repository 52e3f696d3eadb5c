"""A chapter's running text, with names as readers write them: γ for gamma, x̂ for xhat."""

from __future__ import annotations

import re

from lawbook.proofs.text.plain import SUBSCRIPTS
from lawbook.proofs.text.tokens import GREEK

ENGLISH = frozenset({"chat", "that", "what"})  # not a name with a hat
HAT = "\N{COMBINING CIRCUMFLEX ACCENT}"
POWERS = str.maketrans("-0123456789kntz", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹ᵏⁿᵗᶻ")
LETTERS = {**GREEK, "epsilon": "ε", "lambda": "λ"}
NAME = re.compile(rf"(?<![A-Za-z])(d?)({'|'.join(LETTERS)})(?![A-Za-z])")
HATTED = re.compile(r"\b(d?)([A-Za-z])hat(?![A-Za-z])")
POWER = re.compile(r"(?:\^|\*\*)(-?\d+|[kntz])(?!\w)")
TIMES = re.compile(r"(?<=[\w)\u0302⁰¹²³⁴-⁹])\*(?=[\w(])")
TYPED = {" >= ": " ≥ ", " <= ": " ≤ ", " != ": " ≠ ", " -> ": " → ", " - ": " − "}
ERRATA = re.compile(r"(E\d\d(?:, E\d\d)*): *")
BELOW = re.compile(r"(?<![\w.])(d?[A-Za-zα-ω]\u0302?)_([ijks]{1,2}|\d{1,2})\b")
NUMBERED = re.compile(r"(?<![\w.])([a-zα-ω]\u0302?)(\d{1,2})\b")  # not L2, a word of the field
STAR = re.compile(r"(?<![\w.])([A-Za-zα-ω]\u0302?)_star\b")
NORM = re.compile(r"\|\|([^|]{1,30})\|\|")


def readable(text: str) -> str:
    """The text on one line, with Greek letters, hats, indices, powers and norms; nothing is parsed."""
    line = NAME.sub(lambda found: found[1] + LETTERS[found[2]], re.sub(r"\s+", " ", text))
    line = HATTED.sub(
        lambda found: found[0] if found[0].lower() in ENGLISH else f"{found[1]}{found[2]}{HAT}",
        line,
    )
    for pattern in (BELOW, NUMBERED):
        line = pattern.sub(lambda found: found[1] + found[2].translate(SUBSCRIPTS), line)
    line = STAR.sub(r"\1*", line)
    line = POWER.sub(lambda found: found[1].translate(POWERS), line)
    line = TIMES.sub("·", line)
    for typed, sign in TYPED.items():
        line = line.replace(typed, sign)
    return NORM.sub(r"‖\1‖", line)


def paragraphs(text: str) -> list[str]:
    """The paragraphs of an introduction, which blank lines set apart."""
    return [readable(one.strip()) for one in re.split(r"\n\s*\n", text) if one.strip()]


def set_apart(comment: str) -> tuple[str, str]:
    """The errata that a comment begins with, as a label, and the rest: "E02, E03: the rate is missing"."""
    found = ERRATA.match(comment)
    if found is None:
        return "", comment
    return f" · {'errata' if ',' in found[1] else 'erratum'} {found[1]}", comment[found.end() :]


def spelled(comment: str) -> str:
    """The comment with the errata that it begins with in words."""
    errata, rest = set_apart(comment)
    return f"{errata.removeprefix(' · ')}: {rest}" if errata else comment
