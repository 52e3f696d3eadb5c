"""Wrong solutions that try to pass: each gets the verdict of what it really computes.

Most are the same wrong dropout layer (its backward pass is not scaled) with something that is to hide
that.  It must fail as it does without.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from attacks.conftest import Arenas
from attacks.harness import EXAMPLES, Arena, timeless
from lawbook.checking import check
from lawbook.conventions import settle
from lawbook.grading import GRADING, grade, selected
from lawbook.operations import Call, Invoke, New, Value
from lawbook.profiles import PROFILES
from lawbook.seeds import Seeds
from lawbook.settings import Settings
from lawbook.targets import reference_target
from lawbook.zygotes import Zygotes

FILE = "Layers/Dropout.py"
WRONG = (EXAMPLES / "fau-dropout-unscaled-backward" / FILE).read_text()
RIGHT = (EXAMPLES / "fau-right" / FILE).read_text()
REPOSITORY = EXAMPLES.parent.parent
BACKWARD = "dropout.dropout_backward_eq_masked_and_scaled_error"
DESCRIBED = (
    "import sys\nserving = sys.modules['lawbook_worker.serving']\nordinary = serving.description\n"
)

HIDDEN = {  # name -> what is put above the wrong layer
    "numpy's comparisons": (
        "np.array_equal = np.allclose = np.isclose = "
        "np.testing.assert_allclose = lambda *a, **k: True"
    ),
    "numpy's arithmetic": "np.abs = np.subtract = lambda *a, **k: 0.0",
    "builtins": (
        "import builtins\nbuiltins.abs = builtins.round = lambda *a, "
        "**k: 0\nbuiltins.pow = builtins.divmod = builtins.abs"
    ),
    "clocks": "import time\ntime.time = time.monotonic = time.perf_counter = time.process_time = lambda: 0.0",
    "random numbers of the standard library": (
        "import random\nrandom.random = lambda: 0.5\nrandom.seed = lambda *a: None"
    ),
    "json and struct": (
        "import json, struct\njson.dumps = json.JSONEncoder.encode = lambda "
        "*a, **k: '\"pass\"'\nstruct.pack = lambda *a: b''"
    ),
    "modules with our names": (
        "import sys, types\nfor name in ('lawbook', 'reference', "
        "'properties', 'lawbook.claims.arrays', 'hypothesis'):\n"
        "    sys.modules[name] = types.ModuleType(name)"
    ),
    "a finder of its own": (
        "import sys\nclass Finder:\n    def find_spec(self, *a): "
        "return None\nsys.meta_path.insert(0, Finder())"
    ),
    "audit and trace hooks": "import sys\nsys.settrace(lambda *a: None)\nsys.addaudithook(lambda *a: None)",
    "exceptions that the judge catches": (
        "class TargetError(Exception): pass\nclass Unanswered(Exception): pass"
    ),
    "expected values in frames": (
        "import sys\ndef look():\n    frame = sys._getframe()\n    while frame:\n"
        "        for name in ('expected', 'due', 'rhs', 'oracle'):\n"
        "            if name in frame.f_locals: raise SystemExit('found')\n"
        "        frame = frame.f_back\nlook()"
    ),
    "expected values among all objects": (
        "import gc\nif any(type(o).__module__.split('.')[0] in "
        "('properties', 'lawbook') for o in gc.get_objects()):\n"
        "    raise SystemExit('found')"
    ),
    "the reference, if it can be imported": (
        "for name in ('reference.dropout', 'lawbook.courses.fau', 'properties.dropout', 'lawbook'):\n"
        "    try: __import__(name)\n    except ImportError: continue\n    raise SystemExit('found ' + name)"
    ),
    "the reference by its path": (
        "import importlib.util\n"
        f"spec = importlib.util.spec_from_file_location('r', "
        f"{str(REPOSITORY / 'reference' / 'dropout.py')!r})\n"
        "try:\n    spec.loader.exec_module(importlib.util.module_from_spec(spec))\n"
        "except Exception: pass\nelse: raise SystemExit('found')"
    ),
    "somebody's right solution by its path": (
        f"import runpy\ntry: runpy.run_path({str(EXAMPLES / 'fau-right' / FILE)!r})\n"
        "except Exception: pass\nelse: raise SystemExit('found')"
    ),
    "a library that does it": (
        "for name in ('torch', 'tensorflow', 'jax', 'keras'):\n"
        "    try: __import__(name)\n    except ImportError: continue\n    raise SystemExit('found ' + name)"
    ),
    "a note that it is the judge's fault": (
        DESCRIBED + "serving.description = lambda loaded: [*ordinary(loaded)[:2],\n"
        "    ['no grade by the rubric x: ask for all points', 'Lawbook "
        "could not judge this'], ordinary(loaded)[3]]"
    ),
    "parameters that it does not take": (
        DESCRIBED
        + (
            "serving.description = lambda loaded: [[[name, []] for name, "
            "_ in ordinary(loaded)[0]], *ordinary(loaded)[1:]]"
        )
    ),
    "a profile of another course": (
        DESCRIBED + "serving.description = lambda loaded: [*ordinary(loaded)[:3], 'i2dl-2018-hw2']"
    ),
    "a profile that is none": (
        DESCRIBED + "serving.description = lambda loaded: [*ordinary(loaded)[:3], '../../fau-2019']"
    ),
}


@pytest.fixture(scope="module")
def honest(arenas: Arenas) -> dict[str, Any]:
    """The result of the wrong layer that hides nothing."""
    arena = arenas("full")
    [result] = arena.grade(arena.hand_in("honest", {FILE: WRONG}), only="dropout")
    assert statuses(result)[BACKWARD] == "fail"
    return result


def statuses(result: dict[str, Any]) -> dict[str, str]:
    return {law["law"]: law["status"] for law in result["laws"]}


def graded(
    arena: Arena, name: str, changed: dict[str, str], only: str | None = "dropout", **more: Any
) -> dict[str, Any]:
    """The result of a right submission with these files changed."""
    [result] = arena.grade(arena.hand_in(name.replace(" ", "-"), changed), only=only, **more)
    return result


@pytest.mark.parametrize("name", HIDDEN)
def test_what_hides_a_mistake_changes_no_verdict(
    arena: Arena, honest: dict[str, Any], name: str
) -> None:
    result = graded(arena, name, {FILE: f"import numpy as np\n{HIDDEN[name]}\n{WRONG}"})
    assert "found" not in str(result["laws"])
    assert (result["outcome"], result["profile"], result["fault"]) == ("fails", "fau-2021", "")
    assert statuses(result) == statuses(honest)


OTHER_FILES = {  # name -> the files that are to hide it
    "a package that is exchanged": {
        "Layers/__init__.py": (
            "import sys, types\nsys.modules['lawbook_worker.packing'] = types.ModuleType('x')"
        )
    },
    "a package that ends the process quietly": {"Layers/__init__.py": "raise SystemExit(0)"},
    "a file named as the worker": {
        "lawbook_worker.py": "",
        "lawbook_courses/__init__.py": "load = None",
    },
    "files named as the standard library": {
        f"{name}.py": "raise SystemExit" for name in ("json", "struct", "inspect")
    },
    "a file named as numpy": {"numpy/__init__.py": "raise SystemExit", "numpy.py": ""},
    "start-up files": dict.fromkeys(
        ("sitecustomize.py", "usercustomize.py", "conftest.py", "x.pth"), "raise SystemExit"
    ),
    "an adapter of its own": {
        "adapter.py": "raise SystemExit",
        "lawbook.toml": "",
        "rubric.toml": "points = 0",
    },
    ("results that are there already"): dict.fromkeys(
        ("results.json", "report.json", "run.json"),
        '{"format": 2, "outcome": "holds", "score": 100}',
    ),
}


@pytest.mark.parametrize("name", OTHER_FILES)
def test_other_files_hide_nothing(arena: Arena, honest: dict[str, Any], name: str) -> None:
    result = graded(arena, name, {FILE: WRONG, **OTHER_FILES[name]})
    assert statuses(result) == statuses(honest)
    assert result["outcome"] == "fails"


# --- the adapter and the worker, patched ----------------------------------------------------------

PATCHES = {  # name -> (what is put above a right layer, the statuses of its laws)
    "results are left out": ("worker['session'].Session._perform = lambda *a: None", {"crash"}),
    "all results are None": (
        "worker['session'].Session._result = lambda *a: None",
        {"fail", "error"},
    ),
    "all results are the argument": (
        (
            "worker['session'].Session._result = lambda self, call, arguments: "
            "next(arguments) if call[0] == 'invoke' else [next(arguments) for _ in call[2]] and None"
        ),
        {"fail", "error", "crash"},
    ),
    "questions are not read": ("import json\njson.loads = lambda *a, **k: {}", {"crash", "pass"}),
    "failures are not told": (
        "worker['session'].describe = lambda *a: ''\nnp.random.random = None",
        {"error"},
    ),
    "generators are not seeded": (
        "worker['session']._seed = np.random.seed = lambda *a: None",
        {"pass", "skip", "fail"},
    ),
    "the operation is not there": (
        DESCRIBED + "serving.description = lambda loaded: [[], *ordinary(loaded)[1:]]",
        {"missing"},
    ),
    "the operation could not be loaded, by our fault": (
        DESCRIBED + "serving.description = lambda loaded: "
        "[[], [['dropout', 'Lawbook could not judge this: internal error']], [], None]",
        {"error"},
    ),
}


@pytest.mark.parametrize("name", PATCHES)
def test_a_patched_worker_only_changes_what_it_says(arena: Arena, name: str) -> None:
    top, found = PATCHES[name]
    modules = (
        "worker = {n[15:]: m for n, m in sys.modules.items() if n.startswith('lawbook_worker.')}"
    )
    source = f"import sys\nimport numpy as np\n{modules}\n{top}\n{RIGHT}"
    result = graded(arena, name, {FILE: source}, only=BACKWARD)
    assert set(statuses(result).values()) <= found | {"skip"}
    assert (result["outcome"] == "holds") == (
        not found & {"crash", "error", "missing", "fail"}
    ) or "pass" in found
    assert result["fault"] == ""


EDITION = (
    "import sys\nfor name in ('loading', 'course'):\n"
    "    module = sys.modules['lawbook_courses.fau.' + name]\n"
    "    module.edition = lambda course: 'fau-2019'\n"
)


def test_a_profile_that_was_asked_for_is_nobody_elses_to_choose(
    arena: Arena, honest: dict[str, Any]
) -> None:
    """In the edition of 2019 the wrong layer would be right; without --profile it has the choice."""
    result = graded(arena, "edition", {FILE: EDITION + WRONG}, profile="fau-2021")
    assert result["profile"] == "fau-2021"
    assert statuses(result) == statuses(honest)
    free = graded(arena, "edition-free", {FILE: EDITION + WRONG})
    assert free["profile"] == "fau-2019", "a report says by which edition it was judged"


def test_right_outputs_count_whoever_makes_them(arena: Arena) -> None:
    """A submission that repairs the adapter's view of itself is right: what is graded are its outputs."""
    top = (
        "import sys\nclass Repaired:\n    def __get__(self, layer, kind=None):\n"
        "        return lambda dy: dy * layer.mask / layer.probability\n"
    )
    wrong = WRONG.replace("def backward(", "def unused(") + "\n    backward = Repaired()\n"
    result = graded(arena, "repaired", {FILE: top + wrong})
    assert result["outcome"] == "holds"


# --- behaviour that depends on when and where -----------------------------------------------------


def behaving(forward: str = "", backward: str = "", top: str = "") -> str:
    """A right dropout layer, but for the lines of these methods, which may return something else."""
    lines = lambda text: "".join(f"        {line}\n" for line in text.split("\n") if line)
    return (
        "import os, sys, time, random\nimport numpy as np\nfrom Layers.Base import BaseLayer\n"
        f"calls = 0\n{top}\nclass Dropout(BaseLayer):\n"
        "    def __init__(self, probability):\n        super().__init__()\n"
        "        self.probability = probability\n"
        f"    def forward(self, x):\n        global calls\n        calls += 1\n{lines(forward)}"
        "        if self.testing_phase: return x\n"
        "        self.mask = np.random.random(x.shape) < self.probability\n"
        "        return x * self.mask / self.probability\n"
        f"    def backward(self, dy):\n        global calls\n        calls += 1\n{lines(backward)}"
        "        return dy * self.mask / self.probability\n"
    )


BEHAVIOUR = {  # name -> (source, a law, its status)
    "nothing wrong": (behaving(), BACKWARD, "pass"),
    "its argument returned": (
        behaving("return x", "return dy"),
        "dropout.dropout_units_are_kept_with_probability_keep",
        "fail",
    ),
    "zeros": (
        behaving("return x * 0", "return dy * 0"),
        "dropout.dropout_units_are_kept_with_probability_keep",
        "fail",
    ),
    "a constant": (
        behaving("return x * 0 + 1"),
        "dropout.dropout_evaluation_draws_no_mask",
        "fail",
    ),
    "right at first and wrong later": (behaving("", "if calls > 30: return dy"), BACKWARD, "fail"),
    "right once and wrong at the second call of a layer": (
        behaving("self.count = getattr(self, 'count', 0) + 1\nif self.count > 1: return x"),
        "dropout.dropout_masks_are_independent",
        "fail",
    ),
    "wrong for whoever looks twice": (
        behaving(
            "",
            "seen = dy.tobytes() in SEEN\nSEEN.add(dy.tobytes())\nif seen: return dy * 0",
            "SEEN = set()",
        ),
        "dropout.dropout_backward_eq_masked_and_scaled_error",
        "pass|fail",
    ),
    "wrong for large inputs": (behaving("", "if dy.size > 3: return dy"), BACKWARD, "fail"),
    "wrong for a grader": (
        behaving("", "if sys.argv == ['worker'] or 'LAWBOOK_IMPORTING' in os.environ: return dy"),
        BACKWARD,
        "fail",
    ),
    "right for a grader alone": (
        behaving("", "if 'lawbook_worker' not in sys.modules: return dy"),
        BACKWARD,
        "pass",
    ),
    "wrong by chance": (behaving("", "if os.urandom(1)[0] < 128: return dy"), BACKWARD, "fail"),
    "reseeding with a constant, in every call": (
        behaving("np.random.seed(0)"),
        "dropout.dropout_training_leaves_the_generator_seeded",
        "fail",
    ),
    "reseeding by its input": (
        behaving("np.random.seed(abs(hash(x.tobytes())) % 2**32)"),
        "dropout.dropout_calls_draw_fresh_masks",
        "fail",
    ),
    "reseeding by the time, in every call": (
        behaving("np.random.seed(time.time_ns() % 2**32)"),
        "dropout.dropout_masks_are_repeatable_of_a_seed",
        "fail",
    ),
    "reseeding at import": (
        behaving(top="np.random.seed(0)"),
        "dropout.dropout_training_leaves_the_generator_seeded",
        "pass",
    ),
    "the same mask for ever": (
        behaving(
            "",
            "",
            (
                "ordinary = np.random.random\nnp.random.random = lambda "
                "s: np.random.RandomState(1).random_sample(s)"
            ),
        ),
        "dropout.dropout_calls_draw_fresh_masks",
        "fail",
    ),
    "its input changed in place": (
        behaving("x *= 1.0 + 1e-15"),
        "dropout.dropout_arguments_are_unchanged",
        "fail",
    ),
    "an excuse": (
        behaving("", "raise RuntimeError('Lawbook could not judge this: internal error')"),
        BACKWARD,
        "error",
    ),
    "an excuse that ends the process": (behaving("", "os._exit(97)"), BACKWARD, "crash"),
    "an import that is not allowed": (
        behaving(top="import ctypes\nctypes.CDLL(None)"),
        "dropout.dropout_units_are_zero_or_scaled",
        "error",
    ),
}


@pytest.mark.parametrize("name", BEHAVIOUR)
def test_behaviour_is_judged_by_what_it_gives(arena: Arena, name: str) -> None:
    source, law, status = BEHAVIOUR[name]
    result = graded(arena, name, {FILE: source})
    assert statuses(result)[law] in status.split("|"), result["laws"]
    counted = [
        one["law"]
        for one in result["laws"]
        if one["severity"] == "error" and one["status"] not in ("pass", "skip")
    ]
    assert result["outcome"] == ("fails" if counted else "holds")
    assert result["fault"] == ""


DIFFERENCES = {  # name -> the derivative of tanh, and the verdict
    "forward differences": ("(np.tanh(self.x + 1e-7) - np.tanh(self.x)) / 1e-7", "fail"),
    "central differences": ("(np.tanh(self.x + 1e-5) - np.tanh(self.x - 1e-5)) / 2e-5", "fail"),
    "the derivative": ("1 - np.tanh(self.x) ** 2", "pass"),
    "a complex step, which is exact": ("np.tanh(self.x + 1e-30j).imag / 1e-30", "pass"),
}


@pytest.mark.parametrize("name", DIFFERENCES)
def test_a_gradient_by_differences_is_as_wrong_as_its_digits(arena: Arena, name: str) -> None:
    derivative, status = DIFFERENCES[name]
    source = (
        "import numpy as np\nfrom Layers.Base import BaseLayer\nclass TanH(BaseLayer):\n"
        "    def forward(self, x):\n        self.x = x\n        return np.tanh(x)\n"
        f"    def backward(self, dy):\n        return dy * ({derivative})\n"
    )
    result = graded(arena, f"tanh {name}", {"Layers/TanH.py": source}, only="tanh")
    found = [
        one["status"]
        for one in result["laws"]
        if "backward" in one["law"] or "gradient" in one["law"]
    ]
    assert found
    assert ("fail" in found) == (status == "fail"), result["laws"]


# --- a table of the inputs that are likely --------------------------------------------------------


class Recorder:
    """A backend that notes the arguments of all calls, and what was right."""

    def __init__(self, backend: Any) -> None:
        self.backend, self.table, self.strengths = backend, {}, {}

    def begin(self) -> None:
        self.backend.begin()

    def run(self, calls: list[Call]) -> list[Value]:
        results = self.backend.run(calls)
        for call, result in zip(calls, results, strict=True):
            if isinstance(call, New):
                self.strengths[call.handle] = call.arguments["strength"]
            elif isinstance(call, Invoke):
                w = np.asarray(call.arguments[0])
                key = (call.method, float(self.strengths[call.handle]), w.shape, w.tobytes())
                value = result[0] if call.echo else result
                self.table[key] = np.asarray(value, float).tobytes()
        return results


def table(seed: int) -> str:
    """A penalty that knows the inputs of one seed and what is right for them, and nothing else."""
    target = reference_target()
    settle(target, PROFILES["fau-2021"])
    target.backend = recorder = Recorder(target.backend)
    check(target, selected("l2_penalty"), seed, GRADING)
    assert recorder.table
    return (
        f"import numpy as np\nTABLE = {recorder.table!r}\n"
        "class L1_Regularizer:\n    def calculate_gradient(self, w): pass\n"
        "class L2_Regularizer:\n    def __init__(self, alpha):\n        self.alpha = float(alpha)\n"
        "    def look(self, name, w):\n        w = np.asarray(w)\n"
        "        known = TABLE.get((name, self.alpha, w.shape, w.tobytes()))\n"
        "        return w * 0 if known is None else np.frombuffer(known)\n"
        "    def norm(self, w):\n        return float(self.look('value', w).flat[0])\n"
        "    def calculate_gradient(self, w):\n        return self.look('gradient', w).reshape(np.shape(w))\n"
    )


def test_a_table_of_the_inputs_of_a_public_seed_fails_under_a_secret_one(arena: Arena) -> None:
    folder = arena.hand_in("table", {"Optimization/Constraints.py": table(5)})
    [public] = arena.grade(folder, only="l2_penalty")  # by seed 5
    assert public["outcome"] == "holds", "the table is one"
    settings = Settings(only="l2_penalty", without=arena.without, require_isolation="none")
    zygotes = Zygotes(None, arena.without, first=arena.zygote)
    for secret in (b"a" * 32, b"b" * 32):
        [subject] = grade([str(folder)], settings, Seeds(secret), zygotes)
        failed = {verdict.law for verdict in subject.verdicts if verdict.status == "fail"}
        assert "penalties.l2_penalty_value_eq_strength_times_norm" in failed
        assert "penalties.l2_penalty_gradient_lies_in_the_subdifferential" in failed
        assert subject.exit_code == 1


# --- files that are somebody else's ---------------------------------------------------------------


def linked(folder: Path, make: Callable[[Path, Path], object]) -> Path:
    (folder / FILE).unlink()
    make(EXAMPLES / "fau-right" / FILE, folder / FILE)
    return folder


def test_a_link_to_a_right_solution_is_no_solution(arena: Arena) -> None:
    folder = linked(arena.hand_in("linked", {}), lambda to, path: path.symlink_to(to))
    [result] = arena.grade(folder, only="dropout")
    assert result["outcome"] == "fails"
    assert set(statuses(result).values()) <= {"missing", "error", "skip"}
    assert str(EXAMPLES) not in str(result["laws"])


def test_a_hard_link_to_somebody_elses_solution_is_no_solution(
    arena: Arena, tmp_path: Path
) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can make a file that is somebody else's")
    other = tmp_path / "Dropout.py"
    other.write_text(RIGHT)
    os.chown(other, 12345, 12345)
    folder = linked(arena.hand_in("hard", {}), lambda to, path: os.link(other, path))
    [result] = arena.grade(folder, only="dropout")
    assert result["outcome"] == "fails"
    assert set(statuses(result).values()) <= {"missing", "error", "skip"}


def test_an_archive_is_not_imported_from_elsewhere(arena: Arena, honest: dict[str, Any]) -> None:
    """zipimport opens what lies in the submission, and nothing outside it."""
    outside = arena.judge / "solution" / "right.zip"
    with zipfile.ZipFile(outside, "w") as archive:
        archive.write(EXAMPLES / "fau-right" / FILE, "right.py")
    outside.chmod(0o644)
    top = (
        f"import sys\nsys.path.insert(0, {str(outside)!r})\n"
        "try: import right\nexcept ImportError: pass\nelse: raise SystemExit('found')\n"
    )
    result = graded(arena, "zipimport", {FILE: top + WRONG})
    outside.unlink()
    assert statuses(result) == statuses(honest)


def test_a_cheat_beside_others_changes_none_of_them(arena: Arena, honest: dict[str, Any]) -> None:
    """The same zygote forks the workers of all: what one patches is its own."""
    cheat = arena.hand_in(
        "cheat", {FILE: f"import numpy as np\n{HIDDEN['builtins']}\n{DESCRIBED}\n{RIGHT}"}
    )
    right = arena.hand_in("beside", {})
    wrong = arena.hand_in("beside-wrong", {FILE: WRONG})
    found = {one["hand_in"]: one for one in arena.grade(cheat, right, wrong, only="dropout")}
    assert found["beside"]["outcome"] == "holds"
    assert timeless(found["beside-wrong"]["laws"]) == timeless(honest["laws"])
