"""`lawbook adapter FILE --check PATH`: what an adapter makes of one submission, in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lawbook.adapters.contract import contract_of
from lawbook.checking import check
from lawbook.grading import GRADING, in_scope
from lawbook.laws import discover, reference_operations
from lawbook.reopening import opened_path
from lawbook.submissions import adapter_file, course_of
from lawbook.targets import Target
from lawbook.verdicts import Verdict

FIRST = 5  # laws of each operation that are run
SEED = 7


@dataclass(frozen=True, eq=False, repr=False)
class Checked:
    """What an adapter made of a submission.

    `found` maps operations to what their constructors lack of the contract (empty: nothing), `missing` to
    why they are not there; `strange` are names that are no operation of Lawbook.
    """

    found: Mapping[str, str]
    missing: Mapping[str, str]
    strange: Sequence[str]
    conventions: Mapping[str, object]
    verdicts: Sequence[Verdict]

    @property
    def works(self) -> bool:
        """Whether every operation is there and the first laws hold."""
        whole = bool(self.found) and not self.missing and not self.strange
        return whole and not any(verdict.counts_against for verdict in self.verdicts)


def checked(adapter: str, path: str, python: str | None = None) -> Checked:
    """Open the submission at a path by the adapter and run the first laws of each operation.

    Raises NotGradable with one sentence where the submission cannot be opened.
    """
    file = adapter_file(adapter)
    declared = course_of("", file).profiles
    with opened_path(path, str(file), python=python) as target:
        known = sorted(reference_operations().keys() & target.accepts.keys())
        laws = [law for name in known for law in discover(frozenset({name}))[:FIRST]]
        if declared:
            laws = in_scope(laws, declared[0])
        return Checked(
            {name: lacking(name, target.accepts[name]) for name in known},
            _missing(target),
            sorted({*target.accepts, *target.errors} - reference_operations().keys()),
            target.flat_conventions(),
            check(target, laws, SEED, GRADING),
        )


def _missing(target: Target) -> dict[str, str]:
    """Why operations are not there that the profile requires or the adapter means to provide."""
    absent = (target.required | target.errors.keys()) & reference_operations().keys()
    unsaid = "load() puts it neither into operations nor into errors"
    return {
        name: target.errors.get(name, unsaid) for name in sorted(absent - target.accepts.keys())
    }


def lacking(operation: str, accepts: frozenset[str]) -> str:
    """What the constructor of an operation does not take of what the laws pass; empty where nothing."""
    if "**" in accepts:
        return ""
    wanted = set(contract_of(operation).arguments) - accepts - {"eps"}  # eps may be its own
    return ", ".join(name for name in contract_of(operation).arguments if name in wanted)
