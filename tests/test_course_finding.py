"""Submissions are found wherever they lie, and nothing else is."""

from __future__ import annotations

import shutil
from pathlib import Path

from course_calls import CS231N, FAU

from lawbook.courses import cs231n, fau


def test_fau_roots_are_found_wherever_they_lie(tmp_path: Path) -> None:
    places = ["ada", "bob/Regularization and RNN/src to implement", "cy/a/b/c/d/e"]
    for place in places:
        shutil.copytree(FAU, tmp_path / place)
    for litter in (".ipynb_checkpoints", "__MACOSX", "node_modules/x", "venv/lib", "PaxHeader"):
        shutil.copytree(FAU, tmp_path / "ada2" / litter)
    shutil.copytree(FAU, tmp_path / "a/b/c/d/e/f/g/h/i")
    environment = shutil.copytree(FAU, tmp_path / "dan/env/fau")
    (environment.parent / "pyvenv.cfg").touch()
    (tmp_path / "link").symlink_to(tmp_path / "ada")
    assert fau.find_roots(str(tmp_path)) == [str(tmp_path / place) for place in places]
    assert fau.find_roots(str(tmp_path / "ada")) == [str(tmp_path / "ada")]


def test_of_exercises_side_by_side_the_one_with_constraints_counts(tmp_path: Path) -> None:
    for person in ("student1", "student2"):
        for number in (2, 3):
            shutil.copytree(FAU, tmp_path / person / f"exercise{number}_material" / "src")
        (tmp_path / person / "exercise2_material/src/Optimization/Constraints.py").unlink()
    third = shutil.copytree(FAU, tmp_path / "student3")
    (third / "Optimization/Constraints.py").unlink()
    roots = [tmp_path / f"student{n}/exercise3_material/src" for n in (1, 2)]
    assert fau.find_roots(str(tmp_path)) == [str(root) for root in [*roots, third]]


def test_cs231n_roots_are_found_by_content(tmp_path: Path) -> None:
    shutil.copytree(CS231N, tmp_path / "ada" / "assignment2" / "daseCV")
    given = shutil.copytree(CS231N, tmp_path / "ada" / "assignment3" / "daseCV")
    (given / "layers.py").write_text("def batchnorm_forward():\n    pass\n")
    bare = tmp_path / "bob's homework"
    bare.mkdir()
    shutil.copy(CS231N / "optim.py", bare)
    (tmp_path / "cy").mkdir()
    (tmp_path / "cy" / "layers.py").write_text("def conv(): pass\n")
    expected = [tmp_path / "ada/assignment2/daseCV", bare]
    assert cs231n.find_roots(str(tmp_path)) == [str(path) for path in expected]
    loaded = cs231n.load(str(bare))
    assert set(loaded.operations) == {"sgd", "momentum", "rmsprop", "adam"}
    assert loaded.errors["dropout"] == "there is no layers.py"
