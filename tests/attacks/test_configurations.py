"""What the report says of layers that are switched off, and the attacks as an ordinary user."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from attacks.harness import CONFIGURATIONS, Arena

SYSTEM = "/usr/bin/python3"
USER = 4322  # nobody here has this number
HERE = Path(__file__).parent


@pytest.mark.parametrize(
    "arena", [name for name in CONFIGURATIONS if "only" not in name], indirect=True
)
def test_a_report_names_what_was_not_active(arena: Arena) -> None:
    """Every result says for each layer either that it was in force or why it was not."""
    for result in arena.witnesses:
        told = result["isolation"]
        missing = {entry["layer"]: entry["reason"] for entry in told["not_active"]}
        assert {
            name for name, reason in missing.items() if reason == "switched off"
        } == arena.without
        assert not arena.without & set(told["layers"])
        assert all(missing.values())
        stops_nothing = {"full": (), "process": ("process",)}.get(arena.configuration)
        assert stops_nothing != () or told["level"] != "process"
        if {"landlock", "seccomp"} & arena.without == {"landlock", "seccomp"}:
            assert told["level"] in ("none", "process")


@pytest.mark.skipif(os.geteuid() != 0, reason="this is the ordinary user")
def test_attacks_as_an_ordinary_user() -> None:
    """The same under another user id, by an interpreter that everybody can read: see `test_isolation`."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    setpriv = shutil.which("setpriv")
    if setpriv is None or os.path.basename(os.path.realpath(SYSTEM)) != version:
        pytest.skip("there is no second interpreter of this version that everybody can read")
    with tempfile.TemporaryDirectory(prefix="attacks-user-") as name:
        place = Path(name)
        place.chmod(0o755)
        subprocess.run([SYSTEM, "-m", "venv", "--without-pip", str(place / "venv")], check=True)
        packages = place / "venv" / "lib" / version / "site-packages"
        packages.joinpath("borrowed.pth").write_text(
            f"{Path(np.__file__).parent.parent}\n{HERE.parent.parent}\n"
        )
        home = place / "home"
        home.mkdir()
        os.chown(home, USER, USER)
        done = subprocess.run(
            [
                *(setpriv, f"--reuid={USER}", f"--regid={USER}", "--clear-groups"),
                *(str(place / "venv" / "bin" / "python"), "-m", "pytest", "-p", "no:cacheprovider"),
                *(
                    f"--basetemp={home / 'tests'}",
                    str(HERE),
                    "-k",
                    "test_attack and not ordinary",
                    "--short-attacks",
                ),
            ],
            cwd=HERE.parent.parent,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(home),
                "TMPDIR": str(home),
                "PYTHONDONTWRITEBYTECODE": "1",
            },
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "100%" in done.stdout
