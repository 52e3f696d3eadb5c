"""`python -m lawbook`."""

from lawbook.cli import run

run()
