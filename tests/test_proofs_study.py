"""`lawbook study`: the list, a chapter in the terminal, as JSON, and as a page that is seen in a browser."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from html import escape
from pathlib import Path

import pytest
from browsing import BROWSER, Tree, browser, luminance

from lawbook.cli import main
from lawbook.proofs import chapters
from lawbook.proofs.chapters import Chapter, Derivation, Differ, Proof, Same
from lawbook.proofs.evidence import Decision, Word
from lawbook.proofs.numbers.symbols import symbols
from lawbook.proofs.pages import study
from lawbook.proofs.pages.narration import assignment, condition, value
from lawbook.proofs.pages.page import style
from lawbook.proofs.pages.prose import readable, set_apart
from lawbook.proofs.pages.sections import Line, Section, sections
from lawbook.proofs.pages.shown import said, show_section
from lawbook.proofs.text.expressions import parse
from lawbook.proofs.text.mathml import mathml
from lawbook.report.jsonfile import Unwritable
from lawbook.report.pagefile import PageFile
from lawbook.report.terminal import terminal

WIDE = " + ".join(f"a{n}*w**{n}/(1 + a{n}**2)" for n in range(1, 9))
PHONE = 360  # CSS pixels
SETTING = """
assume mu > 0               # <script>alert("mu")</script> & more
batch x of N
let m = sum(x)/N
"""


def small(last: str = "w0/(1 + mu)") -> Chapter:
    """A chapter with everything a page shows."""
    x = symbols("x", 2)
    return Chapter(
        "Small <b>& narrow</b>",
        "An introduction with gamma and xhat.\n\nA second paragraph.",
        Derivation(
            "Ridge & rest",
            SETTING
            + f"""
            (w - w0)**2/2 + mu*w**2/2
            diff w                          # term by term
            = w - w0 + mu*w
            != mu*w                         # E02: the loss is forgotten
            solve w
            = {last}

            # What follows is wide.
            {WIDE}
            = {WIDE}

            (w**2 - w0**2)/(w - w0)
            = w + w0
            """,
        ),
        Derivation(
            "The mean",
            SETTING
            + """
            let n = 2*m
            sum(x - m)
            = 0

            x - m
            diff x
            = 1 - 1/N
            != 1                            # the mean moves too
            """,
        ),
        Proof(
            "Two entries",
            lambda: iter(
                [
                    Same("A sum does not depend on the order.", x[0] + x[1], x[1] + x[0]),
                    Differ("E03: a difference does not either.", x[0] - x[1], x[1] - x[0]),
                ]
            ),
            size="n = 2",
            covers=("sum.order",),
            errata=("E03",),
        ),
    )


@pytest.fixture
def chapter(monkeypatch: pytest.MonkeyPatch) -> Chapter:
    """The only chapter there is."""
    found = small()
    monkeypatch.setattr(study, "topics", lambda: ("small",))
    monkeypatch.setattr(study, "chapter", lambda topic: found)
    return found


def written(folder: Path, *options: str) -> str:
    """The page on the small chapter."""
    path = folder / "small.html"
    assert main(["study", "small", "--html", str(path), *options]) == 0
    assert [one.name for one in folder.iterdir()] == ["small.html"]
    return path.read_text("utf-8")


def test_without_a_topic_the_chapters_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["study"]) == 0
    said = capsys.readouterr()
    for topic in chapters.topics():
        assert re.search(rf"^{topic} +\S", said.out, re.MULTILINE)
    assert said.err == ""


def test_the_list_as_json(chapter: Chapter, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["study", "--json", "-"]) == 0
    listed = json.loads(capsys.readouterr().out)["chapters"]
    assert listed == [{"topic": "small", "title": "Small <b>& narrow</b>"}]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["batch_nrom"], "the nearest is batch_norm"),
        (["--html", "x.html"], "which chapter"),
        (["small", "--html", "-", "--json", "-"], "only one"),
        (["small", "--html", "no/such/folder/x.html"], "cannot be written"),
        (["small", "--html", "."], "cannot be written"),
        (["small", "--json", "no/such/folder/x.json"], "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    arguments: list[str],
    says: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if arguments[0] == "small":
        monkeypatch.setattr(study, "chapter", lambda topic: small())
    assert main(["study", *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert says in said.err


def test_a_chapter_in_a_terminal(chapter: Chapter, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["study", "small"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "\x1b" not in out
    assert "An introduction with γ and x̂." in out
    assert re.search(r"↓ differentiate with respect to w\n +term by term\n +1\.2  += w", out)
    assert re.search(r"1\.3 +≠ μ·w +✗ refuted\n +a classic mistake · erratum E02: the loss", out)
    assert re.search(r"↓ set to zero and solve for w\n", out)
    assert re.search(r"at .+ it should give .+ but gives .+\n", out)
    assert "where w − w₀ ≠ 0" in out
    assert re.findall("^ *given  .*", out, re.MULTILINE) == [
        " given  μ > 0",
        " given  all that is given in part 1",
    ]
    assert "\n        n = 2·m\n" in out
    assert "along every path" in out
    assert "proved at this size\n          n = 2" in out
    assert "What follows is wide." in out
    assert "3 mistakes refuted" in out
    assert max(map(len, out.splitlines())) <= 80


def test_a_mistake_that_stands_is_reported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(study, "chapter", lambda topic: small("w0/(1 - mu)"))
    assert main(["study", "small"]) == 1
    said = capsys.readouterr().out
    assert "not what the chapter says" in said
    assert "1 not as the chapter says" in " ".join(said.split())
    path = tmp_path / "small.html"
    assert main(["study", "small", "--html", str(path)]) == 1
    assert "Not what the chapter says" in path.read_text("utf-8")


def test_a_chapter_as_json(chapter: Chapter, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["study", "small", "--json", "-"]) == 0
    said = capsys.readouterr()
    found = json.loads(said.out)
    assert "Ridge & rest" in said.err
    assert found["holds"] is True
    lines = {line["number"]: line for part in found["parts"] for line in part["lines"]}
    assert lines["1.1"] == {"number": "1.1", "says": "(w − w₀)²/2 + μ·w²/2"}
    assert lines["1.3"]["mistake"] is True
    assert lines["1.3"]["word"] == "refuted"
    assert set(lines["1.3"]) >= {"point", "expected", "got"}
    assert lines["1.4"]["rule"] == "set to zero and solve for w"
    assert [part["kind"] for part in found["parts"]] == ["derivation", "derivation", "proof"]


def test_the_page_is_whole(chapter: Chapter, tmp_path: Path) -> None:
    page = written(tmp_path)
    tree = Tree(page)
    names = [tag for tag, _ in tree.tags]
    assert names.count("h1") == names.count("main") == names.count("nav") == 1
    assert names.count("h2") == 2 + len(chapter.parts)
    assert page.startswith("<!DOCTYPE html>\n<html lang=")
    assert "<title>Small &lt;b&gt;&amp; narrow&lt;/b&gt; · Lawbook</title>" in page
    assert any(a.get("name") == "viewport" for tag, a in tree.tags if tag == "meta")
    ids = tree.having("id")
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in tree.having("href")} <= set(ids)
    lines = [line for one in sections(chapter) for line in one.lines]
    assert [f"line-{line.number}" for line in lines] == [i for i in ids if i.startswith("line-")]
    for line in lines:
        if line.decision:
            item = page[page.index(f'id="line-{line.number}"') :].split("</li>")[0]
            assert f" {line.decision.word}</b>" in item
            assert ("A classic mistake" in item) == line.mistake
            assert ("should give" in item) == line.mistake
    assert "Lawbook 0" in tree.text
    assert "SymPy 1" in tree.text


def test_the_page_runs_and_fetches_nothing(chapter: Chapter, tmp_path: Path) -> None:
    page = written(tmp_path)
    tree = Tree(page)
    forbidden = {"script", "link", "img", "iframe", "object", "embed", "base", "form"}
    assert not forbidden & {tag for tag, _ in tree.tags}
    assert not [name for _, attributes in tree.tags for name in attributes if name[:2] == "on"]
    assert not tree.having("src")
    assert not re.search(r"https?:|url\(|@import|@font-face|javascript:", page)
    assert '<script>alert("mu")' not in page
    assert '<script>alert("μ")</script> & more' in tree.text
    assert "default-src 'none'" in page


def test_a_page_replaces_another_at_once(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("before")
    path.chmod(0o640)
    link = tmp_path / "link.html"
    link.symlink_to(path)
    file = PageFile(str(link))
    assert path.read_text() == "before"
    file.write("after")
    file.close()
    assert (path.read_text(), link.is_symlink()) == ("after", True)
    assert sorted(os.listdir(tmp_path)) == ["link.html", "page.html"]
    assert path.stat().st_mode & 0o777 == 0o640
    PageFile(str(path)).close()
    assert path.read_text() == "after"
    assert sorted(os.listdir(tmp_path)) == ["link.html", "page.html"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
def test_a_full_disk_is_one_sentence() -> None:
    file = PageFile("/dev/full")
    with pytest.raises(Unwritable, match="/dev/full: cannot be written: No space left on device"):
        file.write("page")
    file.close()


def test_a_page_can_go_to_standard_output(
    chapter: Chapter, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["study", "small", "--html", "-"]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("<!DOCTYPE html>")
    assert said.out.endswith("</html>\n")
    assert "mistakes refuted" in said.err


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("dL/dgamma is sum(dy*xhat), what else", "dL/dγ is sum(dy·x̂), what else"),
        ("lambda/2 ||w||^2 and epsilon", "λ/2 ‖w‖² and ε"),
        ("that beta_1 and alphabet, What", "that β₁ and alphabet, What"),
        ("w**2*x and (H + mu I)^-1, but e^-2k", "w²·x and (H + μ I)⁻¹, but e^-2k"),
        ("x_j is one of them, as w_0", "xⱼ is one of them, as w₀"),
    ],
)
def test_names_in_running_text_read_as_in_formulas(text: str, reads: str) -> None:
    assert readable(text) == reads


def test_words_of_the_prover_become_formulas_where_they_are() -> None:
    assert said(condition("w - w0 ≠ 0")) == "w − w₀ ≠ 0"
    assert said(condition("away from kinks")) == "away from kinks"
    assert said(assignment("x", "(0, 1/2, -3)")) == "x = (0, 1/2, −3)"
    assert said(assignment("x", "0 or 1, equally likely")) == "x = 0 or 1, equally likely"
    assert said(value("sqrt(2)/4")) == "√2/4"
    assert said(value("[1.6732632423543772, 1.6732632423543773]")) == "1.673263242354…"
    assert set_apart("E02, E03: the rate") == (" · errata E02, E03", "the rate")


def test_formulas_are_set_as_they_are_read() -> None:
    assert mathml(parse("a/b*c/d")).count("<mfrac>") == 2
    assert "<mfrac><mfrac>" not in mathml(parse("a/b*c/d"))
    assert "mspace" in mathml(parse("lam*sign(w)"))
    assert "mspace" in mathml(parse("p*mx"))
    assert "mspace" not in mathml(parse("2*x*y"))
    assert 'stretchy="false"' in mathml(parse("2*(x - y)"))
    assert 'stretchy="false"' not in mathml(parse("2*(x/y)"))


def test_colours_can_be_read_in_light_and_dark() -> None:
    """Every colour of text has a contrast of at least 4.5 on every ground (WCAG 2.2, 1.4.3)."""
    palettes = re.findall(r":root \{(.*?)\}", style(), re.DOTALL)
    assert len(palettes) == 3  # light, dark, print
    for palette in palettes:
        colours = dict(re.findall(r"--(\w+): (#\w+)", palette))
        for ground in ("paper", "raised", "flawed"):
            for ink in ("ink", "soft", "proof", "numbers", "assumed", "refuted", "undecided"):
                pair = sorted((luminance(colours[ground]), luminance(colours[ink])))
                assert (pair[1] + 0.05) / (pair[0] + 0.05) >= 4.5, (ground, ink)


MEASURE = """
<!DOCTYPE html><meta charset="utf-8"><style>body{margin:0}iframe{border:0;display:block}</style>
<iframe width="%d" height="700" srcdoc="%s"></iframe><pre></pre>
<script>
addEventListener("load", () => {
  const page = document.querySelector("iframe").contentDocument
  const all = [...page.querySelectorAll("body *")]
  const right = box => box.getBoundingClientRect().right
  const inside = one => one.parentElement.closest(".formula, .counterexample, .where, .rule")
  document.querySelector("pre").textContent = JSON.stringify({
    width: page.documentElement.scrollWidth,
    outside: all.filter(one => !inside(one) && right(one) > %d + 0.5).map(one => one.className),
    scrolling: all.filter(one => one.scrollWidth > one.clientWidth + 1
      && getComputedStyle(one).overflowX === "auto").map(one => one.className),
    lines: page.querySelectorAll("li[id]").length,
    formulas: [...page.querySelectorAll("math")].filter(one => right(one) > 0).length,
    paper: getComputedStyle(page.body).backgroundColor,
  })
})
</script>
"""


@pytest.mark.skipif(not BROWSER, reason="there is no Chromium here")
@pytest.mark.parametrize(("scheme", "paper"), [(0, "rgb(22, 24, 27)"), (1, "rgb(252, 251, 248)")])
def test_on_a_phone_only_formulas_scroll(
    scheme: int, paper: str, chapter: Chapter, tmp_path: Path
) -> None:
    (tmp_path / "pages").mkdir()
    page = written(tmp_path / "pages")
    frame = tmp_path / "frame.html"
    frame.write_text(MEASURE % (PHONE, escape(page), PHONE), "utf-8")
    preferred = f"--blink-settings=preferredColorScheme={scheme}"
    dom = browser(tmp_path, preferred, "--dump-dom", frame.as_uri())
    measured = json.loads(dom[dom.rindex("<pre>") + 5 : dom.rindex("</pre>")])
    lines = [line for one in sections(chapter) for line in one.lines]
    assert measured["width"] == PHONE
    assert measured["outside"] == []
    assert measured["scrolling"]
    assert set(measured["scrolling"]) <= {"formula", "formula follows"}
    assert measured["lines"] == len(lines)
    assert measured["formulas"] == page.count("<math")
    assert measured["paper"] == paper


@pytest.mark.skipif(not BROWSER, reason="there is no Chromium here")
def test_the_page_is_seen(chapter: Chapter, tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    written(tmp_path / "pages")
    shot = tmp_path / "page.png"
    size = "--window-size=1200,1600"
    browser(tmp_path, size, f"--screenshot={shot}", (tmp_path / "pages/small.html").as_uri())
    assert shot.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert shot.stat().st_size > 30_000  # an empty page has 5 kB


def test_what_is_given_twice_is_said_once(chapter: Chapter) -> None:
    first, second, _ = sections(chapter)
    assert (first.as_in, second.as_in) == (0, 1)
    assert len(first.givens) == 3
    assert len(second.givens) == 1


def test_a_section_says_what_it_settles(chapter: Chapter) -> None:
    first, _, third = sections(chapter)
    assert (first.covers, first.errata) == ((), ())
    assert (third.covers, third.errata) == (("sum.order",), ("E03",))


def test_a_long_word_of_evidence_stays_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    decision = Decision(Word.WITHIN_BOUND)
    section = Section(1, "One", "gradient", (Line("1.1", ("Agreed.",), decision=decision),))
    show_section(terminal(sys.stdout), section)
    assert re.search(
        r"1\.1 +Agreed\. +≈ within the computed rounding bound\n", capsys.readouterr().out
    )


def test_nothing_is_imported_for_the_help() -> None:
    code = "import sys; from lawbook.options import parser; parser(); print('sympy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
