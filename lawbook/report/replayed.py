"""The report on a replayed counterexample."""

from __future__ import annotations

import sys
from pathlib import Path

from rich.text import Text

from lawbook.replay import Replayed
from lawbook.report.blocks import block
from lawbook.report.dialects import Dialect, course_dialect, local_dialect
from lawbook.report.repro import script
from lawbook.report.terminal import emit, terminal
from lawbook.report.values import safe
from lawbook.submissions import adapter_file
from lawbook.targets import Target
from lawbook.verdicts import NOT_HELD


def show(one: Replayed, course: str | None = None, verbose: bool = False) -> bool:
    """Print what the counterexample comes to now; returns whether the law still does not hold."""
    console = terminal(sys.stdout)
    failing = one.verdict.status in NOT_HELD
    words = f"still does not hold ({one.verdict.status})" if failing else "holds now"
    line = Text.assemble((safe(one.subject), "bold"), f": {one.verdict.law} ")
    emit(console, line.append(words, "red" if failing else "green"))
    if failing:
        one.verdict.repro = _script(one, course) if verbose else None
        emit(console, block(one.verdict, verbose=verbose))
        emit(console, Text())
    return failing


def _script(one: Replayed, course: str | None) -> str | None:
    if one.path is None:
        return script(one.verdict, _local(one.target))
    adapter = adapter_file(course) if course else _adapter(one)
    return script(one.verdict, course_dialect(adapter, one.profile), one.path)


def _adapter(one: Replayed) -> Path:
    backend = one.target.backend
    return Path(getattr(backend, "adapter", adapter_file("fau")))


def _local(target: Target) -> Dialect:
    words = target.name.split()
    return local_dialect(words[0], *(words[-2:] if len(words) == 4 else ()))
