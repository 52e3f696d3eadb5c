"""The course's own `Helpers.py`, imported without its plotting and data libraries."""

from __future__ import annotations

import ast
import importlib.machinery
import importlib.util
import os
import sys
import types
from collections.abc import Sequence
from typing import Any


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


class HelpersFinder:
    """A meta-path finder for one file: the submission's Helpers, under any name."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.stem = os.path.basename(path).removesuffix(".py")
        self.loaders: list[HelpersLoader] = []

    def left_out(self) -> list[str]:
        """The libraries that were not imported, in order."""
        return sorted({name for loader in self.loaders for name in loader.left_out})

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.rpartition(".")[2] != self.stem:
            return None
        if os.path.dirname(self.path) not in (sys.path if path is None else path):
            return None
        loader = HelpersLoader(fullname, self.path)
        self.loaders.append(loader)
        return importlib.util.spec_from_file_location(fullname, self.path, loader=loader)
