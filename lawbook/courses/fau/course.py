"""One submission: its files, its classes, and what several operations need of it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from ..importing import Submission
from ..reading import class_in, defined
from .helpers import HelpersFinder
from .standins import PlainOptimizer

LAYERS = ("Layers", "")
OPTIMIZATION = ("Optimization", "optimizers", "Optimizers", "Layers", "")
INITIALIZERS = ("Layers", "initializers", "Optimization", "")
PACKAGES = ("Layers", "Optimization", "optimizers", "initializers")
NETWORK = ("",)


class Bound:
    """Base of the adapter classes: `theirs` is the student's class, `course` what else there is."""

    theirs: Any
    course: Course


class Course:
    """One submission's classes, and what several operations need of it."""

    def __init__(self, root: str) -> None:
        self.files = Submission(root, PACKAGES)
        path = self.files.find(("Layers",), "Helpers")
        self.helpers = None if path is None else HelpersFinder(path)
        if self.helpers is not None:
            self.files.ask_first(self.helpers)
        self.classes: dict[str, Any] = {}
        self.profile: str | None = None

    def find_class(self, folders: Sequence[str], stem: str, name: str, lazy: bool = False) -> Any:
        """The student's class; if `lazy`, None once it is seen to be there.  Or LookupError."""
        path = self.files.find(folders, stem)
        if path is None:
            raise LookupError(f"there is no {folders[0]}{'/' if folders[0] else ''}{stem}.py")
        if lazy:
            defined(path, self.files.show(path), name)
            return None
        found = class_in(self.files.module(path), name)
        if found is None:
            raise LookupError(f"{self.files.show(path)} has no class {name}")
        return found

    def optimizer(self, kind: str, learning_rate: float) -> Any:
        """A new optimizer of the student's, or the adapter's own where there is none."""
        if kind not in self.classes:
            return PlainOptimizer(kind, learning_rate)
        more = {"sgd": (), "momentum": (0.9,), "adam": (0.9, 0.999)}[kind]
        return self.classes[kind](learning_rate, *more)

    def penalty(self, kind: str) -> Any:
        """The student's regularizer class for "l1" or "l2"."""
        if f"{kind}_penalty" not in self.classes:
            raise LookupError(f"there is no {kind.upper()} regularizer to attach")
        return self.classes[f"{kind}_penalty"]

    @cached_property
    def network(self) -> tuple[Any, Any]:
        """The student's NeuralNetwork and FullyConnected."""
        network = self.find_class(NETWORK, "NeuralNetwork", "NeuralNetwork")
        return network, self.find_class(LAYERS, "FullyConnected", "FullyConnected")
