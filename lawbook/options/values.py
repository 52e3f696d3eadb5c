"""What the options take, and how a wrong value is said."""

from __future__ import annotations

import argparse
import re

LARGEST_SEED = 2**32 - 1


def seed(text: str) -> int:
    """A seed: a whole number in [0, 2^32)."""
    if not re.fullmatch(r"[0-9]{1,10}", text) or int(text) > LARGEST_SEED:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 to 2^32 - 1")
    return int(text)


def count(text: str) -> int:
    """A number of examples or seconds."""
    if not re.fullmatch(r"[0-9]{1,7}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 to 9999999")
    return int(text)


def jobs(text: str) -> int:
    """A number of processes."""
    if not re.fullmatch(r"[1-9][0-9]{0,2}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes from 1 to 999")
    return int(text)


def named(text: str) -> str:
    """A name or a path: what an unset variable of a shell gives is refused."""
    if not text:
        raise argparse.ArgumentTypeError("it is empty")
    return text


def report_file(text: str) -> tuple[str, str]:
    """A report: the name of its format and its path."""
    from lawbook.report.formats import FORMATS

    name, equals, path = text.partition("=")
    if name not in FORMATS:
        known = ", ".join(f"{known} ({kind.says})" for known, kind in FORMATS.items())
        raise argparse.ArgumentTypeError(f"{name!r:.40} is no format; known are {known}")
    if not equals or not path:
        raise argparse.ArgumentTypeError(f"{text!r:.40} has no path, as {name}=FILE; - for stdout")
    return name, path


def device(text: str) -> str:
    """A device: cpu, cuda or cuda:N."""
    if not re.fullmatch(r"cpu|cuda(:[0-9]+)?", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not cpu, cuda or cuda:N")
    return text
