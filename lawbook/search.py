"""The search for a failing case: Hypothesis draws it, a law is a plain property of it."""

from __future__ import annotations

from contextlib import suppress
from random import Random
from typing import Any

from lawbook.domains import Case
from lawbook.laws import Law
from lawbook.shrinking import key_of
from lawbook.sources import Choice, HypothesisSource
from lawbook.trial import Failure, Trial


def strategy(law: Law) -> Any:
    """The law's domain as a Hypothesis strategy: a case and the choices that it was drawn from."""
    from hypothesis import strategies

    @strategies.composite
    def cases(draw: Any) -> tuple[Case, list[Choice]]:
        source = HypothesisSource(draw)
        return law.draw(source), source.choices

    return cases()


def searched(trial: Trial, examples: int) -> Failure | None:
    """The first failing case that Hypothesis finds; None where it finds none."""
    from hypothesis import HealthCheck, Phase, find, settings
    from hypothesis.errors import NoSuchExample

    failures: list[Failure] = []

    def fails(drawn: tuple[Case, list[Choice]]) -> bool:
        case, choices = drawn
        if failures:  # found; Hypothesis runs it again
            return key_of(case) == key_of(failures[0].case)
        status, outcome = trial.evaluate(case)
        if status != "pass":
            failures.append(Failure(status, case, outcome, choices))
        return status != "pass"

    profile = settings(
        database=None,
        phases=[Phase.generate],
        max_examples=examples,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    with suppress(NoSuchExample):
        find(strategy(trial.law), fails, settings=profile, random=Random(trial.seed))
    return failures[0] if failures else None
