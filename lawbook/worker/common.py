"""What every worker of a zygote may read, made ready once: to open 200 files costs more than to fork."""

from __future__ import annotations

import sys

from . import landlock
from .readable import interpreter, site_folders, standard_folder
from .system import NotActive
from .user import readable_by_others


class Common:
    """Rules of Landlock for the interpreter and NumPy; `reason` says why there are none.

    `hidden` is a path among them that another user could not read, if there is one; `sites` are the
    folders where packages are installed.
    """

    def __init__(self) -> None:
        self.sites = site_folders()
        paths = interpreter()
        self.hidden = next((path for path in paths if not readable_by_others(path)), None)
        self.version, self.reason = 0, ""
        try:
            if sys.platform != "linux":
                raise NotActive("Landlock is a part of Linux")
            self.version = landlock.version()
        except NotActive as reason:
            self.reason = str(reason)
            return
        self._rules = [
            *landlock.opened(self.version, paths, landlock.READ),
            *landlock.opened(self.version, [standard_folder()], landlock.READ_DIR),
            *landlock.opened(self.version, ["/dev/null"], landlock.READ_FILE | landlock.WRITE_FILE),
        ]

    def ruleset(self) -> int | None:
        """A new ruleset (a descriptor) with these rules."""
        if self.reason:
            return None
        rules = landlock.ruleset(self.version)
        landlock.allow(rules, self._rules)
        return rules
