"""Which attacks are tried in which configuration: all with every layer on; `--whole-matrix`: all in all."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from attacks.harness import CONFIGURATIONS, Arena, Attack

collect_ignore_glob = [] if sys.platform == "linux" else ["test_*.py"]
TABLE: dict[tuple[str, str], str] = {}  # (attack, configuration) -> what came of it
Arenas = Callable[[str], Arena]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--whole-matrix", action="store_true", help="all attacks, in all configurations"
    )
    parser.addoption("--short-attacks", action="store_true", help="a few attacks only")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a test with the arguments `arena` and `attack` every attack of its module's ATTACKS."""
    if "attack" not in metafunc.fixturenames or "arena" not in metafunc.fixturenames:
        return
    whole = metafunc.config.getoption("--whole-matrix", default=False)
    few = metafunc.config.getoption("--short-attacks", default=False)
    attacks: list[Attack] = metafunc.module.ATTACKS
    pairs = [
        pytest.param(name, attack, id=f"{attack}-{name}")
        for name in CONFIGURATIONS
        for attack in attacks
        if whole or is_tried(attack, name, few)
    ]
    metafunc.parametrize(("arena", "attack"), pairs, indirect=["arena"])


def is_tried(attack: Attack, configuration: str, few: bool) -> bool:
    """Whether it is tried there by default: where a layer is off, a few that the layer can stop."""
    if configuration.startswith("only"):
        return False
    if configuration == "full":
        return attack.short or not few
    layer = configuration.removeprefix("without-")
    stops = {part for one in attack.stopped_by | attack.contained_by for part in one.split("+")}
    return attack.short and (layer in stops or configuration == "process")


@pytest.fixture(scope="session")
def arenas() -> Iterator[Arenas]:
    """An arena for each configuration, made when it is first needed; all are kept until the end."""
    with ExitStack() as stack:
        made: dict[str, Arena] = {}

        def of(configuration: str) -> Arena:
            if configuration not in made:
                made[configuration] = stack.enter_context(Arena(configuration))
            return made[configuration]

        yield of
        for one in made.values():
            one.check_witnesses()


@pytest.fixture
def arena(request: pytest.FixtureRequest, arenas: Arenas) -> Arena:
    """The arena of the configuration that the test names; "full" where it names none."""
    return arenas(getattr(request, "param", "full"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    report = yield
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    attack = parameters.get("attack")
    if isinstance(attack, Attack) and report.when == "call":
        arena = item.funcargs["arena"]  # type: ignore[attr-defined]
        fate = attack.fate(arena.active)
        TABLE[f"{item.path.stem}: {attack}", parameters["arena"]] = (
            fate if report.passed else report.outcome
        )
    return report


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """The table of the whole matrix: per configuration how many were stopped, and which got through."""
    if not config.getoption("--whole-matrix", default=False):
        return
    terminalreporter.section("attacks by configuration")
    for name in dict.fromkeys(configuration for _, configuration in TABLE):
        found = {attack: what for (attack, one), what in TABLE.items() if one == name}
        counts = {what: list(found.values()).count(what) for what in sorted(set(found.values()))}
        said = ", ".join(f"{count} {what}" for what, count in counts.items())
        through = sorted(attack for attack, what in found.items() if what == "through")
        terminalreporter.line(f"{name}: {len(found)} attacks, {said}")
        for attack in through:
            terminalreporter.line(f"    through: {attack}")
