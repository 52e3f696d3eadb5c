"""Convolution, pooling and the residual block (S4 deck, Parameter tying, Convolutions and Pooling).

Images are (N, C, H, W).  As in every deep-learning library, convolution is cross-correlation: the kernel
is not flipped.  Nothing is padded here; a padded image is an input like any other.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from reference.arrays import Array, SameShape


def output_size(size: int, kernel: int, stride: int) -> int:
    """floor((size - kernel) / stride) + 1 positions; size >= kernel."""
    return (size - kernel) // stride + 1


def taps(size: int, kernel: int, stride: int) -> NDArray[np.integer]:
    """(P, k): output p reads the inputs stride p, ..., stride p + k - 1."""
    starts = stride * np.arange(output_size(size, kernel, stride))
    return starts[:, None] + np.arange(kernel)[None, :]


def reads(size: int, kernel: int, stride: int) -> NDArray[np.integer]:
    """(P, k, size): 1 where tap i of output p reads input j, else 0."""
    places = taps(size, kernel, stride)[:, :, None] == np.arange(size)
    marks: NDArray[np.integer] = places.astype(int)
    return marks


def unfold(x: Array, height: int, width: int, stride: int) -> Array:
    """The patches that the outputs read: (N, P, Q, C, h, w) of x (N, C, H, W)."""
    rows = x[:, :, taps(x.shape[2], height, stride)]
    return rows[..., taps(x.shape[3], width, stride)].transpose(0, 2, 4, 1, 3, 5)


def fold(patches: Array, size: int, stride: int) -> Array:
    """Add up over the last two axes but one: patches (..., P, h) to (..., size), the adjoint of reading."""
    outputs, height = patches.shape[-2:]
    flat = patches.reshape(*patches.shape[:-2], outputs * height)
    return flat @ reads(size, height, stride).reshape(outputs * height, size)


def unfold_backward(dpatches: Array, shape: tuple[int, ...], stride: int) -> Array:
    """dL/dx (N, C, H, W) = shape: every input gets the sum over all patches that read it."""
    along_width = fold(dpatches.transpose(0, 3, 1, 4, 2, 5), shape[3], stride)  # (N, C, P, h, W)
    along_both = fold(along_width.transpose(0, 1, 4, 2, 3), shape[2], stride)  # (N, C, W, H)
    return along_both.transpose(0, 1, 3, 2)


def patch_rows(x: Array, kernel: Array, stride: int) -> Array:
    """The patch that each output reads as one row, (N, P, Q, C h w)."""
    patches = unfold(x, kernel.shape[2], kernel.shape[3], stride)
    return patches.reshape(*patches.shape[:3], kernel[0].size)


def convolve(x: Array, kernel: Array, bias: Array, stride: int) -> Array:
    """y_kpq = bias_k + sum_cij kernel_kcij x_c,(s p + i),(s q + j); (N, K, P, Q).

    x (N, C, H, W), kernel (K, C, h, w), bias (K,), stride s >= 1.  One matrix product: patches as rows.
    """
    rows = patch_rows(x, kernel, stride)
    y = rows @ kernel.reshape(kernel.shape[0], -1).T + bias
    return y.transpose(0, 3, 1, 2)


def convolve_backward(
    dy: Array, x: Array, kernel: Array, stride: int
) -> tuple[SameShape, Array, Array]:
    """(dL/dx, dL/dkernel, dL/dbias): shared weights get the sum over all places that use them."""
    rows, drows = patch_rows(x, kernel, stride), dy.transpose(0, 2, 3, 1)
    dkernel = (drows[..., None] * rows[..., None, :]).sum(axis=(0, 1, 2)).reshape(kernel.shape)
    dpatches = drows @ kernel.reshape(kernel.shape[0], -1)
    dx = unfold_backward(dpatches.reshape(*drows.shape[:3], *kernel.shape[1:]), x.shape, stride)
    return dx, dkernel, drows.sum(axis=(0, 1, 2))


def toeplitz(kernel: Array, size: int) -> Array:
    """(P, size): the matrix T with T x = convolution of x (size,) with kernel (k,), stride 1.

    A fully connected layer whose weights are 0 or tied: T_pj = kernel_(j - p).
    """
    matrix: Array = reads(size, kernel.shape[0], 1).transpose(0, 2, 1) @ kernel
    return matrix


def circular(x: Array, kernel: Array) -> SameShape:
    """y_p = sum_i kernel_i x_((p + i) mod n); x (n,), kernel (k,), k <= n."""
    places = taps(x.shape[0] + kernel.shape[0] - 1, kernel.shape[0], 1) % x.shape[0]
    y: Array = x[places] @ kernel
    return y


def windows(x: Array, height: int, width: int, stride: int) -> Array:
    """The h x w windows of every channel, (N, C, P, Q, h w); a pooling reduces the last axis."""
    patches = unfold(x, height, width, stride).transpose(0, 3, 1, 2, 4, 5)
    return patches.reshape(*patches.shape[:4], -1)


def windows_backward(
    dwindows: Array, shape: tuple[int, ...], height: int, width: int, stride: int
) -> Array:
    """dL/dx (N, C, H, W) = shape from dL/dwindows; overlapping windows add up."""
    patches = dwindows.reshape(*dwindows.shape[:4], height, width).transpose(0, 2, 3, 1, 4, 5)
    return unfold_backward(patches, shape, stride)


def max_pool(values: Array) -> Array:
    """The maximum of every window; values (..., M), result (...)."""
    top: Array = values.max(axis=-1)
    return top


def max_pool_backward(dy: Array, values: Array) -> Array:
    """dL/dvalues (..., M): all of dy at the maximum; shared equally where several are largest."""
    largest = np.where(values >= values.max(axis=-1, keepdims=True), 1, 0)
    dvalues: Array = dy[..., None] * largest / largest.sum(axis=-1, keepdims=True)
    return dvalues


def average_pool(values: Array) -> Array:
    """The mean of every window; values (..., M), result (...)."""
    mean: Array = values.mean(axis=-1)
    return mean


def average_pool_backward(dy: Array, values: Array) -> Array:
    """dL/dvalues (..., M): dy / M at every place."""
    return np.broadcast_to(dy[..., None] / values.shape[-1], values.shape)


def l2_pool(values: Array) -> Array:
    """sqrt(sum of squares) of every window; values (..., M), result (...)."""
    length: Array = np.sqrt(np.square(values).sum(axis=-1))
    return length


def l2_pool_backward(dy: Array, values: Array) -> Array:
    """dL/dvalues (..., M) = dy x / ||x||; a window of zeros is a kink and has none."""
    dvalues: Array = dy[..., None] * values / l2_pool(values)[..., None]
    return dvalues


def receptive_field(kernels: Sequence[int], strides: Sequence[int]) -> int:
    """r_l = r_(l-1) + (k_l - 1) s_1 ... s_(l-1), r_0 = 1: the inputs in a row that one output sees."""
    field, jump = 1, 1
    for kernel, stride in zip(kernels, strides, strict=True):
        field, jump = field + (kernel - 1) * jump, jump * stride
    return field


def residual(x: Array, inner: Array, outer: Array) -> SameShape:
    """y = x + tanh(x inner) outer (He et al. 2016): the layers learn y - x only.

    x (N, D), inner (D, H), outer (H, D).
    """
    return x + np.tanh(x @ inner) @ outer


def residual_backward(
    dy: Array, x: Array, inner: Array, outer: Array
) -> tuple[SameShape, Array, Array]:
    """(dL/dx, dL/dinner, dL/douter): dx = dy + dF' dy, the identity passes dy on unchanged."""
    hidden = np.tanh(x @ inner)
    dscores = dy @ outer.T * (1 - hidden * hidden)
    return dy + dscores @ inner.T, x.T @ dscores, hidden.T @ dy
