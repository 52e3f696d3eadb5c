"""A hand-in that was taken in as bytes, for another machine: its files alone, and no more than so many."""

from __future__ import annotations

import json
import os
from pathlib import Path

MOST_BYTES = 256 << 20  # the intake takes less in


class Unpackable(Exception):
    """These bytes are no packed hand-in, or it is too large for one; the message says why."""


def pack(root: Path) -> bytes:
    """The regular files below a folder, in order; links, which the intake leaves out, are none."""
    names: list[tuple[str, int]] = []
    parts: list[bytes] = []
    for folder, folders, files in os.walk(root):
        folders.sort()
        for file in sorted(files):
            path = Path(folder, file)
            if path.is_symlink() or not path.is_file():
                continue
            parts.append(path.read_bytes())
            names.append((path.relative_to(root).as_posix(), len(parts[-1])))
            if sum(size for _, size in names) > MOST_BYTES:
                raise Unpackable(f"it has more than {MOST_BYTES >> 20} MiB")
    head = json.dumps([root.name, names]).encode()
    return b"".join([len(head).to_bytes(8, "little"), head, *parts])


def unpack(data: bytes, into: Path) -> Path:
    """Write the files below an empty folder of ours; the copy's own folder in it."""
    end = 8 + int.from_bytes(data[:8], "little")
    try:
        name, names = json.loads(data[8:end])
        if end + sum(size for _, size in names) != len(data):
            raise ValueError("it is not complete")
        root = _below(into, name)
        root.mkdir()
        for path, size in names:
            file = _below(root, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data[end : end + size])
            end += size
    except (ValueError, TypeError, OSError) as error:
        raise Unpackable(f"it cannot be unpacked: {error}") from None
    into.chmod(0o755)
    return root


def _below(folder: Path, name: str) -> Path:
    """A path below the folder; ValueError for one that leads elsewhere."""
    parts = name.split("/")
    if not all(part and part not in (".", "..") and "\0" not in part for part in parts):
        raise ValueError(f"{name!r:.60} leads elsewhere")
    return folder.joinpath(*parts)
