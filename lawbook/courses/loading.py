"""What the course adapters share: finding submissions and importing their files one at a time.

Standard library only, and loaded by path: it runs inside the worker, next to the submission.  Only
the first part, finding submissions, also runs in the judge; it reads names and text.
"""

from __future__ import annotations

import ast
import functools
import importlib
import importlib.machinery
import importlib.util
import inspect
import itertools
import json
import os
import re
import sys
import types
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

MAX_DEPTH = 8  # folders below the one that is searched
MAX_ENTRIES = 20_000  # directory entries read of one folder, and below one top-level folder
SKIPPED = frozenset({"__MACOSX", "__pycache__", "node_modules", "site-packages", "venv"})
EXERCISE = re.compile(r"(?i)ex|exercise|uebung|blatt|sheet|assignment|homework|hw")


@dataclass
class Loaded:
    """A loaded submission: what it offers, and one sentence for each operation it cannot offer."""

    operations: dict[str, type] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    profile: str | None = None


# --- finding submissions --------------------------------------------------------------------------


@dataclass
class Folder:
    """One directory: its path, and the names of its subfolders and regular files, sorted."""

    path: str
    folders: list[str]
    files: list[str]


def listing(path: str) -> Folder:
    """The names in a directory that matter: no links, nothing hidden, no litter of archives."""
    folders, files = [], []
    with os.scandir(path) as entries:
        for entry in itertools.islice(entries, MAX_ENTRIES):
            if entry.name.startswith((".", "PaxHeader")) or entry.name in SKIPPED:
                continue
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.name)
            elif entry.is_file(follow_symlinks=False):
                files.append(entry.name)
    return Folder(path, sorted(folders), sorted(files))


def subfolders(top: str, is_root: Callable[[Folder], bool]) -> list[str]:
    """Paths of the roots at or below `top`, in order; nothing below a root is searched."""
    found: list[str] = []

    def search(path: str, depth: int, budget: list[int]) -> None:
        try:
            folder = listing(path)
            root = is_root(folder)
        except OSError:  # not readable for us, so no submission that we could load
            return
        budget[0] -= len(folder.folders) + len(folder.files)
        if "pyvenv.cfg" in folder.files or budget[0] < 0:
            return
        if root:
            found.append(path)
        elif depth < MAX_DEPTH:
            for name in folder.folders:
                below = [MAX_ENTRIES] if depth == 0 else budget
                search(os.path.join(path, name), depth + 1, below)

    search(os.path.abspath(top), 0, [sys.maxsize])
    return found


def latest_exercise(roots: Sequence[str], rank: Callable[[str], int]) -> list[str]:
    """The roots without those of other exercises of the same person.

    Roots belong together when only the numbers in the names of exercise folders differ
    (`exercise2/src`, `exercise3/src`); of those, the ones of the highest rank stay.
    """
    groups: dict[str, list[str]] = {}
    for root in roots:
        parts = [
            re.sub(r"\d+", "", part) if EXERCISE.match(part) else part
            for part in root.split(os.sep)
        ]
        groups.setdefault(os.sep.join(parts), []).append(root)
    kept: set[str] = set()
    for group in groups.values():
        best = max(map(rank, group))
        kept.update(root for root in group if rank(root) == best)
    return [root for root in roots if root in kept]


def named(names: Sequence[str], wanted: str) -> str | None:
    """The name that equals `wanted` in exact case, else in any case, else None."""
    if wanted in names:
        return wanted
    return next((name for name in names if name.lower() == wanted.lower()), None)


# --- importing ------------------------------------------------------------------------------------


class Absent:
    """Stands for a library that only the course's data loaders use; using it raises ImportError."""

    def __init__(self, name: str) -> None:
        self.__dict__["name"] = name

    def __getattr__(self, attribute: str) -> Any:
        raise ImportError(
            f"{self.__dict__['name']} is left out when the course's Helpers are loaded"
        )

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        raise ImportError(
            f"{self.__dict__['name']} is left out when the course's Helpers are loaded"
        )


class HelpersLoader(importlib.machinery.SourceFileLoader):
    """Imports the course's own `Helpers.py` without its plotting and data libraries.

    They take more than a second to import, may not be installed, and serve only its data loaders.
    """

    def __init__(self, fullname: str, path: str) -> None:
        super().__init__(fullname, path)
        self.left_out: list[str] = []

    def get_code(self, fullname: str) -> types.CodeType:
        tree = ast.parse(self.get_data(self.path), self.path)
        tree.body = [self._without_libraries(statement) for statement in tree.body]
        return compile(ast.fix_missing_locations(tree), self.path, "exec", dont_inherit=True)

    def exec_module(self, module: types.ModuleType) -> None:
        module.__dict__["_Absent"] = Absent
        super().exec_module(module)

    def _without_libraries(self, statement: ast.stmt) -> ast.stmt:
        if isinstance(statement, ast.Import):
            sources = {alias.name for alias in statement.names}
        elif isinstance(statement, ast.ImportFrom) and statement.level == 0:
            sources = {statement.module or ""}
        else:
            return statement
        tops = {source.partition(".")[0] for source in sources}
        local = {
            name for name in tops if os.path.exists(os.path.join(self.path, "..", name + ".py"))
        }
        foreign = tops - local - sys.stdlib_module_names - {"numpy", "Layers", "Optimization"}
        if not foreign or any(alias.name == "*" for alias in statement.names):
            return statement
        self.left_out += sorted(foreign - set(self.left_out))
        bound = [alias.asname or alias.name.partition(".")[0] for alias in statement.names]
        lines = "; ".join(f"{name} = _Absent({min(foreign)!r})" for name in bound)
        return ast.copy_location(ast.If(ast.Constant(True), ast.parse(lines).body, []), statement)


class Finder:
    """A meta-path finder for one file: the submission's Helpers, under any name."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.stem = os.path.basename(path).removesuffix(".py")
        self.loaders: list[HelpersLoader] = []

    def left_out(self) -> list[str]:
        """The libraries that were not imported, in order."""
        return sorted({name for loader in self.loaders for name in loader.left_out})

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.rpartition(".")[2] != self.stem:
            return None
        if os.path.dirname(self.path) not in (sys.path if path is None else path):
            return None
        loader = HelpersLoader(fullname, self.path)
        self.loaders.append(loader)
        return importlib.util.spec_from_file_location(fullname, self.path, loader=loader)


_current: list[Submission] = []  # the one submission whose modules are in this process


class Submission:
    """A submission's folder on the import path; its modules are imported singly.

    Its packages (`packages`: folder names) exist for the importer whether or not their
    `__init__.py` is there or works.  With `itself`, the root is the one package, under these names,
    and is not on the import path.  A second Submission in the same process replaces the first.
    """

    def __init__(self, root: str, packages: Sequence[str] = (), itself: Sequence[str] = ()) -> None:
        for previous in _current:
            previous.forget()
        _current[:] = [self]
        self.root = os.path.abspath(root)
        self.folder = listing(self.root)
        self.notes: list[str] = []
        self.added: list[str] = []
        self.finder: Finder | None = None
        self.packages: dict[str, str] = {}
        sys.dont_write_bytecode = True
        os.environ.setdefault("MPLBACKEND", "Agg")
        importlib.invalidate_caches()
        self.prefix = itself[0] + "." if itself else ""
        for name in itself:
            self._open_package(name, self.root)
        if not itself:
            self._extend_path(self.root, first=True)
        for wanted in packages:
            found = named(self.folder.folders, wanted)
            if found is not None and found not in self.packages:
                if found != wanted:
                    self.notes.append(f"the folder {wanted}/ is named {found}/")
                self._open_package(found, os.path.join(self.root, found))

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
        if self.finder is not None:
            sys.meta_path.remove(self.finder)

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

    def use_light_helpers(self, path: str) -> None:
        """Import this file without the libraries that only its data loaders need."""
        self.finder = Finder(path)
        sys.meta_path.insert(0, self.finder)

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
        cause = f"{type(error).__name__}: {text_of(error)}"
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
        parent, base = os.path.split(self.root)
        if "beyond top-level package" in str(error) and base.isidentifier():
            self._extend_path(parent)
            self.notes.append(f"{shown} needs the folder above the submission on the import path")
            return f"{base}.{name}" if not name.startswith(base + ".") else None
        missing = (error.name or "").partition(".")[0]
        if not isinstance(error, ModuleNotFoundError) or not missing:
            return None
        if missing == base and parent not in self.added:
            self._extend_path(parent)
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

    def _open_package(self, name: str, path: str) -> None:
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


def star_import(path: str, package: str) -> bool:
    """Whether the file says `from package import *`."""
    with open(path, encoding="utf-8", errors="replace") as file:
        return (
            re.search(rf"^\s*from\s+{re.escape(package)}\s+import\s+\*", file.read(), re.M)
            is not None
        )


def numbered(error: SyntaxError) -> str:
    """What does not compile, after its line; null bytes have none."""
    return f"{'' if error.lineno is None else f'line {error.lineno}: '}{error.msg}"


def text_of(error: BaseException) -> str:
    """The message of any exception, on one line; never raises."""
    try:
        return " ".join(str(error).split())[:300]
    except BaseException:  # a submission's own exception may raise anything
        return "(its message cannot be shown)"


def defined(path: str, show: str, name: str) -> None:
    """Check, without importing, that a file compiles and defines the class; else LookupError."""
    with open(path, "rb") as file:
        source = file.read()
    try:
        tree = ast.parse(source, path)
    except SyntaxError as error:
        raise LookupError(f"{show} does not compile: {numbered(error)}") from error
    except ValueError as error:
        raise LookupError(f"{show} does not compile: {text_of(error)}") from error
    if not any(
        isinstance(n, ast.ClassDef) and plain(n.name) == plain(name) for n in ast.walk(tree)
    ):
        raise LookupError(f"{show} has no class {name}")


def plain(name: str) -> str:
    """A name without case and underscores: how students' spellings differ."""
    return name.replace("_", "").lower()


def class_in(module: types.ModuleType, name: str) -> Any:
    """The class of that name in a module, in the student's spelling; None if there is none."""
    found = getattr(module, name, None)
    if inspect.isclass(found):
        return found
    candidates: Iterator[Any] = (
        value
        for key, value in vars(module).items()
        if inspect.isclass(value) and plain(key) == plain(name)
    )
    return next(candidates, None)


def parameters(function: Any) -> list[inspect.Parameter]:
    """The parameters that a call may give by position; empty where Python cannot tell."""
    try:
        found = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    return [p for p in found if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
