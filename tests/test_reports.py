"""Reports in every format: from the same JSON, escaped, honest about what was not judged or is missing."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from report_factory import (
    class_of,
    entry,
    failing,
    graded,
    judged_laws,
    not_judged,
    report,
    result,
)

from lawbook.cli import main
from lawbook.report import gradebook, junit, markdown, schema
from lawbook.report.facts import (
    hardest,
    misconceptions,
    points,
    problem,
)
from lawbook.report.formats import FORMATS, View
from lawbook.report.known import known
from lawbook.report.writing import file_names
from lawbook.verdicts import NOT_HELD, OUTCOMES, STATUSES, Subject, Verdict

LAWS = judged_laws(("dropout", "l2_penalty"))
HARD = next(law for law in LAWS if law.severity == "error")
SOFT = next(law for law in LAWS if law.severity == "warning")
OURS = "Lawbook could not judge this: oh"
MISTAKE = "dropout.multiplies_by_keep"
EVIL = (
    "<script>alert(1)</script>",
    '=HYPERLINK("http://x","y")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "a|b\n| --- |\n`x` ```\n# [link](http://x) @teacher #1",
    "\u202egnp.exe\x00\x1b[2J\ud800\ufffe",
    "]]><!-- &amp; <b>",
    "</details><img src=x onerror=alert(1)>",
    "n" * 10_000,
    "../../etc/passwd",
    "",
)


def evil(text: str) -> dict[str, Any]:
    """A report in which a submission says the text wherever it can."""
    wrong = failing(HARD, MISTAKE, message=text, got=text, expected={text: text}, repro=text)
    wrong["counterexample"] = {"inputs": {text: text}, "seed": 1}
    laws = [wrong, entry(SOFT, "fail", message=text), entry(LAWS[-1], "skip", message=text)]
    named = {
        "student": {"id": text, "name": text, "email": text},
        "path": text,
        "notes": [text],
        "conventions": {text: text},
    }
    one = graded({**result(text or "a", laws), **named})
    one["grade"]["items"][0] |= {"name": text, "message": text}
    return report([one, not_judged(f"b{text}", "submission", text or "why")])


# The schema


def test_the_schema_is_one() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator.check_schema(schema.schema())
    assert json.loads(schema.text())["$schema"].endswith("2020-12/schema")


def test_the_command_prints_the_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--schema"]) == 0
    assert json.loads(capsys.readouterr().out) == schema.schema()


def test_reports_are_as_the_schema_says() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    check = jsonschema.Draft202012Validator(schema.schema())
    for one in (class_of(20), report([]), *map(evil, EVIL)):
        one = json.loads(json.dumps(one))
        check.validate(one)
        assert schema.problem(one) == ""


def test_a_real_report_is_as_the_schema_says(tmp_path: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    path = tmp_path / "r.json"
    assert main(["check", "reference", "--only", HARD.id, "--json", str(path)]) == 0
    made = json.loads(path.read_text())
    assert made["subjects"][0]["laws"][0]["status"] == "pass"
    jsonschema.Draft202012Validator(schema.schema()).validate(made)
    assert schema.problem(made) == ""


PLANTED: dict[str, Callable[[dict[str, Any]], Any]] = {
    "another format": lambda r: r.update(format=1),
    "a format in words": lambda r: r.update(format="2"),
    "a seed below 0": lambda r: r.update(seed=-1),
    "no subjects": lambda r: r.pop("subjects"),
    "subjects that are none": lambda r: r.update(subjects=[1]),
    "another key": lambda r: r.update(more=1),
    "another key of a result": lambda r: r["subjects"][0].update(more=1),
    "another key of a law": lambda r: r["subjects"][0]["laws"][0].update(more=1),
    "an unknown status": lambda r: r["subjects"][0]["laws"][0].update(status="passed"),
    "an unknown fault": lambda r: r["subjects"][0].update(fault="student"),
    "an unknown outcome": lambda r: r["subjects"][0].update(outcome=None),
    "a number in words": lambda r: r["subjects"][0]["laws"][0].update(measured="1"),
    "a law without its status": lambda r: r["subjects"][0]["laws"][0].pop("status"),
    "half a student": lambda r: r["subjects"][0].update(student={"id": "1"}),
    "half a grade": lambda r: r["subjects"][0].update(grade={"points": 1}),
    "true as a number": lambda r: r["subjects"][0].update(seconds=True),
    "a digest that is none": lambda r: r["subjects"][0].update(digest="abc"),
    "no level": lambda r: r["subjects"][0].update(isolation={"layers": []}),
    "a diagnosis in one text": lambda r: r["subjects"][0]["laws"][0].update(diagnosis="x"),
    "a list": lambda r: [r],
}


@pytest.mark.parametrize("name", PLANTED)
def test_what_is_no_report_is_refused(name: str) -> None:
    made: Any = class_of(2)
    changed = PLANTED[name](made)
    made = changed if isinstance(changed, list) else made
    assert schema.problem(made)
    jsonschema = pytest.importorskip("jsonschema")
    assert not jsonschema.Draft202012Validator(schema.schema()).is_valid(made)


def test_the_schema_knows_what_the_verdicts_know() -> None:
    parts = schema.schema()["$defs"]
    assert set(parts["result"]["properties"]) == set(Subject("a").as_json())
    assert set(parts["law"]["properties"]) == set(Verdict("a.b", "a", "b").as_json())
    assert tuple(parts["law"]["properties"]["status"]["enum"]) == STATUSES
    assert tuple(parts["result"]["properties"]["outcome"]["enum"]) == OUTCOMES


def test_every_rule_of_the_schema_is_checked_here() -> None:
    def rules(part: Any, names: bool) -> set[str]:
        if isinstance(part, list):
            return set().union(*(rules(one, False) for one in part))
        if not isinstance(part, dict):
            return set()
        here = set() if names else set(part)
        return here.union(*(rules(v, k in ("properties", "$defs")) for k, v in part.items()))

    assert rules(schema.schema(), False) <= set(schema.CHECKS) | schema.SAYS_NOTHING


# What is said of a class


def test_facts_count_submissions_and_not_verdicts() -> None:
    two = [failing(law, MISTAKE) for law in LAWS[:2]]
    made = [result("a", two), result("b", two[:1]), result("c", [entry(LAWS[0])])]
    assert misconceptions(made) == [(MISTAKE, 2)]
    assert hardest(made)[0][:3] == (LAWS[0].id, 2, 3)
    assert "divided" in problem(made[0], known(report(made)))


def test_a_grade_is_nobody_s_who_was_not_judged_by_our_fault() -> None:
    zero = {"points": 0, "of": 20, "items": [], "rubric": ""}
    assert points({**not_judged("a", "grader", "no memory"), "grade": zero}) is None
    assert points({**not_judged("a", "", "why"), "grade": zero}) is None
    assert points({**not_judged("a", "submission", "no Python"), "grade": zero}) == (0, 20)


# CSV


def table(made: dict[str, Any]) -> list[dict[str, str]]:
    text = gradebook.write(made, View())
    assert text.startswith("\ufeff")
    assert "\n" not in text.replace("\r\n", "")
    rows = list(csv.reader(io.StringIO(text[1:]), strict=True))
    assert len({len(row) for row in rows}) == 1
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def test_the_gradebook_has_a_row_for_each() -> None:
    made = class_of(30)
    rows = table(made)
    assert [row["hand_in"] for row in rows] == [one["hand_in"] for one in made["subjects"]]
    for row, one in zip(rows, made["subjects"], strict=True):
        assert row["email"] == one["student"]["email"]
        assert row["report"] == "complete"
        if one["laws"]:
            assert int(row["fails"]) == sum(
                law["status"] in NOT_HELD and law["severity"] == "error" for law in one["laws"]
            )


def test_no_grade_is_empty_and_never_0() -> None:
    whole = graded(result("c", [entry(HARD)]))
    rows = table(
        report(
            [
                not_judged("a", "grader", "the worker did not start: no memory"),
                graded(not_judged("b", "submission", "Layers/Dropout.py is not Python")),
                whole,
                result("d", [entry(HARD, "skip", message=OURS)], outcome="not_judged"),
            ]
        )
    )
    assert [row["points"] for row in rows] == ["", "0", "20", ""]
    assert [row["of"] for row in rows] == ["", "20", "20", ""]
    assert "no memory" in rows[0]["status"]
    assert "no grade" in rows[0]["status"]
    assert rows[2]["status"] == "holds"
    assert rows[0]["fails"] == rows[1]["fails"] == ""
    assert "Lawbook failed on 1" in rows[3]["status"]


@pytest.mark.parametrize("text", EVIL)
def test_no_cell_is_a_formula(text: str) -> None:
    for row in table(evil(text)):
        for name, cell in row.items():
            assert cell.isprintable()
            assert len(cell) <= 400
            numeric = re.fullmatch(r"-?[0-9.]*", cell)
            assert numeric or not cell.lstrip().startswith(("=", "+", "-", "@", "\t", "|")), name


# JUnit


def suites(made: dict[str, Any]) -> ET.Element:
    """The report as XML, after the rules that the readers' schemas share."""
    text = junit.write(made, View())
    root = ET.fromstring(text.encode())
    assert root.tag == "testsuites"
    assert set(root.attrib) <= {"name", "time", "tests", "failures", "errors"}
    for suite in root:
        assert suite.tag == "testsuite"
        known_names = {"name", "tests", "failures", "errors", "skipped", "time"}
        assert set(suite.attrib) == known_names
        order = [child.tag for child in suite]
        assert order == sorted(order, key=["properties", "testcase"].index)
        assert order.count("properties") <= 1
        for case in suite.iter("testcase"):
            assert set(case.attrib) == {"name", "classname", "time"}
            assert len(case) <= 1
            assert {child.tag for child in case} <= {"failure", "error", "skipped", "system-out"}
            for child in case:
                allowed = {"failure": {"message", "type"}, "error": {"message", "type"}}
                assert set(child.attrib) == allowed.get(
                    child.tag, {"message"} if child.tag == "skipped" else set()
                )
        for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(name, "")) == len(list(suite.iter(tag)))
        assert int(suite.get("tests", "")) == len(list(suite.iter("testcase")))
    for name in ("tests", "failures", "errors"):
        assert int(root.get(name, "")) == sum(int(suite.get(name, "")) for suite in root)
    return root


def test_a_class_in_junit() -> None:
    made = class_of(12)
    root = suites(made)
    assert len(root) == 12
    assert int(root.get("failures", "")) > 0


@pytest.mark.parametrize(
    ("status", "severity", "tag", "kind"),
    [
        ("pass", "error", None, None),
        ("fail", "error", "failure", "fail"),
        ("missing", "error", "failure", "missing"),
        ("error", "error", "error", "error"),
        ("timeout", "error", "error", "timeout"),
        ("crash", "error", "error", "crash"),
        ("skip", "error", "skipped", None),
        ("missing", "warning", "skipped", None),
        ("fail", "warning", "system-out", None),
        ("timeout", "warning", "system-out", None),
        ("deviates", "error", "system-out", None),
    ],
)
def test_what_a_verdict_is_in_junit(
    status: str, severity: str, tag: str | None, kind: str | None
) -> None:
    law = entry(HARD, status, severity=severity, message="why")
    case = next(suites(report([result("a", [law])])).iter("testcase"))
    assert [child.tag for child in case] == ([tag] if tag else [])
    assert not tag or case[0].get("type") == kind
    assert not tag or "why" in f"{case[0].get('message')}{case[0].text}"


@pytest.mark.parametrize(
    ("fault", "tag", "kind"),
    [
        ("grader", "error", "grader"),
        ("", "error", "grader"),
        ("submission", "failure", "submission"),
    ],
)
def test_who_was_not_judged_is_in_junit(fault: str, tag: str, kind: str) -> None:
    root = suites(report([not_judged("a", fault, "it is so")]))
    (case,) = root.iter("testcase")
    assert (case[0].tag, case[0].get("type"), case[0].get("message")) == (tag, kind, "it is so")


def test_what_lawbook_failed_on_is_an_error_in_junit() -> None:
    laws = [entry(HARD, "skip", message=OURS), entry(SOFT)]
    root = suites(report([result("a", laws, outcome="not_judged")]))
    assert len(list(root.iter("error"))) == 2  # of the law, and of the submission


@pytest.mark.parametrize("text", EVIL)
def test_junit_is_xml_whatever_a_submission_says(text: str) -> None:
    root = suites(evil(text))
    said = "".join(root.itertext())
    assert "\x00" not in said
    assert "\u202e" not in said


# Markdown


def test_a_class_in_markdown() -> None:
    text = markdown.write(class_of(20), View())
    assert text.startswith("## Lawbook: 20 submissions")
    assert text.count("<details>") == text.count("</details>") > 3
    assert len(re.findall(r"^\|", text, re.MULTILINE)) == 22
    assert "no grade" in markdown.write(
        report([graded(result("a", [entry(HARD)])), not_judged("b", "grader", "no memory")]), View()
    )


@pytest.mark.parametrize("text", EVIL)
def test_nothing_of_a_submission_is_markup(text: str) -> None:
    made = markdown.write(evil(text), View())
    outside = re.sub(r"^(`{3,})text\n.*?^\1$", "", made, flags=re.DOTALL | re.MULTILINE)
    tags = set(re.findall(r"<[^>]*>?", outside))
    assert tags <= {"<details>", "</details>", "<summary>", "</summary>", "<sub>", "</sub>"}
    assert not re.search(r"@\w", outside)
    assert not re.search(r"(?<!\\)\]\(|\bhttps?://|(?<!\\)!\[", outside)
    cells = {line.count(" | ") for line in outside.splitlines() if line.startswith("| ")}
    assert len(cells) == 1
    assert "\u202e" not in made
    assert "\x1b" not in made


def test_a_fence_is_longer_than_what_is_in_it() -> None:
    assert markdown.fenced("a ````` b").startswith("``````text\n")


def test_a_step_summary_is_cut_honestly(monkeypatch: pytest.MonkeyPatch) -> None:
    made = class_of(40)
    whole = markdown.write(made, View())
    monkeypatch.setattr(markdown, "LARGEST", len(whole.encode()) // 2)
    cut = markdown.write(made, View())
    assert len(cut.encode()) <= len(whole.encode()) // 2
    assert cut.count("<details>") == cut.count("</details>")
    assert re.search(r"Cut at .* bytes: [0-9]+ parts of this report are not shown", cut)
    assert "Cut at" not in whole


# All formats


@pytest.mark.parametrize("name", ["markdown", "junit", "csv", "html", "json"])
def test_a_partial_report_says_so_in_every_format(name: str) -> None:
    results = class_of(3)["subjects"]
    write = FORMATS[name].writer()
    partial = write(report(results, complete=False, expected=7), View())
    words = '"complete": false' if name == "json" else "3 of 7 submissions"
    assert words in partial
    assert words not in write(report(results), View())
    if name == "junit":
        assert int(ET.fromstring(partial.encode()).get("errors", "")) >= 1


@pytest.mark.parametrize("name", ["markdown", "junit", "csv", "html", "json"])
def test_an_empty_report_can_be_written(name: str) -> None:
    assert FORMATS[name].writer()(report([]), View())


def test_formats_know_laws_and_mistakes_of_another_version() -> None:
    law = {**failing(HARD, "dropout.of_the_future"), "law": "tomorrow.new", "topic": "tomorrow"}
    law["operation"] = "new"
    for name in ("markdown", "junit", "csv", "html"):
        assert "new" in FORMATS[name].writer()(report([result("a", [law])]), View())


# Files


def stored(folder: Path, made: dict[str, Any]) -> str:
    path = folder / "stored.json"
    path.write_text(json.dumps(made))
    return str(path)


def test_reports_are_made_from_stored_results(tmp_path: Path) -> None:
    path = stored(tmp_path, class_of(5))
    out = tmp_path / "out"
    out.mkdir()
    names = {"markdown": "s.md", "junit": "j.xml", "csv": "g.csv", "json": "r.json", "html": "p"}
    asked = [f"--report={name}={out / file}" for name, file in names.items()]
    assert main(["report", path, *asked]) == 0
    assert sorted(os.listdir(out)) == sorted(names.values())
    assert len(os.listdir(out / "p")) == 6
    assert "index.html" in os.listdir(out / "p")
    assert json.loads((out / "r.json").read_text()) == class_of(5)


def test_the_summary_of_a_stored_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", stored(tmp_path, class_of(50))]) == 0
    said = capsys.readouterr().out
    assert "Most frequent mistakes" in said
    assert re.search(r"^50 submissions: \d+ hold, \d+ fail", said, re.MULTILINE)


def test_the_summary_says_in_full_and_once_why_one_was_not_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    why = " ".join(f"reason{number}" for number in range(30))  # more than a line of a terminal
    made = class_of(2)
    made["subjects"].append(not_judged("late", "submission", why))
    assert main(["report", stored(tmp_path, {**made, "expected": 3})]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert said.count(f"late: {why}") == said.count("reason0 ") == 1


def test_reports_of_a_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "page.html"
    asked = ["--report", f"html={page}", "--report", "csv=-"]
    assert main(["check", "reference", "--only", HARD.id, *asked]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("\ufeffhand_in,")
    assert "reference" in said.err
    assert "<h1>reference</h1>" in page.read_text()


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (
            ["pdf=x"],
            "'pdf' is no format; known are markdown (a step summary for GitHub), junit (GitLab",
        ),
        (["csv"], "has no path"),
        (["csv="], "has no path"),
        (["csv=-", "junit=-"], "only one report can go to standard output"),
        (["csv=no/such/folder/x.csv"], "no/such/folder/x.csv: cannot be written"),
        (["csv=."], "cannot be written"),
        (["html=stored.json/pages"], "cannot be written"),
        (["gradescope=out/"], "gradescope has points, so it needs a rubric"),
    ],
)
def test_a_path_that_cannot_be_written_is_one_sentence(
    asked: list[str],
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = stored(tmp_path, class_of(3))
    monkeypatch.chdir(tmp_path)
    options = [f"--report={one}" for one in asked]
    try:
        status = main(["report", path, *options])
    except SystemExit as ended:
        status = int(str(ended.code))
    said = capsys.readouterr()
    assert status == 2
    assert said.err.count("\n") == 1
    assert says in said.err
    assert os.listdir(tmp_path) == ["stored.json"]


def test_a_path_is_tried_before_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lawbook import grading

    monkeypatch.setattr(grading, "check_target", lambda *given: pytest.fail("work was done"))
    asked = f"csv={tmp_path}/no/x.csv"
    assert main(["check", "reference", "--report", asked]) == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "this is not JSON"),
        ("[" * 100_000, "this is not JSON"),
        ("[]", "not a report of Lawbook"),
        ('{"format": 1}', "its format is 1, known is 2"),
        ('{"format": 2}', "not a report of Lawbook: the document: it has no lawbook"),
    ],
)
def test_what_is_stored_is_checked(
    text: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "r.json"
    path.write_text(text)
    assert main(["report", str(path)]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert says in said


def test_what_is_wrong_is_said_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = class_of(3)
    made["subjects"][2]["laws"] = [{**entry(HARD), "status": "\x1b[31mgood"}]
    assert main(["report", stored(tmp_path, made)]) == 2
    said = capsys.readouterr().err
    assert "subjects[2].laws[0].status" in said
    assert "\x1b" not in said


def test_file_names_are_plain_and_differ() -> None:
    names = ["a", "A", "a/../b", "../../etc", "index", "", "…", "con\n", "x" * 300, "é", "e\u0301"]
    found = list(file_names(names, ".html"))
    assert len({name.casefold() for name in found}) == len(names)
    assert "index.html" not in found
    for name in found:
        assert re.fullmatch(r"[\w+-]+\.html", name)
        assert len(name) < 100


# What a student sees


@pytest.mark.parametrize("name", ["markdown", "junit", "csv", "html", "json"])
def test_no_format_leaks_what_a_student_must_not_see(name: str, tmp_path: Path) -> None:
    folder = "sys.path.insert(0, '/grader/SECRET')  # the submission's folder\n"
    hidden = {"name": "SECRET item", "points": 3, "of": 4, "status": "partial", "message": "SECRET"}
    items = [{**hidden, "hidden": True, "laws": [HARD.id]}]
    one = result(
        "ada",
        [
            failing(LAWS[1], message="SECRET", got="SECRET", repro=folder),
            failing(HARD, message="SECRET"),
        ],
        path="/grader/SECRET",
        seed=987654321,
        isolation={"level": "process", "layers": ["SECRET"], "not_active": []},
        grade={"points": 3, "of": 4, "items": items, "rubric": "r"},
    )
    path = stored(tmp_path, report([one], seed=987654321))
    out = tmp_path / "out"
    for level, leaks in (([], True), (["--students", "law"], False)):
        assert main(["report", path, f"--report={name}={out}.x", *level]) == 0
        said = Path(f"{out}.x").read_text().replace("<wbr>", "").replace("\\", "")
        assert LAWS[1].id in said or name == "csv"
        assert ("SECRET" in said or "987654321" in said) == leaks
        assert (HARD.id in said) == (leaks and name != "csv")


@pytest.mark.parametrize(
    ("level", "shows"),
    [
        ("law", ""),
        ("counterexample", "INPUT"),
        ("diagnosis", "INPUT diagnosis"),
        ("derivation", "INPUT diagnosis lawbook study"),
    ],
)
def test_a_level_shows_a_student_more_and_more(level: str, shows: str, tmp_path: Path) -> None:
    wrong = failing(LAWS[0], MISTAKE, got="INPUT")
    path, page = stored(tmp_path, report([result("ada", [wrong])])), tmp_path / "p.html"
    assert main(["report", path, f"--report=html={page}", f"--students={level}"]) == 0
    said = page.read_text()
    found = {"INPUT": "INPUT" in said, "diagnosis": "must be divided by it" in said}
    found["lawbook study"] = "lawbook study" in said
    assert {word for word, there in found.items() if there} == {w for w in found if w in shows}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--students", "all"], "'all' is no level that students see; known are law, "),
        (["--students", "rubric"], "give one with --rubric"),
        (["--rubric", "no.toml"], "no.toml"),
    ],
)
def test_a_view_that_cannot_be_taken_is_one_sentence(
    options: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = stored(tmp_path, class_of(2))
    assert main(["report", path, "--report=csv=-", *options]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert says in said.err


RUBRIC = """
name = "r"
course = "fau"
[[items]]
name = "dropout"
points = 4
topics = ["dropout"]
"""


def test_hand_ins_without_a_grade_have_no_file_and_are_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rubric = tmp_path / "r.toml"
    rubric.write_text(RUBRIC)
    laws = [entry(law) for law in LAWS]
    made = report([result("a", laws), not_judged("b", "grader", "no memory"), result("c", laws)])
    path, out = stored(tmp_path, made), tmp_path / "out"
    asked = ["report", path, f"--rubric={rubric}"]
    assert main([*asked, f"--report=gradescope={out}"]) == 0
    said = capsys.readouterr().err
    assert "gradescope has no file for 1 of 3" in said
    assert "no memory" in said
    assert sorted(os.listdir(out)) == ["a.json", "c.json"]
    assert main([*asked, f"--report=gradescope={tmp_path / 'r.json'}"]) == 2
    assert "several: give a folder" in capsys.readouterr().err
    assert main([*asked, f"--report=csv={tmp_path / 'g.csv'}"]) == 0
    rows = list(csv.DictReader((tmp_path / "g.csv").read_text("utf-8-sig").splitlines()))
    assert [(row["points"], row["of"]) for row in rows] == [("4", "4"), ("", ""), ("4", "4")]


def test_values_of_any_kind_can_be_shown() -> None:
    deep: Any = 1.0
    for _ in range(400):
        deep = [deep]
    strange = {"dtype": "object", "shape": [-1, "a"], "data": {"x": None}}
    lying = {"dtype": "float64", "shape": [10**12], "data": [1.0]}
    for value in (deep, strange, lying, {"a": deep}, [None, "nan"], "inf", [[1.0], [2.0, 3.0]], {}):
        wrong = failing(HARD, got=value, expected=value)
        wrong["counterexample"] = {"inputs": {"x": value}, "seed": 1}
        for name in ("markdown", "junit", "csv", "html"):
            assert FORMATS[name].writer()(report([result("a", [wrong])]), View())
