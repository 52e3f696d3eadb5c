"""The laws under pytest: one item per law, on the session's target."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from lawbook.laws import Law
    from lawbook.targets import Target
    from lawbook.verdicts import Verdict


class DoesNotHold(Exception):
    """A law does not hold; the report on it is the message."""


class Topic(pytest.File):
    """A file of laws."""

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        from lawbook.laws import discover

        for law in discover():
            if law.topic == self.path.stem:
                yield LawItem.from_parent(self, name=law.id.partition(".")[2], law=law)


class LawItem(pytest.Item):
    """One law on the target."""

    def __init__(self, *, law: Law, **given: Any) -> None:
        super().__init__(**given)
        self.law = law

    def runtest(self) -> None:
        from lawbook.verdicts import NOT_HELD

        verdict = self._verdict()
        if verdict.is_internal:
            raise DoesNotHold(f"{verdict.law}: {verdict.message}")
        if verdict.status == "missing" and not verdict.counts_against:
            pytest.skip(verdict.message)
        if verdict.status not in NOT_HELD:
            if verdict.status == "skip":
                pytest.skip(verdict.message)
            return
        if not verdict.counts_against:
            pytest.xfail(f"a warning: {verdict.message}")
        raise DoesNotHold(f"{_report(verdict)}\n      seed  {verdict.seed}")

    def _verdict(self) -> Verdict:
        from lawbook.budget import Budget
        from lawbook.checking import check

        run = run_of(self.config)
        return check(run.target, [self.law], run.seed, Budget(search=run.examples))[0]

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The report on the law instead of a traceback."""
        if isinstance(excinfo.value, DoesNotHold):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the law stands."""
        return self.path, self.law.body.__code__.co_firstlineno - 1, self.law.id


class Run:
    """What a session judges: the target, opened once, the seed and the examples per law."""

    def __init__(self, config: pytest.Config) -> None:
        from hypothesis import settings

        from lawbook.budget import fresh_seed

        profile = settings.get_profile(settings.get_current_profile_name())
        given = config.getoption("--hypothesis-seed", None)
        self.examples = profile.max_examples
        self.seed = 0 if profile.derandomize else fresh_seed()
        if given is not None and str(given).isdecimal():
            self.seed = int(given) % 2**32
        self.open = ExitStack()
        self.target = self._opened(
            config.getoption("target", "reference"),
            config.getoption("device", "cpu"),
            config.getoption("dtype", "float64"),
        )

    def _opened(self, name: str, device: str, dtype: str) -> Target:
        from lawbook.submissions import NotGradable
        from lawbook.targets import TargetUnavailable, open_target

        try:
            if name in ("reference", "torch"):
                return open_target(name, device, dtype)
            from lawbook.reopening import opened_path

            return self.open.enter_context(opened_path(name))
        except (NotGradable, TargetUnavailable) as error:
            raise pytest.UsageError(str(error)) from None


RUN = pytest.StashKey[Run]()


def run_of(config: pytest.Config) -> Run:
    """The session's run."""
    if RUN not in config.stash:
        config.stash[RUN] = Run(config)
    return config.stash[RUN]


def close(config: pytest.Config) -> None:
    """End the worker of a submission."""
    if RUN in config.stash:
        config.stash[RUN].open.close()


def _report(verdict: Verdict) -> str:
    """The same report as in the terminal, as text."""
    import io

    from lawbook.report.blocks import block
    from lawbook.report.terminal import emit, terminal

    stream = io.StringIO()
    emit(terminal(stream, 100), block(verdict))
    return stream.getvalue().strip("\n")
