"""Sentences with formulas in them, as HTML."""

from __future__ import annotations

from html import escape

from lawbook.proofs.pages.narration import Math, Verbatim, Words
from lawbook.proofs.pages.prose import readable
from lawbook.proofs.text.mathml import mathml

OPERATORS = ("=", "≠", "≥", "≤", ">", "<", "(", ")", ",")


def sentence(words: Words, display: bool = False) -> str:
    """A sentence with formulas in it; a comma or full stop stays on the line of its formula."""
    pieces: list[str] = []
    for word in words:
        piece = _word(word, display)
        if pieces and isinstance(word, str) and word[:1] in (",", "."):
            pieces[-1] = f'<span class="tied">{pieces[-1]}{word[0]}</span>'
            piece = text(word[1:])
        pieces.append(piece)
    return "".join(pieces)


def _word(word: str | Math | Verbatim, display: bool) -> str:
    match word:
        case Math(parts, indexed):
            inner = "".join(
                _sign(part, at == 0, at == len(parts) - 1)
                if isinstance(part, str)
                else mathml(part, indexed)
                for at, part in enumerate(parts)
            )
            style = ' displaystyle="true"' if display else ""
            return f"<math{style}><mrow>{inner}</mrow></math>"
        case Verbatim(name):
            return f"<code>{escape(name)}</code>"
        case said:
            return text(said)


def _sign(text: str, first: bool, last: bool) -> str:
    """A sign between expressions, or at an end; anything else is text that stands for one."""
    if text not in OPERATORS:
        return f"<mtext>{escape(text)}</mtext>"
    spaces = first * ' lspace="0"' + last * ' rspace="0"'
    fixed = ' stretchy="false"' if text in "()" else spaces
    return f"<mo{fixed}>{escape(text)}</mo>"


def text(said: str) -> str:
    """Running text, escaped."""
    return escape(readable(said))
