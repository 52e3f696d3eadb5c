"""How well workers are shut in on this machine: found out by attacks that a worker tries at the start."""

from lawbook.isolation.levels import LEVELS, Isolation
from lawbook.isolation.selftest import begin, isolation_of, require

__all__ = ["LEVELS", "Isolation", "begin", "isolation_of", "require"]
