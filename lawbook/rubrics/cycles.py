"""What items need: known, without a circle, and nothing hidden where students would see it."""

from __future__ import annotations

from lawbook.rubrics.model import BadRubric, Item, Rubric, meant
from lawbook.rubrics.names import Names


def check_needs(rubric: Rubric, names: Names) -> None:
    """Raise BadRubric where an item needs what is unknown, hidden from its reader, or needs it."""
    items = {item.name: item for item in rubric.items}
    for number, item in enumerate(rubric.items, 1):
        for need in item.needs:
            names.anything(need, f"item {number} ({item.name!r:.40}).needs", items)
            if not item.hidden and _is_hidden(rubric, need, names):
                raise BadRubric(
                    f"item {number} ({item.name!r:.40}).needs: {need!r:.60} is hidden, "
                    "and what students see would tell how it ended"
                )
    for item in rubric.items:
        _walk(item, items, ())


def _is_hidden(rubric: Rubric, need: str, names: Names) -> bool:
    found = rubric.item(need)
    if found is not None:
        return found.hidden
    laws = meant([need])
    entries = (
        {"law": law.id, "topic": law.topic, "operation": law.operation} for law in names.known
    )
    return any(laws.match(entry) and rubric.hides(entry) for entry in entries)


def _walk(item: Item, items: dict[str, Item], path: tuple[str, ...]) -> None:
    if item.name in path:
        circle = (*path[path.index(item.name) :], item.name)
        raise BadRubric(f"items need each other in a circle: {' needs '.join(map(repr, circle))}")
    for need in item.needs:
        if need in items:
            _walk(items[need], items, (*path, item.name))
