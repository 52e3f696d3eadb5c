"""Stored reports: a JSON report or a folder of results, read and checked against the published schema."""

from __future__ import annotations

import json
import os
from typing import Any

from lawbook.report.jsonfile import FORMAT
from lawbook.report.schema import problem
from lawbook.reporting import Refused

LARGEST = 1 << 30  # bytes


def stored(path: str) -> dict[str, Any]:
    """The report at a path: of a folder the one over all results in it, finished or not.

    Raises Refused with one sentence that says what is wrong and where.
    """
    if os.path.isdir(path):
        from lawbook.classes.folder import report_of
        from lawbook.submissions import NotGradable

        try:
            found: Any = report_of(path)
        except NotGradable as error:
            raise Refused(str(error)) from None
        except (KeyError, TypeError, AttributeError):
            raise Refused(f"{path}: its run.json is not one of Lawbook") from None
    else:
        found = _read(path)
    if not isinstance(found, dict) or "format" not in found:
        raise Refused(f"{path}: this is not a report of Lawbook")
    if found["format"] != FORMAT:
        raise Refused(f"{path}: its format is {found['format']!r:.20}, known is {FORMAT}")
    if wrong := problem(found):
        raise Refused(f"{path}: this is not a report of Lawbook: {wrong}")
    return found


def _read(path: str) -> Any:
    try:
        if os.path.getsize(path) > LARGEST:
            raise Refused(f"{path}: it is larger than {LARGEST >> 20} MiB")
        with open(path, "rb") as file:
            return json.loads(file.read(LARGEST))
    except OSError as error:
        raise Refused(f"{path}: {error.strerror or error}") from None
    except (ValueError, RecursionError):  # a wrong encoding is a ValueError too
        raise Refused(f"{path}: this is not JSON") from None
