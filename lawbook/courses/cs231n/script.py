"""The plain Python that reproduces a call; it runs in no worker."""

from __future__ import annotations


def _batch_norm(backward: str) -> dict[str, str]:
    return {
        "imports": f"from cs231n.layers import {backward}, batchnorm_forward",
        "new": "gamma, beta = {gamma}, {beta}\nbn_param = {{'eps': {eps}, 'momentum': {decay}}}",
        "train": "bn_param['mode'] = 'train'\n"
        "y, cache = batchnorm_forward({0}, gamma, beta, bn_param)",
        "evaluate": "bn_param['mode'] = 'test'\n"
        "y, _ = batchnorm_forward({0}, gamma, beta, bn_param)",
        "backward": f"dx, dgamma, dbeta = {backward}({{0}}, cache)",
    }


def _optimizer(function: str, config: str) -> dict[str, str]:
    return {
        "imports": f"from cs231n.optim import {function}",
        "new": f"config = {{{{{config}}}}}",
        "step": f"w, config = {function}({{0}}, {{1}}, config)",
    }


def _loss(function: str) -> dict[str, str]:
    return {
        "imports": f"from cs231n.layers import {function}",
        "new": "",
        "value": f"value, _ = {function}({{0}}, {{1}})",
        "gradient": f"_, gradient = {function}({{0}}, {{1}})",
    }


SCRIPT: dict[str, dict[str, str]] = {
    "dropout": {
        "imports": "from cs231n.layers import dropout_backward, dropout_forward",
        "new": "p = {keep}",
        "new_drop": "p = 1 - {keep}",
        "train": "y, cache = dropout_forward({0}, {{'mode': 'train', 'p': p}})",
        "evaluate": "y, _ = dropout_forward({0}, {{'mode': 'test', 'p': p}})",
        "backward": "dx = dropout_backward({0}, cache)",
    },
    "batch_norm": _batch_norm("batchnorm_backward"),
    "batch_norm_alt": _batch_norm("batchnorm_backward_alt"),
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
    "relu": {
        "imports": "from cs231n.layers import relu_backward, relu_forward",
        "new": "",
        "forward": "y, cache = relu_forward({0})",
        "backward": "dx = relu_backward({0}, cache)",
    },
    "softmax_cross_entropy": _loss("softmax_loss"),
    "hinge": _loss("svm_loss"),
    "network": {
        "imports": "import numpy as np\nfrom cs231n.classifiers.fc_net import FullyConnectedNet",
        "new": "first, second = {weights}\n"
        "network = FullyConnectedNet([first.shape[1]], input_dim=first.shape[0], "
        "num_classes=second.shape[1], reg={strength}, dtype=np.float64)\n"
        "network.params['W1'], network.params['W2'] = first, second",
        "loss": "loss, _ = network.loss({0}, {1})",
    },
}
