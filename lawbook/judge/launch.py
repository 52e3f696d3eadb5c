"""How a zygote is started: its command, its environment, and bubblewrap around it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

WORKER = str(
    Path(__file__).parent.parent / "worker"
)  # not imported: the judge's NumPy loads meanwhile
ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "MPLBACKEND": "Agg",
    "PYTHONHASHSEED": "0",
    "PYTHONSAFEPATH": "1",  # this file's own folder stays off the worker's import path
}
# Imports the worker's package by its path, from Python's cache of its compiled form (or into it).
# Until it serves, little is garbage: to look for it would take as long as a tenth of the imports.
RUN = """
import gc, importlib.util, sys
gc.disable()
package = importlib.util.spec_from_file_location(
    "lawbook_worker", sys.argv[1] + "/__init__.py", submodule_search_locations=[sys.argv[1]])
sys.modules["lawbook_worker"] = importlib.util.module_from_spec(package)
from lawbook_worker.zygote import main
main()
"""
# No --die-with-parent: that is the death of the thread which started it; the zygote ends when its control
# socket is closed, and with it everything in its namespaces.
WRAPPED = (
    *("--unshare-net", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"),
    *("--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/run"),
)


def command(python: str, preload: Sequence[str], descriptor: int) -> list[str]:
    """The command of a zygote that serves on a control socket."""
    return [python, "-s", "-c", RUN, WORKER, ",".join(preload), str(descriptor)]


def bubblewrap(directory: Path, run: Sequence[str]) -> list[str]:
    """The command in namespaces of its own: all files to read, its directory to write.

    Raises LookupError with the reason where there is no bubblewrap.
    """
    if sys.platform != "linux":
        raise LookupError("bubblewrap is a program for Linux")
    program = shutil.which("bwrap")
    if program is None:
        raise LookupError("bubblewrap (bwrap) is not installed")
    place = str(directory)
    return [program, *WRAPPED, "--bind", place, place, "--chdir", place, "--", *run]
