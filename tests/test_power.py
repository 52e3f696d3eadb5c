"""The detecting power of the laws, measured on the catalogue of mistakes."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from lawbook.budget import Budget
from lawbook.checking import check
from lawbook.diagnosis import diagnose
from lawbook.grading import GRADING
from lawbook.laws import discover, reference_operations
from lawbook.mistakes import Mistake
from lawbook.mistakes import discover as known_mistakes
from lawbook.targets import reference_target
from lawbook.verdicts import Verdict

LAWS = discover()
MISTAKES = known_mistakes()
SEEDS = (11, 12)
BUDGETS = {11: Budget(shrink_calls=30), 12: replace(GRADING, shrink_calls=0)}
OTHERWISE = {name: {"decay": "decoupled"} for name in ("sgd", "momentum", "adam")}


@cache
def verdicts(name: str, seed: int) -> list[Verdict]:
    """The diagnosed verdicts on the reference with one operation replaced by a mistake.

    Laws that do not apply under the reference's conventions are run under other ones.
    """
    one: Mistake = MISTAKES[name]
    target = reference_target(**{one.operation: one.implementation})
    asked = [law for law in LAWS if law.operation == one.operation]
    found = check(target, asked, seed, BUDGETS[seed])
    diagnose(found, target)
    skipped = {v.law for v in found if v.status == "skip"}
    if skipped and one.operation in OTHERWISE:
        target.conventions = {one.operation: OTHERWISE[one.operation]}
        rest = [law for law in asked if law.id in skipped]
        found = [v for v in found if v.law not in skipped] + check(
            target, rest, seed, BUDGETS[seed]
        )
    return found


def killers(name: str, seed: int) -> set[str]:
    return {v.law for v in verdicts(name, seed) if v.status in ("fail", "error", "timeout")}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_breaks_the_laws_it_declares_and_no_other(name: str) -> None:
    for seed in SEEDS:
        broken = killers(name, seed)
        assert broken, f"{name} is not killed at seed {seed}"
        undeclared = broken - set(MISTAKES[name].breaks)
        assert not undeclared, f"{name} also breaks {sorted(undeclared)} at seed {seed}"
    always = set.intersection(*(killers(name, seed) for seed in SEEDS))
    assert always, f"no law kills {name} at every seed"


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.id)
def test_law_kills_a_mistake(law: Any) -> None:
    suspects = [name for name, mistake in MISTAKES.items() if law.id in mistake.breaks]
    assert any(law.id in killers(name, SEEDS[0]) for name in suspects), "nothing breaks this law"


def test_diagnosis_names_the_right_mistake_first_for_95_percent() -> None:
    wrong = []
    total = 0
    for name in MISTAKES:
        for seed in SEEDS:
            failed = [v for v in verdicts(name, seed) if v.status in ("fail", "error")]
            failed = [v for v in failed if v.diagnosis or v.law in MISTAKES[name].breaks]
            if not failed:
                continue
            total += 1
            named = [v.diagnosis[0] if v.diagnosis else None for v in failed]
            if max(set(named), key=named.count) != name:
                wrong.append((name, seed, named))
    print(f"diagnosis: {total - len(wrong)} of {total} named first")
    assert len(wrong) <= 0.05 * total, wrong


def test_nothing_but_zeros_fails_a_law_of_every_operation() -> None:
    """Every operation is anchored: degenerate output cannot pass."""
    survivors = []
    by_operation = defaultdict(list)
    for law in LAWS:
        by_operation[law.operation].append(law)
    for name, contract in reference_operations().items():
        target = reference_target(**{name: zeros(contract)})
        found = check(target, by_operation[name], 5, Budget(shrink_calls=0))
        if not any(v.counts_against for v in found):
            survivors.append(name)
    assert survivors == []


def zeros(contract: type) -> type:
    """The operation with every number it returns replaced by zero."""

    def blank(value: Any) -> Any:
        if isinstance(value, tuple | list):
            return type(value)(blank(item) for item in value)
        return np.zeros_like(value) if isinstance(value, np.ndarray) else type(value)(0)

    def wrap(method: Any) -> Any:
        return lambda self, *arguments: blank(method(self, *arguments))

    methods = {k: wrap(f) for k, f in vars(contract).items() if callable(f) and k[0] != "_"}
    return type(contract.__name__, (contract,), methods)
