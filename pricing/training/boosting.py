"""The trees of every head, and how far off they are on wines they never saw."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from typing import Final, Self

import numpy as np

from pricing.model import conformal, experts
from pricing.model.boosted_trees import Trees
from pricing.model.experts import Head
from pricing.training.config import Options
from pricing.training.design_matrix import MANY, Codes, Floats, Rows
from pricing.training.lightgbm_fit import BoostingParams, fit_trees
from pricing.training.stack_features import Sights, Singles

EVERY_ROW: Final = -1
"""As the fold to leave out: none."""

FULL_ROUNDS: Final = 6_000
"""With fewer rows fewer trees are grown: more would learn the rows by heart."""


@dataclass(frozen=True, slots=True)
class Misses:
    """Rows priced by trees that never saw them: inputs of the expected error (m, DENSE + 2), error
    of log price, fold, calibration cell and country (m,).
    """

    inputs: Floats
    error: Floats
    folds: Codes
    cells: Codes
    countries: Codes

    @classmethod
    def joined(cls, parts: Sequence[Misses]) -> Self:
        return cls(*(np.concatenate([getattr(part, own.name) for part in parts]) for own in fields(cls)))


def grow_head(
    inputs: Singles, sights: Sights, rows: Rows, head: Head, options: Options
) -> tuple[str, Misses]:
    """Trees of all the head's rows, and their misses on held-out ones."""
    folds = rows.folds[sights.origin]
    left = sights.target - sights.start
    params = _params(len(left), head, options)

    def fit(fold: int) -> str:
        rest = folds != fold
        return fit_trees(inputs[rest], left[rest], params)

    tested = range(int(folds.max()) + 1 if len(left) < MANY else 2)
    with ThreadPoolExecutor(options.jobs) as pool:
        *partial, whole = pool.map(fit, [*tested, EVERY_ROW])
    held_out = np.full(len(left), np.nan)
    for fold, text in zip(tested, partial, strict=True):
        held_out[folds == fold] = Trees(text).predict(inputs[folds == fold])
    own = (experts.route_all(sights.given) == int(head)) & ~np.isnan(held_out)
    seen = np.column_stack([sights.inputs, sights.start + held_out, np.full(len(left), int(head))])
    cells, countries = experts.cells_of(sights.given), rows.codes[sights.origin, 0]
    return whole, Misses(seen[own], (left - held_out)[own], folds[own], cells[own], countries[own])


def grow_error(misses: Misses, options: Options) -> tuple[str, Floats]:
    """Trees of the expected absolute error, and the intervals' calibration on rows they never saw."""
    size = len(misses.error)
    params = BoostingParams(60, 0.1, 15, 0.5, max(5, min(60, size // 50)), options.seed)
    inputs, target = misses.inputs.astype(np.float32), np.abs(misses.error)
    expected = np.zeros(size)
    for half in range(2):
        own = misses.folds % 2 == half
        expected[own] = Trees(fit_trees(inputs[~own], target[~own], params)).predict(inputs[own])
    expected = np.maximum(expected, conformal.SMALLEST_ERROR)
    return fit_trees(inputs, target, params), conformal.scores_of(
        misses.error, expected, misses.cells, misses.countries, experts.CELLS
    )


def _params(rows: int, head: Head, options: Options) -> BoostingParams:
    shape, many = experts.SHAPES[head], rows >= MANY
    share = min(1.0, max(0.25, rows / FULL_ROUNDS)) * shape.rounds[many]
    return BoostingParams(
        rounds=max(1, int(options.rounds * share)),
        learning_rate=options.learning_rate * shape.pace[many],
        leaves=min(shape.leaves, max(7, rows // shape.rows_per_leaf)),
        inputs_per_tree=shape.inputs,
        rows_per_leaf=max(3, min(40 if many else 20, rows // 50)),
        seed=options.seed,
    )
