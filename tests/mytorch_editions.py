"""Right submissions to two older editions of mytorch, as small as their interfaces allow."""

from __future__ import annotations

from pathlib import Path

BATCH_NORM_2020 = """
import numpy as np


class BatchNorm(object):
    def __init__(self, in_feature, alpha=0.9):
        self.alpha, self.eps = alpha, 1e-8
        self.gamma, self.dgamma = np.ones((1, in_feature)), np.zeros((1, in_feature))
        self.beta, self.dbeta = np.zeros((1, in_feature)), np.zeros((1, in_feature))
        self.running_mean = np.zeros((1, in_feature))
        self.running_var = np.ones((1, in_feature))

    def __call__(self, x, eval=False):
        return self.forward(x, eval)

    def forward(self, x, eval=False):
        if eval:
            norm = (x - self.running_mean) / np.sqrt(self.running_var + self.eps)
            return self.gamma * norm + self.beta
        mean, var = x.mean(axis=0), x.var(axis=0)
        self.std = np.sqrt(var + self.eps)
        self.norm = (x - mean) / self.std
        self.running_mean = self.alpha * self.running_mean + (1 - self.alpha) * mean
        self.running_var = self.alpha * self.running_var + (1 - self.alpha) * var
        return self.gamma * self.norm + self.beta

    def backward(self, delta):
        self.dgamma = np.sum(delta * self.norm, axis=0, keepdims=True)
        self.dbeta = np.sum(delta, axis=0, keepdims=True)
        n = len(delta)
        return self.gamma / self.std * (delta - self.dbeta / n - self.norm * self.dgamma / n)
"""
DROPOUT_2020 = """
import numpy as np


class Dropout(object):
    def __init__(self, p=0.5):
        self.p = p
        self.mask = np.zeros(None)

    def __call__(self, x):
        return self.forward(x)

    def forward(self, x, train=True):
        if not train:
            return x
        self.mask = np.random.binomial(1, self.p, x.shape)
        return x * self.mask / self.p

    def backward(self, delta):
        return delta * self.mask
"""
OPTIMIZER_2020 = """
import numpy as np


class adam():
    def __init__(self, model, beta1=0.9, beta2=0.999, eps=1e-8):
        self.model, self.lr = model, model.lr
        self.beta1, self.beta2, self.eps, self.t = beta1, beta2, eps, 0

    def step(self):
        self.t += 1
        for layer in self.model.linear_layers:
            layer.mW = self.beta1 * layer.mW + (1 - self.beta1) * layer.dW
            layer.vW = self.beta2 * layer.vW + (1 - self.beta2) * layer.dW**2
            layer.mb = self.beta1 * layer.mb + (1 - self.beta1) * layer.db
            layer.vb = self.beta2 * layer.vb + (1 - self.beta2) * layer.db**2
            layer.W = layer.W - self.rate(layer.mW, layer.vW)
            layer.b = layer.b - self.rate(layer.mb, layer.vb)

    def rate(self, m, v):
        m, v = m / (1 - self.beta1**self.t), v / (1 - self.beta2**self.t)
        return self.lr * m / np.sqrt(v + self.eps)
"""
ACTIVATION_2020 = """
import numpy as np


class Activation(object):
    def forward(self, x):
        raise NotImplemented

    def derivative(self):
        raise NotImplemented


class Sigmoid(Activation):
    def forward(self, x):
        self.state = 1 / (1 + np.exp(-x))
        return self.state
        raise NotImplemented

    def derivative(self):
        return self.state * (1 - self.state)


class Tanh(Activation):
    def forward(self, x):
        self.state = np.tanh(x)
        return self.state

    def derivative(self):
        return 1 - self.state**2


class ReLU(Activation):
    def forward(self, x):
        self.state = np.maximum(x, 0)
        return self.state

    def derivative(self):
        return (self.state > 0).astype(float)
"""
TENSOR = """
import numpy as np

from mytorch import autograd_engine


class Tensor:
    def __init__(self, data, requires_grad=False, is_leaf=True, is_parameter=False):
        self.data, self.requires_grad = np.array(data), requires_grad
        self.is_leaf, self.is_parameter = is_leaf, is_parameter
        self.grad, self.grad_fn = None, None

    @property
    def shape(self):
        return self.data.shape
"""
ENGINE = """
from mytorch import tensor


class Node:
    def __init__(self, inputs, pull):
        self.inputs, self.pull = inputs, pull


def apply(data, inputs, pull):
    out = tensor.Tensor(data, requires_grad=True, is_leaf=False)
    out.grad_fn = Node(inputs, pull)
    return out


def backward(grad_fn, grad_of_outputs):
    for one, gradient in zip(grad_fn.inputs, grad_fn.pull(grad_of_outputs.data)):
        if one.grad is None:
            one.grad = tensor.Tensor(gradient)
        else:
            one.grad.data = one.grad.data + gradient
"""
MODULE = """
from mytorch.tensor import Tensor


class Module:
    def __init__(self):
        self.is_train = True

    def train(self):
        self.is_train = True

    def eval(self):
        self.is_train = False

    def __call__(self, x):
        return self.forward(x)

    def parameters(self):
        return [one for one in vars(self).values() if isinstance(one, Tensor) and one.is_parameter]
"""
BATCH_NORM_2021 = """
import numpy as np
import torch
import torch.nn as nn

from mytorch.autograd_engine import apply
from mytorch.nn.module import Module
from mytorch.tensor import Tensor


class BatchNorm1d(Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()
        self.eps, self.momentum = eps, momentum
        self.gamma = Tensor(np.ones(num_features), requires_grad=True, is_parameter=True)
        self.beta = Tensor(np.zeros(num_features), requires_grad=True, is_parameter=True)
        self.running_mean = Tensor(np.zeros(num_features))
        self.running_var = Tensor(np.ones(num_features))

    def forward(self, x):
        gamma, beta, n = self.gamma.data, self.beta.data, len(x.data)
        if not self.is_train:
            std = np.sqrt(self.running_var.data + self.eps)
            return Tensor(gamma * (x.data - self.running_mean.data) / std + beta)
        mean, var = x.data.mean(axis=0), x.data.var(axis=0)
        std = np.sqrt(var + self.eps)
        norm = (x.data - mean) / std
        for running, new in ((self.running_mean, mean), (self.running_var, var * n / (n - 1))):
            running.data = (1 - self.momentum) * running.data + self.momentum * new

        def pull(dy):
            dgamma, dbeta = (dy * norm).sum(axis=0), dy.sum(axis=0)
            return gamma / std * (dy - dbeta / n - norm * dgamma / n), dgamma, dbeta

        return apply(gamma * norm + beta, (x, self.gamma, self.beta), pull)


if __name__ == "__main__":
    print(nn.BatchNorm1d(2)(torch.ones(3, 2)))
"""
DROPOUT_2021 = """
import numpy as np

from mytorch.autograd_engine import apply
from mytorch.nn.module import Module


class Dropout(Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p = p

    def forward(self, x):
        if not self.is_train:
            return x
        mask = np.random.binomial(1, 1 - self.p, x.shape) / (1 - self.p)
        return apply(x.data * mask, (x,), lambda dy: (dy * mask,))
"""
OPTIMIZER_2021 = """
class Optimizer:
    def __init__(self, params):
        self.params = list(params)
"""
SGD_2021 = """
import numpy as np

from mytorch.optim.optimizer import Optimizer


class SGD(Optimizer):
    def __init__(self, params, lr=0.001, momentum=0.0):
        super().__init__(params)
        self.lr, self.momentum = lr, momentum
        self.momentums = [np.zeros(one.shape) for one in self.params]

    def step(self):
        for i, one in enumerate(self.params):
            self.momentums[i] = self.momentum * self.momentums[i] - self.lr * one.grad.data
            one.data = one.data + self.momentums[i]
"""
ADAM_2021 = """
import numpy as np

from mytorch.optim.optimizer import Optimizer


class Adam(Optimizer):
    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-08):
        super().__init__(params)
        self.lr, self.betas, self.eps, self.t = lr, betas, eps, 0
        self.m = [np.zeros(one.shape) for one in self.params]
        self.v = [np.zeros(one.shape) for one in self.params]

    def step(self):
        self.t += 1
        first, second = self.betas
        for i, one in enumerate(self.params):
            self.m[i] = first * self.m[i] + (1 - first) * one.grad.data
            self.v[i] = second * self.v[i] + (1 - second) * one.grad.data**2
            root = np.sqrt(self.v[i] / (1 - second**self.t)) + self.eps
            one.data = one.data - self.lr * self.m[i] / (1 - first**self.t) / root
"""
FILES_2020 = {
    "batchnorm.py": BATCH_NORM_2020,
    "dropout.py": DROPOUT_2020,
    "optimizer.py": OPTIMIZER_2020,
    "activation.py": ACTIVATION_2020,
}
FILES_2021 = {
    "tensor.py": TENSOR,
    "autograd_engine.py": ENGINE,
    "nn/module.py": MODULE,
    "nn/batchnorm.py": BATCH_NORM_2021,
    "nn/dropout.py": DROPOUT_2021,
    "optim/optimizer.py": OPTIMIZER_2021,
    "optim/sgd.py": SGD_2021,
    "optim/adam.py": ADAM_2021,
}


def written(folder: Path, files: dict[str, str], *replaced: tuple[str, str, str]) -> Path:
    """A package `mytorch` of these files, parts of them replaced (file, old, new)."""
    root = folder / "mytorch"
    for name, text in files.items():
        for _, old, new in (one for one in replaced if one[0] == name):
            assert old in text
            text = text.replace(old, new)
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text.lstrip())
    return root
