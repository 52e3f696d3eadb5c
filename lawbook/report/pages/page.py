"""Which page a report becomes: that of its only hand-in, or that of a class."""

from __future__ import annotations

from lawbook.report.facts import (
    Report,
    hand_ins,
)
from lawbook.report.formats import Unsuitable, View
from lawbook.report.known import known


def write(report: Report, view: View) -> str:
    """The page on a report; with pages of its hand-ins beside it, always that of a class.

    Raises Unsuitable where a student would see what others handed in.
    """
    facts, found = known(report), hand_ins(report)
    if len(found) == 1 and view.pages is None:
        from lawbook.report.pages.submission import page

        return page(report, next(iter(found.values())), facts, view)
    if view.is_student:
        raise Unsuitable("html for students is one page per hand-in: give a folder, as html=pages/")
    from lawbook.report.pages.class_page import page as class_page

    return class_page(report, facts, view)
