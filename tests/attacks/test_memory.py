"""Using up memory, and reading or writing that of others."""

from __future__ import annotations

from attacks.harness import DONE, REFUSED, RIGHT, Arena, Attack, Verdict, crash, error, returned
from attacks.sources import in_call, in_import, trying
from lawbook.judge.limits import Limits

SMALL = Limits(call_seconds=0.5, import_seconds=0.5, total_seconds=3.0, memory=128 << 20)
LIMITS, SECCOMP = frozenset({"limits"}), frozenset({"seccomp"})
NO_MEMORY = error("^MemoryError|_ArrayMemoryError|^OSError in .* Cannot allocate memory")
OTHERS = frozenset({"seccomp", "landlock", "user_id", "no_capabilities+root_judge"})


def bomb(name: str, body: str, verdict: Verdict = NO_MEMORY, short: bool = False) -> Attack:
    """256 MB, which a worker that is allowed 128 MB cannot get."""
    done = Verdict("value|timeout", "^got it$|CPU time$")
    source = in_call(f"{body}\nreturn 'got it'")
    return Attack(name, source, verdict, LIMITS, done, short=short, limits=SMALL)


ATTACKS = [
    bomb("a list", "kept = [0] * (1 << 25)", short=True),
    bomb("a bytearray", "kept = bytearray(256 << 20)"),
    bomb("a string that doubles", "kept = 'x'\nwhile len(kept) < 256 << 20: kept += kept"),
    bomb("a NumPy array", "kept = np.empty(1 << 25)"),
    bomb("arrays that are filled", "kept = [np.zeros(1 << 17) for _ in range(256)]"),
    bomb("an anonymous map", "import mmap\nkept = mmap.mmap(-1, 256 << 20)"),
    bomb(
        "many small objects",
        "kept = None\nfor k in range(4_000_000): kept = (kept, k)",
        Verdict("error|timeout", "^MemoryError|CPU time$"),
    ),
    bomb("a broadcast that is copied", "kept = np.broadcast_to(x[0], (1 << 25,)).copy()"),
    bomb("a product of two vectors", "kept = np.outer(np.ones(6000), np.ones(6000))"),
    bomb("an integer", "kept = 1 << (1 << 31)"),
    bomb(
        "a decompressed bomb",
        "import zlib\nkept = zlib.decompress(zlib.compress(bytes(1 << 20)) , bufsize=256 << 20)",
    ),
    Attack(
        "memory at import",
        in_import("kept = bytearray(256 << 20)"),
        error("^MemoryError in Layer.py"),
        LIMITS,
        RIGHT,
        limits=SMALL,
    ),
    Attack(
        "its own limit lifted",
        trying(
            "attempt(resource.setrlimit, resource.RLIMIT_AS, (resource.RLIM_INFINITY,) * 2)",
            "import resource",
        ),
        REFUSED,
        frozenset({"seccomp", "no_capabilities+limits"}),
        DONE,
    ),
    Attack(
        "locked memory",
        trying("attempt(raw, 149, 228, x.ctypes.data, 24)"),
        REFUSED,
        frozenset({"seccomp", "limits"}),
        DONE,
    ),
    Attack(
        "process_vm_readv of judge and parent",
        in_call(
            "ctypes = importlib.import_module('ctypes')\nhere = (ctypes.c_size_t * 2)(x.ctypes.data, 8)\n"
            "def peek(process):\n"
            "    maps = read(f'/proc/{process}/maps').split('-')[0]\n"
            "    there = (ctypes.c_size_t * 2)(int(maps, 16), 8)\n"
            "    return raw(310, 270, process, here, 1, there, 1, 0)\n"
            "return first_done(attempt(peek, one) for one in (JUDGE_PID, os.getppid()))"
        ),
        REFUSED,
        OTHERS,
        DONE,
        short=True,
    ),
    Attack(
        "process_vm_writev to the parent at a known address",
        in_call(
            "ctypes = importlib.import_module('ctypes')\nwhere = (ctypes.c_size_t * 2)(x.ctypes.data, 8)\n"
            "return attempt(raw, 311, 271, os.getppid(), where, 1, where, 0, 0)"
        ),
        REFUSED,
        SECCOMP,
        DONE,
    ),
    Attack(
        "memory of judge and parent by /proc",
        in_call(
            "return first_done(attempt(open, f'/proc/{one}/{name}', mode)\n"
            "    for one in (JUDGE_PID, os.getppid(), 1, 'self') for name, mode in\n"
            "    (('mem', 'rb+'), ('mem', 'rb'), ('maps', 'rb'), ('environ', 'rb'), ('fd/3', 'rb')))"
        ),
        REFUSED,
        frozenset({"landlock"}),
        DONE,
        short=True,
    ),
    Attack(
        "ptrace of judge and parent",
        in_call(
            "return first_done(attempt(raw, 101, 117, 0x4206, one, 0, 0)\n"
            "    for one in (JUDGE_PID, os.getppid()))"
        ),
        REFUSED,
        OTHERS,
        DONE,
        harmless=False,
    ),
    Attack(
        "machine code in a page of its own",
        in_call(
            "ctypes = importlib.import_module('ctypes')\nimport mmap\n"
            "page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)\n"
            "page.write(CODE)\n"
            "address = ctypes.addressof(ctypes.c_char.from_buffer(page))\n"
            "number = ctypes.CFUNCTYPE(ctypes.c_long)(address)()\n"
            "if number > 0:\n    os.waitpid(number, 0)\n"
            "return 'done: forked' if number > 0 else f'refused: {number}'",
            # fork; in the child exit(0)
            "CODE = (bytes.fromhex('b8390000000f05' '4885c0' '7509' '31ff' 'b83c000000' '0f05' 'c3')"
            " if X86 else bytes.fromhex('081b80d2' '200280d2' '010080d2' '010000d4' '600000b5'"
            " 'a80b80d2' '010000d4' 'c0035fd6'))",
        ),
        returned("^refused: -(1|11)$"),
        frozenset({"seccomp", "limits+user_id", "limits+ordinary_user"}),
        returned("^done: forked$"),
        short=True,
    ),
    Attack(
        "machine code with the calls of 32-bit programs",
        in_call(
            "ctypes = importlib.import_module('ctypes')\nimport mmap\n"
            "page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)\n"
            "page.write(bytes.fromhex('b814000000cd80c3'))\n"  # getpid by int 0x80
            "address = ctypes.addressof(ctypes.c_char.from_buffer(page))\n"
            "number = ctypes.CFUNCTYPE(ctypes.c_long)(address)() if X86 else -38\n"
            "return f'done: {number}' if number >= 0 else 'refused'"
        ),
        crash("SIGSYS|SIGSEGV"),
        SECCOMP,
        DONE,
    ),
    Attack(
        "the calls of x32",
        trying("attempt(raw, 0x40000000 + 39, 172)"),
        crash("SIGSYS"),
        SECCOMP,
        returned("^refused: OSError ENOSYS|^done"),  # few kernels have them
    ),
]


def test_attack(arena: Arena, attack: Attack) -> None:
    arena.strike(attack)
