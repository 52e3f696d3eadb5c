"""The plain Python that reproduces a call of a function; it runs in no worker."""

from __future__ import annotations

Script = dict[str, dict[str, str]]


def scripts_of(package: str) -> Script:
    """The scripts of every operation of a course whose functions are in `package`."""
    layers = f"from {package}.layers import"
    rates = "'learning_rate': {learning_rate}"
    return {
        "dropout": {
            "imports": f"{layers} dropout_backward, dropout_forward",
            "new": "p = {keep}",
            "new_drop": "p = 1 - {keep}",
            "train": "y, cache = dropout_forward({0}, {{'mode': 'train', 'p': p}})",
            "evaluate": "y, _ = dropout_forward({0}, {{'mode': 'test', 'p': p}})",
            "backward": "dx = dropout_backward({0}, cache)",
        },
        "batch_norm": _batch_norm(layers, "batchnorm_backward"),
        "batch_norm_alt": _batch_norm(layers, "batchnorm_backward_alt"),
        "sgd": _optimizer(package, "sgd", rates),
        "momentum": _optimizer(package, "sgd_momentum", f"{rates}, 'momentum': {{momentum}}"),
        "rmsprop": _optimizer(
            package, "rmsprop", f"{rates}, 'decay_rate': {{decay}}, 'epsilon': {{eps}}"
        ),
        "adam": _optimizer(
            package,
            "adam",
            f"{rates}, 'beta1': {{beta1}}, 'beta2': {{beta2}}, 'epsilon': {{eps}}",
        ),
        "relu": {
            "imports": f"{layers} relu_backward, relu_forward",
            "new": "",
            "forward": "y, cache = relu_forward({0})",
            "backward": "dx = relu_backward({0}, cache)",
        },
        "softmax_cross_entropy": _loss(layers, "softmax_loss"),
        "hinge": _loss(layers, "svm_loss"),
    }


def _batch_norm(layers: str, backward: str) -> dict[str, str]:
    return {
        "imports": f"{layers} {backward}, batchnorm_forward",
        "new": "gamma, beta = {gamma}, {beta}\nbn_param = {{'eps': {eps}, 'momentum': {decay}}}",
        "train": "bn_param['mode'] = 'train'\n"
        "y, cache = batchnorm_forward({0}, gamma, beta, bn_param)",
        "evaluate": "bn_param['mode'] = 'test'\n"
        "y, _ = batchnorm_forward({0}, gamma, beta, bn_param)",
        "backward": f"dx, dgamma, dbeta = {backward}({{0}}, cache)",
    }


def _optimizer(package: str, function: str, config: str) -> dict[str, str]:
    return {
        "imports": f"from {package}.optim import {function}",
        "new": f"config = {{{{{config}}}}}",
        "step": f"w, config = {function}({{0}}, {{1}}, config)",
    }


def _loss(layers: str, function: str) -> dict[str, str]:
    return {
        "imports": f"{layers} {function}",
        "new": "",
        "value": f"value, _ = {function}({{0}}, {{1}})",
        "gradient": f"_, gradient = {function}({{0}}, {{1}})",
    }
