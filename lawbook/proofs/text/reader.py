"""Line after line: which kind a line is, what it says, and whether it may stand where it stands."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection

from lawbook.proofs.text.declarations import PLAIN_SIGN, Declarations, pieces
from lawbook.proofs.text.expressions import LONGEST_LINE, parse
from lawbook.proofs.text.names import KEYWORDS, nearest_name
from lawbook.proofs.text.statements import (
    KIND_OF_SIGN,
    RULES,
    Blank,
    Code,
    Diff,
    Follows,
    Given,
    Remark,
    Replace,
    Scale,
    Solve,
    Start,
    Statement,
    What,
)
from lawbook.proofs.text.syntax import Entry, Name, Unreadable, constant

UNREADABLE = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")  # control, format, unassigned


class Reader(Declarations):
    """Reads line after line and keeps the statements.

    code: the names that `code` lines may use; None where such lines are refused.
    """

    def __init__(self, code: Collection[str] | None) -> None:
        super().__init__()
        self.code = code
        self.statements: list[Statement] = []
        self.in_chain = self.begun = self.broken = False
        self.rule: Statement | None = None
        self.used = True  # whether a line was judged by the rule
        self.judged = 0

    def line(self, number: int, line: str) -> None:
        """Read one line; Unreadable where it cannot be."""
        self.number, self.declaring = number, False
        _check_characters(line)
        content, _, comment = line.partition("#")
        text = content.rstrip()
        words = text.lstrip()
        what = self.what(words, len(text) - len(words)) if words else None
        if what is None:
            what = Remark() if "#" in line else Blank()
        if isinstance(what, Blank):
            self._end_chain()
        for one in what if isinstance(what, tuple) else (what,):
            statement = Statement(number, words, comment.strip(), one)
            if isinstance(one, RULES):
                self.rule, self.used = statement, False
            self.statements.append(statement)
            comment = ""

    def finish(self, lines: int) -> None:
        """The end of the text."""
        self._end_chain()
        if not self.judged:
            raise Unreadable("nothing to check: no line begins with =", line=max(lines, 1))

    def _end_chain(self) -> None:
        self.in_chain = False
        if self.rule and not self.used:
            raise Unreadable("a line with = has to follow this rule", line=self.rule.line)
        self.rule = None

    def what(self, text: str, offset: int) -> What | tuple[Given, ...]:
        """What a line says; it begins `offset` characters into the line."""
        if text.startswith(("==", "=>")):
            raise Unreadable("write = once", offset + 2)
        for sign in (*KIND_OF_SIGN, *PLAIN_SIGN):
            if text.startswith(sign):
                return self._follows(PLAIN_SIGN.get(sign, sign), text, offset, len(sign))
        word = re.match(r"[a-z]+(?![\w(])", text)
        readers: dict[str, Callable[[str, int], What | tuple[Given, ...]]] = {
            "assume": self.assume, "batch": self.batch, "random": self.random, "given": self.given,
            "function": self.function, "let": self.let, "diff": self._diff, "sub": self._replace,
            "at": self._replace, "solve": self._solve, "scale": self._scale, "code": self._code,
        }  # fmt: skip
        if word is None or word[0] not in readers:
            return self._start(text, offset, word[0] if word else "")
        rest = text[word.end() :]
        if rest.lstrip()[:1] in ("=", "*", "/", "+") and rest.strip():
            raise Unreadable(
                f"`{word[0]}` begins a line of its own kind: choose another name", offset + 1
            )
        if word[0] in ("diff", "sub", "at", "solve", "scale", "code"):
            self._in_chain(offset, word[0])
        return readers[word[0]](text, offset)

    def _in_chain(self, offset: int, word: str) -> None:
        if not self.begun:
            raise Unreadable(
                "there is no line before this one: begin with an expression", offset + 1
            )
        if self.rule and not self.used and word != "code":
            raise Unreadable("write down what the rule before gives first", offset + 1)
        self.in_chain = True

    def _start(self, text: str, offset: int, word: str) -> Start:
        definition = re.match(r"([^\W\d]\w*)\s*=[^=]", text)
        if definition and definition[1] not in KEYWORDS:
            raise Unreadable(
                f"write `let {definition[1]} = ...` for a definition, or begin a new line with =",
                offset + 1,
            )
        if self.in_chain and self.rule and not self.used:
            raise Unreadable("begin the line that the rule gives with =", offset + 1)
        if self.in_chain:
            close = nearest_name(word, set(KEYWORDS)) if word and " " in text else ""
            raise Unreadable(
                "a line of a chain begins with = or is a rule; a blank line starts a new chain"
                + (f"; the nearest is {close}" if close else ""),
                offset + 1,
            )
        self.in_chain, self.begun, self.rule = True, True, None
        self.broken = True  # its names are not known if it cannot be read
        tree = self.tree(text, offset, new=True)
        self.broken = False
        return Start(tree)

    def _follows(self, sign: str, text: str, offset: int, skip: int) -> Follows:
        if not self.in_chain:
            raise Unreadable(
                "there is no line before this one: begin with an expression", offset + 1
            )
        tree = self.tree(text[skip:], offset + skip, new=sign == "!=" or self.broken)
        self.used, self.judged = True, self.judged + 1
        return Follows(sign, tree)

    def _code(self, text: str, offset: int) -> Code:
        name = self.one_name(text, offset, 4)
        if self.code is None:
            raise Unreadable("`code` lines belong to chapters only", offset + 1)
        if name not in self.code:
            raise Unreadable(f"no code is given for {name}", self.columns[0])
        self.used, self.judged = True, self.judged + 1
        return Code(name)

    def _replace(self, text: str, offset: int) -> Replace:
        word = text.split(None, 1)[0]
        pairs = []
        for piece, at in pieces(text[len(word) :], offset + len(word)):
            left, _, right = piece.partition("=")
            if not right.strip():
                raise Unreadable(f"write `{word} a = b`", at + len(piece) + 1)
            due = self.tree(left, at)
            pairs.append((due, self.tree(right, at + len(left) + 1, new=True)))
            if constant(due) is not None:
                raise Unreadable("a number cannot be replaced", due.column)
        if len({left for left, _ in pairs}) < len(pairs):
            raise Unreadable("one expression is replaced twice", offset + 1)
        return Replace(word, tuple(pairs))

    def _scale(self, text: str, offset: int) -> Scale:
        return Scale(self.tree(text[5:], offset + 5, new=True))

    def _variable(self, text: str, offset: int) -> Name | Entry:
        tree = parse(text, offset)
        if not isinstance(tree, Name | Entry):
            raise Unreadable("a name is expected", tree.column)
        self.known.check(tree, self.number, new=False)
        if tree.name in ("pi", self.known.size):
            raise Unreadable(f"{tree.name} is not a variable", tree.column)
        return tree

    def _solve(self, text: str, offset: int) -> Solve:
        found = self._variable(text[5:], offset + 5)
        if found.name in (*self.known.lets, *self.known.batch, *self.known.random):
            raise Unreadable(f"{found.name} is not a plain number: solve for one", found.column)
        return Solve(found.name)

    def _diff(self, text: str, offset: int) -> Diff:
        head, frozen_word, rest = text.partition(" frozen ")
        found = self._variable(head[4:], offset + 4)
        frozen = self.names(rest, offset + len(head) + 8, 0) if frozen_word else []
        for name, column in zip(frozen, self.columns if frozen else [], strict=True):
            if name not in self.known.lets:
                raise Unreadable(f"{name} is not a definition (`let`)", column)
        if isinstance(found, Entry) and found.name in self.known.lets:
            raise Unreadable("`diff` takes another entry of a batch only", found.column)
        return Diff(found.name, isinstance(found, Entry), tuple(frozen))


def _check_characters(line: str) -> None:
    if len(line) > LONGEST_LINE:
        sentence = f"the line is longer than {LONGEST_LINE} characters: take more steps"
        raise Unreadable(sentence, LONGEST_LINE + 1)
    for column, character in enumerate(line, 1):
        if character != "\t" and unicodedata.category(character) in UNREADABLE:
            raise Unreadable(
                f"the character U+{ord(character):04X} is not part of the language", column
            )
