"""The figures of gradients beside torch, as a file that can be committed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from lawbook.proofs.autograd import Comparison
from lawbook.report.jsonfile import environment


def write(path: Path, device: str, comparisons: Mapping[str, Comparison]) -> None:
    """The figures of one device as a JSON file, with versions, machine and date."""
    found = {
        "device": device,
        "environment": environment(),
        "gradients": {name: comparisons[name].as_json() for name in sorted(comparisons)},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
