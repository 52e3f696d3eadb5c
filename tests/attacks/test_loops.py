"""Never ending, in Python and in C, asleep and awake: the worker's own CPU time and a wall clock end it."""

from __future__ import annotations

from attacks.harness import Arena, Attack, Verdict, timeout
from attacks.sources import in_call, in_constructor, in_import
from lawbook.judge.limits import Limits

CPU = timeout("^(layer or )?layer.train took more than 0.2 s of CPU time$")
WALL = timeout("^layer or layer.train did not return within 0.2 s$")
SLOW = Limits(call_seconds=0.3, import_seconds=0.3, total_seconds=0.8)
ATTACKS = [
    Attack("busy loop", in_call("while True: pass"), CPU, short=True),
    Attack(
        "busy loop at import",
        in_import("while True: pass"),
        timeout("^loading the submission took more than 0.3 s of CPU time$"),
    ),
    Attack("busy loop in the constructor", in_constructor("while True: pass"), CPU),
    Attack("loop in C over an iterator", in_call("import itertools\nsum(itertools.count())"), CPU),
    Attack(
        "a regular expression that tries all ways",
        in_call("import re\nre.match('(a+)+$', 'a' * 60 + 'b')"),
        CPU,
    ),
    Attack("a huge power", in_call("return 7 ** 7 ** 12"), CPU),
    Attack(
        "digits of a huge number",
        in_call("sys.set_int_max_str_digits(0)\nreturn len(str(3 ** 9_000_000))"),
        CPU,
    ),
    Attack(
        "a huge product of matrices",
        in_call("a = np.ones((3000, 3000))\nwhile True: a = a @ a / 3000"),
        CPU,
    ),
    Attack("a huge sort", in_call("while True: np.sort(np.arange(4_000_000) % 977)"), CPU),
    Attack("sleep", in_call("time.sleep(60)"), WALL, short=True),
    Attack(
        "sleep at import",
        in_import("time.sleep(60)"),
        timeout("^loading the submission did not return within 0.3 s$"),
    ),
    Attack("waits for input", in_call("sys.stdin.read()\nos.read(3, 1)"), WALL),
    Attack("waits in poll", in_call("import select\nselect.select([], [], [])"), WALL),
    Attack(
        "waits for a lock", in_call("lock = threading.Lock()\nlock.acquire()\nlock.acquire()"), WALL
    ),
    Attack("waits for a signal", in_call("signal.pause()"), WALL),
    Attack(
        "naps between spins",
        in_call("while True:\n    time.sleep(0.02)\n    sum(range(50_000))"),
        timeout("^layer or layer.train (did not return|took more than)"),
    ),
    Attack(
        "every call just below its limit",
        in_call("t = time.process_time()\nwhile time.process_time() < t + 0.22: pass\nreturn x"),
        timeout("^the submission has used up its 0.8 s of CPU time$"),
        limits=SLOW,
        calls=8,
    ),
    Attack(
        "all signals ignored",
        in_call(
            "for n in signal.valid_signals() - {9, 19}: signal.signal(n, signal.SIG_IGN)\n"
            "signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())\nwhile True: pass"
        ),
        CPU,
    ),
    Attack(
        "SIGXCPU ignored",
        in_call("signal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass"),
        CPU,
    ),
    Attack(
        "except Exception",
        in_call("while True:\n    try:\n        while True: pass\n    except Exception: pass"),
        CPU,
    ),
    Attack(
        "except BaseException",
        in_call("while True:\n    try:\n        while True: pass\n    except BaseException: pass"),
        CPU,
    ),
    Attack(
        "finally that starts again",
        in_call("try: raise KeyboardInterrupt\nfinally:\n    while True: pass"),
        CPU,
    ),
    Attack("a generator that never ends", in_call("return list(iter(int, 1))"), CPU),
    Attack(
        "a __str__ that never ends",
        in_call(
            "raise Endless",
            "class Endless(Exception):\n    def __str__(self):\n        while True: pass",
        ),
        CPU,
    ),
    Attack(
        "an alarm that starts again",
        in_call(
            "def again(*rest):\n    while True: pass\nsignal.signal(signal.SIGALRM, again)\n"
            "signal.setitimer(signal.ITIMER_REAL, 0.01)\ntime.sleep(0.2)\nreturn x"
        ),
        CPU,
    ),
    Attack(
        "an alarm between two calls",
        in_call(
            "def again(*rest):\n    while True: pass\nsignal.signal(signal.SIGALRM, again)\n"
            "if not hasattr(self, 'set'): self.set = signal.setitimer(signal.ITIMER_REAL, 0.001)\nreturn x"
        ),
        CPU,
        calls=400,
    ),
    Attack(
        "an alarm that raises in the worker's own code",
        in_call(
            "def again(*rest): raise KeyboardInterrupt\nsignal.signal(signal.SIGALRM, again)\n"
            "signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)\nreturn x"
        ),
        Verdict("error|crash", "^KeyboardInterrupt|ended the process|crashed the process"),
        calls=4000,
    ),
    Attack("stops itself", in_call("os.kill(os.getpid(), signal.SIGSTOP)\nreturn x"), WALL),
    Attack(
        "clocks that stand still",
        in_call(
            "for name in ('time', 'monotonic', 'perf_counter', 'process_time', 'thread_time'):\n"
            "    setattr(time, name, lambda: 0.0)\ntime.sleep = lambda s: None\nwhile True: pass"
        ),
        CPU,
    ),
    Attack(
        "clocks that stand still in a long batch",
        in_call(
            "time.monotonic = lambda: 0.0\nt = time.process_time()\n"
            "while time.process_time() < t + 0.02: pass\nreturn x"
        ),
        CPU,
        calls=200,
    ),
    Attack(
        "an operand whose operators loop",
        in_call(
            "return np.ones(3) * Slow()",
            "class Slow:\n    __array_priority__ = 99\n    def __rmul__(self, x):\n        while True: pass",
        ),
        CPU,
    ),
]


def test_attack(arena: Arena, attack: Attack) -> None:
    arena.strike(attack)
