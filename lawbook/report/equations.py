r"""Equations in plain text: the LaTeX of our statements as readable Unicode.

`readable(r"\hat x_i \le \frac{a + b}{2}")` is "x̂ᵢ ≤ (a + b)/2".  It covers what statements of laws use;
an unknown command is shown by its name.
"""

from __future__ import annotations

import re

TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[{}^_]|\s+|[^\\{}^_\s]", re.DOTALL)

GREEK = {
    "alpha": "α",
    "beta": "β",
    "gamma": "γ",
    "delta": "δ",
    "epsilon": "ε",
    "zeta": "ζ",
    "eta": "η",
    "theta": "θ",
    "iota": "ι",
    "kappa": "κ",
    "lambda": "λ",
    "mu": "μ",
    "nu": "ν",
    "xi": "ξ",
    "pi": "π",
    "rho": "ρ",
    "sigma": "σ",
    "tau": "τ",
    "upsilon": "υ",
    "phi": "φ",
    "chi": "χ",
    "psi": "ψ",
    "omega": "ω",
    "varepsilon": "ε",
    "vartheta": "θ",
    "varphi": "φ",
    "Gamma": "Γ",
    "Delta": "Δ",
    "Theta": "Θ",
    "Lambda": "Λ",
    "Xi": "Ξ",
    "Pi": "Π",
    "Sigma": "Σ",
    "Upsilon": "Υ",
    "Phi": "Φ",
    "Psi": "Ψ",
    "Omega": "Ω",
}
SYMBOLS = (
    GREEK
    | {"le": " ≤ ", "leq": " ≤ ", "ge": " ≥ ", "geq": " ≥ ", "ne": " ≠ ", "neq": " ≠ "}
    | {"lt": " < ", "gt": " > ", "ll": " ≪ ", "gg": " ≫ ", "approx": " ≈ ", "equiv": " ≡ "}
    | {"sim": " ~ ", "simeq": " ≃ ", "propto": " ∝ ", "pm": " ± ", "mp": " ∓ ", "in": " ∈ "}
    | {"notin": " ∉ ", "subset": " ⊂ ", "subseteq": " ⊆ ", "cup": " ∪ ", "cap": " ∩ "}
    | {"to": " → ", "rightarrow": " → ", "leftarrow": " ← ", "gets": " ← ", "mapsto": " ↦ "}
    | {"Rightarrow": " ⇒ ", "implies": " ⇒ ", "iff": " ⇔ ", "Leftrightarrow": " ⇔ "}
    | {"wedge": " ∧ ", "land": " ∧ ", "vee": " ∨ ", "lor": " ∨ ", "mid": " | ", "colon": ": "}
    | {"times": "×", "odot": " ⊙ ", "circ": "∘", "otimes": " ⊗ ", "oplus": " ⊕ ", "ast": "*"}
    | {"cdot": "·", "bullet": "•", "star": "⋆", "dots": "…", "ldots": "…", "cdots": "⋯"}
    | {"infty": "∞", "partial": "∂", "nabla": "∇", "forall": "∀", "exists": "∃", "emptyset": "∅"}
    | {"sum": "∑", "prod": "∏", "int": "∫", "top": "⊤", "bot": "⊥", "perp": " ⊥ ", "ell": "ℓ"}
    | {"langle": "⟨", "rangle": "⟩", "lVert": "‖", "rVert": "\0‖", "Vert": "‖", "lvert": "|"}
    | {"rvert": "\0|", "vert": "|", "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉"}
    | {"prime": "′", "quad": "  ", "qquad": "   ", "backslash": "\\", "dagger": "†"}
    | dict.fromkeys(("left", "right", "big", "Big", "bigl", "bigr", "Bigl", "Bigr"), "")
    | dict.fromkeys(("displaystyle", "textstyle", "limits", "nolimits"), "")
)
OPENING = frozenset({"partial", "nabla", "langle", "lVert", "lvert", "lfloor", "lceil"})
FRACTIONS = {"1/2": "½", "1/3": "⅓", "1/4": "¼", "3/4": "¾"}
ENDINGS = frozenset({"}", ")", "]", ",", ".", "^", "\\,", "\\quad", "\\right"})
WORDS = frozenset({r"\text", r"\mathrm", r"\operatorname"})
ESCAPES = {",": " ", ";": " ", ":": " ", " ": " ", "!": "", "|": "‖", "\\": "; "}
ACCENTS = {"hat": "\u0302", "widehat": "\u0302", "bar": "\u0304", "overline": "\u0304"} | {
    "tilde": "\u0303",
    "widetilde": "\u0303",
    "dot": "\u0307",
    "ddot": "\u0308",
    "vec": "\u20d7",
}
PLAIN = frozenset({"mathrm", "mathbf", "mathit", "mathcal", "boldsymbol", "bm", "mathsf", "mathbb"})
DOUBLED = {"E": "𝔼", "R": "ℝ", "N": "ℕ", "Z": "ℤ", "P": "ℙ", "1": "𝟙"}
SUPERSCRIPTS = dict(zip("0123456789+-=()ni⊤T′*", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱᵀᵀ′*", strict=True)) | dict(
    zip("abcdefghjklmoprstuvwxyz", "ᵃᵇᶜᵈᵉᶠᵍʰʲᵏˡᵐᵒᵖʳˢᵗᵘᵛʷˣʸᶻ", strict=True)
)
SUBSCRIPTS = dict(zip("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎", strict=True)) | dict(
    zip("aehijklmnoprstuvxβγρφχ", "ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ", strict=True)
)
ATOM = re.compile(r"[\w.∂∇∞′\u0300-\u036f\u20d7₀-ₜᵢᵣᵤᵥᵦ-ᵪⱼ⁰-ⁿ]+|[(⟨‖|][^()]*[)⟩‖|]|√\([^()]*\)")


def readable(latex: str) -> str:
    """The equation in one line of Unicode text."""
    text = _Reader(latex).group()
    text = re.sub(r"\s*\n\s*", " ", text)
    text = re.sub(r" ([,.;)\]])", r"\1", re.sub(r"([(\[]) ", r"\1", text))
    text = re.sub(r" *[\0]", "", re.sub(r" +([⟩⌋⌉])", r"\1", text))
    return re.sub(r" {4,}", "   ", re.sub(r"(?<=[≤≥≠∈→←⇒⇔≈~∝<>=]) {2,}", " ", text)).strip()


class _Reader:
    """Reads tokens one after the other; a group ends at its closing brace."""

    def __init__(self, latex: str) -> None:
        self.tokens: list[str] = TOKEN.findall(latex)
        self.at = 0

    def group(self) -> str:
        """The text up to the closing brace or the end."""
        parts: list[str] = []
        while self.at < len(self.tokens):
            if self.tokens[self.at] == "}":
                self.at += 1
                break
            part = self.one()
            if parts and parts[-1].endswith(" "):
                part = part.lstrip(" ") if part.strip() else part[1:]
            parts.append(part)
        return "".join(parts)

    def skip_space(self) -> None:
        """Go on to the next token that is not space."""
        while self.at < len(self.tokens) and self.tokens[self.at].isspace():
            self.at += 1

    def argument(self) -> str:
        """The next group or single token."""
        self.skip_space()
        return self.one() if self.at < len(self.tokens) else ""

    def one(self) -> str:
        """The text of the next token with its arguments."""
        token = self.tokens[self.at]
        self.at += 1
        if token == "{":
            return self.group()
        if token in "^_":
            word = any(name in self.tokens[self.at : self.at + 2] for name in WORDS)
            return script(self.argument().strip(), token, word)
        if token == "~":
            return " "
        if token.isspace():
            return " "
        if not token.startswith("\\"):
            return token
        return self.command(token[1:])

    def command(self, name: str) -> str:
        """The text of a command."""
        if name in SYMBOLS:
            if name in OPENING:
                self.skip_space()
            return SYMBOLS[name]
        if name in ACCENTS:
            body = self.argument()
            return body[:1] + ACCENTS[name] + body[1:] if len(body) < 3 else f"{name}({body})"
        if name in ("frac", "tfrac", "dfrac"):
            return self.fraction(self.argument().strip(), self.argument().strip())
        if name == "sqrt":
            body = self.argument().strip()
            return f"√{body}" if len(body) == 1 else f"√({body})"
        if name == "binom":
            return f"C({self.argument()}, {self.argument()})"
        if name in ("text", "textrm", "mbox", "operatorname"):
            return self.argument()
        if name in PLAIN:
            body = self.argument()
            return DOUBLED.get(body, body) if name == "mathbb" else body
        if name in ("begin", "end"):
            self.argument()
            return ""
        if name in ESCAPES:
            return ESCAPES[name]
        if len(name) == 1:
            return name
        return f" {name} " if name in ("if", "and", "or") else self.function(name)

    def fraction(self, above: str, below: str) -> str:
        """above/below, kept apart from a factor that follows."""
        self.skip_space()
        text = FRACTIONS.get(f"{above}/{below}") or f"{_atom(above)}/{_atom(below)}"
        follows = self.tokens[self.at] if self.at < len(self.tokens) else "}"
        return text if follows in ENDINGS or text in FRACTIONS.values() else f"{text} "

    def function(self, name: str) -> str:
        """A named function such as \\log or \\max; a space keeps it from the word that follows."""
        follows = self.tokens[self.at] if self.at < len(self.tokens) else ""
        glued = not follows.strip() or follows in "({_^["
        return name if glued else f"{name} "


def script(body: str, mark: str, word: bool = False) -> str:
    """`body` raised ("^") or lowered ("_"): in small characters where there are some; a word as it is."""
    table = SUPERSCRIPTS if mark == "^" else SUBSCRIPTS
    compact = body.replace(" ", "").replace("−", "-")
    small = len(compact) <= (2 if word else 6)
    if compact and small and all(character in table for character in compact):
        return "".join(table[character] for character in compact)
    if mark == "_" and re.fullmatch(r"[\w.]+", body):
        return f"_{body}"
    return f"{mark}{body}" if len(body) == 1 else f"{mark}({body.replace(' ', '')})"


def _atom(body: str) -> str:
    """A side of a fraction, in parentheses where it is more than one thing."""
    body = body.strip()
    return body if ATOM.fullmatch(body) else f"({body})"
