"""Batch normalization (Ioffe, Szegedy 2015): every feature gets mean 0 and variance near 1 over the batch.

Rows are (M, C): M values of each of C features.  A batch of images (N, C, H, W) has the M = N H W rows
`as_rows` gives, so that every channel is one feature.  All statistics are vectors (C,).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from reference.arrays import Array, SameShape
from reference.optimizers import Adam, Momentum, Sgd, in_range, one_of

EPS_PLACES = ("inside", "outside")
STARTS = ("zeros_and_ones", "zeros", "first_batch")
RUNNING_VARIANCES = ("biased", "unbiased")
PARAMETER_GRADIENTS = ("sum", "mean")
SINGLE_ROWS = ("normalized", "raises")
OPTIMIZERS = ("sgd", "momentum", "adam")


def as_rows(x: Array) -> Array:
    """(N, C) as it is; (N, C, H, W) as (N H W, C), the channel axis moved last before reshaping."""
    return x if x.ndim == 2 else np.moveaxis(x, 1, -1).reshape(-1, x.shape[1])


def from_rows(rows: Array, shape: tuple[int, ...]) -> Array:
    """The inverse of `as_rows`: rows (M, C) as an array of `shape`, (N, C) or (N, C, H, W)."""
    if len(shape) == 2:
        return rows
    n, c, *space = shape
    return np.moveaxis(rows.reshape(n, *space, c), -1, 1)


def moments(rows: Array) -> tuple[Array, Array]:
    """Mean and variance (C,) of rows (M, C), M >= 1; the variance is biased: divided by M, 0 for M = 1."""
    mean = rows.mean(axis=0)
    return mean, np.square(rows - mean).mean(axis=0)


def unbiased(variance: Array, count: int) -> Array:
    """The variance divided by M - 1 instead of M = count >= 2."""
    return variance * count / (count - 1)


def deviation(variance: Array, eps: float, eps_place: str) -> Array:
    """s = sqrt(var + eps) ("inside") or sqrt(var) + eps ("outside"); positive for eps > 0."""
    return np.sqrt(variance + eps) if eps_place == "inside" else np.sqrt(variance) + eps


def normalize(rows: Array, mean: Array, s: Array) -> Array:
    """x^ = (x - mean) / s; 0 for a constant feature, where s is sqrt(eps) or eps."""
    return (rows - mean) / s


def normalized_variance(variance: Array, eps: float, eps_place: str) -> Array:
    """The variance of x^ over the batch: var / s^2, which is below 1 for eps > 0 and 0 for var = 0."""
    return variance / np.square(deviation(variance, eps, eps_place))


def shift_and_scale(normalized: Array, gamma: Array, beta: Array) -> Array:
    """y = gamma x^ + beta, per feature."""
    return gamma * normalized + beta


def root(variance: Array, eps: float, eps_place: str) -> Array:
    """r, defined by ds/dvar = 1 / (2 r): s itself for eps inside, sqrt(var) for eps outside.

    Outside, s has a kink at var = 0, where x^ = 0; r is kept positive there, so that x^ / r is 0.
    """
    if eps_place == "inside":
        return deviation(variance, eps, eps_place)
    r: Array = np.sqrt(np.maximum(variance, np.finfo(float).tiny))
    return r


def gradient_roots(
    variance: Array, eps: float, eps_place: str, backward_eps: float | None
) -> tuple[Array, Array]:
    """s and r of dL/dx: with eps as in the output, or with backward_eps under the root."""
    if backward_eps is not None:
        eps, eps_place = backward_eps, "inside"
    return deviation(variance, eps, eps_place), root(variance, eps, eps_place)


def gradient_of_gamma(dy: Array, normalized: Array) -> Array:
    """dL/dgamma = sum_b dy_b x^_b, (C,)."""
    dgamma: Array = (dy * normalized).sum(axis=0)
    return dgamma


def gradient_of_beta(dy: Array) -> Array:
    """dL/dbeta = sum_b dy_b, (C,)."""
    dbeta: Array = dy.sum(axis=0)
    return dbeta


def backward_compact(dy: Array, normalized: Array, gamma: Array, s: Array, r: Array) -> Array:
    """dL/dx = gamma ((dy - mean dy) / s - x^ mean(dy x^) / r), which is gamma / s (...) for eps inside."""
    through_mean = dy.mean(axis=0)
    through_variance = normalized * (dy * normalized).mean(axis=0)
    dx: Array = gamma * ((dy - through_mean) / s - through_variance / r)
    return dx


def backward_staged(dy: Array, rows: Array, gamma: Array, mean: Array, s: Array, r: Array) -> Array:
    """dL/dx as the chain rule gives it: the way through x^, through the variance and through the mean.

    dvar = -sum(dx^ (x - mean)) / (2 s^2 r), dmean = -sum(dx^) / s - dvar 2 mean(x - mean) (the last
    term is 0), dx = dx^ / s + dvar 2 (x - mean) / M + dmean / M.  Equals `backward_compact`.
    """
    count = rows.shape[0]
    centred = rows - mean
    dnormalized = dy * gamma
    dvariance = -(dnormalized * centred).sum(axis=0) / (2 * s * s * r)
    dmean = -dnormalized.sum(axis=0) / s - dvariance * 2 * centred.mean(axis=0)
    dx: Array = dnormalized / s + dvariance * 2 * centred / count + dmean / count
    return dx


def moving_average(old: Array, new: Array, decay: float) -> Array:
    """decay old + (1 - decay) new; decay in [0, 1) weighs the old value."""
    return decay * old + (1 - decay) * new


def moving_average_closed_form(start: Array, values: Sequence[Array], decay: float) -> Array:
    """d^t m_0 + (1 - d) sum_s d^(t-s) m_s after t values: weights >= 0 that sum to 1."""
    t = len(values)
    weighted = [(1 - decay) * decay ** (t - s) * value for s, value in enumerate(values, 1)]
    average: Array = np.stack([decay**t * start, *weighted]).sum(axis=0)
    return average


class BatchNorm:
    """Batch normalization with running statistics: y = gamma (x - mean) / s + beta.

    Training takes mean and (biased) variance over the batch, evaluation the running averages.  x is
    (N, C) or (N, C, H, W), always of the same C; gamma and beta are (C,).

    eps: added under the root (eps_place "inside", s = sqrt(var + eps)) or to it ("outside", s =
    sqrt(var) + eps); eps >= 0.  backward_eps: the eps of dL/dx, under the root, where dL/dx has another
    one than the output; None where it is the same.
    evaluation_eps: the eps of evaluation, at the same place, where evaluation has another one than training
    (0 where it is left out: a running variance of 0 then gives no number); None where it is the same.
    decay: weight in [0, 1) of the old running value.
    start: running statistics before the first batch: mean 0 and variance 1 ("zeros_and_ones"), both 0
    ("zeros"), or those of the first batch ("first_batch": evaluating earlier raises ValueError).
    running_variance: whether the batch variance enters the average divided by M ("biased") or M - 1.
    parameter_gradients: whether the gradients of gamma and beta are the "sum" over the rows, as the
    derivatives are, or, for courses that ask for it, their "mean".
    single_row: whether training on one value per feature gives y = beta ("normalized"; its running
    variance is then 0 whatever running_variance says) or "raises" ValueError.

    Source: Ioffe, Szegedy 2015, Algorithms 1 and 2; FAU deck, Batch Normalization.
    """

    def __init__(
        self,
        *,
        gamma: Array,
        beta: Array,
        eps: float = 1e-5,
        eps_place: str = "inside",
        decay: float = 0.9,
        start: str = "zeros_and_ones",
        running_variance: str = "biased",
        backward_eps: float | None = None,
        evaluation_eps: float | None = None,
        parameter_gradients: str = "sum",
        single_row: str = "normalized",
    ) -> None:
        self.gamma, self.beta = gamma, beta
        self.eps, self.eps_place = eps, one_of("eps_place", eps_place, EPS_PLACES)
        self.backward_eps, self.evaluation_eps = backward_eps, evaluation_eps
        self.decay = in_range("decay", decay, 0, 1)
        self.start = one_of("start", start, STARTS)
        self.running_variance = one_of("running_variance", running_variance, RUNNING_VARIANCES)
        self.parameter_gradients = one_of(
            "parameter_gradients", parameter_gradients, PARAMETER_GRADIENTS
        )
        self.single_row = one_of("single_row", single_row, SINGLE_ROWS)
        self.running: tuple[Array, Array] | None = self.initial_statistics()
        self.rows = self.mean = self.variance = np.zeros_like(gamma)
        self.shape: tuple[int, ...] = ()

    def initial_statistics(self) -> tuple[Array, Array] | None:
        """Running mean and variance before the first batch; None where that one sets them."""
        zeros, ones = np.zeros_like(self.gamma), np.ones_like(self.gamma)
        return {"zeros_and_ones": (zeros, ones), "zeros": (zeros, zeros)}.get(self.start)

    def train(self, x: Array) -> SameShape:
        """y of the shape of x from the batch's statistics, which enter the running averages."""
        self.rows, self.shape = as_rows(x), x.shape
        if self.rows.shape[0] == 1 and self.single_row == "raises":
            raise ValueError("training needs more than one value per feature")
        self.mean, self.variance = self.statistics(self.rows)
        self.update_running(self.mean, self.variance, self.rows.shape[0])
        return self.output(self.rows, self.mean, self.variance, x.shape)

    def evaluate(self, x: Array) -> SameShape:
        """y of the shape of x from the running averages: every row on its own."""
        if self.running is None:
            raise ValueError("there are no running statistics before the first batch")
        mean, variance = self.running
        if self.evaluation_eps is None:
            return self.output(as_rows(x), mean, variance, x.shape)
        s = deviation(variance, self.evaluation_eps, self.eps_place)
        normalized = normalize(as_rows(x), mean, s)
        return from_rows(shift_and_scale(normalized, self.gamma, self.beta), x.shape)

    def backward(self, dy: Array) -> tuple[SameShape, Array, Array]:
        """(dL/dx, dL/dgamma (C,), dL/dbeta (C,)) of the latest `train`; dy is (N, C) or (N, C, H, W)."""
        rows = as_rows(dy)
        normalized = normalize(self.rows, self.mean, self.deviation(self.variance))
        dx = self.input_gradient(rows, self.mean, self.variance)
        dgamma = self.over_rows(gradient_of_gamma(rows, normalized))
        dbeta = self.over_rows(gradient_of_beta(rows))
        return from_rows(dx, self.shape), dgamma, dbeta

    def over_rows(self, total: Array) -> Array:
        """A gradient of gamma or beta: the sum over the rows, or their mean."""
        return total / len(self.rows) if self.parameter_gradients == "mean" else total

    def statistics(self, rows: Array) -> tuple[Array, Array]:
        """Mean and variance of a training batch."""
        return moments(rows)

    def deviation(self, variance: Array) -> Array:
        """s, what the centred rows are divided by."""
        return deviation(variance, self.eps, self.eps_place)

    def output(self, rows: Array, mean: Array, variance: Array, shape: tuple[int, ...]) -> Array:
        """gamma x^ + beta, in `shape`."""
        normalized = normalize(rows, mean, self.deviation(variance))
        return from_rows(shift_and_scale(normalized, self.gamma, self.beta), shape)

    def update_running(self, mean: Array, variance: Array, count: int) -> None:
        """Let a batch's statistics enter the running averages."""
        if self.running_variance == "unbiased" and count > 1:
            variance = unbiased(variance, count)
        old = (mean, variance) if self.running is None else self.running
        decay = 0.0 if self.running is None else self.decay
        self.running = (
            moving_average(old[0], mean, decay),
            moving_average(old[1], variance, decay),
        )

    def input_gradient(self, dy: Array, mean: Array, variance: Array) -> Array:
        """dL/dx as rows."""
        s, r = gradient_roots(variance, self.eps, self.eps_place, self.backward_eps)
        return backward_compact(dy, normalize(self.rows, mean, s), self.gamma, s, r)


class BatchNormUpdate:
    """Batch normalization whose gamma and beta are trained, each by an optimizer of its own.

    optimizer: "sgd", "momentum" (0.9) or "adam" (0.9, 0.999, eps 1e-8); learning_rate >= 0.  The other
    arguments are those of `BatchNorm`; running statistics play no part.
    """

    def __init__(
        self,
        *,
        gamma: Array,
        beta: Array,
        optimizer: str,
        learning_rate: float,
        eps: float = 1e-5,
        eps_place: str = "inside",
        backward_eps: float | None = None,
    ) -> None:
        self.layer = BatchNorm(
            gamma=gamma, beta=beta, eps=eps, eps_place=eps_place, backward_eps=backward_eps
        )
        self.learning_rate = learning_rate
        self.optimizer = one_of("optimizer", optimizer, OPTIMIZERS)
        self.for_gamma, self.for_beta = self.new_optimizer(), self.new_optimizer()

    def new_optimizer(self) -> Any:
        """A fresh optimizer, without state."""
        if self.optimizer == "adam":
            return Adam(learning_rate=self.learning_rate, beta1=0.9, beta2=0.999, eps=1e-8)
        if self.optimizer == "momentum":
            return Momentum(learning_rate=self.learning_rate, momentum=0.9)
        return Sgd(learning_rate=self.learning_rate)

    def step(self, x: Array, dy: Array) -> tuple[SameShape, Array, Array]:
        """Train on x, go backward with dy, update: (dL/dx, gamma, beta), dL/dx with the old gamma."""
        self.layer.train(x)
        dx, dgamma, dbeta = self.layer.backward(dy)
        self.layer.gamma = self.for_gamma.step(self.layer.gamma, dgamma)
        self.layer.beta = self.for_beta.step(self.layer.beta, dbeta)
        return dx, self.layer.gamma, self.layer.beta


OPERATIONS = {
    "batch_norm": BatchNorm,
    "batch_norm_alt": BatchNorm,
    "batch_norm_update": BatchNormUpdate,
}
