"""The course adapters: the examples run, and differ from the right ones where they say."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from course_calls import (
    BETA,
    CS231N,
    EXAMPLES,
    FAU,
    GAMMA,
    MATRICES,
    X,
    network_calls,
    same,
    transcript,
)

from lawbook.courses import cs231n, fau

# The operations in which a wrong example differs from the right one of its course: no others.
WRONG = {
    "fau-adam-moves-without-gradient": {"adam", "batch_norm_update"},
    "fau-batch-norm-last-batch-statistics": {"batch_norm"},
    "fau-batch-norm-shared-optimizer": {"batch_norm_update"},
    "fau-dropout-unscaled-backward": {"dropout"},
    "fau-l1-gradient-undefined-at-zero": {"l1_penalty"},
    "fau-network-stays-in-test-phase": {"network"},
    "cs231n-adam-without-bias-correction": {"adam"},
    "cs231n-batch-norm-alt-without-mean-term": {"batch_norm_alt"},
    "cs231n-batch-norm-stale-running-averages": {"batch_norm", "batch_norm_alt"},
    "cs231n-dropout-drops-but-divides-by-p": {"dropout"},
    "cs231n-rmsprop-eps-inside-root": {"rmsprop"},
    "cs231n-spatial-batch-norm-mixes-channels": {"batch_norm"},
}


def course_of(name: str) -> ModuleType:
    return fau if name.startswith("fau") else cs231n


# --- the examples ----------------------------------------------------------------------------------


def test_right_fau_example_offers_every_operation() -> None:
    loaded = fau.load(str(FAU))
    expected = {row[0] for row in fau.loading.TABLE} - fau.loading.OTHER_EXERCISES
    assert set(loaded.operations) == expected
    assert (loaded.errors, loaded.notes, loaded.profile) == ({}, [], "fau-2021")


def test_right_cs231n_example_offers_every_operation() -> None:
    loaded = cs231n.load(str(CS231N))
    assert set(loaded.operations) == {row[0] for row in cs231n.loading.TABLE}
    assert (loaded.errors, loaded.notes, loaded.profile) == ({}, [], None)


def test_every_example_is_named_here() -> None:
    names = {path.name for path in EXAMPLES.iterdir()}
    others = {
        name for name in names if name.startswith(("i2dl-", "mytorch-"))
    }  # in files of their own
    assert names - others == set(WRONG) | {"fau-right", "cs231n-right"}


@pytest.mark.parametrize("name", sorted(WRONG))
def test_wrong_example_differs_from_the_right_one_where_it_says(name: str) -> None:
    course = course_of(name)
    tail = Path() if course is fau else Path("cs231n")
    right = transcript(course, EXAMPLES / f"{name.partition('-')[0]}-right" / tail)
    wrong = transcript(course, EXAMPLES / name / tail)
    assert {key for key in right if not same(right[key], wrong[key])} == WRONG[name]


def test_batch_norm_of_the_right_example_is_batch_norm() -> None:
    for course, root in ((fau, FAU), (cs231n, CS231N)):
        y = course.load(str(root)).operations["batch_norm"](gamma=GAMMA, beta=BETA).train(X.copy())
        deviation = (y - BETA) / GAMMA
        assert np.abs(deviation.mean(axis=0)).max() < 1e-12
        assert np.abs(deviation.std(axis=0) - 1).max() < 1e-4


def test_network_counts_the_penalty_of_both_layers_once() -> None:
    network = fau.load(str(FAU)).operations["network"]
    plain, penal, phases = network_calls(network)
    assert abs(penal - plain - 0.5 * sum(float(np.sum(m**2)) for m in MATRICES)) < 1e-12
    assert phases == [False, True, False]


def test_p_may_mean_drop() -> None:
    for course, root in ((fau, FAU), (cs231n, CS231N)):
        dropout = course.load(str(root)).operations["dropout"]
        kept = np.mean(dropout(keep=0.9, p="drop").train(np.ones((100, 100))) != 0)
        assert abs(kept - 0.1) < 0.03


# --- loading by path -------------------------------------------------------------------------------


@pytest.mark.parametrize(("course", "root"), [(fau, FAU), (cs231n, CS231N)])
def test_adapter_is_loaded_by_path_without_lawbook(course: ModuleType, root: Path) -> None:
    adapter = Path(str(course.__file__)).with_name("adapter.py")
    program = (
        "import importlib.util, sys\n"
        f"spec = importlib.util.spec_from_file_location('adapter', {str(adapter)!r})\n"
        "adapter = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(adapter)\n"
        f"print(len(adapter.load({str(root)!r}).operations))\n"
        "assert not any(name.split('.')[0] == 'lawbook' for name in sys.modules)\n"
    )
    command = [sys.executable, "-I", "-c", program]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert int(printed) == len(course.load(str(root)).operations)


@pytest.mark.parametrize(("course", "root"), [(fau, FAU), (cs231n, CS231N.parent)])
def test_script_runs_without_lawbook(course: ModuleType, root: Path) -> None:
    given: dict[str, Any] = {
        "keep": 0.5, "gamma": "g", "beta": "b", "eps": 1e-5, "decay": 0.9, "strength": 0.1,
        "optimizer": "'adam'", "learning_rate": 0.1, "momentum": 0.9, "beta1": 0.9, "beta2": 0.99,
        "value": 0.7, "penalty": "'l2'", "weights": "[np.ones((3, 4)), np.ones((4, 3))]",
    }  # fmt: skip
    arguments = {"step": ("x", "x"), "draw": ("(3, 3)", 3, 3), "loss": ("x", "x")}
    lines = ["import numpy as np", "x = np.arange(9.0).reshape(3, 3)", "g = b = np.ones(3)"]
    absent = fau.loading.OTHER_EXERCISES if course is fau else {"network"}  # the examples have none
    for name, script in import_module(f"{course.__name__}.script").SCRIPT.items():
        if name in absent:
            continue
        losses = name in ("softmax_cross_entropy", "hinge")
        lines += [script["imports"], script["new"].format(**given)]
        for method in script:
            if method not in ("imports", "new", "new_drop"):
                chosen = ("x", "[0, 1, 2]") if losses else arguments.get(method, ("x", "x"))
                lines.append(script[method].format(*chosen, **given))
    command = [sys.executable, "-B", "-c", "\n".join(lines)]
    subprocess.run(command, cwd=root, check=True)
