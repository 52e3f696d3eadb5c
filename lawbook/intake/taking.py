"""Taking in a hand-in: its files, copied into a folder of ours.

What is taken: regular files with safe names, up to bounds that no honest work comes near.  What is left
out, with a note: links, special files, hard links to files of others, data, images, compiled code,
repositories and environments.  An archive in the place of the work is unpacked, one level deep.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import IO

from lawbook.intake import archives, folders
from lawbook.intake.entry import Entry, Kind, Leave, Left
from lawbook.intake.hand_in import HandIn, NotTaken, TakenIn
from lawbook.intake.kinds import NOTEBOOK
from lawbook.intake.names import (
    COMPILED,
    ENVIRONMENTS,
    MEDIA,
    PYTHON,
    Unsafe,
    ending,
    is_litter,
    parts_of,
    safe,
    shown,
    stem,
)
from lawbook.intake.store import MAX_BYTES, Store, most, not_written

IN_MEMORY = 4 << 20  # bytes of an archive within; a larger one is kept on the disk meanwhile


def take_in(hand_in: HandIn, into: Path) -> TakenIn:
    """Copy what was handed in into the empty folder `into`, which becomes readable for everybody.

    The copy lies in a folder of the hand-in's own name, which some work imports itself by.  Raises
    NotTaken where nothing of it can be taken in, or only a part; what was copied until then stays.
    """
    try:
        os.chmod(into, 0o755)
        store = Store(into / _root_name(hand_in))
        taking = Taking(store, parts_of(hand_in.inside))
        with closing(taking), folders.opened(hand_in.source, hand_in.base) as at:
            if stat.S_ISDIR(os.fstat(at).st_mode):
                taking.take(folders.entries(at, store.left))
            elif ending(hand_in.source.name) in PYTHON:
                name = hand_in.source.name
                taking.take(iter([Entry(name, Kind.FILE, 0, lambda: folders.chunks(at))]))
            elif ending(hand_in.source.name) == NOTEBOOK:
                raise NotTaken("it is a notebook, which is not read here: ask for the .py files")
            else:
                with os.fdopen(os.dup(at), "rb") as file:
                    taking.take(archives.entries(file))
            taking.unpack()
    except OSError as error:
        raise not_written(error) from None
    notes = store.left.notes()
    if not store.digests:
        why = f": {notes[0]}" if notes else ": it is empty"
        raise NotTaken(f"there is no file in it that could be judged{why}")
    return TakenIn(store.root, store.digest(), notes)


def _root_name(hand_in: HandIn) -> str:
    name = hand_in.inside.rpartition("/")[2] or hand_in.source.name
    try:
        return safe(name if hand_in.source.is_dir() else stem(name)) or "hand_in"
    except Unsafe:
        return "hand_in"


class Taking:
    """One hand-in on its way into the store, with the archives found in it.

    Of an archive of a class, `inside` are the names that lead to the hand-in.
    """

    def __init__(self, store: Store, inside: tuple[str, ...] = ()) -> None:
        self.store, self._inside = store, inside
        self._archives: list[tuple[tuple[str, ...], IO[bytes]]] = []
        self._unread = ""  # an archive that is not read here

    def take(
        self, entries: Iterable[Entry], above: tuple[str, ...] = (), nested: bool = True
    ) -> None:
        """Take in every entry, below the folder `above`; archives are kept for later where `nested`."""
        for entry in entries:
            parts = self._place(entry)
            if not parts:
                continue
            why = _reason(parts[-1], entry)
            if why is Left.ARCHIVE and archives.is_other_archive(parts[-1]):
                self._unread = self._unread or parts[-1]
            elif why is Left.ARCHIVE and nested and not self.store.python:
                self._keep(parts, entry)
                continue
            if why is not None:
                self.store.left.add(why, entry.path)
                continue
            self.store.put((*above, *parts), entry)

    def _place(self, entry: Entry) -> tuple[str, ...]:
        """The safe names along its path below the hand-in; none where it is not of it, or litter."""
        try:
            parts = parts_of(entry.path)
        except Unsafe:
            self.store.left.add(Left.UNSAFE, entry.path)
            return ()
        inside = len(self._inside)
        if parts[:inside] != self._inside:
            return ()
        for place, folder in enumerate(parts[:-1]):
            if folder in ENVIRONMENTS:
                self.store.left.add_folder("/".join(parts[: place + 1]))
                return ()
        if any(map(is_litter, parts)):
            return ()
        return parts[inside:] or parts[-1:]

    def _keep(self, parts: tuple[str, ...], entry: Entry) -> None:
        """Copy an archive, in case the work is in it."""
        import tempfile  # here, for most runs meet no archive

        kept = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - `close` ends it
        self._archives.append((parts, kept))
        try:
            for chunk in entry.chunks():
                kept.write(chunk)
                if kept.tell() > MAX_BYTES:
                    raise Leave(Left.LARGE)
        except Leave as reason:
            self._archives.pop()
            kept.close()
            self.store.left.add(reason.why, entry.path)

    def unpack(self) -> None:
        """Take in the archives that were found, where the work must be in them; several get a folder each.

        Raises NotTaken where it is in an archive that is not read here.
        """
        alone = len(self._archives) == 1
        beside = self.store.python
        for parts, kept in self._archives:
            if beside:
                self.store.left.add(Left.ARCHIVE, "/".join(parts))
                continue
            kept.seek(0)
            above = parts[:-1] if alone else (*parts[:-1], stem(parts[-1]))
            Taking(self.store).take(archives.entries(kept), above, nested=False)
        if self._unread and not self.store.python:
            name = shown(self._unread, 60)
            raise NotTaken(f"the work is in {name!r}, which is not read here: ask for a .zip")

    def close(self) -> None:
        """Let go of the archives."""
        for _, kept in self._archives:
            kept.close()


def _reason(name: str, entry: Entry) -> Left | None:
    """Why an entry is left out, or kept for later, as its name, kind and size tell."""
    if entry.kind is not Kind.FILE:
        return Left.LINK if entry.kind is Kind.LINK else Left.SPECIAL
    if ending(name) in MEDIA:
        return Left.MEDIA
    if ending(name) in COMPILED:
        return Left.COMPILED
    archive = archives.is_archive(name) or archives.is_other_archive(name)
    if archive and entry.size <= MAX_BYTES:
        return Left.ARCHIVE
    return Left.LARGE if entry.size > most(name) else None
