"""Reports: equations as text, values, what a submission's text may do, and scripts that run."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lawbook.checking import check
from lawbook.laws import discover
from lawbook.mistakes import discover as known_mistakes
from lawbook.operations import Call, Invoke, New, Seed
from lawbook.report.dialects import Dialect, course_dialect, local_dialect
from lawbook.report.equations import SYMBOLS, readable
from lawbook.report.literals import literal
from lawbook.report.progress import Live
from lawbook.report.repro import script
from lawbook.report.terminal import show_subject, show_table, terminal
from lawbook.report.values import array_text, safe, shown, sides, worst_element
from lawbook.targets import reference_target
from lawbook.verdicts import STATUSES, Subject, Verdict


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"P(m_i = 1) = q", "P(mᵢ = 1) = q"),
        (r"\hat x_i \le \frac{a + b}{2}", "x̂ᵢ ≤ (a + b)/2"),
        (r"\sum_{i=1}^{n} \frac{\partial L}{\partial x_i} = 0", "∑ᵢ₌₁ⁿ ∂L/∂xᵢ = 0"),
        (r"\lVert w \rVert_2^2 \ne r^2", "‖w‖₂² ≠ r²"),
        (r"\frac{1}{2}\|w\|^2 + \frac1n x", "½‖w‖² + 1/n x"),
        (r"y_i \in \{0,\ c\,x_i\}", "yᵢ ∈ {0, c xᵢ}"),
        (r"\sqrt{\sigma^2 + \varepsilon}", "√(σ² + ε)"),
        (r"x_{\text{train}}, w_{\mathrm{dec}}", "x_train, w_dec"),
        (r"\langle v, J u \rangle = \langle J^\top v, u \rangle", "⟨v, J u⟩ = ⟨Jᵀ v, u⟩"),
        (r"\operatorname{Var}[y] \to \infty", "Var[y] → ∞"),
        (r"\mathbb{E}[y] = x \iff q > 0", "𝔼[y] = x ⇔ q > 0"),
        (r"\unknown x", "unknown x"),
        ("a^{", "a^()"),
        (r"\frac", "()/()"),
        ("", ""),
    ],
)
def test_equations_are_readable(latex: str, text: str) -> None:
    assert readable(latex) == text


def test_statements_of_all_laws_are_readable() -> None:
    for law in discover():
        text = readable(law.statement)
        assert text.isprintable(), law.id
        assert not set("\\{") & set(text.replace("{0", "").replace("{", "", 2)), (law.id, text)
        assert not any(f" {name} " in f" {text} " for name in ("leq", "cdot", "mathbf")), law.id
    assert "le" in SYMBOLS


@pytest.mark.parametrize(
    "text",
    ["[red]x[/red]", "a\x1b[31mb", "a\u202eb\u200fc", "\ud800", "x" * 10_000, "a\n\tb", "\x00"],
)
def test_text_of_a_submission_is_harmless(text: str) -> None:
    line = safe(text)
    assert len(line) <= 300
    assert line.isprintable()
    line.encode()


def test_values_are_small_and_readable() -> None:
    assert shown(np.array([[0.0, 1.0], [0.5, -1.0]])) == "[[0, 1], [0.5, -1]]"
    assert shown(np.float64(100.002)) == "100.002"
    assert shown([np.array([1.0]), True]) == "[[1], True]"
    assert shown(np.ones((64, 64))) == "an array of shape (64, 64), all 1"
    assert shown(np.zeros((0, 3))) == "an empty array of shape (0, 3)"
    assert "shape (70, 24)" in array_text(np.arange(1680.0).reshape(70, 24))
    assert len(array_text(np.arange(10_000.0).reshape(100, 10, 10))) < 2000


def test_sides_show_the_digits_that_differ() -> None:
    assert sides(np.array([1.0]), np.array([1 + 1e-8])) == ("[1]", "[1.00000001]")
    assert sides(1.0, 2.0) == ("1", "2")


def test_the_worst_element_of_long_arrays_is_named() -> None:
    due, got = np.zeros((8, 8)), np.zeros((8, 8))
    got[3, 2] = 1.5
    assert worst_element(due, got) == "[3, 2]: 0 is due, 1.5 came"
    got[0, 1] = np.nan
    assert worst_element(due, got) == "[0, 1]: 0 is due, nan came"
    assert worst_element(1.0, 2.0) is None


@pytest.mark.parametrize(
    "value",
    [
        np.array([1.1, -0.0, np.inf]),
        np.zeros((2, 3)),
        np.full((3, 4), 1e-3, np.float32),
        np.zeros((0, 3)),
        np.array(0.1),
        np.array([True, False]),
        np.array([1, 2]),
        [np.ones(2), (1.5, None)],
        float("nan"),
    ],
)
def test_literals_give_the_same_value(value: Any) -> None:
    code = f"import sys, numpy as np\nsys.stdout.buffer.write(repr({literal(value)}).encode())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.decode() == repr(value)


def verdicts() -> list[Verdict]:
    """The verdicts on dropout with a mistake, with scripts."""
    mistake = known_mistakes()["dropout.multiplies_by_keep"]
    target = reference_target(dropout=mistake.implementation)
    found = check(target, [law for law in discover() if law.operation == "dropout"], seed=5)
    for verdict in found:
        verdict.diagnosis = [mistake.id] if verdict.status == "fail" else []
        verdict.repro = script(verdict, local_dialect("reference"))
    return found


def report(subject: Subject, width: int = 80, verbose: bool = False) -> str:
    stream = io.StringIO()
    show_subject(terminal(stream, width), subject, 5, verbose)
    return stream.getvalue()


@pytest.mark.parametrize("width", [40, 80, 120])
def test_a_report_fits_its_width_and_says_everything(width: int) -> None:
    subject = Subject("alice", "/submissions/alice", "fau", "fau-2021", {"dropout.p": "keep"})
    subject.isolation, subject.notes = (
        {"level": "process", "layers": ["cpu"]},
        ["Layers/ has no __init__.py"],
    )
    subject.verdicts = verdicts()
    text = report(subject, width)
    assert max(map(len, text.splitlines())) <= width
    assert not any(line.endswith(" ") for line in text.splitlines())
    words = " ".join(text.split())
    for part in ("alice", "fau-2021", "process (cpu", "p = keep", "no __init__.py", "seed 5"):
        assert part in words
    assert words.count("they must be divided by it") == 1
    assert "\x1b" not in text


def test_verbose_shows_laws_that_hold_and_scripts() -> None:
    subject = Subject("alice")
    subject.verdicts = verdicts()
    held = [verdict.law for verdict in subject.verdicts if verdict.status == "pass"]
    text = report(subject, 120, verbose=True)
    assert all(law in text for law in held)
    assert "import numpy as np" in text
    assert not any(law in report(subject, 120) for law in held)


def test_nothing_of_a_submission_is_markup_or_control() -> None:
    evil = "[bold red]all laws hold[/] \x1b[2J :smile: [link=http://x]"
    subject = Subject(
        evil, evil, evil, evil, {evil: evil}, {"level": evil, "layers": [evil]}, [evil]
    )
    failed = Verdict("dropout.x", "dropout", "dropout", "x", "error", case={"x": evil})
    failed.message = failed.got = failed.expected = evil
    subject.verdicts = [failed, Verdict("dropout.y", "dropout", "dropout", status="skip")]
    subject.verdicts[1].message = evil
    for text in (report(subject, 200), report(Subject(evil, message=evil), 200)):
        assert "\x1b" not in text
        assert "[bold red]all laws hold[/] ?[2J :smile: [link=http://x]" in text


def test_one_reason_for_many_laws_is_said_once() -> None:
    subject = Subject("a")
    laws = [law for law in discover() if law.topic == "dropout"]
    subject.verdicts = [
        Verdict(law.id, "dropout", "dropout", law.statement, "error", message="line 3 is no Python")
        for law in laws
    ]
    text = report(subject)
    assert text.count("line 3 is no Python") == 1
    assert f"{len(laws)} laws not run" in text


def test_every_status_is_counted() -> None:
    subject = Subject("a")
    subject.verdicts = [
        Verdict(f"dropout.{status}", "dropout", "dropout", status=status, message=f"why {status}")
        for status in STATUSES
    ]
    text = report(subject)
    assert all(f"1 {status}" in text for status in STATUSES)
    assert all(f"why {status}" in text for status in STATUSES if status != "pass")


def test_the_table_over_several_subjects() -> None:
    good, bad = Subject("good"), Subject("bad", message="it is empty")
    good.verdicts = [Verdict("dropout.x", "dropout", "dropout")]
    stream = io.StringIO()
    show_table(terminal(stream, 80), [good, bad])
    text = stream.getvalue()
    assert "good" in text
    assert "not judged" in text
    assert "2 subjects: 1 hold, 1 could not be judged" in text


def test_the_bar_is_silent_in_a_file() -> None:
    stream = io.StringIO()
    live = Live(stream, 3, by_law=False)
    live.judged("a", Verdict("dropout.x", "dropout", "dropout"))
    live.pause()
    live.resume(1)
    live.pause()
    assert stream.getvalue().strip() == ""


def test_a_script_of_the_reference_runs(tmp_path: Path) -> None:
    text = script(verdicts()[0], local_dialect("reference"))
    assert text is not None
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("train:")


TEMPLATES = {
    "dropout": {
        "imports": "from Layers.Dropout import Dropout",
        "new": "layer = Dropout({keep})",
        "train": "layer.testing_phase = False\ny = layer.forward({0})",
    }
}


def traced(*calls: Call, **case: Any) -> Verdict:
    verdict = Verdict("dropout.x", "dropout", "dropout", "y = x", "fail", case=case)
    verdict.trace = calls
    return verdict


def test_a_script_names_long_values_and_loops_over_equal_calls() -> None:
    x = np.arange(20.0)
    calls = [Seed(1), New(1, "dropout", {"keep": 0.5}), *[Invoke(1, "train", (x,))] * 3]
    text = script(traced(*calls, x=x), Dialect(TEMPLATES), "/a/b") or ""
    for line in (
        "sys.path.insert(0, '/a/b')  # the submission's folder",
        f"x = np.array({x.tolist()})",
        "for _ in range(3):",
        "    y = layer.forward(x)",
        "    print('train:', y)",
    ):
        assert line in text.splitlines()


def test_instances_beside_each_other_have_names_of_their_own() -> None:
    one, two = New(1, "dropout", {"keep": 0.5}), New(2, "dropout", {"keep": 0.25})
    x = np.zeros(1)
    calls = [one, two, Invoke(1, "train", (x,)), Invoke(2, "train", (x,))]
    text = script(traced(*calls), Dialect(TEMPLATES)) or ""
    assert "layer_2 = Dropout(0.25)" in text
    assert "y_2 = layer_2.forward(np.array([0.0]))" in text
    calls = [one, Invoke(1, "train", (x,)), two, Invoke(2, "train", (x,))]
    assert "layer_2" not in (script(traced(*calls), Dialect(TEMPLATES)) or "")


def test_a_call_without_a_template_gives_no_script() -> None:
    assert script(traced(New(1, "batch_norm", {})), Dialect(TEMPLATES)) is None
    assert script(traced(), Dialect(TEMPLATES)) is None


def test_an_adapter_of_ones_own_may_have_templates(tmp_path: Path) -> None:
    adapter = tmp_path / "mine.py"
    adapter.write_text(f"raise SystemExit\nSCRIPT = {TEMPLATES!r}\n")
    assert course_dialect(adapter).templates == TEMPLATES
    for text in ("", "SCRIPT = open('x')", "SCRIPT ="):
        adapter.write_text(text)
        assert course_dialect(adapter).templates == {}
