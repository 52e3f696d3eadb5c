"""What the tests of the course adapters share: the right examples, and calls of every operation."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from lawbook.grading import grade
from lawbook.seeds import Seeds
from lawbook.settings import Settings
from lawbook.verdicts import Subject
from lawbook.zygotes import Zygotes

HERE = Path(__file__).resolve().parent.parent
EXAMPLES = HERE / "examples" / "submissions"
FAU = EXAMPLES / "fau-right"
CS231N = EXAMPLES / "cs231n-right" / "cs231n"

X = np.linspace(-2.0, 3.0, 24).reshape(8, 3)[:, [2, 0, 1]] ** 2
IMAGES = np.cos(np.arange(48.0)).reshape(2, 3, 4, 2)
GAMMA, BETA = np.array([1.0, 2.0, -3.0]), np.array([0.5, 0.0, -1.0])
W = np.array([[1.5, -2.0, 0.0], [0.25, -0.5, 3.0]])
LABELS = np.array([0, 1, 1, 0, 1, 0, 0, 1])
MATRICES = [np.ones((3, 4)) / 3, np.ones((4, 2)) / 7]


def layer_calls(layer: Any, x: np.ndarray) -> list[Any]:
    first, second = layer.train(x.copy()), layer.train(2 * x + 1)
    return [first, second, layer.backward(np.sin(x)), layer.evaluate(x.copy())]


def batch_norm_calls(operation: type) -> list[Any]:
    called = []
    for x in (X, IMAGES):
        layer = operation(gamma=GAMMA.copy(), beta=BETA.copy())
        called += [layer.train(x.copy()), layer.train(2 * x + 1)]
        called += [*layer.backward(np.sin(x)), layer.evaluate(x.copy())]
    return called


def update_calls(operation: type) -> list[Any]:
    called: list[Any] = []
    for kind in ("sgd", "momentum", "adam"):
        layer = operation(gamma=GAMMA.copy(), beta=BETA.copy(), optimizer=kind, learning_rate=0.1)
        for _ in range(3):
            called += layer.step(X.copy(), np.sin(X))
    return called


def optimizer_calls(**hyperparameters: float) -> Callable[[type], list[Any]]:
    def call(operation: type) -> list[Any]:
        optimizer, w = operation(**hyperparameters), W.copy()
        steps = []
        for gradient in (np.zeros_like(W), np.cos(W), 1e-3 * W):
            w = optimizer.step(w.copy(), gradient)
            steps.append(w)
        return [*steps, operation(**hyperparameters).step(1.0, 0.5)]

    return call


def penalty_calls(operation: type) -> list[Any]:
    penalty = operation(strength=0.3)
    with np.errstate(invalid="ignore"):
        return [penalty.value(W.copy()), penalty.gradient(W.copy())]


def network_calls(operation: type) -> list[Any]:
    plain = operation(weights=MATRICES).loss(X.copy(), LABELS)
    penal = operation(weights=MATRICES, penalty="l2", strength=0.5).loss(X.copy(), LABELS)
    return [plain, penal, operation(weights=MATRICES).phases()]


def loss_calls(operation: type) -> list[Any]:
    z = np.outer(np.arange(8.0), [1.0, -0.3])
    return [operation().value(z.copy(), LABELS), operation().gradient(z.copy(), LABELS)]


def relu_calls(operation: type) -> list[Any]:
    layer = operation()
    return [layer.forward(W.copy()), layer.backward(np.ones_like(W))]


CALLS: dict[str, Callable[[type], list[Any]]] = {
    "dropout": lambda operation: [
        *layer_calls(operation(keep=0.25), X),
        *layer_calls(operation(keep=0.25), IMAGES),
    ],
    "batch_norm": batch_norm_calls,
    "batch_norm_alt": batch_norm_calls,
    "batch_norm_update": update_calls,
    "l1_penalty": penalty_calls,
    "l2_penalty": penalty_calls,
    "sgd": optimizer_calls(learning_rate=0.1),
    "momentum": optimizer_calls(learning_rate=0.1, momentum=0.9),
    "rmsprop": optimizer_calls(learning_rate=0.1, decay=0.99, eps=1e-8),
    "adam": optimizer_calls(learning_rate=0.1, beta1=0.9, beta2=0.999, eps=1e-8),
    "adamw": optimizer_calls(learning_rate=0.1, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.1),
    "xavier_normal": lambda operation: [operation().draw((4, 3, 5, 5), 75, 100)],
    "he_normal": lambda operation: [operation().draw((4, 3, 5, 5), 75, 100)],
    "constant": lambda operation: [operation(value=0.7).draw((2, 3), 2, 3)],
    "network": network_calls,
    "softmax_cross_entropy": loss_calls,
    "hinge": loss_calls,
    **dict.fromkeys(("relu", "sigmoid", "tanh"), relu_calls),
}


def transcript(course: ModuleType, root: Path) -> dict[str, list[Any]]:
    """What every operation of a submission answers to its calls, each from the same seed."""
    loaded = course.load(str(root))
    assert loaded.errors == {}
    answers = {}
    for name, operation in loaded.operations.items():
        np.random.seed(7)
        answers[name] = CALLS[name](operation)
    return answers


def same(left: Any, right: Any) -> bool:
    return all(np.array_equal(a, b, equal_nan=True) for a, b in zip(left, right, strict=True))


def graded(path: Path, seed: int = 11, **options: Any) -> Subject:
    """The one submission at a path, judged as `lawbook grade` does."""
    settings = Settings(**options)
    with Zygotes(settings.python) as zygotes:
        (subject,) = grade([str(path)], settings, Seeds(seed=seed), zygotes)
    return subject


def against(subject: Subject) -> set[str]:
    """The operations of the laws that count against a subject."""
    return {verdict.operation for verdict in subject.verdicts if verdict.counts_against}


def copied(tmp_path: Path, source: Path = FAU) -> Path:
    return Path(shutil.copytree(source, tmp_path / "submission"))
