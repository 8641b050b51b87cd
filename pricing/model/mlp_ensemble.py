"""Several networks side by side: their mean is the price."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from pricing.arrays import Floats

PARTS: Final = ("first", "numbers", "layer0", "bias0", "layer1", "bias1", "layer2", "bias2")


@dataclass(frozen=True, slots=True)
class Ensemble:
    """K networks behind their embeddings, which `TermVectors` sums.

    `first` (K·WIDTH,) is added to the sums; `numbers` (m, K, hidden) and `layer0` (K, WIDTH, hidden) feed
    the first hidden layer, `layer1` (K, hidden, hidden) the second, `layer2` (K, hidden) the log price.
    """

    first: Floats
    numbers: Floats
    layer0: Floats
    bias0: Floats
    layer1: Floats
    bias1: Floats
    layer2: Floats
    bias2: Floats
    _one: tuple[int, int, int] = field(init=False)
    _numbers: Floats = field(init=False)
    _bias1: Floats = field(init=False)
    _bias2: float = field(init=False)

    def __post_init__(self) -> None:
        """What one wine is priced by: the same figures in the shapes that its operations want."""
        count, width = self.layer0.shape[:2]
        numbers = np.concatenate([self.numbers, self.bias0[None]])
        object.__setattr__(self, "_one", (count, 1, width))
        object.__setattr__(self, "_numbers", numbers.reshape(len(numbers), -1))
        object.__setattr__(self, "_bias1", self.bias1[:, None])
        object.__setattr__(self, "_bias2", float(self.bias2))

    def price_one(self, summed: Floats, numbers: tuple[float, ...]) -> float:
        """Log price of one wine from summed embeddings (K·WIDTH,) and its m numbers."""
        summed = summed + self.first
        hidden = np.maximum(summed, 0.0, out=summed).reshape(self._one) @ self.layer0
        hidden += np.dot((*numbers, 1.0), self._numbers).reshape(hidden.shape)
        hidden = np.maximum(hidden, 0.0, out=hidden) @ self.layer1
        hidden += self._bias1
        return float(np.vdot(np.maximum(hidden, 0.0, out=hidden), self.layer2)) + self._bias2

    def price(self, summed: Floats, numbers: Floats) -> Floats:
        """Log price (n,) of many wines.

        Sums by einsum keep one order however many wines there are; those of a BLAS do not.
        """
        count, width = self.layer0.shape[:2]
        hidden = np.maximum(summed + self.first, 0.0).reshape(len(summed), count, width)
        hidden = np.einsum("nkw,kwh->nkh", hidden, self.layer0)
        hidden += np.einsum("nm,mkh->nkh", numbers, self.numbers)
        hidden += self.bias0
        hidden = np.einsum("nkh,khj->nkj", np.maximum(hidden, 0.0, out=hidden), self.layer1)
        hidden += self.bias1
        prices: Floats = np.einsum("nkj,kj->n", np.maximum(hidden, 0.0, out=hidden), self.layer2)
        return prices + self.bias2

    def pack(self) -> dict[str, npt.NDArray[np.float64]]:
        return {name: getattr(self, name) for name in PARTS}
