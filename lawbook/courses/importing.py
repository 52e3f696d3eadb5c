"""Importing the files of one submission, one at a time."""

from __future__ import annotations

import functools
import importlib
import importlib.machinery
import importlib.util
import json
import os
import sys
import types
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .finding import listing, named
from .reading import numbered, star_import, text_of

if TYPE_CHECKING:
    from _typeshed.importlib import MetaPathFinderProtocol

_current: list[Submission] = []  # the one submission whose modules are in this process


class Submission:
    """A submission's folder on the import path; its modules are imported singly.

    Its packages (`packages`: folder names) exist for the importer whether or not their
    `__init__.py` is there or works.  With `itself`, the root is the one package, under these names,
    and is not on the import path.  `finders` see every import first.  A second Submission in the
    same process replaces the first.
    """

    def __init__(
        self,
        root: str,
        packages: Sequence[str] = (),
        itself: Sequence[str] = (),
        finders: Sequence[MetaPathFinderProtocol] = (),
    ) -> None:
        for previous in _current:
            previous.forget()
        _current[:] = [self]
        self.root = os.path.abspath(root)
        self.folder = listing(self.root)
        self.notes: list[str] = []
        self.added: list[str] = []
        self.finders: list[MetaPathFinderProtocol] = []
        self.packages: dict[str, str] = {}
        for finder in finders:
            self.ask_first(finder)
        sys.dont_write_bytecode = True
        os.environ.setdefault("MPLBACKEND", "Agg")
        importlib.invalidate_caches()
        self.prefix = itself[0] + "." if itself else ""
        for name in itself:
            self.open_package(name, self.root)
        if not itself:
            self._extend_path(self.root, first=True)
        for wanted in packages:
            found = named(self.folder.folders, wanted)
            if found is not None and found not in self.packages:
                if found != wanted:
                    self.notes.append(f"the folder {wanted}/ is named {found}/")
                self.open_package(found, os.path.join(self.root, found))

    def forget(self) -> None:
        """Take the submission's modules and folders off the interpreter's tables."""
        for name, module in list(sys.modules.items()):
            if not isinstance(module, types.ModuleType):
                continue
            paths = vars(module).get("__path__")  # a namespace package has no file
            places = [vars(module).get("__file__"), *(paths if isinstance(paths, list) else [])]
            if any((str(place) + os.sep).startswith(self.root + os.sep) for place in places):
                del sys.modules[name]
        sys.path[:] = [path for path in sys.path if path not in self.added]
        sys.meta_path[:] = [finder for finder in sys.meta_path if finder not in self.finders]

    def show(self, path: str) -> str:
        """A path as a message shows it: relative to the root, with slashes."""
        return os.path.relpath(path, self.root).replace(os.sep, "/")

    def path(self, *names: str) -> str:
        """The path of a file below the root, which need not exist."""
        return os.path.join(self.root, *names)

    def find(self, folders: Sequence[str], stem: str) -> str | None:
        """The path of `stem`.py in the first of the folders ("" is the root) that has it."""
        for name in folders:
            actual = named(self.folder.folders, name) if name else ""
            if actual is None:
                continue
            folder = listing(os.path.join(self.root, actual)) if actual else self.folder
            file = named(folder.files, stem + ".py")
            if file is not None:
                return os.path.join(folder.path, file)
        return None

    def ask_first(self, finder: MetaPathFinderProtocol) -> None:
        """Let this finder see every import first, as long as the submission is in this process."""
        self.finders.append(finder)
        sys.meta_path.insert(0, finder)

    def module(self, path: str) -> types.ModuleType:
        """Import one file; raises LookupError with one sentence where that cannot be done."""
        shown = self.show(path)
        refused = json.loads(os.environ.get("LAWBOOK_REFUSED", "{}"))
        if shown in refused:
            raise LookupError(refused[shown])
        name = self.prefix + shown.removesuffix(".py").replace("/", ".")
        with being_imported(shown):
            return self._imported(path, shown, name)

    def _imported(self, path: str, shown: str, name: str) -> types.ModuleType:
        for package in self.packages:
            if star_import(path, package):
                self._list_modules(package, name)
        for _ in range(6):  # every fallback is tried once at most, so this ends earlier
            try:
                return importlib.import_module(name)
            except BaseException as error:  # a submission may raise anything, SystemExit included
                qualified = self._fall_back(error, shown, name)
                if qualified is None:
                    raise LookupError(self.explain(error, path)) from error
                name = qualified
        raise LookupError(f"importing {shown} failed: its imports go round in circles")

    def explain(self, error: BaseException, path: str) -> str:
        """Why importing the file at `path` failed, as one sentence."""
        shown = self.show(path)
        cause = f"{type(error).__name__}: {text_of(error)}".replace(self.root + os.sep, "")
        if isinstance(error, SyntaxError):
            where = self.show(error.filename) if error.filename else shown
            cause = f"{where} does not compile: {numbered(error)}"
            if where == shown:
                return cause
        elif "null bytes" in cause:
            return f"{shown} does not compile: it contains null bytes"
        return f"importing {shown} failed: {cause}"

    def _fall_back(self, error: BaseException, shown: str, name: str) -> str | None:
        """Extend the import path for a failed import; the name to try next, None if at a loss."""
        if not isinstance(error, ImportError):
            return None
        base = os.path.basename(self.root)  # a package then; the folder above may not be readable
        if "beyond top-level package" in str(error) and base.isidentifier():
            self.open_package(base, self.root)
            self.notes.append(f"{shown} needs the folder above the submission on the import path")
            return f"{base}.{name}" if not name.startswith(base + ".") else None
        missing = (error.name or "").partition(".")[0]
        if not isinstance(error, ModuleNotFoundError) or not missing:
            return None
        if missing == base and base not in self.packages:
            self.open_package(base, self.root)
            self.notes.append(f"{shown} needs the folder above the submission on the import path")
            return name
        others = [os.path.join(self.root, name) for name in self.folder.folders]
        for folder in [*self.packages.values(), *others]:
            if folder not in self.added and os.path.isfile(os.path.join(folder, missing + ".py")):
                self._extend_path(folder)
                place = f"{os.path.basename(folder)}/ on the import path"
                self.notes.append(f"{shown} imports {missing}, which needs {place}")
                return name
        return None

    def _extend_path(self, folder: str, first: bool = False) -> None:
        self.added.append(folder)
        sys.path.insert(0 if first else len(sys.path), folder)

    def open_package(self, name: str, path: str) -> None:
        """Put a package into the import system; its `__init__.py` runs, but need not succeed."""
        self.packages[name] = path
        init = os.path.join(path, "__init__.py")
        if os.path.isfile(init):
            spec = importlib.util.spec_from_file_location(
                name, init, submodule_search_locations=[path]
            )
        else:
            if path != self.root:
                self.notes.append(f"{name}/ has no __init__.py")
            spec = importlib.machinery.ModuleSpec(name, None, is_package=True)
            spec.submodule_search_locations = [path]
        if spec is None:
            raise ImportError(f"{init} is no Python file")
        package = sys.modules[name] = importlib.util.module_from_spec(spec)
        package.__dict__["__getattr__"] = functools.partial(submodule, name, path)
        if spec.loader is None:
            return
        try:
            spec.loader.exec_module(package)
        except BaseException as error:
            self.notes.append(f"{self.explain(error, init)}; its modules are loaded without it")

    def _list_modules(self, package: str, importing: str) -> None:
        """Make `from package import *` give every module of `__all__` that can be imported."""
        module = sys.modules[package]
        stems = [
            name[:-3] for name in listing(self.packages[package]).files if name.endswith(".py")
        ]
        kept = []
        for stem in list(
            getattr(module, "__all__", [name for name in stems if name != "__init__"])
        ):
            try:
                if f"{package}.{stem}" != importing:
                    getattr(module, stem)
            except BaseException as error:
                if stem in stems:
                    path = os.path.join(self.packages[package], stem + ".py")
                    self.notes.append(f"{self.explain(error, path)}; left out of {package}")
            else:
                kept.append(stem)
        module.__dict__["__all__"] = kept


@contextmanager
def being_imported(shown: str) -> Iterator[None]:
    """Note down for the judge which file is being imported, in case the process does not survive it."""
    note = os.environ.get("LAWBOOK_IMPORTING")
    if note:
        with open(note, "w", encoding="utf-8") as file:
            file.write(shown)
    yield
    if note and os.path.exists(note):
        os.remove(note)


def submodule(package: str, path: str, name: str) -> types.ModuleType:
    """`package.name`, which the course's tests make exist by an early `from package import *`."""
    if os.path.isfile(os.path.join(path, name + ".py")):
        return importlib.import_module(f"{package}.{name}")
    raise AttributeError(f"module {package!r} has no attribute {name!r}")
