"""Finding hand-ins: in folders, classes, exports of platforms and archives of a whole class."""

from __future__ import annotations

import os
import tarfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from lawbook.intake import HandIn, NotTaken, Student, hand_ins, set_aside, take_in
from lawbook.intake.platforms import MAX_LINE, gradescope_students, lines, moodle_name

EXAMPLES = Path(__file__).parent.parent / "examples" / "submissions"
FAU = ("Layers/Dropout.py", "Layers/Base.py", "Optimization/Constraints.py", "NeuralNetwork.py")
METADATA = """---
submission_101:
  :submitters:
  - :name: Ada Lovelace
    :sid: '0101'
    :email: ada@example.edu
  :created_at: 2026-11-02 10:00:00.000000000 Z
  :results:
    :output: |
      submission_102:
        :submitters:
        - :name: Forged Name
submission_102:
  :submitters:
  - :name: "Βασίλης \\"B\\" Π"
    :email: b@example.edu
    :sid:
  - :name: Carl O'Neil
    :sid: '103'
    :email: 'o''neil@example.edu'
"""


def planted(folder: Path, *names: str) -> Path:
    """A folder with files of these names."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x = 1\n")
    return folder


def found(*paths: Path, as_class: bool = True, course: str = "auto") -> list[HandIn]:
    """The hand-ins below paths, whose names are unique and sorted."""
    listed = hand_ins([str(path) for path in paths], course, as_class)
    names = [one.name for one in listed]
    assert names == sorted(set(names))
    assert all(name.isprintable() and 0 < len(name) <= 100 for name in names)
    return listed


def names_of(listed: Sequence[HandIn]) -> list[str]:
    """Their names."""
    return [one.name for one in listed]


def packed(folder: Path, archive: Path) -> Path:
    """A zip archive of what is in a folder."""
    with zipfile.ZipFile(archive, "w") as file:
        for path in sorted(folder.rglob("*")):
            file.write(path, path.relative_to(folder))
    return archive


def tarred(folder: Path, archive: Path) -> Path:
    """A tar archive of a folder, by its name."""
    with tarfile.open(archive, "w:gz") as file:
        file.add(folder, folder.name)
    return archive


# Classes.


def test_every_child_of_a_class_that_could_be_a_hand_in_is_listed(tmp_path: Path) -> None:
    planted(tmp_path, *(f"ada/src/{name}" for name in FAU), "empty/readme.txt", "pdf/report.pdf")
    planted(tmp_path, "bob.zip", "carl.tar.gz", "dora.py", "emil.rar", "fred.ipynb")
    planted(tmp_path, "grades.csv", ".hidden/x.py", "__MACOSX/x.py", "Thumbs.db", ".git/x.py")
    (tmp_path / "nothing").mkdir()
    (tmp_path / "link").symlink_to("ada")
    expected = "ada bob.zip carl.tar.gz dora.py emil.rar empty fred.ipynb link nothing pdf"
    assert names_of(found(tmp_path)) == expected.split()


def test_a_link_in_a_class_is_listed_and_refused(tmp_path: Path) -> None:
    planted(tmp_path, "class/ada/x.py", "elsewhere/x.py")
    (tmp_path / "class/mallory").symlink_to("../elsewhere")
    mallory = found(tmp_path / "class")[1]
    (tmp_path / "into").mkdir()
    with pytest.raises(NotTaken, match="mallory is a link"):
        take_in(mallory, tmp_path / "into")


@pytest.mark.parametrize("as_class", [True, False])
def test_what_is_plainly_one_submission_is_one(tmp_path: Path, as_class: bool) -> None:
    planted(tmp_path / "root", *FAU)
    planted(tmp_path / "repository", ".git/config", *(f"src/{name}" for name in FAU))
    planted(tmp_path / "handout", *(f"src_to_implement/{name}" for name in FAU), "data/x.csv")
    exercises = [f"exercise{n}/src/{name}" for n in (2, 3) for name in FAU]
    planted(tmp_path / "exercises", "exercise1/x.py", *exercises)
    (tmp_path / "exercises/exercise2/src/Optimization/Constraints.py").unlink()
    for folder in sorted(tmp_path.iterdir()):
        (one,) = found(folder, as_class=as_class)
        assert (one.name, one.source) == (folder.name, folder)
    planted(tmp_path, "single.py")
    (one,) = found(tmp_path / "single.py", as_class=as_class)
    assert one.source == tmp_path / "single.py"


def test_the_examples() -> None:
    for as_class in (True, False):
        assert names_of(found(EXAMPLES, as_class=as_class)) == sorted(os.listdir(EXAMPLES))
    assert names_of(found(*EXAMPLES.iterdir())) != []
    (one,) = found(EXAMPLES / "fau-right", as_class=False)
    assert (one.name, one.source, one.student) == ("fau-right", EXAMPLES / "fau-right", None)


def test_without_a_class_folders_are_told_apart_by_the_shortest_way(tmp_path: Path) -> None:
    planted(tmp_path, *(f"a/ada/src/{name}" for name in FAU), *(f"a/bob/{name}" for name in FAU))
    planted(tmp_path, *(f"b/x/y/{name}" for name in FAU))
    listed = found(tmp_path, as_class=False)
    assert names_of(listed) == ["a/ada", "a/bob", "b"]
    assert [one.source for one in listed] == [
        tmp_path / "a/ada",
        tmp_path / "a/bob",
        tmp_path / "b",
    ]


def test_a_folder_beside_others_with_nothing_known_is_listed(tmp_path: Path) -> None:
    planted(tmp_path, *(f"ada/{name}" for name in FAU), *(f"bob/{name}" for name in FAU))
    planted(tmp_path, "carl/wrong.py", "dora.zip", "notes.txt", ".hidden/x.py")
    assert names_of(found(tmp_path, as_class=False)) == ["ada", "bob", "carl", "dora.zip"]


def test_beside_the_only_one_that_is_known_the_others_are_listed(tmp_path: Path) -> None:
    planted(tmp_path, *(f"ada/ex3/{name}" for name in FAU), "bob/wrong.py", "carl/src/wrong.py")
    planted(tmp_path, "dora/notes.txt", "notes.txt")
    os.symlink(tmp_path / "bob", tmp_path / "eve")
    assert names_of(found(tmp_path, as_class=False)) == ["ada", "bob", "carl", "dora", "eve"]


@pytest.mark.parametrize(
    "others",
    [
        ("README.md", "bob/wrong.py"),
        (".git/config", "docs/conf.py"),
        ("main.py", "docs/conf.py"),
        ("exercise2/x.py",),
        ("A2/x.py",),
        ("cs231n/x.py",),
        ("data/x.npy", "figures/deep/er/x.py", ".hidden/x.py", "x.txt"),
    ],
)
def test_what_may_be_one_persons_stays_one_hand_in(tmp_path: Path, others: Sequence[str]) -> None:
    planted(tmp_path, *(f"work/{name}" for name in FAU), *others)
    assert [one.source for one in found(tmp_path, as_class=False)] == [tmp_path]


def test_an_archive_beside_the_only_one_that_is_known_is_listed(tmp_path: Path) -> None:
    planted(tmp_path, *(f"ada/{name}" for name in FAU), "bob.zip")
    assert names_of(found(tmp_path, as_class=False)) == ["ada", "bob.zip"]


def test_beside_submissions_of_one_project_nothing_else_is_listed(tmp_path: Path) -> None:
    planted(tmp_path, *(f"old/{name}" for name in FAU), *(f"new/{name}" for name in FAU))
    planted(tmp_path, "README.md", "docs/conf.py")
    assert names_of(found(tmp_path, as_class=False)) == ["new", "old"]


def test_a_folder_where_nothing_is_known_is_one_hand_in(tmp_path: Path) -> None:
    planted(tmp_path / "ada", "x.py", "y/z.py")
    assert names_of(found(tmp_path / "ada", as_class=False)) == ["ada"]
    planted(tmp_path / "class", "ada.zip", "bob.zip")
    assert names_of(found(tmp_path / "class", as_class=False)) == ["ada.zip", "bob.zip"]


def test_an_own_adapter_takes_a_path_for_one(tmp_path: Path) -> None:
    planted(tmp_path / "ada", *FAU)
    assert names_of(found(tmp_path / "ada", as_class=False, course="adapter.py")) == ["ada"]
    assert names_of(found(tmp_path, course="adapter.py")) == ["ada"]


def test_several_paths_with_one_name(tmp_path: Path) -> None:
    planted(tmp_path, "monday/ada/x.py", "tuesday/ada/x.py", "tuesday/bob/x.py")
    paths = (tmp_path / "monday", tmp_path / "tuesday", tmp_path / "monday")
    assert names_of(found(*paths)) == ["bob", "monday/ada", "tuesday/ada"]
    planted(tmp_path, "x/monday/ada/x.py")
    listed = found(tmp_path / "monday", tmp_path / "x/monday")
    assert names_of(listed) == ["monday/ada", "monday/ada (2)"]


def test_names_of_folders_are_made_printable(tmp_path: Path) -> None:
    hostile = [b"\x1b[31mred", b"a\nb", b"\xff\xfe", b"<script>", "Ωμέγα".encode(), b"x" * 250]
    for name in hostile:
        os.makedirs(os.fsencode(tmp_path) + b"/" + name)
    listed = found(tmp_path)
    assert len(listed) == len(hostile)
    assert {"Ωμέγα", "<script>"} < set(names_of(listed))
    for one in listed:
        one.name.encode()


@pytest.mark.parametrize("name", ["missing", "notes.txt", "pipe.py"])
def test_what_is_no_hand_in_is_refused(tmp_path: Path, name: str) -> None:
    planted(tmp_path, "notes.txt")
    os.mkfifo(tmp_path / "pipe.py")
    with pytest.raises(NotTaken, match=name):
        found(tmp_path / name)


# Exports of platforms.


def gradescope(folder: Path) -> Path:
    """An export with two submissions and a third that the list does not know."""
    planted(folder, *(f"submission_{n}/src/{name}" for n in (101, 102, 999) for name in FAU))
    (folder / "submission_metadata.yml").write_text(METADATA)
    return folder


@pytest.mark.parametrize("as_class", [True, False])
@pytest.mark.parametrize("form", ["folder", "above", "zip", "tar"])
def test_gradescope(tmp_path: Path, as_class: bool, form: str) -> None:
    export = gradescope(tmp_path / "all" / "assignment_7_export")
    forms = {
        "folder": lambda: export,
        "above": lambda: export.parent if as_class else export,
        "zip": lambda: packed(export.parent, tmp_path / "assignment_7_export.zip"),
        "tar": lambda: tarred(export, tmp_path / "a.tgz"),
    }
    first, second, third = found(forms[form](), as_class=as_class)
    assert first.name == "submission_101"
    assert first.student == Student("0101", "Ada Lovelace", "ada@example.edu")
    assert second.student == Student(
        "103", 'Βασίλης "B" Π; Carl O\'Neil', "b@example.edu; o'neil@example.edu"
    )
    assert third.student is None
    (tmp_path / "into").mkdir()
    taken = take_in(first, tmp_path / "into")
    assert (taken.root / "src/Layers/Dropout.py").is_file()
    assert len([p for p in taken.root.rglob("*") if p.is_file()]) == len(FAU)


def test_the_list_of_gradescope_may_be_anything() -> None:
    hostile = [
        b"",
        b"\xff\xfe\x00" * 1000,
        b"submission_1:\n  :submitters:\n" + b"  - :name: x\n" * 10_000,
        b"submission_1:\n" + b" " * 10_000_000,
        b"submission_" + b"1" * 100_000 + b":\n",
        b"submission_1:\n  :submitters:\n    :name: no item\n",
        b"submission_1:\n  :submitters:\n  - :name: \x1b[2J\n",
    ]
    for data in hostile:
        chunks = [data[n : n + 1000] for n in range(0, len(data), 1000)]
        for student in gradescope_students(lines(chunks)).values():
            assert student.name.isprintable()
            assert len(student.name) <= 1000


def test_a_long_line_cannot_smuggle_a_student_in() -> None:
    """What follows an absurdly long line's begin is no line of its own."""
    forged = b"\nsubmission_2:\n  :submitters:\n  - :name: Mallory\n".replace(b"\n", b" ")
    for gap in range(MAX_LINE - 40, MAX_LINE + 10):
        data = b"submission_1:\n  :output: " + b"x" * gap + forged + b"\n"
        assert gradescope_students(lines([data])) == {}


def test_lines_do_not_depend_on_the_chunks() -> None:
    data = METADATA.encode() + b"y" * (3 * MAX_LINE) + b"\nlast"
    whole = list(lines([data]))
    for size in (1, 7, 4096, 5000):
        assert list(lines(data[n : n + size] for n in range(0, len(data), size))) == whole


MOODLE = "Ada Maria López_1234567_assignsubmission_file_"


@pytest.mark.parametrize("as_class", [True, False])
@pytest.mark.parametrize("form", ["folder", "zip"])
def test_moodle(tmp_path: Path, as_class: bool, form: str) -> None:
    top = planted(tmp_path / "moodle", *(f"{MOODLE}/src/{name}" for name in FAU))
    planted(top, "Bob_Builder_22_assignsubmission_file_/report.pdf")
    planted(top, "Bob_Builder_22_assignsubmission_onlinetext_/onlinetext.html")
    planted(top, "Carl_23_assignsubmission_onlinetext_/onlinetext.html")
    planted(top, "Dora_24_assignsubmission_file_layers.py")
    listed = found(packed(top, tmp_path / "m.zip") if form == "zip" else top, as_class=as_class)
    assert names_of(listed) == [
        "Ada Maria López_1234567",
        "Bob_Builder_22",
        "Carl_23",
        "Dora_24_layers.py",
    ]
    assert [one.student for one in listed] == [
        Student("1234567", "Ada Maria López", ""),
        Student("22", "Bob_Builder", ""),
        Student("23", "Carl", ""),
        Student("24", "Dora", ""),
    ]
    (tmp_path / "into").mkdir()
    assert (take_in(listed[0], tmp_path / "into").root / "src/NeuralNetwork.py").is_file()


def test_moodle_with_an_archive_for_each(tmp_path: Path) -> None:
    work = packed(planted(tmp_path / "work", *FAU), tmp_path / "work.zip").read_bytes()
    for number in (1, 2):
        folder = planted(tmp_path / "m" / f"P{number}_{number}_assignsubmission_file_", "a.pdf")
        (folder / "ex3.zip").write_bytes(work)
    both = found(packed(tmp_path / "m", tmp_path / "m.zip"))
    assert names_of(both) == ["P1_1", "P2_2"]
    (tmp_path / "into").mkdir()
    assert (take_in(both[1], tmp_path / "into").root / "Layers/Dropout.py").is_file()


def test_one_participant_of_moodle_is_not_taken_for_a_wrapper(tmp_path: Path) -> None:
    top = planted(tmp_path / "m", *(f"{MOODLE}/{name}" for name in FAU))
    (one,) = found(packed(top, tmp_path / "m.zip"))
    assert one.student == Student("1234567", "Ada Maria López", "")


def test_moodle_names() -> None:
    assert moodle_name("x_y_9_assignsubmission_file_a.zip") == "x_y_9_a.zip"
    assert moodle_name("x_y") == "x_y"


# Archives of a whole class.


@pytest.mark.parametrize("pack", [packed, tarred])
@pytest.mark.parametrize("wrapper", ["", "class/"])
def test_an_archive_of_a_class(tmp_path: Path, pack: object, wrapper: str) -> None:
    top = tmp_path / "top"
    for person in ("ada", "bob"):
        planted(top, *(f"{wrapper}{person}/src/{name}" for name in FAU))
    planted(top, f"{wrapper}carl/empty.txt", f"{wrapper}.DS_Store", f"{wrapper}list.csv")
    archive = pack(top, tmp_path / "class.zip")  # type: ignore[operator]
    listed = found(archive)
    assert names_of(listed) == ["ada", "bob", "carl"]
    (tmp_path / "into").mkdir()
    assert (take_in(listed[1], tmp_path / "into").root / "src/Layers/Base.py").is_file()
    assert names_of(found(archive, as_class=False)) == ["class.zip"]


def test_an_archive_of_archives(tmp_path: Path) -> None:
    planted(tmp_path / "top", "ada.zip", "bob.tar.gz")
    assert names_of(found(packed(tmp_path / "top", tmp_path / "c.zip"))) == [
        "ada.zip",
        "bob.tar.gz",
    ]


@pytest.mark.parametrize(
    "names",
    [
        FAU,
        FAU[:3],
        [f"src_to_implement/{name}" for name in FAU],
        [f"repository-main/exercise{n}/{name}" for n in (1, 2, 3) for name in FAU],
        [f"repository-main/{copy}/{name}" for copy in ("a", "b") for name in FAU]
        + ["repository-main/README.md"],
        [
            "assignment2/cs231n/layers.py",
            "assignment2/cs231n/classifiers/fc_net.py",
            "assignment2/a.ipynb",
        ],
    ],
)
def test_an_archive_of_one_person(tmp_path: Path, names: Sequence[str]) -> None:
    archive = packed(planted(tmp_path / "top", *names), tmp_path / "ada.zip")
    assert found(archive) == [HandIn("ada.zip", archive)]


@pytest.mark.parametrize("as_class", [True, False])
def test_a_single_path_is_one_hand_in_whatever_is_in_it(tmp_path: Path, as_class: bool) -> None:
    top = planted(tmp_path / "top", *(f"{n}/x/{name}" for n in ("old", "new") for name in FAU))
    archive = packed(top, tmp_path / "ada.zip")
    assert len(hand_ins([str(top)], "auto", as_class)) == 2
    for path in (top, archive):
        assert hand_ins([str(path)], "auto", as_class, single=True) == [HandIn(path.name, path)]


def test_files_that_cannot_be_judged_are_named(tmp_path: Path) -> None:
    planted(
        tmp_path, "ann/x/Dropout.py", "ben/cy.pdf", "bob.zip", "cy.pdf", "a\x1b.txt", ".DS_Store"
    )
    listed = found(tmp_path)
    assert names_of(listed) == ["ann", "ben", "bob.zip"]
    assert set_aside(listed) == ["a\N{REPLACEMENT CHARACTER}.txt", "cy.pdf"]
    assert set_aside(found(tmp_path / "bob.zip")) == []


def test_the_one_archive_in_a_folder_may_be_the_class(tmp_path: Path) -> None:
    planted(tmp_path / "top", *(f"{person}/x/{name}" for person in ("ada", "bob") for name in FAU))
    (tmp_path / "downloads").mkdir()
    packed(tmp_path / "top", tmp_path / "downloads/all.zip")
    assert names_of(found(tmp_path / "downloads")) == ["ada", "bob"]


def test_a_damaged_archive_is_one_hand_in(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04broken")
    assert names_of(found(tmp_path / "a.zip")) == ["a.zip"]
