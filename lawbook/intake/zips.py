"""Zip archives that are not trusted: their entries, one by one, with every lie found out.

Sources: PKWARE, APPNOTE.TXT 6.3.10 (the format); D. Fifield, "A better zip bomb", WOOT 2019 (entries
that overlap).
"""

from __future__ import annotations

import itertools
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import IO

from lawbook.intake.entry import CHUNK, Entry, Kind
from lawbook.intake.hand_in import NotTaken

MAX_DIRECTORY = 16 << 20  # bytes of the table of entries
MAX_ENTRIES = 100_000
LOCAL_HEADER = 30  # bytes before an entry's name
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the others expand without a bound on memory
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,  # also bytes that are no UTF-8, and negative offsets
    NotImplementedError,
    OverflowError,
)


class Short:
    """A file of which nobody reads more than a table of entries at once."""

    def __init__(self, file: IO[bytes]) -> None:
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable
        self._read = file.read

    def read(self, size: int = -1) -> bytes:
        """As of a file; raises NotTaken for a size that no honest archive asks for."""
        if size > MAX_DIRECTORY:
            raise NotTaken("its zip archive has too many entries")
        return self._read(size if size >= 0 else MAX_DIRECTORY)


def entries(file: IO[bytes]) -> Iterator[Entry]:
    """The files of a zip archive in the order of its table; folders are only on the way to them.

    Raises NotTaken for an archive that is damaged, locked, or a bomb.
    """
    try:
        archive = zipfile.ZipFile(Short(file))
    except BROKEN as error:
        raise damaged(error) from None
    infos = archive.infolist()
    if len(infos) > MAX_ENTRIES:
        raise NotTaken("its zip archive has too many entries")
    _refuse_overlaps(infos)
    for info in infos:
        path = path_of(info)
        if path.endswith("/"):
            continue
        yield Entry(path, _kind(info), info.file_size, _content(archive, info))


def _refuse_overlaps(infos: list[zipfile.ZipInfo]) -> None:
    """Honest entries lie one after the other; those of a bomb share their bytes."""
    spans = sorted(
        (info.header_offset, info.header_offset + LOCAL_HEADER + info.compress_size)
        for info in infos
    )
    if any(start < end for (_, end), (start, _) in itertools.pairwise(spans)):
        raise NotTaken("its zip archive is a bomb: entries in it share their bytes")


def path_of(info: zipfile.ZipInfo) -> str:
    """The name of an entry with slashes.

    Without the flag for UTF-8 it is still UTF-8 where that fits (macOS), else code page 437; old Windows
    programs write backslashes.
    """
    name = info.orig_filename
    if not info.flag_bits & 0x800 and not name.isascii():
        with suppress(UnicodeError):
            name = name.encode("cp437").decode()
    return name.replace("\\", "/")


def _kind(info: zipfile.ZipInfo) -> Kind:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind in (0, stat.S_IFREG):
        return Kind.FILE
    return Kind.LINK if kind == stat.S_IFLNK else Kind.SPECIAL


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], Iterator[bytes]]:
    def chunks() -> Iterator[bytes]:
        if info.flag_bits & 0x41:
            raise NotTaken("its zip archive is locked with a password: ask for one without")
        if info.compress_type not in METHODS:
            raise NotTaken("its zip archive is packed in an unusual way: ask for an ordinary one")
        try:
            with archive.open(info) as file:
                while chunk := file.read(CHUNK):
                    yield chunk
        except BROKEN as error:
            raise damaged(error) from None

    return chunks


def damaged(error: Exception) -> NotTaken:
    """An archive that cannot be read to its end."""
    return NotTaken(f"its archive is damaged ({type(error).__name__}): ask for it again")
