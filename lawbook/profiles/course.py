"""What the judge knows of a course before it opens a submission, and what several courses declare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lawbook.conventions import Open, Profile

P_BY_KEEP_RATE = Open(("keep", "drop"), "dropout.dropout_units_are_kept_with_probability_keep")
P_BY_DROP_RATE = Open(("drop", "keep"), P_BY_KEEP_RATE.law)
MASKING = Open(("select", "multiply"), "dropout.dropout_dropped_units_are_zero_of_infinite_inputs")
# The two forms are the same at a constant rate, but not in their last digits.
RATE_IN_VELOCITY = Open((False, True), "optimizers.momentum_steps_follow_closed_form")
# No sheet asks for a variance that keeps its digits far from 0, or for two backward passes in a row.
BEYOND_THE_SHEETS = {
    "batch_norm.training_output_is_accurate_at_large_mean": "warning",
    "batch_norm.training_output_is_shift_invariant": "warning",
    "batch_norm.input_gradient_is_accurate_at_large_mean": "warning",
    "batch_norm.second_backward_eq_first": "warning",
}


@dataclass(eq=False, repr=False)
class Course:
    """A course whose layout is known: its editions, the newest first.

    Where nothing tells the edition, it is the newest.  `imports` are the packages that a submission may
    import beyond NumPy and the harmless part of the standard library; `preload` are those that the
    workers' parent imports before it forks.
    """

    profiles: Sequence[Profile]
    imports: frozenset[str] = frozenset()
    preload: tuple[str, ...] = ()
