"""A class of 200 made from the examples: rate, memory, and what `kill -9` at 20 random moments costs.

    python benchmarks/class_runs.py [--count 200] [--kills 20] [--jobs 2] [--seed 1] [--json FILE]

One run goes on to its end; another one over the same class is killed so many times, each time at a moment
drawn between two results, and then goes on to its end.  The results of both must be the same.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lawbook import __version__
from lawbook.report.jsonfile import environment

EXAMPLES = Path(__file__).parent.parent / "examples" / "submissions"
TIMES = ("seconds", "environment")


def make(folder: Path, count: int, right_only: bool) -> Path:
    """A class of so many hand-ins: copies of the examples, no two with the same files."""
    sources = sorted(EXAMPLES.glob("*-right" if right_only else "*-*"))
    for index in range(count):
        own = folder / f"student-{index:03}"
        shutil.copytree(sources[index % len(sources)], own)
        (own / "notes.txt").write_text(f"{index}\n")
        for file in sorted(own.rglob("*.py"))[:1]:
            file.write_text(file.read_text() + f"# {index}\n")
    return folder


def start(folder: Path, out: Path, options: argparse.Namespace) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "lawbook", "grade", str(folder), "--out", str(out)]
    command += ["--jobs", str(options.jobs), "--secret", str(options.secret)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def written(out: Path) -> list[Path]:
    return [p for p in (out / "results").glob("*.json") if p.name[0] != "."]


def resident(process: int) -> Iterator[int]:
    """The resident memory, in kB, of a process and all that it has started."""
    for task in Path(f"/proc/{process}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from resident(int(child))
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            yield int(line.split()[1])


def whole(folder: Path, out: Path, options: argparse.Namespace) -> dict[str, Any]:
    """An uninterrupted run: its time, and the memory of all its processes at quarters of the way."""
    begun = time.monotonic()
    run, memory = start(folder, out, options), {}
    while run.poll() is None:
        time.sleep(0.1)
        quarter = 4 * len(written(out)) // options.count if (out / "results").exists() else 0
        if quarter:
            try:
                memory.setdefault(quarter, []).append(sum(resident(run.pid)))
            except OSError:  # one of them has just ended
                continue
    seconds = time.monotonic() - begun
    largest = {f"{25 * quarter} %": max(found) // 1024 for quarter, found in memory.items()}
    return {"seconds": round(seconds, 1), "per_second": round(options.count / seconds, 2)} | {
        "resident_mib": largest
    }


def killed(folder: Path, out: Path, options: argparse.Namespace) -> dict[str, Any]:
    """A run that is killed, and gone on with, again and again."""
    draw = random.Random(options.seed)
    changed = torn = 0
    begun = time.monotonic()
    for after in sorted(draw.sample(range(options.count), options.kills)):
        run = start(folder, out, options)
        while run.poll() is None and len(written(out)) <= after:
            time.sleep(0.005)
        time.sleep(draw.random() * 0.3)
        run.kill()
        run.wait()
        for path in written(out):
            try:
                json.loads(path.read_text())
            except ValueError:
                torn += 1
        changed += sum(
            p.stat().st_mtime_ns != SEEN.setdefault(p, p.stat().st_mtime_ns) for p in written(out)
        )
    start(folder, out, options).wait()
    changed += sum(p.stat().st_mtime_ns != SEEN.get(p, p.stat().st_mtime_ns) for p in written(out))
    return {
        "seconds": round(time.monotonic() - begun, 1),
        "half_written": torn,
        "repeated": changed,
    }


SEEN: dict[Path, int] = {}


def timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: timeless(item) for key, item in value.items() if key not in TIMES}
    return [timeless(item) for item in value] if isinstance(value, list) else value


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--right-only", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lawbook-class-") as place:
        options.secret = Path(place, "secret")
        options.secret.write_text("the secret of a benchmark")
        folder = make(Path(place, "class"), options.count, options.right_only)
        found = {"lawbook": __version__, "environment": environment(), "count": options.count}
        found["whole"] = whole(folder, Path(place, "whole"), options)
        if options.kills:
            found["kills"] = options.kills
            found["killed"] = killed(folder, Path(place, "killed"), options)
            texts = [
                {p.name: timeless(json.loads(p.read_text())) for p in written(Path(place, name))}
                for name in ("whole", "killed")
            ]
            found["missing"] = options.count - len(texts[1])
            found["different"] = sum(texts[0][n] != texts[1].get(n) for n in texts[0])
    print(json.dumps(found, indent=1))
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
