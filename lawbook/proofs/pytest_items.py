"""The proofs under pytest: one item per part of a chapter, and its checks on other number systems.

A `Gradient` gives three: the proof, the exact duals, and torch's autograd on `--device`.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from lawbook.proofs.chapters import Part
    from lawbook.proofs.gradients import Gradient


class DoesNotFollow(Exception):
    """Some statements of a part do not hold; the message lists them."""


class ChapterFile(pytest.File):
    """A chapter."""

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        from lawbook.proofs.chapters import chapter
        from lawbook.proofs.gradients import Gradient

        for part in chapter(self.path.stem).parts:
            yield PartItem.from_parent(self, name=part.title, part=part)
            if isinstance(part, Gradient):
                yield DualsItem.from_parent(self, name=f"{part.title} [duals]", gradient=part)
                yield TorchItem.from_parent(self, name=f"{part.title} [torch]", gradient=part)


class Statements(pytest.Item):
    """What the items share: the report in place of a traceback, and where it stands."""

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The statements that do not hold, instead of a traceback."""
        if isinstance(excinfo.value, DoesNotFollow):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """The chapter's file and the part's title."""
        return self.path, None, f"{self.path.stem}: {self.name}"


class PartItem(Statements):
    """Every statement of a part: proved, or refuted where the chapter calls it a mistake."""

    def __init__(self, *, part: Part, **given: Any) -> None:
        super().__init__(**given)
        self.part = part

    def runtest(self) -> None:
        from lawbook.proofs.chapters import steps

        found = steps(self.part)
        if not found:
            raise DoesNotFollow("the part states nothing")
        wrong = [step for step in found if not step.holds]
        if wrong:
            raise DoesNotFollow("\n".join(f"{step.says}\n    {step.outcome}" for step in wrong))


class DualsItem(Statements):
    """A gradient on dual numbers, without SymPy."""

    def __init__(self, *, gradient: Gradient, **given: Any) -> None:
        super().__init__(**given)
        self.gradient = gradient

    def runtest(self) -> None:
        agreement = self.gradient.duals()
        if not agreement.holds:
            raise DoesNotFollow(f"{agreement.says}\n    {agreement.outcome}")


class TorchItem(Statements):
    """A gradient beside torch's autograd in float64, within the computed rounding bound."""

    def __init__(self, *, gradient: Gradient, **given: Any) -> None:
        super().__init__(**given)
        self.gradient = gradient

    def runtest(self) -> None:
        if self.gradient.torch is None:
            pytest.skip("torch has nothing to compare it with")
        torch = pytest.importorskip("torch", reason="torch is not installed")
        device = self.config.getoption("device", "cpu")
        if device.startswith("cuda") and not torch.cuda.is_available():
            pytest.skip("there is no CUDA device here")
        comparison = self.gradient.beside_torch(device)
        measured(self.config)[f"{self.path.stem}: {self.gradient.title}"] = comparison
        if not comparison.holds:
            raise DoesNotFollow(f"{self.gradient.title}\n    {comparison.outcome}")


MEASURED = pytest.StashKey[dict[str, Any]]()


def measured(config: pytest.Config) -> dict[str, Any]:
    """The session's comparisons with torch by gradient."""
    return config.stash.setdefault(MEASURED, {})


def write_conformance(config: pytest.Config) -> None:
    """The figures of a session as a file: where --conformance says, and of a GPU always."""
    device = config.getoption("device", "cpu")
    folder = config.getoption("conformance", None)
    if folder is None and device.startswith("cuda"):
        folder = config.rootpath / "conformance"
    if folder is None or not measured(config):
        return
    from lawbook.proofs.conformance import write

    write(Path(folder) / f"derivations-{device.replace(':', '-')}.json", device, measured(config))
