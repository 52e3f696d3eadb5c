"""Landlock: which files this process may still open, and that it may reach no other process.

Needs no privilege.  Facts from the kernel's Documentation/userspace-api/landlock.rst: rights of files came
with version 1 of its interface (REFER with 2, TRUNCATE 3, IOCTL_DEV 5), TCP with 4, scopes of signals and
abstract sockets with 6.  It does not cover stat, chmod, UDP, System V shared memory and keyrings.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
import struct
from collections.abc import Iterable

from .system import PR_SET_NO_NEW_PRIVS, NotActive, libc, prctl, syscall

CREATE, ADD_RULE, RESTRICT = 444, 445, 446  # the same numbers on every architecture
VERSION_FLAG, PATH_BENEATH = 1, 1
WRITE_FILE, READ_FILE, READ_DIR, REMOVE_DIR, REMOVE_FILE = 1 << 1, 1 << 2, 1 << 3, 1 << 4, 1 << 5
MAKE_DIR, MAKE_REG, REFER, TRUNCATE = 1 << 7, 1 << 8, 1 << 13, 1 << 14
FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}  # how many of them a version knows; 16 from 5 on
TCP, SCOPES = 0b11, 0b11  # bind and connect; abstract sockets and signals
READ = READ_FILE | READ_DIR
RULE = struct.Struct("<Qi")
OWN = READ | WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | REFER | TRUNCATE


def version() -> int:
    """The version of the kernel's interface; NotActive where there is none."""
    try:
        return syscall(CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(VERSION_FLAG))
    except OSError as error:
        if error.errno == errno.EOPNOTSUPP:
            raise NotActive("Landlock is switched off in this kernel") from None
        raise NotActive("this kernel, or the container, has no Landlock") from None


def ruleset(known: int) -> int:
    """A new ruleset (a descriptor) that refuses everything this version knows."""
    files = (1 << FILE_RIGHTS.get(known, 16)) - 1
    attributes = struct.pack("<QQQ", files, TCP if known >= 4 else 0, SCOPES if known >= 6 else 0)
    size = 24 if known >= 6 else 16 if known >= 4 else 8
    return syscall(CREATE, attributes, ctypes.c_size_t(size), ctypes.c_uint32(0))


def opened(known: int, paths: Iterable[str], rights: int) -> list[bytes]:
    """Rules that allow these rights at and below the paths; one that is not there is left out.

    A rule holds a descriptor, which stays open: it can be added to rulesets of this process and its forks.
    """
    handled = (1 << FILE_RIGHTS.get(known, 16)) - 1
    of_files = handled & rights & (WRITE_FILE | READ_FILE | TRUNCATE)
    rules = []
    for path in paths:
        try:
            place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue
        is_folder = stat.S_ISDIR(os.fstat(place).st_mode)
        rules.append(RULE.pack(handled & rights if is_folder else of_files, place))
    return rules


def allow(rules: int, allowed: Iterable[bytes]) -> None:
    """Add rules to a ruleset."""
    number, kind, none = ctypes.c_long(ADD_RULE), ctypes.c_int(PATH_BENEATH), ctypes.c_uint32(0)
    add, target = libc().syscall, ctypes.c_int(rules)
    for rule in allowed:
        if add(number, target, kind, rule, none):
            raise OSError(ctypes.get_errno(), "a rule cannot be added to a Landlock ruleset")


def enforce(rules: int) -> None:
    """From now on, and for good, this process is held to the rules."""
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    syscall(RESTRICT, ctypes.c_int(rules), ctypes.c_uint32(0))
    os.close(rules)
