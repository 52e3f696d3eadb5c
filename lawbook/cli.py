"""The command line: what a command needs is imported when it runs.

Exit status: 0 all laws hold, 1 some do not, 2 it could not be judged or the options are wrong, 130 the
user interrupted.  Whatever goes wrong is said in one line on standard error; LAWBOOK_DEBUG=1 shows the
traceback of an internal error.
"""

from __future__ import annotations

import errno
import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NoReturn, TextIO

from lawbook.options import parser

INTERRUPTED = 130
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)  # what a disk says


class UntilGone:
    """Standard output whose reader may go, as in `lawbook laws | head`: the work is finished unread.

    Reports are still written to their files, and the exit status is that of the work.
    """

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        """Write, or lose what nobody reads."""
        try:
            return self.stream.write(text)
        except BrokenPipeError:
            self._forget()
            return len(text)

    def flush(self) -> None:
        """Flush, or lose what nobody reads."""
        try:
            self.stream.flush()
        except BrokenPipeError:
            self._forget()

    def _forget(self) -> None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.stream.fileno())

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit status (SystemExit for --help and wrong options)."""
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115 - None where it is closed
    sys.stderr = sys.stderr or open(os.devnull, "w")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):  # a report must not end at a sign that cannot be shown
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    sys.stdout = UntilGone(sys.stdout)
    options = parser().parse_args(arguments)
    gc.set_threshold(100_000, 50, 50)  # much is made at once and little of it is garbage
    os.environ.setdefault(
        "OPENBLAS_NUM_THREADS", "1"
    )  # our arrays are small; a pool costs start-up
    try:
        from lawbook import commands

        status = commands.run(options)
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        return complain("interrupted", INTERRUPTED)
    except Exception as error:
        from lawbook.reporting import Refused, state

        if isinstance(error, Refused):
            return complain(str(error))
        if isinstance(error, OSError) and error.errno in FULL:
            return complain(f"the report cannot be written: {error.strerror}")
        if os.environ.get("LAWBOOK_DEBUG"):
            raise
        current = f" after {state.latest}" if state.latest else ""
        text = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        return complain(f"internal error{current}: {text}; LAWBOOK_DEBUG=1 shows where")


def run() -> NoReturn:
    """The console script: `main`, and out, without taking all modules apart (a fifth of the time)."""
    status = main()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # closed, or full: `main` has said so
            stream.flush()
    os._exit(status)


def complain(sentence: str, status: int = 2) -> int:
    """One line on standard error; returns the exit status."""
    line = "".join(c if c.isprintable() else "?" for c in " ".join(sentence.split()))
    print(f"lawbook: {line}", file=sys.stderr)
    return status
