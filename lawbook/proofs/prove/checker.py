"""The process that checks one learner's file: text on standard input, one answer a line on standard output.

Run by `lawbook.proofs.prove.learner` as `python -m lawbook.proofs.prove.checker CPU_SECONDS MEMORY_MB`;
it limits itself before it imports SymPy.
"""

from __future__ import annotations

import resource
import signal
import sys
from contextlib import suppress

from lawbook.proofs.prove.answers import ANSWERED, Answer
from lawbook.proofs.text.reading import read

OUT_OF_MEMORY = 71  # the exit status


def limit(cpu_seconds: int, megabytes: int) -> None:
    """Limit the processor time and the memory of this process, where the system can."""
    for what, most, beyond in (
        (resource.RLIMIT_CPU, cpu_seconds, 1),  # SIGXCPU a second before SIGKILL: it says why
        (resource.RLIMIT_AS, megabytes * 2**20, 0),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        hard = resource.getrlimit(what)[1]
        highest = most + beyond if hard == resource.RLIM_INFINITY else min(most + beyond, hard)
        with suppress(OSError, ValueError):  # macOS has no limit on memory
            resource.setrlimit(what, (max(0, highest - beyond), highest))


class TooLong(Exception):
    """A line took more than its share of the processor time."""


def with_timer(seconds: float) -> None:
    """Raise TooLong after so much processor time; 0 for never."""
    signal.setitimer(signal.ITIMER_PROF, seconds)


def too_long(signum: int, frame: object) -> None:
    """The handler of the timer."""
    raise TooLong


def main() -> int:
    """Check the text on standard input; returns the exit status."""
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)  # whatever the caller ignores
    limit(int(sys.argv[1]), int(sys.argv[2]))
    signal.signal(signal.SIGPROF, too_long)
    try:
        answer_all(sys.stdin.buffer.read().decode("utf-8"), int(sys.argv[1]))
    except MemoryError:
        return OUT_OF_MEMORY
    return 0


def answer_all(text: str, seconds: int) -> None:
    """Write the answer to every line that is judged, as soon as it is known."""
    statements = read(text, None)
    from lawbook.proofs.evidence import Word
    from lawbook.proofs.text.chains import Chain, Checked

    def outcome(one: Checked) -> str:
        if one.follows:
            return "follows"
        undecided = one.decision is None or one.decision.word is Word.UNDECIDED
        return "undecided" if undecided else "wrong"

    chain = Chain({})
    for statement in statements:
        try:
            with_timer(seconds / 2)
            one = chain.judge(statement)
        except TooLong:
            one = chain.given_up(statement, "ran out of time")
        finally:
            with_timer(0)
        if one.decision is None or one.kind not in ANSWERED:
            continue
        decision = one.decision
        answer = Answer(
            one.line,
            one.kind,
            outcome(one),
            decision.word.value,
            decision.conditions,
            dict(decision.point),
            decision.expected,
            decision.got,
            decision.why,
            one.hint,
        )
        print(answer.encoded(), flush=True)


if __name__ == "__main__":
    sys.exit(main())
