"""The command `lawbook adapter`: a skeleton, a check, the guide."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from lawbook.reporting import Refused

if TYPE_CHECKING:
    from lawbook.adapters.check import Checked

GUIDE = Path(__file__).parent.parent / "courses" / "GUIDE.md"


def adapter(options: Namespace) -> int:
    """Write the skeleton of an adapter, check one, or print the guide; returns the exit status."""
    asked = [options.init, options.guide, options.check is not None]
    if sum(asked) != 1 or (options.check is None) != (options.file is None):
        raise Refused("`lawbook adapter` takes one of --init, --guide and ADAPTER.py --check PATH")
    if options.guide:
        print(GUIDE.read_text(encoding="utf-8"), end="")
        return 0
    return _init(options) if options.init else _check(options)


def _init(options: Namespace) -> int:
    from lawbook.adapters.declared import unknown
    from lawbook.adapters.skeleton import skeleton

    operations = [name.strip() for name in options.operations.split(",") if name.strip()]
    try:
        text = skeleton(operations or ["dropout"])
    except KeyError as error:
        raise Refused(f"--operations has {unknown(str(error.args[0]))}") from None
    if options.out is None:
        print(text, end="")
        return 0
    try:
        with open(options.out, "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise Refused(f"{options.out}: this file is there already; it is not overwritten") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Refused(f"{options.out}: it cannot be written: {reason}") from None
    print(
        f"{options.out} is written. Next: change the lines marked CHANGE, then\n"
        f"  lawbook adapter {options.out} --check SUBMISSION\n"
        f"  lawbook grade SUBMISSIONS/* --course {options.out}"
    )
    return 0


def _check(options: Namespace) -> int:
    from lawbook.adapters.check import checked
    from lawbook.submissions import NotGradable

    if not Path(options.file).is_file():
        raise Refused(f"{options.file}: there is no such adapter file")
    try:
        found = checked(options.file, options.check, options.python)
    except NotGradable as error:
        raise Refused(str(error)) from None
    for line in lines(found):
        print(line)
    sys.stdout.flush()
    return int(not found.works)


def lines(found: Checked) -> Iterator[str]:
    """What is found, in plain words."""
    for name, lacking in found.found.items():
        yield f"{name}: found" + (f"; its constructor does not take {lacking}" if lacking else "")
    for name, reason in found.missing.items():
        yield f"{name}: not there: {printable(reason)}"
    for name in found.strange:
        yield f"{printable(name)}: no operation of Lawbook is called so; see `lawbook laws`"
    if not found.found:
        yield "No operation was found: nothing can be judged."
        return
    if found.conventions:
        yield "Conventions, as declared or found by experiment:"
        yield from (f"  {name} = {value}" for name, value in found.conventions.items())
    failing = [verdict for verdict in found.verdicts if verdict.counts_against]
    ran = [verdict for verdict in found.verdicts if verdict.status != "skip"]
    yield f"The first laws of each operation: {len(ran) - len(failing)} of {len(ran)} hold."
    for verdict in failing:
        yield f"  {verdict.law}: {verdict.status}: {printable(verdict.message)}"
    if failing:
        yield (
            "This is the submission's mistake or the adapter's: check one that is right too. "
            "`lawbook grade PATH --course ADAPTER.py` shows counterexamples."
        )
    elif found.works:
        yield "The adapter works on this submission; check one that is wrong too."


def printable(text: str) -> str:
    """What a submission or its adapter said, without signs that a terminal obeys."""
    return "".join(c if c.isprintable() else "?" for c in " ".join(text.split()))[:300]
