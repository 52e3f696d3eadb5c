"""A class with hostile hand-ins: `lawbook grade CLASS --out RESULTS` as an instructor runs it.

All of them are in one class with two honest students; the honest ones must get what they get alone, and
nothing may be written anywhere but in RESULTS.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import stat
import struct
import subprocess
import sys
import tarfile
import tempfile
import warnings
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from attacks import watching
from attacks.harness import EXAMPLES, timeless

FILES = {
    str(path.relative_to(EXAMPLES / "fau-right")): path.read_bytes()
    for path in sorted((EXAMPLES / "fau-right").rglob("*.py"))
}
FILE = "Layers/Dropout.py"
LAW = "dropout.dropout_evaluation_draws_no_mask"
EVIL = b"raise SystemExit('evil')\n"
HONEST = {"honest": "holds", "honest-wrong": "fails"}
Make = Callable[[Path], object]
HOLDS, FAILS, REFUSED = ("holds", ""), ("fails", ""), ("not_judged", "submission")


@dataclass(frozen=True)
class Hostile:
    """How a hand-in is made below the class, what comes of it, and what is said (in message or notes)."""

    make: Make
    due: tuple[str, str]  # outcome and fault
    says: str = ""


def in_zip(*entries: tuple[Any, bytes]) -> Make:
    """A zip of a right submission and these entries, which are hostile."""

    def make(place: Path) -> None:
        path = place.with_name(f"{place.name}.zip")
        with warnings.catch_warnings(), zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            warnings.simplefilter("ignore")  # of names that are there twice
            for name, content in [*FILES.items(), *entries]:
                archive.writestr(name, content)

    return make


def in_tar(*entries: dict[str, Any], content: bytes = b"") -> Make:
    """A tar of a right submission and entries with these fields."""

    def make(place: Path) -> None:
        with tarfile.open(place.with_name(place.name + ".tar"), "w") as archive:
            for path, data in FILES.items():
                info = tarfile.TarInfo(path)
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
            for fields in entries:
                info = tarfile.TarInfo("x")
                for name, value in fields.items():
                    setattr(info, name, value)
                if info.isreg():
                    info.size = len(content)
                archive.addfile(info, io.BytesIO(content))

    return make


def special(mode: int, path: str = "Layers/extra.py") -> zipfile.ZipInfo:
    """A zip entry that claims to be a link, a device or a pipe."""
    info = zipfile.ZipInfo(path)
    info.create_system, info.external_attr = 3, (mode | 0o777) << 16
    return info


def damaged(change: Callable[[bytes], bytes]) -> Make:
    """A zip of a right submission whose bytes are changed."""

    def make(place: Path) -> None:
        in_zip()(place)
        path = place.with_name(place.name + ".zip")
        path.write_bytes(change(path.read_bytes()))

    return make


def locked(data: bytes) -> bytes:
    """With the flag of encryption in every entry."""
    changed = bytearray(data)
    for mark, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        at = data.find(mark)
        while at >= 0:
            changed[at + offset] |= 1
            at = data.find(mark, at + 4)
    return bytes(changed)


def shrunk(data: bytes) -> bytes:
    """Every entry says that it unpacks to one byte."""
    changed = bytearray(data)
    for mark, offset in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        at = data.find(mark)
        while at >= 0:
            changed[at + offset : at + offset + 4] = struct.pack("<I", 1)
            at = data.find(mark, at + 4)
    return bytes(changed)


def packed(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return buffer.getvalue()


def folder(place: Path) -> None:
    """A folder with a right submission."""
    write(place, FILES)


def with_file(change: Callable[[Path], object]) -> Make:
    """A folder with a right submission, in which something is done."""

    def make(place: Path) -> None:
        write(place, FILES)
        change(place)

    return make


def write(place: Path, files: dict[str, bytes]) -> None:
    for path, content in files.items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_bytes(content)


def replaced(path: Path, target: str | Path) -> None:
    path.unlink()
    path.symlink_to(target)


OUTSIDE = "/tmp/lawbook-attack-archive"
HOSTILE = {
    "bomb of zeros": Hostile(in_zip(("Layers/bomb.py", bytes(40 << 20))), HOLDS),
    "bomb of many zeros": Hostile(
        in_zip(*[(f"Layers/b{k}.py", bytes(4 << 20)) for k in range(40)]), REFUSED, "too|more than"
    ),
    "zip in zip in zip": Hostile(
        in_zip(("more.zip", packed({"more.zip": packed({FILE: EVIL}), "Layers/Evil.py": EVIL}))),
        HOLDS,
    ),
    "path upwards": Hostile(in_zip(("../../evil.py", EVIL), ("Layers/../../evil.py", EVIL)), HOLDS),
    "absolute path": Hostile(in_zip((f"{OUTSIDE}.py", EVIL)), HOLDS),
    "drive of Windows": Hostile(
        in_zip(("C:/evil.py", EVIL), ("C:\\evil.py", EVIL), ("\\\\host\\evil.py", EVIL)), HOLDS
    ),
    "backslashes upwards": Hostile(in_zip(("..\\..\\evil.py", EVIL)), HOLDS),
    "link to the passwords": Hostile(in_zip((special(stat.S_IFLNK), b"/etc/passwd")), HOLDS),
    "link in place of the solution": Hostile(
        lambda place: in_zip_without(
            place, (special(stat.S_IFLNK, FILE), str(EXAMPLES / "fau-right" / FILE).encode())
        ),
        FAILS,
    ),
    "link to a folder and a file below it": Hostile(
        in_tar(
            {"name": "out", "type": tarfile.SYMTYPE, "linkname": "/tmp"},
            {"name": "out/evil.py"},
            content=EVIL,
        ),
        HOLDS,
    ),
    "link upwards": Hostile(
        in_tar({"name": "Layers/up", "type": tarfile.SYMTYPE, "linkname": "../../.."}), HOLDS
    ),
    "hard link in a tar": Hostile(
        in_tar({"name": "Layers/hard.py", "type": tarfile.LNKTYPE, "linkname": "/etc/passwd"}),
        HOLDS,
    ),
    "devices in a tar": Hostile(
        in_tar(
            {"name": "Layers/zero.py", "type": tarfile.CHRTYPE, "devmajor": 1, "devminor": 5},
            {"name": "Layers/pipe.py", "type": tarfile.FIFOTYPE},
            {"name": "Layers/disk.py", "type": tarfile.BLKTYPE},
        ),
        HOLDS,
    ),
    "devices in a zip": Hostile(
        in_zip(
            *[
                (special(kind, f"Layers/{kind}.py"), b"")
                for kind in (stat.S_IFCHR, stat.S_IFIFO, stat.S_IFSOCK)
            ]
        ),
        HOLDS,
    ),
    "set-user-id": Hostile(
        in_zip((special(stat.S_IFREG | stat.S_ISUID, "Layers/suid.py"), b"")), HOLDS
    ),
    "one name twice": Hostile(in_zip((FILE, EVIL)), HOLDS),
    "names that differ in case": Hostile(
        in_zip(("layers/dropout.py", EVIL), ("LAYERS/DROPOUT.PY", EVIL)), HOLDS
    ),
    "a folder named as a file": Hostile(in_zip((f"{FILE}/evil.py", EVIL)), HOLDS),
    "names that nobody can read": Hostile(
        in_zip(
            ("a\nb.py", EVIL),
            ("\x1b[2J.py", EVIL),
            ("\u202eyp.x.py", EVIL),
            ("x" * 10_000, EVIL),
            (" ", EVIL),
        ),
        HOLDS,
    ),
    "names of Windows": Hostile(
        in_zip(*[(name, EVIL) for name in ("CON.py", "aux", "nul.txt", "a:b.py", "x. ")]), HOLDS
    ),
    "names of switches": Hostile(in_zip(("-rf", EVIL), ("--out", EVIL), ("*", EVIL)), HOLDS),
    "our own names": Hostile(
        in_zip(*[(n, EVIL) for n in ("adapter.py", "run.json", "importing", "results/x.json")]),
        HOLDS,
    ),
    "a thousand folders deep": Hostile(in_zip(("d/" * 1000 + "x.py", EVIL)), HOLDS),
    "locked": Hostile(damaged(locked), REFUSED, "password|locked|encrypt"),
    "cut off": Hostile(damaged(lambda data: data[: len(data) // 2]), REFUSED),
    "empty": Hostile(damaged(lambda data: b""), REFUSED),
    "noise": Hostile(damaged(lambda data: bytes(range(256)) * 9), REFUSED),
    "its end alone": Hostile(damaged(lambda data: data[-22:]), REFUSED),
    "sizes that lie": Hostile(damaged(shrunk), REFUSED),
    "a text in front": Hostile(damaged(lambda data: b"#!/bin/sh\nrm -rf /\n" + data), REFUSED),
    "a comment of 60 kB": Hostile(
        damaged(lambda data: data[:-2] + struct.pack("<H", 60_000) + b"\x1b[2J" * 15_000), HOLDS
    ),
    "program for a hand-in": Hostile(
        lambda place: place.with_name("program.py").write_bytes(EVIL), REFUSED
    ),
    # folders, as they lie in the class
    "a link for a file": Hostile(
        with_file(lambda place: replaced(place / FILE, EXAMPLES / "fau-right" / FILE)), FAILS
    ),
    "a link for a folder": Hostile(
        lambda place: place.symlink_to(EXAMPLES / "fau-right"), REFUSED, "link"
    ),
    "a link that is its own": Hostile(lambda place: place.symlink_to(place.name), REFUSED, "link"),
    "a pipe": Hostile(with_file(lambda place: os.mkfifo(place / "Layers" / "pipe.py")), HOLDS),
    "a folder nobody may enter": Hostile(
        with_file(lambda place: (place / "Layers").chmod(0o700)), HOLDS
    ),
    "newline\nand \x1b[2J": Hostile(folder, HOLDS),
    "<script>alert(1)</script>".replace("/", "_"): Hostile(folder, HOLDS),
    "=1+1": Hostile(folder, HOLDS),
    "-rf": Hostile(folder, HOLDS),
    "run.json": Hostile(folder, HOLDS),
    "results": Hostile(folder, HOLDS),
    "CON": Hostile(folder, HOLDS),
    "Honest": Hostile(folder, HOLDS),
    "honest_": Hostile(folder, HOLDS),
    "\u202egnp.": Hostile(folder, HOLDS),
    "n" * 250: Hostile(folder, HOLDS),
    "..": Hostile(lambda place: write(place.with_name("...hidden"), FILES), HOLDS),
}
RENAMED = {
    "program for a hand-in": "program.py"
}  # the others are called as their folder or archive is
NOT_LISTED = {".."}


def in_zip_without(place: Path, entry: tuple[Any, bytes]) -> None:
    """A zip of a right submission without the file, and this entry for it."""
    with zipfile.ZipFile(place.with_name(place.name + ".zip"), "w") as archive:
        for path, content in FILES.items():
            if path != FILE:
                archive.writestr(path, content)
        archive.writestr(*entry)


def honest(place: Path) -> None:
    """Two students, one of them right."""
    write(place / "honest", FILES)
    wrong = FILES[FILE].replace(b"return input_tensor\n", b"return input_tensor * 2\n")
    assert wrong != FILES[FILE]
    write(place / "honest-wrong", {**FILES, FILE: wrong})


@dataclass
class Run:
    """What a run over a class printed and wrote, and what changed anywhere else."""

    results: dict[str, dict[str, Any]]
    printed: str
    out: Path
    changed: list[str]
    code: int


def run(place: Path, out: Path, *more: str) -> Run:
    """Grade it, with all that may be written in a folder of the test's."""
    scratch = Path(tempfile.mkdtemp(prefix="archives-"))
    scratch.chmod(0o755)
    around = watching.tree(place.parent)
    before = watching.marked("lawbook-attack-archive")
    given = [sys.executable, "-m", "lawbook", "grade", str(place), "--out", str(out), "--only", LAW]
    try:
        ended = subprocess.run(
            [*given, "--seed", "5", "--require-isolation", "process", *more],
            capture_output=True,
            check=False,
            env={**os.environ, "TMPDIR": str(scratch)},
            cwd=scratch,
            timeout=300,
        )
        left = [entry.name for entry in scratch.iterdir()]
    finally:
        shutil.rmtree(scratch)
    printed = (ended.stdout + ended.stderr).decode()
    assert "Traceback" not in printed, printed
    assert (out / "report.json").exists(), printed
    after = {
        path: what
        for path, what in watching.tree(place.parent).items()
        if not path.startswith(str(out))
    }
    own = str(place.parent)  # the folder of results is made in it
    changed = [
        f"{path}: {around.get(path)} -> {after.get(path)}"
        for path in around.keys() | after.keys()
        if around.get(path) != after.get(path) and path != own
    ]
    changed += [*left, *(watching.marked("lawbook-attack-archive") - before)]
    report = json.loads((out / "report.json").read_text())
    return Run(
        {one["hand_in"]: one for one in report["subjects"]}, printed, out, changed, ended.returncode
    )


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder whose path says nothing."""
    folder = Path(tempfile.mkdtemp(prefix="class-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def alone(place: Path) -> Run:
    """The honest students in a class of their own."""
    (place / "alone").mkdir()
    honest(place / "alone" / "class")
    return run(place / "alone" / "class", place / "alone" / "out")


@pytest.fixture(scope="module")
def attacked(place: Path) -> Run:
    """All of them in one class."""
    top = place / "attacked" / "class"
    honest(top)
    for name, hostile in HOSTILE.items():
        hostile.make(top / name)
    return run(top, place / "attacked" / "out")


def result_of(found: Run, name: str) -> dict[str, Any]:
    """The result of a hand-in, whose name may be shown in another way."""
    shown = RENAMED.get(name, name)
    if shown in found.results:
        return found.results[shown]
    [one] = [
        one for one in found.results.values() if one["path"].rpartition("/")[2].startswith(name)
    ]
    return one


@pytest.mark.parametrize(
    "name", [name for name in HOSTILE if name not in NOT_LISTED], ids=lambda name: ascii(name)[:40]
)
def test_a_hostile_hand_in_gets_what_it_deserves(attacked: Run, name: str) -> None:
    result = result_of(attacked, name)
    due = HOSTILE[name].due
    said = " ".join(
        [result["message"], *result["notes"], *(law["message"] for law in result["laws"])]
    )
    assert (result["outcome"], result["fault"]) == due, said
    assert "evil" not in said.replace("evil.py", "")
    assert said.isprintable()
    assert len(said) < 4000
    assert result["hand_in"].isprintable()
    if due == REFUSED:
        assert result["message"]
        assert not result["laws"]
    assert re.search(HOSTILE[name].says, said), said


def test_nobody_elses_result_is_another_one(attacked: Run, alone: Run) -> None:
    for name, outcome in HONEST.items():
        before, after = (  # but for the place where they lie, which a script to repeat it has too
            json.loads(json.dumps(timeless(run.results[name])).replace(str(run.out.parent), ""))
            for run in (alone, attacked)
        )
        assert before == after
        assert after["outcome"] == outcome


def test_nothing_is_written_outside_the_results(attacked: Run, alone: Run) -> None:
    assert attacked.changed == []
    assert alone.changed == []
    names = {path.name for path in attacked.out.iterdir()}
    assert names <= {"lock", "run.json", "report.json", "results", "secret"}
    files = [path for path in attacked.out.rglob("*") if path.is_file()]
    assert len(list((attacked.out / "results").iterdir())) == len(HOSTILE) - len(NOT_LISTED) + len(
        HONEST
    )
    assert sum(path.stat().st_size for path in files) < 2 << 20
    for path in files:
        assert stat.S_ISREG(path.lstat().st_mode)
        assert all(char.isalnum() or char in "._-+" for char in path.name)


def test_what_is_printed_is_text(attacked: Run) -> None:
    assert attacked.code in (1, 2)
    assert "\x1b" not in attacked.printed
    assert "\u202e" not in attacked.printed
    assert all(char.isprintable() or char in "\n\r" for char in attacked.printed)


# --- exports of platforms -------------------------------------------------------------------------

PEOPLE = """---
submission_101:
  :submitters:
  - :name: Ada
    :sid: '1'
    :email: ada@example.edu
submission_102:
  :submitters:
  - :name: "=HYPERLINK(1)\\e[2J"
    :sid: "../../2"
    :email: <script>
  :results:
    :output: |
submission_101:
  :submitters:
  - :name: Mallory
submission_103:
  :submitters: &a
  - :name: !!python/object/apply:os.system [evil]
"""


def export(place: Path) -> None:
    """Gradescope's export, in an archive, of one honest and two hostile students."""
    wrong = FILES[FILE].replace(b"return input_tensor\n", b"return input_tensor * 2\n")
    files = {f"submission_101/{path}": content for path, content in FILES.items()}
    files |= {f"submission_102/{path}": content for path, content in {**FILES, FILE: wrong}.items()}
    files |= {f"submission_103/{path}": content for path, content in {**FILES, FILE: wrong}.items()}
    hostile = {
        "submission_102/submission_metadata.yml": b"submission_101:\n  :submitters:\n  - :name: Mallory\n",
        f"submission_102/../submission_101/{FILE}": EVIL,
        f"submission_103/../submission_102/{FILE}": FILES[FILE],
        f"submission_101\\..\\submission_103\\{FILE}": FILES[FILE],
    }
    place.mkdir()
    with zipfile.ZipFile(place / "assignment_1_export.zip", "w") as archive:
        archive.writestr("assignment_1_export/submission_metadata.yml", PEOPLE)
        for path, content in [*hostile.items(), *files.items()]:
            archive.writestr(f"assignment_1_export/{path}", content)


def test_an_export_of_gradescope_that_lies_helps_and_harms_nobody(place: Path) -> None:
    (place / "gradescope").mkdir()
    export(place / "gradescope" / "class")
    found = run(place / "gradescope" / "class", place / "gradescope" / "out")
    assert found.changed == []
    outcomes = {name: (one["outcome"], one["message"]) for name, one in found.results.items()}
    assert outcomes == {
        "submission_101": ("holds", ""),
        "submission_102": ("fails", ""),
        "submission_103": ("fails", ""),
    }
    assert "\x1b" not in found.printed
    students = {name: one["student"] for name, one in found.results.items()}
    assert students["submission_102"]["id"] == "../../2"
    assert students["submission_102"]["name"].isprintable()
    for one in students.values():
        assert one is None or all(text.isprintable() for text in one.values())


def test_names_of_moodle_cannot_take_anothers_place(place: Path) -> None:
    top = place / "moodle" / "class"
    wrong = FILES[FILE].replace(b"return input_tensor\n", b"return input_tensor * 2\n")
    write(top / "Ada_1_assignsubmission_file_", FILES)
    for name in (
        "Ada_2_assignsubmission_file_",
        "Ada_1_2_assignsubmission_file_",
        "Ada_1_assignsubmission_file_ ",
        "Ada_1_assignsubmission_file__assignsubmission_file_",
        "\x1b[2J_3_assignsubmission_file_",
    ):
        write(top / name, {**FILES, FILE: wrong})
    found = run(top, place / "moodle" / "out")
    assert found.changed == []
    right = [one for one in found.results.values() if one["outcome"] == "holds"]
    assert [one["path"].rpartition("/")[2] for one in right] == ["Ada_1_assignsubmission_file_"]
    assert len(found.results) == 6
    assert len({one["hand_in"] for one in found.results.values()}) == 6
    assert all(one["hand_in"].isprintable() for one in found.results.values())
