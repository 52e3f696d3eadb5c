"""The judge against hostile submissions: each ends in one status and one sentence."""

import os
import time
from pathlib import Path

import numpy as np
import pytest
from judging import Build, call, failure, train

from lawbook.judge.limits import Limits
from lawbook.operations import Invoke, New, TargetError

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="workers are forked")

# --- failures that leave the worker alive ---------------------------------------------------------

RAISING = {
    "raises": ("1 / 0", r"^ZeroDivisionError in Layer.py line 6: division by zero$"),
    "sys.exit": ("sys.exit(0)", r"^SystemExit in Layer.py line 6: 0$"),
    "keyboard interrupt": ("raise KeyboardInterrupt", r"^KeyboardInterrupt in Layer.py line 6$"),
    "recursion": ("return self.train(x)", r"^RecursionError in Layer.py"),
    "own base exception": (
        "class Gone(BaseException): pass\nraise Gone('\\x1b[31m\\n\\ud800' + 'x' * 10**6)",
        r"^Gone in Layer.py line 7: \?\[31m \?x+$",
    ),
    "hostile __str__": (
        "class E(Exception):\n    def __str__(self): raise SystemExit\nraise E",
        r"^E in Layer.py line 8: \(its message cannot be shown\)$",
    ),
    "exiting metaclass": (
        (
            "class M(type):\n    @property\n    def __name__(cls): raise KeyboardInterrupt\n"
            "class E(Exception, metaclass=M): pass\nraise E('x')"
        ),
        r"^E in|hides its type",
    ),
    "memory bomb": ("return np.ones(1 << 30)", r"MemoryError"),
    "growing list": ("a = [0] * (1 << 27)", r"^MemoryError in Layer.py"),
    "large file": (
        "with open('big', 'wb') as file:\n    for _ in range(99): file.write(b'x' * 65536)",
        r"^OSError in Layer.py line \d: \[Errno 27\]",
    ),
    "many open files": ("self.f = [open('/dev/null') for _ in range(999)]", r"^OSError .* 24"),
}


@pytest.mark.parametrize("name", RAISING)
def test_what_a_call_raises_is_an_error_in_one_line(build: Build, name: str) -> None:
    body, pattern = RAISING[name]
    backend = build(train(body))
    error = failure(backend)
    assert error.status == "error"
    with pytest.raises(TargetError, match=pattern):
        raise error
    process = backend._ready()
    assert failure(backend).status == "error"
    assert backend._ready() is process, "the worker need not be replaced"


def test_the_calls_after_a_failed_one_are_not_run(build: Build) -> None:
    backend = build(
        train("self.n = getattr(self, 'n', 0) + 1\nif self.n == 2: 1 / 0\nreturn self.n")
    )
    calls = [Invoke(1, "train", (0,))] * 5
    with pytest.raises(TargetError):
        backend.run([New(1, "layer", {}), *calls])
    assert backend.run(calls[:1]) == [3]


BAD_OUTPUT = {
    "np.array([None])": "train returned an object array; expected numbers",
    "'x' * 5000": "train returned a string of 5000 characters; at most 1000 are allowed",
    "np.array(['a'])": "train returned a non-numeric array; expected numbers",
    "x + 1j": "train returned a complex128 array; expected numbers",
    "object()": "train returned an object; expected numbers",
    "{}": "train returned a dict; expected numbers",
    "lambda: 0": "train returned a function; expected numbers",
    "np.broadcast_to(x[0], (10**9,))": "an array of 8000000000 bytes",
    "[[[[[[[[1]]]]]]]]": "lists nested too deeply",
    "10**30": "an integer of more than 63 bits",
}


@pytest.mark.parametrize("expression", BAD_OUTPUT)
def test_a_value_that_is_no_number_fails_in_words(build: Build, expression: str) -> None:
    error = failure(build(train(f"return {expression}")))
    assert error.status == "fail"
    assert BAD_OUTPUT[expression] in error.message


def test_numbers_of_any_kind_are_delivered(build: Build) -> None:
    nan, inf, half, number, text = call(
        build(train("return np.nan, -np.inf, np.float16([0.5]), np.int8(3), 'a'"))
    )
    assert np.isnan(nan)
    assert inf == -np.inf
    assert half.dtype == np.float64
    assert (number, text) == (3, "a")


# --- failures that end the worker -----------------------------------------------------------------

FORGE = """
import json
sys.path[:] = []
main = sys.modules["lawbook_worker.packing"]
def request():
    for found in gc.get_objects():
        if isinstance(found, dict) and "fresh" in found and "id" in found:
            return found["id"]
"""
DEADLY = {
    "_exit": ("os._exit(0)", "crash", r"ended the process \(exit code 0\)$"),
    "_exit with a code": ("os._exit(97)", "crash", r"ended the process \(exit code 97\)$"),
    "segmentation fault": ("os.kill(os.getpid(), 11)", "crash", r"\(SIGSEGV\)$"),
    "own SIGKILL": ("os.kill(os.getpid(), 9)", "crash", r"was killed$"),
    "stop": ("os.kill(os.getpid(), signal.SIGSTOP)", "timeout", r"did not return within 0.3 s$"),
    "closed descriptors": (
        "os.closerange(0, 100)",
        "crash",
        r"\(exit code \d+\)$|cut the connection",
    ),
    "sleep": ("time.sleep(60)", "timeout", r"did not return within 0.3 s$"),
    "busy loop": ("while True: pass", "timeout", r"took more than 0.3 s of CPU time$"),
    "catches everything": (
        (
            "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True:\n"
            "    try:\n        while True: pass\n    except BaseException: pass"
        ),
        "timeout",
        r"CPU time$",
    ),
    "print flood": ("while True: print('x' * 1000)", "crash", r"printed more than 8 MB$"),
    "write flood": ("while True: os.write(1, b'x' * 65536)", "crash", r"printed more than 8 MB$"),
    "garbage": ("os.write(3, b'garbage' * 9)", "crash", r"no legal reply: an oversize message$"),
    "oversize header": (
        "os.write(3, (1 << 30).to_bytes(4, 'little') * 2)",
        "crash",
        r"no legal reply: an oversize message$",
    ),
    "half a message": (
        "os.write(3, b'\\x10\\0\\0\\0'); time.sleep(9)",
        "timeout",
        r"did not return",
    ),
    "reply to another question": (
        "os.write(3, main.encode({'id': 3, 'more': False, 'error': None}, [None, 1]))",
        "crash",
        r"a reply to no question$",
    ),
    "status pass": (
        "os.write(3, main.encode({'id': request(), 'more': False, 'error': ['pass', '']}, []))",
        "crash",
        r"a failure of another kind$",
    ),
    "too many results": (
        "os.write(3, main.encode({'id': request(), 'more': False, 'error': None}, [1] * 9))",
        "crash",
        r"a wrong number of results$",
    ),
    "endless parts": (
        "while True: os.write(3, main.encode({'id': request(), 'more': True, 'error': None}, []))",
        "crash",
        r"a wrong number of results$",
    ),
    "lying header": (
        'h = b\'{"id":1,"values":[["a","<f8",[9]]]}\'\nos.write(3, main.FRAME.pack(len(h), 0) + h)',
        "crash",
        r"an array larger than its bytes$",
    ),
}


@pytest.mark.parametrize("name", DEADLY)
def test_a_deadly_call_ends_in_its_status_and_a_fresh_worker(build: Build, name: str) -> None:
    body, status, pattern = DEADLY[name]
    guarded = f"if x[0] == 5: return x\n{body}\nreturn x"
    backend = build(train(guarded, top=FORGE))
    start = time.monotonic()
    error = failure(backend)
    assert error.status == status
    with pytest.raises(TargetError, match=pattern):
        raise error
    assert time.monotonic() - start < 4
    np.testing.assert_array_equal(call(backend, np.full(1, 5.0)), [5.0])


def test_a_parent_that_forks_away_has_ended(build_bare: Build) -> None:
    error = failure(build_bare(train("if os.fork() == 0: time.sleep(30)\nos._exit(0)")))
    assert error.message.endswith("layer.train ended the process (exit code 0)")


def test_a_forged_reply_is_only_an_answer_and_the_second_one_is_caught(build: Build) -> None:
    body = """
    os.write(3, main.encode({"id": request(), "more": False, "error": None}, [None, 42]))
    return x
    """
    backend = build(train(body, top=FORGE))
    assert call(backend) == 42
    time.sleep(0.1)
    assert failure(backend).message == "the submission sent a reply that nobody had asked for"


def test_no_process_is_left_behind(build_bare: Build, tmp_path: Path) -> None:
    body = f"""
    for k in range(20):
        if os.fork() == 0:
            if k % 2: os.setsid()
            open({str(tmp_path)!r} + "/pid" + str(os.getpid()), "w").close()
            time.sleep(60)
    time.sleep(60)
    """
    error = failure(build_bare(train(body)))
    started = [int(path.name[3:]) for path in tmp_path.glob("pid*")]
    assert error.status == "timeout"
    assert started
    for process in started:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


def test_no_process_can_be_started(build: Build) -> None:
    with pytest.raises(TargetError, match=r"^PermissionError in Layer.py line 6:|BlockingIOError"):
        raise failure(build(train("os.fork()")))


@pytest.mark.parametrize("walls", ["build", "build_bare"])
def test_deep_and_locked_folders_are_removed(walls: str, request: pytest.FixtureRequest) -> None:
    body = """
    for _ in range(1500):
        os.mkdir("d")
        os.chdir("d")
    os.mkdir("locked", 0)
    try: os.symlink("/", "link")
    except PermissionError: pass
    return 1
    """
    build = request.getfixturevalue(walls)
    assert call(build(train(body), limits=Limits())) == 1  # the fixture looks for leftovers


def test_a_budget_ends_a_submission_that_is_slow_everywhere(build: Build) -> None:
    limits = Limits(call_seconds=1, total_seconds=0.6)
    backend = build(
        train("t = time.process_time()\nwhile time.process_time() < t + 0.25: pass"), limits=limits
    )
    for _ in range(2):
        call(backend)
        backend.reset()
    for _ in range(2):
        error = failure(backend)
        assert error.status == "timeout"
        assert error.message == "the submission has used up its 0.6 s of CPU time"
    assert backend.cpu_seconds >= 0.6


def test_sleeping_in_every_call_ends_in_bounded_time(build: Build) -> None:
    limits = Limits(call_seconds=5, idle_seconds=0.5)
    backend = build(train("time.sleep(0.2); return 1"), limits=limits)
    answered: list[object] = []
    with pytest.raises(TargetError) as caught:
        answered.extend(call(backend) for _ in range(20))
    assert caught.value.status == "timeout"
    assert caught.value.message == "the calls of the submission have slept for 0.5 s in all"


def test_the_limit_of_memory_is_what_is_left_to_the_submission(build: Build) -> None:
    limits = Limits(call_seconds=5, memory=64 << 20)  # less than the interpreter has with NumPy
    assert call(build(train("return np.ones(1 << 21)"), limits=limits)).nbytes == 16 << 20
    assert "MemoryError" in failure(build(train("return np.ones(1 << 24)"), limits=limits)).message


def test_two_workers_of_a_submission_share_its_limits(build: Build) -> None:
    limits = Limits(call_seconds=5, total_seconds=1)
    busy = "t = time.process_time()\nwhile time.process_time() < t + 0.2: pass"
    pair = [build(train(busy), limits=limits) for _ in range(2)]
    pair[1].account = pair[0].account
    answered: list[object] = []
    with pytest.raises(TargetError, match=r"^the submission has used up its 1 s of CPU time$"):
        answered.extend(call(pair[index % 2]) for index in range(20))
    assert len(answered) < 8  # each alone would answer ten
    assert pair[0].cpu_seconds == pair[1].cpu_seconds
