"""Files that are there as a whole or not at all, and the lock of a folder."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

UNFINISHED = ".tmp"
PATIENCE = 3.0  # seconds in which the processes of a killed run end
DEEP = 4  # report, subjects, subject, laws
LARGEST = 1 << 28  # bytes of a result file


class Locked(Exception):
    """Another run works in the folder."""


def write(path: Path, text: str | bytes, mode: int = 0o644, durable: bool = False) -> None:
    """Write a file so that a reader, or the next run, finds all of it or what was there before.

    A power failure may undo it unless it is `durable`: a result that is lost then is made again.
    """
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    new = path.with_name(f".{path.name}.{os.getpid()}{UNFINISHED}")
    try:
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        os.replace(new, path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def read(path: Path) -> Any:
    """What a JSON file holds; None where it is not there or is none."""
    try:
        with open(path, "rb") as file:
            data = file.read(LARGEST + 1)
        return json.loads(data) if len(data) <= LARGEST else None
    except (OSError, ValueError, RecursionError):
        return None


def dumped(value: Mapping[str, Any]) -> str:
    """JSON as all files of a folder have it: a law is a line.

    What the standard library indents is ten times as slow as what it does not.
    """
    return _dumped(value, DEEP, "\n") + "\n"


def _dumped(value: Any, deep: int, line: str) -> str:
    if not deep or not isinstance(value, dict | list) or not value:
        return json.dumps(value, allow_nan=False)
    inner = f"{line} "
    if isinstance(value, dict):
        pairs = (f"{json.dumps(k)}: {_dumped(v, deep - 1, inner)}" for k, v in value.items())
        return f"{{{inner}{f',{inner}'.join(pairs)}{line}}}"
    return f"[{inner}{f',{inner}'.join(_dumped(v, deep - 1, inner) for v in value)}{line}]"


def remove_unfinished(folder: Path) -> None:
    """Remove what a killed run was writing."""
    for path in folder.glob(f".*{UNFINISHED}"):
        path.unlink(missing_ok=True)


def lock(path: Path) -> int:
    """Lock a file for this process and the children it forks; the descriptor, to be closed.

    Raises Locked where others hold it, after some time: those of a run that was killed are ending.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    until = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return descriptor
        except BlockingIOError:
            if time.monotonic() > until:
                os.close(descriptor)
                raise Locked from None
            time.sleep(0.05)
