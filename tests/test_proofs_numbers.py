"""The number systems run the reference's code unmodified: symbols, a formal axis, duals, 60 digits."""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy as sp

from lawbook.proofs.numbers.axes import Axis, Meaningless
from lawbook.proofs.numbers.decimals import Interval, Unclear, decimals, nearest
from lawbook.proofs.numbers.duals import Dual, Irrational, duals, rational_root
from lawbook.proofs.numbers.families import Family
from lawbook.proofs.numbers.literals import RoundedLiteral, exact_fraction
from lawbook.proofs.numbers.symbols import SymArray, maxima_as_shifts, symbols
from reference import activations, batch_norm, losses, penalties

N = sp.Symbol("N", integer=True, positive=True)


def values_at(array: Any, point: dict[Any, Any]) -> Any:
    """Numbers in the place of symbols."""
    return np.array([complex(sp.N(e.subs(point))).real for e in array.flat]).reshape(array.shape)


X = symbols("x", 3, 2)
POINT = {s: sp.Rational(k * k - 3, 2) for k, s in enumerate(X.flat)}
NUMBERS = values_at(X, POINT)


@pytest.mark.parametrize(
    "function",
    [
        activations.sigmoid,
        activations.sigmoid_slope,
        activations.tanh_slope,
        activations.relu,
        lambda x: activations.leaky_relu(x, 0.25),
        losses.softmax,
        losses.log_sum_exp,
        lambda x: losses.margins(x, np.array([0, 1, 1])),
        lambda x: losses.Hinge().gradient(x, np.array([0, 1, 1])),
        lambda x: losses.MeanSquaredError().gradient(x, x.T.T * 2),
        lambda x: penalties.soft_threshold(x, 0.5),
        lambda x: batch_norm.normalize(x, *batch_norm.moments(x)),
        lambda x: x.var(axis=0),
        lambda x: np.stack([x, x]).max(axis=0) @ x.T,
        lambda x: np.clip(x, -1, 1) * (x > 0) + (x > 0).astype(float),
        lambda x: np.where((x > 0) & (x < 2), np.log1p(x * x), np.expm1(x)),
        lambda x: np.concatenate([x, np.ones_like(x)], axis=1).sum(axis=1, keepdims=True),
        lambda x: np.moveaxis(x, 0, 1)[..., None] * np.full_like(x.T, 3)[..., None],
        lambda x: np.einsum("ij,ik->jk", x, x),
        lambda x: np.mean(np.minimum(x, 0.5)) + np.abs(x).prod(axis=0),
    ],
)
def test_symbols_compute_what_floats_compute(function: Any) -> None:
    got = values_at(SymArray(function(X)), POINT)
    due = np.asarray(function(NUMBERS), float)
    assert got.shape == due.shape
    assert np.max(np.abs(got - due)) < 64 * np.finfo(float).eps * (1 + np.max(np.abs(due)))


def reference_with_a_rounded_literal(x: Any) -> Any:
    return x * (1 / 3)


@pytest.mark.parametrize("system", ["symbols", "family", "duals"])
def test_rounded_literal_is_an_error_that_says_where(system: str) -> None:
    x = {
        "symbols": lambda: symbols("x", 2),
        "family": lambda: Family.of("x", Axis(N)),
        "duals": lambda: duals([Fraction(1), Fraction(2)]),
    }[system]()
    with pytest.raises(RoundedLiteral) as error:
        reference_with_a_rounded_literal(x)
    line = reference_with_a_rounded_literal.__code__.co_firstlineno + 2
    assert f"tests/{__name__}.py:" in str(error.value)
    assert abs(int(str(error.value).split(":")[1]) - line) <= 1
    assert "0.3333333333333333" in str(error.value)


def test_default_arguments_that_are_rounded_are_found_in_the_reference() -> None:
    gamma, x = symbols("gamma", 2), symbols("x", 3, 2)
    layer = batch_norm.BatchNorm(gamma=gamma, beta=gamma)
    with pytest.raises(RoundedLiteral, match=r"^reference/batch_norm\.py:\d+: 0\.9 "):
        layer.train(x)
    layer = batch_norm.BatchNorm(gamma=gamma, beta=gamma, decay=0.5)
    with pytest.raises(RoundedLiteral, match=r"^reference/batch_norm\.py:\d+: 1e-05 "):
        layer.train(x)


@pytest.mark.parametrize("value", [0.1, 1e-5, 1 / 3, float("inf"), float("nan"), 1e300, 2.0**-11])
def test_floats_that_are_no_small_dyadic_rationals_are_refused(value: float) -> None:
    with pytest.raises(RoundedLiteral):
        exact_fraction(value)
    with pytest.raises(RoundedLiteral):
        symbols("x", 1) * value
    with pytest.raises(RoundedLiteral):
        SymArray(sp.Symbol("x") * sp.Float(value))


@pytest.mark.parametrize("value", [0.5, 2.0, -0.0, 3, True, np.int64(4), Fraction(1, 3), 1.75])
def test_exact_numbers_stay_what_they_are(value: Any) -> None:
    assert exact_fraction(value) == Fraction(value) if value else exact_fraction(value) == 0


def test_scalar_symbols_leave_products_to_arrays() -> None:
    a, x = sp.Symbol("a"), symbols("x", 2)
    for found in (a * x, a + x, a - x, a / x, x / a):
        assert isinstance(found, SymArray)
        assert found.shape == (2,)
    assert isinstance(np.sqrt(a * symbols("s")), SymArray)
    assert isinstance(a * Family.of("x", Axis(N)), Family)


def test_functions_without_a_rule_are_refused_by_name() -> None:
    with pytest.raises(TypeError, match=r"no symbolic rule for numpy\.arctan"):
        np.arctan(symbols("x", 2))
    with pytest.raises(TypeError, match=r"numpy\.sort"):
        np.sort(Family.of("x", Axis(N)))


def test_maxima_become_shifts_when_asked() -> None:
    with maxima_as_shifts() as shifts:
        losses.log_sum_exp(symbols("z", 2, 3))
    assert len(shifts) == 2
    assert symbols("z", 2).max() == sp.Max(*symbols("z", 2))


def batch(axis: Axis, *names: str) -> list[Family]:
    return [Family.of(name, axis, (1, 1)) for name in names]


def test_sums_over_the_axis_are_linear_and_of_monomials() -> None:
    axis = Axis(N)
    x, y = (f.body for f in batch(axis, "x", "y"))
    a = sp.Symbol("a")
    assert axis.close(a) == a * N
    assert axis.close((x + a) ** 2) == axis.close(x**2) + 2 * a * axis.close(x) + a**2 * N
    assert axis.close(x * y) == axis.sum_of(x * y)
    assert axis.close(sp.exp(x - a)) == sp.exp(-a) * axis.sum_of(sp.exp(x))
    assert axis.sum_of(sp.exp(x)).is_positive
    assert axis.sum_of(x**2).is_nonnegative


def test_derivative_is_that_of_a_concrete_batch() -> None:
    axis = Axis(N)
    x = Family.of("x", axis)
    mean = x.sum() / x.shape[0]
    spread = np.sqrt(np.square(x - mean).sum() + 1)
    nested = np.exp(np.square(x - mean) / spread).sum()  # terms that depend on sums themselves
    total = (nested * spread).item()
    entries = sp.symbols("u v w", real=True)
    concrete = axis.instantiate(total, {x.body: entries})
    at = dict(zip(entries, (1, -2, sp.Rational(1, 2)), strict=True))
    for j, entry in enumerate(entries):
        due = sp.diff(concrete, entry).subs(at)
        got = axis.instantiate(axis.derivative(total, x.body), {x.body: entries}, at=j).subs(at)
        assert abs(sp.N(due - got, 30)) < sp.Rational(1, 10**25)


def test_derivative_to_another_entry_goes_through_the_sums_alone() -> None:
    axis = Axis(N)
    x = Family.of("x", axis)
    normalized = (x * x.sum()).body
    found = axis.derivative_to_other(normalized, x.body)
    assert found == x.body
    entries = sp.symbols("u v w")
    concrete = axis.instantiate(normalized, {x.body: entries}, at=0)
    assert axis.instantiate(found, {x.body: entries}, at=0) == sp.diff(concrete, entries[1])
    squares = axis.derivative_to_other((x * np.square(x).sum()).body, x.body)
    assert squares == 2 * x.body * axis.other(x.body)


def test_parameters_of_all_entries_are_differentiated_through_the_sums() -> None:
    axis = Axis(N)
    x, a = Family.of("x", axis).body, sp.Symbol("a")
    total = axis.close(sp.exp(a * x))
    assert axis.derivative(total, a) == axis.close(x * sp.exp(a * x))


def test_expectation_of_independent_variables() -> None:
    w, x = Axis(kind="expectation"), Axis(kind="expectation")
    a, b = w.entry("w"), x.entry("x")
    assert w.close(sp.S.One) == 1
    assert x.close(w.close(a**2 * b)) == w.sum_of(a**2) * x.sum_of(b)
    assert w.instantiate(w.close(a**2), {a: [1, 3]}) == 5
    assert str(w.sum_of(a)) == "E(w)"


def test_no_name_that_a_text_can_write_is_an_entry() -> None:
    axis = Axis(N)
    names = [axis.entry("x"), axis.other(axis.entry("x")), axis.sum_of(axis.entry("x"))]
    assert not any(str(name).isidentifier() for name in [*names, axis.shift()])
    with pytest.raises(ValueError, match="kind"):
        Axis(N, kind="series")


def test_formal_axis_keeps_its_place() -> None:
    axis = Axis(N)
    x = Family.of("x", axis, (1, 2, 1, 1))
    assert x.shape == (N, 2, 1, 1)
    assert batch_norm.as_rows(x).shape == (N, 2)
    assert batch_norm.from_rows(batch_norm.as_rows(x), x.shape).shape == x.shape
    assert x.T.shape == (1, 1, 2, N)
    assert x[..., 0].shape == (N, 2, 1)
    assert x[:, 1].bodies.item(0) == x.bodies.item(1)
    assert x[:, None].shape == (N, 1, 2, 1, 1)
    assert (x.size, x.ndim) == (2 * N, 4)
    rows = x[:, :, 0, 0]
    assert (rows @ symbols("w", 2, 3)).shape == (N, 3)
    assert (rows.T @ rows).shape == (2, 2)
    assert (symbols("w", 3, 2) @ rows.T).shape == (3, N)
    assert rows.sum(axis=1).shape == (N,)
    assert rows.mean(axis=(0, 1), keepdims=True).shape == (1, 1)


@pytest.mark.parametrize(
    "misuse",
    [
        len,
        list,
        bool,
        np.asarray,
        lambda x: x[0],
        lambda x: x + Family.of("y", x.axis, (1, 1), 1),
        lambda x: x + symbols("y", 3, 2),
        lambda x: x @ symbols("w", 3, 2).T @ x,
        lambda x: x.reshape(-1),
        lambda x: symbols("w", 2, 3) @ x,
        lambda x: np.add.accumulate(x),
    ],
)
def test_misuse_of_a_formal_axis_is_refused(misuse: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        misuse(Family.of("x", Axis(N), (1, 2)))


def test_length_of_a_formal_axis_names_the_remedy() -> None:
    with pytest.raises(TypeError, match=r"use shape\[0\]"):
        len(Family.of("x", Axis(N)))


def test_duals_differentiate_exactly() -> None:
    x = Dual(Fraction(4), Fraction(1))
    assert (x.sqrt().a, x.sqrt().b) == (2, Fraction(1, 4))
    assert (x**-2).b == Fraction(-2, 64)
    assert (1 / x).b == Fraction(-1, 16)
    assert abs(-x).b == 1
    assert (np.array([x, -x]) * 0.5).sum().b == 0
    assert np.maximum(np.array([x, -x]), 0).tolist() == [x, 0]
    with pytest.raises(Irrational):
        rational_root(Fraction(2))
    with pytest.raises(Irrational):
        x.exp()


def test_duals_over_intervals_differentiate_elementary_functions() -> None:
    point = Dual(Interval(Fraction(1, 3)), Interval(1))
    x = sp.Symbol("x")
    for name in ("exp", "log", "tanh", "sqrt", "expm1", "log1p"):
        due = {"expm1": sp.exp(x) - 1, "log1p": sp.log(1 + x)}.get(name)
        due = getattr(sp, name)(x) if due is None else due
        found = getattr(point, name)().b
        assert found.digits >= 55
        assert found.middle == float(sp.N(sp.diff(due, x).subs(x, sp.Rational(1, 3)), 40))


def test_intervals_contain_and_compare_with_certainty() -> None:
    third = Interval(1) / 3
    assert third.meets(Interval(Fraction(1, 3)))
    assert not third.meets(Interval(1) / 4)
    assert 58 <= third.digits <= 60
    assert Interval(Fraction(1, 2)).digits == 60
    assert third < 1 <= Interval(1)
    with pytest.raises(Unclear):
        _ = third < Interval(Fraction(1, 3))
    assert nearest(decimals([0.1, 3.0])).tolist() == [0.1, 3.0]
    assert np.sqrt(decimals([4.0]))[0] == 2


def test_oracle_of_batch_norm_has_no_rounding_error() -> None:
    x = 1e6 + np.array([[0.0], [1.0], [2.0]])
    mean, variance = batch_norm.moments(decimals(x))
    assert nearest(mean).tolist() == [1000001.0]
    assert nearest(variance).tolist() == [2 / 3]


# -- derivatives of an axis against those of the batch written out

AXIS_ENTRIES = 3


def random_body(rng: random.Random, axis: Axis, names: Sequence[Any], depth: int) -> Any:
    """A smooth expression in entries x_j, others x_k, a parameter, and sums of such expressions."""
    pick = rng.choice(names)
    match rng.randrange(7 if depth else 3):
        case 0:
            return pick + rng.randrange(3)
        case 1:
            return pick * rng.choice(names)
        case 2:
            return rng.choice((-1, 1, 2)) * pick
        case 3:
            return sp.exp(random_body(rng, axis, names, depth - 1) / 4)
        case 4:
            one, two = (random_body(rng, axis, names, depth - 1) for _ in range(2))
            return one * two if rng.random() < 0.5 else one - two
        case 5:
            return 1 / (1 + random_body(rng, axis, names, depth - 1) ** 2)
        case _:
            return axis.close(random_body(rng, axis, names, depth - 1))


@pytest.mark.parametrize("seed", range(60))
def test_derivatives_are_those_of_the_batch_written_out(seed: int) -> None:
    rng = random.Random(seed)
    axis = Axis(N)
    x, z, a = axis.entry("x"), axis.entry("z"), sp.Symbol("a", real=True)
    names = (x, x, z, axis.other(x), axis.other(z), a)
    inner = axis.close(random_body(rng, axis, names, 3))
    expr = inner * random_body(rng, axis, names, 1) + axis.close(x * sp.exp(x * axis.other(x) / 8))
    rows = {e: sp.symbols(f"{e.name[0]}:{AXIS_ENTRIES}", real=True) for e in (x, z)}
    j, k = 1, 2
    written_out = axis.instantiate(expr, rows, at=j, other=k)
    at = {a: sp.Rational(1, 3)}
    at |= {s: sp.Rational(rng.randrange(-6, 7), 4) for row in rows.values() for s in row}
    found = [
        (axis.derivative(expr, x), rows[x][j]),
        (axis.derivative(expr, axis.other(x)), rows[x][k]),
        (sp.diff(expr, axis.other(x)) + axis.derivative_to_other(expr, x), rows[x][k]),
        (axis.derivative(expr, a), a),
    ]
    for slope, symbol in found:
        got = axis.instantiate(slope, rows, at=j, other=k).xreplace(at)
        due = sp.diff(written_out, symbol).xreplace(at)
        assert abs(sp.N(got - due, 30)) <= abs(sp.N(due, 30)) / 10**20 + sp.Rational(1, 10**20)


def test_another_entry_inside_a_sum_is_differentiated_in_every_term() -> None:
    axis = Axis(N)
    x = axis.entry("x")
    other = axis.other(x)
    slope = axis.derivative_to_other(axis.close(sp.exp(x * other)), x)
    assert slope == other * sp.exp(other**2) + axis.close(x * sp.exp(x * other))
    gaps = axis.derivative_to_other(axis.close(sp.Abs(x - other)), x)
    assert gaps == -axis.close(sp.sign(x - other))
    with pytest.raises(Meaningless, match="no derivative where"):
        axis.derivative_to_other(axis.close(sp.sqrt(x - other)), x)


def test_sums_of_one_axis_inside_sums_of_another_are_differentiated() -> None:
    outer, inner = Axis(kind="expectation", name="w"), Axis(kind="expectation", name="x")
    w, x, a = outer.entry("w"), inner.entry("x"), sp.Symbol("a", real=True)
    mean = inner.close(sp.exp(a * x))
    total = outer.close(sp.exp(w * mean))
    due = outer.close(w * sp.exp(w * mean)) * inner.close(x * sp.exp(a * x))
    assert outer.derivative(total, a, [outer, inner]) == due
    with pytest.raises(Meaningless, match="not known here"):
        outer.derivative(total, a)
    with pytest.raises(Meaningless, match="cannot be separated"):
        outer.close(sp.exp(w * x))


def test_no_sum_is_differentiated_by_its_length() -> None:
    axis = Axis(N)
    with pytest.raises(Meaningless, match="derivative with respect to N"):
        axis.derivative(axis.close(sp.exp(N * axis.entry("x"))), N)
