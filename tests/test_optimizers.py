"""Honest variants of the optimizers and of early stopping hold every law; inference finds an own eps."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

from lawbook.checking import check
from lawbook.laws import discover
from lawbook.targets import local_target
from properties.optimizers import measured_eps
from reference.early_stopping import EarlyStopping, GradientDescent, Ridge
from reference.optimizers import Adam, AdamW, LinearSchedule, Momentum, Nesterov, RmsProp, Sgd


def not_held(
    operation: str, implementation: type, dtype: str = "float64", **conventions: Any
) -> list[str]:
    """The laws that do not hold, or could not be judged, over several seeds."""
    target = local_target(
        "variant", {operation: implementation}, dtype=dtype, conventions={operation: conventions}
    )
    laws = [law for law in discover() if law.operation == operation]
    verdicts = [v for seed in range(2) for v in check(target, laws, seed=seed)]
    assert any(v.status == "pass" for v in verdicts)
    return [
        f"{v.law}: {v.status} {v.message}"
        for v in verdicts
        if v.status not in ("pass", "skip") or "could not judge" in v.message
    ]


class AdamFolded(Adam):
    """The bias correction folded into the step size, powers of beta kept as running products."""

    def update(self, g: Any) -> Any:
        self.t += 1
        self.power1 = getattr(self, "power1", 1.0) * self.beta1
        self.power2 = getattr(self, "power2", 1.0) * self.beta2
        self.first = self.first + (1 - self.beta1) * (g - self.first)
        self.second = self.second + (1 - self.beta2) * (g * g - self.second)
        root = (1 - self.power2) ** 0.5
        size = self.learning_rate * root / (1 - self.power1)
        return -size * self.first / (self.second**0.5 + self.eps * root)


class AdamInBuffers(Adam):
    """Buffers written in place, without touching the arguments."""

    def update(self, g: Any) -> Any:
        if self.t == 0:
            self.m, self.v = np.zeros(np.shape(g)), np.zeros(np.shape(g))
        self.t += 1
        self.m *= self.beta1
        self.m += g * (1 - self.beta1)
        self.v *= self.beta2
        self.v += np.square(g) * (1 - self.beta2)
        root = np.sqrt(self.v) / np.sqrt(1 - np.power(self.beta2, self.t)) + self.eps
        return self.m / (1 - np.power(self.beta1, self.t)) / root * -self.learning_rate


class MomentumOtherOrder(Momentum):
    """The velocity points uphill, is kept in a buffer, and is subtracted; decay factored out."""

    def step(self, w: Any, g: Any) -> Any:
        if not hasattr(self, "v"):
            self.v = np.zeros(np.shape(w))
        kept = w
        if self.penalty == "l2" and self.decay == "decoupled":
            kept = w * (1 - self.learning_rate * self.strength)
        elif self.penalty and self.decay == "decoupled":
            kept = w - np.sign(w) * (self.learning_rate * self.strength)
        self.v *= self.momentum
        self.v += self.coupled(w, g) * self.learning_rate
        return kept - self.v


class NesterovByDifferences(Nesterov):
    """w' = w - mu v_old + (1 + mu) v_new."""

    def step(self, w: Any, g: Any) -> Any:
        old = self.velocity
        self.velocity = self.momentum * old - g * self.learning_rate
        return w - self.momentum * old + (1 + self.momentum) * self.velocity


class RmsPropOtherOrder(RmsProp):
    def step(self, w: Any, g: Any) -> Any:
        self.second = (1 - self.decay) * np.square(g) + self.second * self.decay
        return w - g * (self.learning_rate / (np.sqrt(self.second) + self.eps))


class AdamWByFactor(AdamW):
    def step(self, w: Any, g: Any) -> Any:
        return w * (1 - self.learning_rate * self.weight_decay) + self.update(g)


class SgdFactored(Sgd):
    def step(self, w: Any, g: Any) -> Any:
        if self.penalty == "l2":
            return w * (1 - self.learning_rate * self.strength) - self.learning_rate * g
        pull = self.strength * np.sign(w) if self.penalty else 0
        return w - self.learning_rate * (pull + g)


class ScheduleByDifference(LinearSchedule):
    def rate(self, k: int) -> float:
        return self.start + (self.end - self.start) * min(k / self.steps, 1)


class ScheduleByWalking(LinearSchedule):
    def rate(self, k: int) -> float:
        rate = self.start
        for _ in range(min(k, self.steps)):
            rate -= (self.start - self.end) / self.steps
        return rate


VARIANTS = [
    ("adam", AdamFolded, {}),
    ("adam", AdamFolded, {"decay": "decoupled"}),
    ("adam", AdamInBuffers, {}),
    ("adam", Adam, {"eps_place": "hat"}),
    ("adam", Adam, {"eps_place": "inside", "decay": "decoupled", "gradient_factor": 2.0}),
    ("adam", Adam, {"eps_place": "numerator_too"}),
    ("momentum", MomentumOtherOrder, {"decay": "decoupled"}),
    ("momentum", MomentumOtherOrder, {}),
    ("momentum", Momentum, {"rate_in_velocity": False, "gradient_factor": 2.0}),
    ("nesterov", NesterovByDifferences, {}),
    ("nesterov", Nesterov, {"form": "sutskever"}),
    ("rmsprop", RmsPropOtherOrder, {}),
    ("rmsprop", RmsProp, {"eps_place": "inside"}),
    ("adamw", AdamWByFactor, {}),
    ("adamw", AdamW, {"decay_order": "after"}),
    ("adamw", AdamW, {"rate_in_decay": False}),
    ("sgd", SgdFactored, {}),
    ("sgd", Sgd, {"decay": "decoupled", "gradient_factor": 2.0}),
    ("linear_schedule", ScheduleByDifference, {}),
    ("linear_schedule", ScheduleByWalking, {}),
]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("operation", "implementation", "conventions"), VARIANTS)
def test_honest_variants_hold_every_law(
    operation: str, implementation: type, conventions: dict[str, Any], dtype: str
) -> None:
    assert not_held(operation, implementation, dtype, **conventions) == []


def adam_of(eps: float, place: str) -> type:
    """An Adam that fixes its own eps and has no argument for it."""

    class OwnEps(Adam):
        def __init__(
            self,
            *,
            learning_rate: float,
            beta1: float,
            beta2: float,
            penalty: str | None = None,
            strength: float = 0.0,
            decay: str = "coupled",
        ) -> None:
            super().__init__(
                learning_rate=learning_rate,
                beta1=beta1,
                beta2=beta2,
                eps=eps,
                eps_place=place,
                penalty=penalty,
                strength=strength,
                decay=decay,
            )

    return OwnEps


@pytest.mark.parametrize("place", ["outside", "inside", "hat", "numerator_too"])
@pytest.mark.parametrize("eps", [2.220446049250313e-16, 1e-10, 1e-8, 1e-4])
def test_an_own_eps_is_measured_and_then_every_law_holds(eps: float, place: str) -> None:
    implementation = adam_of(eps, place)
    operation = local_target("own eps", {"adam": implementation}).operation("adam")
    operation.session.begin(0)
    found = measured_eps(operation)
    assert found["eps_place"] == place
    assert f"{found['eps']:.4e}" == f"{eps:.4e}"
    assert not_held("adam", implementation, **found) == []


@pytest.mark.parametrize("place", ["outside", "inside", "hat"])
@pytest.mark.parametrize("eps", [2.220446049250313e-16, 1e-10, 1e-8])
def test_an_unknown_eps_is_allowed_for(eps: float, place: str) -> None:
    assert not_held("adam", adam_of(eps, place), decay="decoupled") == []


class DeafAdam(Adam):
    """Takes an eps and does not use it."""

    def __init__(self, **hyper: Any) -> None:
        super().__init__(**{**hyper, "eps": 1e-4})

    __signature__ = inspect.signature(Adam)


def test_an_eps_that_is_taken_and_ignored_is_measured() -> None:
    operation = local_target("deaf", {"adam": DeafAdam}).operation("adam")
    operation.session.begin(0)
    assert measured_eps(operation) == {"eps": 1e-4, "eps_place": "outside"}
    assert not_held("adam", DeafAdam, eps=1e-4, eps_place="outside") == []


def test_an_eps_that_is_used_is_no_convention() -> None:
    operation = local_target("reference", {"adam": Adam}).operation("adam")
    operation.session.begin(0)
    assert measured_eps(operation) == {}


class StopsByWaiting(EarlyStopping):
    """The counter form: wait is reset at an improvement; the best weights are copied."""

    def run(self, losses: Any, parameters: Any) -> Any:
        best, wait, at, kept, run = np.inf, 0, 0, parameters[0], 0
        for loss, row in zip(losses, parameters, strict=True):
            run += 1
            wait += 1
            if loss + self.min_delta < best:
                best, wait, at, kept = loss, 0, run - 1, row.copy()
            elif wait >= self.patience + (self.stop_when == "exceeds"):
                break
        return run, at, kept


class DescendsByPower(GradientDescent):
    def run(self, H: Any, optimum: Any, start: Any, steps: int) -> Any:
        contraction = np.eye(len(H), dtype=H.dtype) - self.learning_rate * H
        return optimum + np.linalg.matrix_power(contraction, steps) @ (start - optimum)


class RidgeByInverse(Ridge):
    def solve(self, H: Any, optimum: Any) -> Any:
        return np.linalg.inv(H + self.mu * np.eye(len(H), dtype=H.dtype)) @ H @ optimum


class RidgeByEigenvectors(Ridge):
    def solve(self, H: Any, optimum: Any) -> Any:
        values, vectors = np.linalg.eigh(H)
        return vectors @ (values / (values + self.mu) * (vectors.T @ optimum))


class RidgeByComplement(Ridge):
    def solve(self, H: Any, optimum: Any) -> Any:
        shrunk = np.linalg.solve(H + self.mu * np.eye(len(H), dtype=H.dtype), optimum)
        return optimum - self.mu * shrunk


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    ("operation", "implementation", "conventions"),
    [
        ("early_stopping", StopsByWaiting, {}),
        ("early_stopping", StopsByWaiting, {"stop_when": "exceeds"}),
        ("early_stopping", EarlyStopping, {"best": "minimum"}),
        ("gradient_descent", DescendsByPower, {}),
        ("ridge", RidgeByInverse, {}),
        ("ridge", RidgeByEigenvectors, {}),
        ("ridge", RidgeByComplement, {}),
    ],
)
def test_other_honest_forms_of_early_stopping_hold_every_law(
    operation: str, implementation: type, conventions: dict[str, Any], dtype: str
) -> None:
    assert not_held(operation, implementation, dtype, **conventions) == []


@pytest.mark.parametrize(
    ("build", "hyper"),
    [
        (Sgd, {"learning_rate": -1.0}),
        (Sgd, {"learning_rate": 0.1, "penalty": "l3"}),
        (Momentum, {"learning_rate": 0.1, "momentum": 1.0}),
        (Nesterov, {"learning_rate": 0.1, "momentum": 0.9, "form": "none"}),
        (RmsProp, {"learning_rate": 0.1, "decay": 0.9, "eps_place": "hat"}),
        (Adam, {"learning_rate": 0.1, "beta1": 0.9, "beta2": 1.5}),
        (LinearSchedule, {"start": 1.0, "end": 0.0, "steps": 0}),
        (EarlyStopping, {"patience": -1}),
        (EarlyStopping, {"patience": 1, "stop_when": "never"}),
        (Ridge, {"mu": 0.0}),
    ],
)
def test_hyperparameters_outside_their_domain_are_refused(
    build: type, hyper: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match=r"not|no convention"):
        build(**hyper)


class LosesAnAxis(Ridge):
    def solve(self, H: Any, optimum: Any) -> Any:
        return super().solve(H, optimum).sum()


def test_a_result_of_another_shape_fails_and_is_not_skipped() -> None:
    target = local_target("wrong shape", {"ridge": LosesAnAxis})
    laws = [law for law in discover() if law.operation == "ridge"]
    assert {v.status for v in check(target, laws)} == {"fail"}
