"""The system-call filter: a program of classic BPF that the kernel runs at every system call.

See Documentation/userspace-api/seccomp_filter.rst and the macros of linux/bpf_common.h.  What the lists in
`syscalls` do not allow fails with "operation not permitted", so honest code gets a PermissionError.
"""

from __future__ import annotations

import ctypes
import errno
import struct
import sys
from collections.abc import Iterable
from functools import cache

from .syscalls import CHECKED, CLONE3, PLAIN, Checked
from .system import PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, NotActive, machine, prctl

ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column, AUDIT_ARCH_*
X32 = 0x40000000  # the calls of x86-64's other ABI have this bit
LOAD, JUMP_EQUAL, JUMP_AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16  # places in struct seccomp_data
ALLOW, KILL = 0x7FFF0000, 0x80000000
REFUSE, NO_SUCH_CALL = 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
INSTRUCTION = struct.Struct("<HBBI")
FILTER_MODE = 2


def program(architecture: str, process: int) -> bytes:
    """The filter for the process with this number; NotActive for an architecture without a table."""
    if architecture not in ARCHITECTURES:
        raise NotActive(f"there is no table of system calls for {architecture}")
    code = []
    for call in CHECKED.values():
        code += _checked(call, ARCHITECTURES[architecture][0], process)
    code.append((RETURN, 0, 0, REFUSE))
    return _unchecked(architecture) + _packed(code)


@cache
def _unchecked(architecture: str) -> bytes:
    """The start of the filter, which is the same for every process."""
    column, audit = ARCHITECTURES[architecture]
    plain = [numbers[column] for numbers in PLAIN.values() if numbers[column] >= 0]
    code = [
        (LOAD, 0, 0, ARCHITECTURE),
        (JUMP_EQUAL, 1, 0, audit),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
        (JUMP_AT_LEAST, 0, 1, X32),
        (RETURN, 0, 0, KILL),
    ]
    for index, number in enumerate(plain):  # to the ALLOW behind the last of them
        code.append((JUMP_EQUAL, len(plain) - 1 - index, int(index == len(plain) - 1), number))
    code.append((RETURN, 0, 0, ALLOW))
    code += [(JUMP_EQUAL, 0, 1, CLONE3), (RETURN, 0, 0, NO_SUCH_CALL)]
    return _packed(code)


def _packed(code: Iterable[tuple[int, int, int, int]]) -> bytes:
    return b"".join(INSTRUCTION.pack(*step) for step in code)


def _checked(call: Checked, column: int, process: int) -> list[tuple[int, int, int, int]]:
    """The steps for one call whose arguments matter; they are passed over for any other."""
    steps = []
    if call.null is not None:
        for half in (0, 4):
            steps += [
                (LOAD, 0, 0, ARGUMENTS + 8 * call.null + half),
                (JUMP_EQUAL, 1, 0, 0),
                (RETURN, 0, 0, REFUSE),
            ]
    steps.append((LOAD, 0, 0, ARGUMENTS + 8 * call.argument))
    for index, value in enumerate(call.values):
        number = process if isinstance(value, str) else value
        steps.append((JUMP_EQUAL, len(call.values) - index, 0, number))
    steps += [(RETURN, 0, 0, REFUSE), (RETURN, 0, 0, ALLOW)]
    return [(JUMP_EQUAL, 0, len(steps), call.numbers[column]), *steps]


def enforce(process: int) -> None:
    """From now on, and for good, the kernel asks the filter; raises NotActive where it cannot."""
    if sys.platform != "linux":
        raise NotActive("system calls can be filtered on Linux only")
    steps = program(machine(), process)
    text = ctypes.create_string_buffer(steps, len(steps))
    head = struct.pack("<HxxxxxxQ", len(steps) // INSTRUCTION.size, ctypes.addressof(text))
    pointer = ctypes.create_string_buffer(head, len(head))
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    if not prctl(PR_SET_SECCOMP, FILTER_MODE, ctypes.addressof(pointer)):
        raise NotActive("this kernel, or the container, refuses filters of system calls")
