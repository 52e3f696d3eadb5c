"""Which operations a submission of functions offers."""

from __future__ import annotations

from collections.abc import Sequence

from ..contract import Loaded
from .course import Bound, Course

Row = tuple[str, str, tuple[str, ...], type[Bound]]  # operation, file, its functions, adapter


def loaded_from(course: Course, table: Sequence[Row], may_be_absent: frozenset[str]) -> Loaded:
    """The operations of a table; why one of them is not there, unless it may be absent."""
    loaded = Loaded(notes=course.files.notes)
    for operation, stem, functions, adapter in table:
        reason = course.missing(stem, functions)
        if reason is None:
            loaded.operations[operation] = bind(adapter, course)
        elif operation not in may_be_absent or "has no function" not in reason:
            loaded.errors[operation] = reason
    return loaded


def bind(adapter: type[Bound], course: Course) -> type:
    """The adapter's class for one submission."""
    return type(adapter.__name__, (adapter,), {"course": course, "__doc__": adapter.__doc__})
