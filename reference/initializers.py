"""Initial weights: Xavier, He and constant.

Glorot, Bengio 2010, equations 12 and 16; He et al. 2015, equation 10.
The second argument of the drawing functions here is a variance, never a standard deviation.
"""

from __future__ import annotations

import numpy as np

from reference.arrays import Array
from reference.randomness import generator

Shape = tuple[int, ...]


def xavier_variance(fan_in: int, fan_out: int) -> float:
    """2 / (fan_in + fan_out), the harmonic mean of 1/fan_in and 1/fan_out."""
    return 2 / (fan_in + fan_out)


def he_variance(fan_in: int) -> float:
    """2 / fan_in: a ReLU halves the second moment of a symmetric signal."""
    return 2 / fan_in


def normal(shape: Shape, variance: float, rng: np.random.Generator) -> Array:
    """Independent draws of N(0, variance)."""
    draws: Array = rng.standard_normal(shape)
    return float(np.sqrt(variance)) * draws


def uniform_bound(variance: float) -> float:
    """a such that the uniform distribution on [-a, a] has this variance: a^2 / 3."""
    bound: float = np.sqrt(3 * variance)
    return bound


def uniform(shape: Shape, variance: float, rng: np.random.Generator) -> Array:
    """Independent draws of the uniform distribution on [-a, a] with this variance."""
    bound = uniform_bound(variance)
    return rng.uniform(-bound, bound, shape)


class XavierNormal:
    """Xavier (Glorot) normal: independent N(0, 2 / (fan_in + fan_out)).

    orientation: how the target lays out the matrix of a dense layer, "in_out" for y = xW or "out_in" for
    y = Wx; it decides which shape belongs to which fans, not the values.  Kernels of a convolution are
    (C_out, C_in, k, ...) in both, with fan_in = C_in k ... and fan_out = C_out k ...
    kernels: "any", or "square" where the target is asked for kernels (C_out, C_in, k, k) alone.
    """

    def __init__(self, *, orientation: str = "in_out", kernels: str = "any") -> None:
        if orientation not in ("in_out", "out_in"):
            raise ValueError(f"orientation is 'in_out' or 'out_in', not {orientation!r}")
        if kernels not in ("any", "square"):
            raise ValueError(f"kernels are 'any' or 'square', not {kernels!r}")
        self.orientation, self.kernels = orientation, kernels

    def draw(self, shape: tuple[int, ...], fan_in: int, fan_out: int) -> Array:
        """Fresh weights of this shape; fans >= 1 are those of the shape."""
        return normal(shape, xavier_variance(fan_in, fan_out), generator())


class XavierUniform(XavierNormal):
    """Xavier (Glorot) uniform on [-a, a], a = sqrt(6 / (fan_in + fan_out)): the same variance."""

    def draw(self, shape: tuple[int, ...], fan_in: int, fan_out: int) -> Array:
        """Fresh weights of this shape."""
        return uniform(shape, xavier_variance(fan_in, fan_out), generator())


class HeNormal(XavierNormal):
    """He (Kaiming) normal for ReLU layers: independent N(0, 2 / fan_in)."""

    def draw(self, shape: tuple[int, ...], fan_in: int, fan_out: int) -> Array:
        """Fresh weights of this shape."""
        return normal(shape, he_variance(fan_in), generator())


class HeUniform(XavierNormal):
    """He (Kaiming) uniform for ReLU layers on [-a, a], a = sqrt(6 / fan_in): the same variance."""

    def draw(self, shape: tuple[int, ...], fan_in: int, fan_out: int) -> Array:
        """Fresh weights of this shape."""
        return uniform(shape, he_variance(fan_in), generator())


class Constant:
    """Every entry is `value` (any finite number): for biases; as weights it never breaks the symmetry."""

    def __init__(self, *, value: float) -> None:
        self.value = value

    def draw(self, shape: tuple[int, ...], fan_in: int, fan_out: int) -> Array:
        """An array of this shape (any rank); the fans do not matter."""
        return np.full(shape, self.value)


OPERATIONS = {
    "xavier_normal": XavierNormal,
    "xavier_uniform": XavierUniform,
    "he_normal": HeNormal,
    "he_uniform": HeUniform,
    "constant": Constant,
}
