"""The pages of hand-ins and of a class: whole, harmless, readable, and seen in a headless browser."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest
from browsing import BROWSER, Tree, browser, luminance
from report_factory import class_of, entry, failing, graded, judged_laws, not_judged, report, result
from test_reports import EVIL, MISTAKE, evil

from lawbook.cli import main
from lawbook.laws import discover
from lawbook.report.facts import short
from lawbook.report.formats import View
from lawbook.report.pages import tables
from lawbook.report.pages.page import write
from lawbook.report.statements import statement

DROPOUT = judged_laws(("dropout",))
HARD = next(law for law in DROPOUT if law.severity == "error")
PHONE = 360  # CSS pixels
ATTRIBUTES = {"href", "src", "action", "srcset", "data", "poster", "background"}


def page_of(one: dict[str, Any], **changed: Any) -> str:
    return write(report([one], **changed), View())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of a class of twelve, with all that can happen to a submission."""
    made = class_of(12)
    slow = entry(HARD, "timeout", message="it ran for more than 2 s")
    soft = next(law for law in DROPOUT if law.severity == "warning")
    others = [entry(law) for law in DROPOUT if law not in (HARD, soft)]
    made["subjects"] += [
        not_judged("worker_lost", "grader", "the worker did not start: no memory"),
        not_judged("no_python", "submission", "Layers/Dropout.py, line 3: this is not Python"),
        graded(result("slow", [slow, failing(soft), *others])),
    ]
    made["expected"] = len(made["subjects"])
    place = tmp_path_factory.mktemp("class")
    (place / "r.json").write_text(json.dumps(made))
    assert main(["report", str(place / "r.json"), f"--report=html={place / 'pages'}"]) == 0
    return place / "pages"


def test_pages_are_whole_and_lead_to_each_other(folder: Path) -> None:
    names = sorted(os.listdir(folder))
    assert len(names) == 16
    for name in names:
        page = (folder / name).read_text("utf-8")
        tree = Tree(page)
        tags = [tag for tag, _ in tree.tags]
        assert page.startswith("<!DOCTYPE html>\n<html lang=")
        assert tags.count("h1") == tags.count("main") == tags.count("title") == 1
        assert any(a.get("name") == "viewport" for tag, a in tree.tags if tag == "meta")
        ids = tree.having("id")
        assert len(ids) == len(set(ids))
        assert set(tree.having("aria-labelledby")) <= set(ids)
    index = Tree((folder / "index.html").read_text("utf-8"))
    assert set(map(unquote, index.having("href"))) == set(names) - {"index.html"}


def test_a_page_fetches_nothing_and_runs_its_own_script_alone(folder: Path) -> None:
    for name in os.listdir(folder):
        page = (folder / name).read_text("utf-8")
        tree = Tree(page)
        tags = {tag for tag, _ in tree.tags}
        assert not {"link", "img", "iframe", "object", "embed", "base", "form"} & tags
        assert not [key for _, attributes in tree.tags for key in attributes if key[:2] == "on"]
        assert not re.search(r"https?:|url\(|@import|@font-face|javascript:", page)
        code = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
        assert len(code) == 1
        digest = base64.b64encode(hashlib.sha256(code[0].encode()).digest()).decode()
        assert f"script-src 'sha256-{digest}'" in page
        assert "default-src 'none'" in page
        assert "'unsafe-inline'" not in page.partition("script-src")[2].partition('"')[0]


def test_a_page_says_what_does_not_hold_and_why(folder: Path) -> None:
    one = result("ada", [failing(law, MISTAKE) for law in DROPOUT[:5]] + [entry(DROPOUT[6])])
    page = page_of(graded(one))
    said = " ".join(Tree(page).text.split())
    assert "must be divided by it" in said
    assert "more law" in said
    assert "lawbook study dropout" in said
    assert "0.75, allowed 2.2e-15" in said
    assert "sys.path.insert(0, '/grader/work/one')" in said
    assert said.index("of 20 points") < said.index("What does not hold")
    assert page.count("<mark>") == 5
    assert page.count('class="card"') == 5
    for law in DROPOUT[:5]:
        assert statement(law.statement) in page


def test_an_outcome_is_said_on_top(folder: Path) -> None:
    for name, says, never in (
        ("worker_lost", "no grade", "0 of"),
        ("no_python", "line 3: this is not Python", "no grade"),
        ("slow", "1 law does not hold", "no grade"),
    ):
        said = " ".join(Tree((folder / f"{name}.html").read_text("utf-8")).text.split())
        assert says in said
        assert never not in said
    said = (folder / "worker_lost.html").read_text("utf-8")
    assert "has to be judged again" in said


def test_warnings_stand_apart(folder: Path) -> None:
    said = " ".join(Tree((folder / "slow.html").read_text("utf-8")).text.split())
    assert said.index("What does not hold") < said.index("Took too long")
    assert said.index("Took too long") < said.index("Warnings they do not make it fail")


def test_the_class_page_says_who_was_not_judged_and_why(folder: Path) -> None:
    said = " ".join(Tree((folder / "index.html").read_text("utf-8")).text.split())
    assert "15 submissions" in said
    assert "the worker did not start: no memory" in said
    assert "no grade: judge it again" in said
    assert "without a grade" in said


def test_the_map_has_a_letter_for_every_law_and_submission(folder: Path) -> None:
    page = (folder / "index.html").read_text("utf-8")
    head, body = page.split("<tbody>\n")[-1], page.split('<table class="map">')[1]
    laws = re.findall(r'data-l="([^"]+)"', body)
    known = {law.id for law in discover()}
    assert set(laws) <= known
    rows = re.findall(r"<tr data-o=.*?</tr>", head, re.DOTALL)
    assert len(rows) == 15
    for row in rows:
        letters = "".join(Tree(cell).text for cell in re.findall(r'<td class="t">(.*?)</td>', row))
        assert len(letters) in (0, len(laws))
    (slow,) = [row for row in rows if ">slow<" in row]
    letters = "".join(Tree(cell).text for cell in re.findall(r'<td class="t">(.*?)</td>', slow))
    assert letters[laws.index(HARD.id)] == "T"
    assert letters.count("T") == 1
    assert letters.count("w") == 1
    assert "x" not in letters


@pytest.mark.parametrize("text", EVIL)
def test_a_hostile_name_is_text(text: str) -> None:
    made = evil(text)
    pages = [write({**made, "subjects": [one]}, View()) for one in made["subjects"]]
    pages.append(write(made, View(pages={"x": "y"})))
    for page in pages:
        tree = Tree(page)
        tags = {tag for tag, _ in tree.tags}
        assert not {"img", "iframe", "a"} & tags or "a" in tags
        assert page.count("<script") == 1
        assert not [key for _, attributes in tree.tags for key in attributes if key[:2] == "on"]
        assert all(char.isprintable() or char == "\n" for char in page)
        assert len(page) < 200_000


def test_an_address_of_a_page_is_quoted() -> None:
    name = '"><script>&.html'
    page = write(report([result(name, [entry(HARD)])]), View(pages={name: "%22%3E.html"}))
    assert 'href="%22%3E.html"' in page


def test_a_student_never_sees_the_page_of_a_class(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "r.json").write_text(json.dumps(class_of(4)))
    asked = ["report", str(tmp_path / "r.json"), "--students", "diagnosis"]
    assert main([*asked, f"--report=html={tmp_path / 'class.html'}"]) == 2
    assert "give a folder" in capsys.readouterr().err
    assert main([*asked, f"--report=html={tmp_path / 'pages'}"]) == 0
    names = os.listdir(tmp_path / "pages")
    assert len(names) == 4
    for name in names:
        page = (tmp_path / "pages" / name).read_text()
        assert "/grader/work" not in page
        assert "<dt>seed</dt>" not in page
        assert not [other for other in names if other != name and other[:-5] in page]


# Values


def test_values_are_small_tables() -> None:
    due, got = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 2.0], [3.5, 4.0]])
    left, right = tables.sides(due, got)
    assert "<mark>" not in left
    assert re.findall("<mark>(.*?)</mark>", right) == ["3.5"]
    assert tables.value(np.float64(-0.5)) == "−0.5"
    assert tables.value([np.array(0.0), np.array(-1.0)]) == "[0, −1]"
    assert "shape (30, 30)" in tables.value(np.arange(900.0).reshape(30, 30))
    assert tables.value("<b>") == "&lt;b&gt;"
    assert "&lt;b&gt;" in tables.value({"<b>": np.zeros(2)})
    assert "<mark>" not in tables.sides(np.zeros(2), np.zeros(3))[1]
    assert tables.sides(None, 1.0)[1] == "1"


@pytest.mark.parametrize(
    ("latex", "html"),
    [
        (r"\frac{a}{2}", "<mfrac><mi>a</mi><mn>2</mn></mfrac>"),
        (r"x_i^2", "<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>"),
        (r"12.5", "<mn>12.5</mn>"),
        (r"\text{a < b}", "a &lt; b"),
        (r"x \text{ or } y", "</math> or <math>"),
        (r"\hat x", '<mover accent="true"><mi>x</mi><mo stretchy="false">^</mo></mover>'),
        (r"\unknown", "<mi>unknown</mi>"),
        ("a^{", "<msup><mi>a</mi><mrow></mrow></msup>"),
        ("", ""),
    ],
)
def test_statements_become_formulas(latex: str, html: str) -> None:
    assert html in statement(latex)


def test_statements_of_all_laws_become_formulas() -> None:
    for law in discover():
        page = statement(law.statement)
        Tree(page)
        assert "\\" not in page, law.id
        assert "{}" not in page, law.id


def test_colours_can_be_read_in_light_and_dark() -> None:
    """Every colour of text has a contrast of at least 4.5 on every ground (WCAG 2.2, 1.4.3)."""
    style = files("lawbook.report.pages").joinpath("base.css").read_text("utf-8")
    palettes = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    assert len(palettes) == 3  # light, dark, print
    for palette in palettes:
        colours = dict(re.findall(r"--(\w+): (#\w+)", palette))
        signs = [("paper", "refuted"), ("paper", "assumed"), ("paper", "undecided")]
        for one, other in signs:  # letters of the map: paper on a colour, or a colour on paper
            pair = sorted((luminance(colours[one]), luminance(colours[other])))
            assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 4.5, (one, other)


# In a browser

MEASURE = """
<!DOCTYPE html><meta charset="utf-8"><style>body{margin:0}iframe{border:0;display:block}</style>
<iframe width="%d" height="700" srcdoc="%s"></iframe><pre></pre>
<script>
addEventListener("load", () => {
  const page = document.querySelector("iframe").contentDocument
  const all = [...page.querySelectorAll("body *")]
  const inside = one => one.parentElement.closest(".box, .scroll, .statement, .script pre, .held")
  document.querySelector("pre").textContent = JSON.stringify({
    width: page.documentElement.scrollWidth,
    outside: all.filter(one => !inside(one) && one.getBoundingClientRect().right > %d + 0.5)
      .map(one => one.outerHTML.slice(0, 80)),
    paper: getComputedStyle(page.body).backgroundColor,
    formulas: page.querySelectorAll("math").length,
    rows: page.querySelectorAll(".map tbody tr").length,
    copy: page.querySelectorAll(".script button").length,
    controls: page.querySelector(".controls")?.hidden,
  })
})
</script>
"""


def measured(folder: Path, page: str, width: int, *options: str) -> dict[str, Any]:
    frame = folder / "frame.html"
    frame.write_text(MEASURE % (width, escape(page), width), "utf-8")
    dom = browser(folder, *options, "--dump-dom", frame.as_uri())
    found: dict[str, Any] = json.loads(dom[dom.rindex("<pre>") + 5 : dom.rindex("</pre>")])
    return found


@pytest.mark.skipif(not BROWSER, reason="there is no Chromium here")
@pytest.mark.parametrize(("scheme", "paper"), [(0, "rgb(22, 24, 27)"), (1, "rgb(252, 251, 248)")])
def test_on_a_phone_nothing_runs_over_the_page(
    scheme: int, paper: str, folder: Path, tmp_path: Path
) -> None:
    preferred = f"--blink-settings=preferredColorScheme={scheme}"
    for name, text in (
        ("index", (folder / "index.html").read_text("utf-8")),
        ("hostile", page_of(evil("n" * 10_000)["subjects"][0])),
        ("hostile class", write(evil("n" * 10_000), View())),
        ("slow", (folder / "slow.html").read_text("utf-8")),
    ):
        found = measured(tmp_path, text, PHONE, preferred)
        assert (name, found["width"], found["outside"]) == (name, PHONE, [])
        assert found["paper"] == paper
        assert found["formulas"] == text.count("<math>")


@pytest.mark.skipif(not BROWSER, reason="there is no Chromium here")
def test_the_scripts_of_pages_run(folder: Path, tmp_path: Path) -> None:
    found = measured(tmp_path, (folder / "index.html").read_text("utf-8"), 1200)
    assert (found["rows"], found["controls"]) == (15, False)
    found = measured(tmp_path, page_of(result("a", [failing(HARD)])), 1200)
    assert found["copy"] == 1


STEPS = """
<!DOCTYPE html><meta charset="utf-8"><iframe width="1200" height="900" srcdoc="%s"></iframe><pre></pre>
<script>
addEventListener("load", () => {
  const page = document.querySelector("iframe").contentDocument, view = page.defaultView
  const box = page.querySelector(".box"), said = page.querySelector(".reading"), read = []
  const shown = () => [...page.querySelectorAll(".map tbody tr")].filter(row => !row.hidden)
  for (const key of ["ArrowRight", "ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"]) {
    box.dispatchEvent(new view.KeyboardEvent("keydown", { key }))
    read.push(said.textContent)
  }
  const filter = page.querySelector("#filter"), order = page.querySelector("#order")
  filter.value = "%s"; filter.dispatchEvent(new view.Event("input"))
  const found = shown().length
  filter.value = ""; filter.dispatchEvent(new view.Event("input"))
  order.value = "f"; order.dispatchEvent(new view.Event("change"))
  const most = shown().map(row => +row.dataset.f)
  document.querySelector("pre").textContent = JSON.stringify({ read, found, all: shown().length, most })
})
</script>
"""


@pytest.mark.skipif(not BROWSER, reason="there is no Chromium here")
def test_the_map_is_read_by_keys_filtered_and_ordered(folder: Path, tmp_path: Path) -> None:
    page = (folder / "index.html").read_text("utf-8")
    laws = re.findall(r'data-l="([^"]+)"', page)
    frame = tmp_path / "frame.html"
    frame.write_text(STEPS % (escape(page), short(HARD.id)), "utf-8")
    dom = browser(tmp_path, "--dump-dom", frame.as_uri())
    found = json.loads(dom[dom.rindex("<pre>") + 5 : dom.rindex("</pre>")])
    assert [re.findall(r"\((\w+\.\w+)\)$", said)[0] for said in found["read"]] == [
        laws[0],
        laws[1],
        laws[1],
        laws[0],
        laws[0],
    ]
    assert found["read"][1].split(" — ")[0] != found["read"][2].split(" — ")[0]
    assert 1 <= found["found"] < found["all"] == 15
    assert found["most"] == sorted(found["most"], reverse=True)


@pytest.mark.skipif(not BROWSER, reason="there is no Chromium here")
def test_the_pages_are_seen(folder: Path, tmp_path: Path) -> None:
    for name in ("index", "slow"):
        shot = tmp_path / f"{name}.png"
        address = (folder / f"{name}.html").as_uri()
        browser(tmp_path, "--window-size=1200,1600", f"--screenshot={shot}", address)
        assert shot.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
        assert shot.stat().st_size > 30_000  # an empty page has 5 kB


def test_the_page_of_a_large_class_is_small() -> None:
    made = class_of(200)
    laws = list(discover())[:133]
    for one in made["subjects"]:  # the worst: nothing holds for anybody, in turns
        one["laws"] = [
            entry(law, ("fail", "timeout", "pass")[at % 3]) for at, law in enumerate(laws)
        ]
    assert len(write(made, View()).encode()) < 1_500_000
