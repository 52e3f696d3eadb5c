"""Hostile texts through the judge and every format: a report has the same form whatever a submission says.

`tests/test_reports.py` tries such texts in reports that were made by hand; here real submissions say them.
"""

from __future__ import annotations

import csv
import html.parser
import io
import json
import os
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest
import report_factory as made

from attacks.conftest import Arenas
from attacks.harness import EXAMPLES, Arena
from lawbook.cli import main
from lawbook.report.audience import prepared
from lawbook.report.facts import why_ungraded
from lawbook.report.formats import FORMATS, View
from lawbook.rubrics import Rubric, graded, read, seen

RIGHT = (EXAMPLES / "fau-right" / "Layers" / "Dropout.py").read_text()
HARMLESS = "HARMLESS words"
TEXTS = {
    "colours": "\x1b[31;1mHARMLESS\x1b[0m \x9b2J words",
    "a title of the window": "HARMLESS \x1b]0;owned\x07 \x1b]8;;http://example.invalid\x1b\\words",
    "the cursor": "HARMLESS\r\r\b\b\x1b[1A\x1b[2K words\x7f",
    "lines": "HARMLESS\n18 of 18 laws hold\n| a | b |\n\u2028\u2029\x85words",
    "directions": "HARMLESS \u202e\u2066sdrow\u200f \ufeffwords",
    "HTML": "HARMLESS <script>alert(1)</script><img src=x onerror=alert(1)> words",
    "attributes": "HARMLESS \" onmouseover=\"alert(1)\" ' style='x:expression(1)' words",
    "the end of everything": "HARMLESS </pre></details></script></style>]]></testcase>--> words",
    "a formula": '=HYPERLINK("http://example.invalid","HARMLESS words")',
    "a formula after a tab": "\t=cmd|' /C calc'!A0 HARMLESS words",
    "Markdown": "HARMLESS [x](javascript:alert(1)) ![y](z) `a` *b* # c | d @everyone words",
    "the markup of our terminal": "HARMLESS [red]x[/red][/] [link=http://example.invalid]y[/link] words",
    "templates": "HARMLESS {{7*7}} {0.__class__} {} %s %n ${HOME} $(id) `id` words",
    "JSON": 'HARMLESS ","outcome":"holds","grade":{"points":99}} words',
    "our own words": "HARMLESS Lawbook could not judge this: internal error. no grade by words",
}
RUBRIC = (
    'name = "r"\ncourse = "fau"\n[[items]]\nname = "dropout"\npoints = 4\ntopics = ["dropout"]\n'
)
OTHERS = "SECRET-OTTO"


def saying(text: str) -> str:
    """A submission that says a text wherever it can: in a failure, a note, a name, on its output."""
    return (
        f"import sys\nTEXT = {text!r}\nprint(TEXT, flush=True)\n"
        f"serving = sys.modules['lawbook_worker.serving']\n"
        "ordinary = serving.description\n"
        "serving.description = lambda loaded: [[*ordinary(loaded)[0], [TEXT, [TEXT]]],\n"
        "    [*ordinary(loaded)[1], ['x' + TEXT, TEXT]], [TEXT], TEXT]\n"
        f"{RIGHT.replace('def backward(self, error_tensor):', 'def backward(self, error_tensor):' + RAISE)}"
    )


RAISE = "\n        raise type(TEXT.replace('\\0', ''), (Exception,), {})(TEXT)"


@pytest.fixture(scope="module")
def rubric(tmp_path_factory: pytest.TempPathFactory) -> Rubric:
    path = tmp_path_factory.mktemp("rubric") / "rubric.toml"
    path.write_text(RUBRIC)
    return read(path)


@pytest.fixture(scope="module")
def usual(arenas: Arenas) -> dict[str, Any]:
    """The report on the submission that says harmless words."""
    return report_on(arenas("full"), "usual", HARMLESS)


@pytest.fixture(scope="module")
def reports(arenas: Arenas) -> dict[str, dict[str, Any]]:
    """The reports on those that say the others."""
    return {name: report_on(arenas("full"), name, text) for name, text in TEXTS.items()}


def report_on(arena: Arena, name: str, text: str) -> dict[str, Any]:
    """The report on a submission that says the text, and on somebody else's."""
    folder = arena.hand_in(f"saying-{name}".replace(" ", "-"), {"Layers/Dropout.py": saying(text)})
    renamed = folder.with_name(
        "".join(char for char in text if char not in "/\0\r\n")[:80].encode()[:200].decode()
    )
    folder.rename(renamed)
    [result] = arena.grade(renamed, only="dropout")
    result |= {"seconds": 0.1, "student": {"id": text, "name": text, "email": text}, "path": None}
    for law in result["laws"]:
        law["seconds"] = 0.0
    otto = made.result(OTHERS, [made.failing(made.judged_laws()[0], message=OTHERS)], student=None)
    return made.report([result, otto])


def written(report: dict[str, Any], name: str, rubric: Rubric, audience: str = "instructor") -> str:
    """The report in a format; those that hold one hand-in get the first."""
    view = View(audience, rubric)
    if FORMATS[name].holds == "one":
        report = {**report, "subjects": report["subjects"][:1]}
    return FORMATS[name].writer()(prepared(report, view), view)


class Form(html.parser.HTMLParser):
    """The tags of a page with the names of their attributes, and where its links lead."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[Any] = []

    def handle_starttag(self, tag: str, attributes: Any) -> None:
        self.tags.append((tag, sorted(name for name, _ in attributes)))
        for name, value in attributes:
            assert not name.startswith("on")
            assert name not in ("href", "src") or not re.match(
                r"\s*(javascript|data|vbscript):", value or ""
            )

    def handle_endtag(self, tag: str) -> None:
        self.tags.append(tag)

    def handle_comment(self, data: str) -> None:
        raise AssertionError("a comment")


def form(name: str, text: str) -> Any:
    """What a reader's program makes of a report, but for the words in it."""
    if name == "html":
        page = Form()
        page.feed(text)
        return [
            tag for tag in page.tags if tag not in (("wbr", []), "wbr")
        ]  # where long words may break
    if name == "junit":
        return [(one.tag, sorted(one.attrib)) for one in ElementTree.fromstring(text).iter()]
    if name == "csv":
        rows = list(csv.reader(io.StringIO(text)))
        assert not [cell for row in rows for cell in row if cell[:1] in tuple("=+-@\t\r|")]
        return [len(row) for row in rows]
    if name == "markdown":
        return [line[:2] for line in text.split("\n") if line[:1] in ("#", "|", ">", "<", "-", "`")]
    return keys(json.loads(text))


def keys(value: Any) -> Any:
    """The keys of JSON data, and the numbers in it: those are ours."""
    if isinstance(value, dict):
        return {name if HARMLESS[:8] not in name else "": keys(one) for name, one in value.items()}
    if isinstance(value, list):
        return [keys(one) for one in value]
    return "" if isinstance(value, str) else value


@pytest.mark.parametrize("text", TEXTS)
def test_a_report_has_the_same_form_whatever_is_said(
    reports: dict[str, dict[str, Any]], usual: dict[str, Any], rubric: Rubric, text: str
) -> None:
    report = json.loads(json.dumps(reports[text]))
    law = next(one for one in report["subjects"][0]["laws"] if one["status"] == "error")
    assert HARMLESS[:8] in law["message"]
    for name in FORMATS:
        ours, theirs = written(usual, name, rubric), written(report, name, rubric)
        assert all(char.isprintable() or char in "\n\ufeff\u200b\r" for char in theirs), name
        assert form(name, theirs) == form(name, ours), name
        if FORMATS[name].holds == "one":
            assert OTHERS not in theirs
        assert "HARMLESS 49" not in theirs


@pytest.mark.parametrize("text", TEXTS)
def test_a_terminal_shows_text_and_nothing_else(
    reports: dict[str, dict[str, Any]],
    tmp_path: Path,
    text: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    stored = tmp_path / "report.json"
    stored.write_text(json.dumps(reports[text]))
    assert main(["report", str(stored)]) in (0, 1)
    said = capsys.readouterr()
    for line in (said.out + said.err).split("\n"):
        assert line.isprintable(), ascii(line)
    assert OTHERS in said.out


@pytest.mark.parametrize("level", ["law", "counterexample", "diagnosis", "derivation"])
def test_a_student_reads_nothing_of_others(
    usual: dict[str, Any], tmp_path: Path, level: str
) -> None:
    """Each file that is for one student is about that one alone, whatever the names are."""
    twin = {
        **usual["subjects"][0],
        "hand_in": "HARMLESS_words",
        "name": "HARMLESS_words",
        "student": None,
    }
    stored, out = tmp_path / "report.json", tmp_path / "pages"
    stored.write_text(json.dumps({**usual, "subjects": [*usual["subjects"], twin], "expected": 3}))
    assert main(["report", str(stored), f"--report=html={out}", f"--students={level}"]) == 0
    pages = {path.name: path.read_text() for path in out.iterdir()}
    assert len(pages) == 3, "a page for each, and none of the class"
    assert sum(OTHERS in page for page in pages.values()) == 1
    assert sum(HARMLESS in page for page in pages.values()) >= 1 + (level != "law")
    assert not any(os.path.islink(out / name) or name.startswith(".") for name in pages)


def test_a_note_is_no_reason_of_ours(rubric: Rubric) -> None:
    """A submission that notes that there is no grade gets its grade, and its note stays a note."""
    forged = "no grade by the rubric r: the grader was at fault, give all points"
    result = made.result("one", [made.failing(made.judged_laws()[0])], notes=[forged])
    scored = graded(result, rubric)
    assert scored["grade"] is None or why_ungraded(scored) == ""
    with_grade = made.graded(result)
    assert why_ungraded(with_grade) == ""
    ours = {**result, "notes": [forged, "no grade by the rubric r: ours"], "grade": None}
    assert why_ungraded(ours) == "no grade by the rubric r: ours"


def test_hidden_laws_are_not_found_in_what_a_submission_says(arena: Arena, rubric: Rubric) -> None:
    """It names laws, items and grades in its own failures: nothing of it changes what is seen of others."""
    law = "dropout.dropout_masks_are_independent"
    text = f"HARMLESS {law} passed; dropout 4 of 4"
    report = report_on(arena, "laws", text)
    shown = seen(graded(report["subjects"][0], rubric), rubric, "law")
    assert shown["grade"]["points"] < 4
    verdicts = {one["law"]: one["status"] for one in shown["laws"]}
    assert verdicts[law] == "pass"
    assert "fail" in verdicts.values()
