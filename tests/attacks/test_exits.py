"""Ending the process, at every moment at which a submission can: an end is never a success."""

from __future__ import annotations

from attacks.harness import RIGHT, Arena, Attack, Verdict, crash, error, returned, timeout
from attacks.sources import in_call, in_constructor, in_import, in_thread

IMPORTING = "^loading the submission ended the process .exit code {}.$"
ENDED = "^layer ended the process .exit code {}.$|^layer or layer.train ended the .* {}.$"
KILLED = "cut the connection, or its process was killed$"
NO_THREAD = error("^RuntimeError in Layer.py line .*can't start new thread$")
THREADS = frozenset({"seccomp", "limits+user_id", "limits+ordinary_user"})
AT_EXIT = """
import atexit, weakref
class Gone:
    def __del__(self): leave("del")
def leave(name):
    with open("/dev/shm/" + MARKER + name, "w"): pass
    os._exit(0)
"""
ATTACKS = [
    Attack("sys.exit(0) at import", in_import("sys.exit(0)"), error("^SystemExit in .*: 0$")),
    Attack("os._exit(0) at import", in_import("os._exit(0)"), crash(IMPORTING.format(0))),
    Attack("os._exit(97) at import", in_import("os._exit(97)"), crash(IMPORTING.format(97))),
    Attack("os._exit(0) in the constructor", in_constructor("os._exit(0)"), crash("code 0.$")),
    Attack("os._exit(0) in a call", in_call("os._exit(0)"), crash("code 0.$"), short=True),
    Attack("os._exit(97) in a call", in_call("os._exit(97)"), crash("code 97.$")),
    Attack(
        "exit_group by its number",
        in_call("raw(231, 94, 0)"),
        crash("code 0.$"),
    ),
    Attack("exit of the only thread", in_call("raw(60, 93, 0)"), crash("code 0.$")),
    Attack(
        "os._exit(0) in a thread",
        in_thread("os._exit(0)"),
        NO_THREAD,
        stopped_by=THREADS,
        through=crash("code 0.$"),
        short=True,
    ),
    Attack(
        "sys.exit(0) in a call", in_call("sys.exit(0)"), error("^SystemExit in Layer.py .*: 0$")
    ),
    Attack("exit with a hostile code", in_call("sys.exit(x)"), error("^SystemExit in Layer.py")),
    Attack(
        "the end of the interpreter in a call",
        in_call("library().Py_FinalizeEx()\nreturn x"),
        crash("ended|crashed|cut"),
    ),
    Attack(
        "atexit, __del__ and weakref.finalize",
        in_call(
            "atexit.register(leave, 'atexit')\nself.gone = Gone()\nbuiltins = sys.modules['builtins']\n"
            "builtins.kept = Gone()\nself.end = weakref.finalize(self.gone, leave, 'end')\nreturn x",
            AT_EXIT,
        ),
        RIGHT,
    ),
    Attack(
        "__del__ of an instance that is replaced",
        in_call("return x", "class Gone:\n    pass\n").replace(
            "class Layer:", "class Layer:\n    def __del__(self): os._exit(0)\n"
        ),
        RIGHT,
    ),
    Attack("abort", in_call("os.abort()"), crash(r"crashed the process \(SIGABRT\)$")),
    Attack("abort at import", in_import("os.abort()"), crash(r"crashed the process \(SIGABRT\)$")),
    Attack(
        "a write to address 0",
        in_call("importlib.import_module('ctypes').memset(0, 1, 1)"),
        crash(r"\(SIGSEGV\)$"),
        short=True,
    ),
    Attack(
        "faulthandler's crash",
        in_call("importlib.import_module('faulthandler')._sigsegv()"),
        crash(r"\(SIGSEGV\)$"),
    ),
    Attack(
        "strides that lead out of an array",
        in_call("return np.lib.stride_tricks.as_strided(x, (9,), (1 << 40,)) * 2"),
        crash(r"\(SIGSEGV\)$"),
    ),
    Attack(
        "an illegal instruction",
        in_call("os.kill(os.getpid(), signal.SIGILL)"),
        crash(r"\(SIGILL\)$"),
    ),
    Attack("a real-time signal", in_call("os.kill(os.getpid(), 40)"), crash(r"\(signal 40\)$")),
    Attack(
        "SIGXCPU before its time",
        in_call("os.kill(os.getpid(), signal.SIGXCPU)"),
        timeout("used up its 3 s of CPU time$"),
    ),
    Attack("SIGKILL to itself", in_call("os.kill(os.getpid(), 9)"), crash(KILLED)),
    Attack("deep recursion", in_call("return self.train(x)"), error("^RecursionError in Layer.py")),
    Attack(
        "recursion in C until the stack ends",
        in_call(
            "sys.setrecursionlimit(1 << 30)\na = b = None\nfor _ in range(1 << 17): a, b = [a], [b]\n"
            "return a == b"
        ),
        Verdict("crash|error", r"\(SIGSEGV\)$|^RecursionError"),  # an error from Python 3.12 on
    ),
    Attack(
        "a nest of lists that is taken apart too deep",
        in_call("for _ in range(300_000): x = (x,)\ndel x\nreturn 1"),
        returned("^1$"),
    ),
    Attack("closes its socket", in_call("os.close(3)\nreturn x"), crash("exit code|cut")),
    Attack("closes everything", in_call("os.closerange(0, 99)\nreturn x"), crash("exit code|cut")),
    Attack(
        "shuts the connection down and waits",
        in_call(
            "connection = next(o for o in gc.get_objects() if type(o).__name__ == 'socket')\n"
            "connection.shutdown(2)\nos.close(3)\ntime.sleep(9)"
        ),
        error("^PermissionError in Layer.py"),
        stopped_by=frozenset({"seccomp"}),
        through=crash(KILLED),
    ),
    Attack(
        "an exit that is caught by nobody at import",
        in_import("class Gone(BaseException): pass\nraise Gone"),
        error("^Gone in Layer.py line"),
    ),
    Attack(
        "exit code of a crash, as if Lawbook had failed",
        in_import("sys.stderr.write('lawbook: internal error')\nos._exit(2)"),
        crash(IMPORTING.format(2)),
    ),
]


def test_attack(arena: Arena, attack: Attack) -> None:
    arena.strike(attack)
