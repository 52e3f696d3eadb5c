"""Value-and-bound pairs: the reference run on them computes its own rounding tolerance.

A `Bounded` array holds a value and a bound on |computed - exact| for *any* order in which sums are
taken: a sum of n terms adds (n - 1) u sum|x|, every other operation adds u times its result, and
incoming bounds are propagated with their products (Higham 2002, Accuracy and Stability, ch. 3-4).
`u` is the unit roundoff of the precision under judgement, set by `precision`.
"""

from lawbook.bounds import rules  # fills the tables that the number type looks into
from lawbook.bounds.pairs import Bounded, bounded, lift
from lawbook.bounds.roundoff import measured_precision, precision, unit

__all__ = ["Bounded", "bounded", "lift", "measured_precision", "precision", "rules", "unit"]
