"""The device and dtype that torch runs on, and the way between its tensors and NumPy arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from reference.arrays import Array

_in_use = {"device": "cpu", "dtype": "float64"}


def use(device: str, dtype: str) -> None:
    """Run on this device and in this dtype from now on; on CUDA in full precision (no TF32)."""
    _in_use.update(device=device, dtype=dtype)
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False


def seed(value: int) -> None:
    """Seed torch's generators."""
    torch.manual_seed(value)


def draw() -> float:
    """One number from the generator of the device in use."""
    return float(torch.rand((), device=_in_use["device"]))


def tensor(array: Any, grad: bool = False) -> torch.Tensor:
    """An array as a tensor; labels stay integers."""
    values = np.asarray(array)
    dtype = torch.int64 if values.dtype.kind in "iu" else getattr(torch, _in_use["dtype"])
    made = torch.tensor(values, device=_in_use["device"], dtype=dtype)
    return made.requires_grad_(grad)


def factory() -> dict[str, Any]:
    """The device and dtype arguments that torch's constructors take."""
    return {"device": _in_use["device"], "dtype": getattr(torch, _in_use["dtype"])}


def numpy(value: torch.Tensor) -> Array:
    """A tensor as an array; bfloat16 is carried in float32."""
    plain = value.detach().cpu()
    result: Array = (plain.float() if plain.dtype == torch.bfloat16 else plain).numpy()
    return result
