"""A syntax tree as text: `source` as it can be typed again, `plain` for the terminal (μ, x̂, w₀, x²).

parse(source(tree)) == tree for every tree that `parse` gives.  Author's order, as few parentheses as needed.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

from lawbook.proofs.text.expressions import BINDING
from lawbook.proofs.text.syntax import Binary, Call, Entry, Minus, Name, Number, Tree
from lawbook.proofs.text.tokens import GREEK

LOOSE, PRODUCT, POWER, TIGHT = BINDING["+"], BINDING["*"], BINDING["**"], 99
ACCENTS = {"hat": "\u0302", "bar": "\u0304", "tilde": "\u0303"}
SUBSCRIPTS = str.maketrans("0123456789aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
INDICES = "ilmn"  # of sums, from outside in; j is the entry that an expression is about
LETTERS = {**GREEK, "ell": "ℓ"}


class Parts(NamedTuple):
    """A name taken apart: dxhat_0 is differential, letter x, accent hat, subscripts (0,)."""

    differential: bool
    letter: str
    accent: str
    subscripts: tuple[str, ...]
    star: bool


def parts(name: str) -> Parts:
    """A name as it is read: Greek letters, hats and bars, digits and what follows _ as subscripts.

    dy and dgamma are d y and d γ: a d before a single letter, a Greek one or one with an accent.
    """
    head, *rest = [piece for piece in name.split("_") if piece] or [name]
    match = re.fullmatch(r"([^\d]+)(\d+)", head)
    if match:
        head, rest = match[1], [match[2], *rest]
    if rest and rest[0] in ACCENTS:
        head, rest = head + rest[0], rest[1:]
    star = "star" in rest
    subscripts = tuple(LETTERS.get(one, one) for one in rest if one != "star")
    if head[0] == "d" and len(head) > 1:
        letter, accent = _letter(head[1:])
        if len(letter) == 1:
            return Parts(True, letter, accent, subscripts, star)
    letter, accent = _letter(head)
    return Parts(False, letter, accent, subscripts, star)


def _letter(text: str) -> tuple[str, str]:
    for accent in ACCENTS:
        if text.endswith(accent) and len(text) > len(accent):
            base = text.removesuffix(accent)
            if len(LETTERS.get(base, base)) == 1:
                return LETTERS.get(base, base), accent
    return LETTERS.get(text, text), ""


def binding(tree: Tree) -> int:
    """How tightly a tree holds together: an operator's binding, LOOSE for a leading minus."""
    if isinstance(tree, Binary):
        return BINDING[tree.operator]
    return LOOSE if isinstance(tree, Minus) else TIGHT


def needs_parentheses(tree: Tree, operator: str, right: bool) -> bool:
    """Whether an operand has to be put in parentheses, to be read as it is meant."""
    if isinstance(tree, Minus):
        return not (operator in "+-" and not right)
    own, outer = binding(tree), BINDING[operator]
    if operator == "**":
        return own <= outer and (not right or own < outer)
    return own < outer or (right and own == outer)


def source(tree: Tree) -> str:
    """The expression as it is typed."""
    match tree:
        case Number(text=text):
            return text
        case Name(name=name):
            return name
        case Entry(name=name, index=index):
            return f"{name}[{index}]"
        case Call(function=function, arguments=arguments, primes=primes):
            return f"{function}{primes * chr(39)}({', '.join(map(source, arguments))})"
        case Minus(operand=operand):
            inner = source(operand)
            loose = isinstance(operand, Minus) or binding(operand) <= LOOSE
            return f"-({inner})" if loose else f"-{inner}"
        case Binary(operator=operator, left=left, right=right):
            sides = [
                f"({source(one)})" if needs_parentheses(one, operator, at == 1) else source(one)
                for at, one in enumerate((left, right))
            ]
            gap = " " if operator in "+-" else ""
            return f"{gap}{operator}{gap}".join(sides)
    raise TypeError(f"{tree!r} is not a syntax tree")


def plain(tree: Tree, indexed: Collection[str] = ()) -> str:
    """The expression for a terminal; names in `indexed` carry the index of their entry."""
    return _Plain(frozenset(indexed)).of(tree, "j")


class _Plain:
    def __init__(self, indexed: frozenset[str]) -> None:
        self.indexed = indexed

    def of(self, tree: Tree, index: str) -> str:
        match tree:
            case Number(text=text):
                return text
            case Name(name=name):
                return plain_name(name, index if name in self.indexed else "")
            case Entry(name=name, index=other):
                return plain_name(name, other)
            case Call():
                return self._call(tree, index)
            case Minus(operand=operand):
                inner = self.of(operand, index)
                loose = isinstance(operand, Minus) or binding(operand) <= LOOSE
                return f"−({inner})" if loose else f"−{inner}"
            case Binary():
                return self._binary(tree, index)
        raise TypeError(f"{tree!r} is not a syntax tree")

    def _call(self, call: Call, index: str) -> str:
        if call.function == "sum":
            inner_index = inner_of(index)
            body = self.of(call.arguments[0], inner_index)
            if binding(call.arguments[0]) < POWER:
                body = f"({body})"
            sign = inner_index.translate(SUBSCRIPTS)
            return f"∑{sign} {body}"
        inner = ", ".join(self.of(one, index) for one in call.arguments)
        if call.function == "abs":
            return f"|{inner}|"
        if call.function == "E":
            return f"E[{inner}]"
        if call.function == "sqrt":
            return f"√({inner})" if binding(call.arguments[0]) < TIGHT else f"√{inner}"
        return f"{plain_name(call.function)}{'′' * call.primes}({inner})"

    def _binary(self, tree: Binary, index: str) -> str:
        left, right = tree.left, tree.right
        a, b = self.of(left, index), self.of(right, index)
        if needs_parentheses(left, tree.operator, False) or (
            tree.operator != "+" and tree.operator != "-" and _is_sum(left)
        ):
            a = f"({a})"
        if tree.operator == "**" and isinstance(right, Number) and right.text.isdigit():
            return f"{a}{right.text.translate(SUPERSCRIPTS)}"
        if needs_parentheses(right, tree.operator, True):
            b = f"({b})"
        match tree.operator:
            case "+":
                return f"{a} + {b}"
            case "-":
                return f"{a} − {b}"
            case "*":
                return f"{a}·{b}"
            case "/":
                return f"{a}/{b}"
            case _:
                return f"{a}^{b}"


def inner_of(index: str) -> str:
    """The index of a sum inside an expression about the entry `index`."""
    at = INDICES.find(index) + 1
    return INDICES[min(at, len(INDICES) - 1)]


def _is_sum(tree: Tree) -> bool:
    return isinstance(tree, Call) and tree.function == "sum"


def plain_name(name: str, index: str = "") -> str:
    """A name with Greek letters, accents and subscripts in Unicode where it has them."""
    found = parts(name)
    text = ("d" if found.differential else "") + found.letter + ACCENTS.get(found.accent, "")
    subscripts = (*found.subscripts, *([index] if index else []))
    if subscripts:
        small = ",".join(subscripts)
        all_small = all(c == "," or ord(c) in SUBSCRIPTS for c in small) and "," not in small
        text += small.translate(SUBSCRIPTS) if all_small else f"_{small}"
    return text + "*" * found.star
