"""Conventions are inferred from the black box, under whatever an implementation chose."""

from __future__ import annotations

from typing import Any

import pytest

from lawbook.conventions import Measured, Open, Profile, settle
from lawbook.laws import discover, reference_operations
from lawbook.profiles import PROFILES
from lawbook.profiles.course import P_BY_KEEP_RATE
from lawbook.targets import reference_target
from reference.batch_norm import BatchNorm
from reference.dropout import Dropout


class ParameterIsDrop(Dropout):
    """An implementation whose own parameter is the drop probability."""

    def __init__(self, *, keep: float, p: str = "keep") -> None:
        super().__init__(keep=keep if p == "drop" else 1 - keep)


class ParameterIsKeep(Dropout):
    def __init__(self, *, keep: float, p: str = "keep") -> None:
        super().__init__(keep=keep if p == "keep" else 1 - keep)


@pytest.mark.parametrize(("one", "found"), [(ParameterIsDrop, "drop"), (ParameterIsKeep, "keep")])
@pytest.mark.parametrize("order", [("keep", "drop"), ("drop", "keep")])
def test_meaning_of_p_is_inferred(one: type, found: str, order: tuple[str, str]) -> None:
    target = reference_target(dropout=one)
    open_p = Open(order, P_BY_KEEP_RATE.law)
    settle(target, Profile("", "", "", frozenset(), conventions={"dropout": {"p": open_p}}))
    assert target.conventions["dropout"]["p"] == found


@pytest.mark.parametrize("eps", [1e-3, 1e-5, 1e-8, 1e-10, 1e-15, 2.0**-52, 3.3e-12])
@pytest.mark.parametrize("place", ["inside", "outside"])
def test_eps_of_batch_norm_and_its_place_are_measured(eps: float, place: str) -> None:
    class Other(BatchNorm):
        def __init__(self, *, gamma: Any, beta: Any) -> None:
            super().__init__(gamma=gamma, beta=beta, eps=eps, eps_place=place)

    target = reference_target(batch_norm=Other)
    measured = {"batch_norm": {"eps": Measured("batch_norm_eps", "batch_norm")}}
    settle(target, Profile("", "", "", frozenset(), conventions=measured))
    assert target.conventions["batch_norm"] == {"eps": eps, "eps_place": place}


@pytest.mark.parametrize("name", PROFILES)
def test_profiles_speak_of_known_operations_conventions_and_laws(name: str) -> None:
    profile = PROFILES[name]
    operations = set(reference_operations())
    laws = {law.id for law in discover()}
    assert profile.requires | profile.optional <= operations
    assert set(profile.conventions) <= profile.requires | profile.optional
    assert set(profile.severities) <= laws
    for declared in profile.conventions.values():
        for value in declared.values():
            assert not isinstance(value, Open) or value.law in laws
