"""Other processes: started, signalled, traced, slowed down, and what outlives the one that made it."""

from __future__ import annotations

from attacks.harness import (
    DONE,
    REFUSED,
    RIGHT,
    Arena,
    Attack,
    Verdict,
    crash,
    error,
    returned,
    timeout,
)
from attacks.sources import in_call, in_import, in_thread, trying

SECCOMP = frozenset({"seccomp"})
TRACED = frozenset({"seccomp", "landlock", "user_id", "no_capabilities+root_judge"})
SLOWED = frozenset({"seccomp", "user_id", "no_capabilities+root_judge"})
NO_FORK = frozenset({"seccomp", "limits+user_id", "limits+ordinary_user"})
NO_SIGNAL = frozenset({"seccomp", "user_id", "landlock"})
FORKED = error("^(PermissionError|BlockingIOError) in Layer.py")

# All that gets through is bounded: a few children, which end by themselves after seconds at the latest.
DAEMON = """
def daemon():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.closerange(0, 99)
            for n in signal.valid_signals() - {9, 19}: signal.signal(n, signal.SIG_IGN)
            time.sleep(20)
        os._exit(0)
"""
ATTACKS = [
    Attack(
        "fork bomb",
        in_call(
            "for _ in range(30):\n"
            "    if os.fork() == 0:\n        time.sleep(20)\n        os._exit(0)\ntime.sleep(20)"
        ),
        FORKED,
        NO_FORK,
        timeout("did not return"),
        short=True,
    ),
    Attack(
        "fork bomb at import",
        in_import(
            "for _ in range(30):\n    if os.fork() == 0:\n        time.sleep(20)\n        os._exit(0)"
        ),
        FORKED,
        NO_FORK,
        Verdict("value|crash|timeout", "."),
    ),
    Attack(
        "double-forked daemon",
        in_call("daemon()\ntime.sleep(0.05)\nreturn x", DAEMON),
        FORKED,
        NO_FORK,
        RIGHT,
        short=True,
    ),
    Attack(
        "a daemon whose parent ends",
        in_call("daemon()\nos._exit(0)", DAEMON),
        FORKED,
        NO_FORK,
        crash("exit code 0"),
    ),
    Attack(
        "a child that answers in its parent's place",
        in_call("if os.fork(): time.sleep(20)\nreturn x"),
        FORKED,
        NO_FORK,
        RIGHT,
    ),
    Attack(
        "vfork and clone by their numbers",
        in_call(
            "def child(number, *given):\n"
            "    process = raw(*number, *given)\n"
            "    if process == 0: os._exit(0)\n"
            "    return process\n"
            "return first_done((attempt(child, (56, 220), 17, 0, 0, 0, 0),\n"
            "    attempt(child, (435, 435), 0, 0)))"
        ),
        REFUSED,
        NO_FORK,
        DONE,
    ),
    Attack(
        "another program in its place",
        trying(
            "attempt(os.execv, sys.executable, ['python', '-c', 'import os; os.write(3, b\"x\" * 99)'])"
        ),
        REFUSED,
        frozenset({"seccomp", "landlock"}),
        Verdict("crash|timeout", "."),
        short=True,
    ),
    Attack(
        "another program from memory",
        in_call(
            "memory = attempt(os.memfd_create, 'x')\nif memory.startswith('refused'): return memory\n"
            "place = os.memfd_create('x')\nos.write(place, open(sys.executable, 'rb').read(1 << 20))\n"
            "return attempt(os.execv, place, ['x'], {})"
        ),
        Verdict("value|error", "^refused|^PermissionError"),
        frozenset({"seccomp", "landlock"}),
        Verdict("value|error|crash", "."),
    ),
    Attack(
        "os.posix_spawn",
        trying("attempt(os.posix_spawn, '/bin/true', ['true'], {})"),
        REFUSED,
        NO_FORK | {"landlock"},
        DONE,
    ),
    Attack(
        "os.system",
        trying("'done: ' if os.system('true') == 0 else 'refused: '"),
        REFUSED,
        NO_FORK | {"landlock"},
        DONE,
    ),
    Attack(
        "subprocess",
        in_call("import subprocess\nreturn subprocess.run(['/bin/true'])"),
        error("^ImportError in Layer.py .*subprocess may not be used here"),
    ),
    Attack(
        "subprocess past the policy",
        trying("attempt(importlib.import_module('subprocess').run, ['/bin/true'])"),
        REFUSED,
        NO_FORK | {"landlock"},
        DONE,
    ),
    Attack(
        "multiprocessing past the policy",
        in_call(
            "pool = importlib.import_module('multiprocessing')\n"
            "child = pool.get_context('fork').Process(target=time.sleep, args=(20,), daemon=True)\n"
            "return attempt(child.start)"
        ),
        REFUSED,
        NO_FORK,
        DONE,
    ),
    Attack(
        "concurrent.futures",
        in_call(
            "from concurrent.futures import ThreadPoolExecutor\n"
            "return attempt(lambda: ThreadPoolExecutor(8).submit(sum, [1]).result())"
        ),
        returned("^refused: RuntimeError"),
        NO_FORK,
        DONE,
    ),
    Attack(
        "threads that spin",
        in_call(
            "def spin():\n    while True: pass\n"
            "for _ in range(8): threading.Thread(target=spin, daemon=True).start()\ntime.sleep(9)"
        ),
        error("^RuntimeError in Layer.py .*can't start new thread"),
        NO_FORK,
        timeout("CPU time|did not return"),
        short=True,
    ),
    Attack(
        "a thread that answers later",
        in_thread("time.sleep(0.02)\nos.write(3, b'x' * 99)"),
        error("can't start new thread"),
        NO_FORK,
        crash("no legal reply"),
    ),
    Attack(
        "a thread that is not a daemon, at the end",
        in_call("threading.Thread(target=time.sleep, args=(20,)).start()\nsys.exit(0)"),
        error("can't start new thread|^SystemExit"),
        NO_FORK,
        error("^SystemExit"),
    ),
    # Signal 0 asks whether a signal may be sent; nothing else is sent to who is not the attack's own.
    Attack(
        "signals to judge, parent, first process and groups",
        in_call(
            "who = (JUDGE_PID, os.getppid(), 1, -os.getpgid(os.getppid()), -JUDGE_PID)\n"
            "return first_done(attempt(os.kill, one, 0) for one in who if one)"
        ),
        REFUSED,
        NO_SIGNAL,
        DONE,
        short=True,
    ),
    Attack(
        "a signal to everybody",
        trying("attempt(os.kill, -1, 0)"),
        REFUSED,
        SECCOMP,
        DONE,
        short=True,
    ),
    Attack(
        "kills its parent",
        trying("attempt(os.kill, os.getppid(), signal.SIGKILL)"),
        REFUSED,
        NO_SIGNAL,
        harmless=False,
    ),
    Attack(
        "stops its parent",
        trying("attempt(os.kill, os.getppid(), signal.SIGSTOP)"),
        REFUSED,
        NO_SIGNAL,
        harmless=False,
    ),
    Attack(
        "a signal by a descriptor of its parent",
        trying("attempt(lambda: signal.pidfd_send_signal(os.pidfd_open(os.getppid()), 0))"),
        REFUSED,
        NO_SIGNAL,
        DONE,
    ),
    Attack(
        "a queued signal to its parent",
        in_call(
            "about = np.zeros(32, 'i4')\nabout[2] = -1\n"
            "return first_done(attempt(raw, 129, 138, one, 0, about.ctypes.data)\n"
            "    for one in (os.getppid(), JUDGE_PID))"
        ),
        REFUSED,
        NO_SIGNAL,
        DONE,
    ),
    Attack(
        "a signal at the end of a message, by F_SETOWN and O_ASYNC",
        in_call(
            "import fcntl\n"
            "return first_done((attempt(fcntl.fcntl, 3, fcntl.F_SETOWN, os.getppid()),\n"
            "    attempt(fcntl.fcntl, 3, 10, 9)))"
        ),
        REFUSED,
        SECCOMP,
        DONE,
    ),
    Attack(
        "a descriptor of the judge by pidfd_getfd",
        trying("attempt(lambda: raw(438, 438, os.pidfd_open(os.getppid()), 0, 0))"),
        REFUSED,
        TRACED,
        DONE,
    ),
    Attack(
        "priority of judge and parent",
        in_call(
            "def renice(one): os.setpriority(0, one, os.getpriority(0, one))\n"
            "return first_done(attempt(renice, one) for one in (JUDGE_PID, os.getppid()))"
        ),
        REFUSED,
        SLOWED,
        DONE,
    ),
    Attack(
        "cores of judge and parent",
        in_call(
            "def pin(one): os.sched_setaffinity(one, os.sched_getaffinity(one))\n"
            "return first_done(attempt(pin, one) for one in (JUDGE_PID, os.getppid()))"
        ),
        REFUSED,
        SLOWED,
        DONE,
    ),
    Attack(
        "limits of its parent",
        trying("attempt(__import__('resource').prlimit, os.getppid(), 7)"),
        REFUSED,
        frozenset({"seccomp", "user_id"}),
        DONE,
    ),
    Attack(
        "a comparison with its parent by kcmp",
        trying("attempt(raw, 312, 272, os.getpid(), os.getppid(), 1, 0, 0)"),
        REFUSED,
        TRACED,
        DONE,
    ),
    Attack(
        "a group of its parent",
        trying("attempt(os.setpgid, 0, os.getpgid(os.getppid()))"),
        REFUSED,
    ),
    Attack("a session of its own again", trying("attempt(os.setsid)"), REFUSED),
    Attack(
        "keys typed into a terminal",
        in_call(
            "import fcntl\n"
            "return first_done(attempt(fcntl.ioctl, one, 0x5412, b'x') for one in (0, 1, 2, 3))"
        ),
        REFUSED,
    ),
    Attack(
        "the signal at its parent's death cleared",
        trying("attempt(raw, 157, 167, 1, 0, 0, 0, 0)"),
        REFUSED,
        SECCOMP,
        DONE,
    ),
    Attack(
        "dumpable again",
        trying("attempt(raw, 157, 167, 4, 1, 0, 0, 0)"),
        REFUSED,
        SECCOMP,
        DONE,
    ),
    Attack(
        "setuid(0) and all groups",
        in_call(
            "return first_done((attempt(os.setresuid, 0, 0, 0), attempt(os.setgroups, [0]),\n"
            "    attempt(os.setresgid, 0, 0, 0)))"
        ),
        REFUSED,
        frozenset({"seccomp", "user_id", "ordinary_user"}),
        DONE,
        short=True,
    ),
    Attack(
        "namespaces of its own",
        in_call(
            "return first_done(attempt(raw, 272, 97, one) for one in\n"
            "    (0x10000000, 0x10000000 | 0x20000, 0x40000000, 0x8000000))"
        ),
        REFUSED,
        SECCOMP,
        DONE,
        short=True,
    ),
    Attack(
        "the namespaces of its parent",
        trying("attempt(lambda: raw(308, 268, os.open(f'/proc/{os.getppid()}/ns/mnt', 0), 0))"),
        REFUSED,
        frozenset({"seccomp", "landlock", "no_capabilities"}),
        DONE,
    ),
    Attack(
        "chroot, mount, pivot_root, umount",
        in_call(
            "home = os.getcwd().encode() + b'\\0'\nctypes = importlib.import_module('ctypes')\n"
            "place = ctypes.c_char_p(home)\n"
            "return first_done((attempt(os.chroot, os.getcwd()),\n"
            "    attempt(raw, 165, 40, place, place, ctypes.c_char_p(b'nosuch'), 0, 0),\n"
            "    attempt(raw, 166, 39, place, 0), attempt(raw, 155, 41, place, place)))"
        ),
        REFUSED,
        frozenset({"seccomp", "no_capabilities"}),
        DONE,
    ),
    Attack(
        "another personality",
        trying("attempt(raw, 135, 92, 0x0040000)"),
        REFUSED,
        SECCOMP,
        DONE,
    ),
    Attack(
        "programs in the kernel, its counters, its rings and its faults",
        in_call(
            "block = np.zeros(64, 'u1').ctypes.data\n"
            "return first_done((attempt(raw, 321, 280, 0, block, 64),\n"
            "    attempt(raw, 298, 241, block, 0, -1, -1, 0),\n"
            "    attempt(raw, 425, 425, 4, np.zeros(30, 'u4').ctypes.data), attempt(raw, 323, 282, 1)))"
        ),
        REFUSED,
        SECCOMP,
        DONE,
        short=True,
    ),
    Attack(
        "a file by its handle",
        in_call(
            "handle, mount = np.zeros(40, 'i4'), np.zeros(1, 'i4')\nhandle[0] = 128\n"
            "def by_handle():\n"
            "    path = np.frombuffer((JUDGE + '/rubric.toml').encode() + b'\\0', 'u1')\n"
            "    raw(303, 264, -100, path.ctypes.data, handle.ctypes.data, mount.ctypes.data, 0)\n"
            "    place = raw(304, 265, os.open('.', os.O_RDONLY), handle.ctypes.data, os.O_RDONLY)\n"
            "    return os.read(place, 99)\n"
            "return attempt(by_handle)"
        ),
        REFUSED,
    ),
    Attack(
        "a module of the kernel, a swap file, a reboot that is none",
        in_call(
            "return first_done((attempt(raw, 175, 105, 0, 0, 0), attempt(raw, 167, 224, 0, 0),\n"
            "    attempt(raw, 169, 142, 0, 0, 0, 0)))"
        ),
        REFUSED,
    ),
    Attack(
        "a filter of its own before the judge's",
        trying("attempt(raw, 317, 277, 0, 0, 0)"),
        REFUSED,
        SECCOMP,
        crash("."),
    ),
    Attack(
        "the limit of CPU time put up",
        trying("attempt(__import__('resource').setrlimit, 0, (99999, 99999))"),
        REFUSED,
        frozenset({"seccomp", "no_capabilities+limits"}),
        DONE,
    ),
    Attack(
        "timers that are not its own",
        in_call("return attempt(raw, 222, 107, 1, 0, np.zeros(4, 'u8').ctypes.data)"),
        REFUSED,
        SECCOMP,
        DONE,
    ),
]


def test_attack(arena: Arena, attack: Attack) -> None:
    arena.strike(attack)
