"""An interpreter that any user can run, for the tests that run as an ordinary one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from lawbook.worker.user import readable_by_others

ROOT = Path(__file__).parent.parent
SYSTEM = shutil.which("python3", path="/usr/local/bin:/usr/bin:/bin") or ""


@contextmanager
def open_place() -> Iterator[tuple[Path, str]]:
    """A folder that everybody can enter, and an interpreter in it that has this one's packages and Lawbook.

    Skips the test where this user is no root, or there is nothing that others can read.
    """
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = Path(np.__file__).parent.parent
    if os.geteuid() != 0:
        pytest.skip("it takes another user id")
    if os.path.basename(os.path.realpath(SYSTEM)) != version:
        pytest.skip("there is no second interpreter of this version that everybody can read")
    if not (readable_by_others(str(packages)) and readable_by_others(str(ROOT))):
        pytest.skip(
            "the packages of this interpreter, or the tests, can be read by this user alone"
        )
    with tempfile.TemporaryDirectory(prefix="lawbook-user-") as name:
        place = Path(name)
        place.chmod(0o755)
        subprocess.run([SYSTEM, "-m", "venv", "--without-pip", str(place / "venv")], check=True)
        borrowed = place / "venv" / "lib" / version / "site-packages" / "borrowed.pth"
        borrowed.write_text(f"{packages}\n{ROOT}\n")
        yield place, str(place / "venv" / "bin" / "python")


def pytest_as(user: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pytest in this repository under another user id."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("setpriv is not installed")
    with open_place() as (place, python):
        home = place / "home"
        home.mkdir()
        os.chown(home, user, user)
        ids = (f"--reuid={user}", f"--regid={user}", "--clear-groups")
        run = (python, "-m", "pytest", "-p", "no:cacheprovider", f"--basetemp={home / 'tests'}")
        own = {"HOME": str(home), "TMPDIR": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run(
            [setpriv, *ids, *run, *arguments],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **own},
            capture_output=True,
            text=True,
            check=False,
        )
