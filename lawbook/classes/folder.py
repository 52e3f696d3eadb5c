"""The folder of a class's results: what stands where in it, and the report over all of it.

results/NAME.json   one hand-in: a report of its own, with the key that says what it was made from
run.json            the options, without the secret; the names that are expected; whether all are there
report.json         all of them, written when a run ends
secret              what the seeds were derived from, for its owner alone
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from lawbook import __version__
from lawbook.classes import files
from lawbook.classes.names import slugs
from lawbook.report.jsonfile import FORMAT, environment
from lawbook.seeds import Seeds, fresh, read_secret
from lawbook.settings import Settings, difference
from lawbook.submissions import NotGradable

if TYPE_CHECKING:
    from lawbook.rubrics import Rubric


class Folder:
    """A folder of results; a context manager that holds its lock.

    With a rubric the results have grades by it; what is there already is scored again, and not judged.
    """

    def __init__(self, path: str | Path, rubric: Rubric | None = None) -> None:
        self.path, self.rubric = Path(path), rubric
        self.results = self.path / "results"
        self.slugs: dict[str, str] = {}
        self._lock = -1

    def __enter__(self) -> Self:
        try:
            self.results.mkdir(parents=True, exist_ok=True)
            self._lock = files.lock(self.path / "lock")
            for folder in (self.path, self.results):
                files.remove_unfinished(folder)
                if not os.access(folder, os.W_OK | os.X_OK):
                    raise PermissionError(13, "Permission denied")
        except files.Locked:
            raise NotGradable(f"{self.path}: another run is writing its results here") from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise NotGradable(f"{self.path}: results cannot be written here: {reason}") from None
        return self

    def __exit__(self, *error: object) -> None:
        os.close(self._lock)

    def seeds(self, given: str | None, seed: int | None) -> Seeds:
        """The seeds of the run: from the file given, else from the folder's own secret, made if need be.

        Raises BadSecret where one cannot be read.
        """
        if seed is not None:
            return Seeds(seed=seed)
        if given is not None:
            return Seeds(read_secret(given))
        own = self.path / "secret"
        if not own.exists():
            files.write(own, fresh(), 0o600, durable=True)
        run = files.read(self.path / "run.json")
        seen = isinstance(run, dict) and run.get("seen") is True
        return Seeds(read_secret(own), shared=not seen)

    def begin(self, settings: Settings, names: Sequence[str]) -> None:
        """Note what the run is about; NotGradable where the folder was begun with other settings."""
        stored = files.read(self.path / "run.json")
        before = stored.get("settings") if isinstance(stored, dict) else None
        held = any(self.results.iterdir())
        if held and isinstance(before, dict) and (found := difference(before, settings)):
            raise NotGradable(
                f"{self.path} was begun with other options: {found}; "
                "use the same ones, or another folder"
            )
        if held and before is None:
            raise NotGradable(f"{self.path} holds results and no run.json; use another folder")
        self.slugs = slugs(names)
        self._settings, self._names = settings, list(names)
        self._seen = isinstance(stored, dict) and stored.get("seen") is True
        (self.path / "report.json").unlink(missing_ok=True)
        self._note(complete=False)

    def file(self, name: str) -> Path:
        """The result file of a hand-in."""
        return self.results / f"{self.slugs[name]}.json"

    def write(self, name: str, result: dict[str, Any]) -> None:
        """Write the result of a hand-in."""
        files.write(self.file(name), files.dumped(scored(result, self.rubric)))

    def stored(self, name: str) -> dict[str, Any] | None:
        """The result of a hand-in that is there already, scored by the rubric of now; None where none is."""
        found = stored_result(self.file(name))
        if found and (again := scored(found, self.rubric)) != found:
            self.write(name, again)
        return found

    def end(self, complete: bool) -> None:
        """Write the report over all results, and whether they are complete."""
        with_all = report_of(self.path)
        files.write(self.path / "report.json", files.dumped(with_all))
        self._note(complete)

    def _note(self, complete: bool) -> None:
        run = {
            "format": FORMAT,
            "lawbook": __version__,
            "settings": self._settings.as_json(),
            "complete": complete,
            "seen": complete or self._seen,  # it was complete once: students may know its cases
            "hand_ins": [{"name": n, "file": f"results/{self.slugs[n]}.json"} for n in self._names],
        }
        files.write(self.path / "run.json", files.dumped(run))


def result_of(subjects: Sequence[Mapping[str, Any]], key: str) -> dict[str, Any]:
    """What a result file holds: a report on one hand-in, and the key it is found by."""
    return {
        "format": FORMAT,
        "lawbook": __version__,
        "seed": None,
        "environment": environment(),
        "complete": True,
        "expected": len(subjects),
        "key": key,
        "subjects": list(subjects),
    }


def scored(result: dict[str, Any], rubric: Rubric | None) -> dict[str, Any]:
    """The result with grades by a rubric in place of those it has; as it is where there is no rubric."""
    if rubric is None:
        return result
    from lawbook.rubrics import score

    return {
        **result,
        "subjects": [{**one, "grade": score(one, rubric)} for one in result["subjects"]],
    }


def stored_result(path: Path) -> dict[str, Any] | None:
    """The result that a file holds; None where it is not there or is none."""
    found = files.read(path)
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        return None
    subjects = found.get("subjects")
    whole = isinstance(subjects, list) and subjects and all(isinstance(s, dict) for s in subjects)
    return found if whole and isinstance(found.get("key"), str) else None


def report_of(path: str | Path) -> dict[str, Any]:
    """The report over all results in a folder, finished or not; NotGradable where it is none of ours."""
    folder = Path(path)
    run = files.read(folder / "run.json")
    if not isinstance(run, dict) or run.get("format") != FORMAT:
        raise NotGradable(f"{path}: this is no folder of results of this version of Lawbook")
    found = [stored_result(folder / file) for file in _files(run)]
    subjects = [subject for one in found if one for subject in one["subjects"]]
    return {
        "format": FORMAT,
        "lawbook": run.get("lawbook", ""),
        "seed": run["settings"]["seed"],
        "environment": _environment([one for one in found if one]),
        "complete": None not in found,
        "expected": len(subjects) + found.count(None),
        "subjects": subjects,
    }


def _environment(found: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """What the results were made with; where they differ, as on a cluster or on two days, all of it."""
    values: dict[str, set[str]] = {}
    for one in found:
        for name, value in one.get("environment", {}).items():
            values.setdefault(str(name), set()).add(str(value))
    return {name: ", ".join(sorted(some)) for name, some in values.items()} or environment()


def _files(run: Mapping[str, Any]) -> Iterator[str]:
    """The result files that a run expects; names that lead elsewhere are none."""
    for one in run["hand_ins"]:
        name = str(one["file"])
        if name.count("/") == 1 and name.startswith("results/") and name.endswith(".json"):
            yield name
