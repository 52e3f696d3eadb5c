"""The array types that operation classes use in their signatures.

`SameShape` marks a result that has the shape of the method's first argument.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
SameShape = Array
