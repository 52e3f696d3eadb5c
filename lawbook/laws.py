"""Laws: a law is a function whose body is the equation, with its statement, domain and sources beside it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from lawbook.domains import Case, Domain, draw_case
from lawbook.sources import Source

Function = TypeVar("Function", bound=Callable[..., Any])
_found: dict[str, list[Law]] = {}


@dataclass(eq=False, repr=False)
class Law:
    """An equation about one operation.

    `id` is `topic.name` and public; `statement` is LaTeX; `rows` are the rows of the claims register that
    it covers; `severity` is "error" or "warning"; `screen` is the number of screened cases;
    `statistical` laws draw few cases, since each spends a part of the run's error budget;
    `unless` gives, for some conventions, the reason why the law does not apply.
    """

    id: str
    topic: str
    operation: str
    body: Callable[..., Any]
    inputs: Mapping[str, Domain]
    statement: str
    source: str = ""
    rows: tuple[str, ...] = ()
    severity: str = "error"
    screen: int = 10
    statistical: bool = False
    unless: Callable[[Any], str | None] = field(default=lambda operation: None)

    def draw(self, source: Source) -> Case:
        """One case of the law's domain."""
        return draw_case(self.inputs, source)


def law(
    operation: str | tuple[str, ...],
    statement: str,
    inputs: Mapping[str, Domain],
    **details: Any,
) -> Callable[[Function], Function]:
    """Declare a law about an operation; about each of several, with the operation's name in front."""

    def declare(body: Function) -> Function:
        topic = body.__module__.rpartition(".")[2]
        several = not isinstance(operation, str)
        for name in operation if several else (operation,):
            prefix = f"{name}_" if several else ""
            one = Law(
                id=f"{topic}.{prefix}{body.__name__}",
                topic=topic,
                operation=str(name),
                body=body,
                inputs=inputs,
                statement=statement,
                **details,
            )
            _found.setdefault(topic, []).append(one)
        return body

    return declare


def topics(package: str, some: Collection[str] | None = None) -> list[ModuleType]:
    """The topic modules of a content folder, by name: all, or those of some topics that it has.

    Raises ImportError where another package shadows the folder.
    """
    names = sorted(module.name for module in pkgutil.iter_modules(_own(package).__path__))
    chosen = names if some is None else [name for name in names if name in some]
    return [importlib.import_module(f"{package}.{name}") for name in chosen]


def _own(package: str) -> ModuleType:
    """A folder of Lawbook as a package, without its topics."""
    folder = importlib.import_module(package)
    own = Path(__file__).parent.parent.joinpath(*package.split("."))
    if Path(str(folder.__file__)).parent != own:
        raise ImportError(f"another package named {package!r} shadows Lawbook's: {folder.__file__}")
    return folder


@cache
def discover(operations: frozenset[str] | None = None) -> tuple[Law, ...]:
    """The laws of `properties/`, by topic, in the order of each file: all, or those about operations.

    Only the topics of the operations are imported.
    """
    some = None if operations is None else {topic_of(name) for name in operations}
    names = [module.__name__.rpartition(".")[2] for module in topics("properties", some)]
    laws = (law for name in names for law in _found.get(name, []))
    return tuple(law for law in laws if operations is None or law.operation in operations)


@cache
def _defined() -> Mapping[str, tuple[str, type]]:
    """Operations by name: topic and class; topics without laws have none and are not imported."""
    judged = {module.name for module in pkgutil.iter_modules(_own("properties").__path__)}
    return {
        operation: (module.__name__.rpartition(".")[2], contract)
        for module in topics("reference", judged)
        for operation, contract in getattr(module, "OPERATIONS", {}).items()
    }


@cache
def reference_operations() -> Mapping[str, type]:
    """The reference's operation classes by name: the contracts."""
    return {operation: contract for operation, (_, contract) in _defined().items()}


def topic_of(operation: str) -> str:
    """The topic that has an operation, its laws and its mistakes; empty where the reference lacks it."""
    return _defined().get(operation, ("", None))[0]


def select(laws: Sequence[Law], only: str | None) -> list[Law]:
    """The laws of a topic, an operation or with an id; raises ValueError naming the nearest known ones."""
    if only is None:
        return list(laws)
    chosen = [law for law in laws if only in (law.id, law.topic, law.operation)]
    if not chosen:
        from difflib import get_close_matches

        known = sorted({name for law in laws for name in (law.id, law.topic, law.operation)})
        near = get_close_matches(only, known, n=3, cutoff=0.5)
        hint = f"; did you mean {' or '.join(near)}?" if near else "; see `lawbook laws`"
        raise ValueError(f"there is no topic or law named {only!r}{hint}")
    return chosen
