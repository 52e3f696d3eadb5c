"""Forged, torn and oversized messages: whatever comes through the socket is an answer, or ends the worker.

A forged reply with the right number is no more than the submission's own answer.  Everything else that is
not exactly one legal reply to the question is a crash of the submission, in one sentence.
"""

from __future__ import annotations

import resource

import numpy as np
import pytest

from attacks.harness import RIGHT, Arena, Attack, Verdict, crash, error, returned, timeout
from attacks.sources import in_call, in_import
from lawbook.judge.limits import Limits
from lawbook.operations import Invoke, New, TargetError

FORGED = returned(r"^\[7\.0, 7\.0, 7\.0\]$")  # its own answer, on another way
OUT_OF_TURN = crash(
    "that nobody had asked for$|a reply to no question$"
)  # as it arrives sooner or later
TORN = crash("sent what is no legal reply: ")
# `say` writes bytes to the judge, `asked` finds the number of the request, `reply` is a message with one
# result for the constructor and one for the call.
WIRE = """
import struct
packing = sys.modules["lawbook_worker.packing"]

def framed(header, payload=b"", more=0):
    return struct.pack("<II", len(header) + more, len(payload)) + header + payload

def say(data, descriptor=3):
    while data:
        data = data[os.write(descriptor, data):]

def asked():
    frame = sys._getframe()
    while frame:
        head = frame.f_locals.get("head")
        if isinstance(head, dict) and "id" in head:
            return head["id"]
        frame = frame.f_back

def reply(number, values=None, error=None, more=False):
    values = [None, np.full(3, 7.0)] if values is None else values
    return packing.encode({"id": number, "more": more, "error": error}, values)

def header(text):
    return framed(text.replace("ID", str(asked())).encode("latin-1"))
"""


def writing(name: str, body: str, verdict: Verdict = TORN, **more: object) -> Attack:
    """It writes to the judge's socket during a call, and then returns what is right."""
    return Attack(name, in_call(f"{body}\nreturn x", WIRE), verdict, **more)  # type: ignore[arg-type]


def heading(name: str, text: str, verdict: Verdict = TORN) -> Attack:
    """Its reply has this header, in which ID is the number that was asked."""
    return writing(name, f"say(header({text}))", verdict)


def saying(name: str, values: str, verdict: Verdict = TORN) -> Attack:
    """Its reply has these values, as JSON."""
    return heading(
        name,
        f'\'{{"id":ID,"more":false,"error":null,"values":[null,\' + {values} + \']}}\'',
        verdict,
    )


def failing(name: str, problem: str, verdict: Verdict = TORN) -> Attack:
    """Its reply reports this failure, as JSON."""
    return heading(
        name, f'\'{{"id":ID,"more":false,"error":\' + {problem} + \',"values":[null]}}\'', verdict
    )


def describing(name: str, values: str, verdict: Verdict) -> Attack:
    """It describes itself in other words than it would be."""
    body = f"sys.modules['lawbook_worker.serving'].description = lambda loaded: {values}"
    return Attack(name, in_import(body), verdict)


ATTACKS = [
    # --- replies that are forged ------------------------------------------------------------------
    writing("a reply with the number from a frame", "say(reply(asked()))", FORGED, short=True),
    writing(
        "a reply with the number from all objects",
        "found = [o['id'] for o in gc.get_objects() if type(o) is dict and 'fresh' in o and 'id' in o]\n"
        "say(reply(found[0] if found else asked()))",
        FORGED,
    ),
    writing("a reply on a copy of the descriptor", "say(reply(asked()), os.dup(3))", FORGED),
    writing(
        "a reply on a copy with a high number, and the socket closed",
        "os.dup2(3, 60)\nos.close(3)\nsay(reply(asked()), 60)\nos._exit(0)",
        FORGED,
    ),
    writing("a reply and exit code 0", "say(reply(asked()))\nos._exit(0)", FORGED),
    writing(
        "a reply to another question", "say(reply(asked() + 1))", crash("a reply to no question$")
    ),
    writing("a reply to the question 2", "say(reply(2))", crash("a reply to no question$")),
    heading("a number that is true", '\'{"id":true,"more":false,"error":null,"values":[null,1]}\''),
    heading(
        "a number as text",
        '\'{"id":"ID","more":false,"error":null,"values":[null,1]}\'',
        crash("a message of another form$"),
    ),
    heading(
        "two numbers, of which the last is wrong",
        '\'{"id":ID,"id":5,"more":false,"error":null,"values":[null,1]}\'',
        crash("a reply to no question$"),
    ),
    heading(
        "two lists of values, of which the last is empty",
        '\'{"id":ID,"more":false,"error":null,"values":[null,1],"values":[]}\'',
        crash("a wrong number of results$"),
    ),
    writing(
        "one result too few", "say(reply(asked(), [None]))", crash("a wrong number of results$")
    ),
    writing(
        "one result too many",
        "say(reply(asked(), [None] * 3))",
        crash("a wrong number of results$"),
    ),
    writing("no result at all", "say(reply(asked(), []))", crash("a wrong number of results$")),
    writing(
        "empty parts without end",
        "while True: say(reply(asked(), [], more=True))",
        crash("a wrong number"),
    ),
    writing(
        "parts without end",
        "while True: say(reply(asked(), [None], more=True))",
        crash("a wrong number"),
    ),
    writing(
        "a part and nothing more",
        "say(reply(asked(), [None], more=True))\nos._exit(0)",
        crash("exit code 0"),
    ),
    writing(
        "a part that is the last and is not",
        "say(reply(asked(), more=True))",
        crash("a wrong number of results$"),
    ),
    writing(
        "parts in another order",
        "say(reply(asked(), [np.ones(3)], more=True) + reply(asked(), [None]))",
        returned("^None$"),
    ),
    writing(
        "the question itself, as an echo",
        "say(packing.encode({'id': asked(), 'fresh': True, 'cases': False, 'calls': []}, [None, 1]))",
        crash("a message of another form$"),
    ),
    writing(
        "late words, as Python ends", "import atexit\natexit.register(say, reply(asked()))", RIGHT
    ),
    Attack(
        "early words: a reply before any question",
        in_import(f"{WIRE}\nsay(reply(5))"),
        crash("a reply to no question$"),
        short=True,
    ),
    Attack(
        "the answer to loading, twice",
        in_import(f"{WIRE}\nsay(reply(1, [[['layer', ['**']]], [], [], None]))"),
        OUT_OF_TURN,
    ),
    # --- replies that are torn --------------------------------------------------------------------
    writing(
        "half a frame header", "say(b'1234')\nwhile True: pass", timeout("CPU time$|did not return")
    ),
    writing(
        "half a frame header and the real reply", "say(b'1234')", Verdict("crash|timeout", ".")
    ),
    writing("half a reply", "say(reply(asked())[:-5])\nos._exit(0)", crash("exit code 0")),
    writing(
        "half a reply and the real one", "say(reply(asked())[:-5])", returned(r"^\[7\.0, 7\.0, ")
    ),
    writing(
        "a reply byte by byte",
        "for one in reply(asked(), [None, np.ones(9999)]):\n    say(bytes([one]))\n    time.sleep(0.01)",
        timeout("CPU time$|did not return"),
    ),
    writing(
        "a header longer than it is", "say(framed(b'{}', more=100))", Verdict("crash|timeout", ".")
    ),
    writing("4 GB are announced", "say(b'\\xff' * 8)", crash("an oversize message$"), short=True),
    writing(
        "a header above 1 MB",
        "say(struct.pack('<II', (1 << 20) + 1, 0))",
        crash("an oversize message$"),
    ),
    writing(
        "a payload that nobody described", "say(framed(reply(asked())[8:-24], bytes(32)))", TORN
    ),
    writing(
        "a payload that is too short",
        "say(framed(reply(asked())[8:-24], bytes(16)))",
        crash("larger than its bytes$"),
    ),
    writing("nothing but zeros", "while True: say(bytes(1 << 16))"),
    writing("nothing but noise", "while True: say(bytes(range(32, 256)) * 99)"),
    writing("a pickle", "import pickle\nsay(framed(pickle.dumps({'id': 1})))"),
    writing(
        "a socket half closed",
        "importlib.import_module('socket').socket(fileno=os.dup(3)).shutdown(1)",
        Verdict("crash|error", "cut the connection|ended the process|PermissionError"),
    ),
    writing(
        "a socket exchanged for a file",
        "file = open('answer', 'wb')\nos.dup2(file.fileno(), 3)",
        crash("ended the process|cut the connection"),
    ),
    writing(
        "a socket that does not block, and a flood",
        "os.set_blocking(3, False)\nx = np.ones(1 << 18)",
        crash("ended the process|cut the connection"),
    ),
    writing(
        "the socket drained by another reader", "os.read(3, 9)", timeout("did not return|slept")
    ),
    writing(
        "urgent data",
        "importlib.import_module('socket').socket(fileno=os.dup(3)).send(b'!', 1)",
        Verdict("error|crash|value", "OSError|PermissionError|no legal reply|1.0"),
    ),
    writing(
        "descriptors for the judge",
        "s = importlib.import_module('socket')\n"
        "s.send_fds(s.socket(fileno=os.dup(3)), [reply(asked())], [0, 1, 2, 3])",
        error("^PermissionError"),
        stopped_by=frozenset({"seccomp"}),
        through=FORGED,
    ),
    # --- JSON -------------------------------------------------------------------------------------
    heading("brackets without end", "'[' * 500_000", crash("a malformed header")),
    heading("objects in objects", "'{\"id\":' * 100_000", crash("a malformed header")),
    saying("lists in lists", "'[\"l\",[' * 50_000 + ']]' * 50_000"),
    saying(
        "lists as deep as is legal, and one more",
        "'[\"l\",[' * 7 + ']]' * 7",
        crash("nested too deeply$"),
    ),
    saying("an integer of a million digits", "'9' * 1_000_000", TORN),
    saying("an integer of 64 bits", "str(1 << 63)", crash("an illegal value$")),
    saying(
        "a million integers",
        "'[\"l\",[' + ','.join('0' * 400_000) + ']]'",
        crash("an illegal value$"),
    ),
    saying("a megabyte of text", "'\"' + 'x' * 1_000_000 + '\"'", crash("an illegal value$")),
    saying("NaN", "'NaN'", crash("a bare floating-point number")),
    saying("minus infinity", "'-Infinity'", crash("a bare floating-point number")),
    saying("1e999", "'1e999'", crash("a bare floating-point number")),
    saying("half a character", r"'\"\\ud800\"'", crash("a malformed header")),
    saying("letters that are not ASCII", "'\"\\xe4\"'", crash("a malformed header")),
    saying("a name of a type", '\'["pickle","os.system"]\'', crash("an illegal value$")),
    saying("an object", '\'{"__class__":"Pass"}\'', crash("an illegal value$")),
    saying("a float that is no number", '\'["f","__import__"]\'', crash("a malformed header")),
    saying("an array of objects", '\'["a","|O8",[3]]\'', crash("an illegal array$")),
    saying(
        "an array of a negative length", '\'["a","<f8",[-1]]\'', crash("an illegal array shape$")
    ),
    saying(
        "an array of 2^182 elements and none",
        "'[\"a\",\"<f8\",[' + '67108864,' * 7 + '0]]'",
        crash("a malformed header"),
    ),
    saying(
        "an array of an endless number of axes",
        "'[\"a\",\"<f8\",[' + '1,' * 9 + '1]]'",
        crash("an illegal array"),
    ),
    saying(
        "an array of lengths that are true",
        '\'["a","<f8",[true,true]]\'',
        crash("an illegal array shape$"),
    ),
    heading("null", "'null'", crash("a header that is no message$")),
    # --- failures ---------------------------------------------------------------------------------
    failing("a failure that is none", "'{}'", crash("a failure of another form$")),
    failing("a failure of no words", "'[]'", crash("a failure of another form$")),
    failing("a failure of numbers", "'[1,2]'", crash("a failure of another form$")),
    failing(
        "a status that excuses",
        '\'["skip","Lawbook could not judge this"]\'',
        crash("a failure of another kind$"),
    ),
    failing(
        "a status of the judge's own", '\'["missing",""]\'', crash("a failure of another kind$")
    ),
    failing("a failure without words", '\'["error",""]\'', error("^it failed without saying why$")),
    failing(
        "a failure in colours",
        r"'[\"fail\",\"\\u001b[2J\\r\\n\\u202e<b>=1+1\\ud800' + 'x' * 9000 + '\"]'",
        Verdict("fail", r"^\?\[2J \?<b>=1\+1\?x+$"),
    ),
    # --- reports that look like ours --------------------------------------------------------------
    writing(
        "a report on the terminal",
        'print(\'\\x1b[2J\\x1b]0;x\\x07 18 of 18 hold\\n{"format": 2, "outcome": "holds"}\', flush=True)',
        RIGHT,
    ),
    writing(
        "files that look like results",
        "for name in ('results.json', 'report.json', 'run.json', 'importing'):\n"
        '    write(name, \'{"score": 100, "verdict": "pass"}\')',
        RIGHT,
    ),
    # --- descriptions -----------------------------------------------------------------------------
    describing(
        "operations with hostile names",
        "[[['layer', []], ['../../x', ['**']], ['\\x1b[2J<b>', ['=1+1']], ['x' * 900, []]], [], [], None]",
        RIGHT,
    ),
    describing(
        "an operation that is a number",
        "[[[1, []]], [], [], None]",
        crash("no description of a submission"),
    ),
    describing(
        "an operation without parameters",
        "[[['layer']], [], [], None]",
        crash("no description of a submission"),
    ),
    describing(
        "a text for a list", "['ab', 'cd', 'ef', 'gh']", crash("no description of a submission")
    ),
    describing("a description of one part", "[[]]", crash("a wrong number of results")),
    describing(
        "notes above what a message holds",
        "[[], [], ['x' * 300] * 9_000, None]",
        error("WireError"),
    ),
    describing("arrays for words", "[np.ones(3)] * 4", crash("no description of a submission")),
    describing("a profile that is a path", "[[['layer', []]], [], [], '../../x']", RIGHT),
    describing(
        "a profile that is a list",
        "[[['layer', []]], [], [], ['fau-2019']]",
        crash("no description of a sub"),
    ),
]


def test_attack(arena: Arena, attack: Attack) -> None:
    arena.strike(attack)


def test_a_forged_reply_costs_the_next_question(arena: Arena) -> None:
    """The real reply comes after it, when nobody has asked: the question after that is not answered."""
    source = "import sys, os, gc\nimport numpy as np\n" + in_call(
        "say(reply(asked()))\nreturn x", WIRE
    )
    with arena.submission(source) as backend:
        answers = backend.run([New(1, "layer", {}), Invoke(1, "train", (np.ones(3),))])
        assert answers[1].tolist() == [7.0, 7.0, 7.0]
        with pytest.raises(TargetError, match=OUT_OF_TURN.pattern):
            backend.run([Invoke(1, "train", (np.ones(3),))])


FLOODS = {
    "frames": "while True: say(struct.pack('<II', 1 << 20, 60 << 20) + bytes(1 << 20))",
    "results of 50 MB": "return np.ones(50 << 20, bool)",
    "output": "while True: os.write(1, bytes(1 << 16))",
    "errors": "raise ValueError('x' * (50 << 20))",
    "lists": "return [[[0] * 9_999] * 9] * 5",
}


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_does_not_fill_the_memory_of_the_judge(arena: Arena, name: str) -> None:
    source = "import sys, os, gc\nimport numpy as np\n" + in_call(FLOODS[name], WIRE)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with arena.submission(source, Limits(call_seconds=1.0)) as backend, pytest.raises(TargetError):
        backend.run([New(1, "layer", {}), *[Invoke(1, "train", (np.ones(3),))] * 20])
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 450 << 10, f"the judge has grown by {grown >> 10} MB"  # kilobytes
