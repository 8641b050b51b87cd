"""A small neural network on the required fields: it hears what words say together.

Embeddings of the known terms are summed, pass two hidden layers and give the log price. One
network per fold: their mean prices new wines, and each prices the rows that it never saw.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Self

import numpy as np
import numpy.typing as npt
from scipy import sparse

WIDTH: Final = 48
HIDDEN: Final = (64, 32)
EPOCHS: Final = (4, 2)
MANY: Final = 15_000
"""With fewer rows they are seen four times, else twice: a third time learns them by heart."""

BATCH: Final = 384
STEPS: Final = 62
"""Few rows make smaller batches, so that there are steps enough."""

RATE: Final = 3e-3
WORD_DROP: Final = 0.1
DECAYS: Final = (0.9, 0.99)

Single = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
Sparse = sparse.csr_matrix
Layers = tuple[Floats, Floats, Floats]


@dataclass(frozen=True, slots=True)
class Ensemble:
    """K networks side by side; `mean` is log USD.

    embed (terms, K·WIDTH), first bias (K·WIDTH,), layers (K, in, out) with biases (K, 1, out).
    Sums run in double precision: in single they would depend on how memory happens to be aligned.
    """

    embed: Single
    first: Floats
    layers: Layers
    biases: Layers
    mean: float

    @classmethod
    def of(cls, networks: list[Network], mean: float) -> Self:
        parts = [network.weights for network in networks]
        half = np.concatenate([part["embed"] for part in parts], axis=1).astype(np.float16)
        return cls(
            embed=half.astype(np.float32),
            first=np.concatenate([part["first"] for part in parts]).astype(np.float64),
            layers=_three([np.stack([part[f"layer{i}"] for part in parts]) for i in range(3)]),
            biases=_three([np.stack([part[f"bias{i}"][None] for part in parts]) for i in range(3)]),
            mean=mean,
        )

    def hear(self, columns: npt.NDArray[np.intp], weights: Floats) -> Floats:
        """Sum of the embeddings of one wine's terms (K·WIDTH,)."""
        total: Floats = weights @ self.embed[columns].astype(np.float64)
        return total

    def price(self, heard: Floats, numbers: tuple[float, ...]) -> float:
        """Log price of one wine from the sum of its embeddings and its numbers (m,)."""
        count, width = len(self.layers[0]), self.layers[0].shape[1]
        inputs = np.empty((count, 1, width))
        inputs[:, 0, : width - len(numbers)] = np.maximum(heard + self.first, 0.0).reshape(count, -1)
        inputs[:, 0, width - len(numbers) :] = numbers
        hidden = np.maximum(inputs @ self.layers[0] + self.biases[0], 0.0)
        hidden = np.maximum(hidden @ self.layers[1] + self.biases[1], 0.0)
        return float((hidden @ self.layers[2] + self.biases[2]).sum()) / count + self.mean


def _three(parts: list[Single]) -> Layers:
    first, second, third = (part.astype(np.float64) for part in parts)
    return first, second, third


class Network:
    """One network while it is trained, by Adam with steps for the touched embeddings only."""

    def __init__(self, terms: int, numbers: int, rng: np.random.Generator) -> None:
        sizes = (WIDTH + numbers, *HIDDEN, 1)
        self.weights: dict[str, Single] = {
            "embed": (rng.standard_normal((terms, WIDTH)) * 0.05).astype(np.float32),
            "first": np.zeros(WIDTH, np.float32),
        }
        for i, (before, after) in enumerate(pairwise(sizes)):
            spread = np.sqrt((2.0 if after > 1 else 1.0) / before)
            self.weights[f"layer{i}"] = (rng.standard_normal((before, after)) * spread).astype(np.float32)
            self.weights[f"bias{i}"] = np.zeros(after, np.float32)
        self._mean = {name: np.zeros_like(value) for name, value in self.weights.items()}
        self._square = {name: np.zeros_like(value) for name, value in self.weights.items()}
        self._steps = 0

    def forward(self, terms: sparse.csr_matrix, numbers: Single) -> tuple[Single, list[Single]]:
        """Predictions (n,) and what the layers passed on."""
        heard = np.maximum(terms @ self.weights["embed"] + self.weights["first"], 0.0)
        passed = [np.concatenate([heard, numbers], axis=1)]
        for i in range(2):
            passed.append(np.maximum(passed[-1] @ self.weights[f"layer{i}"] + self.weights[f"bias{i}"], 0.0))
        prices: Single = (passed[-1] @ self.weights["layer2"] + self.weights["bias2"])[:, 0]
        return prices, passed

    def step(self, terms: sparse.csr_matrix, numbers: Single, target: Single, rate: float) -> None:
        """One step down the squared error of a batch."""
        predicted, passed = self.forward(terms, numbers)
        flow: Single = ((predicted - target) / np.float32(len(target)))[:, None]
        slopes: dict[str, Single] = {}
        for i in (2, 1, 0):
            slopes[f"layer{i}"], slopes[f"bias{i}"] = passed[i].T @ flow, flow.sum(axis=0)
            flow = ((flow @ self.weights[f"layer{i}"].T) * (passed[i] > 0)).astype(np.float32, copy=False)
        flow = flow[:, :WIDTH]
        slopes["first"] = flow.sum(axis=0)
        self._steps += 1
        for name, slope in slopes.items():
            self._move(name, slice(None), slope, rate)
        touched = np.unique(terms.indices)
        local = np.zeros(terms.shape[1], dtype=np.int32)
        local[touched] = np.arange(len(touched), dtype=np.int32)
        narrow = sparse.csr_matrix(
            (terms.data, local[terms.indices], terms.indptr), shape=(len(target), len(touched))
        )
        self._move("embed", touched, narrow.T.tocsr() @ flow, rate)

    def _move(self, name: str, where: slice | npt.NDArray[np.int32], slope: Single, rate: float) -> None:
        near, far = DECAYS
        mean = self._mean[name][where] * np.float32(near) + np.float32(1 - near) * slope
        square = self._square[name][where] * np.float32(far) + np.float32(1 - far) * slope * slope
        self._mean[name][where], self._square[name][where] = mean, square
        correction = np.sqrt(1 - far**self._steps) / (1 - near**self._steps)
        self.weights[name][where] -= (
            np.float32(rate * correction) * mean / (np.sqrt(square) + np.float32(1e-8))
        )


def train(terms: sparse.csr_matrix, numbers: Single, target: Floats, seed: int) -> Network:
    """A network fitted to `target` (n,), which must be centred, from terms (n, t) and numbers (n, m).

    Its mean error on these rows is zero in the end: what the last steps leave of it differs from
    network to network, and the trees would take it for a sign of the fold.
    """
    rng = np.random.default_rng(seed)
    network = Network(terms.shape[1], numbers.shape[1], rng)
    epochs = EPOCHS[len(target) >= MANY]
    batch = min(BATCH, max(16, len(target) // STEPS))
    steps, done = epochs * -(-len(target) // batch), 0
    for _ in range(epochs):
        order = rng.permutation(len(target))
        shuffled = terms[order]
        shuffled.data = shuffled.data * (rng.random(shuffled.nnz) >= WORD_DROP).astype(np.float32)
        shuffled.eliminate_zeros()
        for start in range(0, len(target), batch):
            rows = order[start : start + batch]
            rate = RATE * _schedule(done / steps)
            network.step(
                shuffled[start : start + batch], numbers[rows], target[rows].astype(np.float32), rate
            )
            done += 1
    network.weights["bias2"] += np.float32(np.mean(target - network.forward(terms, numbers)[0]))
    return network


def _schedule(progress: float) -> float:
    """Share of the full rate: a short rise, then half a cosine down."""
    rise = min(1.0, 0.05 + progress / 0.05)
    return float(rise * (0.02 + 0.49 * (1 + np.cos(np.pi * progress))))
