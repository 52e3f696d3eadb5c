"""Derivations that are checked: every rule, what wrong lines are told, and the command `lawbook prove`."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from operator import add, mul, sub, truediv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from lawbook.proofs.evidence import Word
from lawbook.proofs.numbers.families import Family
from lawbook.proofs.prove.answers import Answer, Garbled, answered
from lawbook.proofs.text.chains import Checked, check
from lawbook.proofs.text.expressions import parse
from lawbook.proofs.text.reading import Refusal, read
from lawbook.proofs.text.rules import derivative
from lawbook.proofs.text.scope import Scope
from lawbook.proofs.text.statements import Batch, Diff, Let
from lawbook.proofs.text.syntax import Binary, Call, Entry, Minus, Name, Number, Tree

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples" / "derivations"
NORMALIZED = """batch x, dy of N
assume eps > 0
let mu = sum(x)/N
let s = sqrt(sum((x - mu)**2)/N + eps)
let xhat = (x - mu)/s
"""


def judged(text: str, code: Mapping[str, Callable[..., Any]] | None = None) -> list[Checked]:
    """The lines that are judged."""
    return [one for one in check(text, code=code) if one.decision]


def only(text: str) -> Checked:
    """The one line that is judged."""
    (one,) = judged(text)
    return one


def outcomes(text: str) -> list[bool]:
    """Whether each judged line is right."""
    return [one.follows for one in judged(text)]


@pytest.mark.parametrize(
    "text",
    [
        "(w - w0)**2/2 + mu*w**2/2\ndiff w\n= (w - w0) + mu*w\nsolve w\n= w0/(1 + mu)",
        "x**2 + y\nsub x = y + 1\n= y**2 + 3*y + 1",
        "x**2 + y\nsub x = y, y = x\n= y**2 + x",
        "x + 1\nsub x = x + 1\n= x + 2",
        "a*b\nsub b = 1 - a\n= a - a*a",
        "w*w\nsub w = w0 + d\n= (w0 + d)*w",
        "x**2 + y\nat x = 2, y = 1\n= 5",
        "x/2\nscale 2*k\n= k*x",
        "w**2 - 3*w + 2\nsolve w\n= 2",
        "function f\nf(a*x)**2\ndiff x\n= 2*a*f(a*x)*f'(a*x)",
        "function f\nf(x)*f'(x)\ndiff x\n= f'(x)**2 + f(x)*f''(x)",
        "let s(t) = 1/(1 + exp(-t))\ns(a*z)\ndiff z\n= a*s(a*z)*(1 - s(a*z))\n= a*s'(a*z)",
        "let f(t, u) = t**2 - u\nf(x, y) - f(y, x)\n= x**2 - y - y**2 + x",
        "assume n integer, n >= 0\n(1 - h)**(n + 1)\n= (1 - h)*(1 - h)**n",
        "tanh(x)\ndiff x\n= 1 - tanh(x)**2",
        "log(exp(x))\n= x",
        "batch x of N\nlet mu = sum(x)/N\nsum((x - mu)**2)\n= sum(x**2) - N*mu**2",
        "batch x of N\nlet mu = sum(x)/N\nsum((x - mu)**2)\n>= 0",
        "batch t, p of N\ngiven sum(t) = 1\nsum(t)*p - t\n= p - t",
        "assume 0 < q < 1\nq*(1 - q)\n>= 0\n<= 1",
        "max(a, b) + min(a, b)\n= a + b",
        "abs(w)\ndiff w\n= sign(w)",
        "function g\nlet y = g(x)\ny**2\ndiff y\n= 2*y\n\ny**2\ndiff x\n= 2*y*g'(x)",
    ],
)
def test_right_lines_follow(text: str) -> None:
    for one in judged(text):
        assert one.decision is not None
        assert one.decision.is_proof or one.kind == "given", (one.text, one.decision)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("w**2\ndiff w\n= w", "it is 1/2 times what is due"),
        ("w**2/2 - w0*w\ndiff w\n= w0 - w", "it has the opposite sign"),
        ("(w - w0)**2 + mu*w**2\ndiff w\n= 2*(w - w0)", "the term 2*mu*w is missing"),
        ("(a*w - b)**2\ndiff w\n= 2*(a*w - b)", "the factor a is missing"),
        ("a*w**2/2\ndiff w\n= a**2*w", "the factor a is too much"),
        ("w**2 + w\ndiff w\n= w**2 + w", "the line before, unchanged"),
        ("mu*w - w0 + w\nsolve w\n= w0/(1 - mu)", "1 + mu in place of 1 - mu"),
        ("a/b\n= b/a", "the reciprocal"),
        ("(x + 1)**2\n= x**2 + 2*x", "1 too small"),
        (
            NORMALIZED + "xhat\ndiff x\n= 1/s",
            "this is the derivative with mu and s held fixed, but they depend on x",
        ),
        (
            NORMALIZED + "xhat\ndiff x\n= (1 - 1/N)/s",
            "this is the derivative with s held fixed, but it depends on x",
        ),
        (NORMALIZED + "s\ndiff x\n= 0", ""),
        (
            "batch x of N\nx - sum(x)/N\ndiff x\n= 1",
            "with the sums over the batch held fixed, but they depend on x",
        ),
        ("batch x of N\nx - sum(x)/N\ndiff x\n= -1/N", "another entry, x[k]"),
        ("batch x of N\nx - sum(x)/N\ndiff x[k]\n= 1 - 1/N", "own entry x"),
        ("let y = a*x\ny**2 + x\ndiff x\n= 1", "y held fixed, but it depends on x"),
    ],
)
def test_a_wrong_line_is_refuted_at_a_point_and_explained(text: str, hint: str) -> None:
    one = only(text)
    assert one.decision is not None
    assert one.decision.word is Word.REFUTED
    assert one.decision.expected != one.decision.got
    assert hint in one.hint
    assert not one.follows


def test_the_answer_on_a_forum_is_explained() -> None:
    wrong, frozen, right = judged(
        NORMALIZED + "\nxhat\ndiff x\n= 1/s\n\nxhat\ndiff x frozen mu, s\n= 1/s\n\n"
        "xhat\ndiff x\n= (1 - 1/N - xhat**2/N)/s"
    )
    assert wrong.decision is not None
    assert set(wrong.decision.point) == {"eps", "x", "j"}
    assert wrong.hint == "this is the derivative with mu and s held fixed, but they depend on x"
    for one in (frozen, right):
        assert one.decision is not None
        assert one.decision.word is Word.PROVED_FOR_EVERY_N
        assert one.decision.conditions == ()


def test_the_whole_batch_norm_gradient_for_every_size() -> None:
    text = NORMALIZED + (
        "sum(dy*(gamma*xhat + beta))\ndiff x\n"
        "!= gamma*dy/s\n"
        "!= gamma/s*(dy - sum(dy)/N)\n"
        "= gamma*dy/s - gamma*sum(dy)/s*(1/N) - gamma*sum(dy*(x - mu))/s**2*((x - mu)/(N*s))\n"
        "= gamma/s*(dy - sum(dy)/N - xhat*sum(dy*xhat)/N)\n\n"
        "sum(dy*(gamma*xhat + beta))\ndiff xhat\n= gamma*dy\n\n"
        "sum(dy*(gamma*xhat + beta))\ndiff gamma\n= sum(dy*xhat)\n\n"
        "xhat\ndiff x[k]\n= -(1 + xhat*xhat[k])/(N*s)"
    )
    assert outcomes(text) == [True] * 7


SIZE = 3
XS, DYS = ([sp.Symbol(f"{n}{i}", real=True) for i in range(SIZE)] for n in ("x", "dy"))
OPERATORS = {"+": add, "-": sub, "*": mul, "/": truediv, "**": pow}
LETS = {"mu": "sum(x)/N", "v": "sum((x - mu)**2)/N + 1", "z": "(x - mu)*v + a"}


def written_out(tree: Tree, j: int, held: Mapping[str, Any]) -> Any:
    """The value for a batch of three, entry j: sums written out, without an axis."""
    match tree:
        case Number():
            return sp.Rational(tree.value.numerator, tree.value.denominator)
        case Entry(name=name):
            return written_out(Name(name), (j + 1) % SIZE, held)
        case Name(name=name):
            if (name, j) in held:
                return held[name, j]
            if name in LETS:
                return written_out(parse(LETS[name]), j, held)
            return {"x": XS[j], "dy": DYS[j], "N": SIZE}.get(name) or sp.Symbol(name, real=True)
        case Minus(operand=operand):
            return -written_out(operand, j, held)
        case Call(function="sum", arguments=(body,)):
            return sum(written_out(body, i, held) for i in range(SIZE))
        case Binary(operator=sign, left=left, right=right):
            a, b = written_out(left, j, held), written_out(right, j, held)
            return OPERATORS[sign](a, b)
    raise TypeError(tree)


atoms = st.sampled_from(("x", "dy", "a", "mu", "v", "z")).map(Name) | st.just(Number("2"))
bodies = st.recursive(
    atoms,
    lambda inner: (
        st.builds(Binary, st.sampled_from("+-*"), inner, inner)
        | st.builds(lambda base: Binary("**", base, Number("2")), inner)
        | st.builds(lambda body: Call("sum", (body,)), inner)
    ),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(
    bodies | st.builds(lambda b: Binary("*", b, Entry("z", "k")), bodies),
    st.sampled_from(("x", "a", "mu", "v", "z")),
    st.sets(st.sampled_from(("mu", "v", "z"))),
    st.booleans(),
)
def test_total_derivatives_are_those_of_sums_written_out(
    tree: Tree, name: str, frozen: set[str], other: bool
) -> None:
    lets = [Let(n, parse(text)) for n, text in LETS.items()]
    scope = Scope([Batch(("x", "dy"), "N"), *lets])
    rule = Diff(name, other and name == "x", tuple(sorted(frozen)))
    assert scope.axis is not None
    entries = {scope.symbol("x"): XS, scope.symbol("dy"): DYS}
    found = scope.axis.instantiate(derivative(tree, rule, scope), entries, at=0, other=1)

    free = {n for n in (*frozen, name) if n in LETS}
    held: dict[Any, Any] = {}
    for n in free:
        shared = n != "z"  # mu and v are the same for all entries
        held |= {
            (n, j): sp.Symbol(f"held_{n}_{0 if shared else j}", real=True) for j in range(SIZE)
        }
    variable = held.get((name, 0)) or {"x": XS[int(rule.other)]}.get(
        name, sp.Symbol(name, real=True)
    )
    value = written_out(tree, 0, held)
    back = {s: written_out(parse(LETS[n]), j, {}) for (n, j), s in held.items()}
    due = sp.diff(value, variable).subs(back)
    assert sp.expand(due - found) == 0


def test_a_wrong_line_is_reported_once() -> None:
    assert outcomes("x + x\n= 3*x\n= x + 2*x\n= 3*x") == [False, True, True]


def test_lines_beside_the_chain_leave_it_as_it_was() -> None:
    assert outcomes("x**2\ndiff x\n!= x\n!= 2\n= 2*x\n!= x\n= x + x") == [True] * 5
    assert outcomes("x**2\n>= 0\n= x*x") == [True, True]
    assert outcomes("x**2\n!= x*x") == [False]
    assert outcomes("x\n>= 0") == [False]


def test_a_rule_after_a_blank_line_goes_on() -> None:
    assert outcomes("x**2\n= x*x\n\ndiff x\n= 2*x") == [True, True]


def test_conditions_are_said_in_the_words_of_the_author() -> None:
    def conditions(text: str) -> tuple[str, ...]:
        one = only(text)
        assert one.follows
        assert one.decision is not None
        return one.decision.conditions

    assert conditions("(w**2 - w0**2)/(w - w0)\n= w + w0") == ("w - w0 ≠ 0",)
    assert conditions("x/x\n= 1") == ("x ≠ 0",)
    assert conditions("a*w - b\nsolve w\n= b/a") == ("a ≠ 0",)
    assert conditions("assume a > 0\na*w - b\nsolve w\n= b/a") == ()
    assert conditions("sqrt(x)**2\n= x") == ("x ≥ 0",)
    assert conditions("log(x**2) - log(x)\n= log(x)") == ("x > 0",)
    assert conditions("abs(w - a)\ndiff w\n= sign(w - a)") == ("w - a ≠ 0",)
    assert conditions("abs(a)*w\ndiff w\n= abs(a)") == ()
    assert conditions("(w**2 - a**2)/(w - a)\nat w = 2*a\n= 3*a") == ("a ≠ 0",)
    assert conditions("1/(2*x*abs(y))\n= 1/(2*x*abs(y))") == ("x ≠ 0", "y ≠ 0")
    assert conditions("1/w - a\nsolve w\n= 1/a") == ("a ≠ 0",)
    assert conditions("1/(w - 1)\nat w = 3\n= 1/2") == ()
    assert conditions("exp(-x)/(1 + exp(-x))\n= 1/(exp(x) + 1)") == ()


def test_what_holds_only_where_both_sides_mean_something_is_not_refuted() -> None:
    assert outcomes("sqrt(x)*sqrt(x)\n= abs(x)") == [True]
    assert outcomes("x/x\n= sign(x)**2") == [True]
    assert outcomes("exp(log(x))\n= abs(x)") == [True]


def test_functions_are_looked_into() -> None:
    assert outcomes("let f(t) = mu*abs(t)\nlet y = f(x)\ny\nsub mu = 0\n= 0") == [True]
    assert outcomes("batch x of N\nlet f(t) = t*x\nlet y = f(a)\nsum(y)\n= a*sum(x)") == [True]
    one = only("let f(t) = t*abs(mu)\nf(x)\ndiff mu\n= x*sign(mu)")
    assert one.decision is not None
    assert one.decision.conditions == ("mu ≠ 0",)


def test_assumptions_count() -> None:
    assert outcomes("sqrt(x**2)\n= x") == [False]
    assert outcomes("assume x >= 0\nsqrt(x**2)\n= x") == [True]
    assert outcomes("assume w0 > mu, mu > 0\nmax(w0 - mu, 0)\n= w0 - mu") == [True]
    assert outcomes("max(w0 - mu, 0)\n= w0 - mu") == [False]
    assert outcomes("batch x of N\nassume x > 0\nsum(abs(x))\n= sum(x)") == [True]


def test_assumptions_that_nothing_satisfies_are_told() -> None:
    one = only("let y = x\nassume y > x\nx\n= 1")
    assert one.decision is not None
    assert one.decision.why == "no number satisfies y > x"
    one = only("assume x > y, y > z, z > x\nx\n= y")
    assert one.decision is not None
    assert one.decision.word is Word.UNDECIDED
    assert one.decision.why == "no point was found that satisfies what is assumed"


def test_roots_of_equations_that_are_not_linear() -> None:
    one = only("w**2 - 3*w + 2\nsolve w\n= 2")
    assert one.decision is not None
    assert "a root" in one.decision.why
    one = only("w**2 - 3*w + 2\nsolve w\n= 3")
    assert one.decision is not None
    assert (one.decision.expected, one.decision.got) == ("0", "2")
    assert "put in for w" in one.decision.why


def test_independent_random_variables() -> None:
    text = (
        "random m, x\ngiven E(m) = q, E(m**2) = q\n"
        "E((m*x)**2) - E(m*x)**2\n= q*E(x**2) - q**2*E(x)**2\n"
        "!= q*E(x**2) - q*E(x)**2\n\n"
        "E((x - E(x))**2)\n= E(x**2) - E(x)**2\n>= 0\n\n"
        "E(a*x + m)\ndiff a\n= E(x)"
    )
    found = judged(text)
    assert [one.follows for one in found] == [True] * 7
    assert [one.decision.word for one in found[:2] if one.decision] == [Word.ASSUMED] * 2


def test_what_cannot_be_separated_is_undecided() -> None:
    one = only("random x, w\nE(exp(x*w))\n= E(exp(x*w))")
    assert one.decision is not None
    assert one.decision.word is Word.UNDECIDED
    assert "cannot be separated" in one.decision.why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("x - x\n= 1/(x - x)", "divides by zero"),
        ("1/x\nat x = 0\n= 1", "divides by zero"),
        ("sqrt(-1)\n= 1", "not a real number"),
        ("w\n= w\n\na + b\nsolve w\n= 1", "w does not occur"),
        ("assume n integer\nn**2\ndiff n\n= 2*n", "integer"),
    ],
)
def test_lines_without_meaning_are_undecided(text: str, why: str) -> None:
    one = judged(text)[-1]
    assert one.decision is not None
    assert one.decision.word is Word.UNDECIDED
    assert why in one.decision.why


def test_code_is_compared_with_the_line_before() -> None:
    def spread(v: Any) -> Any:
        assert isinstance(v.x, Family)
        assert isinstance(v.mu, Family)
        return np.square(v.x - v.x.mean()).sum() / v.N

    text = "batch x of N\nlet mu = sum(x)/N\nsum(x**2)/N - mu**2\ncode spread\n= sum((x - mu)**2)/N"
    assert [one.follows for one in judged(text, {"spread": spread})] == [True, True]
    wrong = judged(text, {"spread": lambda v: (v.x * v.x).sum() / v.N})[0]
    assert not wrong.follows
    with pytest.raises(Refusal, match="no code is given"):
        check(text, code={"other": spread})


def test_checked_lines_tell_what_led_to_them() -> None:
    lines = check(
        "batch x of N   # inputs\n\nx**2   # start\ndiff x   # slope\n= 2*x\n= x + x\n!= x"
    )
    by_line = {one.line: one for one in lines}
    assert [by_line[n].kind for n in range(1, 8)] == [
        "batch", "blank", "start", "rule", "equal", "equal", "unequal",
    ]  # fmt: skip
    assert by_line[5].rule is by_line[4].statement
    assert by_line[6].rule is None
    assert by_line[4].comment == "slope"
    assert by_line[5].indexed == {"x"}


def lawbook(*arguments: str, stdin: str | bytes = "") -> subprocess.CompletedProcess[str]:
    """A run of the command."""
    data = stdin if isinstance(stdin, bytes) else stdin.encode()
    command = [sys.executable, "-m", "lawbook", "prove", *arguments]
    done = subprocess.run(command, input=data, capture_output=True, check=False, cwd=ROOT)
    return subprocess.CompletedProcess(
        command, done.returncode, done.stdout.decode(), done.stderr.decode()
    )


def test_examples_from_the_command_line() -> None:
    done = lawbook(*(str(EXAMPLES / name) for name in ("ridge.deriv", "wrong_solve.deriv")))
    assert done.returncode == 1, done.stderr
    assert "✓ follows" in done.stdout
    assert "all 5 lines right" in done.stdout
    assert "✗ does not follow: at mu = 2, w0 = " in done.stdout
    assert "it would follow with 1 + mu in place of 1 - mu" in done.stdout
    assert done.stderr == ""


def test_the_forum_example_from_the_command_line() -> None:
    done = lawbook(str(EXAMPLES / "batch_norm_forum.deriv"))
    words = " ".join(done.stdout.split())
    assert done.returncode == 1
    assert "✗ does not follow: at " in words
    assert "this is the derivative with mu and s held fixed, but they depend on x" in words
    assert words.count("✓ follows, for every size of the batch") == 3


def test_bad_input_is_refused_with_line_column_and_caret() -> None:
    done = lawbook("-", stdin="w**2\ndiff w\n= 2*w^1\n")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "standard input:3:6: write a power as a**b, not a^b",
        "    = 2*w^1",
        "         ^",
    ]
    assert lawbook("-", stdin=bytes(range(256))).returncode == 2
    assert "cannot be read" in lawbook("no such file").stderr


def test_a_bad_file_does_not_hide_the_others(tmp_path: Path) -> None:
    bad = tmp_path / "bad.deriv"
    bad.write_text("w^2")
    done = lawbook(str(bad), str(EXAMPLES / "wrong_solve.deriv"))
    assert done.returncode == 1
    assert "bad.deriv:1:2:" in done.stderr
    assert "does not follow" in done.stdout


def test_a_missing_file_does_not_hide_the_others(tmp_path: Path) -> None:
    right, answers = tmp_path / "right.deriv", tmp_path / "answers.json"
    right.write_text("x + x\n= 2*x")
    missing = str(tmp_path / "missing.deriv")
    sentence = "cannot be read: No such file or directory"
    for names in ((missing, str(right)), (str(right), missing)):
        done = lawbook(*names, "--json", str(answers))
        assert done.returncode == 2
        assert "1 line right" in done.stdout
        assert done.stderr.strip() == f"{missing}: {sentence}"
        reports = {one["name"]: one for one in json.loads(answers.read_text())["files"]}
        assert reports[str(right)]["outcome"] == "follows"
        assert reports[missing]["outcome"] == "unreadable"
        assert reports[missing]["problems"] == [{"line": None, "column": None, "says": sentence}]
    assert lawbook(str(tmp_path), str(EXAMPLES / "wrong_solve.deriv")).returncode == 1


def test_answers_as_json(tmp_path: Path) -> None:
    file = tmp_path / "answers.json"
    assert lawbook("-", "--json", str(file), stdin="x + x\n= 2*x\n= 3*x").returncode == 1
    (report,) = json.loads(file.read_text())["files"]
    right, wrong = report["lines"]
    assert (right["outcome"], right["word"], right["says"]) == ("follows", "proved", "follows")
    assert (wrong["line"], wrong["outcome"]) == (3, "wrong")
    assert set(wrong["point"]) == {"x"}
    done = lawbook("-", "--json", "-", stdin="w^2")
    assert json.loads(done.stdout)["files"][0]["problems"][0]["column"] == 2


def test_lines_that_are_not_reached_are_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    from lawbook.proofs.prove import learner

    text = "x\n= x\n= x + 1"
    monkeypatch.setattr(learner.Child, "lines", lambda self: iter(()))
    found = list(learner.answers(learner.Child(text, 5), read(text, None)))
    assert [(a.line, a.outcome) for a in found] == [(2, "undecided"), (3, "undecided")]
    monkeypatch.setattr(learner.Child, "lines", lambda self: iter(["{}"]))
    found = list(learner.answers(learner.Child(text, 5), read(text, None)))
    assert "something else" in found[0].why


def test_the_checking_process_is_limited() -> None:
    from lawbook.proofs.prove import learner

    text = "x\n= x"
    child = learner.Child(text, 5)
    child.deadline = 0
    assert list(child.lines()) == []
    assert child.reason == "ran out of time"
    child.stop()
    limits = "import resource; from lawbook.proofs.prove.checker import limit; limit(7, 512); "
    program = (
        limits
        + "print(*[resource.getrlimit(k)[0] for k in (resource.RLIMIT_CPU, resource.RLIMIT_AS)])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["7", str(512 * 2**20)]


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (signal.SIGXCPU, "ran out of time"),
        (signal.SIGTERM, "the checker ended early (signal 15)"),
        (signal.SIGKILL, "the checker ended early (signal 9)"),
    ],
)
def test_only_the_limit_of_time_is_called_time(number: int, reason: str) -> None:
    from lawbook.proofs.prove import learner

    text = "x\n= x"
    child = learner.Child(text, 5)
    child.process.send_signal(number)
    found = list(learner.answers(child, read(text, None)))
    assert [(one.outcome, one.why) for one in found] == [("undecided", reason)]


def test_the_limit_of_processor_time_is_told_by_its_signal() -> None:
    program = "from lawbook.proofs.prove.checker import limit; limit(1, 512)\nwhile True: pass"
    done = subprocess.run([sys.executable, "-c", program], check=False, cwd=ROOT)
    assert done.returncode == -signal.SIGXCPU


def test_answers_are_decoded_strictly() -> None:
    answer = Answer(3, "equal", "wrong", "refuted", ("x ≠ 0",), {"x": "1"}, "1", "2", "", "why")
    assert answered(answer.encoded()) == answer
    fields = json.loads(answer.encoded())
    for wrong in (
        "", "[]", "{}", "null", "[" * 100_000,
        *(json.dumps({**fields, key: value}) for key, value in (
            ("line", "3"), ("line", True), ("kind", "x"), ("outcome", "fine"), ("word", "sure"),
            ("point", {"x": 1}), ("conditions", "x"), ("conditions", [1]), ("why", None), ("more", 1),
        )),
    ):  # fmt: skip
        with pytest.raises(Garbled):
            answered(wrong)


def test_other_commands_do_not_import_sympy() -> None:
    program = (
        "import sys; from lawbook.cli import main; main(['laws']); "
        "sys.exit(any(m.split('.')[0] == 'sympy' for m in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0


@pytest.mark.parametrize("command", [["prove", "-"], ["study", "dropout"], ["study"]])
def test_a_missing_sympy_is_one_sentence(command: list[str]) -> None:
    program = (
        "import sys; sys.modules['sympy'] = None; from lawbook.cli import main; "
        f"sys.exit(main({command}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input=b"w\n= w", capture_output=True, check=False, cwd=ROOT
    )
    assert done.returncode == 2
    sentence = f"lawbook: `lawbook {command[0]}` needs SymPy: pip install sympy"
    assert done.stderr.decode().strip() == sentence
