"""Limits that the kernel holds a worker to."""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Mapping


def set_limits(limits: Mapping[str, int | None], used: int) -> list[str]:
    """Set what the judge allows; names of the limits that this system refuses to set.

    `limits` has the keys memory (bytes of address space beyond what is `used` already), cpu (seconds),
    file_size, open_files; None leaves one off.  At the soft limit of CPU time comes SIGXCPU, which names
    the cause, a second later SIGKILL.
    """
    memory = limits["memory"]
    wanted: list[tuple[str, int, int | None]] = [
        ("memory", resource.RLIMIT_AS, None if memory is None else used + memory),
        ("cpu", resource.RLIMIT_CPU, limits["cpu"]),
        ("file_size", resource.RLIMIT_FSIZE, limits["file_size"]),
        ("open_files", resource.RLIMIT_NOFILE, limits["open_files"]),
        ("core", resource.RLIMIT_CORE, 0),
        ("processes", resource.RLIMIT_NPROC, 0),  # the kernel does not count root's
        ("locked_memory", resource.RLIMIT_MEMLOCK, 0),
    ]
    if sys.platform == "linux":
        wanted.append(("message_queues", resource.RLIMIT_MSGQUEUE, 0))
    refused = []
    for name, kind, limit in wanted:
        if limit is None:
            continue
        hard = resource.getrlimit(kind)[1]
        grace = 1 if name == "cpu" else 0
        hard = limit + grace if hard == resource.RLIM_INFINITY else min(limit + grace, hard)
        try:
            resource.setrlimit(kind, (min(limit, hard), hard))
        except (OSError, ValueError):  # macOS has no limit of address space
            refused.append(name)
    return refused


def mapped() -> int:
    """Bytes of address space that this process uses now; 0 where the system does not tell."""
    try:
        with open("/proc/self/statm", "rb", buffering=0) as file:
            return int(file.read(100).split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0
