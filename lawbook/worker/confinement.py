"""What a worker gives up, for good, before any code of a submission runs."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence

from . import landlock, seccomp
from .common import Common
from .limits import mapped, set_limits
from .system import (
    PR_SET_DUMPABLE,
    PR_SET_NO_NEW_PRIVS,
    PR_SET_PDEATHSIG,
    NotActive,
    prctl,
    set_capabilities,
)
from .user import change_user, readable_by_others

FIRST_FREE = 4  # the first descriptor that a worker has no use for


class Plan:
    """What a worker may use: `limits` as in `set_limits`, paths to read, a folder to write.

    `rules` is a ruleset of Landlock with what is `common`; `without` names layers that are switched off.
    """

    def __init__(
        self,
        common: Common,
        rules: int | None,
        home: str,
        readable: Sequence[str],
        limits: Mapping[str, int | None],
        without: frozenset[str],
    ) -> None:
        self.common, self.rules, self.home = common, rules, home
        self.readable, self.limits, self.without = readable, limits, without


class Confinement:
    """The layers in force, and those that are not with the reason."""

    def __init__(self) -> None:
        self.layers = ["process"]
        self.not_active: list[tuple[str, str]] = []

    def add(self, name: str, layer: Callable[[], object], without: frozenset[str]) -> bool:
        """Put a layer into force; whether it is."""
        try:
            if name in without:
                raise NotActive("switched off")
            layer()
        except NotActive as reason:
            self.not_active.append((name, str(reason)))
            return False
        self.layers.append(name)
        return True


def confine(plan: Plan) -> Confinement:
    """Give up what a submission has no need of.

    It runs after NumPy and the adapter are loaded and before any code of the submission.  The order
    matters: Landlock decides what another user may keep, changing the user clears the signal at the
    parent's death, and the filter of system calls refuses all that comes before it.
    """
    done = Confinement()
    parent, used = os.getppid(), mapped()  # read while it still may
    os.setsid()
    done.layers.append("session")
    if prctl(PR_SET_NO_NEW_PRIVS, 1):
        done.layers.append("no_new_privileges")
    landlocked = done.add("landlock", lambda: _landlock(plan), plan.without)
    os.closerange(FIRST_FREE, 4096)  # what the rules were made of
    done.add("limits", lambda: _limit(plan, used), plan.without)
    changed = done.add(
        "user_id", lambda: change_user(plan.home, _hidden(plan), landlocked), plan.without
    )
    if sys.platform == "linux" and (changed or set_capabilities(0)):
        done.layers.append("no_capabilities")
    if prctl(PR_SET_PDEATHSIG, signal.SIGKILL):
        done.layers.append("dies_with_parent")
        if os.getppid() != parent:  # it was too late for the signal
            os._exit(1)
    if prctl(PR_SET_DUMPABLE, 0):
        done.layers.append("not_traceable")
    done.add("seccomp", lambda: seccomp.enforce(os.getpid()), plan.without)
    return done


def _limit(plan: Plan, used: int) -> None:
    refused = set_limits(plan.limits, used)
    if refused:
        raise NotActive(f"this system sets no limit of {', '.join(refused)}")


def _landlock(plan: Plan) -> None:
    if plan.rules is None:
        raise NotActive(plan.common.reason)
    known = plan.common.version
    landlock.allow(plan.rules, landlock.opened(known, plan.readable, landlock.READ))
    landlock.allow(plan.rules, landlock.opened(known, [plan.home], landlock.OWN))
    landlock.enforce(plan.rules)


def _hidden(plan: Plan) -> str | None:
    """A path that another user could not read, of those that the worker has to."""
    unreadable = (path for path in plan.readable if not readable_by_others(path))
    return plan.common.hidden or next(unreadable, None)
