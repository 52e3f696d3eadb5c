"""Augmentation: what affine maps keep, and when a layer needs no shifted copies of the data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import sympy as sp

from lawbook.proofs.chapters import Chapter, Derivation, Differ, Proof, Same, Statement
from lawbook.proofs.numbers.symbols import SymArray, symbols
from reference import augmentation


def affine_maps() -> Iterator[Statement]:
    """Any affine map of the plane: points on a line, their ratios, and angles."""
    A, b, t = symbols("a", 2, 2), symbols("b", 2), sp.Symbol("t", real=True)
    p, q = symbols("p", 2), symbols("q", 2)

    def moved(x: Any) -> Any:
        return augmentation.affine(A, b, x)

    yield Same(
        "A point that divides a line in the ratio t : 1 - t does so afterwards.",
        moved(p + t * (q - p)),
        moved(p) + t * (moved(q) - moved(p)),
        comment="lines stay lines, and ratios on them stay",
    )
    yield Same(
        "Parallel lines stay parallel: equal differences have equal images.",
        moved(p + q) - moved(p),
        moved(q) - moved(SymArray([0, 0])),
    )
    shear, right, up = SymArray([[1, 1], [0, 1]]), SymArray([1, 0]), SymArray([0, 1])
    yield Differ(
        "E45: angles stay: a right angle is one after the shear ((1, 1), (0, 1)).",
        (shear @ right) @ (shear @ up),
        right @ up,
        comment="it is 45 degrees then",
    )
    c, s = sp.symbols("c s", real=True)
    turn = SymArray([[c, -s], [s, c]])
    yield Same(
        "A similarity multiplies all scalar products by one number, so it keeps angles.",
        (turn @ p) @ (turn @ q),
        (c**2 + s**2) * (p @ q),
    )


def circular() -> Iterator[Statement]:
    """Convolution with a kernel of 2 on 4 places, shifted by one."""
    x, k = symbols("x", 4), symbols("k", 2)
    y = augmentation.circular_convolution(x, k)
    shifted = augmentation.circular_convolution(np.roll(x, 1), k)
    yield Same("A shifted input gives the shifted output: equivariance.", shifted, np.roll(y, 1))
    yield Differ(
        "E40: a shifted input gives the same output.",
        shifted,
        y,
        comment="that would be invariance",
    )
    yield Same(
        "The mean over all places is invariant.",
        augmentation.global_mean(shifted),
        augmentation.global_mean(y),
    )
    kernel = SymArray([1, 2, -1])
    inside, border = SymArray([2, 0, 0, 0]), SymArray([0, 0, 0, 2])
    yield Differ(
        "E40: with zeros outside the mean is invariant too.",
        augmentation.global_mean(augmentation.zero_padded_convolution(inside, kernel)),
        augmentation.global_mean(augmentation.zero_padded_convolution(border, kernel)),
        comment="at the border a part of the kernel falls off the image",
    )
    yield Same(
        "With circular padding both places give the same mean.",
        augmentation.global_mean(augmentation.circular_convolution(inside, kernel)),
        augmentation.global_mean(augmentation.circular_convolution(border, kernel)),
    )


CHAPTER = Chapter(
    "Augmentation and invariance",
    """Copies of the data under maps that keep the label teach a network to ignore those maps. Which
properties a map keeps decides whether the label stays; and where an architecture commutes with a map,
there is nothing left to teach.""",
    Derivation(
        "Lines stay lines, angles do not",
        """
a*(p + t*(q - p)) + b                           # one coordinate of an affine map
= (a*p + b) + t*((a*q + b) - (a*p + b))         # t stays the ratio on the line

# the shear (x, y) -> (x + y, y): the scalar product of the images of (u, v) and (w, z)
(u + v)*(w + z) + v*z
at u = 1, v = 0, w = 0, z = 1                   # a right angle
= 1
!= 0                                            # E45: it is none any more

let f(x) = x + x**2                             # a map that is not affine
f(1/2) - (f(0) + f(1))/2
= -1/4
!= 0                                            # E45: the middle does not stay the middle
""",
        covers=("aug.affine_keeps_lines",),
        errata=("E45",),
    ),
    Proof("Any affine map", affine_maps, "the plane", ("aug.affine_keeps_lines",), ("E45",)),
    Proof(
        "Convolution commutes with shifts",
        circular,
        "4 places",
        ("aug.invariant_architecture",),
        ("E40",),
    ),
)
