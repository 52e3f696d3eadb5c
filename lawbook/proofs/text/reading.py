"""The lines of a derivation, from text to statements; nothing is computed and SymPy is not imported.

# a comment, to the end of the line
assume mu > 0, N integer     relations; names that are not declared are real numbers
batch x, dy of N             x is the entry j, x[k] another one, sum(...) runs over all N
random w, x                  independent random variables; E(...) is the expectation
given E(m) = q               an assumption, used as a rewrite; also given sum(t) = 1
function f                   a smooth function: f(x), f'(x)
let mu = sum(x)/N            a definition; let sigma(t) = 1/(1 + exp(-t)) a function
(w - w0)**2/2                starts a chain; a blank line ends it, unless a rule comes next
diff w                       a rule says what the next line must equal; so do
                             diff x frozen mu, s - diff x[k] - sub a = b - at a = b - solve w - scale k
                             (sub and at replace a batch in all its entries)
= w - w0                     must equal the line before, or what the rule gives
!= w0 - w                    must not: a mistake, to be refuted; the chain goes on from before it
>= 0                         (or <=) the line before is; the chain goes on from before it
code NAME                    in chapters: what the reference computes equals the line before
"""

from __future__ import annotations

import re
from collections.abc import Collection

from lawbook.proofs.text.reader import Reader
from lawbook.proofs.text.statements import Statement
from lawbook.proofs.text.syntax import Unreadable

LARGEST_FILE, MOST_LINES, MOST_PROBLEMS = 64 * 1024, 500, 5


class Refusal(ValueError):
    """A text that cannot be read; `problems` say where and why, in the order of the lines."""

    def __init__(self, problems: list[Unreadable], text: str = "") -> None:
        self.problems, self.lines = problems, split_lines(text)
        super().__init__("\n".join(self.shown("")))

    def shown(self, name: str) -> list[str]:
        """`NAME:LINE:COLUMN: sentence`, the line and a caret, for every problem."""
        found = []
        for one in self.problems:
            found.append(f"{name}:{one.line}:{one.column}: {one.sentence}".lstrip(":"))
            line = self.lines[one.line - 1] if 0 < one.line <= len(self.lines) else ""
            begin = max(0, one.column - 60)
            piece = "".join(c if c.isprintable() else " " for c in line[begin : begin + 90])
            if piece.strip():
                found += [f"    {piece}", f"    {' ' * (one.column - 1 - begin)}^"]
        return found


def decoded(data: bytes) -> str:
    """The text of a file; Refusal where it is too large, empty, binary or not UTF-8."""
    if len(data) > LARGEST_FILE:
        raise Refusal([Unreadable(f"larger than {LARGEST_FILE // 1024} kB", line=1)])
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Refusal([Unreadable("this is UTF-16: save it as UTF-8", line=1)])
    if b"\0" in data:
        line, column = _position(data, data.index(b"\0"))
        raise Refusal([Unreadable("a binary file, not text", column, line)])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, column = _position(data, error.start)
        raise Refusal([Unreadable("not UTF-8 text", column, line)]) from None


def _position(data: bytes, at: int) -> tuple[int, int]:
    before = data[:at]
    column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
    return before.count(b"\n") + 1, column


def split_lines(text: str) -> list[str]:
    """The lines, whatever ends them: LF, CR LF or CR."""
    return re.split(r"\r\n|\n|\r", text.removeprefix("\ufeff"))


def read(text: str, code: Collection[str] | None = ()) -> tuple[Statement, ...]:
    """The statements of a text; Refusal with the first problems where it cannot be read.

    code: the names that `code` lines may use; None where there are none, as in a learner's file.
    """
    lines = split_lines(text)
    if not text.strip():
        raise Refusal([Unreadable("the file is empty", line=1)], text)
    if len(lines) > MOST_LINES or len(text) > LARGEST_FILE:
        raise Refusal([Unreadable(f"more than {MOST_LINES} lines", line=MOST_LINES + 1)], text)
    reader = Reader(code)
    problems: list[Unreadable] = []
    for number, line in enumerate(lines, 1):
        try:
            reader.line(number, line)
        except Unreadable as problem:
            problem.line = problem.line or number
            problems.append(problem)
            reader.used = True  # what follows a rule may be the line that could not be read
            if len(problems) == MOST_PROBLEMS or reader.declaring:
                break
    if not problems:
        try:
            reader.finish(len(lines))
        except Unreadable as problem:
            problems.append(problem)
    if problems:
        raise Refusal(problems, text)
    return tuple(reader.statements)
