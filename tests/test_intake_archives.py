"""Taking in archives: honest ones of every origin, and every hostile one that is known."""

from __future__ import annotations

import gzip
import io
import random
import stat
import struct
import tarfile
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lawbook.intake import HandIn, NotTaken, TakenIn, take_in, tars, zips

LAYER = b"class Dropout:\n    pass\n"
Files = dict[str, bytes]


def zipped(path: Path, files: Files, method: int = zipfile.ZIP_DEFLATED) -> Path:
    """A zip archive with these files."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def tarred(path: Path, files: Files, mode: str = "w", **more: Any) -> Path:
    """A tar archive with these files."""
    with tarfile.open(path, mode, **more) as archive:
        for name, content in files.items():
            member(archive, name, content)
    return path


def member(archive: tarfile.TarFile, name: str, content: bytes = b"", **facts: Any) -> None:
    """Add one entry with these header fields."""
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for key, value in facts.items():
        setattr(info, key, value)
    archive.addfile(info, io.BytesIO(content))


def in_memory(files: Files) -> bytes:
    """The bytes of a zip archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def taken(source: Path, tmp_path: Path, into: str = "into", inside: str = "") -> TakenIn:
    """The hand-in at a path, taken in."""
    (tmp_path / into).mkdir()
    return take_in(HandIn(source.name, source, inside=inside), tmp_path / into)


def listed(one: TakenIn) -> Files:
    """The files that were taken in; nothing else is there, or beside them."""
    files = {}
    assert [path.name for path in one.root.parent.iterdir()] == [one.root.name]
    for path in one.root.rglob("*"):
        mode = path.lstat().st_mode
        assert stat.S_IMODE(mode) == (0o755 if stat.S_ISDIR(mode) else 0o644)
        if not stat.S_ISDIR(mode):
            assert stat.S_ISREG(mode)
            files[path.relative_to(one.root).as_posix()] = path.read_bytes()
    return files


# Honest archives.

HONEST: Files = {
    "src/Layers/Dropout.py": LAYER,
    "src/Layers/__init__.py": b"",
    "src/a b.py": b"x\r\n",
    "src/στρώμα.py": b"2",
    "src/big.py": random.Random(0).randbytes(700_000),
    "src/" + "long" * 40 + "/" + "name" * 30 + ".py": b"3",
}
PACKERS: dict[str, Callable[[Path, Files], Path]] = {
    "a.zip": zipped,
    "stored.zip": lambda path, files: zipped(path, files, zipfile.ZIP_STORED),
    "a.tar": tarred,
    "gnu.tar": lambda path, files: tarred(path, files, format=tarfile.GNU_FORMAT),
    "pax.tar": lambda path, files: tarred(path, files, format=tarfile.PAX_FORMAT),
    "a.tar.gz": lambda path, files: tarred(path, files, "w:gz"),
    "a.tgz": lambda path, files: tarred(path, files, "w:gz"),
    "really a tar.zip": lambda path, files: tarred(path, files, "w:gz"),
}


@pytest.mark.parametrize("name", PACKERS)
def test_honest_archives_arrive_byte_by_byte(tmp_path: Path, name: str) -> None:
    one = taken(PACKERS[name](tmp_path / name, HONEST), tmp_path)
    assert listed(one) == HONEST
    assert one.notes == ()
    assert one.root.name == name.removesuffix(".gz").rpartition(".")[0]


def test_the_digest_is_that_of_the_folder(tmp_path: Path) -> None:
    backwards = dict(reversed(HONEST.items()))
    digests = {
        taken(PACKERS[name](tmp_path / name, files), tmp_path, f"into {name}").digest
        for name, files in zip(PACKERS, [HONEST, backwards] * 4, strict=True)
    }
    assert len(digests) == 1
    for name, content in HONEST.items():
        (tmp_path / "folder" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "folder" / name).write_bytes(content)
    assert {taken(tmp_path / "folder", tmp_path).digest} == digests


def test_backslashes_of_windows_are_slashes(tmp_path: Path) -> None:
    source = zipped(tmp_path / "a.zip", {"Layers-Dropout.py": LAYER, "Layers-": b""})
    source.write_bytes(source.read_bytes().replace(b"Layers-", b"Layers\\"))
    assert listed(taken(source, tmp_path)) == {"Layers/Dropout.py": LAYER}


@pytest.mark.parametrize(
    ("raw", "name"),
    [("größe.py".encode(), "größe.py"), (b"gr\x94\xe1e.py", "größe.py"), (b"x\xff.py", "x\xa0.py")],
    ids=["utf-8 without the flag", "code page 437", "no utf-8"],
)
def test_names_without_the_flag_for_utf_8(tmp_path: Path, raw: bytes, name: str) -> None:
    placeholder = b"n" * len(raw)
    source = zipped(tmp_path / "a.zip", {placeholder.decode(): LAYER})
    source.write_bytes(source.read_bytes().replace(placeholder, raw))
    assert listed(taken(source, tmp_path)) == {name: LAYER}


def test_litter_of_macos_and_git_is_passed_by(tmp_path: Path) -> None:
    litter = {
        "__MACOSX/._x.py": b"1",
        ".DS_Store": b"1",
        "a/.git/config": b"1",
        "a/.git/HEAD": b"1",
    }
    one = taken(zipped(tmp_path / "a.zip", {"a/x.py": LAYER, **litter}), tmp_path)
    assert listed(one) == {"a/x.py": LAYER}
    assert one.notes == ("left out 'a/.git': it is a repository's or environment's",)


def test_a_folder_that_holds_one_archive(tmp_path: Path) -> None:
    (tmp_path / "Ada_1_assignsubmission_file_").mkdir()
    zipped(tmp_path / "Ada_1_assignsubmission_file_/ex 3.zip", {"src/x.py": LAYER})
    (tmp_path / "Ada_1_assignsubmission_file_/report.pdf").write_bytes(b"1")
    one = taken(tmp_path / "Ada_1_assignsubmission_file_", tmp_path)
    assert listed(one) == {"src/x.py": LAYER}


def test_several_archives_get_a_folder_each(tmp_path: Path) -> None:
    (tmp_path / "ada").mkdir()
    zipped(tmp_path / "ada/first.zip", {"x.py": LAYER})
    tarred(tmp_path / "ada/second.tar.gz", {"x.py": b"2"}, "w:gz")
    assert listed(taken(tmp_path / "ada", tmp_path)) == {"first/x.py": LAYER, "second/x.py": b"2"}


def test_archives_are_unpacked_one_level_deep(tmp_path: Path) -> None:
    inner = in_memory({"innermost.zip": in_memory({"z.py": LAYER}), "y.py": LAYER})
    one = taken(zipped(tmp_path / "a.zip", {"inner.zip": inner}), tmp_path)
    assert listed(one) == {"y.py": LAYER}
    assert one.notes == ("left out 'innermost.zip': it is an archive beside or within the work",)


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_a_part_of_the_archive_of_a_class(tmp_path: Path, pack: Callable[..., Path]) -> None:
    files = {
        "class/ada/x.py": LAYER,
        "class/adam/x.py": b"2",
        "class/bob.zip": in_memory({"src/x.py": b"3"}),
        "class/carl.py": b"4",
    }
    source = pack(tmp_path / "class.zip", files)
    expected = {
        "class/ada": ("ada", {"x.py": LAYER}),
        "class/bob.zip": ("bob", {"src/x.py": b"3"}),
        "class/carl.py": ("carl", {"carl.py": b"4"}),
    }
    for number, (inside, (name, content)) in enumerate(expected.items()):
        one = taken(source, tmp_path, str(number), inside)
        assert (one.root.name, listed(one), one.notes) == (name, content, ())


# Hostile names and kinds, in both formats.

BAD_NAMES = (
    "../x.py",
    "a/../../x.py",
    "/tmp/x.py",
    "C:/x.py",
    "a/b/../../../x.py",
    "x\x1b[2J.py",
    "n" * 300 + ".py",
)


@pytest.mark.parametrize("pack", [zipped, lambda p, f: tarred(p, f, format=tarfile.PAX_FORMAT)])
def test_no_name_leads_out(tmp_path: Path, pack: Callable[..., Path]) -> None:
    before = set(tmp_path.parent.rglob("*"))
    one = taken(
        pack(tmp_path / "m.zip", {"ok.py": LAYER, **dict.fromkeys(BAD_NAMES, b"1")}), tmp_path
    )
    assert listed(one) == {"ok.py": LAYER}
    assert one.notes[0].startswith(f"left out {len(BAD_NAMES)} such as ")
    assert one.notes[0].isprintable()
    assert not any(p.name == "x.py" for p in set(tmp_path.parent.rglob("*")) - before)
    assert not Path("/tmp/x.py").exists()


def test_a_name_with_a_nul_is_refused(tmp_path: Path) -> None:
    source = zipped(tmp_path / "m.zip", {"ok.py": LAYER, "layers.pyXevil": b"1"})
    source.write_bytes(source.read_bytes().replace(b"pyXevil", b"py\0evil"))
    one = taken(source, tmp_path)
    assert listed(one) == {"ok.py": LAYER}
    assert "not safe" in one.notes[0]


@pytest.mark.parametrize(
    "kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK]
)
def test_links_and_devices_in_zips_are_left_out(tmp_path: Path, kind: int) -> None:
    with zipfile.ZipFile(tmp_path / "m.zip", "w") as archive:
        archive.writestr("ok.py", LAYER)
        info = zipfile.ZipInfo("layers.py")
        info.external_attr = (kind | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    one = taken(tmp_path / "m.zip", tmp_path)
    assert listed(one) == {"ok.py": LAYER}
    assert one.notes[0].startswith("left out 'layers.py': it is ")


def test_files_below_a_link_do_not_go_through_it(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "m.tar", "w") as archive:
        member(archive, "a", type=tarfile.SYMTYPE, linkname="..")
        member(archive, "a/x.py", LAYER)
    one = taken(tmp_path / "m.tar", tmp_path)
    assert listed(one) == {"a/x.py": LAYER}


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE]
)
def test_links_and_devices_in_tars_are_left_out(tmp_path: Path, kind: bytes) -> None:
    with tarfile.open(tmp_path / "m.tar", "w") as archive:
        member(archive, "layers.py", type=kind, linkname="/etc/passwd", devmajor=1, devminor=3)
        member(archive, "ok.py", LAYER)
    one = taken(tmp_path / "m.tar", tmp_path)
    assert listed(one) == {"ok.py": LAYER}
    assert one.notes[0].startswith("left out 'layers.py': it is ")


def test_sparse_files_in_tars_are_left_out(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "m.tar", "w", format=tarfile.PAX_FORMAT) as archive:
        sparse = {
            "GNU.sparse.major": "1",
            "GNU.sparse.minor": "0",
            "GNU.sparse.realsize": str(1 << 60),
        }
        member(archive, "huge.py", b"1\n0\n5\n" + bytes(512), pax_headers=sparse)
        member(archive, "ok.py", LAYER)
    block = bytearray(tarfile.TarInfo("old.py").tobuf(tarfile.GNU_FORMAT))
    block[156:157], block[482:483], block[148:156] = b"S", b"\1", b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    ending = (tmp_path / "m.tar").read_bytes()
    (tmp_path / "m.tar").write_bytes(bytes(block) + bytes(512) + ending)
    one = taken(tmp_path / "m.tar", tmp_path)
    assert listed(one) == {"ok.py": LAYER}
    assert one.notes == ("left out 2 such as 'huge.py': they are neither files nor folders",)


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("pack", [zipfile.ZipFile, tarfile.open])
def test_of_two_with_one_name_the_first_is_taken(tmp_path: Path, pack: Any) -> None:
    with pack(tmp_path / "m.zip", "w") as archive:
        for name, content in (
            ("x.py", b"1"),
            ("x.py", b"2"),
            ("./x.py", b"3"),
            ("x.py/y.py", b"4"),
        ):
            if isinstance(archive, tarfile.TarFile):
                member(archive, name, content)
            else:
                archive.writestr(name, content)
    one = taken(tmp_path / "m.zip", tmp_path)
    assert listed(one) == {"x.py": b"1"}
    assert one.notes == ("left out 3 such as 'x.py': others have those names",)


def test_a_file_where_a_folder_is(tmp_path: Path) -> None:
    one = taken(zipped(tmp_path / "m.zip", {"a/x.py": b"1", "a": b"2"}), tmp_path)
    assert listed(one) == {"a/x.py": b"1"}
    assert one.notes == ("left out 'a': another one has that name",)


# Bombs, lies and damage.


def bounded(source: Path, tmp_path: Path, match: str) -> None:
    """It is refused with a sentence, and neither memory nor the disk filled before that."""
    tracemalloc.start()
    try:
        with pytest.raises(NotTaken, match=match):
            taken(source, tmp_path)
        assert tracemalloc.get_traced_memory()[1] < 120 << 20
    finally:
        tracemalloc.stop()
    assert sum(p.stat().st_size for p in (tmp_path / "into").rglob("*") if p.is_file()) < 70 << 20


def test_a_bomb_of_zeros_is_left_out_by_its_size(tmp_path: Path) -> None:
    one = taken(zipped(tmp_path / "m.zip", {"x.py": LAYER, "zeros.py": bytes(50 << 20)}), tmp_path)
    assert listed(one) == {"x.py": LAYER}


def test_many_files_of_zeros_are_too_much(tmp_path: Path) -> None:
    files = {f"{n}.py": bytes(4 << 20) for n in range(20)}
    bounded(zipped(tmp_path / "m.zip", files), tmp_path, "more than 64 MB")


def test_a_lying_size_is_found_out(tmp_path: Path) -> None:
    source = zipped(tmp_path / "m.zip", {"x.py": bytes(50 << 20)})
    size = struct.pack("<I", 50 << 20)
    assert source.read_bytes().count(size) == 2
    source.write_bytes(source.read_bytes().replace(size, struct.pack("<I", 100)))
    bounded(source, tmp_path, "damaged")


def test_entries_that_share_their_bytes_are_a_bomb(tmp_path: Path) -> None:
    source = zipped(tmp_path / "m.zip", {f"{n}.py": bytes(1 << 20) for n in range(50)})
    data = bytearray(source.read_bytes())
    start = data.index(b"PK\x01\x02")
    while (start := data.find(b"PK\x01\x02", start)) >= 0:
        data[start + 42 : start + 46] = bytes(4)  # every entry is the first one
        start += 46
    source.write_bytes(data)
    bounded(source, tmp_path, "bomb")


def test_a_locked_archive_is_said_to_be_so(tmp_path: Path) -> None:
    source = zipped(tmp_path / "m.zip", {"x.py": LAYER})
    data = bytearray(source.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    source.write_bytes(data)
    bounded(source, tmp_path, "locked with a password")


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_methods_that_expand_without_bound_are_refused(tmp_path: Path, method: int) -> None:
    source = zipped(tmp_path / "m.zip", {"x.py": bytes(100_000)}, method)
    bounded(source, tmp_path, "packed in an unusual way")


def test_too_many_entries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zips, "MAX_ENTRIES", 50)
    monkeypatch.setattr(tars, "MAX_ENTRIES", 25)
    files = {f".{n}": b"" for n in range(51)}
    for number, pack in enumerate((zipped, tarred)):
        with pytest.raises(NotTaken, match="too many entries"):
            taken(pack(tmp_path / f"{number}.zip", files), tmp_path, f"into {number}")


def test_a_table_of_entries_as_large_as_the_disk(tmp_path: Path) -> None:
    """The end record tells of a table of 40 MB, which would become gigabytes of entries."""
    source = zipped(tmp_path / "m.zip", {"x.py": LAYER})
    end = source.read_bytes()[-22:]
    size = 40 << 20
    source.write_bytes(b"PK\3\4" + bytes(size) + end[:12] + struct.pack("<II", size, 0) + end[20:])
    bounded(source, tmp_path, "too many entries")


def test_a_gzip_bomb_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tars, "MAX_INFLATED", 8 << 20)
    source = tarred(tmp_path / "m.tar.gz", {"x.py": bytes(30 << 20)}, "w:gz")
    bounded(source, tmp_path, "unpacks to more than")


def test_a_tar_with_a_name_of_a_gigabyte(tmp_path: Path) -> None:
    for number, kind in enumerate((tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE)):
        info = tarfile.TarInfo("x")
        info.type, info.size = kind, 1 << 30
        (tmp_path / f"{number}.tar").write_bytes(info.tobuf(tarfile.GNU_FORMAT) + bytes(1 << 16))
        with pytest.raises(NotTaken, match="absurdly long"):
            taken(tmp_path / f"{number}.tar", tmp_path, str(number))


@pytest.mark.parametrize(
    "facts",
    [
        b"9 path=x\n",
        b"99 path=x\n",
        b"0 path=x\n",
        b"-9 path=x\n",
        b"path\n",
        b"9" * 30,
        b"2 \n" * 9,
    ],
)
def test_a_pax_header_that_lies(tmp_path: Path, facts: bytes) -> None:
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, len(facts)
    data = header.tobuf(tarfile.USTAR_FORMAT) + facts.ljust(512, b"\0")
    honest = tarred(tmp_path / "a.tar", {"y.py": LAYER}).read_bytes()
    (tmp_path / "m.tar").write_bytes(data + honest)
    if facts == b"9 path=x\n":
        assert listed(taken(tmp_path / "m.tar", tmp_path)) == {"x": LAYER}
    else:
        bounded(tmp_path / "m.tar", tmp_path, "damaged")


@pytest.mark.parametrize("size", [b"-1", b"9" * 30, b"x", b"99999999999"])
def test_a_pax_size_that_lies(tmp_path: Path, size: bytes) -> None:
    fact = b" size=" + size + b"\n"
    fact = str(len(fact) + 2).encode() + fact
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, len(fact)
    honest = tarred(tmp_path / "a.tar", {"y.txt": LAYER}).read_bytes()
    data = header.tobuf(tarfile.USTAR_FORMAT) + fact.ljust(512, b"\0") + honest
    (tmp_path / "m.tar").write_bytes(data)
    bounded(tmp_path / "m.tar", tmp_path, "damaged|too early")


def test_negative_sizes_do_not_go_round_for_ever(tmp_path: Path) -> None:
    block = bytearray(tarfile.TarInfo("x.py").tobuf(tarfile.GNU_FORMAT))
    block[124:136], block[148:156] = b"\xff" * 10 + b"\xfe\x00", b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    (tmp_path / "m.tar").write_bytes(bytes(block) * 3 + bytes(1024))
    bounded(tmp_path / "m.tar", tmp_path, "damaged")


@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.tar.gz"])
def test_no_damage_is_more_than_a_sentence(tmp_path: Path, name: str) -> None:
    """Cut off anywhere or with wrong bytes anywhere: taken whole, or refused; never an exception."""
    small = {"src/x.py": LAYER, "src/y/z.py": b"1" * 2000, "ü.py": b"2"}
    data = PACKERS[name](tmp_path / name, small).read_bytes()
    spoil = random.Random(4)
    refused: list[NotTaken] = []
    for number in range(300):
        bad = bytearray(data)
        if number % 3 == 0:
            del bad[spoil.randrange(len(bad)) :]
        else:
            for _ in range(spoil.choice((1, 1, 4, 20))):
                bad[spoil.randrange(len(bad))] = spoil.randrange(256)
        (tmp_path / "bad.zip").write_bytes(bad)
        try:
            listed(taken(tmp_path / "bad.zip", tmp_path, f"into {number}"))
        except NotTaken as error:
            refused.append(error)
    assert 0 < len(refused) < 300
    for one in refused:
        assert str(one).isprintable()
        assert len(str(one)) < 300
        assert not one.ours


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"Rar!\x1a\x07\x01\x00", "a RAR archive"),
        (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
        (b"BZh9", "a bzip2 archive"),
        (b"\xfd7zXZ\x00", "an xz archive"),
        (b"", "is empty"),
        (b"hello", "neither a zip nor a tar"),
        (b"PK\x03\x04", "damaged"),
        (b"\x1f\x8b", "too early"),
        (gzip.compress(b"hello"), "damaged|too early"),
        (gzip.compress(b""), "too early"),
        (zlib.compress(b"hello"), "neither a zip nor a tar"),
    ],
)
def test_what_is_no_archive_gets_a_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    (tmp_path / "a.zip").write_bytes(content)
    bounded(tmp_path / "a.zip", tmp_path, sentence)
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada/solution.zip").write_bytes(content)
    with pytest.raises(NotTaken, match=sentence):
        taken(tmp_path / "ada", tmp_path, "again")


def test_the_work_in_a_rar_gets_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada/solution.rar").write_bytes(b"Rar!")
    (tmp_path / "ada/notes.txt").write_bytes(b"1")
    with pytest.raises(NotTaken, match=r"'solution.rar', which is not read here"):
        taken(tmp_path / "ada", tmp_path)


def test_concatenated_gzip_members_are_one_file(tmp_path: Path) -> None:
    data = tarred(tmp_path / "a.tar", HONEST).read_bytes()
    parts = [data[: len(data) // 2], data[len(data) // 2 :]]
    (tmp_path / "a.tgz").write_bytes(b"".join(map(gzip.compress, parts)) + bytes(512))
    assert listed(taken(tmp_path / "a.tgz", tmp_path)) == HONEST
