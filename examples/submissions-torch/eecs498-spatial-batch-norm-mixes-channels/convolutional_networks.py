import math

import torch
from fully_connected_networks import Linear, ReLU, adam


def kaiming_initializer(Din, Dout, K=None, relu=True, device="cpu", dtype=torch.float32):
    gain = 2.0 if relu else 1.0
    shape, fan_in = ((Din, Dout), Din) if K is None else ((Dout, Din, K, K), Din * K * K)
    return math.sqrt(gain / fan_in) * torch.randn(shape, device=device, dtype=dtype)


class BatchNorm:
    @staticmethod
    def forward(x, gamma, beta, bn_param):
        mode, eps = bn_param["mode"], bn_param.get("eps", 1e-5)
        momentum = bn_param.get("momentum", 0.9)
        zeros = torch.zeros(x.shape[1], dtype=x.dtype, device=x.device)
        running_mean = bn_param.get("running_mean", zeros)
        running_var = bn_param.get("running_var", zeros)
        cache = None
        if mode == "train":
            mean = x.mean(dim=0)
            var = ((x - mean) ** 2).mean(dim=0)
            std = (var + eps).sqrt()
            normalized = (x - mean) / std
            cache = (normalized, gamma, std)
            running_mean = momentum * running_mean + (1 - momentum) * mean
            running_var = momentum * running_var + (1 - momentum) * var
        else:
            normalized = (x - running_mean) / (running_var + eps).sqrt()
        bn_param["running_mean"] = running_mean.detach()
        bn_param["running_var"] = running_var.detach()
        return gamma * normalized + beta, cache

    @staticmethod
    def backward(dout, cache):
        normalized, gamma, std = cache
        count = dout.shape[0]
        dgamma, dbeta = (dout * normalized).sum(dim=0), dout.sum(dim=0)
        dnormalized = dout * gamma
        dvar = -(dnormalized * normalized).sum(dim=0) / 2
        dmean = -dnormalized.sum(dim=0)
        dx = (dnormalized + 2 * dvar * normalized / count + dmean / count) / std
        return dx, dgamma, dbeta

    @staticmethod
    def backward_alt(dout, cache):
        normalized, gamma, std = cache
        dgamma, dbeta = (dout * normalized).sum(dim=0), dout.sum(dim=0)
        dx = gamma / std * (dout - dout.mean(dim=0) - normalized * (dout * normalized).mean(dim=0))
        return dx, dgamma, dbeta


class SpatialBatchNorm:
    @staticmethod
    def forward(x, gamma, beta, bn_param):
        n, c, h, w = x.shape
        rows = x.reshape(-1, c)
        out, cache = BatchNorm.forward(rows, gamma, beta, bn_param)
        return out.reshape(n, c, h, w), cache

    @staticmethod
    def backward(dout, cache):
        n, c, h, w = dout.shape
        rows = dout.reshape(-1, c)
        dx, dgamma, dbeta = BatchNorm.backward(rows, cache)
        return dx.reshape(n, c, h, w), dgamma, dbeta
