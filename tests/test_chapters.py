"""The chapters: a planted wrong step in place of any step is refuted.

The proofs themselves run as `pytest derivations`.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lawbook.proofs.chapters import Derivation, chapter, topics
from lawbook.proofs.evidence import Word
from lawbook.proofs.text.chains import check
from lawbook.proofs.text.reading import read
from lawbook.proofs.text.statements import Follows

EQUAL = re.compile(r"^= (?P<line>[^#]*[^#\s])\s*(#.*)?$")


def planted(text: str) -> str:
    """The text with "is not 1 more than that" before every line that follows: true, so refutable."""
    lines = []
    for line in text.splitlines():
        found = EQUAL.match(line)
        if found:
            lines.append(f"!= ({found['line']}) + 1")
        lines.append(line)
    return "\n".join(lines)


@pytest.mark.parametrize("topic", topics())
def test_a_wrong_step_in_place_of_any_step_is_refuted_at_a_point(topic: str) -> None:
    derivations = [part for part in chapter(topic).parts if isinstance(part, Derivation)]
    count = 0
    for part in derivations:
        for line in check(planted(part.text), code=part.code):
            if line.kind != "unequal":
                continue
            count += 1
            assert line.decision is not None
            assert line.decision.word is Word.REFUTED, f"{line.text}: {line.decision.sentence}"
            assert line.decision.expected != line.decision.got, line.text
    lines = [line for part in derivations for line in read(part.text, part.code)]
    signs = [line.what.sign for line in lines if isinstance(line.what, Follows)]
    assert count == signs.count("=") + signs.count("!=")
    assert "!=" in signs, "a chapter shows a classic mistake"


def test_the_errata_of_the_chapters_are_listed() -> None:
    """What a chapter settles of the decks' errata stands in its row of ERRATA.md, and the other way round."""
    table = (Path(__file__).parent.parent / "derivations" / "ERRATA.md").read_text()
    rows = [line.split(" | ") for line in table.splitlines() if re.match(r"\| E\d\d ", line)]
    listed = {
        (row[0].strip("| "), topic)
        for row in rows
        for topic in row[-1].strip("| ").split(", ")
        if topic
    }
    settled = {(e, topic) for topic in topics() for p in chapter(topic).parts for e in p.errata}
    assert listed == settled
