"""What an instructor's own adapter declares: PROFILE, IMPORTS and PRELOAD, read as literals.

PROFILE = {
    "requires": ["dropout", "batch_norm"],   # must be there
    "optional": ["relu"],                    # judged if there
    "conventions": {
        "batch_norm": {"decay": 0.8, "eps": {"measure": "batch_norm_eps"}},
        "dropout": {"p": {"try": ["keep", "drop"],
                          "law": "dropout.dropout_units_are_kept_with_probability_keep"}},
    },
    "severities": {"batch_norm.second_backward_eq_first": "warning"},
}
IMPORTS = ["scipy"]   # packages that a submission may import beyond NumPy
PRELOAD = ["torch"]   # packages that are loaded once, before any submission
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lawbook.conventions import Measured, Open, Profile
from lawbook.profiles.course import Course

if TYPE_CHECKING:
    import ast

PARTS = ("says", "requires", "optional", "conventions", "severities")
SEVERITIES = ("error", "warning")


class BadAdapter(Exception):
    """An adapter's file or what it declares cannot be used; the message is one sentence for the user."""


@cache
def own_course(adapter: Path) -> Course:
    """The declarations in an adapter's file; without PROFILE a course of no profiles."""
    source = source_of(adapter)
    declared = literal(source, adapter, "PROFILE", dict)
    profiles = [] if declared is None else [_profile(declared, adapter)]
    imports = _names(literal(source, adapter, "IMPORTS", list, tuple, set), adapter, "IMPORTS")
    preload = _names(literal(source, adapter, "PRELOAD", list, tuple, set), adapter, "PRELOAD")
    return Course(profiles, frozenset(imports) | frozenset(preload), tuple(preload))


def source_of(adapter: Path) -> ast.Module:
    """The adapter's file as a tree; BadAdapter where it cannot be read or does not compile."""
    import ast  # here, as in `literal`: most runs are about a course of ours

    try:
        return ast.parse(adapter.read_text(encoding="utf-8"), str(adapter))
    except OSError as error:
        raise BadAdapter(f"{adapter}: it cannot be read: {error.strerror}") from None
    except SyntaxError as error:
        line = "it" if error.lineno is None else f"line {error.lineno}"
        raise BadAdapter(f"{adapter}: {line} does not compile: {error.msg}") from None
    except ValueError as error:  # null bytes, or no UTF-8
        raise BadAdapter(f"{adapter}: it is no Python file: {error}") from None


def literal(source: ast.Module, adapter: Path, name: str, *kinds: type) -> Any:
    """The literal that the file assigns to a name; None where it does not, BadAdapter for other values."""
    import ast

    for statement in source.body:
        if isinstance(statement, ast.Assign):
            targets = statement.targets
        elif isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        else:
            continue
        if statement.value is None or name not in [getattr(one, "id", "") for one in targets]:
            continue
        where = f"{adapter}: line {statement.lineno}: {name}"
        try:
            value = ast.literal_eval(statement.value)
        except (ValueError, TypeError, RecursionError):
            raise BadAdapter(
                f"{where} is no literal: write its value itself, computed by nothing"
            ) from None
        if not isinstance(value, kinds):
            raise BadAdapter(f"{where} is a {type(value).__name__}, a {kinds[0].__name__} is due")
        return value
    return None


def _names(value: Any, adapter: Path, what: str) -> Sequence[str]:
    if not all(isinstance(one, str) and one.isidentifier() for one in value or ()):
        raise BadAdapter(f"{adapter}: {what} has {value!r:.80}; the names of packages are due")
    return sorted(value or ())


def _profile(declared: Mapping[Any, Any], adapter: Path) -> Profile:
    """The profile of a declaration; BadAdapter for a part, an operation or a value that is not known."""
    for part in declared:
        if part not in PARTS:
            raise BadAdapter(f"{adapter}: PROFILE has {part!r:.80}; known are {', '.join(PARTS)}")
    conventions = _mapping(declared, "conventions", adapter)
    severities = _mapping(declared, "severities", adapter)
    requires, optional = (_operations(declared, part, adapter) for part in ("requires", "optional"))
    for operation in conventions:
        _known(operation, "conventions", adapter)
    for law, severity in severities.items():
        if severity not in SEVERITIES:
            raise BadAdapter(
                f"{adapter}: PROFILE gives {law} the severity {severity!r:.40}; it is error or warning"
            )
    return Profile(
        name=adapter.stem,
        course=adapter.stem,
        says=str(declared.get("says", "declared by the adapter")),
        requires=requires,
        optional=optional,
        conventions={
            operation: {
                name: _convention(value, operation, name, adapter)
                for name, value in _mapping(conventions, operation, adapter).items()
            }
            for operation in conventions
        },
        severities=severities,
    )


def _mapping(declared: Mapping[Any, Any], part: str, adapter: Path) -> dict[str, Any]:
    value = declared.get(part, {})
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise BadAdapter(f"{adapter}: {part} of PROFILE is {value!r:.80}; names and values are due")
    return value


def _operations(declared: Mapping[Any, Any], part: str, adapter: Path) -> frozenset[str]:
    value = declared.get(part, ())
    if not isinstance(value, list | tuple | set | frozenset):
        raise BadAdapter(
            f"{adapter}: {part} of PROFILE is {value!r:.80}; a list of operations is due"
        )
    for operation in value:
        _known(operation, part, adapter)
    return frozenset(value)


def _known(operation: Any, part: str, adapter: Path) -> None:
    """Refuse what is no operation, naming the nearest ones."""
    from lawbook.laws import reference_operations

    if not isinstance(operation, str) or operation not in reference_operations():
        raise BadAdapter(f"{adapter}: {part} of PROFILE has {unknown(str(operation))}")


def unknown(operation: str) -> str:
    """What to say of a name that is no operation's."""
    from difflib import get_close_matches

    from lawbook.laws import reference_operations

    near = get_close_matches(operation, reference_operations(), n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else "see `lawbook laws`"
    return f"no operation {operation!r:.60}; {hint}"


def _convention(value: Any, operation: str, name: str, adapter: Path) -> Any:
    """A pinned value, {"try": [...], "law": id} or {"measure": experiment} as the judge has them."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, dict) and set(value) == {"try", "law"} and value["try"]:
        return Open(tuple(value["try"]), _law(value["law"], operation, adapter))
    if isinstance(value, dict) and set(value) == {"measure"}:
        return Measured(_experiment(value["measure"], operation, adapter), operation)
    forms = "a value, {'try': [...], 'law': ...} or {'measure': ...} is due"
    raise BadAdapter(f"{adapter}: the convention {name} of {operation} is {value!r:.80}; {forms}")


def _law(law: Any, operation: str, adapter: Path) -> str:
    from lawbook.laws import discover

    known = [one.id for one in discover(frozenset({operation}))]
    if law not in known:
        raise BadAdapter(
            f"{adapter}: there is no law {law!r:.80} of {operation}; see `lawbook laws`"
        )
    return str(law)


def _experiment(experiment: Any, operation: str, adapter: Path) -> str:
    from lawbook.laws import topic_of, topics

    known: set[str] = set()
    for module in topics("properties", {topic_of(operation)}):
        known.update(getattr(module, "EXPERIMENTS", {}))
    if experiment not in known:
        text = f"there is no experiment {experiment!r:.60} of {operation}"
        raise BadAdapter(f"{adapter}: {text}; known are {', '.join(sorted(known)) or 'none'}")
    return str(experiment)
