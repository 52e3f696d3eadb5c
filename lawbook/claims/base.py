"""What every claim is: something to judge, and the outcome of judging it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(eq=False)
class Outcome:
    """What a claim came to: whether it holds, the measured deviation and the allowed one, both sides."""

    holds: bool
    measured: float
    allowed: float
    expected: Any = None
    got: Any = None
    message: str = ""

    @property
    def ratio(self) -> float:
        """Measured / allowed; infinite where nothing is allowed and something was measured."""
        if self.allowed == 0:
            return 0.0 if self.measured == 0 else float("inf")
        return self.measured / self.allowed


class Claim:
    """The base of all claims."""

    asks = False  # whether judging asks the target for more

    def judge(self) -> Outcome:
        """Compare."""
        raise NotImplementedError


class All(Claim):
    """All of several claims: the first that fails, else the one with the largest ratio."""

    def __init__(self, *claims: Claim) -> None:
        self.claims = claims
        self.asks = any(claim.asks for claim in claims)

    def judge(self) -> Outcome:
        outcomes = [claim.judge() for claim in self.claims]
        failed = [outcome for outcome in outcomes if not outcome.holds]
        return failed[0] if failed else max(outcomes, key=lambda outcome: outcome.ratio)
