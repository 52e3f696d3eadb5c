"""Submissions and adapters that cannot be loaded: whose fault it is, in one sentence."""

import os
import time
from pathlib import Path

import pytest
from judging import LAYER, Build, call, failure

from lawbook.judge.remote import RemoteBackend
from lawbook.judge.zygote import JudgeError, Zygote
from lawbook.operations import TargetError

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="workers are forked")

LOADING = {
    "raises": ("1 / 0", "error", r"^ZeroDivisionError in Layer.py line 1: division by zero$"),
    "syntax": ("def (", "error", r"^SyntaxError: invalid syntax \(Layer.py, line 1\)$"),
    "sys.exit": ("import sys; sys.exit(3)", "error", r"^SystemExit in Layer.py line 1: 3$"),
    "missing": ("", "error", r"^KeyError: 'Layer'$"),
    "_exit": ("import os; os._exit(0)", "crash", r"^loading the submission ended the process"),
    "hang": ("import time; time.sleep(99)", "timeout", r"^loading .* within 0.5 s$"),
    "busy": ("while True: pass", "timeout", r"^loading .* more than 0.5 s of CPU time$"),
    "flood": ("while True: print('x' * 9999)", "crash", r"^loading .* printed more than 8 MB$"),
    "garbage": ("import os; os.write(3, b'x' * 99)", "crash", r"^loading .* no legal reply"),
    "false description": (
        (
            "import os, sys\nencode = sys.modules['lawbook_worker.packing'].encode\n"
            "os.write(3, encode({'id': 1, 'more': False, 'error': None}, [1, [[2]], 'x', ['y']]))"
        ),
        "crash",
        r"^loading the submission gave no description of a submission",
    ),
}


@pytest.mark.parametrize("name", LOADING)
def test_a_submission_that_cannot_be_loaded_is_not_tried_again(build: Build, name: str) -> None:
    source, status, pattern = LOADING[name]
    backend = build(source)
    error = failure(backend)
    assert error.status == status
    with pytest.raises(TargetError, match=pattern):
        raise error
    start = time.monotonic()
    again = failure(backend)
    assert (again.status, again.message) == (error.status, error.message)
    with pytest.raises(TargetError):
        assert backend.description
    assert time.monotonic() - start < 0.1


@pytest.mark.parametrize(
    ("adapter", "words"),
    [
        ("raise ValueError('no')", "cannot be used: ValueError in adapter0.py line 1: no"),
        ("def load(", "SyntaxError"),
        ("import os; os._exit(1)", "cannot be used: loading the submission ended the process"),
    ],
)
def test_a_broken_adapter_is_not_the_submissions_fault(
    build: Build, adapter: str, words: str
) -> None:
    with pytest.raises(JudgeError) as caught:
        call(build(LAYER, adapter))
    assert words in str(caught.value)


def test_a_missing_adapter_is_not_the_submissions_fault(tmp_path: Path, zygote: Zygote) -> None:
    backend = RemoteBackend(tmp_path / "none.py", tmp_path, zygote=zygote)
    with pytest.raises(JudgeError, match="FileNotFoundError"):
        call(backend)
