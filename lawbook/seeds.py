"""Seeds: what a submission is judged with can be repeated for an appeal, and by nobody foreseen.

The seed of a submission is HMAC-SHA256 of the course's secret and the digest of its files, 32 bits of
it.  Whoever hands in again gets other cases; the instructor, who has the secret, gets the same ones
again.  A law draws its cases from the seed together with the law's name.

Where nobody has seen results yet, and the secret is used for nothing else, some seeds do for a whole
class, so that the judge draws their cases once: what was handed in before cannot know them.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import dataclass
from pathlib import Path

LEAST = 16  # bytes of a secret that nobody can guess
MOST = 1 << 16
MADE = 32
LABEL, SHARED = b"lawbook seed 1", b"lawbook shared seed 1"
FAMILIES = 4


class BadSecret(Exception):
    """The file holds no secret; the message is one sentence for the user."""


@dataclass(frozen=True, eq=False, repr=False)
class Seeds:
    """The seeds of a run: one for all submissions, or from a secret: one for each, or `FAMILIES` in all."""

    secret: bytes = b""
    seed: int | None = None
    shared: bool = False

    def of(self, digest: str | None) -> int:
        """The seed of the submission with this digest, in [0, 2^32)."""
        if self.seed is not None:
            return self.seed
        found = self._derived(LABEL, (digest or "").encode())
        if self.shared:
            found = self._derived(SHARED, b"%d" % (found % FAMILIES))
        return found

    def _derived(self, label: bytes, what: bytes) -> int:
        found = hmac.new(self.secret, b"%b\0%b" % (label, what), hashlib.sha256)
        return int.from_bytes(found.digest()[:4], "little")

    @property
    def fingerprint(self) -> str:
        """Tells secrets apart and does not tell the secret; empty where all have the same seed."""
        if self.seed is not None:
            return ""
        return hmac.new(self.secret, b"lawbook fingerprint 1", hashlib.sha256).hexdigest()[:16]


def fresh() -> bytes:
    """A secret as it is kept in a file."""
    return os.urandom(MADE).hex().encode() + b"\n"


def read_secret(path: str | Path) -> bytes:
    """The secret in a file, without white space around it; raises BadSecret."""
    try:
        with open(path, "rb") as file:
            text = file.read(MOST + 1).strip()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BadSecret(f"{path}: the secret cannot be read: {reason}") from None
    if not LEAST <= len(text) <= MOST:
        raise BadSecret(f"{path}: a secret has {LEAST} to {MOST} bytes, this has {len(text)}")
    return text
