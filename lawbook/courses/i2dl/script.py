"""The plain Python that reproduces a call; it runs in no worker."""

from __future__ import annotations

from ..functions.script import Script, scripts_of

PACKAGE = "exercise_code"  # what the scripts call the submission's own folder
SCRIPT: Script = scripts_of(PACKAGE)
