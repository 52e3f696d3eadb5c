"""Activations: elementwise functions and their derivatives (S1 and S4 decks, activation functions)."""

from __future__ import annotations

import numpy as np

from reference.arrays import Array, SameShape


def sigmoid(x: Array) -> SameShape:
    """1 / (1 + exp(-x)), in (0, 1); written with exp(-|x|), so that nothing overflows."""
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0 / (1.0 + small), small / (1.0 + small))


def sigmoid_slope(x: Array) -> SameShape:
    """sigma(x) sigma(-x) = sigma(x) (1 - sigma(x)) <= 1/4, and <= exp(-|x|); no cancellation."""
    return sigmoid(x) * sigmoid(-x)


def tanh_slope(x: Array) -> SameShape:
    """1 - tanh(x)^2, in [0, 1]."""
    return 1.0 - np.tanh(x) * np.tanh(x)


def relu(x: Array) -> SameShape:
    """max(0, x)."""
    return np.maximum(x, 0.0)


def leaky_relu(x: Array, slope: float) -> SameShape:
    """x for x > 0, else slope x; equals max(x, slope x) for slopes <= 1 only."""
    return np.where(x > 0, x, slope * x)


class Sigmoid:
    """y = 1 / (1 + exp(-x)); derivative y (1 - y)."""

    def __init__(self) -> None:
        self.x: Array = np.zeros(())

    def forward(self, x: Array) -> SameShape:
        """y, of the shape of x (any rank)."""
        self.x = x
        return sigmoid(x)

    def backward(self, dy: Array) -> SameShape:
        """dL/dx = sigma'(x) dy at the x of the latest `forward`."""
        return sigmoid_slope(self.x) * dy


class Tanh:
    """y = tanh(x), in [-1, 1]; derivative 1 - y^2."""

    def __init__(self) -> None:
        self.x: Array = np.zeros(())

    def forward(self, x: Array) -> SameShape:
        """y, of the shape of x (any rank)."""
        self.x = x
        return np.tanh(x)

    def backward(self, dy: Array) -> SameShape:
        """dL/dx = (1 - tanh(x)^2) dy at the x of the latest `forward`."""
        return tanh_slope(self.x) * dy


class Relu:
    """y = max(0, x); derivative 1 for x > 0 and 0 for x < 0; at 0 it is 0, any value in [0, 1] is right."""

    def __init__(self) -> None:
        self.x: Array = np.zeros(())

    def forward(self, x: Array) -> SameShape:
        """y, of the shape of x (any rank)."""
        self.x = x
        return relu(x)

    def backward(self, dy: Array) -> SameShape:
        """dL/dx = dy where x > 0, else 0, at the x of the latest `forward`."""
        return np.where(self.x > 0, dy, 0.0)


class LeakyRelu:
    """y = x for x > 0, else slope x; derivative 1 or slope; at 0 any value between is right.

    slope: 0 <= slope < 1, ValueError otherwise (0.1 in the S1 deck, 0.01 in torch).
    """

    def __init__(self, *, slope: float) -> None:
        if not 0 <= slope < 1:
            raise ValueError(f"slope is in [0, 1), not {slope}")
        self.slope = slope
        self.x: Array = np.zeros(())

    def forward(self, x: Array) -> SameShape:
        """y, of the shape of x (any rank)."""
        self.x = x
        return leaky_relu(x, self.slope)

    def backward(self, dy: Array) -> SameShape:
        """dL/dx = dy where x > 0, else slope dy, at the x of the latest `forward`."""
        return np.where(self.x > 0, dy, self.slope * dy)


OPERATIONS = {"sigmoid": Sigmoid, "tanh": Tanh, "relu": Relu, "leaky_relu": LeakyRelu}
