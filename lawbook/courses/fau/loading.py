"""Which operations a submission offers, and which edition of the course it is of."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from ..contract import Loaded
from ..reading import parameters
from .batch_norm import BatchNorm, BatchNormUpdate
from .course import INITIALIZERS, LAYERS, NETWORK, OPTIMIZATION, Bound, Course
from .layers import Activation, Dropout
from .network import Network
from .optimization import Adam, Constant, Initializer, Momentum, Penalty, Sgd

TABLE: tuple[tuple[str, Sequence[str], str, str, type[Bound]], ...] = (
    ("dropout", LAYERS, "Dropout", "Dropout", Dropout),
    ("batch_norm", LAYERS, "BatchNormalization", "BatchNormalization", BatchNorm),
    ("batch_norm_update", LAYERS, "BatchNormalization", "BatchNormalization", BatchNormUpdate),
    ("l1_penalty", OPTIMIZATION, "Constraints", "L1_Regularizer", Penalty),
    ("l2_penalty", OPTIMIZATION, "Constraints", "L2_Regularizer", Penalty),
    ("sgd", OPTIMIZATION, "Optimizers", "Sgd", Sgd),
    ("momentum", OPTIMIZATION, "Optimizers", "SgdWithMomentum", Momentum),
    ("adam", OPTIMIZATION, "Optimizers", "Adam", Adam),
    ("xavier_normal", INITIALIZERS, "Initializers", "Xavier", Initializer),
    ("he_normal", INITIALIZERS, "Initializers", "He", Initializer),
    ("constant", INITIALIZERS, "Initializers", "Constant", Constant),
    ("network", NETWORK, "NeuralNetwork", "NeuralNetwork", Network),
    ("sigmoid", LAYERS, "Sigmoid", "Sigmoid", Activation),
    ("tanh", LAYERS, "TanH", "TanH", Activation),
    ("relu", LAYERS, "ReLU", "ReLU", Activation),
)
OTHER_EXERCISES = frozenset({"sigmoid", "tanh", "relu"})  # no error where the file is not there
SLOW = frozenset({"network"})  # imported at its first use, since it may import every layer


def load(root: str) -> Loaded:
    """The operations of the submission at `root`, for `lawbook.worker`."""
    course = Course(root)
    loaded = Loaded(notes=course.files.notes)
    for operation, folders, stem, name, adapter in TABLE:
        try:
            theirs = course.find_class(folders, stem, name, lazy=operation in SLOW)
        except LookupError as error:
            if operation not in OTHER_EXERCISES or course.files.find(folders, stem) is not None:
                loaded.errors[operation] = str(error.args[0])
            continue
        course.classes[operation] = theirs
        members = {"theirs": theirs, "course": course, "__doc__": adapter.__doc__}
        loaded.operations[operation] = type(adapter.__name__, (adapter,), members)
    absent = [kind for kind in ("sgd", "momentum", "adam") if kind not in course.classes]
    if absent and "batch_norm_update" in loaded.operations:
        loaded.notes.append(
            f"batch_norm_update brings its own {', '.join(absent)}: there is none here"
        )
    if course.helpers is not None and course.helpers.left_out():
        libraries = ", ".join(course.helpers.left_out())
        loaded.notes.append(f"Layers/Helpers.py is loaded without {libraries}")
    loaded.profile = course.profile = edition(course)
    return loaded


def edition(course: Course) -> str | None:
    """The edition that the interfaces point to: "fau-2019" to winter 2019/20, else "fau-2021"."""
    if not course.classes:
        return None
    signs = []
    for name in ("dropout", "batch_norm"):
        if name in course.classes:
            module = sys.modules[course.classes[name].__module__]
            base = sys.modules.get("Layers.Base", module)
            signs.append(hasattr(module, "Phase") or hasattr(base, "Phase"))
    for name in ("l1_penalty", "l2_penalty"):
        if name in course.classes:
            signs.append(not hasattr(course.classes[name], "calculate_gradient"))
    if "sgd" in course.classes:
        update = getattr(course.classes["sgd"], "calculate_update", None)
        signs.append(len(parameters(update)) == 4)
    if "xavier_normal" in course.classes:
        draw = getattr(course.classes["xavier_normal"], "initialize", None)
        signs.append(len(parameters(draw)) == 2)
    return "fau-2019" if any(signs) else "fau-2021"
