"""The import policy: a submission imports what its course allows, and anything else is refused in words.

This is a rule of the assignment, not a wall: that is what Landlock and the system-call filter are for.
"""

from __future__ import annotations

import builtins
import importlib.machinery
import os
import sys
import types
from collections.abc import Collection, Mapping, Sequence

# What a solution has no use for and a cheat has: other processes, the network, raw memory.  The list is
# short, so that what an editor imported unasked does not make a right submission fail.
REFUSED = frozenset(
    {
        "_ctypes",
        "_posixsubprocess",
        "_socket",
        "ctypes",
        "multiprocessing",
        "socket",
        "ssl",
        "subprocess",
    }
)


class Policy:
    """Refuses imports from files below `root`, unless they are allowed; a meta-path finder.

    `allowed` are the names the course lists, each of `names` some that may be imported (a copy of them all
    would cost more than to look twice), `folders` where packages are installed.
    """

    def __init__(
        self,
        root: str,
        allowed: Collection[str],
        names: Sequence[Collection[str]],
        folders: Sequence[str],
    ) -> None:
        self.root = os.path.join(os.path.realpath(root), "")
        self.given = os.path.join(root, "")
        self.allowed, self.names, self.folders = allowed, names, list(folders)

    def install(self) -> None:
        """From now on it is asked: first what a file of the submission imports, last what nobody found."""
        sys.path[:] = [path for path in sys.path if path not in self.folders]
        sys.meta_path.append(self)
        ordinary = builtins.__import__

        def checked(
            name: str,
            globals: Mapping[str, object] | None = None,
            locals: Mapping[str, object] | None = None,
            fromlist: Sequence[str] | None = (),
            level: int = 0,
        ) -> types.ModuleType:
            top = name.partition(".")[0]
            if level == 0 and top in REFUSED and self.is_theirs(globals):
                return Unusable(top, self.sentence(top, "used"))
            return ordinary(name, globals, locals, fromlist, level)

        builtins.__import__ = checked

    def is_theirs(self, names: Mapping[str, object] | None) -> bool:
        """Whether the names are those of a module in the submission."""
        place = str((names or {}).get("__file__") or "")
        return place.startswith((self.root, self.given))

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        """An installed package that is granted; ModuleNotFoundError for one that is not."""
        if path is not None:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, self.folders)
        if spec is not None and not self.is_granted(name) and spec.origin is not None:
            self.refuse(name)
        return spec

    def is_granted(self, name: str) -> bool:
        """Whether a package may be imported."""
        return any(name in names for names in self.names)

    def refuse(self, name: str) -> None:
        """Raise the ImportError that says so."""
        raise ModuleNotFoundError(self.sentence(name, "imported"), name=name)

    def sentence(self, name: str, what: str) -> str:
        """Why a module may not be imported, or used."""
        others = ", ".join(("NumPy", *sorted(self.allowed)))
        return (
            f"{name} may not be {what} here: this course allows {others} and the standard library"
        )


class Unusable(types.ModuleType):
    """What a refused module of the standard library imports as: any use of it raises ImportError.

    An import that nothing uses is an editor's litter and does not make a right submission fail.
    """

    def __init__(self, name: str, sentence: str) -> None:
        super().__init__(name)
        self.__dict__.update(__all__=[], __path__=[])
        self.__sentence = sentence

    def __getattr__(self, name: str) -> Unusable:
        if name.startswith("__"):
            raise AttributeError(name)
        return Unusable(f"{self.__name__}.{name}", self.__sentence)

    def __call__(self, *arguments: object, **named: object) -> None:
        raise ImportError(self.__sentence)

    __getitem__ = __mro_entries__ = __enter__ = __exit__ = __iter__ = __or__ = __ror__ = __call__
