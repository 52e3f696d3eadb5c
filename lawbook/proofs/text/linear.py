"""What two expressions differ by, where that is a number as they are written: x + 1 and x + 2."""

from __future__ import annotations

from fractions import Fraction

from lawbook.proofs.text.syntax import Binary, Minus, Tree, constant


def difference(left: Tree, right: Tree) -> Fraction | None:
    """left - right where all but numbers cancels without putting definitions in or expanding; else None."""
    gap = _combined(Binary("-", left, right))
    number = gap.pop(None, Fraction(0))
    return None if any(gap.values()) else number


def _combined(tree: Tree) -> dict[Tree | None, Fraction]:
    """An expression as multiples of expressions that are not sums, and of 1 (None)."""
    value = constant(tree)
    if value is not None:
        return {None: value}
    match tree:
        case Minus(operand=operand):
            return _scaled(_combined(operand), Fraction(-1))
        case Binary(operator="+" | "-" as operator, left=left, right=right):
            found = _combined(left)
            for one, factor in _combined(right).items():
                found[one] = found.get(one, Fraction(0)) + (factor if operator == "+" else -factor)
            return found
        case Binary(operator="*", left=left, right=right):
            for number, other in ((constant(left), right), (constant(right), left)):
                if number is not None:
                    return _scaled(_combined(other), number)
        case Binary(operator="/", left=left, right=right):
            under = constant(right)
            if under:
                return _scaled(_combined(left), 1 / under)
    return {tree: Fraction(1)}


def _scaled(combined: dict[Tree | None, Fraction], factor: Fraction) -> dict[Tree | None, Fraction]:
    return {one: factor * value for one, value in combined.items()}
