"""File names for results: made of the hand-in's name, which is hostile, unique and short."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

LONGEST = 80  # bytes
HASHED = re.compile(r"-[0-9a-f]{8}$")  # what looks like a name with its hash gets one of its own


def slugs(names: Sequence[str]) -> dict[str, str]:
    """A plain file name, without its extension, for each of the names, which are unique.

    Letters of any script stay. What had to be changed, or differs from another one in case alone, gets a
    part of its hash, so that no two are the same on any file system.
    """
    plain = {name: _plain(name) for name in names}
    taken = Counter(map(_folded, plain.values()))

    def is_free(name: str, slug: str) -> bool:
        return slug == name and taken[_folded(slug)] == 1 and not HASHED.search(slug)

    return {
        name: slug if is_free(name, slug) else f"{slug}-{_hash(name)}"
        for name, slug in plain.items()
    }


def _folded(slug: str) -> str:
    return unicodedata.normalize("NFC", slug).casefold()


def _plain(name: str) -> str:
    slug = re.sub(r"[^\w.+-]+", "_", name).strip("._") or "hand-in"
    return slug.encode()[:LONGEST].decode(errors="ignore")


def _hash(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
