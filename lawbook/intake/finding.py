"""Finding the hand-ins below the given paths, by names and kinds of files alone."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from lawbook.intake import archives, folders, platforms
from lawbook.intake.hand_in import HandIn, NotTaken, Student
from lawbook.intake.kinds import EXERCISE, PACKAGES, PART, PROJECT, could_be, is_project
from lawbook.intake.members import hand_ins_in
from lawbook.intake.names import ENVIRONMENTS, PYTHON, ending, is_litter, shown


def hand_ins(
    paths: Sequence[str], course: str, as_class: bool, single: bool = False
) -> list[HandIn]:
    """The hand-ins below the paths, sorted, with unique names.

    With `as_class` every child of a path that could be a hand-in is one, unless the path itself is
    plainly one submission; else a path is a class where several submissions are found below it, or a
    platform exported it; where they are `single` each path is one, whatever is in it.  Raises NotTaken
    for a path that does not exist or is no kind of hand-in.
    """
    found: list[HandIn] = []
    for path in dict.fromkeys(os.path.abspath(path) for path in paths):
        found += _below(Path(path), course, as_class, single)
    return _unique(found)


def _below(path: Path, course: str, as_class: bool, single: bool) -> list[HandIn]:
    name = shown(str(path))
    if path.is_dir():
        try:
            return [_whole(path)] if single else _in_folder(path, course, as_class)
        except OSError as error:
            raise NotTaken(
                f"{name}: the folder cannot be read: {error.strerror}", ours=True
            ) from None
    if not path.exists():
        raise NotTaken(f"{name}: there is no such file or folder")
    if not path.is_file() or not could_be(path.name):
        raise NotTaken(f"{name}: it is neither a folder, nor an archive, nor a Python file")
    if single or not archives.is_archive(path.name):
        return [_whole(path)]
    return hand_ins_in(path, as_class)


def _in_folder(path: Path, course: str, as_class: bool) -> list[HandIn]:
    names = os.listdir(path)
    if platforms.is_export(names):
        return children(path)
    roots = _roots(path, course)
    if path in roots:
        return [_whole(path)]
    if as_class:
        one = len(roots) == 1 and _is_of_one(names, roots[0].relative_to(path).parts[0])
        return [_whole(path)] if one else children(path)
    if len(roots) > 1 or (roots and _has_others(path, names, roots[0].relative_to(path).parts[0])):
        return _apart(path, roots)
    several = sum(map(archives.is_archive, names)) > 1 and not is_project(names)
    return children(path) if several and not roots else [_whole(path)]


def _is_of_one(names: Sequence[str], way: str) -> bool:
    """Whether a folder with these names, and one submission below `way`, is one person's.

    In doubt it is a class, of which nobody is to be missing: a loose Python file may be somebody's work.
    """
    if way in PACKAGES or EXERCISE.match(way):
        return True
    project = PROJECT & {name.lower() for name in names}
    return bool(project) and not any(map(archives.is_archive, names))


def _has_others(path: Path, names: Sequence[str], way: str) -> bool:
    """Whether beside the one known submission, below `way`, there is work of others.

    In doubt it is one person's: nothing at the top may look like a project or like parts of one.
    """
    parts = (name in PACKAGES or EXERCISE.match(name) or PART.fullmatch(name) for name in names)
    if is_project(names) or any(parts):
        return False
    others = [name for name in names if name != way and not is_litter(name)]
    others = [name for name in others if not (path / name).is_symlink()]
    return any(archives.is_archive(name) or _holds_python(path / name) for name in others)


def _holds_python(folder: Path) -> bool:
    """Whether there is Python in a folder, or in the folders in it."""
    for at in (folder, *_folders(folder)):
        with suppress(OSError), os.scandir(at) as found:
            if any(ending(one.name) in PYTHON for one in found):
                return True
    return False


def _folders(folder: Path) -> list[Path]:
    """The folders in what may be a folder."""
    with suppress(OSError), os.scandir(folder) as found:
        return [Path(one) for one in found if one.is_dir(follow_symlinks=False)]
    return []


def _whole(path: Path) -> HandIn:
    return HandIn(path.name or "submission", path)


def children(folder: Path) -> list[HandIn]:
    """Every child of a folder that could be a hand-in; exports and a class's one archive are opened.

    Links are among them: they are refused when they are to be taken in, with a sentence.
    """
    with os.scandir(folder) as found:
        kinds = {one.name: one.is_symlink() or one.is_dir() for one in found}  # links may be round
    names = [name for name in kinds if not is_litter(name) and name not in ENVIRONMENTS]
    names = [name for name in names if kinds[name] or could_be(name)]
    students = _gradescope(folder)
    inside: list[HandIn] = []
    for name in platforms.without_online_texts(sorted(names)):
        place = folder / name
        if platforms.GRADESCOPE_EXPORT.match(name) and place.is_dir() and not place.is_symlink():
            inside += children(place)
        elif len(names) == 1 and archives.is_archive(name):
            inside += hand_ins_in(place, as_class=True)
        else:
            student = students.get(name) or platforms.moodle_student(name)
            inside.append(HandIn(platforms.moodle_name(name), place, student, folder))
    return inside


def set_aside(found: Sequence[HandIn]) -> list[str]:
    """The files beside the hand-ins of a class that cannot be judged, such as a PDF, by their names."""
    folders = {one.base for one in found if one.base is not None and one.base == one.source.parent}
    return sorted(
        shown(one.name)
        for folder in folders
        for one in os.scandir(folder)
        if one.is_file(follow_symlinks=False)
        and not (could_be(one.name) or is_litter(one.name) or one.name == platforms.METADATA)
    )


def _gradescope(folder: Path) -> Mapping[str, Student]:
    """Who is behind each folder by Gradescope's list, if there is one that can be read."""
    try:
        with folders.opened(folder / platforms.METADATA, folder) as file:
            return platforms.gradescope_students(platforms.lines(folders.chunks(file)))
    except NotTaken:
        return {}


def _roots(path: Path, course: str) -> list[Path]:
    """The roots of submissions to the course, or to any; none for an instructor's own adapter."""
    from lawbook.profiles import COURSES

    asked = COURSES if course == "auto" else (course,) if course in COURSES else ()
    searches = (import_module(f"lawbook.courses.{one}").find_roots for one in asked)
    return sorted({Path(root) for search in searches for root in search(str(path))})


def _apart(path: Path, roots: Sequence[Path]) -> list[HandIn]:
    """The folders that tell several submissions apart, and those beside them with nothing known.

    Of one person's several exercises only those with submissions count.
    """
    parts = [root.relative_to(path).parts for root in roots]
    sources = {own[: _depth(own, parts)] for own in parts}
    found = [HandIn("/".join(own), path.joinpath(*own), base=path) for own in sources]
    above = {own[:n] for own in sources for n in range(len(own))}
    for place in above:
        names = os.listdir(path.joinpath(*place))
        if is_project(names) or any(map(EXERCISE.match, names)):
            continue
        for one in children(path.joinpath(*place)):
            own = one.source.relative_to(path).parts
            if own not in sources and own not in above and ending(one.source.name) not in PYTHON:
                found.append(replace(one, name="/".join((*place, one.name)), base=path))
    return found


def _depth(own: tuple[str, ...], parts: Sequence[tuple[str, ...]]) -> int:
    """How many names of a path tell it apart from the other paths."""
    counts = range(1, len(own))
    return next((n for n in counts if [p[:n] for p in parts].count(own[:n]) == 1), len(own))


def _unique(found: Sequence[HandIn]) -> list[HandIn]:
    """Sorted, with printable names: those that are the same get the folder before them, then a number."""
    named = [replace(one, name=shown(one.name)) for one in found]
    count = Counter(one.name for one in named)
    named = [
        replace(one, name=shown(f"{(one.base or one.source.parent).name}/{one.name}"))
        if count[one.name] > 1
        else one
        for one in named
    ]
    taken: set[str] = set()
    unique = []
    for one in sorted(named, key=lambda one: (one.name, str(one.source), one.inside)):
        numbers = (f"{one.name} ({n})" for n in range(2, len(named) + 2))
        name = next(n for n in (one.name, *numbers) if n not in taken)
        taken.add(name)
        unique.append(replace(one, name=name))
    return sorted(unique, key=lambda one: one.name)
