"""Using up disk, descriptors and the judge's patience with output."""

from __future__ import annotations

from attacks.harness import DONE, RIGHT, Arena, Attack, crash, error, returned, timeout
from attacks.sources import in_call, in_import
from lawbook.judge.limits import Limits

FLOOD = crash("printed more than 0.5 MB$")
SHORT_OUTPUT = Limits(call_seconds=0.5, import_seconds=0.5, total_seconds=3.0, output=1 << 19)
ROOMY = Limits(call_seconds=2.0, import_seconds=0.5, total_seconds=4.0)
FEW_FILES = Limits(call_seconds=2.0, import_seconds=0.5, total_seconds=4.0, files=300)
TOO_LARGE = returned("^refused: OSError EFBIG$")
LIMITS, SECCOMP = frozenset({"limits"}), frozenset({"seccomp"})
ATTACKS = [
    Attack(
        "one big file",
        in_call("return attempt(write, 'big', 'x' * (4 << 20))"),
        TOO_LARGE,
        stopped_by=LIMITS,
        through=DONE,
        short=True,
    ),
    Attack(
        "a sparse file",
        in_call(
            "file = open('sparse', 'wb')\nreturn attempt(os.ftruncate, file.fileno(), 1 << 40)"
        ),
        TOO_LARGE,
        stopped_by=LIMITS,
        through=returned("^done|EFBIG"),
    ),
    Attack(
        "a sparse file by seeking",
        in_call(
            "file = open('sparse', 'wb', buffering=0)\nfile.seek(1 << 40)\n"
            "return attempt(file.write, b'x')"
        ),
        TOO_LARGE,
        stopped_by=LIMITS,
        through=returned("^done|EFBIG"),
    ),
    Attack(
        "room for a file that is not written",
        in_call(
            "file = open('room', 'wb')\nreturn attempt(os.posix_fallocate, file.fileno(), 0, 64 << 20)"
        ),
        returned("^refused: OSError (EFBIG|EPERM)$|^refused: PermissionError EPERM$"),
        stopped_by=frozenset({"limits", "seccomp"}),
        through=DONE,
    ),
    Attack(
        "many small files",
        in_call(
            "for k in range(400): os.close(os.open(f'{k}', os.O_CREAT | os.O_WRONLY))\nreturn x"
        ),
        RIGHT,
        limits=ROOMY,
    ),
    Attack(
        "many files that together are big",
        in_call("for k in range(100): write(f'{k}', 'x' * (1 << 20))\nreturn 'wrote 100 MB'"),
        crash("^layer or layer.train wrote more than 32 MB$"),
        limits=ROOMY,
    ),
    Attack(
        "more small files than it may have",
        in_call("for k in range(10**9): os.close(os.open(f'{k}', os.O_CREAT | os.O_WRONLY))"),
        crash("^layer or layer.train made more than 300 files$"),
        limits=FEW_FILES,
    ),
    Attack(
        "deep folders that nobody may enter",
        in_call(
            "for _ in range(400):\n    os.mkdir('d')\n    os.chdir('d')\n"
            "os.mkdir('locked', 0)\ntime.sleep(0.2)\nreturn x"
        ),
        RIGHT,
        limits=ROOMY,
    ),
    Attack(
        "files below a path that is too long",
        in_call(
            "for _ in range(60):\n    os.mkdir('d' * 100)\n    os.chdir('d' * 100)\n"
            "time.sleep(1)\nreturn x"
        ),
        crash("^layer or layer.train made folders that cannot be looked into$"),
        limits=ROOMY,
    ),
    Attack(
        "absurd names in its own folder",
        in_call("for k in range(1, 255): write(chr(k) * 9 if k != 47 else '\\n', '')\nreturn x"),
        RIGHT,
    ),
    Attack(
        "its own folder renamed, removed, replaced by a link",
        in_call(
            "home = os.getcwd()\nsaid = [attempt(os.rename, home, home + MARKER), attempt(os.rmdir, home),"
            " attempt(os.symlink, JUDGE, home + MARKER)]\n"
            "return 'done' if any(one.startswith('done') for one in said) else 'refused'"
        ),
        returned("^refused$"),
        stopped_by=frozenset({"landlock", "user_id"}),
        through=returned("^done|^refused"),
    ),
    Attack(
        "all descriptors",
        in_call("self.f = []\nwhile True: self.f.append(open('/dev/null'))"),
        error("^OSError in .*Errno 24"),
        stopped_by=LIMITS,
        through=timeout("."),
    ),
    Attack(
        "pipes full of data",
        in_call(
            "self.f = []\nwhile True:\n    self.f.append(os.pipe())\n"
            "    os.write(self.f[-1][1], b'x' * 65536)"
        ),
        error("^OSError in .*Errno 24"),
        stopped_by=LIMITS,
        through=timeout("."),
    ),
    Attack(
        "print", in_call("while True: print('x' * 10_000)"), FLOOD, limits=SHORT_OUTPUT, short=True
    ),
    Attack(
        "print at import", in_import("while True: print('x' * 10_000)"), FLOOD, limits=SHORT_OUTPUT
    ),
    Attack(
        "native writes",
        in_call("while True: os.write(1, b'x' * 65536)"),
        FLOOD,
        limits=SHORT_OUTPUT,
    ),
    Attack(
        "standard error",
        in_call("while True: sys.stderr.write('x' * 10_000)"),
        FLOOD,
        limits=SHORT_OUTPUT,
    ),
    Attack(
        "warnings and tracebacks",
        in_call(
            "import traceback, warnings\nwarnings.simplefilter('always')\n"
            "while True:\n    warnings.warn('x' * 10_000)\n    traceback.print_stack()"
        ),
        FLOOD,
        limits=SHORT_OUTPUT,
    ),
    Attack(
        "output that looks like a terminal's commands",
        in_call(
            "print('\\x1b[2J\\x1b]0;owned\\x07' * 9)\nraise ValueError('\\x1b[31m\\u202e\\x9b')"
        ),
        error(r"^ValueError in Layer.py line \d+: [ -~]*$"),
    ),
    Attack(
        "a message of 100 MB",
        in_call("raise ValueError('x' * (100 << 20))"),
        error("^ValueError in Layer.py line .*x$"),
        limits=ROOMY,
    ),
    Attack(
        "standard output made blocking and full",
        in_call(
            "import fcntl\nfcntl.fcntl(1, fcntl.F_SETFL, 0)\nos.write(1, b'x' * 300_000)\nreturn x"
        ),
        RIGHT,
    ),
    Attack(
        "the pipe of its output made small",
        in_call("return attempt(importlib.import_module('fcntl').fcntl, 1, 1031, 4096)"),
        returned("^refused|^done"),
    ),
]


def test_attack(arena: Arena, attack: Attack) -> None:
    arena.strike(attack)
