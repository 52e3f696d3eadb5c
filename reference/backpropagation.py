"""Backpropagation: the chain rule from the loss back to every parameter (S4 deck, Backpropagation)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from reference.activations import sigmoid, sigmoid_slope
from reference.arrays import Array, SameShape

Layer = tuple[Array, Array]


def two_sigmoids(x: Array, a: Array, b: Array, c: Array, d: Array) -> Array:
    """z = sigma(c sigma(a x + b) + d), elementwise: the smallest network with a hidden unit."""
    return sigmoid(c * sigmoid(a * x + b) + d)


def two_sigmoids_gradients(
    x: Array, a: Array, b: Array, c: Array, d: Array
) -> tuple[Array, Array, Array, Array]:
    """(dz/da, dz/db, dz/dc, dz/dd), from the output back: every product is used by the next one."""
    inner = a * x + b
    y = sigmoid(inner)
    dd = sigmoid_slope(c * y + d)
    dc = dd * y
    db = dd * c * sigmoid_slope(inner)
    return db * x, db, dc, dd


def forward(x: Array, layers: Sequence[Layer]) -> list[Array]:
    """The input and the output of every layer: x, then tanh(x W + b) of each, the last without tanh.

    x (N, D); a layer is W (D_in, D_out) and b (D_out,).
    """
    values = [x]
    for weights, bias in layers[:-1]:
        values.append(np.tanh(values[-1] @ weights + bias))
    weights, bias = layers[-1]
    return [*values, values[-1] @ weights + bias]


def backward(
    dy: Array, values: Sequence[Array], layers: Sequence[Layer]
) -> tuple[SameShape, list[Layer]]:
    """(dL/dx, [(dL/dW, dL/db) of every layer]) from dL/dy and what `forward` stored.

    Layers in reverse: dW = input' delta, db = sum over samples of delta, and delta W' goes on to the
    layer before, where the slope of tanh is 1 - value^2.
    """
    delta: Array = dy
    gradients: list[Layer] = []
    for index in range(len(layers) - 1, -1, -1):
        entering = values[index]
        gradients.append((entering.T @ delta, delta.sum(axis=0)))
        delta = delta @ layers[index][0].T
        if index > 0:
            delta = delta * (1 - entering * entering)
    return delta, gradients[::-1]
