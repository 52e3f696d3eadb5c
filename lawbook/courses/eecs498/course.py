"""One submission: its classes of static methods as the functions that CS231n and I2DL have."""

from __future__ import annotations

import types
from collections.abc import Callable, Sequence
from typing import Any

from ..functions import course as functions
from ..functions.stubs import unwritten
from ..importing import Submission
from ..reading import class_in
from .standins import HandedOut
from .tensors import array, call, set_up, tensor

DENSE, CONVOLUTIONAL = "fully_connected_networks", "convolutional_networks"
# What the course calls the functions of `..functions`, by file.
PLACES: dict[str, dict[str, str]] = {
    DENSE: {
        "dropout_forward": "Dropout.forward",
        "dropout_backward": "Dropout.backward",
        "relu_forward": "ReLU.forward",
        "relu_backward": "ReLU.backward",
        **{name: name for name in ("sgd", "sgd_momentum", "rmsprop", "adam")},
    },
    CONVOLUTIONAL: {
        "batchnorm_forward": "BatchNorm.forward",
        "batchnorm_backward": "BatchNorm.backward",
        "batchnorm_backward_alt": "BatchNorm.backward_alt",
        "spatial_batchnorm_forward": "SpatialBatchNorm.forward",
        "spatial_batchnorm_backward": "SpatialBatchNorm.backward",
        "kaiming_initializer": "kaiming_initializer",
    },
}
NETWORKS = ("FullyConnectedNet", "TwoLayerNet")
WRITES = frozenset({"sgd"})  # it is handed out, and writes into its weights: it is given copies


class Course(functions.Course):
    """One submission's functions, which take and return arrays; LookupError where there is no torch."""

    def __init__(self, root: str) -> None:
        set_up()
        self.files = Submission(root)
        self.files.ask_first(HandedOut())
        self.functions: dict[str, Callable[..., Any]] = {}
        self.reasons: dict[str, str] = {}
        self.unwritten: frozenset[str] = frozenset()
        for stem in PLACES:
            self._load(stem)

    def missing(self, stem: str, names: Sequence[str]) -> str | None:
        """Why one of these functions cannot be had, as a sentence that has its name in the course."""
        if stem in self.reasons:
            return self.reasons[stem]
        for name in names:
            reason = super().missing(stem, (name,))
            if reason is not None:
                return reason.replace(name, PLACES[stem][name], 1)
        return None

    def _load(self, stem: str) -> None:
        path = self.files.find(("",), stem)
        if path is None:
            self.reasons[stem] = f"there is no {stem}.py"
            return
        try:
            module = self.files.module(path)
        except LookupError as error:
            self.reasons[stem] = str(error.args[0])
            return
        with open(path, encoding="utf-8", errors="replace") as file:
            empty = unwritten(file.read())
        for name, place in PLACES[stem].items():
            found = function_at(module, place)
            if found is not None:
                self.functions[name] = on_arrays(name, found)
            if place in empty:
                self.unwritten |= {name}
        for name in NETWORKS:
            network = class_in(module, name)
            if network is not None:
                self.functions[name] = network


def function_at(module: types.ModuleType, place: str) -> Any:
    """`name` or `Class.method` in a module, the class in the student's spelling; None if it is absent."""
    first, _, method = place.partition(".")
    found = (
        getattr(class_in(module, first), method, None) if method else getattr(module, first, None)
    )
    return found if callable(found) else None


def on_arrays(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The function on arrays: those among its arguments become tensors, tensors that it returns arrays.

    Of several results of a forward pass or a step only the first is one: a cache is handed on as it is.
    """

    def called(*arguments: Any) -> Any:
        given = [tensor(one) for one in arguments]
        if name in WRITES:
            given[0] = given[0].clone()
        result = call(function, *given)
        if not isinstance(result, tuple | list):
            return array(result, given)
        count = len(result) if "backward" in name else 1
        state = (given, result)
        return tuple(array(one, state) if i < count else one for i, one in enumerate(result))

    return called
