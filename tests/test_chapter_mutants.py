"""Every chapter's proofs are able to fail: mutants of the reference functions that its gradients name."""

from __future__ import annotations

import pytest
from mutants import tally

from lawbook.proofs.chapters import chapter, topics
from lawbook.proofs.gradients import Gradient

GRADIENTS = {
    f"{topic}: {part.title}": part
    for topic in topics()
    for part in chapter(topic).parts
    if isinstance(part, Gradient)
}


@pytest.mark.parametrize("name", [name for name, g in GRADIENTS.items() if g.mutate])
def test_mutants_are_rejected_or_equivalent(name: str) -> None:
    found = tally(GRADIENTS[name])
    assert found.survivors == ()
    assert found.refuted + found.undecided > 0


def test_every_gradient_names_what_may_be_mutated() -> None:
    assert [name for name, gradient in GRADIENTS.items() if not gradient.mutate] == []
