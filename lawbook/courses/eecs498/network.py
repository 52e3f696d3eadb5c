"""The network of `fully_connected_networks.py`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..contract import Array
from ..functions.course import Bound
from .tensors import array, call, tensor, torch


class Network(Bound):
    """FullyConnectedNet with one hidden layer, else TwoLayerNet, on tensors of float64.

    Its biases are zero, its loss is softmax cross-entropy after a ReLU, its targets are labels (N,) or
    unit vectors (N, K), and its penalty is reg times the sum of the squared weights: strength is reg.
    """

    def __init__(
        self, *, weights: Sequence[Array], penalty: str | None = None, strength: float = 0.0
    ) -> None:
        if penalty == "l1":
            raise NotImplementedError("the networks of this course have no L1 penalty")
        self.weights = list(weights)
        self.strength = strength if penalty == "l2" else 0.0

    def loss(self, x: Array, t: Array) -> Any:
        labels = torch().from_numpy(t if t.ndim == 1 else np.argmax(t, axis=1))
        value, _ = call(self._build(False).loss, tensor(x), labels)
        return array(value)

    def phases(self) -> list[bool]:
        """Whether the dropout layers were in test mode in loss(x, y), loss(x), loss(x, y).

        Stand-ins for them listen: what the student's own dropout does is judged where it belongs.
        """
        network = self._build(True)
        x = tensor(np.ones((2, self.weights[0].shape[0])))
        labels = torch().zeros(2, dtype=torch().int64)
        heard: list[bool] = []
        seen = []
        module = sys.modules[type(network).__module__]
        theirs = vars(module).get("Dropout")
        vars(module)["Dropout"] = listening(heard)
        try:
            for arguments in ((x, labels), (x,), (x, labels)):
                heard.clear()
                call(network.loss, *arguments)
                if not heard:
                    raise LookupError("the network calls no Dropout.forward")
                seen.append(heard[-1])
        finally:
            vars(module)["Dropout"] = theirs
        return seen

    def _build(self, dropout: bool) -> Any:
        first, second = self.weights
        sizes = {"input_dim": first.shape[0], "num_classes": second.shape[1], "reg": self.strength}
        made = {**sizes, "dtype": torch().float64, "device": "cpu"}
        if "FullyConnectedNet" in self.course.functions:
            more: dict[str, Any] = {"dropout": 0.5} if dropout else {}
            network = call(self.course.FullyConnectedNet, [first.shape[1]], **made, **more)
        elif dropout:
            raise LookupError("fully_connected_networks.py has no class FullyConnectedNet")
        else:
            network = call(self.course.TwoLayerNet, hidden_dim=first.shape[1], **made)
        for letter, values in (("W", (first, second)), ("b", (first[0] * 0, second[0] * 0))):
            names = sorted(name for name in network.params if str(name).startswith(letter))
            if len(names) != 2:  # they may count from 0
                raise LookupError(f"the params of the network are not {letter}1 and {letter}2")
            network.params.update({n: tensor(v.copy()) for n, v in zip(names, values, strict=True)})
        return network


def listening(heard: list[bool]) -> type:
    """A Dropout that drops nothing and notes down whether it is in test mode."""

    def forward(x: Any, dropout_param: dict[str, Any]) -> tuple[Any, Any]:
        heard.append(dropout_param["mode"] == "test")
        return x, (dropout_param, None)

    def backward(dout: Any, cache: Any) -> Any:
        return dout

    return type(
        "Dropout", (), {"forward": staticmethod(forward), "backward": staticmethod(backward)}
    )
