"""Several networks side by side, as one network whose layers are blocks: their mean is the price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

PARTS: Final = ("first", "numbers", "layer0", "bias0", "layer1", "bias1", "layer2", "bias2")


@dataclass(frozen=True, slots=True)
class Ensemble:
    """K networks behind their embeddings, which `TermVectors` sums.

    `first` (K·WIDTH,) is added to the sums; `numbers` (m, K·hidden) and `layer0` feed the first hidden
    layer, `layer1` the second, `layer2` (K·hidden,) gives the log price.
    """

    first: Floats
    numbers: Floats
    layer0: Floats
    bias0: Floats
    layer1: Floats
    bias1: Floats
    layer2: Floats
    bias2: Floats

    def price(self, heard: Floats, numbers: Floats) -> Floats:
        """Log price (n,) from summed embeddings (n, K·WIDTH) and numbers (n, m); or of one wine."""
        hidden = np.maximum(heard + self.first, 0.0) @ self.layer0
        hidden += numbers @ self.numbers
        hidden = np.maximum(hidden + self.bias0, 0.0) @ self.layer1
        prices: Floats = np.maximum(hidden + self.bias1, 0.0) @ self.layer2 + self.bias2
        return prices

    def pack(self) -> dict[str, npt.NDArray[np.float64]]:
        return {name: getattr(self, name) for name in PARTS}
