"""Submissions graded per second in a class run, and the memory of its processes over time.

    python benchmarks/class_rate.py [--count 200] [--jobs 2] [--vary] [--keep FOLDER] [--json FILE]

The class is made from the right submissions among the examples: copies with a comment of their own, so that
no two have the same files.  With `--vary` their arithmetic differs too, and so do the last bits of what they
answer.  `lawbook grade FOLDER --out RESULTS` is run once, start included.  The memory is that of the
processes that judge (RSS, Linux only): the run itself and its pool, without the workers, which are fresh ones
for each submission.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from lawbook import __version__

EXAMPLES = Path(__file__).parent.parent / "examples" / "submissions"
RIGHT = ("fau-right", "cs231n-right")
PAUSE = 0.25  # seconds between two looks at the memory
WAYS = {  # to write the same, which rounds in another way
    "np.mean(x, axis=0)": "(np.sum(x, axis=0) / len(x))",
    "np.var(x, axis=0)": "np.mean((x - np.mean(x, axis=0)) ** 2, axis=0)",
    "(x - mean) / np.sqrt(self.var + self.epsilon)": "(x - mean) * (1 / np.sqrt(self.var + self.epsilon))",
    "(x - mean) / std": "(x - mean) * (1 / std)",
    "- step - self.shrinkage(weight_tensor)": "- (step + self.shrinkage(weight_tensor))",
    "np.mean(dcentered, axis=0)": "np.sum(dcentered, axis=0) / len(dcentered)",
}


def make_class(folder: Path, count: int, vary: bool) -> None:
    """So many right submissions, no two of which have the same files."""
    for number in range(count):
        copy = folder / f"student-{number:03}"
        shutil.copytree(EXAMPLES / RIGHT[number % len(RIGHT)], copy)
        for file in copy.rglob("*.py"):
            text = file.read_text()
            for bit, (usual, other) in enumerate(WAYS.items()):
                if vary and number // len(RIGHT) >> bit & 1:
                    text = text.replace(usual, other)
            file.write_text(f"{text}\n# handed in by student {number}\n")


def judges(run: int) -> dict[int, int]:
    """RSS in bytes of the run and of the processes that it forked and that still run Lawbook."""
    found = {}
    for process in (run, *children(run)):
        try:
            name = Path(f"/proc/{process}/cmdline").read_bytes()
            pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
        except (OSError, IndexError):  # it has ended
            continue
        if b"lawbook\0grade" in name:
            found[process] = pages * resource.getpagesize()
    return found


def children(process: int) -> list[int]:
    """The child processes; none where the system does not tell."""
    try:
        text = Path(f"/proc/{process}/task/{process}/children").read_text()
    except OSError:
        return []
    return [int(word) for word in text.split()]


def done(results: Path) -> int:
    """How many results are written."""
    return sum(1 for _ in results.glob("results/*.json"))


def graded(folder: Path, results: Path, jobs: int) -> tuple[float, float, list[dict[str, float]]]:
    """Seconds of the run, CPU seconds of all its processes that were waited for, samples over time."""
    command = [sys.executable, "-m", "lawbook", "grade", str(folder), "--out", str(results)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    samples = []
    with tempfile.TemporaryFile() as said:
        run = subprocess.Popen([*command, "--jobs", str(jobs)], stdout=said, stderr=said)
        while run.poll() is None:
            memory = judges(run.pid)
            at = time.perf_counter() - start
            samples.append(
                {
                    "seconds": round(at, 2),
                    "done": done(results),
                    "total_mb": megabytes(sum(memory.values())),
                    "largest_mb": megabytes(max(memory.values(), default=0)),
                }
            )
            time.sleep(PAUSE)
        seconds = time.perf_counter() - start
        if run.returncode:
            said.seek(0)
            text = said.read().decode("utf-8", "replace")[-2000:]
            raise SystemExit(f"the run ended with {run.returncode}:\n{text}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, cpu, samples


def megabytes(count: int) -> float:
    """Bytes in MB."""
    return round(count / (1 << 20), 1)


def outcomes(results: Path) -> dict[str, int]:
    """How many subjects came to which outcome."""
    found: dict[str, int] = {}
    for file in results.glob("results/*.json"):
        for subject in json.loads(file.read_text())["subjects"]:
            found[subject["outcome"]] = found.get(subject["outcome"], 0) + 1
    return found


def main() -> None:
    """Measure, print a table, and write JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--vary", action="store_true", help="let the arithmetic differ too")
    parser.add_argument("--keep", type=Path, help="leave the class and the results in this folder")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    place = Path(options.keep or tempfile.mkdtemp(prefix="class-rate-"))
    folder, results = place / "class", place / "results"
    make_class(folder, options.count, options.vary)
    load = os.getloadavg()[0]
    try:
        seconds, cpu, samples = graded(folder, results, options.jobs)
        found = outcomes(results)
    finally:
        if not options.keep:
            shutil.rmtree(place)
    print(f"{'seconds':>8} {'done':>6} {'RSS of all':>12} {'of the largest':>15}")
    for part in range(1, 11):
        at = next(
            (one for one in samples if one["done"] >= options.count * part // 10), samples[-1]
        )
        total, largest = f"{at['total_mb']:.0f} MB", f"{at['largest_mb']:.0f} MB"
        print(f"{at['seconds']:8.1f} {at['done']:6.0f} {total:>12} {largest:>15}")
    rate = options.count / seconds
    print(f"{options.count} submissions in {seconds:.1f} s: {rate:.1f} a second; {found}")
    if options.json:
        row: dict[str, Any] = {
            "count": options.count,
            "jobs": options.jobs,
            "varied": options.vary,
            "seconds": round(seconds, 2),
            "per_second": round(rate, 2),
            "cpu_seconds": round(cpu, 2),
            "load_before": round(load, 2),
            "outcomes": found,
            "samples": samples,
        }
        options.json.write_text(json.dumps({**about(), **row}, indent=1) + "\n")


def about() -> dict[str, Any]:
    """Versions, machine class and date."""
    return {
        "lawbook": __version__,
        "date": time.strftime("%Y-%m-%d"),
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "versions": {"numpy": version("numpy")},
    }


if __name__ == "__main__":
    main()
