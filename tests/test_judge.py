"""The judge against hostile submissions: each ends in one status and one sentence."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from lawbook import worker
from lawbook.judge.messages import readable
from lawbook.judge.remote import RemoteBackend
from lawbook.judge.scratch import remove_tree
from lawbook.judge.zygote import JudgeError, Limits, Zygote
from lawbook.operations import Draw, Invoke, New, Seed, TargetError, Value

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="workers are forked")

ADAPTER = """
import runpy, types

def load(root):
    names = runpy.run_path(root + "/Layer.py")
    return types.SimpleNamespace(
        operations={"layer": names["Layer"]},
        errors={"other": "Other.py does not compile: line 3: invalid syntax"},
        notes=["Layer.py was found in the top folder"],
        profile="2024",
    )
"""
LAYER = """
import numpy as np
class Layer:
    def __init__(self, *, scale=2.0, **rest):
        self.scale = scale
    def train(self, x):
        return self.scale * x
"""
QUICK = Limits(call_seconds=0.3, import_seconds=0.5, total_seconds=5.0)
Build = Callable[..., RemoteBackend]


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    zygote = Zygote()
    yield zygote
    zygote.close()
    assert not zygote.directory.exists()


@pytest.fixture
def build(tmp_path: Path, zygote: Zygote) -> Iterator[Build]:
    """Makes the backend of a submission whose Layer.py is the given source."""
    backends: list[RemoteBackend] = []

    def make(source: str, adapter: str = ADAPTER, limits: Limits = QUICK) -> RemoteBackend:
        (tmp_path / "submission").mkdir(exist_ok=True)
        (tmp_path / "submission" / "Layer.py").write_text(textwrap.dedent(source))
        path = tmp_path / f"adapter{len(backends)}.py"
        path.write_text(adapter)
        backends.append(RemoteBackend(path, tmp_path / "submission", zygote=zygote, limits=limits))
        return backends[-1]

    yield make
    for backend in backends:
        backend.close()
    left = {entry.name for entry in zygote.directory.iterdir()} - {"zygote.log"}
    assert not left, "a worker's directory was left behind"


def train(body: str, top: str = "") -> str:
    """A submission whose train(x) has this body."""
    lines = textwrap.indent(textwrap.dedent(body).strip(), "        ")
    return (
        "import os, sys, time, signal, socket, gc\nimport numpy as np\n"
        f"{top}\nclass Layer:\n    def train(self, x):\n{lines}\n"
    )


def call(backend: RemoteBackend, x: Value = None) -> Value:
    x = np.ones(3) if x is None else x
    return backend.run([New(1, "layer", {}), Invoke(1, "train", (x,))])[1]


def failure(backend: RemoteBackend) -> TargetError:
    with pytest.raises(TargetError) as caught:
        call(backend)
    message = caught.value.message
    assert message
    assert len(message) <= 400
    assert message.isprintable()
    return caught.value


# --- honest submissions ---------------------------------------------------------------------------


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
    allowed = {*worker_environment(), "HOME", "TMPDIR", "LC_CTYPE", *told}
    assert set(names.split()) <= allowed
    assert os.path.realpath(home) == directory
    assert files == []


def worker_environment() -> set[str]:
    from lawbook.judge.zygote import ENVIRONMENT

    return set(ENVIRONMENT)


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
main = sys.modules["__main__"]
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
    "parent forks away": (
        "if os.fork() == 0: time.sleep(30)\nos._exit(0)",
        "crash",
        r"\(exit code 0\)$",
    ),
}


@pytest.mark.parametrize("name", DEADLY)
def test_a_deadly_call_ends_in_its_status_and_a_fresh_worker(build: Build, name: str) -> None:
    body, status, pattern = DEADLY[name]
    if name == "parent forks away" and os.geteuid() != 0:
        pytest.skip("an ordinary user's worker may not fork at all")
    guarded = f"if x[0] == 5: return x\n{body}\nreturn x"
    backend = build(train(guarded, top=FORGE))
    start = time.monotonic()
    error = failure(backend)
    assert error.status == status
    with pytest.raises(TargetError, match=pattern):
        raise error
    assert time.monotonic() - start < 4
    np.testing.assert_array_equal(call(backend, np.full(1, 5.0)), [5.0])


def test_a_forged_reply_is_only_an_answer_and_the_second_one_is_caught(build: Build) -> None:
    body = """
    os.write(3, main.encode({"id": request(), "more": False, "error": None}, [None, 42]))
    return x
    """
    backend = build(train(body, top=FORGE))
    assert call(backend) == 42
    time.sleep(0.1)
    assert failure(backend).message == "the submission sent a reply that nobody had asked for"


def test_no_process_is_left_behind(build: Build, tmp_path: Path) -> None:
    body = f"""
    for k in range(20):
        if os.fork() == 0:
            if k % 2: os.setsid()
            open({str(tmp_path)!r} + "/pid" + str(os.getpid()), "w").close()
            time.sleep(60)
    time.sleep(60)
    """
    backend = build(train(body))
    error = failure(backend)
    started = [int(path.name[3:]) for path in tmp_path.glob("pid*")]
    if os.geteuid() != 0:
        assert error.status == "error"
        assert not started
        return
    assert error.status == "timeout"
    assert started
    for process in started:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


def test_deep_and_locked_folders_are_removed(build: Build) -> None:
    body = """
    for _ in range(1500):
        os.mkdir("d")
        os.chdir("d")
    os.mkdir("locked", 0)
    os.symlink("/", "link")
    return 1
    """
    assert call(build(train(body), limits=Limits())) == 1  # the fixture looks for leftovers


def test_a_link_is_removed_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").touch()
    (tmp_path / "gone" / "a" / "b").mkdir(parents=True)
    (tmp_path / "gone" / "a" / "link").symlink_to(tmp_path / "kept")
    remove_tree(tmp_path / "gone")
    remove_tree(tmp_path / "gone")
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    assert (tmp_path / "kept" / "file").exists()


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


# --- loading --------------------------------------------------------------------------------------

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
            "import os, sys\nencode = sys.modules['__main__'].encode\n"
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


# --- the zygote -----------------------------------------------------------------------------------


def test_the_zygote_starts_in_the_background() -> None:
    start = time.monotonic()
    zygote = Zygote()
    assert time.monotonic() - start < 0.05
    assert zygote.versions["numpy"] == np.__version__
    zygote.close()
    zygote.close()


@pytest.mark.parametrize(
    ("python", "words"),
    [
        ("/nonexistent/python", "cannot be run: No such file or directory"),
        ("/bin/true", "cannot run a worker: it did not answer"),
        ("/etc/hostname", "cannot be run"),
    ],
)
def test_a_bad_interpreter_is_named(python: str, words: str) -> None:
    with pytest.raises(JudgeError) as caught:
        _ = Zygote(python).versions
    assert str(caught.value).startswith(python)
    assert words in str(caught.value)


def test_an_interpreter_without_numpy_is_named(tmp_path: Path) -> None:
    bare = tmp_path / "python"
    bare.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')
    bare.chmod(0o755)
    with pytest.raises(JudgeError, match="No module named 'numpy'"):
        _ = Zygote(bare).versions


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_zygote_that_was_killed_or_stopped_is_replaced(
    tmp_path: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lawbook.judge.zygote.ANSWER_SECONDS", 0.5)
    monkeypatch.setattr("lawbook.judge.zygote.END_SECONDS", 0.5)
    (tmp_path / "adapter.py").write_text(ADAPTER)
    (tmp_path / "Layer.py").write_text(LAYER)
    with RemoteBackend(tmp_path / "adapter.py", tmp_path, limits=QUICK) as backend:
        call(backend)
        os.kill(backend._zygote._process.pid, number)
        backend.reset()
        np.testing.assert_array_equal(call(backend), [2, 2, 2])


def test_the_environment_of_the_judge_stays_with_the_judge(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "seed")
    (tmp_path / "adapter.py").write_text(ADAPTER)
    (tmp_path / "Layer.py").write_text(train("return os.environ.get('SECRET')"))
    with RemoteBackend(tmp_path / "adapter.py", tmp_path) as backend:
        assert call(backend) is None


def test_the_worker_file_stands_alone(tmp_path: Path) -> None:
    """It runs isolated, without lawbook on the path, and ends when its control socket closes."""
    code = f"import sys; sys.argv = ['x']; import runpy; runpy.run_path({worker.__file__!r})"
    subprocess.run([sys.executable, "-I", "-c", code], check=True, cwd=tmp_path)
    text = Path(worker.__file__).read_text()
    assert "import lawbook" not in text
    assert "from lawbook" not in text


# --- small things ---------------------------------------------------------------------------------


def test_limits_are_positive() -> None:
    with pytest.raises(ValueError, match="call_seconds must be positive, not 0"):
        Limits(call_seconds=0)
    assert Limits(memory=None).for_worker()["memory"] is None


def test_untrusted_text_becomes_one_printable_line() -> None:
    assert readable("a\n\tb\x1b[31m\u202e\ud800") == "a b?[31m??"
    assert len(readable("x" * 10_000)) == 300
    assert json.dumps(readable("\x00")) == '"?"'
