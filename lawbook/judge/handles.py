"""Processes by their descriptors, which stay with them, whatever their numbers are in which namespace."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass

from lawbook.judge.control import Control

END_SECONDS = 5.0


@dataclass(eq=False, repr=False)
class Forked:
    """A new worker: its number for the zygote and for the judge, and a descriptor of it if there is one."""

    inside: int
    number: int
    handle: int | None


def number_of(handle: int) -> int:
    """The number, in this process's namespace, of the process that a descriptor stands for."""
    with open(f"/proc/self/fdinfo/{handle}", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("Pid:"))


def stop(process: subprocess.Popen[bytes], control: Control, handles: list[int]) -> None:
    control.close()  # it then ends its workers and itself
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        for handle in handles:  # in namespaces it is another process than the one that we started
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(handle, signal.SIGKILL)
        process.kill()
        process.wait()
    for handle in handles:
        os.close(handle)
