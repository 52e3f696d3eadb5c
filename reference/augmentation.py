"""Augmentation: maps of the inputs that keep the label, and layers that do not need them.

Affine maps keep lines and ratios on them, not angles.  Circular convolution commutes with translation.
"""

from __future__ import annotations

import numpy as np

from reference.arrays import Array, SameShape


def affine(A: Array, b: Array, x: Array) -> Array:
    """Ax + b; A (d, d), b (d,), x (d,)."""
    moved: Array = A @ x + b
    return moved


def circular_convolution(x: Array, kernel: Array) -> SameShape:
    """y_i = sum_k kernel_k x_(i - k), indices modulo the length, stride 1; x (n,), kernel (m,), m <= n."""
    y: SameShape = sum(kernel[k] * np.roll(x, k) for k in range(kernel.shape[0]))
    return y


def zero_padded_convolution(x: Array, kernel: Array) -> Array:
    """The same with x = 0 outside, all n outputs of the input's places; x (n,), kernel (m,), m <= n."""
    n = x.shape[0]
    wide = np.concatenate([x, 0 * x])
    return circular_convolution(wide, kernel)[:n]


def global_mean(y: Array) -> float:
    """1/n sum_i y_i, y (n,)."""
    total: float = y.sum()
    mean: float = total / y.shape[0]
    return mean
