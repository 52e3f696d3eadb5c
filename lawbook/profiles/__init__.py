"""The dated profiles of the courses: what each edition's sheet pins and what it leaves open.

One file per course, named as its folder in `lawbook/courses`; each has a `COURSE`.
"""

from lawbook.profiles import cs231n, eecs498, fau, i2dl, mytorch
from lawbook.profiles.course import Course

COURSES: dict[str, Course] = {
    "fau": fau.COURSE,
    "cs231n": cs231n.COURSE,
    "eecs498": eecs498.COURSE,
    "i2dl": i2dl.COURSE,
    "mytorch": mytorch.COURSE,
}
PROFILES = {one.name: one for course in COURSES.values() for one in course.profiles}


def judged_in(course: str) -> frozenset[str]:
    """The operations that some edition of a course judges; none of an unknown course."""
    known = COURSES.get(course)
    return frozenset().union(*(one.judged for one in known.profiles)) if known else frozenset()
