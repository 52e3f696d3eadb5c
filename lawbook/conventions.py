"""Conventions: choices on which honest implementations differ, declared by a profile or inferred.

A profile pins a convention to a value, or leaves it open.  An open one is inferred from the black box by
experiment and then checked like a pinned one: every law runs under it, on other inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lawbook.laws import discover, topic_of, topics
from lawbook.operations import Operation, TargetError
from lawbook.targets import Target

TRIAL_SEED = 7  # inference looks at the same cases whatever the run's seed


@dataclass(eq=False, repr=False)
class Open:
    """A convention left open: the first candidate under which the law holds or does not apply."""

    candidates: tuple[Any, ...]
    law: str


@dataclass(eq=False, repr=False)
class Measured:
    """A convention left open that an experiment of the topic measures on one of its operations.

    A finding with a refused value is no convention but a mistake: it is dropped as a whole.
    """

    experiment: str
    operation: str
    refused: frozenset[Any] = frozenset()


@dataclass(eq=False, repr=False)
class Profile:
    """What one edition of a course (or a library) declares.

    `conventions` maps operations to conventions: a value, `Open` or `Measured`; `requires` are the
    operations that must be there, `optional` those that are judged if they are; `severities` overrides
    the severity of laws by id.
    """

    name: str
    course: str
    says: str
    requires: frozenset[str]
    optional: frozenset[str] = frozenset()
    conventions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    severities: Mapping[str, str] = field(default_factory=dict)

    @property
    def judged(self) -> frozenset[str]:
        """The operations whose laws are run."""
        return self.requires | self.optional


def settle(target: Target, profile: Profile) -> None:
    """Write the profile's conventions into the target: pinned values first, then what is measured
    and inferred, each under those before it."""
    for name, declared in profile.conventions.items():
        if name not in target.accepts:
            continue
        settled = target.conventions.setdefault(name, {})
        pinned = {k: v for k, v in declared.items() if not isinstance(v, Open | Measured)}
        settled.update(pinned)
        for value in declared.values():
            if isinstance(value, Measured) and value.operation in target.accepts:
                found = _measure(target.operation(value.operation), value.experiment)
                if not value.refused & set(found.values()):
                    settled.update(found)
        for convention, value in declared.items():
            if isinstance(value, Open):
                settled[convention] = _try(target, name, convention, value)


def _measure(operation: Operation, experiment: str) -> Mapping[str, Any]:
    """What the experiment found; nothing where the target does not answer it."""
    experiments: dict[str, Callable[[Operation], Mapping[str, Any]]] = {}
    for module in topics("properties", {topic_of(operation.name)}):
        experiments.update(getattr(module, "EXPERIMENTS", {}))
    operation.session.begin(TRIAL_SEED)
    try:
        return experiments[experiment](operation)
    except TargetError:  # the laws will say what is wrong with it
        return {}


def _try(target: Target, name: str, convention: str, choice: Open) -> Any:
    """The first candidate under which the identifying law holds on a few cases."""
    from lawbook.budget import Budget
    from lawbook.trial import Trial

    identifying = next(law for law in discover(frozenset({name})) if law.id == choice.law)
    for candidate in choice.candidates:
        operation = target.operation(name)
        operation.conventions[convention] = candidate
        if identifying.unless(operation):  # under this one the law claims nothing
            return candidate
        trial = Trial(identifying, operation, target.dtype, TRIAL_SEED)
        if trial.screen(Budget(screen=0.5)) is None:
            return candidate
    return choice.candidates[0]
