"""Which names a derivation knows at a line, and what is refused of an expression because of them.

No value is computed here: this is what `lawbook prove` needs to refuse a text within milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from lawbook.proofs.text.expressions import FUNCTIONS
from lawbook.proofs.text.syntax import (
    Binary,
    Call,
    Entry,
    Name,
    Tree,
    Unreadable,
    children,
    constant,
    names_in,
    names_used,
    replaced,
    walk,
)

KEYWORDS = (
    "assume", "batch", "random", "given", "function", "let", "diff", "frozen", "sub", "at", "solve",
    "scale", "code", "of",
)  # fmt: skip
MOST_NODES, DEEPEST_TREE, LARGEST_DEGREE, MOST_EXPONENTIALS = 4000, 300, 150, 3
OTHER_WORDS = {"ln": "log", "Exp": "exp", "Abs": "abs", "Sum": "sum", "mean": "sum", "sgn": "sign"}


@dataclass(frozen=True)
class Extent:
    """How large an expression is with its definitions put in: nodes, depth, degree, nested exponentials."""

    nodes: int = 1
    depth: int = 1
    degree: int = 1
    exponentials: int = 0


class Known:
    """The names that are known at a line: numbers, definitions, batches, random variables, functions."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {"pi": 0}  # name -> the line it was first used in
        self.lets: dict[str, Tree] = {}
        self.functions: dict[str, int] = {}  # how many arguments each takes
        self.bodies: dict[str, tuple[tuple[str, ...], Tree]] = {}  # of those that are defined
        self.batch: tuple[str, ...] = ()
        self.size = ""
        self.random: tuple[str, ...] = ()
        self.indexed: set[str] = set()  # batches, and definitions that differ from entry to entry
        self.depending: set[str] = set()  # these, and definitions that hold a sum over the batch
        self._extents: dict[str, Extent] = {}

    @property
    def names(self) -> set[str]:
        """Every name that stands for a number."""
        return {*self.numbers, *self.lets, *self.batch, *self.random}

    def declare(self, name: str, column: int) -> None:
        """A new name is about to be declared; Unreadable where it is taken."""
        if name in FUNCTIONS or name in KEYWORDS or name == "pi":
            raise Unreadable(f"{name} has a meaning of its own: choose another name", column)
        if name in self.numbers:
            where = self.numbers[name]
            raise Unreadable(
                f"{name} is a plain number since line {where}: declare it first", column
            )
        if name in self.names or name in self.functions:
            raise Unreadable(f"{name} is defined already", column)

    def define(self, name: str, tree: Tree, parameters: tuple[str, ...]) -> None:
        """A definition that was checked."""
        if parameters:
            self.functions[name] = len(parameters)
            self.bodies[name] = parameters, tree
        else:
            self.lets[name] = tree
            if self.is_indexed(tree):
                self.indexed.add(name)
            if names_used(tree, self.bodies) & self.depending:
                self.depending.add(name)
        self._extents[name] = self.extent(tree)

    def add_batch(self, names: tuple[str, ...], size: str) -> None:
        """Batches of one size."""
        self.batch += names
        self.size = size
        self.indexed |= set(names)
        self.depending |= set(names)

    def is_indexed(self, tree: Tree) -> bool:
        """Whether the value differs from entry to entry of the batch."""
        if isinstance(tree, Call) and tree.function == "sum":
            return False
        if isinstance(tree, Name | Entry):
            return tree.name in self.indexed
        if isinstance(tree, Call) and tree.function in self.bodies:
            parameters, body = self.bodies[tree.function]
            values = dict(zip(parameters, tree.arguments, strict=True))
            return self.is_indexed(replaced(body, values))
        return any(self.is_indexed(one) for one in children(tree))

    def check(self, tree: Tree, line: int, new: bool, parameters: tuple[str, ...] = ()) -> None:
        """Refuse what the names do not allow.  new: names met for the first time are real numbers."""
        for one in walk(tree):
            if isinstance(one, Call):
                self._check_call(one, parameters)
            elif isinstance(one, Name | Entry):
                self._check_name(one, line, new, parameters)
            elif isinstance(one, Binary) and one.operator == "/" and constant(one.right) == 0:
                raise Unreadable("division by zero", one.column)
            elif isinstance(one, Binary) and one.operator == "**" and self._is_e(one.left):
                raise Unreadable("write exp(x) for e**x", one.left.column)
        self._check_extent(self.extent(tree), tree.column)

    def _is_e(self, tree: Tree) -> bool:
        return isinstance(tree, Name) and tree.name == "e" and tree.name not in self.names

    def _check_name(
        self, one: Name | Entry, line: int, new: bool, parameters: tuple[str, ...]
    ) -> None:
        name = one.name
        if isinstance(one, Entry) and name not in self.indexed:
            raise Unreadable(f"{name} has no entries: no `batch {name} of N` says so", one.column)
        if name in self.names or name in parameters:
            return
        if name in FUNCTIONS or name in self.functions:
            raise Unreadable(f"{name} is a function: write {name}(...)", one.column)
        if name in KEYWORDS:
            raise Unreadable(f"`{name}` stands at the beginning of a line only", one.column)
        close = nearest(name, self.names - {"pi"})
        self.numbers[name] = line
        if not new:
            raise Unreadable(f"unknown name {name}{close}", one.column)

    def _check_call(self, call: Call, parameters: tuple[str, ...]) -> None:
        name = call.function
        if name not in FUNCTIONS and name not in self.functions:
            raise Unreadable(self._unknown_function(name), call.column)
        due, count = FUNCTIONS.get(name) or self.functions[name], len(call.arguments)
        if count != due:
            raise Unreadable(
                f"{name} takes {due} argument{'s' * (due > 1)}, not {count}", call.column
            )
        if call.primes and (name in FUNCTIONS or due > 1):
            raise Unreadable(f"write the derivative of {name} out, or use `diff`", call.column)
        if name == "sum" and not self.batch:
            raise Unreadable("sum runs over a batch: declare one with `batch x of N`", call.column)
        if name == "E" and not self.random:
            raise Unreadable("E needs random variables: declare them with `random x`", call.column)
        inside = names_in(call) & set(parameters)
        if name in ("sum", "E") and inside:
            raise Unreadable(
                f"the parameter {min(inside)} may not stand inside {name}", call.column
            )

    def _unknown_function(self, name: str) -> str:
        if name in self.names:
            return f"{name} is not a function: write a product as {name}*(...)"
        if name in OTHER_WORDS:
            return f"unknown function {name}: write {OTHER_WORDS[name]}(...)"
        return f"unknown function {name}{nearest(name, {*FUNCTIONS, *self.functions})}"

    def extent(self, tree: Tree) -> Extent:
        """The extent of an expression with every definition put in."""
        inner = [self.extent(one) for one in children(tree)]
        if isinstance(tree, Name | Entry):
            return self._extents.get(tree.name, Extent())
        if isinstance(tree, Call) and tree.function in self._extents:
            inner.append(self._extents[tree.function])
        degree = max((one.degree for one in inner), default=1)
        if isinstance(tree, Binary) and tree.operator == "**":
            power = constant(tree.right)
            degree *= 8 if power is None else max(1, abs(round(power)))
        return Extent(
            1 + sum(one.nodes for one in inner),
            1 + max((one.depth for one in inner), default=0),
            degree,
            max((one.exponentials for one in inner), default=0)
            + (isinstance(tree, Call) and tree.function == "exp"),
        )

    def _check_extent(self, extent: Extent, column: int) -> None:
        if extent.nodes > MOST_NODES or extent.depth > DEEPEST_TREE:
            raise Unreadable("too large with its definitions put in: take smaller steps", column)
        if extent.degree > LARGEST_DEGREE:
            raise Unreadable(f"powers of powers above {LARGEST_DEGREE}", column)
        if extent.exponentials > MOST_EXPONENTIALS:
            raise Unreadable(f"exp inside exp more than {MOST_EXPONENTIALS} times", column)


def nearest(name: str, known: set[str]) -> str:
    """What to say after an unknown name: the nearest known one, or all if there are few."""
    close = nearest_name(name, known)
    if close:
        return f"; the nearest is {close}"
    return f"; known: {', '.join(sorted(known))}" if 0 < len(known) <= 12 else ""


def nearest_name(name: str, known: set[str]) -> str:
    """The known name that looks or is spelled most like this one; "" where none is near."""
    same_letters = [one for one in sorted(known) if _looks(one) == _looks(name)]
    close = same_letters or get_close_matches(name, sorted(known), 1, cutoff=0.5)
    return close[0] if close else ""


def _looks(name: str) -> str:
    """What a name looks like: wo is w0, L1 is ll."""
    return name.lower().replace("0", "o").replace("1", "l")
