"""Mistakes in dropout."""

from __future__ import annotations

from lawbook.mistakes import mistake
from reference.arrays import Array, SameShape
from reference.dropout import Dropout


@mistake(
    "dropout",
    "The kept units are multiplied by the keep probability; they must be divided by it.",
    breaks=("dropout_units_are_zero_or_scaled",),
    seen="CS231n and I2DL submissions",
)
class MultipliesByKeep(Dropout):
    def train(self, x: Array) -> SameShape:
        return super().train(x) * self.keep * self.keep
