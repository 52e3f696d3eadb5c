"""What runs on the workers of a Dask cluster: one hand-in at a time in each process."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from lawbook import __version__
from lawbook.classes import job, packing
from lawbook.classes.scratch import scratch
from lawbook.grading import Grader
from lawbook.intake import HandIn, Student, TakenIn
from lawbook.seeds import Seeds
from lawbook.settings import Settings, from_json
from lawbook.zygotes import Zygotes

ONE = threading.Lock()  # a worker may have several threads, and the judge has state of its process


def version() -> str:
    """The version of Lawbook here."""
    return __version__


def do(task: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The subjects of a hand-in as JSON; nothing of it stays here."""
    settings = from_json(task["settings"])
    sent = task["hand_in"]
    student = Student(**sent["student"]) if sent["student"] else None
    hand_in = HandIn(sent["name"], Path(sent["source"]), student, None, sent["inside"])
    with ONE:
        zygotes = _zygotes(settings.python, settings.without)
        with zygotes.folder("auto") as folder:
            here = _with_adapter(settings, task["adapter"], folder)
            into = folder / "in"
            into.mkdir()
            root = packing.unpack(task["files"], into)
            taken = TakenIn(root, task["digest"], tuple(task["notes"]))
            grader = Grader(here, Seeds(seed=task["seed"]), zygotes, alone=True)
            return list(job.judged(hand_in, taken, grader))


@cache
def _zygotes(python: str | None, without: frozenset[str]) -> Zygotes:
    """Those of this process; they end with it, and what they leave is removed by the next run here."""
    keep = ExitStack()
    place = keep.enter_context(scratch())
    zygotes = keep.enter_context(Zygotes(python, without, place=place))
    atexit.register(keep.close)
    return zygotes


def _with_adapter(settings: Settings, text: str | None, folder: Path) -> Settings:
    """The settings with the instructor's own adapter, if there is one, where it lies here."""
    if text is None:
        return settings
    own = folder / Path(settings.course).name
    own.write_text(text)
    return replace(settings, course=str(own))
