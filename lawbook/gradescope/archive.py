"""The archive: everything that Gradescope needs, the same bytes for the same contents."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from lawbook.profiles import COURSES

ROOT = Path(__file__).parent.parent.parent
PACKAGES = ("lawbook", "reference", "properties", "mistakes", "derivations")
LEFT_OUT = frozenset({"__pycache__"})
KINDS = frozenset({".py", ".json", ".css", ".js", ".html", ".sh", ".toml", ".txt", ".typed", ""})
DATE = (1980, 1, 1, 0, 0, 0)  # the earliest a ZIP archive knows
DEPENDENCIES = ("numpy>=2", "hypothesis>=6.150", "rich>=13")
STUDY = "sympy>=1.13"  # what chapters are made with
DISTRIBUTIONS = {
    "sklearn": "scikit-learn",
    "skimage": "scikit-image",
    "cv2": "opencv-python-headless",
}
SYSTEM = ("python3", "python3-venv", "python3-pip", "ca-certificates")
TORCH = "--extra-index-url https://download.pytorch.org/whl/cpu"


@dataclass(frozen=True)
class Contents:
    """What an archive is made for; `adapter` is the file of a course that Lawbook does not know."""

    course: str
    profile: str | None
    rubric: bytes
    total: float
    secret: bytes
    seconds: int
    isolation: str | None = None
    adapter: Path | None = None
    study: bool = False
    bubblewrap: bool = False


def archive(contents: Contents) -> bytes:
    """The bytes of the archive; raises OSError where a file of ours cannot be read."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as zipped:
        for name, (data, mode) in sorted(_members(contents).items()):
            entry = zipfile.ZipInfo(name, DATE)
            entry.create_system = 3  # Unix, so that the modes are meant
            entry.external_attr = (0o100000 | mode) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            zipped.writestr(entry, data, compresslevel=9)
    return stream.getvalue()


def _members(contents: Contents) -> dict[str, tuple[bytes, int]]:
    """Files of the archive: their contents and modes."""
    own = files(__package__)
    found = {
        "setup.sh": (own.joinpath("setup.sh").read_bytes(), 0o755),
        "run_autograder": (own.joinpath("run_autograder").read_bytes(), 0o755),
        "start.py": (own.joinpath("start.py").read_bytes(), 0o644),
        "requirements.txt": (_lines(requirements(contents)), 0o644),
        "packages.txt": (_lines(_system(contents)), 0o644),
        "adapter/README": (b"The adapter of a course that Lawbook does not know.\n", 0o644),
        "private/config.json": (_config(contents), 0o600),
        "private/rubric.toml": (contents.rubric, 0o600),
        "private/secret": (contents.secret, 0o600),
        "private/seconds": (b"%d\n" % contents.seconds, 0o600),
    }
    if contents.adapter:
        found[f"adapter/{contents.adapter.name}"] = (contents.adapter.read_bytes(), 0o644)
    for path in _source():
        found[f"src/{path.relative_to(ROOT).as_posix()}"] = (path.read_bytes(), 0o644)
    return found


def _source() -> Iterator[Path]:
    """The files of our packages."""
    for package in PACKAGES:
        for folder, folders, names in os.walk(ROOT / package):
            folders[:] = sorted(set(folders) - LEFT_OUT)
            for name in sorted(names):
                if Path(name).suffix in KINDS and not name.startswith("."):
                    yield Path(folder, name)


def requirements(contents: Contents) -> list[str]:
    """What pip installs: what Lawbook needs, and what submissions to the course may import."""
    course = COURSES.get(contents.course)
    allowed = sorted(course.imports) if course else []
    lines = [*DEPENDENCIES, *([STUDY] if contents.study else [])]
    lines += [DISTRIBUTIONS.get(name, name) for name in allowed]
    return [TORCH, *lines] if "torch" in allowed else lines


def _system(contents: Contents) -> list[str]:
    return [*SYSTEM, *(["bubblewrap"] if contents.bubblewrap else [])]


def _config(contents: Contents) -> bytes:
    said: Mapping[str, Any] = {
        "course": contents.course,
        "profile": contents.profile,
        "adapter": contents.adapter.name if contents.adapter else None,
        "isolation": contents.isolation,
        "total": contents.total,
    }
    return (json.dumps(said, indent=1, sort_keys=True) + "\n").encode()


def _lines(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()
