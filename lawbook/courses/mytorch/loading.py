"""Which operations a submission offers."""

from __future__ import annotations

from typing import Any

from ..contract import Loaded
from . import layers, optimizers, tensors
from .course import Bound, Course

NORMALIZATION = r"(?i)batch_?norm(1d|2d)?\.py"
DROPOUT = r"(?i)dropout(1d|2d)?\.py"
ACTIVATIONS = r"(?i)activations?\.py"
# Operation, pattern of the files, the class in the editions from 2022 on, adapters: of arrays, of tensors.
Row = tuple[str, str, tuple[str, ...], type[Bound], type[Bound] | None]
TABLE: tuple[Row, ...] = (
    ("dropout", DROPOUT, ("Dropout", "Dropout1d"), layers.Dropout, tensors.Dropout),
    ("sgd", r"(?i)sgd\.py", ("SGD",), optimizers.Sgd, optimizers.SgdOfTensors),
    ("momentum", r"(?i)sgd\.py", ("SGD",), optimizers.Momentum, optimizers.MomentumOfTensors),
    ("adam", r"(?i)(adam|optimizer)\.py", ("Adam",), optimizers.Adam, optimizers.AdamOfTensors),
    ("adamw", r"(?i)adamw\.py", ("AdamW",), optimizers.AdamW, None),
    ("relu", ACTIVATIONS, ("ReLU",), layers.Activation, tensors.Activation),
    ("sigmoid", ACTIVATIONS, ("Sigmoid",), layers.Activation, tensors.Activation),
    ("tanh", ACTIVATIONS, ("Tanh",), layers.Activation, tensors.Activation),
)
HOMEWORK_1 = ("sgd", "momentum")
CHANNELS = "there is no Dropout, so Dropout2d is judged: its units are whole channels"


def load(root: str) -> Loaded:
    """The operations of the submission at `root`, for `lawbook.worker`."""
    course = Course(root)
    loaded = Loaded(notes=course.files.notes, profile=profile_of(course))
    _load_batch_norm(course, loaded)
    for operation, pattern, names, of_arrays, of_tensors in TABLE:
        adapter = of_tensors if course.edition == 2021 else of_arrays
        if adapter is None:
            continue
        try:
            theirs = course.find_class(pattern, names)
        except LookupError as error:
            if operation in HOMEWORK_1 or course.has_any(pattern):  # else it was not begun
                loaded.errors[operation] = str(error.args[0])
        else:
            loaded.operations[operation] = _bind(adapter, course, theirs)
    if "dropout" not in loaded.operations and course.edition != 2021:
        _load_dropout_of_channels(course, loaded)
    return loaded


def profile_of(course: Course) -> str:
    """The profile of the edition; from 2022 on that of homework 2 where there are no optimizers."""
    if course.edition != 2022:
        return f"mytorch-{course.edition}"
    first = course.has_any(r"(?i)(sgd|adam|adamw)\.py")
    return "mytorch-2022" if first else "mytorch-2022-hw2"


def _load_batch_norm(course: Course, loaded: Loaded) -> None:
    """The one operation of two classes, of which one may be absent."""
    if course.edition == 2021:
        wanted: dict[str, tuple[str, ...]] = {"theirs": ("BatchNorm1d",)}
        adapter: type[Bound] = tensors.BatchNorm
    else:
        wanted = {"theirs": ("BatchNorm1d", "BatchNorm"), "images": ("BatchNorm2d",)}
        adapter = layers.BatchNorm
    found: dict[str, Any] = {}
    for name, names in wanted.items():
        try:
            found[name] = course.find_class(NORMALIZATION, names)
        except LookupError as error:
            loaded.errors.setdefault("batch_norm", str(error.args[0]))
            found[name] = None
    if any(found.values()):
        loaded.errors.pop("batch_norm", None)
        loaded.operations["batch_norm"] = _bind(adapter, course, **found)


def _load_dropout_of_channels(course: Course, loaded: Loaded) -> None:
    try:
        theirs = course.find_class(DROPOUT, ("Dropout2d",))
    except LookupError:
        return
    loaded.errors.pop("dropout", None)
    loaded.operations["dropout"] = _bind(layers.Dropout2d, course, theirs)
    loaded.notes.append(CHANNELS)


def _bind(adapter: type[Bound], course: Course, theirs: Any, images: Any = None) -> type:
    members = {"course": course, "theirs": theirs, "__doc__": adapter.__doc__}
    if images is not None:
        members["images"] = images
    return type(adapter.__name__, (adapter,), members)
