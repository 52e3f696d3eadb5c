"""Which operations a submission offers."""

from __future__ import annotations

import os

from ..contract import Loaded
from .course import Bound, Course
from .layers import BatchNorm, BatchNormAlt, Dropout, Hinge, Relu, Softmax
from .network import Network
from .optimizers import Adam, Momentum, RmsProp, Sgd

TABLE: tuple[tuple[str, str, tuple[str, ...], type[Bound]], ...] = (
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
    course = Course(root)
    loaded = Loaded(notes=course.files.notes)
    for operation, stem, functions, adapter in TABLE:
        reason = course.missing(stem, functions)
        if reason is None:
            loaded.operations[operation] = _bind(adapter, course)
        elif operation not in OTHER_ASSIGNMENTS or "has no function" not in reason:
            loaded.errors[operation] = reason
    if os.path.isfile(course.files.path("classifiers", "fc_net.py")):
        loaded.operations["network"] = _bind(Network, course)
    return loaded


def _bind(adapter: type[Bound], course: Course) -> type:
    return type(adapter.__name__, (adapter,), {"course": course, "__doc__": adapter.__doc__})
