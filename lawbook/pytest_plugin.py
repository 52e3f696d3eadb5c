"""Laws and proofs under pytest: `pytest properties --target torch`, `pytest derivations --device cuda`.

A law is one item: it is screened and then searched with as many examples as the Hypothesis profile says.
Profiles: `ci` is deterministic, `nightly` draws a new seed and searches longer (`--hypothesis-profile
nightly`).  A part of a chapter is one item, its checks on other number systems and torch are more.
The plugin is found by every pytest that runs where Lawbook is installed, so it touches nothing but
Lawbook's own `properties` and `derivations` folders, installed or in a checkout: no options, no imports,
no collecting elsewhere.  The laws that run are those of the Lawbook that is installed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from lawbook.laws import Law
    from lawbook.targets import Target
    from lawbook.verdicts import Verdict

HOME = Path(__file__).resolve().parent.parent
CONTENT = ("properties", "derivations")
CI_EXAMPLES = 20  # searched beyond the screen of every law
NIGHTLY_EXAMPLES = 1000


class DoesNotHold(Exception):
    """A law does not hold; the report on it is the message."""


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Add the options, only where the command line names Lawbook's properties or derivations."""
    if not _is_about_content(pluginmanager.get_plugin("pytestconfig")):
        return
    group = parser.getgroup("lawbook", "the laws of Lawbook")
    group.addoption(
        "--target", default="reference", metavar="reference|torch|PATH", help="what is judged"
    )
    group.addoption("--device", default="cpu", help="torch's device: cpu, cuda")
    group.addoption("--dtype", default="float64", help="torch's dtype")
    group.addoption(
        "--conformance", metavar="DIR", help="write the figures of `pytest derivations` into DIR"
    )


def _is_about_content(config: object) -> bool:
    """Whether pytest is given a content folder of Lawbook or a file in one, or is run inside it."""
    params = getattr(config, "invocation_params", None)
    if not isinstance(params, pytest.Config.InvocationParams):
        return False
    arguments, folder = [str(argument) for argument in params.args], params.dir
    named = [argument.partition("::")[0] for argument in arguments if not argument.startswith("-")]
    if "--pyargs" in arguments and any(name.split(".")[0] in CONTENT for name in named):
        return True
    return any(_is_ours((folder / name).resolve()) for name in [*named, ""])


def _is_ours(path: Path) -> bool:
    return _is_content(path) or _is_content(path.parent)


def _is_content(folder: Path) -> bool:
    """Whether this is a content folder of Lawbook: of the installed one, or of a checkout."""
    if folder.name not in CONTENT:
        return False
    beside = folder.parent / "lawbook" / Path(__file__).name
    return folder.parent == HOME or beside.is_file()


@pytest.hookimpl(tryfirst=True)  # before Hypothesis loads the profile that its option names
def pytest_configure(config: pytest.Config) -> None:
    """Register the Hypothesis profiles; in a checkout, see that one copy of Lawbook is at work."""
    if _is_content(config.rootpath / CONTENT[0]):
        _import_our_own()
    if _is_about_content(config):
        register_profiles()


def register_profiles() -> None:
    """Make the profiles known: "ci" is the same every time, "nightly" is not and looks further."""
    from hypothesis import settings

    settings.register_profile("ci", max_examples=CI_EXAMPLES, derandomize=True, deadline=None)
    settings.register_profile("nightly", max_examples=NIGHTLY_EXAMPLES, deadline=None)


def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Keep pytest from importing a checkout's folder as a package beside the installed one."""
    if not _is_content(path):
        return None
    found: pytest.Collector = pytest.Dir.from_parent(parent, path=path)
    return found


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect the laws or the proofs of a topic."""
    if not _is_content(file_path.parent) or file_path.suffix != ".py" or file_path.stem[0] in "_.":
        return None
    found: pytest.Collector
    if file_path.parent.name == "derivations":
        from lawbook.proofs.pytest_items import ChapterFile

        found = ChapterFile.from_parent(parent, path=file_path)
    else:
        found = Topic.from_parent(parent, path=file_path)
    return found


def pytest_pycollect_makemodule(
    module_path: Path, parent: pytest.Collector
) -> pytest.Collector | None:
    """Keep pytest from looking for test functions in a content file that it was given by name."""
    if not _is_content(module_path.parent):
        return None
    found: pytest.Collector = Nothing.from_parent(parent, path=module_path)
    return found


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Open the target before the first law, so that one that cannot be opened is one line."""
    if not config.option.collectonly and any(isinstance(item, LawItem) for item in items):
        _run_of(config)


class Nothing(pytest.File):
    """A file without tests."""

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        return []


class Topic(pytest.File):
    """A file of laws."""

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        from lawbook.laws import discover

        for law in discover():
            if law.topic == self.path.stem:
                yield LawItem.from_parent(self, name=law.id.partition(".")[2], law=law)


def _import_our_own() -> None:
    """Import the packages beside this Lawbook: pytest may have put a checkout on the path before them."""
    sys.path.insert(0, str(HOME))
    try:
        for name in ("reference", "properties", "mistakes", "derivations"):
            import_module(name)
    finally:
        sys.path.remove(str(HOME))


class LawItem(pytest.Item):
    """One law on the target."""

    def __init__(self, *, law: Law, **given: Any) -> None:
        super().__init__(**given)
        self.law = law

    def runtest(self) -> None:
        from lawbook.reporting import is_internal
        from lawbook.verdicts import NOT_HELD

        verdict = self._verdict()
        if is_internal(verdict):
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

        run = _run_of(self.config)
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
            from lawbook.submissions import opened_path

            return self.open.enter_context(opened_path(name))
        except (NotGradable, TargetUnavailable) as error:
            raise pytest.UsageError(str(error)) from None


RUN = pytest.StashKey[Run]()


def _run_of(config: pytest.Config) -> Run:
    """The session's run."""
    if RUN not in config.stash:
        config.stash[RUN] = Run(config)
    return config.stash[RUN]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write what was measured beside torch."""
    from_derivations = sys.modules.get("lawbook.proofs.pytest_items")
    if from_derivations is not None:
        from_derivations.write_conformance(session.config)


def pytest_unconfigure(config: pytest.Config) -> None:
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
