"""What the tests of the judge share: a zygote per file, and submissions that leave nothing behind."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from judging import ADAPTER, QUICK, Build

from lawbook.judge.limits import Limits
from lawbook.judge.remote import RemoteBackend
from lawbook.judge.zygote import LAYERS, Zygote


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    zygote = Zygote()
    yield zygote
    zygote.close()
    assert not zygote.directory.exists()


@pytest.fixture(scope="module")
def bare_zygote() -> Iterator[Zygote]:
    """One whose workers have no walls around them, only the process itself."""
    zygote = Zygote(without=LAYERS)
    yield zygote
    zygote.close()


@pytest.fixture
def build(tmp_path: Path, zygote: Zygote) -> Iterator[Build]:
    """Makes the backend of a submission whose Layer.py is the given source."""
    yield from _builder(tmp_path, zygote)


@pytest.fixture
def build_bare(tmp_path: Path, bare_zygote: Zygote) -> Iterator[Build]:
    """The same without any layer that confines the worker."""
    yield from _builder(tmp_path, bare_zygote)


def _builder(tmp_path: Path, zygote: Zygote) -> Iterator[Build]:
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
