"""Values as Python source that gives the same value, bit for bit."""

from __future__ import annotations

from typing import Any

import numpy as np


def literal(value: Any) -> str:
    """A value as Python source that gives the same value, bit for bit."""
    if isinstance(value, np.ndarray):
        return _array(value)
    if isinstance(value, np.generic):
        return literal(value.item())
    if isinstance(value, float) and not np.isfinite(value):
        return {"inf": "np.inf", "-inf": "-np.inf"}.get(str(value), "np.nan")
    if isinstance(value, list | tuple):
        items = ", ".join(literal(item) for item in value)
        return f"[{items}]" if isinstance(value, list) else f"({items}{',' * (len(value) == 1)})"
    return repr(value)


def _array(array: Any) -> str:
    dtype = "" if array.dtype in (np.float64, np.int64, np.bool_) else f", dtype=np.{array.dtype}"
    if array.size > 1 and (array == array.flat[0]).all():
        fill = literal(array.flat[0])
        if array.dtype.kind == "f" and not np.signbit(array).any() and fill in ("0.0", "1.0"):
            return f"np.{'zeros' if fill == '0.0' else 'ones'}({array.shape}{dtype})"
        if array.size > 6 and not (array == 0).any():
            return f"np.full({array.shape}, {fill}{dtype})"
    nested = array.tolist()
    text = literal(nested) if array.ndim else literal(array[()])
    shape = "" if array.size else f".reshape({array.shape})"
    if not array.size and not dtype:
        dtype = f", dtype=np.{array.dtype}" if array.dtype != np.float64 else ""
        text = "[]"
    return f"np.array({text}{dtype}){shape}"
