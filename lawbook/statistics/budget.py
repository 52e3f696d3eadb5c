"""The error budget of a run: its false-alarm rate, its share for one p-value, and the miss rate.

A correct target fails a *whole run* with probability at most `RUN_BUDGET`.  Each p-value alarms at
`ALPHA`, so at most `MAX_P_VALUES` of them may enter a run (union bound).  An entry of `mask_p_values`
counts as one p-value, whatever is corrected inside it; a battery that is first reduced by `bonferroni`
counts as one in all.
"""

from __future__ import annotations

from collections.abc import Iterable

RUN_BUDGET = 1e-6
ALPHA = 1e-10
MAX_P_VALUES = 10_000
BETA = 1e-9
"""Miss rate at which detectable effects and sample sizes are stated unless told otherwise."""


def bonferroni(p_values: Iterable[float]) -> float:
    """Return ``min(1, m * min(p_1..p_m))``, one valid p-value for m p-values, however dependent.

    Raises ValueError without p-values.  Source: Dunn (1961), after Bonferroni (1936).
    """
    found = list(p_values)
    if not found:
        raise ValueError("bonferroni needs at least one p-value, got none")
    return min(1.0, len(found) * min(found))
