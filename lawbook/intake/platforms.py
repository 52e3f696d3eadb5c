"""What the exports of platforms tell by their names and lists: whose hand-in is whose.

Gradescope, "Export Submissions": `assignment_<id>_export/` with `submission_<id>/` folders and
`submission_metadata.yml`.  Moodle, "Download all submissions": `<Full Name>_<id>_assignsubmission_file_`,
a folder for each participant, or with the file's own name behind it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from lawbook.intake.hand_in import Student
from lawbook.intake.names import shown

METADATA = "submission_metadata.yml"
MAX_METADATA = 64 << 20  # bytes: it holds the results of Gradescope's own grading too
MAX_LINE = 4096
MAX_SUBMITTERS = 50
GRADESCOPE = re.compile(r"submission_\d{1,18}\Z")
GRADESCOPE_EXPORT = re.compile(r"assignment_\d{1,18}_export\Z")
MOODLE = re.compile(r"(.{1,150}?)_(\d{1,18})_assignsubmission_([a-z]{1,30})(?:_(.*))?\Z", re.S)
_FIELD = re.compile(r"(?:  - |    ):(name|sid|email):\s*(.*)\Z")


def is_export(names: Iterable[str]) -> bool:
    """Whether a folder with these names is an export with several hand-ins."""
    listed = list(names)
    gradescope = METADATA in listed and any(map(GRADESCOPE.match, listed))
    return gradescope or any(map(MOODLE.match, listed))


def moodle_student(name: str) -> Student | None:
    """Who handed in what has this name, as Moodle tells it."""
    found = MOODLE.match(name)
    return Student(found[2], shown(found[1]), "") if found else None


def moodle_name(name: str) -> str:
    """The name of a hand-in: a participant's name and number, and that of a file if it is one."""
    found = MOODLE.match(name)
    if not found:
        return name
    return f"{found[1]}_{found[2]}" + (f"_{found[4]}" if found[4] else "")


def without_online_texts(names: Sequence[str]) -> list[str]:
    """The names without what a participant typed into Moodle, where files were handed in as well."""
    found = [(name, MOODLE.match(name)) for name in names]
    with_files = {one.group(1, 2) for _, one in found if one and one[3] != "onlinetext"}
    return [
        name
        for name, one in found
        if not one or one[3] != "onlinetext" or one.group(1, 2) not in with_files
    ]


def lines(chunks: Iterable[bytes]) -> Iterator[str]:
    """The lines of a text of bounded length; of an absurdly long line its begin."""
    begin, size, whole = b"", 0, True
    for chunk in chunks:
        size += len(chunk)
        if size > MAX_METADATA:
            break
        *ended, rest = chunk.split(b"\n")
        for one in ended:
            yield (begin + one if whole else begin)[:MAX_LINE].decode(errors="replace").rstrip("\r")
            begin, whole = b"", True
        whole = whole and len(begin) + len(rest) <= MAX_LINE
        begin = (begin + rest)[:MAX_LINE]
    yield begin.decode(errors="replace")


def gradescope_students(text: Iterable[str]) -> Mapping[str, Student]:
    """Who is behind each `submission_<id>` by Gradescope's list; several submitters are joined.

    Only lines at the places where Gradescope writes them count: what a submission printed stands deeper.
    """
    people: dict[str, list[dict[str, str]]] = {}
    current: list[dict[str, str]] | None = None
    listing = False
    for line in text:
        if line[:1] not in ("", " "):
            key = line.rstrip().removesuffix(":")
            current = people.setdefault(key, []) if GRADESCOPE.match(key) else None
            listing = False
        elif line.startswith("  :"):
            listing = line.rstrip() == "  :submitters:"
        elif listing and current is not None and (field := _FIELD.match(line)):
            if line.startswith("  - ") and len(current) < MAX_SUBMITTERS:
                current.append({})
            if current:
                current[-1][field[1]] = _value(field[2])
    return {key: _joined(several) for key, several in people.items() if several}


def _joined(people: Sequence[Mapping[str, str]]) -> Student:
    def all_of(field: str) -> str:
        return shown("; ".join(one[field] for one in people if one.get(field)), 1000)

    known = {field: any(one.get(field) for one in people) for field in ("sid", "name", "email")}
    sid, name, email = (all_of(field) if known[field] else "" for field in ("sid", "name", "email"))
    return Student(sid, name, email)


def _value(text: str) -> str:
    """A plain or quoted scalar of YAML; nothing for null."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    if len(text) > 1 and text[0] == text[-1] == '"':
        try:
            return str(json.loads(text))
        except ValueError:
            return text[1:-1]
    return "" if text in ("null", "~") else text
