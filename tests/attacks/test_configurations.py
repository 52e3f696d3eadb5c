"""What the report says of layers that are switched off, and the attacks as an ordinary user."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from other_user import pytest_as

from attacks.harness import CONFIGURATIONS, Arena

USER = 4322  # nobody here has this number
HERE = Path(__file__).parent


@pytest.mark.parametrize(
    "arena", [name for name in CONFIGURATIONS if "only" not in name], indirect=True
)
def test_a_report_names_what_was_not_active(arena: Arena) -> None:
    """Every result says for each layer either that it was in force or why it was not."""
    for result in arena.witnesses:
        told = result["isolation"]
        missing = {entry["layer"]: entry["reason"] for entry in told["not_active"]}
        assert {
            name for name, reason in missing.items() if reason == "switched off"
        } == arena.without
        assert not arena.without & set(told["layers"])
        assert all(missing.values())
        stops_nothing = {"full": (), "process": ("process",)}.get(arena.configuration)
        assert stops_nothing != () or told["level"] != "process"
        if {"landlock", "seccomp"} & arena.without == {"landlock", "seccomp"}:
            assert told["level"] in ("none", "process")


@pytest.mark.skipif(os.geteuid() != 0, reason="this is the ordinary user")
def test_attacks_as_an_ordinary_user() -> None:
    """The same under another user id, by an interpreter that everybody can read."""
    done = pytest_as(USER, str(HERE), "-k", "test_attack and not ordinary", "--short-attacks")
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "100%" in done.stdout
