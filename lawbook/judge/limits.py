"""What a worker may use."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(eq=False, repr=False)
class Limits:
    """What a worker may use. Seconds are the worker's own CPU time, read by the judge.

    `wall_factor` times as long by the wall clock is the backstop; a worker that sleeps past its limit
    does not get that long, and all calls of a submission together may sleep for `idle_seconds`.
    `memory` is address space in bytes beyond what the interpreter has, None for no limit.  `disk` (bytes) and
    `files` bound what its folder holds; the judge looks at that ten times a second.
    """

    call_seconds: float = 2.0
    import_seconds: float = 10.0
    total_seconds: float = 60.0
    idle_seconds: float = 60.0
    wall_factor: float = 5.0
    memory: int | None = 1 << 30
    file_size: int = 1 << 20
    open_files: int = 64
    output: int = 8 << 20
    disk: int = 32 << 20
    files: int = 10_000

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if value is not None and not value > 0:
                raise ValueError(f"the limit {name} must be positive, not {value!r}")

    def for_worker(self) -> dict[str, int | None]:
        """The part that the worker sets on itself."""
        return {
            "memory": self.memory,
            "cpu": int(self.total_seconds) + 2,
            "file_size": self.file_size,
            "open_files": self.open_files,
        }
