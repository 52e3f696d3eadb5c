"""The language of derivations: what is read, what is refused and how fast, and how trees are printed."""

from __future__ import annotations

import subprocess
import sys
import time
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lawbook.proofs.text.expressions import DEEPEST, parse
from lawbook.proofs.text.mathml import mathml
from lawbook.proofs.text.plain import plain, source
from lawbook.proofs.text.positivity import ANY, NOT_NEGATIVE, POSITIVE, SignTable
from lawbook.proofs.text.reading import LARGEST_FILE, Refusal, decoded, read
from lawbook.proofs.text.statements import (
    Assume,
    Diff,
    Follows,
    Given,
    Let,
    Relation,
    Replace,
    Start,
)
from lawbook.proofs.text.syntax import (
    Binary,
    Call,
    Entry,
    Minus,
    Name,
    Number,
    Tree,
    Unreadable,
    constant,
)

NAMES = ("w", "w0", "x", "mu", "xhat", "dy", "theta_star", "x_max_2", "lam")
atoms = (
    st.sampled_from(NAMES).map(Name)
    | st.integers(0, 10**6).map(lambda n: Number(str(n)))
    | st.sampled_from(("0.5", "1e-5", "2.50")).map(Number)
    | st.just(Entry("x", "k"))
)


def grown(inner: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
    """Trees one level larger; exponents are small numbers, so that no power is refused."""
    small = st.sampled_from((Number("2"), Number("12"), Minus(Number("1")), Name("n")))
    return (
        st.builds(Binary, st.sampled_from("+-*/"), inner, inner)
        | st.builds(Binary, st.just("**"), inner, small)
        | st.builds(Minus, inner)
        | st.builds(
            lambda f, a: Call(f, (a,)),
            st.sampled_from(("sqrt", "exp", "abs", "sum", "E", "f")),
            inner,
        )
        | st.builds(lambda a, b: Call("max", (a, b)), inner, inner)
        | st.builds(lambda a, n: Call("f", (a,), n), inner, st.integers(0, 4))
    )


trees = st.recursive(atoms, grown, max_leaves=20)


def refusal(text: str, code: tuple[str, ...] | None = None) -> Unreadable:
    """The first problem of a text that is refused."""
    with pytest.raises(Refusal) as caught:
        read(text, code)
    return caught.value.problems[0]


@given(trees)
def test_every_tree_is_read_back_from_its_source(tree: Tree) -> None:
    assert parse(source(tree)) == tree


@given(trees)
def test_every_tree_has_a_plain_form_and_well_formed_mathml(tree: Tree) -> None:
    assert plain(tree, {"x"})
    ElementTree.fromstring(f"<math>{mathml(tree, {'x'})}</math>")


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    problems = list[Unreadable]()
    try:
        read(text, None)
    except Refusal as caught:
        problems = caught.problems
    assert all(p.line >= 1 and p.column >= 1 for p in problems)


@given(st.lists(st.sampled_from("()[]+-*/'=,x2 .Eek\t"), max_size=80).map("".join))
def test_any_expression_is_read_or_refused_with_a_column(text: str) -> None:
    columns = [1]
    try:
        tree = parse(text)
        assert parse(source(tree)) == tree
    except Unreadable as problem:
        columns.append(problem.column)
    assert all(1 <= column <= len(text) + 1 for column in columns)


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("-a*b", "-(a*b)"),
        ("-a**2", "-(a**2)"),
        ("a/-b/c", "(a/(-b))/c"),
        ("a - b - c", "(a - b) - c"),
        ("a/b*c", "(a/b)*c"),
        ("2**-x*c", "(2**(-x))*c"),
        ("+a", "a"),
        ("a - -b", "a - (-b)"),
        ("λ*µ_x + ε", "lam*mu_x + eps"),
        ("lambda*epsilon", "lam*eps"),
    ],
)
def test_operators_bind_as_in_mathematics(text: str, due: str) -> None:
    assert parse(text) == parse(due)


def test_decimals_are_exact() -> None:
    assert constant(parse("0.1 + 0.2 - 0.3")) == 0
    assert constant(parse("1e-5*100000")) == 1


@pytest.mark.parametrize(
    ("text", "column", "says"),
    [
        ("a^b", 2, "a**b"),
        ("2x", 2, "product"),
        ("2 (x)", 3, "product"),
        ("x y", 3, "product"),
        ("|w|", 1, "abs(w)"),
        ("a × b", 3, "write *"),
        ("a · b", 3, "write *"),
        ("a − b", 3, "hyphen"),
        ("x²", 2, "**2"),
        ("√x", 1, "sqrt"),
        ("\\frac{a}{b}", 1, "LaTeX"),
        ("{a}", 1, "parentheses"),
        ("[a]", 1, "lists"),
        ("'a'", 1, "strings"),
        ('"a"', 1, "strings"),
        ("f`(x)", 2, "write '"),
        ("x.real", 2, "attributes"),
        ("__import__(os)", 1, "underscores"),
        ("a__b", 1, "underscores"),
        ("_x", 1, "underscores"),
        ("x[0]", 3, "x[k]"),
        ("x[j]", 3, "x[k]"),
        ("f'", 1, "f'(x)"),
        ("f'''''(x)", 6, "four primes"),
        ("(a", 1, "never closed"),
        ("a)", 2, "closes nothing"),
        ("max(a, b", 4, "never closed"),
        ("a,b", 2, "comma"),
        ("a +", 4, "too early"),
        ("", 1, "missing"),
        ("* a", 1, "expected"),
        ("9**9**9", 2, "power inside an exponent"),
        ("x**13", 2, "larger than 12"),
        ("x**-99", 2, "larger than 12"),
        ("x**(1/17)", 2, "roots"),
        ("2**(1000*t)", 2, "too large"),
        ("1000000000001", 1, "10^12"),
        ("1e99", 1, "too many digits"),
        ("1" * 30, 1, "too many digits"),
        ("a" * 50, 1, "longer than 40"),
        ("a == b", 3, "new line"),
        ("a\0b", 2, "U+0000"),
        ("(" * 399, DEEPEST + 2, "nested"),
        ("-" * 399, DEEPEST + 2, "nested"),
        ("+".join("x" * 150), 242, "operations"),
        ("x" + " " * 400, 401, "longer than 400"),
        ("lambda x: x", 9, "not part"),
        ("a if b else c", 3, "product"),
    ],
)
def test_what_is_refused_has_a_column_and_advice(text: str, column: int, says: str) -> None:
    with pytest.raises(Unreadable) as caught:
        parse(text)
    assert says in caught.value.sentence
    assert caught.value.column == column


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ("", 1, 1, "empty"),
        ("  \n\n", 1, 1, "empty"),
        ("# a comment only", 1, 1, "nothing to check"),
        ("w\n", 2, 1, "nothing to check"),
        ("= w", 1, 1, "no line before"),
        ("diff w", 1, 1, "no line before"),
        ("w\ndiff w\n\nw\n= w", 2, 1, "has to follow this rule"),
        ("w\ndiff w\ndiff w\n= 0", 3, 1, "rule before"),
        ("w\nw + 1\n= w", 2, 1, "begins with ="),
        ("w + w0\n= wo + w", 2, 3, "the nearest is w0"),
        ("mu*w\ndiff mv\n= 0", 2, 6, "the nearest is mu"),
        ("squrt(w)\n= w", 1, 1, "the nearest is sqrt"),
        ("ln(w)\n= w", 1, 1, "log"),
        ("x*(1)\n= x(1)", 2, 3, "x*(...)"),
        ("sqrt\n= 1", 1, 1, "sqrt(...)"),
        ("max(a)\n= a", 1, 1, "2 arguments"),
        ("exp(a, b)\n= a", 1, 1, "1 argument"),
        ("exp'(a)\n= a", 1, 1, "derivative"),
        ("e**x\n= x", 1, 1, "exp(x)"),
        ("w/0\n= w", 1, 2, "division by zero"),
        ("sum(x)\n= 1", 1, 1, "batch"),
        ("E(x)\n= 1", 1, 1, "random"),
        ("x[k]\n= 1", 1, 1, "no entries"),
        ("let mu = mu + 1\nmu\n= 1", 1, 5, "itself"),
        ("w\n= w\n\nlet w = 2\nw\n= 2", 4, 5, "line 1"),
        ("let a = 1\nlet a = 2\na\n= 1", 2, 5, "already"),
        ("let sqrt = 1\nw\n= w", 1, 5, "another name"),
        ("let pi = 3\nw\n= w", 1, 5, "another name"),
        ("let f(t) = sum(t)\nw\n= w", 1, 12, "batch"),
        ("batch x of N\nlet f(t) = sum(x*t)\nw\n= w", 2, 12, "parameter t"),
        ("batch x\nw\n= w", 1, 8, "size"),
        ("batch x of N\nbatch y of M\nx\n= x", 2, 12, "one size"),
        ("batch x of N, M\nx\n= x", 1, 15, "one name"),
        ("batch x of N\nrandom w\nx\n= x", 2, 1, "cannot stand in one"),
        ("random w\nbatch x of N\nx\n= x", 2, 1, "cannot stand in one"),
        ("given x = 1\nx\n= 1", 1, 7, "expectation"),
        ("assume w\nw\n= w", 1, 7, "mu > 0"),
        ("assume w happy\nw\n= w", 1, 10, "unknown kind"),
        ("assume w posititve\nw\n= w", 1, 10, "nearest is positive"),
        ("assume ((mu) integer\nmu\n= mu", 1, 8, "mu > 0"),
        ("assume t integer (\nt\n= t", 1, 18, "mu > 0"),
        ("assume t integer)\nt\n= t", 1, 17, "mu > 0"),
        ("assume (t integer)\nt\n= t", 1, 8, "mu > 0"),
        ("assume 1 > 0\nw\n= w", 1, 10, "numbers"),
        ("batch x of N\nx\nsolve x\n= 1", 3, 7, "plain number"),
        ("batch x of N\nx\ndiff N\n= 1", 3, 6, "not a variable"),
        ("w\ndiff w frozen v\n= 1", 2, 15, "not a definition"),
        ("w\nsub 2 = w\n= 1", 2, 5, "cannot be replaced"),
        ("w\nsub w = 1, w = 2\n= 1", 2, 1, "twice"),
        ("w\nsub w\n= 1", 2, 6, "sub a = b"),
        ("w\n== w", 2, 2, "write = once"),
        ("w\ncode backward\n= w", 2, 1, "chapters"),
        ("exp(exp(exp(exp(w))))\n= w", 1, 1, "exp inside exp"),
        ("((w**12)**12)**2\n= w", 1, 14, "powers of powers"),
        ("w\n= w\u202e", 2, 4, "U+202E"),
        ("w = w\n", 1, 1, "let w"),
        ("w + 0 = w\n", 1, 7, "new line"),
        ("w\ndiff w\n1", 3, 1, "with ="),
        ("assume w > 0, w < 0\nw\n= 1", 1, 1, "no number w"),
        ("assume x > x\nx\n= 1", 1, 10, "no number satisfies x > x"),
        ("assume x != x\nx\n= 1", 1, 10, "no number satisfies x != x"),
        ("assume x + 1 > x + 2\nx\n= 1", 1, 14, "no number satisfies x + 1 > x + 2"),
        ("assume 2*(x - y)/2 <= x - y - 3\nx\n= 1", 1, 20, "no number satisfies"),
        ("assume x**2 < 0\nx\n= 1", 1, 13, "no number satisfies x**2 < 0"),
        ("assume x > y, y > x\nx\n= y", 1, 17, "no number satisfies y > x"),
        ("assume x > y\nassume y >= x\nx\n= y", 2, 10, "no number satisfies y >= x"),
        ("w\ndff w\n= 1", 2, 1, "; the nearest is diff"),
        ("w\nzzzzzz w\n= 1", 2, 1, "a blank line starts a new chain"),
    ],
)
def test_refusals_of_a_file(text: str, line: int, column: int, says: str) -> None:
    problem = refusal(text)
    assert says in problem.sentence
    assert (problem.line, problem.column) == (line, column)


def test_definitions_cannot_grow_without_end() -> None:
    doubling = "\n".join(["let a0 = w + 1", *(f"let a{n + 1} = a{n}*a{n} + 1" for n in range(40))])
    assert "too large" in refusal(f"{doubling}\na40\n= 1").sentence
    powers = "\n".join(["let a0 = w**12", *(f"let a{n + 1} = a{n}**12" for n in range(9))])
    assert "powers of powers" in refusal(f"{powers}\na9\n= 1").sentence


def test_relations_that_can_hold_are_assumed() -> None:
    for text in ("x >= x", "x + 1 > x", "x >= y, y >= x", "x != y, x >= y", "x*x >= 0", "1/x > 0"):
        assert read(f"assume {text}\nx\n= x")


def test_one_code_line_is_about_one_name() -> None:
    problem = refusal("w\ncode a, b\n= w", ("a", "b"))
    assert (problem.sentence[:8], problem.column) == ("one name", 9)
    assert refusal("w\ncode  c\n= w", ("a", "b")).column == 7


def test_all_problems_of_a_file_are_reported_with_a_caret() -> None:
    with pytest.raises(Refusal) as caught:
        read("w^2\n= w\n\nw + w0\n= w + wo\n= wo + w")
    assert caught.value.shown("my.deriv")[:3] == [
        "my.deriv:1:2: write a power as a**b, not a^b",
        "    w^2",
        "     ^",
    ]
    assert [(p.line, p.column) for p in caught.value.problems] == [(1, 2), (5, 7)]


HOSTILE = {
    "empty": b"",
    "binary": bytes(range(256)) * 10,
    "a NUL": b"w\n= w\0",
    "not UTF-8": b"w\n= \xff\xfe",
    "UTF-16": "w\n= w".encode("utf-16"),
    "one long line": b"w + " * 250_000,
    "10 000 parentheses": b"(" * 10_000 + b"w" + b")" * 10_000,
    "10 000 parentheses on lines": b"\n".join([b"(" * 390] * 26),
    "a tower": b"9**9**9**9\n= 1",
    "dunder names": b"__import__('os').system('ls')\n= 1",
    "many lines": b"w\n" * 30_000,
    "many definitions": b"".join(b"let a%d = w\n" % n for n in range(499)),
    "long names": b"w" * 60_000,
    "primes": b"f" + b"'" * 390 + b"(x)\n= 1",
    "minus signs": b"-" * 390 + b"w\n= 1",
    "carriage returns": b"\r" * 60_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_is_refused_at_once(name: str) -> None:
    spent = []
    for _ in range(3):  # the fastest counts: other work on the machine is not ours
        begin = time.process_time()
        with pytest.raises(Refusal):
            read(decoded(HOSTILE[name][: LARGEST_FILE + 1]), None)
        spent.append(time.process_time() - begin)
    assert min(spent) < 0.05


def test_reading_does_not_import_sympy() -> None:
    program = (
        "import sys; from lawbook.proofs.text.reading import read; "
        "from lawbook.proofs.text.mathml import mathml; "
        "read('w\\n= w'); sys.exit('sympy' in sys.modules or 'numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.parametrize(
    "text", ["\ufeffw\n= w", "w\r\n= w\r\n", "w\r= w", "\tw\n\t=\tw", "w\u00a0\n= w"]
)
def test_line_ends_tabs_and_marks_of_editors_are_accepted(text: str) -> None:
    found = [s.what for s in read(decoded(text.encode()), None)]
    assert found[:2] == [Start(Name("w")), Follows("=", Name("w"))]


def test_statements_are_read() -> None:
    statements = read(
        "assume 0 < q <= 1, n integer, n >= 0   # bounds\n"
        "function f\n"
        "let g(s, t) = s*f'(t)\n"
        "q*g(n, q)\n"
        "diff q\n"
        "= n*f'(q)\n"
        "!= n*f(q)\n"
        "\n"
        "sub q = 1 - p, n = 2\n"
        ">= 0",
        None,
    )
    by_line = {s.line: s.what for s in statements}
    zero, one = Number("0"), Number("1")
    assert by_line[1] == Assume(
        (
            Relation(zero, "<", Name("q")),
            Relation(Name("q"), "<=", one),
            Relation(Name("n"), ">=", zero),
        ),
        (("n", "integer"),),
    )
    assert statements[0].comment == "bounds"
    assert by_line[3] == Let("g", Binary("*", Name("s"), Call("f", (Name("t"),), 1)), ("s", "t"))
    assert by_line[5] == Diff("q")
    assert by_line[9] == Replace(
        "sub", ((Name("q"), Binary("-", one, Name("p"))), (Name("n"), Number("2")))
    )


def test_several_expectations_can_be_given_on_a_line() -> None:
    statements = read("random m\ngiven E(m) = q, E(m**2) = q\nE(m)\n= q", None)
    assert [type(s.what) for s in statements[1:3]] == [Given, Given]


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("(w - w0)**2/2 + mu*w**2/2", "(w − w₀)²/2 + μ·w²/2"),
        ("sum(dy*xhat)/N", "(∑ᵢ (dyᵢ·x̂ᵢ))/N"),
        ("xhat*x[k]", "x̂ⱼ·xₖ"),
        ("E(w**2) - abs(mu_x)", "E[w²] − |μₓ|"),
        ("f''(theta_star)*dgamma", "f′′(θ*)·dγ"),
        ("a**(b + 1)", "a^(b + 1)"),
        ("x_hat", "x̂ⱼ"),
    ],
)
def test_plain_form(text: str, due: str) -> None:
    assert plain(parse(text), {"x", "dy", "xhat", "x_hat"}) == due


def test_mathml_keeps_the_order_of_the_author() -> None:
    def letters(text: str) -> str:
        return "".join(ElementTree.fromstring(f"<m>{mathml(parse(text))}</m>").itertext())

    assert letters("b + a") == "b+a"
    assert letters("x*(1 - x)").replace("\u2062", "") == "x(1−x)"
    assert letters("a - (b - c)") == "a−(b−c)"
    assert letters("2*3") == "2·3"
    assert letters("-(a + b)") == "−(a+b)"
    assert letters("(a*b)**2").replace("\u2062", "") == "(ab)2"
    assert letters("sum(x)*y").replace("\u2062", "") == "(∑ix)y"


def test_mathml_has_native_elements() -> None:
    assert mathml(parse("a/b")) == "<mfrac><mi>a</mi><mi>b</mi></mfrac>"
    assert mathml(parse("w0**2")) == "<msubsup><mi>w</mi><mn>0</mn><mn>2</mn></msubsup>"
    assert mathml(parse("sqrt(x)")) == "<msqrt><mi>x</mi></msqrt>"
    assert mathml(parse("x[k]")) == "<msub><mi>x</mi><mi>k</mi></msub>"
    assert '<mover accent="true">' in mathml(parse("xhat"))
    assert '<mi mathvariant="normal">d</mi>' in mathml(parse("dgamma"))
    assert "d</mi>" not in mathml(parse("data"))


def test_printers_refuse_what_is_not_a_tree() -> None:
    for printer in (mathml, plain, source):
        with pytest.raises(TypeError):
            printer("x")  # type: ignore[operator]


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("x**2", NOT_NEGATIVE),
        ("x*x", NOT_NEGATIVE),
        ("sqrt(sum((x - mu)**2)/N + eps)", POSITIVE),
        ("1/s", POSITIVE),
        ("exp(x) + abs(x)", POSITIVE),
        ("-eps", frozenset({-1})),
        ("x - eps", ANY),
        ("w0 - mu", POSITIVE),
        ("mu - w0", frozenset({-1})),
        ("max(x, eps)", POSITIVE),
        ("tanh(eps)", POSITIVE),
        ("log(eps)", ANY),
        ("2**x", POSITIVE),
        ("x**3", ANY),
        ("n + 1", POSITIVE),
    ],
)
def test_signs_follow_from_how_an_expression_is_written(text: str, signs: frozenset[int]) -> None:
    relations = [
        Relation(Name("eps"), ">", Number("0")),
        Relation(Number("0"), "<", Name("N")),
        Relation(Name("w0"), ">", Name("mu")),
    ]
    lets = {"s": parse("sqrt(x**2 + eps)")}
    table = SignTable(relations, [("n", "nonnegative")], lets)
    assert table.of(parse(text)) == signs
