import numpy as np


def batchnorm_forward(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    running_mean = bn_param.get("running_mean", np.zeros(x.shape[1]))
    running_var = bn_param.get("running_var", np.zeros(x.shape[1]))
    cache = None

    if bn_param["mode"] == "train":
        mean = x.mean(axis=0)
        var = x.var(axis=0)
        running_mean = momentum * running_mean + (1 - momentum) * mean
        running_var = momentum * running_var + (1 - momentum) * var
        std = np.sqrt(var + eps)
        x_norm = (x - mean) / std
        cache = (x_norm, gamma, std)
    elif bn_param["mode"] == "test":
        x_norm = (x - running_mean) / np.sqrt(running_var)
    else:
        raise ValueError("mode is train or test")

    bn_param["running_mean"], bn_param["running_var"] = running_mean, running_var
    return gamma * x_norm + beta, cache


def batchnorm_backward(dout, cache):
    x_norm, gamma, std = cache
    dx_norm = dout * gamma
    along_x = dx_norm / std
    along_std = -np.sum(dx_norm * x_norm, axis=0) / std
    along_var = x_norm * along_std / len(dout)
    centered = along_x + along_var
    dx = centered - centered.mean(axis=0)
    return dx, np.sum(dout * x_norm, axis=0), np.sum(dout, axis=0)


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    n, c, h, w = x.shape
    pixels = x.reshape(n * h * w, c)
    out, cache = batchnorm_forward(pixels, gamma, beta, bn_param)
    return out.reshape(n, c, h, w), cache


def spatial_batchnorm_backward(dout, cache):
    n, c, h, w = dout.shape
    pixels = dout.reshape(n * h * w, c)
    dx, dgamma, dbeta = batchnorm_backward(pixels, cache)
    return dx.reshape(n, c, h, w), dgamma, dbeta
