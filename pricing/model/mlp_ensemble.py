"""Several networks side by side: their mean is the price.

Weights and activations are whole multiples of `STEP`, so that the sums of their products are exact in double
precision: a BLAS adds in another order for every number of wines, and gives the same figures all the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from pricing.arrays import Floats
from pricing.model.score_scale import STEPS

STEP: Final = 2.0**-18
_SHIFT: Final = 1.5 * 2.0**34
"""Doubles of this size lie `STEP` apart: added and taken away again, it rounds to whole steps."""

PARTS: Final = (
    "first", "numbers", "layer0", "bias0", "layer1", "bias1", "layer2", "bias2", "roots", "roots_bias",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ensemble:
    """K networks behind their embeddings, which `TermVectors` sums.

    `first` (K·WIDTH,) is added to the sums; `numbers` (m, K, hidden) and `layer0` (K, WIDTH, hidden) feed
    the first hidden layer, `layer1` (K, hidden, hidden) the second, `layer2` (K, hidden) the log price at the
    score of reference, `roots` (K, hidden, SLOPES) the roots of its slopes along the points, which are never
    negative for that reason.
    """

    first: Floats
    numbers: Floats
    layer0: Floats
    bias0: Floats
    layer1: Floats
    bias1: Floats
    layer2: Floats
    bias2: Floats
    roots: Floats
    roots_bias: Floats
    _shapes: tuple[int, int, int] = field(init=False)
    _first: Floats = field(init=False)
    _numbers: Floats = field(init=False)
    _bias0: Floats = field(init=False)
    _bias1: Floats = field(init=False)
    _layer2: Floats = field(init=False)
    _bias2: float = field(init=False)
    _ends: Floats = field(init=False)
    _roots_bias: Floats = field(init=False)
    _steps: Floats = field(init=False)

    def __post_init__(self) -> None:
        """Whole steps, and the same figures in the shapes that the operations want."""
        for name in ("layer0", "layer1", "layer2", "roots"):
            object.__setattr__(self, name, (getattr(self, name) + _SHIFT) - _SHIFT)
        count, width, hidden = self.layer0.shape
        object.__setattr__(self, "_shapes", (count, width, hidden))
        object.__setattr__(self, "_first", self.first + _SHIFT)
        object.__setattr__(self, "_numbers", self.numbers.reshape(len(self.numbers), -1))
        object.__setattr__(self, "_bias0", self.bias0[:, None] + _SHIFT)
        object.__setattr__(self, "_bias1", self.bias1[:, None] + _SHIFT)
        object.__setattr__(self, "_layer2", self.layer2[:, :, None].copy())
        object.__setattr__(self, "_bias2", float(self.bias2))
        object.__setattr__(self, "_ends", _ends(self.layer2, self.roots))
        object.__setattr__(self, "_roots_bias", self.roots_bias.ravel())
        object.__setattr__(self, "_steps", np.tile(STEPS, (count, 1)) / count)

    def price_one(self, summed: Floats, numbers: tuple[float, ...]) -> float:
        """Log price of one wine from summed embeddings (K·WIDTH,) and its m numbers."""
        return float(np.vdot(self._last_of_one(summed, numbers), self.layer2)) + self._bias2

    def price_and_rise_of_one(self, summed: Floats, numbers: tuple[float, ...]) -> tuple[float, Floats]:
        """Log price of one wine at the score of reference, and what each score adds to it (SCORES,)."""
        ends = np.dot(self._last_of_one(summed, numbers).ravel(), self._ends)
        slopes = ends[1:]
        slopes += self._roots_bias
        slopes *= slopes
        return ends.item(0) + self._bias2, np.dot(slopes, self._steps)

    def price(self, summed: Floats, numbers: Floats) -> Floats:
        """Log price (n,) of n wines from their summed embeddings (n, K·WIDTH) and numbers (n, m)."""
        return self._price(self._last(summed, numbers))

    def price_and_rise(self, summed: Floats, numbers: Floats) -> tuple[Floats, Floats]:
        """Log price (n,) of n wines at the score of reference, and what each score adds to it (n, SCORES)."""
        last = self._last(summed, numbers)
        roots = last @ self.roots + self.roots_bias[:, None]
        return self._price(last), (roots * roots).mean(axis=0) @ STEPS

    def _price(self, last: Floats) -> Floats:
        prices: Floats = (last @ self._layer2).sum(axis=0)[:, 0]
        return prices + self._bias2

    def _last_of_one(self, summed: Floats, numbers: tuple[float, ...]) -> Floats:
        """The last hidden layer of one wine (K, 1, hidden)."""
        count, width, _ = self._shapes
        summed = summed + self._first
        own = _above_zero(summed).reshape(count, 1, width) @ self.layer0
        own += np.dot(numbers, self._numbers).reshape(own.shape)
        own += self._bias0
        own = _above_zero(own) @ self.layer1
        own += self._bias1
        return _above_zero(own)

    def _last(self, summed: Floats, numbers: Floats) -> Floats:
        """The last hidden layer of n wines (K, n, hidden)."""
        count, width, hidden = self._shapes
        summed = summed + self._first
        own = _above_zero(summed).reshape(-1, count, width).transpose(1, 0, 2) @ self.layer0
        own += (numbers @ self._numbers).reshape(-1, count, hidden).transpose(1, 0, 2)
        own += self._bias0
        own = _above_zero(own) @ self.layer1
        own += self._bias1
        return _above_zero(own)

    def pack(self) -> dict[str, npt.NDArray[np.float64]]:
        return {name: getattr(self, name) for name in PARTS}


def _ends(layer2: Floats, roots: Floats) -> Floats:
    """Both as one matrix behind all last layers side by side (K·hidden, 1 + K·SLOPES)."""
    count, hidden, slopes = roots.shape
    ends = np.zeros((count, hidden, 1 + count * slopes))
    ends[:, :, 0] = layer2
    for network in range(count):
        ends[network, :, 1 + network * slopes : 1 + (network + 1) * slopes] = roots[network]
    return ends.reshape(count * hidden, -1)


def _above_zero(shifted: Floats) -> Floats:
    """In place: figures that `_SHIFT` was added to, in whole steps, zero where they are negative."""
    shifted -= _SHIFT
    return np.maximum(shifted, 0.0, out=shifted)
