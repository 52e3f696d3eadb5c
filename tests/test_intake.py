"""Taking in folders and files: what is copied, what is left out with a note, what is refused."""

from __future__ import annotations

import gc
import hashlib
import os
import socket
import stat
import unicodedata
from pathlib import Path

import pytest

from lawbook.intake import HandIn, NotTaken, TakenIn, take_in
from lawbook.intake import folders as walking
from lawbook.intake import store as storing
from lawbook.intake.entry import Leftovers
from lawbook.intake.names import Unsafe, parts_of, safe, shown

LAYER = "class Dropout:\n    pass\n"


def planted(folder: Path, files: dict[str, str | bytes]) -> Path:
    """A folder with these files."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def taken(source: Path, tmp_path: Path, into: str = "into", **more: object) -> TakenIn:
    """The hand-in at a path, taken in."""
    (tmp_path / into).mkdir()
    return take_in(HandIn(source.name, source, **more), tmp_path / into)  # type: ignore[arg-type]


def listed(one: TakenIn) -> dict[str, bytes]:
    """The files that were taken in; none of them is anything but a plain file."""
    files = {}
    for path in one.root.rglob("*"):
        mode = path.lstat().st_mode
        assert stat.S_ISREG(mode) or stat.S_ISDIR(mode)
        assert stat.S_IMODE(mode) == (0o755 if stat.S_ISDIR(mode) else 0o644)
        assert path.lstat().st_nlink == 1 or stat.S_ISDIR(mode)
        if stat.S_ISREG(mode):
            files[path.relative_to(one.root).as_posix()] = path.read_bytes()
    return files


# Honest work arrives as it is.


def test_files_arrive_byte_by_byte(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "Layers/Dropout.py": LAYER,
        "Layers/__init__.py": "",
        "windows.py": b"x = 1\r\ny = 2\r\n",
        "latin.py": "# ü\n".encode("latin-1"),
        "Regularization and the Recurrent Layer/a b.py": "1",
        "Κανονικοποίηση/στρώμα.py": "2",
        "/".join("abcdefghijklmno") + "/deep.py": "3",
        "weights.npy": b"\x00" * 1000,
        "a\\b.py": "4",
    }
    one = taken(planted(tmp_path / "alice", files), tmp_path)
    assert listed(one) == {k: v if isinstance(v, bytes) else v.encode() for k, v in files.items()}
    assert one.root.name == "alice"
    assert one.notes == ()


def test_modes_are_made_the_same_under_any_mask(tmp_path: Path) -> None:
    source = planted(tmp_path / "alice", {"a/run.py": LAYER, "b.py": LAYER})
    (source / "a/run.py").chmod(0o4755)
    (source / "b.py").chmod(0o600)
    mask = os.umask(0o077)
    try:
        one = taken(source, tmp_path)
    finally:
        os.umask(mask)
    assert set(listed(one)) == {"a/run.py", "b.py"}
    assert stat.S_IMODE(one.root.stat().st_mode) == 0o755
    assert stat.S_IMODE(one.root.parent.stat().st_mode) == 0o755


def test_a_single_file_becomes_a_folder(tmp_path: Path) -> None:
    planted(tmp_path, {"dropout.py": LAYER})
    one = taken(tmp_path / "dropout.py", tmp_path)
    assert one.root.name == "dropout"
    assert listed(one) == {"dropout.py": LAYER.encode()}


def test_decomposed_names_of_macos_are_composed(tmp_path: Path) -> None:
    source = planted(tmp_path / "a", {unicodedata.normalize("NFD", "größe.py"): LAYER})
    assert set(listed(taken(source, tmp_path))) == {unicodedata.normalize("NFC", "größe.py")}


def test_a_latin_1_folder_name_loses_nobody_the_work(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path / "a") + b"/L\xf6sung"
    os.makedirs(folder)
    with open(folder + b"/x.py", "wb") as file:
        file.write(b"1")
    assert set(listed(taken(tmp_path / "a", tmp_path))) == {"Lösung/x.py"}


# The digest.


def test_the_digest_is_of_names_and_contents_alone(tmp_path: Path) -> None:
    a = planted(tmp_path / "a", {"x.py": "1", "y/z.py": "2"})
    b = planted(tmp_path / "other name", {"y/z.py": "2", "x.py": "1", ".DS_Store": "?"})
    os.utime(b / "x.py", (0, 0))
    (b / "x.py").chmod(0o755)
    first, second = taken(a, tmp_path, "1"), taken(b, tmp_path, "2")
    assert first.digest == second.digest
    assert len(first.digest) == 64


def test_the_digest_is_defined_as_documented(tmp_path: Path) -> None:
    one = taken(planted(tmp_path / "a", {"x.py": "1", "b.py": "2"}), tmp_path)
    sha = hashlib.sha256()
    for name, content in ((b"b.py", b"2"), (b"x.py", b"1")):
        sha.update(len(name).to_bytes(4, "big") + name + hashlib.sha256(content).digest())
    assert one.digest == sha.hexdigest()


@pytest.mark.parametrize(
    "files",
    [{"x.py": "1"}, {"x.py": "12"}, {"xy.py": ""}, {"x.py": "1", "y.py": ""}, {"y/x.py": "1"}],
)
def test_the_digest_tells_contents_apart(tmp_path: Path, files: dict[str, str]) -> None:
    first = taken(planted(tmp_path / "a", {"x.py": "1", "y.py": "2"}), tmp_path, "1")
    other = taken(planted(tmp_path / "b", dict(files)), tmp_path, "2")
    assert first.digest != other.digest


# What is left out.


def test_a_link_to_the_reference_solution_is_no_submission(tmp_path: Path) -> None:
    planted(tmp_path / "reference", {"solution.py": "SECRET", "folder/inner.py": "SECRET"})
    source = planted(tmp_path / "mallory", {"own.py": LAYER})
    (source / "submission.py").symlink_to(tmp_path / "reference/solution.py")
    (source / "Layers").symlink_to(tmp_path / "reference/folder")
    (source / "up").symlink_to("..")
    (source / "dangling.py").symlink_to("nowhere")
    one = taken(source, tmp_path)
    assert set(listed(one)) == {"own.py"}
    assert one.notes == ("left out 4 such as 'Layers': they are links",)


def test_a_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    planted(tmp_path / "reference", {"solution.py": "SECRET"})
    (tmp_path / "class").mkdir()
    (tmp_path / "class/mallory").symlink_to(tmp_path / "reference")
    with pytest.raises(NotTaken, match="mallory is a link"):
        taken(tmp_path / "class/mallory", tmp_path, base=tmp_path / "class")


def test_a_link_on_the_way_is_refused(tmp_path: Path) -> None:
    planted(tmp_path / "reference/alice", {"solution.py": "SECRET"})
    (tmp_path / "class").mkdir()
    (tmp_path / "class/group").symlink_to(tmp_path / "reference")
    with pytest.raises(NotTaken, match="is a link"):
        taken(tmp_path / "class/group/alice", tmp_path, base=tmp_path / "class")


def test_the_path_that_the_instructor_gave_may_be_a_link(tmp_path: Path) -> None:
    planted(tmp_path / "data", {"x.py": LAYER})
    (tmp_path / "alice").symlink_to(tmp_path / "data")
    assert set(listed(taken(tmp_path / "alice", tmp_path))) == {"x.py"}


def test_a_file_swapped_for_a_link_meanwhile_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = planted(tmp_path / "reference", {"solution.py": "SECRET"}) / "solution.py"
    source = planted(tmp_path / "mallory", {"a.py": LAYER, "b.py": LAYER, "folder/c.py": LAYER})
    honest = walking._listing

    def swapping(folder: int, budget: list[int]) -> list[os.DirEntry[str]]:
        seen = honest(folder, budget)
        if (source / "b.py").is_file() and not (source / "b.py").is_symlink():
            (source / "b.py").unlink()
            (source / "b.py").symlink_to(secret)
            (source / "folder").rename(source / "gone")
            (source / "folder").symlink_to(secret.parent)
        return seen

    monkeypatch.setattr(walking, "_listing", swapping)
    one = taken(source, tmp_path)
    assert listed(one) == {"a.py": LAYER.encode()}
    assert one.notes[0].endswith("they are links")


def test_pipes_and_sockets_are_not_opened(tmp_path: Path) -> None:
    source = planted(tmp_path / "mallory", {"x.py": LAYER})
    os.mkfifo(source / "Dropout.py")  # opened for reading it would block for ever
    with socket.socket(socket.AF_UNIX) as listener:
        here = os.getcwd()
        os.chdir(source)
        listener.bind("s.py")
        os.chdir(here)
        one = taken(source, tmp_path)
    assert set(listed(one)) == {"x.py"}
    assert one.notes == ("left out 2 such as 'Dropout.py': they are neither files nor folders",)


def test_a_pipe_as_the_hand_in_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.py")
    with pytest.raises(NotTaken, match="neither a file nor a folder"):
        taken(tmp_path / "x.py", tmp_path)


def test_hard_links_within_ones_own_are_copied(tmp_path: Path) -> None:
    source = planted(tmp_path / "alice", {"x.py": LAYER})
    os.link(source / "x.py", tmp_path / "backup.py")  # as rsync --link-dest does
    assert set(listed(taken(source, tmp_path))) == {"x.py"}


def test_a_hard_link_to_somebody_elses_file_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = planted(tmp_path / "mallory", {"own.py": LAYER, "submission.py": "SECRET"})
    os.link(source / "submission.py", tmp_path / "solution.py")
    honest, foreign = os.fstat, (source / "submission.py").stat().st_ino

    def of_another_owner(file: int) -> os.stat_result:
        status = list(honest(file))
        if status[stat.ST_INO] == foreign:
            status[stat.ST_UID] += 1
        return os.stat_result(status)

    monkeypatch.setattr(os, "fstat", of_another_owner)
    one = taken(source, tmp_path)
    assert set(listed(one)) == {"own.py"}
    assert one.notes == ("left out 'submission.py': it is a hard link to somebody else's file",)


def test_unprintable_names_are_left_out(tmp_path: Path) -> None:
    names = ["a\nb.py", "\x1b[2Jx.py", "x\u202eyp.exe.py", "\u2028.py"]
    source = planted(tmp_path / "mallory", {"x.py": LAYER, **dict.fromkeys(names, "1")})
    one = taken(source, tmp_path)
    assert set(listed(one)) == {"x.py"}
    assert len(one.notes) == 1
    assert one.notes[0].startswith("left out 4 such as ")
    assert one.notes[0].isprintable()


def test_repositories_environments_and_data_are_left_out_with_a_note_each(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "x.py": LAYER,
        ".git/objects/ab/cd": b"1" * 5000,
        "venv/lib/a.py": "1",
        "myenv/pyvenv.cfg": "",
        "myenv/lib/b.py": "1",
        "web/node_modules/c.py": "1",
        "__pycache__/x.pyc": b"1",
        ".ipynb_checkpoints/x.py": "1",
        "__MACOSX/._x.py": "1",
        "Thumbs.db": "1",
        "data/cifar.npy": b"1" * (2 << 20),
        "net.pkl": b"1" * (2 << 20),
        "plot.PNG": b"1",
        "fast.cpython-311.so": b"1",
        "old.zip": b"PK",
    }
    one = taken(planted(tmp_path / "alice", files), tmp_path)
    assert set(listed(one)) == {"x.py"}
    assert one.notes == (
        "left out 2 such as 'data/cifar.npy': they are larger than source code is",
        "left out 'plot.PNG': it is an image or a document",
        "left out 'fast.cpython-311.so': it is compiled code",
        "left out 4 such as '.git': they are repositories' or environments'",
        "left out 'old.zip': it is an archive beside or within the work",
    )


def test_lfs_pointers_are_noted(tmp_path: Path) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
    one = taken(planted(tmp_path / "a", {"x.py": LAYER, "weights.pkl": pointer}), tmp_path)
    assert one.notes == ("left out 'weights.pkl': it is a Git LFS pointer, not the file",)


# Bounds.


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounds that a test can reach."""
    monkeypatch.setattr(storing, "MAX_BYTES", 1000)
    monkeypatch.setattr(storing, "MAX_FILES", 20)
    monkeypatch.setattr(storing, "MAX_SOURCE", 400)
    monkeypatch.setattr(walking, "MAX_ENTRIES", 100)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({f"{n}.py": "1" * 300 for n in range(4)}, "MB of files"),
        ({f"{n}.py": "1" for n in range(21)}, "more than 20 files"),
        ({f"{n}/.hidden": "1" for n in range(51)}, "more than 100 files and folders"),
    ],
    ids=["bytes", "files", "entries"],
)
def test_too_much_is_refused(tmp_path: Path, files: dict[str, str], sentence: str) -> None:
    with pytest.raises(NotTaken, match=sentence):
        taken(planted(tmp_path / "a", dict(files)), tmp_path)


@pytest.mark.usefixtures("small")
def test_what_is_just_allowed_is_taken(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {f"{n}.py": "1" * 50 for n in range(20)}
    assert len(listed(taken(planted(tmp_path / "a", files), tmp_path))) == 20


@pytest.mark.usefixtures("small")
def test_files_left_out_for_their_size_do_not_count(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {f"{n}.py": "1" * 401 for n in range(10)}
    one = taken(planted(tmp_path / "a", {**files, "x.py": "1" * 400}), tmp_path)
    assert set(listed(one)) == {"x.py"}
    assert one.notes == ("left out 10 such as '0.py': they are larger than source code is",)


def test_a_sparse_file_of_a_terabyte_costs_nothing(tmp_path: Path) -> None:
    source = planted(tmp_path / "a", {"x.py": LAYER, "huge.py": ""})
    os.truncate(source / "huge.py", 1 << 40)
    one = taken(source, tmp_path)
    assert set(listed(one)) == {"x.py"}
    assert one.notes == ("left out 'huge.py': it is larger than source code is",)


def test_a_file_that_grows_while_it_is_read_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = planted(tmp_path / "a", {"x.py": LAYER})
    chunks = [b"1" * (3 << 20), b"1" * (3 << 20), b""]
    monkeypatch.setattr(walking, "chunks", lambda file: iter(chunks))
    with pytest.raises(NotTaken, match="larger than source code"):
        taken(source, tmp_path)


def test_bottomless_folders_end(tmp_path: Path) -> None:
    source = planted(tmp_path / "a", {"x.py": LAYER, "/".join("d" * 60) + "/y.py": "1"})
    one = taken(source, tmp_path)
    assert set(listed(one)) == {"x.py"}
    assert one.notes[0].endswith("its name is not safe")


def test_the_walk_itself_ends_at_a_depth(tmp_path: Path) -> None:
    planted(tmp_path / "a", {"/".join("d" * 60) + "/y.py": "1", "/".join("e" * 32) + "/y.py": "1"})
    with walking.opened(tmp_path / "a", None) as folder:
        met = [entry.path for entry in walking.entries(folder, Leftovers())]
    assert met == ["/".join("e" * 32) + "/y.py"]


def test_a_notebook_alone_is_refused_as_what_it_is(tmp_path: Path) -> None:
    folder = planted(tmp_path / "class", {"fred.ipynb": "{}"})
    with pytest.raises(NotTaken, match=r"it is a notebook, .* ask for the \.py files"):
        taken(folder / "fred.ipynb", tmp_path)


def test_an_empty_hand_in_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a/empty").mkdir(parents=True)
    with pytest.raises(NotTaken, match="no file in it that could be judged: it is empty"):
        taken(tmp_path / "a", tmp_path)


def test_a_hand_in_that_is_gone_is_our_trouble(tmp_path: Path) -> None:
    with pytest.raises(NotTaken, match="could not be opened") as caught:
        taken(tmp_path / "gone", tmp_path)
    assert caught.value.ours


def test_a_full_disk_is_our_trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = planted(tmp_path / "a", {"x.py": LAYER})

    def full(file: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storing.os, "write", full)
    with pytest.raises(NotTaken, match="No space left") as caught:
        taken(source, tmp_path)
    assert caught.value.ours


def test_no_descriptor_stays_open(tmp_path: Path) -> None:
    source = planted(tmp_path / "a", {"x.py": LAYER, "b/c.py": LAYER})
    (source / "l.py").symlink_to("x.py")
    gc.collect()
    before = len(os.listdir("/proc/self/fd"))
    taken(source, tmp_path, "1")
    with pytest.raises(NotTaken):
        taken(source / "l.py", tmp_path, "2", base=source)
    assert len(os.listdir("/proc/self/fd")) == before


# Names.


@pytest.mark.parametrize(
    "path",
    [
        "../x",
        "a/../x",
        "/x",
        "C:/x",
        "C:x",
        "a\0b",
        "a\x1bb",
        "x" * 256,
        "ab/" * 400,
        "a/" * 33 + "x",
    ],
)
def test_unsafe_paths_are_refused(path: str) -> None:
    with pytest.raises(Unsafe):
        parts_of(path)


def test_harmless_detours_are_removed() -> None:
    assert parts_of("./a//b/.") == ("a", "b")
    assert safe("..a") == "..a"


def test_any_name_can_be_shown() -> None:
    for name in ("", "\x1b[31m", "a\nb", "\udc80", "\u202e", "x" * 10_000_000):
        text = shown(name)
        assert 1 <= len(text) <= 100
        assert text.isprintable()
        text.encode()
