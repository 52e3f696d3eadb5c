"""The gradient claim: no false alarm on right pairs, planted errors found, kinks never failed."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lawbook.gradients import GradientResult, directional_check

Arrays = dict[str, NDArray[Any]]
Spoil = Callable[[Arrays], None]
SINGLE = 2.0**-24
DOUBLE = 2.0**-53
EPS = 1e-5


def normalized(a: Arrays, axis: int) -> tuple[NDArray[Any], NDArray[Any]]:
    centered = a["x"] - a["x"].mean(axis, keepdims=True)
    deviation = np.sqrt((centered**2).mean(axis, keepdims=True) + a["x"].dtype.type(EPS))
    return centered / deviation, deviation


class Norm:
    """Batch norm (axis 0) and layer norm (axis 1)."""

    def __init__(self, axis: int) -> None:
        self.axis = axis

    def forward(self, a: Arrays) -> NDArray[Any]:
        y: NDArray[Any] = a["gamma"] * normalized(a, self.axis)[0] + a["beta"]
        return y

    def gradients(self, a: Arrays, dy: NDArray[Any]) -> Arrays:
        xhat, deviation = normalized(a, self.axis)
        g = dy * a["gamma"]
        g = g - g.mean(self.axis, keepdims=True) - xhat * (g * xhat).mean(self.axis, keepdims=True)
        return {"x": g / deviation, "gamma": (dy * xhat).sum(0), "beta": dy.sum(0)}

    def draw(self, x: NDArray[Any], rng: np.random.Generator) -> Arrays:
        units = x.shape[1]
        gamma, beta = rng.normal(0, 0.3, (2, units))
        return {"x": x, "gamma": 1 + gamma, "beta": beta}


class Perceptron:
    """One hidden layer with tanh or ReLU."""

    def __init__(self, activation: str) -> None:
        self.smooth = activation == "tanh"

    def forward(self, a: Arrays) -> NDArray[Any]:
        z = a["x"] @ a["w1"] + a["b1"]
        y: NDArray[Any] = (np.tanh(z) if self.smooth else np.maximum(z, 0)) @ a["w2"]
        return y

    def gradients(self, a: Arrays, dy: NDArray[Any]) -> Arrays:
        z = a["x"] @ a["w1"] + a["b1"]
        h = np.tanh(z) if self.smooth else np.maximum(z, 0)
        dz = (dy @ a["w2"].T) * (1 - h * h if self.smooth else z > 0)
        return {"x": dz @ a["w1"].T, "w1": a["x"].T @ dz, "b1": dz.sum(0), "w2": h.T @ dy}

    def draw(self, x: NDArray[Any], rng: np.random.Generator) -> Arrays:
        units = x.shape[1]
        w1, w2 = rng.normal(0, units**-0.5, (2, units, units))
        return {"x": x, "w1": w1, "b1": rng.normal(0, 0.1, units), "w2": w2}


OPERATIONS: dict[str, Norm | Perceptron] = {
    "batch norm": Norm(0),
    "layer norm": Norm(1),
    "tanh": Perceptron("tanh"),
    "relu": Perceptron("relu"),
}
CONDITIONS = {"mean 0": (0.0, 1.0), "mean 1e4": (1e4, 1.0), "spread 1e-3": (0.0, 1e-3)}


def judged(
    operation: Norm | Perceptron,
    seed: int,
    *,
    mean: float = 0.0,
    spread: float = 1.0,
    spoil: Spoil | None = None,
    unit: float = DOUBLE,
) -> GradientResult:
    rng = np.random.default_rng(seed)
    dtype = np.float32 if unit == SINGLE else np.float64
    arguments = operation.draw(rng.normal(mean, spread, (8, 8)), rng)
    arguments = {name: value.astype(dtype) for name, value in arguments.items()}
    dy = rng.normal(size=(8, 8)).astype(dtype)
    gradients = operation.gradients(arguments, dy)
    if spoil:
        spoil(gradients)
    return directional_check(
        lambda points: [operation.forward(point) for point in points],
        arguments,
        gradients,
        dy,
        rng,
        unit,
    )


@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.parametrize("name", OPERATIONS)
def test_right_gradients_pass(name: str, condition: str) -> None:
    mean, spread = CONDITIONS[condition]
    results = [judged(OPERATIONS[name], i, mean=mean, spread=spread) for i in range(70)]
    assert all(result.holds for result in results)
    assert all(result.conclusive and result.worst is None for result in results)


@pytest.mark.parametrize("name", OPERATIONS)
def test_right_gradients_pass_in_single_precision(name: str) -> None:
    results = [judged(OPERATIONS[name], i, unit=SINGLE) for i in range(40)]
    assert all(result.holds for result in results)


def scaled(name: str, factor: float) -> Spoil:
    def spoil(gradients: Arrays) -> None:
        gradients[name] = gradients[name] * factor

    return spoil


def one_coordinate(name: str, error: float) -> Spoil:
    def spoil(gradients: Arrays) -> None:
        flat = gradients[name].ravel()
        flat[np.argsort(np.abs(flat))[flat.size // 2]] *= 1 + error

    return spoil


@pytest.mark.parametrize(
    ("name", "error"),
    [("batch norm", 1e-6), ("layer norm", 1e-6), ("tanh", 1e-6), ("relu", 1e-4)],
)
@pytest.mark.parametrize("place", ["x", "parameter"])
def test_scaled_gradients_fail_and_are_named(name: str, error: float, place: str) -> None:
    operation = OPERATIONS[name]
    argument = "x" if place == "x" else "gamma" if isinstance(operation, Norm) else "w2"
    results = [judged(operation, i, spoil=scaled(argument, 1 + error)) for i in range(20)]
    failed = [result for result in results if not result.holds]
    assert len(failed) >= 19
    assert {result.worst for result in failed} == {argument}
    assert all(result.discrepancy > result.allowed for result in failed)


@pytest.mark.parametrize(
    ("name", "error"), [("batch norm", 1e-5), ("layer norm", 1e-5), ("relu", 1e-4)]
)
def test_one_wrong_coordinate_fails(name: str, error: float) -> None:
    results = [judged(OPERATIONS[name], i, spoil=one_coordinate("x", error)) for i in range(20)]
    assert sum(not result.holds for result in results) >= 19


@pytest.mark.parametrize("name", ["batch norm", "layer norm"])
def test_large_mean_hides_only_errors_below_1e_4(name: str) -> None:
    results = [
        judged(OPERATIONS[name], i, mean=1e4, spoil=scaled("x", 1 + 1e-4)) for i in range(20)
    ]
    assert sum(not result.holds for result in results) >= 19


@pytest.mark.parametrize(
    ("name", "error"), [("batch norm", 0.1), ("layer norm", 0.1), ("tanh", 0.3)]
)
def test_wrong_gradients_fail_in_single_precision(name: str, error: float) -> None:
    results = [
        judged(OPERATIONS[name], i, spoil=scaled("x", 1 + error), unit=SINGLE) for i in range(20)
    ]
    assert sum(not result.holds for result in results) >= 19


def test_variance_taken_as_constant_fails() -> None:
    operation, rng = Norm(0), np.random.default_rng(0)
    arguments = operation.draw(rng.normal(size=(8, 8)), rng)
    dy = rng.normal(size=(8, 8))
    g = dy * arguments["gamma"] / normalized(arguments, 0)[1]
    found = directional_check(
        lambda points: [operation.forward(point) for point in points],
        arguments,
        operation.gradients(arguments, dy) | {"x": g - g.mean(0)},
        dy,
        rng,
    )
    assert (found.holds, found.worst) == (False, "x")


@pytest.mark.parametrize("factor", [0.0, -1.0, 2.0])
@pytest.mark.parametrize("name", OPERATIONS)
def test_gross_errors_fail_in_both_precisions(name: str, factor: float) -> None:
    for unit in (DOUBLE, SINGLE):
        for seed in range(3):
            assert not judged(OPERATIONS[name], seed, spoil=scaled("x", factor), unit=unit).holds


def check(
    forward: Callable[[Any], Any], x: Any, gradient: Any, **more: Any
) -> tuple[GradientResult, list[int]]:
    messages: list[int] = []

    def forward_many(points: list[dict[str, Any]]) -> list[Any]:
        messages.append(len(points))
        return [forward(point["x"]) for point in points]

    cotangent = more.pop("cotangent", np.ones(np.shape(forward(x))))
    rng = np.random.default_rng(more.pop("seed", 1))
    result = directional_check(forward_many, {"x": x}, {"x": gradient}, cotangent, rng, **more)
    return result, messages


def test_right_smooth_gradient_costs_one_message_of_21_forwards() -> None:
    x = np.linspace(-1, 1, 5)
    found, messages = check(np.sin, x, np.cos(x))
    assert found.holds
    assert messages == [21]


def test_two_equal_errors_do_not_cancel() -> None:
    x = np.linspace(0.1, 1, 6)
    wrong = np.cos(x) + np.array([1e-6, 0, 0, 1e-6, 0, 0])
    assert not any(check(np.sin, x, wrong, seed=seed)[0].holds for seed in range(20))


@pytest.mark.parametrize("unit", [DOUBLE, SINGLE])
@pytest.mark.parametrize("at_zero", [0.0, 0.5, 1.0])
def test_kink_at_the_point_is_never_failed(at_zero: float, unit: float) -> None:
    for seed in range(30):
        rng = np.random.default_rng(seed)
        x = rng.integers(-1, 2, 12).astype(float)
        dy = rng.normal(size=12)
        gradient = dy * np.where(x == 0, at_zero, x > 0)
        found, messages = check(
            lambda z: np.maximum(z, 0), x, gradient, cotangent=dy, unit=unit, seed=seed
        )
        assert found.holds
        assert found.conclusive or sum(messages) < 150


def test_gross_error_beside_a_kink_fails() -> None:
    x = np.concatenate([[0.0], np.linspace(1, 2, 11)])
    dy = np.concatenate([[1e-2], np.ones(11)])
    gradient = 2 * dy * (x > 0)
    assert not check(lambda z: np.maximum(z, 0), x, gradient, cotangent=dy)[0].holds


def test_random_forward_is_not_conclusive() -> None:
    rng = np.random.default_rng(0)
    x = np.ones(6)
    found, _ = check(lambda z: z * (rng.random(6) < 0.5), x, np.ones(6))
    assert found.holds
    assert not found.conclusive


def test_gradient_of_scalar_arguments_and_outputs() -> None:
    assert check(lambda x: x * x, 3.0, 6.0)[0].holds
    assert check(lambda x: x * x, 3.0, 6.001)[0].worst == "x"


def test_zero_gradient_of_a_constant_holds_and_a_nonzero_one_fails() -> None:
    assert check(np.ones_like, np.ones(3), np.zeros(3))[0].holds
    assert not check(np.ones_like, np.ones(3), np.full(3, 1e-3))[0].holds


def test_large_mean_does_not_blur_a_linear_forward() -> None:
    x = 1e8 + np.arange(4.0)
    assert check(lambda z: 3 * z, x, np.full(4, 3.0))[0].holds
    assert not check(lambda z: 3 * z, x, np.full(4, 3.01))[0].holds


def test_columns_of_unlike_scale_take_their_own_spreads() -> None:
    x = np.random.default_rng(0).normal(size=(8, 3)) * [1e-4, 1.0, 1e4]
    spreads = {"x": x.std(0)}
    dy = np.random.default_rng(1).normal(size=(8, 3))
    norm, ones = Norm(0), np.ones(3)
    right = norm.gradients({"x": x, "gamma": ones, "beta": ones}, dy)["x"]
    wrong = right * [1.0, 1.0, 1.001]

    def forward(z: NDArray[Any]) -> NDArray[Any]:
        return norm.forward({"x": z, "gamma": ones, "beta": ones})

    assert check(forward, x, right, cotangent=dy, spreads=spreads)[0].conclusive
    assert check(forward, x, wrong, cotangent=dy, spreads={"x": [1e-9, 1e-9, 1e4]})[0].worst == "x"


@pytest.mark.parametrize("gradient", [np.ones(2), np.array([1.0, np.nan, 0.0])])
def test_gradient_of_another_shape_or_not_finite_fails_at_once(gradient: NDArray[Any]) -> None:
    found, messages = check(np.sin, np.ones(3), gradient)
    assert (found.holds, found.worst, messages) == (False, "x", [])


def test_forward_that_is_not_finite_at_the_point_fails() -> None:
    found, _ = check(lambda z: z * np.nan, np.ones(3), np.ones(3))
    assert (found.holds, found.worst) == (False, None)


def test_edge_of_the_domain_is_redrawn() -> None:
    x = np.array([1e-4, 1.0, 2.0])

    def logarithm(z: NDArray[Any]) -> NDArray[Any]:
        return np.log(np.where(z > 0, z, np.nan))

    assert check(logarithm, x, 1 / x)[0].holds
    assert not check(logarithm, x, 1.01 / x)[0].holds


def test_others_are_passed_on_and_arguments_keep_dtype() -> None:
    seen: list[tuple[Any, ...]] = []

    def forward_many(points: list[dict[str, Any]]) -> list[Any]:
        seen.extend((point["x"].dtype, point["labels"].dtype, point["rate"]) for point in points)
        return [point["x"] * point["rate"] for point in points]

    arguments = {"x": np.ones(2, np.float32), "labels": np.arange(2), "rate": 2.0}
    gradients = {"x": np.full(2, 2.0)}
    rng = np.random.default_rng(0)
    assert directional_check(forward_many, arguments, gradients, np.ones(2), rng, SINGLE).holds
    assert set(seen) == {(np.dtype(np.float32), np.dtype(np.int64), 2.0)}


def test_what_cannot_be_judged_raises() -> None:
    with pytest.raises(ValueError, match="do not match"):
        directional_check(lambda _: [], {"x": 1.0}, {}, 1.0, np.random.default_rng(0))
    with pytest.raises(ValueError, match="do not match"):
        directional_check(lambda _: [], {"x": 1.0}, {"w": 1.0}, 1.0, np.random.default_rng(0))
    with pytest.raises(ValueError, match="cotangent"):
        check(np.sin, np.ones(3), np.ones(3), cotangent=np.ones(2))
    with pytest.raises(ValueError, match="positive"):
        check(np.sin, np.ones(3), np.ones(3), spreads={"x": 0.0})
