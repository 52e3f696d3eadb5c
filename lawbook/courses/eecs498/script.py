"""The plain Python that reproduces a call; it runs in no worker."""

from __future__ import annotations

FIRST = "import torch\n\ntorch.set_default_dtype(torch.float64)  # in which it was judged"
SEED, DRAW = "torch.manual_seed({0})", "print(torch.rand(()))"
DENSE = "import torch\nfrom fully_connected_networks import "
CONVOLUTIONAL = "import torch\nfrom convolutional_networks import "


def _batch_norm(backward: str) -> dict[str, str]:
    return {
        "imports": CONVOLUTIONAL + "BatchNorm, SpatialBatchNorm",
        "new": "gamma, beta = torch.tensor({gamma}), torch.tensor({beta})\n"
        "bn_param = {{'eps': {eps}, 'momentum': {decay}}}",
        "train": "bn_param['mode'] = 'train'\nx = torch.tensor({0})\n"
        "layer = SpatialBatchNorm if x.ndim == 4 else BatchNorm\n"
        "y, cache = layer.forward(x, gamma, beta, bn_param)",
        "evaluate": "bn_param['mode'] = 'test'\nx = torch.tensor({0})\n"
        "layer = SpatialBatchNorm if x.ndim == 4 else BatchNorm\n"
        "y, _ = layer.forward(x, gamma, beta, bn_param)",
        "backward": backward,
    }


def _optimizer(function: str, config: str) -> dict[str, str]:
    return {
        "imports": DENSE + function,
        "new": f"config = {{{{{config}}}}}",
        "step": f"w, config = {function}(torch.tensor({{0}}), torch.tensor({{1}}), config)",
    }


SCRIPT: dict[str, dict[str, str]] = {
    "dropout": {
        "imports": DENSE + "Dropout",
        "new": "p = {keep}",
        "new_drop": "p = 1 - {keep}",
        "train": "y, cache = Dropout.forward(torch.tensor({0}), {{'mode': 'train', 'p': p}})",
        "evaluate": "y, _ = Dropout.forward(torch.tensor({0}), {{'mode': 'test', 'p': p}})",
        "backward": "dx = Dropout.backward(torch.tensor({0}), cache)",
    },
    "batch_norm": _batch_norm("dx, dgamma, dbeta = layer.backward(torch.tensor({0}), cache)"),
    "batch_norm_alt": _batch_norm(
        "dx, dgamma, dbeta = BatchNorm.backward_alt(torch.tensor({0}), cache)"
    ),
    "sgd": _optimizer("sgd", "'learning_rate': {learning_rate}"),
    "momentum": _optimizer(
        "sgd_momentum", "'learning_rate': {learning_rate}, 'momentum': {momentum}"
    ),
    "rmsprop": _optimizer(
        "rmsprop",
        "'learning_rate': {learning_rate}, 'decay_rate': {decay}, 'epsilon': {eps}",
    ),
    "adam": _optimizer(
        "adam",
        "'learning_rate': {learning_rate}, 'beta1': {beta1}, 'beta2': {beta2}, 'epsilon': {eps}",
    ),
    "he_normal": {
        "imports": CONVOLUTIONAL + "kaiming_initializer",
        "new": "",
        "draw": "shape = {0}\n"
        "sizes = shape if len(shape) == 2 else (shape[1], shape[0], shape[2])\n"
        "weights = kaiming_initializer(*sizes, dtype=torch.float64)",
    },
    "network": {
        "imports": DENSE + "FullyConnectedNet",
        "new": "first, second = map(torch.tensor, {weights})\n"
        "network = FullyConnectedNet([first.shape[1]], input_dim=first.shape[0], "
        "num_classes=second.shape[1], reg={strength}, dtype=torch.float64)\n"
        "network.params['W1'], network.params['W2'] = first, second",
        "loss": "labels = np.argmax({1}, axis=1) if np.ndim({1}) == 2 else {1}\n"
        "loss, _ = network.loss(torch.tensor({0}), torch.tensor(labels))",
    },
    "relu": {
        "imports": DENSE + "ReLU",
        "new": "",
        "forward": "y, cache = ReLU.forward(torch.tensor({0}))",
        "backward": "dx = ReLU.backward(torch.tensor({0}), cache)",
    },
}
