"""An adapter whose submission is a bird: it tries what an attacker would, and says what came of it.

It runs in a worker, under the walls that are to be tried, and leaves nothing behind where an attack works.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import platform
import resource
import socket
import sys
import types
from collections.abc import Callable

# shmget, shmctl, keyctl, process_vm_readv by architecture
NUMBERS = {"x86_64": (29, 31, 250, 310), "aarch64": (194, 195, 219, 270)}
USER_KEYRING, GET_KEYRING = -4, 0
CREATE_PRIVATE, REMOVE = 0o1600, 0


class Canary:
    """The attacks; each returns "" if it was stopped, and otherwise what it could do."""

    def __init__(
        self, *, folder: str, judge: int, tcp: int, udp: int, abstract: str, bytes_beyond: int
    ) -> None:
        self.folder, self.judge, self.bytes_beyond = folder, judge, bytes_beyond
        self.tcp, self.udp, self.abstract = tcp, udp, abstract

    def try_all(self) -> list[object]:
        """The user id it runs under, then for each attack its name and what it could do."""
        found: list[object] = [os.getuid()]
        for attack in ATTACKS:
            try:
                done = attack(self) or ""
            except (OSError, MemoryError, ValueError):
                done = ""
            except LookupError:
                done = "it could not be tried on this system"
            found.append([attack.__name__, done])
        return found

    def read(self) -> str:
        with open(os.path.join(self.folder, "secret"), encoding="ascii") as file:
            return f"it read a file of the judge ({len(file.read())} characters)"

    def write(self) -> str:
        for folder in (self.folder, "/tmp", "/dev/shm", "/var/tmp"):
            path = os.path.join(folder, f"lawbook-canary-{os.getpid()}")
            try:
                with open(path, "x"):
                    os.unlink(path)
            except OSError:
                continue
            return f"it wrote a file into {folder}"
        return ""

    def connect(self) -> str:
        with socket.create_connection(("127.0.0.1", self.tcp), 1):
            return "it made a TCP connection to the judge's machine"

    def datagram(self) -> str:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"canary", ("127.0.0.1", self.udp))
            return "it sent a UDP datagram"

    def unix(self) -> str:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
            caller.connect("\0" + self.abstract)
            return "it reached an abstract Unix socket"

    def unix_path(self) -> str:
        os.chdir(self.folder)  # from inside, as the path of a socket must be short
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
                caller.connect("socket")
                return "it reached a Unix socket by its path"
        except FileNotFoundError:
            raise LookupError("the judge could not make one") from None
        finally:
            os.chdir(os.environ["HOME"])

    def fork(self) -> str:
        child = os.fork()
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)
        return "it started a process"

    def execute(self) -> str:
        try:
            os.execv(os.path.join(self.folder, "program"), ["program"])
        except PermissionError:
            return ""
        except OSError:  # the file is no program: it got as far as that
            return "it could have run another program"

    def signal(self) -> str:
        for process in (self.judge, os.getppid()):
            try:
                os.kill(process, 0)
            except OSError:
                continue
            return "it can send signals to the judge or to its parent"
        return ""

    def memory_of_others(self) -> str:
        read = numbers()[3]
        for process in (self.judge, os.getppid()):
            vector = (ctypes.c_size_t * 2)(16, 8)  # 8 bytes at the address 16, where nothing is
            ctypes.set_errno(0)
            call(read, process, vector, 1, vector, 1, 0)
            if ctypes.get_errno() == 14:  # EFAULT: it may read, there is only nothing there
                return "it can read the memory of the judge or of its parent"
        return ""

    def shared_memory(self) -> str:
        get, control, _, _ = numbers()
        number = call(get, 0, 4096, CREATE_PRIVATE)
        if number < 0:
            return ""
        call(control, number, REMOVE, 0)
        return "it made shared memory"

    def keyring(self) -> str:
        number = call(numbers()[2], GET_KEYRING, USER_KEYRING, 0)
        return (
            "it has a keyring that outlives it" if number >= 0 or ctypes.get_errno() == 126 else ""
        )

    def memory(self) -> str:
        flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | getattr(mmap, "MAP_NORESERVE", 0x4000)
        mmap.mmap(-1, self.bytes_beyond, flags=flags).close()
        return "its memory has no limit"

    def endless(self) -> str:
        soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
        if soft == resource.RLIM_INFINITY:
            return "its CPU time has no limit of the kernel's"
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard + 1))
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))
        return "it can lift its limit of CPU time"


ATTACKS: tuple[Callable[[Canary], str | None], ...] = (
    Canary.read,
    Canary.write,
    Canary.connect,
    Canary.datagram,
    Canary.unix,
    Canary.unix_path,
    Canary.fork,
    Canary.execute,
    Canary.signal,
    Canary.memory_of_others,
    Canary.shared_memory,
    Canary.keyring,
    Canary.memory,
    Canary.endless,
)


def numbers() -> tuple[int, int, int, int]:
    """The numbers of the calls on this system; LookupError where they are not known."""
    return NUMBERS[platform.machine() if sys.platform == "linux" else "?"]


def call(number: int, *arguments: object) -> int:
    """A raw system call; -1 where it is refused."""
    values = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    return int(library.syscall(ctypes.c_long(number), *values))


library = ctypes.CDLL(None, use_errno=True)


def load(root: str) -> types.SimpleNamespace:
    """The one operation, as any adapter gives its own."""
    return types.SimpleNamespace(operations={"canary": Canary}, errors={}, notes=[], profile=None)
