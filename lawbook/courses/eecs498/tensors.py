"""Between the judge's arrays and torch's tensors; torch is imported at the first use."""

from __future__ import annotations

import importlib
import os
import random
from typing import Any

import numpy as np

from ..contract import Array

DEEPEST = 4  # levels of tuples, lists and dictionaries in which float32 is looked for
ON_GPU = ("cuda", "nvidia", "gpu")  # what torch's messages say where a tensor should go to one


class OnGpu(Exception):
    """A submission puts a tensor on a GPU; the text is the whole sentence."""


def torch() -> Any:
    """The module torch; LookupError with one sentence where it is not installed."""
    try:
        return importlib.import_module("torch")
    except ImportError as error:
        raise LookupError(
            "torch is not installed for the interpreter that runs the submissions: install "
            "lawbook[torch], or give an interpreter that has torch and NumPy with --python"
        ) from error


def set_up() -> None:
    """Set torch up for a worker: on the CPU, in one thread, since a worker may start no others.

    The default dtype is float64, in which the judge computes: what a submission makes without a dtype is
    then exact enough.
    """
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    torch().set_num_threads(1)
    torch().set_default_dtype(torch().float64)


def seed(value: int) -> None:
    """Seed every generator that a submission may draw from."""
    torch().manual_seed(value)
    np.random.seed(value % (1 << 32))
    random.seed(value)


def draw() -> float:
    """One number from torch's generator."""
    return float(torch().rand(()))


def tensor(value: Any) -> Any:
    """An array as the tensor that shares its memory, so that a write into it shows.

    Real numbers and arrays of integers are given in float64: torch's layers are for floating point alone.
    What is neither a number nor an array stays as it is, and so does an integer.
    """
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return torch().from_numpy(value)
    if isinstance(value, np.ndarray | float):
        return torch().tensor(value, dtype=torch().float64)
    return value


def array(value: Any, *state: Any) -> Any:
    """A returned tensor as an array; anything else as it is, and the judge says what is wrong with it.

    Where anything in `state` (a cache, a config) is float32 the result is too: the judge then measures
    that the operation computes in float32, and allows for its rounding.
    """
    if not isinstance(value, torch().Tensor):
        return value
    plain: Array = value.detach().cpu().numpy()
    return plain.astype(np.float32) if plain.dtype == float and in_float32(state) else plain


def in_float32(value: Any, depth: int = 0) -> bool:
    """Whether a tensor in nested tuples, lists and dictionaries is float32."""
    if isinstance(value, torch().Tensor):
        return bool(value.dtype == torch().float32)
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, tuple | list) or depth == DEEPEST:
        return False
    return any(in_float32(item, depth + 1) for item in value)


def call(function: Any, *arguments: Any, **keywords: Any) -> Any:
    """Call a submission's function; OnGpu, at its line, where that wants a GPU.

    The judge's machine may have none, and the assignment forbids to move tensors.
    """
    try:
        return function(*arguments, **keywords)
    except (AssertionError, RuntimeError) as error:
        if not any(word in str(error).lower() for word in ON_GPU):
            raise
        sentence = "it puts a tensor on the GPU (.cuda() or device='cuda'); give it the device of the input"
        raise OnGpu(sentence).with_traceback(error.__traceback__) from None
