"""An `Attack`, the verdict it must get, and the `Arena` that lets it strike and looks what it has changed."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from attacks import watching
from attacks.sources import ADAPTER, TOOLS
from lawbook.grading import grade
from lawbook.judge.handles import number_of
from lawbook.judge.limits import Limits
from lawbook.judge.remote import RemoteBackend
from lawbook.judge.scratch import remove_tree
from lawbook.judge.zygote import LAYERS, Zygote
from lawbook.operations import Invoke, New, TargetError
from lawbook.seeds import Seeds
from lawbook.settings import Settings
from lawbook.zygotes import Zygotes

EXAMPLES = Path(__file__).parent.parent.parent / "examples" / "submissions"
QUICK = Limits(call_seconds=0.2, import_seconds=0.3, total_seconds=3.0)
SLACK = 1.5  # seconds that starting and ending a worker may add on a loaded machine
CONFIGURATIONS: dict[str, frozenset[str]] = {  # name -> the layers that are switched off
    "full": frozenset(),
    **{f"without-{layer}": frozenset({layer}) for layer in sorted(LAYERS)},
    **{f"only-{layer}": LAYERS - {layer} for layer in sorted(LAYERS)},
    "process": LAYERS,
}


@dataclass(frozen=True)
class Verdict:
    """A status ("value" for a call that returned) and a pattern for its sentence, or for the value as text.

    Where chance decides what an attack hits, the status is a pattern of several.
    """

    status: str
    pattern: str

    def fits(self, status: str, text: str) -> bool:
        found = re.fullmatch(self.status, status) and re.search(self.pattern, text, re.DOTALL)
        return found is not None


def returned(pattern: str) -> Verdict:
    return Verdict("value", pattern)


def error(pattern: str) -> Verdict:
    return Verdict("error", pattern)


def fail(pattern: str) -> Verdict:
    return Verdict("fail", pattern)


def crash(pattern: str) -> Verdict:
    return Verdict("crash", pattern)


def timeout(pattern: str) -> Verdict:
    return Verdict("timeout", pattern)


RIGHT = returned(r"^\[1\.0, 1\.0, 1\.0\]$")  # what an honest layer returns here
REFUSED = returned(r"^refused: ")  # what `attempt` says
DONE = returned(r"^done: ")


@dataclass(frozen=True)
class Attack:
    """A hostile submission.

    `stopped_by` names layers each of which stops it (joined by "+" where it takes several); the judge
    itself stops one that names none.  Where none of them is active it gets `through`, or `verdict` if
    that is None, and may have changed files and objects outside; it still may not touch the judge, its
    verdict, or other submissions.  One that is not `harmless` is then left out: it would harm this machine.
    With `contained_by` alone it may succeed, among what a namespace keeps apart: outside nothing changes.
    """

    name: str
    source: str
    verdict: Verdict
    stopped_by: frozenset[str] = frozenset()
    through: Verdict | None = None
    contained_by: frozenset[str] = frozenset()
    harmless: bool = True
    short: bool = False  # tried in the other configurations too, by default
    limits: Limits = field(default_factory=lambda: QUICK)
    calls: int = 1

    def __str__(self) -> str:
        return self.name

    def fate(self, active: frozenset[str]) -> str:
        """What becomes of it under these layers: "stopped", "contained" or "through"."""
        if not self.stopped_by or any(set(one.split("+")) <= active for one in self.stopped_by):
            return "stopped"
        return "contained" if self.contained_by & active else "through"

    def expected(self, fate: str) -> tuple[Verdict, ...]:
        """The verdicts that it may get."""
        through = self.through or self.verdict
        return {
            "stopped": (self.verdict,),
            "contained": (self.verdict, through),
            "through": (through,),
        }[fate]


class Arena:
    """A zygote with some layers switched off, and what attackers are after.

    `judge` is a folder with a rubric, a solution, results and somebody else's submission, which any user
    may read and write: only the walls protect it. A context manager.
    """

    def __init__(self, configuration: str) -> None:
        self.configuration, self.without = configuration, CONFIGURATIONS[configuration]
        self.marker = f"lawbook-attack-{secrets.token_hex(6)}"
        self.key = secrets.randbelow(1 << 30) + 1
        self.secret = secrets.token_hex(16)
        self._stack = ExitStack()

    def __enter__(self) -> Arena:
        with ExitStack() as on_failure:
            on_failure.push(self._stack.__exit__)
            self._set_up()
            on_failure.pop_all()
        return self

    def _set_up(self) -> None:
        self.judge = Path(tempfile.mkdtemp(prefix="judge-"))
        self._stack.callback(remove_tree, self.judge)
        self._furnish()
        os.environ["LAWBOOK_ATTACK_SECRET"] = self.secret
        self._stack.callback(os.environ.pop, "LAWBOOK_ATTACK_SECRET", None)
        self.zygote = Zygote(without=self.without)
        self._stack.callback(self.zygote.close)
        self._listen()
        self.active = self._find_out()
        self.witnesses = self.graded_witnesses()

    def __exit__(self, *rest: object) -> None:
        directory, number = self.zygote.directory, self.zygote._process.pid
        self._stack.close()
        assert not directory.exists(), "the zygote left its folder behind"
        assert not watching.strangers(self.there, number, directory), (
            "a process outlived its zygote"
        )

    def _furnish(self) -> None:
        """What an attacker may want to read or write, open to every user."""
        for name in ("results", "solution", "other", "submissions"):
            (self.judge / name).mkdir()
        for name, text in {
            "rubric.toml": f"secret = '{self.secret}'",
            "solution/Layer.py": f"SECRET = '{self.secret}'\n" + "class Layer: pass\n",
            "results/other.json": json.dumps({"points": 3, "secret": self.secret}),
            "other/Layer.py": f"SECRET = '{self.secret}'\n",
            ".bashrc": "",
        }.items():
            (self.judge / name).write_text(text)
        for path in (self.judge, *self.judge.rglob("*")):
            path.chmod(0o777 if path.is_dir() else 0o666)

    def _listen(self) -> None:
        """Listeners on loopback, which the attacks of this test may call and nothing may reach."""
        open_socket = lambda *kind: self._stack.enter_context(socket.socket(*kind))
        tcp = open_socket(socket.AF_INET, socket.SOCK_STREAM)
        udp = open_socket(socket.AF_INET, socket.SOCK_DGRAM)
        abstract = open_socket(socket.AF_UNIX, socket.SOCK_STREAM)
        path = open_socket(socket.AF_UNIX, socket.SOCK_STREAM)
        tcp.bind(("127.0.0.1", 0))
        udp.bind(("127.0.0.1", 0))
        abstract.bind(f"\0listen-{self.marker[8:]}")
        path.bind(str(self.judge / "socket"))
        (self.judge / "socket").chmod(0o777)
        for one in (tcp, abstract, path):
            one.listen(64)
        self.listeners = [tcp, udp, abstract, path]
        for one in self.listeners:
            one.setblocking(False)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.told = {
            "JUDGE": str(self.judge),
            "JUDGE_PID": os.getpid(),
            "MARKER": self.marker,
            "KEY": self.key,
            "TCP": tcp.getsockname()[1],
            "UDP": udp.getsockname()[1],
            "ABSTRACT": f"\0listen-{self.marker[8:]}",
            "PORT": self.port,
            "LAWBOOK": str(EXAMPLES.parent.parent / "lawbook"),
        }

    def _find_out(self) -> frozenset[str]:
        """The layers in force, by what a worker says; and "ordinary_user" or "root_judge"."""
        with self.submission("class Layer: pass\n") as backend:
            layers, self.not_active = set(backend.isolation), dict(backend.not_active)
        if self.zygote.unwrapped:
            self.not_active["bubblewrap"] = self.zygote.unwrapped
        else:
            layers.add("bubblewrap")
        layers.add("ordinary_user" if os.geteuid() else "root_judge")
        self.there = set(watching.processes())
        return frozenset(layers)

    def submission(self, source: str, limits: Limits = QUICK) -> _Submission:
        """A submission whose Layer.py is this source, as it would be taken in; a context manager."""
        return _Submission(self.zygote, source, limits)

    def strike(self, attack: Attack) -> None:
        """Let it strike; AssertionError where its verdict is another one, or anything else has changed."""
        fate = attack.fate(self.active)
        if fate == "through" and not attack.harmless:
            pytest.skip("nothing here would stop it")
        told = "\n".join(f"{name} = {value!r}" for name, value in getattr(self, "told", {}).items())
        source = f"{told}\n{TOOLS}\n{attack.source}"
        with self.submission(source, attack.limits) as backend:
            before = self.state(backend)
            start, (status, text) = time.monotonic(), self._outcome(backend, attack.calls)
            seconds, output = time.monotonic() - start, backend.output
            backend.reset()
            after = self.state(backend)
            cpu = backend.cpu_seconds
        assert status == "value" or (text.isprintable() and 0 < len(text) <= 400)
        expected = attack.expected(fate)
        assert any(one.fits(status, text) for one in expected), f"{status}: {text}, not {expected}"
        changed = watching.differences(before, after)
        if fate == "through":  # what it did outside is data; the judge is not its to change
            self.clean_up()
            changed = [one for one in changed if not one.startswith("outside")]
        assert not changed, "\n".join(changed)
        assert fate == "through" or self.secret not in status + text + output, "it read a secret"
        limits = attack.limits
        assert cpu <= limits.total_seconds + limits.import_seconds + SLACK, f"{cpu} s of CPU time"
        most = limits.import_seconds + attack.calls * limits.call_seconds * limits.wall_factor
        assert seconds <= most + SLACK, f"it took {seconds} s"

    @staticmethod
    def _outcome(backend: RemoteBackend, calls: int) -> tuple[str, str]:
        """(status, sentence), or ("value", text) of the last call."""
        try:
            wanted = [New(1, "layer", {}), *[Invoke(1, "train", (np.ones(3),))] * calls]
            value = backend.run(wanted)[-1]
        except TargetError as problem:
            return problem.status, problem.message
        return "value", str(value.tolist() if isinstance(value, np.ndarray) else value)

    def state(self, backend: RemoteBackend) -> dict[str, object]:
        """Everything that must be the same after an attack; "outside" marks what walls protect."""
        number = number_of(self.zygote._handle[0])
        folder = self.zygote.directory
        root = str(backend.root)
        return {
            **{f"judge {name}": one for name, one in watching.judge_state(root).items()},
            **{f"zygote {name}": one for name, one in watching.process_state(number).items()},
            "processes": watching.strangers(self.there, self.zygote._process.pid, folder),
            "outside homes": sorted(entry.name for entry in folder.iterdir()),
            "outside submission": watching.tree(backend.root),
            "outside judge's folder": watching.tree(self.judge),
            "outside locks": watching.locks(self.judge),
            "outside marks": watching.marked(self.marker),
            "outside System V": watching.system_v(self.key),
            "outside sockets": watching.taken(self.port, self.marker),
            "outside calls": self.calls(),
        }

    def calls(self) -> int:
        """How many connections and datagrams have arrived at the listeners, ever."""
        for one in self.listeners:
            try:
                while True:
                    one.recv(100) if one.type == socket.SOCK_DGRAM else one.accept()[0].close()
                    self._arrived = getattr(self, "_arrived", 0) + 1
            except BlockingIOError:
                pass
        return getattr(self, "_arrived", 0)

    def clean_up(self) -> None:
        """Remove what an attack that got through has left."""
        for path in [*watching.marked(self.marker), *map(str, self.zygote.directory.iterdir())]:
            if path.startswith("/") and self.marker in path:
                shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)
        for entry in self.judge.iterdir():
            if entry.name != "socket":
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        self._furnish()

    # --- real submissions -------------------------------------------------------------------------

    def hand_in(self, name: str, changed: Mapping[str, str], example: str = "fau-right") -> Path:
        """A right submission to a course with some of its files changed, as a student hands it in."""
        folder = self.judge / "submissions" / name
        shutil.copytree(EXAMPLES / example, folder, ignore=shutil.ignore_patterns("__pycache__"))
        for path, text in changed.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        return folder

    def grade(self, *paths: Path, only: str | None = None, **more: Any) -> list[dict[str, Any]]:
        """The results of these hand-ins, without times, graded by the zygote that the attacks had."""
        settings = Settings(
            only=only, seed=5, without=self.without, require_isolation="none", **more
        )
        zygotes = Zygotes(settings.python, self.without, first=self.zygote)
        found = list(grade([str(path) for path in paths], settings, Seeds(seed=5), zygotes))
        return [timeless(subject.as_json()) for subject in found]

    def graded_witnesses(self) -> list[dict[str, Any]]:
        """The results of a right and a wrong submission, which no attack may change."""
        folders = (EXAMPLES / "fau-right", EXAMPLES / "fau-dropout-unscaled-backward")
        return self.grade(*folders, only="dropout")

    def check_witnesses(self) -> None:
        assert self.graded_witnesses() == self.witnesses


def timeless(result: Any) -> Any:
    """A result without what depends on the machine's speed."""
    if isinstance(result, dict):
        return {name: timeless(one) for name, one in result.items() if name != "seconds"}
    return [timeless(one) for one in result] if isinstance(result, list) else result


class _Submission:
    """The folder of a submission, which workers may read, and its backend."""

    def __init__(self, zygote: Zygote, source: str, limits: Limits) -> None:
        self.zygote, self.source, self.limits = zygote, source, limits

    def __enter__(self) -> RemoteBackend:
        self.folder = Path(tempfile.mkdtemp(prefix="in-", dir=self.zygote.directory))
        root = self.folder / "submission"
        root.mkdir()
        (root / "Layer.py").write_text(self.source)
        adapter = self.folder / "adapter.py"
        adapter.write_text(ADAPTER)
        for path in (self.folder, root):
            path.chmod(0o755)
        self.backend = RemoteBackend(adapter, root, zygote=self.zygote, limits=self.limits)
        return self.backend

    def __exit__(self, *rest: object) -> None:
        self.backend.close()
        remove_tree(self.folder)


def is_supported() -> bool:
    return sys.platform == "linux"
