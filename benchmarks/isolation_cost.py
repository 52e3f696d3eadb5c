"""What isolation costs beyond the work itself: a jailed worker beside the same adapter in this process.

    python benchmarks/isolation_cost.py [--runs 15] [--json FILE]

* a submission: a worker is forked, shut in, told to load nothing, killed and reaped;
* a message: one that asks for one number, less what the same call takes in this process;
* a grading: the same laws on the same cases of the same submission, in a worker and in this process, in
  alternation; what is more in the worker, for each of its calls.  Loading is left out of both.

Costs are CPU time of the judge, the zygote and the worker together: on a machine that others use too the wall
clock tells of them.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as in the worker

import numpy as np

from lawbook import __version__
from lawbook.checking import check
from lawbook.conventions import settle
from lawbook.grading import GRADING, in_scope
from lawbook.judge.messages import batches_of_cases
from lawbook.judge.remote import RemoteBackend
from lawbook.judge.zygote import Zygote
from lawbook.laws import discover
from lawbook.operations import Backend, Call, Draw, LocalBackend, TargetError, Value
from lawbook.profiles import COURSES
from lawbook.submissions import adapter_file, find_roots
from lawbook.targets import Target
from lawbook.worker.describing import constructor_parameters

EXAMPLES = Path(__file__).parent.parent / "examples" / "submissions"
RIGHT = {"fau-right": "fau", "cs231n-right": "cs231n"}
SEED = 1
EMPTY = """
class Nothing:
    operations, errors, notes, profile = {}, {}, [], None

def load(root):
    return Nothing()
"""


class Here(LocalBackend):
    """A submission in this process, which takes the calls of many cases at once as a worker does."""

    def start_cases(self, cases: Sequence[Sequence[Call]]) -> None:
        self.started = cases

    def finish_cases(self) -> list[list[Value | TargetError]]:
        return [self._case(case) for case in self.started]

    def _case(self, case: Sequence[Call]) -> list[Value | TargetError]:
        self.begin()
        found: list[Value | TargetError] = []
        for call in case:
            try:
                found += self.run([call])
            except TargetError as error:
                return [*found, error]
        return found


class Counted(RemoteBackend):
    """A worker whose messages are counted, and the calls in them."""

    messages = calls = 0

    def run(self, calls: Sequence[Call]) -> list[Value]:
        self.messages += 1
        self.calls += len(calls)
        return super().run(calls)

    def start_cases(self, cases: Sequence[Sequence[Call]]) -> None:
        batches = list(batches_of_cases(cases))
        self.messages += len(batches)
        self.calls += sum(len(batch.names) for batch in batches)
        super().start_cases(cases)


def others() -> float:
    """CPU seconds of the processes that this one started and of theirs; Linux only."""
    facts: dict[int, tuple[int, int]] = {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = file.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        facts[int(file.parent.name)] = int(words[1]), sum(map(int, words[11:15]))
    ours, ticks = {os.getpid()}, 0
    while True:
        more = {process for process, (parent, _) in facts.items() if parent in ours} - ours
        if not more:
            return ticks / os.sysconf("SC_CLK_TCK")
        ticks += sum(facts[process][1] for process in more)
        ours |= more


def submission(zygote: Zygote, count: int) -> float:
    """CPU seconds of all processes for a worker that loads nothing."""
    with tempfile.TemporaryDirectory(dir=zygote.directory) as folder:
        Path(folder).chmod(0o755)
        adapter = Path(folder, "adapter.py")
        adapter.write_text(EMPTY)

        def once() -> None:
            with RemoteBackend(adapter, folder, zygote=zygote) as backend:
                assert not backend.description.operations

        once()
        before = time.process_time() + others()
        for _ in range(count):
            once()
        return (time.process_time() + others() - before) / count


def message(zygote: Zygote, count: int) -> tuple[float, float]:
    """CPU seconds of a message that asks for one number: in a worker, and of the call alone."""
    with RemoteBackend(*place("fau-right"), zygote=zygote) as remote:
        here = Here({}, draw=np.random.random)
        return least(lambda: draws(remote, count), remote) / count, least(
            lambda: draws(here, count)
        ) / count


def draws(backend: Backend, count: int) -> None:
    """Ask for so many numbers, one in a message."""
    for _ in range(count):
        backend.run([Draw()])


def least(work: Callable[[], object], remote: RemoteBackend | None = None, runs: int = 5) -> float:
    """The least CPU seconds that the work takes here and in the worker."""
    found = []
    for _ in range(runs):
        before = time.process_time() + (remote.cpu_seconds if remote else 0.0)
        work()
        found.append(time.process_time() + (remote.cpu_seconds if remote else 0.0) - before)
    return min(found)


def place(example: str) -> tuple[Path, Path]:
    """Adapter and folder of an example."""
    course = RIGHT[example]
    return adapter_file(course), Path(find_roots(course, str(EXAMPLES / example))[0])


def loaded_here(example: str) -> Any:
    """What the adapter makes of an example in this process."""
    adapter, root = place(example)
    sys.path.insert(0, str(root))
    spec = importlib.util.spec_from_file_location(f"adapter_of_{RIGHT[example]}", adapter)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.load(str(root))


def grading(example: str, zygote: Zygote, runs: int) -> dict[str, Any]:
    """CPU seconds of a grading in this process and in a worker, and the messages of the latter."""
    profile = COURSES[RIGHT[example]].profiles[0]
    laws = in_scope(discover(profile.judged), profile)
    loaded = loaded_here(example)
    accepts = {
        name: frozenset(constructor_parameters(operation))
        for name, operation in loaded.operations.items()
    }

    def judge(backend: Backend) -> None:
        target = Target(example, backend, accepts)
        settle(target, profile)
        wrong = [v.law for v in check(target, laws, SEED, GRADING) if v.status == "fail"]
        assert not wrong, wrong

    def seed(value: int) -> None:
        np.random.seed(value % (1 << 32))

    here = Here(loaded.operations, seed, np.random.random)
    with Counted(*place(example), zygote=zygote) as remote:
        assert remote.description
        for backend in (here, remote, here, remote):  # both know their cases then
            judge(backend)
        remote.messages = remote.calls = 0
        in_process, jailed = [], []
        for _ in range(runs):
            in_process.append(least(lambda: judge(here), runs=1))
            jailed.append(least(lambda: judge(remote), remote, runs=1))
        messages, calls = remote.messages / runs, remote.calls / runs
    more = min(jailed) - min(in_process)
    return {
        "submission": example,
        "in_process_ms": round(1e3 * min(in_process), 2),
        "jailed_ms": round(1e3 * min(jailed), 2),
        "messages": messages,
        "calls": calls,
        "more_ms": round(1e3 * more, 2),
        "more_us_a_call": round(1e6 * more / calls, 1),
    }


def main() -> None:
    """Measure, print a table, and write JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    zygote = Zygote()
    try:
        with RemoteBackend(*place("fau-right"), zygote=zygote) as one:
            layers = list(one.isolation)
        one_submission = min(submission(zygote, 20) for _ in range(3))
        jailed, alone = message(zygote, 500)
        rows = [grading(example, zygote, options.runs) for example in RIGHT]
    finally:
        zygote.close()
    print(f"layers: {', '.join(map(str, layers))}")
    print(f"{'CPU time':38} {'in process':>12} {'in a worker':>12} {'more':>10}")
    line = "{:38} {:>12} {:>12} {:>10}".format
    print(line("a submission (fork to reap)", "", f"{1e3 * one_submission:.1f} ms", ""))
    us = [f"{1e6 * seconds:.0f} µs" for seconds in (alone, jailed, jailed - alone)]
    print(line("a message with one call", *us))
    for row in rows:
        ms = [f"{row[key]:.1f} ms" for key in ("in_process_ms", "jailed_ms", "more_ms")]
        print(line(f"grading {row['submission']}", *ms))
        each = f"{row['more_us_a_call']:.0f} µs"
        many = f"{row['calls']:.0f} calls in {row['messages']:.0f} messages"
        print(line(f"  {many}, each", "", "", each))
    if options.json:
        found = {
            "submission_ms": round(1e3 * one_submission, 2),
            "message_us": round(1e6 * (jailed - alone), 1),
            "layers": layers,
            "rows": rows,
        }
        options.json.write_text(json.dumps({**about(), **found}, indent=1) + "\n")


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
