"""The self-test: a canary tries fourteen attacks from inside a real worker, and what came of them counts."""

from __future__ import annotations

import os
import socket
import sys
import tempfile
import threading
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Self
from weakref import WeakKeyDictionary

from lawbook.isolation.levels import Isolation, level_of
from lawbook.judge.limits import Limits
from lawbook.judge.remote import RemoteBackend
from lawbook.judge.scratch import remove_tree
from lawbook.judge.zygote import JudgeError, Zygote
from lawbook.operations import Invoke, New, TargetError

CANARY = Path(__file__).with_name("canary.py")
LIMITS = Limits()
SEPARATE = ("net", "pid", "ipc", "mnt")  # the namespaces that make the highest level

_known: WeakKeyDictionary[Zygote, Isolation] = WeakKeyDictionary()
_lock = threading.Lock()


def isolation_of(zygote: Zygote) -> Isolation:
    """What is around the workers of a zygote, found out once; raises JudgeError where none can start.

    Safe to call from several threads: the others wait for the one that finds out.
    """
    with _lock:
        if zygote not in _known:
            _known[zygote] = _find_out(zygote)
        return _known[zygote]


def begin(zygote: Zygote) -> None:
    """Find it out from now on, beside other work; `isolation_of` waits for it."""

    def find_out() -> None:
        # it is raised again where the isolation is asked for; or the zygote was closed meanwhile
        with suppress(JudgeError, OSError):
            isolation_of(zygote)

    with suppress(RuntimeError):  # no thread is left: it is found out where it is asked for
        threading.Thread(target=find_out, daemon=True).start()


def require(isolation: Isolation, level: str) -> None:
    """Raise JudgeError with one sentence where the isolation is below a level."""
    if not isolation.reaches(level):
        escapes = ", ".join(isolation.escapes.values()) or "see what is not active"
        raise JudgeError(
            f"submissions are isolated at level {isolation.level!r} here, below {level!r} ({escapes}); "
            f"`lawbook doctor` tells more, --require-isolation {isolation.level} grades all the same"
        )


def _find_out(zygote: Zygote) -> Isolation:
    zygote.versions  # noqa: B018 - waits until it is up; JudgeError where it cannot be started
    with ExitStack() as stack:
        bait = stack.enter_context(Bait(zygote.directory))
        backend = stack.enter_context(RemoteBackend(CANARY, CANARY, zygote=zygote, limits=LIMITS))
        try:
            answer = backend.run([New(1, "canary", bait.told), Invoke(1, "try_all", ())])[1]
            user, *outcomes = answer
            found = {str(name): str(done) for name, done in outcomes}
            if not bait.arrived():
                found["datagram"] = ""
        except (TargetError, TypeError, ValueError) as error:
            return Isolation("none", not_active=(("self-test", f"it failed: {error}"),))
        layers, not_active = backend.isolation, backend.not_active
    wrapped = not zygote.unwrapped
    if wrapped:
        layers = (*layers, "bubblewrap")
    else:
        not_active = (*not_active, ("bubblewrap", zygote.unwrapped))
    level = level_of(found, int(user) not in (0, os.getuid()), wrapped and _separate(zygote))
    return Isolation(level, layers, not_active, found)


def _separate(zygote: Zygote) -> bool:
    """Whether the workers' namespaces are not this process's."""
    theirs = zygote.namespaces
    try:
        return all(theirs[name] != os.stat(f"/proc/self/ns/{name}").st_ino for name in SEPARATE)
    except (OSError, KeyError):
        return False


class Bait:
    """What the canary is after: a secret file, sockets that listen, the number of this process.

    A context manager; `told` is what the canary is told.
    """

    def __init__(self, directory: Path) -> None:
        self._stack = ExitStack()
        folder = Path(tempfile.mkdtemp(prefix="canary-", dir=directory))
        self._stack.callback(remove_tree, folder)
        (folder / "secret").write_text("the rubric", encoding="ascii")
        (folder / "program").write_text("this is no program", encoding="ascii")
        (folder / "program").chmod(0o755)
        tcp = self._stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        self._udp = self._stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        self._udp.bind(("127.0.0.1", 0))
        self._udp.setblocking(False)
        abstract = f"lawbook-canary-{os.urandom(8).hex()}"
        self._listen(folder / "socket")
        if sys.platform == "linux":
            self._listen("\0" + abstract)
        self.told: dict[str, Any] = {
            "folder": str(folder),
            "judge": os.getpid(),
            "tcp": tcp.getsockname()[1],
            "udp": self._udp.getsockname()[1],
            "abstract": abstract,
            "bytes_beyond": (LIMITS.memory or 1 << 40) + (1 << 20),
        }

    def _listen(self, place: Path | str) -> None:
        """Listen on a Unix socket; where its path is too long there is none, as the canary will say."""
        listener = self._stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        if isinstance(place, str):
            listener.bind(place)
        elif sys.platform == "linux":  # a socket's path must be short, its folder's need not
            folder = os.open(place.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
            self._stack.callback(os.close, folder)
            listener.bind(f"/proc/self/fd/{folder}/{place.name}")
        else:
            with suppress(OSError):
                listener.bind(str(place))
        with suppress(OSError):
            listener.listen()

    def arrived(self) -> bool:
        """Whether a datagram came: in a network of its own the canary sends to nobody."""
        try:
            return bool(self._udp.recv(16))
        except BlockingIOError:
            return False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()
