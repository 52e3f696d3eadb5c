r"""Formulas in LaTeX as native MathML.

It covers the LaTeX of our statements; an unknown command is shown by its name.  Nothing of a submission
comes here.  The names of symbols are those of `lawbook.report.equations`.
"""

from __future__ import annotations

import re
from html import escape

from lawbook.report.equations import DOUBLED, GREEK, SYMBOLS, TOKEN

SPACES = {" ": 0.5, ",": 0.17, ";": 0.28, ":": 0.22, "quad": 1.0, "qquad": 2.0}  # em
ACCENTS = {"hat": "^", "bar": "¯", "tilde": "~", "dot": "˙", "vec": "→", "overline": "¯"}
LIMITS = frozenset({"sum", "prod", "min", "max"})
GROUPS = frozenset({"mathrm", "operatorname", "mathbf", "mathcal", "mathsf", "boldsymbol"})
SIZES = frozenset({"left", "right", "big", "Big", "bigl", "bigr", "Bigl", "Bigr"})
SIGNS = {"-": "−", "*": "∗", "'": "′"}
FENCES = {"(": "prefix", "[": "prefix", ")": "postfix", "]": "postfix"} | {
    "⟨": "prefix",
    "⟩": "postfix",
    "⌊": "prefix",
    "⌋": "postfix",
    "{": "prefix",
    "}": "postfix",
}
OPENS = frozenset(
    {"", "(", "[", "{", ",", "=", "<", ">"}
)  # before them "-" is a sign, not a difference


def mathml(latex: str) -> str:
    """The elements of a formula, to stand inside `<math>`; empty where there is nothing to show."""
    return _Reader(latex).row()


class _Reader:
    """Reads tokens one after the other; a group ends at its closing brace."""

    def __init__(self, latex: str) -> None:
        self.tokens: list[str] = TOKEN.findall(latex)
        self.at = 0
        self.before = self.last = ""  # the token before this one, and this one
        self.bars = 0  # vertical bars seen: the first of two opens
        self.stretched = False  # the next fence grows with what is inside

    def row(self) -> str:
        """The elements up to the closing brace or the end, scripts on what they belong to."""
        found: list[str] = []
        while (token := self.next()) and token != "}":
            if token in "^_":
                base = found.pop() if found else "<mrow></mrow>"
                found.append(self.scripts(base, token))
            elif element := self.element(token):
                found.append(element)
        return _one(found) if len(found) != 1 else found[0]

    def next(self) -> str:
        """The next token that is not space; empty at the end."""
        while self.at < len(self.tokens) and self.tokens[self.at].isspace():
            self.at += 1
        self.before = self.last
        self.last = self.tokens[self.at] if self.at < len(self.tokens) else ""
        self.at += 1
        return self.last

    def peek(self) -> str:
        """What `next` will give."""
        kept = self.at, self.before, self.last
        token = self.next()
        self.at, self.before, self.last = kept
        return token

    def argument(self) -> str:
        """The next group or single token as one element."""
        token = self.next()
        return self.element(token, digits=False) if token else "<mrow></mrow>"

    def raw(self) -> str:
        """The text of the next group, as it stands."""
        if self.next() != "{":
            self.at -= 1
            return self.next().lstrip("\\")
        start = self.at
        depth = 1
        while depth and self.at < len(self.tokens):
            depth += (self.tokens[self.at] == "{") - (self.tokens[self.at] == "}")
            self.at += 1
        return "".join(self.tokens[start : self.at - 1 if not depth else self.at])

    def scripts(self, base: str, mark: str) -> str:
        """The base with what is raised and lowered."""
        raised, lowered = (self.argument(), "") if mark == "^" else ("", self.argument())
        if self.peek() == ("_" if mark == "^" else "^"):
            self.next()
            other = self.argument()
            raised, lowered = (raised, other) if mark == "^" else (other, lowered)
        over = base.startswith(('<mo movablelimits="false"', "<mo movable"))
        kinds = ("munder", "mover", "munderover") if over else ("msub", "msup", "msubsup")
        kind = kinds[2 if raised and lowered else int(bool(raised))]
        return f"<{kind}>{base}{lowered}{raised}</{kind}>"

    def element(self, token: str, digits: bool = True) -> str:
        """The element of a token with its arguments."""
        if token == "{":
            return self.row() or "<mrow></mrow>"
        if token.startswith("\\"):
            return self.command(token[1:])
        if token.isdigit():
            while digits and re.fullmatch(r"[\d.]", "".join(self.tokens[self.at : self.at + 1])):
                token += self.next()
            tail = token.endswith(".")
            return f"<mn>{token.rstrip('.')}</mn>" + ("<mo>.</mo>" if tail else "")
        if token.isalpha():
            return f"<mi>{escape(token)}</mi>"
        if token == "~":
            return _space(0.28)
        return self.sign(SIGNS.get(token, token))

    def sign(self, sign: str) -> str:
        """An operator, a fence or punctuation."""
        size = "" if self.stretched else ' stretchy="false"'
        self.stretched = False
        if sign in FENCES:
            return f'<mo fence="true" form="{FENCES[sign]}"{size}>{sign}</mo>'
        if sign in "|‖":
            self.bars += 1
            form = "prefix" if self.bars % 2 else "postfix"
            return f'<mo fence="true" form="{form}"{size}>{sign}</mo>'
        close = ' lspace="0" rspace="0"' if sign in "/!′" else ""
        unary = ' form="prefix"' if sign == "−" and self.before in OPENS else ""
        if sign in "−+" and self.peek() == ")":
            unary = ' form="postfix" lspace="0" rspace="0"'  # a limit from one side
        ends = ' form="infix" lspace="0.28em" rspace="0.28em"' if sign in "⇒⇔" else ""
        return f"<mo{close or unary or ends}>{escape(sign)}</mo>"

    def command(self, name: str) -> str:
        """The element of a command."""
        if name in SPACES:
            return _space(SPACES[name])
        if name in SIZES:
            self.stretched = True
            return ""
        if name in ("frac", "tfrac", "dfrac"):
            return f"<mfrac>{self.argument()}{self.argument()}</mfrac>"
        if name == "sqrt":
            return f"<msqrt>{self.argument()}</msqrt>"
        if name in ACCENTS:
            sign = f'<mo stretchy="false">{ACCENTS[name]}</mo>'
            return f'<mover accent="true">{self.argument()}{sign}</mover>'
        if name in ("text", "textrm", "mbox"):
            return f"<mtext>{escape(self.raw().replace(' ', chr(0xA0)))}</mtext>"
        if name == "mathbb":
            letter = self.raw()
            return f"<mi>{escape(DOUBLED.get(letter, letter))}</mi>"
        if name in GROUPS:
            return self.named(self.raw().replace("\\", ""))
        if name in LIMITS and name in SYMBOLS:
            return f'<mo movablelimits="false">{SYMBOLS[name]}</mo>'
        if name in LIMITS:
            return f'<mo movablelimits="false" lspace="0.17em" rspace="0.17em">{name}</mo>'
        if name in GREEK:
            return f"<mi>{GREEK[name]}</mi>"
        if name == "|":
            return self.sign("‖")
        if name in SYMBOLS:
            return self.symbol(SYMBOLS[name].strip("\0 "))
        return self.sign(name) if len(name) == 1 else self.named(name)

    def symbol(self, sign: str) -> str:
        """A sign that has a name."""
        if sign in "∞∂∇∅⊤⊥ℓ…⋯":
            return f"<mi>{sign}</mi>"
        return self.sign(sign) if sign else ""

    def named(self, name: str) -> str:
        """A name in upright letters; a thin space keeps it from the letter that follows."""
        variant = ' mathvariant="normal"' if len(name) == 1 else ""
        glued = self.peek() in ("", "(", "{", "_", "^", "[", ",", ")", "}", "]")
        return _one([f"<mi{variant}>{escape(name)}</mi>", *([] if glued else [_space(0.17)])])


def _one(elements: list[str]) -> str:
    return (
        elements[0] if len(elements) == 1 else f"<mrow>{''.join(elements)}</mrow>" * bool(elements)
    )


def _space(width: float) -> str:
    return f'<mspace width="{width:g}em"></mspace>'
