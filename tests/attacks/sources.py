"""Sources of hostile submissions: where an attack strikes, and the tools it has.

The names in capitals are what an `Arena` tells its attackers: they need not search for their targets.
"""

from __future__ import annotations

import textwrap

ADAPTER = """
import runpy, types

def load(root):
    names = runpy.run_path(root + "/Layer.py")
    return types.SimpleNamespace(operations={"layer": names["Layer"]}, errors={}, notes=[], profile=None)
"""

# `raw` makes system calls past Python and past the import policy, by the kernel's numbers.
TOOLS = '''
import errno, gc, importlib, os, platform, signal, sys, threading, time
import numpy as np

X86 = platform.machine() == "x86_64"

def attempt(function, *arguments, **named):
    """"done: ..." or "refused: <exception> <errno>"."""
    try:
        result = function(*arguments, **named)
    except Exception as error:
        code = getattr(error, "errno", None)
        return f"refused: {type(error).__name__} {errno.errorcode.get(code, '')}".strip()
    return f"done: {result!r:.120}"

def library():
    return importlib.import_module("ctypes").CDLL(None, use_errno=True)

def raw(x86, arm, *arguments):
    """The system call with these numbers on x86-64 and arm64; OSError where it is refused."""
    ctypes = importlib.import_module("ctypes")
    given = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    result = library().syscall(ctypes.c_long(x86 if X86 else arm), *given)
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return result

def read(path):
    with open(path, "rb") as file:
        return file.read(4096).decode("latin-1")

def write(path, text="hostile"):
    with open(path, "w") as file:
        file.write(text)

def first_done(attempts):
    """The first that succeeded, or the last refusal."""
    said = "refused: nothing to try"
    for said in attempts:
        if said.startswith("done"):
            return said
    return said
'''


def _indented(body: str, width: int) -> str:
    return textwrap.indent(textwrap.dedent(body).strip("\n"), " " * width)


def in_import(body: str) -> str:
    """It strikes while the file is imported; the layer itself is right."""
    return f"{textwrap.dedent(body)}\nclass Layer:\n    def train(self, x):\n        return x\n"


def in_constructor(body: str) -> str:
    """It strikes in the constructor."""
    return (
        f"class Layer:\n    def __init__(self):\n{_indented(body, 8)}\n"
        "    def train(self, x):\n        return x\n"
    )


def in_call(body: str, top: str = "") -> str:
    """It strikes in `train(self, x)`, whose body this is."""
    return f"{textwrap.dedent(top)}\nclass Layer:\n    def train(self, x):\n{_indented(body, 8)}\n"


def in_thread(body: str) -> str:
    """It strikes in a thread that the call starts and does not wait for."""
    return in_call(
        f"threading.Thread(target=strike, daemon=True).start()\n{_WAIT}\nreturn x",
        top=f"def strike():\n{_indented(body, 4)}",
    )


_WAIT = "time.sleep(0.1)"


def trying(expression: str, top: str = "") -> str:
    """Its call tries one thing and returns what came of it, "done: ..." or "refused: ..."."""
    return in_call(f"return {expression}", top)
