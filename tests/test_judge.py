"""The judge and honest submissions: calls, answers, and what surrounds a worker."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from judging import ADAPTER, LAYER, Build, call, train

from lawbook.judge.limits import Limits
from lawbook.judge.messages import readable
from lawbook.judge.scratch import remove_tree
from lawbook.operations import Draw, Invoke, New, Seed, TargetError

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="workers are forked")


def test_calls_are_answered_in_order(build: Build) -> None:
    backend = build(LAYER)
    x = np.arange(3.0)
    results = backend.run(
        [
            New(1, "layer", {"scale": 3.0}),
            New(2, "layer", {}),
            Invoke(1, "train", (x,)),
            Invoke(2, "train", (2,)),
        ]
    )
    assert results[:2] == [None, None]
    np.testing.assert_array_equal(results[2], 3 * x)
    assert results[3] == 4.0
    assert backend.run([]) == []


def test_the_submission_is_described(build: Build) -> None:
    backend = build(LAYER)
    description = backend.description
    assert description.operations == {"layer": ("scale", "**")}
    assert description.errors == {"other": "Other.py does not compile: line 3: invalid syntax"}
    assert description.notes == ("Layer.py was found in the top folder",)
    assert description.profile == "2024"
    assert {"process", "session"} <= set(backend.isolation)
    with pytest.raises(TargetError, match=r"^Other\.py does not compile"):
        backend.run([New(1, "other", {})])
    with pytest.raises(TargetError, match=r"^there is no third here"):
        backend.run([New(1, "third", {})])
    with pytest.raises(TargetError, match=r"^layer has no method evaluate"):
        backend.run([New(1, "layer", {}), Invoke(1, "evaluate", ())])


def test_arguments_are_copies_and_echo_shows_what_became_of_them(build: Build) -> None:
    backend = build(train("x[0] = 7\nreturn x"))
    x = np.zeros(2)
    _, (result, (after,)) = backend.run([New(1, "layer", {}), Invoke(1, "train", (x,), echo=True)])
    np.testing.assert_array_equal(result, [7, 0])
    np.testing.assert_array_equal(after, [7, 0])
    np.testing.assert_array_equal(x, [0, 0])


def test_none_is_delivered_as_none(build: Build) -> None:
    assert call(build(train("pass"))) is None


def test_begin_forgets_instances(build: Build) -> None:
    backend = build(LAYER)
    call(backend)
    backend.begin()
    with pytest.raises(TargetError, match="the instance was lost"):
        backend.run([Invoke(1, "train", (1.0,))])


def test_seed_and_draw_use_the_global_generator(build: Build) -> None:
    backend = build(train("return np.random.random()"))
    first = backend.run([Seed(2**40 + 3), Draw()])[1]
    backend.reset()
    again = backend.run([New(1, "layer", {}), Seed(2**40 + 3), Invoke(1, "train", (0,))])[2]
    assert first == again == np.random.RandomState(3).random_sample()
    fresh = {call(backend)}
    backend.reset()
    assert call(backend) not in fresh  # unseeded workers draw numbers of their own


def test_an_adapter_may_seed_and_draw_itself(build: Build) -> None:
    own = "\nstate = []\ndef seed(n): state.append(n)\ndef draw(): return state[-1] / 2\n"
    assert build(LAYER, ADAPTER + own).run([Seed(5), Draw()]) == [None, 2.5]


def test_a_long_batch_is_answered_in_parts_each_with_its_own_clock(build: Build) -> None:
    backend = build(train("time.sleep(0.12)\nreturn x"))
    x = np.ones(10)
    results = backend.run([New(1, "layer", {}), *[Invoke(1, "train", (x,))] * 6])
    assert len(results) == 7
    many = build(LAYER).run([New(1, "layer", {}), *[Invoke(1, "train", (1,))] * 1000])
    assert len(many) == 1001


def test_large_arrays_go_both_ways(build: Build) -> None:
    x = np.arange(2_000_000.0)
    results = build(LAYER).run([New(1, "layer", {}), *[Invoke(1, "train", (x,))] * 3])
    np.testing.assert_array_equal(results[3], 2 * x)


def test_printing_is_kept_apart(build: Build) -> None:
    backend = build(
        train("print('hello'); os.write(1, b'x' * 100_000); os.write(2, b'!')\nreturn x")
    )
    assert call(backend, 4) == 4
    assert "x" in backend.output


def test_the_environment_is_empty_and_the_directory_fresh(build: Build) -> None:
    backend = build(
        train("return ' '.join(sorted(os.environ)), os.getcwd(), os.environ['HOME'], os.listdir()")
    )
    names, directory, home, files = call(backend)
    told = {"LAWBOOK_IMPORTING", "LAWBOOK_REFUSED"}
    allowed = {*worker_environment(), "HOME", "TMPDIR", "LC_CTYPE", "PWD", *told}
    assert set(names.split()) <= allowed
    assert os.path.realpath(home) == directory
    assert files == []


def worker_environment() -> set[str]:
    from lawbook.judge.launch import ENVIRONMENT

    return set(ENVIRONMENT)


# --- small things ---------------------------------------------------------------------------------


def test_limits_are_positive() -> None:
    with pytest.raises(ValueError, match="call_seconds must be positive, not 0"):
        Limits(call_seconds=0)
    assert Limits(memory=None).for_worker()["memory"] is None


def test_untrusted_text_becomes_one_printable_line() -> None:
    assert readable("a\n\tb\x1b[31m\u202e\ud800") == "a b?[31m??"
    assert len(readable("x" * 10_000)) == 300
    assert json.dumps(readable("\x00")) == '"?"'


def test_a_link_is_removed_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").touch()
    (tmp_path / "gone" / "a" / "b").mkdir(parents=True)
    (tmp_path / "gone" / "a" / "link").symlink_to(tmp_path / "kept")
    remove_tree(tmp_path / "gone")
    remove_tree(tmp_path / "gone")
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    assert (tmp_path / "kept" / "file").exists()
