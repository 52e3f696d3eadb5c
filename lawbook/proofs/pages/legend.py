"""What each word of evidence means, in one sentence for readers, and the mark that stands before it."""

from __future__ import annotations

from lawbook.proofs.evidence import Word

FAMILIES = {
    Word.PROVED_FOR_EVERY_N: "proof",
    Word.PROVED: "proof",
    Word.PROVED_AT_SIZE: "proof",
    Word.EXACT: "numbers",
    Word.WITHIN_BOUND: "numbers",
    Word.ASSUMED: "assumed",
    Word.REFUTED: "refuted",
    Word.UNDECIDED: "undecided",
}
MARKS = {"proof": "✓", "numbers": "≈", "assumed": "∗", "refuted": "✗", "undecided": "?"}
MEANINGS = {
    Word.PROVED_FOR_EVERY_N: "shown by algebra with the size N as a symbol: for every size at once",
    Word.PROVED: "shown by algebra for all values of the names, under the conditions beside it",
    Word.PROVED_AT_SIZE: "shown by algebra for all values, at the size beside it and at no other",
    Word.EXACT: "both sides agree exactly at random points: overwhelming evidence, but no proof",
    Word.WITHIN_BOUND: "computations agree within the error that was computed for them",
    Word.ASSUMED: "taken for granted: what follows rests on it",
    Word.REFUTED: "false: the two sides differ at the point that is given",
    Word.UNDECIDED: "neither shown nor refuted; nothing is claimed",
}


def mark(word: Word) -> str:
    """The mark of a word."""
    return MARKS[FAMILIES[word]]
