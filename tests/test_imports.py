"""The import policy: what a course allows can be imported, anything else is refused in words."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from judging import ADAPTER, QUICK, Build, call, failure, train

from lawbook.judge.remote import RemoteBackend
from lawbook.judge.zygote import Zygote
from lawbook.worker.imports import REFUSED

LAWBOOK = Path(__file__).parent.parent
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the layers are Linux's")

OTHERS = {  # a package made for the test, with one that it depends on
    "pets/__init__.py": "from cats import meow\ntry: import dogs\nexcept ImportError: dogs = None\n",
    "cats/__init__.py": "def meow(): return 9\n",
    "dogs/__init__.py": "",
    "pets-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: pets\nVersion: 1.0\nRequires-Dist: cats>=1\n"
    'Requires-Dist: dogs; extra == "all"\n',
    "pets-1.0.dist-info/RECORD": "pets/__init__.py,,\npets-1.0.dist-info/METADATA,,\n",
    "cats-2.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: cats\nVersion: 2.0\n",
    "cats-2.0.dist-info/RECORD": "cats/__init__.py,,\ncats-2.0.dist-info/METADATA,,\n",
}


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zygote]:
    """A zygote whose interpreter has the packages pets, cats and dogs."""
    place = tmp_path_factory.mktemp("site")
    for name, text in OTHERS.items():
        (place / name).parent.mkdir(exist_ok=True)
        (place / name).write_text(text)
    python = place / "python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH={place} exec {sys.executable} "$@"\n')
    python.chmod(0o755)
    zygote = Zygote(python)
    yield zygote
    zygote.close()


@pytest.fixture
def shop(stocked: Zygote, tmp_path: Path) -> Iterator[Build]:
    """Makes the backend of a submission that may import what its course allows."""
    backends = []

    def make(source: str, imports: frozenset[str] = frozenset(), own: str = "") -> RemoteBackend:
        folder = tmp_path / "submission"
        folder.mkdir(exist_ok=True)
        (folder / "Layer.py").write_text(source)
        (tmp_path / "adapter.py").write_text(own + ADAPTER)
        given = {"zygote": stocked, "limits": QUICK, "imports": imports}
        backends.append(RemoteBackend(tmp_path / "adapter.py", folder, **given))
        return backends[-1]

    yield make
    for backend in backends:
        backend.close()


USES = {
    "a call": "refused.anything.at.all(1)",
    "an item": "refused.c_double[2]",
    "a base class": "class Own(refused.Structure): pass",
    "a context": "with refused.Pool: pass",
    "a loop": "[one for one in refused.names]",
}


@pytest.mark.parametrize("name", sorted(REFUSED))
@pytest.mark.parametrize("use", USES)
def test_what_no_solution_needs_cannot_be_used(name: str, use: str, build: Build) -> None:
    error = failure(build(train(f"{USES[use]}\nreturn x", top=f"import {name} as refused")))
    assert error.status == "error"
    assert error.message == (
        f"ImportError in Layer.py line 6: {name} may not be used here: "
        "this course allows NumPy and the standard library"
    )


def test_an_import_that_nothing_uses_fails_nobody(build: Build) -> None:
    litter = "from multiprocessing import pool\nfrom socket import *\nimport ctypes.util, ssl"
    np.testing.assert_array_equal(call(build(train("return x + 1", top=litter))), np.full(3, 2.0))


def test_the_rule_is_for_the_submission_not_for_the_library(build: Build) -> None:
    source = (
        "import logging.handlers, tempfile, random, uuid\nreturn logging.handlers.socket.AF_UNIX"
    )
    assert call(build(train(source))) == 1


def test_a_guarded_import_goes_on(shop: Build) -> None:
    top = "try:\n    import pets\nexcept ImportError:\n    pets = None"
    assert call(shop(train("return int(pets is None)", top=top))) == 1


def test_another_package_is_refused_by_name(shop: Build) -> None:
    error = failure(shop(train("import pets"), frozenset({"scipy"})))
    assert error.message.endswith(
        "pets may not be imported here: this course allows NumPy, scipy and the standard library"
    )
    missing = failure(shop(train("import lizards"), frozenset({"scipy"})))
    assert missing.message.endswith("No module named 'lizards'")


def test_an_allowed_package_comes_with_what_it_needs(shop: Build) -> None:
    source = train("import pets; return pets.meow(), int(pets.dogs is None)")
    assert call(shop(source, frozenset({"pets"}))) == (9, 1)
    assert (
        "dogs may not be imported"
        in failure(shop(train("import dogs"), frozenset({"pets"}))).message
    )


def test_an_adapter_of_ones_own_says_what_it_allows(shop: Build) -> None:
    source = train("import pets; return pets.meow()")
    assert call(shop(source, own='IMPORTS = ("pets",)\n')) == 9


def test_the_body_of_an_adapter_is_not_shut_in(shop: Build) -> None:
    """It is the instructor's; what it has imported stays importable for its own functions."""
    assert call(shop(train("return 3"), own="import pets, socket, subprocess\n")) == 3


def test_a_submission_cannot_read_a_package_that_it_may_not_import(shop: Build) -> None:
    source = "import importlib.util\nspec = importlib.util.find_spec('numpy')\n"
    source += "site = os.path.dirname(os.path.dirname(spec.origin))\n"
    source += "open(os.path.join(site, os.listdir(site)[0]))"
    assert failure(shop(train(source))).message.startswith("PermissionError")


def test_a_module_of_the_submission_goes_before_an_installed_one(
    shop: Build, tmp_path: Path
) -> None:
    (tmp_path / "submission").mkdir()
    (tmp_path / "submission" / "pets.py").write_text("def meow(): return 5\n")
    top = "sys.path.insert(0, os.path.dirname(__file__))\nimport pets"
    assert call(shop(train("return pets.meow()", top=top))) == 5


@pytest.mark.parametrize(
    "line", ["from handed.Layers.Base import *", "from ..Layers.Base import *"]
)
def test_the_folder_above_a_submission_is_not_needed(
    line: str, stocked: Zygote, tmp_path: Path
) -> None:
    """Some import `src.Layers.Base`; the folder above is another's, and cannot be read."""
    root = tmp_path / "handed"
    shutil.copytree(LAWBOOK / "examples" / "submissions" / "fau-right", root)
    layer = root / "Layers" / "Dropout.py"
    layer.write_text(f"{line}\n{layer.read_text()}")
    adapter = LAWBOOK / "lawbook" / "courses" / "fau" / "adapter.py"
    with RemoteBackend(adapter, root, zygote=stocked) as backend:
        assert backend.description.errors == {}
        assert "needs the folder above the submission" in backend.description.notes[0]
