"""The pieces of a text: numbers, names and signs, with columns; a wrong character is refused with advice."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lawbook.proofs.text.syntax import Number, Unreadable

LARGEST, LONGEST_NAME = 10**12, 40
GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "eps": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "iota": "ι", "kappa": "κ", "lam": "λ", "mu": "μ", "nu": "ν", "xi": "ξ",
    "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "chi": "χ", "psi": "ψ",
    "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π",
    "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
}  # fmt: skip
LATIN = {letter: name for name, letter in GREEK.items()} | {"µ": "mu", "ϵ": "eps", "ϕ": "phi"}
SPELLINGS = {"epsilon": "eps", "lambda": "lam"}
LETTERS = "A-Za-zΑ-Ωα-ωµϵϕ"
TOKEN = re.compile(
    rf"(?P<space>[ \t\u00a0]+)|(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+(?![{LETTERS}\d_]))?)"
    rf"|(?P<name>[{LETTERS}_][{LETTERS}0-9_]*)|(?P<sign>\*\*|[-+*/()\[\],'])",
    re.ASCII,
)
HINTS = {
    "^": "write a power as a**b, not a^b",
    "|": "write abs(w) for |w|",
    "×": "write * for ×",
    "·": "write * for ·",
    "⋅": "write * for ⋅",
    "∙": "write * for ∙",
    "÷": "write / for ÷",
    "−": "write - (the hyphen) for the minus sign",
    "–": "write - (the hyphen) for the minus sign",
    "√": "write sqrt(a) for √a",
    "²": "write **2 for ²",
    "³": "write **3 for ³",
    "∑": "write sum(...) for ∑",
    "Σ": "write sum(...) for Σ",
    "∂": "write `diff x` on a line of its own for a derivative",
    "\\": "LaTeX is not read: write a/b, sqrt(a), mu",
    "{": "use parentheses ( ), not braces",
    "}": "use parentheses ( ), not braces",
    ".": "a point belongs inside a number (0.5); names have no attributes",
    '"': "strings are not part of the language",
    "’": "write ' for ’",
    "`": "write ' for `",
    "=": "begin a new line with = for what follows from this one",
    "!": "`!=` stands at the beginning of a line",
    "<": "`<=` and `>=` stand at the beginning of a line",
    ">": "`<=` and `>=` stand at the beginning of a line",
}


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of text: kind is number, name, sign or end."""

    kind: str
    text: str
    column: int


def canonical(name: str) -> str:
    """The name that is meant: a Greek letter and its English name are one name (μ_x is mu_x)."""
    head, rest = re.fullmatch(r"([^\d_]*)(.*)", name).groups()  # type: ignore[union-attr]
    head = LATIN.get(head, head)
    return SPELLINGS.get(head, head) + rest


def tokens(text: str, offset: int = 0) -> list[Token]:
    """The pieces of a text that begins `offset` characters into its line; Unreadable at a wrong sign."""
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = TOKEN.match(text, at)
        if match is None:
            raise Unreadable(_wrong_sign(text[at]), at + offset + 1)
        kind, piece = str(match.lastgroup), match[0]
        if kind == "number":
            _check_number(piece, at + offset + 1)
        elif kind == "name":
            _check_name(piece, at + offset + 1)
            piece = canonical(piece)
        if kind != "space":
            found.append(Token(kind, piece, at + offset + 1))
        at = match.end()
    found.append(Token("end", "", len(text) + offset + 1))
    return found


def _wrong_sign(character: str) -> str:
    if character in HINTS:
        return HINTS[character]
    if character.isprintable():
        return f"{character} is not part of the language"
    return f"the character U+{ord(character):04X} is not part of the language"


def _check_number(text: str, column: int) -> None:
    mantissa, _, exponent = text.lower().partition("e")
    if len(mantissa) > 20 or len(exponent) > 3 or abs(int(exponent or 0)) > 30:
        raise Unreadable("the number has too many digits", column)
    if Number(text).value > LARGEST:
        raise Unreadable("the number is larger than 10^12", column)


def _check_name(name: str, column: int) -> None:
    if name.startswith("_") or "__" in name:
        raise Unreadable("a name begins with a letter and has single underscores only", column)
    if len(name) > LONGEST_NAME:
        raise Unreadable(f"the name is longer than {LONGEST_NAME} characters", column)
