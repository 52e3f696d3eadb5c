"""Archives of any kind: told by their first bytes, read entry by entry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from lawbook.intake.entry import Entry
from lawbook.intake.hand_in import NotTaken
from lawbook.intake.names import ARCHIVES, OTHER_ARCHIVES

HEAD = 512  # bytes that tell the kind
ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
GZIP = b"\x1f\x8b"
OTHERS = {
    b"Rar!\x1a\x07": "a RAR",
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip",
    b"\xfd7zXZ\x00": "an xz",
    b"BZh": "a bzip2",
}


def is_archive(name: str) -> bool:
    """Whether a file of this name is to be an archive that is read here."""
    return name.lower().endswith(ARCHIVES)


def is_other_archive(name: str) -> bool:
    """Whether a file of this name is to be an archive that is not read here."""
    return not is_archive(name) and name.lower().endswith(OTHER_ARCHIVES)


def entries(file: IO[bytes]) -> Iterator[Entry]:
    """The files in an archive, whatever the name of it; raises NotTaken where it is none, or damaged."""
    head = file.read(HEAD)
    file.seek(0)
    if head.startswith(ZIP):
        from lawbook.intake import zips  # here, for most runs meet no archive

        return zips.entries(file)
    if head.startswith(GZIP) or head[257:262] == b"ustar":
        from lawbook.intake import tars

        return tars.entries(tars.Inflated(file) if head.startswith(GZIP) else tars.whole(file))
    for magic, kind in OTHERS.items():
        if head.startswith(magic):
            raise NotTaken(f"it is {kind} archive, which is not read here: ask for a .zip")
    if not head:
        raise NotTaken("its archive is empty: ask for it again")
    raise NotTaken("its archive is neither a zip nor a tar, or damaged: ask for it again")
