"""The plain Python that reproduces a call, by edition; it runs in no worker."""

from __future__ import annotations

Script = dict[str, dict[str, str]]
PACKAGE = "mytorch"  # what the scripts call the submission's own folder
ADAM = "beta1={beta1}, beta2={beta2}, eps={eps}"


def _layers(place: str, kinds: dict[str, str]) -> Script:
    """The scripts of layers of arrays in a package; `kinds` names the class and its parameters."""
    classes = {"relu": "ReLU", "sigmoid": "Sigmoid", "tanh": "Tanh"}
    return {
        "batch_norm": {
            "imports": f"from {place}batchnorm import {kinds['class']}",
            "new": "gamma, beta = {gamma}, {beta}\n"
            f"layer = {kinds['class']}(len(gamma), {{decay}})\n"
            f"layer.{kinds['gamma']}, layer.{kinds['beta']} = gamma[None], beta[None]",
            "train": "y = layer.forward({0})",
            "evaluate": "y = layer.forward({0}, True)",
            "backward": "dx = layer.backward({0})\n"
            f"dgamma, dbeta = layer.{kinds['dgamma']}, layer.{kinds['dbeta']}",
        },
        "dropout": {
            "imports": f"from {place}dropout import Dropout",
            "new": "layer = Dropout({keep})",
            "new_drop": "layer = Dropout(1 - {keep})",
            "train": "y = layer.forward({0})",
            "evaluate": "y = layer.forward({0}, False)",
            "backward": "dx = layer.backward({0})",
        },
        **{
            operation: {
                "imports": f"from {place}activation import {name}",
                "new": f"layer = {name}()",
                "forward": "y = layer.forward({0})",
                "backward": f"dx = {kinds['backward']}",
            }
            for operation, name in classes.items()
        },
    }


def _of_model(place: str, name: str, arguments: str) -> dict[str, str]:
    """An optimizer of a model: of one layer, whose W and b are both the weights."""
    return {
        "imports": f"from {place} import {name}",
        "new": "class Layer:\n"
        "    W = b = dLdW = dLdb = dW = db = mW = vW = mb = vb = np.zeros((1, 1))\n\n\n"
        "class Model:\n"
        "    pass\n\n\n"
        "layer, model, optimizer = Layer(), Model(), None\n"
        "model.layers = model.linear_layers = [layer, Layer()]\n"
        "model.lr, model.nlayers = {learning_rate}, 2",
        "step": "layer.W, layer.b = np.array({0}, float), np.array({0}, float)\n"
        "layer.dW = layer.dLdW = np.array({1}, float)\n"
        "layer.db = layer.dLdb = np.array({1}, float)\n"
        f"optimizer = optimizer or {name}(model, {arguments})\n"
        "optimizer.step()\n"
        "w, b = layer.W, layer.b",
    }


def _of_tensors(place: str, name: str, arguments: str) -> dict[str, str]:
    """An optimizer of a list of tensors: of one."""
    return {
        "imports": f"from {place} import {name}\nfrom mytorch.tensor import Tensor",
        "new": "weights, optimizer = Tensor(0.0, requires_grad=True, is_parameter=True), None",
        "step": "weights.data, weights.grad = np.array({0}, float), Tensor({1})\n"
        f"optimizer = optimizer or {name}([weights], {arguments})\n"
        "optimizer.step()\n"
        "w = weights.data",
    }


def _tensor_layer(module: str, name: str, arguments: str = "") -> dict[str, str]:
    """A layer called with tensors."""
    return {
        "imports": f"from mytorch.nn.{module} import {name}\n"
        "from mytorch.autograd_engine import backward\nfrom mytorch.tensor import Tensor",
        "new": f"layer = {name}({arguments})",
        "train": "layer.train()\ngiven = Tensor({0}, requires_grad=True)\ny = layer(given)",
        "evaluate": "layer.eval()\nz = layer(Tensor({0}))",
        "forward": "given = Tensor({0}, requires_grad=True)\ny = layer(given)",
        "backward": "backward(y.grad_fn, Tensor({0}))\ndx = given.grad",
    }


NEW = {"class": "BatchNorm1d", "gamma": "BW", "beta": "Bb", "dgamma": "dLdBW", "dbeta": "dLdBb"}
OLD = {"class": "BatchNorm", "gamma": "gamma", "beta": "beta", "dgamma": "dgamma", "dbeta": "dbeta"}
RATE = "lr={learning_rate}"
MOMENTUM = f"{RATE}, momentum={{momentum}}"
BATCH_NORM_OF_TENSORS = _tensor_layer(
    "batchnorm", "BatchNorm1d", "len({gamma}), {eps}, 1 - {decay}"
)
DROPOUT_OF_TENSORS = _tensor_layer("dropout", "Dropout", "{keep}")
EDITIONS: dict[str, Script] = {
    "mytorch-2022": {
        **_layers("mytorch.nn.", {**NEW, "backward": "layer.backward({0})"}),
        "sgd": _of_model("mytorch.optim.sgd", "SGD", RATE),
        "momentum": _of_model("mytorch.optim.sgd", "SGD", MOMENTUM),
        "adam": _of_model("mytorch.optim.adam", "Adam", f"{RATE}, {ADAM}"),
        "adamw": _of_model(
            "mytorch.optim.adamW", "AdamW", f"{RATE}, {ADAM}, weight_decay={{weight_decay}}"
        ),
    },
    "mytorch-2022-hw2": _layers("mytorch.", {**NEW, "backward": "layer.backward({0})"}),
    "mytorch-2021": {
        "batch_norm": {
            **BATCH_NORM_OF_TENSORS,
            "new": BATCH_NORM_OF_TENSORS["new"]
            + "\nlayer.gamma.data, layer.beta.data = {gamma}, {beta}",
            "backward": BATCH_NORM_OF_TENSORS["backward"]
            + "\ndgamma, dbeta = layer.gamma.grad, layer.beta.grad",
        },
        "dropout": {**DROPOUT_OF_TENSORS, "new_drop": "layer = Dropout(1 - {keep})"},
        "sgd": _of_tensors("mytorch.optim.sgd", "SGD", RATE),
        "momentum": _of_tensors("mytorch.optim.sgd", "SGD", MOMENTUM),
        "adam": _of_tensors(
            "mytorch.optim.adam", "Adam", f"{RATE}, betas=({{beta1}}, {{beta2}}), eps={{eps}}"
        ),
        "relu": _tensor_layer("activations", "ReLU"),
        "sigmoid": _tensor_layer("activations", "Sigmoid"),
        "tanh": _tensor_layer("activations", "Tanh"),
    },
    "mytorch-2020": {
        **_layers("mytorch.", {**OLD, "backward": "{0} * layer.derivative()"}),
        "adam": _of_model("mytorch.optimizer", "adam", ADAM),
    },
}
SCRIPT = EDITIONS["mytorch-2022"]
