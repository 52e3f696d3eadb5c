"""What a worker needs to read: the standard library, NumPy, what they link to, and allowed packages."""

from __future__ import annotations

import importlib.util
import os
import re
import sys
from collections.abc import Iterable, Sequence

DEVICES = ("/dev/urandom", "/etc/localtime", "/etc/ld.so.cache")
NOT_NEEDED = frozenset(
    {"site-packages", "dist-packages", "test", "ensurepip", "idlelib", "turtledemo"}
)
# What extension modules of the standard library and of wheels link to, where a folder of libraries also
# holds packages and so cannot be opened as a whole.
LINKED = (
    *("libpython3", "libffi", "libssl", "libcrypto", "libz.", "libbz2", "liblzma", "libsqlite3"),
    *("libexpat", "libuuid", "libstdc++", "libgcc_s", "libgomp", "libgfortran", "libquadmath"),
    *("libopenblas", "libblas", "liblapack", "libmkl", "libm.", "libmvec", "libdl.", "librt."),
)
OTHER_NAMES = {  # import name -> name of the distribution, where they differ
    "sklearn": "scikit-learn", "skimage": "scikit-image", "PIL": "pillow", "cv2": "opencv-python",
    "past": "future", "yaml": "pyyaml",
}  # fmt: skip


class Packages:
    """Packages that may be imported: top-level names, and the files and folders they are made of."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.paths: list[str] = []


def standard_folder() -> str:
    """The folder of the standard library."""
    return os.path.realpath(os.path.dirname(os.__file__))  # sysconfig would take milliseconds


def site_folders() -> list[str]:
    """The folders on the import path that hold packages, not the standard library."""
    own = standard_folder()
    return [
        path
        for path in sys.path
        if path
        and os.path.realpath(path) not in (own, os.path.join(own, "lib-dynload"))
        and not path.endswith(".zip")
    ]


def interpreter() -> list[str]:
    """The standard library without the packages installed in it, the libraries in use, NumPy."""
    standard = standard_folder()
    paths = [
        os.path.join(standard, name)
        for name in os.listdir(standard)
        if name not in NOT_NEEDED and not name.startswith("config-")
    ]
    paths += [path for path in sys.path if path.endswith(".zip") and os.path.exists(path)]
    for folder in _folders_of_libraries():
        if any(name.startswith("python3") for name in os.listdir(folder)):
            paths += [
                os.path.join(folder, n)
                for n in os.listdir(folder)
                if n.startswith(LINKED) and ".so" in n
            ]
        else:
            paths.append(folder)
    return [*paths, *DEVICES, *packages(["numpy"]).paths]


def _folders_of_libraries() -> set[str]:
    """The system's folders that hold the shared libraries of this process."""
    inside = tuple(os.path.realpath(path) + os.sep for path in (standard_folder(), *site_folders()))
    try:
        with open("/proc/self/maps", encoding="utf-8", errors="replace") as file:
            lines = [line.split(maxsplit=5)[-1] for line in file if ".so" in line]
    except OSError:
        return set()
    folders = {os.path.realpath(one) for one in {os.path.dirname(path) for path in lines}}
    return {one for one in folders if os.path.isdir(one) and not (one + os.sep).startswith(inside)}


def packages(names: Iterable[str], dependencies: bool = False) -> Packages:
    """The packages of these names that are installed, with what they depend on if asked for."""
    found = Packages()
    for name in sorted(names):
        spec = (
            importlib.util.find_spec(name)
            if name not in sys.modules
            else sys.modules[name].__spec__
        )
        if spec is None:
            continue
        folders = list(spec.submodule_search_locations or ())
        found.names.add(name)
        found.paths += folders or [str(spec.origin)]
        for folder in folders:
            beside = os.path.join(os.path.dirname(folder), name + ".libs")
            found.paths += [beside] if os.path.isdir(beside) else []
    if dependencies and found.names:
        _add_dependencies(found)
    return found


def _add_dependencies(found: Packages) -> None:
    """Add what the distributions of these packages consist of, and those that they require."""
    from importlib import metadata

    waiting: Sequence[str] = [OTHER_NAMES.get(name, name) for name in found.names]
    seen: set[str] = set()
    while waiting:
        name, *waiting = waiting
        if name.lower() in seen:
            continue
        seen.add(name.lower())
        try:
            distribution = metadata.distribution(name)
        except (metadata.PackageNotFoundError, ValueError):
            continue
        folder = str(distribution.locate_file(""))
        for top in {line.split("/")[0].split(",")[0] for line in _record(distribution)}:
            if top not in ("..", "__pycache__", ""):
                found.paths.append(os.path.join(folder, top))
                found.names.add(top.split(".")[0])
        for line in distribution.requires or ():
            required = re.match(r"[A-Za-z0-9][-A-Za-z0-9._]*", line)
            if required and "extra ==" not in line:
                waiting.append(required.group())


def _record(distribution: object) -> list[str]:
    """The lines of the list of a distribution's files."""
    return (distribution.read_text("RECORD") or "").splitlines()  # type: ignore[attr-defined]
