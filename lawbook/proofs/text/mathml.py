"""From a syntax tree to native MathML, in the author's own order; nothing is rearranged, nothing evaluated.

`mathml(tree)` is one element to stand inside `<math>`.  Fractions are stacked, powers raised, a name is
shown as `lawbook.proofs.text.plain.parts` reads it; what runs over the batch carries its index: j, or i
inside a sum.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import partial, reduce
from html import escape

from lawbook.proofs.text.plain import binding, inner_of, needs_parentheses, parts
from lawbook.proofs.text.syntax import Binary, Call, Entry, Minus, Name, Number, Tree, walk

ACCENTS = {"hat": "^", "bar": "¯", "tilde": "~"}
TIMES, APPLY = "<mo>&#x2062;</mo>", "<mo>&#x2061;</mo>"  # invisible, as in 2x and f(x)
SPACE = '<mspace width="0.17em"></mspace>'  # beside names of several letters in a product


def mathml(tree: Tree, indexed: Collection[str] = ()) -> str:
    """The element of an expression; names in `indexed` carry the index of their entry.

    Raises TypeError for what is not a syntax tree.
    """
    return Writer(frozenset(indexed)).of(tree, "j", True)


def row(*pieces: str) -> str:
    """Elements in a row."""
    return f"<mrow>{''.join(pieces)}</mrow>"


def parenthesized(inner: str, left: str = "(", right: str = ")") -> str:
    """Something in parentheses, or other fences: as high as what is stacked inside, else of normal size."""
    high = "" if "<mfrac" in inner or "<munder" in inner else ' stretchy="false"'
    return row(
        f'<mo fence="true" form="prefix"{high}>{left}</mo>',
        inner,
        f'<mo fence="true" form="postfix"{high}>{right}</mo>',
    )


class Writer:
    """Writes one expression.

    last: nothing follows in the same product, so that a sum needs no parentheses.
    """

    def __init__(self, indexed: frozenset[str]) -> None:
        self.indexed = indexed

    def of(self, tree: Tree, index: str, last: bool) -> str:
        """The element of a tree whose batches are at `index`."""
        match tree:
            case Number(text=text):
                return _number(text)
            case Name(name=name):
                return identifier(name, index if name in self.indexed else "")
            case Entry(name=name, index=other):
                return identifier(name, other)
            case Call():
                return self._call(tree, index, last)
            case Minus(operand=operand):
                inner = self.of(operand, index, last)
                loose = isinstance(operand, Minus) or binding(operand) <= binding(tree)
                sign = '<mo form="prefix">−</mo>'
                return row(sign, parenthesized(inner) if loose else inner)
            case Binary():
                return self._binary(tree, index, last)
        raise TypeError(f"{tree!r} is not a syntax tree")

    def _binary(self, tree: Binary, index: str, last: bool) -> str:
        left, right, operator = tree.left, tree.right, tree.operator
        if operator == "/":
            factors = _factors(left)
            if len(factors) > 1 and _is_fraction(factors[0]):  # a/b*c/d: not a fraction in one
                rest = Binary("/", reduce(partial(Binary, "*"), factors[1:]), right)
                return self.of(Binary("*", factors[0], rest), index, last)
            return f"<mfrac>{self.of(left, index, True)}{self.of(right, index, True)}</mfrac>"
        if operator == "**":
            base = self.of(left, index, True)
            if _spreads(left):
                base = parenthesized(base)
            elif base.startswith("<msub>"):  # the exponent above the subscript, not behind it
                inner = base.removeprefix("<msub>").removesuffix("</msub>")
                return f"<msubsup>{inner}{self.of(right, index, True)}</msubsup>"
            return f"<msup>{base}{self.of(right, index, True)}</msup>"
        a = self._operand(left, tree, index, operator in "+-")
        b = self._operand(right, tree, index, last)
        if operator == "*":
            end = _last(left)
            spaced = _is_word(_first(right)) or (_is_word(end) and not isinstance(end, Call))
            times = f"{TIMES}{SPACE}" if spaced else TIMES
            return row(a, "<mo>·</mo>" if _needs_dot(left, right) else times, b)
        return row(a, "<mo>+</mo>" if operator == "+" else "<mo>−</mo>", b)

    def _operand(self, tree: Tree, outer: Binary, index: str, last: bool) -> str:
        inner = self.of(tree, index, last)
        if _is_fraction(tree) or not needs_parentheses(tree, outer.operator, tree is outer.right):
            return inner
        return parenthesized(inner)

    def _call(self, call: Call, index: str, last: bool) -> str:
        if call.function == "sum":
            return self._sum(call.arguments[0], inner_of(index), last)
        inner = [self.of(one, index, True) for one in call.arguments]
        match call.function:
            case "sqrt":
                return f"<msqrt>{inner[0]}</msqrt>"
            case "abs":
                return parenthesized(inner[0], "|", "|")
            case "E":
                return row("<mi>𝔼</mi>", parenthesized(inner[0], "[", "]"))
            case "exp" if not any(map(_is_fraction, walk(call))):
                return f'<msup><mi mathvariant="normal">e</mi>{inner[0]}</msup>'
            case function:
                primes = f"<mo>{'′' * call.primes}</mo>"
                name = f"<msup>{identifier(function)}{primes}</msup>"
                arguments = parenthesized("<mo>,</mo>".join(inner))
                return row(name if call.primes else identifier(function), APPLY, arguments)

    def _sum(self, body: Tree, index: str, last: bool) -> str:
        inner = self.of(body, index, True)
        if binding(body) <= binding(Minus(body)):
            inner = parenthesized(inner)
        sign = f'<munder><mo movablelimits="false">∑</mo><mi>{index}</mi></munder>'
        return row(sign, inner) if last else parenthesized(row(sign, inner))


def _number(text: str) -> str:
    mantissa, _, exponent = text.lower().partition("e")
    if not exponent:
        return f"<mn>{text}</mn>"
    power = exponent.lstrip("+").replace("-", "−")
    return row(f"<mn>{mantissa}</mn>", "<mo>·</mo>", f"<msup><mn>10</mn><mn>{power}</mn></msup>")


def _spreads(base: Tree) -> bool:
    """Whether a base needs parentheses under its exponent."""
    if isinstance(base, Call):
        return base.function in ("sum", "exp")
    return isinstance(base, Binary | Minus) or (
        isinstance(base, Number) and "e" in base.text.lower()
    )


def _factors(tree: Tree) -> list[Tree]:
    """The factors of a product, from left to right."""
    found = list[Tree]()
    while isinstance(tree, Binary) and tree.operator == "*":
        found.append(tree.right)
        tree = tree.left
    return [tree, *reversed(found)]


def _is_fraction(tree: Tree) -> bool:
    return isinstance(tree, Binary) and tree.operator == "/"


def _first(tree: Tree) -> Tree:
    """What stands at the left end of a product as it is shown."""
    while isinstance(tree, Binary) and tree.operator in ("*", "**"):
        tree = tree.left
    return tree


def _last(tree: Tree) -> Tree:
    """What stands at the right end of a product as it is shown."""
    while isinstance(tree, Binary) and tree.operator == "*":
        tree = tree.right
    return tree


def _is_word(tree: Tree) -> bool:
    """Whether something is shown in several letters: a name such as var or dy, or a named function."""
    if isinstance(tree, Call):
        power = tree.function == "exp" and not any(map(_is_fraction, walk(tree)))
        return not power and tree.function not in ("sqrt", "abs", "sum", "E")
    if not isinstance(tree, Name | Entry):
        return False
    found = parts(tree.name)
    return found.differential or len(found.letter) > 1


def _needs_dot(left: Tree, right: Tree) -> bool:
    """A dot between factors that would run together: before a number, between fractions."""
    first = _first(right)
    runs_on = _is_fraction(left) or isinstance(_last(left), Number)
    return isinstance(first, Number) or (runs_on and _is_fraction(right))


def identifier(name: str, index: str = "") -> str:
    """The element of a name: Greek letters, hats, subscripts, a star; d y for dy."""
    found = parts(name)
    letter = f"<mi>{escape(found.letter)}</mi>"
    if found.accent:
        accent = f'<mo stretchy="false">{ACCENTS[found.accent]}</mo>'
        letter = f'<mover accent="true">{letter}{accent}</mover>'
    below = [_subscript(one) for one in (*found.subscripts, *([index] if index else []))]
    subscript = row("<mo>,</mo>".join(below)) if len(below) > 1 else "".join(below)
    if below and found.star:
        letter = f"<msubsup>{letter}{subscript}<mo>*</mo></msubsup>"
    elif below:
        letter = f"<msub>{letter}{subscript}</msub>"
    elif found.star:
        letter = f"<msup>{letter}<mo>*</mo></msup>"
    return row('<mi mathvariant="normal">d</mi>', letter) if found.differential else letter


def _subscript(text: str) -> str:
    return f"<mn>{text}</mn>" if text.isdigit() else f"<mi>{escape(text)}</mi>"
