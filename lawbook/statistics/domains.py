"""What the functions here accept: counts, rates, and error rates; all else is a ValueError."""

from __future__ import annotations


def check_counts(k: int, n: int) -> None:
    if n < 1 or not 0 <= k <= n:
        raise ValueError(f"need 0 <= k <= n and n >= 1, got k = {k}, n = {n}")


def check_rate(rate: float, name: str) -> None:
    if not 0 <= rate <= 1:
        raise ValueError(f"{name} must be within [0, 1], got {rate}")


def check_errors(alpha: float, beta: float) -> None:
    if not (0 < alpha < 1 and 0 < beta < 0.5):
        raise ValueError(f"need 0 < alpha < 1 and 0 < beta < 1/2, got {alpha} and {beta}")
