"""One law on one operation: screen, then search, then shrink.

The screen draws cases with NumPy, small ones first.  The search (`lawbook.search`) draws further cases with
Hypothesis.  A failure of either is shrunk to a small case that fails in the same way.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from lawbook.bounds import precision
from lawbook.budget import Budget
from lawbook.claims import Outcome
from lawbook.domains import Case, in_dtype
from lawbook.foresight import Foreseen, foresee, screen
from lawbook.laws import Law
from lawbook.operations import Call, Operation, TargetError
from lawbook.rehearsal import Rehearsal, Unanswered
from lawbook.shrinking import Shrinker
from lawbook.sources import Choice
from lawbook.verdicts import Verdict


class JudgeError(Exception):
    """Lawbook itself failed to judge: never the target's fault."""


@dataclass(eq=False, repr=False)
class Failure:
    """A case on which the law does not hold."""

    status: str
    case: Case
    outcome: Outcome
    choices: Sequence[Choice] = ()


@dataclass(eq=False, repr=False)
class Screened:
    """A case of the screen, and what was found on it."""

    foreseen: Foreseen
    found: tuple[str, Outcome] | None = None


@dataclass(eq=False, repr=False)
class Trial:
    """One law on one operation of a target, in one dtype: the target's, or the operation's own.

    An operation's own is its convention "precision", declared or measured.
    """

    law: Law
    operation: Operation
    dtype: str = "float64"
    seed: int = 0
    examples: int = 0
    closest: Outcome | None = None
    cases: list[Screened] = field(default_factory=list)
    doubt: str = ""  # what failed when the law was screened in another process

    def __post_init__(self) -> None:
        self.dtype = self.operation.conventions.get("precision", self.dtype)

    def evaluate(self, case: Case) -> tuple[str, Outcome]:
        """The status of the law on one case ("pass", "fail", or the target's error) and its outcome."""
        self.operation.session.begin(self.seed)
        return self._judge(case)

    def foresee(self, one: Screened) -> Sequence[Call]:
        """The calls to be expected on a case."""
        return foresee(self.law, self.operation, one.foreseen, self.seed, self.dtype)

    def rehearsed(self, session: Rehearsal, one: Screened) -> tuple[str, Outcome]:
        """`evaluate` on a rehearsal's answers."""
        foreseen = one.foreseen
        known = foreseen.outcome(session.script, session.answers)
        if known:
            return self._found(known)
        with self.operation.on(session, foreseen.recall):
            status, outcome = self._judge(foreseen.case)
        if status == "pass":
            foreseen.keep(session.script, session.answers, outcome)
        return status, outcome

    def _judge(self, case: Case) -> tuple[str, Outcome]:
        try:
            with precision(self.dtype), np.errstate(all="ignore"):
                case = in_dtype(case, self.dtype)
                outcome = self.law.body(self.operation, **case).judge()
        except TargetError as error:
            self.examples += 1
            return error.status, Outcome(False, float("inf"), 0.0, message=error.message)
        except Unanswered:
            raise
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
            if not self._holds_on_reference(case):
                raise JudgeError(f"{self.law.id}: {text}") from error
            self.examples += 1
            message = f"what it returned cannot be compared ({text})"
            return "fail", Outcome(False, float("inf"), 0.0, message=message)
        return self._found(outcome)

    def _found(self, outcome: Outcome) -> tuple[str, Outcome]:
        self.examples += 1
        if outcome.holds and (
            self.closest is None or _how_close(outcome) > _how_close(self.closest)
        ):
            self.closest = outcome
        return ("pass" if outcome.holds else "fail"), outcome

    def _holds_on_reference(self, case: Case) -> bool:
        """Whether the law can be evaluated on the reference, and so broke on the target's results."""
        with precision(self.dtype), np.errstate(all="ignore"):
            try:
                return bool(self.law.body(self.operation.on_reference(), **case).judge().holds)
            except Exception:  # then it is the law that breaks, whatever the target returned
                return False

    def prepare(self, budget: Budget) -> list[Screened]:
        """Draw the cases of the screen, small ones first."""
        count = self.law.screen if self.law.statistical else round(self.law.screen * budget.screen)
        cases = screen(self.law, max(count, 1), self.operation, self.seed, self.dtype)
        self.cases = [Screened(one) for one in cases]
        return self.cases

    def screen(self, budget: Budget) -> Failure | None:
        """The first failing case of the screen."""
        for one in self.cases or self.prepare(budget):
            case, choices = one.foreseen.case, one.foreseen.choices
            status, outcome = one.found or self.evaluate(case)
            if status != "pass":
                return Failure(status, case, outcome, choices)
        return None

    @property
    def held(self) -> bool:
        """Whether the law was evaluated on every case of the screen and held."""
        passed = [one.found is not None and one.found[0] == "pass" for one in self.cases]
        return bool(passed) and all(passed)

    def failures(self) -> str:
        """What failed on the cases of the screen, in words; empty where nothing did."""
        seen = [one.found for one in self.cases if one.found and one.found[0] != "pass"]
        return seen[0][1].message or seen[0][0] if seen else ""

    def summary(self) -> tuple[int, str, str]:
        """What `accept` needs to know of a trial that held elsewhere."""
        closest = self.closest or Outcome(True, 0.0, 0.0)
        return self.examples, str(closest.measured), str(closest.allowed)

    def accept(self, examples: int, closest: Outcome) -> None:
        """Take over a screen that held elsewhere."""
        self.examples, self.closest = examples, closest
        self.cases = [Screened(Foreseen({}, []), ("pass", closest))]

    def verdict(self, budget: Budget) -> Verdict:
        """Screen, search and shrink; raises `JudgeError` if the law itself breaks."""
        law = self.law
        start = time.perf_counter()
        verdict = blank(law)
        verdict.seed = self.seed
        reason = law.unless(self.operation)
        if reason:
            verdict.status, verdict.message = "skip", reason
            return verdict
        failure = self.screen(budget) or self.search(budget)
        if failure:
            failure = self.shrink(failure, budget)
        verdict.examples = self.examples
        if failure:
            self.evaluate(failure.case)  # leaves the trace of the counterexample itself
            record(verdict, failure)
            verdict.trace = tuple(self.operation.session.trace)
        elif self.doubt:
            verdict.status = "fail"
            verdict.message = f"in another process, and not in this one: {self.doubt}"
        elif self.closest:
            verdict.measured, verdict.allowed = self.closest.measured, self.closest.allowed
        verdict.seconds = time.perf_counter() - start
        return verdict

    def search(self, budget: Budget) -> Failure | None:
        """The first failing case that Hypothesis finds."""
        count = min(budget.search, 5) if self.law.statistical else budget.search
        if not count:
            return None
        from lawbook.search import searched  # imports Hypothesis

        return searched(self, count)

    def shrink(self, failure: Failure, budget: Budget) -> Failure:
        """The smallest case found that fails in the same way."""
        smallest = failure

        def fails(case: Case) -> bool:
            nonlocal smallest
            status, outcome = self.evaluate(case)
            if status == failure.status:
                smallest = Failure(status, case, outcome)
            return status == failure.status

        if failure.status not in ("timeout", "crash"):
            Shrinker(self.law.draw, fails, failure.choices, budget.shrink_calls).run()
        return smallest


def _how_close(outcome: Outcome) -> tuple[float, float]:
    """How close to its bound; of two that are as close one goes first, in whatever order they came."""
    return outcome.ratio, outcome.allowed


def blank(law: Law, status: str = "pass", message: str = "") -> Verdict:
    """A verdict on a law, with nothing run yet."""
    place = law.id, law.topic, law.operation, law.statement
    return Verdict(*place, status=status, severity=law.severity, message=message)


def record(verdict: Verdict, failure: Failure) -> None:
    """Write a failure into the verdict."""
    outcome = failure.outcome
    verdict.status, verdict.case, verdict.message = failure.status, failure.case, outcome.message
    verdict.measured, verdict.allowed = outcome.measured, outcome.allowed
    verdict.expected, verdict.got = outcome.expected, outcome.got
