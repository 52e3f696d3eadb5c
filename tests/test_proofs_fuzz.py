"""The prover against an independent numeric oracle: true identities, and the same with one change.

An expression is rewritten by steps that hold wherever both sides are defined over the reals; then one
node is changed.  Whether two expressions are really equal is asked of mpmath at many points, among
them the small integers where kinks lie.  The prover may be undecided; it may never be wrong.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import mpmath
import pytest
import sympy as sp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lawbook.proofs.evidence import Decision, Word
from lawbook.proofs.prover.decide import decide

Expr = Any
x, y = sp.symbols("x y", real=True)
a, b = sp.symbols("a b", positive=True)
t = sp.Symbol("t", integer=True, nonnegative=True)
SYMBOLS = (x, y, a, b)
DIGITS = 40
AGREE = mpmath.mpf(10) ** -25
CASES = 200

# -- the oracle: real values in mpmath, written without the prover's evaluator


class Nowhere(Exception):
    """No real value, or none that can be told from a neighbouring case."""


def positive(v: Any, strict: bool = True) -> Any:
    if abs(v) < AGREE and v != 0:
        raise Nowhere
    if v < 0 or (strict and v == 0):
        raise Nowhere
    return v


def clear(v: Any) -> Any:
    """A number whose sign is beyond doubt."""
    if v != 0 and abs(v) < AGREE:
        raise Nowhere
    return v


def powered(base: Any, e: Expr, n: Any) -> Any:
    if e.is_Integer or e.is_integer:
        if n < 0 and not clear(base):
            raise Nowhere
        return base ** int(n)
    if base == 0 and n > 0:
        return base
    return mpmath.exp(n * mpmath.log(positive(base)))


FUNCTIONS: dict[Any, Callable[..., Any]] = {
    sp.exp: mpmath.exp,
    sp.log: lambda u: mpmath.log(positive(u)),
    sp.Abs: abs,
    sp.sign: lambda u: mpmath.sign(clear(u)),
    sp.tanh: mpmath.tanh,
    sp.erf: mpmath.erf,
    sp.Max: max,
    sp.Min: min,
}


def value(e: Expr, at: dict[Expr, Any]) -> Any:
    if e.is_Rational:
        return mpmath.mpf(int(e.p)) / int(e.q)
    if e.is_Symbol:
        return at[e]
    if e is sp.E:
        return mpmath.e
    if e is sp.pi:
        return +mpmath.pi
    if isinstance(e, sp.Piecewise):
        condition = e.args[0].cond
        gap = clear(value(condition.gts, at) - value(condition.lts, at))
        holds = gap > 0 or (
            gap == 0 and not isinstance(condition, sp.StrictGreaterThan | sp.StrictLessThan)
        )
        return value(e.args[0].expr if holds else e.args[1].expr, at)
    inner = [value(u, at) for u in e.args]
    if any(abs(u) > 10**6 for u in inner):
        raise Nowhere
    if e.is_Add:
        return clear(mpmath.fsum(inner))
    if e.is_Mul:
        return mpmath.fprod(inner)
    if e.is_Pow:
        return powered(inner[0], e.exp, inner[1])
    if e.func not in FUNCTIONS:
        raise Nowhere
    return FUNCTIONS[e.func](*inner)


def points() -> list[dict[Expr, Any]]:
    small = [(-1, 2), (2, -1), (0, 1), (1, 1), (-2, -1), (-1, 0), (1, -2), (3, 2), (-1, -1), (0, 0)]
    rng = random.Random(7)
    out = [
        dict(zip(SYMBOLS, map(mpmath.mpf, (*xy, *ab)), strict=True))
        for xy, ab in zip(small * 2, [(1, 2), (3, 1), (2, 2)] * 7, strict=False)
    ]
    for _ in range(16):
        values = [rng.uniform(-3, 3), rng.uniform(-3, 3), rng.uniform(0.1, 3), rng.uniform(0.1, 3)]
        out.append(dict(zip(SYMBOLS, map(mpmath.mpf, values), strict=True)))
    return [{**at, t: mpmath.mpf(k % 4)} for k, at in enumerate(out)]


POINTS = points()


def differs_at(lhs: Expr, rhs: Expr, at: dict[Expr, Any]) -> bool | None:
    """Whether the sides differ at a point; None where one has no value."""
    with mpmath.workdps(DIGITS):
        try:
            left, right = value(lhs, at), value(rhs, at)
        except (Nowhere, OverflowError):
            return None
        return bool(abs(left - right) > AGREE * (1 + abs(left) + abs(right)))


def really(lhs: Expr, rhs: Expr) -> bool | None:
    """Whether the sides are equal at every point; None where too few points have values."""
    seen = [d for d in (differs_at(lhs, rhs, at) for at in POINTS) if d is not None]
    if any(seen):
        return False
    return True if len(seen) >= 6 else None


# -- expressions, valid rewritings, changes

LEAVES = st.sampled_from([*SYMBOLS, *SYMBOLS, *map(sp.Integer, (1, 2, 3, -1)), sp.Rational(1, 2)])


def usable(e: Expr) -> bool:
    bad = (sp.zoo, sp.nan, sp.oo, -sp.oo, sp.I)
    return not e.has(*bad) and sp.count_ops(e) < 60


def grown(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    binary: list[Callable[[Expr, Expr], Expr]] = [
        lambda u, v: u + v,
        lambda u, v: u - v,
        lambda u, v: u * v,
        lambda u, v: u / v if v != 0 else u,
        lambda u, v: u / (1 + v**2),
        lambda u, v: sp.sqrt(u**2 + v**2),
        sp.Max,
        sp.Min,
        lambda u, v: sp.Piecewise((u, x > y), (v, True)),
    ]
    unary: list[Callable[[Expr], Expr]] = [
        lambda u: u**2,
        lambda u: u**3,
        lambda u: u**t,
        lambda u: u ** (t + 1),
        lambda u: sp.sqrt(1 + u**2),
        lambda u: sp.sqrt(u) if u != 0 else u,
        sp.exp,
        lambda u: sp.log(1 + u**2),
        lambda u: sp.log(u) if u != 0 else u,
        sp.Abs,
        sp.sign,
        sp.tanh,
        lambda u: 1 / (1 + sp.exp(-u)),
    ]
    return st.one_of(
        st.builds(lambda f, u, v: f(u, v), st.sampled_from(binary), inner, inner),
        st.builds(lambda f, u: f(u), st.sampled_from(unary), inner),
    ).filter(usable)


EXPRESSIONS = grown(st.recursive(LEAVES, grown, max_leaves=12)).filter(
    lambda e: bool(e.free_symbols) and sp.count_ops(e) > 3
)


def somewhere(e: Expr, rng: random.Random, change: Callable[[Expr], Expr | None]) -> Expr:
    """The expression with one of its parts changed."""
    parts = [u for u in sp.preorder_traversal(e) if isinstance(u, sp.Expr)]
    rng.shuffle(parts)
    for u in parts:
        new = change(u)
        if new is not None:
            return e.xreplace({u: new})
    return e


def as_exponentials(u: Expr) -> Expr | None:
    if isinstance(u, sp.tanh):
        return (sp.exp(2 * u.args[0]) - 1) / (sp.exp(2 * u.args[0]) + 1)
    if isinstance(u, sp.exp) and u.args[0].is_Add:
        return sp.Mul(*(sp.exp(t) for t in u.args[0].args))
    return None


def of_modulus(u: Expr) -> Expr | None:
    if isinstance(u, sp.Abs):
        v = u.args[0]
        return sp.Max(v, -v) if v.is_Symbol else v * sp.sign(v)
    if isinstance(u, sp.Max | sp.Min) and len(u.args) == 2:
        half = sp.Abs(u.args[0] - u.args[1]) / 2
        return (u.args[0] + u.args[1]) / 2 + (half if isinstance(u, sp.Max) else -half)
    return None


def times_and_over(e: Expr, q: Expr) -> Expr:
    return sp.expand(e * q) / q


def of_power(u: Expr) -> Expr | None:
    if isinstance(u, sp.Abs):
        return sp.sqrt(sp.expand(u.args[0] ** 2))
    if u.is_Pow and u.base.is_positive and u.exp.is_Rational:
        return sp.exp(u.exp * sp.expand_log(sp.log(u.base)))
    if u.is_Add and u.is_positive:
        return sp.sqrt(sp.expand(u**2))
    return None


def of_root(u: Expr) -> Expr | None:
    if u.is_Pow and u.exp == sp.Rational(1, 2):
        return u.base / sp.sqrt(u.base)
    if isinstance(u, sp.log):
        return sp.log(a * u.args[0]) - sp.log(a)
    return None


REWRITINGS: list[Callable[[Expr, random.Random], Expr]] = [
    lambda e, _: sp.expand(e),
    lambda e, _: sp.factor(e),
    lambda e, _: sp.together(e),
    lambda e, _: sp.powsimp(e),
    lambda e, _: sp.expand_power_exp(e),
    lambda e, rng: somewhere(e, rng, as_exponentials),
    lambda e, rng: somewhere(e, rng, of_modulus),
    lambda e, rng: somewhere(e, rng, of_root),
    lambda e, rng: somewhere(e, rng, lambda u: sp.expand(u) if u.is_Mul or u.is_Pow else None),
    lambda e, rng: somewhere(e, rng, lambda u: sp.factor(u) if u.is_Add else None),
    lambda e, rng: times_and_over(e, rng.choice(SYMBOLS) ** 2 + 1),
    lambda e, rng: somewhere(e, rng, lambda u: times_and_over(u, 2 + sp.exp(rng.choice(SYMBOLS)))),
    lambda e, rng: somewhere(e, rng, lambda u: 1 / sp.expand(1 / u) if u.is_Pow else None),
    lambda e, rng: somewhere(e, rng, of_power),
]


def changed(e: Expr, rng: random.Random) -> Expr:
    """The expression with one node altered, most often into something else."""
    changes: list[Callable[[Expr], Expr | None]] = [
        lambda u: u + 1 if u.is_Symbol else None,
        lambda u: -u if u.is_Symbol or u.is_Function else None,
        lambda u: u.args[0] if isinstance(u, sp.Abs) else None,
        lambda u: sp.Abs(u) if u.is_Symbol else None,
        lambda u: u.base ** (u.exp + 1) if u.is_Pow and u.exp.is_integer else None,
        lambda u: u.args[0] if isinstance(u, sp.Max | sp.Min) else None,
        lambda u: sp.Add(*u.args[1:]) if u.is_Add else None,
        lambda u: sp.Mul(*u.args[1:]) if u.is_Mul else None,
    ]
    rng.shuffle(changes)
    made = (somewhere(e, rng, change) for change in changes)
    return next((new for new in made if new != e), e)


@st.composite
def pairs(draw: Any) -> tuple[Expr, Expr]:
    """An expression and its rewriting, changed in half of the cases."""
    lhs = draw(EXPRESSIONS)
    rng = random.Random(draw(st.integers(0, 2**32)))
    rhs = lhs
    steps = draw(st.integers(1, 3))
    for rewriting in rng.sample(REWRITINGS, len(REWRITINGS)):
        new = rewriting(rhs, rng)
        if usable(new) and new != rhs:
            rhs, steps = new, steps - 1
        if not steps:
            break
    if draw(st.booleans()):
        new = changed(rhs, rng)
        rhs = new if usable(new) else rhs
    return lhs, rhs


def at_point(shown: Sequence[tuple[str, str]]) -> dict[Expr, Any]:
    at = dict.fromkeys((*SYMBOLS, t), mpmath.mpf(1))
    with mpmath.workdps(DIGITS):
        for name, text in shown:
            v = Fraction(text)
            at[next(s for s in (*SYMBOLS, t) if s.name == name)] = (
                mpmath.mpf(v.numerator) / v.denominator
            )
    return at


def verdict(lhs: Expr, rhs: Expr) -> str:
    """What the prover says against what the oracle says; fails for a wrong verdict."""
    truth = really(lhs, rhs)
    decision = decide(lhs, rhs)
    if decision.word is Word.REFUTED:
        differs = differs_at(lhs, rhs, at_point(list(decision.point.items())))
        assert differs is not False, f"{lhs} = {rhs} refuted at {decision.point}, where it holds"
    elif decision.word in (Word.PROVED, Word.EXACT):
        assert truth is not False, f"{lhs} = {rhs} is {decision.word}, but false"
    else:
        assert decision.word is Word.UNDECIDED
    return f"{truth} {decision.word}"


def test_no_verdict_is_wrong_and_most_identities_are_proved() -> None:
    counts: Counter[str] = Counter()

    @settings(
        max_examples=CASES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(pairs())
    def judge(pair: tuple[Expr, Expr]) -> None:
        counts[verdict(*pair)] += 1

    judge()
    assert counts["True proved"] >= 0.95 * (counts["True proved"] + counts["True undecided"])
    assert counts["False refuted"] >= 0.95 * (counts["False refuted"] + counts["False undecided"])
    assert counts["False refuted"] >= CASES / 20


@pytest.mark.parametrize(
    ("wrong", "lhs", "rhs"),
    [("proved", sp.sqrt(x**2), x), ("refuted", sp.Abs(x) * sp.sign(x), x)],
)
def test_the_oracle_notices_a_wrong_verdict(
    wrong: str, lhs: Expr, rhs: Expr, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Decision(Word(wrong), point={"x": "1"})
    monkeypatch.setattr(f"{__name__}.decide", lambda lhs, rhs: made)
    with pytest.raises(AssertionError):
        verdict(lhs, rhs)
