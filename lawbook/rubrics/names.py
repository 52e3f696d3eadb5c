"""The names that a rubric may use: laws and globs of them, topics, operations, courses, profiles."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from fnmatch import fnmatchcase

from lawbook.conventions import Profile
from lawbook.laws import Law, discover
from lawbook.profiles import COURSES, PROFILES
from lawbook.rubrics.model import BadRubric


def nearest(name: str, known: Iterable[str]) -> str:
    """ "did you mean X?" for a name that is not known; empty where nothing is near."""
    from difflib import get_close_matches

    near = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else ""


class Names:
    """What a rubric for a course may be about: of a known one what its profile judges.

    Raises BadRubric for an unknown profile, or one of another course.  A course that is not known is an
    instructor's own adapter, and may be about anything.
    """

    def __init__(self, course: str | None, profile: str | None) -> None:
        if profile is not None and profile not in PROFILES:
            hint = nearest(profile, PROFILES) or f"known are {', '.join(PROFILES)}"
            raise BadRubric(f"profile: there is no {profile!r:.60}; {hint}")
        own = PROFILES[profile].course if profile else None
        if own and course not in (None, own):
            raise BadRubric(
                f"profile: {profile!r} is one of {own}, and the course is {course!r:.60}"
            )
        self.course = course or own
        self.profile = self._profile(profile)
        judged = self.profile.judged if self.profile else None
        self.known: Sequence[Law] = discover(judged)
        self._where = f"in the profile {self.profile.name}" if self.profile else "in Lawbook"

    def _profile(self, profile: str | None) -> Profile | None:
        if profile:
            return PROFILES[profile]
        return COURSES[self.course].profiles[0] if self.course in COURSES else None

    def laws(self, names: Sequence[str], at: str) -> tuple[str, ...]:
        """Ids and globs of laws, each of which means one at least."""
        ids = [law.id for law in self.known]
        for name in names:
            if not any(fnmatchcase(law, name) for law in ids):
                raise self._unknown(name, at, "law", ids)
        return tuple(names)

    def topics(self, names: Sequence[str], at: str) -> tuple[str, ...]:
        """Topics that have laws."""
        return self._checked(names, at, "topic", {law.topic for law in self.known})

    def operations(self, names: Sequence[str], at: str) -> tuple[str, ...]:
        """Operations that have laws."""
        return self._checked(names, at, "operation", {law.operation for law in self.known})

    def anything(self, name: str, at: str, items: Collection[str]) -> None:
        """The name of an item, or of what laws are named by."""
        words = {word for law in self.known for word in (law.id, law.topic, law.operation)}
        known = {*items, *words}
        if name not in known and not any(fnmatchcase(law.id, name) for law in self.known):
            raise self._unknown(name, at, "item or law", known)

    def _checked(
        self, names: Sequence[str], at: str, kind: str, known: Collection[str]
    ) -> tuple[str, ...]:
        for name in names:
            if name not in known:
                raise self._unknown(name, at, kind, known)
        return tuple(names)

    def _unknown(self, name: str, at: str, kind: str, known: Collection[str]) -> BadRubric:
        hint = nearest(name, known) or "see `lawbook laws`"
        return BadRubric(f"{at}: there is no {kind} {name!r:.80} {self._where}; {hint}")
