"""`lawbook rubric --init`: a commented rubric with an item for every operation of a profile."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from lawbook.adapters.declared import BadAdapter, own_course
from lawbook.conventions import Profile
from lawbook.laws import topic_of
from lawbook.profiles import COURSES, PROFILES
from lawbook.rubrics.model import BadRubric
from lawbook.rubrics.names import Names

HEAD = """# How a submission comes to points.  Check this file with `lawbook rubric FILE --check`; grade with
# `lawbook grade PATHS --rubric FILE`; score stored results again with `lawbook report RESULTS --rubric FILE`.
name = "{name}"
course = "{course}"
{edition}
# What students see of a law: "law" (its name and whether it holds), "counterexample" (also the inputs on
# which it fails), "diagnosis" (also the likeliest mistake), "derivation" (also what to study).
students = "diagnosis"

# cap = {total:g}              # the most points there can be, bonuses included
# round = 0.5              # points of an item are rounded to multiples of this
warnings = "free"          # or the share of its weight that a law only warned about costs: 0.5
timeout = 0                # the share that a law gives which ran out of time; always below 1
when_skipped = "zero"      # an item whose prerequisite fails gives nothing; "excluded" spreads its points
missing = "excluded"       # an operation that is not required and not there costs nothing; or "zero"

# hidden = ["dropout.*"]   # laws that no student sees; they count in hidden items only
hidden_points = true       # students see the sum of the items with `hidden = true`; false: not even that
hidden_until = "never"     # when Gradescope shows hidden items: "never", "due" or "published"

# An item is about `operations`, `topics`, or `laws` (ids as `lawbook laws` lists them, or globs of them).
#   mode = "share"         # points in proportion to the laws that hold; "all": none unless all hold
#   weights = {{ "dropout.*backward*" = 2 }}   # other weights than 1 within the item
#   needs = ["Dropout"]    # items or laws without which this item is skipped
#   bonus = true           # points beyond the total
#   hidden = true          # students see neither its name nor its laws
# `warnings`, `timeout`, `when_skipped` and `missing` may stand in an item too.
"""
EDITION = 'profile = "{}"       # the edition of the course\'s sheet; results of another one get no grade\n'
ITEM = """
[[items]]
name = {name}
points = {points:g}
operations = [{operations}]
mode = "share"
"""
TITLES = {
    "l1_penalty": "L1 penalty",
    "l2_penalty": "L2 penalty",
    "sgd": "SGD",
    "rmsprop": "RMSprop",
    "relu": "ReLU",
    "network": "The network: loss and penalties",
    "batch_norm": "Batch normalization",
    "batch_norm_alt": "Batch normalization, the other backward pass",
    "batch_norm_update": "Batch normalization: learned parameters",
}
POINTS = 10.0


def template(profile: Profile) -> str:
    """The text of a rubric for a profile: required operations by topic, the others as a bonus."""
    required, optional = _ordered(profile.requires), _ordered(profile.optional)
    total = POINTS * len(required)
    ours = profile.name in PROFILES  # an instructor's own adapter is of one edition, without a name
    text = HEAD.format(
        name=f"{profile.course}, {profile.name}" if ours else profile.course,
        course=profile.course,
        edition=EDITION.format(profile.name) if ours else "",
        total=total,
    )
    for operation in required:
        text += _item(operation, POINTS)
    if optional:
        text += "\n# The sheet does not ask for these: whoever has them right gets a bonus.\n"
    for operation in optional:
        text += _item(operation, 1.0) + "bonus = true\n"
    return text


def profile_of(course: str | None, profile: str | None) -> Profile:
    """The profile to make a rubric for: one of ours, or what an instructor's own adapter declares.

    `course` is a name or the adapter's path.  Raises BadRubric.
    """
    known = "|".join(COURSES)
    if course is None and profile is None:
        raise BadRubric(f"for which course? --course {known}, or the file of an adapter")
    if course is not None and course.endswith(".py"):
        return _declared(course)
    found = Names(course, profile).profile
    if found is None:
        raise BadRubric(f"there is no course {course!r:.60}; known are {', '.join(COURSES)}")
    return found


def _declared(adapter: str) -> Profile:
    try:
        declared = own_course(Path(adapter)).profiles
    except BadAdapter as error:
        raise BadRubric(str(error)) from None
    if not declared:
        raise BadRubric(f"{adapter}: it has no PROFILE, which says what a rubric is about")
    return declared[0]


def title(operation: str) -> str:
    """What an item about an operation is called."""
    return TITLES.get(operation, operation.replace("_", " ").capitalize())


def _item(operation: str, points: float) -> str:
    return ITEM.format(name=f'"{title(operation)}"', points=points, operations=f'"{operation}"')


def _ordered(operations: Iterable[str]) -> list[str]:
    return sorted(operations, key=lambda name: (topic_of(name), name))
