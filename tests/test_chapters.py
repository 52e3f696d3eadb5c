"""The chapters: a planted wrong step in place of any step is refuted.

The proofs themselves run as `pytest derivations`.
"""

from __future__ import annotations

import re

import pytest

from lawbook.proofs.chapters import Derivation, chapter, steps, topics
from lawbook.proofs.evidence import Word
from lawbook.proofs.text.chains import check

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
    assert count >= len(derivations)


@pytest.mark.parametrize("topic", topics())
def test_every_chapter_shows_a_classic_mistake(topic: str) -> None:
    found = [step for part in chapter(topic).parts for step in steps(part)]
    mistakes = [step for step in found if step.wanted == "refuted"]
    assert mistakes
    assert all(step.comment or step.says for step in mistakes)
