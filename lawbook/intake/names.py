"""Names: which may become names of our own files, which are litter, and how any name is shown."""

from __future__ import annotations

import os
import re
import unicodedata

MAX_DEPTH = 32  # folders
MAX_NAME = 255  # bytes of one name, what file systems allow
MAX_PATH = 1024  # bytes
PYTHON = (".py",)
ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz")
OTHER_ARCHIVES = (
    ".rar",
    ".7z",
    ".tar.xz",
    ".txz",
    ".tar.bz2",
    ".tbz2",
    ".tbz",
    ".xz",
    ".bz2",
    ".gz",
)
PICTURES = {".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp", ".svg", ".ico"}
SOUNDS = {".mp3", ".mp4", ".avi", ".mov", ".mkv", ".wav"}
DOCUMENTS = {".pdf", ".ps", ".doc", ".docx", ".odt", ".ppt", ".pptx", ".xls", ".xlsx"}
MEDIA = frozenset(PICTURES | SOUNDS | DOCUMENTS)
COMPILED = frozenset(
    {".pyc", ".pyo", ".so", ".pyd", ".dll", ".dylib", ".exe", ".o", ".a", ".obj", ".lib"}
)
LITTER = frozenset({"__macosx", "__pycache__", "thumbs.db", "ehthumbs.db", "desktop.ini"})
ENVIRONMENTS = frozenset({".git", ".hg", ".svn", ".venv", "venv", "node_modules", "site-packages"})
ENVIRONMENT_FILE = "pyvenv.cfg"  # a folder with it is a virtual environment, whatever its name
DIRECTIONS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class Unsafe(ValueError):
    """A name that cannot be a name of ours; the message says why."""


def is_litter(name: str) -> bool:
    """Whether a name stands for something that nobody means to hand in: hidden, or of the system."""
    return name.startswith((".", "PaxHeader", "~$")) or name.lower() in LITTER


def parts_of(path: str) -> tuple[str, ...]:
    """The safe names along a path with slashes, in Unicode's form C; raises Unsafe.

    Form C, because macOS packs decomposed names that Python would not import.
    """
    if path.startswith("/"):
        raise Unsafe("is absolute")
    parts = tuple(safe(part) for part in path.split("/") if part not in ("", "."))
    if len(parts) > MAX_DEPTH:
        raise Unsafe(f"is more than {MAX_DEPTH} folders deep")
    if sum(len(part.encode()) + 1 for part in parts) > MAX_PATH:
        raise Unsafe(f"is longer than {MAX_PATH} bytes")
    return parts


def safe(name: str) -> str:
    """One name as ours; raises Unsafe for `..`, control characters, a drive, or too long a name.

    Bytes that are no UTF-8 are read as Latin-1, which is what they usually were.
    """
    if name.isascii() and name.isprintable() and len(name) <= MAX_NAME:
        if name == ".." or name[1:2] == ":":
            raise Unsafe("leads out of the hand-in")
        return name
    if any("\udc80" <= char <= "\udcff" for char in name):
        try:
            name = os.fsencode(name).decode("latin-1")
        except UnicodeEncodeError:
            raise Unsafe("is no text") from None
    name = unicodedata.normalize("NFC", name)
    if any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in name):
        raise Unsafe("holds control characters")
    if DIRECTIONS & set(name):
        raise Unsafe("holds characters that turn the direction of writing")
    if len(name.encode()) > MAX_NAME:
        raise Unsafe(f"is longer than {MAX_NAME} bytes")
    return name


def shown(name: str, width: int = 100) -> str:
    """Any name as printable text of bounded length, for messages and as the name of a hand-in."""
    text = name if len(name) <= width else name[: width - 2] + "…" + name[-1]
    text = "".join(
        char if char.isprintable() and char not in DIRECTIONS else "\N{REPLACEMENT CHARACTER}"
        for char in text
    )
    return text.strip() or "?"


def ending(name: str) -> str:
    """The last suffix of a name in lower case, with its dot; empty where there is none."""
    return os.path.splitext(name)[1].lower()


def stem(name: str) -> str:
    """A file's name without the ending that tells its kind: `.tar.gz` is one ending."""
    return re.sub(r"(?i)(\.tar)?\.[a-z0-9]{1,4}$", "", name) or name
