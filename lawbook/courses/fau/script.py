"""The plain Python that reproduces a call; it runs in no worker."""

from __future__ import annotations


def _layer(module: str, construct: str) -> dict[str, str]:
    return {
        "imports": f"from Layers.{module} import {module}",
        "new": f"layer = {module}({construct})",
    }


def _optimizer(name: str, arguments: str) -> dict[str, str]:
    return {
        "imports": f"from Optimization.Optimizers import {name}",
        "new": f"optimizer = {name}({arguments})",
        "penalty": "from Optimization.Constraints import L1_Regularizer, L2_Regularizer\n"
        "regularizer = {{'l1': L1_Regularizer, 'l2': L2_Regularizer}}[{penalty}]\n"
        "optimizer.add_regularizer(regularizer({strength}))",
        "step": "w = optimizer.calculate_update({0}, {1})",
    }


def _penalty(name: str) -> dict[str, str]:
    return {
        "imports": f"from Optimization.Constraints import {name}",
        "new": f"penalty = {name}({{strength}})",
        "value": "value = penalty.norm({0})",
        "gradient": "gradient = penalty.calculate_gradient({0})",
    }


def _initializer(name: str, argument: str = "") -> dict[str, str]:
    return {
        "imports": f"from Layers.Initializers import {name}",
        "new": f"initializer = {name}({argument})",
        "draw": "weights = initializer.initialize({0}, {1}, {2})",
    }


_MODES = {
    "train": "layer.testing_phase = False\ny = layer.forward({0})",
    "evaluate": "layer.testing_phase = True\ny = layer.forward({0})",
}
_BATCH_NORM = {
    **_layer("BatchNormalization", "len({gamma})"),
    "new": "layer = BatchNormalization(len({gamma}))\nlayer.weights, layer.bias = {gamma}, {beta}",
}
_NETWORK = {
    "imports": """import numpy as np
from Layers.Dropout import Dropout
from Layers.FullyConnected import FullyConnected
from Layers.Initializers import Constant
from NeuralNetwork import NeuralNetwork
from Optimization.Constraints import L1_Regularizer, L2_Regularizer
from Optimization.Optimizers import Sgd""",
    "new": """class Data:
    def next(self):
        return self.x.copy(), self.t.copy()


class SquaredError:
    def forward(self, y, t):
        self.difference = y - (np.eye(y.shape[1])[t] if t.ndim == 1 else t)
        return np.sum(self.difference**2) / len(y)

    def backward(self, t):
        return 2 * self.difference / len(t)


optimizer = Sgd(1e-3)
regularizer = {{'l1': L1_Regularizer, 'l2': L2_Regularizer}}.get({penalty})
if regularizer:
    optimizer.add_regularizer(regularizer({strength}))
network = NeuralNetwork(optimizer, Constant(0.1), Constant(0.1))
network.data_layer, network.loss_layer = Data(), SquaredError()
for matrix in {weights}:
    network.append_layer(FullyConnected(*matrix.shape))
    network.layers[-1].weights = np.vstack([matrix, 0 * matrix[:1]])  # the last row is the bias
network.append_layer(Dropout(1.0))""",
    "loss": """network.data_layer.x, network.data_layer.t = {0}, {1}
network.train(1)
loss = network.loss[-1]""",
    "phases": """x = np.ones((2, network.layers[0].weights.shape[0] - 1))
network.data_layer.x, network.data_layer.t = x, network.test(x)
phases = []
for run in (lambda: network.train(1), lambda: network.test(x), lambda: network.train(1)):
    run()
    phases.append(network.layers[0].testing_phase)""",
}
_ACTIVATION = {"forward": "y = layer.forward({0})", "backward": "dx = layer.backward({0})"}

SCRIPT: dict[str, dict[str, str]] = {
    "dropout": {
        **_layer("Dropout", "{keep}"),
        **_MODES,
        "backward": "dx = layer.backward({0})",
    },
    "batch_norm": {
        **_BATCH_NORM,
        **_MODES,
        "backward": "dx = layer.backward({0})\n"
        "dgamma, dbeta = layer.gradient_weights, layer.gradient_bias",
    },
    "batch_norm_update": {
        **_BATCH_NORM,
        "imports": "from Layers.BatchNormalization import BatchNormalization\n"
        "from Optimization.Optimizers import Adam, Sgd, SgdWithMomentum",
        "new": _BATCH_NORM["new"] + "\nmake = {{'sgd': lambda rate: Sgd(rate), "
        "'momentum': lambda rate: SgdWithMomentum(rate, 0.9), "
        "'adam': lambda rate: Adam(rate, 0.9, 0.999)}}\n"
        "layer.optimizer = make[{optimizer}]({learning_rate})",
        "step": "layer.forward({0})\ndx = layer.backward({1})\n"
        "gamma, beta = layer.weights, layer.bias",
    },
    "l1_penalty": _penalty("L1_Regularizer"),
    "l2_penalty": _penalty("L2_Regularizer"),
    "sgd": _optimizer("Sgd", "{learning_rate}"),
    "momentum": _optimizer("SgdWithMomentum", "{learning_rate}, {momentum}"),
    "adam": _optimizer("Adam", "{learning_rate}, {beta1}, {beta2}"),
    "xavier_normal": _initializer("Xavier"),
    "he_normal": _initializer("He"),
    "constant": _initializer("Constant", "{value}"),
    "network": _NETWORK,
    "sigmoid": {**_layer("Sigmoid", ""), **_ACTIVATION},
    "tanh": {**_layer("TanH", ""), **_ACTIVATION},
    "relu": {**_layer("ReLU", ""), **_ACTIVATION},
}
