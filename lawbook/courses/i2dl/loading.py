"""Which operations a submission offers, and which exercise it is."""

from __future__ import annotations

from ..contract import Loaded
from ..functions.course import Course
from ..functions.layers import BatchNorm, BatchNormAlt, Dropout, Relu
from ..functions.loading import Row, loaded_from
from ..functions.optimizers import Adam, Momentum, Sgd

TABLE: tuple[Row, ...] = (
    ("dropout", "layers", ("dropout_forward", "dropout_backward"), Dropout),
    ("batch_norm", "layers", ("batchnorm_forward", "batchnorm_backward"), BatchNorm),
    ("batch_norm_alt", "layers", ("batchnorm_forward", "batchnorm_backward_alt"), BatchNormAlt),
    ("relu", "layers", ("relu_forward", "relu_backward"), Relu),
    ("sgd", "optim", ("sgd",), Sgd),
    ("momentum", "optim", ("sgd_momentum",), Momentum),
    ("adam", "optim", ("adam",), Adam),
)
SPATIAL = ("spatial_batchnorm_forward", "spatial_batchnorm_backward")
HANDED_OUT = (
    "batchnorm_forward, batchnorm_backward and batchnorm_backward_alt are handed out with exercise 9;"
    " the last is wrong as handed out and is not judged"
)


def load(root: str) -> Loaded:
    """The operations of the submission at `root`, for `lawbook.worker`.

    Which functions are there tells the exercise, and with it the profile.
    """
    course = Course(root, "exercise_code")
    course.find_unwritten()
    profile = profile_of(course)
    rows = [row for row in TABLE if row[1] == "layers" or "optim.py" in course.files.folder.files]
    if profile == "i2dl-2020-ex9":
        rows = [("batch_norm", "layers", SPATIAL, BatchNorm)]
        course.files.notes.append(HANDED_OUT)
    others = frozenset(row[0] for row in rows) - {"batch_norm"}  # no other is in every exercise
    loaded = loaded_from(course, rows, others)
    loaded.profile = profile
    return loaded


def profile_of(course: Course) -> str | None:
    """The profile of the exercise, by its functions; None where layers.py cannot be loaded."""
    if "layers" in course.reasons:
        return None
    if course.has("dropout_forward"):
        return "i2dl-2018-hw2" if course.has("affine_forward") else "i2dl-2020-ex8"
    if course.has("spatial_batchnorm_forward"):
        return "i2dl-2018-hw3" if course.has("conv_forward_naive") else "i2dl-2020-ex9"
    return None
