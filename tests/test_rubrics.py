"""Rubrics: what a file may say, how verdicts come to points, and what a student sees of them."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lawbook.adapters.declared import own_course
from lawbook.cli import main
from lawbook.laws import Law
from lawbook.profiles import PROFILES
from lawbook.report.audience import prepared
from lawbook.report.formats import FORMATS, View
from lawbook.report.schema import problem
from lawbook.rubrics import LEVELS, BadRubric, Rubric, graded, read, score, seen, ungraded
from lawbook.rubrics.listing import is_sound, listing
from lawbook.rubrics.reading import parse
from lawbook.rubrics.template import template
from lawbook.verdicts import INTERNAL, STATUSES
from tests import report_factory as made

HEAD = 'name = "Sheet 3"\ncourse = "fau"\n'
A, B, C = "dropout", "adam", "sgd"


def rubric(items: str, head: str = "") -> Rubric:
    return parse(f"{HEAD}{head}\n{items}".encode())


def item(name: str, points: float, about: str, more: str = "") -> str:
    return f'[[items]]\nname = "{name}"\npoints = {points}\n{about}\n{more}\n'


ON_A = 'operations = "dropout"'
ON_B = 'operations = "adam"'
ON_C = 'operations = "sgd"'
TWO = item("A", 10, ON_A) + item("B", 20, ON_B)


@pytest.fixture(scope="module")
def laws() -> list[Law]:
    return made.judged_laws((A, B, C, "relu"))


@pytest.fixture
def judge(laws: list[Law]) -> Callable[..., dict[str, Any]]:
    """A result in which all holds but what is said: statuses by operation, or by a law's id."""

    def judged(**said: Any) -> dict[str, Any]:
        statuses = {name.replace("__", "."): status for name, status in said.items()}
        verdicts = []
        for law in laws:
            status = statuses.get(law.id, statuses.get(law.operation, "pass"))
            severity = law.severity
            if isinstance(status, tuple):
                status, severity = status
            verdicts.append(made.entry(law, status, severity=severity))
        return made.result("one", verdicts)

    return judged


def points(result: dict[str, Any], by: Rubric) -> dict[str, Any]:
    grade = score(result, by)
    assert grade is not None
    assert not problem(made.report([{**result, "grade": grade}]))
    assert sum(one["points"] for one in grade["items"]) == pytest.approx(grade["points"])
    assert sum(one["of"] for one in grade["items"]) == pytest.approx(grade["of"])
    return {one["name"]: one["points"] for one in grade["items"]} | {"": grade["points"]}


def ids(laws: list[Law], operation: str, severity: str = "error") -> list[str]:
    return [law.id for law in laws if law.operation == operation and law.severity == severity]


def first(laws: list[Law], operation: str) -> str:
    return ids(laws, operation)[0].replace(".", "__")


def test_all_points_where_all_holds(judge: Any) -> None:
    assert points(judge(), rubric(TWO)) == {"A": 10, "B": 20, "": 30}


def test_share_is_in_proportion_and_all_is_all_or_nothing(judge: Any, laws: list[Law]) -> None:
    wrong = judge(**{first(laws, B): "fail"})
    count = len(ids(laws, B))
    assert points(wrong, rubric(TWO))["B"] == pytest.approx(20 * (count - 1) / count, abs=1e-6)
    every = rubric(item("A", 10, ON_A) + item("B", 20, ON_B, 'mode = "all"'))
    assert points(wrong, every) == {"A": 10, "B": 0, "": 10}


def test_weights_shift_the_share(judge: Any, laws: list[Law]) -> None:
    heavy = ids(laws, B)[0]
    by = rubric(item("B", 20, ON_B, f'weights = {{ "{heavy}" = {len(ids(laws, B)) - 1} }}'))
    assert points(judge(**{heavy.replace(".", "__"): "fail"}), by)["B"] == 10


def test_a_law_without_weight_takes_no_part(judge: Any, laws: list[Law]) -> None:
    one = ids(laws, B)[0]
    by = rubric(item("B", 20, ON_B, f'weights = {{ "{one}" = 0 }}') + item("A", 10, ON_A))
    assert points(judge(**{one.replace(".", "__"): "fail"}), by) == {"A": 10, "B": 20, "": 30}
    assert points(judge(), rubric(TWO + item("C", 5, ON_C, 'weights = { "*" = 0 }')))["C"] == 0


def test_laws_by_id_glob_and_topic(judge: Any, laws: list[Law]) -> None:
    one = ids(laws, A)[0]
    by = rubric(
        item("one", 1, f'laws = "{one}"')
        + item("glob", 2, 'laws = ["optimizers.adam_*"]')
        + item("topic", 4, 'topics = ["optimizers"]', 'mode = "all"')
    )
    assert points(judge(**{one.replace(".", "__"): "fail"}), by) == {
        "one": 0,
        "glob": 2,
        "topic": 4,
        "": 6,
    }
    assert points(judge(sgd="fail"), by) == {"one": 1, "glob": 2, "topic": 0, "": 3}


@pytest.mark.parametrize("status", ["timeout", "crash", "error", "missing", "fail"])
def test_what_does_not_hold_is_no_pass_whatever_the_reason(judge: Any, status: str) -> None:
    assert points(judge(adam=status), rubric(TWO))["B"] == 0


def test_a_time_out_gives_the_share_that_is_said_and_never_all(judge: Any) -> None:
    by = rubric(item("B", 20, ON_B, "timeout = 0.25"))
    assert points(judge(adam="timeout"), by)["B"] == 5
    for wrong in ("1", "1.0", "true", '"free"'):
        with pytest.raises(BadRubric):
            rubric(item("B", 20, ON_B, f"timeout = {wrong}"))


def test_warnings_are_free_or_cost_their_share(judge: Any, laws: list[Law]) -> None:
    warned = judge(**{first(laws, B): ("fail", "warning")})
    assert points(warned, rubric(TWO))["B"] == 20
    count = sum(law.operation == B for law in laws)  # now those of severity "warning" count too
    half = rubric(item("B", 20, ON_B, "warnings = 0.5"))
    assert points(warned, half)["B"] == pytest.approx(20 * (count - 0.5) / count, abs=1e-6)
    every = rubric(item("B", 20, ON_B, 'warnings = 0.5\nmode = "all"'))
    assert points(warned, every)["B"] == 10


def test_a_law_named_by_its_id_counts_whatever_its_severity(judge: Any, laws: list[Law]) -> None:
    one = ids(laws, B)[0]
    by = rubric(item("B", 20, f'laws = "{one}"'))
    assert points(judge(**{one.replace(".", "__"): ("fail", "warning")}), by)["B"] == 0


def test_a_skipped_item_says_why_and_the_root_alone_fails(judge: Any, laws: list[Law]) -> None:
    by = rubric(
        item("A", 10, ON_A)
        + item("B", 20, ON_B, 'needs = "A"')
        + item("C", 5, ON_C, 'needs = ["B"]')
    )
    result = judge(**{first(laws, A): "fail"}, adam="fail")
    found = points(result, by)
    assert (found["B"], found["C"]) == (0, 0)
    grade = score(result, by)
    assert grade is not None
    assert [one["status"] for one in grade["items"]] == ["partial", "skipped", "skipped"]
    assert {one["message"] for one in grade["items"][1:]} == {"skipped because A failed"}
    told = graded(result, by)
    failing = [entry["law"] for entry in told["laws"] if entry["status"] == "fail"]
    assert failing == ids(laws, A)[:1]
    skipped = [entry for entry in told["laws"] if entry["message"] == "skipped because A failed"]
    assert {entry["operation"] for entry in skipped} == {B}  # what holds of C still holds
    assert result == judge(**{first(laws, A): "fail"}, adam="fail")  # the stored verdicts stay


def test_why_laws_were_skipped_is_said_of_a_bonus_too(judge: Any) -> None:
    by = rubric(item("A; b", 10, ON_A) + item("B", 2, ON_B, 'needs = "A; b"\nbonus = true'))
    told = graded(judge(dropout="fail", adam="crash"), by)
    said = {entry["message"] for entry in told["laws"] if entry["operation"] == B}
    assert said == {"skipped because A; b failed"}
    shown = seen(told, by, "law")
    assert {entry["message"] for entry in shown["laws"] if entry["operation"] == B} == said


def test_what_is_skipped_can_be_excluded_so_that_the_cause_costs_once(
    judge: Any, laws: list[Law]
) -> None:
    head = 'when_skipped = "excluded"'
    by = rubric(
        item("A", 10, ON_A, 'mode = "all"')
        + item("B", 20, ON_B, 'needs = "A"')
        + item("C", 10, ON_C),
        head,
    )
    found = points(judge(**{first(laws, A): "fail"}), by)
    assert found == {"A": 0, "B": 0, "C": 20, "": 20}  # of 40 as for everybody


def test_needs_may_be_a_law(judge: Any, laws: list[Law]) -> None:
    one = ids(laws, A)[0]
    by = rubric(item("B", 20, ON_B, f'needs = "{one}"'))
    assert points(judge(), by)["B"] == 20
    assert points(judge(**{one.replace(".", "__"): "crash"}), by)["B"] == 0


def test_what_does_not_apply_is_spread_over_the_rest(judge: Any) -> None:
    assert points(judge(adam="skip"), rubric(TWO)) == {"A": 30, "B": 0, "": 30}
    assert "applies" in ungraded(judge(adam="skip", dropout="skip"), rubric(TWO))


def test_an_operation_that_is_not_required_may_be_missing(judge: Any) -> None:
    absent = judge(adam=("missing", "warning"))
    assert points(absent, rubric(TWO)) == {"A": 30, "B": 0, "": 30}
    strict = rubric(TWO, 'missing = "zero"')
    assert points(absent, strict) == {"A": 10, "B": 0, "": 10}
    extra = rubric(item("A", 10, ON_A) + item("B", 2, ON_B, "bonus = true"))
    assert points(absent, extra) == {"A": 10, "B": 0, "": 10}


def test_bonus_cap_and_rounding(judge: Any, laws: list[Law]) -> None:
    items = item("A", 10, ON_A) + item("B", 4, ON_B, "bonus = true")
    assert points(judge(), rubric(items)) == {"A": 10, "B": 4, "": 14}
    assert points(judge(), rubric(items, "cap = 12"))[""] == 12
    thirds = rubric(item("A", 10, f"laws = {json.dumps(ids(laws, A)[:3])}"), "round = 0.5")
    assert points(judge(**{first(laws, A): "fail"}), thirds)["A"] == 6.5  # 6.67


def test_no_grade_by_our_fault_and_0_with_the_reason_by_theirs() -> None:
    ours = made.not_judged("one", "grader", "no memory")
    assert score(ours, rubric(TWO)) is None
    assert "no fault of the submission" in ungraded(ours, rubric(TWO))
    theirs = made.not_judged("one", "submission", "Dropout.py, line 1: this is not Python")
    grade = score(theirs, rubric(TWO))
    assert grade is not None
    assert (grade["points"], grade["of"]) == (0, 30)
    assert all("this is not Python" in one["message"] for one in grade["items"])


def test_no_grade_where_a_law_was_not_judged(judge: Any, laws: list[Law]) -> None:
    broken = judge()
    broken["laws"][0] |= {"status": "skip", "message": f"{INTERNAL}: KeyError"}
    assert score(broken, rubric(TWO)) is None
    partial = judge()
    partial["laws"] = [entry for entry in partial["laws"] if entry["operation"] != B]
    assert "adam" in ungraded(partial, rubric(TWO))
    other = {**judge(), "profile": "fau-2019"}
    assert ungraded(other, rubric(TWO)) == ""
    assert "fau-2021" in ungraded(other, rubric(TWO, 'profile = "fau-2021"'))
    assert "cs231n" in ungraded({**judge(), "course": "cs231n"}, rubric(TWO))


def test_scoring_is_a_function_of_the_json(judge: Any) -> None:
    result = judge(adam="fail")
    before = copy.deepcopy(result)
    stored = json.loads(json.dumps(result))
    assert score(result, rubric(TWO)) == score(stored, rubric(TWO))
    assert result == before


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("name = ", "this is not TOML"),
        ("", "it has no [[items]]"),
        ('corse = "fau"\n' + TWO, "corse is not known; did you mean 'course'?"),
        (item("A", 1, 'operation = "dropout"'), "item 1 ('A').operation is not known"),
        (item("A", 1, 'operations = "dropuot"'), "did you mean 'dropout'?"),
        (item("A", 1, 'laws = "dropout.dropout_is_right"'), "there is no law"),
        (item("A", 1, 'laws = "dropuot.*"'), "there is no law 'dropuot.*'"),
        (item("A", 1, 'operations = "hinge"'), "in the profile fau-2021"),
        (item("A", 0, ON_A), "0 is not above 0"),
        (item("A", -2, ON_A), "-2 is not above 0"),
        ("points = nan\n".join(item("A", 1, ON_A).split("points = 1\n")), "nan is no number"),
        (item("A", 1, ""), "names no laws"),
        (item("A", 1, ON_A, 'mode = "some"'), "none of share, all"),
        (item("A", 1, ON_A, "warnings = 2"), "above 1"),
        (item("A", 1, ON_A, 'needs = "Z"'), "there is no item or law 'Z'"),
        (item("A", 1, ON_A, 'needs = "A"'), "in a circle: 'A' needs 'A'"),
        (item("A", 1, ON_A) * 2, "two items are called 'A'"),
        (item("hidden tests", 1, ON_A), "cannot be called"),
        (item("A", 1, ON_A, "bonus = true"), "a bonus"),
        (
            item("A", 1, ON_A, "hidden = true") + item("B", 1, ON_B, 'needs = "A"'),
            "'A' is hidden",
        ),
        (item("A", 1, ON_A, "bonus = 1"), "neither true nor false"),
        ('students = "all"\n' + TWO, "none of law"),
        ("cap = 0\n" + TWO, "cap: 0 is not above 0"),
        ('profile = "fau-2022"\n' + TWO, "there is no 'fau-2022'"),
        ('profile = "cs231n-2018"\n' + TWO, "is one of cs231n"),
        ("items = 3\n", "no list of tables"),
        ("a = " + "[" * 2000, "this is not TOML"),
    ],
)
def test_a_mistake_is_one_sentence_with_place_and_value(
    text: str, sentence: str, tmp_path: Path
) -> None:
    path = tmp_path / "rubric.toml"
    path.write_text(HEAD + text)
    with pytest.raises(BadRubric) as raised:
        read(path)
    said = str(raised.value)
    assert sentence in said
    assert said.startswith(f"{path}: ")
    assert said.isprintable()


def test_files_that_are_no_rubric(tmp_path: Path) -> None:
    binary, large = tmp_path / "b", tmp_path / "l"
    binary.write_bytes(b"\xff\xfe\x00")
    large.write_bytes(b"#" * (2 << 20))
    for path in (binary, large, tmp_path, tmp_path / "nowhere"):
        with pytest.raises(BadRubric, match=str(path)):
            read(path)


@pytest.mark.parametrize("name", list(PROFILES))
def test_a_new_rubric_covers_every_operation_of_its_profile(name: str) -> None:
    found = parse(template(PROFILES[name]).encode())
    assert is_sound(found)
    named = {operation for one in found.items for operation in one.laws.operations}
    assert named == PROFILES[name].judged
    assert not [line for line in listing(found) if "in no item" in line or "several" in line]


def test_the_check_names_what_is_not_covered_and_what_is_twice(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "rubric.toml"
    path.write_text(HEAD + item("A", 10, ON_A) + item("D", 5, 'topics = "dropout"', "bonus = true"))
    assert main(["rubric", str(path), "--check"]) == 0
    told = capsys.readouterr().out
    assert "Total: 10 points, and up to 5 as a bonus" in told
    assert "laws in no item" in told
    assert "laws in several items" in told


def test_a_rubric_is_made_for_an_adapter_of_ones_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    adapter, path = tmp_path / "mine.py", tmp_path / "rubric.toml"
    adapter.write_text("PROFILE = {'requires': ['dropout'], 'optional': ['relu']}\n")
    assert main(["rubric", "--init", "--course", str(adapter), "--out", str(path)]) == 0
    made = read(path)
    assert (made.course, made.profile, made.total) == ("mine", None, 10)
    assert [item.name for item in made.items] == ["Dropout", "ReLU"]
    adapter.write_text("")
    own_course.cache_clear()
    assert main(["rubric", "--init", "--course", str(adapter)]) == 2
    assert "it has no PROFILE" in capsys.readouterr().err


def test_the_command_makes_a_rubric_and_keeps_what_is_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "rubric.toml"
    assert main(["rubric", "--init", "--course", "fau", "--out", str(path)]) == 0
    before = path.read_text()
    assert main(["rubric", "--init", "--course", "fau", "--out", str(path)]) == 2
    assert path.read_text() == before
    assert main(["rubric", "--init", "--course", "fua"]) == 2
    assert main(["rubric", "--init"]) == 2
    assert main(["rubric"]) == 2
    assert capsys.readouterr().err.count("\n") == 4


# What students see.

SECRET = rubric(
    item("A", 10, ON_A) + item("B", 20, ON_B, "hidden = true") + item("C", 10, ON_C),
    'hidden = ["activations.*"]',
)
BLIND = rubric(
    item("A", 10, ON_A) + item("B", 20, ON_B, "hidden = true") + item("C", 10, ON_C),
    'hidden = ["activations.*"]\nhidden_points = false\ncap = 25',
)


SCRIPT = "import sys\nsys.path.insert(0, '/grader/work/one')\nnp.random.seed(40698)\n"


def drawn_result(seed: int) -> tuple[dict[str, Any], list[str]]:
    """A result of anything, and the strings that are in entries of hidden laws alone."""
    drawn = random.Random(seed)
    secrets, verdicts = [], []

    def mark() -> str:
        return "".join(drawn.choices("bcdfghjklmnpqrstvwxz", k=14))

    for operation in (A, B, C, "relu"):
        of_it = [law for law in made.judged_laws((operation,)) if law.operation == operation]
        for law in drawn.sample(of_it, 3):
            word = mark()
            entry = made.failing(
                law,
                word,
                seed=drawn.randint(10**6, 10**7),
                status=drawn.choice(STATUSES),
                message=f"{word} at /grader/{word}/file.py",
                got=word,
                repro=f"{SCRIPT}# {word}\n",
                severity=drawn.choice(("error", "warning")),
            )
            verdicts.append(entry)
            name = law.id.partition(".")[2]
            hidden = operation in (B, "relu")
            secrets += [word, law.id, name, name.replace("_", " ")] if hidden else []
    result = made.result("one", verdicts, notes=[f"see /grader/work/one/{mark()}"])
    result["conventions"] |= {"adam.eps": mark(), "relu.at_zero": mark()}
    secrets += [str(result["conventions"][name]) for name in ("adam.eps", "relu.at_zero")]
    return result, secrets


def leaks(text: str, secrets: list[str]) -> list[str]:
    """What is in a text and should not be."""
    return [secret for secret in (*secrets, *GRADERS, "B failed") if secret in text]


GRADERS = ("/grader", "0123456789abcdef", "40698", "portable", "Landlock", "bwrap")


@pytest.mark.parametrize("by", [SECRET, BLIND], ids=["sum shown", "nothing shown"])
@pytest.mark.parametrize("level", LEVELS)
@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_hidden_laws_leak_nothing_in_any_format(by: Rubric, level: str, seed: int) -> None:
    result, secrets = drawn_result(seed)
    report = made.report([result])
    view = View(level, by)
    shown = prepared(report, view)
    assert not problem(shown)
    texts = {"seen": json.dumps(seen(graded(result, by), by, level))}
    for name, kind in FORMATS.items():
        if name not in ("gradescope", "classroom"):
            texts[name] = kind.writer()(shown, view)
    scored = prepared(report, View(rubric=by))
    if scored["subjects"][0]["grade"] is not None:
        texts["classroom"] = FORMATS["classroom"].writer()(scored, View(rubric=by))
        document = json.loads(FORMATS["gradescope"].writer()(scored, View(rubric=by)))
        document["tests"] = [one for one in document["tests"] if one["visibility"] == "visible"]
        texts["gradescope"] = json.dumps({**document, "score": 0})
    assert leaks(json.dumps(result), secrets)  # it is looked for as it would be found
    for name, text in texts.items():
        assert not leaks(text, secrets), name


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), change=st.sampled_from(STATUSES))
def test_what_is_seen_is_the_same_whatever_hidden_laws_came_to(seed: int, change: str) -> None:
    result, _ = drawn_result(seed)
    other = copy.deepcopy(result)
    for entry in other["laws"]:
        if entry["operation"] in (B, "relu"):
            entry |= {"status": change, "severity": "error", "message": "", "seconds": 9.0}
    other |= {"seconds": 99.0, "outcome": "fails" if change == "fail" else result["outcome"]}
    texts = []
    for one in (result, other):
        told = graded(one, BLIND)
        if told["grade"] is None:
            return
        texts.append(json.dumps(seen(told, BLIND, "derivation")))
    assert texts[0] == texts[1]


def test_each_level_shows_more(judge: Any, laws: list[Law]) -> None:
    result = judge()
    wrong = next(at for at, law in enumerate(laws) if law.operation == A)
    result["laws"][wrong] = made.failing(laws[wrong], "dropout.unscaled")
    told = graded(result, rubric(TWO))
    shown = {level: seen(told, rubric(TWO), level)["laws"][wrong] for level in LEVELS}
    assert shown["law"]["status"] == "fail"
    assert [bool(shown[level]["counterexample"]) for level in LEVELS] == [False, True, True, True]
    assert [bool(shown[level]["repro"]) for level in LEVELS] == [False, True, True, True]
    assert [bool(shown[level]["diagnosis"]) for level in LEVELS] == [False, False, True, True]
    assert all(
        one["counterexample"]["seed"] is None for one in shown.values() if one["counterexample"]
    )
    with pytest.raises(BadRubric, match="known are law"):
        seen(told, "everything")


def test_without_a_rubric_what_a_grade_hides_is_hidden(judge: Any) -> None:
    told = graded(judge(adam="fail"), SECRET)
    shown = seen(told, "law")
    assert shown["outcome"] == "holds"
    assert shown["grade"]["points"] == shown["grade"]["of"] == 20
    assert not [entry for entry in shown["laws"] if entry["operation"] == B]


def test_the_sum_of_hidden_items_is_shown_or_not_even_that(judge: Any) -> None:
    told = seen(graded(judge(adam="fail"), SECRET), SECRET)
    assert [(one["name"], one["points"], one["of"]) for one in told["grade"]["items"]] == [
        ("A", 10, 10),
        ("C", 10, 10),
        ("hidden tests", 0, 20),
    ]
    blind = seen(graded(judge(), BLIND), BLIND)
    assert [one["name"] for one in blind["grade"]["items"]] == ["A", "C"]
    assert (blind["grade"]["points"], blind["grade"]["of"]) == (20, 20)


def test_our_own_failure_is_no_news_of_hidden_laws(judge: Any) -> None:
    broken = judge()
    entry = next(one for one in broken["laws"] if one["operation"] == B)
    entry |= {"status": "skip", "message": f"{INTERNAL}: KeyError in {entry['law']}"}
    broken["outcome"] = "not_judged"
    shown = seen(graded(broken, SECRET), SECRET)
    assert shown["grade"] is None
    assert shown["laws"] == []
    assert entry["law"] not in json.dumps(shown)


def test_gradescope_adds_up_and_hides_from_students_alone(judge: Any) -> None:
    for by in (SECRET, BLIND, rubric(TWO, "cap = 12")):
        report = prepared(made.report([judge(dropout="fail")]), View(rubric=by))
        found = json.loads(FORMATS["gradescope"].writer()(report, View(rubric=by)))
        assert sum(test["score"] for test in found["tests"]) == pytest.approx(found["score"])
        assert all(
            set(test) >= {"name", "score", "max_score", "status", "visibility"}
            for test in found["tests"]
        )
    blind = prepared(made.report([judge()]), View(rubric=BLIND))
    tests = json.loads(FORMATS["gradescope"].writer()(blind, View(rubric=BLIND)))["tests"]
    assert {test["name"]: test["visibility"] for test in tests}["B"] == "hidden"


def test_classroom_has_no_points_where_there_is_no_grade(judge: Any) -> None:
    by = rubric(TWO)
    for result in (made.not_judged("one", "grader", "no memory in /grader"), judge(adam="timeout")):
        report = prepared(made.report([result]), View(rubric=by))
        found = json.loads(FORMATS["classroom"].writer()(report, View(rubric=by)))
        assert all(
            test["status"] != "pass" for test in found["tests"] if test["name"] in ("B", "Lawbook")
        )
        if result["fault"]:
            assert (found["status"], found["max_score"]) == ("error", 0)
            assert "/grader" not in json.dumps(found)
        else:
            assert (found["status"], found["max_score"]) == ("fail", 30)
            assert sum(test["score"] for test in found["tests"]) == 10


# The commands that score.

EXAMPLES = Path(__file__).parent.parent / "examples" / "submissions"
WRONG = EXAMPLES / "fau-dropout-unscaled-backward"


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "rubric.toml"
    path.write_text(HEAD + item("A", 10, ON_A, 'mode = "all"') + item("B", 20, ON_B))
    return path


def test_grade_scores_by_a_rubric_and_stored_results_again(
    sheet: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stored = tmp_path / "report.json"
    assert main(["grade", str(WRONG), "--rubric", str(sheet), "--json", str(stored)]) == 1
    assert "20 of 30 points by Sheet 3" in capsys.readouterr().out
    grade = json.loads(stored.read_text())["subjects"][0]["grade"]
    assert (grade["points"], grade["of"]) == (20, 30)
    sheet.write_text(sheet.read_text().replace("20", "5"))
    out = tmp_path / "results.json"
    given = ["--rubric", str(sheet), "--report", f"gradescope={out}"]
    assert main(["report", str(stored), *given]) == 0
    assert json.loads(out.read_text())["score"] == 5


def grades_in(out: Path) -> list[tuple[int, int]]:
    """(points, of) in the one result file of a folder, and in its report."""
    (file,) = (out / "results").iterdir()
    read = [json.loads(path.read_text()) for path in (file, out / "report.json")]
    grades = [one["subjects"][0]["grade"] for one in read]
    return [grade and (grade["points"], grade["of"]) for grade in grades]


def test_a_class_is_scored_and_scored_again_without_being_judged_again(
    sheet: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, table, data = tmp_path / "out", tmp_path / "table.csv", tmp_path / "data.json"
    run = ["grade", str(WRONG), "--course", "fau", "--out", str(out), "--jobs", "1"]
    given = ["--rubric", str(sheet), "--report", f"csv={table}", "--json", str(data)]
    assert main(run) == 1
    assert grades_in(out) == [None, None]
    assert main([*run, *given]) == 1
    assert "(as before)" in capsys.readouterr().err
    assert ",20,30," in table.read_text("utf-8-sig")
    assert grades_in(out) == [(20, 30)] * 2
    (file,) = (out / "results").iterdir()
    before = file.stat().st_mtime_ns
    assert main([*run, *given]) == 1  # nothing has changed, so nothing is written
    assert file.stat().st_mtime_ns == before
    sheet.write_text(sheet.read_text().replace("20", "5"))
    assert main(["report", str(out), "--rubric", str(sheet), "--report", f"json={data}"]) == 0
    assert json.loads(data.read_text())["subjects"][0]["grade"]["points"] == 5
    capsys.readouterr()
    assert main([*run, *given]) == 1
    assert "(as before)" in capsys.readouterr().err
    assert grades_in(out) == [(5, 15)] * 2
    assert json.loads(data.read_text())["subjects"][0]["grade"]["points"] == 5
    assert main(run) == 1  # without a rubric they stay
    assert grades_in(out) == [(5, 15)] * 2


def test_what_is_judged_now_has_its_grade_at_once(sheet: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main(["grade", str(WRONG), "--out", str(out), "--rubric", str(sheet)]) == 1
    assert grades_in(out) == [(20, 30)] * 2


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (["--only", "dropout"], "cannot be used with --only"),
        (["--report", "gradescope=-", "--students", "law"], "leave out --students"),
        (["--profile", "fau-2019"], "is for the profile fau-2021"),
    ],
)
def test_what_a_rubric_cannot_be_used_with(
    given: list[str], sentence: str, sheet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet.write_text('profile = "fau-2021"\n' + sheet.read_text())
    assert main(["grade", str(EXAMPLES / "fau-right"), "--rubric", str(sheet), *given]) == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["gradescope", "classroom"])
def test_points_need_a_rubric(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stored = tmp_path / "report.json"
    stored.write_text(json.dumps(made.report([made.result("one", [])])))
    assert main(["report", str(stored), "--report", f"{kind}=-"]) == 2
    assert "--rubric FILE" in capsys.readouterr().err


def test_the_reason_for_no_grade_is_said(
    sheet: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stored = tmp_path / "report.json"
    stored.write_text(json.dumps(made.report([made.not_judged("one", "grader", "no memory")])))
    out = tmp_path / "results.json"
    given = ["--rubric", str(sheet), "--report", f"gradescope={out}"]
    assert main(["report", str(stored), *given]) == 2
    assert "no score for one" in capsys.readouterr().err
    assert not out.exists()
