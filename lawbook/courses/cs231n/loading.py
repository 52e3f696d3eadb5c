"""Which operations a submission offers."""

from __future__ import annotations

import os

from ..contract import Loaded
from ..functions.course import Course
from ..functions.layers import BatchNorm, BatchNormAlt, Dropout, Hinge, Relu, Softmax
from ..functions.loading import Row, bind, loaded_from
from ..functions.optimizers import Adam, Momentum, RmsProp, Sgd
from .network import Network

TABLE: tuple[Row, ...] = (
    ("dropout", "layers", ("dropout_forward", "dropout_backward"), Dropout),
    ("batch_norm", "layers", ("batchnorm_forward", "batchnorm_backward"), BatchNorm),
    ("batch_norm_alt", "layers", ("batchnorm_forward", "batchnorm_backward_alt"), BatchNormAlt),
    ("sgd", "optim", ("sgd",), Sgd),
    ("momentum", "optim", ("sgd_momentum",), Momentum),
    ("rmsprop", "optim", ("rmsprop",), RmsProp),
    ("adam", "optim", ("adam",), Adam),
    ("relu", "layers", ("relu_forward", "relu_backward"), Relu),
    ("softmax_cross_entropy", "layers", ("softmax_loss",), Softmax),
    ("hinge", "layers", ("svm_loss",), Hinge),
)
OTHER_ASSIGNMENTS = frozenset({"relu", "softmax_cross_entropy", "hinge"})  # may be absent


def load(root: str) -> Loaded:
    """The operations of the submission at `root`, for `lawbook.worker`."""
    course = Course(root, "cs231n")
    loaded = loaded_from(course, TABLE, OTHER_ASSIGNMENTS)
    if os.path.isfile(course.files.path("classifiers", "fc_net.py")):
        loaded.operations["network"] = bind(Network, course)
    return loaded
