"""A user id of its own: what the judge's user may do, the worker may not."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress

from .system import CAP_DAC_READ_SEARCH, PR_SET_KEEPCAPS, NotActive, prctl, set_capabilities

FIRST, COUNT = 61184, 4096  # numbers that systems leave to services without an account


def change_user(home: str, hidden: str | None, landlocked: bool) -> None:
    """Become a user that nobody else is, who owns `home` only; raises NotActive.

    Where another user could not read what the worker needs, as the path `hidden` (in an interpreter below
    /root), the right to read any file is kept if Landlock bounds what that is, else this layer cannot be
    had.
    """
    if sys.platform != "linux" or os.geteuid() != 0:
        raise NotActive("only root can give a worker another user id")
    if hidden is not None and not landlocked:
        raise NotActive(
            f"another user could not read {hidden}, and there is no Landlock to bound more"
        )
    number = FIRST + os.getpid() % COUNT
    try:
        os.chown(home, number, number)
        os.setgroups([])
        os.setresgid(number, number, number)
        prctl(PR_SET_KEEPCAPS, int(hidden is not None))
        os.setresuid(number, number, number)
    except OSError as error:
        with suppress(OSError):
            os.chown(home, 0, 0)
        raise NotActive(f"root here may not become another user ({error.strerror})") from None
    kept = 0 if hidden is None else 1 << CAP_DAC_READ_SEARCH
    if not set_capabilities(kept):
        raise OSError("capabilities cannot be dropped")


def readable_by_others(path: str) -> bool:
    """Whether any user may read this file or folder (not: everything below it)."""
    place = os.path.realpath(path)
    try:
        mode = os.stat(place).st_mode
        wanted = 0o5 if stat.S_ISDIR(mode) else 0o4
        if mode & wanted != wanted:
            return False
        while place != os.path.dirname(place):
            place = os.path.dirname(place)
            if not os.stat(place).st_mode & 0o1:
                return False
    except OSError:
        return False
    return True
