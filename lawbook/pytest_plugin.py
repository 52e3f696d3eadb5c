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
from importlib import import_module
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parent.parent
CONTENT = ("properties", "derivations")
CI_EXAMPLES = 20  # searched beyond the screen of every law
NIGHTLY_EXAMPLES = 1000


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
        from lawbook.pytest_items import Topic

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
    laws = sys.modules.get("lawbook.pytest_items")  # loaded where laws were collected
    if laws is None or config.option.collectonly:
        return
    if any(isinstance(item, laws.LawItem) for item in items):
        laws.run_of(config)


class Nothing(pytest.File):
    """A file without tests."""

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        return []


def _import_our_own() -> None:
    """Import the packages beside this Lawbook: pytest may have put a checkout on the path before them."""
    sys.path.insert(0, str(HOME))
    try:
        for name in ("reference", "properties", "mistakes", "derivations"):
            import_module(name)
    finally:
        sys.path.remove(str(HOME))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write what was measured beside torch."""
    proofs = sys.modules.get("lawbook.proofs.pytest_items")
    if proofs is not None:
        proofs.write_conformance(session.config)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the worker of a submission."""
    laws = sys.modules.get("lawbook.pytest_items")
    if laws is not None:
        laws.close(config)
