"""`lawbook prove FILE...`: derivations of a learner's own, read here and checked in a limited process.

Reading takes milliseconds and refuses what is not a derivation; only what could be read reaches SymPy, in a
child with limits on processor time, memory and wall time.  Exit status: 0 every line follows, 1 some line
does not, 2 something could not be read or decided.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any, TypeAlias

from lawbook import __version__
from lawbook.proofs.prove.answers import Answer, Garbled, answered
from lawbook.proofs.prove.checker import OUT_OF_MEMORY
from lawbook.proofs.text.reading import LARGEST_FILE, Refusal, decoded, read, split_lines
from lawbook.proofs.text.statements import KIND_OF_SIGN, Follows, Statement
from lawbook.reporting import Refused

MEMORY_MB, WALL_SECONDS = 1024, 30
FORMAT = 1
Report: TypeAlias = dict[str, Any]  # what came of a file


def without_sympy(command: str) -> Refused:
    """The refusal of a command that needs SymPy where it is not installed."""
    return Refused(f"`lawbook {command}` needs SymPy: pip install sympy")


def prove(options: Namespace) -> int:
    """Check every file and report on it; returns the exit status, raises Refused."""
    if find_spec("sympy") is None:
        raise without_sympy("prove")
    if options.seconds < 1:
        raise Refused("a file needs at least 1 second")
    if options.json:
        return _with_json(options)
    return _status(_all_files(options, sys.stdout))


def _with_json(options: Namespace) -> int:
    from lawbook.report.jsonfile import JsonFile, Unwritable

    try:
        with closing(JsonFile(options.json)) as file:
            reports = _all_files(options, sys.stderr if options.json == "-" else sys.stdout)
            file.write({"format": FORMAT, "lawbook": __version__, "files": reports})
    except Unwritable as error:
        raise Refused(str(error)) from None
    return _status(reports)


def _status(reports: list[Report]) -> int:
    outcomes = {one["outcome"] for one in reports}
    return 1 if "wrong" in outcomes else 2 if outcomes - {"follows"} else 0


def _all_files(options: Namespace, output: IO[str]) -> list[Report]:
    reports = []
    for number, name in enumerate(options.files):
        if number:
            print(file=output)
        reports.append(one_file(name, options.seconds, output))
    return reports


def one_file(name: str, seconds: int, output: IO[str]) -> Report:
    """Check one file ("-": standard input) and print what came of it; returns it as data."""
    shown = "standard input" if name == "-" else name
    try:
        data = contents(name)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or str(error)
        print(f"{shown}: cannot be read: {reason}", file=sys.stderr)
        return _unreadable(
            shown, [{"line": None, "column": None, "says": f"cannot be read: {reason}"}]
        )
    try:
        text = decoded(data)
        statements = read(text, None)
    except Refusal as refusal:
        print("\n".join(refusal.shown(shown)), file=sys.stderr)
        return _unreadable(
            shown,
            [{"line": p.line, "column": p.column, "says": p.sentence} for p in refusal.problems],
        )
    child = Child(text, seconds)  # it imports SymPy while this process imports what it needs
    from lawbook.proofs.prove.transcript import Transcript

    transcript = Transcript(shown, split_lines(text.rstrip()), output)
    found = []
    for answer in answers(child, statements):
        found.append(answer)
        transcript.show(answer)
    transcript.close(found)
    kinds = {answer.outcome for answer in found}
    outcome = "wrong" if "wrong" in kinds else "undecided" if "undecided" in kinds else "follows"
    lines = [{**asdict(answer), "says": answer.sentence} for answer in found]
    return {"name": shown, "outcome": outcome, "problems": [], "lines": lines}


def _unreadable(name: str, problems: list[dict[str, Any]]) -> Report:
    return {"name": name, "outcome": "unreadable", "problems": problems, "lines": []}


def contents(name: str) -> bytes:
    """The bytes of a file, or the first ones of one that is too large; OSError where there are none."""
    if name == "-":
        return sys.stdin.buffer.read(LARGEST_FILE + 1)
    with open(name, "rb") as file:
        return file.read(LARGEST_FILE + 1)


def answers(child: Child, statements: tuple[Statement, ...]) -> Iterator[Answer]:
    """The answers in the order of the lines; lines that were not reached are undecided."""
    reached, why = 0, "the checking process ended early"
    try:
        for line in child.lines():
            answer = answered(line)
            reached = max(reached, answer.line)
            yield answer
    except Garbled as error:
        why = f"the checking process answered with something else: {error}"
    finally:
        child.stop()
    why = child.reason or why
    for one in statements:
        if one.line > reached and isinstance(one.what, Follows):
            yield Answer(one.line, KIND_OF_SIGN[one.what.sign], "undecided", why=why)


class Child:
    """The process that checks one text; `reason` says why it ended early, if it did."""

    def __init__(self, text: str, seconds: int) -> None:
        root = str(Path(__file__).parents[3])
        paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join(paths),
            "OPENBLAS_NUM_THREADS": "1",
        }
        module = "lawbook.proofs.prove.checker"
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-X", "utf8", "-m", module, str(seconds), str(MEMORY_MB)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        )
        self.deadline = time.monotonic() + max(WALL_SECONDS, 3 * seconds)
        self.reason = ""
        assert self.process.stdin
        with suppress(BrokenPipeError):  # it died at once, as `lines` will say
            self.process.stdin.write(text.encode())  # at most 64 kB: what a pipe takes at once
            self.process.stdin.close()

    def lines(self) -> Iterator[str]:
        """The lines it writes, until it ends or its time is over."""
        assert self.process.stdout
        rest = b""
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while True:
                left = self.deadline - time.monotonic()
                if left <= 0 or not selector.select(left):
                    self.reason = "ran out of time"
                    self.process.kill()
                    return
                block = os.read(self.process.stdout.fileno(), 65536)
                if not block:
                    break
                *lines, rest = (rest + block).split(b"\n")
                yield from (line.decode("utf-8", "replace") for line in lines)
        self._ended()

    def _ended(self) -> None:
        status = self.process.wait()
        if status == -signal.SIGXCPU:
            self.reason = "ran out of time"
        elif status < 0:
            self.reason = f"the checker ended early (signal {-status})"
        elif status == OUT_OF_MEMORY:
            self.reason = "ran out of memory"
        elif status:
            assert self.process.stderr
            said = self.process.stderr.read(10_000).decode("utf-8", "replace").strip().splitlines()
            self.reason = f"the checking process failed: {said[-1] if said else status}"

    def stop(self) -> None:
        """End it, whatever it does."""
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            if stream:
                stream.close()
