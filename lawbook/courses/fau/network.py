"""The network: `NeuralNetwork` with the student's own layers, and the adapter's data and loss."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from ..contract import Array
from .course import Bound
from .phases import is_testing
from .standins import Data, Fill, SquaredError


class Network(Bound):
    """`NeuralNetwork` of two `FullyConnected` layers whose last row is the bias.

    A weight matrix without a row for the bias gets a row of zeros.  A layer that passes everything
    on comes last, in the place of the sheet's softmax.  The loss layer is the adapter's own
    (`SquaredError`), the regularizer hangs on the student's Sgd, as the sheet has it.
    """

    def __init__(
        self, *, weights: Sequence[Array], penalty: str | None = None, strength: float = 0.0
    ) -> None:
        self.weights, self.penalty, self.strength = list(weights), penalty, strength
        network, dense = self.course.network
        self.make: Callable[..., Any] = network
        self.dense: Any = dense

    def loss(self, x: Array, t: Array) -> float:
        network = self._build(x, t)
        network.train(1)
        if not network.loss:
            raise LookupError("NeuralNetwork.train(1) leaves no loss in its list `loss`")
        return float(np.asarray(network.loss[-1]).reshape(()))

    def phases(self) -> list[bool]:
        first = self.weights[0]
        x = np.linspace(-1, 1, 2 * first.shape[0]).reshape(2, first.shape[0])
        network = self._build(x, np.zeros((2, self.weights[1].shape[1])))
        probe = self._passing_on()
        network.layers.insert(2, probe)
        seen = []
        for train in (True, False, True):
            if train:
                network.train(1)
            else:
                network.test(x.copy())
            seen.append(probe.seen)
        return seen

    def _build(self, x: Array, t: Array) -> Any:
        optimizer = self.course.optimizer("sgd", 1e-3)
        if self.penalty is not None:
            optimizer.add_regularizer(self.course.penalty(self.penalty)(self.strength))
        network = self.make(optimizer, Fill(0.1), Fill(0.1))
        network.data_layer, network.loss_layer = Data(x, t), SquaredError()
        inputs = x.shape[1]
        for matrix in self.weights:
            rows = matrix if matrix.shape[0] == inputs + 1 else np.vstack([matrix, 0 * matrix[:1]])
            layer = self.dense(inputs, matrix.shape[1])
            if hasattr(network, "append_layer"):
                network.append_layer(layer)
            else:
                network.append_trainable_layer(layer)
            for target in (layer, network.layers[-1]):
                self._put(target, rows)
            inputs = matrix.shape[1]
        network.layers.append(self._passing_on())
        return network

    @staticmethod
    def _put(layer: Any, rows: Array) -> None:
        shape = np.shape(layer.weights)
        if shape == rows.shape:
            layer.weights = rows.copy()
        elif shape == rows.T.shape:
            layer.weights = rows.T.copy()
        else:
            layer.weights = rows[:-1].reshape(shape).copy()
            layer.bias = rows[-1].reshape(np.shape(layer.bias)).copy()

    def _passing_on(self) -> Any:
        """A layer of the student's own base class that passes everything on and keeps the flag."""

        base: Any = self.dense.__mro__[1]

        class PassingOn(base):  # type: ignore[misc]
            def __init__(self) -> None:
                with suppress(TypeError):  # a base class with parameters of its own
                    super().__init__()
                self.trainable = self.testing_phase = self.seen = False
                if not hasattr(self, "weights"):
                    self.weights = 0.0  # some networks ask layers without parameters, too

            def forward(self, x: Array) -> Array:
                self.seen = is_testing(self)
                return x

            def backward(self, dy: Array) -> Array:
                return dy

        return PassingOn()
