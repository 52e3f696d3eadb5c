"""What no attack may change: processes, files, sockets, objects of the kernel, the judge's own state."""

from __future__ import annotations

import fcntl
import hashlib
import os
import random
import resource
import signal
import socket
import stat
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import numpy as np

SHARED = ("/tmp", "/var/tmp", "/dev/shm")  # where anybody may write


def processes() -> dict[int, tuple[int, str]]:
    """Number -> (parent, state) of every process of the kernel."""
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            with suppress(OSError):
                with open(f"/proc/{name}/stat", "rb", buffering=0) as file:
                    fields = file.read().rpartition(b")")[2].split()
                found[int(name)] = (int(fields[1]), chr(fields[0][0]))
    return found


def descendants(root: int, known: dict[int, tuple[int, str]]) -> set[int]:
    """What a process has started, directly or not."""
    found: set[int] = set()
    waiting = {root}
    while waiting:
        waiting = {number for number, (parent, _) in known.items() if parent in waiting}
        found |= waiting
    return found


def strangers(before: Iterable[int], zygote: int, directory: Path) -> set[int]:
    """New processes that come from a worker: by their ancestors, environment or folder."""
    now = processes()
    found = descendants(zygote, now) - set(before)
    for number in now.keys() - set(before) - found:
        with suppress(OSError):
            if os.fsencode(directory) in Path(f"/proc/{number}/environ").read_bytes():
                found.add(number)
        with suppress(OSError):
            if os.readlink(f"/proc/{number}/cwd").startswith(str(directory)):
                found.add(number)
    return found


def tree(folder: Path) -> dict[str, str]:
    """Path -> mode, owner, links, size, time and digest of everything below a folder."""
    found = {}
    for place, names, files in os.walk(folder):
        for name in [".", *names, *files]:
            path = os.path.normpath(os.path.join(place, name))
            status = os.lstat(path)
            digest = ""
            if stat.S_ISREG(status.st_mode):
                digest = hashlib.sha256(Path(path).read_bytes()).hexdigest()
            found[path] = (
                f"{status.st_mode:o} {status.st_uid} {status.st_gid} {status.st_nlink} "
                f"{status.st_size} {status.st_mtime_ns} {digest}"
            )
    return found


def marked(marker: str) -> set[str]:
    """Files in places for everybody and keys that carry a marker."""
    found = {
        os.path.join(folder, name)
        for folder in SHARED
        if os.path.isdir(folder)
        for name in os.listdir(folder)
        if marker in name
    }
    with suppress(OSError):
        found |= {line for line in _lines("/proc/keys") if marker in line}
    return found


def system_v(key: int) -> set[str]:
    """System V shared memory, semaphores and queues under a key."""
    found = set()
    for kind in ("shm", "sem", "msg"):
        with suppress(OSError):
            for line in _lines(f"/proc/sysvipc/{kind}"):
                if line.split()[0] == str(key):
                    found.add(f"{kind} {line.split()[1]}")
    return found


def taken(port: int, name: str) -> set[str]:
    """Of a port on loopback and an abstract name, where a socket is bound."""
    found = set()
    for kind, family, place in (
        (socket.SOCK_STREAM, socket.AF_INET, ("127.0.0.1", port)),
        (socket.SOCK_DGRAM, socket.AF_INET, ("127.0.0.1", port)),
        (socket.SOCK_STREAM, socket.AF_UNIX, "\0" + name),
    ):
        with socket.socket(family, kind) as ours:
            try:
                ours.bind(place)
            except OSError:
                found.add(str((kind, place)))
    return found


def locks(folder: Path) -> set[str]:
    """Files below a folder that somebody holds a lock on."""
    found = set()
    for path in folder.rglob("*"):
        if path.is_file():
            with open(path, "rb+") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError:
                    found.add(str(path))
    return found


def process_state(number: int | str) -> dict[str, object]:
    """What an attacker may want to change of another process."""
    place = Path(f"/proc/{number}")
    given = 0 if number == "self" else int(number)
    stopped = (place / "stat").read_bytes().rpartition(b")")[2].split()[0] in (b"T", b"t", b"Z")
    return {
        "descriptors": descriptors(number),
        "cores": os.sched_getaffinity(given),
        "priority": os.getpriority(os.PRIO_PROCESS, given),
        "limits": (place / "limits").read_text(),
        "directory": os.readlink(place / "cwd"),
        "stopped": stopped,
    }


def descriptors(number: int | str) -> list[str]:
    """What the open descriptors of a process are, without the numbers of sockets and pipes."""
    found = []
    for name in os.listdir(f"/proc/{number}/fd"):
        with suppress(OSError):
            target = os.readlink(f"/proc/{number}/fd/{name}").partition(":[")[0]
            found.append(target if not target.startswith("/proc/") else "/proc")
    return sorted(found)


def judge_state(submissions: str) -> dict[str, object]:
    """This process: what a submission could have reached had it run in here."""
    return {
        **process_state("self"),
        "environment": dict(os.environ),
        "handlers": {number: signal.getsignal(number) for number in signal.valid_signals()},
        "mask": signal.pthread_sigmask(signal.SIG_BLOCK, ()),
        "umask": _umask(),
        "core size": resource.getrlimit(resource.RLIMIT_CORE),
        "import": (list(sys.path), list(map(id, sys.meta_path)), id(__builtins__)),
        "foreign modules": [
            name
            for name, module in list(sys.modules.items())
            if str(getattr(module, "__file__", "")).startswith(submissions)
        ],
        "generators": (hash(random.getstate()), np.random.get_state()[1].tobytes()),
        "threads": threading.active_count(),
        "error handling": np.geterr(),
    }


def differences(before: dict[str, object], after: dict[str, object]) -> list[str]:
    """The names of what changed, with both values."""
    return [
        f"{name}: {before.get(name)!s:.300} -> {after.get(name)!s:.300}"
        for name in before.keys() | after.keys()
        if before.get(name) != after.get(name)
    ]


def _umask() -> int:
    text = next(line for line in _lines("/proc/self/status") if line.startswith("Umask"))
    return int(text.split()[1], 8)


def _lines(path: str) -> list[str]:
    return Path(path).read_text(errors="replace").splitlines()
