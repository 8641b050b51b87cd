"""How the model learns: linear models, networks, group means, producers, trees, intervals.

Whatever one layer hands to the next is cross-fitted: it comes from a fit that never saw the row.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from pricing import encodings, forest, heads, linear, network, producers, terms
from pricing.heads import Head
from pricing.knowledge import ERROR, Knowledge
from pricing.options import Options
from pricing.training_rows import FOLDS, Floats, Given, Rows
from pricing.training_sights import Heard, cellars_of, sights_of, watched_words, with_words


@dataclass(frozen=True, slots=True)
class Line:
    """One head's linear model, cross-fitted on its copies of the rows."""

    held_out: list[Floats]
    weights: Floats
    intercept: float


def learn(
    rows: Rows, names: dict[str, tuple[str, ...]], rng: np.random.Generator, options: Options
) -> Knowledge:
    """Fit every layer."""
    copies = {head: heads.hidings(rows.present, head, rng) for head in Head}
    lines, ensemble, listened = _first_layer(rows, copies, options)
    statistics, table = encodings.cross_fit(rows.codes, rows.target, rows.target - listened, rows.folds)
    bases = {head: line.held_out for head, line in lines.items()}
    heard = Heard(bases[Head.REQUIRED][0], listened, bases, statistics)
    cellars = cellars_of(rows, bases)
    watched = watched_words(rows)
    trees: dict[str, str] = {}
    misses: list[forest.Misses] = []
    for head in Head:
        sights = sights_of(rows, head, copies[head], heard, cellars)
        inputs = with_words(rows, sights, watched[: None if head is Head.REQUIRED else 0])
        trees[head.name], missed = forest.grow_head(inputs, sights, rows.folds[sights.origin], head, options)
        misses.append(missed)
    trees[ERROR], calibration = forest.grow_error(forest.Misses.joined(misses), options)
    scale = linear.column_scale(rows.kinds)
    return Knowledge(
        names=names,
        index=rows.index,
        ridge=np.column_stack([lines[head].weights[: len(scale)] * scale for head in Head]),
        ridge_numbers=np.column_stack([lines[head].weights[len(scale) :] for head in Head]),
        ridge_intercepts=np.array([lines[head].intercept for head in Head]),
        network=ensemble,
        encodings=table,
        producers=producers.remember(cellars.known, cellars.residuals, cellars.groups, len(names["winery"])),
        watched=watched,
        trees=trees,
        calibration=calibration,
        years=rows.years,
    )


def _first_layer(
    rows: Rows, copies: dict[Head, list[Given]], options: Options
) -> tuple[dict[Head, Line], network.Ensemble, Floats]:
    """Linear models per head; networks, and what they hear in rows they never saw: log price (n,).

    Few rows get two networks per fold: one alone depends much on its start.
    """
    with ThreadPoolExecutor(options.jobs) as pool:
        lines = list(pool.map(lambda head: _line(rows, copies[head], options.alpha), Head))
        twice = 1 if len(rows.target) >= network.MANY else 2
        seats = [fold for fold in range(FOLDS) for _ in range(twice)]
        seeds = range(options.seed * len(seats), (options.seed + 1) * len(seats))
        trained = list(pool.map(lambda fold, seed: _network(rows, fold, seed), seats, seeds))
    heard = np.zeros(len(rows.target))
    for fold, net in zip(seats, trained, strict=True):
        own = rows.folds == fold
        required, numbers = _required(rows, own)
        heard[own] += net.forward(required, numbers)[0] / twice
    heard += rows.mean
    return dict(zip(Head, lines, strict=True)), network.Ensemble.of(trained, rows.mean), heard


def _line(rows: Rows, copies: Sequence[Given], alpha: float) -> Line:
    inputs = []
    for given in copies:
        numbers = rows.numbers.copy()
        numbers[~given[:, heads.POINTS], 3:] = 0.0
        told = terms.keep_given(rows.matrix, rows.kinds, given)
        inputs.append(linear.with_numbers(told, numbers, rows.kinds))
    return Line(*linear.cross_fit(inputs, rows.target, rows.folds, alpha))


def _network(rows: Rows, fold: int, seed: int) -> network.Network:
    rest = rows.folds != fold
    required, numbers = _required(rows, rest)
    return network.train(required, numbers, rows.target[rest] - rows.mean, seed)


def _required(rows: Rows, chosen: Given) -> tuple[network.Sparse, network.Single]:
    """Terms and numbers of the required fields, in single precision."""
    matrix = rows.matrix[np.flatnonzero(chosen)][:, : rows.index.required]
    return matrix.astype(np.float32), rows.numbers[chosen, :3].astype(np.float32)
