"""The few calls of the Linux kernel that Python has no name for."""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from functools import cache

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_KEEPCAPS, PR_SET_CHILD_SUBREAPER = 1, 4, 8, 36
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 22, 38
CAP_DAC_READ_SEARCH = 2
CAPABILITIES = struct.Struct(
    "<IIIIII"
)  # effective, permitted, inheritable; then their upper halves
CAPABILITY_VERSION = 0x20080522


class NotActive(Exception):
    """A layer cannot be had on this machine; the text says why."""


@cache
def libc() -> ctypes.CDLL:
    """The C library of this process."""
    return ctypes.CDLL(None, use_errno=True)


def prctl(option: int, value: int, pointer: int = 0) -> bool:
    """Linux's prctl(option, value, pointer); False where the system has none or refuses."""
    if sys.platform != "linux":
        return False
    return bool(libc().prctl(option, ctypes.c_ulong(value), ctypes.c_void_p(pointer), 0, 0) == 0)


def syscall(number: int, *arguments: object) -> int:
    """The result of a raw system call; raises OSError."""
    result = int(libc().syscall(ctypes.c_long(number), *arguments))
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def machine() -> str:
    """The architecture whose system calls this process makes: "x86_64", "aarch64" or another name."""
    name = os.uname().machine
    return name if struct.calcsize("P") == 8 else f"32-bit {name}"


def set_capabilities(kept: int) -> bool:
    """Leave this process only these capabilities (a bit each), for good; whether that worked."""
    header = struct.pack("<Ii", CAPABILITY_VERSION, 0)
    return bool(libc().capset(header, CAPABILITIES.pack(kept, kept, 0, 0, 0, 0)) == 0)
