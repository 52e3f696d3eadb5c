"""`lawbook report`: reports from stored results, without running anything."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Mapping
from contextlib import closing
from typing import Any

from lawbook.report.schema import text
from lawbook.report.stored import stored
from lawbook.report.writing import Reports, view_of, wanted
from lawbook.reporting import Refused


def report(options: Namespace) -> int:
    """Run the command: 0 where the reports were written, whatever they say; raises Refused."""
    if options.schema:
        sys.stdout.write(text())
        return 0
    if options.results is None:
        raise Refused("which results? lawbook report RESULTS|REPORT.json --report FORMAT=PATH")
    found = stored(options.results)
    if options.rubric:
        from lawbook.rubrics.command import opened, with_grades

        found = with_grades(found, opened(options.rubric))
    several = len({one["hand_in"] for one in found["subjects"]}) > 1
    with closing(Reports(wanted(options), view_of(options), several)) as reports:
        reports.write(found)
    if not options.report:
        _show(found)
    return 0


def _show(report: Mapping[str, Any]) -> None:
    """Print the summary where no report was asked for."""
    from lawbook.report.overview import show_overview
    from lawbook.report.terminal import terminal

    show_overview(terminal(sys.stdout), report)
