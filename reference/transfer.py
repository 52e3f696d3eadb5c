"""Transfer learning: parts of a trained network are reused (S0 deck, Weight Transfer)."""

from __future__ import annotations

import numpy as np

from reference.arrays import Array, SameShape


def copy_gray(gray: Array, channels: int) -> Array:
    """A one-channel image (N, 1, H, W) copied to every channel of a colour network, (N, C, H, W)."""
    return np.concatenate([gray] * channels, axis=1)


def sum_channels(kernel: Array) -> Array:
    """(K, 1, h, w): the kernel that does to the gray image what (K, C, h, w) does to its copies."""
    total: Array = kernel.sum(axis=1, keepdims=True)
    return total


def features(x: Array, weights: Array) -> Array:
    """phi(x) = tanh(x weights), the fixed first layer of a trained network; x (N, D), weights (D, H)."""
    return np.tanh(x @ weights)


def features_backward(dy: Array, x: Array, weights: Array) -> SameShape:
    """dL/dx through a frozen layer: its weights get no update, but it passes the gradient on."""
    hidden = features(x, weights)
    return dy * (1 - hidden * hidden) @ weights.T


def perceptual_loss(a: Array, b: Array, weights: Array) -> Array:
    """||phi(a) - phi(b)||^2, summed over samples: 0 where a = b, and wherever phi cannot tell them apart."""
    loss: Array = np.square(features(a, weights) - features(b, weights)).sum()
    return loss


def perceptual_gradient(a: Array, b: Array, weights: Array) -> SameShape:
    """d/da = 2 J' (phi(a) - phi(b)), J the Jacobian of phi at a; (N, D)."""
    difference = features(a, weights) - features(b, weights)
    return features_backward(2 * difference, a, weights)
