"""A page, written in one piece: whoever opens the file sees the old page or the new one."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from typing import IO

from lawbook.report.jsonfile import Unwritable


class PageFile:
    """A file to be written once, at the end; until then what was in it stays.  "-" is standard output.

    Raises Unwritable at once where it cannot be written.  What is no plain file (a pipe, a device) is written
    to as it is.
    """

    def __init__(self, path: str) -> None:
        self.path, self._target, self._beside = path, path, ""
        self._stream: IO[str] = sys.stdout
        if path == "-":
            return
        try:
            self._target = os.path.realpath(path)
            self._stream = self._opened()
        except (OSError, ValueError) as error:
            raise self._unwritable(error) from None

    def _opened(self) -> IO[str]:
        exists = os.path.exists(self._target)
        if exists and not stat.S_ISREG(os.stat(self._target).st_mode):
            return open(self._target, "w", encoding="utf-8")
        if exists and not os.access(self._target, os.W_OK):
            raise PermissionError(13, "Permission denied")
        folder, name = os.path.split(self._target)
        beside = os.path.join(folder, f".{name}.{os.getpid()}.part")
        stream = open(beside, "w", encoding="utf-8")  # noqa: SIM115 - closed in `close`
        self._beside = beside
        if exists:
            os.chmod(beside, stat.S_IMODE(os.stat(self._target).st_mode))
        return stream

    def write(self, page: str) -> None:
        """Write the page in place of what was there."""
        try:
            self._stream.write(page)
            self._stream.flush()
            if self._beside:
                os.fsync(self._stream.fileno())
                os.replace(self._beside, self._target)
                self._beside = ""
        except OSError as error:
            if isinstance(error, BrokenPipeError):
                raise
            raise self._unwritable(error) from None

    def close(self) -> None:
        """Close the file; a page that was not finished is removed."""
        if self.path == "-":
            return
        with suppress(OSError):  # what could not be written has been said already
            self._stream.close()
        if self._beside:
            os.unlink(self._beside)

    def _unwritable(self, error: Exception) -> Unwritable:
        reason = getattr(error, "strerror", None) or str(error)
        return Unwritable(f"{self.path}: cannot be written: {reason}")
