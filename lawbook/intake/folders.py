"""A folder that is not trusted: walked by descriptors, so that no link is followed on the way."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from lawbook.intake.entry import CHUNK, Entry, Kind, Leave, Left, Leftovers
from lawbook.intake.hand_in import NotTaken
from lawbook.intake.names import ENVIRONMENT_FILE, ENVIRONMENTS, MAX_DEPTH, is_litter, shown

MAX_ENTRIES = 100_000  # names looked at in one hand-in
_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
_BELOW = _FLAGS | os.O_NOFOLLOW


@contextmanager
def opened(source: Path, base: Path | None) -> Iterator[int]:
    """A descriptor of a regular file or a folder; no link below `base` is followed to it.

    Raises NotTaken where it is a link or something else, or cannot be opened.
    """
    name = shown(source.name)
    below = source.relative_to(base).parts if base else ()
    at = None
    try:
        at = _open_plain(str(base or source), None, name)
        for part in below:
            inner = _open_plain(part, at, name)
            os.close(at)
            at = inner
        yield at
    finally:
        if at is not None:
            os.close(at)


def _open_plain(path: str, at: int | None, name: str) -> int:
    try:
        status = os.stat(path, dir_fd=at, follow_symlinks=at is None)
        if stat.S_ISLNK(status.st_mode):
            raise NotTaken(f"{name} is a link, and links are not followed: give what it links to")
        if not stat.S_ISDIR(status.st_mode) and not stat.S_ISREG(status.st_mode):
            raise NotTaken(f"{name} is neither a file nor a folder")
        return os.open(path, _FLAGS if at is None else _BELOW, dir_fd=at)
    except OSError as error:
        raise NotTaken(f"{name} could not be opened: {error.strerror}", ours=True) from None


def entries(folder: int, left: Leftovers) -> Iterator[Entry]:
    """What lies below the folder, in the order of names, files before folders; litter is passed by.

    Raises NotTaken where there is too much of it.
    """
    owner, budget = os.fstat(folder).st_uid, [MAX_ENTRIES]
    return _below(folder, "", 0, owner, budget, left)


def _below(
    folder: int, prefix: str, depth: int, owner: int, budget: list[int], left: Leftovers
) -> Iterator[Entry]:
    folders = []
    for one in _listing(folder, budget):
        path = prefix + one.name
        if one.is_dir(follow_symlinks=False):
            folders.append(one.name)
        elif one.is_symlink():
            yield Entry(path, Kind.LINK, 0, _nothing)
        elif one.is_file(follow_symlinks=False):
            yield Entry(path, Kind.FILE, _size(one), _content(folder, one.name, owner))
        else:
            yield Entry(path, Kind.SPECIAL, 0, _nothing)
    for name in folders:
        path = prefix + name
        if name in ENVIRONMENTS:
            left.add_folder(path)
            continue
        if depth >= MAX_DEPTH:
            left.add(Left.UNSAFE, path)
            continue
        try:
            inner = os.open(name, _BELOW | os.O_DIRECTORY, dir_fd=folder)
        except OSError as error:
            left.add(_why(error), path)
            continue
        try:
            if _is_environment(inner):
                left.add_folder(path)
            else:
                yield from _below(inner, path + "/", depth + 1, owner, budget, left)
        finally:
            os.close(inner)


def _listing(folder: int, budget: list[int]) -> list[os.DirEntry[str]]:
    """The entries of a folder by name, without litter; environments are still among them."""
    kept = []
    with os.scandir(folder) as found:
        for one in found:
            budget[0] -= 1
            if budget[0] < 0:
                raise NotTaken(f"it has more than {MAX_ENTRIES} files and folders")
            if one.name in ENVIRONMENTS or not is_litter(one.name):
                kept.append(one)
    return sorted(kept, key=lambda one: os.fsencode(one.name))


def _is_environment(folder: int) -> bool:
    try:
        os.stat(ENVIRONMENT_FILE, dir_fd=folder, follow_symlinks=False)
    except OSError:
        return False
    return True


def _why(error: OSError) -> Left:
    """Why something could not be opened: a folder that has become a link is none of the folders."""
    return Left.LINK if error.errno in (errno.ELOOP, errno.ENOTDIR) else Left.UNREADABLE


def _size(one: os.DirEntry[str]) -> int:
    try:
        return one.stat(follow_symlinks=False).st_size
    except OSError:  # gone meanwhile, as will be seen when it is opened
        return 0


def _nothing() -> Iterator[bytes]:
    return iter(())


def _content(folder: int, name: str, owner: int) -> Callable[[], Iterator[bytes]]:
    """The content of a regular file; its chunks raise Leave where it is none that we take.

    A file with several names is taken only if it belongs to the owner of the hand-in's folder: hard
    links in a copy made by rsync or `cp -l` do, a hard link to the reference solution does not.
    """

    def opening() -> Iterator[bytes]:
        try:
            file = os.open(name, _BELOW, dir_fd=folder)
        except OSError as error:
            raise Leave(_why(error)) from None
        try:
            status = os.fstat(file)
            if not stat.S_ISREG(status.st_mode):
                raise Leave(Left.SPECIAL)
            if status.st_nlink > 1 and status.st_uid != owner:
                raise Leave(Left.FOREIGN)
            yield from chunks(file)
        finally:
            os.close(file)

    return opening


def chunks(file: int) -> Iterator[bytes]:
    """What is still to be read of an open file; raises Leave where it cannot be."""
    while True:
        try:
            chunk = os.read(file, CHUNK)
        except OSError:
            raise Leave(Left.UNREADABLE) from None
        if not chunk:
            return
        yield chunk
