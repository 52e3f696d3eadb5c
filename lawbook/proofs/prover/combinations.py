"""Nonnegative combinations of facts: a polynomial that is one is not negative."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from lawbook.proofs.prover.polynomials import FIELD, WIDTH, Budget, Poly, exponents
from lawbook.proofs.prover.signs import ANY, NEGATIVE, NIL, POSITIVE, sign_of_sum

Terms = Mapping[int, int | Fraction]
STEPS = 60  # of one search
STEP = 300  # operations that a step counts for
DEPTH = 3  # facts in one combination


class Combinations:
    """The search for terms = sum of (nonnegative monomial) * (fact) + nonnegative terms."""

    def __init__(
        self,
        facts: Sequence[tuple[Poly, bool]],
        monomial_sign: Callable[[int, int | Fraction], int],
        budget: Budget,
    ) -> None:
        self.facts, self.monomial_sign, self.budget = facts, monomial_sign, budget
        self.left = STEPS

    def sign(self, terms: Terms, depth: int = DEPTH) -> int:
        """POSITIVE or POSITIVE | NIL where a combination is found, else ANY."""
        if not terms:
            return POSITIVE | NIL
        out = NIL
        for m, c in terms.items():
            out = sign_of_sum(out, self.monomial_sign(m, c))
        if not out & NEGATIVE:
            return out
        if not depth:
            return ANY
        bad = next(m for m, c in terms.items() if self.monomial_sign(m, c) & NEGATIVE)
        for fact, strict in self.facts:
            for n, d in fact.terms.items():
                if not _divides(n, bad) or (terms[bad] > 0) != (d > 0):
                    continue
                lift = self.monomial_sign(bad - n, 1)
                if lift & NEGATIVE:
                    continue
                self.left -= 1
                if self.left < 0:
                    return ANY
                self.budget.spend(STEP + 30 * len(terms))
                rest = _without(terms, fact, bad - n, Fraction(terms[bad]) / d)
                found = self.sign(rest, depth - 1)
                if not found & NEGATIVE:
                    return POSITIVE if strict and lift == POSITIVE else found
        return ANY


def _without(terms: Terms, fact: Poly, shift: int, ratio: Fraction) -> Terms:
    rest = dict(terms)
    for k, c in fact.terms.items():
        value = rest.get(k + shift, 0) - ratio * c
        if value:
            rest[k + shift] = value
        else:
            rest.pop(k + shift, None)
    return rest


def _divides(n: int, m: int) -> bool:
    return all(m >> (WIDTH * g) & FIELD >= e for g, e in exponents(n))
