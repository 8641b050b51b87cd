"""Linear models and networks: what they say of rows they never saw, and those kept for scoring.

Each head has a linear model of its own. The networks are two groups: one for the required fields
alone, one for the other heads, whose epochs hide other optional fields each time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pricing.model import experts
from pricing.model.embedding_bag import TermVectors
from pricing.model.experts import Head
from pricing.model.mlp_ensemble import Ensemble
from pricing.model.state import LAYERS, Layer
from pricing.training import mlp, ridge
from pricing.training.config import Options
from pricing.training.design_matrix import Floats, Provided, Rows
from pricing.training.mlp import WIDTH, Inputs, Network
from pricing.training.term_matrix import keep_given

EVERY_ROW: Final = -1
"""As the fold to leave out: none."""

EPOCHS: Final = {Head.REQUIRED: (4, 2), Head.MIXED: (6, 3)}
"""Of the networks of the required fields and of the others, with few rows and with many; more learn
them by heart."""

MEMBERS_PER_FOLD: Final = {Head.REQUIRED: (2, 2), Head.MIXED: (1, 1)}
"""Networks that price a held-out fold together, with few rows and with many."""

N_MEMBERS: Final = 3
"""Networks of each group that are trained on all rows and price new wines together."""


@dataclass(frozen=True, slots=True)
class LinearModel:
    """A linear model: weights of terms and numbers, and intercept."""

    weights: Floats
    intercept: float


@dataclass(frozen=True, slots=True)
class BaseLearners:
    """Held-out log price (n,) per head and copy, by both kinds of model; and what is kept."""

    linear: Mapping[Head, Sequence[Floats]]
    networks: Mapping[Head, Sequence[Floats]]
    linear_models: Mapping[Head, LinearModel]
    layers: tuple[Layer, ...]


def fit(rows: Rows, copies: Mapping[Head, Sequence[Provided]], options: Options) -> BaseLearners:
    """Fit every linear model and network, `options.jobs` at a time."""
    everything = rows.matrix.astype(np.float32), rows.numbers.astype(np.float32)
    masked = {head: [_masked(everything, rows.kinds, provided) for provided in copies[head]] for head in Head}
    folds = [*range(int(rows.folds.max()) + 1), EVERY_ROW]
    members = [
        (group, fold, member)
        for group in (Head.MIXED, Head.REQUIRED)
        for fold in folds
        for member in range(N_MEMBERS if fold == EVERY_ROW else MEMBERS_PER_FOLD[group][rows.many])
    ]
    with ThreadPoolExecutor(options.jobs) as pool:
        trained = pool.map(lambda member: _network(rows, everything, *member, seed=options.seed), members)
        asked = [(head, fold) for head in Head for fold in folds]
        fitted = pool.map(
            lambda ask: _linear_model(rows, masked[ask[0]], ask[0], ask[1], options.alpha), asked
        )
        networks, linear_models = (
            dict(zip(members, trained, strict=True)),
            dict(zip(asked, fitted, strict=True)),
        )
    kept = {head: linear_models[head, EVERY_ROW] for head in Head}
    return BaseLearners(
        linear={head: _linear_held_out(rows, masked[head], head, linear_models) for head in Head},
        networks={head: _networks_held_out(rows, masked[head], head, networks) for head in Head},
        linear_models=kept,
        layers=tuple(_layer(rows, group, kept, networks) for group in LAYERS),
    )


def _masked(inputs: Inputs, kinds: npt.NDArray[np.str_], provided: Provided) -> Inputs:
    """Terms (n, t) and numbers (n, 6) of wines, masked the optional fields `provided` (n, 5)."""
    terms, numbers = inputs
    kept = numbers.copy()
    kept[~provided[:, experts.POINTS], 3:] = 0.0
    return keep_given(terms, kinds, provided), kept


def _chosen(inputs: Inputs, rows: Provided, width: int) -> Inputs:
    matrix, numbers = inputs
    return matrix[np.flatnonzero(rows)][:, :width], numbers[rows]


def _linear_model(rows: Rows, copies: Sequence[Inputs], head: Head, fold: int, alpha: float) -> LinearModel:
    """Linear model of a head on the rows outside `fold`, all copies together."""
    rest = rows.folds != fold
    width = _width(rows, head)
    parts = [_chosen(copy, rest, width) for copy in copies]
    inputs = ridge.stacked(parts, rows.kinds[:width])
    return LinearModel(*ridge.fit_ridge(inputs, np.tile(rows.target[rest], len(parts)), alpha))


def _network(rows: Rows, everything: Inputs, group: Head, fold: int, member: int, *, seed: int) -> Network:
    rest = rows.folds != fold
    rng = np.random.default_rng([seed, group, fold + 1, member])
    width, present = _width(rows, group), rows.present[rest]
    chosen, kinds = _chosen(everything, rest, width), rows.kinds[:width]
    bare = _masked(chosen, kinds, np.zeros_like(present)) if group is Head.REQUIRED else None

    def draw() -> Inputs:
        """All epochs over the required fields see the same; the others hide fields anew."""
        return bare or _masked(chosen, kinds, experts.sample_mask(present, rng))

    epochs = EPOCHS[group][rows.many]
    return mlp.train(draw, epochs, rows.target[rest] - rows.mean, int(rng.integers(2**31)))


def _width(rows: Rows, head: Head) -> int:
    """Columns that a head has: all terms, or those of the required fields."""
    return rows.index.required if head is Head.REQUIRED else rows.matrix.shape[1]


def _group(head: Head) -> Head:
    return Head.REQUIRED if head is Head.REQUIRED else Head.MIXED


def _held_out(
    rows: Rows, copies: Sequence[Inputs], head: Head, price: Callable[[Inputs, int], Floats]
) -> list[Floats]:
    """Log price (n,) of each copy by models that never saw the row: `price(inputs, fold)`."""
    found = [np.zeros(len(rows.target)) for _ in copies]
    for fold in range(int(rows.folds.max()) + 1):
        own = rows.folds == fold
        for prices, copy in zip(found, copies, strict=True):
            prices[own] = price(_chosen(copy, own, _width(rows, head)), fold)
    return found


def _linear_held_out(
    rows: Rows, copies: Sequence[Inputs], head: Head, linear_models: Mapping[tuple[Head, int], LinearModel]
) -> list[Floats]:
    kinds = rows.kinds[: _width(rows, head)]

    def price(inputs: Inputs, fold: int) -> Floats:
        linear_model = linear_models[head, fold]
        prices: Floats = ridge.stacked([inputs], kinds) @ linear_model.weights + linear_model.intercept
        return prices

    return _held_out(rows, copies, head, price)


def _networks_held_out(
    rows: Rows, copies: Sequence[Inputs], head: Head, networks: Mapping[tuple[Head, int, int], Network]
) -> list[Floats]:
    group = _group(head)
    members = range(MEMBERS_PER_FOLD[group][rows.many])

    def price(inputs: Inputs, fold: int) -> Floats:
        predictions = [networks[group, fold, member].predict(inputs) for member in members]
        return np.asarray(np.mean(predictions, axis=0, dtype=np.float64) + rows.mean)

    return _held_out(rows, copies, head, price)


def _layer(
    rows: Rows,
    group: tuple[Head, ...],
    linear_models: Mapping[Head, LinearModel],
    networks: Mapping[tuple[Head, int, int], Network],
) -> Layer:
    kept = [networks[_group(group[-1]), EVERY_ROW, member] for member in range(N_MEMBERS)]
    width = _width(rows, group[-1])
    scale = ridge.column_scale(rows.kinds[:width])
    weights = [linear_models[head].weights[:width] * scale for head in group]
    vectors = np.column_stack([*weights, *(net.embed for net in kept)])
    return Layer(group, TermVectors.of(vectors), _side_by_side(kept, rows.mean))


def _side_by_side(networks: Sequence[Network], mean: float) -> Ensemble:
    """`mean` (log USD) is what the networks' target was centred by."""
    parts = [{name: value.astype(np.float64) for name, value in net.weights.items()} for net in networks]
    share = 1.0 / len(parts)
    return Ensemble(
        first=np.concatenate([part["first"] for part in parts]),
        numbers=np.stack([part["layer0"][WIDTH:] for part in parts], axis=1),
        layer0=np.stack([part["layer0"][:WIDTH] for part in parts]),
        bias0=np.stack([part["bias0"] for part in parts]),
        layer1=np.stack([part["layer1"] for part in parts]),
        bias1=np.stack([part["bias1"] for part in parts]),
        layer2=np.stack([part["layer2"][:, 0] * share for part in parts]),
        bias2=np.array(mean + share * sum(float(part["bias2"][0]) for part in parts)),
    )
