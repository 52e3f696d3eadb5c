"""Our copy of a hand-in: plain files and folders that anybody may read, within bounds."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from lawbook.intake.entry import Entry, Leave, Left, Leftovers
from lawbook.intake.hand_in import NotTaken
from lawbook.intake.names import PYTHON, ending

MAX_BYTES = 64 << 20  # of all files that are taken in
MAX_FILES = 20_000
MAX_SOURCE = 4 << 20  # bytes of one Python file
MAX_OTHER = 1 << 20  # bytes of any other file: larger ones are data
LFS_POINTER = b"version https://git-lfs.github.com/spec/"
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW


def most(name: str) -> int:
    """The most bytes that a file of this name may have."""
    return MAX_SOURCE if ending(name) in PYTHON else MAX_OTHER


class Store:
    """The folder `root`, new, with what was put into it and what was left out.

    Folders have the mode 0755 and files 0644, whatever they had: another user is to read them.
    Names that differ in case alone are different, as they are where Python imports them, unless the file
    system says otherwise; then the first one stays.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.left = Leftovers()
        self.digests: dict[str, bytes] = {}  # by path with slashes
        self.bytes = 0
        self.python = False  # whether there is a Python file
        self._folders: dict[tuple[str, ...], bool] = {(): True}  # whether it could be made
        os.mkdir(root)
        os.chmod(root, 0o755)

    def put(self, parts: tuple[str, ...], entry: Entry) -> None:
        """Write the content of an entry; raises NotTaken where all of it becomes too much."""
        path = "/".join(parts)
        if not self._folder(parts[:-1]):
            self.left.add(Left.CLASH, path)
            return
        target = os.path.join(self.root, *parts)
        try:
            file = os.open(target, _NEW, 0o644)
        except (
            FileExistsError
        ):  # twice, a folder of that name, or a file system that ignores the case
            self.left.add(Left.CLASH, path)
            return
        except OSError as error:
            raise not_written(error) from None
        try:
            sha, size = self._write(file, entry.chunks(), most(parts[-1]))
        except Leave as reason:
            os.unlink(target)
            self.left.add(reason.why, path)
            return
        finally:
            os.close(file)
        self.bytes += size
        self.digests[path] = sha
        self.python = self.python or ending(path) in PYTHON
        if len(self.digests) > MAX_FILES:
            raise NotTaken(f"it has more than {MAX_FILES} files besides data and environments")

    def _write(self, file: int, chunks: Iterator[bytes], most: int) -> tuple[bytes, int]:
        """The digest and the number of bytes written; raises Leave where the file is to be left out."""
        sha, size = hashlib.sha256(), 0
        for chunk in chunks:
            if not size and chunk.startswith(LFS_POINTER):
                raise Leave(Left.LFS)
            size += len(chunk)
            if size > most:
                raise Leave(Left.LARGE)
            if self.bytes + size > MAX_BYTES:
                raise NotTaken(f"it has more than {MAX_BYTES >> 20} MB of files besides large data")
            sha.update(chunk)
            try:
                written = os.write(file, chunk)
            except OSError as error:
                raise not_written(error) from None
            if written < len(chunk):
                raise NotTaken("the copy could not be written: the disk is full", ours=True)
        os.fchmod(file, 0o644)  # the process's mask may have taken rights away
        return sha.digest(), size

    def _folder(self, parts: tuple[str, ...]) -> bool:
        """Make a folder with those above it; false where a file has that name."""
        if parts in self._folders:
            return self._folders[parts]
        made = self._folder(parts[:-1])
        if made:
            path = os.path.join(self.root, *parts)
            try:
                os.mkdir(path)
                os.chmod(path, 0o755)
            except FileExistsError:
                made = False
            except OSError as error:
                raise not_written(error) from None
        self._folders[parts] = made
        return made

    def digest(self) -> str:
        """SHA-256 over the sorted names and contents, in hex."""
        sha = hashlib.sha256()
        for path in sorted(self.digests):
            name = path.encode()
            sha.update(len(name).to_bytes(4, "big") + name + self.digests[path])
        return sha.hexdigest()


def not_written(error: OSError) -> NotTaken:
    """Our own disk's trouble."""
    return NotTaken(f"the copy could not be written: {error.strerror}", ours=True)
