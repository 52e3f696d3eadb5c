"""Lines that look right and are not, or look wrong and are right: `prove` never says a wrong word of them."""

from __future__ import annotations

import pytest

from lawbook.proofs.evidence import Decision, Word
from lawbook.proofs.text.chains import check


def last(text: str) -> Decision:
    """The decision on the last line that is judged."""
    return [one.decision for one in check(text) if one.decision][-1]


@pytest.mark.parametrize(
    "text",
    [
        "random w\nassume E(w) > 0\n\nE(w)\n>= 0",
        "batch x of N\nassume sum(x) > 0\nabs(sum(x))\n= sum(x)",
        "let m = a\nassume m > 0\nabs(a)\n= a",
        "assume sqrt(a) > 0\nabs(sqrt(a))\n= sqrt(a)",
    ],
)
def test_what_is_assumed_of_a_single_sum_or_definition_is_known(text: str) -> None:
    assert last(text).is_proof


@pytest.mark.parametrize(
    "text",
    [
        "batch t of N\ngiven sum(t) = 1\nsum(t)**2\ndiff t\n= 2*sum(t)",
        "batch t of N\ngiven sum(t) = 1\nsum(t)**2\ndiff t\n= 0",
        "batch t of N\ngiven sum(t) = a\nlet u = 2*t\nsum(u)**2\ndiff u\n= 2*sum(u)",
        "batch t of N\ngiven sum(exp(c*t)) = 1\nsum(exp(c*t))\ndiff c\n= 0",
        "batch t, y of N\ngiven sum(t) = a\nsum(t*y)\ndiff a\n= 0",
        "random m\ngiven E(m) = q\nE(m**3)\ndiff q\n= 0",
        "batch t of N\ngiven sum(t) = 1\nsum(t)\nsub t = 2*t\n= 2",
    ],
)
def test_a_rule_that_moves_a_given_sum_is_refused(text: str) -> None:
    decision = last(text)
    assert decision.word is Word.UNDECIDED
    assert "given" in decision.why


@pytest.mark.parametrize(
    "text",
    [
        "batch t, z of N\ngiven sum(t) = 1\nsum(t)*z**2\ndiff z\n= 2*z",
        "random m\ngiven E(m) = q\nE(m*x)**2\ndiff q\n= 2*q*x**2",
    ],
)
def test_what_is_given_stays_where_the_variable_does_not_reach_it(text: str) -> None:
    assert last(text).is_proof


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("(x - 2)**2/(x - 2)\nsolve x\n= 2", "x - 2 is 0 there: the line before is not defined"),
        ("sqrt(x - 1)**2 + 1\nat x = 0\n= 0", "x - 1 is -1 there: the line before is not defined"),
        ("sqrt(-1)**2\n= -1", "the line before is not defined"),
        ("log(-1) - log(-1)\n= 0", "the line before is not defined"),
        ("assume x < 0\nsqrt(sign(x))**2\n= -1", "sign(x) is -1 there"),
        ("x\n= x + log(0)*0", "divides by zero"),
        ("x/x\n= 1\nat x = 0\n= 1", "x is 0 there"),
        ("(x - 2)**2/(x - 2)\n= x - 2\nsolve x\n= 2", "x - 2 is 0 there"),
        ("batch x of N\nsqrt(sum(x))**2\nsub sum(x) = -1\n= -1", "sum(x) is -1 there"),
        ("let s = x - 1\nsqrt(s)**2\nat x = 0\n= -1", "s is -1 there"),
        ("let f(t) = t - c\nsqrt(f(x))**2\nat c = x + 1\n= -1", "f(x) is -1 there"),
        ("let f(t) = abs(t)\nf'(0)\n= 0", "not defined"),
    ],
)
def test_a_line_that_is_not_defined_does_not_follow(text: str, why: str) -> None:
    decision = last(text)
    assert decision.word is Word.UNDECIDED
    assert why in decision.why


def test_conditions_follow_a_substitution_into_definitions() -> None:
    assert last("let s = x - 1\nsqrt(s)**2\nsub x = y\n= y - 1").conditions == ("y - 1 ≥ 0",)
    assert last("let s = x - 1\nsqrt(s)**2\nat x = 5\n= 4").conditions == ()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("batch x of N\nsum(x - x + 1)\nat N = 2\n= 2", "length"),
        ("batch x of N\nN**2\nsub N**2 = 4\n= 4", "length"),
        (
            "batch x of N\nsum(exp(x*sum(x))) + sum(x)\nsub sum(x) = 1\n= sum(exp(x)) + 1",
            "stands inside",
        ),
        ("random w\nE(w*x)\nsub x = w\n= E(w**2)", "stands inside"),
        ("batch x of N\nsum((x - c)**2)\nsub c = x\n= 0", "stands inside"),
        ("random w\nlet m = E(w*x)\nm\nsub x = w\n= E(w**2)", "stands inside"),
        ("random v, w\nE(v*w)\nsub v = w\n= E(w)**2", "one"),
        ("assume x > 0\nabs(x)\n= x\nat x = -1\n= -1", "x > 0 is assumed"),
        ("assume n integer\n(-1)**(2*n)\nat n = 1/2\n= -1", "n is an integer"),
        ("let f(t) = abs(t - c)\nf'(x)\nat c = x\n= 0", "write f'(x) out"),
        ("batch x of N\nassume sum(x) > 0\nsum(x)\nsub sum(x) = -1\n= -1", "is assumed of sum(x)"),
        ("random m\nlet u = m**2\nE(u*x)\ndiff x frozen u\n= u", "u is random"),
    ],
)
def test_what_a_rule_cannot_reach_is_refused(text: str, why: str) -> None:
    decision = last(text)
    assert decision.word is Word.UNDECIDED
    assert why in decision.why


@pytest.mark.parametrize(
    ("text", "conditions"),
    [
        ("let f(t) = abs(t)\nf'(x)\n= sign(x)", ("x ≠ 0",)),
        ("let f(t) = sqrt(t)\nf'(x)*sqrt(x)\n= 1/2", ("x > 0",)),
        ("let f(t) = max(t, 0)\nf'(2*x)\n= (1 + sign(x))/2", ("x ≠ 0",)),
        ("let f(t) = t**2\nf'(x)\n= 2*x", ()),
    ],
)
def test_a_derivative_of_a_definition_is_taken_away_from_its_kinks(
    text: str, conditions: tuple[str, ...]
) -> None:
    decision = last(text)
    assert decision.is_proof
    assert decision.conditions == conditions


@pytest.mark.parametrize(
    ("text", "conditions"),
    [
        ("x/x\n= 1\n= abs(sign(x))", ("x ≠ 0",)),
        ("exp(log(x))\n= x\n>= 0", ("x > 0",)),
        ("sqrt(x)**2\n= x\n= abs(x)", ("x ≥ 0",)),
        ("assume x > 0\nabs(x)\n= x\nat x = y\n= y\n= abs(y)", ("y > 0",)),
        ("batch x of N\nexp(log(sum(x)))\nsub sum(x) = y\n= y\n= abs(y)", ("y > 0",)),
        ("sqrt(x)**2\n= x\nsub x = y + 1\n= y + 1\n= abs(1 + y)", ("y + 1 ≥ 0",)),
    ],
)
def test_conditions_of_a_line_hold_in_the_rest_of_its_chain(
    text: str, conditions: tuple[str, ...]
) -> None:
    decision = last(text)
    assert decision.is_proof
    assert decision.conditions == conditions


def test_a_new_chain_begins_without_conditions() -> None:
    assert last("sqrt(x)**2\n= x\n\nx\n= abs(x)").word is Word.REFUTED


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("assume x > 0\nx + 1\nsolve x\n= -1", "x > 0 is assumed, which -1 does not satisfy"),
        ("assume n integer\n2*n - 1\nsolve n\n= 1/2", "n is an integer, and 1/2 is none"),
        ("assume x > 2\nx**2 - 1\nsolve x\n= 1", "x > 2 is assumed"),
        ("assume x nonzero\nx**2\nsolve x\n= 0", "x nonzero is assumed"),
    ],
)
def test_a_root_that_the_assumptions_exclude_does_not_follow(text: str, why: str) -> None:
    decision = last(text)
    assert decision.word is Word.UNDECIDED
    assert why in decision.why


def test_what_is_assumed_of_an_unknown_is_a_condition_on_its_value() -> None:
    assert last("assume x > 0\nx - y\nsolve x\n= y").conditions == ("y > 0",)
    assert last("assume n integer\n2*n - k\nsolve n\n= k/2").conditions == ("k/2 is an integer",)
    assert last("assume x > 0\nx + 1\nsolve x\n= -2").word is Word.REFUTED


@pytest.mark.parametrize(
    "text",
    [
        "sqrt(-1 - x**2)\n= 5",
        "sqrt(x - y**2) + sqrt(-x - 1)\n= 3",
        "log(-abs(x))\n= 3*x",
        "assume x > 2\nsqrt(1 - x**2)\n= 5*x",
    ],
)
def test_nothing_follows_where_nothing_is_defined(text: str) -> None:
    decision = last(text)
    assert decision.word is Word.UNDECIDED
    assert "no number makes" in decision.why or "no point was found" in decision.why


@pytest.mark.parametrize("text", ["x**2 - 4\nsolve x\n>= -1", "x + 1\nsolve x\n<= 0"])
def test_a_root_is_stated_before_it_is_compared(text: str) -> None:
    assert last(text).word is Word.UNDECIDED


@pytest.mark.parametrize(
    "text",
    [
        "assume eps > 0\nx/sqrt(x**2 + eps)\nat eps = 0\n= sign(x)",
        "assume x > 1000\nx/(x - y)*(x - y)\n= x",
        "random e\ngiven E(e) = 0, E(e**2) = v\nE((e + c)**2)\ndiff c\n= 2*c",
        "batch x of N\nlet m = sum(x)/N\nsum((x - c)**2)\nsub c = m\n= sum(x**2) - N*m**2",
    ],
)
def test_what_is_meant_still_follows(text: str) -> None:
    assert last(text).is_proof
