"""The network of `classifiers/fc_net.py`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..contract import Array
from ..functions.course import Bound
from ..reading import class_in, parameters


class Network(Bound):
    """`classifiers/fc_net.py`: FullyConnectedNet with one hidden layer, else TwoLayerNet.

    Its biases are zero, its loss is softmax cross-entropy after a ReLU, its targets are labels (N,) or
    unit vectors (N, K), and its penalty is reg/2 * sum of the squared weights: strength is reg.
    """

    def __init__(
        self, *, weights: Sequence[Array], penalty: str | None = None, strength: float = 0.0
    ) -> None:
        if penalty == "l1":
            raise NotImplementedError("the networks of this course have no L1 penalty")
        self.weights = list(weights)
        self.strength = strength if penalty == "l2" else 0.0

    def loss(self, x: Array, t: Array) -> Any:
        labels = t if t.ndim == 1 else np.argmax(t, axis=1)
        value, _ = self._build(False).loss(x, labels)
        return value

    def phases(self) -> list[bool]:
        """Whether the dropout layers were in test mode in loss(x, y), loss(x), loss(x, y)."""
        network = self._build(True)
        x = np.ones((2, self.weights[0].shape[0]))
        labels = np.zeros(2, dtype=int)
        seen = []
        for arguments in ((x, labels), (x,), (x, labels)):
            network.loss(*arguments)
            seen.append(network.dropout_param["mode"] == "test")
        return seen

    def _build(self, dropout: bool) -> Any:
        first, second = self.weights
        sizes = {"input_dim": first.shape[0], "num_classes": second.shape[1], "reg": self.strength}
        module = self.course.classifier()
        full = class_in(module, "FullyConnectedNet")
        if full is None:
            two = class_in(module, "TwoLayerNet")
            if two is None or dropout:
                wanted = "FullyConnectedNet" if dropout else "FullyConnectedNet or TwoLayerNet"
                raise LookupError(f"classifiers/fc_net.py has no class {wanted}")
            network = two(hidden_dim=first.shape[1], **sizes)
        else:
            names = {parameter.name for parameter in parameters(full)}
            rate = next(n for n in ("dropout_keep_ratio", "dropout") if n in names)
            more: dict[str, Any] = {rate: 0.5} if dropout else {}
            network = full([first.shape[1]], dtype=np.float64, **sizes, **more)
        network.params["W1"], network.params["W2"] = first.copy(), second.copy()
        for number, matrix in ((1, first), (2, second)):
            network.params[f"b{number}"] = np.zeros(matrix.shape[1])
        return network
