"""Types of NumPy arrays that several modules speak of."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Singles: TypeAlias = npt.NDArray[np.float32]
Ints: TypeAlias = npt.NDArray[np.int64]
Codes: TypeAlias = Ints
"""Categories, or terms of a vocabulary, by number."""
Bools: TypeAlias = npt.NDArray[np.bool_]
