"""Gradients to try the machinery on: right ones of the reference, and wrong backwards beside them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from lawbook.proofs.gradients import Array, Gradient, Labels, Mask, Scalar
from reference import activations, batch_norm, dropout, losses, penalties


def normalized(x: Any, eps: Any) -> tuple[Any, Any]:
    """x^ and s of the reference's batch normalization."""
    mean, variance = batch_norm.moments(x)
    s = batch_norm.deviation(variance, eps, "inside")
    return batch_norm.normalize(x, mean, s), s


def train(x: Any, gamma: Any, beta: Any, eps: Any) -> Any:
    return batch_norm.shift_and_scale(normalized(x, eps)[0], gamma, beta)


def backward(dy: Any, x: Any, gamma: Any, beta: Any, eps: Any) -> tuple[Any, Any, Any]:
    xhat, s = normalized(x, eps)
    dx = batch_norm.backward_compact(dy, xhat, gamma, s, s)
    return dx, batch_norm.gradient_of_gamma(dy, xhat), batch_norm.gradient_of_beta(dy)


def staged(dy: Any, x: Any, gamma: Any, beta: Any, eps: Any) -> Any:
    mean, _ = batch_norm.moments(x)
    s = normalized(x, eps)[1]
    return batch_norm.backward_staged(dy, x, gamma, mean, s, s)


def frozen(dy: Any, x: Any, gamma: Any, beta: Any, eps: Any) -> tuple[Any, Any, Any]:
    """The classic mistake: mean and variance are taken for constants."""
    xhat, s = normalized(x, eps)
    return gamma * dy / s, (dy * xhat).sum(axis=0), dy.sum(axis=0)


def rational_root(values: dict[str, Any], draw: Any) -> dict[str, Any]:
    """eps such that var + eps is the square of a rational number."""
    _, variance = batch_norm.moments(values["x"])
    s = draw(variance.shape)
    return {**values, "eps": s * s - variance}


BATCH_NORM = Gradient(
    "batch norm, in one step",
    inputs={
        "x": Array("N", "C"),
        "gamma": Array("C"),
        "beta": Array("C"),
        "eps": Scalar(positive=True),
    },
    wrt=("x", "gamma", "beta"),
    forward=train,
    backward=backward,
    formal="N",
    lengths={"N": 2},
    mutate=(
        batch_norm.backward_compact,
        batch_norm.gradient_of_gamma,
        batch_norm.gradient_of_beta,
    ),
    torch=lambda torch, x, gamma, beta, eps: torch.nn.functional.batch_norm(
        x, None, None, gamma, beta, True, eps=eps
    ),
    rational=rational_root,
)
STAGED = replace(
    BATCH_NORM,
    title="batch norm, in stages",
    wrt=("x",),
    backward=staged,
    mutate=(batch_norm.backward_staged,),
)


def layer_of(x: Any, gamma: Any, beta: Any, eps: Any) -> batch_norm.BatchNorm:
    """The reference's layer, trained on x."""
    layer = batch_norm.BatchNorm(gamma=gamma, beta=beta, eps=eps, decay=0.5)
    layer.train(x)
    return layer


LAYER = replace(
    BATCH_NORM,
    title="batch norm, the layer",
    forward=lambda x, gamma, beta, eps: batch_norm.BatchNorm(
        gamma=gamma, beta=beta, eps=eps, decay=0.5
    ).train(x),
    backward=lambda dy, x, gamma, beta, eps: layer_of(x, gamma, beta, eps).backward(dy),
    sizes=({"N": 2, "C": 2},),
    mutate=(batch_norm.BatchNorm.backward, batch_norm.BatchNorm.input_gradient),
)


def over_rows(x: Any, gamma: Any, beta: Any, eps: Any) -> Any:
    """Layer normalization: the same over the last axis."""
    centred = x - x.mean(axis=1, keepdims=True)
    variance = np.square(centred).mean(axis=1, keepdims=True)
    return gamma * centred / np.sqrt(variance + eps) + beta


def over_rows_backward(dy: Any, x: Any, gamma: Any, beta: Any, eps: Any) -> tuple[Any, Any, Any]:
    centred = x - x.mean(axis=1, keepdims=True)
    s = np.sqrt(np.square(centred).mean(axis=1, keepdims=True) + eps)
    xhat, g = centred / s, gamma * dy
    along = xhat * (g * xhat).mean(axis=1, keepdims=True)
    dx = (g - g.mean(axis=1, keepdims=True) - along) / s
    return dx, (dy * xhat).sum(axis=0), dy.sum(axis=0)


LAYER_NORM = Gradient(
    "layer norm",
    inputs={
        "x": Array("N", "D"),
        "gamma": Array("D"),
        "beta": Array("D"),
        "eps": Scalar(positive=True),
    },
    wrt=("x", "gamma", "beta"),
    forward=over_rows,
    backward=over_rows_backward,
    formal="D",
    sizes=({"N": 2, "D": 2},),
    mutate=(over_rows_backward,),
    torch=lambda torch, x, gamma, beta, eps: torch.nn.functional.layer_norm(
        x, x.shape[1:], gamma, beta, eps
    ),
)

CROSS_ENTROPY = Gradient(
    "softmax cross entropy",
    inputs={"z": Array("N", "K"), "labels": Labels("N", classes="K")},
    wrt=("z",),
    forward=lambda z, labels: losses.SoftmaxCrossEntropy().value(z, labels),
    backward=lambda z, labels: losses.SoftmaxCrossEntropy().gradient(z, labels),
    scalar=True,
    sizes=({"N": 2, "K": 3},),
    mutate=(losses.SoftmaxCrossEntropy.gradient,),
    torch=lambda torch, z, labels: torch.nn.functional.cross_entropy(z, labels),
)
ANY_CLASSES = Gradient(
    "cross entropy with any targets, any number of classes",
    inputs={"z": Array("N", "K"), "t": Array("N", "K")},
    wrt=("z",),
    forward=lambda z, t: np.sum(t * (losses.log_sum_exp(z) - z)),
    backward=lambda z, t: losses.softmax(z) * t.sum(axis=1, keepdims=True) - t,
    scalar=True,
    formal="K",
    mutate=(losses.softmax,),
    torch=lambda torch, z, t: -(t * torch.log_softmax(z, 1)).sum(),
)

SIGMOID = Gradient(
    "sigmoid",
    inputs={"x": Array("N", "C")},
    wrt=("x",),
    forward=activations.sigmoid,
    backward=lambda dy, x: activations.sigmoid_slope(x) * dy,
    formal="N",
    mutate=(activations.sigmoid_slope,),
    torch=lambda torch, x: torch.sigmoid(x),
    rounding=lambda dy, x: dy * activations.sigmoid(x) * (1 - activations.sigmoid(x)),
)


def leaky(slope: Any, x: Any) -> activations.LeakyRelu:
    """The reference's layer after its forward pass; the slope is any number, no checked one."""
    layer = activations.LeakyRelu(slope=0.5)
    layer.slope = slope
    layer.forward(x)
    return layer


LEAKY_RELU = Gradient(
    "leaky ReLU",
    inputs={"x": Array("N", "C"), "slope": Scalar(low=0, high=1)},
    wrt=("x",),
    forward=lambda x, slope: leaky(slope, x).forward(x),
    backward=lambda dy, x, slope: leaky(slope, x).backward(dy),
    formal="N",
    mutate=(activations.LeakyRelu.backward,),
    torch=lambda torch, x, slope: torch.nn.functional.leaky_relu(x, slope),
)
L1 = Gradient(
    "L1 penalty",
    inputs={"w": Array("n"), "strength": Scalar(positive=True)},
    wrt=("w",),
    forward=lambda w, strength: penalties.L1Penalty(strength=strength).value(w),
    backward=lambda w, strength: penalties.L1Penalty(strength=strength).gradient(w),
    scalar=True,
    formal="n",
    mutate=(penalties.L1Penalty.gradient,),
    torch=lambda torch, w, strength: strength * torch.linalg.vector_norm(w, 1),
)
STRENGTH = replace(
    L1,
    title="L1 penalty, with respect to its strength",
    wrt=("strength", "w"),
    backward=lambda w, strength: (
        penalties.l1_norm(w),
        penalties.L1Penalty(strength=strength).gradient(w),
    ),
    mutate=(penalties.l1_norm,),
)
DROPOUT = Gradient(
    "dropout with a given mask",
    inputs={"x": Array("N", "C"), "mask": Mask("N", "C"), "keep": Scalar(low=0, high=1)},
    wrt=("x",),
    forward=lambda x, mask, keep: dropout.inverted(x, mask, keep),
    backward=lambda dy, x, mask, keep: dropout.inverted(dy, mask, keep),
    formal="N",
    torch=lambda torch, x, mask, keep: x * mask / keep,
)

RIGHT = (
    BATCH_NORM,
    STAGED,
    LAYER,
    LAYER_NORM,
    CROSS_ENTROPY,
    ANY_CLASSES,
    SIGMOID,
    LEAKY_RELU,
    L1,
    STRENGTH,
    DROPOUT,
)
WRONG = (
    replace(BATCH_NORM, title="statistics taken for constants", backward=frozen),
    replace(
        BATCH_NORM,
        title="the mean of dy off by a thousandth",
        wrt=("x",),
        backward=lambda dy, x, gamma, beta, eps: (
            backward(dy, x, gamma, beta, eps)[0] - gamma * dy.sum(axis=0) / (x.shape[0] * 1024)
        ),
    ),
    replace(
        CROSS_ENTROPY,
        title="the mean forgotten",
        backward=lambda z, labels: losses.softmax(z) - losses.one_hot(labels, z.shape[1]),
    ),
    replace(
        ANY_CLASSES,
        title="targets taken to sum to one",
        backward=lambda z, t: losses.softmax(z) - t,
    ),
    replace(
        SIGMOID,
        title="y in place of y (1 - y)",
        backward=lambda dy, x: activations.sigmoid(x) * dy,
        rounding=None,
    ),
    replace(LEAKY_RELU, title="the slope on both sides", backward=lambda dy, x, slope: slope * dy),
    replace(L1, title="the sign forgotten", backward=lambda w, strength: strength + 0 * w),
    replace(DROPOUT, title="not divided by q", backward=lambda dy, x, mask, keep: mask * dy),
)
