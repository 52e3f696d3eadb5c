"""Reaching others: sockets of every family, and what the kernel shares between processes.

What is called is a listener that this test opened on loopback; nothing may arrive there.
"""

from __future__ import annotations

from attacks.harness import DONE, REFUSED, Arena, Attack, error
from attacks.sources import in_call, trying

SECCOMP = frozenset({"seccomp"})
SPACES = frozenset({"bubblewrap"})  # which gives it a network, and memory to share, of its own
LIBRARY = "socket = importlib.import_module('socket')"


def calling(name: str, body: str, by: frozenset[str] = SECCOMP, short: bool = False) -> Attack:
    return Attack(name, in_call(f"{LIBRARY}\n{body}"), REFUSED, by, DONE, SPACES, short=short)


ATTACKS = [
    Attack(
        "import socket",
        in_call("import socket\nreturn socket.socket()"),
        error("^ImportError in .*socket may not be used here: this course allows NumPy"),
    ),
    calling(
        "a TCP connection",
        "return attempt(socket.create_connection, ('127.0.0.1', TCP), 1)",
        SECCOMP | {"landlock"},
        short=True,
    ),
    calling(
        "a server",
        "return attempt(socket.create_server, ('127.0.0.1', PORT))",
        SECCOMP | {"landlock"},
    ),
    calling(
        "a UDP datagram",
        "return attempt(lambda: socket.socket(2, 2).sendto(b'x', ('127.0.0.1', UDP)))",
        short=True,
    ),
    calling(
        "an abstract socket",
        "def call():\n    with socket.socket(1, 1) as one: one.connect(ABSTRACT)\nreturn attempt(call)",
        SECCOMP | {"landlock"},
        short=True,
    ),
    calling(
        "an abstract socket of its own",
        "def bind():\n    self.s = socket.socket(1, 1)\n"
        "    self.s.bind('\\0' + MARKER)\n    self.s.listen()\n"
        "return attempt(bind)",
        SECCOMP,
    ),
    Attack(
        "a socket by its path",
        in_call(
            f"{LIBRARY}\ndef call():\n"
            "    with socket.socket(1, 1) as one: one.connect(JUDGE + '/socket')\nreturn attempt(call)"
        ),
        REFUSED,
        SECCOMP,  # in namespaces of its own it sees the same files
        DONE,
    ),
    calling("a pair of sockets", "return attempt(socket.socketpair)", SECCOMP),
    calling("netlink", "return attempt(lambda: socket.socket(16, 3, 0).bind((0, 0)))", SECCOMP),
    calling(
        "raw packets", "return attempt(socket.socket, 17, 3, 3)", SECCOMP | {"no_capabilities"}
    ),
    calling("the hypervisor", "return attempt(socket.socket, 40, 1)", SECCOMP),
    calling(
        "a descriptor sent to the judge with a reply",
        "def send():\n    with socket.socket(fileno=os.dup(3)) as one:\n"
        "        socket.send_fds(one, [b''], [0])\n        return 'sent'\nreturn attempt(send)",
        SECCOMP,
    ),
    calling(
        "an address in a send on its own socket",
        "def send():\n    with socket.socket(fileno=os.dup(3)) as one:\n"
        "        return one.sendto(b'', JUDGE + '/socket')\n"
        "return attempt(send)",
        frozenset(),
    ),
    calling(
        "another socket among what it inherited",
        "found = [n for n in range(4, 4096) if attempt(os.fstat, n).startswith('done')]\n"
        "return f'done: {found}' if found else 'refused: none'",
        frozenset(),
    ),
    Attack(
        "options of its socket",
        in_call(
            f"{LIBRARY}\n"
            "return attempt(lambda: socket.socket(1, 1, 0, os.dup(3)).setsockopt(1, 8, 1 << 24))"
        ),
        REFUSED,
        SECCOMP,
        DONE,
    ),
    Attack(
        "System V shared memory",
        trying("attempt(raw, 29, 194, KEY, 4096, 0o1666)"),
        REFUSED,
        SECCOMP,
        DONE,
        SPACES,
        short=True,
    ),
    Attack(
        "System V semaphores and queues",
        trying(
            "first_done((attempt(raw, 64, 190, KEY, 1, 0o1666), attempt(raw, 68, 186, KEY, 0o1666)))"
        ),
        REFUSED,
        SECCOMP,
        DONE,
        SPACES,
    ),
    Attack(
        "POSIX shared memory",
        in_call(
            "memory = importlib.import_module('_posixshmem')\n"
            "return attempt(memory.shm_open, '/' + MARKER, os.O_CREAT | os.O_RDWR, 0o666)"
        ),
        REFUSED,
        frozenset({"landlock"}),
        DONE,
        SPACES,
        short=True,
    ),
    Attack(
        "POSIX message queues",
        in_call(
            "name = importlib.import_module('ctypes').c_char_p(MARKER.encode())\n"
            "return attempt(raw, 240, 180, name, os.O_CREAT | os.O_RDWR, 0o666, 0)"
        ),
        REFUSED,
        SECCOMP | {"limits", "landlock"},
        DONE,
        SPACES,
    ),
    Attack(
        "a key in the kernel's keyring",
        in_call(
            "ctypes = importlib.import_module('ctypes')\n"
            "kind, name = ctypes.c_char_p(b'user'), ctypes.c_char_p(MARKER.encode())\n"
            "number = attempt(raw, 248, 217, kind, name, name, 8, -2)\n"
            "return number if number.startswith('done') else attempt(raw, 250, 219, 0, -4, 0)"
        ),
        REFUSED,
        SECCOMP,
        DONE,
        short=True,
    ),
    Attack(
        "an event descriptor, inotify and fanotify",
        in_call(
            "return first_done((attempt(raw, 290, 19, 0, 0), attempt(raw, 294, 26, 0),\n"
            "    attempt(raw, 300, 262, 0, 0)))"
        ),
        REFUSED,
        SECCOMP,
        DONE,
    ),
    Attack(
        "locks on a file that others read",
        in_call(
            "import fcntl\nplace = os.open(np.__file__, os.O_RDONLY)\n"
            "return first_done((attempt(fcntl.flock, place, fcntl.LOCK_SH),\n"
            "    attempt(fcntl.lockf, place, fcntl.LOCK_SH)))"
        ),
        REFUSED,
        SECCOMP,
        DONE,
    ),
    Attack(
        "a lease on a file that others read",
        in_call(
            "import fcntl\nplace = os.open(__file__, os.O_RDONLY)\n"
            "return attempt(fcntl.fcntl, place, fcntl.F_SETLEASE, fcntl.F_RDLCK)"
        ),
        REFUSED,
        SECCOMP | {"user_id"},
        DONE,
    ),
    Attack(
        "a device",
        in_call(
            "return first_done(attempt(os.open, '/dev/' + one, os.O_RDWR)\n"
            "    for one in ('tty', 'ptmx', 'random', 'kmsg'))"
        ),
        REFUSED,
        frozenset({"landlock"}),
        DONE,
    ),
]


def test_attack(arena: Arena, attack: Attack) -> None:
    arena.strike(attack)
