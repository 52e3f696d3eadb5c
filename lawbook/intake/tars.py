"""Tar archives that are not trusted, plain or gzipped, read once from front to back.

The standard library's reader is not used beyond one header: it reads a whole name of any length at once,
and versions in use go round for ever in a malicious one (CVE-2025-8194).
Sources: POSIX.1-2024, pax interchange format; GNU tar manual, "Basic Tar Format".
"""

from __future__ import annotations

import os
import tarfile
import zlib
from collections.abc import Iterator
from typing import IO, Protocol

from lawbook.intake.entry import CHUNK, Entry, Kind
from lawbook.intake.hand_in import NotTaken

BLOCK = 512
MAX_ENTRIES = 100_000
MAX_EXTRA = 1 << 20  # bytes of a long name, or of the facts in a pax header
MAX_INFLATED = 1 << 30  # bytes that an archive may come to, with all that is left out
GZIP = b"\x1f\x8b"
FILES = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE)
LINKS = (tarfile.LNKTYPE, tarfile.SYMTYPE)
EMPTY = (*LINKS, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE)


def _truncated() -> NotTaken:
    return NotTaken("its archive ends too early: ask for it again")


class Readable(Protocol):
    """What is read from front to back."""

    def read(self, size: int, /) -> bytes:
        """At most so many bytes; fewer only at the end."""


class Inflated:
    """A gzipped file, unpacked as it is read: at most what is asked for is in memory."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._left = file, MAX_INFLATED
        self._engine, self._input = zlib.decompressobj(31), b""

    def read(self, size: int, /) -> bytes:
        """Raises NotTaken for a damaged file, or for one that comes to too much."""
        out = bytearray()
        while len(out) < size:
            if self._engine.eof:
                rest = self._engine.unused_data or self._file.read(CHUNK)
                if not rest.startswith(GZIP[: len(rest)]) or not rest:
                    break  # the end, or the padding of a tape
                self._engine, self._input = zlib.decompressobj(31), rest
            data = self._input or self._file.read(CHUNK)
            try:
                piece = self._engine.decompress(data, size - len(out))
            except zlib.error:
                raise NotTaken("its gzip archive is damaged: ask for it again") from None
            self._input = self._engine.unconsumed_tail
            if not data and not piece and not self._engine.eof:
                raise _truncated()
            out += piece
        self._left -= len(out)
        if self._left < 0:
            raise NotTaken(f"its archive unpacks to more than {MAX_INFLATED >> 30} GB")
        return bytes(out)


def whole(file: IO[bytes]) -> IO[bytes]:
    """A file from its begin; raises NotTaken where it is too large."""
    if file.seek(0, os.SEEK_END) > MAX_INFLATED:
        raise NotTaken(f"its archive is larger than {MAX_INFLATED >> 30} GB")
    file.seek(0)
    return file


def entries(stream: Readable) -> Iterator[Entry]:
    """The files, links and special files of a tar archive in its order.

    Raises NotTaken for an archive that is damaged or comes to too much.
    """
    facts: dict[str, str] = {}
    for count in range(2 * MAX_ENTRIES):
        block = stream.read(BLOCK)
        if not count and not block:
            raise _truncated()
        if not block.strip(b"\0"):
            return
        info = _header(block)
        size = 0 if info.type in EMPTY else info.size
        if info.type in (tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE):
            facts |= _facts(info.type, _extra(stream, size))
            continue
        if info.type == tarfile.GNUTYPE_SPARSE:
            extended = block[482]
            while extended:
                extended = _exactly(stream, BLOCK)[504]
        size = _number(facts.get("size", size))
        data = Data(stream, 0 if info.type in EMPTY else size)
        if info.type not in (tarfile.DIRTYPE, tarfile.GNUTYPE_LONGLINK, tarfile.XGLTYPE):
            sparse = any(fact.startswith("GNU.sparse") for fact in facts)
            kind = Kind.SPECIAL if sparse or info.type not in FILES + LINKS else Kind.FILE
            kind = Kind.LINK if info.type in LINKS else kind
            yield Entry(facts.get("path", info.name), kind, size, data.chunks)
        if info.type not in (tarfile.GNUTYPE_LONGLINK, tarfile.XGLTYPE):
            facts = {}
        data.skip()
    raise NotTaken("its tar archive has too many entries")


class Data:
    """The content of one entry in the stream, with the padding behind it."""

    def __init__(self, stream: Readable, size: int) -> None:
        self._stream, self._left, self._padding = stream, size, -size % BLOCK

    def chunks(self) -> Iterator[bytes]:
        """What is still to be read; raises NotTaken where the archive ends before."""
        while self._left:
            chunk = _exactly(self._stream, min(CHUNK, self._left))
            self._left -= len(chunk)
            yield chunk

    def skip(self) -> None:
        """Read on to the next header."""
        for _ in self.chunks():
            pass
        _exactly(self._stream, self._padding)


def _exactly(stream: Readable, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise _truncated()
    return data


def _header(block: bytes) -> tarfile.TarInfo:
    try:
        info = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except (tarfile.HeaderError, ValueError, OverflowError):
        raise NotTaken("its tar archive is damaged: ask for it again") from None
    _number(info.size)
    return info


def _number(size: int | str) -> int:
    try:
        number = int(size) if len(str(size)) < 20 else -1
    except ValueError:
        number = -1
    if number < 0:
        raise NotTaken("its tar archive is damaged: a size in it is no size")
    return number


def _extra(stream: Readable, size: int) -> bytes:
    if size > MAX_EXTRA:
        raise NotTaken("its tar archive has a name or header that is absurdly long")
    return _exactly(stream, size + -size % BLOCK)[:size]


def _facts(kind: bytes, data: bytes) -> dict[str, str]:
    """The path and size that a long name or a pax header tells of the entry behind it."""
    if kind == tarfile.GNUTYPE_LONGNAME:
        return {"path": data.split(b"\0")[0].decode("utf-8", "surrogateescape")}
    facts, start = {}, 0
    while start < len(data):
        length, space, _ = data[start : start + 20].partition(b" ")
        end = start + (int(length) if space and length.isdigit() else 0)
        if not start + len(length) < end <= len(data):
            raise NotTaken("its tar archive is damaged: a pax header in it is no list of facts")
        fact = data[start + len(length) + 1 : end - 1].decode("utf-8", "surrogateescape")
        key, _, value = fact.partition("=")
        facts[key], start = value, end
    return facts
