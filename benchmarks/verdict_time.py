"""Wall time of a verdict, start included, beside a plain pytest + Hypothesis run of the same laws.

    python benchmarks/verdict_time.py [--runs 7] [--plain-runs 2] [--json FILE]

Both judge the same submission, in alternation, each as a fresh process; the plain run takes so long that
fewer of it are made.  The plain run is one test per
law: `@given` on the law's own strategy with Hypothesis's default of 100 examples, calling the
submission through the same worker.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

from lawbook import __version__

EXAMPLES = Path(__file__).parent.parent / "examples" / "submissions"
PLAIN = """
from pathlib import Path
import pytest
from hypothesis import HealthCheck, given, settings
from lawbook.grading import in_scope
from lawbook.judge.zygote import Zygote
from lawbook.laws import discover
from lawbook.search import strategy
from lawbook.trial import Trial
from lawbook.loading import Loading, opened
from lawbook.submissions import submissions

ZYGOTE = Zygote()
KEPT = Loading(submissions(Path({path!r}), "auto", "plain", {path!r})[0], ZYGOTE)
OPENED = opened(KEPT)
TARGET, PROFILE = OPENED.target, OPENED.profile
LAWS = [law for law in in_scope(discover(), PROFILE) if law.operation in TARGET.accepts]

@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.id)
def test_law(law):
    operation = TARGET.operation(law.operation)
    if law.unless(operation):
        pytest.skip("does not apply")
    trial = Trial(law, operation)

    @settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(strategy(law))
    def holds(drawn):
        status, outcome = trial.evaluate(drawn[0])
        assert status == "pass", outcome.message

    holds()
"""


def seconds(command: list[str], cwd: str) -> float:
    """Wall time of a command that ends with 0 or 1."""
    start = time.perf_counter()
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
    return time.perf_counter() - start


def main() -> None:
    """Measure, print a table, and write JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--plain-runs", type=int, default=2)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows = []
    for example in sorted(EXAMPLES.iterdir()):
        if not example.is_dir():
            continue
        plain_too = example.name.endswith("-right")
        ours, plain = [], []
        with tempfile.TemporaryDirectory() as folder:
            test = Path(folder, "test_plain.py")
            test.write_text(PLAIN.format(path=str(example)))
            for run in range(options.runs):
                grade = [sys.executable, "-m", "lawbook", "grade", str(example)]
                ours.append(seconds(grade, folder))
                if plain_too and run < options.plain_runs:
                    pytest = ["-m", "pytest", "-q", "-p", "no:cacheprovider", str(test)]
                    plain.append(seconds([sys.executable, *pytest], folder))
        row = {"submission": example.name, "lawbook_s": figures(ours)}
        if plain:
            row["plain_s"] = figures(plain)
            row["ratio"] = round(statistics.median(plain) / statistics.median(ours), 1)
        rows.append(row)
        print(json.dumps(row), flush=True)
    if options.json:
        options.json.write_text(json.dumps(report(rows), indent=1) + "\n")


def figures(values: list[float]) -> dict[str, float]:
    """Minimum, median and maximum."""
    middle = statistics.median(values)
    return {
        k: round(v, 3) for k, v in (("min", min(values)), ("median", middle), ("max", max(values)))
    }


def report(rows: list[dict[str, object]]) -> dict[str, object]:
    """The rows with versions, machine class and date."""
    packages = ("numpy", "hypothesis", "pytest")
    return {
        "lawbook": __version__,
        "date": time.strftime("%Y-%m-%d"),
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, 2 cores",
        "versions": {name: version(name) for name in packages},
        "rows": rows,
    }


if __name__ == "__main__":
    main()
