"""Submissions for the tests of the judge: written from a source, called, and failing as they must."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

import numpy as np
import pytest

from lawbook.judge.limits import Limits
from lawbook.judge.remote import RemoteBackend
from lawbook.operations import Invoke, New, TargetError, Value

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


def train(body: str, top: str = "") -> str:
    """A submission whose train(x) has this body."""
    lines = textwrap.indent(textwrap.dedent(body).strip(), "        ")
    return (
        "import os, sys, time, signal, gc\nimport numpy as np\n"
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
