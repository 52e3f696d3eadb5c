"""What the names of a derivation mean: from syntax trees to SymPy expressions, without evaluating any text.

Names are real symbols with the signs that assumptions give them; a batch is its generic entry on an `Axis`;
every random variable has an axis of kind "expectation" of its own, so that the moments of independent ones
multiply.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, TypeAlias

import sympy as sp

from lawbook.proofs.numbers.axes import Axis
from lawbook.proofs.numbers.families import Family
from lawbook.proofs.prover.decide import Fact
from lawbook.proofs.text.givens import Meaningless, solved
from lawbook.proofs.text.needs import Domains
from lawbook.proofs.text.positivity import NOT_NEGATIVE, POSITIVE, Signs, SignTable
from lawbook.proofs.text.statements import Assume, Batch, Declaration, Functions, Given, Let, Random
from lawbook.proofs.text.syntax import Binary, Call, Entry, Minus, Name, Number, Tree, names_used

Expr: TypeAlias = Any  # SymPy has no types
Values: TypeAlias = dict[str, Any]

BUILT_IN: dict[str, Callable[..., Expr]] = {
    "sqrt": sp.sqrt,
    "exp": sp.exp,
    "log": sp.log,
    "abs": sp.Abs,
    "sign": sp.sign,
    "tanh": sp.tanh,
    "erf": sp.erf,
    "max": sp.Max,
    "min": sp.Min,
}
LARGEST_EXPONENT = 10_000  # of a number
ASSUMED: dict[Signs, dict[str, bool]] = {
    POSITIVE: {"positive": True},
    NOT_NEGATIVE: {"nonnegative": True},
    frozenset({-1}): {"negative": True},
    frozenset({-1, 0}): {"nonpositive": True},
    frozenset({0}): {"zero": True},
    frozenset({-1, 1}): {"nonzero": True, "real": True},
}


class Scope:
    """The values of names after some declarations; `value(tree)` is a SymPy expression."""

    def __init__(self, declarations: Sequence[Declaration]) -> None:
        self.declarations = list(declarations)
        assumed = [one for one in declarations if isinstance(one, Assume)]
        self.relations = [r for one in assumed for r in one.relations]
        self.declared = [d for one in assumed for d in one.declared]
        self.lets: dict[str, Tree] = {}
        self.functions: dict[str, tuple[tuple[str, ...], Tree] | str] = {}
        self.table = SignTable(self.relations, self.declared, self.lets)
        defined: dict[str, tuple[tuple[str, ...], Tree]] = {}
        self.domains = Domains(self.table, self.lets, defined)
        self.axis: Axis | None = None
        self.random: dict[str, Axis] = {}
        self.moments: dict[Expr, Expr] = {}
        self.values: Values = {"pi": sp.pi}
        self.indexed: set[str] = set()
        self.batch: tuple[str, ...] = ()
        for one in declarations:
            match one:
                case Batch(names, size):
                    self._batch(names, size)
                case Random(names):
                    for name in names:
                        self.random[name] = Axis(kind="expectation", name=name)
                        self.values[name] = self.random[name].entry(name, **self.assumptions(name))
                case Functions(names):
                    self.functions.update({name: name for name in names})
                case Let(name, tree, ()):
                    self.lets[name] = tree
                    self.values[name] = self.value(tree)
                    if self.is_indexed(self.values[name]):
                        self.indexed.add(name)
                case Let(name, tree, parameters):
                    self.functions[name] = defined[name] = (parameters, tree)
                case Given(left, right):
                    self._given(self.value(left), self.value(right))
        self.facts = self._facts()

    def assumptions(self, name: str) -> dict[str, bool]:
        """What SymPy is told of a name."""
        known = ASSUMED.get(self.table.named.get(name, frozenset({-1, 0, 1})), {"real": True})
        return {**known, "integer": True} if name in self.table.integers else known

    def symbol(self, name: str) -> Expr:
        """The symbol of a plain name."""
        if name not in self.values:
            self.values[name] = sp.Symbol(name, **self.assumptions(name))
        return self.values[name]

    def _batch(self, names: Iterable[str], size: str) -> None:
        if self.axis is None:
            self.table.named[size] = POSITIVE
            self.table.integers.add(size)
            self.axis = Axis(self.symbol(size))
        self.batch += tuple(names)
        for name in names:
            self.values[name] = self.axis.entry(name, **self.assumptions(name))
            self.indexed.add(name)

    def _given(self, left: Expr, right: Expr) -> None:
        """What is given of a sum or an expectation: it is put in everywhere."""
        moment, value = solved(self.axes, left, right)
        self.moments = {s: e.xreplace({moment: value}) for s, e in self.moments.items()}
        self.moments[moment] = value
        self.values = {name: e.xreplace({moment: value}) for name, e in self.values.items()}

    def _facts(self) -> list[Fact]:
        """The relations that hold by assumption, for the prover; Meaningless where one cannot hold."""
        found = []
        for one in self.relations:
            gap = self.value(one.left) - self.value(one.right)
            if one.sign == "!=":
                fact = Fact(gap**2, True)
            else:
                fact = Fact(gap if ">" in one.sign else -gap, "=" not in one.sign)
            sign = fact.expr.is_positive, fact.expr.is_negative
            if sign[1] or (fact.strict and sign[0] is False):
                raise Meaningless(f"no number satisfies {one.text}")
            known = sign[0] if fact.strict else fact.expr.is_nonnegative
            if not ((fact.expr.is_Symbol and known) or fact.expr.is_number):
                found.append(fact)
        return found

    @property
    def axes(self) -> list[Axis]:
        """All axes, for the prover."""
        return [*([self.axis] if self.axis else []), *self.random.values()]

    def is_indexed(self, value: Expr) -> bool:
        """Whether a value differs from entry to entry of the batch."""
        return self.axis is not None and bool(value.free_symbols & set(self.axis.entries))

    def value(self, tree: Tree) -> Expr:
        """The value of an expression; Meaningless where it has none."""
        return meaningful(self._of(tree, {}))

    def _of(self, tree: Tree, local: Values) -> Expr:
        match tree:
            case Number():
                return sp.Rational(tree.value.numerator, tree.value.denominator)
            case Name(name=name):
                return local[name] if name in local else self.symbol(name)
            case Entry(name=name):
                if self.axis is None:
                    raise Meaningless(f"{name} has no entries")
                return self.symbol(name).xreplace(self.axis.entries)
            case Minus(operand=operand):
                return -self._of(operand, local)
            case Call():
                return self._call(tree, local)
            case Binary(operator=operator, left=left, right=right):
                a, b = self._of(left, local), self._of(right, local)
                match operator:
                    case "+":
                        return a + b
                    case "-":
                        return a - b
                    case "*":
                        return a * b
                    case "/":
                        return a / b
                    case _:
                        if a.is_number and b.is_number and abs(b) > LARGEST_EXPONENT:
                            raise Meaningless(f"the power {b} is too large")
                        return a**b

    def _call(self, call: Call, local: Values) -> Expr:
        name = call.function
        arguments = [self._of(one, local) for one in call.arguments]
        if name == "sum" and self.axis is not None:
            return self.axis.close(arguments[0]).xreplace(self.moments)
        if name == "E":
            return self.expectation(arguments[0]).xreplace(self.moments)
        if name in BUILT_IN:
            try:
                return BUILT_IN[name](*arguments)
            except ValueError:  # SymPy does not compare what is not real
                raise Meaningless(f"{name} of what is not a real number") from None
        meaning = self.functions[name]
        if isinstance(meaning, str):
            return opaque(name, call.primes)(arguments[0])
        parameters, body = meaning
        if not call.primes:
            return self._of(body, dict(zip(parameters, arguments, strict=True)))
        place = sp.Dummy(parameters[0], real=True)
        slope = sp.diff(self._of(body, {parameters[0]: place}), place, call.primes)
        return slope.xreplace({place: arguments[0]})

    def expectation(self, body: Expr) -> Expr:
        """E(body): of a product of independent factors, the product of the expectations."""
        total = sp.S.Zero
        for term in sp.Add.make_args(sp.expand(body, power_exp=True)):
            shares: dict[str, Expr] = {}
            for factor in sp.Mul.make_args(term):
                inside = [n for n, axis in self.random.items() if factor.has(*axis.entries)]
                if len(inside) > 1:
                    raise Meaningless(f"{' and '.join(inside)} cannot be separated in {factor}")
                name = inside[0] if inside else ""
                shares[name] = shares.get(name, sp.S.One) * factor
            product = shares.pop("", sp.S.One)
            for name, share in shares.items():
                product *= self.random[name].close(share)
            total += product
        return total

    def replaced(self, values: Mapping[str, Expr]) -> Scope:
        """The scope in which some names have other values, and definitions that use them follow."""
        other = object.__new__(Scope)
        other.__dict__.update(self.__dict__)
        other.values = {**self.values, **values}
        moved = set(values)
        for name, tree in self.lets.items():
            if name not in values and names_used(tree, self.domains.functions) & moved:
                other.values[name] = other.value(tree)
                moved.add(name)
        return other

    def reference_value(self, name: str) -> Any:
        """A name's value as a reference is given it: a Family for what depends on a batch."""
        value = self.symbol(name)
        if self.axis is None:
            return value
        depends = self.is_indexed(value) or bool(self.axis.bodies(value))
        return Family([value], self.axis) if depends else value


def meaningful(value: Expr) -> Expr:
    """The value; Meaningless where it is none."""
    if value.has(sp.zoo, sp.oo, -sp.oo, sp.nan):
        raise Meaningless("it divides by zero")
    if value.has(sp.I):
        raise Meaningless("it is not a real number")
    return value


@cache
def opaque(name: str, primes: int = 0) -> Any:
    """The function f, or a derivative of it: smooth, real, of one variable; diff(f(x), x) is f'(x)."""

    def slope(self: Any, argindex: int = 1) -> Any:
        return opaque(name, primes + 1)(self.args[0])

    made = sp.Function(name + "'" * primes, real=True)
    made.fdiff = slope
    return made
