"""One thing met on the way through a folder or an archive, and what became of all those not taken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum

from lawbook.intake.names import shown

CHUNK = 1 << 18


class Kind(Enum):
    """What an entry is; folders are only on the way to files."""

    FILE = "file"
    LINK = "link"
    SPECIAL = "special"  # device, pipe, socket, sparse file


@dataclass
class Entry:
    """A name with slashes as it stood there, its kind and size, and its content in chunks.

    The content is to be read before the next entry is asked for; the size may be a lie.
    """

    path: str
    kind: Kind
    size: int
    chunks: Callable[[], Iterator[bytes]]


class Left(Enum):
    """Why something was not taken, as a note says it of one name, and of several."""

    LINK = ("it is a link", "they are links")
    SPECIAL = ("it is neither a file nor a folder", "they are neither files nor folders")
    FOREIGN = ("it is a hard link to somebody else's file", "they are hard links to others' files")
    UNSAFE = ("its name is not safe", "their names are not safe")
    CLASH = ("another one has that name", "others have those names")
    UNREADABLE = ("it may not be read", "they may not be read")
    LARGE = ("it is larger than source code is", "they are larger than source code is")
    MEDIA = ("it is an image or a document", "they are images or documents")
    COMPILED = ("it is compiled code", "they are compiled code")
    ENVIRONMENT = (
        "it is a repository's or environment's",
        "they are repositories' or environments'",
    )
    ARCHIVE = (
        "it is an archive beside or within the work",
        "they are archives beside or within it",
    )
    LFS = ("it is a Git LFS pointer, not the file", "they are Git LFS pointers, not the files")

    def sentence(self, count: int, example: str) -> str:
        """The note."""
        if count == 1:
            return f"left out {example!r}: {self.value[0]}"
        return f"left out {count} such as {example!r}: {self.value[1]}"


class Leave(Exception):
    """A file is to be left out, as its content shows."""

    def __init__(self, why: Left) -> None:
        super().__init__(why.name)
        self.why = why


@dataclass
class Leftovers:
    """What was not taken: how often for each reason, with the first name."""

    count: dict[Left, int] = field(default_factory=dict)
    example: dict[Left, str] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)

    def add(self, why: Left, path: str) -> None:
        """One more that was not taken."""
        self.count[why] = self.count.get(why, 0) + 1
        if why not in self.example or path < self.example[why]:
            self.example[why] = path

    def add_folder(self, path: str) -> None:
        """A folder that is left out with all below it; it counts once."""
        if path not in self.folders:
            self.folders.add(path)
            self.add(Left.ENVIRONMENT, path)

    def notes(self) -> tuple[str, ...]:
        """One sentence for each reason that occurred."""
        return tuple(
            why.sentence(self.count[why], shown(self.example[why], 60))
            for why in Left
            if why in self.count
        )
