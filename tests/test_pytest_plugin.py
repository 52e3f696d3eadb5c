"""The pytest plugin: laws as items, quiet everywhere else."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from lawbook import pytest_plugin

ROOT = Path(__file__).parent.parent
INSTALLED = any(point.name == "lawbook" for point in entry_points(group="pytest11"))


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pytest with the plugin."""
    plugin = [] if INSTALLED else ["-p", "lawbook.pytest_plugin"]
    options = ["-p", "no:cacheprovider", "-rA", "-c", str(ROOT / "pyproject.toml")]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *plugin, *options, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "COLUMNS": "200"},
    )


def test_loading_it_imports_nothing_heavy() -> None:
    code = "import sys, lawbook.pytest_plugin; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_each_law_is_an_item_and_a_failure_is_a_report() -> None:
    broken = "examples/submissions/fau-batch-norm-last-batch-statistics"
    laws = ("running_mean_eq_moving_average_of_batch_means", "normalized_mean_is_zero")
    names = [f"properties/batch_norm.py::{law}" for law in laws]
    done = run(ROOT, *names, "--target", broken, "--hypothesis-profile", "ci")
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"FAILED {names[0]}" in done.stdout
    assert f"PASSED {names[1]}" in done.stdout
    assert "expected" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_missing_is_skipped_where_it_is_not_required() -> None:
    name = "properties/dropout.py::classic_dropout_units_are_zero_or_scaled"
    right = "examples/submissions/fau-right"
    done = run(ROOT, name, "--target", right, "--hypothesis-profile", "ci")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "SKIPPED" in done.stdout


def test_a_target_that_cannot_be_opened_is_one_line() -> None:
    done = run(ROOT, "properties/dropout.py", "--target", "/nowhere/at/all")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "no such file or folder" in done.stderr + done.stdout
    assert "Traceback" not in done.stderr + done.stdout


def test_other_projects_keep_their_options_and_folders(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.pytest.ini_options]\n")
    (tmp_path / "conftest.py").write_text(
        "def pytest_addoption(parser):\n"
        "    parser.addoption('--target')\n"
        "    parser.addoption('--device')\n"
    )
    (tmp_path / "properties").mkdir()
    (tmp_path / "properties" / "dropout.py").write_text("raise RuntimeError('not imported')\n")
    (tmp_path / "properties" / "test_own.py").write_text(
        "import sys\ndef test_own(pytestconfig):\n"
        "    assert pytestconfig.getoption('--target') == 'x'\n"
        "    assert 'lawbook.laws' not in sys.modules\n"
    )
    done = run(tmp_path, "properties", "--target", "x", "-c", str(tmp_path / "pyproject.toml"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "folder", "ours"),
    [
        (["properties"], ROOT, True),
        (["properties/dropout.py::x", "--target", "torch"], ROOT, True),
        (["--pyargs", "properties.dropout"], Path("/"), True),
        (["derivations", "--device", "cuda"], ROOT, True),
        ([], ROOT / "properties", True),
        ([], ROOT, False),
        (["tests"], ROOT, False),
        (["properties"], Path("/"), False),
    ],
)
def test_it_speaks_up_for_its_own_folder_only(
    arguments: list[str], folder: Path, ours: bool, pytestconfig: pytest.Config
) -> None:
    params = pytest.Config.InvocationParams(args=arguments, plugins=None, dir=folder)

    class Config:
        invocation_params = params

    assert pytest_plugin._is_about_content(Config()) is ours


def test_the_properties_of_a_checkout_are_known_where_another_copy_is_installed(
    tmp_path: Path,
) -> None:
    (tmp_path / "lawbook").mkdir()
    (tmp_path / "lawbook" / "pytest_plugin.py").write_text("")
    (tmp_path / "properties").mkdir()
    for name in ("__init__.py", "dropout.py"):
        (tmp_path / "properties" / name).write_text("raise RuntimeError('not imported')\n")
    (tmp_path / "pyproject.toml").write_text("[tool.pytest.ini_options]\n")
    own = ["-c", str(tmp_path / "pyproject.toml"), "--collect-only", "-q"]
    done = run(tmp_path, "properties", "--target", "torch", *own)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "properties/dropout.py" in done.stdout
