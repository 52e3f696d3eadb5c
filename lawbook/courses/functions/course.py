"""One submission: its functions, by name."""

from __future__ import annotations

import os
import sys
import types
from collections.abc import Callable, Sequence
from typing import Any

from ..importing import Submission
from .stubs import unwritten

STEMS = ("layers", "optim")


class Bound:
    """Base of the adapter classes: `course` gives the student's functions by name."""

    course: Course


class Course:
    """One submission's functions, by name as attributes; its folder is the package `package`, too."""

    def __init__(self, root: str, package: str) -> None:
        folder = os.path.basename(os.path.abspath(root))
        names = [folder] if folder.isidentifier() else []
        self.files = Submission(root, itself=list(dict.fromkeys([*names, package])))
        self.functions: dict[str, Callable[..., Any]] = {}
        self.reasons: dict[str, str] = {}
        self.unwritten: frozenset[str] = frozenset()
        for stem in STEMS:
            self._load(stem)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__") or name not in self.functions:
            raise AttributeError(f"there is no function {name}")
        return self.functions[name]

    def has(self, name: str) -> bool:
        return name in self.functions

    def classifier(self) -> Any:
        """The module classifiers/fc_net.py, imported at its first use: it imports all there is."""
        self._stand_in("fast_layers")
        path = self.files.path("classifiers", "fc_net.py")
        return self.files.module(path)

    def _stand_in(self, stem: str) -> None:
        """Import a handed-out module of convolutions as an empty one: it may lack its compiled part."""
        for package in self.files.packages:
            name = f"{package}.{stem}"
            if name not in sys.modules:
                module = types.ModuleType(name)
                module.__file__ = self.files.path(f"{stem}.py")
                module.__dict__["__getattr__"] = _convolution
                sys.modules[name] = module

    def missing(self, stem: str, names: Sequence[str]) -> str | None:
        """Why one of these functions cannot be had, as a sentence; None if all are there."""
        if stem in self.reasons:
            return self.reasons[stem]
        for name in names:
            if name not in self.functions:
                return f"{stem}.py has no function {name}"
            if name in self.unwritten:
                return f"{name} in {stem}.py is still as it was handed out, it computes nothing"
        return None

    def find_unwritten(self) -> None:
        """From now on, functions that are still as they were handed out are missing, too."""
        for stem in STEMS:
            if stem not in self.reasons:
                with open(
                    self.files.path(f"{stem}.py"), encoding="utf-8", errors="replace"
                ) as file:
                    self.unwritten |= unwritten(file.read())

    def _load(self, stem: str) -> None:
        path = self.files.path(f"{stem}.py")
        if not os.path.isfile(path):
            self.reasons[stem] = f"there is no {stem}.py"
            return
        try:
            module = self.files.module(path)
        except LookupError as error:
            self.reasons[stem] = str(error.args[0])
            return
        self.functions.update({k: v for k, v in vars(module).items() if callable(v)})


def _convolution(name: str) -> Any:
    """What a stand-in of handed-out convolutions has under this name."""
    if name.startswith("__"):
        raise AttributeError(name)
    return None
