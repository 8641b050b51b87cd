"""MLP on a sum of term embeddings (an embedding bag), trained on squared error: its layers by Adam, its
embeddings by RMSProp.

It prices a wine with points as if it had those of reference, and tells the slopes of its price along them,
which are never negative (`pricing.model.score_scale`).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse

from pricing.arrays import Floats, Singles
from pricing.model.score_scale import SLOPES
from pricing.training.design_matrix import Inputs

WIDTH: Final = 48
HIDDEN: Final = (32, 16)
FEWEST_STEPS: Final = 16
"""Very few rows make smaller batches, so that a pass has steps enough."""

BETA1: Final = np.float32(0.9)
BETA2: Final = np.float32(0.95)
"""Decay of the first and second moments of the gradient in Adam (Kingma and Ba 2015)."""

LONGER: Final = 1.5
"""Steps of the embeddings are this much longer than those of the layers, which go on in the last ones'
direction. Embeddings do not: the last batch with a term may be long ago, and tells nothing of this one.
"""

FIRST_ROOT: Final = 0.1
"""Slopes begin as its square, 0.01 in log price for a step of four points; from zero they would not rise."""

Sparse: TypeAlias = sparse.csr_matrix


class Network:
    """One network while it is trained; only embeddings that a batch touches take a step.

    `weights`: `first` (WIDTH,), `layer0..2`, `bias0..2`, `roots` (HIDDEN[-1], SLOPES), `roots_bias`; `embed`
    (t, WIDTH).
    """

    def __init__(self, terms: int, numbers: int, rng: np.random.Generator) -> None:
        sizes = (WIDTH + numbers, *HIDDEN, 1)
        self.embed: Singles = rng.standard_normal((terms, WIDTH), dtype=np.float32) * np.float32(0.05)
        self._embed_square = np.zeros_like(self.embed)
        self.weights: dict[str, Singles] = {"first": np.zeros(WIDTH, np.float32)}
        for i, (before, after) in enumerate(pairwise(sizes)):
            spread = np.sqrt((2.0 if after > 1 else 1.0) / before)
            self.weights[f"layer{i}"] = (rng.standard_normal((before, after)) * spread).astype(np.float32)
            self.weights[f"bias{i}"] = np.zeros(after, np.float32)
        self.weights["roots"] = np.zeros((HIDDEN[-1], SLOPES), np.float32)
        self.weights["roots_bias"] = np.full(SLOPES, FIRST_ROOT, np.float32)
        self._mean = {name: np.zeros_like(value) for name, value in self.weights.items()}
        self._square = {name: np.zeros_like(value) for name, value in self.weights.items()}
        self._touched = np.zeros(terms, dtype=bool)
        self._local = np.zeros(terms, dtype=np.int32)
        self._steps = 0

    def predict(self, inputs: Inputs) -> Singles:
        """Predictions (n,)."""
        prices, slopes = self.predict_slopes(inputs)
        predicted: Singles = prices + (slopes * inputs.steps).sum(axis=1)
        return predicted

    def predict_slopes(self, inputs: Inputs) -> tuple[Singles, Singles]:
        """Predictions at the score of reference (n,), and slopes (n, SLOPES)."""
        prices, roots, _ = self._forward(inputs.terms @ self.embed, inputs.numbers)
        return prices, roots * roots

    def step(self, terms: Sparse, numbers: Singles, steps: Singles, target: Singles, rate: float) -> None:
        """One step down the squared error of a batch."""
        price, roots, activations = self._forward(terms @ self.embed, numbers)
        error = (price + (roots * roots * steps).sum(axis=1) - target) / np.float32(len(target))
        grad_output: Singles = error[:, None]
        grad_roots: Singles = grad_output * steps * roots * np.float32(2)
        gradients: dict[str, Singles] = {
            "layer2": activations[2].T @ grad_output,
            "bias2": grad_output.sum(axis=0),
            "roots": activations[2].T @ grad_roots,
            "roots_bias": grad_roots.sum(axis=0),
        }
        below: Singles = grad_output @ self.weights["layer2"].T + grad_roots @ self.weights["roots"].T
        for i in (1, 0):
            np.multiply(below, activations[i + 1] > 0, out=below)
            gradients[f"layer{i}"], gradients[f"bias{i}"] = activations[i].T @ below, below.sum(axis=0)
            below = below @ self.weights[f"layer{i}"].T
        embedded = below[:, :WIDTH] * (activations[0][:, :WIDTH] > 0)
        gradients["first"] = embedded.sum(axis=0)
        self._steps += 1
        length = rate * np.sqrt(1 - BETA2**self._steps)
        unbiased = np.float32(length / (1 - BETA1**self._steps))
        for name, gradient in gradients.items():
            _adam(self.weights[name], self._mean[name], self._square[name], gradient, unbiased)
        touched, transposed = self._touched_by(terms)
        embed, square = self.embed.take(touched, axis=0), self._embed_square.take(touched, axis=0)
        _rmsprop(embed, square, transposed @ embedded, np.float32(length * LONGER))
        self.embed[touched], self._embed_square[touched] = embed, square

    def finish(self) -> None:
        """Give back the memory that only further steps would need: half of it."""
        self._embed_square = self.embed[:0]

    def _forward(self, embedded: Singles, numbers: Singles) -> tuple[Singles, Singles, list[Singles]]:
        """Predictions (n,), roots of the slopes (n, SLOPES) and the inputs of each layer."""
        activations = [np.concatenate([np.maximum(embedded + self.weights["first"], 0.0), numbers], axis=1)]
        for i in range(2):
            activations.append(
                np.maximum(activations[-1] @ self.weights[f"layer{i}"] + self.weights[f"bias{i}"], 0.0)
            )
        prices: Singles = (activations[-1] @ self.weights["layer2"] + self.weights["bias2"])[:, 0]
        return prices, activations[-1] @ self.weights["roots"] + self.weights["roots_bias"], activations

    def _touched_by(self, terms: Sparse) -> tuple[npt.NDArray[np.intp], sparse.csc_matrix]:
        """The terms that the batch holds; and the batch (touched, n) with a row for each of these."""
        self._touched[terms.indices] = True
        touched = np.flatnonzero(self._touched)
        self._touched[touched] = False
        self._local[touched] = np.arange(len(touched), dtype=np.int32)
        shape = (len(touched), terms.shape[0])
        return touched, sparse.csc_matrix((terms.data, self._local[terms.indices], terms.indptr), shape=shape)


def _adam(weights: Singles, mean: Singles, square: Singles, gradient: Singles, rate: np.float32) -> None:
    """One step, in place."""
    mean *= BETA1
    mean += (1 - BETA1) * gradient
    weights -= rate * mean / _spread(square, gradient)


def _rmsprop(weights: Singles, square: Singles, gradient: Singles, rate: np.float32) -> None:
    """One step, in place; `gradient` is used up (Tieleman and Hinton 2012, lecture 6.5)."""
    gradient /= _spread(square, gradient)
    gradient *= rate
    weights -= gradient


def _spread(square: Singles, gradient: Singles) -> Singles:
    """Root of the second moment, which `square` is brought up to."""
    square *= BETA2
    latest = gradient * gradient
    latest *= 1 - BETA2
    square += latest
    spread: Singles = np.sqrt(square, out=latest)
    spread += np.float32(1e-8)
    return spread


class Passes(NamedTuple):
    """How often a network sees the wines, how many at a time, and how far its longest steps go."""

    epochs: int
    batch: int
    rate: float


def train(draw: Callable[[], Inputs], passes: Passes, target: Floats, seed: int, dropout: Singles) -> Network:
    """A network fitted to `target` (n,), which must be centred, in `passes` over n wines.

    `draw()` gives each epoch's inputs, so that fields and words can be masked anew; `dropout` (t,) is the
    share of each term that an epoch leaves out besides. The mean error on the last epoch's wines is zero in
    the end: what the last steps leave of it differs from network to network, and the trees would take it
    for a sign of the fold.
    """
    rng = np.random.default_rng(seed)
    inputs = draw()
    network = Network(inputs.terms.shape[1], inputs.numbers.shape[1], rng)
    batch = min(passes.batch, max(16, len(target) // FEWEST_STEPS))
    steps, done = passes.epochs * -(-len(target) // batch), 0
    wanted = target.astype(np.float32)
    for epoch in range(passes.epochs):
        if epoch:
            inputs = draw()
        order = rng.permutation(len(target))
        shuffled = without_some(inputs.terms[order], dropout, rng)
        for start in range(0, len(target), batch):
            rows, rate = order[start : start + batch], passes.rate * _schedule(done / steps)
            terms, numbers = shuffled[start : start + batch], inputs.numbers[rows]
            network.step(terms, numbers, inputs.steps[rows], wanted[rows], rate)
            done += 1
    network.weights["bias2"] += np.float32(np.mean(target - network.predict(inputs)))
    network.finish()
    return network


def without_some(terms: Sparse, dropout: Singles, rng: np.random.Generator) -> Sparse:
    """The terms (n, t) less a share `dropout` (t,) of each by chance; the others weigh as much more.

    Word dropout (Iyyer et al. 2015, "Deep unordered composition rivals syntactic methods", 3.1): no term
    is learned by heart together with others.
    """
    share = dropout[terms.indices]
    kept = rng.random(len(share), dtype=np.float32) >= share
    ends = np.concatenate([[0], np.cumsum(kept, dtype=np.int32)], dtype=np.int32)[terms.indptr]
    weights = terms.data[kept] / (1 - share[kept])
    return sparse.csr_matrix((weights, terms.indices[kept], ends), shape=terms.shape)


def _schedule(progress: float) -> float:
    """Share of the full rate: a short rise, then half a cosine down."""
    rise = min(1.0, 0.05 + progress / 0.05)
    return float(rise * (0.02 + 0.49 * (1 + np.cos(np.pi * progress))))
