"""An autograder set up and run as Gradescope does: its folders, its user, its limits, and no network."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import threading
import time
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).parent.parent / "examples" / "submissions"
MEMORY = 768 << 20  # bytes: Gradescope's limit, unless staff raise it
METADATA = {
    "id": 4711,
    "assignment": {"id": 1, "title": "Exercise 3", "total_points": "100.0"},
    "users": [{"id": 9, "name": "Ada Lovelace", "email": "ada@uni.example"}],
    "previous_submissions": [],
}
FAKE_APT = '#!/bin/sh\necho "apt-get $*" >> "$RECORD"\n'
FAKE_PYTHON = """#!/bin/sh
# A Python whose environments have a pip that only records, and this interpreter.
if [ "$1 $2" = "-m venv" ]; then
  mkdir -p "$3/bin"
  printf '#!/bin/sh\\nexec "%s" "$@"\\n' "$REAL" > "$3/bin/python"
  printf '#!/bin/sh\\necho "pip $*" >> "%s"\\n' "$RECORD" > "$3/bin/pip"
  chmod +x "$3/bin/python" "$3/bin/pip"
else
  exec "$REAL" "$@"
fi
"""
# A root with everything of the machine's own and /autograder, in a namespace that nobody else sees.
AT_ITS_PATH = """
set -e
root="$1"; base="$2"; shift 2
mount -t tmpfs none "$root"
for one in /*; do
  [ -d "$one" ] && [ ! -L "$one" ] || { cp -a "$one" "$root" 2>/dev/null || true; continue; }
  mkdir "$root$one" && mount --rbind "$one" "$root$one"
done
mkdir -p "$root/autograder" && mount --bind "$base" "$root/autograder"
exec chroot "$root" "$@"
"""


def can_mount() -> bool:
    """Whether a private /autograder can be had here."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return False
    tried = ["unshare", "-m", "sh", "-c", "mount -t tmpfs none /mnt"]
    return subprocess.run(tried, capture_output=True, check=False).returncode == 0


@dataclass
class Run:
    """What a run of an autograder left: its exit status, what staff see, and results.json if it is there."""

    status: int
    stdout: str
    results: dict[str, Any] | None
    memory: int = 0


@dataclass
class Autograder:
    """An unpacked autograder; `mounted` where it is to be found at /autograder."""

    base: Path
    mounted: bool = False
    record: list[str] = field(default_factory=list)

    @property
    def place(self) -> str:
        """Where its files are for what runs in it."""
        return "/autograder" if self.mounted else str(self.base)

    def unpack(self, archive: Path) -> None:
        """Extract the archive as an image is built, with the modes that it says."""
        with zipfile.ZipFile(archive) as zipped:
            for entry in zipped.infolist():
                path = zipped.extract(entry, self.base / "source")
                os.chmod(path, stat.S_IMODE(entry.external_attr >> 16))
        for name in ("submission", "results"):
            (self.base / name).mkdir(exist_ok=True)
        shutil.copy(self.base / "source" / "run_autograder", self.base / "run_autograder")

    def set_up(self, stubs: Path) -> subprocess.CompletedProcess[str]:
        """Run setup.sh with an apt-get and a pip that record what they are asked for."""
        record = stubs / "record"
        for name, text in (("apt-get", FAKE_APT), ("python3", FAKE_PYTHON)):
            (stubs / name).write_text(text)
            (stubs / name).chmod(0o755)
        paths = {
            "PATH": f"{stubs}:{os.environ['PATH']}",
            "RECORD": str(record),
            "REAL": sys.executable,
        }
        done = self._started(["bash", f"{self.place}/source/setup.sh"], paths)
        out, _ = done.communicate(timeout=300)
        self.record = record.read_text().splitlines() if record.exists() else []
        return subprocess.CompletedProcess(done.args, done.returncode, out, "")

    def hand_in(self, source: Path) -> Path:
        """Put a copy of a submission where Gradescope puts it; returns the copy."""
        shutil.rmtree(self.base / "submission")
        shutil.copytree(source, self.base / "submission")
        (self.base / "submission_metadata.json").write_text(json.dumps(METADATA))
        return self.base / "submission"

    def run(self) -> Run:
        """Run it on one core, and watch its memory."""
        process = self._started([f"{self.place}/run_autograder"], {})
        most = [0]
        watch = threading.Thread(target=_watch, args=(process, most), daemon=True)
        watch.start()
        out, _ = process.communicate(timeout=540)
        watch.join()
        file = self.base / "results" / "results.json"
        results = json.loads(file.read_text()) if file.exists() else None
        return Run(process.returncode, out, results, most[0])

    def _started(self, command: list[str], more: dict[str, str]) -> subprocess.Popen[str]:
        environment = {
            "PATH": "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": "/root",
            **more,
        }
        if self.mounted:
            root = self.base.parent / "root"
            root.mkdir(exist_ok=True)
            command = [
                "unshare",
                "-m",
                "sh",
                "-c",
                AT_ITS_PATH,
                "sh",
                str(root),
                str(self.base),
                *command,
            ]
        else:
            environment["LAWBOOK_AUTOGRADER"] = str(self.base)
        core = min(os.sched_getaffinity(0))
        return subprocess.Popen(
            command,
            cwd=self.base,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=lambda: os.sched_setaffinity(0, {core}),
        )


def _watch(process: subprocess.Popen[str], most: list[int]) -> None:
    """The most memory that a process and its children had at once, by their resident sets."""
    while process.poll() is None:
        most[0] = max(most[0], sum(map(_resident, _tree(process.pid))))
        time.sleep(0.02)


def _tree(root: int) -> list[int]:
    """A process and what descends from it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError):
                continue
            children.setdefault(parent, []).append(int(entry.name))
    found, todo = [], [root]
    while todo:
        one = todo.pop()
        found.append(one)
        todo += children.get(one, [])
    return found


def _resident(process: int) -> int:
    """The resident set of a process, in bytes: of what processes share, more than there is."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith("Rss:"))
