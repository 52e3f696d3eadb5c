"""What a verdict depends on besides the submission: the options of a run, as data that can be compared."""

from __future__ import annotations

import hashlib
import json
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from lawbook import __version__
from lawbook.judge.limits import Limits
from lawbook.profiles import COURSES
from lawbook.seeds import Seeds
from lawbook.submissions import adapter_file

OPTIONS = {  # how a user sets each of them
    "course": "--course",
    "profile": "--profile",
    "only": "--only",
    "examples": "--examples",
    "seed": "--seed",
    "secret": "--secret",
    "python": "--python",
    "require_isolation": "--require-isolation",
    "without": "--without",
}


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Settings:
    """The options that decide verdicts.

    `course` is "auto", a name, or the path of an instructor's own adapter, whose text `adapter` is the
    SHA-256 of. `seed` is the same for all submissions; where it is None each has its own, from the
    secret that `secret` identifies without telling it.
    """

    course: str = "auto"
    adapter: str = ""
    profile: str | None = None
    only: str | None = None
    examples: int = 0
    seed: int | None = None
    secret: str = ""
    python: str | None = None
    require_isolation: str | None = None
    without: frozenset[str] = frozenset()
    limits: Limits = field(default_factory=Limits)
    lawbook: str = __version__

    def as_json(self) -> dict[str, Any]:
        """As JSON has it."""
        return {**asdict(self), "without": sorted(self.without), "limits": vars(self.limits)}

    def key(self, hand_in: str, digest: str) -> str:
        """What identifies a result: it is the same for the same name, files and settings."""
        text = json.dumps([self.as_json(), hand_in, digest], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def settings_of(options: Namespace, seeds: Seeds) -> Settings:
    """What of the options decides a verdict; raises NotGradable for an unknown course."""
    course = options.course
    if course not in ("auto", *COURSES):
        course = str(adapter_file(course))
    return Settings(
        course=course,
        adapter=digest_of(course),
        profile=options.profile,
        only=options.only,
        examples=options.examples,
        seed=seeds.seed,
        secret=seeds.fingerprint,
        python=options.python,
        require_isolation=getattr(options, "require_isolation", None),
        without=frozenset(getattr(options, "without", None) or ()),
    )


def from_json(stored: Mapping[str, Any]) -> Settings:
    """The inverse of `as_json`; raises TypeError or ValueError on other data."""
    changed = {"without": frozenset(stored["without"]), "limits": Limits(**stored["limits"])}
    return Settings(**{**stored, **changed})


def digest_of(course: str) -> str:
    """The SHA-256 of an instructor's own adapter; empty where the course is a name."""
    path = Path(course)
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.suffix == ".py" else ""


def difference(before: Mapping[str, Any], now: Settings) -> str:
    """What differs between stored settings and these, in words; empty where nothing does."""
    ours = json.loads(json.dumps(now.as_json()))
    found = []
    for name in sorted({*before, *ours}):
        old, new = before.get(name), ours.get(name)
        if old == new or (name == "secret" and "" in (old, new)):  # --seed says it, which has none
            continue
        if name in ("adapter", "secret", "limits"):
            what = {"adapter": "the adapter's text", "secret": "the course's secret"}
            found.append(f"{what.get(name, 'the limits')} was another one")
        else:
            label = OPTIONS.get(name, f"the version of {name}")
            found.append(f"{label} was {_said(old)} and is {_said(new)}")
    return ", ".join(found)


def _said(value: Any) -> str:
    if value in (None, "", [], 0):
        return "not given"
    return f"{', '.join(map(str, value)) if isinstance(value, list) else value!s:.80}"
