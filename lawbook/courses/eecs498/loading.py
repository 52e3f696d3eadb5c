"""Which operations a submission offers."""

from __future__ import annotations

from ..contract import Array, Loaded
from ..functions.course import Bound
from ..functions.layers import BatchNorm, BatchNormAlt, Dropout, Relu
from ..functions.loading import Row, bind, loaded_from
from ..functions.optimizers import Adam, Momentum, RmsProp, Sgd
from .course import CONVOLUTIONAL, DENSE, NETWORKS, Course
from .network import Network
from .tensors import torch


class Kaiming(Bound):
    """`kaiming_initializer(Din, Dout, K, relu, device, dtype)`: dense (Din, Dout), or (Dout, Din, K, K)."""

    def draw(self, shape: tuple[int, ...], fan_in: int, fan_out: int) -> Array:
        sizes = (*shape, None) if len(shape) == 2 else (shape[1], shape[0], shape[2])
        return self.course.kaiming_initializer(*sizes, True, "cpu", torch().float64)


TABLE: tuple[Row, ...] = (
    ("dropout", DENSE, ("dropout_forward", "dropout_backward"), Dropout),
    ("batch_norm", CONVOLUTIONAL, ("batchnorm_forward", "batchnorm_backward"), BatchNorm),
    (
        "batch_norm_alt",
        CONVOLUTIONAL,
        ("batchnorm_forward", "batchnorm_backward_alt"),
        BatchNormAlt,
    ),
    ("sgd", DENSE, ("sgd",), Sgd),
    ("momentum", DENSE, ("sgd_momentum",), Momentum),
    ("rmsprop", DENSE, ("rmsprop",), RmsProp),
    ("adam", DENSE, ("adam",), Adam),
    ("he_normal", CONVOLUTIONAL, ("kaiming_initializer",), Kaiming),
    ("relu", DENSE, ("relu_forward", "relu_backward"), Relu),
)


def load(root: str) -> Loaded:
    """The operations of the submission at `root`, for `lawbook.worker`."""
    try:
        course = Course(root)
    except LookupError as error:  # no torch
        names = [*(row[0] for row in TABLE), "network"]
        return Loaded(errors=dict.fromkeys(names, str(error.args[0])))
    loaded = loaded_from(course, TABLE, frozenset())
    if any(course.has(name) for name in NETWORKS):
        loaded.operations["network"] = bind(Network, course)
    return loaded
