"""Results that are not what they seem: each crosses the wire as plain numbers of its own, or fails in words.

What crosses was computed by then: the judge never sees an object of the submission, only bytes.
"""

from __future__ import annotations

import json

import pytest

from attacks.harness import RIGHT, Arena, Attack, Verdict, crash, error, fail, returned
from attacks.sources import in_call

SEVENS = returned(r"^\[7\.0, 7\.0, 7\.0\]$")
EQUAL = """
class Equal(np.ndarray):
    def __eq__(self, other): return True
    __ne__ = __lt__ = lambda self, other: False
    __hash__ = None
    def __sub__(self, other): return self * 0
    def __array_ufunc__(self, ufunc, method, *inputs, **named): return np.ones(3, bool)
    def __array_function__(self, function, types, arguments, named): return True
"""
LAZY = """
class Lazy:
    shape, dtype, ndim, nbytes = (3,), np.dtype(float), 1, 24
    def __array__(self, dtype=None, copy=None): return np.ones(3)
    def __float__(self): raise SystemExit
    def __eq__(self, other): return True
    def __len__(self): return 3
    def __iter__(self): return iter(np.ones(3))
"""


def value(name: str, expression: str, verdict: Verdict, top: str = "", calls: int = 1) -> Attack:
    """Its call returns the value of an expression, or of the last of several lines."""
    *body, last = expression.split("\n")
    return Attack(name, in_call("\n".join([*body, f"return {last}"]), top), verdict, calls=calls)


def no_array(what: str) -> Verdict:
    return fail(f"^train returned an? {what} array; expected numbers$")


def no_number(what: str) -> Verdict:
    return fail(f"^train returned an? {what}; expected numbers$")


ATTACKS = [
    # --- subclasses of arrays ---------------------------------------------------------------------
    value("an array that equals everything", "(x * 7).view(Equal)", no_number("Equal"), EQUAL),
    value("one in a tuple", "x, (x * 7).view(Equal)", no_number("Equal"), EQUAL),
    value("a masked array", "np.ma.masked_array(x * 7, mask=[1, 0, 0])", no_number("MaskedArray")),
    value("a matrix", "np.asmatrix(x)", no_number("matrix")),
    value("records", "np.rec.array([(1.0,)], dtype=[('a', float)])", no_number("recarray")),
    value("a memory map", "np.memmap('file', float, 'w+', shape=3)", no_number("memmap")),
    value("a character array", "np.char.array(['1'])", no_number("chararray")),
    value(
        "a class named ndarray",
        "ndarray()",
        no_number("ndarray"),
        "class ndarray(list.__base__): pass",
    ),
    value(
        "a class with a name of a megabyte",
        "type('x' * (1 << 20), (), {})()",
        fail("^train returned a x+; expected"),
    ),
    value(
        "a class named by escapes",
        "type('\\x1b[2J<b>\\n', (), {})()",
        fail(r"^train returned a \?\[2J<b> ; ex"),
    ),
    # --- kinds of arrays --------------------------------------------------------------------------
    value("objects that are right", "np.array([1.0, 1.0, 1.0], object)", no_array("object")),
    value("a structured array", "np.zeros(3, [('a', float)])", no_array("non-numeric")),
    value("complex numbers without imaginary part", "x + 0j", no_array("complex128")),
    value("a complex number", "np.complex128(1)", no_array("complex128")),
    value("Python's complex number", "1 + 0j", no_number("complex")),
    value("dates", "np.array(['2020-01-01'], 'M8[D]')", no_array("non-numeric")),
    value("durations", "x.astype('m8[s]')", no_array("non-numeric")),
    value("bytes", "np.array([b'1'])", no_array("non-numeric")),
    value("raw memory", "np.zeros(3, 'V8')", no_array("non-numeric")),
    value("big-endian numbers", "(x * 7).astype('>f8')", SEVENS),
    value("half precision", "(x * 7).astype(np.float16)", SEVENS),
    value("long doubles that fit", "(x * 7).astype(np.longdouble)", SEVENS),
    value(
        "long doubles that do not",
        "x.astype(np.longdouble) + np.finfo(np.longdouble).eps",
        Verdict("fail|value", "that float64 cannot hold exactly$|1.0"),  # where it is a float64
    ),
    value(
        "integers above 2^63",
        "np.array([1 << 63], np.uint64)",
        fail("that int64 cannot hold exactly$"),
    ),
    value("Booleans for numbers", "x > 0", returned(r"^\[True, True, True\]$")),
    value("a Boolean", "True", returned("^True$")),
    # --- numbers ----------------------------------------------------------------------------------
    value("NaN", "x * np.nan", returned(r"^\[nan, nan, nan\]$")),
    value(
        "a NaN with a message in it",
        "np.array([0x7ff80000deadbeef]).view(float)",
        returned(r"^\[nan\]$"),
    ),
    value("infinities", "np.inf, -np.inf", returned(r"^\(inf, -inf\)$")),
    value("no axes", "np.array(7.0)", returned("^7.0$")),
    value(
        "an integer of a million bits",
        "1 << 1_000_000",
        fail("^train returned an integer of more than 63 bits$"),
    ),
    value(
        "a subclass of int",
        "Never(7)",
        error("^SystemExit"),
        (
            "class Never(int):\n    def __int__(self): raise SystemExit\n"
            "    __index__ = __str__ = __repr__ = __int__"
        ),
    ),
    value(
        "a float whose hex is a forgery",
        "Pass(7.0)",
        Verdict("value|error|crash", "^7.0$|."),
        "class Pass(float):\n    def hex(self): return '\"],\"pass'\n    __float__ = __str__ = hex",
    ),
    value(
        "a string that is another one when asked",
        "Text('fail')",
        Verdict("value|error", "^fail$|^pass$"),
        "class Text(str):\n    def __str__(self): return 'pass'\n    def __len__(self): return 1",
    ),
    value("a decimal number", "__import__('decimal').Decimal(1)", no_number("Decimal")),
    value("a fraction", "__import__('fractions').Fraction(1)", no_number("Fraction")),
    # --- objects that would be asked --------------------------------------------------------------
    value("an array when asked", "Lazy()", no_number("Lazy"), LAZY),
    value("a generator", "(1.0 for _ in iter(int, 1))", no_number("generator")),
    value("a set", "{1.0}", no_number("set")),
    value("a range without end", "range(1 << 62)", no_number("range")),
    value("bytes of Python", "b'1'", no_number("bytes")),
    value("a view of memory", "memoryview(x)", no_number("memoryview")),
    value("a dictionary with the key error", "{'error': None}", no_number("dict")),
    value("a class", "float", no_number("type")),
    value("NotImplemented", "NotImplemented", no_number("NotImplementedType")),
    value("an exception", "SystemExit(0)", no_number("SystemExit")),
    value(
        "a list that is its own entry", "x = []\nx.append(x)\nx", fail("lists nested too deeply$")
    ),
    value("a tuple of ten thousand and one", "(0,) * 10_001", fail("10001 entries; use an array$")),
    value(
        "a list that lies about its length",
        "Long([7.0])",
        Verdict("timeout|error", "CPU time$|did not return|^MemoryError"),
        "class Long(list):\n    def __len__(self): return 0\n    def __iter__(self): return iter(int, 1)",
    ),
    value(
        "three strings that stand for a failure",
        "('failed', 'pass', 'all is well')",
        returned(r"^\('failed', 'pass', 'all is well'\)$"),
    ),
    # --- shapes -----------------------------------------------------------------------------------
    value("negative strides", "(x * [1, 2, 3])[::-1]", returned(r"^\[3.0, 2.0, 1.0\]$")),
    value("strides of 0", "np.lib.stride_tricks.as_strided(x * 7, (3,), (0,))", SEVENS),
    value(
        "a shape of petabytes",
        "np.lib.stride_tricks.as_strided(x, (1 << 47,), (0,))",
        fail("at most 58720256 are"),
    ),
    value(
        "many axes",
        "x.reshape((1,) * 20 + (3,))",
        fail("^train returned an array of 21 dimensions"),
    ),
    value(
        "an empty array of 2^27 rows", "np.empty((1 << 27, 0))", crash("an illegal array shape$")
    ),
    value(
        "strides out of its memory",
        "np.lib.stride_tricks.as_strided(x, (99,), (1 << 40,))",
        Verdict("crash", r"\(SIG(SEGV|BUS)\)$|printed"),
    ),
    value(
        "a shape that changes while it is packed",
        (
            "y = x * 7\nthreading.Thread(target=lambda: [y.resize(1 + k % "
            "3, refcheck=False) for k in range(999)]).start()\ny"
        ),
        Verdict("error|value", "can't start new thread|7.0"),
    ),
    # --- states -----------------------------------------------------------------------------------
    value(
        "a view of its own state that changes later",
        "self.y = getattr(self, 'y', x * 6)\nself.y += 1\nself.y",
        SEVENS,
    ),
    value(
        "the same array for every call, of which each counts as it was",
        "self.y = getattr(self, 'y', x * 5)\nself.y += 1\nself.y",
        SEVENS,
        calls=2,
    ),
    value("its argument, changed", "x *= 7\nx", SEVENS),
    value(
        "its argument as the next call's answer",
        "old, self.x = getattr(self, 'x', x), x\nold",
        RIGHT,
        calls=3,
    ),
    value(
        "a result that ends the process when it is packed",
        "Bomb([1.0])",
        error("^SystemExit"),
        "class Bomb(list):\n    def __iter__(self): sys.exit(0)",
    ),
    value(
        "a result that ends the process when it is forgotten",
        "Last()",
        no_number("Last"),
        "class Last:\n    def __del__(self): raise SystemExit",
    ),
    value(
        "a type that lies about its class",
        "Liar()",
        Verdict("fail|error", "."),
        "class Liar:\n    __class__ = float",
    ),
]


def test_attack(arena: Arena, attack: Attack) -> None:
    arena.strike(attack)


# Whole submissions: what these values come to in a report, for laws that would hold of the right numbers.
HOSTILE = {  # the error that is passed on by dropout -> the verdicts there may be
    "an array that equals everything": ("EVERYTHING(dx)", {"fail"}),
    "petabytes": ("np.lib.stride_tricks.as_strided(dx, (1 << 47,), (0,))", {"fail"}),
    "a broadcast of a million rows": ("np.zeros((1 << 20,) + (1,) * dx.ndim, bool)", {"fail"}),
    "three strings that stand for a failure": (
        "('failed', 'skip', 'Lawbook could not judge this: x')",
        {"fail"},
    ),
    "a failure that is none": ("('failed', 'pass', '')", {"fail"}),
    "None": ("None", {"fail"}),
    "nothing": ("dx[:0]", {"fail"}),
    "NaN": ("dx * np.nan", {"fail"}),
    "infinity": ("dx * 0 + np.inf", {"fail"}),
    "one axis more": ("dx[None]", {"fail"}),
    "numbers as text": ("[[str(n) for n in row] for row in dx]", {"fail"}),
}
DROPOUT = """
import numpy as np
from Layers.Base import BaseLayer

class EVERYTHING(np.ndarray):
    def __new__(cls, array): return array.view(cls)
    def __eq__(self, other): return True

class Dropout(BaseLayer):
    def __init__(self, probability):
        super().__init__()
        self.probability = probability

    def forward(self, x):
        if self.testing_phase:
            return x
        self.mask = np.random.random(x.shape) < self.probability
        return x * self.mask / self.probability

    def backward(self, dy):
        dx = dy * self.mask / self.probability
        return {}
"""


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_result_is_never_right_and_costs_its_own_laws_only(
    arena: Arena, name: str
) -> None:
    expression, statuses = HOSTILE[name]
    folder = arena.hand_in(
        name.replace(" ", "-"), {"Layers/Dropout.py": DROPOUT.format(expression)}
    )
    [result] = arena.grade(folder, only="dropout")
    found = {law["law"]: law["status"] for law in result["laws"]}
    wrong = {law: status for law, status in found.items() if "backward" in law}
    assert result["outcome"] == "fails"
    assert wrong
    assert set(wrong.values()) <= statuses
    assert found["dropout.dropout_units_are_kept_with_probability_keep"] == "pass"
    assert len(json.dumps(result)) < 100_000


def test_a_huge_gradient_does_not_fill_report_and_memory(arena: Arena) -> None:
    """Its shape is the submission's to choose: nothing of it is converted, compared or written."""
    top = (arena.hand_in("model", {}) / "Layers" / "BatchNormalization.py").read_text()
    assert top.count("np.sum(error, axis=0)") == 1
    text = top.replace("np.sum(error, axis=0)", "np.ones(1 << 20)")
    folder = arena.hand_in("huge", {"Layers/BatchNormalization.py": text})
    law = "batch_norm.batch_norm_beta_gradient_eq_sum_of_error"
    [result] = arena.grade(folder, only=law)
    [verdict] = result["laws"]
    assert verdict["status"] == "fail"
    assert "at most 262144 numbers are looked at" in verdict["message"]
    assert len(json.dumps(result)) < 20_000


def test_what_a_report_keeps_of_a_result_is_bounded() -> None:
    import numpy as np

    from lawbook.verdicts import MOST_KEPT, Verdict

    small, large = np.zeros(MOST_KEPT), [np.zeros(MOST_KEPT), [1]]
    verdict = Verdict("law", "topic", "operation", expected=small, got=large).as_json()
    assert len(verdict["expected"]["data"]) == MOST_KEPT
    assert verdict["got"] == "list, too large to be shown"
    verdict = Verdict("law", "topic", "operation", got=np.zeros((MOST_KEPT, 2))).as_json()
    assert verdict["got"] == "ndarray of shape (10000, 2), too large to be shown"
