"""Multi-task learning (Caruana 1997): hard sharing of a trunk, soft sharing by a penalty.

A task is (x, head, targets, weight): its own samples x (N, D), its linear head (H, K), targets (N, K) and the
weight >= 0 of its loss.  Unlabelled data are a task too: its targets are its inputs.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from reference.arrays import Array, SameShape

Task = tuple[Array, Array, Array, float]


def task_loss(trunk: Array, task: Task) -> Array:
    """w mean over samples of ||tanh(x trunk) head - t||^2; trunk (D, H)."""
    x, head, targets, weight = task
    error = np.tanh(x @ trunk) @ head - targets
    loss: Array = weight * (error * error).sum() / x.shape[0]
    return loss


def task_gradients(trunk: Array, task: Task) -> tuple[Array, Array]:
    """(dL/dtrunk (D, H), dL/dhead (H, K)) of one task's weighted loss."""
    x, head, targets, weight = task
    hidden = np.tanh(x @ trunk)
    dy = 2 * weight * (hidden @ head - targets) / x.shape[0]
    dscores = dy @ head.T * (1 - hidden * hidden)
    return x.T @ dscores, hidden.T @ dy


def joint_loss(trunk: Array, tasks: Sequence[Task]) -> Array:
    """sum_t w_t L_t: one trunk, a head and a weight for each task."""
    total: Array = np.stack([task_loss(trunk, task) for task in tasks]).sum(axis=0)
    return total


def joint_gradients(trunk: Array, tasks: Sequence[Task]) -> tuple[Array, list[Array]]:
    """(dL/dtrunk, [dL/dhead of every task]): the trunk's gradients add up, a head sees its own task only."""
    of_tasks = [task_gradients(trunk, task) for task in tasks]
    dtrunk = np.stack([dtrunk for dtrunk, _ in of_tasks]).sum(axis=0)
    return dtrunk, [dhead for _, dhead in of_tasks]


def soft_sharing(a: Array, b: Array, strength: float) -> Array:
    """strength ||a - b||^2, entrywise, of two tasks' weights of one shape; 0 exactly where a = b."""
    penalty: Array = strength * np.square(a - b).sum()
    return penalty


def soft_sharing_gradients(a: Array, b: Array, strength: float) -> tuple[SameShape, SameShape]:
    """(d/da, d/db) = 2 strength (a - b) and its negative: each pulls the other towards itself."""
    pull = 2 * strength * (a - b)
    return pull, -pull


def trace_norm(matrix: Array) -> float:
    """sum of the singular values of a matrix (D, T), whose columns are T tasks' weights."""
    total: float = np.linalg.svd(matrix, compute_uv=False).sum()
    return total


def trace_norm_gradient(matrix: Array) -> SameShape:
    """U V', from the singular value decomposition; the rank has to be min(D, T), else it is a kink."""
    left, _, right = np.linalg.svd(matrix, full_matrices=False)
    gradient: Array = left @ right
    return gradient


def remainder(a: Array, b: Array) -> Array:
    """What is left of a without its part along b, (D,): orthogonal to b; b != 0."""
    rest: Array = a - b * ((a * b).sum() / (b * b).sum())
    return rest


def area(a: Array, b: Array) -> Array:
    """s1 s2 = ||a|| ||b - its part along a||: the area that two vectors (D,) span, base times height."""
    rest = remainder(b, a)
    spanned: Array = np.sqrt((a * a).sum() * (rest * rest).sum())
    return spanned


def trace_norm_of_two(a: Array, b: Array) -> Array:
    """s1 + s2 = sqrt(||a||^2 + ||b||^2 + 2 s1 s2): the trace norm of two columns a, b (D,), D >= 2."""
    total: Array = np.sqrt((a * a).sum() + (b * b).sum() + 2 * area(a, b))
    return total


def trace_norm_of_two_gradients(a: Array, b: Array) -> tuple[SameShape, SameShape]:
    """The columns of U V' = M (M'M)^(-1/2), M = (a, b) of rank 2.

    d/da = (a + r ||b||^2 / (s1 s2)) / (s1 + s2), r the part of a orthogonal to b; d/db likewise.
    """
    spanned, norm = area(a, b), trace_norm_of_two(a, b)
    da = (a + remainder(a, b) * ((b * b).sum() / spanned)) / norm
    db = (b + remainder(b, a) * ((a * a).sum() / spanned)) / norm
    return da, db
