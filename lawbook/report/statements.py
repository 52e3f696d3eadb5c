r"""Statements of laws as HTML: words as running text, formulas as MathML, so that a line can break."""

from __future__ import annotations

import re
from html import escape

from lawbook.report.equations import TOKEN
from lawbook.report.formulas import mathml

BREAKS = frozenset({r"\quad", r"\qquad", r"\implies", r"\Rightarrow", r"\iff"})
TOP = re.compile(r"\\(?:text|mathrm) *\{[^{}]* [^{}]*\}")  # words between formulas
BINDS = re.compile(r"[\^_]\s*$")  # what follows is a script: it stays in the formula


def statement(latex: str) -> str:
    """A statement as HTML to stand in a line."""
    pieces: list[str] = []
    at = 0
    for found in TOP.finditer(latex):
        before = latex[at : found.start()]
        if BINDS.search(before) or before.count("{") != before.count("}"):
            continue
        pieces += _formulas(before)
        words = found.group().partition("{")[2][:-1]
        pieces.append(escape(words.replace("~", " ")))
        at = found.end()
    return re.sub(" +", " ", "".join([*pieces, *_formulas(latex[at:])])).strip()


def _formulas(latex: str) -> list[str]:
    """The formulas of a stretch without words; a line may break between them."""
    parts: list[str] = []
    start = depth = 0
    tokens = TOKEN.findall(latex)
    for at, token in enumerate(tokens):
        depth += (token in ("{", r"\left")) - (token in ("}", r"\right"))
        ends = token == "," and tokens[at + 1 : at + 2] == ["\\ "]
        if depth == 0 and (ends or token in BREAKS):
            parts.append("".join(tokens[start : at + 1]))
            start = at + 1
    parts.append("".join(tokens[start:]))
    made = [(f"<math>{inner}</math>" if (inner := mathml(part)) else "") for part in parts]
    edges = (" " * latex[:1].isspace(), " " * latex[-1:].isspace())
    return [edges[0], " ".join(filter(None, made)), edges[1]]
