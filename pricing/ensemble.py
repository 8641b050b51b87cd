"""Several networks side by side, as one network whose layers are blocks: their mean is the price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt
from scipy.linalg import block_diag

from pricing.network import WIDTH, Network

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

    @classmethod
    def of(cls, networks: Sequence[Network], mean: float) -> Self:
        """`mean` (log USD) is what the networks' target was centred by."""
        parts = [{name: value.astype(np.float64) for name, value in net.weights.items()} for net in networks]
        share = 1.0 / len(parts)
        return cls(
            first=np.concatenate([part["first"] for part in parts]),
            numbers=np.concatenate([part["layer0"][WIDTH:] for part in parts], axis=1),
            layer0=block_diag(*[part["layer0"][:WIDTH] for part in parts]),
            bias0=np.concatenate([part["bias0"] for part in parts]),
            layer1=block_diag(*[part["layer1"] for part in parts]),
            bias1=np.concatenate([part["bias1"] for part in parts]),
            layer2=np.concatenate([part["layer2"][:, 0] * share for part in parts]),
            bias2=np.array(mean + share * sum(float(part["bias2"][0]) for part in parts)),
        )

    def price(self, heard: Floats, numbers: Floats) -> Floats:
        """Log price (n,) from summed embeddings (n, K·WIDTH) and numbers (n, m); or of one wine."""
        hidden = np.maximum(heard + self.first, 0.0) @ self.layer0
        hidden += numbers @ self.numbers
        hidden = np.maximum(hidden + self.bias0, 0.0) @ self.layer1
        prices: Floats = np.maximum(hidden + self.bias1, 0.0) @ self.layer2 + self.bias2
        return prices

    def pack(self) -> dict[str, npt.NDArray[np.float64]]:
        return {name: getattr(self, name) for name in PARTS}
