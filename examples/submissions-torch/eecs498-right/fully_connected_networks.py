import torch
from a3_helper import softmax_loss
from eecs598 import Solver


class Linear:
    @staticmethod
    def forward(x, w, b):
        return x.reshape(x.shape[0], -1) @ w + b, (x, w)

    @staticmethod
    def backward(dout, cache):
        x, w = cache
        dx = (dout @ w.t()).reshape(x.shape)
        return dx, x.reshape(x.shape[0], -1).t() @ dout, dout.sum(dim=0)


class ReLU:
    @staticmethod
    def forward(x):
        return x.clamp(min=0), x

    @staticmethod
    def backward(dout, cache):
        return dout * (cache > 0)


class TwoLayerNet:
    def __init__(
        self,
        input_dim=3 * 32 * 32,
        hidden_dim=100,
        num_classes=10,
        weight_scale=1e-3,
        reg=0.0,
        dtype=torch.float32,
        device="cpu",
    ):
        made = {"dtype": dtype, "device": device}
        self.reg = reg
        self.params = {
            "W1": weight_scale * torch.randn(input_dim, hidden_dim, **made),
            "b1": torch.zeros(hidden_dim, **made),
            "W2": weight_scale * torch.randn(hidden_dim, num_classes, **made),
            "b2": torch.zeros(num_classes, **made),
        }

    def loss(self, X, y=None):
        p = self.params
        a, first = Linear.forward(X, p["W1"], p["b1"])
        h, active = ReLU.forward(a)
        scores, second = Linear.forward(h, p["W2"], p["b2"])
        if y is None:
            return scores
        loss, dscores = softmax_loss(scores, y)
        loss = loss + self.reg * ((p["W1"] ** 2).sum() + (p["W2"] ** 2).sum())
        dh, dw2, db2 = Linear.backward(dscores, second)
        _, dw1, db1 = Linear.backward(ReLU.backward(dh, active), first)
        dw1, dw2 = dw1 + 2 * self.reg * p["W1"], dw2 + 2 * self.reg * p["W2"]
        return loss, {"W1": dw1, "b1": db1, "W2": dw2, "b2": db2}


class FullyConnectedNet:
    def __init__(
        self,
        hidden_dims,
        input_dim=3 * 32 * 32,
        num_classes=10,
        dropout=0.0,
        reg=0.0,
        weight_scale=1e-2,
        seed=None,
        dtype=torch.float32,
        device="cpu",
    ):
        made = {"dtype": dtype, "device": device}
        sizes = [input_dim, *hidden_dims, num_classes]
        self.use_dropout, self.reg, self.num_layers = dropout != 0, reg, len(sizes) - 1
        self.params = {}
        for i in range(1, len(sizes)):
            self.params[f"W{i}"] = weight_scale * torch.randn(sizes[i - 1], sizes[i], **made)
            self.params[f"b{i}"] = torch.zeros(sizes[i], **made)
        self.dropout_param = {}
        if self.use_dropout:
            self.dropout_param = {"mode": "train", "p": dropout}
            if seed is not None:
                self.dropout_param["seed"] = seed

    def loss(self, X, y=None):
        if self.use_dropout:
            self.dropout_param["mode"] = "test" if y is None else "train"
        p, h, caches = self.params, X, []
        for i in range(1, self.num_layers):
            h, linear = Linear.forward(h, p[f"W{i}"], p[f"b{i}"])
            h, relu = ReLU.forward(h)
            drop = None
            if self.use_dropout:
                h, drop = Dropout.forward(h, self.dropout_param)
            caches.append((linear, relu, drop))
        last = self.num_layers
        scores, linear = Linear.forward(h, p[f"W{last}"], p[f"b{last}"])
        if y is None:
            return scores
        loss, dh = softmax_loss(scores, y)
        loss = loss + self.reg * sum((p[f"W{i}"] ** 2).sum() for i in range(1, last + 1))
        grads = {}
        dh, grads[f"W{last}"], grads[f"b{last}"] = Linear.backward(dh, linear)
        for i in range(last - 1, 0, -1):
            linear, relu, drop = caches[i - 1]
            if self.use_dropout:
                dh = Dropout.backward(dh, drop)
            dh, grads[f"W{i}"], grads[f"b{i}"] = Linear.backward(ReLU.backward(dh, relu), linear)
        for i in range(1, last + 1):
            grads[f"W{i}"] = grads[f"W{i}"] + 2 * self.reg * p[f"W{i}"]
        return loss, grads


def create_solver_instance(data_dict, dtype, device):
    model = FullyConnectedNet([100], dtype=dtype, device=device)
    return Solver(model, data_dict, device=device)


def sgd(w, dw, config=None):
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-2)
    w -= config["learning_rate"] * dw
    return w, config


def sgd_momentum(w, dw, config=None):
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("momentum", 0.9)
    v = config.get("velocity", torch.zeros_like(w))
    v = config["momentum"] * v - config["learning_rate"] * dw
    config["velocity"] = v
    return w + v, config


def rmsprop(w, dw, config=None):
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("decay_rate", 0.99)
    config.setdefault("epsilon", 1e-8)
    config.setdefault("cache", torch.zeros_like(w))
    config["cache"] = config["decay_rate"] * config["cache"] + (1 - config["decay_rate"]) * dw**2
    step = config["learning_rate"] * dw / (config["cache"].sqrt() + config["epsilon"])
    return w - step, config


def adam(w, dw, config=None):
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-3)
    config.setdefault("beta1", 0.9)
    config.setdefault("beta2", 0.999)
    config.setdefault("epsilon", 1e-8)
    config.setdefault("m", torch.zeros_like(w))
    config.setdefault("v", torch.zeros_like(w))
    config.setdefault("t", 0)
    config["t"] += 1
    config["m"] = config["beta1"] * config["m"] + (1 - config["beta1"]) * dw
    config["v"] = config["beta2"] * config["v"] + (1 - config["beta2"]) * dw**2
    m = config["m"] / (1 - config["beta1"] ** config["t"])
    v = config["v"] / (1 - config["beta2"] ** config["t"])
    return w - config["learning_rate"] * m / (v.sqrt() + config["epsilon"]), config


class Dropout:
    @staticmethod
    def forward(x, dropout_param):
        p, mode = dropout_param["p"], dropout_param["mode"]
        if "seed" in dropout_param:
            torch.manual_seed(dropout_param["seed"])
        if mode == "train":
            mask = (torch.rand(x.shape, device=x.device) >= p) / (1 - p)
            return x * mask, (dropout_param, mask)
        return x, (dropout_param, None)

    @staticmethod
    def backward(dout, cache):
        dropout_param, mask = cache
        return dout * mask if dropout_param["mode"] == "train" else dout
