"""The prover on the identities of this field: what it must prove, refute, and leave open."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from typing import Any

import mpmath
import pytest
import sympy as sp

from lawbook.proofs.evidence import Decision, Word, all_of
from lawbook.proofs.numbers.axes import Axis
from lawbook.proofs.prover.cases import Cases, known_of
from lawbook.proofs.prover.certificates import nonnegative
from lawbook.proofs.prover.decide import FEW, OPERATIONS, Fact, decide, equal
from lawbook.proofs.prover.inference import Signed
from lawbook.proofs.prover.normal import Normal
from lawbook.proofs.prover.points import Points
from lawbook.proofs.prover.polynomials import Budget
from lawbook.proofs.prover.quotients import Ring
from lawbook.proofs.prover.roots import Roots
from lawbook.proofs.prover.signs import POSITIVE
from lawbook.proofs.prover.values import Evaluator
from lawbook.proofs.text.chains import check

Expr = Any
Abs, sqrt, exp, log, sign, tanh, erf = sp.Abs, sp.sqrt, sp.exp, sp.log, sp.sign, sp.tanh, sp.erf
Max, Min, Piecewise, pi = sp.Max, sp.Min, sp.Piecewise, sp.pi
x, y, z, w, w0 = sp.symbols("x y z w w0", real=True)
a, b, mu, eta, h, sigma, lam, alpha = sp.symbols("a b mu eta h sigma lambda alpha", positive=True)
t = sp.Symbol("t", integer=True, nonnegative=True)
k = sp.Symbol("k", integer=True)
f = sp.Function("f")


def stopped(steps: Expr) -> Expr:
    """The weight after so many steps of gradient descent on a quadratic."""
    return (1 - (1 - eta * h) ** steps) * w0


def sigmoid(u: Expr) -> Expr:
    return 1 / (1 + exp(-u))


def selu(u: Expr) -> Expr:
    return lam * Piecewise((u, u > 0), (alpha * (exp(u) - 1), True))


PROVED: list[tuple[Any, Any]] = [
    ((x + 1) ** 2, x**2 + 2 * x + 1),
    (sigmoid(x), exp(x) / (1 + exp(x))),
    (sp.diff(sigmoid(w * x), w), x * sigmoid(w * x) * (1 - sigmoid(w * x))),
    (sp.diff(sigmoid(y * sigmoid(w * x)), w), sp.diff(sigmoid(y * sigmoid(w * x)), w).expand()),
    (tanh(x), 2 * sigmoid(2 * x) - 1),
    (sp.diff(tanh(x), x), 4 * sigmoid(2 * x) * (1 - sigmoid(2 * x))),
    (log(1 + exp(x)), x + log(1 + exp(-x))),
    (log(exp(x) + exp(y)), Max(x, y) + log(1 + exp(-Abs(x - y)))),
    (stopped(t + 1), stopped(t) - eta * h * (stopped(t) - w0)),
    ((x * y) ** t, x**t * y**t),
    ((-x) ** (2 * t), x ** (2 * t)),
    (a**t * a ** (-t) * b ** (2 * t), (b**t) ** 2),
    (sum(h**j for j in range(6)) * (1 - h), 1 - h**6),
    (Abs(x * y), Abs(x) * Abs(y)),
    (Abs(x) * sign(x), x),
    (sign(x) ** 3, sign(x)),
    (Max(x, 0) ** 2 + Max(-x, 0) ** 2, x**2),
    (Max(x, y), (x + y + Abs(x - y)) / 2),
    (Max(x, Max(y, z)) + Min(-x, -y, -z), 0),
    (sqrt(x**2 + 2 * x + 1), Abs(x + 1)),
    (sqrt(8) * sqrt(3), 2 * sqrt(6)),
    (1 / (1 + sqrt(2)), sqrt(2) - 1),
    (sqrt(a) * sqrt(b), sqrt(a * b)),
    (a ** sp.Rational(1, 3) * a ** sp.Rational(1, 6), sqrt(a)),
    (sqrt(2 * pi) / sqrt(pi), sqrt(2)),
    (8**x, 2 ** (3 * x)),
    (log(12), 2 * log(2) + log(3)),
    (
        -log(exp(-(z**2) / (2 * sigma**2)) / (sqrt(2 * pi) * sigma)),
        z**2 / (2 * sigma**2) + log(sigma) + log(2 * pi) / 2,
    ),
    (sp.diff(-log(exp(-Abs(w) / b) / (2 * b)), w), sign(w) / b),
    (exp(h * z) * exp(-(z**2) / 2), exp(h**2 / 2) * exp(-((z - h) ** 2) / 2)),
    (exp(x / (1 + x**2)) * exp(x**3 / (1 + x**2)), exp(x)),
    (
        sp.diff(exp(h**2 / 2) * erf((z - h) / sqrt(2)) / 2, z),
        exp(h * z) * exp(-(z**2) / 2) / sqrt(2 * pi),
    ),
    (erf(x - y), -erf(y - x)),
    (selu(x) / lam, Max(x, 0) + alpha * (exp(Min(x, 0)) - 1)),
    (
        sign(w0) * Max(Abs(w0) - mu, 0),
        Piecewise((w0 - mu, w0 > mu), (w0 + mu, w0 < -mu), (0, True)),
    ),
    (
        (w - w0) ** 2 / 2 + mu * Abs(w) - (mu**2 / 2 + mu * (w0 - mu)),
        (w - (w0 - mu)) ** 2 / 2 + mu * (Abs(w) - w),
    ),
    (sp.diff(f(x) ** 2, x), 2 * f(x) * sp.diff(f(x), x)),
    (sp.diff(f(x**2), x), 2 * x * sp.diff(f(y), y).subs(y, x**2)),
    (Abs(x) + sp.Heaviside(x) * 0, Piecewise((x, x > 0), (0, sp.Eq(x, 0)), (-x, True))),
]

WITH_CONDITIONS: list[tuple[Any, Any, tuple[str, ...]]] = [
    ((w**2 - w0**2) / (w - w0), w + w0, ("w - w0 ≠ 0",)),
    (sqrt(x) * sqrt(y), sqrt(x * y), ("x ≥ 0", "y ≥ 0")),
    (log(x * y), log(x) + log(y), ("x > 0", "y > 0")),
    (sign(x), x / Abs(x), ("x ≠ 0",)),
    (log(x) ** 2 / log(x), log(x), ("x > 0",)),
    (x**k * x, x ** (k + 1), ("x ≠ 0",)),
    (1 / (mu - 1) ** 2, (mu - 1) ** -2, ("mu - 1 ≠ 0",)),
    (
        Piecewise((log(x), x > 0), (0, True)) + Max(x, 0),
        Max(x, 0) + Piecewise((log(2 * x) - log(2), x > 0), (0, True)),
        (),
    ),
]

REFUTED: list[tuple[Any, Any, dict[str, str], str, str]] = [
    (sp.sqrt(x**2), x, {"x": "-1"}, "1", "-1"),
    (sqrt(log(a) ** 2), log(a), {"a": "1/2"}, "log(2)", "-log(2)"),
    (Abs(x) ** 3, x**3, {"x": "-1"}, "1", "-1"),
    (sqrt(x**2 + 2 * x + 1), x + 1, {"x": "-2"}, "1", "-1"),
    (w0 / (1 + mu), w0 / (1 - mu), {"mu": "2", "w0": "1"}, "1/3", "-1"),
    (erf(x), x, {"x": "1"}, "erf(1)", "1"),
    (sum(exp(exp(x) / n) for n in (2, 3, 5)), 2, {"x": "0"}, "4.26574", "2"),
]

FALSE: list[tuple[Any, Any]] = [
    *((due, got) for due, got, *_ in REFUTED),
    (sqrt(log(x) ** 2), log(x)),
    (Abs(Abs(x) - Abs(y)), Abs(x - y)),
    (Abs(x + y), Abs(x) + Abs(y)),
    (Max(x, y), x),
    (log((x - 1) ** 2), 2 * log(1 - x) + Max(x, 0)),
    (stopped(t + 1), stopped(t) + eta * h * (stopped(t) - w0)),
    (a ** (2 * t), a**t),
    (sp.diff(f(x) ** 2, x), f(x) * sp.diff(f(x), x)),
    (sp.diff(selu(x), x), lam * Piecewise((1, x > 0), (exp(x), True))),
    (tanh(x), 2 * sigmoid(x) - 1),
    (sign(x) ** 2, 1),
    (sp.Heaviside(x), Piecewise((1, x > 0), (0, True))),
    (log(1 + exp(x)), x + log(1 - exp(-x))),
]


@pytest.mark.parametrize(("due", "written"), PROVED, ids=lambda e: str(e)[:30])
def test_an_identity_is_proved_without_conditions(due: Any, written: Any) -> None:
    decision = decide(due, written)
    assert (decision.word, decision.conditions) == (Word.PROVED, ())


@pytest.mark.parametrize(("due", "written", "conditions"), WITH_CONDITIONS)
def test_conditions_say_where_both_sides_are_defined(
    due: Any, written: Any, conditions: tuple[str, ...]
) -> None:
    decision = decide(due, written)
    assert (decision.word, decision.conditions) == (Word.PROVED, conditions)


@pytest.mark.parametrize(("due", "written", "point", "expected", "got"), REFUTED)
def test_a_counterexample_is_small_and_readable(
    due: Any, written: Any, point: dict[str, str], expected: str, got: str
) -> None:
    decision = decide(due, written)
    assert decision.word is Word.REFUTED
    assert (dict(decision.point), decision.expected, decision.got) == (point, expected, got)


@pytest.mark.parametrize(("due", "written"), FALSE, ids=lambda e: str(e)[:30])
def test_a_false_identity_is_refuted(due: Any, written: Any) -> None:
    assert decide(due, written).word is Word.REFUTED


def zero_test(due: Any, written: Any, facts: Sequence[Fact] = ()) -> bool:
    """The proof alone, without the points that go before it."""
    sides = [sp.Integer(e) if isinstance(e, int) else e for e in (due, written)]
    return Cases(sides, equal, Budget(OPERATIONS)).hold(known_of(facts, (), sides))


@pytest.mark.parametrize(("due", "written"), FALSE, ids=lambda e: str(e)[:30])
def test_the_zero_test_alone_proves_nothing_false(due: Any, written: Any) -> None:
    assert not zero_test(due, written)


def everything_positive(patch: pytest.MonkeyPatch) -> None:
    named = Normal.named

    def positive(self: Any, key: Any, kind: str, back: Any, _: int = 0, inner: Any = None) -> int:
        return named(self, key, kind, back, POSITIVE, inner)

    patch.setattr(Normal, "named", positive)


def roots_of_squares_unsigned(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Roots, "_modulus_of", lambda self, poly: poly)


def anything_is_zero(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Ring, "is_zero", lambda self, q: True)


def no_case_at_zero(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("lawbook.proofs.prover.cases.BITS", (1, 4))


def signs_guessed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Signed, "poly_sign", lambda self, poly: POSITIVE)


BROKEN = [
    everything_positive,
    roots_of_squares_unsigned,
    anything_is_zero,
    no_case_at_zero,
    signs_guessed,
]


@pytest.mark.parametrize("break_it", BROKEN, ids=lambda g: g.__name__)
def test_a_broken_zero_test_is_noticed(break_it: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    break_it(monkeypatch)
    assert any(zero_test(due, written) for due, written in FALSE)


def test_facts_narrow_the_domain() -> None:
    inside = [Fact(w0 - mu)]
    soft = sign(w0) * Max(Abs(w0) - mu, 0)
    assert decide(soft, w0 - mu, facts=inside).word is Word.PROVED
    assert decide(soft, w0 - mu).word is Word.REFUTED
    assert decide(Abs(w0), w0, facts=[Fact(w0, strict=False)]).word is Word.PROVED
    refuted = decide(soft, w0, facts=inside)
    assert sp.Rational(refuted.point["w0"]) > sp.Rational(refuted.point["mu"])


def ties(*values: Expr) -> Expr:
    """How many of the values are largest."""
    return sum(Piecewise((1, v >= Max(*values)), (0, True)) for v in values)


def test_a_condition_that_holds_in_every_case_is_none() -> None:
    decision = decide(z / ties(x, y, w), 2 * z / (2 * ties(x, y, w)))
    assert (decision.word, decision.conditions) == (Word.PROVED, ())
    decision = decide(z / (ties(x, y) - 1), 2 * z / (2 * ties(x, y) - 2))
    assert decision.word is Word.PROVED
    (condition,) = decision.conditions
    assert condition == "(1 if x >= max(x, y) else 0) + (1 if y >= max(x, y) else 0) - 1 ≠ 0"
    halves = Piecewise((x, x > 0), (y, x < 0)) + z
    assert decide(1 / halves, 2 / (2 * halves)).conditions == (
        "(x if x > 0 else y if x < 0) + z ≠ 0",
    )


def test_conditions_that_contradict_each_other_prove_nothing() -> None:
    decision = decide(log(x) + log(-x) + x, x + log(-x) + log(x) + y - y + 0 * z)
    assert decision.word is Word.UNDECIDED
    cases = Piecewise((log(x), y > 0), (log(-x), True))
    decision = decide(cases * (y + 1), y * cases + cases)
    assert decision.word is Word.UNDECIDED
    assert "contradict each other" in decision.why


def test_all_of_several_decisions_is_the_weakest() -> None:
    proved = Decision(Word.PROVED, ("x ≠ 0",))
    every = Decision(Word.PROVED_FOR_EVERY_N, ("y ≠ 0", "x ≠ 0"))
    refuted = Decision(Word.REFUTED)
    assert all_of([every, proved]) == Decision(Word.PROVED, ("y ≠ 0", "x ≠ 0"))
    assert all_of([every]) == every
    assert all_of([]) == Decision(Word.PROVED)
    assert all_of([proved, refuted, every]) is refuted


def test_a_hidden_symbol_has_no_condition() -> None:
    sides = x * sign(x) + y * sign(y), Abs(x) + Abs(y)
    assert decide(*sides, kinks="excluded").conditions == ("x ≠ 0", "y ≠ 0")
    assert decide(*sides, kinks="excluded", hidden=(x,)).conditions == ("y ≠ 0",)


def test_kinks_can_be_left_out() -> None:
    step = Piecewise((1, x > 0), (0, True))
    assert decide(sp.Heaviside(x), step).word is Word.REFUTED
    decision = decide(sp.Heaviside(x), step, kinks="excluded")
    assert (decision.word, decision.conditions) == (Word.PROVED, ("x ≠ 0",))
    assert decide(sp.Heaviside(x), 1 - step, kinks="excluded").word is Word.REFUTED
    with pytest.raises(ValueError, match="included or excluded"):
        decide(x, x, kinks="maybe")


def test_numbers_are_compared_by_intervals() -> None:
    assert nonnegative(exp(1) - sp.Rational(271828, 100000)).word is Word.PROVED
    assert nonnegative(erf(sqrt(2) / 2) - sp.Rational(6827, 10000)).word is Word.REFUTED
    assert decide(Max(sqrt(2), log(5), x**2 + 2), x**2 + 2).word is Word.PROVED


@pytest.mark.parametrize(
    ("e", "due"),
    [
        (erf(sp.Rational(-7, 3)), mpmath.erf(mpmath.mpf(-7) / 3)),
        (tanh(sp.Rational(1, 5)), mpmath.tanh(mpmath.mpf(1) / 5)),
        (sp.Integer(5) ** sp.Rational(-2, 3), mpmath.mpf(5) ** (mpmath.mpf(-2) / 3)),
        (pi ** sqrt(2), mpmath.pi ** mpmath.sqrt(2)),
        (log(sp.Rational(2, 9)), mpmath.log(mpmath.mpf(2) / 9)),
    ],
)
def test_intervals_hold_the_value(e: Expr, due: Any) -> None:
    found = Evaluator({}).of(e)
    ends = mpmath.mpf(found.a), mpmath.mpf(found.b)
    assert ends[0] <= due <= ends[1] or max(abs(due - v) for v in ends) < 4 * mpmath.eps * abs(due)
    assert found.delta < 2.0**-120


def test_what_is_defined_nowhere_is_not_proved() -> None:
    for due, written in [(sqrt(-1 - x**2), 0), (sp.zoo, 0), (log(-(a**2)), log(-(a**2)) + 1)]:
        assert decide(due, written).word is Word.UNDECIDED


def test_what_is_true_but_out_of_reach_is_undecided() -> None:
    for due, written in [
        (sqrt(5 + 2 * sqrt(6)), sqrt(2) + sqrt(3)),
        (sp.sin(x) ** 2 + sp.cos(x) ** 2, 1),
    ]:
        decision = decide(due, written)
        assert decision.word is Word.UNDECIDED
        assert decision.why


def test_the_size_of_the_work_is_capped() -> None:
    power = sp.Add(*sp.symbols("c1:14", real=True)) ** 12
    start = time.process_time()
    assert decide(power * (x + 1), power * x + power).word is Word.EXACT
    assert decide(power * (x + 1), power * x + power + x).word is Word.REFUTED
    assert decide(exp(Max(*sp.symbols("c1:14", real=True))), exp(x + power)).word is Word.REFUTED
    assert time.process_time() - start < 20


def test_inequalities_by_certificate() -> None:
    shown: list[tuple[Any, list[Fact]]] = [
        ((w - w0 + mu) ** 2 / 2 + mu * (Abs(w) - w), []),
        (w**2 / 2 + mu * Abs(w) - w0 * w, [Fact(mu - Abs(w0), strict=False)]),
        (x**2 + x * y + y**2, []),
        (x**2 - 2 * x * y + 2 * y**2 - 2 * y * z + z**2, []),
        (1 - tanh(x) ** 2, []),
        (a + b - 2 * sqrt(a * b), []),
        (a + 1 / a - 2, []),
        (x - 1, [Fact(x - 2)]),
        (Max(x, y) - x, []),
        (exp(x) * (Abs(x) + x) * sqrt(y**2 + 1), []),
    ]
    for e, facts in shown:
        assert nonnegative(e, facts=facts).word is Word.PROVED, e
    decision = nonnegative(x**2 + 3 * x * y + y**2)
    assert decision.word is Word.REFUTED
    assert (decision.expected, decision.got) == ("at least 0", "-1")
    assert nonnegative(exp(x) - 1 - x).word is Word.UNDECIDED


# -- batches of symbolic length

N = sp.Symbol("N", integer=True, positive=True)
eps = sp.Symbol("eps", positive=True)
gamma, beta = sp.symbols("gamma beta", real=True)


class Norm:
    """Batch normalization over a formal axis."""

    def __init__(self) -> None:
        self.axis = axis = Axis(N)
        self.x, self.dy = axis.entry("x"), axis.entry("dy")
        self.sum = axis.close
        self.mu = self.sum(self.x) / N
        self.s = sqrt(self.sum((self.x - self.mu) ** 2) / N + eps)
        self.xhat = (self.x - self.mu) / self.s
        loss = self.sum(self.dy * (gamma * self.xhat + beta))
        self.dx = axis.derivative(loss, self.x)

    def decide(self, due: Any, written: Any) -> Any:
        return decide(due, written, axes=[self.axis])


def test_batch_norm_is_proved_for_every_n_and_at_once() -> None:
    bn = Norm()
    means = bn.sum(bn.dy) / N, bn.sum(bn.dy * bn.xhat) / N
    compact = gamma / bn.s * (bn.dy - means[0] - bn.xhat * means[1])
    start = time.process_time()
    decision = bn.decide(bn.dx, compact)
    assert time.process_time() - start < 0.5
    assert (decision.word, decision.conditions) == (Word.PROVED_FOR_EVERY_N, ())
    for due, written in [
        (bn.axis.derivative(bn.s, bn.x), (bn.x - bn.mu) / (N * bn.s)),
        (bn.sum(bn.dx), 0),
        (bn.sum(bn.dx * bn.xhat), gamma * bn.sum(bn.dy * bn.xhat) * eps / bn.s**3),
    ]:
        assert bn.decide(due, written).word is Word.PROVED_FOR_EVERY_N


def test_a_wrong_batch_norm_is_refuted_by_a_concrete_batch() -> None:
    bn = Norm()
    frozen = gamma / bn.s * (bn.dy - bn.sum(bn.dy) / N)
    decision = bn.decide(bn.dx, frozen)
    assert decision.word is Word.REFUTED
    assert set(decision.point) == {"x", "dy", "eps", "gamma", "j"}
    assert decision.point["x"] in ("(0, 1)", "(1, 0)")


def test_a_spread_is_not_negative() -> None:
    bn = Norm()
    spread = bn.sum(bn.x**2) / N - (bn.sum(bn.x) / N) ** 2
    assert nonnegative(spread, axes=[bn.axis]).word is Word.PROVED_FOR_EVERY_N
    assert nonnegative(spread - 1, axes=[bn.axis]).word is Word.REFUTED


def test_facts_about_entries_hold_for_every_entry_of_a_counterexample() -> None:
    axis = Axis(N)
    u = axis.entry("u")
    total = axis.close(u)
    refuted = decide(axis.close(u**2), total**2, facts=[Fact(u - 1)], axes=[axis])
    assert refuted.word is Word.REFUTED
    assert all(sp.Rational(v) > 1 for v in refuted.point["u"].strip("()").split(", "))


def test_expectations_of_independent_variables() -> None:
    first, second = Axis(kind="expectation"), Axis(kind="expectation")
    u, v = first.entry("u"), second.entry("v")

    def mean(e: Expr) -> Expr:
        return second.close(first.close(e))

    def variance(e: Expr) -> Expr:
        return mean(e**2) - mean(e) ** 2

    whole = variance(u) * variance(v) + variance(u) * mean(v) ** 2 + variance(v) * mean(u) ** 2
    axes = [first, second]
    assert decide(variance(u * v), whole, axes=axes).word is Word.PROVED
    refuted = decide(variance(u * v), variance(u) * variance(v), axes=axes)
    assert refuted.word is Word.REFUTED
    assert all(text.endswith(", equally likely") for text in refuted.point.values())


# -- fixed sizes


def rows_of(name: str, rows: int, columns: int) -> list[list[Expr]]:
    return [[sp.Symbol(f"{name}{i}{j}", real=True) for j in range(columns)] for i in range(rows)]


def test_batch_norm_of_three_rows_and_two_columns() -> None:
    batch, upstream = rows_of("x", 3, 2), rows_of("d", 3, 2)
    start = 0.0
    for j in range(2):
        column, d = [row[j] for row in batch], [row[j] for row in upstream]
        mean = sum(column) / 3
        s = sqrt(sum((v - mean) ** 2 for v in column) / 3 + eps)
        hat = [(v - mean) / s for v in column]
        loss = sum(u * (gamma * v + beta) for u, v in zip(d, hat, strict=True))
        dgamma = sum(u * v for u, v in zip(d, hat, strict=True))
        for i, v in enumerate(column):
            due = sp.diff(loss, v)
            begun = time.process_time()
            decision = decide(due, gamma / s * (d[i] - sum(d) / 3 - hat[i] * dgamma / 3))
            start += time.process_time() - begun
            assert (decision.word, decision.conditions) == (Word.PROVED, ())
    assert start < 1


def test_softmax_cross_entropy_does_not_depend_on_the_shift() -> None:
    (scores,), (targets,) = rows_of("z", 1, 4), rows_of("t", 1, 4)
    shift = sp.Symbol("c", real=True)
    normalizer = log(sum(exp(v - shift) for v in scores))
    loss = -sum(u * (v - shift - normalizer) for u, v in zip(targets, scores, strict=True))
    p = exp(scores[0]) / sum(map(exp, scores))
    assert decide(sp.diff(loss, shift), 0).word is Word.PROVED
    assert decide(sp.diff(loss, scores[0]), p * sum(targets) - targets[0]).word is Word.PROVED
    assert decide(sp.diff(loss, scores[0]), p - targets[0]).word is Word.REFUTED


# -- batches: inequalities with weights, one entry, lengths


def last(text: str) -> Decision:
    """The decision on the last line of a derivation."""
    decision = check(text)[-1].decision
    assert decision
    return decision


WEIGHTED = [
    ("y", "x**2*y", "x*y"),
    ("x**2*y", "z**2*y", "x*z*y"),
    ("exp(x)*y", "x**2*exp(x)*y", "x*exp(x)*y"),
    ("x*y", "x*z**2*y", "x*z*y"),
]


@pytest.mark.parametrize(("first", "second", "product"), WEIGHTED)
def test_sums_with_weights_of_any_sign_satisfy_no_inequality(
    first: str, second: str, product: str
) -> None:
    lines = f"sum({first})*sum({second})\n>= sum({product})**2"
    assert last(f"batch x, y, z of N\n{lines}").word is Word.REFUTED
    weighted = last(f"batch x, y, z of N\nassume x >= 0, y >= 0\n{lines}")
    assert weighted.word is Word.PROVED_FOR_EVERY_N


def test_the_first_points_hold_negative_values() -> None:
    points = Points([x, w], [], [])
    drawn = list(points.draws(FEW))
    assert any(min(draw.values.values()) < 0 for draw in drawn)


@pytest.mark.parametrize(
    ("text", "word", "point"),
    [
        ("batch x of N\nN\n>= 2", Word.REFUTED, {"N": "1"}),
        ("batch x of N\nsum(x**2)*(N - 1)\n>= sum(x**2)", Word.REFUTED, {"x": "(1)"}),
        ("batch x of N\nassume N >= 3\nsum(1)\n>= 3", Word.PROVED_FOR_EVERY_N, None),
        ("batch x of N\nassume N <= 1\nsum(x**2)\n= sum(x)", Word.REFUTED, {"x": "(-1)"}),
        ("batch x of N\nassume N <= 1\nsum(x**2)\n= sum(x)**2", Word.UNDECIDED, None),
        ("batch x of N\nassume N >= 20\nsum(x)\n= 0", Word.UNDECIDED, None),
    ],
)
def test_lengths_of_batches(text: str, word: Word, point: dict[str, str] | None) -> None:
    decision = last(text)
    assert (decision.word, decision.point or None) == (word, point)


def test_a_counterexample_is_as_long_as_is_assumed() -> None:
    point = last("batch x of N\nassume N >= 7\nsum(x**2)\n= sum(x)**2").point
    assert point
    assert point["x"].count(",") >= 6


@pytest.mark.parametrize(
    "lines",
    [
        "assume x < 0\nmax(sqrt(x), 1)",
        "assume x < 0\nmax(1, log(x))",
        "max(log(0), 1)",
        "batch x of N\nmax(sqrt(x[k]), 1)\nat x[k] = -1",
    ],
)
def test_a_maximum_of_what_is_not_real_is_undecided_and_the_rest_is_checked(lines: str) -> None:
    *_, odd, _, _, right = check(f"{lines}\n= 1\n\nz + z\n= 2*z")
    assert odd.decision
    assert odd.decision.word is Word.UNDECIDED
    assert odd.decision.why
    assert right.decision
    assert right.decision.word is Word.PROVED


def test_slopes_through_expectations_and_sums_of_other_entries() -> None:
    nested = "random w, x\nE(exp(w*E(exp(a*x))))\ndiff a"
    assert last(f"{nested}\n= 0").word is Word.REFUTED
    assert last(f"{nested}\n= E(w*exp(w*E(exp(a*x))))*E(x*exp(a*x))").word is Word.PROVED
    other = "batch x of N\nsum(exp(x*x[k]))\ndiff x[k]"
    assert last(f"{other}\n= x[k]*exp(x[k]**2)").word is Word.REFUTED
    whole = last(f"{other}\n= x[k]*exp(x[k]**2) + sum(x*exp(x*x[k]))")
    assert whole.word is Word.PROVED_FOR_EVERY_N
    inside = last("batch x of N\nsum(exp(x*x[k]))\nat x[k] = 0\n= N")
    assert inside.word is not Word.REFUTED  # it is N


@pytest.mark.parametrize(
    "lines",
    [
        "batch x of N\nassume x != 0\nsign(sum(x))**2",
        "random x\nassume x != 0\nsign(E(x))**2",
        "batch x of N\nsign(sum(1/x))**2",
    ],
)
def test_terms_of_both_signs_may_add_up_to_nothing(lines: str) -> None:
    assert last(f"{lines}\n= 1").word is Word.REFUTED


def test_a_fixed_definition_is_put_back_in_sums_of_sums() -> None:
    slope = "exp(x*sum(exp(m*x)))*sum(exp(m*x)) + sum(x*exp(x*sum(exp(m*x))))*m*exp(m*x)"
    text = f"batch x of N\nlet m = sum(x)/N\nsum(exp(x*sum(exp(m*x))))\ndiff x frozen m\n= {slope}"
    assert last(text).word is Word.PROVED_FOR_EVERY_N


def test_values_that_differ_are_shown_so_that_they_differ() -> None:
    refuted = decide(Max(exp(x / 10**9), 1), 1)
    assert refuted.word is Word.REFUTED
    assert sp.Rational(refuted.expected) != sp.Rational(refuted.got)


Monomial = tuple[int, int, bool]  # x**i * y**j, or x**i * |y|**j
MONOMIALS: list[Monomial] = [
    *((i, j, False) for i in range(3) for j in range(3)),
    *((i, 1, True) for i in range(3)),
]


def total(batch: Sequence[tuple[int, int]], monomial: Monomial) -> int:
    """The sum of a monomial over a batch, computed without the prover."""
    i, j, absolute = monomial
    return sum(u**i * (abs(v) if absolute else v) ** j for u, v in batch)


@pytest.mark.parametrize("seed", range(60))
def test_inequalities_of_batches_hold_at_concrete_ones(seed: int) -> None:
    rng = random.Random(seed)
    axis = Axis(N)
    u, v = axis.entry("x"), axis.entry("y")
    first, second, third = (rng.choice(MONOMIALS) for _ in range(3))
    if seed % 2:  # the product of the first two is a square, of whatever sign
        second = (first[0] % 2 + 2 * rng.randrange(2), first[1], first[2])
        third = ((first[0] + second[0]) // 2, first[1], first[2])

    def symbolic(monomial: Monomial) -> Expr:
        i, j, absolute = monomial
        return axis.close(u**i * (Abs(v) if absolute else v) ** j)

    gap = symbolic(first) * symbolic(second) - symbolic(third) ** 2
    found = nonnegative(gap, axes=[axis])

    def value(batch: Sequence[tuple[int, int]]) -> int:
        return total(batch, first) * total(batch, second) - total(batch, third) ** 2

    for size in (1, 2, 3, 4):
        for _ in range(50):
            batch = [(rng.randrange(-3, 4), rng.randrange(-3, 4)) for _ in range(size)]
            assert value(batch) >= 0 or not found.is_proof, (gap, batch)
    if found.word is Word.REFUTED:
        assert sp.Rational(found.got) < 0
